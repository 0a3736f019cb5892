/** Exports as people make them: chosen and looked at first, released, given by a second person where they are strange, taken back, ended. */
import type { Actions, Caller } from '#kit/endpoint';
import { Refusal, check, noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import type { exportsApi } from '../api/exports.ts';
import { asked, gathered, headOf, held, makeRelease, reachOf, rolledBack, standing, stateOf, written } from '../exports/release.ts';
import type { Export } from '../model/exports.ts';
import { collectionById } from '../store/collections.ts';
import {
  exportById, exportsOf, giveHeld, insertExport, lastNumber, markExport, releaseByNumber, releasesPage, type ExportRecord,
} from '../store/exports.ts';
import type { ExportParts } from './parts.ts';

type All = Actions<typeof exportsApi>;

const bare = ({ scope: _, ...e }: ExportRecord): Export => e;
/** How much of a file is shown before it is made. */
const shownLetters = 6_000;

export function exportsActions(parts: ExportParts): All {
  const { db, clock } = parts;
  return {
    'exports.list': async (_, { actor }) => ({ items: (await exportsOf(db, actor.org)).map((i) => ({ ...i, export: bare(i.export) })) }),
    'exports.view': async (input, { actor }) => {
      const found = await exportById(db, actor.org, input.export);
      if (!found) throw noSuch('export');
      const items = await releasesPage(db, found.id, input.before, input.limit + 1);
      return {
        export: bare(found), items: items.slice(0, input.limit), next: items.length > input.limit ? items[input.limit - 1]?.number ?? null : null,
      };
    },
    'exports.preview': async ({ title, ...chosen }, caller) => {
      await asked(caller);
      const reach = await reachOf(parts, caller, chosen);
      const of = await gathered(parts, caller, reach, chosen);
      const head = headOf({ id: 'exp_preview', title: title || 'Preview', number: 1, hours: chosen.hours }, of, clock.now());
      let [beginning, whole] = ['', true];
      for await (const piece of written(db, reach, chosen.form, head, of)) {
        beginning += piece;
        whole = beginning.length <= shownLetters;
        if (!whole) break;
      }
      return {
        count: of.count, tlp: of.tlp, endsAt: head.endsAt, leftOut: of.leftOut.map((l) => ({ ...l, by: l.by.map(([name, n]): [string, number] => [name, n]) })),
        some: [...of.some], beginning: beginning.slice(0, shownLetters), whole,
      };
    },
    'exports.open': async ({ title, ...chosen }, { actor }) => db.transaction(async (tx) => {
      const collection = chosen.collection === null ? null : await collectionById(tx, actor.org, chosen.collection);
      if (chosen.collection !== null && (!collection || collection.closedAt !== null || collection.kind === 'eyes')) throw noSuch('collection');
      const made: ExportRecord = {
        ...chosen, id: parts.ids.next('exp'), scope: actor.org, title, openedAt: clock.iso(), openedBy: actor.person, endedAt: null, endReason: null,
        current: 0,
        pinned: false,
      };
      await insertExport(tx, made, chosen);
      await stateOf(parts, tx, actor, made.id, 'opened', { title, form: made.form, ceiling: made.ceiling, collection: made.collection });
      return { export: bare(made) };
    }),
    'exports.release': async (input, caller) => {
      await asked(caller);
      return { release: await makeRelease(parts, caller, await standing(db, caller.actor.org, input.export), 'released') };
    },
    'exports.give': (input, caller) => db.transaction((tx) => give(parts, tx, caller, input)),
    'exports.rollBack': async (input, caller) => ({ release: await rolledBack(parts, caller, input) }),
    'exports.end': (input, { actor }) => db.transaction(async (tx) => {
      const found = await held(tx, actor.org, input.export);
      await markExport(tx, found.id, { ended_at: clock.iso(), end_reason: input.reason });
      await stateOf(parts, tx, actor, found.id, 'ended', { reason: input.reason });
      const after = await exportById(tx, actor.org, found.id);
      check(after, 'an export just ended is there');
      return { export: bare(after) };
    }),
  };
}

async function give(parts: ExportParts, tx: Queryable, caller: Caller, input: Parameters<All['exports.give']>[0]): ReturnType<All['exports.give']> {
  const found = await held(tx, caller.actor.org, input.export);
  const agreed = await caller.approved(tx);
  const release = await releaseByNumber(tx, found.id, input.number);
  if (!release) throw noSuch('release');
  if (release.sha256 !== input.sha256 || release.number !== await lastNumber(tx, found.id) || !await giveHeld(tx, found.id, release.number, agreed.by)) {
    throw new Refusal('conflict', 'export.changed-meanwhile', 'This release does not wait any more.', { hint: 'Look at the export again.' });
  }
  if (Date.parse(release.endsAt) <= parts.clock.now()) {
    throw new Refusal('conflict', 'export.release-ended', 'This release has come to its end.', { hint: 'Make a new release.' });
  }
  await markExport(tx, found.id, { current: release.number, pinned: false });
  await stateOf(parts, tx, caller.actor, found.id, 'given', {
    number: release.number, sha256: release.sha256, held: [...release.held], reason: input.reason, approval: agreed.approval, approvedBy: agreed.by,
  });
  return { release: { ...release, state: 'given', agreedBy: agreed.by } };
}
