/** Sightings as clients of MISP report, list and search them: of what is within reach, each told to whom it concerns. */
import type { Caller } from '#kit/endpoint';
import type { Json, Org } from '#kit/misp/model';
import { sightingJson } from '#kit/misp/write';
import { Refusal, noSuch } from '#kit/refusal';
import { isStixObject, own, type StixObject } from '#kit/stix/object';
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import { newUuid, nowUs, type ExchangeParts } from '../actions/parts.ts';
import type { Reach } from '../gate.ts';
import { heldWithin, thingTypes } from '../store/misp.ts';
import { addSightings, dropSighting, recentIds, sightingsOf, type Kind, type Sighted, type SightedRow } from '../store/sightings.ts';
import { answer, numberOf, orgJsonOf } from './answers.ts';
import { containerNamed, shownOf, type Shown } from './events.ts';
import { filtersOf } from './filters.ts';
import { attributeNamed, orgsOf, reachOf } from './asking.ts';
import { searchAttributes, withEvents } from './search.ts';

const mostListed = 10_000;
const mostSighted = 1_000;

type Named = Pick<SightedRow, 'id' | 'scope' | 'kind' | 'atUs' | 'source' | 'n' | 'obj'>;
const rowJson = (row: Named, org: Org, about: { readonly attribute: string; readonly uuid: string; readonly event: string }): Json => ({
  id: numberOf(row.id), uuid: row.id, type: String(row.kind), date_sighting: String(row.atUs / 1_000_000n), source: row.source, attribute_id: about.attribute,
  attribute_uuid: about.uuid, event_id: about.event, org_id: numberOf(org.uuid), Organisation: orgJsonOf(org), ...(row.n > 1 ? { count: String(row.n) } : {}),
});

/** Sightings of the attributes of events, by the attribute's uuid: those that are kept by themselves, and those that came as STIX. */
export async function sightingsIn(parts: ExchangeParts, reach: Reach, org: string, events: readonly Shown[]): Promise<Map<string, readonly Json[]>> {
  const found = new Map<string, Json[]>();
  const orgs = orgsOf(parts);
  const known = new Set<string>();
  for (const { event, numbers, id } of events) {
    const uuidOf = new Map([...numbers].map(([uuid, obj]) => [obj, uuid]));
    const objs = [...numbers.values()];
    const rows = objs.length === 0 ? [] : await sightingsOf(parts.db, reach, org, { objs, limit: mostListed });
    for (const row of rows) {
      const uuid = row.part || (uuidOf.get(row.obj) ?? '');
      known.add(row.id);
      found.set(uuid, [...found.get(uuid) ?? [], rowJson(row, await orgs(row.scope), { attribute: row.part ? '0' : row.obj, uuid, event: id })]);
    }
    for (const attribute of [...event.attributes, ...event.objects.flatMap((o) => o.attributes)]) {
      const more = attribute.sightings.filter((s) => !known.has(s.uuid));
      if (more.length > 0) found.set(attribute.uuid, [...found.get(attribute.uuid) ?? [], ...more.map((s) => ({ ...sightingJson(s), event_id: id }))]);
    }
  }
  return found;
}

const bad = (at: string, sentence: string): Refusal => new Refusal('invalid', 'misp.parameter', sentence, { at });

function kindOf(value: unknown): Kind {
  const kind = value === undefined || value === null || value === '' ? 0 : Number(value);
  if (kind !== 0 && kind !== 1 && kind !== 2) throw bad('type', 'A sighting is of type 0 (seen), 1 (seen and false) or 2 (expired).');
  return kind;
}
function momentOf(parts: ExchangeParts, json: StixObject): bigint {
  const given = [own(json, 'timestamp'), own(json, 'date_sighting')].find((v) => v !== undefined && v !== null && v !== '');
  const [date, time] = [own(json, 'date'), own(json, 'time')];
  const text = typeof date === 'string' && date !== '' ? `${date}T${typeof time === 'string' && time !== '' ? time : '00:00:00'}Z` : given;
  if (text === undefined) return BigInt(nowUs(parts));
  const seconds = typeof text === 'number' || /^\d{1,12}(?:\.\d+)?$/.test(String(text))
    ? Math.floor(Number(text)) : Math.floor(Date.parse(String(text)) / 1000);
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > 253_402_300_799) throw bad('timestamp',
    'The time of a sighting is seconds since 1970, or a moment.');
  return BigInt(seconds) * 1_000_000n;
}

interface Aim { readonly obj: string; readonly holder: string; readonly part: string; readonly uuid: string; readonly event: string }

