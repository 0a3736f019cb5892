/**
 * One entry of a folder in a source snapshot, as a line of text: mode, digest, size, for a folder the number of its files, and last
 * the name. The line is what is hashed, so what is stored of a folder is what its digest is made of. docs/specs/tree.md defines it.
 */
import { isWellFormed } from '#kit/encoding';

export const modes = ['100644', '100755', '120000', '040000'] as const;
export type Mode = typeof modes[number];

export interface Entry {
  readonly name: string;
  /** As git says it: a file, one that runs, a link, a folder. */
  readonly mode: Mode;
  /** SHA-256 of the bytes of a file, of the target of a link; of a folder its root. Lower-case hex. */
  readonly digest: string;
  /** Bytes; of a folder those of all files in it and below. */
  readonly size: number;
  /** Files and links in it and below; 1 unless it is a folder. */
  readonly files: number;
}

/** What cannot be: a path or a line that no snapshot holds. */
export class TreeError extends Error {
  override readonly name = 'TreeError';
}

export const folderMode = '040000' satisfies Mode;
export const linkMode = '120000' satisfies Mode;
export const isFolder = ({ mode }: Pick<Entry, 'mode'>): boolean => mode === folderMode;
export const pathBytesMax = 4_096;
export const depthMax = 128;

const utf8Length = (text: string): number => new TextEncoder().encode(text).length;
// eslint-disable-next-line no-control-regex -- what is refused is named
const control = /[\u0000-\u001f\u007f]/;

/** Why a name can be none of a file or a folder; null where it can. */
export function nameProblem(name: string): string | null {
  if (name === '') return 'A part of the path is empty.';
  if (name === '.' || name === '..') return 'The path leads out of its folder or stays in it.';
  if (name.includes('/')) return 'A name holds a slash.';
  if (control.test(name)) return 'The path holds a control character.';
  return isWellFormed(name) ? null : 'The path is no text in UTF-8.';
}

/** Why a path can be none within a snapshot; null where it can. */
export function pathProblem(path: string): string | null {
  const parts = path.split('/');
  if (path.startsWith('/')) return 'The path begins at the root of a disk.';
  if (parts.length > depthMax) return `The path is deeper than ${depthMax} folders.`;
  for (const part of parts) {
    const problem = nameProblem(part);
    if (problem !== null) return problem;
  }
  return utf8Length(path) > pathBytesMax ? `The path is longer than ${pathBytesMax} bytes.` : null;
}

/** Order of UTF-8 bytes without making them: as code units, but what stands for two of them comes last. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    const [pairX, pairY] = [x >= 0xd800 && x <= 0xdfff, y >= 0xd800 && y <= 0xdfff];
    return pairX === pairY ? x - y : pairX ? 1 : -1;
  }
  return a.length - b.length;
}

const keyOf = (entry: Pick<Entry, 'name' | 'mode'>): string => (isFolder(entry) ? `${entry.name}/` : entry.name);

/** Order within a folder: by bytes of the name, a folder's with a slash behind it, so that a walk is in the order of whole paths. */
export const compareEntries = (a: Pick<Entry, 'name' | 'mode'>, b: Pick<Entry, 'name' | 'mode'>): number => compareText(keyOf(a), keyOf(b));

export function lineOf({ mode, digest, size, files, name }: Entry): string {
  return mode === folderMode ? `${mode} ${digest} ${size} ${files} ${name}` : `${mode} ${digest} ${size} ${name}`;
}

const plain = /^(100644|100755|120000) ([0-9a-f]{64}) (0|[1-9]\d{0,15}) (.+)$/;
const folder = /^(040000) ([0-9a-f]{64}) (0|[1-9]\d{0,15}) ([1-9]\d{0,15}) (.+)$/;

/** Reads a line strictly: what `lineOf` would not write is none. */
export function entryOf(line: string): Entry {
  const found = folder.exec(line) ?? plain.exec(line);
  if (!found) throw new TreeError('A line of a folder is not what it should be.');
  const [, mode = '', digest = '', size = '', ...rest] = found;
  const [files, name] = rest.length === 2 ? [Number(rest[0]), rest[1] ?? ''] : [1, rest[0] ?? ''];
  if (nameProblem(name) !== null || !Number.isSafeInteger(Number(size)) || !Number.isSafeInteger(files)) {
    throw new TreeError('A line of a folder is not what it should be.');
  }
  return { name, mode: mode as Mode, digest, size: Number(size), files };
}

/** A folder as text: its lines, each with a line feed behind it. */
export const folderText = (entries: readonly Entry[]): string => entries.map((e) => `${lineOf(e)}\n`).join('');

/** Reads a folder's text strictly: in order, and no name twice. */
export function entriesOf(text: string): Entry[] {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length === 0) throw new TreeError('A folder does not end as it should.');
  const entries = lines.map(entryOf);
  const names = new Set<string>();
  for (const [i, entry] of entries.entries()) {
    const before = entries[i - 1];
    if (before && compareEntries(before, entry) >= 0) throw new TreeError('The entries of a folder are not in order.');
    names.add(entry.name);
  }
  if (names.size !== entries.length) throw new TreeError('A name stands twice in a folder.');
  return entries;
}
