/**
 * Searches of MISP over what is within reach: events, attributes, objects. A value is found by its key; everything else is gone through in
 * the order of numbers, up to a bound. A search that would need more than that is refused: half an answer looks like a whole one.
 */
import { keyOf } from '#kit/match/key';
import { readValue } from '#kit/match/value';
import type { Attribute, Json, MispEvent, MispObject } from '#kit/misp/model';
import { idOf } from '#kit/misp/carry';
import { Refusal } from '#kit/refusal';
import { own } from '#kit/stix/object';
import type { Queryable } from '#world/db/port';
import type { Reach } from '../gate.ts';
import { mispPartKey, mispValueKey } from '../rules/misp-keys.ts';
import { benignOf } from '../store/lookup.ts';
import { byHolder, containerTypes, heldWithin, listing, stating, thingTypes, type Held } from '../store/misp.ts';
import { headOf, partsOf, shownOf, type Shown } from './events.ts';
import { inside, passes, type Filters, type Terms } from './filters.ts';
import { numberOf } from './answers.ts';
import { isForFew, isHeldBack } from './storing.ts';

/** What one search goes through at most. */
const mostScanned = 200_000;
const mostKeyed = 20_000;
const portion = 500;
/** What is answered at most where nobody said how much. */
export const usual = { events: 1_000, attributes: 60_000, objects: 20_000 } as const;

export const tooBroad = (): Refusal => new Refusal('unprocessable', 'misp.too-broad', 'This search would go through more than one answer may.', {
  hint: 'Ask for values, a timestamp, or page by a smaller span.',
});

const isKeyed = (terms: Terms | null): boolean => terms !== null && terms.any.length > 0 && !terms.any.some((t) => t.includes('%'));
const keysOf = (terms: readonly string[]): string[] => [...new Set(terms.flatMap((term) => {
  const value = readValue(term);
  return [...(value ? [keyOf(value.kind, value.value)] : []), mispValueKey(term)];
}))];

/** Numbers of what states the values that are asked for; null where values do not narrow the search. */
async function stated(q: Queryable, filters: Filters): Promise<string[] | null> {
  if (!isKeyed(filters.value) || !filters.value) return null;
  const objs = await stating(q, keysOf(filters.value.any), mostKeyed + 1);
  if (objs.length > mostKeyed) throw tooBroad();
  return objs;
}

const halves = (attribute: Attribute): string[] => (attribute.value.includes('|') ? [attribute.value, ...attribute.value.split('|')] : [attribute.value]);

/** Whether a value is one that is asked for, in the one spelling that values have here or as it is written. */
function hasValue(terms: Terms | null, attribute: Attribute): boolean {
  if (terms === null) return true;
  const texts = halves(attribute);
  return passes(terms, [...texts, ...texts.map((text) => readValue(text)?.value ?? text)])
    || (isKeyed(terms) && terms.all.length + terms.not.length === 0 && terms.any.some((term) => {
      const wanted = readValue(term);
      return wanted !== null && texts.some((text) => readValue(text)?.value === wanted.value);
    }));
}

interface About { readonly tags: readonly string[]; readonly org: readonly string[]; readonly event: MispEvent | null; readonly id: string }
const orgTexts = (event: MispEvent | null): string[] => (event?.orgc ? [event.orgc.uuid, event.orgc.name, numberOf(event.orgc.uuid)] : []);
export const aboutOf = (shown: Shown | null): About => ({
  tags: shown?.event.tags.map((t) => t.name) ?? [], org: orgTexts(shown?.event ?? null), event: shown?.event ?? null, id: shown?.id ?? '0',
});

const clusterTags = (attribute: Attribute): string[] => attribute.galaxies.flatMap((g) => g.clusters.map((c) => c.tag)).filter((t) => t !== '');

