/**
 * The identities that a feed already has, by event day, as open-addressing sets of 128 bits. They are a memory of the
 * events store, never a truth of their own: a set that is dropped is read again from the stored rows.
 */

/** Identities of one (feed, day): 16 bytes each, at most two thirds full. */
export class IdSet {
  private words: Uint32Array;
  private mask: number;
  size = 0;

  constructor(expected = 32) {
    let slots = 64;
    while (slots * 2 < expected * 3) slots *= 2;
    this.words = new Uint32Array(slots * 4);
    this.mask = slots - 1;
  }

  get bytes(): number {
    return this.words.byteLength;
  }

  /** Adds the 16 bytes at `at`; false where they were there. */
  add(id: DataView, at: number): boolean {
    if ((this.size + 1) * 3 > (this.mask + 1) * 2) this.grow();
    return this.put(id.getUint32(at), id.getUint32(at + 4), id.getUint32(at + 8), id.getUint32(at + 12) || 1);
  }

  private put(a: number, b: number, c: number, d: number): boolean {
    const { words, mask } = this;
    // The hash is uniform already; a free slot is one whose last word is 0, which no entry has.
    for (let slot = a & mask; ; slot = (slot + 1) & mask) {
      const i = slot * 4;
      if (words[i + 3] === 0) {
        words[i] = a;
        words[i + 1] = b;
        words[i + 2] = c;
        words[i + 3] = d;
        this.size += 1;
        return true;
      }
      if (words[i] === a && words[i + 1] === b && words[i + 2] === c && words[i + 3] === d) return false;
    }
  }

  private grow(): void {
    const old = this.words;
    this.words = new Uint32Array(old.length * 2);
    this.mask = old.length / 2 - 1;
    this.size = 0;
    for (let i = 0; i < old.length; i += 4) {
      if (old[i + 3] !== 0) this.put(old[i] as number, old[i + 1] as number, old[i + 2] as number, old[i + 3] as number);
    }
  }
}

/** Sets of one feed. `stored` says how many rows each day has in the store; days without a row need no reading. */
export class DaySets {
  private readonly sets = new Map<number, IdSet>();
  private stored: Map<number, number>;
  constructor(stored: ReadonlyMap<number, number>) {
    this.stored = new Map(stored);
  }

  /** What the store says now, before a batch: days that are not in memory go by it. */
  refresh(stored: ReadonlyMap<number, number>): void {
    this.stored = new Map(stored);
  }

  /** The day's set, or null where it must be read first. */
  of(day: number): IdSet | null {
    const known = this.sets.get(day);
    if (known !== undefined) return known;
    if ((this.stored.get(day) ?? 0) > 0) return null;
    const fresh = new IdSet();
    this.sets.set(day, fresh);
    return fresh;
  }

  /** Takes in rows of (day as two bytes, little endian; 16 bytes of identity) for days that are read whole. */
  load(days: readonly number[], rows: Uint8Array): void {
    for (const day of days) this.sets.set(day, new IdSet(this.stored.get(day) ?? 0));
    const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
    for (let at = 0; at + 18 <= rows.byteLength; at += 18) this.sets.get(view.getUint16(at, true))?.add(view, at + 2);
  }

  /** Drops days, oldest first, until at most `most` bytes are held. Only for days whose rows are all stored. */
  trim(most: number): void {
    let held = 0;
    for (const set of this.sets.values()) held += set.bytes;
    for (const [day, set] of [...this.sets].sort(([x], [y]) => x - y)) {
      if (held <= most) return;
      this.sets.delete(day);
      this.stored.set(day, set.size);
      held -= set.bytes;
    }
  }
}
