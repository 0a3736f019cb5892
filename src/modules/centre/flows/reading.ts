/**
 * A capture on its way through: hashed as it comes, unpacked, and read packet by packet. Nothing of it is kept but what it is counted as, and
 * what unpacks to more than any test of one machine is refused, so that a small file costs no endless time.
 */
import { createHash } from 'node:crypto';
import { FlowError } from '#kit/flows/refused';
import { Watching } from '#kit/flows/review';
import { formatIp, formatPrefix, parsePrefix } from '#kit/ip/ip';
import { inflated, type Broken } from '#kit/lines/inflate';
import { Refusal } from '#kit/refusal';

/** Bytes of a capture, unpacked. */
const unpackedMost = 64 * 2 ** 30;
/** Bytes between two words on how far it is. */
const tellEvery = 4 * 2 ** 20;

const listOf = (text: string): string[] => text.split(/[\s,]+/).filter((one) => one !== '');

export interface Watched { readonly watching: Watching; readonly devices: string[]; readonly lab: string[] }

/** Refuses what is no address, and a laboratory that is all there is: nothing would be left to see. */
export function watchedOf(device: string, lab: string): Watched {
  const [devices, prefixes] = [listOf(device), listOf(lab)];
  try {
    const watching = new Watching(devices, prefixes);
    const whole = prefixes.find((text) => parsePrefix(text)?.bits === 0 || formatted(text) === '0.0.0.0/0');
    if (whole !== undefined) throw new Refusal('invalid', 'capture.lab-is-all', 'This prefix is all there is: nothing would be looked at.', { at: 'lab' });
    return { watching, devices: [...new Set(devices.map(formatted))], lab: [...new Set(prefixes.map(formatted))] };
  } catch (error) {
    if (!(error instanceof FlowError)) throw error;
    const at = prefixes.some((text) => text.slice(0, 60) === error.at) ? 'lab' : 'device';
    throw new Refusal('invalid', 'capture.no-address', `${error.message} (${error.at})`, { at });
  }
}

/** Each address and prefix in one way of writing; a single address without its length. */
function formatted(text: string): string {
  const prefix = parsePrefix(text);
  if (!prefix) return text;
  return prefix.bits === 128 ? formatIp(prefix.network) : formatPrefix(prefix);
}

/** What the kit says of a capture, as the sender's doing. */
export function orUnreadable(error: unknown): unknown {
  return error instanceof FlowError ? new Refusal('unprocessable', 'capture.unreadable', error.message, { at: error.at }) : error;
}

export interface ReadCapture { readonly sha256: string; readonly bytes: number }

/** Refuses what is no capture, with the place; one that breaks off is read up to there, and its review says so. */
export async function readCapture(
  watching: Watching, body: AsyncIterable<Uint8Array>, tell: (bytes: number) => void, most = unpackedMost,
): Promise<ReadCapture> {
  const hash = createHash('sha256');
  const count = { bytes: 0, told: 0 };
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const piece of body) {
      hash.update(piece);
      count.bytes += piece.length;
      if (count.bytes - count.told >= tellEvery) {
        count.told = count.bytes;
        tell(count.bytes);
      }
      yield piece;
    }
  }
  const broken: Broken[] = [];
  const source = hashed();
  try {
    await watching.read(bounded(inflated(source, (b) => broken.push(b)), most));
    // The digest is of all that was sent, also behind where the capture breaks off.
    for await (const _ of source) continue;
  } catch (error) {
    throw orUnreadable(error);
  }
  const [gap] = broken;
  if (gap) throw new Refusal('unprocessable', 'capture.unreadable', 'The capture is packed, and the packing is broken.', { at: `byte ${gap.offset}` });
  return { sha256: hash.digest('hex'), bytes: count.bytes };
}

async function* bounded(bytes: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let sum = 0;
  for await (const piece of bytes) {
    sum += piece.length;
    if (sum > most) throw new Refusal('too-large', 'capture.too-large', 'The capture is larger than a test of one machine needs.', { at: `byte ${most}` });
    yield piece;
  }
}
