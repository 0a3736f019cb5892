/**
 * Whether an object keeps STIX 2.1: each MUST and SHOULD that it breaks, with clause and place, and never a throw, whatever JSON it is. An
 * object of 2.0 is said to be one and is looked at no further than 2.0 and 2.1 agree. Nothing here decides what becomes of it.
 */
import { Values } from './check-values.ts';
import { checkMarkings, structureRules, typeRules } from './check-types.ts';
import { isTypeName, parseId, type StixId } from './id.ts';
import { Notes, within, type Problem } from './notes.ts';
import { isStixObject, own, specVersionOf, type SpecVersion, type StixObject } from './object.ts';
import { contributing, scoId } from './sco-id.ts';
import { compareTimes, fractionDigits, parseTime } from './time.ts';
import { anyCommonProperty, sharedProperties, reservedProperties } from './types/shared.ts';
import { kindOf, type Kind, type ScoType } from './types/names.ts';
import type { TypeTable } from './types/shape.ts';
import { extensionTables } from './types/structures.ts';
import { tableOf } from './types/tables.ts';
import { termsOf } from './types/vocabulary.ts';

export interface CheckResult {
  readonly type: string | null;
  readonly id: string | null;
  readonly specVersion: SpecVersion;
  readonly problems: readonly Problem[];
  /** Whether there is more than was asked for. */
  readonly more: boolean;
  /** Whether no MUST is broken. */
  readonly valid: boolean;
}
export interface CheckOptions {
  /** Problems that are kept; 100 where nobody says. */
  readonly limit?: number;
  /** Also the rules that almost nobody keeps (`quietRules`). */
  readonly all?: boolean;
}

/** Kinds that an extension makes an object of a type that the standard does not know (7.3). */
const extensionKinds: Readonly<Record<string, Kind>> = { 'new-sdo': 'sdo', 'new-sro': 'sro', 'new-sco': 'sco' };

function extensionTypes(object: StixObject): readonly unknown[] {
  const extensions = own(object, 'extensions');
  return isStixObject(extensions) ? Object.values(extensions).map((e) => (isStixObject(e) ? own(e, 'extension_type') : undefined)) : [];
}

/** Checks one object, or a bundle with all that is in it. */
export function check(value: unknown, options: CheckOptions = {}): CheckResult {
  const notes = new Notes(options.limit ?? 100, options.all ?? false);
  const object = isStixObject(value) ? value : {};
  if (!isStixObject(value)) notes.must('object', '3.2', '', 'this is an object');
  const [type, id] = [own(object, 'type'), own(object, 'id')];
  const specVersion = type === 'bundle' ? '2.1' : specVersionOf(object);
  if (isStixObject(value)) {
    if (specVersion === '2.0') checkOld(notes, object);
    else checkObject(notes, object);
    if (type === 'bundle') checkMembers(notes, object, options);
  }
  return {
    type: typeof type === 'string' ? type : null, id: typeof id === 'string' ? id : null, specVersion, problems: notes.problems, more: notes.more,
    valid: !notes.problems.some((p) => p.level === 'must'),
  };
}

/** What 2.0 and 2.1 both want. */
function checkOld(notes: Notes, object: StixObject): void {
  notes.should('spec-version', '3.2', '/spec_version', 'this object is of STIX 2.0; it is taken as such');
  checkIdentity(notes, object);
  for (const name of ['created', 'modified']) {
    const value = own(object, name);
    if (value !== undefined && !parseTime(value)) notes.must('timestamp', '2.16.1', `/${name}`, 'this is a time as in 2026-01-31T12:00:00.000Z');
  }
}

function checkIdentity(notes: Notes, object: StixObject): StixId | null {
  const [type, id] = [own(object, 'type'), own(object, 'id')];
  if (typeof type !== 'string' || !isTypeName(type) || (type.includes('--') && kindOf(type) === 'custom')) {
    notes.must('type', '3.1', '/type', 'a type is 3 to 250 lower-case letters, digits and single hyphens');
  }
  const parsed = parseId(id);
  if (!parsed) notes.must('identifier', '2.9', '/id', 'an id is a type and a UUID with two hyphens between');
  else if (parsed.type !== type) notes.must('identifier', '2.9', '/id', `the id is that of another type, ${parsed.type}`);
  return parsed;
}

