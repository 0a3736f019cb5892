import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check } from '#kit/stix/check';
import { definitionsIn, levelOf } from '#kit/stix/marking';
import type { StixObject } from '#kit/stix/object';
import { stixBundle } from '#kit/stix/testing';
import { withinTlp } from '#kit/stix/tlp';
import { attributeFacts, attributeTypes } from './attributes.ts';
import { patternOf } from './facts.ts';
import { fromStix } from './from-stix.ts';
import { Making } from './make.ts';
import type { MispEvent } from './model.ts';
import { readMisp } from './read.ts';
import { take } from './take.ts';
import { templates } from './templates.ts';
import { attributeOf, event } from './testing.ts';
import { toStix } from './to-stix.ts';
import { eventJson } from './write.ts';

const vectors = join(import.meta.dirname, '../../../docs/specs/vectors/misp');
const vector = (name: string): Record<string, unknown> => JSON.parse(readFileSync(join(vectors, `${name}.json`), 'utf8')) as Record<string, unknown>;
const uuid = '5f6e7d8c-1234-4abc-8def-0123456789ab';
const [plain] = readMisp({ uuid, info: 'x', date: '2026-01-31', timestamp: 1_769_860_800 }).events as [MispEvent];
const bundleOf = (objects: readonly StixObject[]): StixObject => ({ type: 'bundle', id: `bundle--${uuid}`, objects });
const faults = (objects: readonly StixObject[]): unknown[] => check(bundleOf(objects), { limit: 1000 }).problems.filter((p) => p.level === 'must');
/** What somebody else would have written: nothing of MISP's own fields. */
const stripped = (objects: readonly StixObject[]): StixObject[] => objects
  .map((object) => Object.fromEntries(Object.entries(object).filter(([name]) => !name.startsWith('x_misp_'))));

describe('golden pairs', () => {
  test.each(['attributes', 'objects', 'context'])('%s: event to STIX and back', (name) => {
    const { events: [one], problems } = readMisp(vector(`${name}.event`));
    expect(problems).toEqual([]);
    const { objects, losses } = toStix(one ?? plain);
    expect(losses).toEqual([]);
    expect(objects).toEqual(vector(`${name}.stix`)['objects']);
    expect(faults(objects)).toEqual([]);
    expect(fromStix(vector(`${name}.stix`)).events.map(eventJson)).toEqual([vector(`${name}.event`)['Event']]);
  });
  test('a vendor’s bundle to an event', () => {
    const { events, losses } = fromStix(vector('vendor.stix'));
    expect(events.map(eventJson)).toEqual([vector('vendor.event')['Event']]);
    expect(losses.map((l) => l.path)).toEqual(expect.arrayContaining(['/objects/1/confidence', '/objects/2/pattern', '/objects/6', '/objects/7']));
  });
});

test('every event is valid STIX 2.1, and comes back as it was', () => {
  let whole = 0;
  fc.assert(fc.property(event, (one) => {
    const { objects, losses } = toStix(one);
    expect(faults(objects)).toEqual([]);
    if (losses.length > 0) return;
    whole += 1;
    const sorted = (all: readonly { readonly uuid: string }[]): unknown[] => [...all].sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
    const parts = (e: MispEvent): unknown => ({ ...e,
      attributes: sorted(e.attributes.map((a) => ({ ...a, sightings: sorted(a.sightings), galaxies: sorted(a.galaxies) }))),
      objects: sorted(e.objects.map((o) => ({ ...o, references: sorted(o.references) }))), reports: sorted(e.reports), galaxies: sorted(e.galaxies) });
    expect(take(objects).map(parts)).toEqual([parts(one)]);
    expect(toStix(one).objects).toEqual(objects);
  }), { numRuns: 120 });
  // What is lost is told; almost nothing is.
  expect(whole).toBeGreaterThan(110);
});

