/**
 * How long the landscape keeps what. What it could not take, and what came of each fetching, serves to mend a feed. Rows that name addresses:
 * as many months as the deployment says, whole months at once, with the raw files that they came in; figures computed from them stay. A
 * month that is gone is never computed again, and nothing of it is taken in any more.
 */
import { isHeld, rowsOf, type Past, type RetentionClass } from '#modules/parties/index';
import type { Blobs } from '#world/blobs/port';
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import type { Events } from '#world/events/port';
import { civil, isoDay, spanOf } from './periods.ts';
import { noteSwept } from './settled-store.ts';
import { dropMonth, monthsBefore, type OldMonth } from './events-store.ts';
import { noteRawGone, rawOfBefore } from './store.ts';

export const landscapeRetention: readonly RetentionClass[] = [
  rowsOf('quarantine', 180, {
    table: 'landscape_quarantine', id: `r.batch || ':' || r.seq`, person: 'null::text',
    org: '(select b.scope from landscape_batch b where b.id = r.batch)', since: '(select b.started_at from landscape_batch b where b.id = r.batch)',
  }),
  rowsOf('source-run', 90, { table: 'landscape_source_run', org: 'r.scope', person: 'r.person', since: 'r.started_at' }),
];

export interface SweepParts {
  readonly db: Db;
  readonly events: Events;
  readonly blobs: Blobs;
  readonly clock: Clock;
  /** Writes the tombstones and the fact of what is past its time: `parties` does. */
  readonly bury: (tx: Queryable, kind: { readonly name: string; readonly days: number }, past: readonly Past[]) => Promise<void>;
  /** Whole months before the present one that are kept; 0 keeps all. */
  readonly keepMonths: number;
}

/** First day that is kept: the first of a month. */
export function keptFrom(now: number, months: number): number {
  const { year, month } = civil(Math.floor(now / 86_400_000));
  return Math.floor(Date.UTC(year, month - 1 - months, 1) / 86_400_000);
}

/**
 * One round: what no month that is kept holds goes, but for organisations on which a hold lies. The record comes first (that nothing
 * before the day is taken in or computed, then the tombstone), the rows after it: if we crash between, the next round takes them, and
 * the tombstone is not written twice. Answers the months that went.
 */
export async function sweepRows(parts: SweepParts): Promise<number> {
  const { db, events, clock, keepMonths } = parts;
  if (keepMonths === 0) return 0;
  const before = keptFrom(clock.now(), keepMonths);
  const told = { months: 0 };
  for (const old of await monthsBefore(events, before)) {
    if (await isHeld(db, old.scope, old.scope)) continue;
    await noteMonth(parts, old);
    await dropMonth(events, old.scope, daysOf(old.month));
    told.months += 1;
  }
  await sweepRaw(parts, before);
  return told.months;
}

const daysOf = (month: string): { from: number; to: number } => {
  const span = spanOf(month);
  if (span === null) throw new Error(`${month} is no month`);
  return span;
};

/** Once: where a crash came before its rows went, they are the same rows. */
async function noteMonth(parts: SweepParts, old: OldMonth): Promise<void> {
  const { db, events, clock } = parts;
  await db.transaction(async (tx) => {
    if (!await noteSwept(tx, { events, scope: old.scope }, { month: old.month, rows: old.rows, at: clock.iso() })) return;
    await parts.bury(tx, { name: 'event-rows', days: parts.keepMonths * 30 }, [
      { id: old.month, org: old.scope, person: null, text: `${old.month} ${old.rows} ${old.digest}` },
    ]);
  });
}

/** Raw files that came in before all that is kept: what they held is gone, and their bytes go too. Their digest stays with the batch. */
async function sweepRaw({ db, blobs, clock }: SweepParts, before: number): Promise<void> {
  for (;;) {
    const files = await rawOfBefore(db, `${isoDay(before)}T00:00:00Z`, 200);
    for (const { sha256, shared } of files) if (!shared) await blobs.discard(sha256);
    // Noted after: a crash between discards once more, which changes nothing.
    await noteRawGone(db, files.map(({ batch }) => batch), clock.iso());
    if (files.length < 200) return;
  }
}
