/** What a STIX object says of who saw what: a sighting; and the opinion or note that MISP's false positives and expiries travel as. Pure. */
import { own, type StixObject } from '#kit/stix/object';
import { parseTime } from '#kit/stix/time';

export interface Saying {
  /** The object that was seen. */
  readonly of: string;
  /** The attribute of MISP within it. */
  readonly part: string;
  readonly kind: 0 | 1 | 2;
  readonly atUs: bigint;
  readonly n: number;
  readonly source: string;
}

const textIn = (object: StixObject, name: string): string => {
  const value = own(object, name);
  return typeof value === 'string' ? value : '';
};

/** Null where it says nothing of that kind, or is taken back. */
export function sightingIn(object: StixObject): Saying | null {
  const type = textIn(object, 'type');
  if (own(object, 'revoked') === true) return null;
  const [source, part] = [textIn(object, 'x_misp_source').slice(0, 300), textIn(object, 'x_misp_of').slice(0, 100)];
  if (type === 'sighting') {
    const at = parseTime(own(object, 'last_seen')) ?? parseTime(own(object, 'first_seen')) ?? parseTime(own(object, 'created'));
    const count = own(object, 'count');
    const n = typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= 999_999_999 ? count : 1;
    return at && n > 0 ? { of: textIn(object, 'sighting_of_ref'), part, kind: 0, atUs: at.us, n, source } : null;
  }
  const seconds = textIn(object, 'x_misp_date_sighting');
  if ((type !== 'opinion' && type !== 'note') || !/^\d{1,12}$/.test(seconds)) return null;
  const refs = own(object, 'object_refs');
  const [of] = Array.isArray(refs) ? refs as unknown[] : [];
  return typeof of === 'string' ? { of, part, kind: type === 'opinion' ? 1 : 2, atUs: BigInt(seconds) * 1_000_000n, n: 1, source } : null;
}