function checkObject(notes: Notes, object: StixObject): void {
  const type = String(own(object, 'type'));
  const table = tableOf(type);
  const stated = extensionTypes(object);
  const extended = stated.map((e) => (typeof e === 'string' && Object.hasOwn(extensionKinds, e) ? extensionKinds[e] : undefined)).find(Boolean);
  const kind = table ? kindOf(type) : extended ?? 'custom';
  const values = new Values(notes, structureRules);
  const id = checkIdentity(notes, object);
  if (id) checkUuid(notes, object, id, kind);
  if (!table && !extended && isTypeName(type) && !type.startsWith('x-')) notes.should('custom-type', '11.2.1', '/type',
    'a type of one’s own comes by an extension, or begins with x-');
  const common = sharedProperties(type, kind);
  values.properties(common, object, '', '3.2');
  if (kind !== 'bundle' && own(object, 'spec_version') !== undefined && own(object, 'spec_version') !== '2.1') {
    notes.must('spec-version', '3.2', '/spec_version', 'this is 2.1');
  }
  checkVersioning(notes, object);
  if (table) {
    values.properties(table.properties, object, '', `${table.clause}.1`);
    values.relations(table.relations, table.properties, object, '', `${table.clause}.1`);
  }
  checkUnknown(notes, values, object, table, common, stated.includes('toplevel-property-extension'));
  if (common.has('extensions') && own(object, 'extensions') !== undefined) checkExtensions(notes, values, object, table);
  if (kind === 'bundle') return;
  checkMarkings(notes, object);
  if (common.has('lang') && own(object, 'lang') === undefined) notes.should('language-absent', '3.2', '/lang', 'an object with text says its language');
  if (Object.hasOwn(typeRules, type)) typeRules[type]?.(notes, object);
}

/** UUIDs that kinds should have (2.9, 3.6). */
function checkUuid(notes: Notes, object: StixObject, id: StixId, kind: Kind): void {
  if (!id.rfc4122) return notes.must('uuid', '2.9', '/id', 'this UUID is none of RFC 4122');
  if (kind === 'custom') return;
  if (kind !== 'sco') {
    if (id.version !== 4) notes.should('uuid-version', '2.9', '/id', 'this is a random UUID, of version 4');
    return;
  }
  const wanted = scoId(object);
  if (wanted !== null && own(object, 'id') === wanted) {
    const versioned = ['created', 'modified', 'created_by_ref', 'revoked'].find((name) => own(object, name) !== undefined);
    if (versioned) notes.must('versioned-observable', '3.6', `/${versioned}`, 'an observable with a deterministic id has no versions');
    return;
  }
  const known = Object.hasOwn(contributing, id.type);
  if (wanted !== null) notes.should('deterministic-id', '2.9', '/id', `by what is in it this object is ${wanted}`);
  else if (known && id.version !== 4 && !contributing[id.type as ScoType].some((name) => own(object, name) !== undefined)) {
    notes.must('uuid-version', '2.9', '/id', 'nothing here makes an id, so that the UUID is a random one, of version 4');
  } else if (!known && id.version !== 5 && id.version !== 4) notes.should('uuid-version', '2.9', '/id', 'the UUID of an observable is of version 5');
}

function checkVersioning(notes: Notes, object: StixObject): void {
  const [created, modified] = [parseTime(own(object, 'created')), parseTime(own(object, 'modified'))];
  for (const [name, time] of [['created', created], ['modified', modified]] as const) {
    if (time && fractionDigits(time) < 3) notes.must('milliseconds', '3.2', `/${name}`, 'this is precise to the millisecond at least');
  }
  if (created && modified && compareTimes(modified, created) < 0) notes.must('order', '3.6.1', '/modified', 'modified is before created');
}

