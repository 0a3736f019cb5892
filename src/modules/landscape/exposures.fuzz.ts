/** Versions: the key sorts as versions do, whatever they hold, and the events store makes the same key of the same text. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testEvents, type FakeEvents } from '#world/events/fake';
import { affectedCsv, versionKey } from './exposures.ts';
import { versionKeySql } from './exposures-store.ts';

const at: { events?: FakeEvents } = {};
beforeAll(async () => { at.events = await testEvents(); });
afterAll(() => at.events?.close());

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }), fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc.stringMatching(/^[vV]?[0-9]{1,3}([.0]{1,3}[0-9]{0,30}){0,6}[-_+ a-zA-Z0-9.]{0,30}$/),
  fc.constantFrom('1.0', '1.0.0-rc1', 'V2.4', 'K1', '٣.1', '1.00.5', '0', '0.0', '\\1$2', 'İ1.2'),
);

describe('the key of a version', () => {
  test('sorts as people expect', () => {
    const ordered = ['0.9', '1.0-alpha', '1.0-rc1', '1.0-rc2', '1.0', '1.0.2', '1.0.2k', '1.0.2zg', '1.0.10', '1.2', '2.4.49', '2.4.51', '9.3', '9.3p1',
      '9.3p2', '9.10', '10.0', '15.2(4)E8', '20230101', '99999999999999999999'];
    for (const [i, low] of ordered.entries()) {
      for (const high of ordered.slice(i + 1)) expect([low, high, versionKey(low) < versionKey(high)]).toEqual([low, high, true]);
    }
    for (const [x, y] of [['1', '1.0.0'], ['v1.2', '1.2'], ['1.02', '1.2'], ['RC 1.0-RC1', '1.0.0-rc1'], ['OpenSSH 8.2p1', '8.2P1']] as const) {
      expect([x, versionKey(x)]).toEqual([x, versionKey(y)]);
    }
    for (const none of ['', 'unknown', '…']) expect(versionKey(none)).toBe('');
  });
  test('orders dotted numbers as numbers', () => {
    const dotted = fc.array(fc.bigInt({ min: 0n, max: 10n ** 9n }), { minLength: 1, maxLength: 5 });
    fc.assert(fc.property(dotted, dotted, (x, y) => {
      const [a, b] = [versionKey(x.join('.')), versionKey(y.join('.'))];
      const at = [...Array(5).keys()].find((i) => (x[i] ?? 0n) !== (y[i] ?? 0n));
      expect(Math.sign(a < b ? -1 : a > b ? 1 : 0)).toBe(at === undefined ? 0 : (x[at] ?? 0n) < (y[at] ?? 0n) ? -1 : 1);
    }));
  });
  test('is the same in the events store', async () => {
    await fc.assert(fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 60 }), async (texts) => {
      const clean = texts.filter((t) => Buffer.from(t, 'utf8').toString('utf8') === t && !t.includes('\0'));
      const rows = await at.events?.query({
        query: `SELECT ${versionKeySql('v')} AS k FROM (SELECT arrayJoin({texts:Array(String)}) AS v)`, query_params: { texts: clean },
      });
      expect((await rows?.json<{ k: string }>())?.map((r) => r.k)).toEqual(clean.map(versionKey));
    }), { numRuns: 30 });
  });
});

test('a table runs nothing in a spreadsheet and keeps its columns, whatever a banner said', () => {
  const text = fc.oneof(fc.constantFrom('=1+1', '-x', '@a', '"', 'a,b', 'a\r\nb', '+1'), fc.string({ maxLength: 20 }));
  fc.assert(fc.property(text, text, (product, version) => {
    const csv = affectedCsv([{
      asset: '192.0.2.1', port: 22, owner: null, ownerName: null, state: false, product, version, first: 'f', last: 'l', rows: 1,
    }]);
    const [, row = ''] = /^[^\r]*\r\n([\s\S]*)\r\n$/.exec(csv) ?? [];
    const cells = [...row.matchAll(/"((?:[^"]|"")*)"(?:,|$)|([^",]*)(?:,|$)/g)].slice(0, 9).map((m) => m[1]?.replaceAll('""', '"') ?? m[2] ?? '');
    expect(cells).toHaveLength(9);
    for (const [cell, said] of [[cells[4], product], [cells[5], version]]) {
      expect([said, `'${said}`]).toContain(cell);
      expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    }
  }));
});