/** What a sighting is about: an attribute that is named, or every one within reach that has the value. */
async function aimsOf(parts: ExchangeParts, reach: Reach, org: string, json: StixObject, named: string): Promise<Aim[]> {
  const text = (name: string): string => {
    const value = own(json, name);
    return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  };
  const one = named || text('uuid') || text('id');
  if (one !== '') {
    const found = await attributeNamed(parts, reach, org, one);
    return [{
      obj: found.object?.id ?? found.id ?? '', holder: found.holder, part: found.object ? found.attribute.uuid : '', uuid: found.attribute.uuid,
      event: found.event?.id ?? '0',
    }];
  }
  const values = [own(json, 'value'), own(json, 'values')].flat().filter((v): v is string => typeof v === 'string' && v !== '');
  if (values.length === 0) throw bad('value', 'A sighting names an attribute by id or uuid, or a value.');
  const f = filtersOf({ value: values.map((v) => v.replaceAll('%', '')), limit: mostSighted }, 0);
  const { items, more } = await searchAttributes(parts.db, reach, f, null);
  if (more) throw new Refusal('unprocessable', 'misp.too-broad', `More than ${mostSighted} attributes have this value.`, { at: 'value' });
  if (items.length === 0) throw noSuch('attribute');
  return items.map(({ attribute, id, object, holder, event }) => ({
    obj: object?.id ?? id ?? '', holder, part: object ? attribute.uuid : '', uuid: attribute.uuid, event: event?.id ?? '0',
  }));
}

export async function addSighting(parts: ExchangeParts, caller: Caller, asked: unknown, named: string): Promise<Response> {
  const inner = isStixObject(asked) && isStixObject(own(asked, 'Sighting')) ? own(asked, 'Sighting') : asked;
  const json: StixObject = isStixObject(inner) ? inner : {};
  const reach = await reachOf(parts, caller);
  const { actor } = caller;
  const [kind, atUs] = [kindOf(own(json, 'type')), momentOf(parts, json)];
  const said = own(json, 'source');
  const source = typeof said === 'string' ? said.slice(0, 300) : '';
  const aims = await aimsOf(parts, reach, actor.org, json, named);
  const rows = aims.map((aim): Sighted => ({
    id: newUuid(parts), scope: actor.org, holder: aim.holder, obj: aim.obj, part: aim.part, kind, atUs, source, n: 1, by: actor.person,
  }));
  const at = parts.clock.iso();
  await asHub('a sighting of what another holds is told to it', () => parts.db.transaction(async (tx) => {
    await addSightings(tx, rows, nowUs(parts));
    await stateFact(tx, {
      class: 'sighting.added', at, actor: actor.person, org: actor.org, subject: rows[0]?.id ?? '', clauses: [],
      readers: [...new Set(rows.map((r) => r.holder))].filter((holder) => holder !== actor.org), body: { kind, sightings: rows.length },
    });
  }));
  const [row, aim] = [rows[0], aims[0]];
  if (!row || !aim) throw noSuch('attribute');
  const org = await orgsOf(parts)(actor.org);
  return answer({ Sighting: rowJson(row, org, { attribute: aim.part ? '0' : aim.obj, uuid: aim.uuid, event: aim.event }), count: rows.length });
}

/** Only whoever reported one takes it back. */
export async function deleteSighting(parts: ExchangeParts, { actor }: Caller, named: string): Promise<Response> {
  const id = await sightingNamed(parts, actor.org, named.replace(/\.json$/, '').toLowerCase());
  await parts.db.transaction(async (tx) => {
    if (id === null || !await dropSighting(tx, actor.org, id)) throw noSuch('sighting');
    await stateFact(tx, {
      class: 'sighting.removed', at: parts.clock.iso(), actor: actor.person, org: actor.org, subject: id, readers: [], clauses: [], body: {},
    });
  });
  return answer({ saved: true, success: true, name: 'Sighting successfully deleted.', message: 'Sighting successfully deleted.',
    url: `/sightings/delete/${named}` });
}
/** Our numbers of sightings are made of their uuids: of the newest of one's own the one that has it. */
async function sightingNamed(parts: ExchangeParts, org: string, named: string): Promise<string | null> {
  if (!/^\d+$/.test(named)) return named;
  return (await recentIds(parts.db, org, 50_000)).find((id) => numberOf(id) === named) ?? null;
}

