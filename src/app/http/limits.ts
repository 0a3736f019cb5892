/**
 * How many requests a minute somebody may make. A budget is there whole at first and fills evenly (the cell rate algorithm of
 * ITU-T I.371: one time per key says when it would be full again), so that nobody has two of them around the turn of a minute.
 * Each hub counts for itself, in memory that does not grow: whoever would not fit shares one budget with all who do not.
 */
import ipaddr from 'ipaddr.js';
import type { Actor } from '#kit/endpoint';
import { Refusal } from '#kit/refusal';
import type { Clock } from '#world/clock';

/** Requests a minute; 0 sets no limit. */
export interface Limits {
  /** Writes of one address by people who are not signed in. */
  readonly anonymous: number;
  /** Of one person, however many sessions; and of each token. */
  readonly reads: number;
  readonly writes: number;
}
export const noLimits: Limits = { anonymous: 0, reads: 0, writes: 0 };

const minute = 60_000;
/** Keys that are told apart at most. Of people and tokens there are never so many within a minute; of addresses there may be. */
const mostKeys = 10_000;

export interface Budget {
  /** Takes one of the key's requests: 0 where there was one, else in how many milliseconds there will be. */
  take(key: string): number;
  /** How many keys are kept. */
  size(): number;
}

export function budgetOf(clock: Pick<Clock, 'elapsed'>, perMinute: number, most = mostKeys): Budget {
  const each = minute / perMinute;
  /** When the key's budget is whole again; the least lately used first. */
  const whole = new Map<string, number>();
  const makeRoom = (now: number): boolean => {
    for (const [key, at] of whole) {
      // One that is whole again is as good as none. One that is not stands in the way for a minute at most.
      if (at > now) break;
      whole.delete(key);
    }
    return whole.size < most;
  };
  return {
    size: () => whole.size,
    take(asked) {
      const now = clock.elapsed();
      const key = whole.has(asked) || whole.size < most || makeRoom(now) ? asked : rest;
      const used = (whole.get(key) ?? now) - now;
      // More than a whole budget is used up only where the clock ran back: it begins anew.
      const next = Math.max(0, used > minute ? 0 : used) + each;
      if (next > minute + 1e-6) return next - minute;
      whole.delete(key);
      whole.set(key, now + next);
      return 0;
    },
  };
}
/** No address, person or token is called that. */
const rest = 'everybody else';

export interface Limiter {
  /** Throws where the address has used up what it may write without signing in. */
  anonymous(address: string): void;
  /** Throws where the person, or the token, has used up what it may read or write. */
  known(actor: Pick<Actor, 'person' | 'via' | 'credential'>, write: boolean): void;
}

export function limiterOf(clock: Pick<Clock, 'elapsed'>, limits: Limits): Limiter {
  const budget = (perMinute: number): Budget | null => (perMinute === 0 ? null : budgetOf(clock, perMinute));
  const [anonymous, reads, writes] = [budget(limits.anonymous), budget(limits.reads), budget(limits.writes)];
  return {
    anonymous: (address) => refuse(anonymous?.take(networkOf(address)) ?? 0, 'Too many attempts from your address.'),
    known({ person, via, credential }, write) {
      const key = via === 'token' ? `token ${credential}` : `person ${person}`;
      refuse((write ? writes : reads)?.take(key) ?? 0, write ? 'That is too much to be done at once.' : 'That is too much to be asked at once.');
    },
  };
}

function refuse(waitMs: number, sentence: string): void {
  if (waitMs <= 0) return;
  const retryAfter = Math.ceil(waitMs / 1_000);
  throw new Refusal('too-many', 'request.too-many', sentence, {
    hint: retryAfter === 1 ? 'Try again in a second.' : `Try again in ${retryAfter} seconds.`, retryAfter,
  });
}

/** Whoever has one address of IPv6 has the other 2^64 of its network too. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const ip = ipaddr.process(address);
  return ip.kind() === 'ipv4' ? ip.toString() : ip.toByteArray().slice(0, 8).join('.');
}
