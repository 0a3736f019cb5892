/** Following collections of other servers: every way in which a published server is known to misbehave, over real HTTP. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { asHub } from '#world/db/scope';
import { recallNote } from '#kit/stix/recall';
import type { Outbound } from '#world/http/port';
import { Follower, here, idsOf, us, type Followed } from '../following.ts';
import { collection, type Manners } from '../odd-taxii.ts';

const at: { follower?: Follower } = {};
const f0 = (): Follower => at.follower as Follower;
beforeAll(async () => {
  at.follower = await Follower.open();
}, 60_000);
afterAll(() => at.follower?.close());
afterEach(() => at.follower?.closeServers());
const follow = (manners?: Manners, settings?: Parameters<Follower['follow']>[1]): Promise<Followed> => f0().follow(manners, settings);
const some = (count: number): Record<string, unknown>[] => f0().some(count);

/** Fetches until the end, and once more when more has come: all of it is there, and the last look fetched none of the old. */
async function all(f: Followed, count = 11, step = 1): Promise<Followed & { again: string[] }> {
  const [first, then] = [some(count), some(3)];
  f.server.put(first, us, step);
  await f.run();
  const looked = await f.look();
  expect(looked.fetches[0]).toMatchObject({ state: 'done', accepted: count, trouble: null });
  expect(await f.held()).toEqual(idsOf(first));
  f.server.put(then, us + 1_000_000, step);
  const before = f.server.pages().length;
  await f.run();
  expect(await f.held()).toEqual(idsOf([...first, ...then]));
  expect((await f.look()).fetches[0]).toMatchObject({ state: 'done', accepted: 3, trouble: null });
  return { ...f, again: f.server.pages().slice(before) };
}

describe('a server that keeps to the standard', () => {
  test('is read page by page, each object once, and then asked for what is new', async () => {
    const f = await all(await follow());
    expect(f.again).toHaveLength(1);
    expect(f.again[0]).toContain('added_after=');
    const { following, fetches } = await f.look();
    expect(following).toMatchObject({ objects: 14, quirks: [], failing: null, inProgress: false, running: false });
    expect(fetches[0]).toMatchObject({ pages: 1, objects: 3, duplicate: 0 });
    expect(fetches[1]).toMatchObject({ pages: 3, objects: 11, duplicate: 0, refused: 0 });
    await f.run();
    expect((await f.look()).fetches[0]).toMatchObject({ objects: 0, accepted: 0, pages: 1 });
  });
  test('is given the same filters on every page, together with its next', async () => {
    const f = await follow({ strictNext: true }, { types: ['indicator'] });
    f.server.put(some(10), us, 1);
    f.server.put([{ type: 'identity', spec_version: '2.1', id: 'identity--00000000-0000-4000-8000-0000000f0001', created: '2026-01-01T00:00:00Z',
      modified: '2026-01-01T00:00:00Z', name: 'not wanted' }], us + 5);
    await f.run();
    expect((await f.look()).fetches[0]).toMatchObject({ state: 'done', accepted: 10, trouble: null });
    f.server.put(some(9), us + 100, 1);
    await f.run();
    expect((await f.look()).fetches[0]).toMatchObject({ state: 'done', accepted: 9, duplicate: 0, trouble: null });
    const paged = f.server.pages().filter((p) => p.includes('next='));
    expect(paged.length).toBeGreaterThan(3);
    expect(paged.every((p) => p.includes('match%5Btype%5D=indicator'))).toBe(true);
    expect(paged.slice(-2).every((p) => p.includes('added_after='))).toBe(true);
  });
});

