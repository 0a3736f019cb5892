/** What a provider declares that its product sends: to whom, by which way, what and why, and whether one can do without it. */
import { useAsk } from '#ui/asking';
import { EmptyState } from '#ui/EmptyState';
import { HostName } from '#ui/HostName';
import { Answer, Section } from '#ui/Page';
import { RowTable, TableSkeleton } from '#ui/RowTable';
import { useWords } from '#ui/words';
import { catalogueApi } from '../api.ts';
import type { DeclaredFlow } from '../model.ts';

/** Destinations of one flow that are shown; the file itself names all. */
const shownMost = 12;

export function Flows({ artefact }: { readonly artefact: string }) {
  const { t, number } = useWords();
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
                { key: 'purpose', head: t('catalogue.flow-purpose'), wrap: true, sort: (f) => f.purpose, cell: (f) => <Purpose of={f} /> },
                { key: 'when', head: t('catalogue.flow-when'), wrap: true, sort: (f) => f.when, cell: (f) => t(`catalogue.flow-when-${f.when}`) },
              ]}
            />
            {next === null ? null : <p className="e-small e-faint">{t('catalogue.flows-more', { count: number(items.length), of: number(flows) })}</p>}
          </>
        ))}
      </Answer>
    </Section>
  );
}

function Destinations({ of }: { readonly of: DeclaredFlow }) {
  const { t, number, country } = useWords();
  const { to } = of;
  const way = useWay(of);
  return (
    <>
      {to.slice(0, shownMost).map((place) => <div key={place}><HostName name={place} /></div>)}
      {to.length > shownMost ? <span className="e-small e-faint">{t('catalogue.flow-to-more', { count: number(to.length - shownMost) })}</span> : null}
      <div className="e-small e-faint">{way} · {of.country === null ? t('catalogue.flow-no-country') : country(of.country)}</div>
    </>
  );
}

function useWay({ transport, ports }: DeclaredFlow): string {
  const { t } = useWords();
  const said = ports.map((p) => (typeof p === 'number' ? String(p) : `${p[0]}–${p[1]}`)).join(', ');
  return `${transport.toUpperCase()} ${transport === 'icmp' ? '' : said || t('catalogue.flow-any-port')}`.trim();
}

function Purpose({ of: { purpose, data } }: { readonly of: DeclaredFlow }) {
  const { t } = useWords();
  return (
    <>
      <div>{purpose}</div>
      <div className="e-small e-faint">{t('catalogue.flow-data', { data: data.join(', ') || t('catalogue.flow-no-data') })}</div>
    </>
  );
}
