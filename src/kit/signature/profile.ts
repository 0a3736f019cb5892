/**
 * Entente's profile of signed uploads (docs/specs/push.md): what a signature must cover, how long it may live, the digest of the
 * body (RFC 9530), and public keys as people write them. Pure, but for the verifier that is handed in.
 */
import { fromBase64 } from '../encoding.ts';
import type { Verifying } from '../hash/port.ts';
import { bytesOf, FieldError, listText, type Bare, type InnerList } from './fields.ts';
import { readSignature, signedText, SignatureError, type ReadSignature, type SignedRequest } from './message.ts';

/** Each must be covered; more may be. */
export const coveredComponents = ['@method', '@path', '@query', 'content-digest', 'content-type'] as const;
/** Seconds that a signature may live, and that the sender's clock may be ahead. */
export const longestLife = 600;
export const clockAhead = 60;

/** Why a signed request is not taken. Those before `unknown-key` say that nobody is known to have signed: 401; the others 403. */
export type PushFault =
  | 'missing' | 'malformed' | 'component' | 'algorithm' | 'unknown-key' | 'early' | 'expired' | 'life' | 'invalid';

export interface PushNo { readonly ok: false; readonly fault: PushFault; readonly at: string; readonly sentence: string }
export interface PushYes { readonly ok: true; readonly keyid: string; readonly expires: number; readonly signature: Uint8Array; readonly digest: Uint8Array }

const no = (fault: PushFault, at: string, sentence: string): PushNo => ({ ok: false, fault, at, sentence });

/** SHA-256 of the body as the request states it; null where it states none, or not in that form. */
export function statedDigest(header: string | null): Uint8Array | null {
  if (header === null) return null;
  try {
    const digest = bytesOf(header).get('sha-256');
    return digest?.length === 32 ? digest : null;
  } catch (error) {
    if (error instanceof FieldError) return null;
    throw error;
  }
}

function parts(request: SignedRequest): PushNo | ReadSignature {
  try {
    return readSignature(request);
  } catch (error) {
    if (error instanceof SignatureError) return no(error.fault, error.at, error.message);
    throw error;
  }
}

/** Whether the time fits, in seconds since the epoch. */
function timely(read: ReadSignature, now: number): PushNo | { readonly expires: number } {
  const { created, expires } = read;
  if (created === null) return no('malformed', 'created', 'The signature has no parameter created.');
  if (expires === null) return no('malformed', 'expires', 'The signature has no parameter expires.');
  if (created > now + clockAhead) return no('early', 'created', `The signature was made ${created - now} seconds ahead of this hub’s clock.`);
  if (expires <= now) return no('expired', 'expires', `The signature expired ${now - expires} seconds ago.`);
  if (expires - created > longestLife) {
    return no('life', 'expires', `The signature lives ${expires - created} seconds; at most ${longestLife} are taken.`);
  }
  return { expires };
}

/**
 * Checks all but the body and whether it came before. `keyOf` knows the raw public key of a keyid, or null; `now` is in seconds.
 */
export async function checkPush(
  request: SignedRequest, now: number, keyOf: (keyid: string) => Uint8Array | null, verifying: Pick<Verifying, 'verifyEd25519'>,
): Promise<PushYes | PushNo> {
  const read = parts(request);
  if ('ok' in read) return read;
  const open = coveredComponents.find((name) => !read.components.includes(name));
  if (open !== undefined) return no('component', open, `The signature does not cover ${open}.`);
  const digest = statedDigest(request.header('content-digest'));
  if (digest === null) return no('malformed', 'content-digest', 'The field content-digest states no sha-256.');
  if (read.keyid === null) return no('malformed', 'keyid', 'The signature has no parameter keyid.');
  if (read.alg !== null && read.alg !== 'ed25519') return no('algorithm', 'alg', 'Only ed25519 is taken.');
  const key = keyOf(read.keyid);
  if (key === null) return no('unknown-key', 'keyid', 'This feed has no key of that keyid that is good now.');
  const time = timely(read, now);
  if ('ok' in time) return time;
  const good = await verifying.verifyEd25519(key, new TextEncoder().encode(read.base), read.signature);
  if (!good) return no('invalid', 'signature', 'The signature does not fit what was sent: something that it covers was changed, or another key signed.');
  return { ok: true, keyid: read.keyid, expires: time.expires, signature: read.signature, digest };
}

/** What a sender signs: the list with its parameters, and the base over it. */
export function toSign(
  request: SignedRequest, how: { readonly keyid: string; readonly created: number; readonly expires: number; readonly nonce?: string },
): { readonly input: string; readonly base: string } {
  const params = new Map<string, Bare>([['created', how.created], ['expires', how.expires], ['keyid', how.keyid]]);
  if (how.nonce !== undefined) params.set('nonce', how.nonce);
  const list: InnerList = { items: coveredComponents.map((value) => ({ value, params: new Map() })), params };
  return { input: listText(list), base: signedText(request, list) };
}

/** SubjectPublicKeyInfo of Ed25519 is these bytes and the key (RFC 8410). */
const spki = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
/** Keys of small order, for which one signature fits many messages: the identity, and what a field of zeros would be. */
const weak = new Set([0, 1]);

/** The 32 bytes of a key given as JWK, as PEM, or as plain base64 or base64url; null where it is none of these. */
export function publicKeyOf(text: string): Uint8Array | null {
  const given = text.trim();
  if (given.length > 2000) return null;
  const key = given.startsWith('{') ? ofJwk(given) : given.startsWith('-----BEGIN PUBLIC KEY-----') ? ofPem(given) : ofBase64(given);
  return key !== null && !(weak.has(key[0] as number) && key.slice(1).every((byte) => byte === 0)) ? key : null;
}

function ofJwk(text: string): Uint8Array | null {
  let jwk: unknown;
  try {
    jwk = JSON.parse(text);
  } catch {
    return null;
  }
  const { kty, crv, x, d } = jwk as Record<string, unknown>;
  // A private key that was pasted is refused, not silently cut.
  return kty === 'OKP' && crv === 'Ed25519' && typeof x === 'string' && d === undefined ? ofBase64(x) : null;
}

function ofPem(text: string): Uint8Array | null {
  const [, body = ''] = /^-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----$/.exec(text) ?? [];
  const der = fromBase64(body.replaceAll(/\s/g, ''));
  return der?.length === 44 && spki.every((byte, i) => der[i] === byte) ? der.slice(12) : null;
}

function ofBase64(text: string): Uint8Array | null {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/').replaceAll('=', '');
  const bytes = fromBase64(`${plain}${'='.repeat((4 - plain.length % 4) % 4)}`);
  return bytes?.length === 32 ? bytes : null;
}
