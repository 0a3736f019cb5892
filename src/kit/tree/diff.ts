/**
 * What changed from one snapshot to another: folders of equal digest are passed over unread, so that the cost is that of the change
 * and not of the tree. What went at one path and came at another with the same bytes is told as moved.
 */
import { compareEntries, compareText, isFolder, TreeError, type Entry } from './entry.ts';
import type { ReadFolder } from './proof.ts';

export type Change =
  | { readonly kind: 'added'; readonly path: string; readonly after: Entry }
  | { readonly kind: 'removed'; readonly path: string; readonly before: Entry }
  /** Other bytes, or another mode, at the same path. */
  | { readonly kind: 'changed'; readonly path: string; readonly before: Entry; readonly after: Entry }
  | { readonly kind: 'moved'; readonly path: string; readonly from: string; readonly before: Entry; readonly after: Entry };

const same = (a: Entry, b: Entry): boolean => a.digest === b.digest && a.mode === b.mode;

async function folderAt(read: ReadFolder, entry: Pick<Entry, 'digest'>): Promise<readonly Entry[]> {
  const entries = await read(entry.digest);
  if (!entries) throw new TreeError('A folder of the snapshot is not held.');
  return entries;
}

/** Every file of a folder and below, in the order of whole paths. */
export async function* walk(read: ReadFolder, root: string, under = ''): AsyncGenerator<{ path: string; entry: Entry }> {
  for (const entry of await folderAt(read, { digest: root })) {
    const path = under === '' ? entry.name : `${under}/${entry.name}`;
    if (isFolder(entry)) yield* walk(read, entry.digest, path);
    else yield { path, entry };
  }
}

async function* only(kind: 'added' | 'removed', read: ReadFolder, entry: Entry, path: string): AsyncGenerator<Change> {
  if (!isFolder(entry)) {
    yield kind === 'added' ? { kind, path, after: entry } : { kind, path, before: entry };
    return;
  }
  for await (const { path: below, entry: file } of walk(read, entry.digest, path)) {
    yield kind === 'added' ? { kind, path: below, after: file } : { kind, path: below, before: file };
  }
}

/** Added, removed and changed files in the order of paths; nothing is told as moved yet. */
export async function* changes(read: ReadFolder, before: string, after: string, under = ''): AsyncGenerator<Change> {
  if (before === after) return;
  const [one, other] = [await folderAt(read, { digest: before }), await folderAt(read, { digest: after })];
  for (let i = 0, j = 0; i < one.length || j < other.length;) {
    const [a, b] = [one[i], other[j]];
    const order = a === undefined ? 1 : b === undefined ? -1 : compareEntries(a, b);
    const name = (order <= 0 ? a : b)?.name ?? '';
    const path = under === '' ? name : `${under}/${name}`;
    if (order < 0 && a) yield* only('removed', read, a, path);
    else if (order > 0 && b) yield* only('added', read, b, path);
    else if (a && b && !same(a, b)) {
      if (isFolder(a)) yield* changes(read, a.digest, b.digest, path);
      else yield { kind: 'changed', path, before: a, after: b };
    }
    if (order <= 0) i++;
    if (order >= 0) j++;
  }
}

const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/**
 * The whole list with what moved told as one. Of several files with the same bytes those of the same name belong together, the rest
 * in order; an empty file has moved nowhere. Of a link the target counts as its bytes.
 */
export async function diff(read: ReadFolder, before: string, after: string, most = 1_000_000): Promise<Change[]> {
  const list: Change[] = [];
  for await (const change of changes(read, before, after)) {
    if (list.length >= most) throw new TreeError(`More than ${most} files changed.`);
    list.push(change);
  }
  const gone = new Map<string, string[]>();
  const [removed, added] = [new Map<string, Entry>(), list.filter((c) => c.kind === 'added')];
  for (const change of list) {
    if (change.kind !== 'removed' || change.before.size === 0) continue;
    const key = keyOf(change.before);
    removed.set(change.path, change.before);
    const paths = gone.get(key);
    if (paths) paths.push(change.path);
    else gone.set(key, [change.path]);
  }
  const from = new Map<string, string>();
  for (const byName of [true, false]) {
    for (const { path, after: entry } of added) {
      const paths = from.has(path) ? undefined : gone.get(keyOf(entry));
      const at = paths?.findIndex((p) => !byName || baseOf(p) === baseOf(path)) ?? -1;
      if (paths && at >= 0) from.set(path, paths.splice(at, 1)[0] ?? '');
    }
  }
  const moved = new Set(from.values());
  return list.flatMap((change): Change[] => {
    if (change.kind === 'removed' && moved.has(change.path)) return [];
    const source = change.kind === 'added' ? from.get(change.path) : undefined;
    const was = source === undefined ? undefined : removed.get(source);
    return change.kind === 'added' && source !== undefined && was ? [{ kind: 'moved', path: change.path, from: source, before: was, after: change.after }]
      : [change];
  }).sort((a, b) => compareText(a.path, b.path));
}

const keyOf = ({ digest, mode }: Entry): string => (mode === '120000' ? `l${digest}` : digest);
