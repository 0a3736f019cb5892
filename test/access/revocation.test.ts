/**
 * GR-06 and G7 over real connections: whatever an answer rests on, once it ends the answer breaks off within five seconds of
 * the hub's clock, visibly unfinished; and nothing that was used or ended works again.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stateFact } from '#world/facts';
import type { Role } from '../../src/modules/parties/model.ts';
import { demoPosture, testHub, type TestHub } from '../hub.ts';
import { someone as signedIn } from './someone.ts';
import { behindPort, type Answering, type Port } from './tcp.ts';

const at: { hub?: TestHub; port?: Port } = {};
const hub = (): TestHub => at.hub as TestHub;
const port = (): Port => at.port as Port;

beforeAll(async () => {
  at.hub = await testHub();
  at.port = await behindPort(at.hub.composition.app(demoPosture));
});
afterAll(async () => {
  await at.port?.close();
  await at.hub?.close();
});

/** Lets the hub's clock run, a second at a time, until the hub has let go of the answer; how long that took in its time. */
async function secondsUntilOver(answer: Answering): Promise<number> {
  for (let second = 1; second <= 30; second++) {
    hub().world.clock.advance(1_000);
    await hub().composition.leases.beat();
    await new Promise((resolve) => { setTimeout(resolve, 5); });
    if (answer.left()) {
      answer.resume();
      await answer.over;
      return second;
    }
  }
  throw new Error('the answer goes on');
}

const post = (path: string, body: unknown, cookie: string) => hub().ask('POST', path, body, { cookie });
const tokenOf = async (cookie: string, scopes: string[]): Promise<{ id: string; secret: string }> => {
  const made = (await post('/api/tokens', { name: 'x', scopes, days: 1 }, cookie)).json<{ token: { id: string }; secret: string }>();
  return { id: made.token.id, secret: made.secret };
};

/** Someone of the centre's own for one case, with these roles, signed in. */
const someone = (id: string, roles: readonly Role[]): Promise<string> => signedIn(hub(), id, 'org_hub', roles);

const roles: readonly Role[] = ['principal', 'duty-officer'];
const administrator = (): Promise<string> => hub().as('per_lan');
const endings: readonly [name: string, end: (cookie: string, person: string) => Promise<unknown>][] = [
  ['signing out', (cookie) => hub().ask('DELETE', '/api/session', undefined, { cookie })],
  ['suspension', async (_, person) => setPerson(person, { status: 'suspended' })],
  ['a role taken away', async (_, person) => setPerson(person, { roles: ['engineer'] })],
  ['the session’s end', async (_, person) => {
    await hub().world.db.as<{ sessions: Record<string, unknown> }>().updateTable('sessions')
      .set({ expires_at: hub().world.clock.iso() }).where('person', '=', person).execute();
  }],
];
async function setPerson(id: string, change: Record<string, unknown>): Promise<void> {
  await hub().world.db.as<{ people: Record<string, unknown> }>().updateTable('people').set(change).where('id', '=', id).execute();
}