/** Rows with what they are about, as a list of MISP's. */
async function listed(parts: ExchangeParts, reach: Reach, rows: readonly SightedRow[]): Promise<{ row: SightedRow; json: Json }[]> {
  const orgs = orgsOf(parts);
  const objs = [...new Set(rows.map((r) => r.obj))];
  const held = objs.length === 0 ? [] : await heldWithin(parts.db, reach, { objs, types: thingTypes, limit: objs.length });
  const about = new Map((await withEvents(parts.db, reach, held)).map((p) => [p.held.obj, { uuid: p.attributes[0]?.uuid ?? '', event: p.event?.id ?? '0' }]));
  const found: { row: SightedRow; json: Json }[] = [];
  for (const row of rows) {
    const at = about.get(row.obj) ?? { uuid: '', event: '0' };
    found.push({ row, json: rowJson(row, await orgs(row.scope), { attribute: row.part ? '0' : row.obj, uuid: row.part || at.uuid, event: at.event }) });
  }
  return found;
}

/** All that one may know of, or those of an event or attribute. */
export async function listSightings(parts: ExchangeParts, caller: Caller, asked: unknown): Promise<Response> {
  const reach = await reachOf(parts, caller);
  const json: StixObject = isStixObject(asked) ? asked : {};
  const id = own(json, 'id');
  const name = typeof id === 'string' || typeof id === 'number' ? String(id) : '';
  const objs = name === '' ? undefined : await aboutNamed(parts, reach, caller.actor.org, own(json, 'context') === 'event' ? 'event' : 'attribute', name);
  const rows = await sightingsOf(parts.db, reach, caller.actor.org, { objs: objs?.objs, limit: mostListed });
  return answer((await listed(parts, reach, rows.filter((r) => !objs?.part || r.part === objs.part))).map(({ json: one }) => ({ Sighting: one })), more(rows));
}
/** Whether there are more than one answer tells. */
const more = (rows: readonly unknown[]): Record<string, string> => ({ 'x-result-more': rows.length >= mostListed ? '1' : '0' });
async function aboutNamed(
  parts: ExchangeParts, reach: Reach, org: string, what: string, name: string,
): Promise<{ readonly objs: readonly string[]; readonly part: string | null }> {
  if (what === 'event') {
    const shown = await shownOf(parts.db, reach, await containerNamed(parts.db, reach, org, name));
    return { objs: [...shown.numbers.values()], part: null };
  }
  const found = await attributeNamed(parts, reach, org, name);
  return { objs: [found.object?.id ?? found.id ?? '0'], part: found.object ? found.attribute.uuid : null };
}

export async function findSightings(parts: ExchangeParts, caller: Caller, asked: unknown, context: string): Promise<Response> {
  const reach = await reachOf(parts, caller);
  const json: StixObject = isStixObject(asked) ? asked : {};
  const f = filtersOf(Object.fromEntries(Object.entries(json).filter(([name]) => !['type', 'type_sighting', 'date_from', 'date_to', 'includeAttribute',
    'includeEvent', 'source',
    'org_id', 'uuid', 'id', 'org'].includes(name))), Math.floor(parts.clock.now() / 1000));
  const given = (name: string): unknown => (own(json, name) === '' || own(json, name) === null ? undefined : own(json, name));
  const id = given('id') ?? given('uuid');
  const about = id === undefined || (context !== 'event' && context !== 'attribute') ? undefined
    : await aboutNamed(parts, reach, caller.actor.org, context, String(id));
  const span = f.published ?? f.timestamp;
  const day = (text: string | null, end: boolean): number | undefined => (text === null
    ? undefined : Date.parse(`${text}T${end ? '23:59:59' : '00:00:00'}Z`) * 1000);
  const wanted = given('org_id') ?? given('org');
  const rows = await sightingsOf(parts.db, reach, caller.actor.org, {
    objs: about?.objs, fromUs: span ? Math.max(0, span.from) * 1_000_000 : day(f.date.from, false), kind: given('type') === undefined
      ? undefined : kindOf(given('type')),
    toUs: span && span.to < 253_402_300_799 ? span.to * 1_000_000 : day(f.date.to, true), limit: mostListed,
  });
  const source = given('source');
  const all = await listed(parts, reach, rows.filter((r) => (!about?.part || r.part === about.part) && (source === undefined || r.source === source)));
  const orgs = orgsOf(parts);
  const found: Json[] = [];
  for (const { row, json: one } of all) {
    const org = await orgs(row.scope);
    if (wanted !== undefined && ![org.uuid, org.name, numberOf(org.uuid)].includes(String(wanted))) continue;
    found.push({ Sighting: one });
  }
  const limit = f.limit ?? mostListed;
  return answer({ response: found.slice((f.page - 1) * limit, f.page * limit) },
    { 'x-result-more': found.length > f.page * limit ? '1' : more(rows)['x-result-more'] ?? '0' });
}
