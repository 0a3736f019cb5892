/**
 * Where a name is defined, and where it is used, out of an index of text: the files in which it stands as a word are found by the index, and
 * scanned. So nothing is stored that could differ from the text, and every answer comes of bytes that were checked. Where a name stands in
 * very many files, and no lists of names were made with the index, only those are scanned in which a line may define it.
 */
import { toUtf8 } from '#kit/encoding';
import type { FilePart, Manifest } from '../index/layout.ts';
import type { Shard } from '../index/shard.ts';
import { pathFilter } from '../query/paths.ts';
import { search, type Hit, type SearchOptions } from '../query/search.ts';
import type { Definition } from './definition.ts';
import { mayDefine, placeIn } from './likely.ts';
import type { Names } from './names.ts';
import { byRank } from './ranking.ts';
import { definitionsIn, mostScannedBytes, scannedLanguageOf, scannedLanguages } from './scan.ts';

export interface Found extends Definition {
  readonly path: string;
  /** The line that it stands in, at most 400 bytes, and where in the file the line begins. */
  readonly text: Uint8Array;
  readonly start: number;
}

export interface Definitions {
  readonly found: readonly Found[];
  /** Files, or parts of them, that may define it; that were scanned; and that are too long to be. */
  readonly files: number;
  readonly scanned: number;
  readonly tooLong: readonly string[];
  readonly ended: 'complete' | 'cancelled';
}

/** Up to so many files every one is scanned. */
const scannedAlways = 50;
const shown = 400;

interface Place {
  readonly shard: Shard;
  readonly part: FilePart;
  likely: boolean;
}

/** The parts of files in which the name stands, in the order of the index. Nothing is given while it goes on. */
function* placesOf(manifest: Manifest, shards: Iterable<Shard>, name: string, options: SearchOptions): Generator<null, Place[]> {
  const places = new Map<FilePart, Place>();
  let current: Shard | null = null;
  function* seen(): Generator<Shard> {
    for (const shard of shards) {
      current = shard;
      yield shard;
    }
  }
  const question = { text: name, kind: 'text', wholeWord: true, most: Infinity, paths: pathFilter({ languages: scannedLanguages }) } as const;
  for (const { hits } of search(manifest, seen(), question, options)) {
    for (const hit of hits) {
      if (hit.encoding !== 'bytes' || !current) continue;
      const shard: Shard = current;
      const part = shard.parts[shard.partOf[hit.block] as number] as FilePart;
      const place = places.get(part) ?? { shard, part, likely: false };
      place.likely ||= isLikely(hit);
      places.set(part, place);
    }
    yield null;
  }
  return [...places.values()];
}

function isLikely({ text, textFrom, match }: Hit): boolean {
  if (!match || textFrom > 0) return true;
  return mayDefine(placeIn(latin1(text), match.from, match.to));
}

const latin1 = (bytes: Uint8Array): string => {
  let out = '';
  for (const byte of bytes) out += String.fromCharCode(byte);
  return out;
};

/** The parts that define it, as the lists say that were made with the index. */
function* listedPlaces(shards: Iterable<Shard>, name: string, namesOf: NamesOf, tooLong: string[]): Generator<null, Place[]> {
  const places: Place[] = [];
  for (const shard of shards) {
    const names = namesOf(shard);
    for (const number of names.tooLong) tooLong.push((shard.parts[number] as FilePart).path);
    for (const number of names.partsWith(name)) places.push({ shard, part: shard.parts[number] as FilePart, likely: true });
    yield null;
  }
  return places.filter(({ part }) => !part.dropped);
}

export type NamesOf = (shard: Shard) => Names;

export interface LookupOptions extends SearchOptions {
  /** The lists of names, where they were made. */
  readonly names?: NamesOf | null;
}

/** Gives null now and then, so that whoever runs it can stop, and the answer at its end. */
export function* definitionsOf(manifest: Manifest, shards: Iterable<Shard>, name: string, options: LookupOptions = {}): Generator<null, Definitions> {
  const wanted = latin1(toUtf8(name));
  const tooLong: string[] = [];
  const places = yield* options.names ? listedPlaces(shards, wanted, options.names, tooLong) : placesOf(manifest, shards, name, options);
  const found: Found[] = [];
  let scanned = 0;
  for (const { shard, part, likely } of places) {
    if (options.signal?.aborted) break;
    const [from, to] = [shard.starts[part.firstBlock] as number, shard.starts[part.firstBlock + part.blocks] as number];
    const language = scannedLanguageOf(part.path);
    if (!language || (!likely && places.length > scannedAlways)) continue;
    if (to - from > mostScannedBytes) {
      tooLong.push(part.path);
      continue;
    }
    scanned++;
    const bytes = shard.text(from, to);
    for (const definition of definitionsIn(language, bytes)) if (definition.name === wanted) found.push(placed(definition, part, bytes));
    yield null;
  }
  const ended = options.signal?.aborted ? 'cancelled' : 'complete';
  return { found: found.sort(byRank), files: places.length, scanned, tooLong, ended };
}

/** Places of a part as places of the file, with the line. */
function placed(definition: Definition, { path, fromByte, fromLine }: FilePart, bytes: Uint8Array): Found {
  const start = bytes.lastIndexOf(10, definition.from) + 1;
  const feed = bytes.indexOf(10, definition.from);
  const end = Math.min(feed < 0 ? bytes.length : feed, start + shown);
  return {
    ...definition, line: definition.line + fromLine, from: definition.from + fromByte, to: definition.to + fromByte, path, start: start + fromByte,
    text: new Uint8Array(bytes.subarray(start, end)),
  };
}

/** Whether a hit is where one of these stands. */
export function isDefinition(found: readonly Found[]): (hit: Pick<Hit, 'path' | 'offset' | 'match'>) => boolean {
  const places = new Set(found.map(({ path, from }) => `${from} ${path}`));
  return ({ path, offset, match }) => match !== null && places.has(`${offset + match.from} ${path}`);
}
