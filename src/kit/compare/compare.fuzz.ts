import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { compare } from './compare.ts';
import { Budget } from './piece.ts';
import { read } from './read.ts';
import { runsOf, mostRuns } from './runs.ts';
import { objectOf } from './object-testing.ts';
import { arOf, debOf, programOf, tarOf, xzOf, zipOf, zstOf } from './testing.ts';
import type { Comparison } from './model.ts';

const limits = { one: 1 << 20, all: 1 << 22, depth: 4, members: 100 };
const content = [{ name: 'a', bytes: Buffer.from('first\nsecond\n') }, { name: 'b/c', bytes: programOf() }];
const classFile = Buffer.from('cafebabe0000003d000a0a000200030700040c000500060100106a6176612f6c616e672f4f626a6563740100063c696e6974'
  + '3e010003282956070008010001540100'
  + '04436f6465002100070002000000000001000100050006000100090000001100010001000000052ab70001b1000000000000', 'hex');
const machO = Buffer.concat([Buffer.from('cffaedfe0700000103000000020000000100000018000000000000000000000', 'hex'),
  Buffer.from('1b00000018000000', 'hex'), Buffer.alloc(40, 7)]);
const samples: readonly Buffer[] = [
  programOf(), objectOf(['x', 'y'], 'x'), arOf(content), tarOf(content), zipOf(content), gzipSync('words'), xzOf(Buffer.from('words')),
    zstOf(Buffer.from('words')),
  debOf(content), classFile, machO, Buffer.from('one\ntwo\nthree\n'),
];

/** A sample with some bytes set, cut or doubled. */
const broken = fc.tuple(fc.constantFrom(...samples), fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
  fc.nat(), fc.constantFrom('keep', 'cut', 'twice'))
  .map(([sample, changes, at, how]) => {
    const bytes = Buffer.from(sample);
    for (const [place, value] of changes) bytes[place % bytes.length] = value;
    const cut = at % (bytes.length + 1);
    return how === 'cut' ? bytes.subarray(0, cut) : how === 'twice' ? Buffer.concat([bytes, bytes.subarray(cut)]) : bytes;
  });

/** The rebuilt file out of the shipped one and what a comparison tells of the outermost part; null where it is told by order. */
function patched(shipped: Buffer, rebuilt: Buffer, found: Comparison): Buffer {
  const own = found.differences.filter((d) => d.part.length === 0);
  const inner = new Set(found.differences.filter((d) => d.part.length > 0).map((d) => d.part[0]));
  const budget = (): Budget => new Budget(limits);
  const opaque = found.unopened.some((u) => u.part.length === 0) || read(shipped, budget(), '').format !== read(rebuilt, budget(), '').format;
  const whole = (bytes: Buffer) => (bytes.length === 0 ? [] : [{ key: 'content', from: 0, to: bytes.length }]);
  const [a, b] = opaque ? [whole(shipped), whole(rebuilt)] : [read(shipped, budget(), '').pieces, read(rebuilt, budget(), '').pieces];
  return Buffer.concat(b.map((piece) => {
    const from = a.find((p) => p.key === piece.key);
    const told = own.find((d) => d.region === piece.key);
    if (!from || ('inner' in piece && piece.inner && inner.has(piece.inner.name))) return rebuilt.subarray(piece.from, piece.to);
    if (!told) return shipped.subarray(from.from, from.to);
    const out: Buffer[] = [];
    let at = from.from;
    for (const run of told.runs) {
      out.push(shipped.subarray(at, run.shipped.from), rebuilt.subarray(run.rebuilt.from, run.rebuilt.to));
      at = run.shipped.to;
    }
    return Buffer.concat([...out, shipped.subarray(at, from.to)]);
  }));
}

describe('comparing', () => {
  test('cuts anything into pieces that lie edge to edge, each with a key of its own', () => {
    fc.assert(fc.property(fc.oneof(broken, fc.uint8Array({ maxLength: 600 })), (bytes) => {
      const { pieces } = read(bytes, new Budget(limits), 'x.jar');
      let at = 0;
      for (const piece of pieces) {
        expect(piece.from).toBe(at);
        expect(piece.to).toBeGreaterThan(piece.from);
        at = piece.to;
      }
      expect(at).toBe(bytes.length);
      expect(new Set(pieces.map((p) => p.key)).size).toBe(pieces.length);
    }), { numRuns: 1500 });
  });

  test('tells runs from which the other side follows, each differing byte in exactly one', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), fc.boolean(), (a, b, text) => {
      const runs = runsOf(a, b, text);
      expect(runs.length).toBeLessThanOrEqual(mostRuns);
      const out: Uint8Array[] = [];
      let at = 0;
      for (const { shipped, rebuilt } of runs) {
        expect(shipped.from).toBeGreaterThanOrEqual(at);
        out.push(a.subarray(at, shipped.from), b.subarray(rebuilt.from, rebuilt.to));
        at = shipped.to;
      }
      expect(Buffer.concat([...out, a.subarray(at)]).equals(b)).toBe(true);
    }), { numRuns: 1500 });
  });

  test('never fails, is IDENTICAL for equal bytes alone, and tells enough to make the one out of the other', async () => {
    await fc.assert(fc.asyncProperty(broken, broken, async (a, b) => {
      const found = await compare(a, b, { limits });
      expect(found.verdict === 'IDENTICAL').toBe(a.equals(b));
      expect(found.differences.length > 0).toBe(!a.equals(b));
      if (a.equals(b)) return;
      expect(patched(a, b, found).equals(b)).toBe(true);
    }), { numRuns: 1500 });
  });

  test('a mutated byte is told, and never set aside where no rule covers it on its own side', async () => {
    await fc.assert(fc.asyncProperty(fc.constantFrom(...samples), fc.nat(), fc.integer({ min: 1, max: 255 }), async (sample, place, by) => {
      const bytes = Buffer.from(sample);
      const at = place % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ by;
      const covered = read(sample, new Budget(limits), '').pieces.find((p) => p.from <= at && at < p.to);
      const found = await compare(sample, bytes, { limits });
      if (covered?.rule === undefined && covered?.inner?.packed !== true && !covered?.inner) expect(found.verdict).toBe('DIFFERENT');
      else expect(found.verdict).not.toBe('IDENTICAL');
    }), { numRuns: 2000 });
  });
});
