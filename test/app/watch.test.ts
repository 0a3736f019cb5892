/**
 * F19: the same file for all, or an alarm that names file, country and place. Real signatures, the injected clock, the chore’s own rounds;
 * forged, replayed, skewed and hostile words are refused.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asHub } from '#world/db/scope';
import { served200, served404, testObserver, type Release, type TestObserver } from '../../src/kit/watch/staged.ts';
import { testHub, type Answer, type TestHub } from '../hub.ts';

const state: { hub?: TestHub; cookies: Record<string, string>; product: string } = { cookies: {}, product: '' };
const hub = (): TestHub => state.hub as TestHub;
const ask = (who: string, method: string, path: string, body?: unknown): Promise<Answer> => hub().ask(method, path, body,
  { cookie: state.cookies[who] ?? '' });

const url = 'https://updates.kestrel.example/stable.json';
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const content = new Uint8Array(20_000).fill(7);
const other = content.slice();
other[9_000] = 8;
const release = (more: Partial<Release> = {}): Release =>
  ({ serial: 7, version: '7.0', at: '2026-06-01T00:00:00Z', files: { shield: { listed: content } }, ...more });
const same = served200(release());

interface Alarm { id: string; kind: string; name: string; version: string | null; places: string[]; rest: string[]; region: { from: number; to: number } | null;
  state: string; overAt: string | null; detail: string | null; times: number }
interface Taken { number: number; alarms: string[]; wanted: { alarm: string; sha256: string; from: number; to: number }[] }

/** A channel of its own for each test, with these observers. */
async function channel(name: string, more: object = {}): Promise<string> {
  const made = await ask('moser', 'POST', `/api/products/${state.product}/update-channels`, { name, url, ...more });
  expect(made.status, made.text).toBe(201);
  return made.json<{ channel: { id: string } }>().channel.id;
}
const numbers = new Map<string, number>();
const seeds = { next: 1 };
async function observer(who: string, country: string, network: string | null = null): Promise<TestObserver & { id: string; who: string }> {
  const seed = seeds.next++;
  const made = testObserver(`${country.toLowerCase()}-${seed}`);
  const answer = await ask(who, 'POST', '/api/observers', { name: `Observer ${seed}`, country, network, keyid: made.keyid, publicKey: made.publicKey });
  expect(answer.status, answer.text).toBe(201);
  return { ...made, id: answer.json<{ observer: { id: string } }>().observer.id, who };
}
type Seen = Awaited<ReturnType<typeof observer>>;
interface More { at?: string; sent?: string; number?: number; who?: string; withView?: boolean }
async function look(by: Seen, of: string, view: string, more: More = {}): Promise<Answer> {
  const key = `${by.keyid} ${of}`;
  const number = more.number ?? (numbers.get(key) ?? 0) + 1;
  numbers.set(key, Math.max(number, numbers.get(key) ?? 0));
  const envelope = await by.look({ channel: of, number, at: more.at ?? hub().world.clock.iso(), url, view });
  return ask(more.who ?? by.who, 'POST', `/api/update-channels/${of}/observations`, {
    envelope, ...more.withView === false ? {} : { view }, sent: more.sent ?? hub().world.clock.iso(),
  });
}
const alarmsOn = async (of: string): Promise<Alarm[]> => (await ask('son', 'GET', `/api/channel-alarms?channel=${of}`)).json<{ items: Alarm[] }>().items;
const minute = async (n = 1): Promise<void> => {
  for (let i = 0; i < n; i++) {
    hub().world.clock.advance(60_000);
    await asHub('the clock', () => hub().composition.watching());
  }
};

beforeAll(async () => {
  state.hub = await testHub();
  for (const who of ['moser', 'son', 'sato', 'lan', 'rivera']) state.cookies[who] = await hub().as(`per_${who}`);
  const made = await ask('moser', 'POST', '/api/products', { name: 'Kestrel Shield', open: true });
  state.product = made.json<{ product: { id: string } }>().product.id;
}, 60_000);
afterAll(() => state.hub?.close());

