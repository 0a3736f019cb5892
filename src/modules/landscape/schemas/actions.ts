/** Report types handed in as a version, compared with what is in force, and put in force by a person. */
import { createHash } from 'node:crypto';
import type { Actions, Actor } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { diffOf, readSchema, schemaBytesMax, withOlder, type SchemaDiff } from '#kit/shadowserver/schema';
import type { ReportTypes } from '#kit/shadowserver/types';
import { stateFact } from '#world/facts';
import type { LandscapeParts } from '../actions/parts.ts';
import type { schemasApi } from './api.ts';
import { insertSchema, putSchemaInForce, schemaInForce, schemasOf, typesInForce, typesOfVersion } from './store.ts';

type All = Actions<typeof schemasApi>;
type Shown = Awaited<ReturnType<All['reportSchema']>>['diff'];

const shown = (diff: SchemaDiff): Shown => ({
  added: [...diff.added], removed: [...diff.removed],
  changed: diff.changed.map((one) => ({ type: one.type, added: [...one.added], removed: [...one.removed], changed: [...one.changed] })),
});

/** What a version itself has: without what older ones know beside it. */
const only = (types: ReportTypes, sent: readonly string[]): ReportTypes => {
  const names = new Set(sent);
  return new Map([...types].filter(([name]) => names.has(name)));
};

export function schemaActions(parts: LandscapeParts): Pick<All, 'reportSchemas' | 'reportSchema' | 'useReportSchema'> {
  const { db, clock, types } = parts;
  return {
    reportSchemas: async (_, { actor }) => {
      const [kept, { version, since }] = await Promise.all([schemasOf(db, actor.org), schemaInForce(db, actor.org)]);
      const shipped = { version: 0, stand: '', types: types.size, sha256: null, note: '', madeAt: null, person: null, inForce: version === 0 };
      return { since, items: [...kept.map(({ sent, ...one }) => ({ ...one, types: sent.length, inForce: one.version === version })), shipped] };
    },
    reportSchema: async (input, { actor }) => {
      const [now, kept] = await Promise.all([typesInForce(db, actor.org, types), schemasOf(db, actor.org)]);
      const asked = await typesOfVersion(db, actor.org, input.version, types);
      if (asked === null) throw noSuch('report-schema');
      const sent = kept.find((one) => one.version === input.version)?.sent;
      const before = kept.find((one) => one.version === now.version)?.sent;
      return {
        version: input.version, from: now.version,
        diff: shown(diffOf(before ? only(now.types, before) : now.types, sent ? only(asked, sent) : asked)),
      };
    },
    useReportSchema: async (input, { actor }) => {
      if (await typesOfVersion(db, actor.org, input.version, types) === null) throw noSuch('report-schema');
      await db.transaction(async (tx) => {
        await putSchemaInForce(tx, actor.org, input.version, clock.iso());
        await stateFact(tx, {
          class: 'report-schema.put-in-force', at: clock.iso(), actor: actor.person, org: actor.org, subject: actor.org, readers: [], clauses: [],
          body: { version: input.version },
        });
      });
      return { version: input.version };
    },
  };
}

async function whole(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > schemaBytesMax) throw new Refusal('too-large', 'report-schema.too-large', 'A report schema has 8 MB at most.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Keeps a file as the next version; answers what it would change. */
export async function takeSchema(
  parts: Pick<LandscapeParts, 'db' | 'clock' | 'types'>, actor: Pick<Actor, 'org' | 'person'>, note: string, body: AsyncIterable<Uint8Array>,
): Promise<{ version: number; diff: SchemaDiff }> {
  const { db, clock, types } = parts;
  const bytes = await whole(body);
  const now = await typesInForce(db, actor.org, types);
  const schema = readSchema(bytes, withOlder(types, now.types));
  const before = (await schemasOf(db, actor.org)).find((one) => one.version === now.version)?.sent;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const version = await db.transaction(async (tx) => {
    const made = await insertSchema(tx, actor.org, {
      stand: schema.stand, sha256, note, madeAt: clock.iso(), person: actor.person, sent: [...schema.types.keys()],
      // A type that the newer schema has no word of is read as before: nothing that comes is set aside for it.
      types: withOlder(withOlder(types, now.types), schema.types),
    });
    if (made === null) throw new Refusal('conflict', 'report-schema.known', 'This very file is a version already.');
    await stateFact(tx, {
      class: 'report-schema.saved', at: clock.iso(), actor: actor.person, org: actor.org, subject: actor.org, readers: [], clauses: [],
      body: { version: made, sha256, types: schema.types.size },
    });
    return made;
  });
  return { version, diff: shown(diffOf(before ? only(now.types, before) : now.types, schema.types)) };
}
