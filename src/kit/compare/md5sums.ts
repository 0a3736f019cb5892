/**
 * The rule `md5sums`: a Debian package lists the MD5 of each of its files. Where the files may differ, the list must; it is set aside
 * only where each line of it is right on its own side, so that it says nothing that the files themselves do not.
 */
import { createHash } from 'node:crypto';
import { filesOfTar } from './formats/tar.ts';
import type { Difference } from './model.ts';
import { ArchiveFault, utf8, type Budget, type Piece } from './piece.ts';
import { read } from './read.ts';

/** The one tar in a member of a package. */
async function tarIn(pieces: readonly Piece[], member: RegExp, budget: Budget): Promise<Uint8Array | null> {
  const inner = pieces.find((p) => member.test(p.key) && p.inner)?.inner;
  if (!inner) return null;
  const bytes = await inner.bytes();
  const packed = read(bytes, budget, inner.name).pieces.find((p) => p.inner?.packed)?.inner;
  return packed ? packed.bytes() : bytes;
}

/** Whether every line of the list is right; null where there is no list to judge. */
async function right(pieces: readonly Piece[], budget: Budget): Promise<boolean> {
  const [control, content] = [await tarIn(pieces, /^control\.tar/, budget), await tarIn(pieces, /^data\.tar/, budget)];
  if (control === null || content === null) return false;
  const list = filesOfTar(control, budget).get('md5sums');
  if (!list) return false;
  const files = filesOfTar(content, budget);
  const seen = new Set<string>();
  return utf8(list, 0, list.length).split('\n').every((line, i, all) => {
    if (line === '' && i === all.length - 1) return true;
    const [, sum, name] = /^([0-9a-f]{32}) {2}(.+)$/.exec(line) ?? [];
    const file = name === undefined ? undefined : files.get(name);
    if (file === undefined || name === undefined || seen.has(name)) return false;
    seen.add(name);
    return createHash('md5').update(file).digest('hex') === sum;
  });
}

/** Gives the rule to the differences of the list where it holds on both sides. */
export async function checkSums(
  work: { readonly differences: Difference[]; readonly budget: Budget }, from: number, path: readonly string[], shipped: readonly Piece[],
    rebuilt: readonly Piece[],
): Promise<void> {
  const inList = (d: Difference): boolean =>
    d.rule === null && d.kind === 'bytes' && d.part.length > path.length && /^control\.tar/.test(d.part[path.length] ?? '')
      && /^(\.\/)?md5sums$/.test(d.part.at(-1) ?? '');
  if (!work.differences.slice(from).some(inList)) return;
  try {
    if (!await right(shipped, work.budget) || !await right(rebuilt, work.budget)) return;
  } catch (error) {
    if (error instanceof ArchiveFault) return;
    throw error;
  }
  for (let i = from; i < work.differences.length; i++) {
    const difference = work.differences[i];
    if (difference && inList(difference)) work.differences[i] = { ...difference, rule: 'md5sums' };
  }
}
