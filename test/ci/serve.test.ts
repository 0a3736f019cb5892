/** The production start on PostgreSQL, its URL given as a file: it starts, prints its link, and never the password. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entente, get, type Ran } from '../app/process.ts';
import { startPostgres, type Postgres } from './postgres.ts';

const at: { server?: Postgres; folder: string; running: Ran[] } = { folder: '', running: [] };
const server = (): Postgres => at.server as Postgres;
beforeAll(async () => {
  at.server = await startPostgres();
  at.folder = await mkdtemp(join(tmpdir(), 'entente-serve-'));
});
afterAll(async () => {
  for (const { child } of at.running) if (child.exitCode === null) child.kill('SIGKILL');
  await at.server?.stop();
  await rm(at.folder, { recursive: true, force: true });
});

const said = (ran: Ran): string => `${ran.out()}${ran.err()}`;

async function serve(url: string): Promise<Ran> {
  const file = join(at.folder, 'db-url');
  await writeFile(file, `${url}\n`, { mode: 0o600 });
  const ran = entente(['serve'], {
    ENTENTE_DATA: join(at.folder, 'hub'), ENTENTE_PORT: '0', ENTENTE_ORIGIN: 'https://hub.example', ENTENTE_DB_URL_FILE: file,
  });
  at.running.push(ran);
  return ran;
}

test('starts on PostgreSQL, keeps its records there, stops and starts again, and no password is in what it prints', async () => {
  const url = await server().create('production');
  const first = await serve(url);
  const [, link] = await first.until(/(https:\/\/hub\.example\/accept#[\w-]{40,})/);
  const [, address = ''] = await first.until(/ready at (http:\S+)/);
  expect(link).toBeDefined();
  expect((await get(address, '/healthz')).text).toContain('"ready"');
  expect((await get(address, '/api/ledger/status', 'hub.example')).status).toBe(200);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ n: string }>('select count(*) as n from migrations').finally(() => client.end());
  expect(Number(rows[0]?.n)).toBeGreaterThan(3);
  first.child.kill('SIGTERM');
  expect(await first.exited).toEqual({ code: 0, signal: null });

  const again = await serve(url);
  await again.until(/ready at/);
  again.child.kill('SIGTERM');
  expect(await again.exited).toEqual({ code: 0, signal: null });
  for (const ran of [first, again]) expect(said(ran)).not.toContain(server().password);
});

test('a wrong password is one sentence without it', async () => {
  const url = await server().create('refused');
  const ran = await serve(url.replace(server().password, 'a-wrong-word-nobody-may-see'));
  expect((await ran.exited).code).toBe(69);
  expect(ran.err()).toMatch(/[Rr]ecords database/);
  expect(said(ran)).not.toContain('a-wrong-word-nobody-may-see');
});

test('a database whose connections are cut does not end the hub, and its return is enough', async () => {
  const url = await server().create('outage');
  await rm(join(at.folder, 'hub'), { recursive: true, force: true });
  const ran = await serve(url);
  const [, address = ''] = await ran.until(/ready at (http:\S+)/);
  const client = new pg.Client({ connectionString: url.replace('/outage', '/postgres') });
  await client.connect();
  // Cut again and again while requests run, so that connections at rest and connections at work are both met.
  const busy = { now: true };
  const asking = [1, 2, 3].map(async () => {
    while (busy.now && ran.child.exitCode === null) await get(address, '/api/ledger/status', 'hub.example').catch(() => undefined);
  });
  for (let i = 0; i < 20; i++) {
    await client.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'outage'");
    await pause(50);
  }
  busy.now = false;
  await Promise.all([...asking, client.end()]);
  expect(ran.child.exitCode, said(ran)).toBeNull();
  // A connection that was cut while it lay in the pool may be met once more each; then there are only new ones.
  const answers: number[] = [];
  while (answers.at(-1) !== 200 && answers.length < 20) answers.push((await get(address, '/api/ledger/status', 'hub.example')).status);
  expect(answers.at(-1), answers.join()).toBe(200);
  ran.child.kill('SIGTERM');
  expect(await ran.exited).toEqual({ code: 0, signal: null });
  expect(said(ran)).not.toContain(server().password);
});
