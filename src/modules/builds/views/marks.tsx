/** Small marks of builds: what a file or a release came to, in a word, a shape and a colour. */
import { Mark, type Meaning } from '#ui/Mark';
import { useWords } from '#ui/words';
import type { Equivalence, EquivalenceState, Verdict } from '../model.ts';

const ofVerdict: Readonly<Record<Verdict, Meaning>> = {
  IDENTICAL: 'good', 'IDENTICAL-AFTER-RECOVERY': 'good', 'CODE-IDENTICAL': 'good', EXPLAINED: 'warn', DIFFERENT: 'danger', 'NOT-REBUILT': 'none',
};
export function VerdictMark({ verdict }: { readonly verdict: Verdict }) {
  const { t } = useWords();
  return <Mark is={ofVerdict[verdict]}>{t(`builds.verdict-${verdict}`)}</Mark>;
}

const ofState: Readonly<Record<EquivalenceState, Meaning>> = {
  'not-assessed': 'wait', incomplete: 'wait', identical: 'good', equivalent: 'good', different: 'danger', 'cannot-build': 'warn',
};
export function EquivalenceMark({ state }: { readonly state: EquivalenceState }) {
  const { t } = useWords();
  return <Mark is={ofState[state]}>{t(`builds.state-${state}`)}</Mark>;
}

/** “2 parties, 1 of them independent of the provider”. */
export function useVoices(): (of: Equivalence) => string {
  const { t, number } = useWords();
  return ({ parties, independent }) => (parties === 0 ? t('builds.no-voice')
    : t('builds.voices', { parties: number(parties), independent: number(independent) }));
}
