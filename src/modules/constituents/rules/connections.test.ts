import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { Connection } from '../model/connections.ts';
import { connectedBodies, shareOf, silentSince } from './connections.ts';

const now = Date.parse('2026-06-15T02:00:00.000Z');
const at = (hours: number): string => new Date(now - hours * 3_600_000).toISOString();
const beat = (constituent: string, source: string, vendor: string, hours: number): Connection => ({
  constituent, source, vendor, version: null, watched: null, firstAt: at(1000), lastAt: at(hours), beats: 1, silentSince: null,
});
const body = (id: string) => ({ id, name: id, kind: 'ministry' as const });

describe('who is connected', () => {
  test('a body is silent once its last source was heard a day ago, to the millisecond; one heard from the future is heard', () => {
    expect(silentSince(at(24), now)).toBe(new Date(now).toISOString());
    expect(silentSince(new Date(now - 24 * 3_600_000 + 1).toISOString(), now)).toBeNull();
    expect(silentSince(at(-5), now)).toBeNull();
  });

  test('the silent first, then who never was; one source that is heard is enough; vendors count bodies', () => {
    const { bodies, all, vendors } = connectedBodies(['a', 'b', 'c', 'd'].map(body), [
      beat('a', 'edge', 'Kestrel', 1), beat('a', 'mail', 'Meridian', 30), beat('b', 'edge', 'Kestrel', 25), beat('d', 'edge', 'Kestrel', 2),
      beat('gone', 'edge', 'Other', 1),
    ], now);
    expect(bodies.map((b) => [b.id, b.state])).toEqual([['b', 'silent'], ['c', 'never'], ['a', 'connected'], ['d', 'connected']]);
    expect(all).toEqual({ connected: 2, total: 4, percent: 50 });
    expect(vendors).toEqual([
      { vendor: 'Kestrel', bodies: { connected: 2, total: 3, percent: 66.7 } }, { vendor: 'Meridian', bodies: { connected: 0, total: 1, percent: 0 } },
    ]);
  });

  test('the share is count by total; of nothing there is none', () => {
    expect(shareOf(0, 0).percent).toBeNull();
    fc.assert(fc.property(fc.nat(5000), fc.integer({ min: 1, max: 5000 }), (x, total) => {
      const connected = Math.min(x, total);
      const { percent } = shareOf(connected, total);
      expect(Math.abs(Number(percent) - (100 * connected) / total)).toBeLessThanOrEqual(0.05 + 1e-9);
      expect(percent === 100).toBe(Math.round((1000 * connected) / total) === 1000);
    }));
  });
});
