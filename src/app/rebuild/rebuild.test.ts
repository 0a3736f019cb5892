import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { debOf, gzipOf, programOf } from '#kit/compare/testing';
import { recipe } from '#kit/rebuild/recipe';
import { fakeSandbox } from '#world/sandbox/fake';
import type { Sandbox } from '#world/sandbox/port';
import { build, sourceDigest, type Product } from './build.ts';
import { rebuild, type Rebuilt } from './rebuild.ts';

let source = '';
beforeAll(async () => {
  source = await mkdtemp(join(tmpdir(), 'entente-source-'));
  await writeFile(join(source, 'main.c'), 'int main(void) { return 0; }\n');
});
afterAll(() => rm(source, { recursive: true, force: true }));

const plain = recipe.parse({ v: 1, name: 'example', kind: 'plain', source: '.', steps: [['make']], products: ['out/*'] });
const shippedAt = '2026-01-02T03:04:05.000Z';

/** Builds with what it is given: the clock that the command is run under, and its environment. */
const making = (product: (clock: string | null, environment: Readonly<Record<string, string>>) => Uint8Array | null): Sandbox =>
  fakeSandbox(async ({ folder, command, environment, log }) => {
    const at = command.indexOf('faketime');
    const bytes = product(at < 0 ? null : command[at + 2] ?? null, environment);
    log(Buffer.from('cc main.c\n'));
    if (bytes === null) return { exit: 2, stopped: null };
    await mkdir(join(folder, 'src', 'out'), { recursive: true });
    await writeFile(join(folder, 'src', 'out', 'example.deb'), bytes);
    return { exit: 0, stopped: null };
  });

async function judged(sandbox: Sandbox, shipped: Uint8Array, change: { explain?: boolean; clock?: string | null } = {}): Promise<Rebuilt> {
  const files: Product[] = [{ name: 'out/example.deb', bytes: shipped }];
  return rebuild(sandbox, { recipe: plain, source, only: null, readOnly: [], shipped: files, explain: false, clock: null, revisions: [], facts: [],
    environment: 'e', ...change }, () => undefined);
}
const packaged = (program: Uint8Array, time = 0): Buffer => debOf([{ name: 'usr/bin/example', bytes: program }], { pack: (b) => gzipOf(b, time),
  suffix: 'gz', time });

describe('four products', () => {
  const twelve = Buffer.from('usage: example [file]\0version 1.0\0'.repeat(8));
  twelve.fill('backdoorhere', 40, 52);
  test('one that is reproducible is identical, and one changed byte flips it', async () => {
    expect((await judged(making(() => packaged(programOf())), packaged(programOf()))).summary).toBe('identical');
    const code = Buffer.from(Array.from({ length: 800 }, (_, i) => (i * 37 + 11) % 251));
    code[123] = (code[123] ?? 0) ^ 1;
    expect(await judged(making(() => packaged(programOf())), packaged(programOf({ code })))).toMatchObject({ verdict: 'DIFFERENT', summary: 'different' });
  });
  test('one in which only times differ is equivalent', async () =>
    expect(await judged(making(() => packaged(programOf(), 7)), packaged(programOf(), 8))).toMatchObject({ verdict: 'CODE-IDENTICAL',
      summary: 'equivalent' }));
  test('one with twelve bytes that nobody explains is different, also after a search, and they are named', async () => {
    const found = await judged(making(() => packaged(programOf())), packaged(programOf({ constants: twelve })), { explain: true, clock: shippedAt });
    expect(found).toMatchObject({ verdict: 'DIFFERENT', summary: 'different' });
    expect(found.files[0]?.trials.length).toBeGreaterThan(3);
    expect(found.files[0]?.comparison?.differences.find((d) => d.rule === null)).toMatchObject({ region: '.rodata', bytes: 12 });
  });
  test('one that does not build cannot be judged, and its log is kept', async () =>
    expect(await judged(making(() => null), packaged(programOf()))).toMatchObject({
      verdict: 'NOT-REBUILT', summary: 'cannot-build', why: 'The build failed: make ended with 2.', log: expect.stringContaining('cc main.c') as string,
    }));
});

