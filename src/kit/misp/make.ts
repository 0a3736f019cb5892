/**
 * An event of MISP as objects of STIX 2.1: a report (or a grouping while it is not published) and what is in it, each marked by the narrowest
 * TLP tag over it. What STIX has no word for travels as `x_misp_*`. The same event gives the same bytes.
 */
import { canonicalText } from '#kit/canonical/canonical';
import type { StixObject } from '#kit/stix/object';
import { uuid5 } from '#kit/stix/sco-id';
import { tlp2Markings, type TlpLevel } from '#kit/stix/tlp';
import { compareTimes, parseTime } from '#kit/stix/time';
import { carried, idOf, levelOfTags, narrowest } from './carry.ts';
import { attributeContent, objectContent, peFacts, typedOfContent, type Content } from './content.ts';
import { clusterType, phasesOf } from './galaxies.ts';
import { mispNamespace, type Attribute, type Cluster, type Galaxy, type Json, type MispEvent, type MispObject, type Org, type Reference, type Report,
  type Shared, type Sighting, type Tag } from './model.ts';
import { stixSeconds, stixTime } from './times.ts';
import { markedAs, stixObjectIn } from './wrapped.ts';
import { attributeJson, eventJson, galaxyJson, objectJson, orgJson, referenceJson, reportJson, sightingJson, tagJson } from './write.ts';

type Draft = Record<string, unknown>;
const version = '2.1';
/** Identities have no time in MISP: the same name gives the same bytes everywhere. */
const ever = '2020-01-01T00:00:00.000Z';
const indicated = new Set(['attack-pattern', 'campaign', 'infrastructure', 'intrusion-set', 'malware', 'threat-actor', 'tool']);
const later = (a: string, b: string): boolean => {
  const [left, right] = [parseTime(a), parseTime(b)];
  return left !== null && right !== null && compareTimes(left, right) > 0;
};
/** Tags as labels; whole where there is more to one than its name. */
function labelled(tags: readonly Tag[]): Draft {
  if (tags.length === 0) return {};
  const plain = tags.every((tag) => tag.colour === null && !tag.local && tag.relationship === null);
  return { labels: tags.map((tag) => tag.name), ...(plain ? {} : { x_misp_tags: tags.map(tagJson) }) };
}

export class Making {
  readonly objects = new Map<string, StixObject>();
  readonly level: TlpLevel | null;
  private readonly event: MispEvent;
  private readonly author: string | null;
  private readonly byUuid: ReadonlyMap<string, MispObject>;
  /** What references lead to. */
  private readonly targets = new Map<string, string>();
  /** What the event lists. */
  private readonly listed = new Set<string>();

  constructor(event: MispEvent) {
    this.event = event;
    this.byUuid = new Map(event.objects.map((object) => [object.uuid, object]));
    this.level = levelOfTags(event.tags);
    this.author = event.orgc ? this.identity(event.orgc) : null;
    for (const attribute of event.attributes) this.attribute(attribute);
    for (const object of event.objects) this.object(object);
    for (const object of event.objects) for (const reference of object.references) this.reference(object, reference);
    for (const report of event.reports) this.report(report);
    for (const galaxy of event.galaxies) for (const cluster of galaxy.clusters) this.listed.add(this.cluster(galaxy, cluster));
    this.whole();
  }

