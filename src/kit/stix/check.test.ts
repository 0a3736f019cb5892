import { describe, expect, test } from 'vitest';
import { check, type CheckResult } from './check.ts';
import { quietRules } from './notes.ts';
import { scoId } from './sco-id.ts';
import { tlp1Markings, tlp2Markings } from './tlp.ts';

const u = '8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f';
const of = (type: string, more: object = {}): Record<string, unknown> => ({
  type, spec_version: '2.1', id: `${type}--${u}`, created: '2026-01-01T00:00:00.000Z', modified: '2026-01-01T00:00:00.000Z', ...more,
});
/** An observable with the id that it should have. */
const sco = (type: string, more: object): Record<string, unknown> => {
  const object = { type, spec_version: '2.1', ...more };
  return { ...object, id: scoId(object) ?? `${type}--${u}` };
};
const said = ({ problems }: CheckResult): string[] => problems.map((p) => `${p.level} ${p.rule} ${p.clause} ${p.path}`);
const url = 'url--c1477287-23ac-5971-a010-5c287877fa60';

/** Each row: what is checked, and all that is said of it. */
const rows: readonly [name: string, object: unknown, ...expected: string[]][] = [
  ['a tool', of('tool', { name: 'x' })],
  ['a missing name', of('tool'), 'must required 4.18.1 /name'],
  ['wrong kinds of values', of('campaign', { name: 7, aliases: 'a', first_seen: 'yesterday', revoked: 'no', confidence: 101, lang: 'English please' }),
    'must truth 2.2 /revoked', 'must range 3.2 /confidence', 'must language 3.2 /lang', 'must text 2.15 /name', 'must list 2.12 /aliases',
      'must timestamp 2.16.1 /first_seen'],
  ['empty lists', of('tool', { name: 'x', labels: [], tool_types: [] }), 'must empty 2.12 /labels', 'must empty 2.12 /tool_types'],
  ['whole numbers', of('sighting', { sighting_of_ref: `indicator--${u}`, count: 1.5 }), 'must integer 2.10 /count'],
  ['whole numbers beyond 2^53', sco('autonomous-system', { number: 2 ** 53 }), 'must integer 2.10 /number'],
  ['counts out of range', of('sighting', { sighting_of_ref: `indicator--${u}`, count: 1_000_000_000 }), 'must range 5.2.1 /count'],
  ['modified before created', of('tool', { name: 'x', created: '2026-01-01T00:00:00.0001Z' }), 'must order 3.6.1 /modified'],
  ['times without milliseconds', of('tool', { name: 'x', created: '2026-01-01T00:00:00Z' }), 'must milliseconds 3.2 /created'],
  ['a validity that ends when it begins', of('indicator', { pattern: '[url:value = 1]', pattern_type: 'stix', valid_from: '2026-01-01T00:00:00Z',
    valid_until: '2026-01-01T00:00:00.0Z' }),
    'must order 4.7.1 /valid_until'],
  ['last seen before first', of('campaign', { name: 'x', first_seen: '2026-01-02T00:00:00Z', last_seen: '2026-01-01T00:00:00Z' }),
    'must order 4.2.1 /last_seen'],
  ['a pattern that cannot be read', of('indicator', { pattern: '[url:value = ', pattern_type: 'stix', valid_from: '2026-01-01T00:00:00Z' }),
    'must pattern 4.7.1 /pattern'],
  ['a pattern of another language', of('indicator', { pattern: 'rule x', pattern_type: 'yara', valid_from: '2026-01-01T00:00:00Z' })],
  ['a pattern that means nothing', of('indicator',
    { pattern: "[file:nmae = 'a' AND url:value = 'b'] START t'2025-01-01T00:00:00Z' STOP t'2026-01-01T00:00:00Z'",
    pattern_type: 'stix', valid_from: '2026-01-01T00:00:00Z' }),
  'must pattern-meaning 9.5 /pattern', 'should pattern-meaning 9.7 /pattern', 'should pattern-window 9.5.1 /pattern'],
  ['a relationship that stops when it starts', of('relationship', { relationship_type: 'uses', source_ref: `malware--${u}`, target_ref: `tool--${u}`,
    start_time: '2026-01-01T00:00:00Z', stop_time: '2026-01-01T00:00:00Z' }), 'must order 5.1.1 /stop_time'],
  ['a relationship nobody suggests', of('relationship', { relationship_type: 'uses', source_ref: `tool--${u}`, target_ref: `malware--${u}` }),
    'should relationship 5.1.2 /relationship_type'],
  ['a relationship of a word with a blank', of('relationship', { relationship_type: 'Is Like', source_ref: `tool--${u}`, target_ref: `malware--${u}` }),
    'must relationship-name 5.1.2 /relationship_type'],
  ['a relationship between relationships', of('relationship', { relationship_type: 'related-to', source_ref: `relationship--${u}`,
    target_ref: `marking-definition--${u}` }),
    'must reference 5.1.1 /source_ref', 'must reference 5.1.1 /target_ref'],
  ['relationships of one’s own types', of('relationship', { relationship_type: 'eats', source_ref: `x-cat--${u}`, target_ref: `x-mouse--${u}` })],
  ['references to the wrong type', of('malware', { is_family: false, sample_refs: [`file--${u}`, `url--${u}`], created_by_ref: `tool--${u}` }),
    'must reference 3.2 /created_by_ref', 'must reference 4.11.1 /sample_refs/1'],
  ['references that are none', of('report', { name: 'x', published: '2026-01-01T00:00:00Z', object_refs: ['x', `bundle--${u}`,
    'tool--00d1e89b-636c-ad69-ad8f-46545b6758b8'] }),
    'must identifier 2.9 /object_refs/0', 'must reference 4.16.1 /object_refs/1', 'must uuid 2.9 /object_refs/2'],
  ['the id of another type', { ...of('tool', { name: 'x' }), id: `malware--${u}` }, 'must identifier 2.9 /id'],
  ['an id that is no id', { ...of('tool', { name: 'x' }), id: 'tool--1' }, 'must identifier 2.9 /id'],
  ['a UUID that is not random', { ...of('tool', { name: 'x' }), id: 'tool--8e2e2d2b-17d4-5cbf-938f-98ee46b3cd3f' }, 'should uuid-version 2.9 /id'],
  ['words outside of vocabularies', of('malware', { is_family: true, name: 'x', malware_types: ['worm', 'Odd One'],
    kill_chain_phases: [{ kill_chain_name: 'My Chain', phase_name: 'a_b' }] }),
    'should kill-chain-case 2.11 /kill_chain_phases/0/kill_chain_name', 'should kill-chain-case 2.11 /kill_chain_phases/0/phase_name',
      'should vocabulary 2.14 /malware_types/1'],
  ['words outside of enumerations', of('opinion', { opinion: 'maybe', object_refs: [`tool--${u}`] }), 'must enumeration 2.4 /opinion'],
  ['a family without a name', of('malware', { is_family: true }), 'must required 4.11.1 /name'],
  ['a place that is nowhere', of('location'), 'must some 4.10.1 '],
  ['half a place', of('location', { latitude: 91, precision: 5 }), 'must range 4.10.1 /latitude', 'must needs 4.10.1 /longitude'],
  ['a country by name', of('location', { country: 'Vietnam' }), 'should country 4.10.1 /country'],
  ['observed data twice', of('observed-data', { first_observed: '2026-01-01T00:00:00Z', last_observed: '2026-01-01T00:00:00Z', number_observed: 0,
    object_refs: [url], objects: { 0: { type: 'url', x_ref: '1' }, 1: 7 } }),
    'must range 4.14.1 /number_observed', 'should observable-container 2.13 /objects', 'must observable 2.13 /objects/1', 'must one 4.14.1 '],
  ['observed data without observables', of('observed-data', { first_observed: '2026-01-01T00:00:00Z', last_observed: '2026-01-01T00:00:00Z',
    number_observed: 1, object_refs: [`relationship--${u}`] }),
    'must observable 4.14.1 /object_refs'],
  ['an external reference that refers to nothing', of('tool', { name: 'x', external_references: [{ source_name: 'a' }, { source_name: 'cve',
    external_id: '2026-1' }, { source_name: 'capec', external_id: '7' }] }),
    'must some 2.5 /external_references/0', 'must cve 4.19.1 /external_references/1/external_id', 'must capec 4.1.1 /external_references/2/external_id'],
  ['hashes', sco('file', { hashes: { MD5: 'x', 'SHA-256': 'a'.repeat(64), own: 'b', 'ö1': 'c' } }),
    'must key 2.7 /hashes/ö1', 'must hash 2.7 /hashes/MD5', 'should hash-algorithm 2.7 /hashes/own', 'should hash-algorithm 2.7 /hashes/ö1'],
  ['hex and base64', { ...sco('file', { name: 'a', magic_number_hex: '504B0' }) }, 'must hex 2.8 /magic_number_hex'],
  ['hex in upper case', { ...sco('file', { name: 'a', magic_number_hex: '504B' }) }, 'should hex-case 2.8 /magic_number_hex'],
  ['an artifact of both', sco('artifact', { payload_bin: 'a', url: 'https://a.example/', decryption_key: 'k' }),
    'must binary 2.1 /payload_bin', 'must one 6.1.1 ', 'must needs 6.1.1 /hashes', 'must needs 6.1.1 /encryption_algorithm'],
  ['a file of nothing', sco('file', { size: -1, name_enc: 'x' }), 'must range 6.7.1 /size', 'must some 6.7.1 ', 'must needs 6.7.1 /name'],
  ['a process of nothing', sco('process', {}), 'must some 6.13.1 '],
  ['a process by its extension', sco('process', { extensions: { 'windows-service-ext': { service_name: 'x', start_type: 'NEVER' } } }),
    'must enumeration 2.4 /extensions/windows-service-ext/start_type'],
  ['an extension of nothing', sco('file', { name: 'x', extensions: { 'pdf-ext': {}, 'tcp-ext': { src_flags_hex: '00' } } }),
    'must some 6.7.4 /extensions/pdf-ext', 'should extension-key 3.2 /extensions/tcp-ext'],
  ['network traffic from nowhere', sco('network-traffic', { protocols: ['TCP'], is_active: true, end: '2026-01-01T00:00:00Z', src_port: 65_536 }),
    'must range 6.12.1 /src_port', 'must some 6.12.1 ', 'must active 6.12.1 /end', 'must protocol-case 6.12.1 /protocols/0'],
  ['a message of parts and a body', sco('email-message', { is_multipart: true, body: 'x', body_multipart: [{ content_type: 'text/plain' }],
    additional_header_fields: { 'X-A': 'b', 'X-B': 7 } }),
    'must some 6.6.2 /body_multipart/0', 'must multipart 6.6.1 /body', 'should header-fields 6.6.1 /additional_header_fields/X-A',
      'must header-fields 6.6.1 /additional_header_fields/X-B'],
  ['addresses', sco('ipv4-addr', { value: '198.51.100.256' }), 'must value 6.8.1 /value'],
  ['addresses of version 6', sco('ipv6-addr', { value: '2001:db8:::1' }), 'must value 6.9.1 /value'],
  ['addresses of cards', sco('mac-addr', { value: 'D2:FB:49:24:37:18' }), 'must value 6.10.1 /value'],
  ['hives in short', sco('windows-registry-key', { key: 'HKLM\\System', values: [{}] }), 'must some 6.17.2 /values/0', 'must hive 6.17.1 /key'],
  ['certificates of nothing', sco('x509-certificate', {}), 'must some 6.18.1 '],
  ['an observable under another id', { ...sco('url', { value: 'https://a.example/' }), id: url }, 'should deterministic-id 2.9 /id'],
  ['an observable with versions', { ...sco('url', { value: 'https://a.example/' }), modified: '2026-01-01T00:00:00.000Z' },
    'must versioned-observable 3.6 /modified'],
  ['an observable of nothing with an id of something', { type: 'process', id: `process--${u.replace('4cbf', '5cbf')}`, pid: 1 },
    'must uuid-version 2.9 /id'],
  ['properties of one’s own', of('tool', { name: 'x', x_mine: 1, mine: 2, 'No-Name': 3, severity: 4, defanged: true, x_null: null, x_empty: [],
    x_deep: { a: {} } }),
    'should custom-property 11.1.1 /mine', 'must property-name 11.1.1 /No-Name', 'must reserved 3.8 /severity', 'must defanged 3.2 /defanged',
      'must null 2 /x_null',
    'must empty 2.12 /x_empty', 'must empty 2.3 /x_deep/a'],
  ['properties by an extension', of('tool', { name: 'x', mine: 2,
    extensions: { [`extension-definition--${u}`]: { extension_type: 'toplevel-property-extension' } } })],
  ['extensions', of('tool', { name: 'x', extensions: { [`extension-definition--${u}`]: { Bad: 1 }, 'x-old-ext': { abc: null },
    'y-ext': { extension_type: 'odd' } } }),
    'must required 3.2 /extensions/extension-definition--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f/extension_type',
    'must property-name 7.3.2.1 /extensions/extension-definition--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f/Bad',
      'should extension-key 3.2 /extensions/x-old-ext',
    'must null 2 /extensions/x-old-ext/abc', 'should extension-key 3.2 /extensions/y-ext', 'must enumeration 3.2 /extensions/y-ext/extension_type'],
  ['types of one’s own', of('x-cat', { lives: 9 })],
  ['types of one’s own without a mark', of('cat', { lives: 9 }), 'should custom-type 11.2.1 /type'],
  ['types by an extension', {
    type: 'my-sco', id: `my-sco--${u}`, lives: 9, defanged: true, extensions: { [`extension-definition--${u}`]: { extension_type: 'new-sco' } },
  }],
  ['types that are none', { ...of('x--cat'), id: `x--cat--${u}` }, 'must type 3.1 /type'],
  ['another version', { ...of('tool', { name: 'x' }), spec_version: '2.2' }, 'must spec-version 3.2 /spec_version'],
  ['granular markings', of('tool', { name: 'x', object_marking_refs: [`tool--${u}`], granular_markings: [{ selectors: ['name', 'description', 'a b'],
    lang: 'vi', marking_ref: `marking-definition--${u}` }, { selectors: [] }] }),
    'must reference 3.2 /object_marking_refs/0', 'must one 7.2.3.1 /granular_markings/0', 'must empty 2.12 /granular_markings/1/selectors',
      'must some 7.2.3.1 /granular_markings/1',
    'must selects-nothing 7.2.3.1 /granular_markings/0/selectors/1', 'must bad-selector 7.2.3.1 /granular_markings/0/selectors/2'],
  ['each marking of TLP 1', tlp1Markings.red],
  ['each marking of TLP 2', tlp2Markings['amber+strict']],
  ['a marking that plays TLP', { ...tlp1Markings.red, definition: { tlp: 'purple' } }, 'must tlp 7.2.1.4 /definition/tlp', 'must tlp 7.2.1.4 '],
  ['a marking of nothing', { type: 'marking-definition', spec_version: '2.1', id: `marking-definition--${u}`, created: '2026-01-01T00:00:00.000Z',
    definition_type: 'tlp', lang: 'en' },
    'should misplaced-property 3.2 /lang', 'must required 7.2.1.1 /definition', 'must tlp 7.2.1.4 /id', 'must tlp 7.2.1.4 /definition/tlp'],
  ['a translation', of('language-content', { object_ref: `tool--${u}`, contents: { vi: { name: 'x' }, 'no language': 7 } }),
    'must language 7.1.1 /contents/no language', 'must dictionary 7.1.1 /contents/no language'],
  ['a definition of an extension', of('extension-definition', { name: 'x', schema: 'y', version: '1', extension_types: ['new-sdo', 'odd'],
    extension_properties: ['abc', 'D'] }),
    'must required 3.2 /created_by_ref', 'must enumeration 2.4 /extension_types/1', 'must toplevel 7.3.1 /extension_properties',
      'must property-name 7.3.2.1 /extension_properties/1',
    'should description 7.3.1 /description'],
  ['an object of 2.0', { type: 'indicator', id: `indicator--${u}`, created: '2016-01-01', labels: [], pattern: 7 },
    'should spec-version 3.2 /spec_version', 'must timestamp 2.16.1 /created'],
  ['a bundle', { type: 'bundle', id: `bundle--${u}`, objects: [of('tool'), { ...of('malware', { is_family: false }) }, { type: 'bundle',
    id: `bundle--${u}` }, 7] },
    'must required 4.18.1 /objects/0/name', 'must uuid-shared 2.9 /objects/1/id', 'must bundle 8.1 /objects/2', 'must object 3.2 /objects/3'],
  ['no object', [1], 'must object 3.2 '],
];

describe('each rule of STIX 2.1 is told at its place', () => {
  test.each(rows)('%s', (_, object, ...expected) => expect(said(check(object)).sort()).toEqual([...expected].sort()));
});

test('what almost nobody does is told to those who ask', () => {
  const object = of('tool', { name: 'x', external_references: [{ source_name: 'a', url: 'https://a.example/' }] });
  expect(said(check(object, { all: true }))).toEqual(['should reference-without-hashes 2.5.1 /external_references/0/hashes',
    'should language-absent 3.2 /lang']);
  expect(quietRules.size).toBe(2);
});

test('no more is kept than was asked for, and that there is more is said', () => {
  const many = check(of('report', { name: 'x', published: '2026-01-01T00:00:00Z', object_refs: Array(100_000).fill('x') }), { limit: 5 });
  expect([many.problems.length, many.more, many.valid]).toEqual([5, true, false]);
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = [deep];
  expect(said(check(of('tool', { name: 'x', x_deep: deep })))[0]).toMatch(/^must depth 2 \/x_deep/);
});
