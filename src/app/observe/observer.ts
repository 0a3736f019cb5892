/**
 * An observer at work: it looks, signs, and hands in, once or on a schedule. What cannot be handed in waits on the disk, and goes first the next
 * time, in its order. Where an alarm wants bytes of a piece that is still there, they are handed in too.
 */
import { createHash } from 'node:crypto';
import type { AttestSigner } from '#kit/attest/dsse';
import type { ManifestFormat } from '#kit/watch/manifest';
import { signObservation } from '#kit/watch/observation';
import { lookAt, type LookParts } from './look.ts';

export interface WatchedChannel { readonly id: string; readonly url: string; readonly format: ManifestFormat }
interface Wanted { readonly alarm: string; readonly sha256: string; readonly from: number; readonly to: number }
export interface Taken { readonly number: number; readonly alarms: readonly string[]; readonly wanted: readonly Wanted[] }

/** The hub as an observer needs it. It throws where it is not there, or would say yes another time. */
export interface Handing {
  /** A text: it says no, and would again. */
  record(channel: string, body: object): Promise<Taken | string>;
  addBytes(alarm: string, body: object): Promise<void>;
}

/** One line of what is handed in. */
export interface Line { readonly channel: string; readonly envelope: unknown; readonly view: string }

export async function look(parts: LookParts, channel: WatchedChannel, signer: AttestSigner): Promise<Line> {
  const { at, view, served } = await lookAt(parts, channel);
  const envelope = await signObservation({
    v: 1, channel: channel.id, observer: signer.name, number: await parts.kept.next(channel.id), at, url: channel.url,
    view: createHash('sha256').update(view).digest('hex'), served,
  }, signer);
  return { channel: channel.id, envelope, view };
}

/**
 * Hands in what waits, the oldest first; what could not be is kept, and the error goes on. What the hub refuses for good is told and let go, as
 * one that it took although its answer was lost. Answers what each raised.
 */
export async function handIn(
  { kept, clock }: Pick<LookParts, 'kept' | 'clock'>, hub: Handing, refused: (why: string) => void = () => undefined,
): Promise<Taken[]> {
  const lines = await kept.waiting();
  const taken: Taken[] = [];
  try {
    while (lines.length > 0) {
      const { channel, ...body } = JSON.parse(lines[0] ?? '') as Line;
      const answer = await hub.record(channel, { ...body, sent: clock.iso() });
      if (typeof answer === 'string') refused(answer);
      else taken.push(answer);
      lines.shift();
    }
  } finally {
    await kept.keepWaiting(lines);
  }
  for (const wanted of taken.at(-1)?.wanted ?? []) await handBytes(kept, hub, wanted);
  return taken;
}

async function handBytes(kept: LookParts['kept'], hub: Handing, { alarm, sha256, from, to }: Wanted): Promise<void> {
  const bytes = await kept.piece(sha256, from, to);
  if (bytes !== null) await hub.addBytes(alarm, { sha256, from, bytes: Buffer.from(bytes).toString('base64') });
}
