import { describe, expect, test } from 'vitest';
import { compare } from '../compare/compare.ts';
import { partWithin } from '../compare/within.ts';
import { disassembled } from './disassemble.ts';
import type { Decode, Disassembled } from './model.ts';
import { byteByByte, elfFor, machOFor, peFor, type Sketch } from './testing.ts';

const code = (size: number): Buffer => Buffer.from(Array.from({ length: size }, (_, i) => (i * 37 + 11) % 251));
const x64: Omit<Sketch, 'code'> = { machine: 62, wide: true, little: true, address: 0x40_1000n };

/** The difference of code where one byte of it is another. */
async function between(a: Uint8Array, b: Uint8Array, decode: Decode): Promise<Disassembled | null> {
  const difference = (await compare(a, b)).differences.find((d) => d.executable);
  if (!difference?.runs[0]) throw new Error('nothing differs');
  return disassembled(await partWithin(a, [], ''), await partWithin(b, [], ''), difference, difference.runs[0], decode);
}

function around(place: number, sketch: Sketch, decode: Decode): Promise<Disassembled | null> {
  const other = Buffer.from(sketch.code);
  other[place] = (other[place] ?? 0) ^ 0xff;
  return between(elfFor(sketch), elfFor({ ...sketch, code: other }), decode);
}

describe('where decoding begins', () => {
  const begins = async (place: number, sketch: Sketch): Promise<string> => {
    const { asked, decode } = byteByByte();
    const found = await around(place, sketch, decode);
    const offset = Number((asked[0]?.address ?? 0n) - sketch.address);
    expect(Buffer.from(asked[0]?.bytes ?? [])).toEqual(sketch.code.subarray(offset, offset + (asked[0]?.bytes.length ?? 0)));
    return `${asked[0]?.machine.name} ${offset} ${found?.ok ? found.inStep : found?.why}`;
  };
  test('at the section, where it is near', async () => expect(await begins(9_000, { ...x64, code: code(30_000) })).toBe('x86-64 0 true'));
  test('at the last symbol before what is shown', async () =>
    expect(await begins(9_000, { ...x64, code: code(30_000), symbols: [8_000, 8_990, 100, 8_900] })).toBe('x86-64 8900 true'));
  test('at the last frame that can be unwound, where symbols were stripped', async () =>
    expect(await begins(20_000, { ...x64, code: code(30_000), frames: [0, 4_000, 19_500, 25_000] })).toBe('x86-64 19500 true'));
  test('where neither is near, some way before, and it is said', async () => {
    expect(await begins(20_000, { ...x64, code: code(30_000) })).toMatch(/^x86-64 19\d\d\d false$/);
    expect(await begins(20_000, { ...x64, machine: 183, code: code(30_000) })).toMatch(/^aarch64 19\d\d\d true$/);
  });
  test('in the kernel’s half of the addresses, and in those of 32 bits', async () => {
    expect(await begins(900, { ...x64, address: 0xffff_ffff_8100_0000n, code: code(2_000), symbols: [500] })).toBe('x86-64 500 true');
    expect(await begins(900, { ...x64, machine: 3, wide: false, code: code(2_000), symbols: [500] })).toBe('i386 500 true');
  });
  test('as Thumb, where the symbol or the entry says so', async () => {
    const arm = { ...x64, machine: 40, wide: false, code: code(2_000) };
    expect(await begins(900, { ...arm, symbols: [501, 100] })).toBe('thumb 500 true');
    expect(await begins(900, { ...arm, symbols: [101, 500] })).toBe('arm 500 true');
    expect(await begins(900, { ...arm, entry: 1 })).toBe('thumb 0 true');
    expect(await begins(900, arm)).toBe('arm 0 true');
  });
  test.each([
    ['s390x', 22, true, false], ['ppc64', 21, true, true], ['ppc', 20, false, false], ['riscv64', 243, true, true], ['riscv32', 243, false, true],
    ['mips64', 8, true, false], ['mips', 8, false, true],
  ] as const)('of %s by its header', async (name, machine, wide, little) =>
    expect(await begins(900, { machine, wide, little, address: 0x1000n, code: code(2_000), symbols: [500] })).toBe(`${name} 500 true`));
});

