/**
 * One look at a channel, signed by the observer: which view, when, as its how many-th. Signed as DSSE over canonical JSON, so that whoever
 * holds the envelope, the view and the observer's public key can check it without us. Its number grows, so that one that was seen before
 * is known as such.
 */
import { z } from 'zod';
import { canonicalText, fromCanonical } from '#kit/canonical/canonical';
import { toUtf8 } from '#kit/encoding';
import { open, seal, type AttestSigner, type Envelope } from '../attest/dsse.ts';
import type { Verifying } from '../hash/port.ts';

export const observationType = 'application/vnd.entente.observation+json';

export const Observation = z.strictObject({
  v: z.literal(1), channel: z.string().min(1).max(60),
  /** What the observer's key is called; the signature names it too. */
  observer: z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,100}$/),
  /** Grows with each look of this observer at this channel. */
  number: z.number().int().min(1),
  /** When the manifest was asked for, by the observer's clock. */
  at: z.iso.datetime(),
  /** Address of the manifest, as it was asked for. */
  url: z.string().min(1).max(2_000),
  /** SHA-256 of the view. */
  view: z.string().regex(/^[0-9a-f]{64}$/),
  /** What the server's own clock said, where it did. */
  served: z.iso.datetime().nullable(),
});
export type Observation = z.infer<typeof Observation>;

export const signObservation = (observation: Observation, signer: AttestSigner): Promise<Envelope> =>
  seal(observationType, toUtf8(canonicalText(Observation.parse(observation))), [signer]);

export type OpenedObservation = { readonly observation: Observation } | { readonly why: string };

/** What the envelope says, if exactly this key has signed it. */
export async function openObservation(
  verifying: Pick<Verifying, 'verifyEd25519'>, envelope: Envelope, key: { readonly name: string; readonly publicKey: Uint8Array },
): Promise<OpenedObservation> {
  if (envelope.signatures.length !== 1) return { why: 'an observation has one signature' };
  const opened = await open(verifying, envelope, observationType, [key]);
  if (!opened.ok) return { why: opened.why };
  const read = Observation.safeParse(fromCanonical(opened.text));
  if (!read.success) {
    const [first] = read.error.issues;
    return { why: `it is no observation: ${first?.path.map(String).join('.') ?? ''} ${first?.message ?? ''}`.trim() };
  }
  return read.data.observer === key.name ? { observation: read.data } : { why: 'it names another observer than has signed it' };
}

/** By how much a clock may be wrong. */
export const clockToleranceMs = 60_000;

export interface ClockReading {
  /** Good, or which way it is wrong; `unknown` where nobody's clock was there to compare with. */
  readonly state: 'good' | 'ahead' | 'behind' | 'unknown';
  /** The observer's clock less the other. */
  readonly ms: number | null;
}

/** An observer's clock beside another: that of the hub which it has just spoken to, or that of the server which it asked. */
export function clockBeside(said: string | null, other: number | null, toleranceMs = clockToleranceMs): ClockReading {
  const ms = said === null || other === null ? null : Date.parse(said) - other;
  if (ms === null || Number.isNaN(ms)) return { state: 'unknown', ms: null };
  return { state: Math.abs(ms) <= toleranceMs ? 'good' : ms > 0 ? 'ahead' : 'behind', ms };
}
