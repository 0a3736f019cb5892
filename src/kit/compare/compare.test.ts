import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { dice } from '../dice.ts';
import { compare } from './compare.ts';
import { elfOf as headersOf, readElf } from './formats/elf.ts';
import { summaryOf, verdicts, type Comparison, type Difference } from './model.ts';
import { Budget, usualLimits } from './piece.ts';
import { arOf, debOf, elfOf, gzipOf, programOf, tarOf, xzOf, zipOf, zstOf } from './testing.ts';
import { causesOf, judge, worst } from './verdict.ts';

const file = (name: string, bytes: Uint8Array) => ({ name, bytes });
const openOf = ({ differences }: Comparison): Difference[] => differences.filter((d) => d.rule === null);
const places = (found: Comparison): string[] => openOf(found).map((d) => [...d.part, d.region].join(' > '));
const text = (value: string): Buffer => Buffer.from(value);

describe('verdicts', () => {
  test('the same bytes are IDENTICAL, whatever they are', async () => {
    for (const bytes of [programOf(), Buffer.from('x'), Buffer.alloc(0), gzipSync('x').subarray(0, 9)]) expect((await compare(bytes,
      Buffer.from(bytes))).verdict).toBe('IDENTICAL');
  });

  test('two packages that differ in Build-ID, debug link, list of digests and times are CODE-IDENTICAL, and each is named', async () => {
    const other = programOf({ buildId: Buffer.alloc(20, 0xbb), debugFile: `${'cd'.repeat(19)}.debug`, debugSum: 9 });
    const [a, b] = [debOf([file('usr/bin/example', programOf())], { time: 5 }), debOf([file('usr/bin/example', other)], { time: 6 })];
    const found = await compare(a, b);
    expect(places(found)).toEqual([]);
    expect(found.verdict).toBe('CODE-IDENTICAL');
    expect(found.rules).toEqual(['archive-time/1', 'bookkeeping/1', 'build-id/1', 'debuglink/1', 'md5sums/1', 'packing/1']);
    expect(found.differences.find((d) => d.rule === 'build-id')).toMatchObject({
      part: ['data.tar.xz', 'data.tar', './usr/bin/example'], region: '.note.gnu.build-id', executable: false, bytes: 20,
    });
  });

  test('one byte of a constant is DIFFERENT, also where the Build-ID differs too', async () => {
    const constants = Buffer.from('usage: example [file]\0version 1.0\0'.repeat(8));
    constants[3] = 0x21;
    const found = await compare(debOf([file('a', programOf())]), debOf([file('a', programOf({ constants, buildId: Buffer.alloc(20, 1) }))]));
    expect(found.verdict).toBe('DIFFERENT');
    expect(places(found)).toEqual(['data.tar.xz > data.tar > ./a > .rodata']);
    expect(openOf(found)[0]).toMatchObject({ bytes: 1 });
  });

  test('a list of digests may name empty files and hard links', async () => {
    const make = (byte: number): Buffer => {
      const [program, none] = [programOf({ buildId: Buffer.alloc(20, byte) }), Buffer.alloc(0)];
      const md5 = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');
      const list = text(`${md5(program)}  a\n${md5(program)}  b\n${md5(none)}  none\n`);
      const content = tarOf([file('./a', program), { name: './b', bytes: none, type: '1', target: './a' }, file('./none', none)]);
      return arOf([file('debian-binary', text('2.0\n')), file('control.tar.xz', xzOf(tarOf([file('./md5sums', list)]))), file('data.tar.xz', xzOf(content))]);
    };
    expect((await compare(make(1), make(2))).verdict).toBe('CODE-IDENTICAL');
  });

  test('a list of digests that is wrong on one side is not set aside', async () => {
    const [a, b] = [debOf([file('a', programOf())]), debOf([file('a', programOf({ buildId: Buffer.alloc(20, 1) }))])];
    const lying = Buffer.from(b);
    // Stored packing: the list stands there as it is, and its checksums are not the list’s.
    const control = tarOf([{ name: './control', bytes: text('Package: example\nVersion: 1.0\n') }, { name: './md5sums',
      bytes: text(`${'0'.repeat(32)}  a\n`) }]);
    const wrong = arOf([file('debian-binary', text('2.0\n')), file('control.tar.xz', xzOf(control)), file('data.tar.xz',
      lying.subarray(lying.indexOf('data.tar.xz') + 60, lying.length))]);
    expect((await compare(a, b)).verdict).toBe('CODE-IDENTICAL');
    const found = await compare(a, wrong);
    expect(found.verdict).toBe('DIFFERENT');
    expect(places(found)).toContain('control.tar.xz > control.tar > ./md5sums > content');
  });

  test.each([['gzip', gzipOf, 'gz'], ['zst', zstOf, 'zst'], ['nothing', (b: Uint8Array) => Buffer.from(b),
    'raw']] as const)('packages packed by %s are opened too', async (_, pack, suffix) => {
    const of = (byte: number): Buffer => debOf([file('a', programOf({ constants: Buffer.alloc(100, byte) }))], { pack, suffix });
    const found = await compare(of(1), of(2));
    expect(places(found)).toEqual([expect.stringMatching(/^data\.tar\..* > \.\/a > \.rodata$/)]);
  });

  test('another order of members is a difference, an added member one too', async () => {
    const [x, y] = [file('x', text('1')), file('y', text('2'))];
    expect((await compare(tarOf([x, y]), tarOf([y, x]))).differences.map((d) => d.kind)).toContain('order');
    const added = await compare(zipOf([x]), zipOf([x, y]));
    expect(added.verdict).toBe('DIFFERENT');
    expect(openOf(added).map((d) => d.kind)).toContain('only-rebuilt');
  });

  test('lines of a text are told apart', async () => {
    const found = await compare(text('one\ntwo\nthree\nfour\n'), text('one\nTWO and more\nthree\nfour\nfive\n'));
    expect(found.differences[0]?.runs).toEqual([
      { shipped: { from: 4, to: 8 }, rebuilt: { from: 4, to: 17 } }, { shipped: { from: 19, to: 19 }, rebuilt: { from: 28, to: 33 } },
    ]);
  });
});

