import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ColumnIdentity, identityHead, LongNumber, ObjectIdentity, parseRow } from './identity.ts';
import { secondsOf } from './time.ts';

const hex = (write: (out: Uint8Array) => void): string => {
  const out = new Uint8Array(16);
  write(out);
  return Buffer.from(out).toString('hex');
};
const ofColumns = (names: string[], values: string[], head = identityHead('f', 't')): string =>
  hex((out) => new ColumnIdentity(head, names).of(values, out));
const ofObject = (row: Record<string, unknown>, head = identityHead('f', 't')): string => hex((out) => new ObjectIdentity(head).of(row, out));

describe('identity', () => {
  it('has a fixed vector, so that a change of format is seen', () => {
    expect(ofColumns(['ip', 'timestamp'], ['192.0.2.1', '2026-01-01 00:00:00'])).toBe('035679bfbafb14731d202072adf6dcdd');
    expect(ofObject({ a: 1, b: ['x', null, true], c: { z: 1.5, y: 'é' } })).toBe('d75dae76dca2ef8f3cd26bfc01c3b64c');
  });

  it('does not depend on the order of columns or keys', () => {
    fc.assert(fc.property(fc.dictionary(fc.string({ maxLength: 6 }), fc.string({ maxLength: 8 }), { minKeys: 1, maxKeys: 6 }), (row) => {
      const entries = Object.entries(row);
      const back = [...entries].reverse();
      expect(ofColumns(back.map(([k]) => k), back.map(([, v]) => v))).toBe(ofColumns(entries.map(([k]) => k), entries.map(([, v]) => v)));
      expect(ofObject(Object.fromEntries(back))).toBe(ofObject(row));
    }), { numRuns: 200 });
  });

  it('differs where a name, a value, its kind, the feed or the type differs', () => {
    const all = [
      ofColumns(['a'], ['1']), ofColumns(['a'], ['2']), ofColumns(['b'], ['1']), ofColumns(['a', 'b'], ['1', '']), ofColumns(['a'], ['']),
      ofColumns(['a'], ['1'], identityHead('g', 't')), ofColumns(['a'], ['1'], identityHead('f', 'u')),
        ofColumns(['a'], ['1'], identityHead('f1:', 't')),
      ofObject({ a: 1 }), ofObject({ a: true }), ofObject({ a: [1] }), ofObject({ a: { b: 1 } }), ofObject({ a: null }), ofObject({}),
    ];
    expect(new Set(all).size).toBe(all.length);
    // Strings are strings wherever they come from.
    expect(ofObject({ a: '1' })).toBe(ofColumns(['a'], ['1']));
  });

  it('tells rows apart that differ in the last digit of a long number', () => {
    const one = parseRow('{"t":131608131600000001,"s":":131608131600000001,","x":[-1234567890123456789]}') as Record<string, unknown>;
    const two = parseRow('{"t":131608131600000002,"s":":131608131600000001,","x":[-1234567890123456789]}') as Record<string, unknown>;
    expect(one['t']).toEqual(new LongNumber('131608131600000001'));
    expect(one['s']).toBe(':131608131600000001,');
    expect(ofObject(one)).not.toBe(ofObject(two));
    const again = '{"x":[-1234567890123456789], "s":":131608131600000001,","t":131608131600000001}';
    expect(ofObject(parseRow(again) as Record<string, unknown>)).toBe(ofObject(one));
  });

  it('refuses rows nested too deep', () => {
    expect(() => ofObject({ a: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) as unknown })).toThrow(RangeError);
  });
});

describe('times', () => {
  it('are read in every form that feeds use', () => {
    const at = Date.parse('2026-06-10T07:08:09Z') / 1000;
    for (const text of [
      '2026-06-10 07:08:09', '2026-06-10T07:08:09Z', '2026-06-10T07:08:09', '2026-06-10T07:08:09.987Z', '2026-06-10T14:08:09+07:00',
      '2026-06-10 02:08:09-0500', '06/10/2026 07:08:09', '06/10/2026 07:08:09 AM', '2026-06-10 07:08:09 UTC',
        String(at), at, at * 1000, (at + 11_644_473_600) * 1e7,
    ]) expect([text, secondsOf(text)]).toEqual([text, at]);
    expect(secondsOf('2026-06-10')).toBe(Date.parse('2026-06-10') / 1000);
    expect(secondsOf('06/10/2026 12:00:00 AM')).toBe(Date.parse('2026-06-10') / 1000);
  });
  it('that are none are none', () => {
    for (const text of ['', 'soon', '2026-13-01 00:00:00', '2026-02-29 00:00:00', '2026-06-10 24:00:00',
      '2026-06-10T07:08:0', '-5', {}, null, true, Number.NaN]) expect([text, secondsOf(text)]).toEqual([text, null]);
  });
  it('agree with the runtime on any second', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 4_102_444_800 }),
      (seconds) => secondsOf(new Date(seconds * 1000).toISOString().slice(0, 19)) === seconds));
  });
});
