/** One following: how far it is, what each fetch brought, what troubles it, and what of it could not be taken in. */
import { Button, Group } from '@mantine/core';
import { useAct, useAsk } from '#ui/asking';
import { Chart } from '#ui/Chart';
import { EmptyState } from '#ui/EmptyState';
import { Mark, Tag } from '#ui/Mark';
import { Answer, Columns, Page, Particulars, Section } from '#ui/Page';
import { ProblemNote } from '#ui/ProblemNote';
import { useReader } from '#ui/reader';
import { RowTable } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link, useGo, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { peersApi } from '../api/peers.ts';
import { FetchMark, FetchNow, Health, TroubleText } from './parts.tsx';

type Answered = OutputOf<typeof peersApi['followings.view']>;

export function Following() {
  const { t } = useWords();
  const reader = useReader();
  const id = usePathParameter('following');
  const asked = useAsk(peersApi['followings.view'], { following: id }, { keep: true, every: 3_000 });
  const of = asked.data;
  return (
    <Page
      title={of?.following.title ?? t('peers.collection')} above={<Link to={of ? `/peers/${of.peer.id}` : '/peers'}>{of?.peer.title ?? t('nav.peers')}</Link>}
      act={of && reader.may('peer.fetch') ? <FetchNow of={of.following} /> : null}
    >
      <Answer of={asked}>{(answer) => <Body {...answer} />}</Answer>
    </Page>
  );
}

function Body({ peer, following, fetches, aside }: Answered) {
  const { t, number } = useWords();
  const reader = useReader();
  const running = fetches.find((f) => f.state === 'running');
  return (
    <>
      {running ? (
        <p aria-live="polite"><Mark is="wait">{t('peers.so-far', { objects: number(running.objects), pages: number(running.pages) })}</Mark></p>
      ) : null}
      <Columns>
        <Section title={t('peers.state')} aside={reader.may('peer.change') ? <Acts peer={peer} following={following} /> : null}>
          <Particulars
            items={[
              [t('peers.health'), <Health of={following} />],
              ...following.failing ? [[t('peers.trouble'), <TroubleText key="t" trouble={following.failing.trouble} />] as const] : [],
              [t('peers.next'), following.nextAt ? <Time at={following.nextAt} /> : t('peers.paused')],
              [t('peers.fresh'), following.lastSuccessAt ? <Time at={following.lastSuccessAt} /> : t('peers.not-yet')],
              [t('peers.objects'), number(following.objects)],
              [t('peers.refused'), number(following.refused)],
            ]}
          />
        </Section>
        <Section title={t('peers.place')}>
          <Particulars
            items={[
              [t('peers.way'), t(`peers.way-${following.direction}`)],
              [t('peers.root'), <span className="e-mono" style={{ overflowWrap: 'anywhere' }}>{following.root}</span>],
              [t('peers.up-to'), following.inProgress ? t('peers.in-progress') : following.after
                ? <span className="e-mono">{following.after}</span> : t('peers.from-beginning')],
              [t('peers.types'), following.filters.types === null ? t('peers.all-types') : following.filters.types.join(', ')],
              [t('peers.quirks'), following.quirks.length === 0 ? t('peers.no-quirks')
                : following.quirks.map((q) => <Tag key={q}>{t(`quirk.${q}`)}</Tag>)],
            ]}
          />
        </Section>
      </Columns>
      <History fetches={fetches} />
      {aside.length > 0 || following.refused > 0 ? <SetAside aside={aside} /> : null}
    </>
  );
}

