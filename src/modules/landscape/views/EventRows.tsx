/** Events as rows; one opened beside them with everything that its provider sent. Which one is in the address. */
import { Drawer } from '@mantine/core';
import { EmptyState } from '#ui/EmptyState';
import { Hash } from '#ui/Hash';
import { Mark, type Meaning } from '#ui/Mark';
import { PagedTable } from '#ui/PagedTable';
import type { Paged } from '#ui/paged';
import { Particulars, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { TlpLabel } from '#ui/TlpLabel';
import { Link, stringifySearch, useUrlState } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { useLocation } from '@tanstack/react-router';
import type { landscapeApi } from '../api.ts';

export type OneEvent = OutputOf<typeof landscapeApi.events>['items'][number];

const meanings: Readonly<Record<string, Meaning>> = {
  critical: 'danger', high: 'danger', medium: 'warn', low: 'info', info: 'none', unknown: 'none',
};

export function SeverityMark({ severity }: { readonly severity: string }) {
  const { t } = useWords();
  return <Mark is={meanings[severity] ?? 'none'}>{t(`severity.${severity}`)}</Mark>;
}

/** What the event is about, in one cell. */
function What({ event }: { readonly event: OneEvent }) {
  const place = event.ip ? `${event.ip}${event.port === null ? '' : `:${event.port}`}` : event.domain ?? event.url ?? '';
  return <span className="e-mono" translate="no">{place}</span>;
}

export function EventRows({ of, owner }: { readonly of: Paged<OneEvent>; readonly owner?: boolean }) {
  const { t, country } = useWords();
  const [search, change] = useUrlState();
  const { pathname } = useLocation();
  const open = of.rows?.find((e) => e.id === search['event']);
  return (
    <>
      <PagedTable
        of={of} label={t('nav.events')} rowKey={(e) => e.id}
        to={(e) => `${pathname}${stringifySearch({ ...search, event: e.id })}`}
        empty={<EmptyState title={t('events.empty')} how={t('events.empty-how')} />}
        columns={[
          { key: 'time', head: t('event.time'), cell: (e) => <Time at={e.time} />, sort: (e) => e.time },
          { key: 'kind', head: t('event.kind'), cell: (e) => t(`kind.${e.kind}`), sort: (e) => e.kind },
          { key: 'family', head: t('families.family'), cell: (e) => e.family || e.type, sort: (e) => e.family },
          { key: 'what', head: t('event.what'), cell: (e) => <What event={e} />, sort: (e) => e.ip ?? e.domain },
          { key: 'severity', head: t('event.severity'), spare: true, cell: (e) => <SeverityMark severity={e.severity} />, sort: (e) => e.severity },
          { key: 'area', head: t('event.area'), spare: true, cell: (e) => country(e.area), sort: (e) => e.area },
          ...(owner ? [{
            key: 'owner', head: t('attribution.owner'), spare: true, sort: (e: OneEvent) => e.ownerName,
            cell: (e: OneEvent) => (e.owner ? <Link to={`/constituents/${e.owner}`}>{e.ownerName ?? e.owner}</Link>
              : <span className="e-faint">{t('event.nobody')}</span>),
          }] : []),
          { key: 'feed', head: t('feed.feed'), spare: true, cell: (e) => e.feedName, sort: (e) => e.feedName },
        ]}
      />
      <Drawer
        opened={open !== undefined} onClose={() => change({ event: '' })} position="right" size={520}
        title={t('event.one')} closeButtonProps={{ 'aria-label': t('ui.close') }}
      >
        {open ? <Whole event={open} /> : null}
      </Drawer>
    </>
  );
}

function Whole({ event }: { readonly event: OneEvent }) {
  const { t, country, number } = useWords();
  const reader = useReader();
  const mono = (text: string | null) => (text === null ? t('event.not-said') : <span className="e-mono">{text}</span>);
  const end = (ip: string | null, port: number | null) => mono(ip === null ? null : `${ip}${port === null ? '' : `:${port}`}`);
  return (
    <div style={{ display: 'grid', gap: 16 }}>
      <Particulars
        items={[
          [t('event.kind'), t(`kind.${event.kind}`)], [t('families.family'), event.family || event.type],
          [t('event.time'), <Time at={event.time} to="second" />], [t('event.received'), <Time at={event.received} to="second" />],
          [t('event.ip'), end(event.ip, event.port)], [t('event.peer'), end(event.peerIp, event.peerPort)],
          [t('event.domain'), mono(event.domain)], [t('event.url'), mono(event.url)],
          [t('event.hosted'), country(event.area)], [t('event.asn'), event.asn === null ? t('event.unknown') : `AS${event.asn}`],
          [t('event.severity'), <SeverityMark severity={event.severity} />],
          [t('event.confidence'), event.confidence === null ? t('event.not-said') : number(event.confidence)],
          [t('event.count'), number(event.count)], ['TLP', <TlpLabel label={event.tlp} />],
          [t('feed.type'), mono(event.reportType)], [t('event.identity'), <Hash value={event.id} />],
          [t('attribution.owner'), event.ownerName ?? t('event.nobody')],
          [t('batch.batch'), reader.may('batch.view') ? <Link to={`/batches/${event.batch}`}>{t('event.batch-open')}</Link> : event.feedName],
        ]}
      />
      {Object.keys(event.attrs).length > 0 ? (
        <Section title={t('event.attrs')} note={t('event.attrs-note')} bare>
          <Particulars items={Object.entries(event.attrs).map(([key, value]) => [key, mono(value)] as const)} />
        </Section>
      ) : null}
    </div>
  );
}
