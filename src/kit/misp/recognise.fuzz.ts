import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beginsAsMisp } from './recognise.ts';
import { event } from './testing.ts';
import { stixBundle } from '../stix/testing.ts';
import { eventJson } from './write.ts';

test('every event is told from every bundle, in each form they come in, and nothing throws', () => {
  fc.assert(fc.property(event, fc.constantFrom(0, 2), (one, indent) => {
    for (const value of [eventJson(one), { Event: eventJson(one) }, [{ Event: eventJson(one) }], { response: [{ Event: eventJson(one) }] }]) {
      expect(beginsAsMisp(JSON.stringify(value, null, indent))).toBe(true);
    }
  }), { numRuns: 30 });
  fc.assert(fc.property(stixBundle, (bundle) => {
    expect(beginsAsMisp(JSON.stringify(bundle))).toBe(false);
    for (const object of bundle['objects'] as object[]) expect(beginsAsMisp(JSON.stringify(object))).toBe(false);
  }), { numRuns: 30 });
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.stringMatching(/^[[\]{}":,\\Event]*$/)), (text) => {
    expect(typeof beginsAsMisp(text)).toBe('boolean');
  }), { numRuns: 300 });
});
