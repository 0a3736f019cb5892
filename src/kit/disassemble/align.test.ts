import { expect, test } from 'vitest';
import { aligned } from './align.ts';
import type { Instruction } from './model.ts';

/** `bytes text`, one after another. */
const list = (...words: readonly string[]): Instruction[] => {
  let at = 0;
  return words.map((word) => {
    const [bytes = '', ...text] = word.split(' ');
    const own = { at, address: at.toString(16), bytes, text: text.join(' ') };
    at += bytes.length / 2;
    return own;
  });
};
const told = (a: Instruction[], b: Instruction[]): string[] => aligned(a, b).map((r) => `${r.is}: ${r.shipped?.text ?? ''} | ${r.rebuilt?.text ?? ''}`);

test('a changed constant and a flipped branch are each one row, and what is around them stays', () => {
  expect(told(
    list('55 push %rbp', '81ffe6070000 cmp $0x7e6,%edi', '7405 je 0xd', 'c3 ret'),
    list('55 push %rbp', '81ffea070000 cmp $0x7ea,%edi', '7505 jne 0xd', 'c3 ret'),
  )).toEqual(['same: push %rbp | push %rbp', 'changed: cmp $0x7e6,%edi | cmp $0x7ea,%edi', 'changed: je 0xd | jne 0xd', 'same: ret | ret']);
});

test('one that came stands alone; what it pushed along is moved, or says the same in other bytes', () => {
  expect(told(
    list('55 push %rbp', 'eb01 jmp 0x4', '90 nop', 'e8fbffffff call 0x4', 'c3 ret'),
    list('55 push %rbp', '50 push %rax', 'eb01 jmp 0x5', '90 nop', 'e8faffffff call 0x4', 'c3 ret'),
  )).toEqual(['same: push %rbp | push %rbp', 'changed: jmp 0x4 | push %rax', 'only-rebuilt:  | jmp 0x5', 'same: nop | nop', 'encoded: call 0x4 | call 0x4',
    'same: ret | ret']);
});

test('what is alike all over is set against what stands in its place', () => {
  const [nops, other] = [Array.from({ length: 12 }, () => '90 nop'), Array.from({ length: 12 }, (_, i) => (i === 3 || i === 7 ? 'cc int3' : '90 nop'))];
  expect(aligned(list(...nops), list(...other)).map((r) => r.is)).toEqual(other.map((word) => (word === '90 nop' ? 'same' : 'changed')));
});

test('where one side has nothing, all stands on the other', () => {
  expect(told(list('c3 ret'), [])).toEqual(['only-shipped: ret | ']);
  expect(told([], list('c3 ret'))).toEqual(['only-rebuilt:  | ret']);
  expect(told([], [])).toEqual([]);
});
