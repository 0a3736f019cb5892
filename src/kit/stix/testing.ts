/**
 * Valid STIX 2.1 objects out of our own tables, for the tests of everybody: `stixObject('indicator')`, `stixObject()` of any type. They
 * break no MUST; what they hold is as odd as the standard allows.
 */
import fc from 'fast-check';
import type { StixObject } from './object.ts';
import { scoId } from './sco-id.ts';
import { compareTimes, parseTime, timeText } from './time.ts';
import { sharedProperties } from './types/shared.ts';
import { kindOf, metaTypes, scoTypes, sdoTypes, sroTypes } from './types/names.ts';
import type { Properties, Relation, Shape, StructureTable } from './types/shape.ts';
import { extensionTables, structures } from './types/structures.ts';
import { tableOf } from './types/tables.ts';
import { termsOf } from './types/vocabulary.ts';

type Draft = Record<string, unknown>;
export const everyType: readonly string[] = [...sdoTypes, ...sroTypes, ...scoTypes, ...metaTypes];

/** Two thousand years in microseconds, with digits of any number that is not fewer than three. */
const time = fc.tuple(fc.bigInt({ min: -30_000_000_000_000_000n, max: 30_000_000_000_000_000n }), fc.constantFrom('', '1', '0003'))
  .map(([us, more]) => timeText(us).replace('Z', `${more}Z`));
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 20 }), fc.constantFrom('a', 'O’Neill', "it's", 'x\\y', 'Tiếng Việt', '😀'));
const key = fc.stringMatching(/^[a-z][a-z0-9_]{2,10}$/);
const hexOf = (length: number): fc.Arbitrary<string> => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const hash = fc.dictionary(fc.constantFrom('MD5', 'SHA-1', 'SHA-256', 'SHA-512'), hexOf(128), { minKeys: 1 })
  .map((hashes) => Object.fromEntries(Object.entries(hashes).map(([name, hex]) => [name, hex.slice(0, { MD5: 32, 'SHA-1': 40, 'SHA-256': 64,
    'SHA-512': 128 }[name])])));
const uuid = (version: 4 | 5): fc.Arbitrary<string> => fc.uuid({ version });

function idOf(type: string): fc.Arbitrary<string> {
  return uuid(kindOf(type) === 'sco' ? 5 : 4).map((u) => `${type}--${u}`);
}
function referenceTo(to: readonly string[]): fc.Arbitrary<string> {
  const types = to.flatMap((wanted): readonly string[] => {
    if (wanted === 'any') return everyType;
    return { sdo: sdoTypes, sco: scoTypes, sro: sroTypes }[wanted] ?? [wanted];
  });
  return fc.constantFrom(...types).chain(idOf);
}

function valueOf(shape: Shape): fc.Arbitrary<unknown> {
  switch (shape.is) {
    case 'text': return text;
    case 'truth': return fc.boolean();
    case 'timestamp': return time;
    case 'language': return fc.constantFrom('en', 'vi', 'de-CH', 'zh-Hant-TW');
    case 'hex': return fc.integer({ min: 1, max: 8 }).chain((n) => hexOf(n * 2));
    case 'binary': return fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('base64'));
    case 'dictionary': return fc.dictionary(key, text, { minKeys: 1, maxKeys: 3 });
    case 'hashes': return hash;
    case 'vocabulary': return fc.constantFrom(...termsOf(shape.name));
    case 'reference': return referenceTo(shape.to);
    case 'list': return fc.array(valueOf(shape.of), { minLength: 1, maxLength: 3 });
    case 'structure': return structureOf(structures[shape.name] ?? { clause: '', properties: new Map(), relations: [] });
    case 'integer': return fc.integer({ min: Math.max(shape.min, -1e9), max: Math.min(shape.max, 1e9) });
    case 'float': return fc.double({ min: Math.max(shape.min, -1e9), max: Math.min(shape.max, 1e9), noNaN: true });
    case 'json': return fc.constant({ any: 'thing' });
  }
}

function draftOf(properties: Properties, relations: readonly Relation[]): fc.Arbitrary<Draft> {
  const all = Object.fromEntries([...properties.values()].map((p) => [p.name, valueOf(p.shape)]));
  const needed = [...properties.values()].filter((p) => p.required).map((p) => p.name);
  return fc.record(all, { requiredKeys: needed, noNullPrototype: true }).chain((draft) => fc.record(all, { noNullPrototype: true }).map((spare) => {
    for (const relation of relations) mend(draft, spare, relation, properties);
    return draft;
  }));
}

/** Makes a relation hold, with values from a draft that has all properties. */
function mend(draft: Draft, spare: Draft, relation: Relation, properties: Properties): void {
  const names = relation.rule === 'some' || relation.rule === 'one' ? (relation.of.length ? relation.of : [...properties.keys()]) : [];
  if (relation.rule === 'order') {
    const [a, b] = [draft[relation.first], draft[relation.second]];
    if (a === undefined || b === undefined) return;
    const [earlier, later] = [parseTime(a), parseTime(b)];
    const order = earlier && later ? compareTimes(earlier, later) : 0;
    if (order > 0) [draft[relation.first], draft[relation.second]] = [b, a];
    if (relation.later && order === 0) delete draft[relation.second];
  } else if (relation.rule === 'needs') {
    if (draft[relation.first] !== undefined) draft[relation.second] ??= spare[relation.second];
  } else {
    const there = names.filter((name) => draft[name] !== undefined);
    const [first = ''] = names;
    if (there.length === 0) draft[first] = spare[first];
    if (relation.rule === 'one') for (const name of there.slice(1)) delete draft[name];
  }
}

