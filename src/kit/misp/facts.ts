/**
 * What MISP and STIX both can say, as facts: a path of a STIX pattern and a value. A fact becomes part of a pattern or of an observable, and is
 * read back from either. Addresses are one kind (`ip:value`), whichever version they are.
 */
import { within } from '#kit/stix/notes';
import { check } from '#kit/stix/check';
import { isStixObject, own, type StixObject } from '#kit/stix/object';
import type { Condition, Constant, Expression, ObjectPath, Step } from '#kit/stix/pattern/ast';
import { printPath, printPattern } from '#kit/stix/pattern/print';
import { scoId, uuid5 } from '#kit/stix/sco-id';
import { mispNamespace } from './model.ts';
import { mispTimeOf, stixTime } from './times.ts';

/** i whole number, f number, b truth, t time, l lower case, as AS number, mac; otherwise a text. */
export type FactKind = 'i' | 'f' | 'b' | 't' | 'l' | 'as' | 'mac' | '';
export interface Spec {
  readonly path: ObjectPath;
  readonly key: string;
  readonly kind: FactKind;
  /** A value that is always there. */
  readonly constant: string | null;
}
export interface Fact {
  readonly path: ObjectPath;
  readonly key: string;
  readonly value: string | number | boolean;
  readonly time: boolean;
}

