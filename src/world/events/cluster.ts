/**
 * Events on ClickHouse servers by URL: one server, or one for each shard of a cluster. Each holds its part of a table
 * (`NAME_local`); a Distributed table over them spreads rows by the table's shard expression and is what queries name. An
 * insert is acknowledged when every shard has its rows. The servers know the cluster by name (`remote_servers`); how parts
 * are replicated is theirs: with `replicated=yes` tables are made through their macros `{shard}` and `{replica}`.
 */
import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { EventsError, type EventCommand, type EventInsert, type EventQuery, type EventRows, type Events } from './port.ts';
import { lookupStatement, tableStatement } from './statements.ts';

export interface ClusterAddress {
  /** One a shard, in the order of the cluster. */
  readonly servers: readonly string[];
  /** Name of the cluster in the servers' own configuration. */
  readonly cluster: string;
  readonly replicated: boolean;
}

/** `http://user:secret@a:8123,http://user:secret@b:8123?cluster=NAME&replicated=yes`. Throws one sentence that shows no secret. */
export function clusterAddress(text: string): ClusterAddress {
  const [list = '', search = ''] = text.split('?');
  const servers = list.split(',').map((one) => one.trim()).filter((one) => one !== '');
  for (const [i, server] of servers.entries()) {
    const url = URL.canParse(server) ? new URL(server) : null;
    if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '' || !/^\/?$/.test(url.pathname)) {
      throw new Error(`server ${i + 1} of the events address is no http or https URL of a host`);
    }
  }
  const options = new URLSearchParams(search);
  const unknown = [...options.keys()].find((key) => key !== 'cluster' && key !== 'replicated');
  if (unknown !== undefined) throw new Error('the events address knows the options cluster and replicated');
  const cluster = options.get('cluster') ?? 'entente';
  if (servers.length === 0 || !/^[\w-]{1,60}$/.test(cluster)) throw new Error('the events address names no server, or a cluster with odd signs');
  return { servers, cluster, replicated: options.get('replicated') === 'yes' };
}

/** For every statement, so that an answer is the same as from the embedded engine. */
const settings = {
  output_format_json_quote_64bit_integers: 0,
  use_query_condition_cache: 0,
  max_partitions_per_insert_block: '4000',
  // Acknowledged is stored on every shard, not on its way there.
  distributed_foreground_insert: 1,
  // Joins and sets over spread tables are made once and sent along.
  distributed_product_mode: 'global',
} as const;

/** Opens the servers and makes the database there. Rejects with code `unreachable` where one does not answer. */
export async function openCluster(address: ClusterAddress, database = 'entente'): Promise<Events> {
  const clients = address.servers.map((server) => clientOf(server, database));
  try {
    for (const [i, server] of address.servers.entries()) {
      const first = clientOf(server, 'default');
      await first.command({ query: `CREATE DATABASE IF NOT EXISTS ${database}` })
        .catch((error: unknown) => { throw told(error, `server ${i + 1} of the events address: `); })
        .finally(() => first.close());
    }
  } catch (error) {
    await Promise.all(clients.map((client) => client.close()));
    throw error;
  }
  return eventsOver(address, database, clients);
}

function clientOf(server: string, name: string): ClickHouseClient {
  const { username, password, origin } = new URL(server);
  return createClient({
    url: origin, username: decodeURIComponent(username) || 'default', password: decodeURIComponent(password), database: name,
    application: 'entente', request_timeout: 3_600_000, max_open_connections: 8, clickhouse_settings: { ...settings },
    compression: { request: false, response: false },
    // What goes wrong is told once, by who asked.
    log: { level: ClickHouseLogLevel.OFF },
  });
}

