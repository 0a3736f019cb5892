/** An identity provider for tests: a code `as:SUBJECT` (or `as:SUBJECT:EMAIL`) redeems to that person; state is held as the real one holds it. */
import { IdentityError, type IdentityProvider } from './port.ts';

export interface FakeProvider extends IdentityProvider {
  /** The next question fails as an unreachable provider would. */
  fail(): void;
}

export function fakeProvider(issuer = 'https://identity.example'): FakeProvider {
  const state = { failing: false, count: 0 };
  const reach = (): void => {
    const failing = state.failing;
    state.failing = false;
    if (failing) throw new IdentityError('fake: unreachable');
  };
  return {
    issuer, name: 'Identity of the story',
    fail: () => { state.failing = true; },
    async depart(redirect) {
      reach();
      const number = ++state.count;
      const passage = { state: `state-${number}`, nonce: `nonce-${number}`, verifier: `verifier-${number}` };
      return { ...passage, url: `${issuer}/authorise?redirect_uri=${encodeURIComponent(redirect)}&state=${passage.state}` };
    },
    async arrive(_, brought, passage) {
      reach();
      const [, subject, email] = /^as:([^:]+)(?::(.+))?$/.exec(brought['code'] ?? '') ?? [];
      if (brought['state'] !== passage.state || !subject) throw new IdentityError('fake: not accepted');
      return { issuer, subject, email: email ?? null, username: null };
    },
  };
}
