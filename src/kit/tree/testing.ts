/** Trees in memory, for tests. */
import { createHash } from 'node:crypto';
import { nodeTreeHash } from '#kit/hash/node';
import { TreeBuilder, type BuiltTree, type TreeFile } from './build.ts';
import { entriesOf, type Entry } from './entry.ts';
import type { ReadFolder } from './proof.ts';

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

export const fileOf = (path: string, text: string, mode: TreeFile['mode'] = '100644'): TreeFile => (
  { path, mode, digest: digestOf(text), size: Buffer.byteLength(text) });

export function treeOf(files: readonly TreeFile[], held = new Map<string, readonly Entry[]>()): BuiltTree & { read: ReadFolder; held: typeof held } {
  const builder = new TreeBuilder();
  for (const file of files) builder.add(file);
  const built = builder.build(nodeTreeHash);
  for (const { digest, text } of built.folders) held.set(digest, entriesOf(text));
  return { ...built, held, read: (digest) => held.get(digest) ?? null };
}
