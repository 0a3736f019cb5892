/** What deliveries say of who saw what, counted as it is taken in: by the organisation that brings it, in the delivery's own transaction. */
import { isStixObject } from '#kit/stix/object';
import type { Queryable } from '#world/db/port';
import type { Offer } from '../rules/versions.ts';
import { sightingIn, type Saying } from '../rules/sighting.ts';
import type { SourceRecord } from '../store/collections.ts';
import { numbersOf } from '../store/misp.ts';
import { addSightings, type Sighted } from '../store/sightings.ts';

export interface Bringing { readonly scope: string; readonly source: SourceRecord; readonly by: string; readonly nowUs: number }

const types: ReadonlySet<string> = new Set(['sighting', 'opinion', 'note']);

export async function countSightings(tx: Queryable, { scope, source, by, nowUs }: Bringing, accepted: readonly Offer[]): Promise<void> {
  const said = accepted.filter((offer) => types.has(offer.type)).flatMap((offer): (Saying & { readonly id: string })[] => {
    const body: unknown = JSON.parse(offer.body);
    const saying = isStixObject(body) ? sightingIn(body) : null;
    return saying && saying.of.length <= 300 ? [{ ...saying, id: offer.id.slice(offer.id.indexOf('--') + 2) }] : [];
  });
  if (said.length === 0) return;
  const numbers = await numbersOf(tx, scope, [...new Set(said.map((s) => s.of))]);
  const reporter = source.org ?? source.id;
  await addSightings(tx, said.flatMap((s): Sighted[] => {
    const obj = numbers.get(s.of);
    return obj === undefined ? [] : [{ id: s.id, scope: reporter, holder: scope, obj, part: s.part, kind: s.kind, atUs: s.atUs, source: s.source, n: s.n, by }];
  }), nowUs);
}
