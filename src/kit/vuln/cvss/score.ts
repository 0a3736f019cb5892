/** Scores of a vector of any version, and the words for them. What the groups say is told apart, so that a page can show what changed a score. */
import type { CvssVector } from './vector.ts';
import { scores2 } from './two.ts';
import { scores3 } from './three.ts';
import { scores4 } from './four.ts';
import { metricsOf, type CvssVersion, type Group } from './metrics.ts';

export interface CvssScores {
  /** From the base metrics alone. */
  readonly base: number;
  /** With temporal (2, 3) or threat (4) metrics; null where none is said. */
  readonly threat: number | null;
  /** With environmental metrics as well; null where none is said. */
  readonly environmental: number | null;
}

export const severities = ['none', 'low', 'medium', 'high', 'critical'] as const;
export type Severity = typeof severities[number];

/** The words of each specification; those of the second are NVD's, who scored by it: it knows neither none nor critical. */
export function severityOf(score: number, version: CvssVersion): Severity {
  if (version === '2.0') return score < 4 ? 'low' : score < 7 ? 'medium' : 'high';
  if (score === 0) return 'none';
  return score < 4 ? 'low' : score < 7 ? 'medium' : score < 9 ? 'high' : 'critical';
}

const says = ({ version, metrics }: CvssVector, group: Group): boolean => metricsOf[version].some((m) => m.group === group && metrics.has(m.name));

export function scoresOf(vector: CvssVector): CvssScores {
  const [threat, environmental] = [says(vector, 'threat'), says(vector, 'environmental')];
  const value = (name: string): string => vector.metrics.get(name) ?? '';
  const scored = vector.version === '2.0' ? scores2(value) : vector.version === '4.0' ? scores4(value) : scores3(value, vector.version === '3.1');
  return { base: scored.base(), threat: threat ? scored.threat() : null, environmental: environmental ? scored.environmental() : null };
}

/** The score that counts: the narrowest that is said. */
export const overallOf = ({ base, threat, environmental }: CvssScores): number => environmental ?? threat ?? base;
