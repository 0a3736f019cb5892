/** A constituent's desk: its notices, what is open, what the registry says it answers for, and whom the centre writes to. */
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { Button } from '@mantine/core';
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { Answer, Page, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import { constituentsApi } from '../api/index.ts';
import { Changes } from './Changes.tsx';
import { MySources } from './Connections.tsx';
import { graveness } from './Findings.tsx';

export function MyNotices() {
  const { t, number } = useWords();
  const reader = useReader();
  const asked = useAsk(constituentsApi.myNotices, {});
  const registry = useAsk(constituentsApi.mine, {});
  return (
    <Page title={t('nav.my-notices')} description={t('my-notices.text')}>
      <Changes />
      <Answer of={asked}>
        {({ notices }) => (
          <Section
            title={t('my-notices.title')} note={t('my-notices.note')}
            aside={notices.length === 0 ? null : (
              <Button component="a" size="xs" variant="default" href="/api/my/findings/export" download>{t('my-notices.export')}</Button>
            )}
          >
            <RowTable
              label={t('my-notices.title')} rows={notices} rowKey={(n) => n.id} to={(n) => `/my-notices/${n.id}`}
              empty={<EmptyState title={t('my-notices.none')} how={t('my-notices.none-how')} />}
              columns={[
                {
                  key: 'what', head: t('notices.what'), sort: (n) => n.family,
                  cell: (n) => <Link to={`/my-notices/${n.id}`}>{`${t(`kind.${n.kind}`)} ${n.family || n.type}`}</Link>,
                },
                { key: 'severity', head: t('exposure.severity'), cell: (n) => <Mark is={graveness[n.severity]}>{t(`severity.${n.severity}`)}</Mark> },
                { key: 'open', head: t('notices.open'), right: true, cell: (n) => number(n.open), sort: (n) => n.open },
                { key: 'assets', head: t('exposure.assets'), right: true, cell: (n) => number(n.assets), sort: (n) => n.assets },
                { key: 'last', head: t('exposure.last'), spare: true, cell: (n) => <Time at={n.last} />, sort: (n) => n.last },
                { key: 'read', head: t('notices.read'), spare: true, cell: (n) => (n.acknowledgedAt ? <Time at={n.acknowledgedAt} /> : t('notices.not-yet')) },
              ]}
            />
          </Section>
        )}
      </Answer>
      <Answer of={registry}>{(mine) => <Registry of={mine} />}</Answer>
      {reader.may('connection.view') ? <MySources /> : null}
    </Page>
  );
}

type Mine = OutputOf<typeof constituentsApi.mine>;
const freshness = { fresh: 'good', stale: 'warn', unconfirmed: 'wait', bouncing: 'danger' } as const;

function Registry({ of }: { readonly of: Mine }) {
  const { t } = useWords();
  const reader = useReader();
  const confirm = useAct(constituentsApi.confirmMyContact);
  return (
    <>
      <Section title={t('assets.title')} note={t('assets.note')}>
        <RowTable
          label={t('assets.title')} rows={of.assets} rowKey={(a) => a.id} empty={<EmptyState title={t('assets.empty')} />}
          columns={[
            {
              key: 'value', head: t('asset.value'), sort: (a) => a.value,
              cell: (a) => <span className="e-mono">{a.kind === 'asn' ? `AS${a.value}` : a.value}</span>,
            },
            { key: 'kind', head: t('asset.kind'), cell: (a) => t(`asset-kind.${a.kind}`), sort: (a) => a.kind },
            { key: 'from', head: t('asset.from'), spare: true, cell: (a) => <Time at={a.from} to="day" /> },
            { key: 'to', head: t('asset.to'), spare: true, cell: (a) => (a.to ? <Time at={a.to} to="day" /> : t('asset.open')) },
          ]}
        />
      </Section>
      <Section title={t('contacts.title')} note={t('contacts.note')}>
        {confirm.error ? <ProblemNote error={confirm.error} /> : null}
        <RowTable
          label={t('contacts.title')} rows={of.contacts} rowKey={(c) => c.id} empty={<EmptyState title={t('contacts.none')} how={t('contacts.none-how')} />}
          columns={[
            { key: 'name', head: t('constituent.name'), cell: (c) => c.name, sort: (c) => c.name },
            { key: 'email', head: t('contacts.email'), cell: (c) => <span className="e-mono">{c.email}</span>, sort: (c) => c.email },
            { key: 'duty', head: t('contacts.duty'), spare: true, cell: (c) => t(`contact-duty.${c.duty}`), sort: (c) => c.duty },
            { key: 'state', head: t('asset.state'), cell: (c) => <Mark is={freshness[c.state]}>{t(`contact-state.${c.state}`)}</Mark>, sort: (c) => c.state },
            {
              key: 'act', head: t('asset.act'), cell: (c) => (reader.may('notice.answer') && c.state !== 'fresh' ? (
                <Button variant="subtle" size="compact-xs" onClick={() => confirm.mutate({ contact: c.id })}>{t('contacts.confirm')}</Button>
              ) : null),
            },
          ]}
        />
      </Section>
    </>
  );
}