function attributeFits(f: Filters, attribute: Attribute, about: About, numbers: readonly string[]): boolean {
  const tags = [...attribute.tags.map((t) => t.name), ...clusterTags(attribute), ...about.tags];
  return (f.deleted === 'too' || (f.deleted === 'only') === attribute.deleted) && hasValue(f.value, attribute)
    && passes(f.type, [attribute.type]) && passes(f.category, [attribute.category]) && passes(f.tags, tags) && passes(f.eventTags, about.tags)
    && passes(f.org, about.org) && passes(f.uuid, [attribute.uuid, ...numbers, ...(about.event ? [about.event.uuid] : [])])
    && passes(f.eventid, [about.id, about.event?.uuid ?? '']) && passes(f.eventinfo, [about.event?.info ?? ''])
    && (f.toIds === null || f.toIds === attribute.toIds) && inside(f.timestamp, attribute.timestamp)
    && passes(f.anywhere, [attribute.value, attribute.comment, about.event?.info ?? '', ...tags]) && eventFits(f, about);
}

/** What filters say of the event alone. What no event lists passes where nothing of an event is asked. */
function eventFits(f: Filters, { event }: About): boolean {
  if (event === null) return f.date.from === null && f.date.to === null && f.eventTimestamp === null && f.isPublished !== true && f.threatLevel === null
    && f.analysis === null;
  return (f.date.from === null || event.date >= f.date.from) && (f.date.to === null || event.date <= f.date.to)
    && inside(f.eventTimestamp, event.timestamp) && inside(f.published, event.publishedAt) && (f.isPublished === null || f.isPublished === event.published)
    && passes(f.threatLevel, [String(event.threatLevel)]) && passes(f.analysis, [String(event.analysis)])
      && passes(f.distribution, [String(event.distribution)]);
}

/** Whether anything is asked that only a look into the event answers. */
const asksInside = (f: Filters): boolean => f.value !== null || f.type !== null || f.category !== null || f.toIds !== null || f.deleted === 'only'
  || f.anywhere !== null || f.objectName !== null || f.tags !== null || f.uuid !== null || f.timestamp !== null;

function headFits(f: Filters, about: About): boolean {
  return eventFits(f, about) && passes(f.org, about.org) && passes(f.eventTags, about.tags) && passes(f.eventid, [about.id, about.event?.uuid ?? ''])
    && passes(f.eventinfo, [about.event?.info ?? '']);
}

/** Whether an event as a whole is asked for: by itself, or by an attribute in it. */
function wholeFits(f: Filters, shown: Shown): boolean {
  const about = aboutOf(shown);
  const { event } = shown;
  if (!headFits(f, about)) return false;
  const all = [...event.attributes, ...event.objects.flatMap((o) => o.attributes)];
  const clusters = event.galaxies.flatMap((g) => g.clusters.map((c) => c.tag));
  const itself: Filters = { ...f, uuid: null, tags: null, anywhere: null, timestamp: null, value: null, type: null, category: null, toIds: null,
    deleted: 'too' };
  const byHead = passes(f.uuid, [event.uuid]) && passes(f.tags, [...about.tags, ...clusters]) && inside(f.timestamp, event.timestamp)
    && passes(f.anywhere, [event.info, ...about.tags]) && headFits(itself, about);
  const plain = f.value === null && f.type === null && f.category === null && f.toIds === null && f.deleted !== 'only';
  const named = f.objectName === null || event.objects.some((o) => passes(f.objectName, [o.name]));
  const noTag = f.tags !== null && f.tags.not.length > 0 && !passes({ any: [], all: [], not: f.tags.not }, [...about.tags, ...clusters]);
  return named && !noTag && ((plain && byHead) || all.some((a) => attributeFits({ ...f, timestamp: null, deleted: f.deleted === 'no' ? 'no' : f.deleted }, a,
    about, [])
    && inside(f.timestamp, event.timestamp)));
}

