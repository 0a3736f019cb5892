/** A landscape for tests: real engines in temporary folders, one registry, one centre; and makers of small files. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Caller } from '#kit/endpoint';
import type { Claim } from '#kit/ip/owners';
import { fakeBlobs } from '#world/blobs/fake';
import { fakeClock } from '#world/clock';
import { testDb } from '#world/db/testing';
import type { Db } from '#world/db/port';
import { testEvents, type FakeEvents } from '#world/events/fake';
import { publishedNetworks, publishedReportTypes } from '#world/events/published';
import { idsFrom, type Ids } from '#world/ids';
import { seededRandom } from '#world/random';
import { fakeSecrets } from '#world/secrets/fake';
import { fakeSpace } from '#world/space';
import type { FakeClock } from '#world/clock';
import { constituentsMigrations } from '../constituents/store/index.ts';
import type { SourceParts } from './collect/actions.ts';
import { prepareEvents } from './rollups.ts';
import type { Batch, NewFeed } from './model.ts';
import { pipelineOver, type IngestHooks, type IngestParts, type Pipeline } from './pipeline/ingest.ts';
import { feedById, insertFeed, landscapeMigrations } from './store.ts';

export const centre = 'org_centre';

/** Where the address lists' block is kept between runs. */
const cache = join(fileURLToPath(new URL('../../../node_modules/.cache', import.meta.url)), 'entente');

export interface Field {
  readonly db: Db;
  readonly events: FakeEvents;
  readonly clock: FakeClock;
  readonly ids: Ids;
  readonly parts: IngestParts;
  readonly pipeline: Pipeline;
  /** The registry, as the next ingest finds it. */
  claims: Claim[];
  addFeed(feed: Partial<NewFeed> & Pick<NewFeed, 'name' | 'shape'>): Promise<string>;
  ingest(feed: string, content: Uint8Array | string, how?: Partial<Sending>): Promise<Batch>;
  count(sql: string): Promise<number>;
  close(): Promise<void>;
}

export interface Sending extends IngestHooks {
  readonly file: string;
  readonly type: string | null;
  /** Bytes a chunk; small ones cut rows in the middle. */
  readonly chunk: number;
}

/** Over an engine of its own in a temporary folder, unless one is given. */
export async function openField(given?: FakeEvents): Promise<Field> {
  const clock = fakeClock('2026-11-20T08:00:00.000Z');
  const ids = idsFrom(clock, seededRandom('landscape'));
  const [db, events, networks, types] = await Promise.all([
    testDb([...constituentsMigrations, ...landscapeMigrations]), given ?? testEvents(), publishedNetworks(cache), publishedReportTypes(),
  ]);
  await prepareEvents(events);
  const registry: { claims: Claim[] } = { claims: [] };
  const parts: IngestParts = {
    db, events, blobs: fakeBlobs(), space: fakeSpace(), clock, ids, networks, types, claims: async () => registry.claims,
  };
  const pipeline = pipelineOver(parts);
  return {
    db, events, clock, ids, parts, pipeline,
    get claims() { return registry.claims; },
    set claims(list) { registry.claims = list; },
    async addFeed(feed) {
      const id = ids.next('feed');
      await insertFeed(db, centre, id, clock.iso(), {
        title: feed.name, reportType: null, sourceOrg: null, agreement: null, cadenceHours: null, tlpDefault: 'AMBER', ...feed,
      });
      return id;
    },
    async ingest(id, content, how = {}) {
      const feed = await feedById(db, centre, id);
      if (feed === null) throw new Error(`no feed ${id}`);
      clock.advance(1000);
      const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
      return pipeline.ingest({
        feed, source: chunks(bytes, how.chunk ?? 65_536), fileName: how.file ?? 'rows.txt', typeGiven: how.type ?? null,
        actor: 'system',
      }, how);
    },
    async count(sql) {
      const rows = await events.query({ query: `SELECT ${sql} AS n` });
      return (await rows.json<{ n: number }>())[0]?.n ?? -1;
    },
    async close() {
      await events.close();
      await db.close();
    },
  };
}

export async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export function fileChunks(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: 262_144 });
}

export function shuffled<T>(list: readonly T[], roll: () => number): T[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(roll() * (i + 1));
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

/** One CTIP record of the API's shape; `i` makes it its own. */
export function ctipRow(i: number, over: Record<string, unknown> = {}): Record<string, unknown> {
  const families = ['B54-CONFICKER', 'B67-SS-TINBA', 'B106-MIRAI', 'B157-NECURS'];
  const at = 1_760_000_000 + (i * 7919) % (5 * 86_400);
  return {
    DataFeed: 'CTIP-Infected', SourcedFrom: 'SinkHoleMessage', DateTimeReceivedUtc: new Date(at * 1000).toISOString(),
    Malware: 'Avalanche', ThreatCode: families[i % 4], ThreatConfidence: ['High', 'Medium', 'Low'][i % 3], TLP: 'Amber',
    SourceIp: `100.${64 + (i >> 16) % 64}.${(i >> 8) % 256}.${i % 256}`, SourcePort: 1024 + i % 60_000,
    SourceIpAsnNumber: 64_601, SourceIpCountryCode: 'VN', DestinationIp: '198.51.100.7', DestinationPort: 80,
    HttpHost: `c2-${i % 50}.example.net`, severity: 'high', Payload: Buffer.from(JSON.stringify({ seq: i })).toString('base64'),
    ...over,
  };
}

export const asLines = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Sources for tests that fetch nothing. */
export const noSources = (field: Pick<Field, 'db' | 'clock' | 'ids'>): SourceParts => ({
  db: field.db, clock: field.clock, ids: field.ids, secrets: fakeSecrets(), collector: { begin: async () => null }, hasInbox: false,
});

/** Somebody of the centre, for actions that are asked by role. */
export const officer: Caller = {
  actor: { person: 'per', org: centre, roles: ['duty-officer'], via: 'session', credential: 'ses' }, traceId: 'trace', address: '192.0.2.1',
  may: () => Promise.reject(new Error('an action by role asks for no mandate')), until: new AbortController().signal, holds: () => undefined,
  approved: () => Promise.reject(new Error('nobody has agreed')), reply: { setSession: () => undefined, clearSession: () => undefined },
};
