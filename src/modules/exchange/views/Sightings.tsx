/** Who saw an object on which day: numbers by oneself and by others, and nothing where others are too few to stay unnamed. */
import type { OutputOf } from '#kit/endpoint';
import { Mark, type Meaning } from '#ui/Mark';
import { Section } from '#ui/Page';
import { RowTable } from '#ui/RowTable';
import { useWords } from '#ui/words';
import type { exchangeApi } from '../api/exchange.ts';

type Day = OutputOf<(typeof exchangeApi)['threats.view']>['sightings'][number];
const meanings: Readonly<Record<Day['kind'], Meaning>> = { seen: 'info', 'false-positive': 'warn', expired: 'none' };

export function Sightings({ days }: { readonly days: readonly Day[] }) {
  const { t, number } = useWords();
  if (days.length === 0) return null;
  return (
    <Section title={t('threat.sightings')} note={t('threat.sightings-how')}>
      <RowTable
        label={t('threat.sightings')} rows={days} rowKey={(d) => `${d.day} ${d.kind}`} tall={360}
        columns={[
          { key: 'day', head: t('threat.sighting-day'), cell: (d) => <time dateTime={d.day}>{d.day}</time>, sort: (d) => d.day },
          { key: 'kind', head: t('threat.sighting-kind'), cell: (d) => <Mark is={meanings[d.kind]}>{t(`sighting.${d.kind}`)}</Mark>, sort: (d) => d.kind },
          { key: 'mine', head: t('threat.sighting-mine'), cell: (d) => number(d.mine), sort: (d) => d.mine },
          {
            key: 'others', head: t('threat.sighting-others'), sort: (d) => d.others ?? -1,
            cell: (d) => (d.others === null ? <span className="e-faint">{t('threat.sighting-few')}</span> : number(d.others)),
          },
        ]}
      />
    </Section>
  );
}
