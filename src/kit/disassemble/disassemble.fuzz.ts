import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compare } from '../compare/compare.ts';
import { excerptOf } from '../compare/excerpt.ts';
import { partWithin } from '../compare/within.ts';
import { aligned } from './align.ts';
import { instructionsIn } from './answer.ts';
import { disassembled } from './disassemble.ts';
import type { Instruction } from './model.ts';
import { byteByByte, elfFor } from './testing.ts';

const words = fc.constantFrom('push %rbp', 'ret', 'nop', 'je 0x10', 'jne 0x10', 'mov $0x7e6,%edi');
const lists = fc.array(fc.tuple(words, fc.constantFrom('55', 'c3', '90', '7405')), { maxLength: 30 })
  .map((all): Instruction[] => all.map(([text, bytes], i) => ({ at: i * 2, address: (i * 2).toString(16), bytes, text })));

test('rows give both lists back in order; what is called the same is, and what differs is marked', () => {
  fc.assert(fc.property(lists, lists, (a, b) => {
    const rows = aligned(a, b);
    expect([rows.flatMap((r) => r.shipped ?? []), rows.flatMap((r) => r.rebuilt ?? [])]).toEqual([a, b]);
    for (const { is, shipped, rebuilt } of rows) {
      expect(is === 'same').toBe(shipped?.bytes === rebuilt?.bytes && shipped?.text === rebuilt?.text);
      expect([is === 'only-shipped', is === 'only-rebuilt']).toEqual([rebuilt === null, shipped === null]);
    }
    const said = (all: readonly Instruction[]): string => all.map((i) => `${i.text} ${i.bytes}`).join('\n');
    expect(rows.every((r) => r.is === 'same')).toBe(said(a) === said(b));
  }));
});

const address = fc.bigInt({ min: 0n, max: (1n << 64n) - 70_000n });
const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 });

test('whatever a tool prints, it is refused or gives our own bytes edge to edge, in plain letters', () => {
  const line = fc.oneof(fc.string({ unit: 'binary' }), fc.tuple(fc.nat(90), fc.string({ unit: 'binary' }))
    .map(([offset, text]) => `  ${(0x1000 + offset).toString(16)}:\t${text}`));
  fc.assert(fc.property(fc.array(line, { maxLength: 30 }), bytes, (lines, own) => {
    const found = instructionsIn(lines.join('\n'), { address: 0x1000n, bytes: own }, 7);
    if (found === null) return;
    expect(found.map((i) => i.bytes).join('')).toBe(Buffer.from(own).toString('hex'));
    for (const { text, at, address: where } of found) {
      expect(text).toMatch(/^[\x20-\x7e]{1,200}$/);
      expect(BigInt(`0x${where}`) - 0x1000n).toBe(BigInt(at - 7));
    }
  }), { numRuns: 200 });
});

test('a list with instructions of any lengths is read as it is, wherever it is loaded', () => {
  fc.assert(fc.property(address, fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 20 }), (start, lengths) => {
    const own = new Uint8Array(lengths.reduce((a, b) => a + b, 0)).map((_, i) => i);
    const places = lengths.map((_, i) => lengths.slice(0, i).reduce((a, b) => a + b, 0));
    const text = `\ncode:     file format binary\n\n\nDisassembly of section .data:\n\n${start.toString(16).padStart(16, '0')} <.data>:\n`
      + places.map((p, i) => `    ${(start + BigInt(p)).toString(16)}:\tword${i}   %a,%b\n`).join('');
    expect(instructionsIn(text, { address: start, bytes: own }, 0)?.map((i) => [i.at, i.bytes.length / 2, i.text]))
      .toEqual(places.map((p, i) => [p, lengths[i], `word${i} %a,%b`]));
  }));
});

test('no instruction shows a byte that the excerpt of the difference does not, and every differing byte of it is marked', async () => {
  const sized = fc.uint8Array({ minLength: 1, maxLength: 6_000 });
  await fc.assert(fc.asyncProperty(sized, fc.array(fc.tuple(fc.nat(5_999), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 20 }), fc.boolean(),
    async (code, flips, longer) => {
      const other = Buffer.from(longer ? [...code.subarray(0, code.length / 2), 1, 2, 3, ...code.subarray(code.length / 2)] : code);
      for (const [at, mask] of flips) other[at % other.length] = (other[at % other.length] ?? 0) ^ mask;
      const [a, b] = [code, other].map((own) => elfFor({ machine: 62, wide: true, little: true, code: own, address: 0x40_1000n })) as [Buffer, Buffer];
      const difference = (await compare(a, b)).differences.find((d) => d.region === '.text');
      if (!difference) return;
      const [x, y] = [await partWithin(a, [], ''), await partWithin(b, [], '')];
      for (const run of difference.runs.slice(0, 3)) {
        const found = await disassembled(x, y, difference, run, byteByByte().decode);
        if (!found?.ok) throw new Error('it is code');
        for (const [side, range, file] of [['shipped', run.shipped, a], ['rebuilt', run.rebuilt, b]] as const) {
          const seen = excerptOf(file.length, range);
          const all = found.rows.flatMap((r) => r[side] ?? []);
          expect(all.every((i) => i.at >= seen.from && i.at < seen.to && i.bytes === file.subarray(i.at, i.at + 1).toString('hex'))).toBe(true);
          for (let at = range.from; at < Math.min(range.to, range.from + 2_048); at++) expect(all.some((i) => i.at === at)).toBe(true);
        }
        expect(found.rows.some((r) => r.is !== 'same')).toBe(true);
      }
    }), { numRuns: 60 });
});
