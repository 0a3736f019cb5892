/**
 * Blocks of ClickHouse's Native format, written as bytes: columns, one after the other, each with its name, its type
 * and its values. A writer keeps one growing buffer a column and is emptied block by block, so that a row costs no
 * object. Types are the plain ones; the table's own (LowCardinality, Enum) are converted by name on insert.
 * Format: https://clickhouse.com/docs/interfaces/formats/Native
 */

/** Bytes that grow by doubling; kept between blocks. */
class Grower {
  bytes: Uint8Array;
  view: DataView;
  length = 0;
  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }
  room(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const next = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    next.set(this.bytes.subarray(0, this.length));
    this.bytes = next;
    this.view = new DataView(next.buffer);
  }
  varint(value: number): void {
    this.room(5);
    let rest = value;
    while (rest > 127) {
      this.bytes[this.length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }
}

const utf8 = new TextEncoder();

abstract class Column {
  readonly name: string;
  readonly type: string;
  protected readonly out: Grower;
  constructor(name: string, type: string, size: number) {
    this.name = name;
    this.type = type;
    this.out = new Grower(size);
  }
  /** The parts of the column's values, in order. */
  parts(): Uint8Array[] {
    return [this.out.bytes.subarray(0, this.out.length)];
  }
  clear(): void {
    this.out.length = 0;
  }
}

export class Text extends Column {
  constructor(name: string) {
    super(name, 'String', 1 << 16);
  }
  add(value: string): void {
    const { out } = this;
    const size = value.length;
    if (size < 64) {
      // Short ASCII, the common case, without a call into the encoder.
      out.room(size + 1);
      const { bytes } = out;
      let at = out.length;
      bytes[at++] = size;
      for (let i = 0; i < size; i++) {
        const code = value.charCodeAt(i);
        if (code > 127) return this.encode(value);
        bytes[at++] = code;
      }
      out.length = at;
      return;
    }
    this.encode(value);
  }
  private encode(value: string): void {
    const { out } = this;
    const size = Buffer.byteLength(value);
    out.varint(size);
    out.room(size);
    utf8.encodeInto(value, out.bytes.subarray(out.length, out.length + size));
    out.length += size;
  }
}


export class U8 extends Column {
  constructor(name: string) {
    super(name, 'UInt8', 1 << 14);
  }
  add(value: number): void {
    this.out.room(1);
    this.out.bytes[this.out.length++] = value;
  }
}

export class U16 extends Column {
  constructor(name: string, type = 'UInt16') {
    super(name, type, 1 << 15);
  }
  add(value: number): void {
    this.out.room(2);
    this.out.view.setUint16(this.out.length, value, true);
    this.out.length += 2;
  }
}

/** `type` may be any of four bytes: UInt32, DateTime('UTC'). */
export class U32 extends Column {
  constructor(name: string, type = 'UInt32') {
    super(name, type, 1 << 16);
  }
  add(value: number): void {
    this.out.room(4);
    this.out.view.setUint32(this.out.length, value, true);
    this.out.length += 4;
  }
}

/** Sixteen raw bytes: FixedString(16), IPv6. */
export class Sixteen extends Column {
  constructor(name: string, type: 'FixedString(16)' | 'IPv6') {
    super(name, type, 1 << 18);
  }
  add(bytes: Uint8Array, at = 0): void {
    this.out.room(16);
    const target = this.out.bytes;
    const to = this.out.length;
    for (let i = 0; i < 16; i++) target[to + i] = bytes[at + i] as number;
    this.out.length = to + 16;
  }
}

/** Eight raw bytes, little endian: UInt64. */
export class U64 extends Column {
  constructor(name: string) {
    super(name, 'UInt64', 1 << 17);
  }
  add(low: number, high: number): void {
    this.out.room(8);
    this.out.view.setUint32(this.out.length, low, true);
    this.out.view.setUint32(this.out.length + 4, high, true);
    this.out.length += 8;
  }
}

/** Map(String, String): the running ends of the rows' maps, then all keys, then all values. */
export class Texts extends Column {
  private readonly keys = new Text('');
  private readonly values = new Text('');
  private pairs = 0;
  constructor(name: string) {
    super(name, 'Map(String, String)', 1 << 17);
  }
  pair(key: string, value: string): void {
    this.keys.add(key);
    this.values.add(value);
    this.pairs += 1;
  }
  /** Ends the current row's map. */
  end(): void {
    this.out.room(8);
    this.out.view.setUint32(this.out.length, this.pairs, true);
    this.out.view.setUint32(this.out.length + 4, 0, true);
    this.out.length += 8;
  }
  override parts(): Uint8Array[] {
    return [...super.parts(), ...this.keys.parts(), ...this.values.parts()];
  }
  override clear(): void {
    super.clear();
    this.keys.clear();
    this.values.clear();
    this.pairs = 0;
  }
}

/** Takes `rows` rows out of the columns as one block and empties them. */
export function takeBlock(columns: readonly Column[], rows: number): Uint8Array {
  const head = new Grower(256);
  head.varint(columns.length);
  head.varint(rows);
  const parts: Uint8Array[] = [head.bytes.slice(0, head.length)];
  for (const column of columns) {
    const title = new Grower(64);
    for (const word of [column.name, column.type]) {
      const bytes = utf8.encode(word);
      title.varint(bytes.length);
      title.room(bytes.length);
      title.bytes.set(bytes, title.length);
      title.length += bytes.length;
    }
    parts.push(title.bytes.subarray(0, title.length), ...column.parts());
  }
  const block = Buffer.concat(parts);
  for (const column of columns) column.clear();
  return block;
}

export type { Column };
