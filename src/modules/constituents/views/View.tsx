/** One organisation of the registry: what it answers for and when, and what hit it. */
import { useAsk } from '#ui/asking';
import { RowTable } from '#ui/RowTable';
import { EmptyState } from '#ui/EmptyState';
import { Mark } from '#ui/Mark';
import { Answer, Page, Particulars, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { Time } from '#ui/Time';
import { Trail } from '#ui/Trail';
import { ButtonLink, Link, usePathParameter } from '#ui/url';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { constituentsApi } from '../api/index.ts';
import { AddAsset, EndAsset } from './Assets.tsx';
import { Validity } from './Validity.tsx';

type Answered = OutputOf<typeof constituentsApi.view>;
export type OneAsset = Answered['assets'][number];

/** Where an asset stands at a moment (milliseconds). */
export function stateOf(asset: OneAsset, now: number): 'now' | 'past' | 'planned' {
  if (Date.parse(asset.from) > now) return 'planned';
  return asset.to !== null && Date.parse(asset.to) <= now ? 'past' : 'now';
}

export function View() {
  const { t } = useWords();
  const id = usePathParameter('constituent');
  const reader = useReader();
  const asked = useAsk(constituentsApi.view, { constituent: id });
  return (
    <Page
      title={asked.data?.constituent.name ?? t('constituent.constituent')}
      above={<Link to="/constituents">{t('nav.constituents')}</Link>}
      act={asked.data ? (
        <>
          {reader.may('event.list') ? <ButtonLink to={`/constituents/${id}/exposure`} variant="default">{t('constituent.hit')}</ButtonLink> : null}
          {reader.may('asset.add') ? <AddAsset constituent={id} /> : null}
        </>
      ) : null}
    >
      <Answer of={asked}>{(answer) => <Body {...answer} now={asked.dataUpdatedAt} />}</Answer>
      <Trail subject={id} />
    </Page>
  );
}

function Body({ constituent: c, assets, now }: Answered & { readonly now: number }) {
  const { t, number } = useWords();
  const reader = useReader();
  const none = t('constituent.not-said');
  const meaning = { now: 'good', past: 'none', planned: 'wait' } as const;
  return (
    <>
      <Section>
        <Particulars
          items={[
            [t('constituent.kind'), t(`constituent-kind.${c.kind}`)], [t('constituent.sector'), c.sector ?? none],
            [t('constituent.province'), c.province ?? none], [t('constituent.assets'), number(c.assetsNow)],
            [t('constituent.account'), c.org ? t('constituent.has-account') : t('constituent.no-account')],
          ]}
        />
      </Section>
      <Section title={t('assets.title')} note={t('assets.note')}>
        {assets.length === 0 ? <EmptyState title={t('assets.empty')} how={t('assets.empty-how')} /> : (
          <>
            <Validity assets={assets} now={now} />
            <RowTable
              label={t('assets.title')} rows={assets} rowKey={(a) => a.id}
              columns={[
                {
                  key: 'value', head: t('asset.value'), sort: (a) => a.value,
                  cell: (a) => <span className="e-mono">{a.kind === 'asn' ? `AS${a.value}` : a.value}</span>,
                },
                { key: 'kind', head: t('asset.kind'), cell: (a) => t(`asset-kind.${a.kind}`), sort: (a) => a.kind },
                {
                  key: 'state', head: t('asset.state'), sort: (a) => stateOf(a, now),
                  cell: (a) => <Mark is={meaning[stateOf(a, now)]}>{t(`asset-state.${stateOf(a, now)}`)}</Mark>,
                },
                { key: 'from', head: t('asset.from'), spare: true, cell: (a) => <Time at={a.from} to="day" />, sort: (a) => a.from },
                {
                  key: 'to', head: t('asset.to'), spare: true, sort: (a) => a.to,
                  cell: (a) => (a.to ? <Time at={a.to} to="day" /> : t('asset.open')),
                },
                ...(reader.may('asset.end') ? [{
                  key: 'end', head: t('asset.act'), cell: (a: OneAsset) => (a.to === null ? <EndAsset asset={a} /> : null),
                }] : []),
              ]}
            />
          </>
        )}
      </Section>
    </>
  );
}
