/**
 * Events of MISP as the exchange keeps them: objects of STIX, no second store. Two things are said here beside what `kit/misp` says. An
 * observable's id is made of what it is and of how narrow it is, so that the narrower event of two does not take it from the other; and
 * what is not published, or distributed to fewer than its label would let it, is marked for the own organisation.
 */
import { uuidOfId } from '#kit/misp/carry';
import { mispLimits, mispNamespace, type Loss, type MispEvent } from '#kit/misp/model';
import { readMisp } from '#kit/misp/read';
import { beginsAsMisp, recognisedBytes } from '#kit/misp/recognise';
import { toStix } from '#kit/misp/to-stix';
import { Refusal } from '#kit/refusal';
import { definitionsIn, levelOf } from '#kit/stix/marking';
import { isStixObject, own, type StixObject } from '#kit/stix/object';
import { uuid5 } from '#kit/stix/sco-id';
import { tlp2Markings, tlpOfId, withinTlp, type TlpLevel } from '#kit/stix/tlp';
import { kindOf } from '#kit/stix/types/names';
import type { Tlp } from '#kit/endpoint';
import type { Piece } from '../actions/intake.ts';

/** The uuid by which an organisation of the hub is one of MISP's. */
export const orgUuid = (org: string): string => uuid5(mispNamespace, `organisation ${org}`);

/** The narrowest that MISP's distribution `Your organisation only` can mean, and `Sharing group`, whose members the hub does not know. */
const floor: TlpLevel = 'amber+strict';
export const isForFew = (distribution: number): boolean => distribution === 0 || distribution === 4;

/** What is not published yet, or for few, stays in the own organisation. */
export const isHeldBack = (event: Pick<MispEvent, 'distribution' | 'published'>): boolean => !event.published || isForFew(event.distribution);

const noDefinitions = definitionsIn([]);
function marked(object: StixObject, level: TlpLevel): StixObject {
  const now = levelOf(object, noDefinitions).level;
  if (now !== null && withinTlp(level, now)) return object;
  const refs = Array.isArray(own(object, 'object_marking_refs')) ? (own(object, 'object_marking_refs') as unknown[]) : [];
  return { ...object, object_marking_refs: [...refs, tlp2Markings[level]['id']] };
}

/** A copy in which every reference leads to where its aim is now. */
function redirected(value: unknown, moved: ReadonlyMap<string, string>, name = ''): unknown {
  if (typeof value === 'string') return /_refs?$/.test(name) || name === 'id' ? moved.get(value) ?? value : value;
  if (Array.isArray(value)) return value.map((item) => redirected(item, moved, name));
  if (!isStixObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redirected(inner, moved, key)]));
}

const isObservable = (object: StixObject): boolean => kindOf(String(object['type'])) === 'sco';
const isCluster = (object: StixObject): boolean => own(object, 'x_misp_galaxy') !== undefined;

export interface Stored {
  readonly objects: readonly StixObject[];
  /** What is lost of it, or differs when it is read again. Paths are those of the event. */
  readonly losses: readonly Loss[];
}

export interface Keeping {
  /** The uuid of one's own organisation, whose name is no secret. */
  readonly us: string;
  /** Label of what carries none. */
  readonly unmarked: Tlp;
}

