/** Whether a value is what a property wants (STIX 2.1, section 2), and whether the properties of one object fit together. */
import { isWellFormed } from '#kit/encoding';
import { parseId } from './id.ts';
import { isLanguageTag } from './marking.ts';
import { within, type Notes } from './notes.ts';
import { isStixObject, own, type StixObject } from './object.ts';
import { compareTimes, parseTime } from './time.ts';
import { kindOf } from './types/names.ts';
import type { Properties, Relation, Shape, StructureTable } from './types/shape.ts';
import { structures } from './types/structures.ts';
import { termsOf } from './types/vocabulary.ts';

const hashShapes: Readonly<Record<string, RegExp>> = {
  MD5: /^[0-9a-f]{32}$/i, 'SHA-1': /^[0-9a-f]{40}$/i, 'SHA-256': /^[0-9a-f]{64}$/i, 'SHA-512': /^[0-9a-f]{128}$/i, 'SHA3-256': /^[0-9a-f]{64}$/i,
  'SHA3-512': /^[0-9a-f]{128}$/i, SSDEEP: /^\d+:[a-zA-Z0-9/+]*:[a-zA-Z0-9/+]*$/, TLSH: /^(T1)?[0-9a-f]{70}$/i,
};

/** Further checks of a structure, by its name; `check-types.ts` gives them. */
export type StructureRules = Readonly<Record<string, (notes: Notes, value: StixObject, path: string) => void>>;

export class Values {
  private readonly notes: Notes;
  private readonly rules: StructureRules;
  constructor(notes: Notes, rules: StructureRules) {
    this.notes = notes;
    this.rules = rules;
  }

  /** One value against its kind. `clause` is the section that defines the property. */
  check(shape: Shape, value: unknown, path: string, clause: string): void {
    const { notes } = this;
    if (notes.full) return;
    switch (shape.is) {
      case 'text': return void this.text(value, path);
      case 'truth': return void (typeof value === 'boolean' || notes.must('truth', '2.2', path, 'this is true or false'));
      case 'integer': case 'float': return this.number(shape, value, path, clause);
      case 'timestamp': return void (parseTime(value) || notes.must('timestamp', '2.16.1', path, 'this is a time as in 2026-01-31T12:00:00.000Z'));
      case 'language': return void (isLanguageTag(value) || notes.must('language', clause, path, 'this is a language tag of RFC 5646'));
      case 'hex': return this.hex(value, path);
      case 'binary': return this.binary(value, path);
      case 'dictionary': return this.dictionary(value, path);
      case 'hashes': return this.hashes(value, path);
      case 'vocabulary': return this.vocabulary(shape, value, path);
      case 'reference': return this.reference(shape.to, value, path, clause);
      case 'list': return this.list(shape.of, value, path, clause);
      case 'structure': return this.structure(shape.name, value, path);
      case 'json': if (value === null) notes.must('null', '2', path, 'null is no value: what is not there is left out');
    }
  }

  private text(value: unknown, path: string): boolean | undefined {
    if (typeof value !== 'string') return void this.notes.must('text', '2.15', path, 'this is a text');
    if (!isWellFormed(value)) return void this.notes.must('text', '2.15', path, 'this text has half a surrogate pair');
    return true;
  }

  private number(shape: Extract<Shape, { is: 'integer' | 'float' }>, value: unknown, path: string, clause: string): void {
    const whole = shape.is === 'integer';
    if (typeof value !== 'number' || !Number.isFinite(value) || (whole && !Number.isInteger(value))) {
      return this.notes.must(shape.is, whole ? '2.10' : '2.6', path, whole ? 'this is a whole number' : 'this is a number');
    }
    if (whole && !Number.isSafeInteger(value)) return this.notes.must('integer', '2.10', path, 'this is beyond what every reader can keep exactly');
    if (value < shape.min || value > shape.max) {
      const upper = shape.max === Number.MAX_SAFE_INTEGER ? 'at least' : `between ${shape.min} and ${shape.max}, not`;
      this.notes.must('range', clause, path, shape.max === Number.MAX_SAFE_INTEGER ? `this is ${upper} ${shape.min}` : `this is ${upper} ${value}`);
    }
  }

