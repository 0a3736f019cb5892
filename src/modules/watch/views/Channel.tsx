/** One channel: who is served what, on a map and as a table; its alarms; what changed, and when. */
import { Textarea } from '@mantine/core';
import { useState } from 'react';
import type { OutputOf } from '#kit/endpoint';
import { useAct, useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Form } from '#ui/Form';
import { Hash } from '#ui/Hash';
import { Mark } from '#ui/Mark';
import { Answer, Columns, Lines, Page, Particulars, Section } from '#ui/Page';
import { usePaged } from '#ui/paged';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { StatusMap, type StandingArea } from '#ui/StatusMap';
import { Time } from '#ui/Time';
import { Timeline } from '#ui/Timeline';
import { Link, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import { watchApi } from '../api.ts';
import type { Run } from '../model.ts';
import { AlarmTable } from './AlarmTable.tsx';
import { BehindMark, ChannelMark, usePlace, useSpan } from './marks.tsx';

type View = OutputOf<(typeof watchApi)['update-channels.view']>;

export function Channel() {
  const { t } = useWords();
  const id = usePathParameter('channel');
  const asked = useAsk(watchApi['update-channels.view'], { channel: id }, { keep: true });
  const channel = asked.data?.channel;
  return (
    <Page
      title={channel ? `${channel.productName} · ${channel.name}` : t('watch.channel')} above={<Link to="/update-channels">{t('nav.update-channels')}</Link>}
    >
      <Answer of={asked} skeleton={<Lines />}>{(view) => <Shown {...view} />}</Answer>
    </Page>
  );
}

const placeOfRun = ({ country, network }: Pick<Run, 'country' | 'network'>): string => (network === null ? country : `${country} ${network}`);

/** The version that was served, or why there is none to tell. */
function useServed(): (run: Run) => string {
  const { t } = useWords();
  return ({ fault, status, serves }) => (fault !== null ? t('watch.unreadable') : status === 200 ? serves ?? t('watch.unknown') : t('watch.not-served'));
}

function Shown(view: View) {
  const { t } = useWords();
  const span = useSpan();
  const { channel, sights, alarms, mayEnd } = view;
  return (
    <>
      <Section>
        <Particulars
          items={[
            [t('watch.state'), <ChannelMark key="state" channel={channel} />],
            [t('watch.serves'), channel.serves === null ? t('watch.unknown')
              : <span key="serves">{channel.serves} <BehindMark behind={channel.behind} serves={channel.serves} /></span>],
            [t('watch.product'), <Link key="product" to={`/products/${channel.product}`}>{channel.productName}</Link>],
            [t('watch.owner'), channel.ownerName],
            [t('watch.address'), <code key="url" translate="no" style={{ overflowWrap: 'anywhere' }}>{channel.url}</code>],
            [t('watch.format'), t(`watch.format-${channel.format}`)],
            [t('watch.patience'), t('watch.patience-text', { settle: span(channel.settleMinutes), silent: span(channel.silentMinutes) })],
          ]}
        />
      </Section>
      {alarms.length > 0 ? <Section title={t('nav.channel-alarms')}><AlarmTable items={alarms} /></Section> : null}
      {sights.length === 0 ? (
        <Section title={t('watch.who-sees')}><EmptyState title={t('watch.unwatched')} how={t('watch.unwatched-how', { channel: channel.id })} /></Section>
      ) : <Sights view={view} />}
      {sights.length > 0 ? <History channel={channel.id} /> : null}
      {mayEnd ? <End channel={channel.id} /> : null}
    </>
  );
}

function Sights({ view: { channel, sights } }: { readonly view: View }) {
  const { t, number } = useWords();
  const [place, served] = [usePlace(), useServed()];
  // What is heard too long ago does not count: the hub says so by leaving it out of the places.
  const newest = Math.max(...sights.map((s) => Date.parse(s.to)));
  const silent = (s: Run): boolean => newest - Date.parse(s.to) > channel.silentMinutes * 60_000;
  const words = { good: t('watch.map-most'), danger: t('watch.map-else'), warn: t('watch.map-silent') } as const;
  const areas = new Map<string, StandingArea>();
  for (const s of sights) {
    const is = silent(s) ? 'warn' : s.asMost ? 'good' : 'danger';
    const known = areas.get(s.country);
    // Of several in a country the one that is served otherwise is shown.
    if (known?.is === 'danger' || (known && is !== 'danger')) continue;
    areas.set(s.country, { area: s.country, is, text: `${words[is]}${s.serves === null ? '' : ` · ${s.serves}`}` });
  }
  return (
    <Section title={t('watch.who-sees')} note={t('watch.who-sees-text')}>
      <Columns wide="right">
        <StatusMap label={t('watch.who-sees')} areas={[...areas.values()]} legend={[['good', words.good], ['danger', words.danger], ['warn',
          words.warn]]} />
        <RowTable
          label={t('watch.who-sees')} rows={sights} rowKey={(s) => s.id}
          columns={[
            { key: 'place', head: t('watch.place'), wrap: true, sort: (s) => place(placeOfRun(s)), cell: (s) => place(placeOfRun(s)) },
            { key: 'served', head: t('watch.served'), sort: (s) => (s.asMost ? 1 : 0),
              cell: (s) => (silent(s) ? <Mark is="warn">{t('watch.map-silent')}</Mark>
                : s.asMost ? <Mark is="good">{t('watch.as-most')}</Mark> : <Mark is="danger">{t('watch.not-as-most')}</Mark>) },
            { key: 'serves', head: t('watch.version'), cell: served },
            { key: 'manifest', head: t('watch.manifest'), spare: true, cell: (s) => (s.manifest === null ? '' : <Hash value={s.manifest} keep={4} />) },
            { key: 'looks', head: t('watch.looks'), right: true, spare: true, sort: (s) => s.looks, cell: (s) => number(s.looks) },
            { key: 'at', head: t('watch.last-look'), spare: true, sort: (s) => s.to, cell: (s) => <Time at={s.to} /> },
          ]}
        />
      </Columns>
    </Section>
  );
}

function History({ channel }: { readonly channel: string }) {
  const { t, number } = useWords();
  const [place, served] = [usePlace(), useServed()];
  const of = usePaged(watchApi['update-channels.timeline'], { channel }, (answer) => answer);
  return (
    <Section title={t('watch.history')} note={t('watch.history-text')}>
      {of.rows ? (
        <Timeline
          label={t('watch.history')}
          steps={of.rows.map((r) => ({
            key: r.id, at: r.from, is: r.status !== 200 || r.fault !== null ? 'danger' : r.current && r.asMost ? 'good' : r.current ? 'warn' : 'none',
            title: `${place(placeOfRun(r))}: ${served(r)}`,
            by: <>{t('watch.history-line', { count: number(r.looks) })} <Time at={r.to} /> {r.late ? t('watch.late') : ''} <Hash value={r.view} keep={4} /></>,
          }))}
        />
      ) : <TableSkeleton rows={3} />}
      {of.more}
    </Section>
  );
}

function End({ channel }: { readonly channel: string }) {
  const { t } = useWords();
  const [reason, setReason] = useState('');
  const end = useAct(watchApi['update-channels.end']);
  return (
    <Section title={t('watch.end')} note={t('watch.end-text')}>
      <Form act={t('watch.end')} busy={end.isPending} error={end.error} why={reason.trim() === '' ? t('watch.missing-reason') : null}
        onAct={() => end.mutate({ channel, reason })}>
        <Textarea label={t('watch.reason')} value={reason} maxLength={1_000} autosize minRows={2} onChange={(e) => setReason(e.currentTarget.value)} />
      </Form>
    </Section>
  );
}