/** A path as the tables write it: `type:a.b[*].'c d'`, `#kind` behind it, or `=constant`. */
export function specOf(text: string): Spec {
  const [, type = '', rest = '', kind = '', constant] = /^([a-z0-9-]+):([^#=]+)(?:#([a-z]+))?(?:=(.*))?$/.exec(text) ?? [];
  const steps = [...rest.matchAll(/'([^']+)'|\[(\*)\]|([A-Za-z0-9_-]+)/g)]
    .map(([, quoted, all, plain]): Step => (all ? { is: 'any' } : { is: 'key', name: quoted ?? plain ?? '' }));
  const path = { type, steps };
  return { path, key: keyOf(path), kind: kind as FactKind, constant: constant ?? null };
}

/** One text for paths that mean the same here: any item for one by its number, hash names in one spelling, addresses of both versions. */
export function keyOf({ type, steps }: ObjectPath): string {
  const plain = steps.map((step): Step => (step.is === 'index' ? { is: 'any' } : step)).map((step, i): Step => {
    const before = steps[i - 1];
    return step.is === 'key' && before?.is === 'key' && before.name === 'hashes' ? { is: 'key', name: step.name.toUpperCase().replaceAll(/[-_/]/g, '') } : step;
  });
  return printPath({ type: type === 'ipv4-addr' || type === 'ipv6-addr' ? 'ip' : type, steps: plain });
}

const ipv4 = /^\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?$/;
const ipv6 = /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*(?:\/\d{1,3})?$/i;
const macShape = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/;
export const addressType = (value: unknown): string | null => {
  const text = typeof value === 'string' ? value : '';
  return ipv4.test(text) ? 'ipv4-addr' : macShape.test(text) ? 'mac-addr' : ipv6.test(text) ? 'ipv6-addr' : null;
};

/** A text of MISP as a value of STIX; null where it is none of the kind. */
function valueOf(text: string, kind: FactKind): string | number | boolean | null {
  switch (kind) {
    case 'i': return /^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : null;
    case 'as': return /^(?:AS)?(?:0|[1-9]\d{0,9})$/i.test(text) ? Number(text.replace(/^as/i, '')) : null;
    case 'b': return text === '1' || text === 'true' ? true : text === '0' || text === 'false' ? false : null;
    case 't': return stixTime(text);
    case 'l': return text.toLowerCase();
    case 'f': return /^-?\d{1,9}(?:\.\d{1,9})?$/.test(text) ? Number(text) : null;
    case 'mac': return /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5,7}$/i.test(text) ? text.toLowerCase().replaceAll('-', ':') : null;
    case '': return text;
  }
}
/** And back; `1` is how MISP writes what is true. */
export function textOf(value: string | number | boolean, kind: FactKind): string {
  if (kind === 'as') return `AS${value}`;
  if (typeof value === 'boolean') return value ? '1' : '0';
  return (kind === 't' ? mispTimeOf(value) : null) ?? String(value);
}

/** The fact that a text gives, or null. */
export function factOf(spec: Spec, text: string): Fact | null {
  const value = valueOf(spec.constant ?? text, spec.kind);
  if (value === null || value === '') return null;
  const address = spec.path.type === 'ip' ? addressType(value) : null;
  if (spec.path.type === 'ip' && (address === null || address === 'mac-addr')) return null;
  return { path: address ? { ...spec.path, type: address } : spec.path, key: spec.key, value, time: spec.kind === 't' };
}

function constantOf(fact: Fact): Constant {
  if (fact.time) return { is: 'timestamp', value: String(fact.value) };
  if (typeof fact.value === 'boolean') return { is: 'truth', value: fact.value };
  if (typeof fact.value === 'number') return { is: Number.isInteger(fact.value) ? 'integer' : 'float', value: fact.value };
  return { is: 'text', value: fact.value };
}

/** What must be so together within one kind of object; of values for one place any will do. */
function conditionOf(facts: readonly Fact[]): Condition {
  const places = new Map<string, Fact[]>();
  for (const fact of facts) {
    const place = `${fact.path.type} ${fact.key}`;
    places.set(place, [...(places.get(place) ?? []), fact]);
  }
  const of = [...places.values()].map((same): Condition => {
    const [first] = same as [Fact];
    const values = [...new Map(same.map((fact) => [String(fact.value), constantOf(fact)])).values()];
    const subset = values.length === 1 && first.key === 'ip:value' && String(first.value).includes('/');
    return { is: 'compare', path: first.path, not: false, operator: values.length > 1 ? 'IN' : subset ? 'ISSUBSET' : '=', values };
  });
  return of.length === 1 && of[0] ? of[0] : { is: 'and', of };
}

/** The pattern of facts: those of one type of object together, either of several types. */
export function patternOf(facts: readonly Fact[]): string {
  const types = new Map<string, Fact[]>();
  for (const fact of facts) types.set(fact.path.type, [...(types.get(fact.path.type) ?? []), fact]);
  const of = [...types.values()].map((some): Expression => ({ is: 'observation', of: conditionOf(some) }));
  return printPattern(of.length === 1 && of[0] ? of[0] : { is: 'either', of });
}

function factOfComparison(path: ObjectPath, constant: Constant): Fact {
  const value = constant.is === 'bytes' ? constant.hex : constant.value;
  return { path, key: keyOf(path), value, time: constant.is === 'timestamp' };
}

/** Facts of a condition, or null where it says more than that things are so together. */
function conditionFacts(condition: Condition): Fact[] | null {
  if (condition.is === 'and') {
    const parts = condition.of.map(conditionFacts);
    return parts.some((part) => part === null) ? null : parts.flatMap((part) => part ?? []);
  }
  if (condition.is !== 'compare' || condition.not) return null;
  const subset = condition.operator === 'ISSUBSET' && keyOf(condition.path) === 'ip:value';
  if (condition.operator !== '=' && condition.operator !== 'IN' && !subset) return null;
  // Which version an address has shows in its value.
  if (condition.path.steps.at(-1)?.is === 'key' && /_ref\.type$/.test(printPath(condition.path))) return [];
  return condition.values.map((value) => factOfComparison(condition.path, value));
}
function alternatives(condition: Condition): Fact[][] | null {
  if (condition.is === 'or') {
    const parts = condition.of.map(alternatives);
    return parts.some((part) => part === null) ? null : parts.flatMap((part) => part ?? []);
  }
  const facts = conditionFacts(condition);
  if (facts === null) return null;
  const single = condition.is === 'compare' && condition.operator === 'IN';
  return single ? facts.map((fact) => [fact]) : [facts];
}

/** The alternatives of a pattern, each by its facts; null where it says what facts cannot. */
export function factsOfPattern(pattern: Expression): Fact[][] | null {
  if (pattern.is === 'observation') return alternatives(pattern.of);
  if (pattern.is !== 'either') return null;
  const parts = pattern.of.map(factsOfPattern);
  return parts.some((part) => part === null) ? null : parts.flatMap((part) => part ?? []);
}

type Draft = Record<string, unknown>;
const referred: Readonly<Record<string, string>> = {
  from_ref: 'email-addr', sender_ref: 'email-addr', to_refs: 'email-addr', cc_refs: 'email-addr', bcc_refs: 'email-addr', parent_directory_ref: 'directory',
  image_ref: 'file', parent_ref: 'process', creator_user_ref: 'user-account', belongs_to_refs: 'autonomous-system', body_raw_ref: 'file',
};
const kept = (draft: Draft, name: string): unknown => (Object.hasOwn(draft, name) ? draft[name] : undefined);

/** Puts a value where a path leads; false where another is there already. References are drafts until all is placed. */
function place(draft: Draft, steps: readonly Step[], value: unknown): boolean {
  const [step, next] = steps;
  if (step?.is !== 'key') return false;
  if (next === undefined) {
    if (kept(draft, step.name) !== undefined) return kept(draft, step.name) === value;
    draft[step.name] = value;
    return true;
  }
  if (next.is !== 'key') {
    const list = (draft[step.name] ??= []) as unknown[];
    if (steps.length === 2) {
      if (!list.includes(value)) list.push(value);
      return true;
    }
    const [, , ...rest] = steps;
    const free = (list as Draft[]).find((item) => rest[0]?.is === 'key' && kept(item, rest[0].name) === undefined);
    if (free) return place(free, rest, value);
    const item: Draft = referencedDraft(step.name, value);
    list.push(item);
    return place(item, rest, value);
  }
  const inner = (kept(draft, step.name) ?? referencedDraft(step.name, value)) as Draft;
  if (typeof inner !== 'object') return false;
  draft[step.name] = inner;
  return place(inner, steps.slice(1), value);
}
function referencedDraft(name: string, value: unknown): Draft {
  if (!/_refs?$/.test(name)) return {};
  return { type: referred[name] ?? addressType(value) ?? 'domain-name' };
}

export interface Observables {
  /** What was seen; what it refers to comes before it. */
  readonly objects: readonly StixObject[];
  readonly roots: readonly string[];
}

/** Drafts with their references as observables with ids; those that are referred to first. */
class Emitter {
  readonly objects = new Map<string, StixObject>();
  private readonly seed: string;
  constructor(seed: string) {
    this.seed = seed;
  }
  emit(draft: Draft): string {
    const object: Draft = { type: draft['type'], spec_version: '2.1' };
    for (const [name, value] of Object.entries(draft)) {
      if (name === 'type') continue;
      if (/_ref$/.test(name)) object[name] = this.emit(value as Draft);
      else if (/_refs$/.test(name)) object[name] = (value as Draft[]).map((item) => this.emit(item));
      else if (name === 'body_multipart') object[name] = (value as Draft[]).map((part) => this.part(part));
      else object[name] = value;
    }
    complete(object);
    const id = scoId(object) ?? `${String(object['type'])}--${uuid5(mispNamespace, `observable ${this.seed} ${this.objects.size}`)}`;
    this.objects.set(id, { type: object['type'], spec_version: '2.1', id, ...object });
    return id;
  }
  private part(part: Draft): Draft {
    return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, /_ref$/.test(name) ? this.emit(value as Draft) : value]));
  }
}
/** What STIX wants to be said and follows from the rest. */
function complete(object: Draft): void {
  if (object['type'] === 'email-message') object['is_multipart'] = object['body_multipart'] !== undefined;
  if (object['type'] === 'network-traffic') {
    object['protocols'] ??= [{ 'ipv4-addr': 'ipv4', 'ipv6-addr': 'ipv6' }[String(object['dst_ref'] ?? object['src_ref']).split('--')[0] ?? ''] ?? 'ip'];
  }
  const pe = isStixObject(object['extensions']) ? own(object['extensions'], 'windows-pebinary-ext') as Draft | undefined : undefined;
  if (pe) pe['pe_type'] ??= 'unknown';
}

