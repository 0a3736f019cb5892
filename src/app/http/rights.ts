/** The first half of every yes: who is signed in, and does a role (and a token's scope) give the right. */
import type { Actor, Endpoint } from '#kit/endpoint';
import { Refusal } from '#kit/refusal';
import { givesRight, roleMatrix } from '#modules/parties/index';

/** Throws unless the actor may come as far as the action. A mandate's second half is asked by the action itself. */
export function refuseWithoutRight(endpoint: Endpoint, actor: Actor | null): void {
  const { by, right } = endpoint.needs;
  if (by === 'public') return;
  if (!actor) {
    throw new Refusal('unauthenticated', 'session.required', 'Sign in first.', {
      hint: 'Programs send an API token as `Authorization: Bearer …`.',
    });
  }
  if (by === 'self') {
    if (actor.via !== 'session') {
      throw new Refusal('forbidden', 'token.not-in-person', 'This is done by a person who has signed in, not by a token.');
    }
    return;
  }
  if (!givesRight(actor.roles, right)) {
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