describe('of other formats', () => {
  const changed = Buffer.from(code(2_000)).fill(0xff, 900, 901);
  const begins = async (of: (code: Uint8Array) => Uint8Array): Promise<string> => {
    const { asked, decode } = byteByByte();
    const found = await between(of(code(2_000)), of(changed), decode);
    const marked = found?.ok ? found.rows.filter((r) => r.is !== 'same').map((r) => `${r.shipped?.address} ${r.rebuilt?.bytes}`) : [];
    return [asked[0]?.machine.name, asked[0]?.address.toString(16), found?.ok && found.inStep, ...marked].join(' ');
  };
  test('PE, at the last function of its table', async () => {
    expect(await begins((own) => peFor(0x8664, own, [100, 500, 1_500]))).toBe('x86-64 1400011f4 true 140001384 ff');
    expect(await begins((own) => peFor(0x14c, own, []))).toBe('i386 401000 true 401384 ff');
    expect(await begins((own) => peFor(0xaa64, own, []))).toBe('aarch64 140001000 true 140001384 ff');
  });
  test('Mach-O, at its section', async () => {
    expect(await begins((own) => machOFor(0x0100_0007, own, 0x1_0000_0f00n))).toBe('x86-64 100000f00 true 100001284 ff');
    expect(await begins((own) => machOFor(0x0100_000c, own, 0x1_0000_0f00n))).toBe('aarch64 100000f00 true 100001284 ff');
  });
});

test('the order of bytes is that of code, also where it is not that of the file', async () => {
  const { asked, decode } = byteByByte();
  const arm = { ...x64, machine: 40, wide: false, little: false, code: code(400) };
  await around(90, arm, decode);
  await around(90, { ...arm, flags: 0x0080_0000 }, decode);
  await around(90, { ...arm, machine: 183, wide: true }, decode);
  expect(asked.map((c) => c.machine.little)).toEqual([false, false, true, true, true, true]);
});

test('one changed byte is one changed row among those around it, at its place and address', async () => {
  const found = await around(900, { ...x64, code: code(2_000) }, byteByByte().decode);
  if (!found?.ok) throw new Error('it is code');
  const marked = found.rows.filter((r) => r.is !== 'same');
  expect(marked).toMatchObject([{ is: 'changed', shipped: { address: '401384', text: '.byte 0xb3' }, rebuilt: { address: '401384', text: '.byte 0x4c' } }]);
  expect(found.rows.length).toBeGreaterThan(90);
  expect(found.rows.length).toBeLessThan(140);
});

test('why there are no instructions is said: by the tool, of a machine that is not known, and of an answer that is none', async () => {
  const says = async (decode: Decode, machine = 62): Promise<unknown> => around(90, { ...x64, machine, code: code(400) }, decode);
  expect(await says(() => Promise.resolve({ ok: false, why: 'no-tool' }))).toEqual({ ok: false, why: 'no-tool' });
  expect(await says(() => Promise.resolve({ ok: true, text: 'Segmentation fault' }))).toEqual({ ok: false, why: 'unreadable' });
  expect(await says(byteByByte().decode, 4_711)).toEqual({ ok: false, why: 'unknown-machine' });
});

test('what is no machine code has no instructions, and a region on one side alone has one side', async () => {
  const [a, b] = [await partWithin(elfFor({ ...x64, code: code(300) }), [], ''), await partWithin(Buffer.from('text\n'), [], '')];
  const run = { shipped: { from: 100, to: 110 }, rebuilt: { from: 0, to: 0 } };
  const { decode } = byteByByte();
  const asked = { region: '.text', executable: true, shipped: { from: 64, to: 364 }, rebuilt: null };
  const alone = await disassembled(a, null, asked, run, decode);
  expect(alone?.ok && alone.rows.filter((r) => r.shipped && r.shipped.at >= 100 && r.shipped.at < 110).every((r) => r.is === 'only-shipped')).toBe(true);
  expect(alone?.ok && alone.rows.length).toBeGreaterThanOrEqual(10);
  expect(await disassembled(a, b, { ...asked, executable: false }, run, decode)).toBeNull();
  expect(await disassembled(b, b, { ...asked, region: 'content' }, run, decode)).toBeNull();
});
