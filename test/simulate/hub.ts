/**
 * A hub that dies and is started again: what lasts (records, blobs, events, clock) outlives its processes; everything else is
 * composed anew at each boot, by the parts that a real start uses.
 */
import { join } from 'node:path';
import { sql } from 'kysely';
import { fakeBlobs } from '#world/blobs/fake';
import { fakeClock, type FakeClock } from '#world/clock';
import type { Db } from '#world/db/port';
import { testDb } from '#world/db/testing';
import { fakeDisassembler } from '#world/disassembler/fake';
import { testEvents } from '#world/events/fake';
import { publishedNetworks, publishedReportTypes } from '#world/events/published';
import { fakeOutbound } from '#world/http/fake';
import { idsFrom } from '#world/ids';
import { fakeKeys } from '#world/keys/fake';
import { fakeNames } from '#world/names/fake';
import { fakeMail } from '#world/mail/fake';
import { seededRandom } from '#world/random';
import { fakeMailboxes } from '#world/mailboxes/fake';
import { fakeObjects } from '#world/objects/fake';
import { passingIndexes } from '#world/searching/shared';
import { fakeSecrets } from '#world/secrets/fake';
import { fakeSpace } from '#world/space';
import { keptTrace } from '#world/trace';
import { prepareEvents } from '#modules/landscape/index';
import { ledgerSigner } from '#modules/ledger/index';
import { round } from '../../src/app/chores.ts';
import { compose, migrations } from '../../src/app/compose.ts';
import { demoRoom } from '../../src/app/demo/chooser.ts';
import { writeRegistry } from '../../src/app/demo/constituents.ts';
import { writeParties } from '../../src/app/demo/parties.ts';
import type { World } from '../../src/app/world.ts';
import { demoPosture, origin } from '../hub.ts';
import { mortalBlobs, mortalDb, newLife, type Life } from './ports.ts';

const cache = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'entente');

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** The session cookie that it sets. */
  readonly cookie: string | null;
}

export interface Process {
  readonly life: Life;
  ask(method: string, url: string, cookie: string | null, body: unknown): Promise<Answer>;
  /** One round of the chores. */
  round(): Promise<void>;
}

export interface Lasting {
  readonly clock: FakeClock;
  /** The records themselves, for those who look from outside. */
  readonly db: Db;
  readonly objects: ReadonlyMap<string, Uint8Array>;
  /** Every checkpoint that a process set out to publish, in order. */
  readonly checkpoints: readonly Uint8Array[];
  readonly vkey: Awaited<ReturnType<typeof ledgerSigner>>['key'];
  /** Lines that processes left in the log, faults among them. */
  readonly faults: () => readonly string[];
  boot(): Promise<Process>;
  close(): Promise<void>;
}

export async function openLasting(seed: string): Promise<Lasting> {
  const clock = fakeClock('2026-01-05T01:00:00.000Z');
  const random = seededRandom(seed);
  const trace = keptTrace();
  const [db, events, networks, types] = await Promise.all([
    testDb(migrations), testEvents(), publishedNetworks(cache), publishedReportTypes(),
  ]);
  await prepareEvents(events);
  const blobs = fakeBlobs();
  const indexes = passingIndexes(blobs);
  const signer = await ledgerSigner(fakeKeys(seed), 'simulated.example/ledger');
  await writeParties(db, clock);
  await writeRegistry(db, clock);
  const checkpoints: Uint8Array[] = [];
  const ids = idsFrom(clock, random);
  return {
    clock, db, checkpoints, objects: blobs.objects, vkey: signer.key,
    faults: () => trace.lines.map((line) => JSON.stringify(line)).filter((line) => line.includes('fault')),
    async boot() {
      const life = newLife();
      const world: World = {
        clock, random, trace, ids, events, networks, types, signer, outbound: fakeOutbound(), names: fakeNames(), identity: null,
        disassembler: fakeDisassembler(),
        mail: fakeMail(), zone: 'Asia/Ho_Chi_Minh', keepMonths: 0, space: fakeSpace(), secrets: fakeSecrets(), inbox: null, mailboxes: fakeMailboxes(),
        objects: fakeObjects(), uploadMax: 0, indexes,
        db: mortalDb(db, life),
        blobs: mortalBlobs(blobs, life, (name, bytes) => {
          if (name === 'ledger/checkpoint') checkpoints.push(bytes);
        }),
      };
      const composition = compose(world, {
        mode: 'demo', name: 'Simulated', country: 'VN', passkeyOrigin: origin, idleMs: 12 * 3600_000,
      }, (p) => [demoRoom(p)]);
      await Promise.all([composition.sequencer.recover(), composition.pipeline.recover()]);
      const app = composition.app(demoPosture);
      return {
        life, round: () => round(world, composition),
        async ask(method, url, cookie, body) {
          const response = await app.request(`${origin}${url}`, {
            method,
            headers: {
              host: 'localhost:8080', ...(method === 'GET' ? {} : { origin }), ...(cookie ? { cookie } : {}),
              ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            },
            ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
          });
          const text = await response.text();
          // What the act set going is done before the next: acts are told apart by what they leave.
          await composition.sequencer.idle();
          return { status: response.status, text, cookie: response.headers.get('set-cookie')?.split(';')[0] ?? null };
        },
      };
    },
    async close() {
      await indexes.close();
      await events.close();
      await db.close();
    },
  };
}

export interface State {
  /** Digest of each table. */
  readonly tables: ReadonlyMap<string, string>;
  /** Facts stated so far, sequenced or not. */
  readonly facts: number;
}

/** What the records hold, table by table. */
export async function stateOf(db: Db): Promise<State> {
  const names = await sql<{ name: string }>`select tablename as name from pg_tables where schemaname = 'public' order by 1`.execute(db.as());
  // A new process takes a new epoch, and somebody was seen: neither is a change of what there is.
  const from = (name: string) => {
    if (name === 'ledger_head') return sql`(select size, root from ledger_head)`;
    return name === 'people' ? sql`(select to_jsonb(p) - 'last_seen_at' as person from people p)` : sql.table(name);
  };
  const digests = names.rows.map(({ name }) => sql`
    select ${sql.lit(name)} as name, coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), '') as digest
    from ${from(name)} t`);
  const { rows } = await sql<{ name: string; digest: string }>`${sql.join(digests, sql` union all `)}`.execute(db.as());
  return { tables: new Map(rows.map((r) => [r.name, r.digest])), facts: await countFacts(db) };
}

export async function countFacts(db: Db): Promise<number> {
  const { rows } = await sql<{ n: string }>`
    select (select count(*) from facts_outbox) + (select count(*) from ledger_leaves) as n`.execute(db.as());
  return Number(rows[0]?.n);
}

export interface Stated {
  readonly class: string;
  readonly subject: string;
  readonly actor: string;
  readonly org: string;
}

/** The facts after the first `from`, in the order they were or will be sequenced. */
export async function factsFrom(db: Db, from: number): Promise<Stated[]> {
  const sequenced = await sql<{ fact: string }>`select fact from ledger_openings where index >= ${from} order by index`.execute(db.as());
  const waiting = await sql<{ fact: Stated }>`select fact from facts_outbox order by seq`.execute(db.as());
  const leaves = await sql<{ n: string }>`select count(*) as n from ledger_leaves`.execute(db.as());
  const all = [...sequenced.rows.map((r) => JSON.parse(r.fact) as Stated), ...waiting.rows.map((r) => r.fact)];
  return Number(leaves.rows[0]?.n) >= from ? all : all.slice(from - Number(leaves.rows[0]?.n));
}