describe('a split view', () => {
  test('for one country is named within five minutes, with file and place, and keeps what both sides signed', async () => {
    const of = await channel('split');
    const [de, fr, vn] = [await observer('son', 'DE'), await observer('son', 'FR'), await observer('son', 'VN')];
    for (const by of [de, fr, vn]) expect((await look(by, of, same)).json<Taken>().alarms).toEqual([]);
    await minute();
    const began = hub().world.clock.now();
    for (const by of [de, fr]) expect((await look(by, of, same, { withView: false })).status).toBe(201);
    const taken = (await look(vn, of, served200(release({ files: { shield: { listed: content, served: other } } })))).json<Taken>();
    const split = (await alarmsOn(of)).find((a) => a.kind === 'split');
    expect(hub().world.clock.now() - began).toBeLessThan(5 * 60_000);
    expect(split).toMatchObject({ name: 'shield', version: '7.0', places: ['VN'], rest: ['DE', 'FR'], region: { from: 8_192, to: 12_288 }, state: 'open' });
    expect(taken.alarms).toContain(split?.id);
    // Beside it: it is another content than the same observer was served before, and another than the manifest lists.
    expect((await alarmsOn(of)).map((a) => a.kind).sort()).toEqual(['replaced', 'split', 'unlike-listed']);

    const wanted = taken.wanted.filter((w) => w.alarm === split?.id);
    expect(wanted.map((w) => [w.from, w.to])).toEqual([[8_192, 12_288], [8_192, 12_288]]);
    const hand = (sha256: string | undefined, piece: Uint8Array): Promise<Answer> => ask('son', 'POST', `/api/channel-alarms/${split?.id}/excerpts`, {
      sha256, from: 8_192, bytes: Buffer.from(piece).toString('base64'),
    });
    const sides = await ask('son', 'GET', `/api/channel-alarms/${split?.id}`);
    const { evidence } = sides.json<{ evidence: { side: string; place: string; envelopes: string[]; publicKey: string }[] }>();
    expect(evidence.map((e) => [e.side, e.place])).toEqual([['odd', 'VN'], ['rest', 'DE'], ['rest', 'FR']]);
    expect(evidence.every((e) => e.envelopes.every((x) => JSON.parse(x).payloadType.includes('observation')))).toBe(true);
    expect((await hand(wanted[0]?.sha256, bytes('something else'))).text).toContain('channel-alarm.other-bytes');
    for (const piece of [content, other].map((c) => c.subarray(8_192, 12_288))) {
      for (const w of wanted) await hand(w.sha256, piece);
    }
    interface Bytes { differsAt: number; wanted: unknown[]; excerpts: { hex: string; from: number }[] }
    const shown = (await ask('son', 'GET', `/api/channel-alarms/${split?.id}`)).json<Bytes>();
    expect(shown).toMatchObject({ differsAt: 9_000, wanted: [] });
    expect(shown.excerpts.map((e) => e.hex.slice((9_000 - e.from) * 2, (9_000 - e.from) * 2 + 2)).sort()).toEqual(['07', '08']);
  });

  test('goes on as one alarm, is over once everybody is served the same, and is closed by whoever observed, never by the steward', async () => {
    const of = await channel('life');
    const [de, fr, vn] = [await observer('son', 'DE'), await observer('son', 'FR'), await observer('lan', 'VN')];
    const served = served200(release({ files: { shield: { listed: other } } }));
    for (const [by, view] of [[de, same], [fr, same], [vn, served]] as const) await look(by, of, view);
    for (let i = 0; i < 5; i++) {
      await minute();
      for (const [by, view] of [[de, same], [fr, same], [vn, served]] as const) expect((await look(by, of, view)).json<Taken>().alarms).toEqual([]);
    }
    const [alarm] = (await alarmsOn(of)).filter((a) => a.kind === 'split');
    expect(alarm).toMatchObject({ places: ['VN'], overAt: null });
    const path = `/api/channel-alarms/${alarm?.id}`;
    expect((await ask('son', 'POST', `${path}/close`, { text: 'We know.' })).text).toContain('channel-alarm.goes-on');
    expect((await ask('son', 'POST', `${path}/explanations`, { text: 'Not ours to say.' })).status).toBe(403);
    const said = await ask('moser', 'POST', `${path}/explanations`, { text: 'A mirror served an old build.' });
    expect(said.json<{ alarm: Alarm }>().alarm.state).toBe('explained');
    await look(vn, of, same);
    expect((await alarmsOn(of)).find((a) => a.id === alarm?.id)?.overAt).not.toBeNull();
    expect((await ask('moser', 'POST', `${path}/close`, { text: 'Done.' })).status).toBe(403);
    expect((await ask('lan', 'POST', `${path}/close`, { text: 'Seen to be the same again.' })).json<{ alarm: Alarm }>().alarm.state).toBe('closed');
    expect((await ask('lan', 'POST', `${path}/close`, { text: 'Again.' })).status).toBe(409);
    const view = (await ask('sato', 'GET', path)).json<{ words: { kind: string; org: string | null }[]; alarm: Alarm }>();
    expect(view.words.map((w) => w.kind)).toEqual(['explained', 'closed']);
  });

  test('that only an update in spreading would make is none, unless both go on longer than the channel settles', async () => {
    const of = await channel('spreading', { settleMinutes: 3 });
    const [de, vn] = [await observer('son', 'DE'), await observer('son', 'VN')];
    const next = served200(release({ serial: 8, version: '8.0', at: '2026-06-10T00:00:00Z', files: { shield: { listed: bytes('eight') } } }));
    for (const by of [de, vn]) await look(by, of, same);
    await minute();
    await look(de, of, next);
    await minute(2);
    await look(vn, of, next);
    expect(await alarmsOn(of)).toEqual([]);
    const after = served200(release({ serial: 9, version: '9.0', at: '2026-06-11T00:00:00Z', files: { shield: { listed: bytes('nine') } } }));
    for (let i = 0; i < 5; i++) {
      await minute();
      for (const [by, view] of [[de, after], [vn, next]] as const) await look(by, of, view);
    }
    expect((await alarmsOn(of)).map((a) => [a.kind, a.detail])).toEqual([['split', 'at-the-same-time']]);
  });

  test('is not raised by equal looks (10,000 in the full check)', async () => {
    const of = await channel('equal');
    const all = await Promise.all(['DE', 'FR', 'VN', 'JP'].map((country) => observer('son', country)));
    const [began, rounds] = [hub().world.clock.now(), process.env['FULL'] === 'yes' ? 2_500 : 20];
    for (let i = 0; i < rounds; i++) {
      // The full check takes most of a day of the clock: nobody stays signed in for so long.
      if (i % 250 === 249) state.cookies['son'] = await hub().as('per_son');
      for (const by of all) expect((await look(by, of, same, { withView: i === 0 })).status).toBe(201);
      hub().world.clock.advance(30_000);
      if (i % 15 === 0) await minute();
    }
    expect(hub().world.clock.now()).toBeGreaterThan(began);
    expect(await alarmsOn(of)).toEqual([]);
    const { sights } = (await ask('son', 'GET', `/api/update-channels/${of}`)).json<{ sights: { looks: number; asMost: boolean }[] }>();
    expect(sights.map((s) => [s.looks, s.asMost])).toEqual(all.map(() => [rounds, true]));
  }, 3_600_000);
});

