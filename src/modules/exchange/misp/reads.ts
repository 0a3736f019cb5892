/** What clients of MISP read: events, attributes, objects, searches, lists. Each asks the gate anew; what is not within reach never was. */
import type { Caller } from '#kit/endpoint';
import { keyOf } from '#kit/match/key';
import { readValue } from '#kit/match/value';
import type { Json, MispObject, Org } from '#kit/misp/model';
import { isStixObject, own } from '#kit/stix/object';
import { Refusal, noSuch } from '#kit/refusal';
import { personById } from '#modules/parties/index';
import type { ExchangeParts } from '../actions/parts.ts';
import type { Reach } from '../gate.ts';
import { benignOf, warninglistsOf } from '../store/lookup.ts';
import { clusterTypes, containerTypes, heldWithin } from '../store/misp.ts';
import { asRead, attributeNamed, orgsOf, reachOf } from './asking.ts';
import { answer, attributeJsonOf, headJson, nothingElse, numberOf, objectJsonOf, orgJsonOf, rowJson, tagJsonOf, wholeJson, type Wanted } from './answers.ts';
import { containerNamed, headOf, shownOf, thingNamed, type Shown } from './events.ts';
import { filtersOf, passes, type Filters } from './filters.ts';
import { harmful, searchAttributes, searchEvents, searchObjects, tooBroad, withEvents, type FoundAttribute } from './search.ts';
import { sightingsIn } from './sightings.ts';
import { orgUuid } from './storing.ts';

const now = ({ clock }: ExchangeParts): number => Math.floor(clock.now() / 1000);

export async function viewEvent(parts: ExchangeParts, caller: Caller, name: string, asked: unknown): Promise<Response> {
  const reach = await reachOf(parts, caller);
  const f = filtersOf({ deleted: isStixObject(asked) ? own(asked, 'deleted') : undefined }, now(parts));
  const container = await containerNamed(parts.db, reach, caller.actor.org, name);
  return answer({ Event: await wholeOf(parts, caller, reach, await shownOf(parts.db, reach, container), { deleted: f.deleted, withAttachments: true }) });
}

export async function wholeOf(
  parts: ExchangeParts, caller: Caller, reach: Reach, shown: Shown, wanted: Pick<Wanted, 'deleted' | 'withAttachments'> = { deleted: 'no',
    withAttachments: true },
): Promise<Json> {
  const sightings = await sightingsIn(parts, reach, caller.actor.org, [shown]);
  return wholeJson(asRead(shown, caller.actor.org), await orgsOf(parts)(shown.holder), { ...wanted, sightings });
}

/** Headers that say how far a page is. */
const paged = (f: Filters, more: boolean): Record<string, string> => ({ 'x-result-page': String(f.page), 'x-result-more': more ? '1' : '0' });

export async function findEvents(parts: ExchangeParts, caller: Caller, asked: unknown): Promise<Response> {
  const reach = await reachOf(parts, caller);
  const f = filtersOf(asked, now(parts));
  const { items, more } = await searchEvents(parts.db, reach, f);
  const org = orgsOf(parts);
  const events: Json[] = [];
  const whole: Shown[] = [];
  for (const item of items) {
    const shown = f.metadata || item.numbers.size > 0 || item.objects.length > 2 ? item : await shownOf(parts.db, reach, item.container);
    whole.push(f.enforceWarninglist && !f.metadata ? { ...shown, event: await harmful(parts.db, caller.actor.org, shown.event) } : shown);
  }
  const sightings = f.metadata ? new Map() : await sightingsIn(parts, reach, caller.actor.org, whole);
  for (const shown of whole) {
    const read = asRead(shown, caller.actor.org);
    events.push({ Event: f.metadata ? headJson(read, await org(shown.holder))
      : wholeJson(read, await org(shown.holder), { deleted: f.deleted, withAttachments: f.withAttachments, sightings }) });
  }
  return answer({ response: events }, paged(f, more));
}

