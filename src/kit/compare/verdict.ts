/**
 * The ladder: which of the six verdicts stands, from what a comparison says and from what trials have proved. Pure; the pages and the
 * verifier run the same lines.
 */
import { summaryOf, verdicts, type Difference, type Summary, type Verdict } from './model.ts';

/** One fact of the environment and the value that a trial gave it. */
export const factNames = ['clock', 'toolchain', 'locale', 'path', 'parallelism'] as const;
export type FactName = (typeof factNames)[number];
export interface Fact { readonly name: FactName; readonly value: string }

/** What a difference is told by, in a part and region; the same in every comparison. */
export const differenceKey = ({ part, region, kind }: Difference): string => JSON.stringify([...part, region, kind]);

/** A build with one fact set, everything else as before: what it came to beside the shipped file. */
export interface Trial {
  readonly fact: Fact;
  readonly verdict: 'IDENTICAL' | 'CODE-IDENTICAL' | 'DIFFERENT';
  /** Keys of differences that no rule covers, and that are still there. */
  readonly open: readonly string[];
}
export interface Cause { readonly difference: string; readonly fact: Fact }

export const openKeys = (differences: readonly Difference[]): string[] => [...new Set(differences.filter((d) => d.rule === null).map(differenceKey))];

/** A cause is proved where a difference goes away with one fact alone, and none comes that was not there. */
export function causesOf(open: readonly string[], trials: readonly Trial[]): Cause[] {
  const before = new Set(open);
  return open.flatMap((difference) => {
    const proof = trials.find((t) => !t.open.includes(difference) && t.open.every((key) => before.has(key)));
    return proof ? [{ difference, fact: proof.fact }] : [];
  });
}

export interface Judged { readonly verdict: Verdict; readonly causes: readonly Cause[]; readonly recovered: Fact | null }

/**
 * As built, and with what was found by trials. The first trial that gives the same bytes makes it IDENTICAL-AFTER-RECOVERY; failing
 * that, differences that each have a proved cause make it EXPLAINED.
 */
export function judge(
  asBuilt: { readonly verdict: 'IDENTICAL' | 'CODE-IDENTICAL' | 'DIFFERENT'; readonly differences: readonly Difference[];
    readonly leftOut: number }, trials: readonly Trial[],
): Judged {
  if (asBuilt.verdict === 'IDENTICAL') return { verdict: 'IDENTICAL', causes: [], recovered: null };
  const same = trials.find((t) => t.verdict === 'IDENTICAL');
  if (same) return { verdict: 'IDENTICAL-AFTER-RECOVERY', causes: [], recovered: same.fact };
  if (asBuilt.verdict === 'CODE-IDENTICAL') return { verdict: 'CODE-IDENTICAL', causes: [], recovered: null };
  const open = openKeys(asBuilt.differences);
  const causes = causesOf(open, trials);
  const all = asBuilt.leftOut === 0 && open.length > 0 && causes.length === open.length;
  return { verdict: all ? 'EXPLAINED' : 'DIFFERENT', causes, recovered: null };
}

/** The worst of several, which a whole release has; without any it is NOT-REBUILT. */
export const worst = (all: readonly Verdict[]): Verdict =>
  all.length === 0 ? 'NOT-REBUILT' : all.reduce((worse, next) => (verdicts.indexOf(next) > verdicts.indexOf(worse) ? next : worse));

export const summaryFor = (all: readonly Verdict[]): Summary => summaryOf[worst(all)];
