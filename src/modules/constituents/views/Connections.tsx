/** Which bodies' monitoring still reports: the share of all, by vendor, and each body with its sources; one's own sources. */
import type { OutputOf } from '#kit/endpoint';
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Figure, Figures } from '#ui/Figure';
import { Choice, Filters } from '#ui/Filters';
import { Mark } from '#ui/Mark';
import { Answer, Block, Page, Section } from '#ui/Page';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { Time } from '#ui/Time';
import { Link, useUrlState } from '#ui/url';
import { useWords, type Words } from '#ui/words';
import { constituentsApi } from '../api/index.ts';
import { ConstituentKind, constituentKinds } from '../model/registry.ts';

type Found = OutputOf<typeof constituentsApi.connections>;
const meaning = { connected: 'good', silent: 'danger', never: 'none' } as const;

export function Connections() {
  const words = useWords();
  const { t } = words;
  const [search] = useUrlState();
  const kind = ConstituentKind.safeParse(search['kind']);
  const asked = useAsk(constituentsApi.connections, kind.success ? { kind: kind.data } : {}, { keep: true, every: 30_000 });
  return (
    <Page title={t('nav.connections')} description={t('connections.text')}>
      <Filters names={['kind']}>
        <Choice
          name="kind" label={t('connections.kind')} all={t('connections.state-bodies')}
          options={constituentKinds.map((value) => ({ value, label: t(`constituent-kind.${value}`) }))}
        />
      </Filters>
      <Answer of={asked} skeleton={<><Block height={112} /><TableSkeleton rows={8} /></>}>
        {(found) => (found.bodies.length === 0
          ? <Section><EmptyState title={t('connections.none')} how={t('connections.none-how')} /></Section>
          : <><Shares of={found} /><Bodies of={found} /></>)}
      </Answer>
    </Page>
  );
}

const share = ({ percent }: Words, of: Found['all']): string | null => (of.percent === null ? null : percent(of.percent, 1));

function Shares({ of }: { readonly of: Found }) {
  const words = useWords();
  const { t, number } = words;
  const under = ({ connected, total }: Found['all']) => t('connections.of', { connected: number(connected), total: number(total) });
  return (
    <Figures>
      <Figure
        label={t('connections.connected')} value={share(words, of.all)} under={under(of.all)} to="/connections"
        definition={{ text: t('connections.definition'), computedAt: of.computedAt }}
      />
      {of.vendors.slice(0, 7).map(({ vendor, bodies }) => (
        <Figure
          key={vendor} label={vendor} value={share(words, bodies)} under={under(bodies)} to="/connections"
          definition={{ text: t('connections.vendor-definition'), computedAt: of.computedAt }}
        />
      ))}
    </Figures>
  );
}

function Bodies({ of }: { readonly of: Found }) {
  const { t } = useWords();
  return (
    <Section title={t('connections.bodies')}>
      <RowTable
        label={t('connections.bodies')} rows={of.bodies} rowKey={(b) => b.id} to={(b) => `/constituents/${b.id}`}
        columns={[
          { key: 'body', head: t('connections.body'), wrap: true, cell: (b) => <Link to={`/constituents/${b.id}`}>{b.name}</Link>, sort: (b) => b.name },
          {
            key: 'state', head: t('connections.state'), sort: (b) => b.state,
            cell: (b) => <Mark is={meaning[b.state]}>{t(`connections.state-${b.state}`)}</Mark>,
          },
          { key: 'last', head: t('connections.last'), cell: (b) => (b.lastAt ? <Time at={b.lastAt} /> : ''), sort: (b) => b.lastAt },
          {
            key: 'sources', head: t('connections.sources'), wrap: true, spare: true,
            cell: (b) => b.sources.map((s) => `${s.source} (${s.vendor})`).join(', '),
          },
        ]}
      />
    </Section>
  );
}

/** For the desk of a constituent. */
export function MySources() {
  const { t, number } = useWords();
  const asked = useAsk(constituentsApi.myConnections, {});
  return (
    <Answer of={asked}>
      {({ connections }) => (
        <Section title={t('my-connections.title')} note={t('my-connections.note')}>
          <RowTable
            label={t('my-connections.title')} rows={connections} rowKey={(c) => `${c.constituent} ${c.source}`}
            empty={<EmptyState title={t('my-connections.none')} how={t('my-connections.none-how')} />}
            columns={[
              { key: 'source', head: t('connections.source'), cell: (c) => c.source, sort: (c) => c.source },
              { key: 'vendor', head: t('connections.product'), cell: (c) => [c.vendor, c.version].filter(Boolean).join(' ') },
              {
                key: 'state', head: t('connections.state'),
                cell: (c) => <Mark is={c.silentSince ? 'danger' : 'good'}>{t(`connections.state-${c.silentSince ? 'silent' : 'connected'}`)}</Mark>,
              },
              { key: 'last', head: t('connections.last'), cell: (c) => <Time at={c.lastAt} />, sort: (c) => c.lastAt },
              { key: 'watched', head: t('connections.watched'), right: true, spare: true, cell: (c) => (c.watched === null ? '' : number(c.watched)) },
            ]}
          />
        </Section>
      )}
    </Answer>
  );
}