  private hex(value: unknown, path: string): void {
    if (typeof value !== 'string' || !/^([0-9a-f]{2})*$/i.test(value)) this.notes.must('hex', '2.8', path, 'this is an even number of hex digits');
    else if (/[A-F]/.test(value)) this.notes.should('hex-case', '2.8', path, 'hex digits are in lower case');
  }

  private binary(value: unknown, path: string): void {
    if (typeof value !== 'string' || value.length % 4 !== 0 || !/^[a-z0-9+/]*={0,2}$/i.test(value)) this.notes.must('binary', '2.1', path,
      'this is base64 of RFC 4648');
  }

  private keys(value: unknown, path: string, clause: string, least: number): value is StixObject {
    const { notes } = this;
    if (!isStixObject(value)) {
      notes.must('dictionary', clause, path, 'this is an object of keys and values');
      return false;
    }
    const keys = Object.keys(value);
    if (keys.length === 0) notes.must('empty', clause, path, 'an empty dictionary is left out');
    for (const key of keys) {
      if (notes.full) break;
      if (!/^[a-zA-Z0-9_-]+$/.test(key)) notes.must('key', clause, within(path, key), 'keys are of letters, digits, hyphens and underscores');
      else if (key.length > 250 || key.length < least) notes.must('key', clause, within(path, key), `keys have ${least} to 250 characters`);
    }
    return true;
  }

  private dictionary(value: unknown, path: string): void {
    if (!this.keys(value, path, '2.3', 1)) return;
    for (const [key, inner] of Object.entries(value)) this.loose(inner, within(path, key));
  }

  private hashes(value: unknown, path: string): void {
    const { notes } = this;
    if (!this.keys(value, path, '2.7', 3)) return;
    for (const [key, hash] of Object.entries(value)) {
      const at = within(path, key);
      const shape = Object.hasOwn(hashShapes, key) ? hashShapes[key] : undefined;
      if (typeof hash !== 'string') notes.must('hash', '2.7', at, 'a hash is a text');
      else if (shape && !shape.test(hash)) notes.must('hash', '2.7', at, `this is no ${key}`);
      if (!shape) notes.should('hash-algorithm', '2.7', at, `${key.slice(0, 60)} is not in the vocabulary of hash algorithms`);
    }
  }

  private vocabulary(shape: Extract<Shape, { is: 'vocabulary' }>, value: unknown, path: string): void {
    if (!this.text(value, path) || termsOf(shape.name).has(String(value))) return;
    const term = JSON.stringify(String(value).slice(0, 60));
    if (!shape.open) this.notes.must('enumeration', '2.4', path, `${term} is not in ${shape.name}`);
    else this.notes.should('vocabulary', '2.14', path, `${term} is not in ${shape.name}`);
  }

  private reference(to: readonly string[], value: unknown, path: string, clause: string): void {
    const { notes } = this;
    const id = parseId(value);
    if (!id) return notes.must('identifier', '2.9', path, 'this is an id, a type and a UUID with two hyphens between');
    if (!id.rfc4122) notes.must('uuid', '2.9', path, 'this UUID is none of RFC 4122');
    const kind = kindOf(id.type);
    const fits = to.some((wanted) => wanted === id.type || wanted === kind || (wanted === 'any' && kind !== 'bundle')
      // Of a type that nobody knows nobody can say that it is of the wrong kind.
      || (kind === 'custom' && ['sdo', 'sco', 'sro'].includes(wanted)));
    if (!fits) notes.must('reference', clause, path, `this refers to ${to.join(' or ')}, not to ${id.type}`);
  }

