/** Any text: a vector or a fault within it, never an exception; what is a vector survives being written and read, and scores stay in bounds. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { metricsOf, type CvssVersion } from './metrics.ts';
import { scoresOf } from './score.ts';
import { cvssText, readCvss } from './vector.ts';

const all = Object.values(metricsOf).flat().flatMap(({ name, values }) => values.map((v) => `${name}:${v}`));
const pieces = fc.array(fc.constantFrom(...all), { maxLength: 40 });
const near = fc.tuple(fc.constantFrom('', 'CVSS:2.0/', 'CVSS:3.0/', 'CVSS:3.1/', 'CVSS:4.0/', 'CVSS:', '('), pieces).map(([p, m]) => p + m.join('/'));
const whole = fc.constantFrom<CvssVersion>('2.0', '3.0', '3.1', '4.0').chain((version) => fc.tuple(...metricsOf[version].map(({ name, values }) => {
  return fc.constantFrom(...values).map((v) => `${name}:${v}`);
})).map((parts) => (version === '2.0' ? parts.join('/') : `CVSS:${version}/${parts.join('/')}`)));

test('any text is a vector or a fault with a place in it', () => {
  fc.assert(fc.property(fc.oneof(fc.string({ maxLength: 600 }), near, whole), (text) => {
    const read = readCvss(text);
    if ('fault' in read) {
      expect(read.fault.at).toBeGreaterThanOrEqual(0);
      expect(read.fault.at).toBeLessThanOrEqual(text.length);
      return;
    }
    const written = cvssText(read.vector);
    expect(readCvss(written)).toEqual(read);
    for (const score of Object.values(scoresOf(read.vector))) {
      if (score === null) continue;
      expect(score).toBeGreaterThanOrEqual(0);
      expect(score).toBeLessThanOrEqual(10);
      expect(Math.round(score * 10) / 10).toBe(score);
    }
  }), { numRuns: 2_000 });
});
test('every combination of values is scored', () => {
  fc.assert(fc.property(whole, (text) => {
    expect('vector' in readCvss(text)).toBe(true);
  }), { numRuns: 1_000 });
});
