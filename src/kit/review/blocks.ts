/**
 * What has been disclosed, in distinct blocks of 4 KiB: reading the same again is free, new ground counts, in whatever order and however
 * many sessions it was read. Shares are in hundredths of a per cent.
 */

export const blockBytes = 4096;

export const blocksIn = (bytes: number): number => Math.ceil(bytes / blockBytes);

/** The blocks of one file that somebody has seen, one bit each. */
export class SeenBlocks {
  private readonly bits: Uint8Array;
  private seen: number;

  constructor(bits: Uint8Array) {
    this.bits = bits.slice();
    this.seen = bits.reduce((sum, byte) => sum + ones(byte), 0);
  }

  static none(bytes: number): SeenBlocks {
    return new SeenBlocks(new Uint8Array(Math.ceil(blocksIn(bytes) / 8)));
  }

  get count(): number {
    return this.seen;
  }

  /** Blocks of a range that would be new. */
  fresh(from: number, to: number): number {
    let fresh = 0;
    for (const block of blocksTouched(from, to)) if (!this.has(block)) fresh += 1;
    return fresh;
  }

  /** How many of them were new. A byte outside the file counts nothing. */
  add(from: number, to: number): number {
    let fresh = 0;
    for (const block of blocksTouched(from, to)) {
      if (this.has(block) || block >> 3 >= this.bits.length) continue;
      this.bits[block >> 3] = (this.bits[block >> 3] ?? 0) | (1 << (block & 7));
      fresh += 1;
    }
    this.seen += fresh;
    return fresh;
  }

  has(block: number): boolean {
    return ((this.bits[block >> 3] ?? 0) & (1 << (block & 7))) !== 0;
  }

  /** To be kept. */
  get bytes(): Uint8Array {
    return this.bits.slice();
  }
}

function ones(byte: number): number {
  let count = 0;
  for (let rest = byte; rest > 0; rest &= rest - 1) count += 1;
  return count;
}

/** Numbers of the blocks that a range of bytes lies in. */
export function blocksTouched(from: number, to: number): number[] {
  if (to <= from) return [];
  const first = Math.floor(from / blockBytes);
  return Array.from({ length: Math.floor((to - 1) / blockBytes) - first + 1 }, (_, i) => first + i);
}

/** Of the blocks of the source: so much a day, so much in all. */
export interface Shares {
  readonly perDay: number;
  readonly inAll: number;
}

/** Half a per cent a day, five per cent in all. */
export const usualShares: Shares = { perDay: 50, inAll: 500 };

export interface Account {
  /** Distinct blocks seen in all, and on the day that is asked for. */
  readonly seen: number;
  readonly today: number;
}

export interface Allowance {
  readonly perDay: number;
  readonly inAll: number;
  /** New blocks that may still be seen now. */
  readonly left: number;
  /** Which of the two ends first. */
  readonly by: 'day' | 'all';
}

/** A share is rounded up to a whole block, so that a source of one file can be read at all. */
export function allowanceOf(blocks: number, shares: Shares, account: Account): Allowance {
  const perDay = Math.ceil((blocks * shares.perDay) / 10_000);
  const inAll = Math.ceil((blocks * shares.inAll) / 10_000);
  const [today, all] = [perDay - account.today, inAll - account.seen];
  return { perDay, inAll, left: Math.max(0, Math.min(today, all)), by: today < all ? 'day' : 'all' };
}