describe('a claim is not believed', () => {
  test('a Build-ID note in an executable segment is code', async () => {
    const make = (byte: number): Buffer => {
      const bytes = programOf({ buildId: Buffer.alloc(20, byte) });
      bytes.writeUInt32LE(5, 64 + 4);
      return bytes;
    };
    expect((await compare(make(1), make(2))).verdict).toBe('DIFFERENT');
    expect((await compare(programOf({ buildId: Buffer.alloc(20, 1) }), programOf({ buildId: Buffer.alloc(20, 2) }))).verdict).toBe('CODE-IDENTICAL');
  });

  test('a debug link that a segment loads is data', async () => {
    const make = (sum: number): Buffer => {
      const bytes = programOf({ debugSum: sum });
      const link = headersOf(bytes).sections.find((s) => s.name === '.gnu_debuglink');
      bytes.writeBigUInt64LE(BigInt(link?.from ?? 0), 64 + 2 * 56 + 8);
      bytes.writeBigUInt64LE(BigInt(link?.size ?? 0), 64 + 2 * 56 + 32);
      return bytes;
    };
    expect((await compare(make(1), make(2))).verdict).toBe('DIFFERENT');
  });

  test('a section that is only called like one does not hide code', async () => {
    const make = (byte: number): Buffer => {
      const bytes = programOf({ code: Buffer.alloc(64, byte) });
      const elf = headersOf(bytes);
      const [text, link] = [elf.sections.find((s) => s.name === '.text'), elf.sections.find((s) => s.name === '.gnu_debuglink')];
      bytes.writeUInt32LE(link?.nameAt ?? 0, elf.heads.from + (text?.index ?? 0) * 64);
      return bytes;
    };
    expect((await compare(make(1), make(2))).verdict).toBe('DIFFERENT');
  });

  test('an object’s order of local symbols is set aside only in a static library, and only where relocations lead to the same', async () => {
    const { objectOf } = await import('./object-testing.ts');
    const lib = (bytes: Uint8Array): Buffer => arOf([file('one.o', bytes)]);
    const [a, b, wrong] = [objectOf(['first', 'second'], 'first'), objectOf(['second', 'first'], 'first'), objectOf(['second', 'first'], 'second')];
    const found = await compare(lib(a), lib(b), { name: 'libx.a' });
    expect([found.verdict, found.rules]).toEqual(['CODE-IDENTICAL', ['local-symbols/1']]);
    expect((await compare(lib(a), lib(wrong), { name: 'libx.a' })).verdict).toBe('DIFFERENT');
    expect((await compare(a, b, { name: 'one.o' })).verdict).toBe('DIFFERENT');
  });
});

