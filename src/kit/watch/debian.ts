/**
 * Debian's indices: `Release` and `InRelease` of a suite, which list index files by SHA-256, and `Packages`, which lists packages. Fields
 * as in deb822. The OpenPGP frame of an InRelease is taken off and not judged: whether everybody is served the same is asked here, and a
 * good signature does not answer that.
 */
import { paragraphs, type Paragraph } from '#kit/debian/deb822';
import { ManifestFault, mostEntries, sorted, type Entry, type Manifest, type Position } from './manifest.ts';

/** `Thu, 26 Nov 2026 20:00:00 UTC`, as Debian writes it. */
function dateOf(text: string | undefined, at: string): string | null {
  if (text === undefined) return null;
  const read = /^[A-Z][a-z]{2}, +\d{1,2} [A-Z][a-z]{2} \d{4} +\d{1,2}:\d{2}:\d{2} (UTC|GMT|\+0000)$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(read)) throw new ManifestFault(at, `${JSON.stringify(text)} is no date`);
  return new Date(read).toISOString();
}

const sizeOf = (text: string | undefined): number | null => (text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null);

function releaseFile({ line, fields }: Paragraph): Manifest {
  const at = `line ${line}`;
  const listed = fields.get('sha256');
  if (listed === undefined) throw new ManifestFault(at, 'a Release that lists nothing by SHA-256');
  const rows = listed.split('\n').filter((r) => r !== '');
  if (rows.length > mostEntries) throw new ManifestFault(at, `more than ${mostEntries} files`);
  const entries = rows.map((row, i): Entry => {
    const [digest = '', size, name = '', more] = row.split(/\s+/);
    if (!/^[0-9a-f]{64}$/.test(digest) || sizeOf(size) === null || name === '' || more !== undefined) {
      throw new ManifestFault(`SHA256 line ${i + 1}`, 'is no digest, size and name');
    }
    return { name, version: null, url: name, digest: `sha256:${digest}`, size: sizeOf(size) };
  });
  const position: Position = {
    serial: null, version: fields.get('version') || null, at: dateOf(fields.get('date'), at), expires: dateOf(fields.get('valid-until'), at),
  };
  return { format: 'debian', position, entries: sorted(entries), withdrawn: [] };
}

function packagesFile(found: readonly Paragraph[]): Manifest {
  const entries = found.map(({ line, fields }): Entry => {
    const [name, version, url, digest] = ['package', 'version', 'filename', 'sha256'].map((f) => fields.get(f));
    if (!name || !version || !url) throw new ManifestFault(`line ${line}`, 'a package without name, version or file');
    if (digest !== undefined && !/^[0-9a-f]{64}$/.test(digest)) throw new ManifestFault(`line ${line}`, 'its SHA256 is no SHA-256');
    const arch = fields.get('architecture');
    return {
      name: arch === undefined ? name : `${name}:${arch}`, version, url, digest: digest === undefined ? null : `sha256:${digest}`,
      size: sizeOf(fields.get('size')),
    };
  });
  return { format: 'debian', position: { serial: null, version: null, at: null, expires: null }, entries: sorted(entries), withdrawn: [] };
}

export function readDebian(text: string): Manifest {
  const found = paragraphs(text, { most: mostEntries, fault: (at, why) => new ManifestFault(at, why) });
  const [first] = found;
  if (first === undefined) throw new ManifestFault('line 1', 'an index that is empty');
  return first.fields.has('package') ? packagesFile(found) : releaseFile(first);
}
