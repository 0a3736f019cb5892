/**
 * Objects of STIX as events of MISP. What carries `x_misp_*` is read as what it was, if it still says what STIX says; everything else by the
 * same tables as anybody's, and what no table has as text in an object of its own (`wrapped.ts`).
 */
import { canonicalText } from '#kit/canonical/canonical';
import { parseId } from '#kit/stix/id';
import { definitionsIn, levelOf, type MarkingDefinitions } from '#kit/stix/marking';
import { isStixObject, own, versionOf, type StixObject } from '#kit/stix/object';
import { uuid5 } from '#kit/stix/sco-id';
import { tlpOfId, withinTlp, type TlpLevel } from '#kit/stix/tlp';
import { kindOf } from '#kit/stix/types/names';
import { carriedBy, carries, jsonList, levelOfTags, narrowest, uuidOfId, wellFormed } from './carry.ts';
import { attributeContent, objectContent, saysObserved, typedOfObserved, typedOfPattern, rootsOf, type Content } from './content.ts';
import { foundInObservable, foundInPattern, newAttribute, newObject, type Found, type Frame } from './foreign.ts';
import { clusterType, customCluster, galaxyOfType } from './galaxies.ts';
import { mispLimits, mispNamespace, type Attribute, type Galaxy, type Json, type MispEvent, type MispObject, type Org, type Reference,
  type Report, type Sighting, type Tag } from './model.ts';
import { parts } from './read.ts';
import { mispTimeOf, secondsOf } from './times.ts';
import { wrappedMeta, wrappedText, wrapper } from './wrapped.ts';

/** Lists grow in place: there may be very many sightings of one thing. */
type Grown<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };
const textIn = (object: StixObject, name: string): string => {
  const value = own(object, name);
  return typeof value === 'string' ? wellFormed(value) : '';
};
const listIn = (object: StixObject, name: string): string[] => {
  const value = own(object, name);
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string').map(wellFormed) : [];
};
export const isContainer = (object: StixObject): boolean => object['type'] === 'report' || object['type'] === 'grouping';

/** All objects that are there, by id: what all events are taken from. */
export class Source {
  readonly byId = new Map<string, StixObject>();
  readonly definitions: MarkingDefinitions;
  /** Identities that only did something, and observables that others list or refer to. */
  readonly orgs = new Set<string>();
  readonly referred = new Set<unknown>();
  constructor(objects: readonly StixObject[]) {
    for (const object of objects) {
      this.byId.set(String(object['id']), object);
      for (const id of [textIn(object, 'created_by_ref'), ...listIn(object, 'where_sighted_refs')]) this.orgs.add(id);
      if (object['type'] !== 'observed-data' && kindOf(String(object['type'])) !== 'sco') continue;
      for (const [name, value] of Object.entries(object)) {
        if (/_refs?$/.test(name) && name !== 'object_marking_refs') for (const id of Array.isArray(value) ? value : [value]) this.referred.add(id);
      }
    }
    this.definitions = definitionsIn(objects);
  }
  readonly find = (id: string): StixObject | undefined => this.byId.get(id);
  /** The level of an object; a marking that nobody can read may be any, so that it is RED. */
  level(object: StixObject): TlpLevel | null {
    const { level, problems } = levelOf(object, this.definitions);
    return problems.some(({ code }) => code === 'unresolved' || code === 'unknown-level') ? 'red' : level;
  }
  org(id: string): Org | null {
    const identity = this.byId.get(id);
    if (!id.startsWith('identity--') || parseId(id) === null) return null;
    if (!identity) return { uuid: parseId(id)?.uuid ?? '', name: '' };
    return { uuid: uuidOfId(identity), name: carries(identity, 'unnamed') === true ? '' : textIn(identity, 'name').slice(0, mispLimits.text) };
  }
}