function eventsOver(address: ClusterAddress, database: string, clients: readonly ClickHouseClient[]): Events {
  const here = (table: string): string => `${database}.${table}_local`;
  const lane = writesInOrder();
  const state = { next: 0 };
  const someone = (): ClickHouseClient => clients[state.next++ % clients.length] as ClickHouseClient;
  const everyone = async (run: (client: ClickHouseClient) => Promise<unknown>): Promise<void> => {
    // All are waited for: what one refuses another may have done.
    const outcomes = await Promise.allSettled(clients.map(run));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed?.status === 'rejected') throw told(failed.reason);
  };
  const first = clients[0] as ClickHouseClient;
  return {
    identity: `cluster-${address.cluster}`,
    here,
    define: (table) => lane(async () => {
      const engine = address.replicated
        ? `ReplicatedMergeTree('/clickhouse/tables/{shard}/${database}/${table.name}_local', '{replica}')` : 'MergeTree';
      await everyone((client) => client.command({ query: tableStatement(table, here(table.name), engine) }));
      await everyone((client) => client.command({
        query: `CREATE TABLE IF NOT EXISTS ${database}.${table.name} AS ${here(table.name)}
          ENGINE = Distributed('${address.cluster}', '${database}', '${table.name}_local', ${table.shard})`,
      }));
    }),
    defineLookup: (lookup) => lane(() => everyone((client) => client.command({ query: lookupStatement(lookup, here(lookup.name)) }))),
    query: (q) => read(someone(), q),
    command: (c: EventCommand) => lane(async () => {
      const run = (client: ClickHouseClient): Promise<unknown> => client.command({ query: c.query, ...bound(c) });
      if (c.each) await everyone(run);
      else await run(first).catch((error: unknown) => { throw told(error); });
    }),
    insert: (i: EventInsert) => lane(async () => {
      const run = async (client: ClickHouseClient, table: string): Promise<void> => {
        const sent = await client.exec({ query: `INSERT INTO ${table} FORMAT Native`, values: Readable.from(i.values, { objectMode: false }) });
        for await (const _ of sent.stream) void _;
      };
      if (i.each) await everyone((client) => run(client, here(i.table)));
      else await run(first, `${database}.${i.table}`).catch((error: unknown) => { throw told(error); });
    }),
    // The servers' memory is not a process of ours.
    residentMb: async () => null,
    async close() {
      await lane(async () => undefined);
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

/** Runs writes one after the other, whatever became of the one before. */
function writesInOrder(): <T>(run: () => Promise<T>) => Promise<T> {
  const state: { tail: Promise<unknown> } = { tail: Promise.resolve() };
  return (run) => {
    const mine = state.tail.then(run);
    state.tail = mine.catch(() => undefined);
    return mine;
  };
}

/** Parameters as the client sends them. */
function bound(q: Pick<EventQuery, 'query_params'>): { query_params?: Record<string, unknown> } {
  const given = Object.entries(q.query_params ?? {}).filter(([, value]) => value !== undefined);
  return given.length === 0 ? {} : { query_params: Object.fromEntries(given) };
}

async function read(client: ClickHouseClient, q: EventQuery): Promise<EventRows> {
  const id = randomUUID();
  const stop = (): void => {
    client.command({ query: `KILL QUERY WHERE query_id = '${id}' ASYNC` }).catch(() => undefined);
  };
  q.abort_signal?.addEventListener('abort', stop, { once: true });
  try {
    q.abort_signal?.throwIfAborted();
    const answer = await client.exec({ query: `${q.query} FORMAT ${q.format ?? 'JSONEachRow'}`, query_id: id, ...bound(q) });
    const parts: Buffer[] = [];
    for await (const part of answer.stream) parts.push(part as Buffer);
    return rowsOf(Buffer.concat(parts));
  } catch (error) {
    if (q.abort_signal?.aborted) throw new EventsError('aborted', 'the query was stopped', { cause: error });
    throw told(error);
  } finally {
    q.abort_signal?.removeEventListener('abort', stop);
  }
}

function rowsOf(bytes: Buffer): EventRows {
  return {
    bytes: async () => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    async json<T>() {
      const text = bytes.toString('utf8').trimEnd();
      return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as T);
    },
  };
}

function told(error: unknown, where = ''): EventsError {
  const { message, code } = error as Error & { code?: string };
  const known = /^\d+$/.test(code ?? '') ? (code as string) : 'unreachable';
  return new EventsError(known, `${where}${message || String(code ?? 'no answer')}`, { cause: error });
}
