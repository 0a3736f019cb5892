/** The public figures. Each is computed from stored rows when asked and kept only until the next batch ends. */
import type { Actions } from '#kit/endpoint';
import { noSuch } from '#kit/refusal';
import type { landscapeApi } from '../api.ts';
import { seriesNames, type SeriesDefinition, type SeriesName } from '../model.ts';
import { spanOf, type Span } from '../periods.ts';
import { definitions, percentOf, rank, type AreaCount, type Ranking } from '../series.ts';
import { allBetween, areaCounts, familyCounts, knownPeriods, periodCounts } from '../statistics-store.ts';
import { stateOf } from '../store.ts';
import type { LandscapeParts } from './parts.ts';

type All = Actions<typeof landscapeApi>;

/** Figures kept at once; a page asks for a few dozen. */
const kept = 400;
/** k of k-anonymity: cells under it are not shown. */
const leastAddresses = 10;

interface Figure { readonly counts: readonly AreaCount[]; readonly ranking: Ranking; readonly computedAt: string }

/** Remembers answers as long as no batch of the publisher has ended since. */
class Memory {
  private state = '';
  private readonly answers = new Map<string, Promise<unknown>>();
  async get<T>(state: string, key: string, compute: () => Promise<T>): Promise<T> {
    if (state !== this.state) {
      this.answers.clear();
      this.state = state;
    }
    const known = this.answers.get(key);
    if (known !== undefined) return known as Promise<T>;
    const fresh = compute();
    this.answers.set(key, fresh);
    fresh.catch(() => this.answers.delete(key));
    if (this.answers.size > kept) for (const first of [...this.answers.keys()].slice(0, kept / 4)) this.answers.delete(first);
    return fresh;
  }
}

class Figures {
  private readonly parts: LandscapeParts;
  private readonly memory = new Memory();
  constructor(parts: LandscapeParts) {
    this.parts = parts;
  }

  /** Remembered until a batch of the publisher ends; `none` where nobody publishes. */
  async keep<T>(key: string, none: T, compute: (scope: string) => Promise<T>): Promise<T> {
    const scope = await this.parts.publisher();
    if (scope === null) return none;
    const state = `${scope} ${await stateOf(this.parts.db, scope)}`;
    return this.memory.get(state, key, () => compute(scope));
  }

  /** All areas of a period. 404 where the period is none of the series' grains or has no row. */
  async of(series: SeriesName, span: Span): Promise<Figure> {
    const figure = await this.keep<Figure | null>(`figure ${series} ${span.period}`, null, async (scope) => {
      const counts = await areaCounts(this.parts.events, scope, series, span);
      return { counts, ranking: rank(definitions[series], counts), computedAt: this.parts.clock.iso() };
    });
    if (figure === null || figure.counts.length === 0) throw noSuch('period');
    return figure;
  }

  periods(series: SeriesName): Promise<string[]> {
    return this.keep<string[]>(`periods ${series}`, [], (scope) =>
      knownPeriods(this.parts.events, scope, series, definitions[series].grains));
  }
}

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
): Pick<All, 'statistics' | 'statistic' | 'ranking' | 'series' | 'families'> {
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
      const span = spanOf(input.period);
      if (span === null) throw noSuch('period');
      const key = `families ${input.area} ${span.period}`;
      const rows = await figures.keep<{ family: string; addresses: number }[]>(key, [], (scope) =>
        familyCounts(parts.events, scope, input.area, span));
      const shown = rows.filter((row) => row.addresses >= leastAddresses);
      return {
        area: input.area, period: input.period, least: leastAddresses, computedAt: parts.clock.iso(),
        items: shown.slice(0, input.limit), suppressed: rows.length - shown.length,
      };
    },
  };
}

async function overTime(
  parts: LandscapeParts, figures: Figures, definition: SeriesDefinition,
  input: { area: string; grain: 'month' | 'quarter' | 'year' },
): ReturnType<All['series']> {
  const { series, unit, floor } = definition;
  const { area, grain } = input;
  const counts = definition.grains.includes(grain)
    ? await figures.keep(`series ${series} ${area} ${grain}`, [], (scope) => periodCounts(parts.events, scope, series, area, grain))
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
