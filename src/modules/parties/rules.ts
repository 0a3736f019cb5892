/** What may happen to people, roles and tokens. Pure: state, actor and command in; new state or a Refusal out. */
import type { Actor } from '#kit/endpoint';
import { parsePrefix, readIp } from '#kit/ip/ip';
import { inside } from '#kit/ip/ranges';
import { Refusal, noSuch } from '#kit/refusal';
import type { Organisation, Person, Role } from './model.ts';
import { conflictsOf, rightsOf } from './roles.ts';

/** Sets a person's roles. Nobody changes the own roles, and the last administrator stays. */
export function assign(person: Person, roles: readonly Role[], actor: Actor, others: readonly Person[]): Person {
  if (person.id === actor.person) {
    throw new Refusal('forbidden', 'person.own-roles', 'Nobody changes their own roles.', {
      ask: 'another administrator of your organisation',
    });
  }
  refuseConflict(roles);
  const next = { ...person, roles: [...new Set(roles)].sort() };
  keepsAnAdministrator(next, others);
  return next;
}

/** Roles that decide over others or bind the organisation: nobody gets one by the word of a single person. */
const weighty: readonly Role[] = ['administrator', 'principal'];

/** Whether these roles raise somebody who holds `held`: then a second person agrees first. */
export function raises(held: readonly Role[], roles: readonly Role[]): boolean {
  return weighty.some((role) => roles.includes(role) && !held.includes(role));
}

/**
 * Whether somebody is there who could agree, beside who asks and who gains: an organisation of one has nobody to ask, and
 * must come to have a second.
 * The suspended count, or a single administrator would suspend the other and be alone again.
 */
export function hasSecond(actor: string, gains: string | null, people: readonly Person[]): boolean {
  return people.some((p) => p.id !== actor && p.id !== gains && p.roles.some((role) => weighty.includes(role)));
}

/** Suspends a person; never oneself, never the last administrator. */
export function suspend(person: Person, actor: Actor, others: readonly Person[]): Person {
  if (person.id === actor.person) {
    throw new Refusal('forbidden', 'person.own-suspension', 'Nobody suspends themselves.', {
      ask: 'another administrator of your organisation',
    });
  }
  if (person.status === 'suspended') {
    throw new Refusal('conflict', 'person.already-suspended', 'This person is suspended already.');
  }
  const next = { ...person, status: 'suspended' as const };
  keepsAnAdministrator(next, others);
  return next;
}

function keepsAnAdministrator(changed: Person, people: readonly Person[]): void {
  const remains = people
    .map((p) => (p.id === changed.id ? changed : p))
    .some((p) => p.status === 'active' && p.roles.includes('administrator'));
  if (!remains) {
    throw new Refusal('conflict', 'person.last-administrator', 'An organisation keeps at least one administrator.', {
      hint: 'Make another person administrator first.',
    });
  }
}

/** For whom an invitation may be written: one's own organisation, or one introduced that has nobody yet. */
export function invite(
  actor: Actor,
  target: { organisation: Organisation; introducedBy: string | null; people: number } | null,
  roles: readonly Role[],
): void {
  if (!target) throw noSuch('organisation');
  refuseConflict(roles);
  if (target.organisation.id === actor.org) return;
  if (target.introducedBy !== actor.org) throw noSuch('organisation');
  if (target.people > 0) {
    throw new Refusal('forbidden', 'invitation.not-yours', 'An organisation invites its own people.', {
      ask: `an administrator of ${target.organisation.name}`,
    });
  }
  if (!roles.includes('administrator')) {
    throw new Refusal('invalid', 'invitation.first-administrator',
      'The first person of an organisation is its administrator.', { at: 'roles' });
  }
}

/** Scopes a token may have: rights that its maker holds now. It never outgrows its maker. */
export function tokenScopes(actor: Actor, scopes: readonly string[]): string[] {
  const held = rightsOf(actor.roles);
  const beyond = scopes.filter((scope) => !held.includes(scope));
  if (beyond.length > 0) {
    throw new Refusal('forbidden', 'token.scope-beyond-own', 'A token cannot have rights that you do not have.', {
      at: 'scopes', hint: `Leave out ${beyond.slice(0, 5).join(', ')}.`,
    });
  }
  return [...new Set(scopes)].sort();
}

/** Addresses and CIDR ranges as a token keeps them, each once; throws where one is none. */
export function tokenAddresses(given: readonly string[]): string[] {
  const wrong = given.findIndex((range) => !isRange(range));
  if (wrong >= 0) {
    throw new Refusal('invalid', 'token.no-address', 'This is no address and no range of addresses.', {
      at: `addresses.${wrong}`, hint: 'Write 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32.',
    });
  }
  return [...new Set(given)].sort();
}

const isRange = (range: string): boolean => parsePrefix(range) !== null;

/** Whether an address is one of these or in one of these ranges; no list is no limit. An IPv4 address may come mapped. */
export function isAmong(address: string, ranges: readonly string[]): boolean {
  if (ranges.length === 0) return true;
  const bytes = new Uint8Array(16);
  if (!readIp(address, bytes)) return false;
  return ranges.some((range) => {
    const prefix = parsePrefix(range);
    return prefix !== null && inside(bytes, prefix);
  });
}

/** Throws where one person would hold roles that exclude each other. */
export function refuseConflict(roles: readonly Role[]): void {
  const [conflict] = conflictsOf(roles);
  if (!conflict) return;
  throw new Refusal('forbidden', 'person.duties-conflict', `One person is not both ${conflict.one} and ${conflict.other}: ${conflict.why}.`, {
    at: 'roles',
  });
}

/** Lets a suspended person in again; nobody does that for themselves, having no session to do it with. */
export function activate(person: Person): Person {
  if (person.status === 'active') {
    throw new Refusal('conflict', 'person.already-active', 'This person is not suspended.');
  }
  return { ...person, status: 'active' };
}

/** For whom new passkeys may be asked: an active colleague, not oneself. */
export function recover(person: Person, actor: Actor): void {
  if (person.id === actor.person) {
    throw new Refusal('forbidden', 'person.own-recovery', 'Nobody recovers themselves; add a passkey in your account.', {
      ask: 'another administrator of your organisation',
    });
  }
  if (person.status !== 'active') {
    throw new Refusal('conflict', 'person.is-suspended', 'A suspended person is let in again first.');
  }
}

/** How long a passkey's proof of presence opens weighty acts. */
export const freshMs = 5 * 60_000;

export function notFresh(): Refusal {
  return new Refusal('forbidden', 'session.not-fresh', 'Touch your passkey first: this act asks that you are there.', {
    hint: 'Prove presence at /api/session/touch; it holds for five minutes.',
  });
}
