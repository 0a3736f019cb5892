import { describe, expect, test } from 'vitest';
import { dice } from '#kit/dice';
import { yaraText } from '#kit/export/yara';
import { lint, sortOf } from './lint.ts';
import { grammarOf, readRules } from './read.ts';
import type { Rule, RuleSet } from './rule.ts';
import { readSigma } from './sigma.ts';
import { readSuricata } from './suricata.ts';
import { benign, rogue, type Corpus } from './testing.ts';
import { readYara, unquoted } from './yara.ts';

const read = (corpus: Corpus): RuleSet[] => [
  readYara(corpus.yara.map((r) => r.text).join('\n')), readSigma(corpus.sigma.map((r) => r.text).join('---\n')),
  readSuricata(corpus.suricata.map((r) => r.text).join('\n')),
];

describe('YARA', () => {
  const source = `import "pe"
/* a comment with rule inside { */
private rule One : tag other
{
  meta:
    author = "A \\"quoted\\" one" // said
    score = -5
    live = true
  strings:
    $a = "text\\x41\\\\ { } // no comment" ascii wide nocase
    $b = { 4D 5A [2-4] ( 90 | ?? ) // in hex
           00 }
    $c = /ab\\/c[^"]{2,}/is
    $ = "anonymous" xor(0x01-0xff) base64("abc")
  condition:
    uint16(0) == 0x5A4D and #a > 2 and for any i in (1..#a) : ( @a[i] < 100 \\ 2 ) and $c and not defined pe.x
}
rule Two { condition: filesize / 2 > 10 }
`;
  test('names, what is looked for, what is said and the condition', () => {
    const { rules, problems } = readYara(source);
    expect(problems).toEqual([]);
    expect(rules.map((r) => [r.name, r.line])).toEqual([['One', 3], ['Two', 18]]);
    expect(rules[0]?.said).toEqual({ author: 'A "quoted" one', score: '-5', live: 'true' });
    expect(rules[0]?.wanted).toEqual([
      { id: '$a', kind: 'text', text: 'textA\\ { } // no comment' }, { id: '$b', kind: 'hex', text: '4D 5A [2-4] ( 90 | ?? ) 00' },
      { id: '$c', kind: 'regex', text: '/ab\\/c[^"]{2,}/is' }, { id: '$', kind: 'text', text: 'anonymous' },
    ]);
    expect(rules[0]?.condition).toContain('uint16 ( 0 ) == 0x5A4D and #a > 2');
    expect(rules[1]?.condition).toBe('filesize / 2 > 10');
  });
  test('the body is the same whatever comments and spaces, and another with another string', () => {
    const [rule] = readYara('rule A { strings: $a = "x // y" condition: $a }').rules;
    expect(readYara('rule A // c\n{ strings:\n $a =   "x // y"\n/* d */ condition: $a }').rules[0]?.body).toBe(rule?.body);
    expect(readYara('rule A { strings: $a = "x /  / y" condition: $a }').rules[0]?.body).not.toBe(rule?.body);
  });
  test('a broken rule is told with its line, and the next one is read', () => {
    const { rules, problems } = readYara([
      'rule A { strings: $a = condition: $a }', '', 'rule B { condition: true }', 'rule C { meta: x = "no end',
      ' condition: true }', 'rule D { condition: false }',
    ].join('\n'));
    expect(rules.map((r) => r.name)).toEqual(['B', 'D']);
    expect(problems.map((p) => p.line)).toEqual([1, 4]);
  });
  test('what our own exports write is read back as it was', () => {
    for (const value of ['a"b\\c', 'x.example', "it's"]) expect(unquoted(yaraText(value))).toBe(value);
  });
});

describe('Suricata', () => {
  test('options with what they hold; what is continued; what is no rule', () => {
    const { rules, problems } = readSuricata([
      '# off', 'alert http $HOME_NET any -> $EXTERNAL_NET 80 (msg:"A\\; b"; content:"GET |20|/x|3B|"; http.uri; pcre:"/a;b/i"; sid:7; rev:2;)',
      'drop ip [192.0.2.1,192.0.2.2] any -> any any \\', '  (msg:"list"; sid:8;)', 'alert nonsense', 'alert tcp any any -> any any (msg:"no number";)',
    ].join('\n'));
    expect(rules.map((r) => [r.name, r.line])).toEqual([['7 A; b', 2], ['8 list', 3]]);
    expect(rules[0]?.wanted.map((w) => w.text)).toEqual(['GET  /x;', '/a;b/i']);
    expect(problems.map((p) => p.line)).toEqual([5, 6]);
  });
});

