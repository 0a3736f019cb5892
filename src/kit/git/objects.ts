/** What git's objects say: where a commit's files begin, what a tag names, what stands in a folder (gitformat-pack, git-fast-export's modes). */
import { fromUtf8 } from '#kit/encoding';
import { ArchiveError } from '#kit/archive/refused';

/** Kinds by their numbers in a pack. */
export const kinds = { 1: 'commit', 2: 'tree', 3: 'blob', 4: 'tag' } as const;
export type Kind = typeof kinds[keyof typeof kinds];

export interface InFolder {
  readonly name: string;
  readonly is: 'folder' | 'file' | 'program' | 'link';
  readonly id: string;
}

const headOf = (bytes: Buffer): string => bytes.toString('latin1', 0, 400);

/** The folder that a commit is of, as its id in hex. */
export function folderOfCommit(bytes: Buffer, idBytes: number): string {
  const found = /^tree ([0-9a-f]+)\n/.exec(headOf(bytes))?.[1];
  if (found?.length !== idBytes * 2) throw new ArchiveError('A commit names no folder.', 'its first line');
  return found;
}

/** What a tag names. */
export function namedByTag(bytes: Buffer, idBytes: number): { readonly id: string; readonly kind: string } {
  const found = /^object ([0-9a-f]+)\ntype ([a-z]+)\n/.exec(headOf(bytes));
  const [, id = '', kind = ''] = found ?? [];
  if (id.length !== idBytes * 2) throw new ArchiveError('A tag names nothing.', 'its first line');
  return { id, kind };
}

const isOf = (mode: string): InFolder['is'] | 'elsewhere' | null => {
  if (mode === '40000' || mode === '040000') return 'folder';
  if (mode === '120000') return 'link';
  if (mode === '160000') return 'elsewhere';
  if (!/^100[0-7]{3}$/.test(mode)) return null;
  return (Number.parseInt(mode, 8) & 0o100) === 0 ? 'file' : 'program';
};

/** What stands in a folder; `at` is its path, which a refusal names. */
export function inFolder(bytes: Buffer, idBytes: number, at: string): InFolder[] {
  const found: InFolder[] = [];
  for (let from = 0; from < bytes.length;) {
    const [space, nul] = [bytes.indexOf(32, from), bytes.indexOf(0, from)];
    const next = nul + 1 + idBytes;
    if (space < 0 || nul < space || next > bytes.length) throw new ArchiveError('A folder of the repository is broken.', at === '' ? 'the topmost folder' : at);
    const name = fromUtf8(bytes.subarray(space + 1, nul));
    const path = `${at === '' ? '' : `${at}/`}${name ?? '?'}`;
    if (name === null) throw new ArchiveError('A path in the repository is no text in UTF-8.', path);
    if (name === '' || name.includes('/')) throw new ArchiveError('A name in the repository is none of a file.', path);
    const is = isOf(bytes.toString('latin1', from, space));
    if (is === 'elsewhere') {
      throw new ArchiveError('The repository names another one (a submodule), whose files are not in the bundle: pack the working tree with tar.', path);
    }
    if (is === null) throw new ArchiveError('The repository holds what is neither file, link nor folder.', path);
    found.push({ name, is, id: bytes.toString('hex', nul + 1, next) });
    from = next;
  }
  return found;
}
