/** From answers of a server to the view that is signed: the manifest read, files beside what it lists. Whoever fetches hands in digests. */
import { toHex, toUtf8 } from '#kit/encoding';
import { manifestName } from './changes.ts';
import { compareReleases, ManifestFault, type Entry, type Manifest, type ManifestFormat } from './manifest.ts';
import { readManifest } from './read.ts';
import { listingText, mostFiles, mostShown, type FileDigest, type SeenFile, type View } from './view.ts';

type Digested = ReturnType<FileDigest['end']>;

/** A file that was served; `also` are further digests of it, `algorithm:hex`. */
export function served(entry: Pick<Entry, 'name' | 'version' | 'digest' | 'size'>, digested: Digested, also: readonly string[] = []): SeenFile {
  const known = [`sha256:${digested.sha256 ?? ''}`, ...also];
  const { digest, size } = entry;
  const comparable = digest !== null && known.some((k) => k.split(':')[0] === digest.split(':')[0]);
  const asListed = comparable ? known.includes(digest) && (size === null || size === digested.size) : null;
  return { name: entry.name, version: entry.version, status: 200, asListed, ...digested };
}

export const servedManifest = (digested: Digested): SeenFile => ({ name: manifestName, version: null, status: 200, asListed: null, ...digested });

/** 0 where nobody answered. */
export const notServed = (name: string, version: string | null, status: number): SeenFile =>
  ({ name, version, status: status === 200 ? 0 : status, size: 0, sha256: null, asListed: null, pieceSize: 0, pieces: [] });

/** Of each name the newest that is not withdrawn, at most 64: what an update would fetch. */
export function filesToFetch({ format, entries, withdrawn }: Manifest): Entry[] {
  const taken = new Set(withdrawn.map((w) => `${w.name}\u0000${w.version}`));
  const newest = new Map<string, Entry>();
  for (const entry of entries) {
    if (taken.has(`${entry.name}\u0000${entry.version ?? ''}`)) continue;
    const known = newest.get(entry.name);
    if (!known || (compareReleases(format, entry.version, known.version) ?? 0) > 0) newest.set(entry.name, entry);
  }
  return [...newest.values()].slice(0, mostFiles);
}

export interface ReadManifest { readonly manifest: Manifest | null; readonly fault: string | null }

/** What is not a manifest says why; that too is what was served. */
export function manifestIn(format: ManifestFormat, bytes: Uint8Array | null): ReadManifest {
  if (bytes === null) return { manifest: null, fault: null };
  try {
    return { manifest: readManifest(format, bytes), fault: null };
  } catch (error) {
    if (error instanceof ManifestFault) return { manifest: null, fault: error.message.slice(0, 400) };
    throw error;
  }
}

export function viewOf(
  format: ManifestFormat, seen: SeenFile, { manifest, fault }: ReadManifest, files: readonly SeenFile[], sha256: (bytes: Uint8Array) => Uint8Array,
): View {
  const { position, entries, withdrawn } = manifest ?? { position: { serial: null, version: null, at: null, expires: null }, entries: [], withdrawn: [] };
  return {
    v: 1, format, manifest: seen, fault, position, listed: entries.length, listing: manifest === null ? null : toHex(sha256(toUtf8(listingText(manifest)))),
    entries: entries.slice(0, mostShown), withdrawn: withdrawn.slice(0, mostShown), files: [...files].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
  };
}
const keyOf = ({ name, version }: SeenFile): string => `${name}\u0000${version ?? ''}`;
