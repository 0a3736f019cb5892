/**
 * An organisation's identity provider as a port (OpenID Connect 1.0, authorisation code with PKCE): where to send a
 * person, and who came back. Who that is here, and whether they may come in, is not decided on this floor.
 */

/** One way to the provider and back, kept on our side until the person returns. None of it is in the browser's address. */
export interface Passage {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface Departure extends Passage {
  /** Where the browser goes. */
  readonly url: string;
}

/** Who the provider says came back, from an ID token that was checked whole. */
export interface Claims {
  /** The issuer as configured, letter for letter. */
  readonly issuer: string;
  readonly subject: string;
  /** Only one that the provider has verified. */
  readonly email: string | null;
  readonly username: string | null;
}

/** Why nobody came in: for the log alone. Whoever asked learns that it was not accepted, and no more. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError';
}

export interface IdentityProvider {
  readonly issuer: string;
  /** As people know it, for the button. */
  readonly name: string;
  /** Begins a passage that ends at `redirect`. Throws an IdentityError where the provider cannot be reached or is another. */
  depart(redirect: string): Promise<Departure>;
  /** Redeems what the browser brought back to `redirect` (its query parameters). Throws an IdentityError for anything amiss. */
  arrive(redirect: string, brought: Readonly<Record<string, string>>, passage: Passage): Promise<Claims>;
}