test('what a bundle loses as an event is told, object by object and property by property', () => {
  fc.assert(fc.property(stixBundle, (bundle) => {
    const { events, losses } = fromStix(bundle);
    for (const one of events) {
      expect(readMisp(JSON.parse(JSON.stringify(eventJson(one))))).toEqual({ events: [one], problems: [], losses: [], more: false });
    }
    const back = new Map(events.flatMap((one) => [...new Making(one).objects]));
    const told = new Set(losses.map((l) => l.path));
    for (const [i, object] of (bundle['objects'] as StixObject[]).entries()) {
      const again = back.get(String(object['id']));
      if (!again) expect(told).toContain(`/objects/${i}`);
      else for (const name of new Set([...Object.keys(object), ...Object.keys(again)])) {
        if (JSON.stringify(object[name]) !== JSON.stringify(again[name]) && !told.has(`/objects/${i}/${name}`)) expect(again[name]).toEqual(object[name]);
      }
    }
  }), { numRuns: 100 });
});

test('what no table of MISP has comes back to the letter', () => {
  const types = ['infrastructure', 'opinion', 'campaign', 'malware', 'threat-actor', 'tool', 'attack-pattern', 'location', 'incident', 'language-content'];
  fc.assert(fc.property(stixBundle, (bundle) => {
    const objects = (bundle['objects'] as StixObject[]).filter((o) => types.includes(String(o['type'])) && o['revoked'] !== true && o['name'] !== ''
      && levelOf(o, definitionsIn([])).level === null && o['object_marking_refs'] === undefined && o['granular_markings'] === undefined);
    const back = new Map(fromStix(objects).events.flatMap((one) => [...new Making(one).objects]));
    for (const object of objects) expect(back.get(String(object['id']))).toEqual(object);
  }), { numRuns: 100 });
});

test('the tables say what an attribute is without any word of MISP', () => {
  const known = Object.keys(attributeTypes).filter((type) => (attributeTypes[type]?.specs.length ?? 0) > 0);
  expect(Object.keys(attributeTypes).length).toBeGreaterThan(150);
  expect(known.length).toBeGreaterThan(80);
  let compared = 0;
  fc.assert(fc.property(fc.constantFrom(...known).chain((type) => attributeOf(type)), (attribute) => {
    const facts = attributeFacts(attribute.type, attribute.value);
    const { objects } = toStix({ ...plain, attributes: [{ ...attribute, galaxies: [], sightings: [], tags: [] }] });
    if (facts === null || !objects.some((o) => o['type'] === 'indicator' || o['type'] === 'observed-data')) return;
    const found = take(stripped(objects).filter((o) => o['type'] !== 'x-misp-attribute')).flatMap((e) => e.attributes);
    if (found.length === 0) return;
    compared += 1;
    expect(found.map((a) => patternOf(attributeFacts(a.type, a.value) ?? []))).toEqual([patternOf(facts)]);
    expect(found[0]?.toIds).toBe(attribute.toIds);
  }), { numRuns: 1000 });
  expect(compared).toBeGreaterThan(500);
});

test('a template of MISP is read from what it becomes without any word of MISP', () => {
  const [one] = readMisp(vector('objects.event')).events;
  const found = take(stripped(toStix(one ?? plain).objects)).flatMap((e) => e.objects);
  expect(found.map((o) => o.name)).toEqual(expect.arrayContaining(['file', 'pe', 'pe-section', 'network-connection']));
  const section = found.find((o) => o.name === 'pe-section');
  expect(section?.attributes.map((a) => [a.relation, a.value])).toEqual([['name', '.text'], ['size-in-bytes', '512'], ['entropy', '6.5']]);
  expect(Object.keys(templates)).toHaveLength(16);
});