function tagsOf(object: StixObject): Tag[] {
  // A name of a tag has its bound; what is longer is left off, and told among the losses.
  const labels = listIn(object, 'labels').filter((label) => label !== '' && label.length <= mispLimits.text);
  const carried = jsonList(carries(object, 'tags')).map((json) => parts.tag(json));
  const same = carried.length === labels.length && carried.every((tag, i) => tag?.name === labels[i]);
  return same ? carried.filter((tag) => tag !== null) : labels.map((name) => ({ name, colour: null, local: false, relationship: null }));
}
const isNarrower = (level: TlpLevel, than: TlpLevel | null): boolean => than === null || !withinTlp(level, than);
const tlpTag = (level: TlpLevel): Tag => ({ name: `tlp:${level}`, colour: null, local: false, relationship: null });

/** One event out of a container and what it lists, or out of what no container lists. */
export class Taking {
  private readonly source: Source;
  private readonly container: StixObject | null;
  private readonly level: TlpLevel | null;
  private readonly timestamp: number;
  private readonly attributes = new Map<string, Grown<Attribute>>();
  private readonly objects = new Map<string, Grown<MispObject>>();
  private readonly reports: Report[] = [];
  private readonly galaxies: Galaxy[] = [];
  /** Of STIX ids: the uuid of what they became; objects that came back whole; what each cluster is. */
  private readonly became = new Map<string, string>();
  private readonly whole = new Set<string>();
  private readonly clusters = new Map<string, Galaxy>();
  private readonly ids: readonly string[];

  constructor(source: Source, container: StixObject | null, members: readonly StixObject[]) {
    this.source = source;
    this.container = container;
    this.ids = members.map((object) => String(object['id']));
    // Reports and clusters have no marking of their own in MISP, so that the event's is as narrow as theirs.
    const unmarkable = members.filter((object) => (object['type'] === 'note' && carries(object, 'date_sighting') === undefined)
      || Object.hasOwn(galaxyOfType, String(object['type'])) || carries(object, 'galaxy') !== undefined);
    this.level = narrowest([container && source.level(container), ...unmarkable.map((object) => source.level(object))]);
    this.timestamp = container ? secondsOf(own(container, 'modified')) : Math.max(0, ...members.map((object) => secondsOf(own(object, 'modified'))));
    const listed = new Set(container ? listIn(container, 'object_refs') : this.ids);
    for (const pass of [this.thing, this.second, this.third]) for (const object of members) pass.call(this, object, listed);
  }

  private frame(object: StixObject, since?: string, until?: string): Frame {
    const [start, stop] = [since, until].map((name) => (name === undefined ? null : mispTimeOf(own(object, name))));
    const tags = tagsOf(object);
    const level = this.source.level(object);
    if (level !== null && isNarrower(level, narrowest([this.level, levelOfTags(tags)]))) tags.push(tlpTag(level));
    return {
      timestamp: secondsOf(own(object, 'modified')) || this.timestamp, deleted: own(object, 'revoked') === true, 
      comment: (textIn(object, 'description') || textIn(object, 'name')).slice(0, 60_000),
      firstSeen: start ?? null, lastSeen: stop !== start ? stop ?? null : null, tags,
    };
  }
  private keep(id: string, found: Found): void {
    for (const attribute of found.attributes) if (!this.attributes.has(attribute.uuid)) {
      const { tags, galaxies, sightings } = attribute;
      this.attributes.set(attribute.uuid, { ...attribute, tags: [...tags], galaxies: [...galaxies], sightings: [...sightings] });
    }
    for (const object of found.objects) if (!this.objects.has(object.uuid)) {
      this.objects.set(object.uuid, { ...object, attributes: [...object.attributes], references: [...object.references] });
    }
    const first = found.attributes[0]?.uuid ?? found.objects[0]?.uuid;
    if (first !== undefined) this.became.set(id, first);
  }
  private wrap(object: StixObject): void {
    const text = wrappedText(object);
    if (text === null || tlpOfId(String(object['id'])) !== null) return;
    const frame = { ...this.frame(object), comment: `${String(object['type'])} ${textIn(object, 'name')}`.trim(), deleted: false };
    const uuid = uuid5(mispNamespace, `stix ${String(object['id'])}`);
    const read = { relation: 'object', type: 'text', value: text, toIds: false };
    this.keep(String(object['id']), { attributes: [], objects: [newObject(uuid, wrapper, [read], false, frame)] });
  }