describe('every mutated byte', () => {
  const of = programOf();
  const loaded = readElf(of, new Budget(usualLimits)).filter((p) => p.rule === undefined).flatMap(({ from, to }) =>
    Array.from({ length: to - from }, (_, i) => from + i));

  test('of what is loaded, 1,000 drawn in a package, is never given one of the first three verdicts', async () => {
    const draw = dice(7);
    const shipped = debOf([file('usr/bin/example', of), file('usr/share/doc/x', text('words\n'))]);
    for (let i = 0; i < 1000; i++) {
      const mutant = Buffer.from(of);
      const at = loaded[Math.floor(draw() * loaded.length)] ?? 0;
      mutant[at] = (mutant[at] ?? 0) ^ (1 + Math.floor(draw() * 255));
      // The Build-ID too, every other time, as a linker would.
      if (i % 2 === 0) mutant.fill(i, mutant.indexOf(Buffer.alloc(20, 0xaa)), mutant.indexOf(Buffer.alloc(20, 0xaa)) + 20);
      const found = await compare(shipped, debOf([file('usr/bin/example', mutant), file('usr/share/doc/x', text('words\n'))]));
      expect([at, found.verdict]).toEqual([at, 'DIFFERENT']);
    }
  });

  test('of any file of a package in any packing flips the verdict', async () => {
    const draw = dice(11);
    const packs = [[xzOf, 'xz'], [gzipOf, 'gz'], [zstOf, 'zst']] as const;
    for (let i = 0; i < 150; i++) {
      const [pack, suffix] = packs[i % 3] ?? packs[0];
      const content = tarOf([file('./a', text('some words that somebody wrote')), file('./b', of)]);
      const deb = (bytes: Uint8Array): Buffer => arOf([file('debian-binary', text('2.0\n')), file(`data.tar.${suffix}`, pack(bytes))]);
      const mutant = Buffer.from(content);
      const at = 512 + Math.floor(draw() * 30);
      mutant[at] = (mutant[at] ?? 0) ^ (1 + Math.floor(draw() * 255));
      expect((await compare(deb(content), deb(mutant))).verdict).toBe('DIFFERENT');
    }
  });
});

describe('what is not looked into', () => {
  const small = { one: 1 << 20, all: 4 << 20, depth: 3, members: 50 };
  const reasons = async (a: Uint8Array, limits = small): Promise<string[]> => {
    const b = Buffer.concat([a, Buffer.from('x')]);
    const found = await compare(a, b.subarray(0, b.length), { limits });
    expect(found.verdict).toBe('DIFFERENT');
    return found.unopened.filter((u) => u.side === 'shipped').map((u) => u.code);
  };
  const changed = async (a: Uint8Array, b: Uint8Array, limits = small) => (await compare(a, b, { limits })).unopened.map((u) => `${u.code}: ${u.sentence}`);
  const empty = new Uint8Array(0);

  test('bombs of each packing are refused with a sentence, within their bound', async () => {
    const zeros = Buffer.alloc(3 << 20);
    for (const pack of [(b: Uint8Array) => gzipSync(b), xzOf, zstOf]) {
      const found = await changed(pack(zeros), pack(Buffer.concat([zeros, Buffer.from([1])])));
      expect(found[0]).toMatch(/^bomb: It unpacks to more than the 1048576 bytes/);
    }
    expect((await changed(zipOf([file('a', zeros)]), zipOf([file('a', Buffer.alloc(4 << 20))])))[0]).toMatch(/^bomb/);
    expect((await changed(xzOf(Buffer.from('a'), 39), xzOf(Buffer.from('b'), 39)))[0]).toMatch(/^bomb: It wants 3221225472 bytes of memory/);
  });

  test('containers in containers end', async () => {
    let [a, b]: [Buffer, Buffer] = [Buffer.from('a'), Buffer.from('b')];
    for (let i = 0; i < 12; i++) [a, b] = [gzipSync(a), gzipSync(b)];
    expect((await changed(a, b)).at(-1)).toMatch(/^depth/);
  });

  test.each([
    ['path', tarOf([{ name: '../../etc/passwd', bytes: empty }])], ['path', tarOf([{ name: '/etc/passwd', bytes: empty }])],
    ['link', tarOf([{ name: 'a', bytes: empty, type: '2', target: '/etc' }, { name: 'a/passwd', bytes: Buffer.from('x') }])],
    ['path', tarOf([{ name: 'a', bytes: empty, type: '1', target: '../x' }])], ['path', zipOf([file('../x', empty)])], ['path', zipOf([file('a\\b', empty)])],
    ['disagrees', zipOf([file('a', empty), file('a', Buffer.from('x'))])], ['members', tarOf(Array.from({ length: 60 }, (_, i) => file(`f${i}`, empty)))],
    ['truncated', arOf([file('a', Buffer.alloc(100))]).subarray(0, 120)],
  ] as const)('%s tricks are refused', async (code, bytes) => {
    const other = bytes.length % 512 === 0 ? Buffer.concat([bytes, Buffer.alloc(512)]) : Buffer.from(bytes).fill(1, bytes.length - 1);
    const found = await compare(bytes, other, { limits: small });
    expect(found.unopened.map((u) => u.code)).toContain(code);
    expect(found.verdict).toBe('DIFFERENT');
  });

  test('what stands behind packed data is seen', async () => {
    expect((await compare(gzipSync('a'), Buffer.concat([gzipSync('a'), Buffer.from('x')]))).verdict).toBe('DIFFERENT');
    expect(await reasons(xzOf(Buffer.from('abc')))).toEqual([]);
    const zip = zipOf([file('a', Buffer.from('a'))]);
    expect((await compare(zip, Buffer.concat([Buffer.from('MZ'), zip]))).verdict).toBe('DIFFERENT');
  });
});

