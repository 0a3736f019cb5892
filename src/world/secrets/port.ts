/**
 * Other people's secrets as a port: what the hub must be able to say again (a password, an API key) lies encrypted in the
 * records, and the key that opens it lies elsewhere. Whoever has only the records has no secret.
 */

/** Sealed by a key that is not here, for something else, or changed since. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

export interface Secrets {
  /** Text that only `open` for the same purpose makes plain again. The same secret sealed twice is two texts. */
  seal(purpose: string, plain: string): string;
  /** Throws a SealBroken. */
  open(purpose: string, sealed: string): string;
  /** Whether the key that seals now has sealed it; what has another's is sealed anew when it is next at hand. */
  isCurrent(sealed: string): boolean;
}