describe('what a channel does', () => {
  test('going back, taking back, and falling away are told', async () => {
    const of = await channel('changes');
    const de = await observer('son', 'DE');
    const next = release({ serial: 8, version: '8.0', at: '2026-06-10T00:00:00Z', files: { shield: { listed: bytes('eight') } } });
    const tell = async (view: string): Promise<string[]> => {
      await minute();
      const { alarms } = (await look(de, of, view)).json<Taken>();
      return (await alarmsOn(of)).filter((a) => alarms.includes(a.id)).map((a) => `${a.kind} ${a.name} ${a.version} ${a.detail}`);
    };
    expect(await tell(same)).toEqual([]);
    expect(await tell(served200(next))).toEqual([]);
    expect(await tell(same)).toEqual(['rolled-back manifest 8.0 7.0']);
    expect(await tell(served200({ ...next, withdrawn: [{ name: 'shield', version: '7.0',
      why: 'Stops the machine.' }] }))).toEqual(['withdrawn shield 7.0 said']);
    expect(await tell(served200({ ...next, serial: 9, files: { shield: { listed: bytes('eight'),
      served: null } } }))).toEqual(['withdrawn shield 8.0 not-served']);
    expect(await tell(served404())).toEqual(['withdrawn manifest null gone']);
    // An answer that fails in between hides no way back.
    const newer = { ...next, serial: 12, version: '12.0', files: { shield: { listed: bytes('twelve') } } };
    expect(await tell(served200(newer))).toEqual([]);
    expect(await tell(served404())).toEqual([]);
    expect(await tell(served200({ ...newer, serial: 11 }))).toEqual(['rolled-back manifest 12.0 #12 12.0 #11']);
  });

  test('silence is told for each place and is over with the next look; a manifest past its hour too', async () => {
    const of = await channel('silence', { silentMinutes: 3 });
    const [de, vn] = [await observer('son', 'DE'), await observer('son', 'VN', 'AS7552')];
    const ends = new Date(hub().world.clock.now() + 90_000).toISOString();
    const view = served200(release({ expires: ends }));
    for (const by of [de, vn]) await look(by, of, view);
    await minute();
    await look(de, of, view);
    expect(await alarmsOn(of)).toEqual([]);
    await minute();
    expect((await alarmsOn(of)).map((a) => [a.kind, a.detail])).toEqual([['stale', ends]]);
    await minute(2);
    expect((await alarmsOn(of)).filter((a) => a.kind === 'silent').map((a) => a.places)).toEqual([['VN AS7552']]);
    await look(vn, of, view);
    const after = await alarmsOn(of);
    expect(after.find((a) => a.kind === 'silent')?.overAt).not.toBeNull();
    expect(after.find((a) => a.kind === 'stale')?.overAt).toBeNull();
  });
});

