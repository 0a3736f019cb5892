/**
 * Signed notes and verifier keys of C2SP signed-note, with Ed25519 (0x01) and the timestamped cosignature of
 * tlog-cosignature (0x04). Parsing knows no keys; `verifyNote` is told which are known.
 */
import type { Awaitable, Verifying } from '#kit/hash/port';
import { concatBytes, fromBase64, fromHex, fromUtf8, isWellFormed, sameBytes, toBase64, toHex, toUtf8 } from '#kit/encoding';

export const ed25519Type = 0x01;
export const cosignatureType = 0x04;
export type KeyType = typeof ed25519Type | typeof cosignatureType;

/** More than the 16 that a verifier must accept; a note with more is refused. */
export const maxSignatures = 64;

export interface VerifierKey {
  readonly name: string;
  readonly type: KeyType;
  /** Four bytes. */
  readonly keyId: Uint8Array;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

export interface SignatureLine {
  readonly name: string;
  readonly keyId: Uint8Array;
  /** What follows the key id, at least one byte. */
  readonly signature: Uint8Array;
}

export interface Note {
  /** Ends in a newline. */
  readonly text: string;
  readonly signatures: readonly SignatureLine[];
}

/** Non-empty, without Unicode spaces, plus, or control characters. */
export function isKeyName(name: string): boolean {
  // eslint-disable-next-line no-control-regex
  return name.length > 0 && isWellFormed(name) && !/[\s\u0085+\u0000-\u001f\u007f]/u.test(name);
}

/** First four bytes of SHA-256(name, newline, type, key). */
export async function keyIdOf(
  sha256: (bytes: Uint8Array) => Awaitable<Uint8Array>, name: string, type: KeyType, publicKey: Uint8Array,
): Promise<Uint8Array> {
  const hash = await sha256(concatBytes(toUtf8(`${name}\n`), new Uint8Array([type]), publicKey));
  return new Uint8Array(hash.subarray(0, 4));
}

export async function verifierKey(
  verifying: Pick<Verifying, 'sha256'>, name: string, type: KeyType, publicKey: Uint8Array,
): Promise<VerifierKey> {
  if (!isKeyName(name)) throw new Error('a key name is not empty and has no spaces and no plus');
  if (publicKey.length !== 32) throw new Error('an Ed25519 public key has 32 bytes');
  return { name, type, publicKey, keyId: await keyIdOf(verifying.sha256, name, type, publicKey) };
}

/** `name+hex(key id)+base64(type, key)`. */
export function formatVkey(key: VerifierKey): string {
  return `${key.name}+${toHex(key.keyId)}+${toBase64(concatBytes(new Uint8Array([key.type]), key.publicKey))}`;
}

/** The key of a vkey, or null where it is malformed, of an unknown type, or its id is not that of its key. */
export async function parseVkey(verifying: Pick<Verifying, 'sha256'>, vkey: string): Promise<VerifierKey | null> {
  // Base64 has a plus too: only the first two separate.
  const match = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u.exec(vkey);
  const [, name = '', id = '', encoded = ''] = match ?? [];
  const raw = fromBase64(encoded);
  const keyId = fromHex(id);
  if (!match || !isKeyName(name) || !raw || !keyId || raw.length !== 33) return null;
  const type = raw[0];
  if (type !== ed25519Type && type !== cosignatureType) return null;
  const publicKey = raw.slice(1);
  const expected = await keyIdOf(verifying.sha256, name, type, publicKey);
  return sameBytes(expected, keyId) ? { name, type, keyId, publicKey } : null;
}

/** One signature line, with its newline. */
export function formatSignature(line: SignatureLine): string {
  return `\u2014 ${line.name} ${toBase64(concatBytes(line.keyId, line.signature))}\n`;
}

export function formatNote(note: Note): string {
  return `${note.text}\n${note.signatures.map(formatSignature).join('')}`;
}

function parseSignature(line: string): SignatureLine | null {
  const [dash, name = '', encoded = '', ...more] = line.split(' ');
  const raw = fromBase64(encoded);
  if (dash !== '\u2014' || more.length || !isKeyName(name) || !raw || raw.length < 5) return null;
  return { name, keyId: raw.slice(0, 4), signature: raw.slice(4) };
}

/** The note that these bytes spell, or null. What parses is spelt back to the same bytes by `formatNote`. */
export function parseNote(bytes: Uint8Array): Note | null {
  const whole = fromUtf8(bytes);
  // eslint-disable-next-line no-control-regex
  if (whole === null || /[\u0000-\u0009\u000b-\u001f]/.test(whole) || !whole.endsWith('\n')) return null;
  const split = whole.lastIndexOf('\n\n');
  if (split < 0) return null;
  const text = whole.slice(0, split + 1);
  const lines = whole.slice(split + 2, -1).split('\n');
  if (lines.length > maxSignatures) return null;
  const signatures = lines.map(parseSignature);
  return signatures.every((line) => line !== null) ? { text, signatures } : null;
}

/** Seconds since the epoch of a cosignature, or null where it is not one. */
export function cosignatureTime(signature: Uint8Array): bigint | null {
  if (signature.length !== 72) return null;
  const time = new DataView(signature.buffer, signature.byteOffset, 8).getBigUint64(0);
  return time < 2n ** 63n ? time : null;
}

/** What a cosigner signs: a header, the time, and the text of the checkpoint. */
export function cosignedMessage(time: bigint, text: string): Uint8Array {
  return toUtf8(`cosignature/v1\ntime ${time}\n${text}`);
}

async function verifies(verifying: Verifying, key: VerifierKey, text: string, signature: Uint8Array): Promise<boolean> {
  if (key.type === ed25519Type) return verifying.verifyEd25519(key.publicKey, toUtf8(text), signature);
  const time = cosignatureTime(signature);
  if (time === null) return false;
  return verifying.verifyEd25519(key.publicKey, cosignedMessage(time, text), signature.slice(8));
}

export type NoteVerdict =
  /** `by` are the known keys that signed, each once; `unknown` are positions of lines by keys that are not known. */
  | { readonly ok: true; readonly by: readonly VerifierKey[]; readonly unknown: readonly number[] }
  /** `line` is the position of the signature that is wrong; null where no known key has signed. */
  | { readonly ok: false; readonly line: number | null; readonly why: string };

/**
 * Checks every signature of a known key (name and key id both). One that does not verify, or a second by the same key,
 * refuses the note; lines by other keys are ignored; a note that no known key has signed is refused.
 */
export async function verifyNote(
  verifying: Verifying, note: Note, known: readonly VerifierKey[],
): Promise<NoteVerdict> {
  const by: VerifierKey[] = [];
  const unknown: number[] = [];
  for (const [i, line] of note.signatures.entries()) {
    const key = known.find((k) => k.name === line.name && sameBytes(k.keyId, line.keyId));
    if (!key) {
      unknown.push(i);
      continue;
    }
    if (by.includes(key)) return { ok: false, line: i, why: `the key ${key.name} has signed twice` };
    if (!await verifies(verifying, key, note.text, line.signature)) {
      return { ok: false, line: i, why: `the signature by ${key.name} does not verify` };
    }
    by.push(key);
  }
  return by.length ? { ok: true, by, unknown } : { ok: false, line: null, why: 'no known key has signed' };
}

/** Something that signs notes. `sign` answers a raw Ed25519 signature. */
export interface NoteSigner {
  readonly key: VerifierKey;
  sign(message: Uint8Array): Awaitable<Uint8Array>;
}

/** A note with the signatures of these keys, in their order. */
export async function signNote(text: string, signers: readonly NoteSigner[]): Promise<Note> {
  if (!text.endsWith('\n')) throw new Error('the text of a note ends in a newline');
  const signatures: SignatureLine[] = [];
  for (const { key, sign } of signers) {
    if (key.type !== ed25519Type) throw new Error('a cosignature needs a time: use cosign');
    signatures.push({ name: key.name, keyId: key.keyId, signature: await sign(toUtf8(text)) });
  }
  return { text, signatures };
}

/** The signature line of a witness over a checkpoint's text. `time` in seconds since the epoch. */
export async function cosign(text: string, witness: NoteSigner, time: bigint): Promise<SignatureLine> {
  if (witness.key.type !== cosignatureType) throw new Error('a witness signs with a key of type 0x04');
  const stamp = new Uint8Array(8);
  new DataView(stamp.buffer).setBigUint64(0, time);
  const signature = concatBytes(stamp, await witness.sign(cosignedMessage(time, text)));
  return { name: witness.key.name, keyId: witness.key.keyId, signature };
}
