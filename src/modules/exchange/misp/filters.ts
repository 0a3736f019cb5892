/**
 * What a search of MISP asks for (restSearch and its kin): each parameter in its own form. A filter that the exchange cannot apply is a
 * 400 that names it, since a filter that is ignored answers more than was asked. Pure.
 */
import { isStixObject, own, type StixObject } from '#kit/stix/object';
import { parseTime } from '#kit/stix/time';
import { Refusal } from '#kit/refusal';

/** Any of some, all of others, none of the rest. `%` stands for any text. */
export interface Terms {
  readonly any: readonly string[];
  readonly all: readonly string[];
  readonly not: readonly string[];
}
/** Seconds since 1970, both ends included. */
export interface Span { readonly from: number; readonly to: number }

export interface Filters {
  readonly value: Terms | null;
  readonly type: Terms | null;
  readonly category: Terms | null;
  readonly tags: Terms | null;
  readonly eventTags: Terms | null;
  readonly org: Terms | null;
  readonly uuid: Terms | null;
  readonly eventid: Terms | null;
  readonly eventinfo: Terms | null;
  readonly objectName: Terms | null;
  readonly anywhere: Terms | null;
  readonly threatLevel: Terms | null;
  readonly analysis: Terms | null;
  readonly distribution: Terms | null;
  /** Of the event: days, or moments of its last change. */
  readonly date: { readonly from: string | null; readonly to: string | null };
  readonly timestamp: Span | null;
  readonly eventTimestamp: Span | null;
  readonly published: Span | null;
  readonly isPublished: boolean | null;
  readonly toIds: boolean | null;
  readonly deleted: 'no' | 'only' | 'too';
  readonly enforceWarninglist: boolean;
  readonly metadata: boolean;
  readonly withAttachments: boolean;
  readonly context: boolean;
  readonly eventTagsToo: boolean;
  readonly sightings: boolean;
  readonly minimal: boolean;
  readonly page: number;
  readonly limit: number | null;
}

const refuse = (at: string, sentence: string, hint?: string): Refusal => new Refusal('invalid', 'misp.parameter', sentence, { at, ...(hint ? { hint } : {}) });
const mostTerms = 10_000;

/** Parameters that are no filters, or whose only value is the one that changes nothing. */
const still: readonly string[] = [
  'returnFormat', 'includeEventUuid', 'includeCorrelations', 'includeDecayScore', 'excludeDecayed', 'sgReferenceOnly', 'sharinggroup', 'requested_attributes',
  'headerless', 'includeWarninglistHits', 'includeFullModel', 'decayingModel', 'score', 'noSightings', 'extended', 'sort', 'desc', 'hasproposal', 'email',
  'first_seen', 'last_seen', 'allow_proposal_blocking', 'scope', 'direction', 'id', 'context', 'source', 'attribute_timestamp', 'threat_level', 'event_uuid',
];
/** Of these only what asks for nothing is taken: the rest cannot be held. */
const unheld: readonly string[] = [
  'includeCorrelations', 'includeDecayScore', 'excludeDecayed', 'sharinggroup', 'includeFullModel', 'decayingModel', 'score', 'hasproposal', 'email',
  'first_seen', 'last_seen', 'attribute_timestamp', 'extended', 'includeWarninglistHits',
];
const known: ReadonlySet<string> = new Set([...still,
  'value', 'type', 'category', 'tags', 'tag', 'event_tags', 'org', 'uuid', 'eventid', 'event_id', 'eventinfo', 'object_name', 'quickFilter', 'searchall', 'all',
  'attribute', 'threat_level_id', 'threatlevel', 'analysis', 'distribution', 'from', 'to', 'date', 'datefrom', 'dateuntil', 'timestamp', 'event_timestamp',
  'publish_timestamp', 'last', 'published', 'to_ids', 'deleted', 'enforceWarninglist', 'metadata', 'withAttachments', 'includeContext', 'includeEventTags',
  'includeSightings', 'minimal', 'page', 'limit',
]);

