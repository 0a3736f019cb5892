/** Parcels between two hubs that no network joins: packed on one, carried, taken in on the other, and a receipt back. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertOrganisation } from '../../src/modules/parties/store.ts';
import { asHub } from '#world/db/scope';
import { takeIn } from '../../src/modules/peers/parcels/taking.ts';
import { indicator } from '../../src/modules/exchange/testing.ts';
import { demoPosture, origin, testHub, type Answer, type TestHub } from '../hub.ts';

interface Side { readonly hub: TestHub; readonly cookie: string; vkey: string; site: string }
const at: { out?: Side; inside?: Side; own: string; other: string } = { own: '', other: '' };
const out = (): Side => at.out as Side;
const inside = (): Side => at.inside as Side;
const files: Uint8Array[] = [];

const call = (side: Side, method: string, path: string, body?: unknown): Promise<Answer> => side.hub.ask(method, path, body, { cookie: side.cookie });

async function pin(side: Side, other: Side, ceiling: string, agreement: string | null, second: string): Promise<string> {
  const input = { title: `Site ${other.vkey.slice(0, 20)}`, vkey: other.vkey, ceiling, agreement };
  const asked = await call(side, 'POST', '/api/approvals', { operation: 'sites.pin', input, reason: 'We compared the key by telephone' });
  expect([asked.status, asked.text]).toEqual([201, asked.text]);
  const { id, inputSha256 } = asked.json<{ id: string; inputSha256: string }>();
  const alone = await side.hub.ask('POST', '/api/sites', input, { cookie: side.cookie });
  expect(alone.json<{ code: string }>().code).toBe('approval.required');
  const agreed = await side.hub.ask('POST', `/api/approvals/${id}/approve`, { inputSha256 }, { cookie: second });
  expect([agreed.status, agreed.text]).toEqual([200, agreed.text]);
  const made = await side.hub.ask('POST', '/api/sites', input, { cookie: side.cookie, headers: { 'entente-approval': id } });
  expect([made.status, made.text]).toEqual([201, made.text]);
  return made.json<{ site: { id: string } }>().site.id;
}

/** Bytes, as a browser would send and receive them. */
async function bytesOf(side: Side, path: string, body: Uint8Array | string): Promise<{ status: number; bytes: Uint8Array; text: string }> {
  const response = await side.hub.composition.app(demoPosture).request(`${origin}${path}`, {
    method: 'POST', body: body as string, headers: { host: 'localhost:8080', origin, cookie: side.cookie, 'content-type': 'application/json' },
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, bytes, text: new TextDecoder().decode(bytes) };
}
const make = async (more: Record<string, string> = {}): Promise<Uint8Array> => {
  const made = await bytesOf(out(), `/api/sites/${out().site}/parcels?${new URLSearchParams({ own: at.own, ...more })}`, '');
  expect([made.status, made.status === 200 ? '' : made.text]).toEqual([200, '']);
  return made.bytes;
};
interface Told {
  parcel: { id: string; number: number; accepted: number; duplicate: number; refused: number; retracted: number };
  again: boolean; missing: number[]; code: string; at: string;
}
const take = async (file: Uint8Array): Promise<Told & { status: number }> => {
  const taken = await bytesOf(inside(), '/api/parcels', file);
  return { status: taken.status, ...JSON.parse(taken.text) as Told };
};
const share = async (objects: readonly object[]): Promise<void> => {
  const lines = objects.map((o) => JSON.stringify(o)).join('\n');
  const answer = await out().hub.ask('POST', '/api/threats/imports?source=own', lines, { cookie: out().cookie });
  expect(answer.text).toContain('"phase":"done"');
};
const seen = async (object: Record<string, unknown>): Promise<number> => (await call(inside(), 'GET', `/api/threats/${String(object['id'])}`)).status;
const withdraw = async (object: Record<string, unknown>): Promise<void> => {
  const gone = await call(out(), 'DELETE', `/taxii2/agr_kestrel/collections/${at.own}/objects/${String(object['id'])}/`);
  expect([gone.status, gone.text]).toEqual([200, '']);
};
const objects = Array.from({ length: 300 }, (_, i) => indicator(700_000 + i, { description: 'x'.repeat(500) }));
const [first, second, third] = objects as [Record<string, unknown>, Record<string, unknown>, Record<string, unknown>];

beforeAll(async () => {
  const one = await testHub();
  at.out = { hub: one, cookie: await one.as('per_lan'), vkey: '', site: '' };
  const two = await testHub({ alone: { log: 'inside.example/ledger', name: 'Inside' } });
  await insertOrganisation(two.world.db, { id: 'org_in', name: 'Inside', nameLocal: null, kind: 'national-centre', country: 'VN' }, null);
  const duty = await two.enter({ id: 'per_in', organisation: 'org_in', roles: ['duty-officer'] });
  at.inside = { hub: two, cookie: duty, vkey: '', site: '' };
  for (const side of [out(), inside()]) side.vkey = (await call(side, 'GET', '/api/sites')).json<{ vkey: string }>().vkey;
  const opened = await call(out(), 'POST', '/api/collections', { agreement: 'agr_kestrel', ceiling: 'GREEN', title: 'For the inside' });
  at.own = opened.json<{ collection: { id: string } }>().collection.id;
  out().site = await pin(out(), inside(), 'GREEN', 'agr_kestrel', await one.as('per_minh'));
  inside().site = await pin(inside(), out(), 'AMBER', null, await two.enter({ id: 'per_in2', organisation: 'org_in', roles: ['principal'] }));
}, 90_000);
afterAll(async () => {
  for (const side of [at.out, at.inside]) {
    if (!side) continue;
    expect(side.hub.trace.lines.filter((l) => l.level === 'error')).toEqual([]);
    await side.hub.close();
  }
});

describe('one after the other', () => {
  test('what is shared is packed, carried and taken in; the same again changes nothing', async () => {
    const nothing = await bytesOf(out(), `/api/sites/${out().site}/parcels?own=${at.own}`, '');
    expect(JSON.parse(nothing.text)).toMatchObject({ code: 'parcel.empty' });
    await share(objects);
    files.push(await make());
    expect(files[0]?.length).toBeGreaterThan(2 * 65_536);
    const told = await take(files[0] as Uint8Array);
    expect(told).toMatchObject({ status: 200, again: false, missing: [], parcel: { number: 1, accepted: 300, duplicate: 0, refused: 0 } });
    const again = await take(files[0] as Uint8Array);
    expect(again).toMatchObject({ again: true, parcel: { id: told.parcel.id, accepted: 300 } });
    expect((await call(inside(), 'GET', '/api/sites')).json<{ taken: unknown[] }>().taken).toHaveLength(1);
    expect(await seen(first)).toBe(200);
  });
  test('a byte that was flipped is refused with the offset of its block, and nothing of it is taken in', async () => {
    await share([indicator(710_000)]);
    const file = await make();
    files.push(file);
    const bad = Uint8Array.from(file);
    bad[file.length - 3] = (bad[file.length - 3] ?? 0) ^ 1;
    const told = await take(bad);
    expect(told).toMatchObject({ status: 422, code: 'parcel.block' });
    expect(Number(/byte (\d+)/.exec(told.at)?.[1])).toBeLessThanOrEqual(file.length - 3);
    expect(await seen(indicator(710_000))).toBe(404);
    expect(await take(file.subarray(0, -1))).toMatchObject({ status: 422, code: 'parcel.length' });
    expect(await take(new TextEncoder().encode('rubbish'))).toMatchObject({ status: 422, code: 'parcel.not-a-parcel' });
    expect((await call(inside(), 'GET', '/api/sites')).json<{ taken: unknown[] }>().taken).toHaveLength(1);
  });
  test('a gap is told; an older parcel that comes after a newer one unsays nothing', async () => {
    // Parcel 3 takes the first back; parcel 4 takes the second back and gives a new version of the third.
    await withdraw(first);
    files.push(await make());
    await withdraw(second);
    await share([{ ...third, modified: '2026-05-01T00:00:00.000Z', name: 'newer' }, indicator(710_001)]);
    files.push(await make());
    const fourth = await take(files[3] as Uint8Array);
    expect(fourth).toMatchObject({ status: 200, missing: [2, 3], parcel: { number: 4, accepted: 2, retracted: 1 } });
    expect([await seen(first), await seen(second), await seen(third)]).toEqual([200, 404, 200]);
    const gaps = (await call(inside(), 'GET', '/api/sites')).json<{ gaps: { missing: number[] }[] }>().gaps;
    expect(gaps).toMatchObject([{ missing: [2, 3] }]);
    expect(await take(files[2] as Uint8Array)).toMatchObject({ missing: [2], parcel: { number: 3, retracted: 1 } });
    expect(await take(files[1] as Uint8Array)).toMatchObject({ missing: [], parcel: { number: 2, accepted: 1 } });
    expect([await seen(first), await seen(second), await seen(third), await seen(indicator(710_001))]).toEqual([404, 404, 200, 200]);
    expect((await call(inside(), 'GET', `/api/threats/${String(third['id'])}`)).json<{ object: { name: string } }>().object.name).toBe('newer');
  });
  test('what was lost on the way is packed again from its number, and is known where it has arrived', async () => {
    const again = await make({ from: '1' });
    expect(await take(again)).toMatchObject({ parcel: { number: 5, accepted: 0, refused: 0, duplicate: 301 } });
    expect([await seen(first), await seen(second)]).toEqual([404, 404]);
    const none = await bytesOf(out(), `/api/sites/${out().site}/parcels?own=${at.own}&from=77`, '');
    expect(JSON.parse(none.text)).toMatchObject({ code: 'parcel.no-number' });
  });
});

describe('a crash', () => {
  test('after its objects were taken in, and before that was written: the same file again is taken in, and its objects are known', async () => {
    await share(Array.from({ length: 3 }, (_, i) => indicator(720_000 + i)));
    const file = await make();
    const { world } = inside().hub;
    const ids = { ...world.ids, next: (prefix: string): string => {
      if (prefix === 'ppc') throw new Error('the machine died');
      return world.ids.next(prefix);
    } };
    const dead = asHub('the test', () => takeIn({ ...world, ids }, { person: 'per_in', org: 'org_in' }, (async function* () { yield file; })()));
    await expect(dead).rejects.toThrow('the machine died');
    expect(await seen(indicator(720_001))).toBe(200);
    expect(await take(file)).toMatchObject({ again: false, parcel: { accepted: 0, duplicate: 3 } });
    expect(await take(file)).toMatchObject({ again: true, parcel: { accepted: 0, duplicate: 3 } });
  });
});

describe('who believes whom', () => {
  test('only the hub that it is for, only from a pinned key, and only up to the label that is taken in', async () => {
    // The sender takes its own parcel: it is for another hub, and its own key is pinned nowhere.
    const own = await bytesOf(out(), '/api/parcels', files[0] as Uint8Array);
    expect(JSON.parse(own.text)).toMatchObject({ code: 'parcel.unknown-key' });
    expect((await call(inside(), 'POST', `/api/sites/${inside().site}/end`, {})).status).toBe(200);
    expect(await take(files[0] as Uint8Array)).toMatchObject({ code: 'parcel.unknown-key' });
    inside().site = await pin(inside(), out(), 'CLEAR', null, await inside().hub.enter({ id: 'per_in2', organisation: 'org_in' }));
    expect(await take(files[0] as Uint8Array)).toMatchObject({ status: 403, code: 'parcel.above-ceiling' });
  });
  test('a receipt is believed by the sender for exactly what it made', async () => {
    const { taken } = (await call(inside(), 'GET', '/api/sites')).json<{ taken: { id: string; number: number }[] }>();
    const id = taken.find((t) => t.number === 4)?.id ?? '';
    const { receipt } = (await call(inside(), 'GET', `/api/parcels/${id}/receipt`)).json<{ receipt: string }>();
    const kept = await call(out(), 'POST', '/api/parcel-receipts', { receipt });
    expect(kept.json()).toMatchObject({ site: out().site, receipt: { number: 4, accepted: 2, retracted: 1 } });
    const changed = await call(out(), 'POST', '/api/parcel-receipts', { receipt: receipt.replace('"number":4', '"number":3') });
    expect([changed.status, changed.json<{ code: string }>().code]).toEqual([422, 'parcel.no-receipt']);
    const { made } = (await call(out(), 'GET', '/api/sites')).json<{ made: { number: number; receipt: object | null }[] }>();
    expect(made.filter((m) => m.receipt !== null).map((m) => m.number)).toEqual([4]);
  });
  test('nothing is packed that is not shared under the agreement with the site', async () => {
    await call(out(), 'POST', `/api/collections/${at.own}/close`, { reason: 'It is over.' });
    const no = await bytesOf(out(), `/api/sites/${out().site}/parcels?own=${at.own}`, '');
    expect(JSON.parse(no.text)).toMatchObject({ code: 'parcel.not-agreed' });
  });
});
