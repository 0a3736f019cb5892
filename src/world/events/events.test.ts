import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openChdb } from './chdb.ts';
import { eventsContract } from './contract.ts';
import { testEvents, type FakeEvents } from './fake.ts';
import type { Events } from './port.ts';

describe('events in chDB', () => {
  const at = { folder: '', engine: null as Events | null };
  const engine = (): Events => at.engine as Events;
  beforeAll(async () => {
    at.folder = await mkdtemp(join(tmpdir(), 'entente-chdb-'));
    at.engine = await openChdb({ folder: join(at.folder, 'events') });
  });
  afterAll(async () => {
    await at.engine?.close();
    await rm(at.folder, { recursive: true, force: true });
  });
  eventsContract(engine);

  it('refuses a second process on the same folder by name, and the first goes on', async () => {
    await expect(openChdb({ folder: join(at.folder, 'events'), patienceMs: 0 })).rejects.toMatchObject({ code: 'locked' });
    expect(await (await engine().query({ query: 'SELECT 3 AS three' })).json()).toEqual([{ three: 3 }]);
  });

  it('keeps its rows when it is closed and opened again', async () => {
    await engine().close();
    at.engine = await openChdb({ folder: join(at.folder, 'events') });
    expect(await (await engine().query({ query: 'SELECT count() AS n FROM sample' })).json()).toEqual([{ n: 1500 }]);
  });

  it('fails open questions by name when its process is killed', async () => {
    const lost: string[] = [];
    const folder = join(at.folder, 'second');
    const engine2 = await openChdb({ folder, onLost: (reason) => { lost.push(reason); } });
    const pid = await childPidHolding(folder);
    const open = engine2.query({ query: 'SELECT sleepEachRow(1) FROM numbers(3) SETTINGS max_block_size = 1' });
    const outcome = open.then(() => 'answered', (error: Error) => error.message);
    process.kill(pid, 'SIGKILL');
    expect(await outcome).toMatch(/engine events stopped/);
    await expect(engine2.query({ query: 'SELECT 1' })).rejects.toThrow(/not running/);
    expect(lost).toHaveLength(1);
    await engine2.close();
  });
});

/** The engine's process, found by its command line: the port does not give the pid away. */
async function childPidHolding(folder: string): Promise<number> {
  const { readdir, readFile } = await import('node:fs/promises');
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (line.includes('chdb-child') && line.includes(folder)) return Number(name);
  }
  throw new Error('no engine process found');
}

describe('events that fail by name', () => {
  const at = { engine: null as FakeEvents | null };
  const engine = (): FakeEvents => at.engine as FakeEvents;
  beforeAll(async () => { at.engine = await testEvents(); });
  afterAll(async () => { await at.engine?.close(); });
  eventsContract(engine);

  it('loses the rows, or only the answer, as told', async () => {
    await engine().command({ query: 'CREATE TABLE t (n UInt32) ENGINE = MergeTree ORDER BY n' });
    engine().failNext('command', 'failAndForget');
    await expect(engine().command({ query: 'INSERT INTO t VALUES (1)' })).rejects.toThrow(/as told/);
    engine().failNext('command', 'failButPersist');
    await expect(engine().command({ query: 'INSERT INTO t VALUES (2)' })).rejects.toThrow(/as told/);
    expect(await (await engine().query({ query: 'SELECT n FROM t' })).json()).toEqual([{ n: 2 }]);
  });
});
