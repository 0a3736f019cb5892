/** Alerts for one's own eyes: unopened until one says so, since opening is the receipt. */
import { Button } from '@mantine/core';
import { useAct } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { Page, Particulars, Section } from '#ui/Page';
import { PagedTable } from '#ui/PagedTable';
import { usePaged } from '#ui/paged';
import { ProblemNote } from '#ui/ProblemNote';
import { Time } from '#ui/Time';
import { TlpLabel } from '#ui/TlpLabel';
import { Link } from '#ui/url';
import { useWords } from '#ui/words';
import { alertsApi } from '../api.ts';
import type { OpenAlert } from '../model.ts';

export function MyAlerts() {
  const { t } = useWords();
  const found = usePaged(alertsApi['alerts.inbox'], {}, (a) => a);
  const open = useAct(alertsApi['alerts.open']);
  return (
    <Page title={t('nav.my-alerts')} description={t('alerts.inbox-text')}>
      <Section>
        <PagedTable
          of={found} label={t('nav.my-alerts')} rowKey={(a) => a.id}
          empty={<EmptyState title={t('alerts.none-inbox')} how={t('alerts.none-inbox-how')} />}
          columns={[
            { key: 'tlp', head: t('alerts.label'), cell: (a) => <TlpLabel label={a.tlp} />, sort: (a) => a.tlp },
            { key: 'from', head: t('alerts.from'), wrap: true, cell: (a) => a.fromName, sort: (a) => a.fromName },
            {
              key: 'title', head: t('alerts.title'), wrap: true, sort: (a) => a.title ?? '',
              cell: (a) => a.title ?? <Mark is="warn">{t('alerts.unopened')}</Mark>,
            },
            { key: 'told', head: t('alerts.told'), spare: true, cell: (a) => <Time at={a.toldAt} />, sort: (a) => a.toldAt },
            {
              key: 'open', head: t('alerts.open'), sort: (a) => a.readAt ?? '',
              cell: (a) => (
                <Button size="compact-sm" variant={a.readAt === null ? 'filled' : 'default'} loading={open.isPending && open.variables?.alert === a.id}
                  onClick={() => open.mutate({ alert: a.id })}
                >{t('alerts.open')}</Button>
              ),
            },
          ]}
        />
        {open.error ? <ProblemNote error={open.error} /> : null}
      </Section>
      <div aria-live="polite">{open.data ? <Opened of={open.data.alert} /> : null}</div>
    </Page>
  );
}

function Opened({ of }: { readonly of: OpenAlert }) {
  const { t } = useWords();
  return (
    <Section title={of.title}>
      <Particulars
        items={[
          [t('alerts.from'), of.fromName], [t('alerts.label'), <TlpLabel key="l" label={of.tlp} />], [t('alerts.sent'), <Time key="s" at={of.sentAt} />],
          ...of.readAt === null ? [] : [[t('alerts.opened'), <Time key="r" at={of.readAt} />] as const],
        ]}
      />
      <p style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere', maxWidth: '80ch' }}>{of.text}</p>
      {of.objects.length === 0 ? null : (
        <ul style={{ listStyle: 'none', margin: 0, padding: 0 }} aria-label={t('alerts.objects')}>
          {of.objects.map((id) => <li key={id}><Link to={`/threats/${encodeURIComponent(id)}`}><code className="e-break">{id}</code></Link></li>)}
        </ul>
      )}
    </Section>
  );
}