describe('an observation', () => {
  test('by a forged, a strange or an ended key, of another channel or address, or replayed, is refused', async () => {
    const [of, elsewhere] = [await channel('refused'), await channel('elsewhere')];
    const de = await observer('son', 'DE');
    const forger = { ...testObserver(de.keyid, 'a forger'), id: de.id, who: 'son' };
    expect((await look(forger, of, same)).json()).toMatchObject({ code: 'observation.not-signed' });
    const unregistered = { ...testObserver('nobody'), id: '', who: 'son' };
    expect((await look(unregistered, of, same)).json()).toMatchObject({ code: 'observation.unknown-observer' });
    expect((await look(de, of, same, { number: 5 })).status).toBe(201);
    expect((await look(de, of, same, { number: 5 })).json()).toMatchObject({ code: 'observation.replayed' });
    expect((await look(de, of, same, { number: 4 })).json()).toMatchObject({ code: 'observation.replayed' });
    const envelope = await de.look({ channel: of, number: 6, at: hub().world.clock.iso(), url, view: same });
    const send = (to: string, body: object): Promise<Answer> => ask('son', 'POST', `/api/update-channels/${to}/observations`,
      { sent: hub().world.clock.iso(), ...body });
    expect((await send(elsewhere, { envelope, view: same })).json()).toMatchObject({ code: 'observation.other-channel' });
    expect((await send(of, { envelope, view: `${same} ` })).json()).toMatchObject({ code: 'observation.other-view' });
    const lost = await de.look({ channel: elsewhere, number: 1, at: hub().world.clock.iso(), url, view: same });
    expect((await send(elsewhere, { envelope: lost })).json()).toMatchObject({ code: 'observation.view-wanted' });
    const moved = await de.look({ channel: of, number: 6, at: hub().world.clock.iso(), url: `${url}?vn`, view: same });
    expect((await send(of, { envelope: moved, view: same })).json()).toMatchObject({ code: 'observation.other-address' });
    await ask('son', 'POST', `/api/observers/${de.id}/end`, {});
    expect((await look(de, of, same)).json()).toMatchObject({ code: 'observation.unknown-observer' });
  });

  test('by a clock that is wrong is refused, and the register says by how much', async () => {
    const of = await channel('clocks');
    const de = await observer('son', 'DE');
    const now = hub().world.clock.now();
    const at = (ms: number): string => new Date(now + ms).toISOString();
    expect((await look(de, of, same, { sent: at(300_000), at: at(300_000) })).json()).toMatchObject({ code: 'observer.clock-wrong' });
    const { items } = (await ask('son', 'GET', '/api/observers')).json<{ items: { id: string; clock: string; skewMs: number }[] }>();
    expect(items.find((o) => o.id === de.id)).toMatchObject({ clock: 'ahead', skewMs: 300_000 });
    expect((await look(de, of, same, { at: at(120_000) })).json()).toMatchObject({ code: 'observation.of-the-future' });
    // Written down offline, handed in later: taken, and marked.
    expect((await look(de, of, same, { at: at(-3_600_000) })).status).toBe(201);
    const { sights } = (await ask('son', 'GET', `/api/update-channels/${of}`)).json<{ sights: { late: boolean }[] }>();
    expect(sights.map((s) => s.late)).toEqual([true]);
    expect((await look(de, of, same, { at: at(-7_200_000) })).json()).toMatchObject({ code: 'observation.out-of-order' });
  });

  test('of what is too large, or no view, is refused with the place; and a channel that ended takes nothing', async () => {
    const of = await channel('hostile');
    const de = await observer('son', 'DE');
    expect((await look(de, of, 'x'.repeat(1_050_000))).json()).toMatchObject({ code: 'observation.view-form' });
    expect((await look(de, of, '{"v":2}')).json<{ code: string; hint: string }>()).toMatchObject({ code: 'observation.view-form' });
    expect((await look(de, of, 'x'.repeat(1_200_000))).status).toBe(400);
    expect((await ask('son', 'POST', `/api/update-channels/${of}/end`, { reason: 'x' })).status).toBe(403);
    expect((await ask('moser', 'POST', `/api/update-channels/${of}/end`, { reason: 'Replaced.' })).status).toBe(200);
    expect((await look(de, of, same)).json()).toMatchObject({ code: 'update-channel.ended' });
  });

  test('of a product that one may not know of is as of what never was', async () => {
    const hidden = (await ask('sato', 'POST', '/api/products', { name: 'Meridian OS' })).json<{ product: { id: string } }>().product.id;
    const theirs = (await ask('sato', 'POST', `/api/products/${hidden}/update-channels`, { name: 'stable',
      url })).json<{ channel: { id: string } }>().channel.id;
    const [known, never] = [await ask('moser', 'GET', `/api/update-channels/${theirs}`), await ask('moser', 'GET', '/api/update-channels/chn_neverwas')];
    expect([known.status, known.json<{ code: string }>().code]).toEqual([404, never.json<{ code: string }>().code]);
    expect((await ask('moser', 'GET', '/api/update-channels')).text).not.toContain(theirs);
  });
});
