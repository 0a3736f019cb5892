/** On which side of the programme the reader stands; pages and queue differ by it where rights alone do not tell. */
import type { Reader } from '#ui/reader';

/** Vendors and centres take in and give; everyone else is looked after. */
export function sideOf(reader: Reader): 'centre' | 'constituent' {
  return ['national-centre', 'authority', 'vendor'].includes(reader.organisationKind ?? '') ? 'centre' : 'constituent';
}
