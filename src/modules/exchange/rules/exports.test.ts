import { expect, test } from 'vitest';
import { sufficientOf } from '#kit/match/atoms';
import { endOf, heldFor, staysOut } from './exports.ts';

const now = Date.parse('2026-06-01T00:00:00Z');
const shown = { tlp: 1, revoked: false };

test('what is above the label, revoked, past its end or benign stays out, in this order', () => {
  expect(staysOut({ valid_until: '2026-06-01T00:00:00.000Z' }, shown, 1, now)).toBe('expired');
  expect(staysOut({ valid_until: '2026-06-01T00:00:00.001Z' }, shown, 1, now)).toBeNull();
  expect(staysOut({ revoked: true }, shown, 1, now)).toBe('revoked');
  expect(staysOut({}, { tlp: 1, revoked: true }, 1, now)).toBe('revoked');
  expect(staysOut({ revoked: true }, { tlp: 2, revoked: true }, 1, now)).toBe('above-label');
  expect(staysOut({ indicator_types: ['anomalous-activity', 'benign'] }, shown, 1, now)).toBe('benign');
  expect(staysOut({ valid_until: 'soon' }, shown, 1, now)).toBeNull();
  expect(endOf({ valid_until: '2026-06-01T00:00:00.123456Z' })).toBe('2026-06-01T00:00:00.123Z');
});

const size = (count: number, ...objs: string[]) => ({ count, objs: new Set(objs) });
const limits = { most: 3, swing: 50 };

test('an empty release, a large one and one that changes much are held; the first changes nothing', () => {
  expect(heldFor(size(0), null, limits)).toEqual(['empty']);
  expect(heldFor(size(4, 'a'), null, limits)).toEqual(['too-many']);
  expect(heldFor(size(2, 'a', 'b'), null, limits)).toEqual([]);
  expect(heldFor(size(2, 'a', 'b'), size(2, 'a', 'b'), limits)).toEqual([]);
  expect(heldFor(size(3, 'a', 'b', 'c'), size(2, 'a', 'b'), limits)).toEqual([]);
  expect(heldFor(size(2, 'c', 'd'), size(2, 'a', 'b'), limits)).toEqual(['too-great-a-change']);
  expect(heldFor(size(0), size(2, 'a', 'b'), limits)).toEqual(['empty', 'too-great-a-change']);
  // Fewer values of the same objects: a warninglist took them.
  expect(heldFor(size(1, 'a', 'b'), size(3, 'a', 'b'), limits)).toEqual(['too-great-a-change']);
});

const values = (pattern: string): string[] => sufficientOf({ type: 'indicator', pattern, pattern_type: 'stix' }).map((v) => v.value);

test('a value stands by itself only where the pattern needs nothing else', () => {
  expect(values("[domain-name:value = 'a.example' OR domain-name:value IN ('b.example', 'c.example')]")).toEqual(['a.example', 'b.example', 'c.example']);
  expect(values("[domain-name:value = 'a.example'] OR [ipv4-addr:value = '192.0.2.1']")).toEqual(['a.example', '192.0.2.1']);
  expect(values("[domain-name:value = 'a.example' AND file:name = 'x']")).toEqual([]);
  expect(values("[domain-name:value = 'a.example'] AND [domain-name:value = 'b.example']")).toEqual([]);
  expect(values("[domain-name:value = 'a.example'] FOLLOWEDBY [domain-name:value = 'b.example']")).toEqual([]);
  expect(values("[domain-name:value = 'a.example'] REPEATS 5 TIMES")).toEqual([]);
  expect(values("[domain-name:value != 'a.example']")).toEqual([]);
  expect(values("[domain-name:value = 'a.example' OR (file:name = 'x' AND domain-name:value = 'b.example')]")).toEqual(['a.example']);
});
