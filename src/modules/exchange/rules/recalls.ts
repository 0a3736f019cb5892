/** What of a recall is told to whom and when. Pure. */
import type { Filters } from '../taxii/filters.ts';
import type { recallStates } from '../model/recalls.ts';

/** Acknowledged, or late, or neither yet. */
export function stateOf(at: { acknowledgedAt: string | null; endsAt: string }, now: string): typeof recallStates[number] {
  if (at.acknowledgedAt !== null) return 'acknowledged';
  return Date.parse(at.endsAt) <= Date.parse(now) ? 'overdue' : 'outstanding';
}

/** Notes of recalls before the entries of one page at most. */
const mostNotes = 100;

/**
 * How many notes of recalls a page may begin with. A sync begins with them, so a page that goes on with `next` has none; one place is
 * left for what the page is asked for, or a reader with short pages would read the same notes for ever. A question for other types
 * or ids gets what it asks for and no more (TAXII 2.1, 3.4).
 */
export function notesOnPage({ next, limit, types, specs }: Pick<Filters, 'next' | 'limit' | 'types' | 'specs'>): number {
  if (next !== null || (types !== null && !types.includes('note')) || (specs !== null && !specs.includes(21))) return 0;
  return Math.min(mostNotes, (limit ?? mostNotes + 1) - 1);
}
