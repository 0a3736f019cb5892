/**
 * How a no is shown: the sentence, what one can do, the clause that is missing and whom to ask. A fault shows its
 * trace id. The hub's sentences and hints are English; a code that the dictionaries know is said in the reader's language.
 */
import { Button } from '@mantine/core';
import { IconAlertTriangle, IconLock, IconPlugConnectedX } from '@tabler/icons-react';
import type { Problem } from '#kit/refusal';
import { AskApproval } from './AskApproval.tsx';
import { ProblemError } from './asking.tsx';
import { Hash } from './Hash.tsx';
import css from './ProblemNote.module.css';
import { useReader } from './reader.tsx';
import { ownWords, sentenceOf, whomOf } from './sentence.tsx';
import { Link } from './url.tsx';
import { useWords, type Words } from './words.tsx';

interface ProblemNoteProps {
  readonly error: Error;
  readonly onRetry?: () => void;
}

export function ProblemNote({ error, onRetry }: ProblemNoteProps) {
  const words = useWords();
  const { t } = words;
  const { agreementTitle } = useReader();
  const problem = error instanceof ProblemError ? error.problem : null;
  const hint = problem ? hintOf(words, problem) : null;
  const status = problem?.status ?? 500;
  const refused = status === 403 || status === 401;
  const Icon = refused ? IconLock : status === 0 ? IconPlugConnectedX : IconAlertTriangle;
  const trace = error instanceof ProblemError ? error.traceId : null;
  return (
    <div className={css.note} data-kind={refused ? 'refused' : 'failed'} role="alert">
      <Icon size={20} aria-hidden className={css.icon} />
      <div className={css.words}>
        <p className={css.sentence}>{sentenceOf(words, error)}</p>
        {hint === null ? null : <p>{hint}</p>}
        {problem?.at ? <p>{t('ui.problem.at', { at: problem.at })}</p> : null}
        {problem?.clause ? (
          <p>
            {t('ui.problem.clause', { clause: problem.clause.clause })}{' '}
            <Link to={`/agreements/${problem.clause.agreementId}`}>{agreementTitle(problem.clause)}</Link>{' '}
            <Hash value={problem.clause.textSha256} />
          </p>
        ) : null}
        {problem?.clause && problem.decision ? (
          <p>
            <Link to={`/agreements/${problem.clause.agreementId}/rights?${new URLSearchParams(problem.decision)}`}>{t('ui.problem.why')}</Link>
          </p>
        ) : null}
        {problem?.ask ? <p>{t('ui.problem.ask', { whom: whomOf(words, problem.ask) })}</p> : null}
        {problem?.operation !== undefined && error instanceof ProblemError && error.sent
          ? <AskApproval operation={problem.operation} input={error.sent} /> : null}
        {problem?.problems?.length ? (
          <ul className={css.list}>
            {problem.problems.map((p) => <li key={`${p.at} ${p.problem}`}><code>{p.at}</code> {p.problem}</li>)}
          </ul>
        ) : null}
        {trace && status >= 500 ? <p className="e-small e-faint">{t('ui.problem.trace')} <Hash value={trace} /></p> : null}
        {onRetry && !refused && status !== 404 ? (
          <Button variant="default" size="xs" onClick={onRetry} mt={4}>{t('ui.retry')}</Button>
        ) : null}
      </div>
    </div>
  );
}

/** What one can do, in the reader's language: a hint of the hub is English, and is left out where the no has words of its own. */
function hintOf(words: Words, { hint, code }: Problem): string | null {
  if (hint === undefined) return null;
  const roles = /^It belongs to: (.+)\.$/.exec(hint)?.[1];
  if (roles && roles !== 'nobody') return words.t('ui.problem.roles', { roles: roles.split(', ').map((role) => words.t(`role.${role}`)).join(', ') });
  return words.tongue === 'en' || ownWords(words, code) === null ? hint : null;
}
