import { describe, expect, test } from 'vitest';
import { parseId } from './id.ts';
import { sameMeaning, specVersionOf, versionOf } from './object.ts';
import { contributing, scoId, scoNamespace, uuid5 } from './sco-id.ts';
import { compareTimes, fractionDigits, parseTime, timeKey, timeText, type StixTime } from './time.ts';
import { kindOf, scoTypes } from './types/names.ts';

const time = (text: string): StixTime => {
  const parsed = parseTime(text);
  if (!parsed) throw new Error(`${text} is no time`);
  return parsed;
};
const indicator = {
  type: 'indicator', spec_version: '2.1', id: 'indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f', created: '2026-01-01T00:00:00.000Z',
  modified: '2026-02-01T00:00:00.50210Z', created_by_ref: 'identity--f431f809-377b-45e0-aa1c-6a4751cae5ff',
};

describe('times', () => {
  test('keep every digit, and order by it', () => {
    const inOrder = [
      '0000-01-01T00:00:00Z', '1969-12-31T23:59:59.999999Z', '1970-01-01T00:00:00Z', '2021-07-17T10:00:50.20895Z', '2021-07-17T10:00:50.208950000001Z',
      '2021-07-17T10:00:50.2089500001Z', '2021-07-17T10:00:50.21041Z', '2024-02-29T00:00:00Z', '9999-12-31T23:59:59.9999999999Z',
    ].map(time);
    for (const [i, a] of inOrder.entries()) for (const [j, b] of inOrder.entries()) expect(compareTimes(a, b)).toBe(Math.sign(i - j));
    expect(time('1970-01-01T00:00:00.000001Z').us).toBe(1n);
    expect(time('9999-12-31T23:59:59Z').us).toBe(253_402_300_799_000_000n);
    expect(new Set(inOrder.map(timeKey)).size).toBe(inOrder.length);
  });
  test('are the same moment whatever zeros are written', () => {
    const [a, b] = [time('2021-07-17T10:00:50.2Z'), time('2021-07-17T10:00:50.2000000000Z')];
    expect(compareTimes(a, b)).toBe(0);
    expect(timeKey(a)).toBe(timeKey(b));
    expect([a, b].map(fractionDigits)).toEqual([1, 10]);
    expect(fractionDigits(time('2021-07-17T10:00:50Z'))).toBe(0);
    expect(timeKey(time('2016-12-31T23:59:60Z'))).toBe(timeKey(time('2017-01-01T00:00:00Z')));
  });
  test('are refused where RFC 3339 in UTC does not spell them so', () => {
    for (const bad of [
      '2021-02-29T00:00:00Z', '2100-02-29T00:00:00Z', '2021-00-10T00:00:00Z', '2021-13-10T00:00:00Z', '2021-01-00T00:00:00Z', '2021-01-32T00:00:00Z',
      '2021-01-01T24:00:00Z', '2021-01-01T00:60:00Z', '2021-01-01T00:00:60Z', '2021-01-01T23:59:61Z', '2021-01-01T00:00:00.Z', '2021-01-01T00:00:00',
      '2021-01-01T00:00:00+00:00', '2021-01-01t00:00:00z', '2021-01-01 00:00:00Z', ' 2021-01-01T00:00:00Z', '2021-01-01T00:00:00Z\n', '', 0, null,
      `2021-01-01T00:00:00.${'0'.repeat(300)}Z`, '+2021-01-01T00:00:00Z',
    ]) expect(parseTime(bad), String(bad)).toBeNull();
  });
  test('are written with six digits, or three', () => {
    expect(timeText(0n)).toBe('1970-01-01T00:00:00.000000Z');
    expect(timeText(-1n)).toBe('1969-12-31T23:59:59.999999Z');
    expect(timeText(1_500_000n, true)).toBe('1970-01-01T00:00:01.500Z');
    expect(timeText(1_500_001n, true)).toBe('1970-01-01T00:00:01.500001Z');
    const texts = ['0000-01-01T00:00:00.000000Z', '9999-12-31T23:59:59.999999Z', '2024-02-29T12:34:56.789012Z'];
    expect(texts.map((text) => timeText(time(text).us))).toEqual(texts);
    expect(() => timeText(253_402_300_800_000_000n)).toThrow(RangeError);
    expect(() => timeText(-62_167_219_200_000_001n)).toThrow(RangeError);
  });
});

