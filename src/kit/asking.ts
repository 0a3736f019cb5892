/**
 * What everybody needs who asks other machines again and again: how long to wait after a no, how a credential is said, how much of
 * an address or a secret may be shown. Pure; the pages run the same file.
 */
import { toBase64, toUtf8 } from './encoding.ts';

const minute = 60_000;
/** Six hours. */
const longestWait = 6 * 60 * minute;

/**
 * How long to wait after so many failures in a row: a minute, then twice as long each time, up to six hours or the source's own
 * period, whichever is longer; a fifth more or less by `roll` (0 to 1), so that many sources do not come back together.
 */
export function waitAfter(failures: number, everyMinutes: number, roll: number): number {
  const most = Math.max(longestWait, everyMinutes * minute);
  const plain = Math.min(most, minute * 2 ** Math.min(Math.max(failures, 1) - 1, 20));
  return Math.round(plain * (0.8 + 0.4 * roll));
}

/** The last four letters of a secret that is long enough to have them known; else null. */
export const lastFourOf = (secret: string): string | null => (secret.length >= 16 ? secret.slice(-4) : null);

/** An address as it may be shown: its query may hold a key. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return 'an address';
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`.slice(0, 300);
}

export const bearerHeader = (token: string): string => `Bearer ${token}`;
export const basicHeader = (user: string, password: string): string => `Basic ${toBase64(toUtf8(`${user}:${password}`))}`;
