import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { debOf, gzipOf } from '#kit/compare/testing';
import { restating, revisionsIn, revisionsToTry, statedTime } from './toolchain.ts';

const entry = (version: string, at: string): string =>
  `gcc-12 (${version}) unstable; urgency=medium\n\n  * Update. (Closes: #1).\n\n -- A Maintainer <a@example.org>  ${at}\n\n`;
const changelog = [
  entry('12.2.0-14+deb12u1', 'Mon, 07 Apr 2025 13:26:17 +0200'), entry('12.2.0-14', 'Sun, 08 Jan 2023 10:12:42 +0100'),
  entry('12.2.0-13', 'Mon, 02 Jan 2023 22:28:39 +0100'), entry('12.2.0-12', 'Sat, 31 Dec 2022 12:30:21 +0100'),
  entry('12.2.0-11', 'Mon, 26 Dec 2022 16:39:09 +0100'), entry('12.2.0-10', 'Sun, 11 Dec 2022 18:52:56 +0100'),
  entry('12.1.0-8', 'Thu, 28 Jul 2022 10:00:00 +0200'),
].join('');
const revisions = revisionsIn(changelog);
const tried = (at: string | null): string[] => revisionsToTry(revisions, at).map((f) => f.value.slice(4));

describe('revisions of a compiler', () => {
  test('are read from its changelog, the newest first', () => {
    expect(revisions.map((r) => r.version)).toEqual(['12.2.0-14+deb12u1', '12.2.0-14', '12.2.0-13', '12.2.0-12', '12.2.0-11', '12.2.0-10', '12.1.0-8']);
    expect(revisions[0]?.at).toBe('2025-04-07T11:26:17.000Z');
  });
  test('are none in what is no changelog, and an entry that breaks off is none', () => {
    expect(revisionsIn('')).toEqual([]);
    expect(revisionsIn('gcc-12 (12.2.0-14) unstable; urgency=medium\n\n  * Never ends.\n')).toEqual([]);
    expect(revisionsIn('gcc-12 (12.2.0-14) unstable; urgency=medium\n -- A <a@b>  yesterday\n')).toEqual([]);
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => { expect(revisionsIn(text).length).toBeLessThanOrEqual(text.length); }));
  });
  test('are tried from the day that a file states: that day’s, the next newer, then older ones', () => {
    expect(tried('2022-12-28T00:00:00Z')).toEqual(['12.2.0-11', '12.2.0-12', '12.2.0-10', '12.2.0-13']);
    expect(tried('2025-02-08T12:00:00Z')[0]).toBe('12.2.0-14');
    expect(tried('2020-01-01T00:00:00Z')[0]).toBe('12.2.0-10');
    expect(tried(null)).toEqual(['12.2.0-14', '12.2.0-13', '12.2.0-12', '12.2.0-11']);
  });
  test('of another upstream version are never tried, nor the one that is here', () => {
    expect(tried('2022-08-01T00:00:00Z')).not.toContain('12.1.0-8');
    expect(tried(null)).not.toContain('12.2.0-14+deb12u1');
    expect(revisionsToTry([], null)).toEqual([]);
    expect(revisionsToTry([{ version: '12', at: '2025-01-01T00:00:00Z' }], null)).toEqual([]);
  });
  test('each time, the ranking loses none within its bound', () => {
    fc.assert(fc.property(fc.date({ min: new Date('2022-01-01'), max: new Date('2026-01-01'), noInvalidDate: true }), (at) => {
      const found = tried(at.toISOString());
      expect(new Set(found).size).toBe(4);
    }));
  });
});

describe('a package', () => {
  test('states when it was made', () => {
    expect(statedTime(debOf([], { pack: (b) => gzipOf(b, 0), suffix: 'gz', time: 1_672_068_600 }))).toBe('2022-12-26T15:30:00.000Z');
    expect(statedTime(debOf([], { pack: (b) => gzipOf(b, 0), suffix: 'gz', time: 0 }))).toBeNull();
    expect(statedTime(Buffer.from('!<arch>\ndebian-binary   '))).toBeNull();
    expect(statedTime(Buffer.from('no package'))).toBeNull();
  });
});

describe('another stated revision', () => {
  test('is put in by words that name it, and only of its upstream version', () => {
    const found = restating('gcc 12.2.0-14', '/tmp/build');
    expect(found?.environment['COMPILER_PATH']).toBe('/tmp/build/tools');
    expect(found?.environment['ENTENTE_RESTATED']).toBe('s/GCC: (\\([A-Za-z]*\\) 12\\.2\\.0-[^)]*)/GCC: (\\1 12.2.0-14)/g');
  });
  test.each(['gcc', 'gcc 12', 'clang 14.0.6-1', 'gcc 12.2.0-14/g;e id', 'gcc 12.2.0-1\n4', 'gcc 12/2-1', 'gcc 12.2.0-1&'])('%j is none', (value) =>
    expect(restating(value, '/tmp/build')).toBeNull());
});
