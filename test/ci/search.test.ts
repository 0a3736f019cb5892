/**
 * ripgrep finds the same lines: a thousand texts and two hundred patterns, drawn by a seed out of three corpora that hold NUL bytes, Latin-1,
 * lines above a megabyte and a header of three. The seed is printed, and can be given.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { dice } from '#kit/dice';
import { startKernel } from '#kit/search/query/kernel';
import { search, type Question } from '#kit/search/query/search';
import { build, drawQuestions, open, type TestFile } from '../../src/kit/search/testing.ts';
import { asBytes, ripgrep } from '../ripgrep.ts';

const run = promisify(execFile);
const seed = Number(process.env['SEED'] ?? 20_261_126);
const roll = dice(seed);
const pick = <T>(from: readonly T[]): T => from[Math.floor(roll() * from.length)] as T;
const latin1 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'));
const words = ['static', 'int', 'struct', 'Mutex_lock', 'return', 'if', 'dev->probe', 'NULL', '-EINVAL', '0x1f', 'spin_unlock', 'caf\xe9', 'stra\xdfe',
  '\0', '\xff\xfe', '(', ')', ';', '{', '}', '/*', '*/', '\x1b[0m'];
const prose = (count: number, gaps: readonly string[]): string => Array.from({ length: count }, () => pick(words) + pick(gaps)).join('');
const noise = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, () => Math.floor(roll() * 256));

const long = `${prose(50, ['\n'])}${'q'.repeat(1_100_000)}needle${prose(30_000, [' '])}\n${prose(100, ['\n'])}`;
const header = Array.from({ length: 65_000 }, (_, i) => `#define REG_${i}_MASK 0x${(i * 7919).toString(16)} /* ${pick(words)} */\n`).join('');

const corpora: readonly (readonly TestFile[])[] = [
  [...Array.from({ length: 40 }, (_, i) => ({ path: `f${i}.c`, bytes: latin1(prose(600, [' ', ' ', '\n', '_', '\r\n', '\t', '\n\n'])) })),
    { path: 'empty', bytes: latin1('') }, { path: 'feeds', bytes: latin1('\n\n\n') }],
  [{ path: 'one-line.js', bytes: latin1(prose(150_000, [' ', '.', '_']).slice(0, 1_200_000)) },
    { path: 'long', bytes: latin1(long) }, { path: 'noise.bin', bytes: noise(60_000) }],
  [{ path: 'header.h', bytes: latin1(header) },
    { path: 'zeros.bin', bytes: new Uint8Array(50_000) }, { path: 'small.c', bytes: latin1(prose(3000, [' ', '\n'])) }],
];

/** The pattern as ripgrep takes it: a text byte by byte. */
function patternOf({ text, kind, anyCase }: Omit<Question, 'most'>): string {
  const byteOf = (char: string): string => (/\w/.test(char) ? char : `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  const body = kind === 'regex' ? text : Array.from(text, byteOf).join('');
  return `(?${anyCase ? 'i' : ''}-u)${body}`;
}

/** Lines that it finds, as `path:line`; what stands in them is left out of what it prints. */
async function theirs(rg: string, folder: string, question: Omit<Question, 'most'>): Promise<string[]> {
  const asked = ['-n', '-H', '-0', '--no-heading', '--max-columns', '1', '-e', patternOf(question), '.'];
  const running = run(rg, [...asBytes, ...asked], { cwd: folder, maxBuffer: 2 ** 28, encoding: 'latin1' });
  const { stdout } = await running.catch((error: Error & { code?: number }) => {
    // 1 says that there is none; ripgrep tells of what it cannot read by 2.
    if (error.code === 1) return { stdout: '' };
    throw error;
  });
  return [...stdout.matchAll(/^\.\/([^\0\n]+)\0(\d+):/gm)].map((found) => `${found[1]}:${found[2]}`).sort();
}

test('1,000 texts and 200 patterns find the lines that ripgrep finds', async () => {
  const rg = await ripgrep();
  const kernel = startKernel();
  let [lines, none] = [0, 0];
  for (const corpus of corpora) {
    const folder = await mkdtemp(join(tmpdir(), 'search-oracle-'));
    try {
      for (const { path, bytes } of corpus) await writeFile(join(folder, path), bytes);
      const built = build(corpus, { blockBytes: 4096, shardBytes: 1 << 20 });
      const shards = open(built);
      for (const question of drawQuestions(corpus, roll, Math.ceil(1000 / 3), Math.ceil(200 / 3))) {
        const expected = await theirs(rg, folder, question);
        const found = [...search(built.manifest, shards, { ...question, most: Infinity }, { kernel, mostWork: Infinity })]
          .flatMap(({ hits }) => hits.flatMap(({ path, line, encoding }) => (encoding === 'bytes' ? [`${path}:${line}`] : []))).sort();
        if (found.join() !== expected.join()) expect({ seed, question, found: found.slice(0, 20) }).toEqual({ seed, question, found: expected.slice(0, 20) });
        lines += expected.length;
        none += expected.length === 0 ? 1 : 0;
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  process.stdout.write(`search: seed ${seed}, ${lines} lines found by both, ${none} questions that find nothing\n`);
  expect(lines).toBeGreaterThan(100_000);
  expect(none).toBeGreaterThan(20);
});
