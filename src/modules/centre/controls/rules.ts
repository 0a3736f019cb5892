/** What may leave a room, how a copy says whose it is, and what was committed to as bait. Pure. */
import { Refusal } from '#kit/refusal';
import type { ExcerptState } from '../model/controls.ts';

/** Lines of one excerpt at most: what fits a page, as printouts of review rooms are. */
export const linesMax = 60;
/** How long after a visit's last day a copy of it may live at most. */
const daysAfter = 365;

interface Word { readonly agreed: boolean }

/** A no of either side is a no; a yes takes both. */
export function excerptState(provider: Word | null, own: Word | null): ExcerptState {
  if (provider?.agreed === false || own?.agreed === false) return 'refused';
  return provider !== null && own !== null ? 'agreed' : 'asked';
}

export function refuseCopyDays(endsAt: string, today: string, lastDay: string): void {
  const latest = new Date(Date.parse(`${lastDay}T00:00:00Z`) + daysAfter * 86_400_000).toISOString().slice(0, 10);
  if (endsAt < today || endsAt > latest) {
    throw new Refusal('invalid', 'copy.days', 'A copy ends on a day to come, at most a year after the visit.', { at: 'endsAt', hint: `By ${latest}.` });
  }
}

export interface Opening {
  readonly state: ExcerptState; readonly visit: string; readonly endsAt: string; readonly now: string; readonly destroyed: boolean;
}

/** A visit that was ended has destroyed its copies. */
export function refuseOpening({ state, visit, endsAt, now, destroyed }: Opening): void {
  if (state !== 'agreed') throw new Refusal('forbidden', 'excerpt.not-agreed', 'Both sides have not agreed that this leaves the room.');
  if (destroyed || visit !== 'agreed') throw new Refusal('gone', 'copy.destroyed', 'This copy was destroyed before.');
  if (Date.parse(endsAt) <= Date.parse(now)) throw new Refusal('gone', 'excerpt.over', 'The time of this excerpt is over.');
}

interface Seen { readonly from_byte: number; readonly to_byte: number }

/** Whether each byte of a stretch was shown: a window may end within a long line, and then that line was not read. */
export function isShown(views: readonly Seen[], from: number, to: number): boolean {
  let read = from;
  for (const v of [...views].sort((a, b) => a.from_byte - b.from_byte)) if (v.from_byte <= read) read = Math.max(read, v.to_byte);
  return read >= to;
}

const lineEnd = 0x0a;

/** Lines of a file, counted from 1, as bytes of it: without the end of the last line, and no further than the file goes. */
export function passageOf(bytes: Uint8Array, first: number, last: number): { readonly from: number; readonly to: number; readonly text: string } {
  let from = 0;
  for (let line = 1; line < first; line++) {
    const end = bytes.indexOf(lineEnd, from);
    from = end < 0 ? bytes.length : end + 1;
  }
  let to = from;
  for (let line = first; line <= last && to < bytes.length; line++) {
    const end = bytes.indexOf(lineEnd, line === first ? to : to + 1);
    to = end < 0 ? bytes.length : end;
  }
  return { from, to, text: Buffer.from(bytes.subarray(from, to)).toString('utf8') };
}

interface Marking { readonly mark: string; readonly product: string; readonly what: string; readonly endsAt: string }

/** The copy of one reader: whose it is and when it ends, at its beginning and its end. */
export function markedCopy(text: string, { mark, product, what, endsAt }: Marking): string {
  const line = `[Copy of ${mark} · ${product} · ${what} · to be destroyed by ${endsAt}]`;
  return `${line}\n${text}\n${line}\n`;
}

/** In the order of their names, each once: so that what was committed to has one form. */
export const inOrder = (paths: readonly string[]): string[] => [...new Set(paths)].sort();
