/** Where the nodes of an inclusion proof stand when it is drawn: the way from root to entry, and the subtree beside each step. */

export interface Placed {
  readonly x: number;
  readonly y: number;
  /** Entries [lo, hi) below it. */
  readonly lo: number;
  readonly hi: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  /** From the root down to the entry: one more than there are siblings. */
  readonly way: readonly Placed[];
  /** Beside each step down, from the root on. */
  readonly siblings: readonly Placed[];
}

const width = 340;
const margin = 46;
const rowHeight = 46;
const top = 16;

function largestPowerBelow(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

const within = (x: number): number => Math.min(width - margin, Math.max(margin, x));

/** The tree of RFC 6962 as far as the proof of this entry goes. */
export function layoutOf(index: number, size: number): Layout {
  const way: Placed[] = [{ x: width / 2, y: top, lo: 0, hi: size }];
  const siblings: Placed[] = [];
  for (let row = 1; ; row++) {
    const { lo, hi, x } = way[row - 1] as Placed;
    if (hi - lo <= 1) break;
    const split = lo + largestPowerBelow(hi - lo);
    const left = index < split;
    const reach = Math.max(34, 92 * 0.78 ** (row - 1));
    const y = top + row * rowHeight;
    const [near, far] = [within(left ? x - reach : x + reach), within(left ? x + reach : x - reach)];
    way.push({ x: near, y, lo: left ? lo : split, hi: left ? split : hi });
    siblings.push({ x: far, y, lo: left ? split : lo, hi: left ? hi : split });
  }
  return { width, height: top + (way.length - 1) * rowHeight + 28, way, siblings };
}
