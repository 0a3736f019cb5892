/** What was called back, and who has not said yet that its copies are gone. */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Choice, Filters } from '#ui/Filters';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Page, Section } from '#ui/Page';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { recallsApi } from '../api/recalls.ts';
import type { SentRecall } from '../model/recalls.ts';
import { RecalledObjects } from './RecalledObjects.tsx';

const states = ['all', 'outstanding', 'overdue'] as const;

export function Recalls() {
  const { t, number } = useWords();
  const [search] = useUrlState();
  const state = states.find((s) => s === search['state']) ?? 'all';
  const found = usePaged(recallsApi['recalls.list'], { state }, (a) => a);
  const chosen = found.rows?.find((r) => r.id === search['recall']);
  return (
    <Page title={t('nav.recalls')} description={t('recalls.text')} above={<Link to="/threats">{t('nav.threats')}</Link>}>
      <Filters names={['state']}>
        <Choice name="state" label={t('recalls.state')} otherwise="all" options={states.map((value) => ({ value, label: t(`recalls.${value}`) }))} />
      </Filters>
      <Section>
        <PagedTable
          of={found} label={t('nav.recalls')} rowKey={(r) => r.id}
          empty={<EmptyState title={t('recalls.none')} how={t('recalls.none-how')} />}
          columns={[
            {
              key: 'why', head: t('recalls.why'), wrap: true, sort: (r) => r.reason,
              cell: (r) => <Link to={`/recalls?state=${state}&recall=${r.id}`}>{r.reason}</Link>,
            },
            { key: 'objects', head: t('recalls.objects'), right: true, cell: (r) => number(r.objects.length), sort: (r) => r.objects.length },
            {
              key: 'acknowledged', head: t('recalls.acknowledged'), right: true, sort: (r) => r.counts.acknowledged,
              cell: (r) => t('recalls.acknowledged-of', { count: number(r.counts.acknowledged), all: number(r.counts.recipients) }),
            },
            { key: 'state', head: t('recalls.state'), cell: (r) => <Standing of={r} />, sort: (r) => r.counts.overdue },
            { key: 'begun', head: t('recalls.begun'), spare: true, cell: (r) => <Time at={r.begunAt} />, sort: (r) => r.begunAt },
            { key: 'by', head: t('recalls.by'), spare: true, cell: (r) => <Time at={r.acknowledgeBy} />, sort: (r) => r.acknowledgeBy },
          ]}
        />
      </Section>
      {chosen ? <Chosen key={chosen.id} of={chosen} /> : null}
    </Page>
  );
}

function Standing({ of: { counts, liftedAt } }: { readonly of: SentRecall }) {
  const { t, number } = useWords();
  if (liftedAt !== null) return <Mark is="none">{t('recalls.lifted')}</Mark>;
  if (counts.overdue > 0) return <Mark is="danger">{`${t('recalls.overdue')}: ${number(counts.overdue)}`}</Mark>;
  if (counts.outstanding > 0) return <Mark is="warn">{`${t('recalls.outstanding')}: ${number(counts.outstanding)}`}</Mark>;
  return <Mark is="good">{t('recalls.acknowledged')}</Mark>;
}

const marks = { overdue: 'danger', outstanding: 'warn', acknowledged: 'good' } as const;

function Chosen({ of }: { readonly of: SentRecall }) {
  const { t } = useWords();
  const reader = useReader();
  return (
    <>
      <Section title={t('recalls.recipients')} note={of.reason}>
        <RecalledObjects objects={of.objects} />
        {of.recipients.length === 0 ? <EmptyState title={t('recalls.no-recipients')} how={t('recalls.no-recipients-how')} /> : (
          <RowTable
            label={t('recalls.recipients')} rows={of.recipients} rowKey={(r) => r.org}
            columns={[
              { key: 'name', head: t('recalls.recipient'), wrap: true, cell: (r) => r.name, sort: (r) => r.name },
              { key: 'state', head: t('recalls.state'), cell: (r) => <Mark is={marks[r.state]}>{t(`recalls.${r.state}`)}</Mark>, sort: (r) => r.state },
              {
                key: 'told', head: t('recalls.delivered'), sort: (r) => r.deliveredAt ?? '',
                cell: (r) => (r.deliveredAt === null ? t('recalls.not-delivered') : <Time at={r.deliveredAt} />),
              },
              {
                key: 'said', head: t('recalls.said'), wrap: true, sort: (r) => r.said ?? '',
                cell: (r) => (r.said === null ? '' : <>{t(`recalls.said-${r.said}`)}{r.note ? <span className="e-small e-faint"> {r.note}</span> : null}</>),
              },
              {
                key: 'at', head: t('recalls.acknowledged'), spare: true, sort: (r) => r.acknowledgedAt ?? '',
                cell: (r) => (r.acknowledgedAt === null ? '' : <Time at={r.acknowledgedAt} />),
              },
            ]}
          />
        )}
      </Section>
      {of.liftedAt === null && reader.may('recall.begin') ? <Lift of={of} /> : null}
    </>
  );
}

function Lift({ of }: { readonly of: SentRecall }) {
  const { t } = useWords();
  const [reason, setReason] = useState('');
  const lift = useAct(recallsApi['recalls.lift']);
  const why = reason.trim() === '' ? t('recalls.lift-missing') : null;
  return (
    <Section title={t('recalls.lift')} note={t('recalls.lift-how')}>
      <Form act={t('recalls.lift')} busy={lift.isPending} error={lift.error} why={why} onAct={() => lift.mutate({ recall: of.id, reason: reason.trim() })}>
        <TextInput label={t('recalls.lift-why')} value={reason} maxLength={500} onChange={(e) => setReason(e.currentTarget.value)} />
      </Form>
    </Section>
  );
}
