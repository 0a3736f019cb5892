/** Alerts that one's own organisation sent: who was told, and who has opened them. */
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Mark } from '#ui/Mark';
import { Page, Section } from '#ui/Page';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { TlpLabel } from '#ui/TlpLabel';
import { ButtonLink, Link, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import { alertsApi } from '../api.ts';
import type { SentAlert } from '../model.ts';

const marks = { waiting: 'warn', read: 'good', unanswered: 'danger', withdrawn: 'none' } as const;

export function Alerts() {
  const { t } = useWords();
  const reader = useReader();
  const [search] = useUrlState();
  const found = usePaged(alertsApi['alerts.sent'], {}, (a) => a);
  const chosen = found.rows?.find((a) => a.id === search['alert']);
  return (
    <Page
      title={t('nav.alerts')} description={t('alerts.sent-text')}
      act={reader.may('alert.send') ? <ButtonLink to="/alerts/send">{t('nav.alert-send')}</ButtonLink> : undefined}
    >
      <Section>
        <PagedTable
          of={found} label={t('nav.alerts')} rowKey={(a) => a.id} empty={<EmptyState title={t('alerts.none')} how={t('alerts.none-how')} />}
          columns={[
            {
              key: 'title', head: t('alerts.title'), wrap: true, sort: (a) => a.title,
              cell: (a) => <Link to={`/alerts?alert=${a.id}`}>{a.title}</Link>,
            },
            { key: 'tlp', head: t('alerts.label'), cell: (a) => <TlpLabel label={a.tlp} />, sort: (a) => a.tlp },
            { key: 'to', head: t('alerts.to'), wrap: true, cell: (a) => a.toName, sort: (a) => a.toName },
            { key: 'state', head: t('alerts.state'), cell: (a) => <Mark is={marks[a.state]}>{t(`alerts.${a.state}`)}</Mark>, sort: (a) => a.state },
            { key: 'next', head: t('alerts.next'), spare: true, cell: (a) => (a.nextAt === null ? '' : <Time at={a.nextAt} />), sort: (a) => a.nextAt ?? '' },
            { key: 'sent', head: t('alerts.sent'), spare: true, cell: (a) => <Time at={a.sentAt} />, sort: (a) => a.sentAt },
          ]}
        />
      </Section>
      {chosen ? <Chosen key={chosen.id} of={chosen} /> : null}
    </Page>
  );
}

function Chosen({ of }: { readonly of: SentAlert }) {
  const { t, number } = useWords();
  const reader = useReader();
  return (
    <>
      <Section title={`${t('alerts.line')}: ${of.toName}`} note={of.title}>
        <RowTable
          label={t('alerts.line')} rows={of.steps} rowKey={(s) => String(s.position)}
          columns={[
            {
              key: 'who', head: t('alerts.line'), wrap: true, sort: (s) => s.position,
              cell: (s) => (s.name === '' ? t('alerts.position', { count: number(s.position) }) : s.name),
            },
            {
              key: 'told', head: t('alerts.told'), sort: (s) => s.toldAt ?? '',
              cell: (s) => (s.toldAt === null ? t('alerts.not-yet') : <Time at={s.toldAt} />),
            },
            { key: 'letter', head: '', spare: true, cell: (s) => (s.letter === null ? '' : t(`alerts.letter-${s.letter}`)), sort: (s) => s.letter ?? '' },
            {
              key: 'read', head: t('alerts.opened'), sort: (s) => s.readAt ?? '',
              cell: (s) => (s.readAt === null ? t('alerts.not-yet') : <Mark is="good"><Time at={s.readAt} /></Mark>),
            },
          ]}
        />
      </Section>
      {of.state !== 'withdrawn' && reader.may('alert.send') ? <Withdraw of={of} /> : null}
    </>
  );
}

function Withdraw({ of }: { readonly of: SentAlert }) {
  const { t } = useWords();
  const [reason, setReason] = useState('');
  const act = useAct(alertsApi['alerts.withdraw']);
  return (
    <Section title={t('alerts.withdraw')}>
      <Form
        act={t('alerts.withdraw')} busy={act.isPending} error={act.error} why={reason.trim() === '' ? t('alerts.withdraw-missing') : null}
        onAct={() => act.mutate({ alert: of.id, reason: reason.trim() })}
      >
        <TextInput label={t('alerts.withdraw-why')} value={reason} maxLength={300} onChange={(e) => setReason(e.currentTarget.value)} />
      </Form>
    </Section>
  );
}
