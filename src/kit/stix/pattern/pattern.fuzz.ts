import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Matcher } from './match.ts';
import { areEquivalent, normalForm } from './normal.ts';
import { parsePattern } from './parse.ts';
import { patternProblems } from './plausible.ts';
import { printPattern } from './print.ts';
import { anyObservation, anyPattern, bruteForce } from './testing.ts';
import type { Condition, Expression } from './ast.ts';

/** What brackets cannot say is the same tree: an AND of ANDs is read as one where it is printed as one. */
const reread = (pattern: Expression): Expression => {
  const parsed = parsePattern(printPattern(pattern));
  if ('fault' in parsed) throw new Error(`${parsed.fault.text} at ${parsed.fault.offset}: ${printPattern(pattern)}`);
  return parsed.pattern;
};
const world = fc.array(anyObservation, { minLength: 1, maxLength: 4 });

test('what is printed is read as the same tree', () => {
  fc.assert(fc.property(anyPattern, (pattern) => {
    expect(reread(pattern)).toEqual(pattern);
    expect(printPattern(reread(pattern))).toBe(printPattern(pattern));
  }), { numRuns: 1000 });
});

test('the matcher finds what trying everything finds, and nothing else', () => {
  let [yes, no] = [0, 0];
  fc.assert(fc.property(anyPattern, world, (pattern, observations) => {
    const expected = bruteForce(pattern, observations);
    if (expected === null) return;
    const { answer, used } = new Matcher(pattern).match(observations);
    expect(answer).toBe(expected ? 'yes' : 'no');
    if (expected) yes++;
    else no++;
    for (const [i, o] of observations.entries()) expect(used.filter((u) => u === i).length).toBeLessThanOrEqual(o.count);
  }), { numRuns: 2000 });
  expect(Math.min(yes, no)).toBeGreaterThan(200);
});

test('a normal form matches what its pattern matches, and is its own normal form', () => {
  fc.assert(fc.property(anyPattern, fc.array(world, { minLength: 1, maxLength: 3 }), (pattern, worlds) => {
    const normal = normalForm(pattern);
    for (const observations of worlds) {
      const [a, b] = [pattern, normal].map((p) => new Matcher(p).match(observations).answer);
      if (a !== 'undecided' && b !== 'undecided') expect(b, `${printPattern(pattern)} ~ ${printPattern(normal)}`).toBe(a);
    }
    expect(printPattern(normalForm(normal))).toBe(printPattern(normal));
    expect(parsePattern(printPattern(normal))).toEqual({ pattern: normal });
  }), { numRuns: 1000 });
});

test('order and brackets make no difference', () => {
  const turned = (c: Condition): Condition => (c.is === 'and' || c.is === 'or' ? { is: c.is, of: c.of.map(turned).reverse() } : c);
  const mirrored = (e: Expression): Expression => {
    if (e.is === 'observation') return { is: 'observation', of: turned(e.of) };
    if (e.is === 'qualified') return { ...e, of: mirrored(e.of) };
    return { is: e.is, of: e.is === 'then' ? e.of.map(mirrored) : e.of.map(mirrored).reverse() };
  };
  fc.assert(fc.property(anyPattern, (pattern) => {
    // Past the bound of distribution only what stands in brackets as it is written is compared.
    if (printPattern(pattern).length < 600) expect(areEquivalent(pattern, mirrored(pattern)), printPattern(pattern)).toBe(true);
  }), { numRuns: 500 });
});

test('no text makes the parser throw, and a fault has its place', () => {
  const piece = fc.constantFrom('[', ']', '(', ')', 'file:name', ' = ', "'a'", 'AND ', ' OR ', ' FOLLOWEDBY ', ' WITHIN 5 SECONDS', ' REPEATS 2 TIMES',
    " START t'2026-01-01T00:00:00Z'",
    " STOP t'2027-01-01T00:00:00Z'", ' IN ', ',', 'NOT ', 'EXISTS ', "h'0'", "b'AA=='", '-1.5', '\\', "'", '[*]', '.x', ':', '/*', '//', '\u0085', '😀');
  fc.assert(fc.property(fc.oneof(fc.string(), fc.array(piece, { maxLength: 20 }).map((p) => p.join('')),
    fc.tuple(anyPattern, fc.nat(), piece).map(([p, at, x]) => {
      const text = printPattern(p);
      return text.slice(0, at % text.length) + x + text.slice(at % text.length);
    })), (text) => {
    const parsed = parsePattern(text);
    if ('fault' in parsed) {
      const { offset, line, column } = parsed.fault;
      expect(offset).toBeLessThanOrEqual(text.length);
      const before = text.slice(0, offset).split('\n');
      expect([line, column]).toEqual([before.length, (before.at(-1) ?? '').length + 1]);
    } else {
      expect(reread(parsed.pattern)).toEqual(parsed.pattern);
      patternProblems(parsed.pattern);
      normalForm(parsed.pattern);
    }
  }), { numRuns: 3000 });
});
