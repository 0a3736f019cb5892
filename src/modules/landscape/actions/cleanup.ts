/** Botnet clean-up: the months' figures from what is computed, the course of the addresses from the rows that are kept. */
import type { Actions } from '#kit/endpoint';
import { noSuch } from '#kit/refusal';
import { survivalOf } from '#kit/survival';
import { constituentsOfKinds } from '#modules/constituents/index';
import type { landscapeApi } from '../api.ts';
import { cureAfter, monthOf } from '../cleanup.ts';
import { addressesElsewhere, coursesOf, staysBegunIn } from '../cleanup-store.ts';
import { officeKinds } from '../offices.ts';
import { spanBefore } from '../origins.ts';
import { isoDay, periodOf, spanOf, type Span } from '../periods.ts';
import { staleMarks } from '../settled-store.ts';
import { cellsOf, monthsWith, type Cell, type Stale } from '../statistics-store.ts';
import { Remembered } from './figures.ts';
import type { LandscapeParts } from './parts.ts';

type All = Actions<typeof landscapeApi>;
type Told = Awaited<ReturnType<All['botnetCleanUp']>>;

const shownMonths = 13;
const shownFamilies = 15;

const sumOf = (cells: readonly Cell[]): number => cells.reduce((sum, cell) => sum + cell.things, 0);
const byKey = (cells: readonly Cell[]): Map<string, number> => {
  const sums = new Map<string, number>();
  for (const { key, things } of cells) sums.set(key, (sums.get(key) ?? 0) + things);
  return sums;
};

interface Asked {
  readonly parts: LandscapeParts;
  readonly remembered: Remembered;
  readonly scope: string;
  readonly stale: Stale;
  readonly known: readonly string[];
}

/** Cells of a month; null where it has no row of an infection. */
async function cellsIn({ parts, scope, stale, known }: Asked, span: Span, dim: string, area?: string): Promise<Cell[] | null> {
  return known.includes(span.period)
    ? cellsOf(parts.events, scope, span, stale, { kind: 'infection', dim, ...area === undefined ? {} : { area } }) : null;
}

async function monthsUpTo(asked: Asked, last: Span): Promise<{ months: Told['months']; first: number | null }> {
  const { parts, scope, remembered } = asked;
  const spans = [...Array.from({ length: shownMonths - 1 }, (_, i) => spanBefore(last, shownMonths - 1 - i)), last];
  const bodies = new Set((await constituentsOfKinds(parts.db, scope, officeKinds)).map((body) => body.id));
  const courses = await remembered.get(scope, `courses ${last.period}`, () =>
    coursesOf(parts.events, { scope, area: parts.home }, spans[0]?.from ?? last.from));
  const firstMonth = courses.first === null ? null : periodOf(courses.first, 'month');
  const months = await Promise.all(spans.map(async (span) => {
    const [all, owners] = await Promise.all([cellsIn(asked, span, 'area', parts.home), cellsIn(asked, span, 'owner')]);
    const course = monthOf(courses.months, span.period, span.period === firstMonth);
    return {
      period: span.period, infected: all && sumOf(all), state: owners && sumOf(owners.filter((cell) => bodies.has(cell.key))),
      fresh: course?.fresh ?? null, persisting: course?.persisting ?? null, cured: course?.cured ?? null, curedFresh: course?.curedFresh ?? null,
    };
  }));
  return { months, first: courses.first };
}

/** The parts of a month beside those of the month before, most addresses first. */
function beside(now: ReadonlyMap<string, number>, before: ReadonlyMap<string, number> | null): { key: string; addresses: number; before: number | null }[] {
  return [...now].filter(([, addresses]) => addresses > 0)
    .map(([key, addresses]) => ({ key, addresses, before: before === null ? null : before.get(key) ?? 0 }))
    .sort((a, b) => b.addresses - a.addresses || (a.key < b.key ? -1 : 1));
}

async function told(parts: LandscapeParts, remembered: Remembered, scope: string, month: string | undefined): Promise<Told> {
  const { events, db, home, clock } = parts;
  const known = await monthsWith(events, scope, 'infection');
  const span = spanOf(month ?? known[0] ?? periodOf(Math.floor(clock.now() / 86_400_000), 'month'));
  if (span?.grain !== 'month') throw noSuch('period');
  const stale = new Set((await staleMarks(db, events, scope)).map((mark) => mark.period));
  const asked: Asked = { parts, remembered, scope, stale, known };
  const earlier = spanBefore(span);
  const whose = { scope, area: home };
  const isps = await constituentsOfKinds(db, scope, ['isp']);
  const [{ months, first }, stays, families, familiesBefore, owners, ownersBefore, elsewhere] = await Promise.all([
    monthsUpTo(asked, span), remembered.get(scope, `stays ${span.period}`, () => staysBegunIn(events, whose, span)),
    cellsIn(asked, span, 'family', home), cellsIn(asked, earlier, 'family', home), cellsIn(asked, span, 'owner'), cellsIn(asked, earlier, 'owner'),
    addressesElsewhere(events, whose, span, isps.map((isp) => isp.id)),
  ]);
  const { steps, median, total, open } = survivalOf(stays);
  const names = new Map(isps.map((isp) => [isp.id, isp.name]));
  return {
    month: span.period, monthBefore: earlier.period, yearBefore: spanBefore(span, 12).period, area: home, from: isoDay(span.from), to: isoDay(span.to - 1),
    computedAt: clock.iso(), monthsKnown: known, historyFrom: first === null ? null : isoDay(first), months,
    stays: { total, open, medianDays: median, steps: steps.map(({ time, ...step }) => ({ days: time, ...step })) },
    families: beside(byKey(families ?? []), familiesBefore && byKey(familiesBefore)).slice(0, shownFamilies)
      .map(({ key, ...part }) => ({ family: key, ...part })),
    providers: beside(byKey(owners ?? []), ownersBefore && byKey(ownersBefore)).flatMap(({ key, ...part }) => {
      const name = names.get(key);
      return name === undefined ? [] : [{ id: key, name, ...part }];
    }),
    elsewhere, cureAfter,
  };
}

export function cleanupActions(parts: LandscapeParts): Pick<All, 'botnetCleanUp'> {
  const remembered = new Remembered(parts);
  return {
    botnetCleanUp: (input, { actor }) => told(parts, remembered, actor.org, input.month),
  };
}
