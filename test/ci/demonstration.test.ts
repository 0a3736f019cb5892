/**
 * The demonstration at full scale, as `npm start` runs it, in an empty folder: the four published figures over HTTP, without
 * signing in. How soon it answers and is ready is printed, not asserted: this machine may be busy with other tests.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { entente, get, type Ran } from '../app/process.ts';

interface Statistic {
  readonly value: number | null;
  readonly numerator: number | null;
  readonly denominator: number | null;
  readonly rank: number | null;
  readonly population: number | null;
  readonly floor: number | null;
  readonly unit: string;
}
const at: { folder: string; ran?: Ran; address: string } = { folder: '', address: '' };
beforeAll(async () => { at.folder = await mkdtemp(join(tmpdir(), 'entente-demo-')); });
afterAll(async () => {
  if (at.ran?.child.exitCode === null) at.ran.child.kill('SIGKILL');
  await rm(at.folder, { recursive: true, force: true });
});

test('says that it is starting while it starts, then that it is ready', async () => {
  const began = performance.now();
  const seconds = (): string => ((performance.now() - began) / 1000).toFixed(1);
  const ran = entente(['demo'], { ENTENTE_DATA: join(at.folder, 'demo'), ENTENTE_PORT: '0' });
  at.ran = ran;
  const [, address = ''] = await ran.until(/starting at (http:\/\/127\.0\.0\.1:\d+)/);
  at.address = address;
  const first = await get(address, '/healthz');
  const heard = seconds();
  expect(JSON.parse(first.text)).toMatchObject({ status: 'starting' });
  expect((await get(address, '/api/session')).status).toBe(503);
  for (;;) {
    if (ran.child.exitCode !== null) throw new Error(`the hub ended: ${ran.err()}`);
    if ((await get(address, '/healthz')).text.includes('"ready"')) break;
    await pause(250);
  }
  process.stdout.write(`demonstration: starting heard after ${heard} s (wanted 5), ready after ${seconds()} s (wanted 90)\n`);
}, 900_000);

async function figure(series: string, area: string, period: string): Promise<Statistic> {
  const answer = await get(at.address, `/api/public/statistics/${series}?area=${area}&period=${period}`);
  expect(answer.status, answer.text).toBe(200);
  return JSON.parse(answer.text) as Statistic;
}

test('attacks by origin, VN, 2018-Q4', async () => {
  expect(await figure('attacks-by-origin', 'VN', '2018-Q4')).toMatchObject({ value: 992952, unit: 'attacks', denominator: null });
});

test('users at risk, VN, 2018-Q4: the share, its rank, and enough users to say so', async () => {
  const found = await figure('users-at-risk', 'VN', '2018-Q4');
  expect(found).toMatchObject({ value: 21.5, unit: 'percent', rank: 3, floor: 10000 });
  const { numerator, denominator, population } = found;
  expect(denominator).toBeGreaterThanOrEqual(100_000);
  expect(population).toBeGreaterThanOrEqual(3);
  // Half up to one decimal, in whole numbers.
  expect(Math.floor((2000 * Number(numerator) + Number(denominator)) / (2 * Number(denominator))) / 10).toBe(21.5);
});

test('websites attacked and computers infected, VN, 2019', async () => {
  expect(await figure('websites-attacked', 'VN', '2019')).toMatchObject({ value: 4000, unit: 'websites' });
  expect(await figure('computers-infected', 'VN', '2019')).toMatchObject({ value: 410000, unit: 'addresses' });
});

interface Offices { total: number; state: number; groups: { kind: string; addresses: number }[]; bodies: { id: string; addresses: number }[] }

test('state bodies in June 2023: 148 of 410,828 addresses, 14 in ministries’ networks and 134 in provinces’, then and by today’s provinces', async () => {
  const entered = await fetch(`${at.address}/api/demo/continue`, {
    method: 'POST', headers: { origin: at.address, 'content-type': 'application/json' }, body: JSON.stringify({ person: 'per_lan' }),
  });
  const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
  const offices = async (units: string): Promise<Offices> =>
    await (await fetch(`${at.address}/api/state-offices?month=2023-06&units=${units}`, { headers: { cookie } })).json() as Offices;
  const then = await offices('then');
  expect(then).toMatchObject({ total: 410_828, totalBefore: 402_310, state: 148, stateBefore: 152 });
  expect(then.groups.map((g) => [g.kind, g.addresses])).toEqual([['ministry', 14], ['province', 134]]);
  expect(then.bodies.filter((b) => b.addresses > 0)).toHaveLength(6);
  const now = await offices('now');
  expect([now.total, now.state, now.groups.map((g) => g.addresses)]).toEqual([410_828, 148, [14, 134]]);
  expect(now.bodies).toHaveLength(then.bodies.length - 1);
});

test('is told to stop, stops, and starts again with the same figures and nothing loaded twice', async () => {
  at.ran?.child.kill('SIGTERM');
  expect(await at.ran?.exited).toEqual({ code: 0, signal: null });
  const again = entente(['demo'], { ENTENTE_DATA: join(at.folder, 'demo'), ENTENTE_PORT: '0' });
  at.ran = again;
  [, at.address = ''] = await again.until(/ready at (http:\S+)/);
  expect(await figure('attacks-by-origin', 'VN', '2018-Q4')).toMatchObject({ value: 992952 });
  again.child.kill('SIGTERM');
  expect(await again.exited).toEqual({ code: 0, signal: null });
}, 600_000);
