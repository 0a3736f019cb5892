import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clusterAddress, openCluster } from '../../src/world/events/cluster.ts';
import { eventsContract } from '../../src/world/events/contract.ts';
import { failingEvents, type FakeEvents } from '../../src/world/events/fake.ts';
import type { Events } from '../../src/world/events/port.ts';
import { answersSuite, type Registered } from '../../src/modules/landscape/answers-suite.ts';
import { filesSuite } from '../../src/modules/landscape/files/suite.ts';
import { replaySuite } from '../../src/modules/landscape/pipeline/replay-suite.ts';
import { retentionSuite } from '../../src/modules/landscape/retention-suite.ts';
import { insertAssets, insertConstituent } from '../../src/modules/constituents/store/registry.ts';
import { centre, type Field } from '../../src/modules/landscape/testing.ts';
import { bury } from '../../src/modules/parties/protection/actions.ts';
import { partiesMigrations } from '../../src/modules/parties/store.ts';
import { rollupsSuite } from '../../src/modules/landscape/rollups-suite.ts';
import { websitesSuite } from '../../src/modules/landscape/websites-suite.ts';
import { startShards, type Shards } from './clickhouse.ts';

const at = { shards: null as Shards | null, events: null as Events | null };
const events = (): Events => at.events as Events;

beforeAll(async () => {
  at.shards = await startShards();
  at.events = await openCluster(clusterAddress(at.shards.url));
}, 300_000);
afterAll(async () => {
  await at.events?.close();
  await at.shards?.stop();
});

describe('events on two ClickHouse servers', () => {
  eventsContract(events);

  it('lie on both, what belongs together on one', async () => {
    await events().define({
      name: 'spread', columns: 'who String, n UInt32', partition: '', order: 'who', shard: 'cityHash64(who)',
    });
    await events().command({ query: `INSERT INTO spread SELECT toString(number % 100), number FROM numbers(1000)` });
    const parts = await events().query({
      query: `SELECT shardNum() AS shard, uniqExact(who) AS people, count() AS n FROM spread GROUP BY shard ORDER BY shard`,
    });
    const rows = await parts.json<{ shard: number; people: number; n: number }>();
    expect(rows.map((row) => row.shard)).toEqual([1, 2]);
    expect(rows.reduce((sum, row) => sum + row.n, 0)).toBe(1000);
    // Nobody is on two servers, so that distinct counts of servers add up.
    expect(rows.reduce((sum, row) => sum + row.people, 0)).toBe(100);
    expect(Math.min(...rows.map((row) => row.people))).toBeGreaterThan(20);
  });
});

describe('the landscape on two ClickHouse servers', () => {
  // The servers are the file's, not the suite's to close.
  rollupsSuite(async () => failingEvents({ ...events(), close: async () => undefined }));
});

describe('retention on two ClickHouse servers', () => retentionSuite(empty, { migrations: partiesMigrations, bury }));
describe('reading again on two ClickHouse servers', () => replaySuite(empty));
describe('files by hash on two ClickHouse servers', () => filesSuite(empty));
describe('attacked websites on two ClickHouse servers', () => websitesSuite(empty));
describe('what pages ask of two ClickHouse servers', () => answersSuite(empty, register));

async function register({ db, clock }: Field, { id, kind, prefix, from }: Registered): Promise<void> {
  const about = { sector: null, org: null, province: null, createdAt: clock.iso() };
  await insertConstituent(db, centre, { id, name: `Body ${id}`, kind, ...about });
  await insertAssets(db, centre, [{ id: `ast_${id}`, constituent: id, kind: 'prefix', value: prefix, from, to: null, proof: null }]);
}

/** The servers without what the suite before left there. */
async function empty(): Promise<FakeEvents> {
  const address = clusterAddress(at.shards?.url ?? '');
  for (const server of address.servers) {
    const answer = await fetch(new URL(server).origin, { method: 'POST', body: 'DROP DATABASE IF EXISTS entente SYNC' });
    if (!answer.ok) throw new Error(await answer.text());
  }
  return failingEvents(await openCluster(address));
}