test('patterns as others write them are read', () => {
  const read = (pattern: string): unknown => fromStix([{ type: 'indicator', spec_version: '2.1', id: `indicator--${uuid}`, created: '2026-01-31T12:00:00.000Z',
    modified: '2026-01-31T12:00:00.000Z', pattern, pattern_type: 'stix', valid_from: '2026-01-31T12:00:00.000Z' }]).events
    .flatMap((e) => [...e.attributes.map((a) => [a.type, a.value]), ...e.objects.map((o) => [o.name, ...o.attributes.map((a) => `${a.relation} ${a.value}`)])]);
  expect(read("[ipv4-addr:value = '198.51.100.7']")).toEqual([['ip-dst', '198.51.100.7']]);
  expect(read("[network-traffic:src_ref.type = 'ipv6-addr' AND network-traffic:src_ref.value = '2001:db8::1']")).toEqual([['ip-src', '2001:db8::1']]);
  expect(read("[url:value IN ('http://a/', 'http://b/')]")).toEqual([['url', 'http://a/'], ['url', 'http://b/']]);
  expect(read("[file:hashes.'SHA256' = 'x' OR domain-name:value = 'a.example'] OR [mutex:name = 'm']"))
    .toEqual([['sha256', 'x'], ['domain', 'a.example'], ['mutex', 'm']]);
  expect(read("[email-message:subject = 's' AND email-message:from_ref.value = 'a@b.example']")).toEqual([['email', 'subject s', 'from a@b.example']]);
  for (const pattern of ["[url:value LIKE '%x']", "[url:value = 'http://a/'] REPEATS 5 TIMES", "[domain-name:value = 'a'] AND [url:value = 'b:']",
    "[file:name NOT = 'x']", "[file:name = 'x' AND file:magic_number_hex = h'4d5a']"]) expect(read(pattern)).toEqual([['stix2-pattern', pattern]]);
});

test('what STIX says counts where somebody changed it and left MISP’s own words', () => {
  const changed = (vector('attributes.stix')['objects'] as StixObject[]).map((o) => (o['x_misp_type'] === 'AS' ? { ...o, x_misp_value: '1' }
    : o['x_misp_type'] === 'filename|sha256' ? { ...o, pattern: "[file:name = 'other']" }
    : o['x_misp_type'] === 'btc' ? { ...o, x_misp_type: 'ip-dst', x_misp_value: '9.9.9.9' } : o));
  const values = new Map(fromStix(changed).events.flatMap((e) => e.attributes).map((a) => [a.uuid.slice(-3), `${a.type} ${a.value}`]));
  expect([values.get('106'), values.get('103'), values.get('108')]).toEqual(['AS AS64496', 'filename other', 'btc 1BoatSLRHtKNngkdXEeobR76b53LETtpyT']);
  const objects = (vector('objects.stix')['objects'] as StixObject[])
    .map((o) => (o['x_misp_name'] === 'file' ? { ...o, pattern: "[file:name = 'x' AND file:size = 1]" } : o));
  expect(fromStix(objects).events[0]?.objects[0]?.attributes.map((a) => a.value)).toEqual(['x', '1']);
});

test('nothing is marked wider than the event, nor than a tag on it', () => {
  fc.assert(fc.property(event, (one) => {
    const { objects, level } = toStix(one);
    for (const object of objects) {
      if (object['type'] === 'marking-definition' || object['type'] === 'identity') continue;
      const said = levelOf(object, definitionsIn(objects)).level;
      if (level !== null) expect(said !== null && withinTlp(level, said)).toBe(true);
    }
    const back = take(stripped(objects));
    if (level !== null) for (const e of back) for (const a of e.attributes) expect(e.tags.length + a.tags.length).toBeGreaterThan(0);
  }), { numRuns: 80 });
  const tagged = (name: string): unknown => toStix({ ...plain, tags: [{ name, colour: null, local: false, relationship: null }] }).level;
  expect(['tlp:white', 'TLP:Amber', 'tlp:amber+strict', 'tlp:unclear', 'tlp:ex:chr', 'type:OSINT'].map(tagged))
    .toEqual(['clear', 'amber', 'amber+strict', 'red', 'red', null]);
});

test('an object of STIX in an event goes out no wider than the event, and never in another’s place', () => {
  const malware = { type: 'malware', spec_version: '2.1', id: `malware--${uuid}`, created: '2026-01-31T12:00:00.000Z', modified: '2026-01-31T12:00:00.000Z',
    name: 'm', is_family: false };
  const infrastructure = { ...malware, type: 'infrastructure', id: `infrastructure--${uuid}`, is_family: undefined };
  const [one] = fromStix([malware, JSON.parse(JSON.stringify(infrastructure))]).events;
  const red = { ...(one ?? plain), tags: [{ name: 'tlp:red', colour: null, local: false, relationship: null }] };
  const { objects } = toStix(red);
  for (const type of ['malware', 'infrastructure']) {
    expect(levelOf(objects.find((o) => o['type'] === type) ?? {}, definitionsIn([])).level).toBe('red');
  }
});
