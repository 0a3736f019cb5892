/** A no in the reader's language where the dictionaries know its code, else in the hub's own sentence. */
import { ProblemError } from './asking.tsx';
import type { Words } from './words.tsx';

export function sentenceOf(words: Words, error: Error): string {
  if (!(error instanceof ProblemError)) return words.t('ui.problem.fault');
  if (error.problem.status === 0) return words.t('ui.problem.unreachable');
  return ownWords(words, error.problem.code) ?? error.problem.title;
}

/** The dictionaries' sentence for a code; a no for want of a mandate bears the code of the reasoning. Null where there is none. */
export function ownWords(words: Words, code: string): string | null {
  const refusal = `refusal.${code}`;
  if (words.has(refusal)) return words.t(refusal);
  const reason = `reason.${code.replace(/^mandate\./, '')}`;
  return code.startsWith('mandate.') && words.has(reason) ? words.t(reason) : null;
}

/** Whom to ask, in the reader's language where it is no name. */
export function whomOf(words: Words, whom: string): string {
  const slug = whom.toLowerCase().replaceAll(/[^a-z]+/g, '-');
  return words.has(`ask.${slug}`) ? words.t(`ask.${slug}`) : whom;
}
