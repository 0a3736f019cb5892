/**
 * What marks an object, in whole and in part, and how narrow its audience is by that. A level is the narrowest of all that apply: a
 * TLP:RED description in a TLP:GREEN object makes the object RED, since the object goes as a whole or not at all. What cannot be
 * told is reported, not guessed; whether to hold such an object back is the caller's to decide.
 */
import { isStixObject, own, type StixObject } from './object.ts';
import { covers, parseSelector, selected, type SelectorStep } from './selector.ts';
import { narrower, tlpOfId, tlpOfMarking, type TlpLevel } from './tlp.ts';
import { iepOfMarking, type IepPolicy } from './iep.ts';
import { parseId } from './id.ts';

export interface MarkingProblem {
  readonly code: 'malformed' | 'unresolved' | 'unknown-level' | 'bad-selector' | 'selects-nothing' | 'circular';
  /** JSON pointer within the object. */
  readonly path: string;
  readonly text: string;
  /** The marking definition's id, where one is named. */
  readonly marking?: string;
}

/** One granular marking, either by a marking definition or by a language (7.2.3). */
export interface GranularMarking {
  readonly index: number;
  readonly marking: string | null;
  readonly lang: string | null;
  /** Those that select something. */
  readonly selectors: readonly (readonly SelectorStep[])[];
}

export interface Markings {
  /** Ids in `object_marking_refs`, each once. */
  readonly object: readonly string[];
  readonly granular: readonly GranularMarking[];
  readonly problems: readonly MarkingProblem[];
}

/** An RFC 5646 tag by its shape: language, then subtags. */
export function isLanguageTag(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 100 && /^([a-z]{2,8}|x|i)(-[a-z0-9]{1,8})*$/i.test(value);
}

function isMarkingId(value: unknown): value is string {
  return parseId(value)?.type === 'marking-definition';
}

/** Reads one granular marking; null where nothing of it can be used. */
function granularOf(object: StixObject, value: unknown, index: number, problems: MarkingProblem[]): GranularMarking | null {
  const path = `/granular_markings/${index}`;
  const tell = (code: MarkingProblem['code'], at: string, text: string): void => void problems.push({ code, path: path + at, text });
  if (!isStixObject(value)) {
    tell('malformed', '', 'a granular marking is an object');
    return null;
  }
  const marking = own(value, 'marking_ref');
  const lang = own(value, 'lang');
  if (marking !== undefined && !isMarkingId(marking)) tell('malformed', '/marking_ref', 'marking_ref is not the id of a marking definition');
  if (lang !== undefined && !isLanguageTag(lang)) tell('malformed', '/lang', 'lang is no language tag of RFC 5646');
  if ((marking === undefined) === (lang === undefined)) tell('malformed', '', 'one of marking_ref and lang is wanted, and only one');
  const list = own(value, 'selectors');
  if (!Array.isArray(list) || list.length === 0) tell('malformed', '/selectors', 'selectors is a list with something in it');
  const selectors = (Array.isArray(list) ? list : []).flatMap((text: unknown, at) => {
    const steps = parseSelector(text);
    if (steps === null) {
      tell('bad-selector', `/selectors/${at}`, 'this is no selector');
      return [];
    }
    if (selected(object, steps)) return [steps];
    tell('selects-nothing', `/selectors/${at}`, `nothing is at ${String(text)}`);
    return [];
  });
  return { index, marking: isMarkingId(marking) ? marking : null, lang: isLanguageTag(lang) ? lang : null, selectors };
}

/** All markings of an object, and what is wrong with them. Never throws. */
export function markingsOf(object: StixObject): Markings {
  const problems: MarkingProblem[] = [];
  const refs = own(object, 'object_marking_refs');
  const ids = new Set<string>();
  if (refs !== undefined && !Array.isArray(refs)) problems.push({ code: 'malformed', path: '/object_marking_refs', text: 'object_marking_refs is a list' });
  for (const [i, ref] of (Array.isArray(refs) ? refs : []).entries()) {
    if (isMarkingId(ref)) ids.add(ref);
    else problems.push({ code: 'malformed', path: `/object_marking_refs/${i}`, text: 'this is not the id of a marking definition' });
  }
  const list = own(object, 'granular_markings');
  if (list !== undefined && !Array.isArray(list)) problems.push({ code: 'malformed', path: '/granular_markings', text: 'granular_markings is a list' });
  const granular = (Array.isArray(list) ? list : []).map((value: unknown, i) => granularOf(object, value, i, problems)).filter((m) => m !== null);
  const self = own(object, 'id');
  if (own(object, 'type') === 'marking-definition' && typeof self === 'string') {
    for (const id of [...ids, ...granular.map((m) => m.marking)]) {
      if (id === self) problems.push({ code: 'circular', path: '', text: 'a marking definition does not mark itself', marking: self });
    }
  }
  return { object: [...ids], granular, problems };
}

