/** Numbers of up to 53 bits, seven bits a byte, lowest first; and texts behind their length. What the tables of a shard are written in. */
import { fromUtf8, toUtf8 } from '#kit/encoding';
import { damage } from './damage.ts';

export class VarintWriter {
  private bytes = new Uint8Array(1024);
  private length = 0;

  private room(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    larger.set(this.bytes);
    this.bytes = larger;
  }

  number(value: number): void {
    this.room(8);
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.bytes[this.length++] = (rest % 128) | 128;
    this.bytes[this.length++] = rest;
  }

  raw(bytes: Uint8Array): void {
    this.room(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  text(value: string): void {
    const bytes = toUtf8(value);
    this.number(bytes.length);
    this.raw(bytes);
  }

  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

export class VarintReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get ended(): boolean {
    return this.at === this.bytes.length;
  }

  number(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) throw damage('a table breaks off');
      value += (byte & 127) * scale;
      if (!Number.isSafeInteger(value)) throw damage('a number is too large');
      if (byte < 128) return value;
      if (scale > 2 ** 49) throw damage('a number is too long');
    }
  }

  raw(length: number): Uint8Array {
    if (length > this.bytes.length - this.at) throw damage('a table breaks off');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text(): string {
    const text = fromUtf8(this.raw(this.number()));
    if (text === null) throw damage('a text is not UTF-8');
    return text;
  }
}
