/**
 * CVSS 4.0 (FIRST, section 8): a vector belongs to one of 270 macro-vectors with a score that experts gave; within it the score falls
 * by how far the vector is from the highest one there. All steps are whole numbers, so that rounding is exact.
 */
import type { Scored, ValueOf } from './three.ts';

/**
 * FIRST's table of scores in tenths: a line for EQ1 and EQ2, in it five groups of EQ3 and EQ6 (00 01 10 11 21), in each EQ4, in
 * that EQ5. These are figures of the specification.
 */
const table: readonly (readonly number[])[] = [
  '100 98 95 100 93 91 93 89 81 99 95 92 96 87 81 90 80 68 98 95 90 93 89 81 88 78 69 95 92 84 92 81 65 80 70 48 92 82 72 79 69 50 69 55 27',
  '99 95 92 95 90 84 92 82 72 97 92 85 91 83 71 81 71 53 95 92 85 92 80 70 84 71 50 93 85 73 82 72 59 70 52 30 86 75 52 71 52 29 63 29 17',
  '98 94 91 94 86 77 87 74 63 95 87 81 89 74 64 75 63 49 94 88 76 86 74 59 72 57 52 89 77 67 76 58 50 57 52 25 83 70 54 65 58 26 53 21 13',
  '95 88 76 90 75 61 77 68 52 90 76 70 77 62 53 66 59 30 89 76 62 74 57 47 61 57 24 78 67 58 59 57 23 52 29 16 71 59 30 58 26 15 23 13 6',
  '93 86 75 86 74 56 70 52 40 87 72 58 74 61 34 54 40 22 85 74 62 72 55 46 53 34 19 75 55 51 57 41 19 36 19 8 64 51 20 47 21 11 24 9 4',
  '88 73 60 73 59 41 54 45 20 75 53 50 55 40 20 43 22 11 75 58 40 61 48 20 46 17 8 55 45 21 51 18 9 18 7 2 53 24 14 24 12 5 10 3 1',
].map((line) => line.split(' ').map(Number));

/** EQ3 and EQ6 together; 20 cannot be: without high impact no requirement meets one. */
const pairs: readonly (readonly number[])[] = [[0, 1], [2, 3], [-1, 4]];

const tenths = (one: number, two: number, three: number, four: number, five: number, six: number): number | null => {
  const pair = pairs[three]?.[six] ?? -1;
  if (one > 2 || two > 1 || four > 2 || five > 2 || pair < 0) return null;
  return table[one * 2 + two]?.[pair * 9 + four * 3 + five] ?? null;
};

/** How many steps each value lies below the worst. */
const steps: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { N: 0, A: 1, L: 2, P: 3 }, PR: { N: 0, L: 1, H: 2 }, UI: { N: 0, P: 1, A: 2 }, AC: { L: 0, H: 1 }, AT: { N: 0, P: 1 },
  VC: { H: 0, L: 1, N: 2 }, VI: { H: 0, L: 1, N: 2 }, VA: { H: 0, L: 1, N: 2 }, CR: { H: 0, M: 1, L: 2 }, IR: { H: 0, M: 1, L: 2 }, AR: { H: 0, M: 1, L: 2 },
  SC: { H: 1, L: 2, N: 3 }, SI: { S: 0, H: 1, L: 2, N: 3 }, SA: { S: 0, H: 1, L: 2, N: 3 },
};

/** Names of the metrics of a class and, for each of its levels, the highest vectors there as steps. */
interface Class { readonly names: readonly string[]; readonly tops: readonly (readonly (readonly number[])[])[]; readonly depth: readonly number[] }
const tops = (text: string): number[][] => text.split(' ').map((one) => [...one].map(Number));
const reach: Class = { names: ['AV', 'PR', 'UI'], tops: [tops('000'), tops('100 010 001'), tops('300 111')], depth: [1, 4, 5] };
const effort: Class = { names: ['AC', 'AT'], tops: [tops('00'), tops('10 01')], depth: [1, 2] };
const harm: Class = {
  names: ['VC', 'VI', 'VA', 'CR', 'IR', 'AR'],
  tops: [tops('000000'), tops('001110 000111'), tops('100000 010000'), tops('101010 100011 010101 011100 110001'), tops('111000')],
  depth: [7, 6, 8, 8, 10],
};
const beyond: Class = { names: ['SC', 'SI', 'SA'], tops: [tops('100'), tops('111'), tops('222')], depth: [6, 5, 4] };

