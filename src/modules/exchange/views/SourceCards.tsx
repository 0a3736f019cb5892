/** How useful sources of threat information were in a month; and what became of what we brought to others. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Choice, Filters } from '#ui/Filters';
import { Answer, Page, Section } from '#ui/Page';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { Link, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { outcomesApi } from '../api/outcomes.ts';
import type { SourceCard } from '../model/outcomes.ts';
import { OutcomeTable } from './Outcome.tsx';

const asksFor = (month: string | undefined): { month?: string } => (/^\d{4}-\d{2}$/.test(month ?? '') ? { month: month as string } : {});

export function SourceCards() {
  const { t } = useWords();
  const [search] = useUrlState();
  const asked = useAsk(outcomesApi['threats.sourceCards'], asksFor(search['month']), { keep: true });
  return (
    <Cards title={t('nav.threat-cards')} text={t('cards.text')} asked={asked}>
      {(answer) => <Section><CardTable rows={answer.sources} empty={<EmptyState title={t('cards.none')} how={t('cards.none-how')} />} /></Section>}
    </Cards>
  );
}

export function MyThreatCard() {
  const { t } = useWords();
  const [search] = useUrlState();
  const asked = useAsk(outcomesApi['threats.myCard'], asksFor(search['month']), { keep: true });
  return (
    <Cards title={t('nav.my-threat-card')} text={t('cards.my-text')} asked={asked}>
      {(answer) => (
        <>
          <Section><CardTable rows={answer.holders} empty={<EmptyState title={t('cards.my-none')} how={t('cards.my-none-how')} />} mine /></Section>
          {answer.outcomes.length > 0 ? <Section title={t('cards.words')}><OutcomeTable rows={answer.outcomes} named /></Section> : null}
        </>
      )}
    </Cards>
  );
}

interface Told { readonly month: string; readonly months: readonly string[] }

function Cards<T extends Told>({ title, text, asked, children }: {
  readonly title: string; readonly text: string; readonly asked: UseQueryResult<T, Error>; readonly children: (answer: T) => ReactNode;
}) {
  const { t } = useWords();
  const months = [...new Set([...(asked.data ? [asked.data.month] : []), ...(asked.data?.months ?? [])])].sort().reverse();
  return (
    <Page title={title} description={text} above={<Link to="/threats">{t('nav.threats')}</Link>}>
      <Filters names={['month']}>
        <Choice name="month" label={t('offices.month')} otherwise={asked.data?.month ?? ''} options={months.map((value) => ({ value, label: value }))} />
      </Filters>
      <Answer of={asked} skeleton={<TableSkeleton rows={4} />}>{children}</Answer>
    </Page>
  );
}

function CardTable({ rows, empty, mine }: { readonly rows: readonly SourceCard[]; readonly empty: ReactNode; readonly mine?: boolean }) {
  const { t, number } = useWords();
  const percent = (p: SourceCard['useful']): string => (p.percent === null ? '–' : `${number(p.percent)} %`);
  return (
    <RowTable
      label={t('nav.threat-cards')} rows={rows} rowKey={(c) => c.source} empty={empty}
      columns={[
        {
          key: 'name', head: t(mine ? 'cards.holder' : 'cards.source'), wrap: true, sort: (c) => c.name,
          cell: (c) => (c.name === 'own' ? t('cards.own') : c.name),
        },
        { key: 'received', head: t(mine ? 'cards.used' : 'cards.received'), right: true, cell: (c) => number(c.received), sort: (c) => c.received },
        { key: 'judged', head: t('cards.judged'), right: true, cell: (c) => number(c.judged), sort: (c) => c.judged },
        { key: 'useful', head: t('outcome.useful'), right: true, cell: (c) => percent(c.useful), sort: (c) => c.useful.percent ?? -1 },
        { key: 'false', head: t('outcome.false'), right: true, cell: (c) => percent(c.false), sort: (c) => c.false.percent ?? -1 },
        {
          key: 'hours', head: t('cards.hours'), right: true, sort: (c) => c.medianHours ?? -1,
          cell: (c) => (c.medianHours === null ? '–' : number(c.medianHours)),
        },
      ]}
    />
  );
}