describe('the known pains', () => {
  test.each<[string, Manners, number]>([
    ['equal moments at the borders of pages, without next', { noNext: true }, 0.5],
    ['more without next and without headers', { noNext: true, noHeaders: true }, 1],
    ['no headers at all', { noHeaders: true }, 1],
    ['an added_after that gives that moment too', { inclusive: true, noNext: true }, 1],
    ['an added_after that gives that moment too, with next', { inclusive: true }, 1],
    ['next pages that expire', { nextExpires: true }, 1],
    ['next pages that expire, many at one moment', { nextExpires: true }, 0.25],
    ['a limit larger than the server gives', { cap: 2 }, 1],
    ['a limit larger than the server gives, without next', { cap: 3, noNext: true }, 1],
    ['a limit that is refused', { refusesLimitAbove: 2 }, 1],
    ['objects that come twice across pages', { repeats: true }, 1],
    ['addresses without a slash', { slashless: true }, 1],
    ['another media type than the standard’s', { type: 'text/plain' }, 1],
    ['an Accept that knows no version', { accepts: 'application/taxii+json' }, 1],
    ['an Accept of any JSON', { accepts: 'application/json' }, 1],
    ['errors on large pages', { breaksAbove: 2, breaks: '500' }, 1],
    ['pages that are cut', { breaksAbove: 1, breaks: 'cut' }, 1],
    ['pages that break off', { breaksAbove: 2, breaks: 'off' }, 1],
  ])('%s: all objects come, each is held once', async (_, manners, step) => {
    await all(await follow(manners), 11, step);
  });

  test('a whole page within one moment, without next, is reached beyond by a larger page', async () => {
    const f = await follow({ noNext: true });
    const objects = some(20);
    f.server.put(objects.slice(0, 14), us);
    f.server.put(objects.slice(14), us + 10, 1);
    await f.run();
    expect(await f.held()).toEqual(idsOf(objects));
    expect((await f.look()).following).toMatchObject({ pageSize: 4, quirks: ['no-next'] });
  });
  test('a moment that the server can never give whole is said, and nothing behind it is skipped', async () => {
    const f = await follow({ noNext: true, cap: 4 });
    f.server.put(some(9), us);
    await f.run();
    const { following, fetches } = await f.look();
    expect(fetches[0]).toMatchObject({ state: 'failed', accepted: 4, trouble: { code: 'peer.same-page' } });
    expect(following.after).toBeNull();
  });
  test('an added_after that is ignored is noticed; everything comes again and is known', async () => {
    const f = await follow({ ignoresAfter: true });
    f.server.put(some(9), us, 1);
    await f.run();
    await f.run();
    const { following, fetches } = await f.look();
    expect(fetches[0]).toMatchObject({ state: 'done', accepted: 0, duplicate: 9 });
    expect(following.quirks).toContain('added-after-ignored');
    const bad = await follow({ ignoresAfter: true, noNext: true });
    await all(bad);
  });
  test('a server that gives the same page for ever is left', async () => {
    const f = await follow({ endless: true });
    f.server.put(some(9), us, 1);
    await f.run();
    expect((await f.look()).fetches[0]).toMatchObject({ state: 'failed', accepted: 4, trouble: { code: 'peer.same-page' } });
    expect(f.server.pages().length).toBeLessThan(5);
  });
  test('a server that never answers large pages is asked for small ones', async () => {
    const f = await follow({ breaksAbove: 1, breaks: 'silent' }, { pageSize: 2 });
    f.server.put(some(3), us, 1);
    // A minute is too long for a test.
    const hasty: Outbound = { ...here, ask: (request) => here.ask({ ...request, patienceMs: 300 }) };
    await f.run({ outbound: hasty });
    expect((await f.look()).fetches[0]).toMatchObject({ state: 'done', accepted: 3 });
  });
  test('size grows again slowly once pages come well', async () => {
    const f = await follow({ breaksAbove: 3, breaks: '500' }, { pageSize: 8 });
    f.server.put(some(30), us, 1);
    await f.run();
    expect((await f.look()).following).toMatchObject({ pageSize: 2, quirks: ['smaller-pages'], objects: 30 });
    delete f.server.manners.breaksAbove;
    f.server.put(some(40), us + 1000, 1);
    await f.run();
    expect((await f.look()).following).toMatchObject({ pageSize: 8, objects: 70 });
  });
  test('who asks for time is given it, and that is no failure', async () => {
    const f = await follow({ busy: { times: 1, retryAfter: '120' } });
    f.server.put(some(2), us);
    await f.run();
    const { following, fetches } = await f.look();
    expect(fetches[0]).toMatchObject({ state: 'waiting', trouble: { code: 'peer.busy' } });
    expect(following.failing).toBeNull();
    expect(Date.parse(following.nextAt ?? '') - f0().hub.world.clock.now()).toBe(120_000);
    await f.run();
    expect((await f.look()).fetches[0]).toMatchObject({ state: 'done', accepted: 2 });
  });
  test('one bad object stops no other; it is set aside with its place', async () => {
    const f = await follow();
    const good = some(3);
    f.server.put(good, us, 1);
    f.server.held.splice(1, 0, { id: 'x', us, body: '{"type":"indicator","id":"no id at all"}' });
    f.server.held.splice(2, 0, { id: 'y', us, body: '{"type":"indicator","type":"twice"}' });
    await f.run();
    const { following, fetches, aside } = await f.look();
    expect(await f.held()).toEqual(idsOf(good));
    expect(fetches[0]).toMatchObject({ state: 'done', accepted: 3, refused: 2 });
    expect(following.refused).toBe(2);
    expect(aside.map((a) => a.place.replace(/of \S+,/, ','))).toEqual(expect.arrayContaining([
      expect.stringMatching(/^page 1 , object 2, byte \d+/), expect.stringMatching(/^page 1 , object 3, byte \d+/)]));
  });
  test('a server’s clock that is set back hides nothing', async () => {
    const f = await follow({ clock: 0 });
    const first = some(3);
    f.server.put(first, Date.now() * 1000, 1);
    await f.run();
    f0().hub.world.clock.advance(600_000);
    f.server.manners.clock = -3 * 3_600_000;
    const late = some(2);
    f.server.put(late, (Date.now() - 3 * 3_600_000) * 1000 - 60_000_000, 1);
    await f.run();
    expect(await f.held()).toEqual(idsOf([...first, ...late]));
    const { following } = await f.look();
    expect(following.quirks).toEqual(['clock-set-back']);
  });
  test('the credential goes to no other host', async () => {
    const other = await f0().serve();
    other.put(some(2), us);
    const f = await follow({ redirect: new URL(other.url).origin });
    await f.run();
    expect((await f.look()).fetches[0]).toMatchObject({ state: 'failed', accepted: 0, trouble: { code: 'peer.elsewhere' } });
    expect(other.asked.filter((a) => a.authorization !== undefined)).toEqual([]);
    expect(f.server.asked.every((a) => a.authorization !== undefined)).toBe(true);
    const added = await f0().call('POST', `/api/peers/${f.peer}/followings`, { root: new URL('/root/', other.url).href, collection, title: 'Other' });
    expect(added.json<{ code: string }>().code).toBe('peer.elsewhere');
  });
  test('what is called back leaves, and only what this server brought', async () => {
    const [f, other] = [await follow(), await follow()];
    const [one, two, theirs] = some(3) as [Record<string, unknown>, Record<string, unknown>, Record<string, unknown>];
    f.server.put([one, two], us);
    other.server.put([theirs], us);
    await f.run();
    await other.run();
    const note = recallNote({
      id: 'rec_of_theirs', objects: [String(one['id']), String(theirs['id'])], reason: 'It names a person.', recalledAt: '2026-06-14T00:00:00.000Z',
      acknowledgeBy: '2026-06-20T00:00:00.000Z',
    }, 'green');
    f.server.put([note], us + 10);
    const seen = async (object: Record<string, unknown>): Promise<number> => (await f0().call('GET', `/api/threats/${String(object['id'])}`)).status;
    expect([await seen(one), await seen(two), await seen(theirs)]).toEqual([200, 200, 200]);
    await f.run();
    expect([await seen(one), await seen(two), await seen(theirs)]).toEqual([404, 200, 200]);
    await f0().call('POST', `/api/followings/${f.id}/change`, { act: 'begin-anew' });
    await f.run();
    expect((await f.look()).fetches[0]).toMatchObject({ state: 'done' });
    expect([await seen(one), await seen(two), await seen(theirs)]).toEqual([404, 200, 200]);
  });
  test('a collection that goes away fails once on the record, and comes back once', async () => {
    const f = await follow();
    f.server.put(some(2), us);
    await f.run();
    interface Outbox { facts_outbox: { class: string; fact: { subject: string } } }
    const facts = (): Promise<string[]> => asHub('the test', async () => (await f0().hub.world.db.as<Outbox>()
      .selectFrom('facts_outbox').select(['class', 'fact']).execute()).filter((r) => r.fact.subject === f.peer).map((r) => r.class));
    for (const gone of [404, 403, 403] as const) {
      f.server.manners.gone = gone;
      await f.run();
      expect((await f.look()).fetches[0]).toMatchObject({ state: 'failed', trouble: { code: gone === 404 ? 'peer.gone' : 'peer.not-readable' } });
    }
    expect((await f.look()).following.failing).toMatchObject({ times: 3 });
    delete f.server.manners.gone;
    await f.run();
    expect((await f.look()).following.failing).toBeNull();
    const said = await facts();
    expect(said.filter((c) => c === 'peer.failed' || c === 'peer.recovered')).toEqual(['peer.failed', 'peer.recovered']);
    expect(said.filter((c) => c === 'peer.fetched')).toHaveLength(1);
  });
});
