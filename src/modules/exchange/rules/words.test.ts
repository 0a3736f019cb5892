import { expect, test } from 'vitest';
import { wordsOf } from './words.ts';

test.each([
  [{ type: 'indicator', id: 'indicator--1', pattern: "[url:value = 'http://x/']" }, "[url:value = 'http://x/']"],
  [{ type: 'indicator', id: 'indicator--1', pattern: 'p', x_misp_type: 'url', x_misp_value: 'http://x/' }, 'http://x/'],
  [{ type: 'observed-data', id: 'observed-data--1' }, 'observed-data--1'],
  [{ type: 'x-misp-object', id: 'x-misp-object--1', x_misp_name: 'file', x_misp_attributes: [{ value: 'a.exe' }, { value: 7 }, null] }, 'a.exe'],
  [{ type: 'x-misp-object', id: 'x-misp-object--1', x_misp_name: 'geolocation' }, 'geolocation'],
  [{ type: 'file', id: 'file--1', hashes: { MD5: 'aa', 'SHA-256': 'bb' } }, 'aa'],
  [{ type: 'vulnerability', id: 'vulnerability--1', external_references: [{ external_id: 'CVE-2099-1' }] }, 'CVE-2099-1'],
  [{ type: 'malware', id: 'malware--1', name: 'Name', x_misp_value: 'other' }, 'Name'],
] as const)('%o is called by what people know it by', (object, name) => {
  expect(wordsOf(object).name).toBe(name);
});

test('what MISP says of it is searched too', () => {
  expect(wordsOf({ type: 'indicator', id: 'indicator--1', name: 'n', x_misp_attributes: [{ value: 'drop.exe' }] }).text).toContain('drop.exe');
});
