/**
 * A plain list of files with their SHA-256, one a line: `digest  name` as sha256sum writes it, or address, digest and size in any order.
 * Empty lines and lines that begin with # are passed over. It says nothing of versions or hours.
 */
import { ManifestFault, mostEntries, sorted, type Entry, type Manifest } from './manifest.ts';

function entryOf(line: string, at: string): Entry {
  const summed = /^([0-9a-fA-F]{64}) [ *](.+)$/.exec(line);
  if (summed?.[1] !== undefined && summed[2] !== undefined && !/^\S+\s+\d+$/.test(summed[2])) {
    return named(summed[2].trim(), summed[1], null, at);
  }
  const words = line.split(/[\s,;]+/).filter((w) => w !== '');
  const digest = words.find((w) => /^[0-9a-fA-F]{64}$/.test(w));
  const size = words.find((w) => /^\d{1,15}$/.test(w));
  const rest = words.filter((w) => w !== digest && w !== size);
  if (digest === undefined) throw new ManifestFault(at, 'has no SHA-256');
  if (rest.length !== 1 || rest[0] === undefined) throw new ManifestFault(at, 'is not one address, one SHA-256 and at most one size');
  return named(rest[0], digest, size === undefined ? null : Number(size), at);
}

function named(url: string, digest: string, size: number | null, at: string): Entry {
  if (url.length > 1_000) throw new ManifestFault(at, 'has an address of more than 1000 characters');
  return { name: url, version: null, url, digest: `sha256:${digest.toLowerCase()}`, size };
}

export function readList(text: string): Manifest {
  const entries: Entry[] = [];
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (entries.length >= mostEntries) throw new ManifestFault(`line ${i + 1}`, `more than ${mostEntries} files`);
    entries.push(entryOf(line, `line ${i + 1}`));
  }
  if (entries.length === 0) throw new ManifestFault('line 1', 'a list without a file');
  return { format: 'list', position: { serial: null, version: null, at: null, expires: null }, entries: sorted(entries), withdrawn: [] };
}
