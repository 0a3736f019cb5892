/** What clients of MISP write: events of one's own, and parts of them. Each is the event with something changed, kept as a whole. */
import type { Caller } from '#kit/endpoint';
import type { Attribute, Json, Loss, MispEvent } from '#kit/misp/model';
import { readMisp } from '#kit/misp/read';
import { eventJson, orgJson } from '#kit/misp/write';
import { Refusal, noSuch } from '#kit/refusal';
import { isStixObject, own } from '#kit/stix/object';
import { newUuid, type ExchangeParts } from '../actions/parts.ts';
import { wholeReach, type Reach } from '../gate.ts';
import { containerTypes, firstNumbers, heldWithin } from '../store/misp.ts';
import { answer, attributeJsonOf, headJson, nothingElse, objectJsonOf } from './answers.ts';
import { containerNamed, containerOf, shownOf, thingNamed, type Shown } from './events.ts';
import { drop, keep } from './keeping.ts';
import { laidAttribute, laidEvent, laidObject, wholeAttribute, wholeEvent, wholeObject, wholeReference, type Making } from './merging.ts';
import { orgsOf } from './asking.ts';
import { wholeOf } from './reads.ts';

const makingOf = (parts: ExchangeParts): Making => ({ now: Math.floor(parts.clock.now() / 1000), uuid: () => newUuid(parts) });
const jsonIn = (value: unknown, name: string): Json => {
  if (!isStixObject(value)) throw new Refusal('invalid', 'misp.not-object', 'What is sent is no object of JSON.');
  const inner = own(value, name);
  return isStixObject(inner) ? inner : value;
};
const inside = (json: Json, name: string): Json[] => {
  const value = own(json, name);
  return Array.isArray(value) ? value.filter(isStixObject) : [];
};
const uuidIn = (json: Json): string => String(own(json, 'uuid') ?? '').toLowerCase();

/** The event that JSON says; what is wrong in it is refused at its place, since a client of MISP is told nowhere else. */
function eventIn(json: Json): { event: MispEvent; losses: readonly Loss[] } {
  const { events: [event], problems: [problem], losses } = readMisp(json);
  if (problem || !event) {
    throw new Refusal('invalid', 'misp.invalid', `This is no event as MISP writes it: ${problem?.text ?? 'nothing was there'}.`, { at: problem?.path ?? '/' });
  }
  if (event.info.trim() === '') throw new Refusal('invalid', 'misp.invalid', 'An event has an info.', { at: '/info' });
  return { event, losses };
}

interface Own { readonly reach: Reach; readonly shown: Shown }
const notYours = (): Refusal => new Refusal('forbidden', 'event.not-yours', 'Only the organisation that holds an event changes it.', {
  hint: 'Make an event of your own that extends it.',
});

async function ownEvent(parts: ExchangeParts, caller: Caller, name: string): Promise<Own> {
  const reach = await wholeReach(parts.db, caller);
  const container = await containerNamed(parts.db, reach, caller.actor.org, name);
  if (container.scope !== caller.actor.org) throw notYours();
  return { reach, shown: await shownOf(parts.db, reach, container) };
}
async function eventWith(parts: ExchangeParts, caller: Caller, name: string, noun: 'attribute' | 'object'): Promise<Own & { readonly uuid: string }> {
  const reach = await wholeReach(parts.db, caller);
  const { held, part } = await thingNamed(parts.db, reach, caller.actor.org, name, noun);
  if (held.scope !== caller.actor.org) throw notYours();
  const container = await containerOf(parts.db, reach, held);
  if (!container) throw noSuch('event');
  const shown = await shownOf(parts.db, reach, container);
  const uuid = part ?? [...shown.numbers].find(([, obj]) => obj === held.obj)?.[0] ?? '';
  return { reach, shown, uuid };
}

/** Keeps an event that was changed: its time moves on, so that what is in it has a newer version. */
async function keepChanged(parts: ExchangeParts, caller: Caller, { shown }: Own, json: Json): Promise<{ after: Shown; losses: readonly Loss[]; reach: Reach }> {
  const { now } = makingOf(parts);
  const before = shown.event;
  const { event, losses } = eventIn({ ...json, timestamp: Math.max(now, before.timestamp + 1) });
  const lost = await keep(parts, caller.actor, event, shown);
  const reach = await wholeReach(parts.db, caller);
  const after = await shownOf(parts.db, reach, await containerNamed(parts.db, reach, caller.actor.org, event.uuid));
  return { after, losses: [...losses, ...lost], reach };
}
const lostOf = (losses: readonly Loss[]): Json => (losses.length > 0 ? { lost: losses.slice(0, 1_000) } : {});