/** Marking definitions by id: those of the bundle, of the store, or both. Fixed TLP ids need none. */
export type MarkingDefinitions = (id: string) => StixObject | undefined;

/** As a look-up: the definitions among these objects. */
export function definitionsIn(objects: Iterable<StixObject>): MarkingDefinitions {
  const found = new Map<string, StixObject>();
  for (const object of objects) {
    const id = own(object, 'id');
    if (typeof id === 'string' && own(object, 'type') === 'marking-definition' && !found.has(id)) found.set(id, object);
  }
  return (id) => found.get(id);
}

export interface Level {
  /** The narrowest level that any marking states; null where none states one. */
  readonly level: TlpLevel | null;
  /** Everything that could make it narrower and could not be told, and whatever is malformed. */
  readonly problems: readonly MarkingProblem[];
  /** Ids of markings that are no TLP: statements, policies, schemes of others. They bind too. */
  readonly others: readonly string[];
  /** Information Exchange Policies among them, read. */
  readonly policies: readonly { readonly marking: string; readonly policy: IepPolicy }[];
}

/** What one marking definition says: a level, something else, or a problem. */
function weigh(id: string, definitions: MarkingDefinitions): { level?: TlpLevel; policy?: IepPolicy; other?: true; problem?: Omit<MarkingProblem,
  'path'> } {
  const known = tlpOfId(id);
  // Whoever sends another object under a fixed id changes nothing: the id alone says the level.
  if (known) return { level: known };
  const definition = definitions(id);
  if (!definition) return { problem: { code: 'unresolved', text: 'nobody sent this marking definition', marking: id } };
  const level = tlpOfMarking(definition);
  if (level === 'unknown') return { problem: { code: 'unknown-level', text: 'this marking is of TLP, of a level that nobody knows', marking: id } };
  if (level !== null) return { level };
  const iep = iepOfMarking(definition);
  if (!iep) return { other: true };
  const { policy } = iep;
  if (policy.tlp === null) return { other: true, policy, problem: { code: 'unknown-level', text: 'this policy states no level of TLP', marking: id } };
  return { other: true, policy, level: policy.tlp };
}

/**
 * How narrow the audience of an object is: the narrowest of its own markings and of all granular ones, also of those whose selectors
 * are broken, and of a policy's own level.
 */
export function levelOf(object: StixObject, definitions: MarkingDefinitions): Level {
  const markings = markingsOf(object);
  const problems = [...markings.problems];
  const others = new Set<string>();
  const policies = new Map<string, IepPolicy>();
  const places = new Map<string, string>();
  for (const id of markings.object) places.set(id, '/object_marking_refs');
  for (const { marking, index } of markings.granular) if (marking !== null && !places.has(marking)) places.set(marking,
    `/granular_markings/${index}/marking_ref`);
  let level: TlpLevel | null = null;
  for (const [id, path] of places) {
    const said = weigh(id, definitions);
    if (said.level) level = level === null ? said.level : narrower(level, said.level);
    if (said.other) others.add(id);
    if (said.policy) policies.set(id, said.policy);
    if (said.problem) problems.push({ ...said.problem, path });
  }
  return { level, problems, others: [...others], policies: [...policies].map(([marking, policy]) => ({ marking, policy })) };
}

/** Ids of the markings that apply at a place of the object: its own, and granular ones that lead there or to something around it. */
export function markingsAt(object: StixObject, place: readonly SelectorStep[]): readonly string[] {
  const { object: whole, granular } = markingsOf(object);
  const here = granular.filter((m) => m.selectors.some((steps) => covers(steps, place))).map((m) => m.marking);
  return [...new Set([...whole, ...here.filter((id) => id !== null)])];
}

/** The language at a place: of the closest granular marking around it, else of the object, else English (3.2, 7.2.3). */
export function languageAt(object: StixObject, place: readonly SelectorStep[]): string {
  let closest = { depth: 0, lang: isLanguageTag(own(object, 'lang')) ? String(own(object, 'lang')) : 'en' };
  for (const { lang, selectors } of markingsOf(object).granular) {
    for (const steps of lang === null ? [] : selectors) {
      if (steps.length > closest.depth && covers(steps, place)) closest = { depth: steps.length, lang: String(lang) };
    }
  }
  return closest.lang;
}
