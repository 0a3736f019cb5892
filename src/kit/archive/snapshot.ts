/**
 * A snapshot out of an archive: each file is handed on to be kept, links and hard links are followed as far as they stay within, and
 * where everything lies in one folder, as archives are packed, that folder is left off. Refused as a whole, or taken as a whole.
 */
import type { TreeHash } from '#kit/hash/port';
import { filesMax, TreeBuilder, type BuiltTree, type TreeFile } from '#kit/tree/build';
import { compareText, pathProblem, TreeError } from '#kit/tree/entry';
import { linkTarget, type Member } from './member.ts';
import { ArchiveError } from './refused.ts';

export interface Kept { readonly digest: string; readonly size: number }
/** Keeps bytes under their digest. */
export type Keep = (bytes: AsyncIterable<Uint8Array> | Uint8Array) => Promise<Kept>;

export interface SnapshotOptions {
  readonly tree: TreeHash;
  readonly keep: Keep;
  /** Whether the one folder in which everything lies is kept as a part of paths. */
  readonly keepTop?: boolean;
  readonly progress?: (files: number, bytes: number) => void;
  /** Called before each member; throws to stop. */
  readonly goOn?: () => Promise<void> | void;
}

/** Bytes up to which a file is held whole, and how many such are being kept at once. */
const [smallBytes, atOnce] = [262_144, 16];

/** Keeping of small files goes on beside reading, a few at a time; the first failure stops everything. */
class Beside {
  readonly #running = new Set<Promise<void>>();
  #failed: { error: unknown } | null = null;
  async start(work: () => Promise<void>): Promise<void> {
    while (this.#running.size >= atOnce) await Promise.race(this.#running);
    this.#look();
    const running: Promise<void> = work().catch((error: unknown) => { this.#failed ??= { error }; }).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }
  async end(): Promise<void> {
    await Promise.all(this.#running);
    this.#look();
  }
  #look(): void {
    if (this.#failed) throw this.#failed.error;
  }
}

async function wholeOf(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts);
}

interface Found { readonly path: string; readonly mode: TreeFile['mode']; kept: Kept | null; readonly target: string | null }

async function gathered(members: AsyncIterable<Member>, { keep, progress, goOn }: SnapshotOptions): Promise<Map<string, Found>> {
  const found = new Map<string, Found>();
  const beside = new Beside();
  let bytes = 0;
  try {
    for await (const member of members) {
      await goOn?.();
      const { path, kind } = member;
      const problem = pathProblem(path);
      if (problem !== null) throw new ArchiveError(problem, path);
      if (found.has(path)) throw new ArchiveError('A path stands twice.', path);
      if (found.size >= filesMax) throw new ArchiveError(`There are more than ${filesMax} files.`, path);
      const mode = kind === 'link' ? '120000' : member.runs ? '100755' : '100644';
      const one: Found = { path, mode, kept: null, target: kind === 'file' ? null : member.target };
      found.set(path, one);
      if (kind === 'link') await beside.start(async () => { one.kept = await keep(Buffer.from(member.target)); });
      else if (kind === 'file' && member.size > smallBytes) one.kept = await keep(member.bytes);
      else if (kind === 'file') {
        const whole = await wholeOf(member.bytes);
        await beside.start(async () => { one.kept = await keep(whole); });
      }
      bytes += member.size;
      progress?.(found.size, bytes);
    }
  } finally {
    // Also where reading fails: nothing is left running behind us.
    await beside.end().catch(() => undefined);
  }
  await beside.end();
  return found;
}

/** Of a hard link the file that it is too: it stands earlier in the archive, as tar has it. */
function fileOf(found: ReadonlyMap<string, Found>, one: Found): Omit<TreeFile, 'path'> {
  const named = one.kept === null ? found.get(one.target ?? '') : one;
  if (!named?.kept || (one.kept === null && named.mode === '120000')) throw new ArchiveError('A hard link names no file of the archive.', one.path);
  return { mode: named.mode, ...named.kept };
}

function checkLinks(found: Iterable<Found>, top: string | null): void {
  for (const { path, mode, target } of found) {
    if (mode !== '120000' || target === null) continue;
    const within = top === null ? path : path.slice(top.length + 1);
    if (linkTarget(within, target) === null) throw new ArchiveError('A link leads out of the snapshot.', path);
  }
}

/** Throws an ArchiveError with the path, and what reading and keeping throw. */
export async function snapshotOf(members: AsyncIterable<Member>, options: SnapshotOptions): Promise<BuiltTree> {
  const found = await gathered(members, options);
  if (found.size === 0) throw new ArchiveError('The archive holds no file.', 'byte 0');
  const builder = new TreeBuilder();
  for (const one of [...found.values()].sort((a, b) => compareText(a.path, b.path))) {
    const file = fileOf(found, one);
    try {
      builder.add({ path: one.path, ...file });
    } catch (error) {
      throw error instanceof TreeError ? new ArchiveError(error.message, one.path) : error;
    }
  }
  const top = options.keepTop ? null : builder.onlyFolder();
  checkLinks(found.values(), top);
  return builder.build(options.tree, top);
}
