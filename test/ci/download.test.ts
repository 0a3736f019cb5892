/**
 * GR-06 in full: the ledger's bundle of more than a gibibyte over a real connection. It comes whole, in bounded memory; and once
 * what it rests on has ended it breaks off within five seconds of the hub's clock, while the reader reads on, and its ticket
 * is of no use again. (The bundle rests on a session or token and on a role; no agreement lets anybody have it.)
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asHub } from '#world/db/scope';
import { migrations } from '../../src/app/compose.ts';
import type { Role } from '../../src/modules/parties/model.ts';
import { someone as signedIn } from '../access/someone.ts';
import { behindPort, type Answering, type Port } from '../access/tcp.ts';
import { demoPosture, testHub, type TestHub } from '../hub.ts';
import { held } from '../held.ts';
import { startPostgres, type Postgres } from './postgres.ts';

const gibibyte = 2 ** 30;
const mebibyte = 2 ** 20;
const facts = 33_000;

const at: { server?: Postgres; hub?: TestHub; port?: Port } = {};
const hub = (): TestHub => at.hub as TestHub;
const port = (): Port => at.port as Port;

beforeAll(async () => {
  const server = await startPostgres();
  at.server = server;
  at.hub = await testHub({ records: () => server.open('download', migrations) });
  // Facts of 32 KiB each, stated by the database itself, in portions that a slow machine sequences in time too.
  await asHub('test', async () => {
    for (let from = 0; from < facts; from += 250) {
      await sql`insert into facts_outbox (class, at, fact) select 'person.assigned', ${hub().world.clock.iso()}::timestamptz,
        jsonb_build_object('class', 'person.assigned', 'at', ${hub().world.clock.iso()}::text, 'actor', 'system', 'org', 'org_hub',
          'subject', 'per_large' || i % 100, 'readers', '["org_hub"]'::jsonb, 'clauses', '[]'::jsonb,
          'body', jsonb_build_object('n', i, 'x', repeat(md5(i::text), 1024)))
        from generate_series(${from}::int, ${Math.min(from + 250, facts) - 1}::int) as i`.execute(hub().world.db.as<object>());
      await hub().composition.sequencer.drain();
    }
  });
  at.port = await behindPort(at.hub.composition.app(demoPosture), false);
}, 600_000);
afterAll(async () => {
  await at.port?.close();
  await at.hub?.close();
  await at.server?.stop();
});

const someone = (id: string): Promise<string> => signedIn(hub(), id, 'org_hub', ['principal', 'duty-officer'] satisfies Role[]);
const ticketOf = async (cookie: string): Promise<string> =>
  (await hub().ask('POST', '/api/tickets', { operation: 'ledger.export' }, { cookie })).json<{ url: string }>().url;
const until = async (held: () => boolean): Promise<void> => {
  while (!held()) await new Promise((resolve) => { setTimeout(resolve, 2); });
};

/** Lets the hub's clock run while the reader reads on; how long the hub took to let go, in its own time. */
async function secondsUntilOver(answer: Answering): Promise<number> {
  for (let second = 1; second <= 8; second++) {
    hub().world.clock.advance(1_000);
    await hub().composition.leases.beat();
    await new Promise((resolve) => { setTimeout(resolve, 5); });
    if (answer.left()) return second;
  }
  throw new Error('the answer goes on');
}

test('it comes whole, of more than a gibibyte, by ticket, in bounded memory', async () => {
  const url = await ticketOf(await someone('per_whole'));
  const [before, most] = [held(), { bytes: 0 }];
  const answer = await port().open('GET', url);
  const looking = setInterval(() => { most.bytes = Math.max(most.bytes, held() - before); }, 400);
  expect([answer.status, await answer.over]).toEqual([200, 'whole']);
  clearInterval(looking);
  process.stdout.write(`download: ${Math.round(answer.received() / mebibyte)} MiB, at most ${Math.round(most.bytes / mebibyte)} MiB more held\n`);
  expect(answer.received()).toBeGreaterThan(gibibyte);
  expect(most.bytes).toBeLessThan(256 * mebibyte);
  expect((await port().open('GET', url)).status).toBe(401);
}, 900_000);

const setPerson = async (id: string, change: Record<string, unknown>): Promise<void> => {
  await hub().world.db.as<{ people: Record<string, unknown> }>().updateTable('people').set(change).where('id', '=', id).execute();
};
const signOut = (cookie: string) => hub().ask('DELETE', '/api/session', undefined, { cookie });

/** How it is asked for, and how that ends; `spent` is the status of asking in the same way again. */
const cases: readonly [name: string, begin: (person: string, cookie: string) => Promise<{
  url: string; headers: Record<string, string>; spent: number; end(): Promise<unknown>;
}>][] = [
  ['by cookie, signing out', async (_, cookie) =>
    ({ url: '/api/ledger/bundle', headers: { cookie }, spent: 401, end: () => signOut(cookie) })],
  ['by cookie, a role taken away', async (person, cookie) =>
    ({ url: '/api/ledger/bundle', headers: { cookie }, spent: 403, end: () => setPerson(person, { roles: ['engineer'] }) })],
  ['by ticket, signing out', async (_, cookie) =>
    ({ url: await ticketOf(cookie), headers: {}, spent: 401, end: () => signOut(cookie) })],
  ['by ticket, suspension', async (person, cookie) =>
    ({ url: await ticketOf(cookie), headers: {}, spent: 401, end: () => setPerson(person, { status: 'suspended' }) })],
  ['by token, its revocation', async (_, cookie) => {
    const made = (await hub().ask('POST', '/api/tokens', { name: 'x', scopes: ['ledger.export'], days: 1 }, { cookie }))
      .json<{ token: { id: string }; secret: string }>();
    return {
      url: '/api/ledger/bundle', headers: { authorization: `Bearer ${made.secret}` }, spent: 401,
      end: () => hub().ask('DELETE', `/api/tokens/${made.token.id}`, undefined, { cookie }),
    };
  }],
];

test.each(cases)('it breaks off: %s', async (name, begin) => {
  const person = `per_half${cases.findIndex(([n]) => n === name)}`;
  const { url, headers, spent, end } = await begin(person, await someone(person));
  const answer = await port().open('GET', url, headers);
  expect(answer.status).toBe(200);
  await until(() => answer.received() > 100 * mebibyte);
  await end();
  expect(await secondsUntilOver(answer)).toBeLessThanOrEqual(5);
  expect(await answer.over).toBe('broken');
  expect(answer.received()).toBeLessThan(gibibyte);
  expect((await port().open('GET', url, headers)).status).toBe(spent);
  expect(hub().composition.leases.count()).toBe(0);
}, 600_000);