  /** First pass: what becomes attributes, objects, reports and clusters. */
  private thing(object: StixObject, listed: ReadonlySet<string>): void {
    const [id, type] = [String(object['id']), String(object['type'])];
    if (typeof carries(object, 'name') === 'string' && this.object(object)) return;
    if (typeof carries(object, 'type') === 'string' && this.attribute(object)) return;
    switch (type) {
      case 'indicator': return this.keepOrWrap(object, foundInPattern(textIn(object, 'pattern'), textIn(object, 'pattern_type'), uuidOfId(object),
        this.frame(object, own(object, 'valid_from') === own(object, 'created') ? undefined : 'valid_from', 'valid_until')));
      case 'vulnerability': {
        if (carries(object, 'galaxy') && this.cluster(object, listed)) return;
        const frame = { ...this.frame(object), comment: textIn(object, 'description').slice(0, 60_000) };
        const attribute = newAttribute(uuidOfId(object), 'vulnerability', textIn(object, 'name'), false, frame);
        return this.keep(id, { attributes: attribute.value ? [attribute] : [], objects: [] });
      }
      case 'note': return void (this.note(object) || this.wrap(object));
      case 'observed-data': case 'relationship': case 'sighting': case 'opinion': case 'bundle': return;
      case 'identity': if (this.source.orgs.has(id) || (carries(object, 'galaxy') && this.cluster(object, listed))) return; break;
      default: if (this.cluster(object, listed) || kindOf(type) === 'sco') return;
    }
    this.wrap(object);
  }
  private keepOrWrap(object: StixObject, found: Found | null): void {
    if (found && found.attributes.length + found.objects.length > 0) this.keep(String(object['id']), found);
    else this.wrap(object);
  }
  /** Second pass: what was observed, and observables that nobody observed. */
  private second(object: StixObject): void {
    const [id, type] = [String(object['id']), String(object['type'])];
    if (this.became.has(id)) return;
    if (type === 'observed-data') {
      if (!this.isSecondary(object)) this.observed(object);
    } else if (kindOf(type) === 'sco' && !this.source.referred.has(id)) {
      const found = foundInObservable(object, this.source.find, uuidOfId(object), this.frame(object));
      this.keepOrWrap(object, found);
    }
  }
  private observables(object: StixObject): { objects: StixObject[]; find: (id: string) => StixObject | undefined } {
    const inner = own(object, 'objects');
    if (isStixObject(inner)) {
      const entries = Object.entries(inner).filter((entry): entry is [string, StixObject] => isStixObject(entry[1]));
      const all = new Map(entries.map(([key, one]) => [key, { ...one, id: key }]));
      return { objects: [...all.values()], find: (id) => all.get(id) };
    }
    const objects = listIn(object, 'object_refs').map((ref) => this.source.byId.get(ref)).filter((one) => one !== undefined);
    return { objects, find: this.source.find };
  }
  private observed(object: StixObject): void {
    const frame = this.frame(object, 'first_observed', 'last_observed');
    const { objects, find } = this.observables(object);
    const roots = rootsOf(objects);
    const uuid = uuidOfId(object);
    const found = roots.map((root, i) => ({ root, found: foundInObservable(root, find, i === 0 ? uuid : uuid5(mispNamespace, `root ${i} ${uuid}`), frame) }));
    for (const { root, found: one } of found) {
      if (one.attributes.length + one.objects.length > 0) this.keep(String(object['id']), one);
      else if (parseId(own(root, 'id'))) this.wrap(root);
    }
    if (!this.became.has(String(object['id']))) this.wrap(object);
  }
  /** Whether an observed-data only shows in full what an object is that came back whole. */
  private isSecondary(object: StixObject): boolean {
    const of = carries(object, 'object');
    if (typeof of !== 'string' || !this.whole.has(of)) return false;
    const main = this.objects.get(this.became.get(of) ?? '');
    const seen = main && objectContent(main).seen;
    const { objects, find } = this.observables(object);
    return Boolean(seen && saysObserved(objects, seen, find));
  }