export async function listEvents(parts: ExchangeParts, caller: Caller, asked: unknown): Promise<Response> {
  const reach = await reachOf(parts, caller);
  const f: Filters = { ...filtersOf(asked, now(parts)), metadata: true };
  const { items, more } = await searchEvents(parts.db, reach, f);
  const org = orgsOf(parts);
  const rows: Json[] = [];
  for (const shown of items) rows.push(rowJson(asRead(shown, caller.actor.org), await org(shown.holder), f.minimal));
  return answer(rows, paged(f, more));
}

async function attributeAnswer(
  found: FoundAttribute, f: Pick<Filters, 'context' | 'eventTagsToo' | 'withAttachments'>, org: (id: string) => Promise<Org>,
  sightings: readonly Json[] | undefined,
): Promise<Json> {
  const { attribute, event, id, object } = found;
  const eventTags = f.eventTagsToo && event ? event.event.tags.filter((t) => !attribute.tags.some((x) => x.name === t.name)).map((t) => ({ ...tagJsonOf(t),
    inherited: 1 })) : [];
  const json = attributeJsonOf(attribute, {
    eventId: event?.id ?? '0', eventUuid: event?.event.uuid ?? null, objectId: object?.id ?? '0', id, sightings, withAttachments: f.withAttachments,
  });
  const tags = [...(Array.isArray(json['Tag']) ? json['Tag'] as unknown[] : []), ...eventTags];
  return {
    ...json, ...(tags.length > 0 ? { Tag: tags } : {}),
    ...(event ? { Event: f.context ? headJson(event, await org(event.holder)) : {
      id: event.id, uuid: event.event.uuid, info: event.event.info, org_id: numberOf(orgUuid(event.holder)), distribution: String(event.event.distribution),
      orgc_id: numberOf(event.event.orgc?.uuid ?? ''), date: event.event.date, published: event.event.published,
    } } : {}),
  };
}

export async function findAttributes(parts: ExchangeParts, caller: Caller, asked: unknown): Promise<Response> {
  const reach = await reachOf(parts, caller);
  const f = filtersOf(asked, now(parts));
  const { items, more } = await searchAttributes(parts.db, reach, f, f.enforceWarninglist ? caller.actor.org : null);
  const org = orgsOf(parts);
  const sightings = f.sightings ? await sightingsIn(parts, reach, caller.actor.org, items.map((i) => i.event).filter((e) => e !== null)) : new Map();
  const attributes: Json[] = [];
  for (const found of items) {
    const read = found.event ? { ...found, event: asRead(found.event, caller.actor.org) } : found;
    attributes.push(await attributeAnswer(read, f, org, sightings.get(found.attribute.uuid)));
  }
  return answer({ response: { Attribute: attributes } }, paged(f, more));
}

export async function viewAttribute(parts: ExchangeParts, caller: Caller, name: string): Promise<Response> {
  const reach = await reachOf(parts, caller);
  const found = await attributeNamed(parts, reach, caller.actor.org, name);
  const shown = { context: false, eventTagsToo: false, withAttachments: true };
  return answer({ Attribute: await attributeAnswer(found, shown, orgsOf(parts), undefined) });
}

export async function viewObject(parts: ExchangeParts, caller: Caller, name: string): Promise<Response> {
  const reach = await reachOf(parts, caller);
  const { held } = await thingNamed(parts.db, reach, caller.actor.org, name, 'object');
  const [found] = await withEvents(parts.db, reach, [held]);
  const [alone] = found?.objects ?? [];
  if (!alone) throw noSuch('object');
  const [object] = await withReferences(parts, reach, [{ object: alone, event: found?.event ?? null }]);
  if (!object) throw noSuch('object');
  return answer({ Object: objectJsonOf(object, { eventId: found?.event?.id ?? '0', id: held.obj }, { ...nothingElse(), deleted: 'no' }) });
}

