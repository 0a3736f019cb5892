/** Objects of STIX 2.1 (and what 2.0 has in common with it) as events of MISP, with what is lost on the way: measured by making them anew. */
import { compareVersions } from '#kit/stix/version';
import { isStixObject, own, versionOf, type StixObject } from '#kit/stix/object';
import { stixLosses } from './loss.ts';
import { Making } from './make.ts';
import type { Loss, MispEvent } from './model.ts';
import { take } from './take.ts';

export interface FromStix {
  readonly events: readonly MispEvent[];
  /** Paths are those of a bundle: `/objects/3/confidence`. What is added on the way is told too. */
  readonly losses: readonly Loss[];
}

/** The last version of each object, in the order in which ids come. */
function latest(objects: readonly unknown[]): StixObject[] {
  const found = new Map<string, StixObject>();
  for (const object of objects) {
    const version = versionOf(object);
    if (!version || !isStixObject(object)) continue;
    const known = found.get(version.id);
    if (!known || compareVersions(versionOf(known)?.version ?? null, version.version) < 0) found.set(version.id, object);
  }
  return [...found.values()];
}

/** Takes a bundle, or a list of objects. Never throws. */
export function fromStix(value: unknown): FromStix {
  const inner = isStixObject(value) ? own(value, 'objects') : value;
  const given: readonly unknown[] = Array.isArray(inner) ? inner : [];
  const events = take(latest(given));
  const back = new Map<string, StixObject>();
  for (const event of events) for (const [id, object] of new Making(event).objects) if (!back.has(id)) back.set(id, object);
  return { events, losses: stixLosses(given, back) };
}
