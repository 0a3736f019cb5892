import { expect, test } from 'vitest';
import { readBundle } from '#kit/stix/bundle';
import { canSay, exportForms, headLines } from './export.ts';
import { mispEvents, stixBundle } from './objects.ts';
import { readBloom } from '#kit/match/bloom';
import { keyOf } from '#kit/match/key';
import { bloomFilter } from './bloom.ts';
import { contentOf, drawn, head, nasty, readRule, sayable, textOf, valueOf } from './testing.ts';
import { RuleNumbers } from './suricata.ts';
import { isValueForm, valueWriters } from './write.ts';

const marks = { csv: '#', plain: '#', hosts: '#', rpz: ';', suricata: '#', sigma: '#', yara: '//' } as const;

test('every file says label, end and what was left out in its own remarks, and nothing of what lies above its label', () => {
  for (const form of exportForms.filter(isValueForm)) {
    const text = textOf(valueWriters[form](head(), sayable(form, nasty)));
    const remarks = text.split(/\r?\n/).filter((line) => line.startsWith(marks[form]));
    for (const line of headLines(head())) expect(remarks, form).toContain(`${marks[form]} ${line}`);
    expect(remarks.join('\n')).toContain('Left out: 2 on a warninglist (Top 1M evil 2)');
    expect(text).not.toMatch(/above|: 9\b/);
  }
});

test('the same values give the same bytes in whatever order they come', () => {
  const values = drawn(300);
  for (const form of exportForms.filter(isValueForm)) {
    expect(textOf(valueWriters[form](head(), sayable(form, [...values].reverse())))).toBe(textOf(valueWriters[form](head(), sayable(form, values))));
  }
});