describe('a search', () => {
  const dated = (clock: string | null, buildId = 1): Buffer => packaged(programOf({ constants: Buffer.from(clock ?? 'now'), buildId: Buffer.alloc(20,
    buildId) }));
  test('names the clock where it is the whole difference', async () => {
    const found = await judged(making((clock) => dated(clock)), dated('@2026-01-02 03:04:05'), { explain: true, clock: shippedAt });
    expect(found).toMatchObject({ verdict: 'IDENTICAL-AFTER-RECOVERY', summary: 'equivalent', files: [{ recovered: { name: 'clock', value: shippedAt } }] });
  });
  test('explains what the clock does where something of the closed list is left', async () => {
    const found = await judged(making((clock) => dated(clock)), dated('@2026-01-02 03:04:05', 2), { explain: true, clock: shippedAt });
    expect(found).toMatchObject({ verdict: 'EXPLAINED', summary: 'different', files: [{ trials: [{ verdict: 'CODE-IDENTICAL' }] }] });
    expect(new Set(found.files[0]?.causes.map((c) => c.fact.name))).toEqual(new Set(['clock']));
  });
  test('finds a locale', async () => {
    const of = (locale: string): Buffer => packaged(programOf({ constants: Buffer.from(locale) }));
    const found = await judged(making((_, { LC_ALL = '' }) => of(LC_ALL)), of('C'), { explain: true });
    expect(found.files[0]?.recovered).toEqual({ name: 'locale', value: 'C' });
  });
});

describe('a build', () => {
  test('that makes nothing, or is ended, says so', async () => {
    const request = { recipe: plain, source, only: null, readOnly: [], facts: [] };
    expect(await build(fakeSandbox(() => Promise.resolve({ exit: 0, stopped: null })), request)).toMatchObject({ ok: false,
      why: 'The build made none of out/*.' });
    expect(await build(fakeSandbox(() => Promise.resolve({ exit: null, stopped: 'memory' })), request)).toMatchObject({ ok: false,
      why: 'The build was ended: it took more than 4096 megabytes.' });
  });
  test('does not touch the source, and takes no link for a product', async () => {
    const sandbox = fakeSandbox(async ({ folder }) => {
      await writeFile(join(folder, 'src', 'main.c'), 'changed');
      await mkdir(join(folder, 'src', 'out'));
      await symlink('/etc/hostname', join(folder, 'src', 'out', 'product'));
      return { exit: 0, stopped: null };
    });
    expect(await build(sandbox, { recipe: plain, source, only: null, readOnly: [], facts: [] })).toMatchObject({ ok: false });
    expect(await readFile(join(source, 'main.c'), 'utf8')).toMatch(/^int main/);
  });
  test('of a changed source has another digest', async () => {
    const digest = await sourceDigest({ recipe: plain, source, only: null });
    await writeFile(join(source, 'other.c'), '');
    expect(await sourceDigest({ recipe: plain, source, only: null })).not.toBe(digest);
    await rm(join(source, 'other.c'));
    expect(await sourceDigest({ recipe: plain, source, only: null })).toBe(digest);
  });
  test('of a Debian source whose files are not what it states is refused', async () => {
    const dsc = join(source, 'x.dsc');
    await writeFile(join(source, 'x.tar.gz'), 'x');
    await writeFile(dsc, `Format: 3.0 (native)\nSource: xy\nVersion: 1\nChecksums-Sha256:\n ${'0'.repeat(64)} 1 x.tar.gz\n`);
    const debian = recipe.parse({ v: 1, name: 'x', kind: 'debian', source: 'x.dsc' });
    await expect(build(making(() => null), { recipe: debian, source: dsc, only: null, readOnly: [],
      facts: [] })).rejects.toThrow('is not what its .dsc states');
    await writeFile(dsc, `Format: 3.0 (native)\nSource: xy\nVersion: 1\nChecksums-Sha256:\n ${'0'.repeat(64)} 1 ../x\n`);
    await expect(build(making(() => null), { recipe: debian, source: dsc, only: null, readOnly: [], facts: [] })).rejects.toThrow('names no file');
    await rm(dsc);
    await rm(join(source, 'x.tar.gz'));
  });
});
