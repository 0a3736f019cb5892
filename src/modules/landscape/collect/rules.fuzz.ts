import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressesIn } from './clients/http.ts';
import { linksIn } from './clients/imap.ts';
import { lastFourOf, waitAfter } from '#kit/asking';
import { fits, grainOf, placeOf, plainName, senderFits, slotAsked, slotName, slotsDue, slotUrl, stripOf,
  type SlotCursor } from './rules.ts';

const hour = 3_600_000;

describe('slots of the window', () => {
  test('an hour is either fetched, or told missing, or out of the window: none is forgotten and none is fetched twice', () => {
    const steps = fc.array(fc.record({ sleepMinutes: fc.integer({ min: 0, max: 6000 }), holes: fc.uniqueArray(fc.nat(200), { maxLength: 20 }) }),
      { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(steps, fc.integer({ min: 1, max: 100 }), (all, windowHours) => {
      let now = Date.parse('2026-06-14T00:20:00Z');
      let cursor: SlotCursor = { next: null, missing: [] };
      const fetched = new Set<number>();
      let first: number | null = null;
      for (const { sleepMinutes, holes } of all) {
        now += sleepMinutes * 60_000;
        const due = slotsDue('hour', cursor, now, windowHours * hour);
        expect([...due].sort((a, b) => a - b)).toEqual(due);
        for (const at of due) {
          first ??= at;
          const there = !holes.includes(Math.round(at / hour) % 200);
          expect(fetched.has(at)).toBe(false);
          if (there) fetched.add(at);
          cursor = slotAsked('hour', cursor, at, there, now, windowHours * hour);
        }
        // What is over, kept and was not fetched is what is told missing.
        const open: number[] = [];
        for (let at = Math.max(first ?? now, Math.floor((now - windowHours * hour) / hour) * hour); at + hour <= now; at += hour) {
          if (at + hour > now - windowHours * hour && !fetched.has(at)) open.push(at);
        }
        expect(cursor.missing.filter((at) => at + hour > now - windowHours * hour)).toEqual(open);
      }
    }), { numRuns: 300 });
  });

  test('a clock set back asks for nothing anew', () => {
    const now = Date.parse('2026-06-14T10:00:00Z');
    const cursor = { next: now, missing: [] };
    expect(slotsDue('hour', cursor, now - 5 * hour, 72 * hour)).toEqual([]);
    expect(slotsDue('hour', cursor, now, 72 * hour)).toEqual([]);
    expect(slotsDue('day', { next: null, missing: [] }, now, 72 * hour).map((at) => slotName('day', at))).toEqual(['2026-06-11', '2026-06-12', '2026-06-13']);
  });

  test('placeholders: the whole day or nothing', () => {
    expect([grainOf('https://x/a'), grainOf('https://x/{yyyy}/{MM}/{dd}'), grainOf('https://x/{yyyy}{MM}{dd}{HH}')]).toEqual([null, 'day', 'hour']);
    for (const bad of ['https://x/{yyyy}', 'https://x/{HH}', 'https://x/{yyyy}{MM}{dd}{mm}', 'https://x/{', 'https://x/}', 'https://x/{}']) expect([bad,
      grainOf(bad)]).toEqual([bad, 'wrong']);
    expect(slotUrl('https://x/{yyyy}{MM}{dd}/{HH}?{HH}', Date.parse('2026-06-04T07:00:00Z'))).toBe('https://x/20260604/07?07');
  });
});

test('waiting grows to its cap and never beyond, whatever is rolled', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 5, max: 44_640 }), fc.double({ min: 0, max: 1, noNaN: true }),
    (failures, every, roll) => {
    const wait = waitAfter(failures, every, roll);
    expect(wait).toBeGreaterThanOrEqual(48_000);
    expect(wait).toBeLessThanOrEqual(1.2 * Math.max(6 * hour, every * 60_000));
    expect(waitAfter(failures + 1, every, roll)).toBeGreaterThanOrEqual(wait);
  }));
});

test('a pattern fits as the same pattern as an expression does, and long ones end', () => {
  const name = fc.stringMatching(/^[ab.]{0,12}$/);
  fc.assert(fc.property(fc.stringMatching(/^[ab.*?]{0,10}$/), name, (pattern, text) => {
    const expression = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
    expect(fits(pattern, text)).toBe(expression.test(text));
  }), { numRuns: 1000 });
  expect(fits(`${'a*'.repeat(100)}b`, 'a'.repeat(255))).toBe(false);
});

test('names of files are names, whatever was sent', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
    const name = plainName(text, 'file');
    expect(name).not.toMatch(/[/\\\x00-\x1f]/);
    expect(name.length > 0 && name.length <= 200 && name !== '..' && name !== '.').toBe(true);
  }), { numRuns: 500 });
});

test('senders: all of a letter’s, by address or by domain, and no domain that only ends alike', () => {
  expect(senderFits(['@trusted.example'], ['x@trusted.example'])).toBe(true);
  expect(senderFits(['A@b.example'], ['a@b.example'])).toBe(true);
  for (const from of [[], ['x@nottrusted.example'], ['x@trusted.example.evil.example'], ['x@trusted.example', 'y@evil.example'],
    ['"x@trusted.example"@evil.example']]) {
    expect([from, senderFits(['@trusted.example'], from)]).toEqual([from, false]);
  }
});

test('lists and letters of any text give addresses that are asked, and none else', () => {
  const text = fc.oneof(fc.string({ maxLength: 300 }), fc.json(), fc.stringMatching(/^[<>a-z:/"'= .?@[\]{}\n]{0,120}$/),
    fc.webUrl().map((url) => `see ${url}, or <a href="${url}">`));
  fc.assert(fc.property(text, (given) => {
    for (const url of addressesIn(given, 'https://from.example/x/')) expect(new URL(url).protocol).toMatch(/^https?:$/);
    for (const url of linksIn(given, ['from.example'])) expect(new URL(url).host).toBe('from.example');
  }), { numRuns: 500 });
});

test('a secret shows its end only where that gives little away, and goes to no other place', () => {
  expect([lastFourOf('short-password'), lastFourOf('a-long-enough-key-1234')]).toEqual([null, '1234']);
  const http = { kind: 'http', url: 'https://a.example/x', read: 'file', rows: null, next: null, match: '*', auth: { scheme: 'bearer' } } as const;
  expect(placeOf(http)).toBe(placeOf({ ...http, url: 'https://a.example/y?z=1' }));
  for (const url of ['https://b.example/x', 'http://a.example/x', 'https://a.example:444/x']) expect(placeOf({ ...http, url })).not.toBe(placeOf(http));
});

test('a strip of days: lost before missing, late where it came after all', () => {
  const day = (n: number): number => Date.parse('2026-06-01T00:00:00Z') + n * 24 * hour;
  const days = ['2026-06-01', '2026-06-02', '2026-06-03', '2026-06-04', '2026-06-05', '2026-06-06'];
  const strip = stripOf(days, {
    files: new Map([['2026-06-01', 2], ['2026-06-04', 1], ['2026-06-05', 1]]),
    overdue: [{ from: day(1) + hour, to: day(3) + 5 * hour }], lost: [{ from: day(2), to: day(3) }],
  });
  expect(strip.map(({ state }) => state)).toEqual(['delivered', 'missing', 'lost', 'late', 'delivered', 'none']);
});
