/** Ports as ranges, and the rows that are results of a job: held against the slow way of saying the same. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readIp } from '#kit/ip/ip';
import { Refusal } from '#kit/refusal';
import { beyondMandate, boundsOf, checkWindow, portRanges, portWords, stateOf } from './scans.ts';

const range = fc.tuple(fc.integer({ min: 1, max: 65_535 }), fc.nat(300)).map(([from, more]) => [from, Math.min(65_535, from + more)] as const);

describe('ports', () => {
  test('are the same ports in order, none touching, and stay so when written and read', () => {
    fc.assert(fc.property(fc.array(range, { minLength: 1, maxLength: 12 }), (ranges) => {
      const joined = portRanges(ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)));
      const wanted = new Set(ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i)));
      expect(joined.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i))).toEqual([...wanted].sort((x, y) => x - y));
      joined.slice(1).forEach((r, i) => expect(r.from).toBeGreaterThan((joined[i]?.to ?? 0) + 1));
      expect(portRanges(joined.map(portWords))).toEqual(joined);
    }));
  });
  test.each(['', '0', '65536', '80-', '-80', '90-80', '80,81', '1e3', ' ', '8 0', '٨'])('%j are none', (text) => {
    expect(() => portRanges(['22', text])).toThrow(Refusal);
  });
});

describe('a row of results', () => {
  const job = {
    targets: ['192.0.2.0/28', '2001:db8::/64', 'www.a.example'], ports: ['22', '80-90'], from: '2026-06-01T00:00:00.000Z',
    until: '2026-06-02T00:00:00.000Z', stoppedAt: null as string | null,
  };
  const base = Date.parse(job.from) / 1000;
  test('lies in a target, a port and the window, or is set aside', () => {
    const row = fc.record({
      ip: fc.constantFrom('192.0.2.1', '192.0.2.15', '192.0.2.16', '198.51.100.1', '2001:db8::7', '2001:db8:0:1::7', '::c000:201', ''),
      domain: fc.constantFrom('', 'www.a.example', 'a.example', 'x.www.a.example'), port: fc.constantFrom(0, 22, 79, 80, 90, 91),
      time: fc.constantFrom(base - 1, base, base + 3600, base + 86_399, base + 86_400), stopped: fc.constantFrom(null, base + 3600),
    });
    fc.assert(fc.property(row, ({ ip, domain, port, time, stopped }) => {
      const bytes = new Uint8Array(16);
      const hasIp = readIp(ip, bytes);
      const bounds = boundsOf({ ...job, stoppedAt: stopped === null ? null : new Date(stopped * 1000).toISOString() });
      const within = (['192.0.2.1', '192.0.2.15', '2001:db8::7'].includes(ip) || domain === 'www.a.example') && [0, 22, 80, 90].includes(port)
        && time >= base && time < (stopped ?? base + 86_400);
      expect(beyondMandate(bounds, { hasIp, ip: bytes, domain, port, time })?.reason ?? null).toBe(within ? null : 'scan.beyond-mandate');
    }), { numRuns: 1000 });
  });
});

test('a window is ahead, in order and short; a job is in one state at a time', () => {
  const now = Date.parse('2026-06-10T00:00:00Z');
  const iso = (hours: number): string => new Date(now + hours * 3_600_000).toISOString();
  fc.assert(fc.property(fc.integer({ min: -200, max: 1200 }), fc.integer({ min: -200, max: 1200 }), (from, until) => {
    const sound = from < until && until > 0 && until - Math.max(from, 0) <= 31 * 24;
    if (sound) expect(() => checkWindow(iso(from), iso(until), now)).not.toThrow();
    else expect(() => checkWindow(iso(from), iso(until), now)).toThrow(Refusal);
    if (from < until) {
      expect(stateOf({ from: iso(from), until: iso(until), stoppedAt: null }, now)).toBe(from > 0 ? 'waiting' : until > 0 ? 'running' : 'over');
      expect(stateOf({ from: iso(from), until: iso(until), stoppedAt: iso(0) }, now)).toBe('stopped');
    }
  }));
});
