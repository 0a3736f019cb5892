/**
 * Builds the tree of a snapshot out of its files in any order: each folder is the RFC 6962 tree over the lines of its entries, so
 * that equal folders have equal digests in whatever release they lie. Empty folders are none: a snapshot is of files.
 */
import { toHex, toUtf8 } from '#kit/encoding';
import type { TreeHash } from '#kit/hash/port';
import { hashBytes, rootOf } from '#kit/merkle/tree';
import { compareEntries, folderMode, folderText, lineOf, pathProblem, TreeError, type Entry, type Mode } from './entry.ts';

export interface TreeFile {
  readonly path: string;
  readonly mode: Exclude<Mode, typeof folderMode>;
  readonly digest: string;
  readonly size: number;
}

export interface Folder {
  readonly digest: string;
  /** `folderText` of its entries. */
  readonly text: string;
}

export interface BuiltTree {
  readonly root: string;
  readonly files: number;
  readonly bytes: number;
  /** Each folder once, those below before those above; the last is the root. */
  readonly folders: readonly Folder[];
}

export const filesMax = 1_000_000;

interface Node { readonly files: Map<string, TreeFile>; readonly folders: Map<string, Node> }
const empty = (): Node => ({ files: new Map(), folders: new Map() });

/** Hashes of the leaves of a folder, concatenated. */
export function leafHashes(tree: Pick<TreeHash, 'leaf'>, lines: readonly string[]): Uint8Array {
  const hashes = new Uint8Array(lines.length * hashBytes);
  for (const [i, line] of lines.entries()) hashes.set(tree.leaf(toUtf8(line)), i * hashBytes);
  return hashes;
}

/** The digest of a folder, of its entries in order. */
export const folderDigest = (tree: TreeHash, entries: readonly Entry[]): string => toHex(rootOf(tree, leafHashes(tree, entries.map(lineOf))));

/** Takes files one by one; refuses a path that cannot be, that stands twice, or that is a file here and a folder there. */
export class TreeBuilder {
  readonly #top = empty();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  has(path: string): boolean {
    return this.get(path) !== null;
  }

  get(path: string): TreeFile | null {
    const parts = path.split('/');
    const name = parts.pop() ?? '';
    let node: Node | undefined = this.#top;
    for (const part of parts) node = node?.folders.get(part);
    return node?.files.get(name) ?? null;
  }

  add(file: TreeFile): void {
    const problem = pathProblem(file.path);
    if (problem !== null) throw new TreeError(problem);
    if (this.#count >= filesMax) throw new TreeError(`There are more than ${filesMax} files.`);
    const parts = file.path.split('/');
    const name = parts.pop() ?? '';
    let node = this.#top;
    for (const part of parts) {
      if (node.files.has(part)) throw new TreeError('A path goes through what is a file.');
      let next = node.folders.get(part);
      if (!next) node.folders.set(part, next = empty());
      node = next;
    }
    if (node.files.has(name)) throw new TreeError('A path stands twice.');
    if (node.folders.has(name)) throw new TreeError('A path is a file here and a folder there.');
    node.files.set(name, file);
    this.#count++;
  }

  /** Of a tree that lies in one folder alone, as archives are packed: that folder's name. */
  onlyFolder(): string | null {
    const [name] = this.#top.folders.keys();
    return this.#top.files.size === 0 && this.#top.folders.size === 1 ? name ?? null : null;
  }

  /** The tree, or what lies in one of its topmost folders. Throws where there is no file. */
  build(tree: TreeHash, within: string | null = null): BuiltTree {
    const top = within === null ? this.#top : this.#top.folders.get(within);
    if (!top || this.#count === 0) throw new TreeError('There is no file.');
    const folders = new Map<string, Folder>();
    const { digest, size, files } = this.#folder(tree, top, '', folders);
    return { root: digest, files, bytes: size, folders: [...folders.values()] };
  }

  #folder(tree: TreeHash, node: Node, name: string, folders: Map<string, Folder>): Entry {
    const entries: Entry[] = [...node.files].map(([n, { mode, digest, size }]) => ({ name: n, mode, digest, size, files: 1 }));
    for (const [n, below] of node.folders) entries.push(this.#folder(tree, below, n, folders));
    entries.sort(compareEntries);
    const digest = folderDigest(tree, entries);
    if (!folders.has(digest)) folders.set(digest, { digest, text: folderText(entries) });
    return {
      name, mode: folderMode, digest, size: entries.reduce((sum, e) => sum + e.size, 0), files: entries.reduce((sum, e) => sum + e.files, 0),
    };
  }
}
