/**
 * Makes what is computed fit what is stored: stale days first, then the periods they lie in. Marks are set before rows are
 * stored and taken away after the last step, so a crash anywhere costs the computing again and never a wrong figure. A
 * batch waits for its days only; periods are a round's work, and are read from their days meanwhile. One at a time in a
 * hub, whoever asks.
 */
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import type { Events } from '#world/events/port';
import type { Ids } from '#world/ids';
import type { Restatement } from '../model.ts';
import { dayNumber, isoDay, periodOf, spanOf } from '../periods.ts';
import {
  daysWithUsers, rollupVersion, rollUpDays, rollUpPeriods, rollUpUsers, sumsOf, type Moved, type Sums,
} from '../rollups.ts';
import {
  insertRestatements, markStale, noteSettled, settledVersion, staleMarks, sweptBefore, unmarkStale, userMark, type Held, type StaleMark,
} from '../settled-store.ts';
import { replaying } from '../mapping/store.ts';
import { openBatches } from '../store.ts';

export interface SettleParts {
  readonly db: Db;
  readonly events: Events;
  readonly clock: Clock;
  readonly ids: Ids;
}

const dayMark = /^\d{4}-\d{2}-\d{2}$/;

export class Settler {
  private readonly parts: SettleParts;
  private tail: Promise<unknown> = Promise.resolve();

  constructor(parts: SettleParts) {
    this.parts = parts;
  }

  private held(scope: string): Held {
    return { events: this.parts.events, scope };
  }

  /** After all that was asked before. */
  private turn<T>(run: () => Promise<T>): Promise<T> {
    const mine = this.tail.then(run);
    this.tail = mine.catch(() => undefined);
    return mine;
  }

  /** Says that rows of these days are about to be stored or moved; a day's periods follow from it. `by`: batch, or what else. */
  async foresee(scope: string, by: string, days: readonly number[]): Promise<void> {
    await markStale(this.parts.db, this.held(scope), by, days.map(isoDay));
  }

  /** While nothing is computed: rows are taken out and put in again, and no figure may be made of what is between. */
  alone<T>(run: () => Promise<T>): Promise<T> {
    return this.turn(run);
  }

  /** Computes the days that a batch marked. */
  settleDays(scope: string, by: string, days: readonly number[]): Promise<void> {
    return this.turn(async () => {
      await this.days(scope, new Map([[by, days]]));
      await this.note(scope);
    });
  }

  /**
   * Computes all that is stale, everything of a scope whose formulas have changed since, and what does not add up: computed
   * tables are not synced to disk, so that a machine that died may have lost parts of them. At start, before batches.
   */
  settleAll(): Promise<void> {
    return this.turn(async () => {
      const { db, events } = this.parts;
      const sums = await sumsOf(events);
      const changed: string[] = [];
      for (const scope of new Set(sums.stored.map((row) => row.scope))) {
        const anew = await settledVersion(db, this.held(scope)) !== rollupVersion;
        if (anew) changed.push(scope);
        await markStale(db, this.held(scope), '', anew ? sums.stored.filter((row) => row.scope === scope).map((row) => isoDay(row.day))
          : unfit(sums, scope, await sweptBefore(db, this.held(scope))));
      }
      await this.marked(await staleMarks(db, events));
      for (const scope of changed) await noteSettled(db, this.held(scope), rollupVersion);
    });
  }

  /** Periods, and days that a batch left; those of a running batch are its own. */
  settleRest(): Promise<void> {
    return this.turn(async () => {
      const running = new Set([...(await openBatches(this.parts.db)).map((batch) => batch.id), ...await replaying(this.parts.db)]);
      const marks = await staleMarks(this.parts.db, this.parts.events);
      await this.marked(marks.filter(({ batch, period }) => !dayMark.test(period) || (batch.startsWith('batch_') && !running.has(batch))));
    });
  }

  private async marked(marks: readonly StaleMark[]): Promise<void> {
    for (const [scope, wants] of daysMarked(marks)) await this.days(scope, wants);
    for (const scope of new Set(marks.map((mark) => mark.scope))) await this.periods(scope);
  }

  /** `wants`: the days by who marked them. A day is computed once, whoever wants it. */
  private async days(scope: string, wants: ReadonlyMap<string, readonly number[]>): Promise<void> {
    const { db, events } = this.parts;
    const all = [...new Set([...wants.values()].flat())];
    if (all.length === 0) return;
    // A period of which a month is gone stays as it was last computed: of what is left it would be another figure.
    const kept = await sweptBefore(db, this.held(scope));
    const whole = (period: string): boolean => (spanOf(period)?.from ?? 0) >= kept;
    // Before the days move: whoever reads a period from now on reads it from its days.
    for (const [by, days] of wants) {
      const periods = new Set(days.filter((day) => day >= kept).flatMap((day) => (['month', 'quarter', 'year'] as const).map((grain) => periodOf(day, grain))));
      await markStale(db, this.held(scope), by, [...periods].filter(whole));
    }
    await rollUpDays(events, scope, all);
    const withUsers = new Set(await daysWithUsers(events, scope, all));
    for (const [by, days] of wants) {
      const users = new Set(days.filter((day) => withUsers.has(day)).flatMap((day) =>
        (['quarter', 'year'] as const).map((grain) => periodOf(day, grain))));
      await markStale(db, this.held(scope), by, [...users].filter(whole).map(userMark));
      await unmarkStale(db, this.held(scope), by, days.map(isoDay));
    }
  }

