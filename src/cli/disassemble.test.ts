import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Disassembled } from '#kit/disassemble/model';
import { fakeDisassembler } from '#world/disassembler/fake';
import { systemDisassembler } from '#world/disassembler/objdump';
import { linuxSandboxes } from '#world/sandbox/linux';
import { compareFiles } from './rebuild.ts';
import { debOf, programOf } from '../kit/compare/testing.ts';

const folder = await mkdtemp(join(tmpdir(), 'entente-disassemble-'));
const file = async (name: string, bytes: Uint8Array | string): Promise<string> => {
  await writeFile(join(folder, name), bytes);
  return join(folder, name);
};
afterAll(() => rm(folder, { recursive: true, force: true }));

async function said(a: string, b: string, json: boolean, disassembler: Parameters<typeof compareFiles>[4]): Promise<string[]> {
  const lines: string[] = [];
  expect(await compareFiles(a, b, json, { out: (line) => void lines.push(line), err: () => undefined }, disassembler)).toBe(1);
  return lines;
}
interface Json { disassembly?: { told: ({ part: string[]; region: string; run: number } & Disassembled)[]; leftOut: number } }

describe('differing code, byte for byte as the fake reads it', () => {
  const code = Buffer.alloc(4_000, 0x90);
  const changed = Buffer.from(code);
  // Two near each other, and one far from both.
  for (const place of [1_000, 1_010, 3_000]) changed[place] = 0xcc;
  const at: { a: string; b: string } = { a: '', b: '' };
  beforeAll(async () => {
    at.a = await file('a.deb', debOf([{ name: 'usr/bin/example', bytes: programOf({ code }) }]));
    at.b = await file('b.deb', debOf([{ name: 'usr/bin/example', bytes: programOf({ code: changed }) }]));
  });
  test('is shown with its place inside of archives, and what is near is shown once', async () => {
    const [line = ''] = await said(at.a, at.b, true, fakeDisassembler());
    const { told, leftOut } = (JSON.parse(line) as Json).disassembly ?? { told: [], leftOut: -1 };
    expect([leftOut, ...told.map((one) => [one.part.at(-1), one.region, one.run, one.ok && one.rows.filter((r) => r.is !== 'same').length])])
      .toEqual([0, ['./usr/bin/example', '.text', 0, 2], ['./usr/bin/example', '.text', 2, 1]]);
  });
  test('is written as lines that a person reads, and nothing of it is where it was not asked for', async () => {
    const lines = await said(at.a, at.b, false, fakeDisassembler());
    expect(lines.filter((l) => /^ {4}[-+] /.test(l)).map((l) => l.replaceAll(/\s+/g, ' '))).toEqual([
      ...[1_000, 1_010, 3_000].flatMap((place) => [` - ${(place + 288).toString(16)} 90 .byte 0x90`, ` + ${(place + 288).toString(16)} cc .byte 0xcc`]),
    ]);
    expect(lines.some((l) => l.endsWith('x86-64: - shipped, + rebuilt, ~ alike'))).toBe(true);
    expect((await said(at.a, at.b, false, null)).join('\n')).not.toContain('.byte');
    expect(JSON.parse((await said(at.a, at.b, true, null))[0] ?? '') as Json).not.toHaveProperty('disassembly');
  });
  test('is not shown where no tool can be run, and a sentence says why', async () => {
    const fake = fakeDisassembler();
    // One side is asked after the other.
    fake.refuseNext('no-tool');
    expect((await said(at.a, at.b, false, fake)).at(-1)).toMatch(/> \.text: no instructions: objdump \(binutils\) is not installed$/);
  });
  test('is said to be none where constants alone differ', async () => {
    const [a, b] = [await file('a', programOf()), await file('b', programOf({ constants: Buffer.from('other') }))];
    expect((await said(a, b, false, fakeDisassembler())).at(-1)).toBe('  no differing code of a program that is read here');
  });
});

const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
if (process.arch === 'x64' && has('gcc') && has('objdump') && has('strip') && linuxSandboxes(folder).length > 0) {
  test('a compiled program with a flipped branch and another constant shows both instructions, stripped or not', async () => {
    const source = (sign: string, year: number): string =>
      `int allowed(int year) { if (year ${sign} ${year}) return 7; return 1; }\nint main(int count, char **words) { return allowed(count) + (words != 0); }\n`;
    for (const [name, text] of [['one', source('==', 2022)], ['two', source('!=', 2026)]] as const) {
      const built = spawnSync('gcc', ['-O0', '-o', join(folder, name), await file(`${name}.c`, text)], { encoding: 'utf8' });
      expect(built.status, built.stderr).toBe(0);
    }
    const marks = (lines: readonly string[]): string[] => lines.filter((l) => /^ {4}[-+]/.test(l))
      .map((l) => l.replace(/^ {4}([-+]~?) +[0-9a-f]+ +(?:[0-9a-f]{2} )+ +(\w+ \$0x7\w+|\w+).*$/, '$1 $2'));
    const wanted = ['- cmpl $0x7e6', '+ cmpl $0x7ea', '- jne', '+ je'];
    expect(marks(await said(join(folder, 'one'), join(folder, 'two'), false, systemDisassembler()))).toEqual(wanted);
    for (const name of ['one', 'two']) expect(spawnSync('strip', [join(folder, name)]).status).toBe(0);
    const lines = await said(join(folder, 'one'), join(folder, 'two'), false, systemDisassembler());
    expect(marks(lines)).toEqual(wanted);
    expect(lines.join('\n')).not.toContain('may be misread');
  });
}