/** Steps from the first of the highest vectors that is nowhere below this one. */
function distance(read: ValueOf, { names, tops: levels }: Class, level: number): number {
  const own = names.map((name) => steps[name]?.[read(name)] ?? 0);
  const top = (levels[level] ?? []).find((steepest) => steepest.every((at, i) => at <= (own[i] ?? 0)));
  return top === undefined ? 0 : own.reduce((sum, at, i) => sum + at - (top[i] ?? 0), 0);
}

export interface Macro { readonly levels: readonly [one: number, two: number, three: number, four: number, five: number, six: number] }

function macroOf(v: ValueOf): Macro['levels'] {
  const easy = [v('AV'), v('PR'), v('UI')].filter((x) => x === 'N').length;
  const one = easy === 3 ? 0 : easy > 0 && v('AV') !== 'P' ? 1 : 2;
  const two = v('AC') === 'L' && v('AT') === 'N' ? 0 : 1;
  const high = (name: string): boolean => v(name) === 'H';
  const three = high('VC') && high('VI') ? 0 : high('VC') || high('VI') || high('VA') ? 1 : 2;
  const four = v('SI') === 'S' || v('SA') === 'S' ? 0 : high('SC') || high('SI') || high('SA') ? 1 : 2;
  const five = v('E') === 'A' ? 0 : v('E') === 'P' ? 1 : 2;
  const six = (high('CR') && high('VC')) || (high('IR') && high('VI')) || (high('AR') && high('VA')) ? 0 : 1;
  return [one, two, three, four, five, six];
}

/** Score in tenths below the macro-vector's, where the third and sixth class fall together. */
function lowerHarm([one, two, three, four, five, six]: Macro['levels']): number | null {
  if (six === 1) return tenths(one, two, three + 1, four, five, 1);
  if (three === 1) return tenths(one, two, 1, four, five, 1);
  const [left, right] = [tenths(one, two, three, four, five, 1), tenths(one, two, three + 1, four, five, 0)];
  return left === null ? right : right === null ? left : Math.max(left, right);
}

/** 840 is divided by every depth there is, and 60 by every number of classes: no fraction is left. */
function scoreOf(v: ValueOf): number {
  if (['VC', 'VI', 'VA', 'SC', 'SI', 'SA'].every((name) => v(name) === 'N')) return 0;
  const levels = macroOf(v);
  const [one, two, three, four, five, six] = levels;
  const whole = tenths(...levels) ?? 0;
  const pair = pairs[three]?.[six] ?? 0;
  const falls: readonly (readonly [lower: number | null, distance: number, depth: number])[] = [
    [tenths(one + 1, two, three, four, five, six), distance(v, reach, one), reach.depth[one] ?? 1],
    [tenths(one, two + 1, three, four, five, six), distance(v, effort, two), effort.depth[two] ?? 1],
    [lowerHarm(levels), distance(v, harm, pair), harm.depth[pair] ?? 1],
    [tenths(one, two, three, four + 1, five, six), distance(v, beyond, four), beyond.depth[four] ?? 1],
    // Within one maturity nothing is nearer or farther.
    [tenths(one, two, three, four, five + 1, six), 0, 1],
  ];
  let [fallen, count] = [0, 0];
  for (const [lower, steps840, depth] of falls) {
    if (lower === null) continue;
    count += 1;
    fallen += (whole - lower) * steps840 * (840 / depth);
  }
  const below = 840 * Math.max(1, count);
  const left = whole * below - fallen;
  return Math.min(100, Math.max(0, Math.floor((2 * left + below) / (2 * below)))) / 10;
}

const worst: Readonly<Record<string, string>> = { E: 'A', CR: 'H', IR: 'H', AR: 'H' };

export function scores4(value: ValueOf): Scored {
  const base: ValueOf = (name) => worst[name] ?? value(name);
  const threat: ValueOf = (name) => (name === 'E' ? value('E') || 'A' : base(name));
  const environmental: ValueOf = (name) => (name in worst ? value(name) || (worst[name] ?? '') : value(`M${name}`) || value(name));
  return { base: () => scoreOf(base), threat: () => scoreOf(threat), environmental: () => scoreOf(environmental) };
}

/** The macro-vector that a vector belongs to, as six digits. */
export function macroVector(value: ValueOf): string {
  return macroOf((name) => (name in worst ? value(name) || (worst[name] ?? '') : value(`M${name}`) || value(name))).join('');
}
