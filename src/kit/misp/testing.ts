/** Events of MISP for tests, of known and unknown types, as odd as the format allows. */
import fc from 'fast-check';
import { attributeTypes } from './attributes.ts';
import { isMispTime } from './times.ts';
import { templateOf, templates } from './templates.ts';
import type { Attribute, Galaxy, MispEvent, MispObject, Org, Reference, Report, SharingGroup, Sighting, Tag } from './model.ts';

const oddUuid = fc.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const uuid = fc.oneof({ weight: 9, arbitrary: fc.uuid({ version: 4 }) }, { weight: 1, arbitrary: oddUuid });
const word = fc.oneof(fc.constantFrom('a', 'O’Neill', "it's", 'x\\y', 'Tiếng Việt', '😀', 'constructor', '__proto__', 'a|b', 'a b'),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }));
const text = fc.oneof(fc.constant(''), word);
const seconds = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4_000_000_000 }));
const moment = fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, fc.constantFrom('2026-01-31T12:00:00.000000+00:00', '2020-02-29', '2026-01-31T12:00:00Z',
  '2026-01-31T19:30:00.5+07:00').filter(isMispTime));
const hex = (n: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[0-9a-fA-F]{${n}}$`));
const ip = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('198.51.100.0/24', '2001:db8::/32'));
/** Values that are what their type says, and some that are not. */
const half: Readonly<Record<string, fc.Arbitrary<string>>> = {
  md5: hex(32), sha1: hex(40), sha256: hex(64), sha512: hex(128), ip, 'ip-src': ip, 'ip-dst': ip, domain: fc.domain(), hostname: fc.domain(),
  url: fc.webUrl(), email: fc.emailAddress(), 'email-src': fc.emailAddress(), 'email-dst': fc.emailAddress(),
  port: fc.integer({ min: 0, max: 70_000 }).map(String),
  AS: fc.oneof(fc.nat().map(String), fc.nat().map((n) => `AS${n}`)), 'mac-address': fc.constantFrom('00:11:22:aa:bb:cc', '00-11-22-AA-BB-CC'),
  'x509-fingerprint-sha1': hex(40), vulnerability: fc.constantFrom('CVE-2026-0001', 'own name'), 'size-in-bytes': fc.nat().map(String),
  counter: fc.nat().map(String), datetime: fc.constantFrom('2026-01-31T12:00:00+00:00', 'yesterday'), boolean: fc.constantFrom('1', 'true', 'no'),
  regkey: fc.constantFrom('HKLM\\Software\\X', 'HKEY_LOCAL_MACHINE\\Software'), 'stix2-pattern': fc.constantFrom("[url:value = 'http://x/']", 'no pattern'),
  yara: fc.constant('rule a { condition: true }'),
};
export function valueOf(type: string): fc.Arbitrary<string> {
  const right = fc.tuple(...type.split('|').map((part) => (Object.hasOwn(half, part) ? half[part] ?? word : word))).map((halves) => halves.join('|'));
  return fc.oneof({ weight: 5, arbitrary: right }, { weight: 1, arbitrary: word });
}

export const tag: fc.Arbitrary<Tag> = fc.record({
  name: fc.oneof(word, fc.constantFrom('tlp:red', 'tlp:green', 'tlp:white', 'TLP:AMBER', 'tlp:unclear', 'misp:type="x"', 'kill-chain:Delivery')),
  colour: fc.constantFrom(null, '#ff0000'), local: fc.boolean(), relationship: fc.constantFrom(null, 'derived-from'),
});
const org: fc.Arbitrary<Org> = fc.record({ uuid, name: word });
const group: fc.Arbitrary<SharingGroup | null> = fc.option(fc.record({ uuid, name: text, releasability: text }), { freq: 8 });
const cluster = fc.record({
  uuid, value: word, tag: text, description: text, source: text, authors: fc.array(word, { maxLength: 2 }), version: text, local: fc.boolean(),
  meta: fc.dictionary(fc.constantFrom('synonyms', 'refs', 'external_id', 'kill_chain', 'own'), fc.array(word, { minLength: 1, maxLength: 2 }),
    { noNullPrototype: true }),
});
const galaxy: fc.Arbitrary<Galaxy> = fc.record({
  uuid, name: text, type: fc.constantFrom('threat-actor', 'mitre-attack-pattern', 'ransomware', 'tool', 'sector', 'country', 'own-galaxy',
    'mitre-intrusion-set'),
  description: text, version: text, namespace: text, icon: text, clusters: fc.array(cluster, { minLength: 1, maxLength: 2 }),
});
const sighting: fc.Arbitrary<Sighting> = fc.record({ uuid, kind: fc.constantFrom(0, 1, 2), at: seconds, source: text, org: fc.option(org) });
const few = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.oneof({ weight: 3, arbitrary: fc.constant([] as T[]) }, fc.array(of, { maxLength: 2 }));
const shared = { uuid, timestamp: seconds, distribution: fc.integer({ min: 0, max: 5 }), sharingGroup: group, deleted: fc.oneof({ weight: 8,
  arbitrary: fc.constant(false) }, fc.constant(true)) };

export function attributeOf(type: string, relation: string | null = null): fc.Arbitrary<Attribute> {
  return valueOf(type).chain((value) => fc.record({
    ...shared, type: fc.constant(type), category: fc.constantFrom('Network activity', 'Payload delivery', 'Other', ''), value: fc.constant(value),
    toIds: fc.boolean(), comment: text, firstSeen: moment, lastSeen: moment, uncorrelated: fc.boolean(), data: fc.constantFrom(null, null, 'aGVsbG8='),
    relation: fc.constant(relation), tags: few(tag), galaxies: few(galaxy), sightings: few(sighting),
  }));
}
const anyType = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...Object.keys(attributeTypes)) },
  { weight: 1, arbitrary: fc.constantFrom('own-type', 'constructor') });
export const attribute: fc.Arbitrary<Attribute> = anyType.chain((type) => attributeOf(type));

const reference: fc.Arbitrary<Reference> = fc.record({ uuid, target: uuid, type: fc.constantFrom('includes', 'related-to', 'Own words', ''), comment: text,
  timestamp: seconds, deleted: fc.boolean() });
export function objectOf(name: string): fc.Arbitrary<MispObject> {
  const known = Object.entries(templateOf(name)?.relations ?? {}).map(([relation, { type }]) => attributeOf(type, relation));
  const attributes = fc.array(fc.oneof(...(known.length ? [{ weight: 9, arbitrary: fc.oneof(...known) }] : []),
    { weight: 1, arbitrary: attributeOf('text', 'own-relation') }), { maxLength: 5 });
  return fc.record({
    ...shared, name: fc.constant(name), metaCategory: text, description: text, templateUuid: fc.option(uuid), templateVersion: fc.constantFrom('', '7'),
    comment: text, firstSeen: moment, lastSeen: moment, attributes, references: few(reference),
  });
}
export const object: fc.Arbitrary<MispObject> = fc.constantFrom(...Object.keys(templates), 'own-object', 'geolocation').chain(objectOf);
const report: fc.Arbitrary<Report> = fc.record({ ...shared, name: text, content: text });

/** References lead within the event as often as out of it, and every uuid is there once. */
function knit(event: MispEvent): MispEvent {
  const seen = new Set([event.uuid]);
  const once = <T extends { readonly uuid: string }>(all: readonly T[]): T[] => all.filter(({ uuid: id }) => !seen.has(id) && seen.add(id));
  const attributes = (all: readonly Attribute[]): Attribute[] => once(all).map((one) => ({ ...one, sightings: once(one.sightings) }));
  const top = attributes(event.attributes);
  const objects = once(event.objects).map((one) => ({ ...one, attributes: attributes(one.attributes), references: once(one.references) }));
  const targets = [...top, ...objects, ...objects.flatMap((one) => one.attributes)].map((one) => one.uuid);
  const reports = once(event.reports);
  return {
    ...event, attributes: top, reports,
    objects: objects.map((one) => ({
      ...one, references: one.references.map((ref, i) => (i % 2 ? ref : { ...ref, target: targets[ref.uuid.charCodeAt(0) % targets.length] ?? ref.target })),
    })),
  };
}
export const event: fc.Arbitrary<MispEvent> = fc.record({
  uuid, info: text, date: fc.constantFrom('2026-01-31', '1970-01-01', '2020-02-29'), timestamp: seconds, published: fc.boolean(), publishedAt: seconds,
  threatLevel: fc.integer({ min: 1, max: 4 }), analysis: fc.integer({ min: 0, max: 2 }), distribution: fc.integer({ min: 0, max: 5 }),
  sharingGroup: group, extends: fc.option(uuid), org: fc.option(org), orgc: fc.option(org), tags: few(tag), galaxies: few(galaxy),
  attributes: fc.array(attribute, { maxLength: 4 }), objects: fc.array(object, { maxLength: 3 }), reports: few(report),
}).map(knit);