/** Containers that may fit, in portions: those of the values that are asked for, those that are named, or all of them. */
async function* candidates(q: Queryable, reach: Reach, f: Filters): AsyncGenerator<readonly Held[]> {
  const objs = await stated(q, f);
  const byScope = objs === null ? null : byHolder(await heldWithin(q, reach, { objs, limit: objs.length || 1 }));
  const lists = byScope === null ? null : new Set<string>();
  for (const [scope, held] of byScope ?? []) {
    for (const containers of (await listing(q, reach, scope, held.map((h) => h.id))).values()) for (const obj of containers) lists?.add(obj);
  }
  const named = f.eventid !== null && f.eventid.any.length > 0 && f.eventid.any.every((t) => /^[0-9a-f-]{36}$/i.test(t))
    ? f.eventid.any.flatMap((t) => containerTypes.map((type) => idOf(type, t.toLowerCase()))) : undefined;
  for (let after = '0', seen = 0; ;) {
    const found = await heldWithin(q, reach, {
      types: containerTypes, ids: named, objs: lists === null ? undefined : [...lists], after, limit: portion,
      from: f.eventTimestamp?.from ?? (f.timestamp && f.timestamp.from > 0 ? f.timestamp.from : undefined),
    });
    yield found;
    seen += found.length;
    const last = found.at(-1);
    if (found.length < portion || !last) return;
    if (seen >= mostScanned) throw tooBroad();
    after = last.obj;
  }
}

export interface Paged<T> { readonly items: readonly T[]; readonly more: boolean }

/** Events that fit, whole or as heads. */
export async function searchEvents(q: Queryable, reach: Reach, f: Filters): Promise<Paged<Shown>> {
  const limit = Math.min(f.limit ?? usual.events, usual.events);
  let skip = (f.page - 1) * limit;
  const items: Shown[] = [];
  const looksInside = asksInside(f);
  const seen = new Set<string>();
  for await (const found of candidates(q, reach, f)) {
    for (const head of await headOf(q, reach, found)) {
      if (seen.has(head.event.uuid) || !headFits(f, aboutOf(head))) continue;
      // One beyond the page is looked for, so that there is more is known.
      if (items.length > limit) break;
      const needed = looksInside || (!f.metadata && skip === 0);
      const shown = needed ? await shownOf(q, reach, head.container) : head;
      if (looksInside && !wholeFits(f, shown)) continue;
      seen.add(head.event.uuid);
      if (skip > 0) skip--;
      else items.push(shown);
    }
    if (items.length > limit) break;
  }
  return { items: items.slice(0, limit), more: items.length > limit };
}

export interface FoundAttribute {
  readonly attribute: Attribute;
  /** Its number; null within an object, which has one. */
  readonly id: string | null;
  readonly object: { readonly id: string; readonly uuid: string } | null;
  readonly event: Shown | null;
  readonly holder: string;
}
export interface FoundObject { readonly object: MispObject; readonly id: string; readonly event: Shown | null }

interface Part { readonly held: Held; readonly attributes: readonly Attribute[]; readonly objects: readonly MispObject[]; readonly event: Shown | null }

/** Things one by one with the event that lists each: what may fit, in the order of numbers. */
async function* parts(q: Queryable, reach: Reach, f: Filters): AsyncGenerator<readonly Part[]> {
  const objs = await narrowed(q, reach, f);
  for (let after = '0', seen = 0; ;) {
    const found = await heldWithin(q, reach, {
      types: thingTypes, objs: objs ?? undefined, after, limit: portion,
      ...(f.timestamp ? { from: Math.max(0, f.timestamp.from) } : {}),
    });
    yield await withEvents(q, reach, found);
    seen += found.length;
    const last = found.at(-1);
    if (found.length < portion || !last) return;
    if (seen >= mostScanned) throw tooBroad();
    after = last.obj;
  }
}

