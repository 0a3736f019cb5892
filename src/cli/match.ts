/**
 * `entente match FILE --against FILE`: finds indicators in a log of any format, offline. Indicators come from STIX (a bundle, an envelope,
 * objects line by line) or from a list with one value a line; warninglists silence. Says each occurrence, and ends with how many there were.
 */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { inflated, type Broken } from '#kit/lines/inflate';
import { LineReader } from '#kit/lines/lines';
import { atomsOf } from '#kit/match/atoms';
import { Exceptions, listLine, warninglistOf } from '#kit/match/lists';
import { match, type Hit } from '#kit/match/matcher';
import { MatchIndex } from '#kit/match/table';
import { readValue } from '#kit/match/value';
import { readBundle } from '#kit/stix/bundle';
import { StartError } from '#world/folder';

export interface MatchRequest {
  /** The log; `-` is standard input. */
  readonly file: string;
  readonly against: readonly string[];
  readonly except: readonly string[];
  readonly json: boolean;
}
export interface MatchSay {
  out(line: string): void;
  err(line: string): void;
  /** Standard input. */
  readonly input: AsyncIterable<Uint8Array>;
}

const mostTold = 5;
const longestListLine = 65_536;
const longestWarninglist = 256 * 1_048_576;

/** What indicators there are, and which objects state them. */
class Indicators {
  readonly index: MatchIndex;
  private readonly ids = new Map<number, string[]>();
  constructor(seed: number) {
    this.index = new MatchIndex(seed);
  }
  add(value: Parameters<MatchIndex['add']>[0], id: string | null): void {
    const entry = this.index.add(value);
    if (entry < 0 || id === null) return;
    const known = this.ids.get(entry);
    if (known) known.push(id);
    else this.ids.set(entry, [id]);
  }
  idsOf(entry: number): readonly string[] {
    return this.ids.get(entry) ?? [];
  }
}

async function* bytesOf(path: string, say: MatchSay): AsyncGenerator<Uint8Array> {
  if (path === '-') yield* say.input;
  else {
    const stream = createReadStream(path, { highWaterMark: 262_144 });
    try {
      yield* stream as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw new StartError(`The file ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`, 66, { cause: error });
    }
  }
}

/** The bytes of a file, unpacked where they are packed; what is broken is an error, once what came before has been given out. */
async function* read(path: string, say: MatchSay): AsyncGenerator<Uint8Array> {
  const broken: Broken[] = [];
  yield* inflated(bytesOf(path, say), (b) => broken.push(b));
  if (broken[0]) throw new StartError(`The file ${path} is broken: ${broken[0].detail}.`, 65);
}

/** The first bytes that are no space, and then all. */
async function begin(source: AsyncIterable<Uint8Array>): Promise<{ readonly first: string; readonly all: AsyncGenerator<Uint8Array> }> {
  const chunks = source[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  let first = '';
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    seen.push(next.value);
    first = Buffer.from(next.value.subarray(0, 4096)).toString('latin1').replace(/^\xef\xbb\xbf/, '').trim().slice(0, 1);
    if (first !== '') break;
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* seen;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  }
  return { first, all: all() };
}

/** Tells a few troubles of a file, and how many more there are. */
class Troubles {
  private readonly path: string;
  private readonly say: MatchSay;
  private count = 0;
  constructor(path: string, say: MatchSay) {
    this.path = path;
    this.say = say;
  }
  tell(text: string): void {
    if (this.count++ < mostTold) this.say.err(`${basename(this.path)}: ${text}`);
  }
  end(): void {
    if (this.count > mostTold) this.say.err(`${basename(this.path)}: and ${this.count - mostTold} more.`);
  }
}

async function eachLine(source: AsyncIterable<Uint8Array>, troubles: Troubles, take: (text: string, line: number) => void): Promise<void> {
  const reader = new LineReader({ line: take, trouble: (t) => troubles.tell(`line ${t.line} is not taken: ${t.detail}`) }, longestListLine);
  for await (const chunk of source) reader.push(chunk);
  reader.end();
}