  private async periods(scope: string): Promise<void> {
    const { db, events } = this.parts;
    const marks = (await staleMarks(db, events, scope)).filter((mark) => !dayMark.test(mark.period));
    // A period may be marked by several; whoever came last is named as the cause.
    const last = new Map(marks.map((mark) => [mark.period, mark.batch]));
    const known = [...last.keys()].filter((mark) => spanOf(mark.replace(/^users /, '')) !== null);
    const figures = await rollUpPeriods(events, scope, known.filter((mark) => !mark.startsWith('users ')));
    await this.restate(scope, figures, (period) => last.get(period) ?? '');
    const users = await rollUpUsers(events, scope, known.flatMap((mark) => /^users (.*)$/.exec(mark)?.[1] ?? []));
    await this.restate(scope, users, (period) => last.get(userMark(period)) ?? '');
    for (const by of new Set(marks.map((mark) => mark.batch))) {
      await unmarkStale(db, this.held(scope), by, marks.filter((mark) => mark.batch === by).map((mark) => mark.period));
    }
    if (last.size > 0) await this.note(scope);
  }

  /** What was answered before may be out of date. */
  private async note(scope: string): Promise<void> {
    await noteSettled(this.parts.db, this.held(scope), await settledVersion(this.parts.db, this.held(scope)) ?? rollupVersion);
  }

  /** A figure of a period that is over was published; that it is another now is written down. */
  private async restate(scope: string, moved: readonly Moved[], by: (period: string) => string): Promise<void> {
    const { db, clock, ids } = this.parts;
    const today = Math.floor(clock.now() / 86_400_000);
    const over = moved.filter(({ period }) => (spanOf(period)?.to ?? today + 1) <= today);
    await insertRestatements(db, scope, over.map((m): Restatement => {
      const from = by(m.period);
      const cause = from.startsWith('batch_') ? 'rows' : from.startsWith('registry_') ? 'registry' : 'method';
      return { id: ids.next('rst'), at: clock.iso(), cause, batch: cause === 'rows' ? from : null, ...m };
    }));
  }
}

/** By scope and by who marked them. */
function daysMarked(marks: readonly StaleMark[]): Map<string, Map<string, number[]>> {
  const scopes = new Map<string, Map<string, number[]>>();
  for (const { scope, period, batch } of marks) {
    if (!dayMark.test(period)) continue;
    const wants = scopes.get(scope) ?? new Map<string, number[]>();
    scopes.set(scope, wants);
    const days = wants.get(batch) ?? [];
    wants.set(batch, days);
    days.push(dayNumber(period));
  }
  return scopes;
}

/** Marks of what a scope's computed tables lack, or have too much. Days without stored rows are let be: retention keeps their counts. */
export function unfit(sums: Sums, scope: string, kept = 0): string[] {
  const marks: string[] = [];
  const want = new Map<string, number>();
  for (const { day, all, assets } of sums.stored.filter((row) => row.scope === scope)) {
    const has = (table: string): number => sums.days.get(`${table} ${scope} ${day}`) ?? 0;
    if (has('day_count') !== all || has('seen') !== assets || has('day_figure') !== assets 
      || has('file_seen') !== (sums.files.get(`${scope} ${day}`) ?? 0)) marks.push(isoDay(day));
  }
  for (const [key, rows] of sums.days) {
    const [table, ofScope, day] = key.split(' ');
    if (table !== 'day_figure' || ofScope !== scope) continue;
    for (const grain of ['month', 'quarter', 'year'] as const) {
      const period = periodOf(Number(day), grain);
      want.set(period, (want.get(period) ?? 0) + rows);
    }
  }
  const gone = (period: string): boolean => (spanOf(period)?.from ?? 0) < kept;
  for (const [period, rows] of want) if (!gone(period) && (sums.periods.get(`${scope} ${period}`) ?? 0) !== rows) marks.push(period);
  for (const key of sums.months.keys()) if (key.startsWith(`${scope} `) && !gone(key.slice(scope.length + 1))) marks.push(key.slice(scope.length + 1));
  for (const row of sums.users) if (row.scope === scope && row.states !== row.rates && !gone(row.period)) marks.push(userMark(row.period));
  return marks;
}
