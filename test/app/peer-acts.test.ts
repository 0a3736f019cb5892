/** Peers as people add and change them; what is sent; and crashes between what was taken in and what was written. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { asHub } from '#world/db/scope';
import { peerRunnerOver } from '#modules/peers/index';
import { round } from '../../src/app/chores.ts';
import { Follower, here, idsOf, us } from '../following.ts';
import { collection } from '../odd-taxii.ts';

const at: { follower?: Follower } = {};
const f0 = (): Follower => at.follower as Follower;
beforeAll(async () => {
  at.follower = await Follower.open();
}, 60_000);
afterAll(() => at.follower?.close());
afterEach(() => at.follower?.closeServers());

class Crash extends Error {}

describe('a crash', () => {
  test('between every two pages, after the page was taken in and before that was written: nothing is skipped, nothing is held twice', async () => {
    const f = await f0().follow({}, { pageSize: 3 });
    const objects = f0().some(20);
    f.server.put(objects, us, 1);
    // Each life takes one page in and dies before it writes so.
    let lives = 0;
    for (let done = false; !done && lives < 40; lives++) {
      let pages = 0;
      const runner = peerRunnerOver({ ...f0().hub.world, trace: { ...f0().hub.world.trace, error: () => undefined }, outbound: here }, {
        afterDelivery: async () => {
          if (++pages > 1 || lives % 2 === 0) throw new Crash('here');
        },
      });
      f0().hub.world.clock.advance(400_000);
      expect(await runner.begin(f.id, 'per_lan')).not.toBeNull();
      await asHub('the test', () => runner.idle());
      done = (await f.look()).fetches[0]?.state === 'done';
      if (f.server.held.length > 0 && lives === 30) break;
    }
    await f.run();
    expect(await f.held()).toEqual(idsOf(objects));
    const versions = await asHub('the test', async () => (await f0().hub.world.db.as<{ exchange_version: { source: string } }>()
      .selectFrom('exchange_version').select('source').where('source', '=', f.source).execute()).length);
    expect(versions).toBe(20);
    const { fetches } = await f.look();
    expect(fetches.reduce((n, r) => n + r.accepted, 0)).toBeLessThanOrEqual(20);
    expect(lives).toBeGreaterThan(6);
  });
  test('of a whole hub: its lease runs out, the run is closed as broken off, and the next goes on from the page that was written', async () => {
    const f = await f0().follow({}, { pageSize: 3 });
    f.server.put(f0().some(10), us, 1);
    const stopped = new Promise<void>(() => undefined);
    const dead = { pages: 0 };
    const runner = peerRunnerOver({ ...f0().hub.world, outbound: here }, {
      // From the third page on this hub is no more.
      afterDelivery: () => (++dead.pages > 2 ? stopped : Promise.resolve()),
    });
    await runner.begin(f.id, 'per_lan');
    await expect.poll(() => dead.pages).toBe(3);
    const other = peerRunnerOver({ ...f0().hub.world, outbound: here });
    expect(await other.begin(f.id, 'per_lan')).toBeNull();
    f0().hub.world.clock.advance(200_000);
    const before = f.server.pages().length;
    expect(await other.begin(f.id, 'per_lan')).not.toBeNull();
    await asHub('the test', () => other.idle());
    const { fetches } = await f.look();
    expect(fetches[0]).toMatchObject({ state: 'done', accepted: 1, duplicate: 3 });
    expect(fetches[1]).toMatchObject({ state: 'failed', trouble: { code: 'peer.broke-off' }, pages: 2, accepted: 6 });
    expect(f.server.pages().slice(before)[0]).toContain('next=');
    expect(await f.held()).toHaveLength(10);
  });
});

describe('what people do', () => {
  test('a look shows roots and collections, says what a wrong credential is, and keeps nothing', async () => {
    const server = await f0().serve();
    const ask = { url: server.url, auth: { scheme: 'basic', user: 'us' } };
    const found = await f0().call('POST', '/api/peers/look', { ...ask, secret: 'a-long-enough-secret' });
    expect(found.json()).toMatchObject({
      title: 'Odd', roots: [{ trouble: null, title: 'Root', collections: [{ id: collection, canRead: true, canWrite: true }] }, { trouble: 'peer.elsewhere' }],
    });
    const wrong = await f0().call('POST', '/api/peers/look', { ...ask, secret: 'not-this-one' });
    expect([wrong.status, wrong.json<{ code: string }>().code]).toEqual([422, 'peer.credential']);
    const direct = await f0().call('POST', '/api/peers/look', { ...ask, url: new URL('/root/', server.url).href, secret: 'a-long-enough-secret' });
    expect(direct.json()).toMatchObject({ title: 'Root', roots: [{ collections: [{ id: collection }] }] });
    const origin = await f0().call('POST', '/api/peers/look', { ...ask, url: new URL('/', server.url).href, secret: 'a-long-enough-secret' });
    expect(origin.json()).toMatchObject({ title: 'Odd' });
    expect((await f0().call('GET', '/api/peers')).text).not.toContain(server.url);
  });
  test('the secret is told to nobody, stays while the place stays, and is asked for anew where it would go elsewhere', async () => {
    const f = await f0().follow();
    const shown = await f0().call('GET', `/api/peers/${f.peer}`);
    expect(shown.text).not.toContain('a-long-enough-secret');
    expect(shown.json()).toMatchObject({ peer: { lastFour: 'cret' } });
    const { peer: { title, url, auth, unmarked, everyMinutes } } = shown.json<{ peer: Record<string, unknown> }>();
    const change = { title, auth, unmarked, everyMinutes, pageSize: 5 };
    const same = await f0().call('PUT', `/api/peers/${f.peer}`, { ...change, url });
    expect([same.status, same.text]).toEqual([200, same.text]);
    f.server.put(f0().some(1), us);
    await f.run();
    expect((await f.look()).fetches[0]).toMatchObject({ state: 'done', accepted: 1 });
    const moved = await f0().call('PUT', `/api/peers/${f.peer}`, { ...change, url: 'https://other.example/taxii2/' });
    expect([moved.status, moved.json<{ code: string }>().code]).toEqual([400, 'peer.no-secret']);
    const { rows } = await asHub('the test', async () => ({ rows: await f0().hub.world.db.as<{ peers_peer: { sealed: string | null } }>()
      .selectFrom('peers_peer').select('sealed').execute() }));
    expect(JSON.stringify(rows)).not.toContain('a-long-enough-secret');
  });
  test('the hub’s own round fetches what is due, and what is paused or ended is left alone', async () => {
    const f = await f0().follow();
    f.server.put(f0().some(2), us);
    const beat = async (): Promise<void> => {
      await round(f0().hub.world, f0().hub.composition);
      await asHub('the test', () => f0().hub.composition.peerRunner.idle());
    };
    await beat();
    expect((await f.look()).fetches).toHaveLength(1);
    expect((await f.look()).fetches[0]).toMatchObject({ state: 'done', by: null, accepted: 2 });
    await beat();
    expect((await f.look()).fetches).toHaveLength(1);
    f0().hub.world.clock.advance(3_600_000);
    await f0().call('POST', `/api/followings/${f.id}/change`, { act: 'pause' });
    await beat();
    expect((await f.look()).fetches).toHaveLength(1);
    await f0().call('POST', `/api/followings/${f.id}/change`, { act: 'begin-anew' });
    await f0().call('POST', `/api/followings/${f.id}/change`, { act: 'go-on' });
    await beat();
    expect((await f.look()).fetches[0]).toMatchObject({ accepted: 0, duplicate: 2 });
    expect((await f0().call('POST', `/api/peers/${f.peer}/end`, {})).status).toBe(200);
    expect((await f0().call('POST', `/api/followings/${f.id}/fetch`, {})).status).toBe(404);
  });
  test('two bodies of one version: the first stays; a peer never brings new versions of what another brought', async () => {
    const [one, two] = [await f0().follow(), await f0().follow()];
    const [object] = f0().some(1) as [Record<string, unknown>];
    one.server.put([object], us);
    await one.run();
    two.server.put([{ ...object, modified: '2026-02-01T00:00:00.000Z', name: 'taken over' }], us);
    await two.run();
    expect((await two.look()).fetches[0]).toMatchObject({ accepted: 0, quarantined: 1 });
    one.server.put([{ ...object, modified: '2026-03-01T00:00:00.000Z', name: 'by itself' }], us + 5);
    await one.run();
    expect((await one.look()).fetches[0]).toMatchObject({ accepted: 1 });
  });
});

describe('sending', () => {
  test('only what is shared under the agreement is sent, each version once; what the other side refuses is told', async () => {
    const bad = await f0().call('POST', '/api/peers', {
      title: 'None', url: 'https://one.example/', auth: { scheme: 'none' }, unmarked: 'GREEN', everyMinutes: 60,
    });
    const opened = await f0().call('POST', '/api/collections', { agreement: 'agr_kestrel', ceiling: 'GREEN', title: 'For Kestrel' });
    const { id: own } = opened.json<{ collection: { id: string } }>().collection;
    const refused = await f0().call('POST', `/api/peers/${bad.json<{ peer: { id: string } }>().peer.id}/followings`,
      { direction: 'out', own, root: 'https://one.example/root/', collection, title: 'x' });
    expect(refused.json<{ code: string }>().code).toBe('peer.not-agreed');

    const mine = f0().some(10);
    const take = async (objects: readonly object[]): Promise<void> => {
      const answer = await f0().hub.ask('POST', '/api/threats/imports?source=own', objects.map((o) => JSON.stringify(o)).join('\n'), { cookie: f0().lan });
      expect(answer.text).toContain('"phase":"done"');
    };
    await take(mine);
    const f = await f0().follow({ pendingLooks: 1, rejects: String(mine[3]?.['id']) }, { agreement: 'agr_kestrel', out: own });
    await f.run();
    expect(f.server.held.map((h) => h.id).sort()).toEqual(idsOf(mine.filter((_, i) => i !== 3)));
    expect((await f.look()).fetches[0]).toMatchObject({ state: 'done', pages: 3, objects: 10 });
    await take([{ ...mine[0], modified: '2026-05-01T00:00:00.000Z', name: 'newer' }]);
    await f.run();
    expect(f.server.held).toHaveLength(10);
    const { aside, fetches } = await f.look();
    expect(aside).toMatchObject([{ stixId: mine[3]?.['id'], text: 'Not wanted here.' }]);
    expect(fetches[0]).toMatchObject({ state: 'done', objects: 1 });
    const posts = f.server.asked.filter((a) => a.method === 'POST').length;
    await f.run();
    expect(f.server.asked.filter((a) => a.method === 'POST')).toHaveLength(posts);
    await f0().call('POST', `/api/collections/${own}/close`, { reason: 'It is over.' });
    await f.run();
    expect((await f.look()).fetches[0]).toMatchObject({ state: 'failed', trouble: { code: 'peer.not-agreed' } });
  });
});

// Last: sessions end meanwhile.
test('what a fetch came to is kept for ninety days', async () => {
  const f = await f0().follow();
  await f.run();
  for (const [days, left] of [[89, 2], [2, 2]] as const) {
    f0().hub.world.clock.advance(days * 86_400_000);
    await f0().signIn();
    await f.run();
    expect((await f.look()).fetches).toHaveLength(left);
  }
});