function History({ fetches }: Pick<Answered, 'fetches'>) {
  const words = useWords();
  const { t, number } = words;
  const drawn = [...fetches].filter((f) => f.state !== 'running').slice(0, 40).reverse();
  return (
    <Section title={t('peers.history')} note={t('peers.history-note')}>
      {drawn.length > 1 && drawn.some((f) => f.objects > 0) ? (
        <Chart
          kind="bar" stacked label={t('peers.chart')} of={t('peers.began')} height={180} x={drawn.map((f) => f.startedAt.slice(0, 16).replace('T', ' '))}
          lines={[
            { name: t('peers.accepted'), values: drawn.map((f) => f.accepted) }, { name: t('peers.duplicate'), values: drawn.map((f) => f.duplicate) },
            { name: t('peers.set-aside'), values: drawn.map((f) => f.quarantined + f.refused) },
          ]}
        />
      ) : null}
      <RowTable
        label={t('peers.history')} rows={fetches} rowKey={(f) => f.id} empty={<EmptyState title={t('peers.no-fetches')} how={t('peers.no-fetches-how')} />}
        columns={[
          { key: 'at', head: t('peers.began'), cell: (f) => <Time at={f.startedAt} />, sort: (f) => f.startedAt },
          { key: 'state', head: t('peers.state'), cell: (f) => <FetchMark fetch={f} />, sort: (f) => f.state },
          { key: 'accepted', head: t('peers.accepted'), right: true, cell: (f) => number(f.accepted), sort: (f) => f.accepted },
          { key: 'duplicate', head: t('peers.duplicate'), right: true, spare: true, cell: (f) => number(f.duplicate), sort: (f) => f.duplicate },
          { key: 'aside', head: t('peers.set-aside'), right: true, cell: (f) => number(f.quarantined + f.refused), sort: (f) => f.quarantined + f.refused },
          { key: 'pages', head: t('peers.pages'), right: true, spare: true, cell: (f) => number(f.pages), sort: (f) => f.pages },
          { key: 'why', head: t('peers.trouble'), wrap: true, cell: (f) => (f.trouble ? <TroubleText trouble={f.trouble} /> : '') },
          { key: 'by', head: t('peers.by'), spare: true, cell: (f) => t(f.by ? 'peers.by-hand' : 'peers.by-clock') },
        ]}
      />
    </Section>
  );
}

function SetAside({ aside }: Pick<Answered, 'aside'>) {
  const { t } = useWords();
  return (
    <Section title={t('peers.aside')} note={t('peers.aside-note')}>
      <RowTable
        label={t('peers.aside')} rows={aside.map((a, i) => ({ ...a, key: String(i) }))} rowKey={(a) => a.key}
        empty={<EmptyState title={t('peers.aside-none')} how={t('peers.aside-none-how')} />}
        columns={[
          { key: 'at', head: t('peers.when'), cell: (a) => <Time at={a.at} />, sort: (a) => a.at },
          { key: 'id', head: t('threats.id'), wrap: true, cell: (a) => <span className="e-mono" style={{ overflowWrap: 'anywhere' }}>{a.stixId || '–'}</span> },
          { key: 'text', head: t('peers.why-aside'), wrap: true, cell: (a) => a.text },
          { key: 'where', head: t('peers.where'), wrap: true, spare: true, cell: (a) => a.place },
        ]}
      />
    </Section>
  );
}

function Acts({ peer, following }: Pick<Answered, 'peer' | 'following'>) {
  const { t } = useWords();
  const go = useGo();
  const change = useAct(peersApi['followings.change']);
  const act = (what: 'pause' | 'go-on' | 'begin-anew' | 'end') => () => change.mutate({ following: following.id, act: what }, {
    onSuccess: () => (what === 'end' ? go(`/peers/${peer.id}`) : undefined),
  });
  return (
    <>
      <Group gap="xs">
        <Button variant="default" size="compact-sm" loading={change.isPending} onClick={act(following.on ? 'pause' : 'go-on')}>
          {t(following.on ? 'peers.pause' : 'peers.go-on')}
        </Button>
        <Button variant="default" size="compact-sm" loading={change.isPending} onClick={act('begin-anew')}>{t('peers.begin-anew')}</Button>
        <Button variant="subtle" color="red" size="compact-sm" loading={change.isPending} onClick={act('end')}>{t('peers.end-following')}</Button>
      </Group>
      {change.error ? <ProblemNote error={change.error} /> : null}
    </>
  );
}
