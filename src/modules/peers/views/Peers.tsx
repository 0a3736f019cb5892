/** Peers and their health: of each server what is followed, how fresh it is, what troubles it in plain words, when it is asked next. */
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Answer, Page, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { ButtonLink, Link } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { peersApi } from '../api/peers.ts';
import { FetchNow, Health, TroubleText } from './parts.tsx';

type Item = OutputOf<typeof peersApi['peers.list']>['items'][number];

export function Peers() {
  const { t, number } = useWords();
  const reader = useReader();
  const asked = useAsk(peersApi['peers.list'], {}, { keep: true, every: 5_000 });
  const act = reader.may('peer.change') ? <ButtonLink to="/peers/add">{t('nav.peer-add')}</ButtonLink> : null;
  return (
    <Page title={t('nav.peers')} description={t('peers.text')} act={act}>
      <Answer of={asked} skeleton={<TableSkeleton rows={4} />}>
        {({ items }) => {
          const followings = items.flatMap((i) => i.followings);
          if (items.length === 0) return <Section><EmptyState title={t('peers.none')} how={t('peers.none-how')} act={act} /></Section>;
          return (
            <>
              <p>{t('peers.sum', {
                followed: number(followings.length), peers: number(items.length), objects: number(followings.reduce((n, f) => n + f.objects, 0)),
                troubled: number(followings.filter((f) => f.failing !== null).length),
              })}</p>
              {items.map((item) => <One key={item.peer.id} {...item} />)}
            </>
          );
        }}
      </Answer>
    </Page>
  );
}

function One({ peer, followings }: Item) {
  const { t } = useWords();
  return (
    <Section
      title={peer.title} note={peer.agreementTitle === null ? t('peers.no-agreement') : t('peers.under', { title: peer.agreementTitle })}
      aside={<ButtonLink to={`/peers/${peer.id}`} variant="default" size="compact-sm">{t('peers.open')}</ButtonLink>}
    >
      <Followings rows={followings} of={peer.title} empty={(
        <EmptyState title={t('peers.nothing-followed')} how={t('peers.nothing-followed-how')}
          act={<ButtonLink to={`/peers/${peer.id}`} variant="default">{t('peers.choose')}</ButtonLink>} />
      )} />
    </Section>
  );
}

/** What is followed of one peer. */
export function Followings({ rows, of, empty }: { readonly rows: Item['followings']; readonly of: string; readonly empty: React.ReactNode }) {
  const { t, number } = useWords();
  const reader = useReader();
  return (
    <RowTable
      label={t('peers.followed-of', { name: of })} rows={rows} rowKey={(f) => f.id} to={(f) => `/followings/${f.id}`} empty={empty}
      columns={[
        { key: 'title', head: t('peers.collection'), wrap: true, cell: (f) => <Link to={`/followings/${f.id}`}>{f.title}</Link>, sort: (f) => f.title },
        { key: 'way', head: t('peers.way'), spare: true, cell: (f) => t(`peers.way-${f.direction}`) },
        { key: 'health', head: t('peers.health'), cell: (f) => <Health of={f} /> },
        { key: 'trouble', head: t('peers.trouble'), wrap: true, spare: true, cell: (f) => (f.failing ? <TroubleText trouble={f.failing.trouble} /> : '') },
        { key: 'objects', head: t('peers.objects'), right: true, cell: (f) => number(f.objects), sort: (f) => f.objects },
        {
          key: 'fresh', head: t('peers.fresh'), spare: true, cell: (f) => (f.lastSuccessAt ? <Time at={f.lastSuccessAt} /> : ''),
          sort: (f) => f.lastSuccessAt,
        },
        { key: 'next', head: t('peers.next'), spare: true, cell: (f) => (f.nextAt ? <Time at={f.nextAt} /> : '') },
        ...reader.may('peer.fetch') ? [{ key: 'act', head: t('peers.act'), cell: (f: Item['followings'][number]) => <FetchNow of={f} /> }] : [],
      ]}
    />
  );
}
