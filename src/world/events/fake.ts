/**
 * Events for tests: the real engine in a temporary folder, behind a switch that makes the next call fail by name. Two
 * ways to fail matter to a writer, since it cannot tell them apart: the rows were lost, or only the answer was.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemEnvironment } from '../environment.ts';
import { chdbTable, openChdb } from './chdb.ts';
import { clusterAddress, openCluster } from './cluster.ts';
import { EventsError, type Events } from './port.ts';

export type Failure = 'failButPersist' | 'failAndForget';

export interface FakeEvents extends Events {
  /** The next `act` fails: after having been done (`failButPersist`) or instead of it (`failAndForget`). */
  failNext(act: 'insert' | 'command' | 'query', how: Failure): void;
  /** Calls made so far, by act. */
  readonly calls: Readonly<Record<'insert' | 'command' | 'query', number>>;
}

export function failingEvents(real: Events): FakeEvents {
  const planned: { act: string; how: Failure }[] = [];
  const calls = { insert: 0, command: 0, query: 0 };
  const guarded = async <T>(act: keyof typeof calls, run: () => Promise<T>): Promise<T> => {
    calls[act] += 1;
    const at = planned.findIndex((plan) => plan.act === act);
    if (at < 0) return run();
    const [plan] = planned.splice(at, 1);
    if (plan?.how === 'failButPersist') await run();
    throw new EventsError('fake', `${act} failed as told (${plan?.how ?? ''})`);
  };
  return {
    calls,
    failNext: (act, how) => { planned.push({ act, how }); },
    identity: real.identity,
    here: (table) => real.here(table),
    define: (table) => real.define(table),
    defineLookup: (lookup) => real.defineLookup(lookup),
    query: (q) => guarded('query', () => real.query(q)),
    command: (c) => guarded('command', () => real.command(c)),
    insert: (i) => guarded('insert', () => real.insert(i)),
    residentMb: () => real.residentMb(),
    close: () => real.close(),
  };
}

/** A database of its own on servers that were started for the tests, emptied when it is closed. */
async function onServers(url: string): Promise<FakeEvents> {
  const address = clusterAddress(url);
  const database = `test_${randomUUID().replaceAll('-', '')}`;
  const real = await openCluster(address, database);
  return failingEvents({
    ...real,
    async close() {
      await real.close();
      for (const server of address.servers) {
        await fetch(new URL(server).origin, { method: 'POST', body: `DROP DATABASE IF EXISTS ${database} SYNC` });
      }
    },
  });
}

/**
 * A fresh engine in a folder that goes with it; with `TEST_EVENTS_URL` a database of its own on those servers, so that the same tests
 * run there (test/ci/shards-whole.test.ts). It starts with the first question or row: most tests of a whole hub ask it
 * nothing, and a start costs half a second. What was defined and commanded until then is done first, in order.
 */
export async function testEvents(): Promise<FakeEvents> {
  const servers = systemEnvironment()['TEST_EVENTS_URL'];
  if (servers !== undefined) return onServers(servers);
  const folder = await mkdtemp(join(tmpdir(), 'entente-events-'));
  const identity = randomUUID();
  await writeFile(join(folder, 'events.identity'), identity);
  const before: ((real: Events) => Promise<void>)[] = [];
  const state: { started?: Promise<Events> } = {};
  const started = (): Promise<Events> => state.started ??= openChdb({ folder: join(folder, 'events') }).then(async (real) => {
    for (const act of before) await act(real);
    return real;
  });
  const soon = async (act: (real: Events) => Promise<void>): Promise<void> => {
    if (state.started) await act(await state.started);
    else before.push(act);
  };
  return failingEvents({
    identity,
    here: chdbTable,
    define: (table) => soon((real) => real.define(table)),
    defineLookup: (lookup) => soon((real) => real.defineLookup(lookup)),
    command: (c) => soon((real) => real.command(c)),
    query: async (q) => (await started()).query(q),
    insert: async (i) => (await started()).insert(i),
    residentMb: async () => (await started()).residentMb(),
    async close() {
      if (state.started) await (await state.started).close();
      await rm(folder, { recursive: true, force: true });
    },
  });
}