describe('ids', () => {
  test('are a type, two hyphens and a UUID', () => {
    expect(parseId(indicator.id)).toEqual({ type: 'indicator', uuid: '8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f', version: 4, rfc4122: true });
    expect(parseId('x-a--b--8E2E2D2B-17D4-5CBF-938F-98EE46B3CD3F'))
      .toMatchObject({ type: 'x-a--b', uuid: '8e2e2d2b-17d4-5cbf-938f-98ee46b3cd3f', version: 5 });
    expect(parseId('indicator--00d1e89b-636c-ad69-ad8f-46545b6758b8')).toMatchObject({ version: 10, rfc4122: false });
    expect(parseId('indicator--00000000-0000-0000-0000-000000000000')).toMatchObject({ version: 0, rfc4122: false });
    for (const bad of [
      '', 'indicator', 'indicator--', '--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f', 'Indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f',
      'ab--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f',
      'indicator-8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f', 'indicator--8e2e2d2b17d4-4cbf-938f-98ee46b3cd3f', 'indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3g',
      `${indicator.id} `, `${'x'.repeat(251)}--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f`, 7, null, {},
    ]) expect(parseId(bad), String(bad)).toBeNull();
  });
  test('of observables are those that the standard prints', () => {
    expect(scoId({ type: 'ipv4-addr', value: '198.51.100.3' })).toBe('ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4');
    expect(scoId({
      type: 'file', hashes: { 'SHA-256': '841a8921140aba50671ebb0770fecc4ee308c4952cfeff8de154ab14eeef4649' }, name: 'quêry.dll', name_enc: 'windows-1252',
    })).toBe('file--7d1e3a18-89e7-5bc5-be36-9879f5b7f5c8');
    expect(scoId({
      type: 'file', hashes: { 'SHA-256': '35a01331e9ad96f751278b891b6ea09699806faedfa237d40513d92ad1b7100f' },
      extensions: { 'ntfs-ext': { alternate_data_streams: [{ name: 'second.stream', size: 25_536 }] } },
    })).toBe('file--ba04c974-3cef-5f42-adc7-084d467874e2');
    expect(scoId({ type: 'email-addr', value: 'jdoe@example.com', display_name: 'John Doe' })).toBe('email-addr--6deb37bd-12b7-54ae-805f-5f7146f3d171');
    expect(scoId({ type: 'directory', path: 'C:\\Windows\\System32' })).toBe('directory--0a58d0c1-59e6-5afd-8252-dcd3f13e5622');
    // These two are over ids of their references as the text of 2021 has them.
    expect(scoId({ type: 'email-message', from_ref: 'email-addr--89f52ea8-d6ef-51e9-8fce-6a29236436ed', subject: 'Saying Hello', is_multipart: false }))
      .toBe('email-message--92fa1bfd-2c62-5a30-8b7c-5b91ea73cf29');
    expect(scoId({
      type: 'file', name: 'qwerty.dll', hashes: { 'SHA-256': 'ceafbfd424be2ca4a5f0402cae090dda2fb0526cf521b60b60077c0f622b285a' },
      parent_directory_ref: 'directory--93c0a9b0-520d-545d-9094-1a08ddf46b05',
    })).toBe('file--39643577-13b7-5f21-9584-df7e7c33f357');
    expect(scoId({ type: 'x509-certificate', issuer: 'C=ZA', serial_number: '36:f7:d4:32:f4:ab:70:ea:d3:ce:98:6e:ea:99:93:49:32:0a:b7:06' }))
      .toBe('x509-certificate--bf86f034-2390-54d7-8426-d08433db3fbe');
  });
  test('take one hash, the first of the order, and not the order of keys', () => {
    const [md5, sha] = ['d41d8cd98f00b204e9800998ecf8427e', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'];
    const alone = scoId({ type: 'file', hashes: { MD5: md5 } });
    expect(scoId({ type: 'file', hashes: { 'SHA-1': sha, MD5: md5 } })).toBe(alone);
    expect(scoId({ type: 'file', hashes: { 'SHA-1': sha } })).not.toBe(alone);
    expect(scoId({ type: 'file', hashes: { TLSH: 'a', SSDEEP: 'b' } })).toBe(scoId({ type: 'file', hashes: { SSDEEP: 'b', TLSH: 'c' } }));
    expect(scoId({ type: 'file', name: 'x', hashes: 7 })).toMatch(/^file--/);
  });
  test('are random where nothing counts', () => {
    const none = [{ type: 'process', pid: 1 }, { type: 'file', size: 1 }, { type: 'indicator', name: 'x' }, { type: 'toString' }, {}];
    expect(none.map(scoId)).toEqual(none.map(() => null));
    expect(scoId({ type: 'url', value: '\ud800' })).toBeNull();
    expect(Object.keys(contributing).sort()).toEqual([...scoTypes].sort());
    // RFC 4122's own example of a name-based UUID, in version 5.
    expect(uuid5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
    expect(parseId(`x-a--${scoNamespace}`)?.rfc4122).toBe(true);
  });
});

describe('objects', () => {
  test('say what they are and which version', () => {
    expect(versionOf({ ...indicator, revoked: true })).toMatchObject({
      id: indicator.id, type: 'indicator', kind: 'sdo', specVersion: '2.1', revoked: true,
      createdBy: indicator.created_by_ref, version: { text: indicator.modified },
    });
    const marking = { type: 'marking-definition', id: 'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9', created: '2017-01-20T00:00:00.000Z' };
    expect(versionOf(marking)).toMatchObject({ kind: 'meta', specVersion: '2.0', version: { text: marking.created }, createdBy: null });
    expect(versionOf({ type: 'url', id: 'url--c1477287-23ac-5971-a010-5c287877fa60' }))
      .toMatchObject({ kind: 'sco', specVersion: '2.1', version: null, revoked: false });
  });
  test('are none where type and id are missing or do not agree', () => {
    const bad = [null, [], 'x', {}, { ...indicator, type: 'tool' }, { ...indicator, id: 7 }, { type: 'indicator' }, Object.create(indicator)];
    expect(bad.map(versionOf)).toEqual(bad.map(() => null));
  });
  test('without a spec_version are of 2.0, observables of 2.1', () => {
    expect(specVersionOf({ type: 'tool' })).toBe('2.0');
    expect(specVersionOf({ type: 'file' })).toBe('2.1');
    expect(specVersionOf({ type: 'x-own' })).toBe('2.0');
    expect(specVersionOf({ type: 'x-own', extensions: { 'extension-definition--1': { extension_type: 'new-sco' } } })).toBe('2.1');
    expect(specVersionOf({ type: 'file', spec_version: '2.0' })).toBe('2.0');
    expect([kindOf('bundle'), kindOf('x-own'), kindOf('sighting'), kindOf('constructor')]).toEqual(['bundle', 'custom', 'sro', 'custom']);
  });
  test('say the same whatever the order of keys and defaults left out, and nothing else', () => {
    const { type, ...rest } = indicator;
    expect(sameMeaning(indicator, { ...rest, type, revoked: false, defanged: false })).toBe(true);
    expect(sameMeaning(indicator, { ...indicator, revoked: true })).toBe(false);
    expect(sameMeaning(indicator, { ...indicator, labels: [] })).toBe(false);
    expect(sameMeaning({ a: 1 }, JSON.parse('{"a":1.0}') as object as typeof indicator)).toBe(true);
    expect(sameMeaning({ a: '\ud800' }, { a: '\ud800' })).toBe(false);
  });
});
