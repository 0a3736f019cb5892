/**
 * The leaves of a bundle as a source for a copy. The bundle was verified before; what is made of its leaves is held against
 * its signed root again, so a file that changes in between is noticed.
 */
import { toUtf8 } from '#kit/encoding';
import { nodeTreeHash } from '#kit/hash/node';
import { maxLineBytes } from '#kit/bundle/plan';
import type { Leaf, LeafSource } from './growth.ts';

async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const piece of source) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLineBytes) throw new Error('a line of the bundle is too long');
    yield* lines;
  }
}

/** `open` begins the file anew. Leaves are asked for in order, and may be asked for again from an earlier one. */
export async function bundleLeaves(
  open: () => AsyncIterable<Uint8Array>,
): Promise<{ readonly checkpoint: Uint8Array; readonly leaves: LeafSource }> {
  const head: string[] = [];
  for await (const line of linesOf(open())) {
    if (/^(edge|tile|leaf|entente-ledger-bundle-end)/.test(line)) break;
    head.push(line);
  }
  // The magic line, then the checkpoint, then one empty line.
  const checkpoint = toUtf8(`${head.slice(1, -1).join('\n')}\n`);
  let at = 0;
  let lines = linesOf(open());
  const leaves: LeafSource = async (first, count) => {
    if (first < at) [at, lines] = [0, linesOf(open())];
    const found: Leaf[] = [];
    while (at < first + count) {
      const { done, value } = await lines.next();
      if (done) throw new Error(`the bundle has no leaf ${at}`);
      const prefix = `leaf ${at} `;
      if (!value.startsWith(prefix)) continue;
      if (at >= first) {
        const bytes = toUtf8(value.slice(prefix.length));
        found.push({ bytes, hash: nodeTreeHash.leaf(bytes) });
      }
      at++;
    }
    return found;
  };
  return { checkpoint, leaves };
}
