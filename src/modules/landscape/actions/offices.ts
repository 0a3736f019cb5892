/** State bodies month by month: the duty officer's table, and the same as a file that is signed by a fact of its hash. */
import { hash } from 'node:crypto';
import type { Actions } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { stateFact } from '#world/facts';
import { openWork, constituentsOfKinds } from '#modules/constituents/index';
import type { landscapeApi } from '../api.ts';
import { byTodaysProvinces, officeCsv, officeKinds, officeReport, type Body, type MonthCounts, type OfficeKind } from '../offices.ts';
import { insertSignedReport, signedReport, signedReports, type SignedReport } from '../offices-store.ts';
import { civil, isoDay, periodOf, spanOf, type Span } from '../periods.ts';
import { staleMarks } from '../settled-store.ts';
import { cellsOf, monthsWith, type Stale } from '../statistics-store.ts';
import type { LandscapeParts } from './parts.ts';

type All = Actions<typeof landscapeApi>;

/** The month asked for and the eleven before it, newest first. */
function yearUpTo(month: Span): Span[] {
  const { year, month: number } = civil(month.from);
  return Array.from({ length: 12 }, (_, back) => {
    const at = new Date(Date.UTC(year, number - 1 - back, 1)).toISOString().slice(0, 7);
    return spanOf(at) ?? month;
  });
}

async function countsOf(parts: LandscapeParts, scope: string, span: Span, stale: Stale): Promise<MonthCounts> {
  const cells = await cellsOf(parts.events, scope, span, stale, { kind: 'infection', dim: 'owner' });
  const by = new Map<string, number>();
  for (const { key, things } of cells) by.set(key, (by.get(key) ?? 0) + things);
  return by;
}

async function totalOf(parts: LandscapeParts, scope: string, span: Span, stale: Stale): Promise<number> {
  const cells = await cellsOf(parts.events, scope, span, stale, { kind: 'infection', dim: 'area', area: parts.home });
  return cells.reduce((sum, cell) => sum + cell.things, 0);
}

async function reportOf(parts: LandscapeParts, scope: string, month: string | undefined, units: 'then' | 'now') {
  const now = parts.clock.now();
  const known = await monthsWith(parts.events, scope, 'infection');
  const asked = spanOf(month ?? known[0] ?? periodOf(Math.floor(now / 86_400_000), 'month'));
  if (asked?.grain !== 'month') throw noSuch('period');
  const stale = new Set((await staleMarks(parts.db, parts.events, scope)).map((mark) => mark.period));
  const spans = yearUpTo(asked);
  const has = (span: Span): boolean => known.includes(span.period);
  const months = await Promise.all(spans.map((span) => (has(span) ? countsOf(parts, scope, span, stale) : null)));
  const [total, before] = await Promise.all(spans.slice(0, 2).map((span) => (has(span) ? totalOf(parts, scope, span, stale) : null)));
  const bodies = (await constituentsOfKinds(parts.db, scope, officeKinds)).map((c): Body => ({
    id: c.id, name: c.name, kind: c.kind as OfficeKind, province: c.province,
  }));
  const counted = [bodies, months, await openWork(parts.db, scope)] as const;
  const report = officeReport(...units === 'now' ? byTodaysProvinces(counted, parts.provinces) : counted, now);
  const csv = officeCsv(asked.period, report.bodies);
  return {
    month: asked.period, known: known.includes(asked.period), monthsKnown: known, from: isoDay(asked.from), to: isoDay(asked.to - 1), area: parts.home,
    total: total ?? 0, totalBefore: before ?? null,
    ...report, groups: [...report.groups], bodies: [...report.bodies], csv, sha256: hash('sha256', csv),
    computedAt: parts.clock.iso(),
  };
}

export function officeActions(parts: LandscapeParts): Pick<All, 'stateOffices' | 'signOffices' | 'signedOffices'> {
  const { db, clock, ids } = parts;
  return {
    stateOffices: async (input, { actor }) => {
      const report = await reportOf(parts, actor.org, input.month, input.units);
      return { ...report, signed: await signedReports(db, actor.org, report.month) };
    },
    signOffices: async (input, { actor }) => {
      const report = await reportOf(parts, actor.org, input.month, 'then');
      if (!report.known) throw noSuch('month');
      if (report.sha256 !== input.sha256) {
        throw new Refusal('conflict', 'offices.moved', 'The report is another than the one that was looked at. Look at it again.', { at: 'sha256' });
      }
      const { month, sha256, total, state } = report;
      const signed: SignedReport = { id: ids.next('srp'), month, at: clock.iso(), person: actor.person, sha256, total, state };
      return db.transaction(async (tx) => {
        if (!await insertSignedReport(tx, actor.org, signed, report.csv)) {
          throw new Refusal('conflict', 'offices.signed', 'This report was signed already, byte for byte.', { at: 'sha256' });
        }
        await stateFact(tx, {
          class: 'state-offices.signed', at: signed.at, actor: actor.person, org: actor.org, subject: signed.id, readers: [], clauses: [],
          body: { month, sha256, area: report.area, total, state },
        });
        return { signed };
      });
    },
    signedOffices: async (input, { actor }) => {
      const found = await signedReport(db, actor.org, input.report);
      if (!found) throw noSuch('report');
      return found;
    },
  };
}