test('a spreadsheet runs nothing of a CSV', () => {
  const text = textOf(valueWriters.csv(head(), sayable('csv', nasty)));
  expect(text).toContain(`"'=cmd|""/c calc""","filename","TLP:AMBER","2026-07-01T00:00:00.000Z"`);
  expect(text.split('\r\n').filter((line) => /^[^#v"]/.test(line))).toEqual([]);
});

test('a policy zone has a serial, each name with all below it, and addresses by rpz-ip', () => {
  const lines = textOf(valueWriters.rpz(head(), sayable('rpz', nasty))).split('\n');
  expect(lines).toContain('@ IN SOA localhost. hostmaster.localhost. 7 60 30 3600 60');
  for (const line of ['evil.example CNAME .', '*.evil.example CNAME .', '32.7.113.0.203.rpz-ip CNAME .', '24.0.113.0.203.rpz-ip CNAME .',
    '128.7.zz.db8.2001.rpz-ip CNAME .',
    '32.zz.db8.2001.rpz-ip CNAME .']) expect(lines).toContain(line);
  expect(lines.filter((l) => l.includes('bad+tag'))).toEqual([]);
  expect(canSay('rpz', valueOf(`${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`))).toBe(false);
});

test('each rule of Suricata reads back as what was asked for, whatever signs stand in it', () => {
  const values = sayable('suricata', [...nasty, ...drawn(2_000)]);
  const lines = textOf(valueWriters.suricata(head(), values)).split('\n').filter((l) => l !== '' && !l.startsWith('#'));
  const rules = lines.map(readRule);
  const sids = rules.map((r) => r.options.find(([name]) => name === 'sid')?.[1]);
  expect(new Set(sids).size).toBe(rules.length);
  for (const sid of sids) expect(Number(sid)).toBeLessThan(2 ** 32);
  const contents = new Set(rules.map((r) => r.options.filter(([name]) => name === 'content').map(([, text]) => contentOf(text)).join(' ')));
  for (const { kind, value } of values) {
    if (kind === 'domain') expect(contents).toContain(`.${value}`);
    else if (kind === 'email') expect(contents).toContain(`MAIL FROM <${value}>`);
    else if (kind !== 'url') expect(rules.some((r) => r.to === value || r.to === `[${value}]`)).toBe(true);
  }
  expect(contents).toContain('evil.example /a;b?c="d"|e\\f:g*?x=$%7B'.replace('$%7B', '${'));
  const meta = rules[0]?.options.find(([name]) => name === 'metadata')?.[1];
  expect(meta).toContain('tlp AMBER, valid_until 2026-07-01, expires 2026-06-02');
});

test('a rule keeps its number, and no two share one', () => {
  const [first, again] = [new RuleNumbers(), new RuleNumbers()];
  expect(first.of('dns\0domain\0evil.example')).toBe(again.of('dns\0domain\0evil.example'));
  expect(first.of('dns\0domain\0evil.example')).toBe(first.of('dns\0domain\0evil.example'));
  const narrow = new RuleNumbers(50);
  const numbers = Array.from({ length: 50 }, (_, i) => narrow.of(String(i)));
  expect(new Set(numbers).size).toBe(50);
});

test('Sigma has one rule for each kind of log, small ones, with wildcards escaped', () => {
  const text = textOf(valueWriters.sigma(head(), sayable('sigma', [...nasty, ...drawn(9_000)])));
  const rules = text.split('\n---\n').slice(1);
  expect(rules.length).toBeGreaterThan(12);
  for (const rule of rules) expect(rule.split('\n').length).toBeLessThan(900);
  expect(new Set(rules.map((r) => /^id: (.+)$/m.exec(r)?.[1])).size).toBe(rules.length);
  expect(text).toContain('\\\\*\\\\?x=');
  expect(text).toContain('            - ".evil.example"');
  expect(text).toContain('SHA256=E3B0C442');
  expect(text).toContain('tlp.amber\n');
});

test('YARA asks for hashes by its module and for the rest as whole strings', () => {
  const text = textOf(valueWriters.yara(head(), sayable('yara', [...nasty, ...drawn(2_000)])));
  expect(text).toContain('hash.sha256(0, filesize) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"');
  expect(text).toContain('= "Global\\\\\\"mutex\\"\\\\x" ascii wide fullword');
  expect(text).toMatch(/\$s\d+ = "evil\.example" ascii wide nocase fullword/);
});

const bodies = [{ type: 'indicator', spec_version: '2.1', id: 'indicator--00000000-0000-4000-8000-000000000001', created: '2026-01-01T00:00:00.000Z',
  modified: '2026-01-01T00:00:00.000Z',
  pattern: "[domain-name:value = 'evil.example']", pattern_type: 'stix', valid_from: '2026-01-01T00:00:00Z',
  object_marking_refs: ['marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da'] }];

test('a bundle reads back whole, with its head as a note and the markings that it names', async () => {
  const pieces: string[] = [];
  for await (const piece of stixBundle(head(), (async function* () { for (const b of bodies) yield JSON.stringify(b); })())) pieces.push(piece);
  const types: string[] = [];
  for await (const item of readBundle((async function* () { yield Buffer.from(pieces.join('')); })())) {
    expect(item.kind).not.toBe('problem');
    if (item.kind === 'object') types.push(String(item.value['type']));
  }
  expect(types).toEqual(['note', 'indicator', 'marking-definition', 'marking-definition']);
  expect(JSON.parse(pieces.join('')).objects[0].content).toContain('Expires 2026-06-02');
});

test('events of MISP hold the values and the head', () => {
  const { response } = JSON.parse(textOf(mispEvents(head(), bodies))) as { response: { Event: unknown }[] };
  const text = JSON.stringify(response);
  expect(text).toContain('evil.example');
  expect(text).toContain('Expires 2026-06-02');
});

test('a filter says yes to each value, and to few others', () => {
  const values = sayable('bloom', [...nasty, ...drawn(2_000)]);
  const filter = readBloom(bloomFilter(values));
  expect(filter?.keys).toBe(values.length);
  for (const { kind, value } of values) expect(filter?.has(keyOf(kind, value))).toBe(true);
  const others = drawn(2_000, 7).filter((v) => filter?.has(keyOf(v.kind, v.value)) === true);
  expect(others.length).toBeLessThan(60);
  expect(readBloom(bloomFilter([]))?.keys).toBe(0);
});
