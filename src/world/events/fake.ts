/**
 * Events for tests: the real engine in a temporary folder, behind a switch that makes the next call fail by name. Two
 * ways to fail matter to a writer, since it cannot tell them apart: the rows were lost, or only the answer was.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChdb } from './chdb.ts';
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

/** A fresh engine in a folder that goes with it. Opening costs about half a second: share it among a file's tests. */
export async function testEvents(): Promise<FakeEvents> {
  const folder = await mkdtemp(join(tmpdir(), 'entente-events-'));
  const real = await openChdb({ folder: join(folder, 'events') });
  return failingEvents({
    ...real,
    async close() {
      await real.close();
      await rm(folder, { recursive: true, force: true });
    },
  });
}
