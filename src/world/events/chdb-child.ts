/**
 * The process that holds chDB. One Session writes, a few read, one kills: a Session is serial, and a sync call with its
 * victim in the same process never returns, so everything here is asynchronous. Arguments: folder, memory limit in MB,
 * number of readers, milliseconds to wait for the folder. See child.ts for the conversation.
 */
import { Session } from 'chdb';
import { mkdir } from 'node:fs/promises';
import { dieWithParent, failToStart, serveParent } from '../child.ts';

interface Ask { readonly mark: string; readonly query: string; readonly params?: Record<string, unknown>; readonly format: string }

/** Runs its jobs one after the other on one Session. */
function lane(session: Session): (ask: Ask) => Promise<Uint8Array> {
  let tail: Promise<unknown> = Promise.resolve();
  return (ask) => {
    const run = tail.then(async () => {
      // The mark is how KILL QUERY finds it: chDB takes no query id.
      const text = `/* ${ask.mark} */ ${ask.query}`;
      const options = { format: ask.format };
      const answer = ask.params && Object.keys(ask.params).length > 0
        ? await session.queryBindAsync(text, ask.params, options)
        : await session.queryAsync(text, options);
      // Copied: the engine's buffer must not outlive this call.
      return new Uint8Array(answer.bytes());
    });
    tail = run.catch(() => undefined);
    return run;
  };
}

/** Opens the folder, waiting for another process to let it go: after kill -9 of a hub its engine needs a moment. */
async function openFirst(folder: string, settings: Readonly<Record<string, number | string>>, patienceMs: number): Promise<Session> {
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      return await openSession(folder, settings);
    } catch (error) {
      if (performance.now() >= until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function openSession(folder: string, settings: Readonly<Record<string, number | string>>): Promise<Session> {
  const session = new Session(folder);
  const list = Object.entries(settings).map(([key, value]) => `${key} = ${value}`).join(', ');
  await session.queryAsync(`SET ${list}`);
  return session;
}

async function main(folder: string, memoryMb: number, readers: number, patienceMs: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const bytes = memoryMb * 1_048_576;
  const shared = {
    max_threads: 2,
    max_memory_usage: bytes,
    max_bytes_before_external_group_by: Math.floor(bytes / 2),
    max_bytes_before_external_sort: Math.floor(bytes / 2),
    max_partitions_per_insert_block: 4000,
    output_format_json_quote_64bit_integers: 0,
    // A repeated filter must be counted anew after an insert and timed honestly.
    use_query_condition_cache: 0,
  };
  const writer = await openFirst(folder, { ...shared, max_insert_threads: 1 }, patienceMs);
  await writer.queryAsync('CREATE DATABASE IF NOT EXISTS entente');
  const all = [writer];
  const open = async (): Promise<(ask: Ask) => Promise<Uint8Array>> => {
    const session = await openSession(folder, { ...shared, readonly: 0 });
    await session.queryAsync('USE entente');
    all.push(session);
    return lane(session);
  };
  await writer.queryAsync('USE entente');
  const write = lane(writer);
  const reads = await Promise.all(Array.from({ length: readers }, open));
  const kill = await open();
  const turn = { at: 0, busy: reads.map(() => 0) };
  const read = async (ask: Ask): Promise<Uint8Array> => {
    let at = 0;
    for (let i = 1; i < reads.length; i++) if ((turn.busy[i] ?? 0) < (turn.busy[at] ?? 0)) at = i;
    turn.busy[at] = (turn.busy[at] ?? 0) + 1;
    try {
      return await (reads[at] as (ask: Ask) => Promise<Uint8Array>)(ask);
    } finally {
      turn.busy[at] = (turn.busy[at] ?? 0) - 1;
    }
  };
  serveParent(
    {
      read: (ask: Ask) => read(ask),
      write: async (ask: Ask) => { await write(ask); },
      kill: async (mark: string) => {
        const query = `KILL QUERY WHERE query LIKE '/* ${mark} */%' ASYNC`;
        await kill({ mark: 'kill', query, format: 'Null' });
      },
    },
    async () => {
      for (const session of all) session.close();
    },
  );
}

dieWithParent();
const [, , folder = '', memoryMb = '400', readers = '2', patienceMs = '0'] = process.argv;
main(folder, Number(memoryMb), Number(readers), Number(patienceMs)).catch(failToStart);
