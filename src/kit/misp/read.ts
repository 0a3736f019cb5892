/**
 * Reads events of MISP's core format out of any JSON value: an answer of its API, an event with or without `Event` around it, a file of a
 * feed. What is wrong is a problem at its place and the rest is read; nothing throws. What is well-formed but not taken in is a loss.
 */
import { isWellFormed } from '#kit/encoding';
import { within } from '#kit/stix/notes';
import { isStixObject, own } from '#kit/stix/object';
import { uuid5 } from '#kit/stix/sco-id';
import {
  mispLimits, mispNamespace, Noted, uuidShape, type Attribute, type Cluster, type Galaxy, type Json, type Loss, type MispEvent, type MispLimits,
  type MispObject, type MispProblem, type Org, type Reference, type Report, type SharingGroup, type Sighting, type SightingKind, type Tag,
} from './model.ts';
import { isMispTime } from './times.ts';

export interface MispReading {
  readonly events: readonly MispEvent[];
  readonly problems: readonly MispProblem[];
  readonly losses: readonly Loss[];
  /** Whether there are more problems or losses than are kept, or a limit ended the reading. */
  readonly more: boolean;
}

/** What counts within one instance, is computed by it, or says again what stands elsewhere. */
const local = new Set((`id event_id object_id org_id orgc_id galaxy_id galaxy_cluster_id tag_id sharing_group_id source_id referenced_id referenced_type
  referenced_uuid attribute_id attribute_count value1 value2 event_uuid object_uuid source_uuid locked proposal_email_lock event_creator_email user_id org
  RelatedEvent RelatedAttribute Feed warnings decay_score protected CryptographicKey sighting_timestamp is_galaxy is_custom_galaxy exportable hide_tag
  numerical_value enabled default collection_uuid version_uuid count inherited local_only created modified distribution_name Event Object Attribute uuid
  template_id`).split(/\s+/));

class Reader {
  readonly notes: Noted;
  readonly limits: MispLimits;
  private things = 0;
  private seen = new Set<string>();
  constructor(limits: MispLimits) {
    this.limits = limits;
    this.notes = new Noted(limits.notes);
  }