async function takeIndicators(path: string, into: Indicators, say: MatchSay): Promise<void> {
  const { first, all } = await begin(read(path, say));
  const troubles = new Troubles(path, say);
  const before = into.index.size;
  if (first === '{' || (first === '[' && !/^\[[0-9a-f:]*\]/i.test(first))) {
    for await (const item of readBundle(all)) {
      if (item.kind === 'problem') troubles.tell(`line ${item.line}, column ${item.column}: ${item.text}`);
      else if (item.kind === 'object' && item.value['revoked'] !== true) {
        const id = typeof item.value['id'] === 'string' ? item.value['id'] : null;
        for (const value of atomsOf(item.value)) into.add(value, id);
      }
    }
  } else {
    await eachLine(all, troubles, (text, line) => {
      const value = listLine(text);
      if (value === null) troubles.tell(`line ${line} is no value`);
      else if (value !== 'empty') into.add(value, null);
    });
  }
  troubles.end();
  if (into.index.size === before && before === 0) say.err(`${basename(path)}: holds no value that can be looked for.`);
}

async function takeExceptions(path: string, into: Exceptions, say: MatchSay): Promise<void> {
  const { first, all } = await begin(read(path, say));
  const troubles = new Troubles(path, say);
  if (first === '{') {
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of all) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > longestWarninglist) throw new StartError(`The warninglist ${path} is longer than ${longestWarninglist} bytes.`, 65);
    }
    const list = warninglistOf(parsed(Buffer.concat(chunks).toString('utf8'), path));
    if (typeof list === 'string') throw new StartError(`The file ${path} is ${list}.`, 65);
    for (const value of list.values) into.add(value, list.covers);
    if (list.unread > 0) troubles.tell(`${list.unread} entries are no values`);
  } else {
    await eachLine(all, troubles, (text, line) => {
      const value = listLine(text);
      if (value === null) troubles.tell(`line ${line} is no value`);
      else if (value !== 'empty') into.add(value, true);
    });
  }
  troubles.end();
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StartError(`The file ${path} is no JSON: ${(error as Error).message}.`, 65);
  }
}

/** Whether a list names the indicator, or what stands in the log. */
function silenced({ found, entry }: Hit, index: MatchIndex, exceptions: Exceptions): boolean {
  if (exceptions.has(index.valueOf(entry))) return true;
  const value = readValue(found);
  return value !== null && exceptions.has(value);
}

/** Answers the exit code: 0 nothing found, 1 something. Errors are StartErrors, whose codes begin at 64. */
export async function matchLog(request: MatchRequest, seed: number, say: MatchSay): Promise<0 | 1> {
  if ([request.file, ...request.against, ...request.except].filter((f) => f === '-').length > 1) {
    throw new StartError('Standard input can be read once only: one of the files may be -.', 64);
  }
  const indicators = new Indicators(seed);
  const exceptions = new Exceptions();
  for (const path of request.against) await takeIndicators(path, indicators, say);
  for (const path of request.except) await takeExceptions(path, exceptions, say);
  const { index } = indicators;
  let found = 0;
  let silent = 0;
  for await (const hit of match(index, read(request.file, say))) {
    if (silenced(hit, index, exceptions)) {
      silent++;
      continue;
    }
    found++;
    const { kind, value } = index.valueOf(hit.entry);
    const ids = indicators.idsOf(hit.entry);
    const { line, offset, length } = hit;
    if (request.json) say.out(JSON.stringify({ line, offset, length, kind, found: hit.found, indicator: value, ids }));
    else say.out([`${line}:${offset}`, hit.found, kind, value, ...ids].join('\t'));
  }
  say.err(`${found} found${request.except.length > 0 ? `, ${silent} silenced` : ''}; ${index.size} indicators.`);
  return found > 0 ? 1 : 0;
}
