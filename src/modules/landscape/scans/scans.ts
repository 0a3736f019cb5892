/**
 * Scan jobs: what may be looked at, from when until when, and which rows are results of it. A job rests on a clause; what lies beyond it
 * is nobody's to bring in. Pure.
 */
import { holdsIp, parsePrefix, type Prefix } from '#kit/ip/ip';
import { Refusal } from '#kit/refusal';
import type { Draft, Unfit } from '../shapes/draft.ts';
import type { Job, JobState } from './model.ts';

const dayMs = 86_400_000;
export const longestDays = 31;

export function stateOf(job: Pick<Job, 'from' | 'until' | 'stoppedAt'>, now: number): JobState {
  if (job.stoppedAt !== null) return 'stopped';
  if (now < Date.parse(job.from)) return 'waiting';
  return now < Date.parse(job.until) ? 'running' : 'over';
}

/** It begins before it ends, not in the past, and is no standing licence. */
export function checkWindow(from: string, until: string, now: number): void {
  const [begin, end] = [Date.parse(from), Date.parse(until)];
  if (!(begin < end) || end <= now) throw new Refusal('invalid', 'scan.window', 'A job begins before it ends, and ends in the future.', { at: 'until' });
  if (end - Math.max(begin, now) > longestDays * dayMs) {
    throw new Refusal('invalid', 'scan.window-long', `A job is over within ${longestDays} days.`, { at: 'until' });
  }
}

export interface PortRange { readonly from: number; readonly to: number }

/** Ranges in order, joined where they touch. */
export function portRanges(texts: readonly string[]): PortRange[] {
  const ranges = texts.map((text, i) => {
    const [, low = '', high = low] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text.trim()) ?? [];
    const range = { from: Number(low), to: Number(high) };
    if (low === '' || range.from < 1 || range.to > 65_535 || range.from > range.to) {
      throw new Refusal('invalid', 'scan.ports', 'These are no ports.', { at: `ports.${i}`, hint: 'Write 443 or 8000-8100.' });
    }
    return range;
  }).sort((x, y) => x.from - y.from);
  const joined: PortRange[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last && range.from <= last.to + 1) joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
    else joined.push(range);
  }
  return joined;
}

export const portWords = ({ from, to }: PortRange): string => (from === to ? String(from) : `${from}-${to}`);

/** What a row must lie in to be a result of a job. */
export interface Bounds {
  readonly prefixes: readonly Prefix[];
  readonly names: ReadonlySet<string>;
  readonly ports: readonly PortRange[];
  /** Seconds; the first included, the last not. */
  readonly from: number;
  readonly until: number;
}

export function boundsOf(job: Pick<Job, 'targets' | 'ports' | 'from' | 'until' | 'stoppedAt'>): Bounds {
  const prefixes = job.targets.map(parsePrefix);
  return {
    prefixes: prefixes.filter((p) => p !== null), names: new Set(job.targets.filter((_, i) => prefixes[i] === null)), ports: portRanges(job.ports),
    from: Math.floor(Date.parse(job.from) / 1000),
    until: Math.ceil(Math.min(Date.parse(job.until), job.stoppedAt === null ? Number.POSITIVE_INFINITY : Date.parse(job.stoppedAt)) / 1000),
  };
}

/** Why a row is no result of the job; null where it is one. */
export function beyondMandate(bounds: Bounds, row: Pick<Draft, 'hasIp' | 'ip' | 'domain' | 'port' | 'time'>): Unfit | null {
  const no = (detail: string): Unfit => ({ reason: 'scan.beyond-mandate', detail });
  const named = row.domain !== '' && bounds.names.has(row.domain);
  if (!named && !(row.hasIp && bounds.prefixes.some((p) => holdsIp(p, row.ip)))) return no('the system is none of the job’s targets');
  if (row.port !== 0 && !bounds.ports.some(({ from, to }) => row.port >= from && row.port <= to)) return no('the port is none of the job’s');
  if (row.time < bounds.from || row.time >= bounds.until) return no('the time lies outside the job’s window');
  return null;
}
