import { expect, test } from 'vitest';
import { fakeClock } from '#world/clock';
import { leased, leasesOn } from './leases.ts';

const here = <T>(read: () => T): T => read();
const flush = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

test('what holds is asked again every other second and goes on', async () => {
  const clock = fakeClock();
  const leases = leasesOn(clock);
  const asked: number[] = [];
  const lease = leases.take(async () => void asked.push(clock.now()));
  for (let second = 0; second < 20; second++) {
    clock.advance(1_000);
    await leases.beat();
  }
  expect([asked.length, lease.signal.aborted, leases.count()]).toEqual([10, false, 1]);
  lease.release();
  clock.advance(60_000);
  await leases.beat();
  expect([asked.length, lease.signal.aborted, leases.count()]).toEqual([10, false, 0]);
});

test('what ends is told within two beats, with its reason, and each thing it rests on counts', async () => {
  for (const ending of [0, 1, 2]) {
    const clock = fakeClock();
    const leases = leasesOn(clock);
    const holds = [true, true, true];
    const check = (i: number) => async (): Promise<void> => { if (!holds[i]) throw new Error(`no ${i}`); };
    const lease = leases.take(check(0));
    lease.add(check(1));
    lease.add(check(2));
    clock.advance(1_000);
    await leases.beat();
    holds[ending] = false;
    clock.advance(1_000);
    await leases.beat();
    expect((lease.signal.reason as Error).message).toBe(`no ${ending}`);
    expect(leases.count()).toBe(0);
  }
});

test('records that do not answer confirm nothing: the answer ends before five seconds are over', async () => {
  const clock = fakeClock();
  const leases = leasesOn(clock);
  const silent = leases.take(() => new Promise(() => undefined));
  const began = clock.now();
  while (!silent.signal.aborted && clock.now() - began < 60_000) {
    clock.advance(1_000);
    void leases.beat();
    await flush();
  }
  expect([silent.signal.aborted, clock.now() - began]).toEqual([true, 5_000]);
});

test('before an act one is asked at once if the last answer is old, and not again if it is new', async () => {
  const clock = fakeClock();
  const leases = leasesOn(clock);
  const state = { asked: 0, holds: true };
  const lease = leases.take(async () => { state.asked++; if (!state.holds) throw new Error('ended'); });
  await lease.confirm();
  expect(state.asked).toBe(0);
  state.holds = false;
  clock.advance(2_000);
  await expect(lease.confirm()).rejects.toThrow('ended');
  await expect(lease.confirm()).rejects.toThrow('ended');
});

test('a thousand answers are asked about eight at a time', async () => {
  const clock = fakeClock();
  const leases = leasesOn(clock);
  const state = { now: 0, most: 0, all: 0 };
  for (let i = 0; i < 1000; i++) {
    leases.take(async () => {
      state.most = Math.max(state.most, ++state.now);
      state.all++;
      await flush();
      state.now--;
    });
  }
  clock.advance(2_000);
  await leases.beat();
  expect([state.most, state.all]).toEqual([8, 1000]);
});

test('a body breaks off with its lease: it fails, it does not end', async () => {
  const clock = fakeClock();
  const leases = leasesOn(clock);
  const state = { holds: true, cut: 0, cancelled: false, given: 0 };
  const lease = leases.take(async () => { if (!state.holds) throw new Error('ended'); });
  const source = new ReadableStream<Uint8Array>({
    pull(controller) { state.given++; controller.enqueue(new Uint8Array(10)); }, cancel() { state.cancelled = true; },
  }, { highWaterMark: 0 });
  const reader = leased(source, lease, here, () => { state.cut++; return false; }).getReader();
  expect((await reader.read()).value?.length).toBe(10);
  // Nobody reads ahead of the one who takes.
  expect(state.given).toBe(1);
  state.holds = false;
  clock.advance(2_000);
  await leases.beat();
  await expect(reader.read()).rejects.toThrow('ended');
  expect([state.cut, state.cancelled]).toEqual([1, true]);
});

test('a body that comes to its end, or that nobody wants any more, gives its lease back', async () => {
  const leases = leasesOn(fakeClock());
  const body = (): ReadableStream<Uint8Array> => new Response('whole').body as ReadableStream<Uint8Array>;
  const whole = leased(body(), leases.take(async () => undefined), here, () => true);
  expect(await new Response(whole).text()).toBe('whole');
  await leased(body(), leases.take(async () => undefined), here, () => true).cancel();
  expect(leases.count()).toBe(0);
});
