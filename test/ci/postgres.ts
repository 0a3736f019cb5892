/**
 * A PostgreSQL server of the machine's own package for one test file: a new cluster in a temporary folder, on a free
 * loopback port, with a password, stopped and removed at the end. Without the package the tier fails: it is what it tests.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openPostgresql } from '#world/db/postgresql';
import type { Db, Migration } from '#world/db/port';
import { freePort } from '../free-port.ts';

const run = promisify(execFile);
const packages = '/usr/lib/postgresql';

/** What is thrown away at the end need not outlive a power cut: no test cuts the server's power. */
const unsafe = '-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c max_connections=200';

export interface Postgres {
  readonly password: string;
  /** URL of a new database of this name: empty, or a copy of another. */
  create(name: string, like?: string): Promise<string>;
  /** URL of a database of this name, there or not. */
  urlOf(name: string): string;
  /** A new database, migrated and open. */
  open(name: string, migrations: readonly Migration[]): Promise<Db>;
  stop(): Promise<void>;
}

async function binaries(): Promise<string> {
  const versions = (await readdir(packages).catch(() => [])).map(Number).filter((n) => n > 0).sort((x, y) => y - x);
  if (versions[0] === undefined) throw new Error('PostgreSQL is not installed: this tier needs the package postgresql');
  return join(packages, String(versions[0]), 'bin');
}

/** PostgreSQL refuses to run as root; then its package's own account runs it. */
async function asOwner(program: string, words: readonly string[]): Promise<string> {
  const { stdout } = userInfo().uid === 0
    ? await run('runuser', ['-u', 'postgres', '--', program, ...words], { cwd: '/' })
    : await run(program, words, { cwd: '/' });
  return stdout;
}

async function ownedFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'entente-pg-'));
  if (userInfo().uid !== 0) return folder;
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)));
  await chown(folder, uid ?? 0, gid ?? 0);
  return folder;
}

export async function startPostgres(): Promise<Postgres> {
  const [bin, folder, port] = await Promise.all([binaries(), ownedFolder(), freePort()]);
  const [cluster, password] = [join(folder, 'cluster'), 'a-word-nobody-may-see'];
  await writeFile(join(folder, 'password'), `${password}\n`, { mode: 0o644 });
  const stop = async (): Promise<void> => {
    await asOwner(join(bin, 'pg_ctl'), ['-D', cluster, '-m', 'immediate', '-w', 'stop']).catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await asOwner(join(bin, 'initdb'), [
      '-D', cluster, '-U', 'entente', '--auth=scram-sha-256', `--pwfile=${join(folder, 'password')}`, '-E', 'UTF8', '--locale=C.UTF-8',
    ]);
    await asOwner(join(bin, 'pg_ctl'), [
      '-D', cluster, '-w', '-l', join(folder, 'log'), '-o', `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' ${unsafe}`, 'start',
    ]);
  } catch (error) {
    await stop();
    throw error;
  }
  const urlOf = (name: string): string => `postgresql://entente:${password}@127.0.0.1:${port}/${name}`;
  const create = async (name: string, like = 'template1'): Promise<string> => {
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: urlOf('postgres') });
    await client.connect();
    await client.query(`create database ${name} template ${like}`).finally(() => client.end());
    return urlOf(name);
  };
  // Some hundred migrations cost more than a copy of what they made.
  const migrated = new Map<string, Promise<string>>();
  const like = (migrations: readonly Migration[]): Promise<string> => {
    const text = JSON.stringify(migrations.map(({ name, sql }) => [name, sql]));
    const name = `like_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
    const made = migrated.get(name) ?? create(name).then(async (url) => {
      const db = await openPostgresql(url);
      await db.migrate(migrations);
      await db.close();
      return name;
    });
    migrated.set(name, made);
    return made;
  };
  return {
    password, create, urlOf, stop,
    async open(name, migrations) {
      const db = await openPostgresql(await create(name, await like(migrations)));
      await db.migrate(migrations);
      return db;
    },
  };
}
