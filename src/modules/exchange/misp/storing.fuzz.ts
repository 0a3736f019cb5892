/** F117 at its root: an event kept as objects of STIX reads back as it was, or the difference is listed; and nothing of it is wider than it says. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MispEvent } from '#kit/misp/model';
import { event } from '#kit/misp/testing';
import { take } from '#kit/misp/take';
import { eventJson } from '#kit/misp/write';
import { definitionsIn, levelOf } from '#kit/stix/marking';
import { withinTlp, type TlpLevel } from '#kit/stix/tlp';
import { kindOf } from '#kit/stix/types/names';
import { offerOf } from '../actions/offers.ts';
import { asSaid } from './events.ts';
import { isForFew, orgUuid, storedOf, takenApart } from './storing.ts';

const keeping = { us: orgUuid('org_hub'), unmarked: 'AMBER+STRICT' } as const;
const sorted = <T extends { readonly uuid: string }>(all: readonly T[]): T[] => [...all].sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
const parts = (e: MispEvent): unknown => ({
  ...e, attributes: sorted(e.attributes.map((a) => ({ ...a, sightings: sorted(a.sightings), galaxies: sorted(a.galaxies) }))),
  objects: sorted(e.objects.map((o) => ({ ...o, references: sorted(o.references) }))), reports: sorted(e.reports), galaxies: sorted(e.galaxies),
});

test('what is kept of an event reads back as it was, unless its losses say otherwise', () => {
  let whole = 0;
  fc.assert(fc.property(event, (one) => {
    const { objects, losses } = storedOf(one, keeping);
    if (losses.length > 0) return;
    whole += 1;
    const [container] = objects.filter((o) => o['type'] === 'report' || o['type'] === 'grouping');
    const [back] = take(objects);
    expect(back && container && parts(asSaid(back, container, objects))).toEqual(parts(one));
  }), { numRuns: 100 });
  expect(whole).toBeGreaterThan(85);
});

test('what is held back is marked for the own organisation, every object of it is taken in, and each id says one thing', () => {
  const seen = new Map<string, string>();
  fc.assert(fc.property(event, fc.boolean(), (any, published) => {
    // A draft and what was published of it hold the same clusters.
    const one = { ...any, published };
    const { objects } = [{ ...one, published: !published }, one].map((e) => storedOf(e, keeping)).reduce((a,
      b) => ({ ...b, objects: [...a.objects, ...b.objects] }));
    for (const object of objects) {
      const level: TlpLevel | null = levelOf(object, definitionsIn([])).level;
      const few = isForFew(one.distribution) || isForFew(Number(object['x_misp_distribution'] ?? 5));
      if (few && object['type'] !== 'identity') expect(level !== null && withinTlp('amber+strict', level)).toBe(true);
      const read = offerOf(object, JSON.stringify(object), { definitions: () => undefined, unmarked: keeping.unmarked, receivedUs: 1 });
      expect('offer' in read).toBe(true);
      // What has no versions, and what everybody knows, says one thing by one id, whichever event it came in.
      if (kindOf(String(object['type'])) !== 'sco' && object['x_misp_galaxy'] === undefined) continue;
      const before = seen.get(String(object['id']));
      if (before !== undefined) expect(JSON.stringify(object)).toBe(before);
      seen.set(String(object['id']), JSON.stringify(object));
    }
  }), { numRuns: 100 });
});

test('any JSON is taken apart without a throw', () => {
  fc.assert(fc.property(fc.oneof(fc.jsonValue(), event.map((e) => ({ Event: eventJson(e) })), fc.record({ Event: fc.jsonValue() }),
    fc.record({ Event: fc.record({ info: fc.jsonValue(), Attribute: fc.array(fc.jsonValue()), Object: fc.jsonValue(), Tag: fc.jsonValue() }) })), (value) => {
    const { pieces, losses, events } = takenApart(value, keeping);
    expect(losses.length + events).toBeGreaterThan(0);
    for (const piece of pieces) expect(JSON.parse(piece.body)).toEqual(piece.value);
  }), { numRuns: 200 });
});