/** Objects as they stand in their events: what they refer to is said there. */
async function withReferences(
  { db }: ExchangeParts, reach: Reach, found: readonly { readonly object: MispObject; readonly event: Shown | null }[],
): Promise<MispObject[]> {
  const events = new Map<string, Map<string, MispObject>>();
  for (const { event } of found) {
    if (!event || events.has(event.container.obj)) continue;
    const { event: whole } = await shownOf(db, reach, event.container);
    events.set(event.container.obj, new Map(whole.objects.map((o) => [o.uuid, o])));
  }
  return found.map(({ object, event }) => events.get(event?.container.obj ?? '')?.get(object.uuid) ?? object);
}

export async function findObjects(parts: ExchangeParts, caller: Caller, asked: unknown): Promise<Response> {
  const reach = await reachOf(parts, caller);
  const f = filtersOf(asked, now(parts));
  const { items, more } = await searchObjects(parts.db, reach, f);
  const whole = await withReferences(parts, reach, items);
  return answer({ response: items.map(({ object, id, event }, i) => ({
    Object: objectJsonOf(whole[i] ?? object, { eventId: event?.id ?? '0', id }, { ...nothingElse(), deleted: f.deleted, withAttachments: f.withAttachments }),
  })) }, paged(f, more));
}

/** What a list goes through at most: a list that leaves off in silence lies. */
const mostGoneThrough = 200_000;

/** All heads of events within reach, for the lists that are made of them. */
async function* heads(parts: ExchangeParts, reach: Reach): AsyncGenerator<Shown> {
  for (let after = '0', seen = 0; ;) {
    const found = await heldWithin(parts.db, reach, { types: containerTypes, after, limit: 1_000 });
    yield* await headOf(parts.db, reach, found);
    seen += found.length;
    const last = found.at(-1);
    if (found.length < 1_000 || !last) return;
    if (seen >= mostGoneThrough) throw tooBroad();
    after = last.obj;
  }
}

/** Tags that stand on events within reach, each with how many: those of attributes are found by searching for them. */
export async function listTags(parts: ExchangeParts, caller: Caller, name: unknown): Promise<Response> {
  const reach = await reachOf(parts, caller);
  const wanted = filtersOf({ tags: name }, now(parts)).tags;
  const found = new Map<string, { json: Json; count: number }>();
  for await (const { event } of heads(parts, reach)) {
    for (const tag of event.tags) {
      if (!passes(wanted, [tag.name])) continue;
      const there = found.get(tag.name);
      found.set(tag.name, { json: there?.json ?? tagJsonOf(tag), count: (there?.count ?? 0) + 1 });
    }
  }
  const tags = [...found.values()].map(({ json, count }) => ({ ...json, count, attribute_count: 0 }));
  return answer(name === undefined ? { Tag: tags } : tags.map((tag) => ({ Tag: tag, Taxonomy: null, TaxonomyPredicate: null })));
}

/** Galaxies of which clusters stand in the objects within reach. */
export async function listGalaxies(parts: ExchangeParts, caller: Caller): Promise<Response> {
  const reach = await reachOf(parts, caller);
  const found = new Map<string, Json>();
  for (let after = '0', seen = 0; ;) {
    const held = await heldWithin(parts.db, reach, { types: clusterTypes, after, limit: 2_000 });
    for (const { body } of held) {
      const galaxy = own(body, 'x_misp_galaxy');
      if (!isStixObject(galaxy) || typeof own(galaxy, 'type') !== 'string') continue;
      const type = String(own(galaxy, 'type'));
      const text = (field: string): string => (typeof own(galaxy, field) === 'string' ? String(own(galaxy, field)) : '');
      found.set(type, found.get(type) ?? { Galaxy: {
        id: numberOf(`galaxy ${type}`), uuid: text('uuid'), name: text('name') || type, type, description: text('description'), version: text('version'),
        icon: text('icon'), namespace: text('namespace'), kill_chain_order: null,
      } });
    }
    seen += held.length;
    const last = held.at(-1);
    if (held.length < 2_000 || !last) break;
    if (seen >= mostGoneThrough) throw tooBroad();
    after = last.obj;
  }
  return answer([...found.values()]);
}