function structureOf(table: StructureTable): fc.Arbitrary<Draft> {
  return draftOf(table.properties, table.relations).map((draft) => {
    // A source of a known name wants an id in its form.
    if (draft['source_name'] === 'cve') draft['external_id'] = 'CVE-2026-0001';
    if (draft['selectors'] !== undefined) draft['selectors'] = ['id'];
    return draft;
  });
}

const marking = fc.oneof(
  fc.record({ definition_type: fc.constant('statement'), definition: text.map((statement) => ({ statement })) }),
  fc.record({ extensions: fc.tuple(uuid(4), key, text).map(([u, name,
    value]) => ({ [`extension-definition--${u}`]: { extension_type: 'property-extension', [name]: value } })) }),
);
const container = fc.array(fc.constantFrom('198.51.100.1', '203.0.113.7'), { minLength: 1, maxLength: 3 })
  .map((values) => Object.fromEntries(values.map((value, i) => [String(i), { type: 'ipv4-addr', value }])));

/** What the tables do not say of a type; the rest of the draft stays. */
const particular: Readonly<Record<string, fc.Arbitrary<Draft>>> = {
  'ipv4-addr': fc.tuple(fc.ipV4(), fc.constantFrom('', '/32', '/8')).map(([ip, length]) => ({ value: ip + length })),
  'ipv6-addr': fc.tuple(fc.ipV6(), fc.constantFrom('', '/128', '/48')).map(([ip, length]) => ({ value: ip + length })),
  'mac-addr': fc.array(hexOf(2), { minLength: 6, maxLength: 6 }).map((bytes) => ({ value: bytes.join(':') })),
  'domain-name': fc.domain().map((value) => ({ value })),
  'email-addr': fc.emailAddress().map((value) => ({ value })),
  url: fc.webUrl().map((value) => ({ value })),
  software: fc.constant({ cpe: 'cpe:2.3:a:own:thing:1:*:*:*:*:*:*:*' }),
  'windows-registry-key': fc.constant({ key: 'HKEY_LOCAL_MACHINE\\System' }),
  'network-traffic': fc.record({ protocols: fc.constantFrom(['tcp'], ['ipv4', 'udp', 'dns']), is_active: fc.constant(false) }),
  'email-message': fc.oneof(
    fc.record({ is_multipart: fc.constant(false), body_multipart: fc.constant(undefined) }), fc.record({ is_multipart: fc.constant(true),
      body: fc.constant(undefined) }),
  ),
  malware: text.map((name) => ({ name })),
  relationship: fc.constantFrom('related-to', 'uses', 'own-word').map((name) => ({ relationship_type: name })),
  'marking-definition': marking.map((m) => ({ definition_type: undefined, definition: undefined, extensions: undefined, ...m })),
  'language-content': text.map((name) => ({ contents: { vi: { name } } })),
  'extension-definition': fc.constant({ extension_properties: undefined }),
  indicator: fc.constantFrom("[ipv4-addr:value = '198.51.100.1']", "[file:name = 'a' AND file:size > 10] FOLLOWEDBY [url:value LIKE '%x']")
    .map((pattern) => ({ pattern, pattern_type: 'stix' })),
  'observed-data': fc.oneof(container.map((objects) => ({ objects, object_refs: undefined })), idOf('url').map((ref) => ({ objects: undefined,
    object_refs: [ref] }))),
};

function extensionsOf(keys: readonly string[]): fc.Arbitrary<Draft> {
  return fc.subarray([...keys], { minLength: 1, maxLength: 1 }).chain((chosen) =>
    fc.record(Object.fromEntries(chosen.map((name) => [name, structureOf(extensionTables[name] as StructureTable)])), { noNullPrototype: true }));
}

/** A valid object of a type, or of any. */
export function stixObject(type?: string): fc.Arbitrary<StixObject> {
  if (type === undefined) return fc.constantFrom(...everyType).chain(stixObject);
  const table = tableOf(type);
  if (!table) throw new Error(`there is no type ${type}`);
  const common = sharedProperties(type, kindOf(type));
  const extensions = table.extensions.length ? fc.option(extensionsOf(table.extensions), { nil: undefined }) : fc.constant(undefined);
  return fc.tuple(draftOf(common, [{ rule: 'order', first: 'created', second: 'modified', later: false }]), draftOf(table.properties, table.relations),
    particular[type] ?? fc.constant({}), extensions, idOf(type)).map(([shared, draft, special, extension, id]) => {
    const whole: Draft = { ...shared, ...draft, type, ...(shared['spec_version'] === undefined ? {} : { spec_version: '2.1' }), id,
      extensions: extension, ...special };
    if (kindOf(type) === 'sco') for (const name of ['created', 'modified', 'created_by_ref', 'revoked']) delete whole[name];
    for (const name of Object.keys(whole)) if (whole[name] === undefined) delete whole[name];
    if (kindOf(type) === 'sco') whole['id'] = scoId(whole) ?? String(whole['id']).replace(/--(.{14})5/, '--$14');
    return whole;
  });
}

/** A bundle of valid objects with ids of their own. */
export const stixBundle: fc.Arbitrary<StixObject> = fc.tuple(uuid(4), fc.uniqueArray(stixObject(), { minLength: 1, maxLength: 8,
  selector: (o) => String(o['id']).slice(-36) }))
  .map(([id, objects]) => ({ type: 'bundle', id: `bundle--${id}`, objects }));
