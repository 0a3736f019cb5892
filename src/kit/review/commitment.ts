/**
 * Saying that one knows something before saying what: SHA-256 over a salt of 32 bytes and the RFC 8785 text. Whoever is told later checks
 * that it is what was committed to, and when that stood in the ledger.
 */
import { canonicalText, type CanonicalValue } from '#kit/canonical/canonical';
import { concatBytes, fromHex, toHex, toUtf8 } from '#kit/encoding';
import type { Awaitable } from '#kit/hash/port';

export const saltBytes = 32;

type Sha256 = (bytes: Uint8Array) => Awaitable<Uint8Array>;

/** 64 hex digits. The salt, hex, is the one thing that keeps short content from being guessed: it is random and used once. */
export async function commitmentTo(sha256: Sha256, salt: string, content: CanonicalValue): Promise<string> {
  const bytes = fromHex(salt);
  if (bytes?.length !== saltBytes) throw new Error(`a salt has ${saltBytes} bytes`);
  return toHex(await sha256(concatBytes(bytes, toUtf8(canonicalText(content)))));
}

/** Whether this is what was committed to. A salt that is none opens nothing. */
export async function opens(sha256: Sha256, commitment: string, salt: string, content: CanonicalValue): Promise<boolean> {
  return fromHex(salt)?.length === saltBytes && await commitmentTo(sha256, salt, content) === commitment;
}
