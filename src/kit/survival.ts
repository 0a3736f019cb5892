/**
 * How long things last when some of them have not ended yet (Kaplan and Meier, 1958): whoever has not ended counts for as long as it was
 * watched, and no longer, so that neither leaving them out nor taking today for their end makes the time too short.
 */

export interface Watched {
  /** Until the end, or until the watching stopped. */
  readonly time: number;
  readonly ended: boolean;
  /** How many of the same; one unless said. */
  readonly count?: number;
}

export interface SurvivalStep {
  readonly time: number;
  /** Watched and not ended before this time. */
  readonly atRisk: number;
  readonly ended: number;
  /** Share that lasts longer than this time, 0 to 1. */
  readonly lasting: number;
}

export interface Survival {
  readonly steps: readonly SurvivalStep[];
  /** First time by which half have ended; null where so many are not known to end. */
  readonly median: number | null;
  readonly total: number;
  /** Of all, those that had not ended. */
  readonly open: number;
}

/** One step for each time at which something ended. Who stopped being watched at that very time was still at risk then. */
export function survivalOf(list: readonly Watched[]): Survival {
  const times = new Map<number, { ended: number; all: number }>();
  for (const { time, ended, count = 1 } of list) {
    const at = times.get(time) ?? { ended: 0, all: 0 };
    times.set(time, { ended: at.ended + (ended ? count : 0), all: at.all + count });
  }
  const total = list.reduce((sum, { count = 1 }) => sum + count, 0);
  const steps: SurvivalStep[] = [];
  const now = { atRisk: total, lasting: 1 };
  for (const [time, { ended, all }] of [...times].sort(([a], [b]) => a - b)) {
    if (ended > 0) {
      now.lasting *= (now.atRisk - ended) / now.atRisk;
      steps.push({ time, atRisk: now.atRisk, ended, lasting: now.lasting });
    }
    now.atRisk -= all;
  }
  // A half that is a half in figures may be a hair more in binary fractions.
  const median = steps.find((step) => step.lasting <= 0.5 + 1e-12)?.time ?? null;
  return { steps, median, total, open: list.reduce((sum, { ended, count = 1 }) => sum + (ended ? 0 : count), 0) };
}