describe('Sigma', () => {
  test('maps, lists, quotes, brackets, blocks of text and several documents', () => {
    const { rules, problems } = readSigma(`title: 'It''s one'
description: |
    Two lines
    of text # no comment
tags: [attack.t1059, "x, y"]
detection:
    selection_1:
        CommandLine|contains|all:
        - "a: b" # comment
        - 'c'
        Image: \\cmd.exe
    selection_2:
        - key: one
          other: two
        - plain
    condition: 1 of selection_*
---
title: Two
detection:
    keywords:
        - tuyệt mật
    condition: keywords
`);
    expect(problems).toEqual([]);
    expect(rules.map((r) => [r.name, r.line])).toEqual([['It\'s one', 1], ['Two', 18]]);
    expect(rules[0]?.said['description']).toBe('Two lines\nof text # no comment');
    expect(rules[0]?.wanted.map((w) => w.text)).toEqual([
      'CommandLine|contains|all=a: b', 'CommandLine|contains|all=c', 'Image=\\cmd.exe', 'key=one', 'other=two', 'plain',
    ]);
  });
  test('what is not read of YAML is told with its line', () => {
    for (const [text, line] of [['a: &x 1', 1], ['a: 1\na: 2', 2], ['a: 1\n\tb: 2', 2], ['a: "x', 1], ['title: x\nfoo', 2], ['- a', 1]] as const) {
      expect(readSigma(text).problems.map((p) => p.line), text).toEqual([line]);
    }
  });
});

describe('F20: rules that hunt papers', () => {
  test('every rogue rule is flagged by itself, and says what shows it', () => {
    for (const { name, text, grammar } of rogue) {
      const set = readRules(text);
      expect([name, set?.grammar, set?.problems]).toEqual([name, grammar, []]);
      const flag = lint(set?.rules[0] as Rule);
      expect([name, text, flag === null]).toEqual([name, text, false]);
      expect(flag?.shown.length).toBeGreaterThan(0);
    }
  });
  test.each([1, 2, 3, 4, 5])('3 among 1,000, seed %i: all found, at most one in twenty of the others', (seed) => {
    const corpus = benign(seed, 997);
    const roll = dice(seed + 100);
    const three = [...rogue].sort(() => roll() - 0.5).slice(0, 3);
    const mixed: Corpus = {
      yara: [...corpus.yara, ...three.filter((r) => r.grammar === 'yara')], sigma: [...corpus.sigma, ...three.filter((r) => r.grammar === 'sigma')],
      suricata: [...corpus.suricata, ...three.filter((r) => r.grammar === 'suricata')],
    };
    const sets = read(mixed);
    expect(sets.flatMap((s) => s.problems)).toEqual([]);
    const rules = sets.flatMap((s) => s.rules);
    expect(rules).toHaveLength(1_000);
    const flagged = rules.filter((r) => lint(r) !== null).map((r) => r.name.replace(/^\d+ /, ''));
    expect(three.map((r) => r.name).filter((n) => !flagged.includes(n))).toEqual([]);
    expect((flagged.length - 3) / 997).toBeLessThanOrEqual(0.05);
  });
  test('rules of malware as people write them are left alone, also those of malware that looks for papers itself', () => {
    const fine = [
      'rule A { strings: $a = "Invoice.doc" $b = "CreateRemoteThread" $c = { 6A 40 68 00 } condition: uint16(0) == 0x5A4D and any of them }',
      'rule B { strings: $a = "All your files are encrypted" $b = "vssadmin delete shadows" condition: all of them }',
      'rule C { strings: $a = "AutoOpen" $b = "powershell -enc" condition: any of them }',
      'import "hash" rule D { condition: hash.md5(0, filesize) == "d41d8cd98f00b204e9800998ecf8427e" }',
      'rule E { strings: $a = "*.docx" $b = "*.pdf" $c = "upload.php" $d = "bot_id=%s" condition: all of them }',
    ];
    expect(fine.map((text) => readYara(text).rules.map(lint))).toEqual(fine.map(() => [null]));
  });
  test('what a string is', () => {
    const text = (t: string) => sortOf({ id: '$', kind: 'text', text: t });
    expect(['GetProcAddress', 'http://x.example/a', 'TOP SECRET//SI', 'budget.xlsx', 'minutes of the meeting', 'dc:creator', 'Zq'].map(text))
      .toEqual(['trait', 'trait', 'marking', 'document-name', 'words', 'owner', 'plain']);
  });
});

test('a grammar is told by how it is written', () => {
  expect(['rule a { condition: true }', 'alert tcp any any -> any any (sid:1;)', 'title: x\ndetection:\n  a: b', 'hello', ''].map(grammarOf))
    .toEqual(['yara', 'suricata', 'sigma', null, null]);
});
