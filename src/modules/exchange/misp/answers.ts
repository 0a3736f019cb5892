/** Answers in the shapes of MISP's API: events, attributes, objects, tags, organisations, and its way to say no. Pure. */
import { createHash } from 'node:crypto';
import { mispNamespace, type Attribute, type Json, type MispObject, type Org, type Tag } from '#kit/misp/model';
import { attributeJson, eventJson, objectJson, tagJson } from '#kit/misp/write';
import { Refusal } from '#kit/refusal';
import { uuid5 } from '#kit/stix/sco-id';
import type { Shown } from './events.ts';

export function answer(body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status: 200, headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers } });
}

/**
 * A no as MISP says it: a name, a message, the act it was asked of. What must stay unknown says the same as what never was, so that the
 * address is told without what it named.
 */
export function mispProblem(status: number, error: unknown, traceId: string, path: string): Response {
  const refusal = error instanceof Refusal ? error : null;
  const message = refusal ? `${refusal.message}${refusal.detail.hint ? ` ${refusal.detail.hint}` : ''}` : `Something broke on our side (${traceId}).`;
  const said = new Response(JSON.stringify({
    name: refusal ? refusal.message : 'Internal error', message, url: path.replace(/\/:.*$/, ''), ...(refusal?.detail.at === undefined
      ? {} : { errors: { [refusal.detail.at]: [message] } }),
  }), { status, headers: { 'content-type': 'application/json', 'cache-control': 'no-store' } });
  if (refusal) said.headers.set('entente-refusal', refusal.code);
  if (status === 401) said.headers.set('www-authenticate', 'Bearer');
  return said;
}

/** A whole number for what has a uuid or a name only: the same every time, and small enough for every client. */
export function numberOf(text: string): string {
  return String(Number.parseInt(createHash('sha256').update(text).digest('hex').slice(0, 12), 16));
}
export const orgJsonOf = (org: Org): Json => ({ id: numberOf(org.uuid), name: org.name, uuid: org.uuid, local: true });
export const tagJsonOf = (tag: Tag): Json => ({
  id: numberOf(tag.name), colour: '#646464', exportable: true, user_id: '0', hide_tag: false, numerical_value: null,
  is_galaxy: tag.name.startsWith('misp-galaxy:'),
  is_custom_galaxy: false, local_only: false, local: false, relationship_type: null, ...tagJson(tag),
});

/** What an attribute is asked for, beside itself. */
export interface Around {
  readonly eventId: string;
  readonly eventUuid: string | null;
  readonly objectId: string;
  readonly id: string | null;
  readonly sightings?: readonly Json[] | undefined;
  readonly withAttachments?: boolean | undefined;
}
export function attributeJsonOf(attribute: Attribute, around: Around): Json {
  const { data, Sighting: _, Tag: __, ...json } = attributeJson(attribute) as Record<string, unknown>;
  return {
    ...(around.id === null ? {} : { id: around.id }), event_id: around.eventId, object_id: around.objectId, object_relation: attribute.relation,
    category: attribute.category || 'Other', type: attribute.type, to_ids: attribute.toIds, uuid: attribute.uuid, timestamp: String(attribute.timestamp),
    distribution: String(attribute.distribution), sharing_group_id: '0', comment: attribute.comment, deleted: attribute.deleted,
    disable_correlation: attribute.uncorrelated, first_seen: attribute.firstSeen, last_seen: attribute.lastSeen, value: attribute.value, ...json,
    ...(data !== undefined && around.withAttachments !== false ? { data } : {}), ...(around.eventUuid === null ? {} : { event_uuid: around.eventUuid }),
    Galaxy: json['Galaxy'] ?? [], ShadowAttribute: [], ...(attribute.tags.length > 0 ? { Tag: attribute.tags.map(tagJsonOf) } : {}),
    ...(around.sightings && around.sightings.length > 0 ? { Sighting: around.sightings } : {}),
  };
}

export interface Wanted {
  readonly deleted: 'no' | 'only' | 'too';
  readonly withAttachments: boolean;
  /** Sightings by the uuid of the attribute. */
  readonly sightings: ReadonlyMap<string, readonly Json[]>;
}
const goes = (wanted: Wanted, deleted: boolean): boolean => (wanted.deleted === 'too' || (wanted.deleted === 'only') === deleted);

