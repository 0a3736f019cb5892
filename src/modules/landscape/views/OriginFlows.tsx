/** The strongest flows of attacks on the map, the same as a table under it, and in words what the map leaves out. */
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { FlowMap } from '#ui/FlowMap';
import { Answer, Block, Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { useWords } from '#ui/words';
import type { OutputOf } from '#kit/endpoint';
import { landscapeApi } from '../api.ts';
import { sayPeriod, statisticAddress } from './series.ts';

/** Pairs that are drawn. */
const most = 20;
type Matrix = OutputOf<typeof landscapeApi.attackMatrix>;

interface OriginFlowsProps {
  readonly told: Pick<OutputOf<typeof landscapeApi.attackOrigins>, 'period' | 'home'>;
  /** `home`, `from-home` or all. */
  readonly towards: string;
}

export function OriginFlows({ told: { period, home }, towards }: OriginFlowsProps) {
  const words = useWords();
  const { t, country } = words;
  const only = towards === 'home' ? { target: home } : towards === 'from-home' ? { origin: home } : {};
  const asked = useAsk(landscapeApi.attackMatrix, { period, ...only, limit: 1000 }, { keep: true });
  return (
    <Section
      title={t(`origins.flows-${towards === 'home' || towards === 'from-home' ? towards : 'all'}`, { area: country(home) })}
      note={`${sayPeriod(words, period)}. ${t('origins.caution')}`}
    >
      <Answer of={asked} skeleton={<Block height={460} />}>{(matrix) => <Drawn of={matrix} />}</Answer>
    </Section>
  );
}

function Drawn({ of }: { readonly of: Matrix }) {
  const { t, number, percent, country } = useWords();
  const placed = of.items.filter((item) => item.target !== null && item.target !== 'ZZ' && item.origin !== 'ZZ');
  const drawn = placed.slice(0, most);
  const sum = (items: Matrix['items']): number => items.reduce((n, item) => n + item.attacks, 0);
  const say = (attacks: number): string => t('origins.flow-text', { attacks: number(attacks), share: percent((100 * attacks) / of.total, 2) });
  const named = (area: string | null): string => (area === null ? t('origins.untold') : area === 'ZZ' ? t('excluded.nowhere') : country(area));
  const rest = placed.slice(most);
  const nowhere = of.items.filter((item) => item.target !== null && (item.target === 'ZZ' || item.origin === 'ZZ'));
  return (
    <>
      {drawn.length === 0 ? <EmptyState title={t('origins.no-flows')} how={t('origins.no-flows-how')} /> : (
        <FlowMap
          label={t('origins.map-label')} home={of.home}
          flows={drawn.map((item) => ({ from: item.origin, to: item.target ?? '', value: item.attacks, text: say(item.attacks) }))}
        />
      )}
      <ul className="e-small e-quiet" style={{ margin: '8px 0', paddingLeft: 18 }}>
        <li>{t('origins.drawn', { count: drawn.length, attacks: number(sum(drawn)), asked: number(of.asked) })}</li>
        {rest.length + of.left.pairs > 0
          ? <li>{t('origins.rest', { count: rest.length + of.left.pairs, attacks: number(sum(rest) + of.left.attacks) })}</li> : null}
        {nowhere.length > 0 ? <li>{t('origins.nowhere', { attacks: number(sum(nowhere)) })}</li> : null}
        <li>{t('origins.untold-part', { attacks: number(of.untold), total: number(of.total) })}</li>
      </ul>
      <details>
        <summary>{t('ui.as-table')}</summary>
        <RowTable
          label={t('origins.map-label')} rows={of.items} tall={400} rowKey={(item) => `${item.origin} ${item.target}`}
          to={(item) => statisticAddress('attacks-by-origin', item.origin, of.period)}
          columns={[
            { key: 'origin', head: t('origins.origin'), wrap: true, cell: (item) => named(item.origin), sort: (item) => named(item.origin) },
            { key: 'target', head: t('origins.target'), wrap: true, cell: (item) => named(item.target), sort: (item) => named(item.target) },
            { key: 'attacks', head: t('origins.attacks-head'), right: true, cell: (item) => number(item.attacks), sort: (item) => item.attacks },
            {
              key: 'share', head: t('origins.share-head'), right: true, spare: true, cell: (item) => percent((100 * item.attacks) / of.total, 2),
              sort: (item) => item.attacks,
            },
          ]}
        />
      </details>
    </>
  );
}
