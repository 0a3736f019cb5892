/**
 * Records on a PostgreSQL server, given by URL: production. Durability, replicas and backups are the server's. Each end
 * watches the other: a connection that is silent for too long is given up, here by the socket and there by the server,
 * which then rolls back and lets go of its locks. PostgreSQL alone would notice a hub that was stopped, or a network
 * that was cut, after hours or never.
 */
import { Socket } from 'node:net';
import { PostgresDialect, type PostgresPool } from 'kysely';
import pg from 'pg';
import { columnParsers, dbOver } from './kysely.ts';
import type { Db } from './port.ts';
import { settingSql } from './party.ts';
import { schemaWork, settingNow, type Setting } from './scope.ts';

interface Patience {
  readonly connections: number;
  /** A connection on which nothing comes or goes for so long is closed here, and what was asked on it fails. */
  readonly silenceMs: number;
  /** A transaction that waits for its hub's next word for so long is rolled back by the server. */
  readonly idleInTransactionMs: number;
  /** Longest wait for a lock; 0 is for ever. */
  readonly lockMs: number;
}

const usual: Patience = { connections: 10, silenceMs: 120_000, idleInTransactionMs: 15_000, lockMs: 0 };
/** See `Db.brisk`: together well under the ten seconds in which another replica goes on. */
const brisk: Patience = { connections: 3, silenceMs: 6_000, idleInTransactionMs: 4_000, lockMs: 4_000 };

function poolOf(url: string, patience: Patience): pg.Pool {
  const types = {
    getTypeParser: (oid: number, format?: string) =>
      columnParsers[oid] ?? pg.types.getTypeParser(oid, format as 'text'),
  };
  const options = [
    'timezone=UTC', `idle_in_transaction_session_timeout=${patience.idleInTransactionMs}`, `lock_timeout=${patience.lockMs}`,
    'tcp_keepalives_idle=10', 'tcp_keepalives_interval=5', 'tcp_keepalives_count=3',
    `tcp_user_timeout=${patience.silenceMs}`,
  ];
  const pool = new pg.Pool({
    connectionString: url, max: patience.connections, types: types as pg.CustomTypesConfig,
    options: options.map((option) => `-c ${option}`).join(' '), application_name: 'entente',
    connectionTimeoutMillis: Math.min(patience.silenceMs, 30_000), keepAlive: true, keepAliveInitialDelayMillis: 10_000,
    stream: () => watched(patience.silenceMs),
  });
  // An idle connection that breaks is replaced by the pool; unheard, the event would end the process.
  pool.on('error', () => undefined);
  // So is one that breaks while it is used: its query rejects, and that is where the failure is told.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** A socket that ends itself after silence: what waits on it fails instead of waiting for the system's own patience. */
function watched(silenceMs: number): Socket {
  const socket = new Socket();
  socket.setTimeout(silenceMs, () => {
    socket.destroy(new Error(`the records database was silent for ${silenceMs / 1000} seconds`));
  });
  return socket;
}

/** Closed by the server (class 57P) or by the network, and not an answer to what was asked. */
function wasCut(error: unknown): boolean {
  const { code = '', message } = error as { code?: string; message: string };
  return /^57P/.test(code) || ['ECONNRESET', 'EPIPE'].includes(code) || /Connection terminated|not queryable/.test(message);
}

/**
 * The pools, whose connections take the part of whoever asks before they are handed out. The hub's own work and that of parties
 * have connections apart: each request does some of both, and would else set every connection from one to the other and back.
 */
function scoped(hubs: pg.Pool, parties: pg.Pool, strict: boolean): PostgresPool {
  const settings = new WeakMap<object, Setting>();
  return {
    async connect() {
      const wanted = settingNow(strict);
      const pool = wanted[0] === 'none' ? hubs : parties;
      for (let attempt = 1; ; attempt++) {
        const client = await pool.connect();
        const has = settings.get(client) ?? ['none', '', '', ''];
        if (wanted.every((value, i) => value === has[i])) return client as never;
        try {
          await client.query(settingSql, [...wanted]);
          settings.set(client, wanted);
          return client as never;
        } catch (error) {
          // What it is set to now nobody knows: it is closed, not handed out. One that was cut while it lay in the pool is no
          // failure of whoever asks next: nothing was done on it, and the pool has others, or makes one.
          client.release(error instanceof Error ? error : true);
          if (attempt > pool.options.max || !wasCut(error)) throw error;
        }
      }
    },
    end: async () => void await Promise.all([...new Set([hubs, parties])].map((pool) => pool.end())),
  };
}

/**
 * Connects and asks the server for its time once, so that a wrong URL fails at start and not at the first request.
 * The URL holds a password: it is never logged, and errors here do not repeat it.
 */
export async function openPostgresql(url: string, connectionsMax = usual.connections, strict = false): Promise<Db> {
  const half = { ...usual, connections: Math.max(1, Math.ceil(connectionsMax / 2)) };
  const pools = [poolOf(url, half), poolOf(url, half), poolOf(url, brisk)] as const;
  try {
    await pools[0].query('select now()');
  } catch (error) {
    await Promise.all(pools.map((pool) => pool.end()));
    throw new Error(`could not reach the records database: ${(error as Error).message}`);
  }
  return dbOver({
    engine: 'postgresql', dialect: new PostgresDialect({ pool: scoped(pools[0], pools[1], strict) }),
    brisk: new PostgresDialect({ pool: scoped(pools[2], pools[2], strict) }),
    asHub: schemaWork, residentMb: async () => null, close: async () => undefined,
  });
}
