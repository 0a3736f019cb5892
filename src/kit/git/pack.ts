/**
 * A pack of git's (gitformat-pack, version 2 and 3), read where it lies: once from end to end, which finds its objects and checks its sum, then
 * by place. What stands as a change against another is made anew when it is asked for. Held are the places and what is worked on, never the whole.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { inflate, inflateSync } from 'node:zlib';
import type { OpenRange } from '#kit/archive/member';
import { ArchiveError } from '#kit/archive/refused';
import { objectMax, patched, sizeAt } from './delta.ts';
import { kinds, type Kind } from './objects.ts';
import { Places, Window } from './reading.ts';
import { nextTurn } from '#kit/turn';

export type Digest = 'sha1' | 'sha256';
export interface PackBounds {
  readonly objectsMax: number;
  /** Bytes of all objects together, each as it is once it was made. */
  readonly bytesMax: number;
  /** Called often; throws to stop. */
  readonly goOn?: () => Promise<void> | void;
}
export interface GitObject { readonly id: string; readonly bytes: Buffer }

const [byPlace, byName] = [6, 7];
/** Larger ones are unpacked beside the event loop. */
const soonBytes = 1_048_576;
/** Bytes of work between two pauses in which others get their turn; an object counts for some thousand beside its own. */
const pauseEvery = 2 * 1_048_576;
const turnBytes = 8_192;
/** What making an object costs besides its bytes, counted as bytes: of many small ones it is most. */
const perObject = 1024;
/** Bytes of objects that wait for what is made of them. */
const heldMax = 512 * 1_048_576;

const packedMost = (size: number): number => size + Math.ceil(size / 1000) + 1024;
interface Inflated { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } }
// With `info` both answer the engine too, which their types do not say.
type Options = { readonly info: true; readonly maxOutputLength: number };
const inflateSoon: (bytes: Buffer, options: Options) => unknown = inflateSync;
const inflateBeside: (bytes: Buffer, options: Options) => Promise<unknown> = promisify(inflate);

/** Unpacks one object, and says how many bytes it took. */
async function unpacked(bytes: Buffer, size: number, where: string): Promise<{ bytes: Buffer; took: number }> {
  const options: Options = { info: true, maxOutputLength: Math.max(1, size) };
  try {
    const { buffer, engine } = (size > soonBytes ? await inflateBeside(bytes, options) : inflateSoon(bytes, options)) as Inflated;
    if (buffer.length === size) return { bytes: buffer, took: engine.bytesWritten };
  } catch {
    // Said below, as of one that is too short.
  }
  throw new ArchiveError('An object of the bundle is broken.', where);
}

export class Pack {
  readonly #read: Window;
  readonly #digest: Digest;
  readonly #bounds: PackBounds;
  /** By number of an object: where it begins, its kind, its size as written, and against which it stands. */
  readonly #at = new Places();
  readonly #body = new Places();
  readonly #kind: number[] = [];
  readonly #size: number[] = [];
  readonly #base: number[] = [];
  readonly #firstMade: number[] = [];
  readonly #nextMade: number[] = [];
  readonly #waiting = new Map<string, number[]>();
  readonly #ids: (string | null)[] = [];
  readonly #byId = new Map<string, number>();
  #end = 0;
  #made = 0;
  #worked = 0;

  private constructor(read: Window, digest: Digest, bounds: PackBounds) {
    [this.#read, this.#digest, this.#bounds] = [read, digest, bounds];
  }

  /** Reads the pack from `from` on to the end. Throws an ArchiveError with the place. */
  static async open(open: OpenRange, from: number, size: number, digest: Digest, bounds: PackBounds): Promise<Pack> {
    const pack = new Pack(new Window(open, size), digest, bounds);
    await pack.#index(from, size);
    return pack;
  }

  get idBytes(): number {
    return this.#digest === 'sha1' ? 20 : 32;
  }

  async #turn(bytes: number): Promise<void> {
    this.#worked += turnBytes + bytes;
    if (this.#worked < pauseEvery) return;
    this.#worked = 0;
    await this.#bounds.goOn?.();
    await nextTurn();
  }

  #count(bytes: number, where: string): void {
    this.#made += bytes + perObject;
    if (this.#made > this.#bounds.bytesMax) {
      const most = this.#bounds.bytesMax;
      throw new ArchiveError(`The bundle’s objects are more than ${most} bytes: take less of the history, as from a clone with --depth 1.`, where);
    }
  }

