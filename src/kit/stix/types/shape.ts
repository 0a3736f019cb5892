/**
 * The language of our tables: one line names the properties of a type, `!` marks what is required, then comes the kind of value.
 *
 *     name! s, labels [s], count i0..10, first_seen t, sectors [industry-sector-ov], created_by_ref >identity, hashes hashes
 *
 * s text, b truth, i integer and f float (with a range), t timestamp, hex, bin, lang, dict, hashes, json; NAME-ov open and NAME-enum closed
 * vocabularies; >TYPE|TYPE references, by type or kind; [X] lists; {NAME} structures.
 */
import { isVocabulary, type VocabularyName } from './vocabulary.ts';

export type Shape =
  | { readonly is: 'text' | 'truth' | 'timestamp' | 'hex' | 'binary' | 'language' | 'dictionary' | 'hashes' | 'json' }
  | { readonly is: 'integer' | 'float'; readonly min: number; readonly max: number }
  | { readonly is: 'vocabulary'; readonly name: VocabularyName; readonly open: boolean }
  /** Types, or `sdo`, `sco`, `sro`, `any`, of which objects of types that nobody knows are too. */
  | { readonly is: 'reference'; readonly to: readonly string[] }
  | { readonly is: 'list'; readonly of: Shape }
  | { readonly is: 'structure'; readonly name: string };

export interface Property {
  readonly name: string;
  readonly required: boolean;
  readonly shape: Shape;
}
export type Properties = ReadonlyMap<string, Property>;

/** What holds between the properties of one object. */
export type Relation =
  /** The second is not before the first; `later`: after it. */
  | { readonly rule: 'order'; readonly first: string; readonly second: string; readonly later: boolean }
  /** At least one of these is there; no names: of all that are its own. */
  | { readonly rule: 'some'; readonly of: readonly string[] }
  /** Exactly one. */
  | { readonly rule: 'one'; readonly of: readonly string[] }
  /** The first is not there without the second. */
  | { readonly rule: 'needs'; readonly first: string; readonly second: string };

const plain: Readonly<Record<string, Shape>> = {
  s: { is: 'text' }, b: { is: 'truth' }, t: { is: 'timestamp' }, hex: { is: 'hex' }, bin: { is: 'binary' }, lang: { is: 'language' },
  dict: { is: 'dictionary' }, hashes: { is: 'hashes' }, json: { is: 'json' },
  i: { is: 'integer', min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }, f: { is: 'float', min: -Infinity, max: Infinity },
};

function shapeOf(text: string): Shape {
  const known = plain[text];
  if (known) return known;
  if (text.startsWith('[')) return { is: 'list', of: shapeOf(text.slice(1, -1)) };
  if (text.startsWith('{')) return { is: 'structure', name: text.slice(1, -1) };
  if (text.startsWith('>')) return { is: 'reference', to: text.slice(1).split('|') };
  const range = /^([if])(-?[\d.]+?)\.\.(-?[\d.]*)$/.exec(text);
  if (range) {
    return { is: range[1] === 'i' ? 'integer' : 'float', min: Number(range[2]), max: range[3] ? Number(range[3]) : Number.MAX_SAFE_INTEGER };
  }
  if (isVocabulary(text)) return { is: 'vocabulary', name: text, open: text.endsWith('-ov') };
  throw new Error(`a table names a kind of value that does not exist: ${text}`);
}

/** Reads a line of a table. Throws where our own table is wrong. */
export function propertiesOf(...lines: readonly string[]): Properties {
  return new Map(lines.filter(Boolean).join(', ').split(/,\s+/).map((line) => {
    const [, name = '', required, shape = ''] = /^([a-z0-9_]+)(!?) (\S+)$/i.exec(line.trim()) ?? [];
    return [name, { name, required: required === '!', shape: shapeOf(shape) }];
  }));
}

export interface TypeTable {
  readonly type: string;
  /** Section of the standard; its property table is `.1` of it. */
  readonly clause: string;
  readonly properties: Properties;
  /** Extensions that the standard defines for the type, by key. */
  readonly extensions: readonly string[];
  readonly relations: readonly Relation[];
}
export interface StructureTable {
  readonly clause: string;
  readonly properties: Properties;
  readonly relations: readonly Relation[];
}

/** `a < b`, `a <= b`, `some a b`, `some`, `one a b`, `a needs b`. */
export function relationsOf(texts: readonly string[]): readonly Relation[] {
  return texts.map((text) => {
    const words = text.split(' ');
    const [first = '', second = '', third = ''] = words;
    if (second === '<' || second === '<=') return { rule: 'order', first, second: third, later: second === '<' };
    if (second === 'needs') return { rule: 'needs', first, second: third };
    if (first === 'some' || first === 'one') return { rule: first, of: words.slice(1) };
    throw new Error(`a table names a relation that does not exist: ${text}`);
  });
}
