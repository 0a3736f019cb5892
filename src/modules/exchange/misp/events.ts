/**
 * Events of MISP out of what the exchange holds: a container, what it lists and what those lead to, as far as it is within reach. What is
 * not is not there. An event keeps one number and one uuid, whether it is published (a report) or not (a grouping).
 */
import { idOf, uuidOfId } from '#kit/misp/carry';
import type { Attribute, MispEvent, MispObject, Tag } from '#kit/misp/model';
import { take } from '#kit/misp/take';
import { definitionsIn, levelOf } from '#kit/stix/marking';
import { own, type StixObject } from '#kit/stix/object';
import { kindOf } from '#kit/stix/types/names';
import { Refusal, noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import type { Reach } from '../gate.ts';
import { mispPartKey } from '../rules/misp-keys.ts';
import {
  aboutThem, byHolder, containerTypes, firstNumbers, heldWithin, listing, sameEvent, stating, thingTypes, towardsClusters, type Held,
} from '../store/misp.ts';
import { isForFew, isHeldBack } from './storing.ts';

/** An event as somebody may see it. */
export interface Shown {
  readonly event: MispEvent;
  /** Its number, and those of what is in it by uuid. */
  readonly id: string;
  readonly numbers: ReadonlyMap<string, string>;
  readonly holder: string;
  readonly container: Held;
  /** What it was made of, the container among it. */
  readonly objects: readonly StixObject[];
  readonly since: number;
}

const listIn = (object: StixObject, name: string): string[] => {
  const value = own(object, name);
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
};
const mostMembers = 200_000;

/** Ids that objects name and that say more of them: authors, observables, clusters. */
function ledTo(objects: readonly StixObject[], here: ReadonlySet<string>): string[] {
  const found = new Set<string>();
  for (const object of objects) {
    for (const [name, value] of Object.entries(object)) {
      if (!/_refs?$/.test(name) || name === 'object_marking_refs') continue;
      for (const id of Array.isArray(value) ? value as unknown[] : [value]) {
        if (typeof id !== 'string' || here.has(id)) continue;
        const type = id.slice(0, id.indexOf('--'));
        const leads = name !== 'object_refs' || object['type'] === 'observed-data' ? !thingTypes.includes(type as never) : false;
        if (leads && !containerTypes.includes(type as never) && type !== 'relationship') found.add(id);
      }
    }
  }
  return [...found];
}

/** Objects of one holder by id, in portions. */
async function bodies(q: Queryable, reach: Reach, scope: string, ids: readonly string[]): Promise<Held[]> {
  const found: Held[] = [];
  for (let at = 0; at < ids.length; at += 5_000) {
    const portion = ids.slice(at, at + 5_000);
    found.push(...await heldWithin(q, reach, { ids: portion, scope, limit: portion.length }));
  }
  return found;
}

/** What objects lead to, two steps far: an observable refers to others. */
async function withLed(q: Queryable, reach: Reach, scope: string, held: readonly Held[]): Promise<Held[]> {
  const all = [...held];
  const here = new Set(held.map((h) => h.id));
  let last: readonly Held[] = held;
  for (let step = 0; step < 2; step++) {
    const ids = ledTo(last.map((h) => h.body), here).slice(0, mostMembers);
    if (ids.length === 0) break;
    last = await bodies(q, reach, scope, ids);
    for (const h of last) here.add(h.id);
    all.push(...last);
  }
  return all;
}

/** Whether a container is one of MISP's, which lists everything that is in it. */
const isOurs = (container: StixObject): boolean => own(container, 'x_misp_threat_level_id') !== undefined;

/** The event that a container is. */
export async function shownOf(q: Queryable, reach: Reach, container: Held): Promise<Shown> {
  const refs = [...new Set(listIn(container.body, 'object_refs'))];
  if (refs.length > mostMembers) {
    throw new Refusal('unprocessable', 'misp.event-too-large', `This event holds more than ${mostMembers} things.`, { hint: 'Read it by TAXII.' });
  }
  const members = await bodies(q, reach, container.scope, refs);
  if (!isOurs(container.body)) {
    const here = new Set(members.map((h) => h.id));
    const about = await aboutThem(q, container.scope, [...here], 5_000);
    const more = about.length === 0 ? [] : await heldWithin(q, reach, { objs: about, scope: container.scope, limit: about.length });
    members.push(...more.filter((h) => !here.has(h.id)));
  }
  const all = await withLed(q, reach, container.scope, [container, ...members]);
  const objects = all.map((h) => h.body);
  const [event] = take(objects).filter((one) => one.uuid === uuidOfId(container.body));
  if (!event) throw noSuch('event');
  return {
    event: asSaid(event, container.body, objects), id: (await eventNumbers(q, [container])).get(container.obj) ?? container.obj, holder: container.scope,
    container, objects, since: container.since, numbers: new Map(all.filter((h) => h.obj !== container.obj).map((h) => [uuidOfId(h.body), h.obj])),
  };
}

/** The head of an event alone: what a container says itself. */
export async function headOf(q: Queryable, reach: Reach, containers: readonly Held[]): Promise<Shown[]> {
  const numbers = await eventNumbers(q, containers);
  const shown: Shown[] = [];
  const byScope = byHolder(containers);
  for (const [scope, some] of byScope) {
    const named = [...new Set(some.map((c) => String(own(c.body, 'created_by_ref') ?? '')))].filter((id) => id.startsWith('identity--'));
    const authors = await bodies(q, reach, scope, named);
    for (const container of some) {
      const objects = [container.body, ...authors.map((a) => a.body).filter((a) => a['id'] === own(container.body, 'created_by_ref'))];
      const event = take(objects)[0];
      if (!event) continue;
      shown.push({
        event: asSaid(event, container.body, objects), id: numbers.get(container.obj) ?? container.obj, holder: scope, container, objects,
        since: container.since, numbers: new Map(),
      });
    }
  }
  return shown.sort((a, b) => Number(a.container.obj) - Number(b.container.obj));
}

async function eventNumbers(q: Queryable, containers: readonly Held[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const [scope, some] of byHolder(containers)) {
    const uuids = some.map((c) => c.id.slice(c.id.indexOf('--') + 2));
    const first = await firstNumbers(q, scope, uuids.flatMap((uuid) => containerTypes.map((type) => `${type}--${uuid}`)));
    for (const [i, c] of some.entries()) found.set(c.obj, first.get(uuids[i] ?? '') ?? c.obj);
  }
  return found;
}

/** Without the label that was added since it is held back: nobody said it as a tag. */
export function asSaid(event: MispEvent, container: StixObject, objects: readonly StixObject[]): MispEvent {
  // A report of others is labelled as its author meant it.
  if (!isOurs(container)) return event;
  const said = new Map(objects.map((object) => [uuidOfId(object), listIn(object, 'labels')]));
  const few = isHeldBack(event);
  // Reports and clusters have no label in MISP, so that theirs is the event's when it is read.
  const whole = few || (levelOf(container, definitionsIn([])).level !== 'amber+strict' && event.reports.some((r) => isForFew(r.distribution)));
  const kept = (tags: readonly Tag[], labels: readonly string[], narrow: boolean): readonly Tag[] =>
    (narrow ? tags.filter((tag) => tag.name !== 'tlp:amber+strict' || labels.includes(tag.name)) : tags);
  const attribute = (one: Attribute, narrow: boolean): Attribute =>
    ({ ...one, tags: kept(one.tags, said.get(one.uuid) ?? [], narrow || isForFew(one.distribution)) });
  const object = (one: MispObject): MispObject => {
    const narrow = few || isForFew(one.distribution);
    return narrow ? { ...one, attributes: one.attributes.map((a) => ({ ...a, tags: kept(a.tags, said.get(one.uuid) ?? [], true) })) } : one;
  };
  return {
    ...event, tags: kept(event.tags, listIn(container, 'labels'), whole), attributes: event.attributes.map((one) => attribute(one, few)),
    objects: event.objects.map(object),
  };
}

const isNumber = (text: string): boolean => /^\d{1,15}$/.test(text);
const plain = (text: string): string => text.replace(/\.json$/, '').toLowerCase();

/** The container that an address names by number or uuid: one's own before another's. */
export async function containerNamed(q: Queryable, reach: Reach, org: string, name: string): Promise<Held> {
  const text = plain(name);
  const ids = containerTypes.map((type) => idOf(type, text));
  const found = isNumber(text)
    ? await heldWithin(q, reach, { objs: [text, ...await sameEvent(q, text)], types: containerTypes, limit: 10 })
    : await heldWithin(q, reach, { ids, types: containerTypes, limit: 10 });
  const [first] = found.sort((a, b) => Number(a.scope !== org) - Number(b.scope !== org) || later(a.body, b.body));
  if (!first) throw noSuch('event');
  return first;
}
const later = (a: StixObject, b: StixObject): number => (String(own(a, 'modified')) < String(own(b, 'modified')) ? 1 : -1);

export interface Thing {
  readonly held: Held;
  /** The attribute of MISP within an object, where it was that which was named. */
  readonly part: string | null;
}

/** What an address names: an attribute, an object, or an attribute within an object. */
export async function thingNamed(q: Queryable, reach: Reach, org: string, name: string, noun: 'attribute' | 'object'): Promise<Thing> {
  const text = plain(name);
  const own = (all: readonly Held[]): Held | undefined => [...all].sort((a, b) => Number(a.scope !== org) - Number(b.scope !== org))[0];
  if (isNumber(text)) {
    const held = own(await heldWithin(q, reach, { objs: [text], types: thingTypes, limit: 1 }));
    if (!held) throw noSuch(noun);
    return { held, part: null };
  }
  const direct = own(await heldWithin(q, reach, { ids: thingTypes.map((type) => idOf(type, text)), types: thingTypes, limit: 20 }));
  if (direct) return { held: direct, part: null };
  const objs = await stating(q, [mispPartKey(text)], 100);
  const inner = objs.length === 0 ? undefined : own(await heldWithin(q, reach, { objs, types: thingTypes, limit: 100 }));
  if (!inner) throw noSuch(noun);
  return { held: inner, part: text };
}

/** The container that lists a thing; null where none within reach does. */
export async function containerOf(q: Queryable, reach: Reach, held: Held): Promise<Held | null> {
  const objs = (await listing(q, reach, held.scope, [held.id])).get(held.id) ?? [];
  const [first] = objs.length === 0 ? [] : await heldWithin(q, reach, { objs, types: containerTypes, limit: objs.length });
  return first ?? null;
}

export interface Loose { readonly attributes: readonly Attribute[]; readonly objects: readonly MispObject[] }

/** What single objects are in MISP, each with its holder's object, whatever lists them. */
export async function partsOf(q: Queryable, reach: Reach, held: readonly Held[]): Promise<Map<string, Loose>> {
  const found = new Map<string, Loose>();
  for (const [scope, some] of byHolder(held)) {
    const relations = await towardsClusters(q, scope, some.map((h) => h.id));
    const leading = relations.length === 0 ? [] : await heldWithin(q, reach, { objs: relations, scope, limit: relations.length });
    const all = await withLed(q, reach, scope, [...some, ...leading]);
    const byId = new Map(all.map((h) => [h.id, h.body]));
    const clusters = new Map<string, StixObject[]>();
    for (const { body } of leading) {
      const cluster = byId.get(String(own(body, 'target_ref')));
      if (!cluster || own(cluster, 'x_misp_galaxy') === undefined) continue;
      const from = String(own(body, 'source_ref'));
      clusters.set(from, [...clusters.get(from) ?? [], body, cluster]);
    }
    for (const one of some) {
      const objects = [...closure(one.body, byId), ...clusters.get(one.id) ?? []];
      const event = take(objects)[0];
      if (!event) continue;
      const narrow = isForFew(Number(own(one.body, 'x_misp_distribution') ?? 5));
      // What is marked on the whole stands on each part here, since the event is not at hand.
      const tags = (tags: readonly Tag[]): readonly Tag[] => [...tags, ...(narrow ? [] : event.tags.filter((t) => !tags.some((x) => x.name === t.name)))];
      found.set(one.obj, {
        attributes: event.attributes.map((a) => ({ ...a, tags: tags(a.tags) })),
        objects: event.objects.map((o) => ({ ...o, attributes: o.attributes.map((a) => ({ ...a, tags: tags(a.tags) })) })),
      });
    }
  }
  return found;
}

function closure(object: StixObject, byId: ReadonlyMap<string, StixObject>): StixObject[] {
  const found = new Map<string, StixObject>([[String(object['id']), object]]);
  const add = (from: StixObject, depth: number): void => {
    for (const [name, value] of Object.entries(from)) {
      if (!/_refs?$/.test(name)) continue;
      for (const id of Array.isArray(value) ? value as unknown[] : [value]) {
        const next = typeof id === 'string' && !found.has(id) ? byId.get(id) : undefined;
        if (!next || !(kindOf(String(next['type'])) === 'sco' || next['type'] === 'identity')) continue;
        found.set(String(id), next);
        if (depth < 3) add(next, depth + 1);
      }
    }
  };
  add(object, 0);
  return [...found.values()];
}