describe('the ladder', () => {
  const differing = { part: [], region: '.text', kind: 'bytes', shipped: null, rebuilt: null, runs: [], bytes: 1, executable: true,
    rule: null } as const satisfies Difference;
  const built = { verdict: 'DIFFERENT', differences: [differing], leftOut: 0 } as const;
  const clock = { name: 'clock', value: '2022-12-26T15:30:00Z' } as const;

  test('a difference that goes away with one fact is EXPLAINED by it, and only if none comes', () => {
    expect(judge(built, [{ fact: clock, verdict: 'CODE-IDENTICAL', open: [] }])).toMatchObject({ verdict: 'EXPLAINED', causes: [{ fact: clock }] });
    expect(judge(built, [{ fact: clock, verdict: 'DIFFERENT', open: ['["other","bytes"]'] }]).verdict).toBe('DIFFERENT');
    expect(judge(built, []).verdict).toBe('DIFFERENT');
    expect(causesOf([], [])).toEqual([]);
  });
  test('the same bytes with one fact set are IDENTICAL-AFTER-RECOVERY', () => {
    const toolchain = { name: 'toolchain', value: 'gcc 12.2.0-14' } as const;
    expect(judge(built, [{ fact: toolchain, verdict: 'IDENTICAL', open: [] }])).toMatchObject({ verdict: 'IDENTICAL-AFTER-RECOVERY', recovered: toolchain });
  });
  test('a release has the worst verdict of its files, and its summary', () => {
    expect(worst(['IDENTICAL', 'EXPLAINED', 'CODE-IDENTICAL'])).toBe('EXPLAINED');
    expect(worst([])).toBe('NOT-REBUILT');
    expect(verdicts.map((v) => summaryOf[v])).toEqual(['identical', 'equivalent', 'equivalent', 'different', 'different', 'cannot-build']);
  });
  test('an empty program is still a program', () => expect(() => elfOf({ code: empty(), constants: empty(), buildId: Buffer.alloc(20),
    debugFile: 'x', debugSum: 0 })).not.toThrow());
  const empty = (): Uint8Array => new Uint8Array(0);
});

interface Vector {
  readonly name: string; readonly shipped: string; readonly rebuilt: string; readonly verdict: string; readonly rules: readonly string[];
  readonly differences: readonly object[]; readonly unopened: readonly string[];
}
const vectors = JSON.parse(readFileSync('docs/specs/vectors/compare.json', 'utf8')) as { pairs: Vector[] };
test.each(vectors.pairs)('the published pair “$name” has its verdict', async ({ shipped, rebuilt, verdict, rules, differences, unopened }) => {
  const bytes = (packed: string): Buffer => gunzipSync(Buffer.from(packed, 'base64'));
  const found = await compare(bytes(shipped), bytes(rebuilt));
  expect([found.verdict, found.rules, found.unopened.map((u) => u.code)]).toEqual([verdict, rules, unopened]);
  expect(found.differences.map(({ part, region, kind, rule, bytes: count }) => ({ part, region, kind, rule, bytes: count }))).toEqual(differences);
});
