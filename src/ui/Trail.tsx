/** What the ledger records about one subject: the shared chain, each step with its seal and the clause it rests on. */
import { useQuery } from '@tanstack/react-query';
import { useTransport } from './asking.tsx';
import { EmptyState } from './EmptyState.tsx';
import { Answer, Section } from './Page.tsx';
import { useReader } from './reader.tsx';
import { Seal } from './Seal.tsx';
import { Timeline } from './Timeline.tsx';
import { useWords } from './words.tsx';

export function Trail({ subject }: { readonly subject: string }) {
  const { t, has } = useWords();
  const reader = useReader();
  const { recorded } = useTransport();
  const allowed = reader.may('fact.list');
  const found = useQuery({ queryKey: ['recorded', subject], queryFn: () => recorded(subject), enabled: allowed });
  if (!allowed) return null;
  return (
    <Section title={t('ui.trail.title')} note={t('ui.trail.note')}>
      <Answer of={found}>
        {(facts) => (facts.length === 0 ? <EmptyState title={t('ui.trail.empty')} how={t('ui.trail.empty-how')} /> : (
          <Timeline
            label={t('ui.trail.title')}
            steps={facts.map((fact) => ({
              key: String(fact.index),
              title: <>{has(`fact.${fact.kind}`) ? t(`fact.${fact.kind}`) : fact.kind} <Seal index={fact.index} /></>,
              at: fact.at,
              is: 'info' as const,
              by: fact.clauses.map((c) => t('ui.trail.by', { clause: c.clause, title: reader.agreementTitle(c) })).join('; '),
            }))}
          />
        ))}
      </Answer>
    </Section>
  );
}