export async function withEvents(q: Queryable, reach: Reach, found: readonly Held[]): Promise<Part[]> {
  const made = await partsOf(q, reach, found);
  const events = new Map<string, Shown>();
  const byThing = new Map<string, string>();
  for (const [scope, some] of byHolder(found)) {
    const lists = await listing(q, reach, scope, some.map((h) => h.id));
    for (const h of some) if (lists.get(h.id)?.[0] !== undefined) byThing.set(h.obj, lists.get(h.id)?.[0] ?? '');
  }
  const containers = [...new Set(byThing.values())];
  if (containers.length > 0) {
    const held = await heldWithin(q, reach, { objs: containers, types: containerTypes, limit: containers.length });
    for (const head of await headOf(q, reach, held)) events.set(head.container.obj, head);
  }
  return found.map((held) => {
    const event = events.get(byThing.get(held.obj) ?? '') ?? null;
    const part = made.get(held.obj);
    return { held, attributes: (part?.attributes ?? []).map((a) => ownTags(a, held, event)), event,
      objects: (part?.objects ?? []).map((o) => ({ ...o, attributes: o.attributes.map((a) => ownTags(a, held, event)) })) };
  });
}

/** Without the label of its event, which stands on the whole: what nobody put on the attribute itself is not said of it. */
function ownTags(attribute: Attribute, { body }: Held, event: Shown | null): Attribute {
  if (!event) return attribute;
  const labels = own(body, 'labels');
  const said = new Set(Array.isArray(labels) ? labels as unknown[] : []);
  const whole = new Set(event.event.tags.map((t) => t.name.toLowerCase()));
  if (isHeldBack(event.event) || isForFew(attribute.distribution)) whole.add('tlp:amber+strict');
  return { ...attribute, tags: attribute.tags.filter((t) => said.has(t.name) || !t.name.toLowerCase().startsWith('tlp:') || !whole.has(t.name.toLowerCase())) };
}

/** Numbers of things that values, uuids or events narrow the search to; null where nothing does. */
async function narrowed(q: Queryable, reach: Reach, f: Filters): Promise<string[] | null> {
  const objs = await stated(q, f);
  if (objs !== null) {
    // A value may be an observable's: what was observed is the thing.
    const held = await heldWithin(q, reach, { objs, limit: Math.max(1, objs.length) });
    return [...objs, ...await observing(q, reach, held)];
  }
  const uuids = f.uuid?.any ?? [];
  if (uuids.length > 0 && uuids.every((t) => /^[0-9a-f-]{36}$/i.test(t))) {
    const ids = uuids.flatMap((t) => [...thingTypes, ...containerTypes].map((type) => idOf(type, t.toLowerCase())));
    const direct = await heldWithin(q, reach, { ids, limit: ids.length });
    const inner = await stating(q, uuids.map(mispPartKey), mostKeyed);
    return [...direct.map((h) => h.obj), ...inner, ...await listedBy(q, reach, direct)];
  }
  const events = f.eventid?.any ?? [];
  if (events.length > 0 && !events.some((t) => t.includes('%'))) {
    const ids = events.flatMap((t) => containerTypes.map((type) => idOf(type, t.toLowerCase())));
    const objsNamed = events.filter((t) => /^\d{1,15}$/.test(t));
    const direct = [...await heldWithin(q, reach, { ids, types: containerTypes, limit: ids.length }),
      ...objsNamed.length > 0 ? await heldWithin(q, reach, { objs: objsNamed, types: containerTypes, limit: objsNamed.length }) : []];
    return listedBy(q, reach, direct);
  }
  return null;
}
async function listedBy(q: Queryable, reach: Reach, held: readonly Held[]): Promise<string[]> {
  const found: string[] = [];
  for (const container of held.filter((h) => containerTypes.includes(String(h.body['type']) as never))) {
    const refs = own(container.body, 'object_refs');
    const ids = (Array.isArray(refs) ? refs as unknown[] : []).filter((id): id is string => typeof id === 'string').slice(0, mostScanned);
    for (let at = 0; at < ids.length; at += 5_000) {
      const some = ids.slice(at, at + 5_000);
      found.push(...(await heldWithin(q, reach, { ids: some, scope: container.scope, types: thingTypes, limit: some.length })).map((h) => h.obj));
    }
  }
  return found;
}
async function observing(q: Queryable, reach: Reach, held: readonly Held[]): Promise<string[]> {
  const found: string[] = [];
  for (const [scope, some] of byHolder(held)) {
    for (const objs of (await listing(q, reach, scope, some.map((h) => h.id), ['observed-data'])).values()) found.push(...objs);
  }
  return found;
}

