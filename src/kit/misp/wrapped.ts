/**
 * Objects of STIX that MISP has no place for travel within MISP as they are: as text in an object named `stix-object`, or of a cluster, in
 * what is said of it. Coming back they are taken only if they are what STIX wants, and nothing of the event.
 */
import { canonicalText } from '#kit/canonical/canonical';
import { check } from '#kit/stix/check';
import { own, isStixObject, type StixObject } from '#kit/stix/object';
import { definitionsIn, levelOf } from '#kit/stix/marking';
import { tlp2Markings, tlpOfId, withinTlp, type TlpLevel } from '#kit/stix/tlp';
import type { Cluster, MispObject } from './model.ts';

export const wrapper = 'stix-object';
export const wrappedMeta = 'stix-object';

function parsed(text: string | undefined): StixObject | null {
  if (text === undefined || text.length > 1_048_576) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isStixObject(value) && own(value, 'type') !== 'bundle' && own(value, 'spec_version') !== '2.0' && check(value).valid
      && tlpOfId(String(own(value, 'id'))) === null ? value : null;
  } catch {
    return null;
  }
}

/** The object of STIX that an object or cluster of MISP is, or null. */
export function stixObjectIn(holder: MispObject | Cluster): StixObject | null {
  if ('meta' in holder) return Object.hasOwn(holder.meta, wrappedMeta) ? parsed(holder.meta[wrappedMeta]?.[0]) : null;
  if (holder.name !== wrapper || holder.deleted || holder.attributes.length !== 1) return null;
  return parsed(holder.attributes.find((attribute) => attribute.relation === 'object')?.value);
}

export function wrappedText(object: StixObject): string | null {
  try {
    const text = canonicalText(object);
    return text.length <= 65_536 && parsed(text) !== null ? text : null;
  } catch {
    return null;
  }
}

/** An object with a level added where its own is not as narrow. */
export function markedAs(object: StixObject, level: TlpLevel | null): StixObject {
  const own = levelOf(object, definitionsIn([])).level;
  if (level === null || (own !== null && withinTlp(level, own))) return object;
  const refs = Array.isArray(object['object_marking_refs']) ? (object['object_marking_refs'] as unknown[]) : [];
  return { ...object, object_marking_refs: [...refs, tlp2Markings[level]['id']] };
}