  private list(of: Shape, value: unknown, path: string, clause: string): void {
    const { notes } = this;
    if (!Array.isArray(value)) return notes.must('list', '2.12', path, 'this is a list');
    if (value.length === 0) notes.must('empty', '2.12', path, 'an empty list is left out');
    for (const [i, item] of value.entries()) {
      if (notes.full) return;
      this.check(of, item, within(path, i), clause);
    }
  }

  private structure(name: string, value: unknown, path: string): void {
    if (!isStixObject(value)) return this.notes.must('object', '2', path, 'this is an object');
    const table = Object.hasOwn(structures, name) ? structures[name] : undefined;
    if (table) this.structured(table, value, path);
    this.rules[name]?.(this.notes, value, path);
  }

  /** The properties of a structure or predefined extension. */
  structured(table: StructureTable, value: StixObject, path: string): void {
    this.properties(table.properties, value, path, table.clause);
    this.relations(table.relations, table.properties, value, path, table.clause);
    for (const [name, inner] of Object.entries(value)) {
      if (this.notes.full) return;
      if (table.properties.has(name)) continue;
      this.notes.should('unknown-property', table.clause, within(path, name), `the standard knows no ${name.slice(0, 60)} here`);
      this.loose(inner, within(path, name));
    }
  }

  /** Those that are known: whether they are there where they must be, and what they hold. */
  properties(properties: Properties, object: StixObject, path: string, clause: string): void {
    for (const { name, required, shape } of properties.values()) {
      if (Object.hasOwn(object, name)) this.check(shape, object[name], within(path, name), clause);
      else if (required) this.notes.must('required', clause, within(path, name), `${name} is missing`);
    }
  }

  relations(relations: readonly Relation[], properties: Properties, object: StixObject, path: string, clause: string): void {
    const has = (name: string): boolean => Object.hasOwn(object, name);
    for (const relation of relations) {
      if (relation.rule === 'order') {
        const [first, second] = [parseTime(own(object, relation.first)), parseTime(own(object, relation.second))];
        const order = first && second ? compareTimes(first, second) : -1;
        if (order > 0 || (order === 0 && relation.later)) {
          this.notes.must('order', clause, within(path, relation.second),
            `${relation.second} is ${relation.later ? 'not later than' : 'before'} ${relation.first}`);
        }
      } else if (relation.rule === 'needs') {
        if (has(relation.first) && !has(relation.second)) {
          this.notes.must('needs', clause, within(path, relation.second), `where ${relation.first} is there, ${relation.second} is too`);
        }
      } else {
        const names = relation.of.length ? relation.of : [...properties.keys()];
        const found = names.filter(has).length + (relation.of.length === 0 && has('extensions') ? 1 : 0);
        if (found === 0) this.notes.must('some', clause, path, relation.of.length
          ? `one of ${names.join(', ')} is wanted` : 'at least one property of its own is wanted');
        else if (relation.rule === 'one' && found > 1) this.notes.must('one', clause, path, `only one of ${names.join(', ')} is wanted`);
      }
    }
  }

  /** A value that no table knows: what holds for every value (section 2, 3.1). */
  loose(value: unknown, path: string): void {
    const { notes } = this;
    const stack: (readonly [unknown, string, number])[] = [[value, path, 0]];
    for (let next = stack.pop(); next && !notes.full; next = stack.pop()) {
      const [inner, at, depth] = next;
      if (inner === null) notes.must('null', '2', at, 'null is no value: what is not there is left out');
      if (typeof inner === 'string') this.text(inner, at);
      if (inner === null || typeof inner !== 'object') continue;
      if (depth > 64) {
        notes.must('depth', '2', at, 'this is too deep to be read');
        continue;
      }
      const entries = Object.entries(inner as StixObject);
      if (entries.length === 0) notes.must('empty', Array.isArray(inner) ? '2.12' : '2.3', at, Array.isArray(inner)
        ? 'an empty list is left out' : 'an empty dictionary is left out');
      for (const [key, item] of entries.reverse()) stack.push([item, within(at, key), depth + 1]);
    }
  }
}