/** Properties that neither the type nor its kind has. */
function checkUnknown(notes: Notes, values: Values, object: StixObject, table: TypeTable | null, common: ReadonlyMap<string, unknown>,
  toplevel: boolean): void {
  for (const [name, value] of Object.entries(object)) {
    if (notes.full) return;
    if (common.has(name) || table?.properties.has(name)) continue;
    const path = within('', name);
    values.loose(value, path);
    if (anyCommonProperty.has(name)) {
      if (name === 'defanged') notes.must('defanged', '3.2', path, 'only observables are defanged');
      else notes.should('misplaced-property', '3.2', path, `objects of this type do not have ${name}`);
    } else if (!/^[a-z0-9_]{3,250}$/.test(name)) {
      notes.must('property-name', '11.1.1', path, 'names have 3 to 250 lower-case letters, digits and underscores');
    } else if (reservedProperties.has(name) && table) notes.must('reserved', '3.8', path, 'this name is kept for later versions of the standard');
    else if (table && !toplevel && !name.startsWith('x_')) {
      notes.should('custom-property', '11.1.1', path, 'a property of one’s own comes by an extension, or begins with x_');
    }
  }
}

function checkExtensions(notes: Notes, values: Values, object: StixObject, table: TypeTable | null): void {
  const extensions = own(object, 'extensions');
  if (!isStixObject(extensions)) return notes.must('dictionary', '3.2', '/extensions', 'this is an object by extension');
  if (Object.keys(extensions).length === 0) notes.must('empty', '2.3', '/extensions', 'an empty dictionary is left out');
  for (const [key, value] of Object.entries(extensions)) {
    const path = within('/extensions', key);
    if (notes.full) return;
    if (!isStixObject(value)) {
      notes.must('object', '3.2', path, 'an extension is an object');
      continue;
    }
    const predefined = Object.hasOwn(extensionTables, key) ? extensionTables[key] : undefined;
    if (predefined && table?.extensions.includes(key)) values.structured(predefined, value, path);
    else checkExtension(notes, values, key, value, path);
  }
}

function checkExtension(notes: Notes, values: Values, key: string, value: StixObject, path: string): void {
  const defined = parseId(key)?.type === 'extension-definition';
  if (!defined) notes.should('extension-key', '3.2', path, 'an extension goes by the id of its definition, or by a name that the standard gives');
  const kind = own(value, 'extension_type');
  if (kind === undefined) {
    if (defined) notes.must('required', '3.2', within(path, 'extension_type'), 'extension_type is missing');
  } else if (!termsOf('extension-type-enum').has(String(kind))) notes.must('enumeration', '3.2', within(path, 'extension_type'),
    'this is no kind of extension');
  for (const [name, inner] of Object.entries(value)) {
    if (name === 'extension_type') continue;
    if (!/^[a-z0-9_]{3,250}$/.test(name)) notes.must('property-name', '7.3.2.1', within(path, name),
      'names have 3 to 250 lower-case letters, digits and underscores');
    values.loose(inner, within(path, name));
  }
}

/** What a bundle holds, each by itself, and what they must not share (2.9: one UUID, one type). */
function checkMembers(notes: Notes, bundle: StixObject, options: CheckOptions): void {
  const objects = own(bundle, 'objects');
  const types = new Map<string, string>();
  for (const [i, object] of (Array.isArray(objects) ? objects : []).entries()) {
    const path = `/objects/${i}`;
    if (notes.full) return;
    const id = parseId(isStixObject(object) ? own(object, 'id') : undefined);
    if (id?.type === 'bundle') {
      notes.must('bundle', '8.1', path, 'a bundle holds objects, not bundles');
      continue;
    }
    for (const p of check(object, options).problems) notes[p.level](p.rule, p.clause, path + p.path, p.text);
    const other = id ? types.get(id.uuid) : undefined;
    if (id && other !== undefined && other !== id.type) notes.must('uuid-shared', '2.9', `${path}/id`,
      `the UUID is that of an object of type ${other} too`);
    else if (id) types.set(id.uuid, id.type);
  }
}