/** Observables that say these facts; null where they cannot be said so, or are not what STIX wants. */
export function observablesOf(facts: readonly Fact[], seed: string): Observables | null {
  const roots = new Map<string, Draft>();
  for (const { path, value } of facts) {
    const root = roots.get(path.type) ?? { type: path.type };
    if (!place(root, path.steps, value)) return null;
    roots.set(path.type, root);
  }
  if (roots.size === 0) return null;
  const emitter = new Emitter(seed);
  const ids = [...roots.values()].map((root) => emitter.emit(root));
  const objects = [...emitter.objects.values()];
  return objects.every((object) => check(object).valid) ? { objects, roots: ids } : null;
}

const said = new Set('type id spec_version object_marking_refs granular_markings created modified created_by_ref revoked defanged'.split(' '));

/** The facts of an observable and of what it refers to, at most a thousand and ten levels down. */
export function factsOf(root: StixObject, find: (id: string) => StixObject | undefined): Fact[] {
  const facts: Fact[] = [];
  const type = String(own(root, 'type'));
  const walk = (value: unknown, steps: readonly Step[], depth: number): void => {
    if (facts.length >= 1000 || depth > 10) return;
    const name = steps.findLast((step) => step.is === 'key')?.name ?? '';
    if (Array.isArray(value)) return value.forEach((item) => walk(item, [...steps, { is: 'any' }], depth + 1));
    if (isStixObject(value)) {
      for (const [key, inner] of Object.entries(value)) {
        const top = steps.length === 0 || /_refs?$/.test(name);
        if (!(top && said.has(key))) walk(inner, [...steps, { is: 'key', name: key }], depth + 1);
      }
      return;
    }
    if (typeof value === 'string' && /_refs?$/.test(name)) return walk(find(value), steps, depth + 1);
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return;
    if (implied(type, name, value)) return;
    const path = { type, steps };
    facts.push({ path, key: keyOf(path), value, time: false });
  };
  walk(root, [], 0);
  return facts;
}
/** What `complete` adds. */
function implied(type: string, name: string, value: unknown): boolean {
  return (type === 'email-message' && name === 'is_multipart') || (name === 'pe_type' && value === 'unknown')
    || (type === 'network-traffic' && name === 'protocols' && (value === 'ipv4' || value === 'ipv6' || value === 'ip'));
}

/** Pointer-like text of a fact, to compare two sets by. */
export const factText = (fact: Fact): string => within(fact.key, String(fact.value));