  /** An attribute of MISP that still says what its object of STIX says. */
  private attribute(object: StixObject): boolean {
    const carried = carriedBy(object);
    const type = String(own(object, 'type'));
    const wish = String(carried['type']);
    const rule = type === 'indicator' && carried['to_ids'] === false ? false : type === 'indicator' || carried['to_ids'] === true;
    const said = type === 'indicator' ? typedOfPattern(textIn(object, 'pattern'), textIn(object, 'pattern_type'), wish)
      : type === 'observed-data' ? typedOfObserved(this.observables(object).objects, wish)
      : type === 'vulnerability' ? { type: 'vulnerability', value: textIn(object, 'name') } : null;
    const pattern = wish === 'stix2-pattern' && type === 'indicator' ? textIn(object, 'pattern') : undefined;
    const value = carried['value'] ?? pattern ?? (said?.type === wish ? said.value : undefined);
    const attribute = parts.attribute(this.json(object, { ...carried, type: wish, value, to_ids: rule, comment: textIn(object, 'description') }), false);
    if (!attribute || !this.says(attributeContent(attribute), object, 'x-misp-attribute')) return false;
    const frame = this.frame(object);
    this.keep(String(object['id']), { attributes: [{ ...attribute, tags: frame.tags, galaxies: [], sightings: [] }], objects: [] });
    return true;
  }
  private object(object: StixObject): boolean {
    const vulnerability = object['type'] === 'vulnerability';
    const carried = carriedBy(object);
    const json = this.json(object, vulnerability ? carried : { ...carried, comment: textIn(object, 'description') });
    const made = parts.object(json);
    if (!made || made.name === wrapper || !this.says(objectContent(made).main, object, 'x-misp-object')) return false;
    const level = this.source.level(object);
    const own = narrowest([this.level, ...made.attributes.map((attribute) => levelOfTags(attribute.tags))]);
    const narrow = level !== null && isNarrower(level, own) ? tlpTag(level) : null;
    const attributes = narrow ? made.attributes.map((attribute) => ({ ...attribute, tags: [...attribute.tags, narrow] })) : made.attributes;
    this.keep(String(object['id']), { attributes: [], objects: [{ ...made, attributes }] });
    this.whole.add(String(object['id']));
    for (const attribute of made.attributes) this.inner.set(attribute.uuid, String(object['id']));
    return true;
  }
  private readonly inner = new Map<string, string>();
  private json(object: StixObject, fields: Json): Json {
    return {
      ...fields, uuid: uuidOfId(object), deleted: own(object, 'revoked') === true, timestamp: fields['timestamp'] ?? secondsOf(own(object, 'modified')),
    };
  }
  /** Whether a content is what an object of STIX says. */
  private says(content: Content, object: StixObject, custom: string): boolean {
    switch (content.is) {
      case 'pattern': return object['type'] === 'indicator' && own(object, 'pattern') === content.pattern && own(object, 'pattern_type') === content.language;
      case 'vulnerability': return object['type'] === 'vulnerability' && own(object, 'name') === content.name
        && (!content.description || textIn(object, 'description') === content.description);
      case 'custom': return object['type'] === custom;
      case 'observables': {
        if (object['type'] !== 'observed-data') return false;
        const { objects, find } = this.observables(object);
        return saysObserved(objects, content.observables, find);
      }
    }
  }

  private note(object: StixObject): boolean {
    if (carries(object, 'empty_event') === true || typeof carries(object, 'date_sighting') === 'string') return true;
    const carried = carriedBy(object);
    const ours = carries(object, 'report') === true;
    if (!ours && !listIn(object, 'object_refs').includes(String(this.container?.['id']))) return false;
    const content = carried['empty'] === true ? '' : textIn(object, 'content');
    const report = parts.report(this.json(object, { ...(ours ? carried : {}), name: textIn(object, 'abstract'), content }));
    if (report) this.reports.push(report);
    return report !== null;
  }

