/** A no in the reader's language where the dictionaries know its code, else in the hub's own sentence. */
import { ProblemError } from './asking.tsx';
import type { Words } from './words.tsx';

export function sentenceOf(words: Words, error: Error): string {
  if (!(error instanceof ProblemError)) return words.t('ui.problem.fault');
  if (error.problem.status === 0) return words.t('ui.problem.unreachable');
  const key = `refusal.${error.problem.code}`;
  return words.has(key) ? words.t(key) : error.problem.title;
}
