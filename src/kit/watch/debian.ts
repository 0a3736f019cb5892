/**
 * Debian's indices: `Release` and `InRelease` of a suite, which list index files by SHA-256, and `Packages`, which lists packages. Fields
 * as in deb822. The OpenPGP frame of an InRelease is taken off and not judged: whether everybody is served the same is asked here, and a
 * good signature does not answer that.
 */
import { ManifestFault, mostEntries, sorted, type Entry, type Manifest, type Position } from './manifest.ts';

interface Paragraph { readonly line: number; readonly fields: ReadonlyMap<string, string> }

const begins = '-----BEGIN PGP SIGNED MESSAGE-----';
const signature = '-----BEGIN PGP SIGNATURE-----';

/** The lines within a frame of OpenPGP, with the number of the first. */
function unframed(lines: readonly string[]): { lines: readonly string[]; first: number } {
  if (lines[0] !== begins) return { lines, first: 1 };
  const blank = lines.indexOf('');
  const end = lines.indexOf(signature);
  if (blank < 0 || end < blank) throw new ManifestFault('line 1', 'a signed message that has no end');
  return { lines: lines.slice(blank + 1, end).map((l) => (l.startsWith('- ') ? l.slice(2) : l)), first: blank + 2 };
}

function paragraphs(text: string): Paragraph[] {
  const { lines, first } = unframed(text.split(/\r?\n/));
  const found: Paragraph[] = [];
  let open: Map<string, string> | null = null;
  let last: string | null = null;
  for (const [i, line] of lines.entries()) {
    const at = `line ${first + i}`;
    if (line.trim() === '') {
      [open, last] = [null, null];
      continue;
    }
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (open === null || last === null) throw new ManifestFault(at, 'goes on with a field that did not begin');
      open.set(last, `${open.get(last) ?? ''}\n${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) throw new ManifestFault(at, 'is no field: a name, a colon, a value');
    if (open === null) {
      open = new Map();
      if (found.length >= mostEntries) throw new ManifestFault(at, `more than ${mostEntries} paragraphs`);
      found.push({ line: first + i, fields: open });
    }
    last = line.slice(0, colon).toLowerCase();
    if (open.has(last)) throw new ManifestFault(at, `the field ${line.slice(0, colon)} stands twice`);
    open.set(last, line.slice(colon + 1).trim());
  }
  return found;
}

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
  const found = paragraphs(text);
  const [first] = found;
  if (first === undefined) throw new ManifestFault('line 1', 'an index that is empty');
  return first.fields.has('package') ? packagesFile(found) : releaseFile(first);
}