describe('a stream of events', () => {
  test.each(endings.filter(([name]) => name !== 'a role taken away'))('ends with %s', async (name, end) => {
    const person = `per_s${endings.findIndex(([n]) => n === name)}`;
    const cookie = await someone(person, roles);
    const stream = await port().open('GET', '/api/stream', { cookie });
    await stream.until((text) => text.includes('event: hello'));
    await end(cookie, person);
    expect(await secondsUntilOver(stream)).toBeLessThanOrEqual(5);
    expect(await stream.over).toBe('broken');
    await expect(port().open('GET', '/api/stream', { cookie })).resolves.toMatchObject({ status: 401 });
  });

  test('a token’s ends with its revocation, and one without the scope is never opened', async () => {
    const cookie = await administrator();
    const { id, secret } = await tokenOf(cookie, ['stream.open']);
    const stream = await port().open('GET', '/api/stream', { authorization: `Bearer ${secret}` });
    await stream.until((text) => text.includes('event: hello'));
    await hub().ask('DELETE', `/api/tokens/${id}`, undefined, { cookie });
    expect(await secondsUntilOver(stream)).toBeLessThanOrEqual(5);
    const other = await tokenOf(cookie, ['agreement.list']);
    expect((await port().open('GET', '/api/stream', { authorization: `Bearer ${other.secret}` })).status).toBe(403);
  });

  test('goes on for hours while nothing ends, says so now and then, and resumes after the last index seen', async () => {
    const cookie = await someone('per_listener', roles);
    const stream = await port().open('GET', '/api/stream', { cookie });
    await stream.until((text) => text.includes('event: hello'));
    for (let minute = 0; minute < 60; minute++) {
      hub().world.clock.advance(1_000);
      await hub().composition.leases.beat();
    }
    hub().world.clock.advance(20_000);
    await hub().composition.streams.beat();
    await stream.until((text) => /^: /m.test(text));
    await say('per_listener', 'one');
    await stream.until((text) => text.includes('"n":"one"'));
    const [, id = ''] = /id: (\d+)\nevent: fact\ndata: [^\n]*"n":"one"/.exec(stream.text()) ?? [];
    await say('per_listener', 'two');
    const again = await port().open('GET', '/api/stream', { cookie, 'last-event-id': id });
    await again.until((text) => text.includes('"n":"two"'));
    expect(again.text()).not.toContain('"n":"one"');
    // An index this log does not have: told to look at everything anew.
    const lost = await port().open('GET', '/api/stream', { cookie, 'last-event-id': '999999' });
    await lost.until((text) => text.includes('event: reset'));
    for (const bad of ['-1', 'x', '1.5', '1e3', '99999999999999999999']) {
      expect((await port().open('GET', '/api/stream', { cookie, 'last-event-id': bad })).status).toBe(400);
    }
  });

  test('one person has a dozen at most', async () => {
    const cookie = await someone('per_greedy', roles);
    const streams = await Promise.all(Array.from({ length: 12 }, () => port().open('GET', '/api/stream', { cookie })));
    await Promise.all(streams.map((stream) => stream.until((text) => text.includes('hello'))));
    expect((await port().open('GET', '/api/stream', { cookie })).status).toBe(429);
    await hub().ask('DELETE', '/api/session', undefined, { cookie });
    await secondsUntilOver(streams[0] as Answering);
    expect(await Promise.all(streams.map((stream) => stream.over))).toEqual(streams.map(() => 'broken'));
  });

  test('says a fact to its readers only, and a change only to whom a right names it', async () => {
    const cookies = { mine: await hub().as('per_lan'), engineer: await someone('per_fitter', ['engineer']), theirs: await hub().as('per_rivera') };
    const open = async (cookie: string): Promise<Answering> => {
      const stream = await port().open('GET', '/api/stream', { cookie });
      await stream.until((text) => text.includes('hello'));
      return stream;
    };
    const [mine, engineer, theirs] = [await open(cookies.mine), await open(cookies.engineer), await open(cookies.theirs)];
    await hub().world.db.transaction((tx) => stateFact(tx, fact('agreement.drafted', 'agr_secret', 'canary-one')));
    await hub().world.db.transaction((tx) => stateFact(tx, fact('feed.created', 'feed_secret', 'canary-two')));
    await deliver();
    await mine.until((text) => text.includes('canary-two'));
    await engineer.until((text) => text.includes('agreement.drafted'));
    expect(mine.text()).toContain('canary-one');
    expect(engineer.text()).toMatch(/event: change\ndata: \{"class":"agreement\.drafted"\}/);
    expect(engineer.text()).not.toMatch(/canary|agr_secret|feed/);
    expect(theirs.text()).not.toMatch(/canary|secret|agreement|feed/);
  });
});

const fact = (name: string, subject: string, n: string) => ({
  class: name, at: hub().world.clock.iso(), actor: 'system', org: 'org_hub', subject, readers: [], clauses: [], body: { n },
});
async function say(subject: string, n: string): Promise<void> {
  await hub().world.db.transaction((tx) => stateFact(tx, fact('person.assigned', subject, n)));
  await deliver();
}
async function deliver(): Promise<void> {
  await hub().composition.sequencer.drain();
  await hub().composition.streams.beat();
}

describe('a download', () => {
  /** Facts so large that no buffer on the way holds the bundle. */
  beforeAll(async () => {
    for (let n = 0; n < 30; n++) {
      await hub().world.db.transaction((tx) => stateFact(tx, fact('person.assigned', 'per_large', `${n}${'x'.repeat(400_000)}`)));
    }
    await hub().composition.sequencer.drain();
  });

  test('a stream whose reader takes nothing for a minute is given up', async () => {
    const cookie = await someone('per_asleep', roles);
    const stream = await port().open('GET', '/api/stream', { cookie, 'last-event-id': '0' });
    stream.pause();
    for (let second = 0; second < 50; second++) {
      hub().world.clock.advance(1_000);
      await hub().composition.leases.beat();
    }
    expect(stream.left()).toBe(false);
    expect(await secondsUntilOver(stream)).toBeGreaterThan(5);
    expect(await stream.over).toBe('broken');
  });

  test.each(endings)('of the bundle breaks off with %s', async (name, end) => {
    const person = `per_d${endings.findIndex(([n]) => n === name)}`;
    const cookie = await someone(person, roles);
    const bundle = await port().open('GET', '/api/ledger/bundle', { cookie });
    expect(bundle.status).toBe(200);
    bundle.pause();
    await end(cookie, person);
    expect(await secondsUntilOver(bundle)).toBeLessThanOrEqual(5);
    expect(await bundle.over).toBe('broken');
    expect(bundle.text()).not.toContain('\nseal');
  });

  test('by ticket: once, for its operation, for a minute, for as long as the session', async () => {
    const cookie = await someone('per_ticket', roles);
    const ticket = async (): Promise<string> =>
      (await post('/api/tickets', { operation: 'ledger.export' }, cookie)).json<{ url: string }>().url;
    const url = await ticket();
    expect((await port().open('HEAD', url)).status).toBe(401);
    const bundle = await port().open('GET', url);
    expect([bundle.status, await bundle.over]).toEqual([200, 'whole']);
    expect((await port().open('GET', url)).status).toBe(401);
    expect((await hub().ask('GET', url, undefined, { cookie })).status).toBe(401);
    const late = await ticket();
    hub().world.clock.advance(61_000);
    expect((await port().open('GET', late)).status).toBe(401);
    expect((await port().open('GET', (await ticket()).replace('/api/ledger/bundle', '/api/facts'))).status).toBe(401);
    for (const operation of ['stream.open', 'ledger.list', 'nothing', '__proto__']) {
      expect((await post('/api/tickets', { operation }, cookie)).status).toBe(400);
    }
    const [running, unused] = [await port().open('GET', await ticket()), await ticket()];
    running.pause();
    await hub().ask('DELETE', '/api/session', undefined, { cookie });
    expect(await secondsUntilOver(running)).toBeLessThanOrEqual(5);
    expect(await running.over).toBe('broken');
    expect((await port().open('GET', unused)).status).toBe(401);
  });

  test('nobody makes a ticket for what they may not fetch', async () => {
    const cookie = await someone('per_nobundle', ['engineer']);
    expect((await post('/api/tickets', { operation: 'ledger.export' }, cookie)).status).toBe(403);
  });
});

