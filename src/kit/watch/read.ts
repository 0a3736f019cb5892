/** A manifest from its bytes, by the form that the channel says it has; and where a file of it is fetched. */
import { readDebian } from './debian.ts';
import { readList } from './list.ts';
import { manifestText, readOwn, type Entry, type Manifest, type ManifestFormat } from './manifest.ts';
import { readNpm } from './npm.ts';

const readers: Readonly<Record<ManifestFormat, (text: string) => Manifest>> = {
  'entente-update': readOwn, debian: readDebian, npm: readNpm, list: readList,
};

/** Throws a ManifestFault with the place. */
export const readManifest = (format: ManifestFormat, bytes: Uint8Array): Manifest => readers[format](manifestText(bytes));

/** Null where it leads to no address on the web. Paths of a `Packages` begin at the archive, which is the folder above `dists`. */
export function addressOf(manifest: string, format: ManifestFormat, entry: Pick<Entry, 'url' | 'version'>): string | null {
  if (!URL.canParse(manifest)) return null;
  const archive = format === 'debian' && entry.version !== null ? /^(.*\/)dists\//.exec(manifest)?.[1] : undefined;
  const from = archive ?? manifest;
  if (!URL.canParse(entry.url, from)) return null;
  const { href, protocol } = new URL(entry.url, from);
  return protocol === 'http:' || protocol === 'https:' ? href : null;
}
