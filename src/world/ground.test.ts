import { describe, expect, test } from 'vitest';
import { fakeClock, systemClock } from './clock.ts';
import { idsFrom } from './ids.ts';
import { seededRandom, systemRandom } from './random.ts';
import { keptTrace, lineTrace } from './trace.ts';

describe.each([['the system’s clock', systemClock()], ['the clock of tests', fakeClock()]])('%s', (_, clock) => {
  test('tells one time in both forms, UTC, and measures forward', () => {
    const before = clock.now();
    expect(clock.iso()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Math.abs(Date.parse(clock.iso()) - before)).toBeLessThan(5000);
    const began = clock.elapsed();
    expect(clock.elapsed()).toBeGreaterThanOrEqual(began);
  });
});

test('the clock of tests goes where it is told, backwards too', () => {
  const clock = fakeClock('2026-06-01T00:00:00.000Z');
  clock.advance(86_400_000);
  expect(clock.iso()).toBe('2026-06-02T00:00:00.000Z');
  clock.set('2026-05-01T00:00:00.000Z');
  expect(clock.iso()).toBe('2026-05-01T00:00:00.000Z');
});

describe.each([['the system’s randomness', systemRandom()], ['seeded randomness', seededRandom('x')]])('%s', (_, random) => {
  test('gives as many bytes as asked, and not the same twice', () => {
    expect(random.bytes(33)).toHaveLength(33);
    expect(random.bytes(0)).toHaveLength(0);
    expect([...random.bytes(16)]).not.toEqual([...random.bytes(16)]);
  });
});

test('the same seed gives the same bytes', () => {
  expect([...seededRandom('a').bytes(70)]).toEqual([...seededRandom('a').bytes(70)]);
  expect([...seededRandom('a').bytes(8)]).not.toEqual([...seededRandom('b').bytes(8)]);
});

test('identifiers sort by birth, do not repeat, and secrets are 256 bits', () => {
  const clock = fakeClock();
  const ids = idsFrom(clock, seededRandom('ids'));
  const made = Array.from({ length: 200 }, () => {
    clock.advance(1);
    return ids.next('per');
  });
  expect([...made].sort()).toEqual(made);
  expect(new Set(made).size).toBe(200);
  expect(made.every((id) => /^per_[0-9a-hjkmnp-tv-z]{26}$/.test(id))).toBe(true);
  expect(Buffer.from(ids.secret(), 'base64url')).toHaveLength(32);
});

test('identifiers of one millisecond, and of a clock set back, still sort by birth', () => {
  const clock = fakeClock('2026-06-01T00:00:00.000Z');
  const ids = idsFrom(clock, seededRandom('same'));
  const made = [ids.next('x'), ids.next('x'), ids.next('x')];
  clock.set('2026-05-01T00:00:00.000Z');
  made.push(ids.next('x'));
  clock.set('2026-07-01T00:00:00.000Z');
  made.push(ids.next('x'));
  expect([...made].sort()).toEqual(made);
  expect(new Set(made).size).toBe(made.length);
});

test('the log is one line of JSON an event, with the whole chain of causes', () => {
  const lines: string[] = [];
  const trace = lineTrace(fakeClock(), (line) => lines.push(line));
  trace.info('request.answered', { status: 200 });
  trace.error('ledger.fault', new Error('could not sign', { cause: new Error('no key') }));
  expect(lines.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1)).toBe(true);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', event: 'request.answered', status: 200 });
  expect((JSON.parse(lines[1] ?? '') as { error: string }).error).toMatch(/could not sign[\s\S]*no key/);
  const few: string[] = [];
  const quiet = lineTrace(fakeClock(), (line) => few.push(line), 'warn');
  quiet.info('x');
  quiet.warn('y');
  expect(few).toHaveLength(1);
  const kept = keptTrace();
  kept.warn('feed.late', { feed: 'x' });
  expect(kept.lines).toEqual([{ level: 'warn', event: 'feed.late', fields: { feed: 'x' } }]);
});
