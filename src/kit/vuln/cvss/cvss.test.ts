/** CVSS beside an implementation of other people, on random vectors of each version; and what is no vector, with its place. */
import { describe, expect, test } from 'vitest';
import * as peer from 'ae-cvss-calculator';
import { dice } from '#kit/dice';
import { metricsOf, type CvssVersion, type Group } from './metrics.ts';
import { overallOf, scoresOf, severityOf } from './score.ts';
import { cvssText, readCvss, type CvssVector } from './vector.ts';

const makers = { '2.0': peer.Cvss2, '3.0': peer.Cvss3P0, '3.1': peer.Cvss3P1, '4.0': peer.Cvss4P0 };
const allGroups: readonly Group[] = ['base', 'threat', 'environmental', 'supplemental'];

function vectorOf(text: string): CvssVector {
  const read = readCvss(text);
  if ('fault' in read) throw new Error(`${text}: ${read.fault.text}`);
  return read.vector;
}

/** Random values of all metrics of these groups; of what may be left out half is. */
function drawn(version: CvssVersion, groups: readonly Group[], random: () => number): string {
  const metrics = new Map<string, string>();
  for (const { name, group, values, none } of metricsOf[version]) {
    if (!groups.includes(group) || (none !== null && random() < 0.5)) continue;
    metrics.set(name, values[Math.floor(random() * values.length)] ?? '');
  }
  for (const [name, value] of metrics) if (value === metricsOf[version].find((m) => m.name === name)?.none) metrics.delete(name);
  return cvssText({ version, metrics });
}

/** A number as whole digits behind a point: nothing is rounded before it is meant to be. */
type Exact = readonly [digits: bigint, places: number];
const exact = (text: string): Exact => [BigInt(text.replace('.', '')), (text.split('.')[1] ?? '').length];
const widened = ([digits, places]: Exact, to: number): bigint => digits * 10n ** BigInt(to - places);
const plus = (a: Exact, b: Exact, sign = 1n): Exact => {
  const places = Math.max(a[1], b[1]);
  return [widened(a, places) + sign * widened(b, places), places];
};
const times = (...all: Exact[]): Exact => all.reduce((a, b) => [a[0] * b[0], a[1] + b[1]]);
/** To one decimal, half of it upwards. */
const tenth = (a: Exact): Exact => {
  const [digits, unit] = [widened(a, a[1] + 2), 10n ** BigInt(a[1] + 1)];
  return [(2n * digits + unit) / (2n * unit), 1];
};
const weights2: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AV: { L: '0.395', A: '0.646', N: '1' }, AC: { H: '0.35', M: '0.61', L: '0.71' }, Au: { M: '0.45', S: '0.56', N: '0.704' },
  C: { N: '0', P: '0.275', C: '0.660' }, E: { U: '0.85', POC: '0.9', F: '0.95' }, RL: { OF: '0.87', TF: '0.90', W: '0.95' },
  RC: { UC: '0.90', UR: '0.95' }, CDP: { L: '0.1', LM: '0.3', MH: '0.4', H: '0.5' }, TD: { N: '0', L: '0.25', M: '0.75' }, R: { L: '0.5', H: '1.51' },
};

/** The equations of the second edition once more, in whole numbers: no double decides where a half is rounded to. */
function exact2({ metrics }: CvssVector): { threat: number; environmental: number } {
  const of = (name: string, table = name, none = '1'): Exact => exact(weights2[table]?.[metrics.get(name) ?? ''] ?? none);
  const one = exact('1');
  const base = (needs: boolean): Exact => {
    const left = ['C', 'I', 'A'].map((n) => plus(one, needs ? times(of(n, 'C'), of(`${n}R`, 'R')) : of(n, 'C'), -1n));
    const full = times(exact('10.41'), plus(one, times(...left), -1n));
    const harm = needs && widened(full, full[1] + 1) > widened(exact('10'), full[1] + 1) ? exact('10') : full;
    if (harm[0] === 0n) return exact('0');
    const sum = plus(times(exact('0.6'), harm), times(exact('0.4'), exact('20'), of('AV'), of('AC'), of('Au')));
    const score = times(plus(sum, exact('1.5'), -1n), exact('1.176'));
    return score[0] < 0n ? exact('0') : tenth(score);
  };
  const later = (b: Exact): Exact => tenth(times(b, of('E'), of('RL'), of('RC')));
  const adjusted = later(base(true));
  const all = tenth(times(plus(adjusted, times(plus(exact('10'), adjusted, -1n), of('CDP', 'CDP', '0'))), of('TD')));
  return { threat: Number(later(base(false))[0]) / 10, environmental: Number(all[0]) / 10 };
}

