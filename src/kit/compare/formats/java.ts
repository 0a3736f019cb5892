/** Reads Java class files (JVMS chapter 4) into constants, fields, methods and attributes, so that a difference is told by the method it is in. */
import { ArchiveFault, Keys, tiled, utf8, viewOf, type Budget, type Piece } from '../piece.ts';

export const isClass = (bytes: Uint8Array): boolean =>
  bytes.length >= 24 && viewOf(bytes).getUint32(0) === 0xcafebabe && viewOf(bytes).getUint16(6) >= 45;

/** Sizes of constants by tag, without the tag; text has its own. */
const sizes: Readonly<Record<number, number>> = { 3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2 };

class Reader {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly names = new Map<number, string>();
  at = 8;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = viewOf(bytes);
  }
  private need(size: number): void {
    if (this.at + size > this.bytes.length) throw new ArchiveFault('truncated', 'The class file breaks off.');
  }
  u16(): number {
    this.need(2);
    this.at += 2;
    return this.view.getUint16(this.at - 2);
  }
  u32(): number {
    this.need(4);
    this.at += 4;
    return this.view.getUint32(this.at - 4);
  }
  skip(size: number): void {
    this.need(size);
    this.at += size;
  }
  constants(): void {
    const count = this.u16();
    for (let i = 1; i < count; i++) {
      this.need(1);
      const tag = this.bytes[this.at++] ?? 0;
      if (tag === 1) {
        const length = this.u16();
        this.names.set(i, utf8(this.bytes, this.at, this.at + length));
        this.skip(length);
      } else {
        const size = sizes[tag];
        if (size === undefined) throw new ArchiveFault('broken', `The class file has a constant of the unknown kind ${tag}.`);
        this.skip(size);
      }
      // Long and double take two places.
      if (tag === 5 || tag === 6) i++;
    }
  }
  attribute(): string {
    const name = this.names.get(this.u16()) ?? 'attribute';
    this.skip(this.u32());
    return name;
  }
  member(): string {
    this.u16();
    const [name, type] = [this.names.get(this.u16()) ?? '?', this.names.get(this.u16()) ?? '?'];
    for (let left = this.u16(); left > 0; left--) this.attribute();
    return `${name}${type}`;
  }
}

export function readClass(bytes: Uint8Array, budget: Budget): Piece[] {
  const r = new Reader(bytes);
  const keys = new Keys();
  const pieces: Piece[] = [{ key: 'version', from: 0, to: 8 }];
  const piece = (what: () => string, executable = false): void => {
    const from = r.at;
    const key = keys.of(what());
    pieces.push({ key, from, to: r.at, ...(executable ? { executable } : {}) });
  };
  piece(() => { r.constants(); return 'constants'; });
  piece(() => { r.skip(6); r.skip(r.u16() * 2); return 'class and its interfaces'; });
  for (const [what, kind, executable] of [['number of fields', 'field', false], ['number of methods', 'method', true]] as const) {
    let count = 0;
    piece(() => { count = r.u16(); return what; });
    budget.members(count);
    for (; count > 0; count--) piece(() => `${kind} ${r.member()}`, executable);
  }
  let count = 0;
  piece(() => { count = r.u16(); return 'number of attributes'; });
  for (; count > 0; count--) piece(() => `attribute ${r.attribute()}`);
  return tiled(pieces, bytes.length);
}