/** Attributes that fit, alone or in objects, whatever event they are in. `benignFor` leaves out what stands on its warninglists. */
export async function searchAttributes(q: Queryable, reach: Reach, f: Filters, benignFor: string | null): Promise<Paged<FoundAttribute>> {
  const limit = Math.min(f.limit ?? usual.attributes, usual.attributes);
  let skip = (f.page - 1) * limit;
  const items: FoundAttribute[] = [];
  const seen = new Set<string>();
  for await (const found of parts(q, reach, f)) {
    let fitting: FoundAttribute[] = [];
    for (const { held, attributes, objects, event } of found) {
      const about = aboutOf(event);
      const all = [...attributes.map((attribute) => ({ attribute, object: null as FoundAttribute['object'] })), ...objects.flatMap((o) => o.attributes
        .map((attribute) => ({ attribute: { ...attribute, deleted: attribute.deleted || o.deleted }, object: { id: held.obj, uuid: o.uuid } })))];
      for (const { attribute, object } of all) {
        if (seen.has(attribute.uuid) || !attributeFits(f, attribute, about, [held.obj])) continue;
        if (f.published !== null && event === null && !inside(f.published, held.since)) continue;
        seen.add(attribute.uuid);
        fitting.push({ attribute, object, id: object ? null : held.obj, event, holder: held.scope });
      }
    }
    if (benignFor !== null) fitting = await withoutBenign(q, benignFor, fitting);
    for (const one of fitting) {
      if (skip > 0) skip--;
      else if (items.length <= limit) items.push(one);
    }
    if (items.length > limit) break;
  }
  return { items: items.slice(0, limit), more: items.length > limit };
}

export async function searchObjects(q: Queryable, reach: Reach, f: Filters): Promise<Paged<FoundObject>> {
  const limit = Math.min(f.limit ?? usual.objects, usual.objects);
  let skip = (f.page - 1) * limit;
  const items: FoundObject[] = [];
  for await (const found of parts(q, reach, f)) {
    for (const { held, objects, event } of found) {
      const about = aboutOf(event);
      for (const object of objects) {
        const fitsIt = passes(f.objectName, [object.name]) && (passes(f.uuid, [object.uuid, held.obj])
          || object.attributes.some((a) => passes(f.uuid, [a.uuid])))
          && (object.attributes.length === 0 ? headFits(f, about) : object.attributes.some((a) => attributeFits({ ...f, uuid: null }, a, about, [])));
        if (!fitsIt || (f.deleted === 'no' && object.deleted)) continue;
        if (skip > 0) skip--;
        else if (items.length <= limit) items.push({ object, id: held.obj, event });
      }
    }
    if (items.length > limit) break;
  }
  return { items: items.slice(0, limit), more: items.length > limit };
}

/** Without what stands on a warninglist of whoever asks. */
async function withoutBenign<T extends { readonly attribute: Attribute }>(q: Queryable, org: string, found: readonly T[]): Promise<T[]> {
  const keys = found.map(({ attribute }) => halves(attribute).flatMap((text) => {
    const value = readValue(text);
    return value ? [keyOf(value.kind, value.value)] : [];
  }));
  const benign = await benignOf(q, org, [...new Set(keys.flat())]);
  return found.filter((_, i) => !(keys[i] ?? []).some((key) => benign.has(key)));
}

/** An event without its attributes that stand on a warninglist. */
export async function harmful(q: Queryable, org: string, event: MispEvent): Promise<MispEvent> {
  const keep = async (all: readonly Attribute[]): Promise<Attribute[]> =>
    (await withoutBenign(q, org, all.map((attribute) => ({ attribute })))).map(({ attribute }) => attribute);
  return {
    ...event, attributes: await keep(event.attributes),
    objects: await Promise.all(event.objects.map(async (o) => ({ ...o, attributes: await keep(o.attributes) }))),
  };
}
export type Sightings = ReadonlyMap<string, readonly Json[]>;
