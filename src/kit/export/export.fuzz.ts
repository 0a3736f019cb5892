import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readValue } from '#kit/match/value';
import { canSay, exportForms, type ExportValue } from './export.ts';
import { contentText } from './suricata.ts';
import { contentOf, head, readRule, sayable, textOf } from './testing.ts';
import { isValueForm, valueWriters } from './write.ts';

const text = fc.string({ unit: fc.oneof(fc.constantFrom('"', ';', '\\', '|', '\n', '\r', ':', '*', '?', '%', '$', "'", '#', '//', 'é', '\u2028', '.example'),
  fc.string({ minLength: 1, maxLength: 1 })), maxLength: 40 });
const kinds = fc.constantFrom('url', 'filename', 'mutex', 'email', 'domain', 'wallet', 'ssdeep', undefined);
const value = fc.tuple(text, kinds, text).map(([said, kind, name]): ExportValue | null => {
  const read = readValue(kind === 'url' ? `http://evil.example/${said}` : said, kind);
  return read && { ...read, tlp: 'GREEN', validUntil: null, object: 'indicator--00000000-0000-4000-8000-000000000001', name };
}).filter((v) => v !== null);

test('whatever bytes a content of a rule is made of, they read back', () => {
  fc.assert(fc.property(text, (said) => {
    expect(contentOf(contentText(said))).toBe(new TextDecoder().decode(new TextEncoder().encode(said)));
  }));
});

const quoted = String.raw`"([^"\\]|\\["\\])*"`;
const yaraLine = new RegExp(`^(// .*|import "hash"|rule \\w+|[{}]| {2}(meta|strings|condition):| {4}(\\w+ = (\\d+|${quoted})|`
  + `\\$s\\d+ = ${quoted} ascii wide( nocase)? fullword|hash\\.\\w+\\(0, filesize\\) == "[0-9a-f]+"( or)?|any of them)|)$`);

test('no value and no title ends a line, a remark or a rule of any form', () => {
  fc.assert(fc.property(fc.array(value, { maxLength: 12 }), text, (values, title) => {
    const told = head({ title });
    for (const form of exportForms.filter(isValueForm)) {
      const fit = sayable(form, values);
      const plain = textOf(valueWriters[form](told, fit));
      if (form === 'suricata') for (const line of plain.split('\n')) if (line !== '' && !line.startsWith('# ')) readRule(line);
      // A line for each value and no more.
      if (form === 'plain' || form === 'hosts') expect(plain.split('\n').filter((l) => l !== '' && !l.startsWith('# '))).toHaveLength(fit.length);
      if (form === 'yara') for (const line of plain.split('\n')) expect(line).toMatch(yaraLine);
      for (const v of fit) expect(canSay(form, v)).toBe(true);
    }
  }), { numRuns: 300 });
});