  /** A text, or what is given instead. Numbers and truths are written as texts too: MISP has sent both. */
  text(json: Json, name: string, path: string, most = this.limits.text): string {
    const value = own(json, name);
    if (value === undefined || value === null) return '';
    const text = typeof value === 'string' ? value : typeof value === 'number' && Number.isFinite(value) ? String(value) : null;
    if (text === null) this.notes.problem(within(path, name), `${name} is no text`);
    else if (text.length > most) this.notes.problem(within(path, name), `${name} has more than ${most} characters`);
    else if (!isWellFormed(text)) this.notes.problem(within(path, name), `${name} has half a surrogate pair`);
    else return text;
    return '';
  }
  orNull(json: Json, name: string, path: string, most = this.limits.text): string | null {
    const text = this.text(json, name, path, most);
    return text === '' ? null : text;
  }
  truth(json: Json, name: string, path: string, otherwise = false): boolean {
    const value = own(json, name);
    if (value === undefined || value === null || value === '') return otherwise;
    if (value === true || value === 1 || value === '1' || value === 'true') return true;
    const no = value === false || value === 0 || value === '0' || value === 'false';
    if (!no) this.notes.problem(within(path, name), `${name} is neither true nor false`);
    return false;
  }
  whole(json: Json, name: string, path: string, otherwise: number, most: number): number {
    const value = own(json, name);
    if (value === undefined || value === null || value === '') return otherwise;
    const number = typeof value === 'number' ? value : typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : -1;
    if (Number.isInteger(number) && number >= 0 && number <= most) return number;
    this.notes.problem(within(path, name), `${name} is no whole number up to ${most}`);
    return otherwise;
  }
  /** Seconds since 1970; up to the year 9999. */
  seconds(json: Json, name: string, path: string): number {
    return this.whole(json, name, path, 0, 253_402_300_799);
  }
  /** A UUID in lower case; where there is none, one made from the place, which is told. */
  uuid(json: Json, path: string, seed: string, unique = true): string {
    const given = this.anyUuid(json, 'uuid', path);
    let uuid = given;
    if (given === null) {
      if (own(json, 'uuid') === undefined) this.notes.problem(within(path, 'uuid'), 'the uuid is missing; one is made from what is here');
      uuid = uuid5(mispNamespace, seed);
    }
    if (unique && this.seen.has(uuid ?? '')) {
      this.notes.problem(within(path, 'uuid'), 'this uuid was there already; another is made');
      for (let i = 1; this.seen.has(uuid ?? ''); i++) uuid = uuid5(mispNamespace, `${seed} ${uuid} ${i}`);
    }
    if (unique) this.seen.add(uuid ?? '');
    return uuid ?? '';
  }
  anyUuid(json: Json, name: string, path: string): string | null {
    const value = own(json, name);
    if (value === undefined || value === null || value === '') return null;
    const uuid = typeof value === 'string' ? value.toLowerCase() : '';
    if (uuidShape.test(uuid)) return uuid;
    this.notes.problem(within(path, name), 'this is no uuid');
    return null;
  }
  /** Times that are kept as they were written. */
  moment(json: Json, name: string, path: string): string | null {
    const text = this.orNull(json, name, path);
    if (text === null || isMispTime(text)) return text;
    this.notes.problem(within(path, name), 'this is no time as in 2026-01-31T12:00:00+00:00');
    return null;
  }
  /** The objects of a list; each counts against what may be there at all. */
  list<T>(json: Json, name: string, path: string, read: (item: Json, path: string) => T | null): T[] {
    const value = own(json, name);
    if (value === undefined || value === null) return [];
    const at = within(path, name);
    if (!Array.isArray(value)) {
      this.notes.problem(at, `${name} is no list`);
      return [];
    }
    const found: T[] = [];
    for (const [i, item] of value.entries()) {
      if (++this.things > this.limits.things) {
        this.notes.more = true;
        const first = this.things === this.limits.things + 1;
        if (first) this.notes.problem(within(at, i), `there are more than ${this.limits.things} things; the rest is not read`);
        break;
      }
      if (!isStixObject(item)) this.notes.problem(within(at, i), 'this is no object');
      else {
        const made = read(item, within(at, i));
        if (made !== null) found.push(made);
      }
    }
    return found;
  }
  /** Tells what is there and has no place. */
  rest(json: Json, known: readonly string[], path: string): void {
    for (const name of Object.keys(json)) {
      if (known.includes(name) || local.has(name)) continue;
      const value = own(json, name);
      if (value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0)) continue;
      this.notes.lose(within(path, name), name.slice(0, 100), whyLost[name] ?? 'this field is not of the core format as it is read here');
    }
  }
  /** A new event: uuids are told apart within one. */
  begin(): void {
    this.seen = new Set();
  }
}

const whyLost: Readonly<Record<string, string>> = {
  ShadowAttribute: 'proposals are for those who own the event to decide',
  SharingGroupOrg: 'who else is in a sharing group is nobody’s business',
  SharingGroupServer: 'which servers a sharing group has is nobody’s business',
  GalaxyClusterRelation: 'relations between clusters belong to the galaxy',
  Note: 'analysts’ notes are not read', Opinion: 'analysts’ opinions are not read', Relationship: 'analysts’ relationships are not read',
};

function readOrg(reader: Reader, json: Json, name: string, path: string): Org | null {
  const value = own(json, name);
  if (value === undefined || value === null) return null;
  const at = within(path, name);
  if (!isStixObject(value)) {
    reader.notes.problem(at, `${name} is no object`);
    return null;
  }
  const word = reader.text(value, 'name', at);
  const uuid = reader.anyUuid(value, 'uuid', at);
  if (word === '' && uuid === null) return null;
  return { uuid: uuid ?? uuid5(mispNamespace, `org ${word}`), name: word };
}

function readSharingGroup(reader: Reader, json: Json, path: string): SharingGroup | null {
  const value = own(json, 'SharingGroup');
  const at = within(path, 'SharingGroup');
  if (value === undefined || value === null) return null;
  const uuid = isStixObject(value) ? reader.anyUuid(value, 'uuid', at) : null;
  if (!isStixObject(value) || uuid === null) {
    reader.notes.problem(at, 'a sharing group has a uuid');
    return null;
  }
  for (const name of ['SharingGroupOrg', 'SharingGroupServer']) {
    if (own(value, name) !== undefined) reader.notes.lose(within(at, name), name, whyLost[name] ?? '');
  }
  return { uuid, name: reader.text(value, 'name', at), releasability: reader.text(value, 'releasability', at) };
}