export async function addEvent(parts: ExchangeParts, caller: Caller, asked: unknown, metadata: boolean): Promise<Response> {
  const { actor } = caller;
  const making = makingOf(parts);
  const us = await orgsOf(parts)(actor.org);
  const { event: read, losses } = eventIn(wholeEvent(jsonIn(asked, 'Event'), orgJson(us) ?? {}, making));
  const ids = containerTypes.map((type) => `${type}--${read.uuid}`);
  const there = await heldWithin(parts.db, await wholeReach(parts.db, caller), { ids, scope: actor.org, limit: 2 });
  if (there.length > 0) {
    throw new Refusal('conflict', 'event.exists', 'An event with this uuid exists.', { hint: `Edit it at /events/edit/${read.uuid}.`, at: '/uuid' });
  }
  // One that was deleted and comes again is newer than what was deleted.
  const again = (await firstNumbers(parts.db, actor.org, ids)).size > 0;
  const event = again ? { ...read, timestamp: Math.max(read.timestamp, making.now) } : read;
  const lost = await keep(parts, actor, event, null);
  const reach = await wholeReach(parts.db, caller);
  const shown = await shownOf(parts.db, reach, await containerNamed(parts.db, reach, actor.org, event.uuid));
  return eventAnswer(parts, caller, reach, shown, [...losses, ...lost], metadata);
}
async function eventAnswer(
  parts: ExchangeParts, caller: Caller, reach: Reach, shown: Shown, losses: readonly Loss[], metadata: boolean,
): Promise<Response> {
  const json = metadata ? headJson(shown, await orgsOf(parts)(shown.holder)) : await wholeOf(parts, caller, reach, shown);
  return answer({ Event: json, ...lostOf(losses) });
}

export async function editEvent(parts: ExchangeParts, caller: Caller, name: string, asked: unknown, metadata: boolean): Promise<Response> {
  const own = await ownEvent(parts, caller, name);
  const laid = laidEvent(eventJson(own.shown.event), jsonIn(asked, 'Event'), makingOf(parts));
  const { after, losses, reach } = await keepChanged(parts, caller, own, laid);
  return eventAnswer(parts, caller, reach, after, losses, metadata);
}

const done = (what: string, url: string, more: Json = {}): Response => answer({ saved: true, success: true, name: what, message: what, url, ...more });

export async function deleteEvent(parts: ExchangeParts, caller: Caller, name: string): Promise<Response> {
  const { shown } = await ownEvent(parts, caller, name);
  await drop(parts, caller.actor, shown);
  return done('Event deleted.', `/events/delete/${name}`);
}

export async function publishEvent(parts: ExchangeParts, caller: Caller, name: string, published: boolean): Promise<Response> {
  const own = await ownEvent(parts, caller, name);
  const { event } = own.shown;
  const said = published ? 'Event published.' : 'Event unpublished.';
  if (event.published !== published) {
    await keepChanged(parts, caller, own, {
      ...eventJson(event), published, publish_timestamp: published ? makingOf(parts).now : event.publishedAt,
    });
  }
  return done(said, `/events/${published ? 'publish' : 'unpublish'}/${name}`, { id: own.shown.id });
}

/** The JSON of an event with one list changed. */
const withList = (json: Json, name: string, change: (list: readonly Json[]) => readonly Json[]): Json => ({ ...json, [name]: change(inside(json, name)) });

async function attributeAnswer(after: Shown, uuids: readonly string[], losses: readonly Loss[]): Promise<Response> {
  const json = uuids.flatMap((uuid) => {
    const alone = after.event.attributes.find((a) => a.uuid === uuid);
    const around = { eventId: after.id, eventUuid: after.event.uuid };
    if (alone) return [attributeJsonOf(alone, { ...around, objectId: '0', id: after.numbers.get(uuid) ?? null })];
    return after.event.objects.flatMap((o) => o.attributes.filter((a) => a.uuid === uuid)
      .map((a) => attributeJsonOf(a, { ...around, objectId: after.numbers.get(o.uuid) ?? '0', id: null })));
  });
  return answer({ Attribute: json.length === 1 ? json[0] : json, ...lostOf(losses) });
}