describe('an upload', () => {
  test.each(endings)('under way stops with %s, its batch says that it failed', async (name, end) => {
    const number = endings.findIndex(([n]) => n === name);
    const cookie = await someone(`per_u${number}`, roles);
    await post('/api/feeds', { name: `up${number}`, title: 'Up', shape: 'ndjson' }, cookie);
    const { items } = (await hub().ask('GET', '/api/feeds', undefined, { cookie })).json<{ items: { id: string; name: string }[] }>();
    const feed = items.find((f) => f.name === `up${number}`)?.id ?? '';
    const gate: { open: () => void } = { open: () => undefined };
    const held = new Promise<void>((resolve) => { gate.open = resolve; });
    async function* slowly(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode('{"time":"2026-06-01T00:00:00Z","ip":"192.0.2.1"}\n'.repeat(2000));
      await held;
    }
    const upload = await port().open('POST', `/api/feeds/${feed}/batches?file=x.ndjson`, { cookie }, slowly());
    expect(upload.status).toBe(200);
    await end(cookie, `per_u${number}`);
    expect(await secondsUntilOver(upload)).toBeLessThanOrEqual(5);
    gate.open();
    const lan = await hub().as('per_lan');
    const failed = async (): Promise<boolean> => (await hub().ask('GET', `/api/batches?feed=${feed}`, undefined, { cookie: lan }))
      .json<{ items: { state: string }[] }>().items.some((b) => b.state === 'failed');
    while (!await failed()) await new Promise((resolve) => { setTimeout(resolve, 20); });
  });

  test.each([
    ['loses', '/api/agreements/agr_kestrel/parts/information-sharing/withdraw', 'agr_kestrel', 'org_kestrel'],
    ['ends', '/api/agreements/agr_meridian/end', 'agr_meridian', 'org_meridian'],
  ])('of a provider’s feed stops when the agreement %s what lets it in', async (name, path, agreement, sourceOrg) => {
    const cookie = await hub().as('per_lan');
    const made = await post('/api/feeds', {
      name: `theirs-${name}`, title: 'Theirs', shape: 'ndjson', sourceOrg, agreement,
    }, cookie);
    const { feed } = made.json<{ feed: { id: string; standing: string } }>();
    expect(feed.standing).toBe('in-force');
    const held = new Promise<void>(() => undefined);
    async function* slowly(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode('{"time":"2026-06-01T00:00:00Z","ip":"192.0.2.1"}\n');
      await held;
    }
    const upload = await port().open('POST', `/api/feeds/${feed.id}/batches?file=x.ndjson`, { cookie }, slowly());
    expect(upload.status).toBe(200);
    const ended = await post(path, { reason: 'for the test' }, await hub().as('per_minh'));
    expect([ended.status, ended.text]).toEqual([200, ended.text]);
    expect(await secondsUntilOver(upload)).toBeLessThanOrEqual(5);
  });

  test('a write whose body comes slowly is not done once the sender may not any more', async () => {
    const cookie = await someone('per_slow', ['principal', 'administrator']);
    const gate: { open: () => void } = { open: () => undefined };
    const held = new Promise<void>((resolve) => { gate.open = resolve; });
    async function* slowly(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode('{"name":"Slow Organisation","nameLocal":null,');
      await held;
      yield new TextEncoder().encode('"kind":"vendor","country":"VN"}');
    }
    const asking = port().open('POST', '/api/organisations', { cookie, 'content-type': 'application/json' }, slowly());
    while (hub().composition.leases.count() === 0) await new Promise((resolve) => { setTimeout(resolve, 5); });
    await setPerson('per_slow', { status: 'suspended' });
    hub().world.clock.advance(2_000);
    gate.open();
    expect((await asking).status).toBe(401);
    const lan = await hub().as('per_lan');
    expect((await hub().ask('GET', '/api/organisations', undefined, { cookie: lan })).text).not.toContain('Slow Organisation');
  });
});
