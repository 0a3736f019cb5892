/**
 * A generated country through the whole of the landscape: rows into the store, days and periods computed, every published
 * number asked by the endpoints' own functions and laid beside what the generator knows (`landscape/country.ts`). Times are
 * cold: the engine is started anew before each, its condition cache is off, and no parameter comes twice. `--scale 1` is a
 * million events and 400,000 users; 100 is the size of the issue, 1000 the whole.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readIp } from '#kit/ip/ip';
import { fakeBlobs } from '#world/blobs/fake';
import { residentMbOf } from '#world/child';
import { fakeClock, systemClock } from '#world/clock';
import { openPglite } from '#world/db/pglite';
import type { Db } from '#world/db/port';
import { openChdb } from '#world/events/chdb';
import type { Events } from '#world/events/port';
import { publishedNetworks } from '#world/events/published';
import { factsMigrations } from '#world/facts';
import { idsFrom } from '#world/ids';
import { seededRandom } from '#world/random';
import { fakeSpace } from '#world/space';
import { constituentsMigrations } from '#modules/constituents/index';
import {
  addressSeen, BlockWriter, landscapeActions, landscapeMigrations, pipelineOver, prepareEvents,
} from '#modules/landscape/index';
import { noSources } from '../src/modules/landscape/testing.ts';
import { areaNames, makeCountry, type Truth } from './landscape/country.ts';
import type { BenchOptions, Measure } from './ingest.ts';

const scope = 'org';
/** Rows of one block on its way to the store. */
const blockRows = 100_000;
/** Starts of the engine over which a percentile is taken. */
const coldStarts = 20;
const wall = systemClock();

