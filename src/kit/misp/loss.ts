/** What differs between what was given and what comes back: losses are measured, so that none is forgotten, and then explained. */
import { canonicalText } from '#kit/canonical/canonical';
import { within } from '#kit/stix/notes';
import { isStixObject, own, type StixObject } from '#kit/stix/object';
import { tlpOfId } from '#kit/stix/tlp';
import type { Json, Loss } from './model.ts';

const same = (a: unknown, b: unknown): boolean => {
  try {
    return canonicalText(a) === canonicalText(b);
  } catch {
    return false;
  }
};

const whyStix: Readonly<Record<string, string>> = {
  created: 'MISP has one time for each thing, that of its last change', modified: 'MISP counts seconds', created_by_ref: 'MISP knows who made the event only',
  object_marking_refs: 'of markings MISP has TLP only', granular_markings: 'MISP marks no parts of values', confidence: 'MISP has no such number',
  lang: 'MISP says no language', external_references: 'attributes of MISP have no references', name: 'MISP has one text for a name and a description',
  description: 'MISP has one text for a name and a description', valid_from: 'MISP has seconds, or nothing where it is the time of change',
  valid_until: 'MISP has last_seen only where it is later than first_seen', pattern: 'it is written anew, or was split into its alternatives',
  pattern_version: 'MISP has no version of a rule', number_observed: 'an attribute was seen once', object_refs: 'what is listed became other things, or more',
  kill_chain_phases: 'attributes of MISP have no phases', indicator_types: 'attributes of MISP have no such words',
  revoked: 'what is revoked there is deleted here',
  labels: 'tags of attributes are theirs, not the object’s',
};

/** What of these objects does not come back, and what comes that was not there. */
export function stixLosses(given: readonly unknown[], back: ReadonlyMap<string, StixObject>): Loss[] {
  const losses: Loss[] = [];
  const ids = new Set<string>();
  for (const [i, object] of given.entries()) {
    const path = `/objects/${i}`;
    const id = isStixObject(object) ? own(object, 'id') : undefined;
    if (!isStixObject(object) || typeof id !== 'string') {
      losses.push({ path, what: 'an object without an id', why: 'it is no object of STIX' });
      continue;
    }
    if (tlpOfId(id) !== null) continue;
    const again = back.get(id);
    if (ids.has(id) && !same(again, object)) losses.push({ path, what: id, why: 'another object has this id; the first of the last version counts' });
    else if (!again) losses.push({ path, what: id, why: 'it became another thing, or MISP has no place for it' });
    else losses.push(...propertyLosses(object, again, path));
    ids.add(id);
  }
  for (const id of back.keys()) {
    if (!ids.has(id) && tlpOfId(id) === null) losses.push({ path: '', what: id, why: 'it is made of what was given, and was not there' });
  }
  return losses;
}
function propertyLosses(object: StixObject, again: StixObject, path: string): Loss[] {
  const names = new Set([...Object.keys(object), ...Object.keys(again)]);
  return [...names].filter((name) => !same(own(object, name) ?? null, own(again, name) ?? null))
    .map((name) => {
      const why = Object.hasOwn(whyStix, name) ? whyStix[name] : undefined;
      return { path: within(path, name), what: name, why: why ?? 'MISP has no place for this property' };
    });
}

/** What of an event does not come back. Lists count as sets: MISP gives its things no order. */
export function mispLosses(given: Json, back: Json | undefined): Loss[] {
  if (!back) return [{ path: '/Event', what: 'the event', why: 'nothing of it can be said in STIX' }];
  const losses: Loss[] = [];
  const compare = (a: unknown, b: unknown, path: string): void => {
    if (same(a, b)) return;
    if (Array.isArray(a) && Array.isArray(b)) compareLists(a, b, path);
    else if (isStixObject(a) && isStixObject(b)) {
      for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) compare(own(a, name) ?? null, own(b, name) ?? null, within(path, name));
    } else losses.push({ path, what: path.slice(path.lastIndexOf('/') + 1), why: whyMisp(path) });
  };
  const compareLists = (a: readonly unknown[], b: readonly unknown[], path: string): void => {
    const keyed = (item: unknown): string => {
      const uuid = isStixObject(item) ? own(item, 'uuid') : undefined;
      return typeof uuid === 'string' ? uuid : JSON.stringify(item);
    };
    const [left, right] = [a.map(keyed), b.map(keyed)];
    const doubled = new Set(left).size < left.length || new Set(right).size < right.length;
    if (doubled) losses.push({ path, what: path.slice(path.lastIndexOf('/') + 1), why: 'the same thing is there twice' });
    const [places, there] = [new Map(right.map((key, i) => [key, i])), new Set(left)];
    for (const [i, item] of a.entries()) {
      const at = places.get(left[i] ?? '');
      if (at === undefined) losses.push({ path: within(path, i), what: left[i]?.slice(0, 100) ?? '', why: whyMisp(path) });
      else if (!doubled) compare(item, b[at], within(path, i));
    }
    for (const [i, key] of right.entries()) {
      if (!there.has(key)) losses.push({ path, what: keyed(b[i]).slice(0, 100), why: 'it was not there: STIX says it of the whole' });
    }
  };
  compare(given, back, '/Event');
  return losses;
}
function whyMisp(path: string): string {
  if (/\/Galaxy(?:\/|$)/.test(path)) return 'clusters are objects of their own in STIX: of one that is there twice, or whose galaxy is, one is kept';
  if (/\/Org/.test(path)) return 'an organisation has one name in STIX';
  if (/\/Sighting/.test(path)) return 'a sighting of what is no indicator has no place in STIX';
  return 'STIX has no place for it as it is';
}