export function readTag(reader: Reader, json: Json, path: string): Tag | null {
  const name = reader.text(json, 'name', path);
  if (name === '') {
    reader.notes.problem(path, 'a tag has a name');
    return null;
  }
  reader.rest(json, ['name', 'colour', 'local', 'relationship_type'], path);
  return {
    name, colour: reader.orNull(json, 'colour', path), local: reader.truth(json, 'local', path),
    relationship: reader.orNull(json, 'relationship_type', path),
  };
}

function readMeta(reader: Reader, json: Json, path: string): Record<string, readonly string[]> {
  const value = own(json, 'meta');
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return {};
  const at = within(path, 'meta');
  const meta: [string, readonly string[]][] = [];
  for (const [name, said] of isStixObject(value) ? Object.entries(value).slice(0, 1000) : []) {
    const texts = (Array.isArray(said) ? said.slice(0, 10_000) : [said])
      .map((item) => (typeof item === 'number' || typeof item === 'boolean' ? String(item) : item));
    const bad = texts.some((text) => typeof text !== 'string' || text.length > reader.limits.text || !isWellFormed(text));
    if (bad || !isWellFormed(name) || name.length > 1000) {
      reader.notes.problem(within(at, name.slice(0, 100)), 'what is said of a cluster are texts');
    } else if (texts.length > 0) meta.push([name, texts as string[]]);
  }
  if (!isStixObject(value)) reader.notes.problem(at, 'meta is no object');
  return Object.fromEntries(meta);
}

function readCluster(reader: Reader, json: Json, path: string): Cluster | null {
  const value = reader.text(json, 'value', path);
  if (value === '') {
    reader.notes.problem(path, 'a cluster has a value');
    return null;
  }
  const tag = reader.text(json, 'tag_name', path);
  const authors = own(json, 'authors');
  reader.rest(json, ['value', 'type', 'tag_name', 'description', 'source', 'authors', 'version', 'local', 'meta', 'relationship_type', 'distribution',
    'extends_uuid', 'extends_version', 'published', 'deleted', 'TargetingClusterRelation'], path);
  return {
    uuid: reader.uuid(json, path, `cluster ${tag} ${value}`, false), value, tag, description: reader.text(json, 'description', path, reader.limits.long),
    source: reader.text(json, 'source', path),
    authors: (Array.isArray(authors) ? authors.slice(0, 1000) : [])
      .filter((name): name is string => typeof name === 'string' && isWellFormed(name) && name.length <= reader.limits.text),
    version: reader.text(json, 'version', path), local: reader.truth(json, 'local', path), meta: readMeta(reader, json, path),
  };
}

function readGalaxy(reader: Reader, json: Json, path: string): Galaxy | null {
  const type = reader.text(json, 'type', path);
  const clusters = reader.list(json, 'GalaxyCluster', path, (item, at) => readCluster(reader, item, at));
  if (type === '' || clusters.length === 0) {
    if (type === '') reader.notes.problem(path, 'a galaxy has a type');
    return null;
  }
  reader.rest(json, ['name', 'type', 'description', 'version', 'namespace', 'icon', 'GalaxyCluster', 'kill_chain_order', 'local'], path);
  return {
    uuid: reader.uuid(json, path, `galaxy ${type}`, false), name: reader.text(json, 'name', path), type,
    description: reader.text(json, 'description', path, reader.limits.long), version: reader.text(json, 'version', path),
    namespace: reader.text(json, 'namespace', path), icon: reader.text(json, 'icon', path), clusters,
  };
}

function readSighting(reader: Reader, json: Json, path: string, holder: string): Sighting {
  reader.rest(json, ['type', 'date_sighting', 'source', 'Organisation'], path);
  const [kind, source] = [reader.whole(json, 'type', path, 0, 2) as SightingKind, reader.text(json, 'source', path)];
  const at = reader.seconds(json, 'date_sighting', path);
  const org = readOrg(reader, json, 'Organisation', path);
  return { uuid: reader.uuid(json, path, `sighting ${holder} ${kind} ${at} ${source} ${org?.uuid ?? ''}`), kind, at, source, org };
}

const sharedNames = ['timestamp', 'distribution', 'SharingGroup', 'deleted'];
function shared(reader: Reader, json: Json, path: string): Omit<Attribute, 'uuid'> | Omit<Report, 'uuid'> {
  return {
    timestamp: reader.seconds(json, 'timestamp', path), distribution: reader.whole(json, 'distribution', path, 5, 5),
    sharingGroup: readSharingGroup(reader, json, path), deleted: reader.truth(json, 'deleted', path),
  } as Omit<Report, 'uuid'>;
}