export function objectJsonOf(object: MispObject, around: { eventId: string; id: string | null }, wanted: Wanted): Json {
  const { Attribute: _, ...json } = objectJson(object) as Record<string, unknown>;
  const attributes = object.attributes.filter((a) => goes(wanted, a.deleted) || object.deleted).map((a) => attributeJsonOf(a, {
    eventId: around.eventId, eventUuid: null, objectId: around.id ?? '0', id: null, sightings: wanted.sightings.get(a.uuid),
    withAttachments: wanted.withAttachments,
  }));
  return {
    ...(around.id === null ? {} : { id: around.id }), name: object.name, 'meta-category': object.metaCategory, description: object.description,
    template_uuid: object.templateUuid, template_version: object.templateVersion || '1', event_id: around.eventId, uuid: object.uuid,
    timestamp: String(object.timestamp), distribution: String(object.distribution), sharing_group_id: '0', comment: object.comment, deleted: object.deleted,
    first_seen: object.firstSeen, last_seen: object.lastSeen, ...json,
    ObjectReference: object.references.filter((r) => !r.deleted || wanted.deleted !== 'no').map((r) => ({
      uuid: r.uuid, timestamp: String(r.timestamp), object_id: around.id ?? '0', source_uuid: object.uuid, referenced_uuid: r.target,
      referenced_type: '1', relationship_type: r.type, comment: r.comment, deleted: r.deleted, event_id: around.eventId, object_uuid: object.uuid,
    })),
    Attribute: attributes,
  };
}

/** What MISP says of an event before what is in it. */
export function headJson(shown: Shown, org: Org): Json {
  const { event } = shown;
  const orgc = event.orgc ?? { uuid: uuid5(mispNamespace, `org ${shown.holder}`), name: '' };
  const { Attribute: _, Object: __, EventReport: ___, Galaxy: ____, Tag: _____, Org: ______, Orgc: _______, ...json } = eventJson(event) as Record<string,
    unknown>;
  return {
    id: shown.id, orgc_id: numberOf(orgc.uuid), org_id: numberOf(org.uuid), ...json, published: event.published,
    publish_timestamp: String(event.publishedAt), sharing_group_id: '0', extends_uuid: event.extends ?? '', locked: false, proposal_email_lock: false,
    disable_correlation: false, Org: orgJsonOf(org), Orgc: orgJsonOf(orgc), ...(event.tags.length > 0 ? { Tag: event.tags.map(tagJsonOf) } : {}),
  };
}

export function wholeJson(shown: Shown, org: Org, wanted: Wanted): Json {
  const { event, id, numbers } = shown;
  const attributes = event.attributes.filter((a) => goes(wanted, a.deleted)).map((a) => attributeJsonOf(a, {
    eventId: id, eventUuid: null, objectId: '0', id: numbers.get(a.uuid) ?? null, sightings: wanted.sightings.get(a.uuid),
    withAttachments: wanted.withAttachments,
  }));
  const objects = event.objects.filter((o) => goes(wanted, o.deleted)).map((o) => objectJsonOf(o, { eventId: id, id: numbers.get(o.uuid) ?? null }, wanted));
  const json = eventJson(event);
  return {
    ...headJson(shown, org), attribute_count: String(attributes.length + event.objects.reduce((n, o) => n + o.attributes.length, 0)),
    Attribute: attributes, ShadowAttribute: [], RelatedEvent: [], Galaxy: json['Galaxy'] ?? [], Object: objects,
    EventReport: event.reports.filter((r) => goes(wanted, r.deleted)).map((r) => ({
      uuid: r.uuid, event_id: id, name: r.name, content: r.content, distribution: String(r.distribution), sharing_group_id: '0',
      timestamp: String(r.timestamp), deleted: r.deleted,
    })),
    CryptographicKey: [],
  };
}

/** One row of the list of events. */
export function rowJson(shown: Shown, org: Org, minimal: boolean): Json {
  const { event } = shown;
  if (minimal) {
    return {
      id: shown.id, uuid: event.uuid, timestamp: String(event.timestamp), sighting_timestamp: '0', published: event.published,
      orgc_uuid: event.orgc?.uuid ?? '', published_timestamp: String(event.publishedAt),
    };
  }
  const { Tag: _, ...head } = headJson(shown, org) as Record<string, unknown>;
  return {
    ...head, GalaxyCluster: [],
    EventTag: event.tags.map((tag) => ({ event_id: shown.id, tag_id: numberOf(tag.name), local: tag.local, relationship_type: tag.relationship ?? '',
      Tag: tagJsonOf(tag) })),
  };
}

export const nothingElse = (sightings: ReadonlyMap<string, readonly Json[]> = new Map()): Wanted => ({ deleted: 'no', withAttachments: true, sightings });
