/** F44: the two hundred cases of docs/specs/tlp.md, which were written before the rules. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mayPass, passingActs, recipients, type PassingAct, type Recipient } from './passing.ts';
import { tlpLabels } from '../model/exchange.ts';
import type { Tlp } from '#kit/endpoint';

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'specs', 'tlp.md'), 'utf8');
const cases = [...page.matchAll(/^\| (RED|AMBER\+STRICT|AMBER|GREEN|CLEAR) \| ([a-z-]+) \| ([a-z-]+) \| (yes|no) \| (\w\d)(?:, D1)? \|$/gm)];

test('there are two hundred cases, each once, over every label, recipient and act', () => {
  expect(cases).toHaveLength(200);
  expect(new Set(cases.map((c) => c.slice(1, 4).join(' '))).size).toBe(tlpLabels.length * recipients.length * passingActs.length);
});

test.each(cases.map((c) => c.slice(1) as [Tlp, Recipient, PassingAct, string, string]))('%s to %s: %s is %s by %s', (tlp, recipient, act, may, rule) => {
  expect(mayPass(tlp, recipient, act)).toEqual({ may: may === 'yes', rule });
});

test('a narrower label never lets more be done', () => {
  for (const [i, tlp] of tlpLabels.entries()) {
    for (const wider of tlpLabels.slice(0, i)) {
      for (const recipient of recipients) for (const act of passingActs) {
        if (mayPass(tlp, recipient, act).may) expect([tlp, wider, recipient, act, mayPass(wider, recipient, act).may]).toEqual([tlp, wider, recipient,
          act, true]);
      }
    }
  }
});
