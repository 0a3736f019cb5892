/** Score cards held against the slow way of saying the same: verdicts one by one, lateness minute by minute, shares by fractions. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Case } from '#modules/constituents/index';
import { caseFigures, gapHours, punctuality, scoreOf, scoresCsv, shareOf, verdictOf } from './scores.ts';

const minute = 60_000;
const hour = 60 * minute;
const base = Date.parse('2026-06-01T00:00:00Z');
const iso = (ms: number): string => new Date(ms).toISOString();

const word = fc.constantFrom('acknowledged', 'said-fixed', 'excepted', 'disputed', null);
const oneCase: fc.Arbitrary<Case> = fc.record({
  feed: fc.constantFrom('f1', 'f2'), finding: fc.constantFrom('a', 'b', 'c', 'd'), notice: fc.constantFrom('n', 'm'), wait: fc.option(fc.nat(500)),
  lastWord: word, closed: fc.boolean(),
}).map(({ wait, ...c }) => ({ ...c, releasedAt: iso(base), actedAt: wait === null ? null : iso(base + wait * 6 * minute) }));
/** One finding in one notice has one outcome, whichever feed showed it. */
const cases = fc.array(oneCase, { maxLength: 20 }).map((list) => list.map((c) =>
  ({ ...(list.find((other) => other.finding === c.finding && other.notice === c.notice) ?? c), feed: c.feed })));

describe('cases', () => {
  test('are judged once each, and every one of them in one way', () => {
    fc.assert(fc.property(cases, (list) => {
      const keys = [...new Set(list.map((c) => `${c.finding}/${c.notice}`))];
      const once = keys.map((key) => list.find((c) => `${c.finding}/${c.notice}` === key) as Case);
      const wrong = once.filter((c) => c.lastWord === 'disputed');
      const useful = once.filter((c) => c.lastWord !== 'disputed' && (c.lastWord !== null || c.closed));
      const waits = useful.flatMap((c) => (c.actedAt === null ? [] : [(Date.parse(c.actedAt) - base) / (6 * minute)])).sort((x, y) => x - y);
      const half = waits.length / 2;
      const middle = waits.length === 0 ? null : waits.length % 2 === 1 ? waits[Math.floor(half)] as number
        : ((waits[half - 1] as number) + (waits[half] as number)) / 2;
      const found = caseFigures(list);
      expect(found).toEqual({
        told: once.length, useful: useful.length, wrong: wrong.length, notJudged: once.length - useful.length - wrong.length,
        medianHours: middle === null ? null : Math.floor(middle + 0.5) / 10,
      });
      expect(found.useful + found.wrong + found.notJudged).toBe(found.told);
    }));
  });
  test('a last word stands before what observation did, and nothing is judged by silence', () => {
    expect([verdictOf({ lastWord: 'disputed', closed: true }), verdictOf({ lastWord: null, closed: true }), verdictOf({ lastWord: 'excepted', closed: false }),
      verdictOf({ lastWord: null, closed: false })]).toEqual(['false', 'useful', 'useful', 'none']);
  });
});

describe('lateness', () => {
  const month = { from: base, to: base + 72 * hour };
  test('is the minutes in which more than the cadence had gone by since the last delivery', () => {
    const steps = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 8 });
    const [begin, promised, at] = [fc.integer({ min: -40, max: 80 }), fc.integer({ min: 1, max: 30 }), fc.integer({ min: -5, max: 100 })];
    fc.assert(fc.property(begin, steps, promised, at, (first, gaps, cadence, now) => {
      const deliveries: number[] = [];
      let next = base + first * hour;
      for (const gap of [0, ...gaps]) deliveries.push(next += gap * hour);
      // The caller hands in the last before the month, those within and the first after.
      const before = deliveries.filter((d) => d < month.from).slice(-1);
      const after = deliveries.filter((d) => d >= month.to).slice(0, 1);
      const handed = [...before, ...deliveries.filter((d) => d >= month.from && d < month.to), ...after];
      let [seen, late] = [0, 0];
      for (let m = month.from; m < Math.min(month.to, base + now * hour); m += 30 * minute) {
        const last = deliveries.filter((d) => d <= m).at(-1);
        if (last === undefined) continue;
        seen += 0.5;
        if (m - last >= cadence * hour) late += 0.5;
      }
      expect(punctuality(handed, cadence, month, base + now * hour)).toEqual(seen === 0 ? null : { hours: seen, lateHours: late });
    }), { numRuns: 1000 });
  });
  test('is none of a feed that promises nothing or never came, and a gap is counted within its month', () => {
    expect(punctuality([base], null, month, base + hour)).toBeNull();
    expect(punctuality([], 24, month, base + hour)).toBeNull();
    expect(gapHours([{ from: base - hour, to: base + 2 * hour }, { from: base + 70 * hour, to: base + 80 * hour }], month)).toBe(4);
  });
});

test('a share is the fraction, half up, and of nothing none', () => {
  fc.assert(fc.property(fc.nat(100_000), fc.nat(100_000), (x, y) => {
    const [part, whole] = [Math.min(x, y), Math.max(x, y)];
    const { percent } = shareOf(part, whole);
    if (whole === 0) expect(percent).toBeNull();
    else expect(Math.abs((percent ?? -1) - part / whole * 100)).toBeLessThanOrEqual(0.05 + 1e-9);
  }));
});

test('a table has its columns whatever a feed is called, and nothing where nothing is', () => {
  const empty = scoreOf({
    cases: [], batches: 0, rows: { read: 0, stored: 0, duplicate: 0, quarantined: 0 }, time: null, gaps: 0, gapHours: 0, assets: { all: 0, alone: 0 },
  });
  expect([empty.useful.percent, empty.false.percent, empty.notJudged.percent, empty.medianHours, empty.duplicate.percent, empty.alone?.percent, empty.late])
    .toEqual([null, null, null, null, null, null, null]);
  fc.assert(fc.property(fc.oneof(fc.constantFrom('=1', '"', ',', '\r\n', '@x'), fc.string({ maxLength: 12 })), (name) => {
    const csv = scoresCsv('2026-06', [{ kind: 'feed', name, provider: null, score: empty }]);
    const [head = '', rest = ''] = [csv.slice(0, csv.indexOf('\r\n')), csv.slice(csv.indexOf('\r\n') + 2)];
    const cells = [...rest.slice(0, -2).matchAll(/"((?:[^"]|"")*)"(?:,|$)|([^",]*)(?:,|$)/g)].map((m) => m[1]?.replaceAll('""', '"') ?? m[2] ?? '');
    expect(cells.slice(0, head.split(',').length)).toHaveLength(head.split(',').length);
    expect([name, `'${name}`]).toContain(cells[2]);
    expect(cells).not.toContain('0%');
  }));
});
