/**
 * What a client of MISP sends, made whole before it is read: what it leaves out gets MISP's defaults, and an edit is laid over what is
 * there, part by part by uuid. JSON in, JSON out; the reader of events judges it afterwards. Pure.
 */
import { attributeType } from '#kit/misp/attributes';
import { uuidShape, type Json } from '#kit/misp/model';
import { isStixObject, own } from '#kit/stix/object';

/** What is made where a client says nothing. */
export interface Making {
  readonly now: number;
  readonly uuid: () => string;
}
/** The colour that our answers give to tags that have none: sent back it says nothing. */
export const noColour = '#646464';

const list = (json: Json, name: string): Json[] => {
  const value = own(json, name);
  return Array.isArray(value) ? value.filter(isStixObject) : [];
};
const isSaid = (json: Json, name: string): boolean => own(json, name) !== undefined && own(json, name) !== null && own(json, name) !== '';
const uuidIn = (json: Json): string => {
  const value = own(json, 'uuid');
  return typeof value === 'string' ? value.toLowerCase() : '';
};
const isTrue = (value: unknown): boolean => value === true || value === 1 || value === '1';

/** A list is kept as it was where it is none, so that the reader tells so. */
function each(json: Json, name: string, change: (item: Json) => Json): Json {
  const value = own(json, name);
  return Array.isArray(value) ? { ...json, [name]: value.map((item: unknown) => (isStixObject(item) ? change(item) : item)) } : json;
}
const withUuid = (json: Json, { uuid }: Making): Json => (isSaid(json, 'uuid') ? json : { ...json, uuid: uuid() });
const plainTags = (json: Json): Json => each(json, 'Tag', (tag) => (own(tag, 'colour') === noColour ? { ...tag, colour: null } : tag));

export function wholeAttribute(json: Json, making: Making): Json {
  const type = attributeType(String(own(json, 'type')));
  const made = withUuid(plainTags(json), making);
  return {
    ...made, ...(isSaid(json, 'timestamp') ? {} : { timestamp: making.now }), ...(isSaid(json, 'category') || !type ? {} : { category: type.category }),
    ...(isSaid(json, 'to_ids') ? {} : { to_ids: type?.toIds ?? false }),
  };
}
export function wholeReference(json: Json, making: Making): Json {
  return { ...withUuid(json, making), ...(isSaid(json, 'timestamp') ? {} : { timestamp: making.now }) };
}
export function wholeObject(json: Json, making: Making): Json {
  const made = each(each(withUuid(json, making), 'Attribute', (a) => wholeAttribute(a, making)), 'ObjectReference', (r) => wholeReference(r, making));
  return isSaid(json, 'timestamp') ? made : { ...made, timestamp: making.now };
}

/** An event as it is added. `org` is the one that adds it. */
export function wholeEvent(json: Json, org: Json, making: Making): Json {
  const made = plainTags(withUuid(json, making));
  const tlp = list(json, 'Tag').some((tag) => String(own(tag, 'name')).toLowerCase().startsWith('tlp:'));
  const day = new Date(making.now * 1000).toISOString().slice(0, 10);
  const said = isTrue(own(json, 'published'));
  const parts = each(each(each(made, 'Attribute', (a) => wholeAttribute(a, making)), 'Object', (o) => wholeObject(o, making)), 'EventReport', (r) => withUuid(
    isSaid(r, 'timestamp') ? r : { ...r, timestamp: making.now }, making));
  return {
    ...parts, ...(isSaid(json, 'date') ? {} : { date: day }), ...(isSaid(json, 'timestamp') ? {} : { timestamp: making.now }),
    // Whoever labels it says how far it goes; else it stays where it is.
    ...(isSaid(json, 'distribution') ? {} : { distribution: tlp ? '1' : '0' }), Org: null,
    ...(isStixObject(own(json, 'Orgc')) && isSaid(own(json, 'Orgc') as Json, 'name') ? {} : { Orgc: org }),
    ...(said && !isSaid(json, 'publish_timestamp') ? { publish_timestamp: making.now } : {}),
  };
}

/** Fields of an edit that are never an event's, an attribute's or an object's own to change. */
const fixed: ReadonlySet<string> = new Set(['uuid', 'id', 'Org', 'Orgc', 'org_id', 'orgc_id', 'timestamp', 'Attribute', 'Object', 'Tag', 'EventReport',
  'Galaxy',
  'ObjectReference', 'Sighting', 'publish_timestamp', 'published']);