  /** A cluster, put at the event where the event lists it. */
  private cluster(object: StixObject, listed: ReadonlySet<string>): boolean {
    const [id, type] = [String(object['id']), String(object['type'])];
    const carried = carries(object, 'galaxy');
    let galaxy = isStixObject(carried) ? parts.galaxy({ ...carried, GalaxyCluster: carries(object, 'cluster') }) : null;
    const [same] = galaxy?.clusters ?? [];
    const ours = galaxy && same && clusterType(galaxy.type) === type && same.value === own(object, 'name')
      && same.description === textIn(object, 'description');
    if (!ours) galaxy = type === customCluster ? null : this.foreignCluster(object, type);
    if (!galaxy) return false;
    this.clusters.set(id, galaxy);
    if (listed.has(id)) addGalaxy(this.galaxies, galaxy);
    return true;
  }
  private foreignCluster(object: StixObject, type: string): Galaxy | null {
    const [galaxy, name] = Object.hasOwn(galaxyOfType, type) ? galaxyOfType[type] ?? [] : [];
    const text = wrappedText(object);
    const value = textIn(object, 'name');
    if (galaxy === undefined || name === undefined || text === null || value === '' || object['revoked'] === true) return null;
    const aliases = listIn(object, 'aliases');
    return {
      uuid: uuid5(mispNamespace, `galaxy ${galaxy}`), name, type: galaxy, description: '', version: '', namespace: 'stix', icon: '',
      clusters: [{
        uuid: uuidOfId(object), value, tag: `misp-galaxy:${galaxy}="${value}"`, description: textIn(object, 'description'), source: '', authors: [],
        version: '', local: false, meta: { ...(aliases.length ? { synonyms: aliases } : {}), [wrappedMeta]: [text] },
      }],
    };
  }

  /** Third pass: what connects, and who saw what. */
  private third(object: StixObject): void {
    switch (object['type']) {
      case 'relationship': return this.relationship(object);
      case 'sighting': return this.sighting(object, textIn(object, 'sighting_of_ref'));
      case 'opinion': return this.sighting(object, listIn(object, 'object_refs')[0] ?? '');
      case 'note': if (typeof carries(object, 'date_sighting') === 'string') this.sighting(object, listIn(object, 'object_refs')[0] ?? ''); return;
      default:
    }
  }
  private relationship(object: StixObject): void {
    const [source, target] = [textIn(object, 'source_ref'), textIn(object, 'target_ref')];
    const of = carries(object, 'of');
    if (typeof of === 'string' && this.whole.has(source)) return;
    const attribute = this.attributes.get(this.became.get(source) ?? '');
    const galaxy = this.clusters.get(target);
    if (attribute && galaxy) {
      addGalaxy(attribute.galaxies, galaxy);
      return;
    }
    const holder = this.objects.get(this.became.get(source) ?? '');
    const inner = carries(object, 'target');
    const aim = typeof inner === 'string' && (this.inner.get(inner) === target || this.became.get(target) === inner) ? inner : this.became.get(target);
    const type = carries(object, 'unnamed') === true ? '' : carries(object, 'relationship_type') ?? own(object, 'relationship_type');
    const reference = holder && aim !== undefined ? parts.reference(this.json(object, {
      referenced_uuid: aim, relationship_type: type, comment: textIn(object, 'description'), timestamp: carries(object, 'timestamp'),
    })) : null;
    if (holder && reference) holder.references.push(reference satisfies Reference);
    else this.wrap(object);
  }
  private sighting(object: StixObject, of: string): void {
    const inner = carries(object, 'of');
    if (typeof inner === 'string' && this.whole.has(of) && this.inner.get(inner) === of) return;
    const attribute = this.attributes.get(this.became.get(of) ?? '');
    const carried = carriedBy(object);
    const kind = object['type'] === 'sighting' ? 0 : object['type'] === 'opinion' ? 1 : 2;
    const who = listIn(object, 'where_sighted_refs').find((ref) => ref.startsWith('identity--')) ?? '';
    const org = this.source.org(who);
    const sighting = attribute && (kind === 0 || typeof carried['date_sighting'] === 'string') ? parts.sighting({
      uuid: uuidOfId(object), type: kind, date_sighting: kind === 0 ? secondsOf(own(object, 'last_seen') ?? own(object, 'created')) : carried['date_sighting'],
      source: carried['source'], Organisation: kind === 0 ? org && { ...org } : carried['Organisation'],
    }) : null;
    if (attribute && sighting) attribute.sightings.push(sighting satisfies Sighting);
    else this.wrap(object);
  }

