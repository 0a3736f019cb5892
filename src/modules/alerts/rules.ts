/** Who is told when. Pure: state and the hour in, what follows out. */
import type { AlertState } from './model.ts';

export interface Step {
  readonly person: string;
  readonly position: number;
  readonly toldAt: string | null;
  readonly readAt: string | null;
}

export interface Standing {
  readonly minutes: number;
  readonly withdrawnAt: string | null;
  readonly unansweredAt: string | null;
  /** In the order of the line. */
  readonly steps: readonly Step[];
}

const minuteMs = 60_000;

export function stateOf({ withdrawnAt, unansweredAt, steps }: Standing): AlertState {
  if (withdrawnAt !== null) return 'withdrawn';
  if (steps.some((s) => s.readAt !== null)) return 'read';
  return unansweredAt === null ? 'waiting' : 'unanswered';
}

/** When the next on the line is told, or the line is at its end, unless somebody opens it before. */
export function nextAt(alert: Standing): number | null {
  if (stateOf(alert) !== 'waiting') return null;
  const told = alert.steps.flatMap((s) => (s.toldAt === null ? [] : [Date.parse(s.toldAt)]));
  return told.length === 0 ? 0 : Math.max(...told) + alert.minutes * minuteMs;
}

export type Follows = { readonly tell: Step } | { readonly unanswered: true } | null;

/**
 * What follows at an hour: the next who is still there is told, or the sender is told that nobody has opened it. A hub that slept
 * tells one, and gives that one its whole time: whoever was never told cannot have let it pass.
 */
export function followsAt(alert: Standing, nowMs: number, isThere: (person: string) => boolean): Follows {
  const due = nextAt(alert);
  if (due === null || nowMs < due) return null;
  const next = alert.steps.find((s) => s.toldAt === null && isThere(s.person));
  return next ? { tell: next } : { unanswered: true };
}
