/**
 * How long a notice lasts, how fast it goes, what turns it aside, and when it climbs the ladder. Pure.
 */
import { nextDigest, nextWorkingMoment, type WorkingCalendar } from '#kit/calendar/working';
import { Refusal } from '#kit/refusal';
import type { Notice, NoticeKind, NoticeRule, NoticeSeverity } from '../model/notices.ts';

const dayMs = 86_400_000;

/** Days in which repeats are one notice: a week where something is taken over, a month where it is only open to it. */
export function periodDays(kind: NoticeKind): number {
  return kind === 'exposure' || kind === 'other' ? 30 : 7;
}

/** Days after which what was last seen is told to nobody any more. */
export const freshForDays = 14;

const ranks: readonly NoticeSeverity[] = ['critical', 'high', 'medium', 'low', 'info', 'unknown'];

export function worse(a: NoticeSeverity, b: NoticeSeverity): NoticeSeverity {
  return ranks.indexOf(a) <= ranks.indexOf(b) ? a : b;
}

/** When a letter goes: critical at once, at any hour; high when the office next works; the rest with the next digest. */
export function dueAt(severity: NoticeSeverity, now: number, calendar: WorkingCalendar): number {
  if (severity === 'critical') return now;
  return severity === 'high' ? nextWorkingMoment(now, calendar) : nextDigest(now, calendar);
}

type Aside = Pick<NoticeRule, 'constituent' | 'kind' | 'family' | 'act' | 'until' | 'endedAt'>;

/** The rule in force that a notice falls under: a way round before a way away, and away never for what is critical. */
export function ruleFor<R extends Aside>(
  notice: Pick<Notice, 'constituent' | 'kind' | 'family' | 'severity'>, rules: readonly R[], now: number,
): R | null {
  const fitting = rules.filter((r) => r.constituent === notice.constituent && r.endedAt === null && Date.parse(r.until) > now
    && (r.kind === null || r.kind === notice.kind) && (r.family === null || r.family === notice.family));
  return fitting.find((r) => r.act === 're-route')
    ?? (notice.severity === 'critical' ? null : fitting.find((r) => r.act === 'suppress')) ?? null;
}

/** A rule says why, ends within a year, and names a contact exactly where it leads to one. */
export function checkRule(rule: Pick<NoticeRule, 'act' | 'contact' | 'until'>, now: number): void {
  const until = Date.parse(rule.until);
  if (until <= now || until > now + 366 * dayMs) {
    throw new Refusal('invalid', 'notice-rule.term', 'A rule ends, within a year from now.', { at: 'until' });
  }
  if ((rule.act === 're-route') !== (rule.contact !== null)) {
    throw new Refusal('invalid', 'notice-rule.contact', 'A way round names the contact it leads to; a way away names none.', { at: 'contact' });
  }
}

/** The rungs: after so many days the duty named is told; the last is the centre itself. */
export const ladder = [
  { rung: 1, afterDays: 7, duty: 'head' }, { rung: 2, afterDays: 14, duty: 'office' }, { rung: 3, afterDays: 30, duty: null },
] as const;

/** Days after being told from which something that nobody says is fixed is overdue: when the first rung is told. */
export const overdueDays = ladder[0].afterDays;

/** The rung that is due now for a notice released then, or null where the one it stands on is right. */
export function rungDue(releasedAt: string, rung: number, now: number): (typeof ladder)[number] | null {
  return ladder.find((l) => l.rung > rung && now >= Date.parse(releasedAt) + l.afterDays * dayMs) ?? null;
}

/** Constituents told in one release above which a second person has to agree. */
export const bulkAbove = 5;