  private orgc(): Org | null {
    const authors = [...new Set(this.ids.map((id) => textIn(this.source.byId.get(id) ?? {}, 'created_by_ref')).filter((ref) => ref !== ''))];
    const [only] = authors;
    return this.source.org(this.container ? textIn(this.container, 'created_by_ref') : authors.length === 1 && only !== undefined ? only : '');
  }

  event(): MispEvent {
    const { container } = this;
    const said = container ? carriedBy(container) : {};
    const published = container?.['type'] === 'report';
    const date = typeof said['date'] === 'string' ? said['date'] : textIn(container ?? {}, 'created').slice(0, 10) || '1970-01-01';
    const fields: Json = {
      uuid: container ? uuidOfId(container) : uuid5(mispNamespace, canonicalText([...this.ids].sort())),
      info: said['unnamed'] === true ? '' : container ? textIn(container, 'name') || textIn(container, 'description') : 'Objects of STIX without a report',
      date, timestamp: this.timestamp, published,
    };
    const ours = said['threat_level_id'] !== undefined;
    const claimed = { ...Object.fromEntries(Object.entries(said).filter(([name]) => !['Tag', 'unnamed', 'date'].includes(name))), ...fields };
    const made = parts.event(claimed) ?? parts.event(fields) ?? parts.event({ ...fields, date: '1970-01-01' }) as MispEvent;
    const tags = container ? tagsOf(container) : [];
    if (this.level !== null && isNarrower(this.level, levelOfTags(tags))) tags.push(tlpTag(this.level));
    return {
      ...made, tags, orgc: this.orgc(), publishedAt: ours || !published ? made.publishedAt : secondsOf(own(container ?? {}, 'published')),
      attributes: [...this.attributes.values()], objects: [...this.objects.values()], reports: this.reports, galaxies: this.galaxies,
    };
  }
}

/** Adds a galaxy's cluster to the last of the same galaxy. */
function addGalaxy(all: Galaxy[], galaxy: Galaxy): void {
  const at = all.findIndex((one) => canonicalText({ ...one, clusters: [] }) === canonicalText({ ...galaxy, clusters: [] }));
  const same = all[at];
  if (!same) all.push(galaxy);
  else all[at] = { ...same, clusters: [...same.clusters, ...galaxy.clusters.filter((cluster) => !same.clusters.some((c) => c.uuid === cluster.uuid))] };
}

/** The events of objects: one for each report and grouping, and one for what none of them lists. */
export function take(objects: readonly StixObject[]): MispEvent[] {
  const source = new Source(objects.filter((object) => versionOf(object) !== null));
  const all = [...source.byId.values()];
  const containers = all.filter(isContainer);
  const home = new Map<string, StixObject>();
  for (const container of containers) for (const ref of listIn(container, 'object_refs')) if (!home.has(ref)) home.set(ref, container);
  const [only] = containers;
  const members = new Map<StixObject | null, StixObject[]>();
  for (const container of [...containers, null]) members.set(container, []);
  for (const object of all) {
    if (isContainer(object) || tlpOfId(String(object['id'])) !== null) continue;
    // What connects is where that is which it is about; the rest of a bundle with one report is that report's.
    const about = [textIn(object, 'source_ref'), textIn(object, 'sighting_of_ref'), ...listIn(object, 'object_refs')].find((ref) => home.has(ref));
    const place = home.get(String(object['id'])) ?? home.get(about ?? '') ?? (containers.length === 1 ? only ?? null : null);
    members.get(place)?.push(object);
  }
  return [...members].flatMap(([container, inside]) => {
    if (container === null && inside.length === 0) return [];
    const event = new Taking(source, container, inside).event();
    return container === null && event.attributes.length + event.objects.length + event.reports.length + event.galaxies.length === 0 ? [] : [event];
  });
}
