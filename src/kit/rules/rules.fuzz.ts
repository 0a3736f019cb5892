import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lint } from './lint.ts';
import { readSigma } from './sigma.ts';
import { readSuricata } from './suricata.ts';
import { benign, rogue } from './testing.ts';
import { readYara } from './yara.ts';

const readers = [readYara, readSigma, readSuricata] as const;
const corpus = benign(7, 40);
const seeds = [...corpus.yara, ...corpus.sigma, ...corpus.suricata, ...rogue].map((r) => r.text);

test('whatever comes, each reader ends, with rules and located problems, and the lint is total', () => {
  const one = fc.constantFrom(...seeds);
  const hostile = fc.tuple(one, one, fc.nat(), fc.nat(), fc.string({ maxLength: 6 }))
    .map(([a, b, cut, at, noise]) => `${a.slice(0, cut % a.length)}${noise}${b.slice(at % b.length)}\n${b}`);
  fc.assert(fc.property(fc.oneof(hostile, fc.string({ maxLength: 200 })), (text) => {
    for (const reader of readers) {
      const { rules, problems } = reader(text);
      const lines = text.split('\n').length + 1;
      for (const { line } of [...rules, ...problems]) expect(line >= 0 && line <= lines).toBe(true);
      for (const rule of rules) lint(rule);
    }
  }), { numRuns: 600 });
});

test('long lines that almost fit are read in time that grows with them', () => {
  for (const text of [
    `rule a { strings: $a = "${'\\'.repeat(100_000)}`, `alert tcp ${'a '.repeat(50_000)}`, `a: ${'"'.repeat(50_000)}`, `${'-'.repeat(100_000)}a`,
    `rule ${'a '.repeat(50_000)}`, `rule a { condition: ${'( '.repeat(50_000)}`,
  ]) {
    const begun = performance.now();
    for (const reader of readers) reader(text);
    expect(performance.now() - begun).toBeLessThan(2_000);
  }
});
