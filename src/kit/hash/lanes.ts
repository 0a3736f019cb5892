/** Tree hashing that gives many nodes to the kernel at once and few to plain hashing. Both give the same bytes. */
import { inputAt, inputBytes, outputAt } from './kernel.ts';
import type { Kernel } from './kernel.ts';
import { foldPairs } from './port.ts';
import type { TreeHash } from './port.ts';

/** Four nodes cost the kernel what two and a half cost one by one. */
const fewPairs = 3;
/** Writing and compiling the kernel costs some milliseconds: not for a tree that is done by then. */
const worthStarting = 256;
const pairBytes = 64;
const hashBytes = 32;

class Lanes {
  readonly #start: () => Kernel | null;
  #kernel: Kernel | null | undefined;

  constructor(start: () => Kernel | null) {
    this.#start = start;
  }

  /** The kernel, where this much work is worth it. One may stand there already from more work before. */
  for(pairs: number): Kernel | null {
    if (pairs < fewPairs) return null;
    if (this.#kernel === undefined && pairs >= worthStarting) this.#kernel = this.#start();
    return this.#kernel ?? null;
  }
}

/** The kernel is started when it is first worth it. Nothing here waits, so that its one memory is never shared. */
export function inLanes(plain: TreeHash, start: () => Kernel | null): TreeHash {
  const lanes = new Lanes(start);

  function pairs(hashes: Uint8Array): Uint8Array {
    const kernel = lanes.for(hashes.length / pairBytes);
    if (!kernel) return plain.pairs(hashes);
    const out = new Uint8Array(hashes.length / 2);
    for (let at = 0; at < hashes.length; at += inputBytes) {
      const some = hashes.subarray(at, at + inputBytes);
      kernel.memory.set(some, inputAt);
      kernel.nodes(inputAt, some.length / pairBytes, outputAt);
      out.set(kernel.memory.subarray(outputAt, outputAt + some.length / 2), at / 2);
    }
    return out;
  }

  function fold(hashes: Uint8Array, levels: number): Uint8Array {
    const group = hashBytes * 2 ** levels;
    const kernel = lanes.for(hashes.length / pairBytes);
    if (!kernel || group > inputBytes || levels < 1) return foldPairs(pairs, hashes, levels);
    const out = new Uint8Array(hashes.length / 2 ** levels);
    const step = inputBytes - (inputBytes % group);
    for (let at = 0; at < hashes.length; at += step) {
      const some = hashes.subarray(at, at + step);
      kernel.memory.set(some, inputAt);
      let length = some.length;
      for (let level = 0; level < levels; level++) {
        kernel.nodes(inputAt, length / pairBytes, inputAt);
        length /= 2;
      }
      out.set(kernel.memory.subarray(inputAt, inputAt + length), at / 2 ** levels);
    }
    return out;
  }

  return { ...plain, pairs, fold };
}
