/**
 * Signing keys as a port: who asks gets a signature, never the key. Made on first use; retired for ever.
 */

/** Ed25519 (RFC 8032): key 32, signature 64 bytes. ML-DSA-44 (FIPS 204): key 1312, signature 2420 bytes. */
export type KeyKind = 'ed25519' | 'ml-dsa-44';

export interface Signer {
  /** The name the key was asked by. */
  readonly vkeyName: string;
  readonly publicKey: Uint8Array;
  /** Throws a RetiredKey once the key was retired, also where another process did it. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/** The key signs nothing any more, by a decision that cannot be taken back. What it signed still verifies. */
export class RetiredKey extends Error {
  override readonly name = 'RetiredKey';
  constructor(key: string) {
    super(`the key ${key} was retired and signs no more`);
  }
}

export interface Keys {
  /**
   * The key of this name, made and durable before it is first answered. The same name is the same key of the same kind
   * for ever. Throws a RetiredKey for one that was retired.
   */
  signer(name: string, kind?: KeyKind): Promise<Signer>;
  /**
   * Destroys the key: nothing is signed with it again, here or by whoever shares the store, also if we crash within. No
   * key of that name is ever made. A name that has no key yet is retired all the same; twice is once.
   */
  retire(name: string): Promise<void>;
}

/** Key names are file names: a letter, then letters, digits and dashes. */
export function checkKeyName(name: string): void {
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(name)) throw new Error(`not a key name: ${JSON.stringify(name)}`);
}
