/** Properties of windows, blocks and coverage over any bytes. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { allowanceOf, blocksTouched, SeenBlocks, blocksIn } from './blocks.ts';
import { coverageOf, foldersOf, sumOf } from './coverage.ts';
import { layOut, windowAt, windowBytes, windowLines, windowOfByte, windowOfLine } from './windows.ts';

/** Files as they come: short lines, lines far longer than a window, bytes that are no text. */
const anyFile = fc.array(fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }).map((s) => `${s}\n`), fc.constant('\n'.repeat(450)), fc.nat(60_000).map((n) => 'xé漢'.repeat(n)),
  fc.constant('\n'),
), { maxLength: 12 }).map((parts) => Buffer.from(parts.join('')));
const anyBytes = fc.oneof(anyFile, fc.uint8Array({ maxLength: 70_000 }));

test('windows cover every byte once, in order, and none is larger than it may be', () => {
  fc.assert(fc.property(anyBytes, (bytes) => {
    const layout = layOut(bytes);
    let [at, lines] = [0, 0];
    for (let n = 0; n < layout.count; n++) {
      const window = windowAt(layout, bytes, n);
      if (!window) throw new Error('a window is missing');
      expect(window.from).toBe(at);
      expect(window.to).toBeGreaterThan(window.from);
      expect(window.to - window.from).toBeLessThanOrEqual(windowBytes);
      expect(window.ends).toBeLessThanOrEqual(windowLines);
      expect(window.line).toBe(lines + 1);
      [at, lines] = [window.to, lines + window.ends];
    }
    expect(at).toBe(bytes.length);
    const text = Buffer.from(bytes).toString('latin1');
    expect(layout.lines).toBe(text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0));
    expect(windowAt(layout, bytes, layout.count)).toBeNull();
  }), { numRuns: 150 });
});

test('a line and a byte are found in the window in which they begin', () => {
  fc.assert(fc.property(anyFile, fc.nat(), (bytes, seed) => {
    const layout = layOut(bytes);
    expect(windowOfLine(layout, layout.lines + 1)).toBeNull();
    if (layout.lines === 0) return;
    const line = (seed % layout.lines) + 1;
    let begins = 0;
    for (let n = 1; n < line; n++) begins = bytes.indexOf(10, begins) + 1;
    const number = windowOfByte(layout, begins);
    expect(windowOfLine(layout, line)).toBe(number);
  }), { numRuns: 150 });
});

test('text is never torn within a character', () => {
  const bytes = Buffer.from('漢é'.repeat(40_000));
  const layout = layOut(bytes);
  for (let n = 0; n < layout.count; n++) {
    const window = windowAt(layout, bytes, n);
    expect(bytes.subarray(window?.from, window?.to).toString('utf8')).not.toContain('\ufffd');
  }
});

test('a crawler gets no more than its allowance, in whatever order it asks and however often it begins anew', () => {
  const order = fc.array(fc.tuple(fc.nat(9), fc.nat(40)), { minLength: 50, maxLength: 400 });
  fc.assert(fc.property(order, fc.integer({ min: 1, max: 4_000 }), fc.integer({ min: 1, max: 10_000 }), (asked, perDay, inAll) => {
    const files = Array.from({ length: 10 }, (_, i) => ({ bytes: 30_000 + i * 7_000, seen: SeenBlocks.none(30_000 + i * 7_000) }));
    const blocks = files.reduce((sum, f) => sum + blocksIn(f.bytes), 0);
    const truly = new Set<string>();
    let account = { seen: 0, today: 0 };
    asked.forEach(([n, w], i) => {
      if (i % 50 === 49) account = { ...account, today: 0 };
      const file = files[n] as typeof files[number];
      const [from, to] = [Math.min(w * 4_000, file.bytes - 1), Math.min(w * 4_000 + windowBytes, file.bytes)];
      const fresh = file.seen.fresh(from, to);
      if (fresh > allowanceOf(blocks, { perDay, inAll }, account).left) return;
      expect(file.seen.add(from, to)).toBe(fresh);
      account = { seen: account.seen + fresh, today: account.today + fresh };
      for (const block of blocksTouched(from, to)) truly.add(`${n}.${block}`);
    });
    expect(truly.size).toBe(account.seen);
    expect(truly.size).toBeLessThanOrEqual(Math.ceil((blocks * inAll) / 10_000));
    for (const { seen } of files) expect(new SeenBlocks(seen.bytes).count).toBe(seen.count);
  }), { numRuns: 60 });
});

test('coverage is the same in whatever order and however often a window was seen, and never more than there is', () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(30), fc.boolean()), { maxLength: 80 }), (picked) => {
    const contents = Array.from({ length: 4 }, (_, i) => Buffer.from(`line ${i} ${'x'.repeat(i * 40)}\n`.repeat(900)));
    const layouts = contents.map((bytes) => layOut(bytes));
    const tree = contents.map((bytes, i) => ({ path: `a/${i % 2}/f${i}.c`, digest: `d${i}`, bytes: bytes.length, lines: 900 }));
    const views = picked.flatMap(([file, n, old]) => {
      const window = windowAt(layouts[file] as (typeof layouts)[number], contents[file] as Buffer, n);
      if (!window) return [];
      const { from, to, ends } = window;
      return [{ digest: `d${file}`, from, to, ends, release: old ? 'r1' : 'r2', at: '2026-01-01T00:00:00Z' }];
    });
    const covered = coverageOf(tree, views, { release: 'r2', carriedFrom: '2025-01-01T00:00:00Z' });
    expect(coverageOf(tree, [...views, ...views].reverse(), { release: 'r2', carriedFrom: '2025-01-01T00:00:00Z' })).toEqual(covered);
    for (const f of covered) {
      expect(f.seen.bytes).toBeLessThanOrEqual(f.bytes);
      expect(f.seen.lines).toBeLessThanOrEqual(900);
      expect(f.carried.bytes).toBeLessThanOrEqual(f.seen.bytes);
      if (f.seen.bytes === f.bytes) expect(f.seen.lines).toBe(900);
    }
    const own = coverageOf(tree, views, { release: 'r2', carriedFrom: null });
    expect(sumOf(own).seen.bytes).toBe(sumOf(covered).seen.bytes - sumOf(covered).carried.bytes);
    expect(foldersOf(covered).get('')).toEqual(sumOf(covered));
  }), { numRuns: 60 });
});
