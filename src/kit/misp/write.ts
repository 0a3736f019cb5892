/** Events as MISP's core format writes them. What is at its default is left out, so that reading gives the same event back. */
import type { Attribute, Cluster, Galaxy, Json, MispEvent, MispObject, Org, Reference, Report, Shared, SharingGroup, Sighting, Tag } from './model.ts';

const empty = (value: unknown): boolean => value === null || value === '' || value === false || (Array.isArray(value) && value.length === 0);
const filled = (json: Json): Json => Object.fromEntries(Object.entries(json).filter(([, value]) => !empty(value)));

export const orgJson = (org: Org | null): Json | null => (org ? { uuid: org.uuid, name: org.name } : null);
const groupJson = (group: SharingGroup | null): Json | null => (group ? filled({ ...group }) : null);

export function tagJson(tag: Tag): Json {
  return filled({ name: tag.name, colour: tag.colour, local: tag.local, relationship_type: tag.relationship });
}
function clusterJson(cluster: Cluster, type: string): Json {
  return filled({
    uuid: cluster.uuid, type, value: cluster.value, tag_name: cluster.tag, description: cluster.description, source: cluster.source,
    authors: cluster.authors, version: cluster.version, local: cluster.local, meta: Object.keys(cluster.meta).length ? cluster.meta : null,
  });
}
export function galaxyJson(galaxy: Galaxy): Json {
  return filled({
    uuid: galaxy.uuid, name: galaxy.name, type: galaxy.type, description: galaxy.description, version: galaxy.version, namespace: galaxy.namespace,
    icon: galaxy.icon, GalaxyCluster: galaxy.clusters.map((cluster) => clusterJson(cluster, galaxy.type)),
  });
}
export function sightingJson(sighting: Sighting): Json {
  return filled({
    uuid: sighting.uuid, type: String(sighting.kind), date_sighting: String(sighting.at), source: sighting.source, Organisation: orgJson(sighting.org),
  });
}
const sharedJson = (thing: Shared): Json => ({
  uuid: thing.uuid, timestamp: String(thing.timestamp), distribution: String(thing.distribution), SharingGroup: groupJson(thing.sharingGroup),
  deleted: thing.deleted,
});

export function attributeJson(attribute: Attribute): Json {
  return {
    ...filled({
      ...sharedJson(attribute), object_relation: attribute.relation, type: attribute.type, category: attribute.category, value: attribute.value,
      comment: attribute.comment, first_seen: attribute.firstSeen, last_seen: attribute.lastSeen, disable_correlation: attribute.uncorrelated,
      data: attribute.data, Tag: attribute.tags.map(tagJson), Galaxy: attribute.galaxies.map(galaxyJson), Sighting: attribute.sightings.map(sightingJson),
    }),
    to_ids: attribute.toIds,
  };
}
export function referenceJson(reference: Reference): Json {
  return filled({
    uuid: reference.uuid, referenced_uuid: reference.target, relationship_type: reference.type, comment: reference.comment,
    timestamp: String(reference.timestamp), deleted: reference.deleted,
  });
}
export function objectJson(object: MispObject): Json {
  return filled({
    ...sharedJson(object), name: object.name, 'meta-category': object.metaCategory, description: object.description, template_uuid: object.templateUuid,
    template_version: object.templateVersion, comment: object.comment, first_seen: object.firstSeen, last_seen: object.lastSeen,
    Attribute: object.attributes.map(attributeJson), ObjectReference: object.references.map(referenceJson),
  });
}
export function reportJson(report: Report): Json {
  return filled({ ...sharedJson(report), name: report.name, content: report.content });
}

/** The event itself, without `Event` around it. */
export function eventJson(event: MispEvent): Json {
  return {
    ...filled({
      uuid: event.uuid, info: event.info, date: event.date, timestamp: String(event.timestamp), publish_timestamp: String(event.publishedAt),
      threat_level_id: String(event.threatLevel), analysis: String(event.analysis), distribution: String(event.distribution),
      SharingGroup: groupJson(event.sharingGroup), extends_uuid: event.extends, Org: orgJson(event.org), Orgc: orgJson(event.orgc),
      Tag: event.tags.map(tagJson), Galaxy: event.galaxies.map(galaxyJson), Attribute: event.attributes.map(attributeJson),
      Object: event.objects.map(objectJson), EventReport: event.reports.map(reportJson),
    }),
    published: event.published,
  };
}
