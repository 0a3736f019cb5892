/**
 * The renewal pack: what each part of an agreement was used for, counted from the record. And which arrangements are about
 * sharing, so that joining and leaving one is told to the authority. Pure.
 */
import type { Agreement } from '../model.ts';

export interface Counted {
  readonly clause: string;
  readonly class: string;
  readonly count: number;
}

export interface PartUse {
  readonly part: string | null;
  readonly acts: number;
  readonly byClass: readonly { readonly class: string; readonly count: number }[];
  /** Rights of the part under which nothing was ever recorded. */
  readonly clauses: readonly string[];
}

/** Counts by part, in the order of the parts, those of general clauses last; a part that was never used counts nothing. */
export function usageOf(a: Agreement, counted: readonly Counted[]): PartUse[] {
  const parts = [...a.parts.filter((p) => p.state !== 'not-included').map((p) => p.id), null];
  return parts.map((part) => {
    const clauses = a.clauses.filter((c) => c.part === part).map((c) => c.number);
    const mine = counted.filter((c) => clauses.includes(c.clause));
    const classes = [...new Set(mine.map((c) => c.class))].sort();
    const sum = (of: readonly Counted[]): number => of.reduce((n, c) => n + c.count, 0);
    return {
      part, acts: sum(mine), clauses,
      byClass: classes.map((name) => ({ class: name, count: sum(mine.filter((c) => c.class === name)) })),
    };
  }).filter((use) => use.part !== null || use.acts > 0);
}

const sharing = ['threat.', 'feed.', 'notice.'];

/** Whether information is shared under the agreement: then who joins or leaves tells the authority. */
export function isSharing(a: Agreement, part: string | null = null): boolean {
  return a.clauses.filter((c) => part === null || c.part === part)
    .some((c) => c.machine.grants.some((g) => g.actions.some((right) => sharing.some((stem) => right.startsWith(stem)))));
}
