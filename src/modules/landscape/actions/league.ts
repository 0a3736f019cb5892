/** The league of providers: each month's infected addresses against the prefixes that stood at its end. */
import type { Actions } from '#kit/endpoint';
import { addressesHeld, holdings, type Range } from '#kit/ip/holdings';
import type { Claim } from '#kit/ip/owners';
import { noSuch } from '#kit/refusal';
import { survivalOf } from '#kit/survival';
import { asHub } from '#world/db/scope';
import { claimsOf, constituentsOfKinds, findingTimes, type FindingTime } from '#modules/constituents/index';
import type { landscapeApi } from '../api.ts';
import { leagueOf, middleOf, rateOf } from '../league.ts';
import { infectedAt, type InfectedAt } from '../league-store.ts';
import { spanBefore } from '../origins.ts';
import { isoDay, periodOf, spanOf, type Span } from '../periods.ts';
import { monthsWith } from '../statistics-store.ts';
import type { LandscapeParts } from './parts.ts';
import { ownSide } from './rows.ts';

type All = Actions<typeof landscapeApi>;

const shownMonths = 6;
const hour = 3_600_000;

/** What each owner held at the end of a month, or now where it has not ended: a moment, so that no prefix is two owners'. */
function heldAt(claims: readonly Claim[], span: Span, now: number): Range[] {
  const at = Math.min(span.to * 86_400 - 1, Math.floor(now / 1000));
  return holdings(claims.filter((claim) => claim.kind === 'prefix' && claim.from <= at && at < claim.to)
    .toSorted((a, b) => a.from - b.from).map((claim) => ({ owner: claim.owner, prefix: claim.value })));
}

interface MonthOf {
  readonly span: Span;
  readonly known: boolean;
  readonly bases: ReadonlyMap<string, number>;
  readonly infected: ReadonlyMap<string, InfectedAt>;
}

/** Hours until findings were closed; those that are open are watched until now. */
function remedied(findings: readonly FindingTime[], now: number) {
  const { median, total, open } = survivalOf(findings.map(({ since, closedAt }) => ({
    time: Math.max(0, Math.round(((closedAt === null ? now : Date.parse(closedAt)) - Date.parse(since)) / hour)), ended: closedAt !== null,
  })));
  return { findings: total, open, medianHours: median };
}

/** `own`: whose own view it is, with the markings it may see; of the others nothing is counted that is marked RED. */
async function gathered(parts: LandscapeParts, scope: string, month: string | undefined, own?: { ids: readonly string[]; labels: readonly string[] }) {
  const { db, events, clock } = parts;
  const now = clock.now();
  const known = await monthsWith(events, scope, 'infection');
  const span = spanOf(month ?? known[0] ?? periodOf(Math.floor(now / 86_400_000), 'month'));
  if (span?.grain !== 'month') throw noSuch('period');
  const [isps, claims] = await Promise.all([constituentsOfKinds(db, scope, ['isp']), claimsOf(db, scope)]);
  const ids = isps.map((isp) => isp.id);
  const spans = [...Array.from({ length: shownMonths - 1 }, (_, i) => spanBefore(span, shownMonths - 1 - i)), span];
  const counted = async (at: Span, ranges: readonly Range[]): Promise<InfectedAt[]> => {
    if (ids.length === 0 || !known.includes(at.period)) return [];
    if (!own) return infectedAt(events, scope, at, ids, ranges);
    const found = await Promise.all([
      infectedAt(events, scope, at, ids.filter((id) => own.ids.includes(id)), ranges, own.labels),
      infectedAt(events, scope, at, ids.filter((id) => !own.ids.includes(id)), ranges, 'open'),
    ]);
    return found.flat();
  };
  const months = await Promise.all(spans.map(async (at): Promise<MonthOf> => {
    const ranges = heldAt(claims, at, now);
    const found = await counted(at, ranges);
    return { span: at, known: known.includes(at.period), bases: addressesHeld(ranges), infected: new Map(found.map((one) => [one.owner, one])) };
  }));
  const times = await findingTimes(db, scope, ids, `${isoDay(spans[0]?.from ?? span.from)}T00:00:00Z`, `${isoDay(span.to)}T00:00:00Z`);
  const last = months.at(-1);
  const league = leagueOf(ids.map((id) => ({ id, base: last?.bases.get(id) ?? 0, infected: last?.infected.get(id)?.within ?? 0 })));
  const names = new Map(isps.map((isp) => [isp.id, isp.name]));
  return {
    medianRate: league.medianRate,
    about: {
      month: span.period, from: isoDay(span.from), to: isoDay(span.to - 1), computedAt: clock.iso(), monthsKnown: known, population: league.population,
    },
    items: league.items.map((one) => ({
      ...one, name: names.get(one.id) ?? one.id, beside: last?.infected.get(one.id)?.beside ?? 0, v6: last?.infected.get(one.id)?.v6 ?? 0,
      trend: months.map((at) => ({
        period: at.span.period, rate: at.known ? rateOf(at.infected.get(one.id)?.within ?? 0, at.bases.get(one.id) ?? 0) : null,
      })),
      ...remedied(times.filter((time) => time.constituent === one.id), now),
    })),
  };
}

export function leagueActions(parts: LandscapeParts): Pick<All, 'ispLeague' | 'myLeague'> {
  return {
    ispLeague: async (input, { actor }) => {
      const { about, medianRate, items } = await gathered(parts, actor.org, input.month);
      return { ...about, medianRate, items };
    },
    myLeague: async (input, caller) => {
      if (input.month !== undefined && spanOf(input.month)?.grain !== 'month') throw noSuch('period');
      const { scope, constituents, labels } = await ownSide(parts, caller);
      const ids = constituents.map((c) => c.id);
      // Others' rows are counted here and shown to nobody.
      const { about, items } = await asHub('a provider’s place is among rates that are not its own', () =>
        gathered(parts, scope, input.month, { ids, labels }));
      const own = items.filter((item) => ids.includes(item.id));
      if (own.length === 0) throw noSuch('provider');
      const others = items.filter((item) => !ids.includes(item.id));
      return {
        ...about, items: own,
        others: {
          ranked: others.filter((item) => item.rank !== null).length, medianRate: middleOf(others.map((item) => item.rate)),
          trend: own[0]?.trend.map(({ period }, i) => ({ period, rate: middleOf(others.map((item) => item.trend[i]?.rate ?? null)) })) ?? [],
        },
      };
    },
  };
}