function readAttribute(reader: Reader, json: Json, path: string, holder: string, inObject: boolean): Attribute | null {
  const [type, value] = [reader.text(json, 'type', path), reader.text(json, 'value', path, reader.limits.long)];
  if (type === '' || value === '') {
    reader.notes.problem(path, 'an attribute has a type and a value');
    return null;
  }
  const category = reader.text(json, 'category', path);
  const uuid = reader.uuid(json, path, `attribute ${holder} ${type} ${category} ${value}`);
  const relation = reader.orNull(json, 'object_relation', path);
  if (inObject && relation === null) reader.notes.problem(within(path, 'object_relation'), 'an attribute of an object says what it is there');
  reader.rest(json, [...sharedNames, 'type', 'value', 'category', 'to_ids', 'comment', 'first_seen', 'last_seen', 'disable_correlation', 'data',
    'object_relation', 'Tag', 'Galaxy', 'Sighting'], path);
  return {
    ...shared(reader, json, path), uuid, type, category, value, toIds: reader.truth(json, 'to_ids', path),
    comment: reader.text(json, 'comment', path), firstSeen: reader.moment(json, 'first_seen', path), lastSeen: reader.moment(json, 'last_seen', path),
    uncorrelated: reader.truth(json, 'disable_correlation', path), data: reader.orNull(json, 'data', path, reader.limits.long),
    relation: inObject ? relation : null,
    tags: reader.list(json, 'Tag', path, (item, at) => readTag(reader, item, at)),
    galaxies: reader.list(json, 'Galaxy', path, (item, at) => readGalaxy(reader, item, at)),
    sightings: reader.list(json, 'Sighting', path, (item, at) => readSighting(reader, item, at, uuid)),
  };
}

function readReference(reader: Reader, json: Json, path: string, holder: string): Reference | null {
  const inner = own(json, 'Object') ?? own(json, 'Attribute');
  const target = reader.anyUuid(json, 'referenced_uuid', path) ?? (isStixObject(inner) ? reader.anyUuid(inner, 'uuid', path) : null);
  if (target === null) {
    reader.notes.problem(within(path, 'referenced_uuid'), 'a reference says what it refers to');
    return null;
  }
  const type = reader.text(json, 'relationship_type', path);
  reader.rest(json, ['relationship_type', 'comment', 'timestamp', 'deleted'], path);
  return {
    uuid: reader.uuid(json, path, `reference ${holder} ${type} ${target}`), target, type, comment: reader.text(json, 'comment', path),
    timestamp: reader.seconds(json, 'timestamp', path), deleted: reader.truth(json, 'deleted', path),
  };
}

function readObject(reader: Reader, json: Json, path: string, holder: string): MispObject | null {
  const name = reader.text(json, 'name', path);
  if (name === '') {
    reader.notes.problem(path, 'an object has a name');
    return null;
  }
  const uuid = reader.uuid(json, path, `object ${holder} ${path}`);
  reader.rest(json, [...sharedNames, 'name', 'meta-category', 'description', 'template_uuid', 'template_version', 'comment', 'first_seen', 'last_seen',
    'ObjectReference', 'Attribute'], path);
  return {
    ...shared(reader, json, path), uuid, name, metaCategory: reader.text(json, 'meta-category', path),
    description: reader.text(json, 'description', path), templateUuid: reader.anyUuid(json, 'template_uuid', path),
    templateVersion: reader.text(json, 'template_version', path), comment: reader.text(json, 'comment', path),
    firstSeen: reader.moment(json, 'first_seen', path), lastSeen: reader.moment(json, 'last_seen', path),
    attributes: reader.list(json, 'Attribute', path, (item, at) => readAttribute(reader, item, at, uuid, true)),
    references: reader.list(json, 'ObjectReference', path, (item, at) => readReference(reader, item, at, uuid)),
  };
}

function readReport(reader: Reader, json: Json, path: string, holder: string): Report {
  const [name, content] = [reader.text(json, 'name', path), reader.text(json, 'content', path, reader.limits.long)];
  reader.rest(json, [...sharedNames, 'name', 'content'], path);
  return { ...shared(reader, json, path), uuid: reader.uuid(json, path, `report ${holder} ${name}`), name, content };
}

