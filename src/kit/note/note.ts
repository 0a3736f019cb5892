/**
 * Signed notes and verifier keys of C2SP signed-note: Ed25519 (0x01), ECDSA (0x02, checked only), and the cosignatures of
 * tlog-cosignature by Ed25519 (0x04) and ML-DSA-44 (0x06). Lines of every other type, 0xff among them, are lines by keys
 * that nobody can know here. Parsing knows no keys; `verifyNote` is told which are known.
 */
import { ecdsaCurve } from '#kit/hash/ecdsa';
import { mlDsa44Bytes } from '#kit/hash/port';
import type { Awaitable, Verifying } from '#kit/hash/port';
import { concatBytes, fromBase64, fromHex, fromUtf8, isWellFormed, sameBytes, toBase64, toHex, toUtf8 } from '#kit/encoding';
import { parseCheckpoint } from './checkpoint.ts';
import { cosignatureTime, cosignedMessage, stamped, subtreeMessage, unstamped } from './cosignature.ts';
import type { Subtree } from './cosignature.ts';

export const ed25519Type = 0x01;
export const ecdsaType = 0x02;
export const cosignatureType = 0x04;
export const mlDsaType = 0x06;
export type KeyType = typeof ed25519Type | typeof ecdsaType | typeof cosignatureType | typeof mlDsaType;

/** More than the 16 that a verifier must accept; a note with more is refused. */
export const maxSignatures = 64;
/** A note of more bytes is refused before it is looked at. */
export const maxNoteBytes = 1_000_000;

