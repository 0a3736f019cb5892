/** What one sees while the hub starts or cannot be reached: the phase it is in, with counts, looked at every second. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTransport } from '#ui/asking';
import { Meter } from '#ui/Meter';
import { useWords } from '#ui/words';
import css from './Starting.module.css';

interface Health {
  readonly status: 'starting' | 'ready';
  readonly phase?: string;
  readonly done?: number;
  readonly total?: number | null;
}

export function Starting({ onReady }: { readonly onReady: () => void }) {
  const { t, has } = useWords();
  const { bytes } = useTransport();
  const health = useQuery({
    queryKey: ['healthz'],
    queryFn: async () => JSON.parse(new TextDecoder().decode(await bytes('/healthz'))) as Health,
    refetchInterval: 1000,
    retry: false,
  });
  const now = health.isError ? null : health.data;
  const ready = now?.status === 'ready';
  useEffect(() => {
    if (ready) onReady();
  }, [ready, onReady]);
  const phase = now?.phase ? (has(`phase.${now.phase}`) ? t(`phase.${now.phase}`) : now.phase) : t('starting.opening');
  return (
    <main className={css.page}>
      <div className={css.card}>
        <h1>{now ? t('starting.title') : t('starting.unreachable')}</h1>
        <p>{now ? t('starting.text') : t('starting.unreachable-text')}</p>
        {now ? <Meter label={phase} done={now.done ?? 0} total={now.total || null} /> : null}
      </div>
    </main>
  );
}
