/** How fresh a contact is, and which ones a message goes to. Pure: the pages say the same. */
import { freshDays, type Contact, type ContactDuty, type ContactState } from '../model/contacts.ts';

type Marks = Pick<Contact, 'confirmedAt' | 'bouncedAt'>;

/** A bounce after the last confirmation weighs more than its age. `now` in milliseconds. */
export function contactState({ confirmedAt, bouncedAt }: Marks, now: number): ContactState {
  if (bouncedAt !== null && (confirmedAt === null || confirmedAt <= bouncedAt)) return 'bouncing';
  if (confirmedAt === null) return 'unconfirmed';
  return now - Date.parse(confirmedAt) > freshDays * 86_400_000 ? 'stale' : 'fresh';
}

/**
 * Those who get a notice: the technical contacts and abuse desks that can be reached; where there is none, the unit's head,
 * then the office, so that a notice never has nobody while somebody is known. A stale contact is still written to.
 */
export function reachable<C extends Pick<Contact, 'duty' | 'state'>>(contacts: readonly C[]): C[] {
  const alive = contacts.filter((c) => c.state !== 'bouncing');
  const by = (...duties: ContactDuty[]): C[] => alive.filter((c) => duties.includes(c.duty));
  return [by('technical', 'abuse'), by('head'), by('office')].find((some) => some.length > 0) ?? [];
}

/** Constituents that somebody can be reached at. */
export function reachableOwners(contacts: readonly Pick<Contact, 'constituent' | 'state'>[]): string[] {
  return [...new Set(contacts.filter((c) => c.state !== 'bouncing').map((c) => c.constituent))];
}
