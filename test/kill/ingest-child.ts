/**
 * A process that opens a data folder, takes files in, and kills itself where it is told to: SIGKILL, so that nothing of it can
 * tidy up. Told by its one argument, JSON; what it saw goes to a log file, line by line, before each step.
 */
import { appendFileSync, createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileBlobs } from '#world/blobs/files';
import { systemClock } from '#world/clock';
import { openPgliteHere } from '#world/db/pglite';
import { openChdb } from '#world/events/chdb';
import { publishedNetworks, publishedReportTypes } from '#world/events/published';
import { factsMigrations } from '#world/facts';
import { idsFrom } from '#world/ids';
import { systemRandom } from '#world/random';
import { fakeSpace } from '#world/space';
import { feedById, insertFeed, landscapeMigrations, pipelineOver, prepareEvents } from '#modules/landscape/index';

export interface KillPoint {
  /** Phase in which to die; `after` is after the batch was acknowledged. */
  readonly phase: 'receive' | 'parse' | 'insert' | 'commit' | 'fact' | 'after';
  /** At the n-th report of that phase, from 1. */
  readonly nth: number;
  /** Milliseconds later; 0 at once. */
  readonly delayMs: number;
}

export interface Orders {
  readonly folder: string;
  readonly cache: string;
  readonly files: readonly { readonly feed: string; readonly path: string }[];
  readonly kill: KillPoint | null;
  readonly log: string;
  /** Where the sums go when it lived to the end. */
  readonly sums: string;
}

async function main(orders: Orders): Promise<void> {
  const say = (line: string): void => appendFileSync(orders.log, `${line}\n`);
  await mkdir(orders.folder, { recursive: true });
  const clock = systemClock();
  const random = systemRandom();
  const ids = idsFrom(clock, random);
  const db = await openPgliteHere(join(orders.folder, 'pgdata'));
  await db.migrate([...factsMigrations, ...landscapeMigrations]);
  const events = await openChdb({ folder: join(orders.folder, 'events'), patienceMs: 20_000 });
  await prepareEvents(events);
  const pipeline = pipelineOver({
    db, events, clock, ids, blobs: await fileBlobs(join(orders.folder, 'blobs'), random), space: fakeSpace(),
    claims: async () => [], blockRows: 400,
    networks: await publishedNetworks(orders.cache), types: await publishedReportTypes(),
  });
  await pipeline.recover();
  const seen = new Map<string, number>();
  const die = (): void => {
    const { kill } = orders;
    if (kill === null) return;
    if (kill.delayMs === 0) process.kill(process.pid, 'SIGKILL');
    else setTimeout(() => process.kill(process.pid, 'SIGKILL'), kill.delayMs);
  };
  const reach = (phase: string): void => {
    const nth = (seen.get(phase) ?? 0) + 1;
    seen.set(phase, nth);
    say(phase);
    if (orders.kill?.phase === phase && orders.kill.nth === nth) die();
  };
  for (const { feed, path } of orders.files) {
    await insertFeed(db, 'org', `feed_${feed}`, clock.iso(), {
      name: feed, title: feed, shape: 'ndjson', reportType: null, sourceOrg: null, agreement: null, cadenceHours: null, tlpDefault: 'AMBER',
    });
    const record = await feedById(db, 'org', feed);
    if (record === null) throw new Error('no feed');
    const source = createReadStream(path, { highWaterMark: 8192 });
    const batch = await pipeline.ingest({ feed: record, source, fileName: feed, typeGiven: null, actor: 'system' }, {
      progress: ({ phase }) => reach(phase),
    });
    say(`done ${JSON.stringify(batch.counts)}`);
    reach('after');
    if (orders.kill?.phase === 'after') await new Promise((resolve) => setTimeout(resolve, 5000));
  }
  await pipeline.settle();
  await writeFile(orders.sums, JSON.stringify(await sumsOf()));
  await events.close();
  await db.close();

  async function sumsOf(): Promise<object> {
    const ask = async (query: string): Promise<object[]> => (await events.query({ query })).json<object>();
    const facts = await db.as<{ facts_outbox: { class: string } }>().selectFrom('facts_outbox').select('class').execute();
    const batches = await db.as<{ landscape_batch: { state: string } }>().selectFrom('landscape_batch').select('state').execute();
    const stale = await db.as<{ landscape_stale: { period: string } }>().selectFrom('landscape_stale').select('period').execute();
    return {
      feeds: await ask('SELECT feed, count() AS rows, uniqExact(id) AS ids FROM ev GROUP BY feed ORDER BY feed'),
      users: await ask('SELECT period, sum(users) AS n, sumIf(users, classes != 0) AS attacked FROM user_rate GROUP BY period ORDER BY period'),
      days: await ask('SELECT toString(day) AS d, kind, area, sum(rows) AS n FROM day_count GROUP BY d, kind, area ORDER BY d, kind, area'),
      figures: await ask(`SELECT period, kind, dim, area, sum(things) AS n, sum(rows) AS r FROM period_figure
        GROUP BY period, kind, dim, area ORDER BY period, kind, dim, area`),
      stored: facts.filter((f) => f.class === 'batch.stored').length,
      done: batches.filter((b) => b.state === 'done').length, open: batches.filter((b) => b.state === 'open').length,
      stale: stale.length,
    };
  }
}

await main(JSON.parse(process.argv[2] ?? '{}') as Orders);
process.exit(0);
