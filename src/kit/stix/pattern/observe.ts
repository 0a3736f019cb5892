/** What was observed, as patterns see it: observed-data with their objects, by the container of 2.0 or by references (STIX 2.1, 4.14 and 9.7.4). */
import { isStixObject, own, type StixObject } from '../object.ts';
import { parseTime } from '../time.ts';
import type { ObjectPath } from './ast.ts';

export interface Observation {
  /** Microseconds since 1970; when in between it happened nobody knows. */
  readonly first: bigint;
  readonly last: bigint;
  /** How many times: as many different observations it stands for. */
  readonly count: number;
  /** By the name that references use. */
  readonly objects: ReadonlyMap<string, StixObject>;
}

/** Reads an observed-data object; null where it has no time or no count. Only objects that it lists are seen, whatever else is known. */
export function observationOf(observed: StixObject, find: (id: string) => StixObject | undefined = () => undefined): Observation | null {
  const [first, last, count] = [parseTime(own(observed, 'first_observed')), parseTime(own(observed, 'last_observed')), own(observed, 'number_observed')];
  if (!first || !last || last.us < first.us || typeof count !== 'number' || !(count >= 1)) return null;
  const objects = new Map<string, StixObject>();
  const [container, refs] = [own(observed, 'objects'), own(observed, 'object_refs')];
  if (isStixObject(container)) for (const [key, object] of Object.entries(container)) if (isStixObject(object)) objects.set(key, object);
  for (const ref of Array.isArray(refs) ? refs : []) {
    const object = typeof ref === 'string' ? find(ref) : undefined;
    if (object) objects.set(String(ref), object);
  }
  return { first: first.us, last: last.us, count: Math.floor(count), objects };
}

export interface Reached {
  /** Last name on the way: it says whether a text is bytes. */
  readonly name: string;
  readonly value: unknown;
}

/** More values than this a path does not reach: `[*]` of lists of lists of references is cut off. */
const mostValues = 10_000;

/** All values that a path leads to from one object; references are followed within the observation. */
export function reach(observation: Observation, root: StixObject, path: ObjectPath): readonly Reached[] {
  if (own(root, 'type') !== path.type) return [];
  let reached: Reached[] = [{ name: '', value: root }];
  for (const step of path.steps) {
    const next: Reached[] = [];
    for (const { name, value } of reached) {
      if (next.length >= mostValues) break;
      // A name behind a reference is one of the object that is referred to.
      const target = step.is === 'key' && typeof value === 'string' && /_refs?$/.test(name) ? observation.objects.get(value) : value;
      if (step.is === 'key') {
        if (isStixObject(target) && Object.hasOwn(target, step.name)) next.push({ name: step.name, value: target[step.name] });
      } else if (Array.isArray(target)) {
        for (const item of step.is === 'any' ? target.slice(0, mostValues) : target.slice(step.at, step.at + 1)) next.push({ name,
          value: item as unknown });
      }
    }
    reached = next;
  }
  return reached;
}