export interface VerifierKey {
  readonly name: string;
  readonly type: KeyType;
  /** Four bytes. */
  readonly keyId: Uint8Array;
  /** 32 bytes of Ed25519, 1312 of ML-DSA-44, or DER SubjectPublicKeyInfo of ECDSA. */
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

/** Non-empty, without Unicode spaces and plus; control characters no note can have. */
export function isKeyName(name: string): boolean {
  // eslint-disable-next-line no-control-regex
  return name.length > 0 && isWellFormed(name) && !/[\p{White_Space}+\u0000-\u001f]/u.test(name);
}

/** First four bytes of SHA-256(name, newline, type, key); of ECDSA by custom of SHA-256(key) alone. */
export async function keyIdOf(
  sha256: (bytes: Uint8Array) => Awaitable<Uint8Array>, name: string, type: KeyType, publicKey: Uint8Array,
): Promise<Uint8Array> {
  const named = concatBytes(toUtf8(`${name}\n`), new Uint8Array([type]), publicKey);
  const hash = await sha256(type === ecdsaType ? publicKey : named);
  return new Uint8Array(hash.subarray(0, 4));
}

const isKeyType = (type: number | undefined): type is KeyType =>
  type === ed25519Type || type === ecdsaType || type === cosignatureType || type === mlDsaType;

function keyFault(type: KeyType, publicKey: Uint8Array): string | null {
  if (type === ecdsaType) return ecdsaCurve(publicKey) ? null : 'an ECDSA public key is on P-256, P-384 or P-521, in DER';
  if (type === mlDsaType) {
    return publicKey.length === mlDsa44Bytes.publicKey ? null : `an ML-DSA-44 public key has ${mlDsa44Bytes.publicKey} bytes`;
  }
  return publicKey.length === 32 ? null : 'an Ed25519 public key has 32 bytes';
}

export async function verifierKey(
  verifying: Pick<Verifying, 'sha256'>, name: string, type: KeyType, publicKey: Uint8Array,
): Promise<VerifierKey> {
  if (!isKeyName(name)) throw new Error('a key name is not empty and has no spaces and no plus');
  const fault = keyFault(type, publicKey);
  if (fault !== null) throw new Error(fault);
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
  if (!match || !isKeyName(name) || !raw || !keyId) return null;
  const type = raw[0];
  const publicKey = raw.slice(1);
  if (!isKeyType(type) || keyFault(type, publicKey) !== null) return null;
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

/** A signature line without its newline, or null. */
export function parseSignature(line: string): SignatureLine | null {
  const [dash, name = '', encoded = '', ...more] = line.split(' ', 4);
  const raw = fromBase64(encoded);
  if (dash !== '\u2014' || more.length || !isKeyName(name) || !raw || raw.length < 5) return null;
  return { name, keyId: raw.slice(0, 4), signature: raw.slice(4) };
}

/** The note that these bytes spell, or null. What parses is spelt back to the same bytes by `formatNote`. */
export function parseNote(bytes: Uint8Array): Note | null {
  const whole = bytes.length > maxNoteBytes ? null : fromUtf8(bytes);
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

/** What a key signs when it signs this text; null where a key of its type cannot sign it. `time` is that of a cosignature. */
function messageOf(key: VerifierKey, text: string, time: bigint): Uint8Array | null {
  if (key.type === cosignatureType) return cosignedMessage(time, text);
  if (key.type !== mlDsaType) return toUtf8(text);
  const checkpoint = parseCheckpoint(text);
  return checkpoint && subtreeMessage(key.name, time, { ...checkpoint, start: 0, end: checkpoint.size, hash: checkpoint.root });
}

async function checks(verifying: Verifying, key: VerifierKey, message: Uint8Array, raw: Uint8Array): Promise<boolean> {
  if (key.type === ecdsaType) return verifying.verifyEcdsa(key.publicKey, message, raw);
  if (key.type === mlDsaType) return verifying.verifyMlDsa44(key.publicKey, message, raw);
  return verifying.verifyEd25519(key.publicKey, message, raw);
}

const isCosigner = (key: VerifierKey): boolean => key.type === cosignatureType || key.type === mlDsaType;

async function verifies(verifying: Verifying, key: VerifierKey, text: string, signature: Uint8Array): Promise<boolean> {
  const time = isCosigner(key) ? cosignatureTime(signature) : 0n;
  const message = time === null ? null : messageOf(key, text, time);
  return message !== null && checks(verifying, key, message, isCosigner(key) ? unstamped(signature) : signature);
}

export type NoteVerdict =
  /** `by` are the known keys that signed, each once; `unknown` are positions of lines by keys that are not known. */
  | { readonly ok: true; readonly by: readonly VerifierKey[]; readonly unknown: readonly number[] }
  /** `line` is the position of the signature that is wrong; null where no known key has signed. */
  | { readonly ok: false; readonly line: number | null; readonly why: string };

/**
 * Checks every signature of a known key (name and key id both). One that does not verify refuses the note; lines by other
 * keys are ignored; a note that no known key has signed is refused. A key that signed several times counts once.
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
    if (!await verifies(verifying, key, note.text, line.signature)) {
      return { ok: false, line: i, why: `the signature by ${key.name} does not verify` };
    }
    if (!by.includes(key)) by.push(key);
  }
  return by.length ? { ok: true, by, unknown } : { ok: false, line: null, why: 'no known key has signed' };
}

/** Something that signs. `sign` answers a raw signature of the key's kind: 64 bytes of Ed25519, 2420 of ML-DSA-44. */
export interface NoteSigner {
  readonly key: VerifierKey;
  sign(message: Uint8Array): Awaitable<Uint8Array>;
}

/** A note with the signatures of these keys, in their order. */
export async function signNote(text: string, signers: readonly NoteSigner[]): Promise<Note> {
  if (!text.endsWith('\n')) throw new Error('the text of a note ends in a newline');
  const signatures: SignatureLine[] = [];
  for (const { key, sign } of signers) {
    if (isCosigner(key)) throw new Error('a cosignature needs a time: use cosign');
    if (key.type === ecdsaType) throw new Error('notes are not signed with ECDSA here, only checked');
    signatures.push({ name: key.name, keyId: key.keyId, signature: await sign(toUtf8(text)) });
  }
  return { text, signatures };
}

/**
 * The signature line of a cosigner over a checkpoint's text. `time` in seconds since the epoch. A log whose own key is of
 * type 0x06 signs its checkpoints so too.
 */
export async function cosign(text: string, witness: NoteSigner, time: bigint): Promise<SignatureLine> {
  const { key } = witness;
  if (!isCosigner(key)) throw new Error('a cosigner signs with a key of type 0x04 or 0x06');
  const message = messageOf(key, text, time);
  if (!message) throw new Error(`${key.name} can not cosign this: it is no checkpoint, or a name in it is too long`);
  return { name: key.name, keyId: key.keyId, signature: stamped(time, await witness.sign(message)) };
}

/** The signature line of an ML-DSA cosigner over a range of leaves, without a time: it says consistent, not newest. */
export async function cosignSubtree(subtree: Subtree, cosigner: NoteSigner): Promise<SignatureLine> {
  const { key } = cosigner;
  const message = key.type === mlDsaType ? subtreeMessage(key.name, 0n, subtree) : null;
  if (!message) throw new Error('only a key of type 0x06 cosigns a subtree, of names up to 255 bytes');
  return { name: key.name, keyId: key.keyId, signature: stamped(0n, await cosigner.sign(message)) };
}

/** Whether this line is the key's cosignature of exactly this subtree. */
export async function verifySubtree(
  verifying: Verifying, key: VerifierKey, subtree: Subtree, line: SignatureLine,
): Promise<boolean> {
  const time = cosignatureTime(line.signature);
  if (key.type !== mlDsaType || key.name !== line.name || !sameBytes(key.keyId, line.keyId) || time === null) return false;
  const message = subtreeMessage(key.name, time, subtree);
  return message !== null && checks(verifying, key, message, unstamped(line.signature));
}
