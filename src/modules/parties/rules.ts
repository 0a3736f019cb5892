/** What may happen to people, roles and tokens. Pure: state, actor and command in; new state or a Refusal out. */
import type { Actor } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import type { Organisation, Person, Role } from './model.ts';
import { rightsOf } from './roles.ts';

/** Sets a person's roles. Nobody changes the own roles, and the last administrator stays. */
export function assign(person: Person, roles: readonly Role[], actor: Actor, others: readonly Person[]): Person {
  if (person.id === actor.person) {
    throw new Refusal('forbidden', 'person.own-roles', 'Nobody changes their own roles.', {
      ask: 'another administrator of your organisation',
    });
  }
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
