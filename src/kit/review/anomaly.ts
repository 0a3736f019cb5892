/**
 * How much a session looks like copying rather than reading: walking file after file, new ground without pause, no time to read, everywhere
 * at once. A score from 0 to 100 over the latest views with its four parts, so that whoever is slowed down sees why.
 */

export interface Step {
  /** Milliseconds. */
  readonly at: number;
  /** Place of the file in the order of the tree. */
  readonly file: number;
  readonly folder: string;
  readonly window: number;
  /** Blocks that were new. */
  readonly fresh: number;
}

export interface Score {
  readonly score: number;
  /** Each from 0 to 1. */
  readonly walk: number;
  readonly greed: number;
  readonly haste: number;
  readonly spread: number;
  /** What follows: nothing, waiting between windows, or a colleague's word. */
  readonly follows: 'nothing' | 'slow' | 'ask';
}

/** Fewer views say nothing. */
export const leastViews = 20;
/** The latest that are looked at. */
export const lookedAt = 200;
const weights = { walk: 40, greed: 20, haste: 30, spread: 10 } as const;
/** A page of 200 lines that was looked at for less than this was not read. */
const readMs = 4_000;
const slowFrom = 55;
const askFrom = 80;

const calm: Score = { score: 0, walk: 0, greed: 0, haste: 0, spread: 0, follows: 'nothing' };

/** Steps in the order of time. */
export function anomalyOf(all: readonly Step[]): Score {
  const steps = all.slice(-lookedAt);
  if (steps.length < leastViews) return calm;
  const moves = steps.slice(1).map((to, i) => ({ from: steps[i] as Step, to }));
  const share = (of: (move: { from: Step; to: Step }) => boolean): number => moves.filter(of).length / moves.length;
  // On to the neighbouring file, or on within a file whose neighbour was left a moment ago: that is the walk of a machine.
  const files = new Set(steps.map((s) => s.file)).size;
  const walked = share(({ from, to }) => Math.abs(to.file - from.file) === 1 || (files > 4 && to.file === from.file && to.window === from.window + 1));
  const walk = files > 4 ? walked : walked * 0.5;
  const greed = steps.filter((s) => s.fresh > 0).length / steps.length;
  const haste = share(({ from, to }) => to.at - from.at < readMs);
  const spread = Math.min(1, (new Set(steps.map((s) => s.folder)).size / steps.length) * 2);
  const score = Math.round(walk * weights.walk + greed * weights.greed + haste * weights.haste + spread * weights.spread);
  return { score, walk, greed, haste, spread, follows: score >= askFrom ? 'ask' : score >= slowFrom ? 'slow' : 'nothing' };
}

/** Milliseconds that the next window waits for after the last. */
export function waitOf({ follows, score }: Score): number {
  return follows === 'nothing' ? 0 : (score - slowFrom + 5) * 200;
}
