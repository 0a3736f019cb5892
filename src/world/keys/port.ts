/** Signing keys as a port: who asks gets a signature, never the key. Ed25519; made on first use. */

export interface Signer {
  /** The name the key was asked by. */
  readonly vkeyName: string;
  /** 32 bytes, RFC 8032. */
  readonly publicKey: Uint8Array;
  /** 64 bytes over the message. */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

export interface Keys {
  /** The key of this name, made and durable before it is first answered. The same name is the same key for ever. */
  signer(name: string): Promise<Signer>;
}

/** Key names are file names: a letter, then letters, digits and dashes. */
export function checkKeyName(name: string): void {
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(name)) throw new Error(`not a key name: ${JSON.stringify(name)}`);
}
