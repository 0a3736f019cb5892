/**
 * DSSE envelopes (Dead Simple Signing Envelope v1): a payload with its type, signed together. Signing is handed in; verifying takes the
 * keys that are trusted, named by C2SP key name, and accepts an envelope only where every signature by a known name holds.
 */
import { concatBytes, fromBase64, fromUtf8, toBase64, toUtf8 } from '#kit/encoding';
import type { Awaitable, Verifying } from '#kit/hash/port';

export interface Envelope {
  readonly payloadType: string;
  /** Base64. */
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}
export interface AttestKey { readonly name: string; readonly publicKey: Uint8Array }
export interface AttestSigner { readonly name: string; sign(message: Uint8Array): Awaitable<Uint8Array> }

/** Larger payloads are not read. */
export const mostPayload = 4 * 1024 * 1024;
const mostSignatures = 16;

/** The pre-authentication encoding: what is signed. */
export function preAuthentication(type: string, payload: Uint8Array): Uint8Array {
  const typeBytes = toUtf8(type);
  return concatBytes(toUtf8(`DSSEv1 ${typeBytes.length} `), typeBytes, toUtf8(` ${payload.length} `), payload);
}

export async function seal(type: string, payload: Uint8Array, signers: readonly AttestSigner[]): Promise<Envelope> {
  const message = preAuthentication(type, payload);
  const signatures: { keyid: string; sig: string }[] = [];
  for (const signer of signers) signatures.push({ keyid: signer.name, sig: toBase64(await signer.sign(message)) });
  return { payloadType: type, payload: toBase64(payload), signatures };
}

const isText = (value: unknown, most: number): value is string => typeof value === 'string' && value.length <= most;

/** An envelope of exactly its fields, or null. */
export function envelopeOf(value: unknown): Envelope | null {
  if (typeof value !== 'object' || value === null) return null;
  const { payloadType, payload, signatures, ...rest } = value as Record<string, unknown>;
  if (Object.keys(rest).length > 0 || !isText(payloadType, 200) || !isText(payload, mostPayload * 1.4) || !Array.isArray(signatures)) return null;
  if (signatures.length === 0 || signatures.length > mostSignatures) return null;
  const sound = signatures.every((s: unknown) => {
    if (typeof s !== 'object' || s === null) return false;
    const { keyid, sig, ...other } = s as Record<string, unknown>;
    return Object.keys(other).length === 0 && isText(keyid, 200) && isText(sig, 8192);
  });
  return sound ? { payloadType, payload, signatures: signatures as Envelope['signatures'] } : null;
}

export type Opened =
  | { readonly ok: true; readonly text: string; readonly by: readonly string[] }
  | { readonly ok: false; readonly why: string };

/** The payload, if a known key has signed it and no signature by a known name is wrong. Signatures by others say nothing. */
export async function open(verifying: Pick<Verifying, 'verifyEd25519'>, envelope: Envelope, type: string, known: readonly AttestKey[]): Promise<Opened> {
  const payload = fromBase64(envelope.payload);
  const text = payload === null ? null : fromUtf8(payload);
  if (payload === null || text === null || payload.length > mostPayload) return { ok: false, why: 'its payload is no text in base64' };
  if (envelope.payloadType !== type) return { ok: false, why: `its payload is of the type ${JSON.stringify(envelope.payloadType)}` };
  const message = preAuthentication(type, payload);
  const by = new Set<string>();
  for (const { keyid, sig } of envelope.signatures) {
    const key = known.find((k) => k.name === keyid);
    if (!key) continue;
    const bytes = fromBase64(sig);
    if (bytes === null || !await verifying.verifyEd25519(key.publicKey, message, bytes)) return { ok: false, why: `the signature of ${keyid} is wrong` };
    by.add(keyid);
  }
  return by.size > 0 ? { ok: true, text, by: [...by] } : { ok: false, why: 'no key that is known has signed it' };
}