const isNothing = (value: unknown): boolean => value === undefined || value === null || value === '' || value === false || value === 0 || value === '0'
  || (Array.isArray(value) && value.length === 0);

export function filtersOf(json: unknown, now: number): Filters {
  const asked: StixObject = isStixObject(json) && isStixObject(own(json, 'request')) ? own(json, 'request') as StixObject : isStixObject(json) ? json : {};
  for (const [name, value] of Object.entries(asked)) {
    if (!known.has(name)) throw refuse(name.slice(0, 80), `The parameter ${name.slice(0, 80)} is none that can be searched by here.`);
    if (unheld.includes(name) && !isNothing(value)) throw refuse(name, `The exchange cannot search by ${name}.`);
  }
  const format = own(asked, 'returnFormat');
  if (format !== undefined && format !== null && format !== 'json') {
    throw refuse('returnFormat', 'Searches of MISP are answered in JSON only.', 'Collections have TAXII, feeds and exports for other forms.');
  }
  const first = (...names: readonly string[]): unknown =>
    names.map((name) => own(asked, name)).find((value) => !isNothing(value) || value === 0 || value === '0');
  const terms = (...names: readonly string[]): Terms | null => termsOf(first(...names), names[0] ?? '');
  const truth = (name: string): boolean => truthOf(own(asked, name), name) ?? false;
  const span = (...names: readonly string[]): Span | null => spanOf(first(...names), names[0] ?? '', now);
  return {
    value: terms('value', 'attribute'), type: terms('type'), category: terms('category'), tags: terms('tags', 'tag'), eventTags: terms('event_tags'),
    org: terms('org'), uuid: terms('uuid'), eventid: terms('eventid', 'event_id'), eventinfo: terms('eventinfo'), objectName: terms('object_name'),
    anywhere: terms('quickFilter', 'searchall', 'all'), threatLevel: terms('threat_level_id', 'threatlevel'), analysis: terms('analysis'),
    distribution: terms('distribution'), date: { from: dayOf(first('from', 'datefrom', 'date'), 'from'), to: dayOf(first('to', 'dateuntil'), 'to') },
    timestamp: span('timestamp'), eventTimestamp: span('event_timestamp'), published: span('publish_timestamp', 'last'),
    isPublished: truthOf(own(asked, 'published'), 'published'), toIds: toIdsOf(own(asked, 'to_ids')), deleted: deletedOf(own(asked, 'deleted')),
    enforceWarninglist: truth('enforceWarninglist'), metadata: truth('metadata'), withAttachments: truth('withAttachments'), context: truth('includeContext'),
    eventTagsToo: truth('includeEventTags'), sightings: truth('includeSightings'), minimal: truth('minimal'),
    page: wholeOf(own(asked, 'page'), 'page') ?? 1, limit: wholeOf(own(asked, 'limit'), 'limit'),
  };
}

function textsOf(value: unknown, at: string): string[] {
  const list = Array.isArray(value) ? value : isNothing(value) && value !== 0 && value !== '0' ? [] : [value];
  if (list.length > mostTerms) throw refuse(at, `The parameter ${at} has more than ${mostTerms} values.`);
  return list.map((item) => {
    if (typeof item === 'string') return item.trim();
    if (typeof item === 'number' && Number.isFinite(item)) return String(item);
    throw refuse(at, `The parameter ${at} is a text, a number, a list of them, or an object with OR, AND and NOT.`);
  }).filter((text) => text !== '');
}

function termsOf(value: unknown, at: string): Terms | null {
  if (value === undefined || value === null) return null;
  if (isStixObject(value)) {
    const wrong = Object.keys(value).find((name) => !['OR', 'AND', 'NOT'].includes(name));
    if (wrong !== undefined) throw refuse(at, `The parameter ${at} has OR, AND and NOT, and nothing else.`);
    return { any: textsOf(own(value, 'OR'), at), all: textsOf(own(value, 'AND'), at), not: textsOf(own(value, 'NOT'), at) };
  }
  const texts = textsOf(typeof value === 'string' && value.includes('&&') ? value.split('&&') : value, at);
  if (texts.length === 0) return null;
  return { any: texts.filter((t) => !t.startsWith('!')), all: [], not: texts.filter((t) => t.startsWith('!')).map((t) => t.slice(1)) };
}