export async function* run(options: BenchOptions = {}): AsyncGenerator<Measure> {
  const scale = options.scale ?? 1;
  const folder = await mkdtemp(join(tmpdir(), 'entente-landscape-'));
  const db = await openPglite(join(folder, 'pgdata'), () => undefined);
  const at = { events: await openChdb({ folder: join(folder, 'events') }) };
  const line = { bench: 'landscape', peer: null, peerValue: null, ratio: null };
  try {
    await db.migrate([...factsMigrations, ...constituentsMigrations, ...landscapeMigrations]);
    await prepareEvents(at.events);
    const loaded = await load(at.events, Math.round(1_000_000 * scale), Math.round(400_000 * scale));
    const { truth } = loaded;
    const once = { ...line, runs: 1 };
    const whole = loaded.stored === truth.rows;
    yield { ...once, measure: `rows stored of ${scale} M events`, value: truth.rows, unit: 'rows', verified: whole };
    yield { ...once, measure: 'bulk load', value: Math.round(truth.rows / loaded.seconds), unit: 'rows/s', verified: true };
    const pipeline = await pipelineFor(db, at.events, join(folder, 'cache'));
    const began = wall.elapsed();
    await pipeline.recover();
    yield { ...once, measure: 'all days and periods computed', value: round((wall.elapsed() - began) / 1000), unit: 's', verified: true };
    const resident = (await residentMbOf(process.pid) ?? 0) + (await at.events.residentMb() ?? 0);
    yield { ...once, measure: 'resident memory of both processes after that', value: Math.round(resident), unit: 'MB', verified: true };
    const wrong: string[] = [];
    const compared = await compare(db, at.events, truth, wrong);
    for (const one of wrong.slice(0, 10)) process.stderr.write(`differs: ${one}\n`);
    yield {
      ...once, measure: 'published numbers that differ from the oracle', value: wrong.length, unit: `of ${compared}`,
      verified: wrong.length === 0 && compared > 1000,
    };
    const cold = async <T>(ask: (events: Events, i: number) => Promise<T>): Promise<number[]> => {
      const times: number[] = [];
      for (let i = 0; i < coldStarts; i++) {
        await at.events.close();
        at.events = await openChdb({ folder: join(folder, 'events') });
        const start = wall.elapsed();
        await ask(at.events, i);
        times.push(wall.elapsed() - start);
      }
      return times.sort((x, y) => x - y);
    };
    const timed = (measure: string, times: readonly number[]): Measure => ({
      ...line, measure, value: round(times[Math.ceil(times.length * 0.95) - 1] ?? 0), unit: 'ms', runs: times.length, verified: true,
    });
    yield timed('overview cold, 95th percentile', await cold((events, i) => overview(db, events, i)));
    yield timed('exact attack rates of all countries cold, 95th percentile',
      await cold((events, i) => actionsFor(db, events).ranking({ series: 'users-at-risk', period: ['2025-Q1', '2025-Q2', '2025'][i % 3] ?? '' }, nobody)));
    const found: number[] = [];
    yield timed('address check over half a year cold, 95th percentile', await cold(async (events, i) => {
      const bytes = new Uint8Array(16);
      readIp(`10.0.${i}.${i * 7 + 1}`, bytes);
      found.push((await addressSeen(events, scope, bytes, { from: 20_089, to: 20_269 }, new Set(), true)).length);
    }));
    const hits = found.filter((n) => n > 0).length;
    yield { ...once, measure: 'address checks that found the address', value: hits, unit: `of ${found.length}`, verified: hits === found.length };
  } finally {
    await at.events.close();
    await db.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const round = (value: number): number => Math.round(value * 10) / 10;
const clock = fakeClock('2026-01-15T00:00:00.000Z');
const nobody = {
  actor: null, traceId: 'bench', address: '', may: async () => ({ grantIds: [], clauses: [] }),
  reply: { setSession: () => undefined, clearSession: () => undefined },
} as never;

function actionsFor(db: Db, events: Events) {
  return landscapeActions({
    hub: { name: 'Test', origin: 'https://hub.example' },
    db, events, clock, ids: idsFrom(clock, seededRandom('x')), types: new Map(), publisher: async () => scope,
    home: 'VN', provinces: [], stateSuffixes: ['.gov.vn'], blobs: fakeBlobs(),
    sources: noSources({ db, clock, ids: idsFrom(clock, seededRandom('y')) }),
  });
}

async function pipelineFor(db: Db, events: Events, cache: string) {
  return pipelineOver({
    db, events, clock, ids: idsFrom(clock, seededRandom('y')), blobs: fakeBlobs(), types: new Map(), claims: async () => [],
    networks: await publishedNetworks(cache), space: fakeSpace(),
  });
}

async function load(events: Events, count: number, users: number): Promise<{ truth: Truth; seconds: number; stored: number }> {
  const writer = new BlockWriter({ scope, feed: 'feed_bench', batch: 'batch_bench', received: 1_760_000_000 });
  const id = new Uint8Array(16);
  const view = new DataView(id.buffer);
  const placed = { area: '', asn: 0, owner: '', site: '', peerArea: '', userLow: 0, userHigh: 0 };
  const blocks: Uint8Array[] = [];
  const began = wall.elapsed();
  const state = { writing: Promise.resolve() };
  // One block is written while the next is made.
  const pause = async (): Promise<void> => {
    for (const block of blocks.splice(0)) {
      await state.writing;
      state.writing = events.insert({ table: 'ev', values: [block], format: 'Native' });
    }
  };
  const take = (): void => {
    const block = writer.take();
    if (block !== null) blocks.push(block);
  };
  const truth = await makeCountry(count, users, (draft, number, user) => {
    view.setUint32(0, draft.kind.charCodeAt(0) * 256 + draft.kind.charCodeAt(5));
    view.setUint32(4, Math.floor(number / 2 ** 32));
    view.setUint32(8, number >>> 0);
    placed.area = draft.area;
    placed.asn = draft.asn;
    placed.site = draft.domain.slice(draft.domain.indexOf('.') + 1);
    placed.userLow = user;
    placed.userHigh = user === 0 ? 0 : 1;
    writer.add(id, draft, 'GREEN', placed);
    if (writer.rows >= blockRows) take();
  }, pause);
  take();
  await pause();
  await state.writing;
  // Identities differ by how they are made; counted one by one they would need the memory of a hundred million.
  const rows = await events.query({ query: 'SELECT count() AS n FROM ev' });
  return { truth, seconds: (wall.elapsed() - began) / 1000, stored: (await rows.json<{ n: number }>())[0]?.n ?? -1 };
}

/** Every published number of every series, period and area, and the ranks among them; tells what differs, answers how many there were. */
async function compare(db: Db, events: Events, truth: Truth, wrong: string[]): Promise<number> {
  const acts = actionsFor(db, events);
  let compared = 0;
  const same = (what: string, found: unknown, want: unknown): void => {
    compared += 1;
    if (found !== want) wrong.push(`${what}: ${String(found)}, want ${String(want)}`);
  };
  const months = ['2025-01', '2025-02', '2025-03', '2025-04', '2025-05', '2025-06'];
  for (const series of ['attacks-by-origin', 'websites-attacked', 'computers-infected', 'users-at-risk'] as const) {
    const periods = ['2025-Q1', '2025-Q2', '2025', ...(series === 'users-at-risk' ? [] : months)];
    for (const period of periods) {
      const ranking = await acts.ranking({ series, period }, nobody);
      const want = series === 'users-at-risk' ? wantedRates(truth, period) : wantedCounts(truth, series, period);
      same(`${series} ${period} population`, ranking.population, want.filter((w) => w.rank !== null).length);
      for (const w of want) {
        const item = ranking.items.find((i) => i.area === w.area);
        const left = ranking.excluded.find((i) => i.area === w.area);
        same(`${series} ${period} ${w.area} rank`, item?.rank ?? null, w.rank);
        same(`${series} ${period} ${w.area} value`, item?.value ?? null, w.rank === null ? null : w.value);
        same(`${series} ${period} ${w.area} denominator`, item?.denominator ?? left?.denominator ?? null, w.denominator);
      }
      same(`${series} ${period} areas`, ranking.items.length + ranking.excluded.length, want.length);
    }
  }
  return compared;
}

interface Wanted { readonly area: string; readonly value: number; readonly denominator: number | null; rank: number | null }

function wantedCounts(truth: Truth, series: string, period: string): Wanted[] {
  const all = areaNames.flatMap((area): Wanted[] => {
    const value = truth.counts.get(`${series} ${period} ${area}`);
    return value === undefined ? [] : [{ area, value, denominator: null, rank: null }];
  });
  // ZZ is nobody's area.
  for (const one of all) if (one.area !== 'ZZ') one.rank = 1 + all.filter((other) => other.area !== 'ZZ' && other.value > one.value).length;
  return all;
}

function wantedRates(truth: Truth, period: string): Wanted[] {
  const all = areaNames.flatMap((area): Wanted[] => {
    const users = truth.users.get(`${period} ${area}`) ?? 0;
    const hit = truth.counts.get(`users-at-risk ${period} ${area}`) ?? 0;
    // Tenths of a percent, half up, in integers of any size.
    const tenths = users === 0 ? 0n : (2000n * BigInt(hit) + BigInt(users)) / (2n * BigInt(users));
    return users === 0 ? [] : [{ area, value: Number(tenths) / 10, denominator: users, rank: null }];
  });
  const ranked = all.filter((one) => (one.denominator ?? 0) >= 10_000 && one.area !== 'ZZ');
  for (const one of ranked) one.rank = 1 + ranked.filter((other) => other.value > one.value).length;
  return all;
}

/** What the front page asks for, each time for another place and time. */
async function overview(db: Db, events: Events, i: number): Promise<void> {
  const acts = actionsFor(db, events);
  const period = ['2025-Q1', '2025-Q2', '2025'][i % 3] ?? '2025';
  const area = areaNames[i] ?? 'VN';
  await Promise.all([
    acts.statistics({}, nobody),
    ...(['attacks-by-origin', 'users-at-risk', 'computers-infected'] as const).map((series) => acts.statistic({ series, area, period }, nobody)),
    acts.ranking({ series: 'users-at-risk', period }, nobody),
    acts.series({ series: 'computers-infected', area, grain: 'quarter' }, nobody),
    acts.families({ area, period, limit: 10 }, nobody),
  ]);
}
