/**
 * Objects out of a stream of bytes, one at a time, so that a bundle of a gigabyte costs the memory of its largest object: a STIX bundle,
 * a TAXII envelope, a list of objects, or objects one after another (NDJSON). A bad object is a located problem and stops no other
 * one, as long as its end can be seen; where brackets do not fit that is no longer so, and reading ends.
 */
import { isUtf8 } from 'node:buffer';
import { once } from '#kit/once';
import { jsonFault } from './json-fault.ts';
import { isWellFormedDeep, keysIn } from './json-count.ts';
import { isStixObject, type StixObject } from './object.ts';
import { Cutter, type Cut, type CutProblem, type Place } from './cutter.ts';

export interface BundleLimits {
  /** Bytes of one object. */
  readonly objectBytes: number;
  /** Levels of lists and objects within one object, itself included. */
  readonly depth: number;
  /** Objects, good or bad. */
  readonly objects: number;
  /** Whether each object is one by itself, and none a bundle of others. */
  readonly lone?: boolean;
}
export const bundleLimits: BundleLimits = { objectBytes: 8 * 1_048_576, depth: 64, objects: 10_000_000 };

export type BundleProblemCode = CutProblem | 'utf-8' | 'too-many' | 'duplicate-key' | 'surrogate' | 'not-object';

export interface BundleProblem extends Place {
  readonly kind: 'problem';
  readonly code: BundleProblemCode;
  readonly text: string;
  /** Which object it is about, counted from 0; null where it is about none. */
  readonly index: number | null;
  /** Whether reading ended here: whatever follows was not looked at. */
  readonly fatal: boolean;
}

export interface BundleObject {
  readonly kind: 'object';
  readonly index: number;
  readonly offset: number;
  readonly length: number;
  /** The bytes as they were sent; the reader keeps nothing of them. */
  readonly raw: Uint8Array;
  readonly value: StixObject;
}

/** Comes last, and always. */
export interface BundleEnd {
  readonly kind: 'end';
  /** What the stream was: `none` where nothing could be told. */
  readonly form: 'bundle' | 'list' | 'lines' | 'none';
  /** The properties beside `objects` (`type`, `id`, `more`, `next` …), each of at most 4 KB. */
  readonly fields: StixObject;
  readonly objects: number;
  readonly bad: number;
  /** How many bytes came, up to the end or to the chunk in which reading ended. */
  readonly bytes: number;
}
export type BundleItem = BundleObject | BundleProblem | BundleEnd;

/** Bytes that are looked at before somebody else has a turn. */
const slice = 262_144;

/** Turns what the cutter cuts into objects and problems. */
class Sorter {
  readonly fields: Record<string, unknown> = {};
  objects = 0;
  bad = 0;
  ended = false;
  private readonly limits: BundleLimits;
  constructor(limits: BundleLimits) {
    this.limits = limits;
  }

  *sort(cuts: readonly Cut[]): Generator<BundleObject | BundleProblem> {
    for (const cut of cuts) {
      if (this.ended) return;
      if (cut.kind === 'problem') yield this.told(cut.code, cut.text, cut.place, cut.item, cut.fatal);
      else if (cut.kind === 'field') yield* this.field(cut);
      else yield this.item(cut);
    }
  }

  private told(code: BundleProblemCode, text: string, place: Place, item: boolean, fatal = false): BundleProblem {
    if (item) this.bad++;
    this.ended ||= fatal;
    return { kind: 'problem', code, text, ...place, fatal, index: item ? this.objects + this.bad - 1 : null };
  }

  private *field({ key, raw, place, again }: Extract<Cut, { kind: 'field' }>): Generator<BundleProblem> {
    if (again || Object.hasOwn(this.fields, key)) {
      yield this.told('duplicate-key', `the key ${JSON.stringify(key)} stands here a second time`, place, false);
      return;
    }
    if (raw === null) return;
    const fault = isUtf8(raw) ? jsonFault(raw, this.limits.depth) : { code: 'utf-8' as const, text: 'these bytes are not UTF-8' };
    if (fault) yield this.told(fault.code, fault.text, place, false);
    // A key like `__proto__` is kept as one.
    else Object.defineProperty(this.fields, key, { value: JSON.parse(textIn(raw)), enumerable: true, configurable: true });
  }

  private item({ raw, place, smells }: Extract<Cut, { kind: 'item' }>): BundleObject | BundleProblem {
    const index = this.objects + this.bad;
    if (index >= this.limits.objects) return this.told('too-many', `more than ${this.limits.objects} objects`, place, false, true);
    const found = objectIn(raw, smells, this.limits.depth);
    if (!('value' in found)) return this.told(found.code, found.text, placeWithin(place, raw, found.offset), true);
    this.objects++;
    return { kind: 'object', index, offset: place.offset, length: raw.length, raw, value: found.value };
  }
}

function textIn(raw: Uint8Array): string {
  return Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('utf8');
}

function placeWithin(start: Place, raw: Uint8Array, offset: number): Place {
  let { line, column } = start;
  for (let i = 0; i < offset; i++) {
    if (raw[i] === 10) [line, column] = [line + 1, 1];
    else column++;
  }
  return { offset: start.offset + offset, line, column };
}

type Found = { readonly value: StixObject } | { readonly code: BundleProblemCode; readonly offset: number; readonly text: string };

function objectIn(raw: Uint8Array, smells: boolean, depth: number): Found {
  if (!isUtf8(raw)) return { code: 'utf-8', offset: firstBad(raw), text: 'these bytes are not UTF-8' };
  let value: unknown;
  try {
    value = JSON.parse(textIn(raw));
  } catch {
    return jsonFault(raw, depth) ?? { code: 'syntax', offset: 0, text: 'this is no JSON' };
  }
  if (!isStixObject(value)) return { code: 'not-object', offset: 0, text: 'only objects may stand here' };
  // Two keys of one name leave one value: fewer keys than there are colons.
  if (keysIn(value) !== keysIn(raw) || (smells && !isWellFormedDeep(value))) {
    const fault = jsonFault(raw, depth);
    if (fault) return fault;
  }
  return { value };
}

/** Offset of the first byte that belongs to no character. */
function firstBad(raw: Uint8Array): number {
  let at = 0;
  while (at < raw.length) {
    const lead = raw[at] ?? 0;
    const size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (size > 1 && !isUtf8(raw.subarray(at, at + size))) break;
    at += size;
  }
  return at;
}

/**
 * Reads a stream to its end, or to the problem that ends it. Throws only what the source throws. A consumer that stops early stops the
 * source too.
 */
export async function* readBundle(source: AsyncIterable<Uint8Array>, limits: Partial<BundleLimits> = {}): AsyncGenerator<BundleItem> {
  const all = { ...bundleLimits, ...limits };
  const cutter = new Cutter(all.objectBytes, all.depth, all.lone);
  const sorter = new Sorter(all);
  let bytes = 0;
  reading: for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += slice) {
      const part = chunk.subarray(at, at + slice);
      bytes += part.length;
      yield* sorter.sort(cutter.push(part));
      if (sorter.ended) break reading;
    }
  }
  if (!sorter.ended) yield* sorter.sort(cutter.end());
  yield { kind: 'end', form: cutter.form, fields: sorter.fields, objects: sorter.objects, bad: sorter.bad, bytes };
}

/** The same over bytes that are there already. */
export async function* readBundleBytes(bytes: Uint8Array, limits: Partial<BundleLimits> = {}): AsyncGenerator<BundleItem> {
  yield* readBundle(once(bytes), limits);
}
