/**
 * One look at an update channel over the network: manifest and files are fetched, digested piece by piece as they come, and written down as
 * a view. Memory is bounded by the manifest; files go to disk. Whoever does not answer was seen too: that is what the view then says.
 */
import { createHash, type Hash } from 'node:crypto';
import { nodeDigest } from '#kit/hash/node';
import { filesToFetch, manifestIn, notServed, served, servedManifest, viewOf } from '#kit/watch/look';
import { mostManifestBytes, type Entry, type ManifestFormat } from '#kit/watch/manifest';
import { addressOf } from '#kit/watch/read';
import { FileDigest, viewText, type SeenFile } from '#kit/watch/view';
import type { Clock } from '#world/clock';
import { OutboundError, type Outbound } from '#world/http/port';
import type { Kept } from './kept.ts';

export interface LookParts {
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly kept: Kept;
  /** Larger files are not read. */
  readonly fileBytesMax: number;
}
export interface Look { readonly at: string; readonly view: string; readonly served: string | null }

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const patienceMs = 30_000;

export async function lookAt(parts: LookParts, { url, format }: { readonly url: string; readonly format: ManifestFormat }): Promise<Look> {
  const at = parts.clock.iso();
  const answer = await manifestAt(parts, url);
  const read = manifestIn(format, answer.bytes);
  const files: SeenFile[] = [];
  for (const entry of read.manifest ? filesToFetch(read.manifest) : []) files.push(await fileAt(parts, addressOf(url, format, entry), entry));
  return { at, view: viewText(viewOf(format, answer.seen, read, files, sha256)), served: answer.served };
}

interface ManifestAnswer { readonly seen: SeenFile; readonly bytes: Uint8Array | null; readonly served: string | null }

async function manifestAt({ outbound, kept }: LookParts, url: string): Promise<ManifestAnswer> {
  try {
    const answer = await outbound.ask({ url, bytesMax: mostManifestBytes, patienceMs });
    const at = Date.parse(answer.headers['date'] ?? '');
    const by = Number.isNaN(at) ? null : new Date(at).toISOString();
    if (answer.status !== 200) return { seen: notServed('manifest', null, answer.status), bytes: null, served: by };
    const digest = new FileDigest(nodeDigest, answer.body.length);
    digest.update(answer.body);
    const digested = digest.end();
    const file = await kept.begin();
    await file.write(answer.body);
    await file.end(digested.sha256 ?? '');
    return { seen: servedManifest(digested), bytes: answer.body, served: by };
  } catch (error) {
    if (error instanceof OutboundError) return { seen: notServed('manifest', null, 0), bytes: null, served: null };
    throw error;
  }
}

/** A file is on the disk under its digest once it was read to its end; one that broke off leaves nothing. */
async function fileAt({ outbound, kept, fileBytesMax }: LookParts, url: string | null, entry: Entry): Promise<SeenFile> {
  if (url === null) return notServed(entry.name, entry.version, 0);
  const file = await kept.begin();
  try {
    const answer = await outbound.open({ url, bytesMax: fileBytesMax, patienceMs });
    if (answer.status !== 200) {
      answer.cancel();
      await file.drop();
      return notServed(entry.name, entry.version, answer.status);
    }
    const digest = new FileDigest(nodeDigest, fileBytesMax);
    const wide: Hash | null = entry.digest?.startsWith('sha512:') ? createHash('sha512') : null;
    for await (const piece of answer.body) {
      digest.update(piece);
      wide?.update(piece);
      await file.write(piece);
    }
    const digested = digest.end();
    await file.end(digested.sha256 ?? '');
    return served(entry, digested, wide === null ? [] : [`sha512:${wide.digest('hex')}`]);
  } catch (error) {
    await file.drop();
    if (error instanceof OutboundError) return notServed(entry.name, entry.version, 0);
    throw error;
  }
}