  #idOf(kind: Kind, bytes: Buffer): string {
    return createHash(this.#digest).update(`${kind} ${bytes.length}\0`).update(bytes).digest('hex');
  }

  async #index(from: number, size: number): Promise<void> {
    const end = size - this.idBytes;
    const head = end - from < 12 ? Buffer.alloc(12) : await this.#read.bytes(from, from + 12);
    const [version, count] = [head.readUInt32BE(4), head.readUInt32BE(8)];
    if (head.toString('latin1', 0, 4) !== 'PACK' || (version !== 2 && version !== 3)) {
      throw new ArchiveError('The bundle holds no pack that is read here.', `byte ${from}`);
    }
    if (count > this.#bounds.objectsMax) throw new ArchiveError(`The bundle holds more than ${this.#bounds.objectsMax} objects.`, `byte ${from + 8}`);
    const sum = createHash(this.#digest).update(head);
    let at = from + 12;
    for (let n = 0; n < count; n++) {
      const next = await this.#indexOne(n, at, end);
      await this.#turn(this.#size[n] as number);
      for (let part = at; part < next; part += soonBytes) sum.update(await this.#read.bytes(part, Math.min(next, part + soonBytes)));
      at = next;
    }
    if (at !== end || !sum.digest().equals(await this.#read.bytes(end, size))) {
      throw new ArchiveError('The bundle’s sum does not hold: it is cut or changed.', `byte ${at}`);
    }
    this.#end = end;
  }

  async #indexOne(n: number, at: number, end: number): Promise<number> {
    const where = `byte ${at}`;
    const head = await this.#read.bytes(at, Math.min(end, at + 64));
    const first = head[0] ?? 0;
    const place = { at: 1 };
    const size = first < 0x80 ? first & 15 : sizeAt(head, place, first & 15, 16);
    const kind = (first >> 4) & 7;
    if (size > objectMax) throw new ArchiveError(`A file of the bundle is larger than ${objectMax} bytes.`, where);
    const base = this.#baseIn(head, kind, place, at);
    if (size < 0 || place.at > head.length || !(kind in kinds || kind === byPlace || kind === byName)) {
      throw new ArchiveError('An object of the bundle is broken.', where);
    }
    const body = at + place.at;
    this.#count(size, where);
    const { bytes, took } = await unpacked(await this.#read.bytes(body, Math.min(end, body + packedMost(size))), size, where);
    this.#at.push(at);
    this.#body.push(body);
    this.#kind.push(kind);
    this.#size.push(size);
    this.#firstMade.push(-1);
    this.#nextMade.push(-1);
    this.#base.push(-1);
    this.#ids.push(null);
    const known = typeof base === 'string' ? this.#byId.get(base) : base;
    if (known === undefined) this.#waiting.set(String(base), [...this.#waiting.get(String(base)) ?? [], n]);
    else if (known >= 0) this.#standsOn(n, known);
    else this.#note(n, this.#idOf(kinds[kind as 1], bytes));
    return body + took;
  }

  /** Of a change: the number of what it changes, or its id where that is named. */
  #baseIn(head: Buffer, kind: number, place: { at: number }, at: number): number | string {
    if (kind === byName) {
      place.at += this.idBytes;
      return head.toString('hex', place.at - this.idBytes, place.at);
    }
    if (kind !== byPlace) return -1;
    let byte = head[place.at++] ?? 0;
    let back = byte & 0x7f;
    while (byte >= 0x80 && place.at < head.length) {
      byte = head[place.at++] ?? 0;
      back = (back + 1) * 128 + (byte & 0x7f);
    }
    const base = this.#at.find(at - back);
    if (base < 0) throw new ArchiveError('A change in the bundle is of nothing before it.', `byte ${at}`);
    return base;
  }

  #standsOn(n: number, base: number): void {
    this.#base[n] = base;
    this.#nextMade[n] = this.#firstMade[base] as number;
    this.#firstMade[base] = n;
  }

  #note(n: number, id: string): void {
    this.#ids[n] = id;
    if (!this.#byId.has(id)) this.#byId.set(id, n);
    for (const waiting of this.#waiting.get(id) ?? []) this.#standsOn(waiting, n);
    this.#waiting.delete(id);
  }

  async #written(n: number): Promise<Buffer> {
    const [body, size] = [this.#body.get(n), this.#size[n] as number];
    const end = n + 1 < this.#at.length ? this.#at.get(n + 1) : this.#end;
    return (await unpacked(await this.#read.bytes(body, end), size, `byte ${this.#at.get(n)}`)).bytes;
  }

  /**
   * All objects of a kind, each once, in no order; those whose bytes nobody wants, and nothing is made of, are passed over. If it ends before
   * its end, nothing is left open.
   */
  async* all(kind: Kind, wants: (id: string) => boolean): AsyncGenerator<GitObject> {
    for (let root = 0; root < this.#at.length; root++) {
      if (kinds[this.#kind[root] as 1] !== kind) continue;
      const id = this.#ids[root] as string;
      if (this.#firstMade[root] === -1 && !wants(id)) continue;
      await this.#turn(this.#size[root] as number);
      const bytes = await this.#written(root);
      if (wants(id)) yield { id, bytes };
      yield* this.#madeOf(kind, root, bytes, wants);
    }
  }

  async* #madeOf(kind: Kind, root: number, bytes: Buffer, wants: (id: string) => boolean): AsyncGenerator<GitObject> {
    const open = [{ bytes, next: this.#firstMade[root] as number }];
    let held = bytes.length;
    while (open.length > 0) {
      const top = open.at(-1) as { bytes: Buffer; next: number };
      const n = top.next;
      if (n === -1) {
        held -= top.bytes.length;
        open.pop();
        continue;
      }
      top.next = this.#nextMade[n] as number;
      const where = `byte ${this.#at.get(n)}`;
      const made = patched(top.bytes, await this.#written(n), where);
      await this.#turn(made.length);
      this.#count(made.length, where);
      const id = this.#idOf(kind, made);
      if (this.#ids[n] === null) this.#note(n, id);
      if (wants(id)) yield { id, bytes: made };
      const first = this.#firstMade[n] as number;
      if (first === -1) continue;
      // The last that is made of one needs it no longer: a long row of changes holds two at a time.
      if (top.next === -1) {
        held -= top.bytes.length;
        open.pop();
      }
      held += made.length;
      if (held > heldMax) throw new ArchiveError(`Changes in the bundle want more than ${heldMax} bytes at once.`, where);
      open.push({ bytes: made, next: first });
    }
  }

  /** One object by its id, among those that `all` has come by; null where there is none. */
  async byId(id: string): Promise<{ kind: Kind; bytes: Buffer } | null> {
    const found = this.#byId.get(id);
    if (found === undefined) return null;
    const row = [found];
    for (let n = this.#base[found] as number; n !== -1; n = this.#base[n] as number) row.push(n);
    const root = row.pop() as number;
    let bytes = await this.#written(root);
    for (const n of row.reverse()) {
      bytes = patched(bytes, await this.#written(n), `byte ${this.#at.get(n)}`);
      await this.#turn(bytes.length);
      this.#count(bytes.length, `byte ${this.#at.get(n)}`);
    }
    return { kind: kinds[this.#kind[root] as 1], bytes };
  }
}