const fieldsOf = (json: Json): Json => Object.fromEntries(Object.entries(json).filter(([name, value]) => !fixed.has(name) && value !== undefined
  && value !== null));

/** Tags of both; one that is sent as deleted goes. */
function mergedTags(base: Json, given: Json): Json {
  const sent = list(plainTags(given), 'Tag');
  if (sent.length === 0) return {};
  const gone = new Set(sent.filter((tag) => isTrue(own(tag, 'deleted'))).map((tag) => String(own(tag, 'name'))));
  const tags = new Map([...list(base, 'Tag'), ...sent.filter((tag) => !isTrue(own(tag, 'deleted')))].map((tag) => [String(own(tag, 'name')), tag]));
  for (const name of gone) tags.delete(name);
  return { Tag: [...tags.values()] };
}
/** The galaxies that are sent stand in the place of those that were. */
const mergedGalaxies = (given: Json): Json => (Array.isArray(own(given, 'Galaxy')) && list(given, 'Galaxy').length > 0 ? { Galaxy: own(given, 'Galaxy') } : {});

/** Parts of both by uuid: what is there is laid over, what is new is added, what is not sent stays. */
function mergedList(base: Json, given: Json, name: string, lay: (base: Json, given: Json) => Json, whole: (given: Json) => Json): Json {
  const sent = own(given, name);
  if (!Array.isArray(sent)) return {};
  const parts = new Map<string, unknown>(list(base, name).map((part) => [uuidIn(part), part]));
  for (const [i, part] of (sent as unknown[]).entries()) {
    if (!isStixObject(part)) parts.set(`odd ${i}`, part);
    else {
      const there = uuidShape.test(uuidIn(part)) ? parts.get(uuidIn(part)) : undefined;
      const made = isStixObject(there) ? lay(there, part) : whole(part);
      parts.set(uuidIn(made) || `new ${i}`, made);
    }
  }
  return { [name]: [...parts.values()] };
}

const same = (a: Json, b: Json): boolean => JSON.stringify(Object.entries(a).sort(byName)) === JSON.stringify(Object.entries(b).sort(byName));
const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : a > b ? 1 : 0);

export function laidAttribute(base: Json, given: Json, making: Making): Json {
  const made = { ...base, ...fieldsOf(given), ...mergedTags(base, given), ...mergedGalaxies(given) };
  return { ...made, timestamp: same(read(base), read(made)) ? own(base, 'timestamp') : making.now };
}
/** What the reader would make of it: texts and numbers are one, and what is empty is not there. */
function read(json: Json): Json {
  return Object.fromEntries(Object.entries(json).filter(([name, value]) => name !== 'timestamp'
    && !/^(?:event_id|object_id|sharing_group_id|id|event_uuid)$/.test(name)
    && value !== null && value !== '' && value !== false && value !== '0' && value !== 0 && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => [name, value === true ? '1' : typeof value === 'number' ? String(value) : value]));
}
export function laidObject(base: Json, given: Json, making: Making): Json {
  const made = {
    ...base, ...fieldsOf(given), ...mergedList(base, given, 'Attribute', (b, g) => laidAttribute(b, g, making), (g) => wholeAttribute(g, making)),
    ...mergedList(base, given, 'ObjectReference', (b, g) => ({ ...b, ...fieldsOf(g) }), (g) => wholeReference(g, making)),
  };
  return { ...made, timestamp: same(read(base), read(made)) ? own(base, 'timestamp') : making.now };
}
export function laidEvent(base: Json, given: Json, making: Making): Json {
  const published = own(given, 'published');
  return {
    ...base, ...fieldsOf(given), ...mergedTags(base, given), ...mergedGalaxies(given),
    ...(published === undefined || published === null ? {} : { published }),
    ...(isTrue(published) && !isTrue(own(base, 'published')) ? { publish_timestamp: making.now } : {}),
    ...mergedList(base, given, 'Attribute', (b, g) => laidAttribute(b, g, making), (g) => wholeAttribute(g, making)),
    ...mergedList(base, given, 'Object', (b, g) => laidObject(b, g, making), (g) => wholeObject(g, making)),
    ...mergedList(base, given, 'EventReport', (b, g) => ({ ...b, ...fieldsOf(g), timestamp: making.now }),
      (g) => withUuid(isSaid(g, 'timestamp') ? g : { ...g, timestamp: making.now }, making)),
  };
}
