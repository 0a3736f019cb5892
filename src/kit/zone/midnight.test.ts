import { expect, test } from 'vitest';
import { isZone, midnight, offsetMs } from './midnight.ts';

test('a day begins at its own midnight, east and west of Greenwich and at odd offsets', () => {
  expect(midnight('2026-07-01', 'Asia/Ho_Chi_Minh')).toBe('2026-06-30T17:00:00.000Z');
  expect(midnight('2026-07-01', 'UTC')).toBe('2026-07-01T00:00:00.000Z');
  expect(midnight('2026-07-01', 'America/New_York')).toBe('2026-07-01T04:00:00.000Z');
  expect(midnight('2026-01-01', 'America/New_York')).toBe('2026-01-01T05:00:00.000Z');
  expect(midnight('2026-03-01', 'Asia/Kathmandu')).toBe('2026-02-28T18:15:00.000Z');
});

test('on the days the clock changes, midnight is that of the old offset', () => {
  expect(midnight('2026-03-29', 'Europe/Berlin')).toBe('2026-03-28T23:00:00.000Z');
  expect(midnight('2026-10-25', 'Europe/Berlin')).toBe('2026-10-24T22:00:00.000Z');
});

test('where the clock jumps over midnight the day begins after the jump', () => {
  // Beirut goes from 00:00 to 01:00 on the last Sunday of March.
  expect(midnight('2026-03-29', 'Asia/Beirut')).toBe('2026-03-28T22:00:00.000Z');
});

test('a name that is no zone is told apart', () => {
  expect(isZone('Asia/Ho_Chi_Minh')).toBe(true);
  expect(isZone('Asia/Nowhere')).toBe(false);
  expect(offsetMs('Asia/Ho_Chi_Minh', 0)).toBe(8 * 3600_000);
});
