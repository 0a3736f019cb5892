import { expect, test } from 'vitest';
import { beginsAsMisp } from './recognise.ts';

test.each([
  ['{"Event": {"info": "x"}}', true], ['[{"Event":{}}]', true], ['{"response":[{"Event":{}}]}', true], [' {"id":"1","org_id":"2"', true],
  ['{"analysis":"0","date":"2026-01-01","extends_uuid":"","info":"type", "Attribute":[{"type":"md5"}]}', true],
  ['{"uuid":"a","date":"b","Orgc":{"name":"x"', true],
  ['{"type":"bundle","id":"bundle--1","objects":[{"Event":1}]}', false], ['[{"id":"indicator--1","type":"indicator","info":1}]', false],
  ['{"more":false,"objects":[]}', false], ['{"id":"bundle--1","x":{"Event":1},"objects":[]}', false], ['', false], ['nonsense', false],
  ['{"name":"Event","type":"tool"}', false], ['{"a":"\\"Event\\":","type":"x"}', false], ['{"created":"2024"}\n{"Event":{}}', false], ['{}{"Event":{}}', false],
])('%s is of MISP: %s', (head, misp) => {
  expect(beginsAsMisp(head)).toBe(misp);
});
