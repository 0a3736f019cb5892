/** OpenPGP (RFC 9580): keys that others put on file, and what is sealed so that their holders alone read it. */
import { createMessage, encrypt, readKey } from 'openpgp';

/** Throws where the key cannot be used to encrypt. */
export async function sealedTo(inner: Uint8Array, armoredKey: string, format: 'armored'): Promise<string>;
export async function sealedTo(inner: Uint8Array, armoredKey: string, format: 'binary'): Promise<Uint8Array>;
export async function sealedTo(inner: Uint8Array, armoredKey: string, format: 'armored' | 'binary'): Promise<string | Uint8Array> {
  const options = { message: await createMessage({ binary: inner }), encryptionKeys: await readKey({ armoredKey }) };
  return format === 'binary' ? encrypt({ ...options, format }) : encrypt({ ...options, format });
}

/** What a key says of itself: fingerprint in hex. Throws where the text is no usable public key. */
export async function keyOnFile(armoredKey: string): Promise<{ fingerprint: string }> {
  const key = await readKey({ armoredKey });
  if (key.isPrivate()) throw new Error('a private key');
  await key.getEncryptionKey();
  return { fingerprint: key.getFingerprint() };
}
