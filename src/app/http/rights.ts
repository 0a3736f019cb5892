/**
 * The first half of every yes: who is signed in, does a role (and a token's scope) give the right, and for a weighty act,
 * is the person there.
 */
import type { Actor, Endpoint } from '#kit/endpoint';
import { Refusal } from '#kit/refusal';
import { freshMs, givesRight, notFresh, roleMatrix } from '#modules/parties/index';

/** Throws unless the actor may come as far as the action. A mandate's second half is asked by the action itself. */
export function refuseWithoutRight(endpoint: Endpoint, actor: Actor | null): void {
  const { by } = endpoint.needs;
  if (by === 'public') return;
  if (!actor) {
    throw new Refusal('unauthenticated', 'session.required', 'Sign in first.', {
      hint: 'Programs send an API token as `Authorization: Bearer …`.',
    });
  }
  if (by === 'self') refuseToken(actor);
  else refuseWithoutRole(actor, endpoint.needs.right);
}

function refuseToken(actor: Actor): void {
  if (actor.via === 'session') return;
  throw new Refusal('forbidden', 'token.not-in-person', 'This is done by a person who has signed in, not by a token.');
}

/** A session that was left open signs nothing, and a token never does: the passkey was touched just now. */
export function refuseUnlessPresent(endpoint: Endpoint, actor: Actor | null, now: number): void {
  if (!endpoint.needs.fresh || !actor) return;
  refuseToken(actor);
  const age = now - (actor.provedAt ?? -Infinity);
  // A clock set back proves nothing either.
  if (age >= 0 && age < freshMs) return;
  throw notFresh();
}

function refuseWithoutRole(actor: Actor, right: string): void {
  if (!givesRight(actor.roles, right) && !actor.emergency?.includes(right)) {
    const roles = (roleMatrix[right] ?? []).slice(0, 4).join(', ');
    throw new Refusal('forbidden', 'role.missing', `None of your roles gives the right ${right}.`, {
      ask: 'an administrator of your organisation', hint: `It belongs to: ${roles || 'nobody'}.`,
    });
  }
  if (actor.scopes && !actor.scopes.includes(right)) {
    throw new Refusal('forbidden', 'token.scope-missing', `The token is not scoped to ${right}.`, {
      hint: 'Make a token with this scope.',
    });
  }
}
