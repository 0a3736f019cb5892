/** Pieces that the pages of peers share: how a following stands, what a fetch came to, and troubles in plain words. */
import { Button } from '@mantine/core';
import { useAct } from '#ui/asking';
import { Mark, type Meaning } from '#ui/Mark';
import { ProblemNote } from '#ui/ProblemNote';
import { Time } from '#ui/Time';
import { useWords, type Words } from '#ui/words';
import { peersApi } from '../api/peers.ts';
import type { Fetch, Following, Trouble } from '../model/peers.ts';

export function everyWords({ t }: Words, minutes: number): string {
  return minutes % 60 === 0 ? t('peers.every-hours', { count: minutes / 60 }) : t('peers.every-minutes', { count: minutes });
}

/** In the reader's language, with the place. */
export function TroubleText({ trouble }: { readonly trouble: Trouble }) {
  const { t, has } = useWords();
  const known = has(`refusal.${trouble.code}`);
  return (
    <span>
      {known ? t(`refusal.${trouble.code}`) : trouble.sentence}
      {known && trouble.at ? <> <span className="e-faint" style={{ overflowWrap: 'anywhere' }}>{trouble.at}</span></> : null}
    </span>
  );
}

const meanings: Readonly<Record<Fetch['state'], Meaning>> = { running: 'wait', done: 'good', failed: 'danger', waiting: 'warn' };
export function FetchMark({ fetch }: { readonly fetch: Pick<Fetch, 'state'> }) {
  const { t } = useWords();
  return <Mark is={meanings[fetch.state]}>{t(`fetch-state.${fetch.state}`)}</Mark>;
}

/** One word for how a following is, the worst first. */
export function Health({ of }: { readonly of: Following }) {
  const { t } = useWords();
  if (of.running) return <Mark is="wait">{t('peers.running')}</Mark>;
  if (!of.on) return <Mark is="none">{t('peers.paused')}</Mark>;
  if (of.failing) return <Mark is="danger">{t('peers.failing')} <Time at={of.failing.since} /></Mark>;
  if (of.lastSuccessAt === null) return <Mark is="none">{t('peers.not-yet')}</Mark>;
  return of.quirks.length > 0 ? <Mark is="good">{t('peers.well-with-quirks')}</Mark> : <Mark is="good">{t('peers.well')}</Mark>;
}

export function FetchNow({ of }: { readonly of: Pick<Following, 'id' | 'title' | 'running' | 'direction'> }) {
  const { t } = useWords();
  const run = useAct(peersApi['followings.fetch']);
  return (
    <>
      <Button
        variant="default" size="compact-sm" loading={run.isPending || of.running} aria-label={t('peers.fetch-of', { name: of.title })}
        onClick={() => run.mutate({ following: of.id })}
      >
        {t(of.direction === 'in' ? 'peers.fetch' : 'peers.send')}
      </Button>
      {run.error ? <ProblemNote error={run.error} /> : null}
    </>
  );
}