const alike = (a: Attribute, json: Json): boolean => a.type === own(json, 'type') && a.value === own(json, 'value') && a.category === own(json, 'category')
  && !a.deleted;

export async function addAttributes(parts: ExchangeParts, caller: Caller, name: string, asked: unknown, breakOnDuplicate: boolean): Promise<Response> {
  const own = await ownEvent(parts, caller, name);
  const making = makingOf(parts);
  const sent = (Array.isArray(asked) ? asked as unknown[] : [asked]).map((one) => wholeAttribute(jsonIn(one, 'Attribute'), making));
  if (sent.length === 0) throw new Refusal('invalid', 'misp.invalid', 'There is no attribute in what was sent.');
  const { attributes } = own.shown.event;
  const doubled = sent.find((json) => attributes.some((a) => alike(a, json) || a.uuid === uuidIn(json)));
  if (doubled && breakOnDuplicate) {
    throw new Refusal('forbidden', 'attribute.exists', 'A similar attribute already exists for this event.', { at: 'value' });
  }
  const fresh = sent.filter((json) => !attributes.some((a) => alike(a, json) || a.uuid === uuidIn(json)));
  const uuids = sent.map((json) => attributes.find((a) => alike(a, json))?.uuid ?? uuidIn(json));
  if (fresh.length === 0) return attributeAnswer(own.shown, uuids, []);
  const { after, losses } = await keepChanged(parts, caller, own, withList(eventJson(own.shown.event), 'Attribute', (list) => [...list, ...fresh]));
  return attributeAnswer(after, uuids, losses);
}

/** A list with the part of a uuid changed; null drops it. */
function replaced(list: readonly Json[], uuid: string, change: (part: Json) => Json | null): Json[] {
  return list.map((one) => (uuidIn(one) === uuid ? change(one) : one)).filter((one) => one !== null);
}

/** The JSON of an event with an attribute changed, wherever it stands; null drops it. */
function withAttribute(json: Json, uuid: string, change: (attribute: Json) => Json | null, now: number): Json {
  const each = (list: readonly Json[]): Json[] => replaced(list, uuid, change);
  return withList(withList(json, 'Attribute', each), 'Object', (objects) => objects.map((object) => {
    if (!inside(object, 'Attribute').some((a) => uuidIn(a) === uuid)) return object;
    return { ...withList(object, 'Attribute', each), timestamp: now };
  }));
}
export async function editAttribute(parts: ExchangeParts, caller: Caller, name: string, asked: unknown): Promise<Response> {
  const own = await eventWith(parts, caller, name, 'attribute');
  const making = makingOf(parts);
  const sent = jsonIn(asked, 'Attribute');
  const { after, losses } = await keepChanged(parts, caller, own,
    withAttribute(eventJson(own.shown.event), own.uuid, (base) => laidAttribute(base, sent, making), making.now));
  return attributeAnswer(after, [own.uuid], losses);
}

const isHard = (asked: unknown): boolean => isStixObject(asked) && [true, 1, '1'].includes(own(asked, 'hard') as never);

export async function deleteAttribute(parts: ExchangeParts, caller: Caller, name: string, asked: unknown): Promise<Response> {
  const own = await eventWith(parts, caller, name, 'attribute');
  const { now } = makingOf(parts);
  await keepChanged(parts, caller, own,
    withAttribute(eventJson(own.shown.event), own.uuid, (base) => (isHard(asked) ? null : { ...base, deleted: true, timestamp: now }), now));
  return done('Attribute deleted.', `/attributes/delete/${name}`);
}

function objectAnswer(after: Shown, uuid: string, losses: readonly Loss[]): Response {
  const object = after.event.objects.find((o) => o.uuid === uuid);
  if (!object) throw noSuch('object');
  return answer({ Object: objectJsonOf(object, { eventId: after.id, id: after.numbers.get(uuid) ?? null }, nothingElse()), ...lostOf(losses) });
}
export async function addObject(parts: ExchangeParts, caller: Caller, name: string, asked: unknown): Promise<Response> {
  const own = await ownEvent(parts, caller, name);
  const sent = wholeObject(jsonIn(asked, 'Object'), makingOf(parts));
  if (own.shown.event.objects.some((o) => o.uuid === uuidIn(sent))) {
    throw new Refusal('forbidden', 'object.exists', 'An object with this uuid exists in this event.', { at: 'uuid' });
  }
  const { after, losses } = await keepChanged(parts, caller, own, withList(eventJson(own.shown.event), 'Object', (list) => [...list, sent]));
  return objectAnswer(after, uuidIn(sent), losses);
}
const withObject = (json: Json, uuid: string, change: (object: Json) => Json | null): Json =>
  withList(json, 'Object', (list) => replaced(list, uuid, change));

