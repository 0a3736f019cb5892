/**
 * The values that a STIX object states, so that it is found by them: what an indicator's pattern compares for equality, an observable's own
 * value, the hashes of files. What stands under NOT, or is only alike, greater or matched by an expression, states no value.
 */
import { isStixObject, own, type StixObject } from '#kit/stix/object';
import { comparisonsOf, type Comparison, type Condition, type Expression } from '#kit/stix/pattern/ast';
import { parsePattern } from '#kit/stix/pattern/parse';
import { readValue, type Value, type ValueKind } from './value.ts';

/** Properties by type and name; references to addresses within other objects lead to the same values. */
const places: Readonly<Record<string, ValueKind>> = {
  'ipv4-addr:value': 'ipv4', 'ipv6-addr:value': 'ipv6', 'domain-name:value': 'domain', 'url:value': 'url', 'email-addr:value': 'email',
  'mutex:name': 'mutex', 'mac-addr:value': 'mac', 'autonomous-system:number': 'asn', 'file:name': 'filename',
  'email-message:from_ref.value': 'email', 'email-message:sender_ref.value': 'email', 'email-message:to_refs.value': 'email',
  'email-message:cc_refs.value': 'email', 'email-message:bcc_refs.value': 'email',
};
const hashNames: Readonly<Record<string, ValueKind>> = {
  MD5: 'md5', SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512', SSDEEP: 'ssdeep', TLSH: 'tlsh',
};
const hashed: ReadonlySet<string> = new Set(['file', 'artifact', 'x509-certificate']);
/** Ends of a connection, and what a name resolves to: a domain or an address, as the value shows. */
const hostPlaces: ReadonlySet<string> = new Set([
  'network-traffic:src_ref.value', 'network-traffic:dst_ref.value', 'domain-name:resolves_to_refs.value',
]);

const hashKind = (name: string): ValueKind | undefined => hashNames[name.toUpperCase().replace(/[^A-Z0-9]/g, '')];

/** Reads what stands at a place; a value that is none of its kind states nothing. */
function readAt(type: string, path: readonly string[], text: string): Value | null {
  const place = `${type}:${path.join('.')}`;
  if (hostPlaces.has(place)) return readValue(text, 'ipv4') ?? readValue(text, 'domain');
  if (path.includes('hashes')) {
    const kind = hashKind(path.at(-1) ?? '');
    return kind === undefined ? null : readValue(text, kind);
  }
  const kind = places[place];
  return kind === undefined ? null : readValue(text, kind);
}

function* ofComparison({ path, not, operator, values }: Comparison): Generator<Value> {
  if (not || (operator !== '=' && operator !== 'IN' && operator !== 'ISSUBSET')) return;
  const names = path.steps.flatMap((step) => (step.is === 'key' ? [step.name] : []));
  for (const constant of values) {
    const text = constant.is === 'text' ? constant.value : constant.is === 'integer' ? String(constant.value) : constant.is === 'bytes' ? constant.hex : null;
    const value = text === null ? null : readAt(path.type, names, text);
    if (value) yield value;
  }
}

function* ofPattern(pattern: string): Generator<Value> {
  const parsed = parsePattern(pattern);
  if (!('pattern' in parsed)) return;
  for (const comparison of comparisonsOf(parsed.pattern)) if (comparison.is === 'compare') yield* ofComparison(comparison);
}

function* ofHashes(hashes: unknown): Generator<Value> {
  if (!isStixObject(hashes)) return;
  for (const [name, text] of Object.entries(hashes)) {
    const kind = hashKind(name);
    const value = kind !== undefined && typeof text === 'string' ? readValue(text, kind) : null;
    if (value) yield value;
  }
}

function* ofObservable(object: StixObject, type: string): Generator<Value> {
  if (hashed.has(type)) yield* ofHashes(own(object, 'hashes'));
  for (const name of ['value', 'name', 'number']) {
    const stated = own(object, name);
    const value = typeof stated === 'string' || typeof stated === 'number' ? readAt(type, [name], String(stated)) : null;
    if (value) yield value;
  }
}

function* of(object: StixObject): Generator<Value> {
  const type = own(object, 'type');
  if (typeof type !== 'string') return;
  const pattern = own(object, 'pattern');
  const language = own(object, 'pattern_type');
  if (type === 'indicator' && typeof pattern === 'string' && (language === undefined || language === 'stix')) yield* ofPattern(pattern);
  else if (type === 'observed-data') {
    // Version 2.0, and the deprecated form of 2.1, hold the observables within.
    const objects = own(object, 'objects');
    if (isStixObject(objects)) for (const inner of Object.values(objects)) if (isStixObject(inner)) yield* ofObservable(inner, String(own(inner, 'type')));
  } else yield* ofObservable(object, type);
}

/** Each value once, in the order in which they stand. Of a revoked object too: who stores it knows. */
export function atomsOf(object: StixObject): Value[] {
  const found = new Map<string, Value>();
  for (const value of of(object)) found.set(`${value.kind} ${value.value}`, value);
  return [...found.values()];
}

/** Comparisons any one of which is enough for a condition: never those that hold only together with others. */
function* aloneIn(condition: Condition): Generator<Comparison> {
  if (condition.is === 'compare') yield condition;
  else if (condition.is === 'or') for (const inner of condition.of) yield* aloneIn(inner);
}
function* aloneOf(expression: Expression): Generator<Comparison> {
  if (expression.is === 'observation') yield* aloneIn(expression.of);
  else if (expression.is === 'either') for (const inner of expression.of) yield* aloneOf(inner);
  else if (expression.is === 'qualified' && expression.by.is === 'within') yield* aloneOf(expression.of);
}

/**
 * Values any one of which, seen once, is what an indicator speaks of: what may stand in a list or a rule by itself. A pattern that wants
 * two things at once, one after another, several times, or within a window of time states none so.
 */
export function sufficientOf(object: StixObject): Value[] {
  const [pattern, language] = [own(object, 'pattern'), own(object, 'pattern_type')];
  if (own(object, 'type') !== 'indicator' || typeof pattern !== 'string' || (language !== undefined && language !== 'stix')) return [];
  const parsed = parsePattern(pattern);
  const found = new Map<string, Value>();
  if ('pattern' in parsed) {
    for (const comparison of aloneOf(parsed.pattern)) for (const value of ofComparison(comparison)) found.set(`${value.kind} ${value.value}`, value);
  }
  return [...found.values()];
}