/** One's own organisation, and those that made or hold events within reach. */
export async function listOrganisations(parts: ExchangeParts, caller: Caller): Promise<Response> {
  const reach = await reachOf(parts, caller);
  const orgs = orgsOf(parts);
  const me = await orgs(caller.actor.org);
  const found = new Map<string, Org>([[me.uuid, me]]);
  for await (const { event, holder } of heads(parts, reach)) {
    for (const org of [await orgs(holder), event.orgc]) if (org && org.name !== '' && !found.has(org.uuid)) found.set(org.uuid, org);
  }
  return answer([...found.values()].map((org) => ({ Organisation: { ...orgJsonOf(org), local: org.uuid === me.uuid, type: '', nationality: '',
    sector: '' } })));
}

export async function listWarninglists(parts: ExchangeParts, { actor }: Caller): Promise<Response> {
  const lists = await warninglistsOf(parts.db, actor.org);
  return answer({ Warninglists: lists.map((list) => ({ Warninglist: {
    id: numberOf(list.id), name: list.name, type: list.kind, description: list.description, version: list.version, enabled: true, default: false,
    category: 'false_positive', warninglist_entry_count: String(list.names), valid_attributes: '',
  } })) });
}

/** Which of one's own warninglists each value stands on; values that stand on none are not in the answer. */
export async function checkValues(parts: ExchangeParts, { actor }: Caller, asked: unknown): Promise<Response> {
  const list = Array.isArray(asked) ? asked as unknown[] : isStixObject(asked) ? Object.values(asked).flat() : [asked];
  const values = list.filter((v): v is string => typeof v === 'string').slice(0, 10_001);
  if (values.length === 0 || values.length > 10_000) throw new Refusal('invalid', 'misp.parameter', 'A value, or a list of at most 10000 of them, is checked.');
  const lists = await warninglistsOf(parts.db, actor.org);
  const read = values.map((value) => ({ value, is: readValue(value) }));
  const benign = await benignOf(parts.db, actor.org, [...new Set(read.flatMap(({ is }) => (is ? [keyOf(is.kind, is.value)] : [])))]);
  return answer(Object.fromEntries(read.flatMap(({ value, is }) => {
    const names = is ? benign.get(keyOf(is.kind, is.value)) ?? [] : [];
    return names.length === 0 ? [] : [[value, lists.filter((l) => names.includes(l.name)).map((l) => ({ id: numberOf(l.id), name: l.name,
      matched: is?.value ?? value }))]];
  })));
}

export async function viewMe(parts: ExchangeParts, { actor }: Caller, may: (right: string) => boolean): Promise<Response> {
  const person = await personById(parts.db, actor.person);
  const org = await orgsOf(parts)(actor.org);
  const [writes, sights] = [may('threat.import'), may('sighting.add')];
  return answer({
    User: { id: numberOf(actor.person), org_id: numberOf(org.uuid), email: person?.email ?? '', role_id: '1', autoalert: false, disabled: false },
    Organisation: orgJsonOf(org),
    Role: {
      id: '1', name: writes ? 'Publisher' : 'Read Only', perm_add: writes, perm_modify: writes, perm_modify_org: writes, perm_publish: writes,
      perm_tagger: writes,
      perm_sighting: sights, perm_auth: true, perm_sync: false, perm_admin: false, perm_audit: false, perm_site_admin: false, perm_sharing_group: false,
      perm_tag_editor: writes, perm_delegate: false, perm_template: false, perm_object_template: false, perm_galaxy_editor: false, perm_decaying: false,
      perm_regexp_access: false, perm_publish_zmq: false, perm_publish_kafka: false, perm_warninglist: false, perm_view_feed_correlations: false,
      perm_analyst_data: false, perm_server_sign: false,
    },
    UserSetting: {},
  });
}