/** The objects that an event is kept as. */
export function storedOf(event: MispEvent, { us, unmarked }: Keeping): Stored {
  const { objects, losses } = toStix(event);
  const narrow = new Set<string>();
  const few = isHeldBack(event);
  for (const object of objects) {
    const distribution = Number(own(object, 'x_misp_distribution') ?? 5);
    if (few || isForFew(distribution)) {
      narrow.add(String(object['id']));
      if (object['type'] === 'observed-data') for (const ref of own(object, 'object_refs') as string[]) narrow.add(ref);
    }
  }
  const kept = objects.filter((object) => tlpOfId(String(object['id'])) === null).map((object) => {
    // A sector is an identity too, and nobody's name.
    if (object['type'] === 'identity' && !isCluster(object)) return marked(object, String(object['id']).endsWith(us) ? 'clear' : floor);
    const narrowed = narrow.has(String(object['id'])) ? marked(object, floor) : object;
    return isObservable(object) && levelOf(narrowed, noDefinitions).level === null ? marked(narrowed, unmarked.toLowerCase() as TlpLevel) : narrowed;
  });
  const moved = new Map(kept.flatMap((object) => {
    const id = String(object['id']);
    const level = levelOf(object, noDefinitions).level;
    // A cluster's id is made of all that it says, so that one that is marked further is another.
    const other = isObservable(object) ? level !== null && level !== 'clear' : isCluster(object) && narrow.has(id);
    return other ? [[id, `${String(object['type'])}--${uuid5(mispNamespace, `${id} ${level}`)}`] as const] : [];
  }));
  const values = new Map(event.attributes.map((attribute) => [attribute.uuid, attribute.value]));
  return { objects: kept.map((object) => withValue(moved.size === 0 ? object : redirected(object, moved) as StixObject, values)), losses };
}

/** An attribute's value stands beside what STIX says of it, so that it is found by it whatever its type is. */
function withValue(object: StixObject, values: ReadonlyMap<string, string>): StixObject {
  const value = own(object, 'x_misp_type') === undefined ? undefined : values.get(uuidOfId(object));
  return value === undefined ? object : { ...object, x_misp_value: value };
}

export interface TakenApart {
  readonly pieces: readonly Piece[];
  readonly events: number;
  /** What was wrong, and what is lost, each with its place in the file. */
  readonly losses: readonly Loss[];
  readonly more: boolean;
}

/** A file of MISP (an event, a list, an answer of its API, an event of a feed) as the pieces of a delivery. */
export function takenApart(value: unknown, keeping: Keeping): TakenApart {
  const read = readMisp(value);
  const losses: Loss[] = [
    ...read.problems.map(({ path, text }) => ({ path, what: path.slice(path.lastIndexOf('/') + 1) || 'event', why: text })), ...read.losses,
  ];
  if (read.events.length === 0 && losses.length === 0) losses.push({ path: '', what: 'events', why: 'there is no event in it' });
  const pieces: Piece[] = [];
  for (const [i, event] of read.events.entries()) {
    const stored = storedOf(event, keeping);
    for (const loss of stored.losses) losses.push(read.events.length === 1 ? loss : { ...loss, path: `/${i}${loss.path}` });
    for (const object of stored.objects) {
      pieces.push({ place: `event ${i + 1}, ${String(object['type'])}`, value: object, body: JSON.stringify(object) });
    }
  }
  return { pieces, events: read.events.length, losses: losses.slice(0, mispLimits.notes), more: read.more || losses.length > mispLimits.notes };
}

/** The largest file of MISP that is taken at once, in bytes: it is one JSON value, and is held whole. */
export const largestMisp = 64_000_000;

async function wholeText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > largestMisp) throw new Refusal('too-large', 'misp.too-large', `A file of MISP is at most ${largestMisp / 1_000_000} MB.`);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new Refusal('invalid', 'input.not-utf8', 'The body is not UTF-8.');
  }
}

/** The JSON value of a body that is held whole. */
export async function jsonOf(body: AsyncIterable<Uint8Array>): Promise<unknown> {
  const text = await wholeText(body);
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Refusal('invalid', 'input.not-json', `The body is no JSON: ${error instanceof Error ? error.message.slice(0, 120) : 'unreadable'}.`);
  }
}

/** Whether a stream is a file of MISP, and the same stream from its beginning. */
export async function peeked(body: AsyncIterable<Uint8Array>): Promise<{ readonly misp: boolean; readonly whole: AsyncIterable<Uint8Array> }> {
  const reader = body[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let bytes = 0;
  let ended = false;
  while (bytes < recognisedBytes && !ended) {
    const next = await reader.next();
    if (next.done === true) ended = true;
    else {
      head.push(next.value);
      bytes += next.value.length;
    }
  }
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield* head;
    while (!ended) {
      const next = await reader.next();
      if (next.done === true) return;
      yield next.value;
    }
  }
  return { misp: beginsAsMisp(Buffer.concat(head).toString('utf8')), whole: whole() };
}
