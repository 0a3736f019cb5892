/** Where attacks come from: public counts of areas, and the networks behind the own part for those who may see rows. */
import type { Actions } from '#kit/endpoint';
import { percentOf } from '#kit/percent';
import { noSuch } from '#kit/refusal';
import { claimsOf } from '#modules/constituents/index';
import type { landscapeApi } from '../api.ts';
import { originsOf, spanBefore, type Origins } from '../origins.ts';
import { attackFlows, type Flow } from '../origins-store.ts';
import { spanOf, type Span } from '../periods.ts';
import { definitions } from '../series.ts';
import { staleMarks } from '../settled-store.ts';
import { areaCounts, cellsOf } from '../statistics-store.ts';
import { Figures } from './figures.ts';
import { namesOf, type LandscapeParts } from './parts.ts';

type All = Actions<typeof landscapeApi>;
const series = definitions['attacks-by-origin'];
/** Periods that the home area is shown over. */
const shownPeriods = 8;

function spanIn(period: string): Span {
  const span = spanOf(period);
  if (span === null || !series.grains.includes(span.grain)) throw noSuch('period');
  return span;
}

const attacksOf = (flows: readonly Flow[]): number => flows.reduce((sum, flow) => sum + flow.attacks, 0);

async function countsIn(figures: Figures, parts: LandscapeParts, span: Span) {
  return figures.keep(`origins ${span.period}`, [], (scope, stale) => areaCounts(parts.events, scope, series.series, span, stale));
}

async function overPeriods(figures: Figures, parts: LandscapeParts, span: Span): Promise<Awaited<ReturnType<All['attackOrigins']>>['series']> {
  const spans = [...Array.from({ length: shownPeriods - 1 }, (_, i) => spanBefore(span, shownPeriods - 1 - i)), span];
  return Promise.all(spans.map(async ({ period }, i) => {
    const counts = await countsIn(figures, parts, spans[i] ?? span);
    if (counts.length === 0) return { period, attacks: null, total: null, share: null, rank: null, population: null };
    const { total, population, items } = originsOf(counts, null);
    const own = items.find((item) => item.area === parts.home);
    return { period, attacks: own?.attacks ?? 0, total, share: own?.share ?? 0, rank: own?.rank ?? null, population };
  }));
}

export function originActions(parts: LandscapeParts): Pick<All, 'attackOrigins' | 'attackMatrix' | 'attackNetworks'> {
  const figures = new Figures(parts);
  const { events, home, clock, db } = parts;
  return {
    attackOrigins: async (input) => {
      const span = spanIn(input.period);
      const earlier = spanBefore(span);
      const [counts, before] = await Promise.all([countsIn(figures, parts, span), countsIn(figures, parts, earlier)]);
      if (counts.length === 0) throw noSuch('period');
      const origins: Origins = originsOf(counts, before.length === 0 ? null : before);
      return {
        period: span.period, periodBefore: earlier.period, home, computedAt: clock.iso(), ...origins, items: [...origins.items],
        series: await overPeriods(figures, parts, span),
        definition: series.definition, method: series.method, source: series.source, caution: series.caution,
      };
    },
    attackMatrix: async (input) => {
      const span = spanIn(input.period);
      const flows = await figures.keep<Flow[]>(`flows ${span.period}`, [], (scope) => attackFlows(events, scope, span));
      if (flows.length === 0) throw noSuch('period');
      const asked = flows.filter((flow) => (input.origin === undefined || flow.origin === input.origin)
        && (input.target === undefined || flow.target === input.target));
      const left = asked.slice(input.limit);
      return {
        period: span.period, home, computedAt: clock.iso(), total: attacksOf(flows), untold: attacksOf(flows.filter((flow) => flow.target === null)),
        asked: attacksOf(asked), left: { pairs: left.length, attacks: attacksOf(left) }, items: asked.slice(0, input.limit),
        definition: 'Attacks of the period by the area that hosts the source and the area of the other side; one stored row is one attack.',
        method: 'attack-matrix/1: sum over the days of the period of rows of kind attack by (area of the source, area of the other side). '
          + 'Areas by registry data of addresses at the time the row was taken in; what no list knows is ZZ; a row without another side has none.',
      };
    },
    attackNetworks: async (input, { actor }) => {
      const span = spanIn(input.period);
      const stale = new Set((await staleMarks(db, events, actor.org)).map((mark) => mark.period));
      const [cells, claims, { owners }] = await Promise.all([
        cellsOf(events, actor.org, span, stale, { kind: 'attack', dim: 'asn', area: home }), claimsOf(db, actor.org), namesOf(parts, actor.org),
      ]);
      const now = clock.now() / 1000;
      const named = new Map(claims.filter((claim) => claim.kind === 'asn' && claim.from <= now && now < claim.to)
        .map((claim) => [claim.value, owners.get(claim.owner) ?? null]));
      const total = cells.reduce((sum, cell) => sum + cell.rows, 0);
      const ordered = cells.toSorted((x, y) => y.rows - x.rows || Number(x.key) - Number(y.key)).map(({ key, rows, things }) => ({
        asn: key === '0' ? null : Number(key), name: named.get(key) ?? null, attacks: rows, addresses: things, share: percentOf(rows, total, 2),
      }));
      const left = ordered.slice(input.limit);
      return {
        period: span.period, home, computedAt: clock.iso(), total, items: ordered.slice(0, input.limit),
        left: { networks: left.length, attacks: left.reduce((sum, item) => sum + item.attacks, 0) },
      };
    },
  };
}
