/**
 * What a TAXII 2.1 request asks for (3.4, 3.5): each parameter once, each in its own form, anything else a 400 that names it. Pure.
 */
import { parseTime, type StixTime } from '#kit/stix/time';
import { Refusal } from '#kit/refusal';
import { parseId } from '#kit/stix/id';

export interface VersionFilter {
  readonly all: boolean;
  readonly last: boolean;
  readonly first: boolean;
  readonly moments: readonly Pick<StixTime, 'us' | 'rest'>[];
}

export interface Filters {
  /** Entries after this moment, in µs; null from the beginning. */
  readonly addedAfter: number | null;
  readonly limit: number | null;
  readonly next: string | null;
  readonly ids: readonly string[] | null;
  readonly types: readonly string[] | null;
  readonly specs: readonly number[] | null;
  readonly versions: VersionFilter;
}

/** Parameters that an endpoint knows, by its name in the standard. */
export const paramsOf = {
  objects: ['added_after', 'limit', 'next', 'match[id]', 'match[type]', 'match[version]', 'match[spec_version]'],
  object: ['added_after', 'limit', 'next', 'match[version]', 'match[spec_version]'],
  versions: ['added_after', 'limit', 'next', 'match[spec_version]'],
  remove: ['match[version]', 'match[spec_version]'],
} as const;

const refuse = (at: string, sentence: string): Refusal => new Refusal('invalid', 'taxii.parameter', sentence, { at });

/** A list of values that a filter accepts: comma is or. As many as one address may carry. */
const mostValues = 1_000;

export function filtersOf(params: URLSearchParams, known: readonly string[]): Filters {
  const one = (name: string): string | null => {
    if (!known.includes(name)) return null;
    const values = params.getAll(name);
    if (values.length > 1) throw refuse(name, `The parameter ${name} is given more than once.`);
    return values[0] ?? null;
  };
  const list = (name: string): string[] | null => {
    const value = one(name);
    if (value === null) return null;
    const values = value.split(',');
    if (values.some((v) => v === '')) throw refuse(name, `The parameter ${name} has an empty value.`);
    if (values.length > mostValues) throw refuse(name, `The parameter ${name} has more than ${mostValues} values.`);
    return [...new Set(values)];
  };
  const ids = list('match[id]');
  const wrong = ids?.find((id) => parseId(id) === null);
  if (wrong !== undefined) throw refuse('match[id]', `${wrong.slice(0, 80)} is no STIX identifier.`);
  return {
    addedAfter: momentOf(one('added_after'), 'added_after'), limit: limitOf(one('limit')), next: one('next'), ids,
    types: list('match[type]'), specs: specsOf(list('match[spec_version]')), versions: versionsOf(list('match[version]'), one('match[version]')),
  };
}

function momentOf(value: string | null, at: string): number | null {
  if (value === null) return null;
  const time = parseTime(value);
  if (time === null) throw refuse(at, `The parameter ${at} is no moment as RFC 3339 writes it in UTC.`);
  // What lies beyond a microsecond is after it still, and before the next.
  return Number(time.us);
}

function limitOf(value: string | null): number | null {
  if (value === null) return null;
  if (!/^\d{1,15}$/.test(value) || Number(value) < 1) throw refuse('limit', 'The parameter limit is a whole number above zero.');
  return Number(value);
}

function specsOf(values: readonly string[] | null): number[] | null {
  if (values === null) return null;
  return values.map((value) => {
    if (!/^\d\.\d$/.test(value)) throw refuse('match[spec_version]', `${value.slice(0, 20)} is no version of STIX.`);
    return Number(value.replace('.', ''));
  });
}

function versionsOf(values: readonly string[] | null, given: string | null): VersionFilter {
  if (values === null) return { all: false, last: true, first: false, moments: [] };
  const at = 'match[version]';
  if ((given ?? '').split(',').length !== values.length) throw refuse(at, 'A version is asked for more than once.');
  if (values.includes('all')) {
    if (values.length > 1) throw refuse(at, 'The version `all` stands alone.');
    return { all: true, last: false, first: false, moments: [] };
  }
  const moments = values.filter((v) => v !== 'last' && v !== 'first').map((value) => {
    const time = parseTime(value);
    if (time === null) throw refuse(at, `${value.slice(0, 80)} is neither last, first, all nor a moment.`);
    return { us: time.us, rest: time.rest };
  });
  return { all: false, last: values.includes('last'), first: values.includes('first'), moments };
}
