/**
 * Reads what a rebuilder says that one file came to, and believes none of it: exactly its fields, regions that lie where they say,
 * rules where a rule may stand, trials that fit what they left open. The verdict is computed from that. What remains the rebuilder’s
 * word is that the two files are the ones named; whoever holds both compares them again.
 */
import { z } from 'zod';
import { canonicalText } from '../canonical/canonical.ts';
import { ruleIds, rules, type Comparison, type Difference, type Range, type Verdict } from '../compare/model.ts';
import { factNames, judge, type Cause, type Fact, type Trial } from '../compare/verdict.ts';

/** What one file came to: as built, and the trials that were made. Null where nothing was built. */
export interface Judgement { readonly comparison: Comparison | null; readonly trials: readonly Trial[] }

export interface ReadJudgement extends Judgement {
  readonly verdict: Verdict;
  readonly causes: readonly Cause[];
  readonly recovered: Fact | null;
}

const whole = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const text = z.string().max(4_096);
const path = z.array(text).max(40);
const range = z.strictObject({ from: whole, to: whole });
const file = z.strictObject({ bytes: whole, sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const own = z.enum(['IDENTICAL', 'CODE-IDENTICAL', 'DIFFERENT']);
const side = z.enum(['shipped', 'rebuilt']);

const shape = z.strictObject({
  comparison: z.strictObject({
    v: z.literal(1), shipped: file, rebuilt: file, verdict: own,
    differences: z.array(z.strictObject({
      part: path, region: text, kind: z.enum(['bytes', 'only-shipped', 'only-rebuilt', 'order', 'packed']), shipped: range.nullable(),
        rebuilt: range.nullable(),
      runs: z.array(z.strictObject({ shipped: range, rebuilt: range })).max(256), bytes: whole, executable: z.boolean(), rule: z.enum(ruleIds).nullable(),
    })).max(10_000),
    leftOut: whole, parts: z.array(z.strictObject({ path, format: text, regions: whole, differing: whole })).max(10_000),
    unopened: z.array(z.strictObject({ part: path, side, code: text, sentence: text })).max(20_000), rules: z.array(text).max(ruleIds.length),
  }).nullable(),
  trials: z.array(z.strictObject({
    fact: z.strictObject({ name: z.enum(factNames), value: text }), verdict: own, open: z.array(z.string().max(100_000)).max(10_000),
  })).max(200),
});

const lies = (inner: Range, outer: Range | null): boolean =>
  inner.from <= inner.to && (inner.from === inner.to || (outer !== null && inner.from >= outer.from && inner.to <= outer.to));

/** What is wrong with one difference, or null. */
function faultOf({ kind, rule, shipped, rebuilt, runs, bytes, executable }: Difference): string | null {
  if (rule !== null && executable) return 'a rule covers code';
  if ((kind === 'packed') !== (rule === 'packing')) return 'the rule packing covers what is not packed';
  if ((kind === 'only-shipped' || kind === 'only-rebuilt') && rule !== null && !['signature', 'bookkeeping', 'local-symbols'].includes(rule)) {
    return `the rule ${rule} covers what one side alone has`;
  }
  if (kind === 'order') return runs.length === 0 && bytes === 0 && (rule === null || rule === 'local-symbols') ? null : 'an order has bytes';
  const there = kind === 'only-shipped' ? shipped !== null && rebuilt === null : kind === 'only-rebuilt' ? shipped === null && rebuilt !== null
    : shipped !== null && rebuilt !== null;
  if (!there) return 'a region is on another side than its kind says';
  if (!runs.every((r) => lies(r.shipped, shipped) && lies(r.rebuilt, rebuilt))) return 'bytes lie outside of their region';
  const sum = runs.reduce((n, r) => n + Math.max(r.shipped.to - r.shipped.from, r.rebuilt.to - r.rebuilt.from), 0);
  return sum === bytes && bytes > 0 ? null : 'its bytes are not those of its runs';
}

function contradictionIn({ shipped, rebuilt, verdict, differences, leftOut, rules: used }: Comparison): string | null {
  const same = shipped.sha256 === rebuilt.sha256;
  if (same && (shipped.bytes !== rebuilt.bytes || differences.length > 0 || leftOut > 0)) return 'it lists differences of the same bytes';
  for (const difference of differences) {
    const fault = faultOf(difference);
    if (fault !== null) return `${[...difference.part, difference.region].join(' > ')}: ${fault}`;
  }
  const open = differences.some((d) => d.rule === null);
  const follows = same ? 'IDENTICAL' : open || leftOut > 0 || differences.length === 0 ? 'DIFFERENT' : 'CODE-IDENTICAL';
  // Beyond what is listed the comparison may know of more; it can only be worse for that.
  if (follows !== verdict) return `it says ${verdict} where its regions give ${follows}`;
  const named = [...new Set(differences.flatMap((d) => d.rule ?? []))].sort().map((id) => `${id}/${rules[id].version}`);
  return named.join() === [...used].join() ? null : 'its rules are not those of its regions';
}

const trialFits = ({ verdict, open }: Trial): boolean => (verdict === 'DIFFERENT') === open.length > 0;

/** The judgement and the verdict that follows from it; a sentence where it is none, or says two things. */
export function readJudgement(words: string): ReadJudgement | string {
  let value: unknown;
  try {
    value = JSON.parse(words);
  } catch {
    return 'it is no JSON';
  }
  const read = shape.safeParse(value);
  if (!read.success) return `it is no judgement: ${read.error.issues[0]?.path.join('.') ?? ''}`;
  if (canonicalText(read.data) !== words) return 'it is not in canonical form';
  const { comparison, trials } = read.data;
  if (comparison === null) return trials.length === 0 ? { comparison, trials, verdict: 'NOT-REBUILT', causes: [], recovered: null }
    : 'nothing was built, and tried';
  const wrong = contradictionIn(comparison) ?? (trials.every(trialFits) ? null : 'a trial’s verdict is not that of what it left open');
  return wrong ?? { comparison, trials, ...judge(comparison, trials) };
}