export async function editObject(parts: ExchangeParts, caller: Caller, name: string, asked: unknown): Promise<Response> {
  const own = await eventWith(parts, caller, name, 'object');
  const sent = jsonIn(asked, 'Object');
  const { after, losses } = await keepChanged(parts, caller, own,
    withObject(eventJson(own.shown.event), own.uuid, (base) => laidObject(base, sent, makingOf(parts))));
  return objectAnswer(after, own.uuid, losses);
}
export async function deleteObject(parts: ExchangeParts, caller: Caller, name: string, asked: unknown): Promise<Response> {
  const own = await eventWith(parts, caller, name, 'object');
  const { now } = makingOf(parts);
  await keepChanged(parts, caller, own,
    withObject(eventJson(own.shown.event), own.uuid, (base) => (isHard(asked) ? null : { ...base, deleted: true, timestamp: now })));
  return done('Object deleted', `/objects/delete/${name}`);
}

export async function addReference(parts: ExchangeParts, caller: Caller, asked: unknown): Promise<Response> {
  const sent = jsonIn(asked, 'ObjectReference');
  const from = ['object_uuid', 'source_uuid', 'object_id'].map((name) => own(sent, name)).find((v) => typeof v === 'string' && v !== '' && v !== '0');
  const target = own(sent, 'referenced_uuid');
  if (from === undefined || typeof target !== 'string') {
    throw new Refusal('invalid', 'misp.parameter', 'A reference says its object (object_uuid) and what it refers to (referenced_uuid).', { at: 'object_uuid' });
  }
  const own_ = await eventWith(parts, caller, String(from), 'object');
  const made = wholeReference(sent, makingOf(parts));
  const { after, losses } = await keepChanged(parts, caller, own_, withObject(eventJson(own_.shown.event), own_.uuid,
    (object) => withList(object, 'ObjectReference', (list) => [...list, made])));
  const object = after.event.objects.find((o) => o.uuid === own_.uuid);
  const json = object ? objectJsonOf(object, { eventId: after.id, id: after.numbers.get(own_.uuid) ?? null }, nothingElse())['ObjectReference'] as Json[] : [];
  return answer({ ObjectReference: json.find((r) => r['uuid'] === uuidIn(made)) ?? {}, ...lostOf(losses) });
}

/** A tag put on, or taken off, an event or an attribute that is named by its uuid. */
export async function changeTag(parts: ExchangeParts, caller: Caller, asked: unknown, put: boolean): Promise<Response> {
  const sent = jsonIn(asked, 'request');
  const [uuid, tag] = [own(sent, 'uuid') ?? own(sent, 'id'), own(sent, 'tag') ?? own(sent, 'name')];
  if ((typeof uuid !== 'string' && typeof uuid !== 'number') || typeof tag !== 'string' || tag.trim() === '') {
    throw new Refusal('invalid', 'misp.parameter', 'A tag is put on what `uuid` names, by its name in `tag`.', { at: 'uuid' });
  }
  const made = { name: tag.trim(), local: own(sent, 'local') ?? false, relationship_type: own(sent, 'relationship_type') ?? null };
  const change = (json: Json): Json => withList(json, 'Tag', (list) => [...list.filter((t) => own(t, 'name') !== made.name), ...(put ? [made] : [])]);
  const { now } = makingOf(parts);
  const named = String(uuid);
  const event = await ownEvent(parts, caller, named).catch((error: unknown) => {
    if (error instanceof Refusal && error.kind === 'not-found') return null;
    throw error;
  });
  if (event) await keepChanged(parts, caller, event, change(eventJson(event.shown.event)));
  else {
    const within = await eventWith(parts, caller, named, 'attribute');
    await keepChanged(parts, caller, within,
      withAttribute(eventJson(within.shown.event), within.uuid, (base) => ({ ...change(base), timestamp: now }), now));
  }
  return done(`Tag ${made.name} ${put ? 'attached to' : 'removed from'} ${event ? 'Event' : 'Attribute'}.`,
    `/tags/${put ? 'attachTagToObject' : 'removeTagFromObject'}`);
}
