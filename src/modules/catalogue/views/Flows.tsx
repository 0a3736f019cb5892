/** What a provider declares that its product sends: to whom, by which way, what and why, and whether one can do without it. */
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { Tag } from '#ui/Mark';
import { Answer, Section } from '#ui/Page';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { useWords } from '#ui/words';
import { catalogueApi } from '../api.ts';
import type { DeclaredFlow } from '../model.ts';

/** Destinations of one flow that are shown; the file itself names all. */
const shownMost = 12;

export function Flows({ artefact }: { readonly artefact: string }) {
  const { t, number, country } = useWords();
  const asked = useAsk(catalogueApi['declared-flows.list'], { artefact });
  return (
    <Section title={t('catalogue.flows')} note={t('catalogue.flows-text')}>
      <Answer of={asked} skeleton={<TableSkeleton />}>
        {({ items, flows, next }) => (items.length === 0 ? <EmptyState title={t('catalogue.no-flow')} how={t('catalogue.no-flow-how')} /> : (
          <>
            <RowTable
              label={t('catalogue.flows')} rows={items} rowKey={(f) => String(items.indexOf(f))} tall={620}
              columns={[
                { key: 'to', head: t('catalogue.flow-to'), wrap: true, sort: (f) => f.to[0] ?? '', cell: (f) => <Destinations of={f} /> },
                { key: 'way', head: t('catalogue.flow-way'), sort: (f) => f.transport, cell: (f) => <Way of={f} /> },
                { key: 'purpose', head: t('catalogue.flow-purpose'), wrap: true, sort: (f) => f.purpose, cell: (f) => f.purpose },
                { key: 'data', head: t('catalogue.flow-data'), wrap: true, cell: (f) => f.data.join(', ') || t('catalogue.unknown') },
                { key: 'country', head: t('catalogue.flow-country'), wrap: true, spare: true, sort: (f) => f.country ?? '',
                  cell: (f) => (f.country === null ? t('catalogue.unknown') : country(f.country)) },
                { key: 'when', head: t('catalogue.flow-when'), sort: (f) => f.when, cell: (f) => <Tag>{t(`catalogue.flow-when-${f.when}`)}</Tag> },
              ]}
            />
            {next === null ? null : <p className="e-small e-faint">{t('catalogue.flows-more', { count: number(items.length), of: number(flows) })}</p>}
          </>
        ))}
      </Answer>
    </Section>
  );
}

function Destinations({ of: { to } }: { readonly of: DeclaredFlow }) {
  const { t, number } = useWords();
  return (
    <>
      {to.slice(0, shownMost).map((place) => <div key={place}><code style={{ overflowWrap: 'anywhere' }}>{place}</code></div>)}
      {to.length > shownMost ? <span className="e-small e-faint">{t('catalogue.flow-to-more', { count: number(to.length - shownMost) })}</span> : null}
    </>
  );
}

function Way({ of: { transport, ports } }: { readonly of: DeclaredFlow }) {
  const { t } = useWords();
  const said = ports.map((p) => (typeof p === 'number' ? String(p) : `${p[0]}–${p[1]}`)).join(', ');
  return <>{`${transport.toUpperCase()} ${transport === 'icmp' ? '' : said || t('catalogue.flow-any-port')}`.trim()}</>;
}
