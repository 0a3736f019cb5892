/** Properties that objects of one kind have in common (STIX 2.1, 3.2), and those that every object may be given by mistake. */
import type { Kind } from './names.ts';
import { propertiesOf, type Properties } from './shape.ts';

const marks = 'object_marking_refs [>marking-definition], granular_markings [{granular-marking}]';
const referenced = 'external_references [{external-reference}]';
const identity = 'type! s, spec_version! s, id! s';
const versioned = 'created! t, modified! t, created_by_ref >identity, revoked b';

const tables: Readonly<Record<Kind | 'marking-definition' | 'extension-definition' | 'language-content', Properties>> = {
  sdo: propertiesOf(identity, versioned, 'labels [s], confidence i0..100, lang lang', referenced, marks, 'extensions json'),
  sro: propertiesOf(identity, versioned, 'labels [s], confidence i0..100, lang lang', referenced, marks, 'extensions json'),
  custom: propertiesOf(identity, versioned, 'labels [s], confidence i0..100, lang lang', referenced, marks, 'extensions json'),
  // The versioning ones are not of 3.2, but 3.6 speaks of observables that have them.
  sco: propertiesOf('type! s, spec_version s, id! s, defanged b', versioned.replaceAll('!', ''), marks, 'extensions json'),
  meta: propertiesOf(identity),
  'marking-definition': propertiesOf(identity, 'created! t, created_by_ref >identity', referenced, marks, 'extensions json'),
  'extension-definition': propertiesOf(identity, versioned.replace('created_by_ref', 'created_by_ref!'), 'labels [s]', referenced, marks),
  // The summary in 3.2 leaves confidence out, the table in 7.1.1 has it.
  'language-content': propertiesOf(identity, versioned, 'labels [s], confidence i0..100', referenced, marks, 'extensions json'),
  bundle: propertiesOf('type! s, id! s'),
};

/** What objects of a type share with others of its kind. */
export function sharedProperties(type: string, kind: Kind): Properties {
  return Object.hasOwn(tables, type) ? tables[type as 'marking-definition'] : tables[kind];
}

/** Every common property that there is: one that an object has beyond those of its kind is misplaced, not custom. */
export const anyCommonProperty: ReadonlySet<string> = new Set(Object.values(tables).flatMap((properties) => [...properties.keys()]));

/** 3.8; the schemas say `phone_numbers` where the text says `phone_number`. */
export const reservedProperties: ReadonlySet<string> = new Set(['severity', 'username', 'phone_number', 'phone_numbers', 'action']);