  private put(draft: Draft, listed = true): string {
    const id = String(draft['id']);
    const object = Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined && value !== null));
    this.objects.set(id, object);
    if (listed) this.listed.add(id);
    return id;
  }
  private marks(level: TlpLevel | null): Draft {
    if (level === null) return {};
    const marking = tlp2Markings[level];
    this.objects.set(String(marking['id']), marking);
    return { object_marking_refs: [marking['id']] };
  }
  /** Later edits of the event may change the marking of what is in it, so that its time is that of all. */
  private common(type: string, uuid: string, timestamp: number, level: TlpLevel | null): Draft {
    const id = idOf(type, uuid);
    const modified = stixSeconds(Math.max(timestamp, this.event.timestamp));
    return {
      type, spec_version: version, id, created: modified, modified, created_by_ref: this.author ?? undefined, ...this.marks(level),
      ...(id.endsWith(uuid) ? {} : { x_misp_uuid: uuid }),
    };
  }
  private shared(thing: Shared, json: Json, without: readonly string[]): Draft {
    const dropped = ['uuid', 'deleted', ...without];
    if (Math.max(thing.timestamp, this.event.timestamp) === thing.timestamp) dropped.push('timestamp');
    if (thing.distribution === 5) dropped.push('distribution');
    return { ...(thing.deleted ? { revoked: true } : {}), ...carried(json, dropped) };
  }
  private identity(org: Org): string {
    const id = idOf('identity', org.uuid);
    return this.put({
      type: 'identity', spec_version: version, id, created: ever, modified: ever, name: org.name || 'unnamed', identity_class: 'organization',
      x_misp_uuid: id.endsWith(org.uuid) ? undefined : org.uuid, x_misp_unnamed: org.name === '' ? true : undefined,
    }, false);
  }

  /** A draft with its content, of the type that the content is of. */
  private filled(content: Content, custom: string, uuid: string, timestamp: number, level: TlpLevel | null,
    seen: readonly [string | null, string | null]): Draft {
    const [first, last] = seen.map((time) => (time === null ? null : stixTime(time)));
    const since = first ?? stixSeconds(timestamp || this.event.timestamp);
    const until = last && later(last, since) ? last : undefined;
    switch (content.is) {
      case 'pattern': return {
        ...this.common('indicator', uuid, timestamp, level), pattern: content.pattern, pattern_type: content.language, valid_from: since, valid_until: until,
      };
      case 'observables': {
        for (const object of content.observables.objects) this.put({ ...object, ...this.marks(level) });
        return {
          ...this.common('observed-data', uuid, timestamp, level), first_observed: since, last_observed: until ?? since, number_observed: 1,
          object_refs: content.observables.objects.map((object) => object['id']),
        };
      }
      case 'vulnerability': {
        const cve = /^CVE-\d{4}-\d{4,}$/i.test(content.name) ? content.name.toUpperCase() : null;
        return {
          ...this.common('vulnerability', uuid, timestamp, level), name: content.name, description: content.description || undefined,
          external_references: cve ? [{ source_name: 'cve', external_id: cve }] : undefined,
        };
      }
      case 'custom': return this.common(custom, uuid, timestamp, level);
    }
  }

  private attribute(attribute: Attribute): void {
    const level = narrowest([this.level, levelOfTags(attribute.tags)]);
    const content = attributeContent(attribute);
    const said = typedOfContent(content, attribute.type);
    const without = ['Tag', 'Galaxy', 'Sighting', 'comment'];
    if (said?.value === attribute.value && said.type === attribute.type) without.push('value');
    if ((content.is === 'pattern') === attribute.toIds) without.push('to_ids');
    const id = this.put({
      ...this.filled(content, 'x-misp-attribute', attribute.uuid, attribute.timestamp, level, [attribute.firstSeen, attribute.lastSeen]),
      ...(attribute.comment === '' ? {} : { description: attribute.comment }), ...labelled(attribute.tags),
      ...this.shared(attribute, attributeJson(attribute), without),
    });
    this.targets.set(attribute.uuid, id);
    for (const sighting of attribute.sightings) this.sighting(sighting, id, level);
    for (const galaxy of attribute.galaxies) for (const cluster of galaxy.clusters) this.related(id, this.cluster(galaxy, cluster), level);
  }

  private object(object: MispObject): void {
    const wrapped = stixObjectIn(object);
    const level = narrowest([this.level, ...object.attributes.map((attribute) => levelOfTags(attribute.tags))]);
    if (wrapped) {
      this.targets.set(object.uuid, this.wrapped(wrapped, level, true));
      return;
    }
    const { main, seen } = objectContent(object, object.name === 'file' ? this.executable(object) : []);
    const references = object.references.filter(({ target }) => !this.isHere(target));
    const json = { ...objectJson(object), ObjectReference: references.map(referenceJson) };
    const id = this.put({
      ...this.filled(main, 'x-misp-object', object.uuid, object.timestamp, level, [object.firstSeen, object.lastSeen]),
      ...(main.is === 'vulnerability' || object.comment === '' ? {} : { description: object.comment }), labels: labelsOf(object),
      ...this.shared(object, json, main.is === 'vulnerability' ? [] : ['comment']),
      ...(references.length ? {} : { x_misp_references: undefined }),
    });
    this.targets.set(object.uuid, id);
    if (seen) {
      const other = uuid5(mispNamespace, `observed ${object.uuid}`);
      const observed = this.put({
        ...this.filled({ is: 'observables', observables: seen }, '', other, object.timestamp, level, [object.firstSeen, object.lastSeen]),
        ...(object.deleted ? { revoked: true } : {}), x_misp_object: id,
      });
      this.related(id, observed, level, 'based-on', object.uuid);
    }
    for (const attribute of object.attributes) {
      this.targets.set(attribute.uuid, id);
      for (const sighting of attribute.sightings) this.sighting(sighting, id, level, attribute.uuid);
      for (const galaxy of attribute.galaxies) {
        for (const cluster of galaxy.clusters) this.related(id, this.cluster(galaxy, cluster), level, undefined, attribute.uuid);
      }
    }
  }
  /** An object that came in whole goes out as it was, for no more than the event is for, and never in another's place. */
  private wrapped(object: StixObject, level: TlpLevel | null, listed: boolean): string {
    const id = String(object['id']);
    if (level !== null) this.marks(level);
    const meta = object['type'] === 'marking-definition';
    if (!this.objects.has(id)) this.put(meta ? { ...object } : markedAs(object, level), listed && !meta);
    return id;
  }
  /** Facts of the executable that a file's references lead to, and of its sections. */
  private executable(file: MispObject): ReturnType<typeof peFacts> {
    const included = (object: MispObject | undefined, name: string): MispObject[] => (object?.references ?? [])
      .flatMap(({ target }) => this.byUuid.get(target) ?? []).filter((other) => other.name === name && !other.deleted);
    const [pe] = included(file, 'pe');
    return peFacts(pe, included(pe, 'pe-section'));
  }
  private isHere(uuid: string): boolean {
    return this.uuids.has(uuid);
  }
  private get uuids(): ReadonlySet<string> {
    const { attributes, objects } = this.event;
    this.known ??= new Set([...attributes, ...objects, ...objects.flatMap((object) => object.attributes)].map(({ uuid }) => uuid));
    return this.known;
  }
  private known: ReadonlySet<string> | null = null;

  private related(source: string, target: string, level: TlpLevel | null, type?: string, of?: string): void {
    const relation = type ?? (source.startsWith('indicator--') && indicated.has(target.split('--')[0] ?? '') ? 'indicates' : 'related-to');
    const uuid = uuid5(mispNamespace, `relationship ${source} ${relation} ${target} ${of ?? ''}`);
    this.put({ ...this.common('relationship', uuid, 0, level), relationship_type: relation, source_ref: source, target_ref: target, x_misp_of: of });
  }
  private reference(object: MispObject, reference: Reference): void {
    const [source, target] = [this.targets.get(object.uuid), this.targets.get(reference.target)];
    if (source === undefined || target === undefined) return;
    const name = reference.type.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'related-to';
    const level = narrowest([this.level, ...object.attributes.map((attribute) => levelOfTags(attribute.tags))]);
    this.put({
      ...this.common('relationship', reference.uuid, reference.timestamp, level), relationship_type: name, source_ref: source, target_ref: target,
      description: reference.comment || undefined, ...(reference.deleted ? { revoked: true } : {}),
      x_misp_relationship_type: name === reference.type ? undefined : reference.type, x_misp_unnamed: reference.type === '' ? true : undefined,
      x_misp_target: target.endsWith(reference.target) ? undefined : reference.target,
      x_misp_timestamp: reference.timestamp < this.event.timestamp ? String(reference.timestamp) : undefined,
    });
  }
  private sighting(sighting: Sighting, of: string, level: TlpLevel | null, attribute?: string): void {
    const time = stixSeconds(sighting.at);
    const org = sighting.org && sighting.kind === 0 ? this.identity(sighting.org) : undefined;
    const type = ['sighting', 'opinion', 'note'][sighting.kind] ?? 'note';
    const common = { ...this.common(type, sighting.uuid, 0, level), created: time, modified: time };
    const json = carried(sightingJson(sighting), ['uuid', 'Organisation', ...(sighting.kind === 0 ? ['type', 'date_sighting'] : [])]);
    const what = type === 'sighting' ? { sighting_of_ref: of, first_seen: time, last_seen: time, count: 1, where_sighted_refs: org ? [org] : undefined }
      : type === 'opinion' ? { object_refs: [of], opinion: 'strongly-disagree', explanation: 'Seen, and found to be a false positive.' }
      : { object_refs: [of], abstract: 'Expired', content: 'What this is about is no indicator any more.' };
    this.put({ ...common, ...what, ...json, x_misp_organisation: sighting.kind !== 0 ? orgJson(sighting.org) : undefined, x_misp_of: attribute });
  }
  private report(report: Report): void {
    this.put({
      ...this.common('note', report.uuid, report.timestamp, this.level), abstract: report.name || undefined, content: report.content || '-',
      object_refs: [this.eventId], ...this.shared(report, reportJson(report), report.content === '' ? ['name'] : ['name', 'content']),
      x_misp_report: true, x_misp_empty: report.content === '' ? true : undefined,
    });
  }
  /** A cluster is known to many: it says nothing of who sent it, and its id is made of all that it says. */
  private cluster(galaxy: Galaxy, cluster: Cluster): string {
    const wrapped = stixObjectIn(cluster);
    if (wrapped) return this.wrapped(wrapped, this.level, false);
    const type = clusterType(galaxy.type);
    const meta = (name: string): readonly string[] => (Object.hasOwn(cluster.meta, name) ? cluster.meta[name] ?? [] : []);
    const code = type === 'identity' || type === 'location' || type === 'vulnerability' ? [] : meta('external_id').slice(0, 1);
    const references = [
      ...code.map((external_id) => ({ source_name: /^(?:T|S|G|M|C)\d{4}/.test(external_id) ? 'mitre-attack' : galaxy.type, external_id })),
      ...meta('refs').map((url) => ({ source_name: 'url', url })),
    ];
    const { clusters: _clusters, ...about } = galaxy;
    const draft: Draft = {
      type, spec_version: version, created: ever, modified: ever, name: cluster.value, description: cluster.description || undefined,
      ...shape(type, cluster), ...(references.length ? { external_references: references } : {}),
      ...this.marks(this.level),
      x_misp_galaxy: galaxyJson({ ...about, clusters: [] }), x_misp_cluster: galaxyJson({ ...galaxy, clusters: [cluster] })['GalaxyCluster'],
    };
    const said = canonicalText(Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined)));
    return this.put({ ...draft, id: `${type}--${uuid5(mispNamespace, said)}` }, false);
  }

  private get eventId(): string {
    return idOf(this.event.published ? 'report' : 'grouping', this.event.uuid);
  }
  private whole(): void {
    const { event } = this;
    const common = this.common(event.published ? 'report' : 'grouping', event.uuid, event.timestamp, this.level);
    const day = `${event.date}T00:00:00.000Z`;
    const created = later(day, String(common['modified'])) ? String(common['modified']) : day;
    const without = ['uuid', 'info', 'timestamp', 'published', 'Orgc', 'Tag', 'Galaxy', 'Attribute', 'Object', 'EventReport'];
    if (created.startsWith(event.date)) without.push('date');
    if (event.publishedAt === 0) without.push('publish_timestamp');
    // An event that has nothing in it still needs something to refer to.
    if (this.listed.size === 0) {
      this.put({ ...this.common('note', uuid5(mispNamespace, `empty ${event.uuid}`), 0, this.level), content: 'This event has nothing in it.',
        object_refs: [this.eventId], x_misp_empty_event: true });
    }
    this.put({
      ...common, created, ...(event.published ? { name: event.info || '-', published: stixSeconds(event.publishedAt || event.timestamp) }
        : { name: event.info || '-', context: 'unspecified' }),
      ...labelled(event.tags), object_refs: [...this.listed], ...carried(eventJson(event), without), x_misp_unnamed: event.info === '' ? true : undefined,
    });
  }
}

/** Tags of an object's attributes: STIX has one list for the whole. */
function labelsOf(object: MispObject): string[] | undefined {
  const names = [...new Set(object.attributes.flatMap((attribute) => attribute.tags.map((tag) => tag.name)))];
  return names.length ? names : undefined;
}
/** What a type of STIX wants to be said of a cluster. */
function shape(type: string, cluster: Cluster): Draft {
  const synonyms = Object.hasOwn(cluster.meta, 'synonyms') ? cluster.meta['synonyms'] ?? [] : [];
  const aliases = synonyms.length && indicated.has(type) ? { aliases: synonyms } : {};
  const phases = ['attack-pattern', 'malware', 'tool'].includes(type) ? phasesOf(cluster.meta) : [];
  const own: Draft = type === 'malware' ? { is_family: true } : type === 'identity' ? { identity_class: 'class' }
    : type === 'location' ? { region: cluster.value.toLowerCase().replaceAll(/[^a-z]+/g, '-') } : {};
  return { ...aliases, ...(phases.length ? { kill_chain_phases: phases } : {}), ...own };
}