function readEvent(reader: Reader, json: Json, path: string): MispEvent {
  reader.begin();
  const info = reader.text(json, 'info', path, reader.limits.long);
  const date = reader.text(json, 'date', path);
  const dated = /^\d{4}-\d{2}-\d{2}$/.test(date) && isMispTime(`${date}T00:00:00Z`);
  if (!dated) reader.notes.problem(within(path, 'date'), 'this is no day as in 2026-01-31');
  const uuid = reader.uuid(json, path, `event ${date} ${info}`);
  reader.rest(json, ['info', 'date', 'timestamp', 'published', 'publish_timestamp', 'threat_level_id', 'analysis', 'distribution', 'SharingGroup',
    'extends_uuid', 'Org', 'Orgc', 'Attribute', 'Object', 'EventReport', 'Tag', 'Galaxy', 'disable_correlation'], path);
  return {
    uuid, info, date: dated ? date : '1970-01-01', timestamp: reader.seconds(json, 'timestamp', path),
    published: reader.truth(json, 'published', path), publishedAt: reader.seconds(json, 'publish_timestamp', path),
    threatLevel: Math.max(1, reader.whole(json, 'threat_level_id', path, 4, 4)), analysis: reader.whole(json, 'analysis', path, 0, 2),
    distribution: reader.whole(json, 'distribution', path, 0, 5), sharingGroup: readSharingGroup(reader, json, path),
    extends: reader.anyUuid(json, 'extends_uuid', path), org: readOrg(reader, json, 'Org', path), orgc: readOrg(reader, json, 'Orgc', path),
    tags: reader.list(json, 'Tag', path, (item, at) => readTag(reader, item, at)),
    galaxies: reader.list(json, 'Galaxy', path, (item, at) => readGalaxy(reader, item, at)),
    attributes: reader.list(json, 'Attribute', path, (item, at) => readAttribute(reader, item, at, uuid, false)),
    objects: reader.list(json, 'Object', path, (item, at) => readObject(reader, item, at, uuid)),
    reports: reader.list(json, 'EventReport', path, (item, at) => readReport(reader, item, at, uuid)),
  };
}

/** The events of a value with the place of each: `Event` may be around one, `response` around several. */
function eventsIn(value: unknown, path: string, notes: Noted, depth = 0): (readonly [Json, string])[] {
  if (Array.isArray(value) && depth < 2) return value.flatMap((item, i) => eventsIn(item, within(path, i), notes, depth + 1));
  if (isStixObject(value)) {
    for (const name of ['response', 'Event']) {
      if (own(value, name) !== undefined && depth < 4) return eventsIn(own(value, name), within(path, name), notes, depth + 1);
    }
    if (['info', 'Attribute', 'Object', 'date'].some((name) => own(value, name) !== undefined)) return [[value, path]];
  }
  notes.problem(path, 'this is no event of MISP');
  return [];
}

/** Reads all events of a JSON value. Never throws. */
export function readMisp(value: unknown, limits: Partial<MispLimits> = {}): MispReading {
  const reader = new Reader({ ...mispLimits, ...limits });
  const found = eventsIn(value, '', reader.notes);
  const most = reader.limits.events;
  if (found.length > most) {
    reader.notes.problem(found[most]?.[1] ?? '', `there are more than ${most} events; the rest is not read`);
    reader.notes.more = true;
  }
  const events = found.slice(0, most).map(([json, path]) => readEvent(reader, json, path));
  return { events, problems: reader.notes.problems, losses: reader.notes.losses, more: reader.notes.more };
}

/** Reads one part of an event that was carried elsewhere; null where it is none. Its problems are not told: such a part counts whole or not. */
export const parts = {
  attribute: (json: Json, inObject: boolean): Attribute | null => whole((r) => readAttribute(r, json, '', '', inObject)),
  object: (json: Json): MispObject | null => whole((r) => readObject(r, json, '', '')),
  event: (json: Json): MispEvent | null => whole((r) => readEvent(r, json, '')),
  report: (json: Json): Report | null => whole((r) => readReport(r, json, '', '')),
  reference: (json: Json): Reference | null => whole((r) => readReference(r, json, '', '')),
  sighting: (json: Json): Sighting | null => whole((r) => readSighting(r, json, '', '')),
  galaxy: (json: Json): Galaxy | null => whole((r) => readGalaxy(r, json, '')),
  tag: (json: Json): Tag | null => whole((r) => readTag(r, json, '')),
};

function whole<T>(read: (reader: Reader) => T | null): T | null {
  const reader = new Reader(mispLimits);
  const found = read(reader);
  return reader.notes.problems.length === 0 ? found : null;
}
