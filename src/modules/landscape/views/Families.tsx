/** The malware families that most addresses had, and how many are not named because too few had them. */
import { useAsk } from '#ui/asking';
import { Chart } from '#ui/Chart';
import { EmptyState } from '#ui/EmptyState';
import { Answer, Block, Section } from '#ui/Page';
import { useReader } from '#ui/reader';
import { useGo } from '#ui/url';
import { useWords } from '#ui/words';
import { landscapeApi } from '../api.ts';
import { daysOf, sayPeriod } from './series.ts';

export function Families({ area, period }: { readonly area: string; readonly period: string }) {
  const words = useWords();
  const { t, country, number } = words;
  const reader = useReader();
  const go = useGo();
  const asked = useAsk(landscapeApi.families, { area, period, limit: 10 }, { enabled: period !== '', keep: true });
  const { from, to } = daysOf(period || '2000');
  return (
    <Section title={t('families.title')} note={t('families.note', { area: country(area), period: sayPeriod(words, period) })}>
      <Answer of={asked} skeleton={<Block height={360} />}>
        {({ items, suppressed, least }) => (items.length === 0
          ? <EmptyState title={t('families.empty')} how={t('families.empty-how', { least: number(least) })} />
          : (
            <>
              <Chart
                kind="bar" lying label={t('families.title')} of={t('families.family')} height={40 + items.length * 32}
                x={items.map((i) => i.family)} lines={[{ name: t('families.addresses'), values: items.map((i) => i.addresses) }]}
                {...(reader.may('event.list')
                  ? {
                      onPick: (i: number) => {
                        const family = items[i]?.family ?? '';
                        go(`/events?family=${encodeURIComponent(family)}&area=${area}&from=${from}&to=${to}`);
                      },
                    }
                  : {})}
              />
              {suppressed > 0 ? (
                <p className="e-small e-faint">{t('families.suppressed', { count: suppressed, least: number(least) })}</p>
              ) : null}
            </>
          ))}
      </Answer>
    </Section>
  );
}
