/** The public figures: one, all of a period in order, over time, by family. */
import type { Actions } from '#kit/endpoint';
import { percentOf } from '#kit/percent';
import { noSuch } from '#kit/refusal';
import type { landscapeApi } from '../api.ts';
import { seriesNames, type SeriesDefinition } from '../model.ts';
import { spanOf, type Span } from '../periods.ts';
import { definitions } from '../series.ts';
import { restatementsOf } from '../settled-store.ts';
import { allBetween, detectionsOf, periodCounts } from '../statistics-store.ts';
import { sentences, trendOf } from '../trends.ts';
import { Figures } from './figures.ts';
import { cursorOf, cursorText, type LandscapeParts } from './parts.ts';
import { leastAddresses, others } from './tables.ts';

type All = Actions<typeof landscapeApi>;

function seriesOf(name: string): SeriesDefinition {
  const series = seriesNames.find((known) => known === name);
  if (series === undefined) throw noSuch('series');
  return definitions[series];
}

function periodIn(definition: SeriesDefinition, period: string): Span {
  const span = spanOf(period);
  if (span === null || !definition.grains.includes(span.grain)) throw noSuch('period');
  return span;
}

export function statisticActions(
  parts: LandscapeParts,
): Pick<All, 'statistics' | 'statistic' | 'ranking' | 'series' | 'families' | 'familyTable' | 'restatements' | 'trend'> {
  const figures = new Figures(parts);
  return {
    statistics: async () => ({
      items: await Promise.all(seriesNames.map(async (name) => ({ ...definitions[name], periods: await figures.periods(name) }))),
      home: parts.home,
    }),
    statistic: async (input) => {
      const definition = seriesOf(input.series);
      const { counts, ranking, computedAt } = await figures.of(definition.series, periodIn(definition, input.period));
      const own = ranking.items.find((item) => item.area === input.area);
      const left = ranking.excluded.find((item) => item.area === input.area);
      const count = counts.find((item) => item.area === input.area);
      // A count that is not there is zero; a share without users is nothing at all.
      const byCount = definition.rankedBy === 'count';
      const { unit, floor, method, source, series } = definition;
      return {
        series, area: input.area, period: input.period, unit, floor, definition: definition.definition, method, source,
        computedAt, value: own?.value ?? (byCount ? count?.numerator ?? 0 : null),
        numerator: own?.numerator ?? left?.numerator ?? (byCount ? 0 : null),
        denominator: own?.denominator ?? left?.denominator ?? null,
        rank: own?.rank ?? null, population: ranking.items.length,
      };
    },
    ranking: async (input) => {
      const definition = seriesOf(input.series);
      const { ranking, computedAt } = await figures.of(definition.series, periodIn(definition, input.period));
      const { unit, floor, method, source, series } = definition;
      return {
        series, period: input.period, unit, population: ranking.items.length, floor, definition: definition.definition,
        method, source, computedAt, items: [...ranking.items], excluded: [...ranking.excluded],
      };
    },
    series: async (input) => overTime(parts, figures, seriesOf(input.series), input),
    families: async (input) => {
      const { table, computedAt } = await figures.families(spanNamed(input.period));
      const cells = table.shown.cells[table.areas.indexOf(input.area)] ?? [];
      const items = table.families.flatMap((family, i) => {
        const addresses = cells[i] ?? 0;
        return family === others || addresses === 0 ? [] : { family, addresses };
      });
      return {
        area: input.area, period: input.period, least: leastAddresses, computedAt,
        items: items.sort((x, y) => y.addresses - x.addresses).slice(0, input.limit), suppressed: cells.filter((cell) => cell === null).length,
      };
    },
    familyTable: async (input) => {
      const { table: { areas, families, shown }, computedAt } = await figures.families(spanNamed(input.period));
      return {
        period: input.period, least: leastAddresses, computedAt, areas: [...areas], families: [...families],
        cells: shown.cells.map((row) => [...row]), areaTotals: [...shown.rows], familyTotals: [...shown.columns], total: shown.total,
        small: shown.small, beside: shown.beside,
      };
    },
    trend: async (input) => trendBetween(parts, figures, input),
    restatements: async (input) => {
      const scope = await parts.publisher();
      const before = cursorOf(input.cursor, 'string')?.[0];
      // Whose rows moved from whom is the centre's own business; only figures were published.
      const found = scope === null ? [] : await restatementsOf(parts.db, scope, { series: input.series, published: true, before, limit: input.limit + 1 });
      const items = found.slice(0, input.limit);
      const last = items.at(-1);
      return { items, next: found.length > items.length && last ? cursorText([last.id]) : null };
    },
  };
}

/** A count and a share of the same two periods; 404 where one has no row of a user. */
async function trendBetween(parts: LandscapeParts, figures: Figures, input: { area: string; from: string; to: string }): ReturnType<All['trend']> {
  const { area, from, to } = input;
  const sides = await Promise.all([from, to].map(async (period) => {
    const figure = await figures.of('users-at-risk', periodIn(definitions['users-at-risk'], period));
    const detections = await figures.keep(`detections ${area} ${period}`, 0, (scope) =>
      detectionsOf(parts.events, scope, area, spanNamed(period)));
    return { detections, share: figure.ranking.items.find((item) => item.area === area)?.value ?? null };
  }));
  const [x, y] = sides as [typeof sides[number], typeof sides[number]];
  const count = { before: x.detections, after: y.detections };
  const share = x.share === null || y.share === null ? null : { before: x.share, after: y.share };
  const trend = trendOf(count, share);
  return { area, from, to, computedAt: parts.clock.iso(), count, share, ...trend, text: sentences(trend) };
}

function spanNamed(period: string): Span {
  const span = spanOf(period);
  if (span === null) throw noSuch('period');
  return span;
}

async function overTime(
  parts: LandscapeParts, figures: Figures, definition: SeriesDefinition,
  input: { area: string; grain: 'month' | 'quarter' | 'year' },
): ReturnType<All['series']> {
  const { series, unit, floor } = definition;
  const { area, grain } = input;
  const counts = definition.grains.includes(grain)
    ? await figures.keep(`series ${series} ${area} ${grain}`, [], (scope, stale) =>
      periodCounts(parts.events, scope, series, area, grain, stale))
    : [];
  const known = new Map(counts.map((count) => [count.period, count]));
  const points = allBetween([...known.keys()], grain).map((period) => {
    const count = known.get(period);
    if (count === undefined) return { period, value: null, numerator: null, denominator: null, state: 'missing' as const };
    const { numerator, denominator } = count;
    if (denominator === null) return { period, value: numerator, numerator, denominator, state: 'known' as const };
    if (denominator < (floor ?? 1)) return { period, value: null, numerator: null, denominator, state: 'below-floor' as const };
    return { period, value: percentOf(numerator, denominator), numerator, denominator, state: 'known' as const };
  });
  return { series, area, grain, unit, computedAt: parts.clock.iso(), points };
}