const cases: readonly (readonly [CvssVersion, readonly Group[], number])[] = [
  ['2.0', ['base'], 3_000],
  ...(['3.0', '3.1'] as const).flatMap((v) => [[v, ['base'], 3_000], [v, ['base', 'threat'], 3_000], [v, allGroups, 3_000]] as const),
  // The peer takes two milliseconds for one.
  ['4.0', ['base'], 500], ['4.0', ['base', 'threat'], 500], ['4.0', allGroups, 500],
];
test.each(cases)('CVSS %s with %s is scored as the peer scores it', (version, groups, count) => {
  const random = dice(20_260_101 + groups.length);
  for (let i = 0; i < count; i++) {
    const text = drawn(version, groups, random);
    expect(`${text} ${overallOf(scoresOf(vectorOf(text)))}`).toBe(`${text} ${new makers[version](text).calculateScores().overall}`);
  }
});

// The peer keeps doubles between its steps, and so says 8.5 of 9 times 0.95; these are asked of whole numbers instead.
test('CVSS 2.0 is rounded at each step, half of a tenth upwards', () => {
  const random = dice(20_260_102);
  for (let i = 0; i < 5_000; i++) {
    const text = drawn('2.0', allGroups, random);
    const [vector, scores] = [vectorOf(text), scoresOf(vectorOf(text))];
    const want = exact2(vector);
    expect([text, scores.threat ?? want.threat, scores.environmental ?? want.environmental]).toEqual([text, want.threat, want.environmental]);
  }
  expect(scoresOf(vectorOf('AV:N/AC:L/Au:N/C:P/I:P/A:C/E:F'))).toEqual({ base: 9, threat: 8.6, environmental: null });
});

describe('scores and words', () => {
  // Of the second edition's guide, section 3.3: CVE-2002-0392, CVE-2003-0818 and CVE-2003-0062.
  test.each([
    ['AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H', 7.8, 6.4, 9.2],
    ['AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:L', 10, 8.3, 9],
    ['AV:L/AC:H/Au:N/C:C/I:C/A:C/E:POC/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:M', 6.2, 4.9, 7.5],
  ])('%s', (text, base, threat, environmental) => {
    const said = scoresOf(vectorOf(text));
    expect([said.base, said.threat, said.environmental]).toEqual([base, threat, environmental]);
  });
  test('each version has its words', () => {
    expect([0, 0.1, 3.9, 4, 6.9, 7, 8.9, 9, 10].map((s) => severityOf(s, '3.1'))).toEqual(
      ['none', 'low', 'low', 'medium', 'medium', 'high', 'high', 'critical', 'critical']);
    expect([0, 3.9, 4, 7, 10].map((s) => severityOf(s, '2.0'))).toEqual(['low', 'low', 'medium', 'high', 'high']);
  });
  test('any order is read and the one of the specification written', () => {
    expect(cvssText(vectorOf('CVSS:3.1/S:U/PR:N/UI:N/AC:L/AV:N/C:H/I:H/A:H/E:X'))).toBe('CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H');
    expect(cvssText(vectorOf('(AV:N/AC:L/Au:N/C:P/I:P/A:P)'))).toBe('AV:N/AC:L/Au:N/C:P/I:P/A:P');
  });
});

test.each([
  ['', 'empty', 0], ['CVSS:5.0/AV:N', 'version', 0], ['CVSS:3.1', 'version', 0], ['CVSS:3.1/AV:N/AC', 'syntax', 14],
  ['CVSS:3.1/AV:N/XX:N', 'unknown-metric', 14], ['CVSS:3.1/AV:Z', 'unknown-value', 12], ['CVSS:3.1/AV:N/AV:N', 'twice', 14],
  ['CVSS:3.1/AV:N/AC:L', 'missing', 18], ['AV:N/AC:L/Au:N/C:P/I:P', 'missing', 22], [`CVSS:3.1/${'A'.repeat(500)}`, 'too-long', 400],
])('%s is no vector', (text, code, at) => {
  expect(readCvss(text)).toMatchObject({ fault: { code, at } });
});