function truthOf(value: unknown, at: string): boolean | null {
  if (value === undefined || value === null || value === '') return null;
  if (value === true || value === 1 || value === '1' || value === 'true') return true;
  if (value === false || value === 0 || value === '0' || value === 'false') return false;
  throw refuse(at, `The parameter ${at} is neither true nor false.`);
}
function toIdsOf(value: unknown): boolean | null {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const said = new Set(list.map((item) => truthOf(item, 'to_ids')).filter((item) => item !== null));
  const [only] = said;
  return said.size === 1 && only !== undefined ? only : null;
}
function deletedOf(value: unknown): Filters['deleted'] {
  if (value === 'only' || value === 2 || value === '2') return 'only';
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const said = new Set(list.map((item) => truthOf(item, 'deleted')));
  return said.has(true) ? (said.has(false) ? 'too' : 'only') : 'no';
}
function wholeOf(value: unknown, at: string): number | null {
  if (value === undefined || value === null || value === '' || (at === 'limit' && (value === 0 || value === '0'))) return null;
  const number = typeof value === 'number' ? value : typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : -1;
  if (!Number.isInteger(number) || number < 1 || number > 1_000_000_000) throw refuse(at, `The parameter ${at} is a whole number above zero.`);
  return number;
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
/** Seconds since 1970: a number, `5d` for five days ago, a day, or a moment. */
function momentOf(value: unknown, at: string, now: number): number {
  if (typeof value === 'number' && Number.isFinite(value)) return Math.floor(value);
  const text = typeof value === 'string' ? value.trim() : '';
  if (/^\d{1,12}(?:\.\d{1,9})?$/.test(text)) return Math.floor(Number(text));
  const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return now - Number(count) * (units[unit] ?? 1);
  const time = parseTime(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text);
  if (time) return Number(time.us / 1_000_000n);
  throw refuse(at, `The parameter ${at} is no moment: a number of seconds, a day, or as in 7d.`);
}
function spanOf(value: unknown, at: string, now: number): Span | null {
  if (isNothing(value)) return null;
  if (Array.isArray(value)) {
    if (value.length !== 2) throw refuse(at, `The parameter ${at} is one moment, or two.`);
    const [a, b] = [momentOf(value[0], at, now), momentOf(value[1], at, now)];
    return { from: Math.min(a, b), to: Math.max(a, b) };
  }
  return { from: momentOf(value, at, now), to: Number.MAX_SAFE_INTEGER };
}
function dayOf(value: unknown, at: string): string | null {
  if (isNothing(value)) return null;
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) && parseTime(`${value.slice(0, 10)}T00:00:00Z`)) return value.slice(0, 10);
  const seconds = momentOf(value, at, 0);
  if (seconds < 0 || seconds > 253_402_300_799) throw refuse(at, `The parameter ${at} is no day as in 2026-01-31.`);
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

const lower = (text: string): string => text.toLowerCase();
/** Whether a text is what a term asks for; without `%` it is the whole text. */
export function fits(term: string, text: string): boolean {
  const [wanted, there] = [lower(term), lower(text)];
  if (!wanted.includes('%')) return wanted === there;
  const pieces = wanted.split('%');
  let at = 0;
  for (const [i, piece] of pieces.entries()) {
    if (i === pieces.length - 1) return there.length - piece.length >= at && there.endsWith(piece);
    const found = i === 0 ? (there.startsWith(piece) ? 0 : -1) : there.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return true;
}
/** Whether terms let pass what has these texts. */
export function passes(terms: Terms | null, texts: readonly string[]): boolean {
  if (terms === null) return true;
  const has = (term: string): boolean => texts.some((text) => fits(term, text));
  return (terms.any.length === 0 || terms.any.some(has)) && terms.all.every(has) && !terms.not.some(has);
}
export const inside = (span: Span | null, seconds: number): boolean => span === null || (seconds >= span.from && seconds <= span.to);
