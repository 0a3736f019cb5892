/**
 * The files of a MISP feed: `manifest.json` with one entry an event, `UUID.json` with the event, `hashes.csv` with the MD5 of every value and
 * the event it is in. A feed is for everybody who reaches it, so that what has a narrower distribution is left out of it, and told.
 */
import { createHash } from 'node:crypto';
import { within } from '#kit/stix/notes';
import { isStixObject, own } from '#kit/stix/object';
import { uuidShape, type Attribute, type Galaxy, type Json, type Loss, type MispEvent, type MispProblem, type Shared, type Tag } from './model.ts';
import { eventJson, orgJson, tagJson } from './write.ts';

export interface FeedEvent {
  readonly event: MispEvent;
  readonly losses: readonly Loss[];
}
export interface FeedFile {
  readonly name: string;
  readonly text: string;
}
export interface ManifestEntry {
  readonly uuid: string;
  readonly info: string;
  readonly date: string;
  readonly timestamp: number;
  readonly analysis: number;
  readonly threatLevel: number;
  readonly org: string | null;
  readonly tags: readonly string[];
}

/** Distributions that everybody may read: communities connected to it, all, and that of what is around. */
const open = [1, 2, 3, 5];

/** What of an event goes into a feed: nothing local, nothing deleted, no sharing groups, and only these distributions. */
export function feedEvent(event: MispEvent, distributions: readonly number[] = open): FeedEvent {
  const losses: Loss[] = [];
  const goes = (thing: Shared, path: string, what: string): boolean => {
    const why = thing.deleted ? 'it is deleted' : thing.sharingGroup || !distributions.includes(thing.distribution) ? 'it is for fewer than a feed is' : null;
    if (why !== null) losses.push({ path, what, why });
    return why === null;
  };
  const tags = (all: readonly Tag[]): Tag[] => all.filter((tag) => !tag.local);
  const galaxies = (all: readonly Galaxy[]): Galaxy[] => all.map((galaxy) => ({ ...galaxy, clusters: galaxy.clusters.filter((c) => !c.local) }))
    .filter((galaxy) => galaxy.clusters.length > 0);
  const attributes = (all: readonly Attribute[], path: string): Attribute[] => all
    .filter((attribute, i) => goes(attribute, `${path}/${i}`, `attribute ${attribute.uuid}`))
    .map((attribute) => ({ ...attribute, tags: tags(attribute.tags), galaxies: galaxies(attribute.galaxies) }));
  const objects = event.objects.map((object, i) => ({ object, path: `/Object/${i}` }))
    .filter(({ object, path }) => goes(object, path, `object ${object.uuid}`))
    .map(({ object, path }) => ({
      ...object, attributes: attributes(object.attributes, `${path}/Attribute`), references: object.references.filter((reference) => !reference.deleted),
    }));
  return {
    event: {
      ...event, org: null, sharingGroup: null, tags: tags(event.tags), galaxies: galaxies(event.galaxies),
      attributes: attributes(event.attributes, '/Attribute'), objects,
      reports: event.reports.filter((report, i) => goes(report, `/EventReport/${i}`, `report ${report.uuid}`)),
    },
    losses,
  };
}

/** Whether an event as a whole is for everybody who reaches a feed. */
export function isOpen(event: MispEvent, distributions: readonly number[] = open): boolean {
  return event.sharingGroup === null && distributions.includes(event.distribution);
}

export function manifestEntry(event: MispEvent): Json {
  return {
    Orgc: orgJson(event.orgc) ?? {}, Tag: event.tags.filter((tag) => !tag.local).map(tagJson), info: event.info, date: event.date,
    analysis: String(event.analysis), threat_level_id: String(event.threatLevel), timestamp: String(event.timestamp),
  };
}

const md5 = (text: string): string => createHash('md5').update(text, 'utf8').digest('hex');

/** What stands in `hashes.csv` of an event, each line once: both halves of a value of two, since each is looked for. */
export function hashLines(event: MispEvent): string[] {
  const attributes = [...event.attributes, ...event.objects.flatMap((object) => object.attributes)];
  const values = attributes.flatMap(({ type, value }) => (type.includes('|') || type === 'malware-sample' ? value.split('|') : [value]));
  return [...new Set(values.map((value) => `${md5(value)},${event.uuid}`))];
}

/** All files of a feed. Events are expected as `feedEvent` gives them. */
export function* feedFiles(events: readonly MispEvent[]): Generator<FeedFile> {
  for (const event of events) yield { name: `${event.uuid}.json`, text: JSON.stringify({ Event: eventJson(event) }) };
  yield { name: 'manifest.json', text: JSON.stringify(Object.fromEntries(events.map((event) => [event.uuid, manifestEntry(event)]))) };
  yield { name: 'hashes.csv', text: events.flatMap(hashLines).map((line) => `${line}\n`).join('') };
}

const plain = (value: unknown): string => (typeof value === 'string' && value.length <= 65_536 ? value : '');
function number(value: unknown, most: number): number | null {
  const text = typeof value === 'number' ? String(value) : plain(value);
  return /^\d{1,12}$/.test(text) && Number(text) <= most ? Number(text) : null;
}

/** Reads `manifest.json`. Entries that are none are problems; what is missing in one is at its default. Never throws. */
export function readManifest(value: unknown): { readonly entries: readonly ManifestEntry[]; readonly problems: readonly MispProblem[] } {
  const [entries, problems]: [ManifestEntry[], MispProblem[]] = [[], []];
  if (!isStixObject(value)) return { entries, problems: [{ path: '', text: 'a manifest is an object by uuid' }] };
  for (const [key, entry] of Object.entries(value)) {
    const [uuid, path] = [key.toLowerCase(), within('', key.slice(0, 100))];
    const timestamp = isStixObject(entry) ? number(own(entry, 'timestamp'), 253_402_300_799) : null;
    // What is named by it is fetched as a file: nothing but a uuid may be in that name.
    if (!uuidShape.test(uuid)) problems.push({ path, text: 'this is no uuid' });
    else if (!isStixObject(entry)) problems.push({ path, text: 'this is no object' });
    else if (timestamp === null) problems.push({ path: within(path, 'timestamp'), text: 'an entry says when its event changed' });
    else {
      const [orgc, tags] = [own(entry, 'Orgc'), own(entry, 'Tag')];
      entries.push({
        uuid, timestamp, info: plain(own(entry, 'info')), date: plain(own(entry, 'date')), analysis: number(own(entry, 'analysis'), 2) ?? 0,
        threatLevel: number(own(entry, 'threat_level_id'), 4) ?? 4, org: isStixObject(orgc) ? plain(own(orgc, 'uuid')).toLowerCase() || null : null,
        tags: (Array.isArray(tags) ? tags : []).flatMap((tag) => (isStixObject(tag) && plain(own(tag, 'name')) ? [plain(own(tag, 'name'))] : [])),
      });
    }
  }
  return { entries, problems };
}

/** Reads lines of `hashes.csv`: which events have a value with this MD5. */
export function* readHashes(text: string): Generator<{ readonly md5: string; readonly uuid: string } | { readonly line: number }> {
  let line = 0;
  for (const row of text.split('\n')) {
    line += 1;
    if (row.trim() === '') continue;
    const parts = /^([0-9a-f]{32}),([0-9a-f-]{36})\r?$/i.exec(row);
    const uuid = (parts?.[2] ?? '').toLowerCase();
    yield parts && uuidShape.test(uuid) ? { md5: (parts[1] ?? '').toLowerCase(), uuid } : { line };
  }
}
