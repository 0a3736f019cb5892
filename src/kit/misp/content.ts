/**
 * What of an attribute or object STIX says itself: a pattern, observables, a vulnerability, or nothing. Both ways use this: the way back asks
 * whether what MISP's own fields say is still what STIX says.
 */
import { canonicalText } from '#kit/canonical/canonical';
import { check } from '#kit/stix/check';
import { own, type StixObject } from '#kit/stix/object';
import { parsePattern } from '#kit/stix/pattern/parse';
import { attributeFacts, attributeOfFacts, genericFacts, type TypedValue } from './attributes.ts';
import { factsOf, factsOfPattern, factText, observablesOf, patternOf, type Fact, type Observables } from './facts.ts';
import type { Attribute, MispObject } from './model.ts';
import { detectionFacts, objectFacts, peSteps } from './templates.ts';

export type Content =
  | { readonly is: 'pattern'; readonly pattern: string; readonly language: string }
  | { readonly is: 'observables'; readonly observables: Observables }
  | { readonly is: 'vulnerability'; readonly name: string; readonly description: string }
  | { readonly is: 'custom' };

/** Types whose value is a rule in a language of its own. */
export const ruleTypes: Readonly<Record<string, string>> = { yara: 'yara', sigma: 'sigma', snort: 'snort' };
const language = (type: string): string | null => (Object.hasOwn(ruleTypes, type) ? ruleTypes[type] ?? null : null);

const probe = { type: 'indicator', spec_version: '2.1', id: 'indicator--5f6e7d8c-1234-4abc-8def-0123456789ab', created: '2020-01-01T00:00:00.000Z',
  modified: '2020-01-01T00:00:00.000Z', valid_from: '2020-01-01T00:00:00.000Z' };
function patterned(pattern: string, pattern_type = 'stix'): Content | null {
  const good = pattern.length <= 65_536 && check({ ...probe, pattern, pattern_type }).valid;
  return good ? { is: 'pattern', pattern, language: pattern_type } : null;
}

export function attributeContent(attribute: Pick<Attribute, 'type' | 'value' | 'toIds' | 'uuid'>): Content {
  const { type, value } = attribute;
  if (type === 'vulnerability') return { is: 'vulnerability', name: value, description: '' };
  const rule = language(type);
  const own = rule ? patterned(value, rule) : type === 'stix2-pattern' ? patterned(value) : null;
  if (own) return own;
  const facts = attributeFacts(type, value);
  if (attribute.toIds) return (facts && patterned(patternOf(facts))) ?? patterned(patternOf(genericFacts(type, value))) ?? { is: 'custom' };
  const observables = facts && observablesOf(facts, attribute.uuid);
  return observables ? { is: 'observables', observables } : { is: 'custom' };
}

/** Facts of a portable executable and its sections, which STIX says of the file. */
export function peFacts(pe: MispObject | undefined, sections: readonly MispObject[]): Fact[] {
  return pe ? [...objectFacts(pe), ...sections.flatMap(objectFacts)] : [];
}
const isPe = (fact: Fact): boolean => fact.key.includes(peSteps);

/** `more` are facts of other objects that STIX says of this one; they are left out where they do not fit. */
export function objectContent(object: MispObject, more: readonly Fact[] = []): { readonly main: Content; readonly seen: Observables | null } {
  const attributes = object.attributes.filter((attribute) => !attribute.deleted);
  if (object.name === 'vulnerability') {
    const value = (relation: string): string => attributes.find((attribute) => attribute.relation === relation)?.value ?? '';
    const described = { is: 'vulnerability', name: value('id'), description: value('description') || value('summary') } as const;
    return { main: value('id') ? described : { is: 'custom' }, seen: null };
  }
  const facts = objectFacts(object);
  const folded = object.name === 'pe' || object.name === 'pe-section';
  const seen = facts.length === 0 || folded ? null
    : (more.length ? observablesOf([...facts, ...more], object.uuid) : null) ?? observablesOf(facts, object.uuid);
  const detected = attributes.filter((attribute) => attribute.toIds).flatMap((attribute) => detectionFacts(object, attribute) ?? []);
  const pattern = detected.length ? patterned(patternOf(detected)) : null;
  if (pattern) {
    const all = new Set(detected.map(factText));
    return { main: pattern, seen: seen && facts.some((fact) => !all.has(factText(fact))) ? seen : null };
  }
  return { main: seen ? { is: 'observables', observables: seen } : { is: 'custom' }, seen: null };
}

/** The attribute that a pattern of STIX or another language is, as far as one attribute can be. */
export function typedOfPattern(pattern: string, pattern_type: string, wish: string | null): TypedValue | null {
  const rule = Object.entries(ruleTypes).find(([, name]) => name === pattern_type)?.[0];
  if (rule) return { type: rule, value: pattern };
  const parsed = parsePattern(pattern);
  if (pattern_type !== 'stix' || 'fault' in parsed) return null;
  const [facts, ...others] = factsOfPattern(parsed.pattern) ?? [];
  return facts && others.length === 0 ? attributeOfFacts(facts, wish) : null;
}

export type Find = (id: string) => StixObject | undefined;
/** Facts of what an observed-data lists, one list for each observable that no other there refers to. */
export function rootsOf(objects: readonly StixObject[]): StixObject[] {
  const referred = new Set(objects.flatMap((object) => Object.entries(object).filter(([name]) => /_refs?$/.test(name) && name !== 'object_marking_refs')
    .flatMap(([, value]) => (Array.isArray(value) ? value : [value]))));
  const inParts = new Set(objects.flatMap((object) => {
    const parts = own(object, 'body_multipart');
    return (Array.isArray(parts) ? parts : []).map((part: unknown) => (part !== null && typeof part === 'object' ? own({ ...part }, 'body_raw_ref') : null));
  }));
  return objects.filter((object) => !referred.has(own(object, 'id')) && !inParts.has(own(object, 'id')));
}

/** Whether two contents say the same; of a file's executable part nothing is asked, since it is another object's. */
export function saysObserved(objects: readonly StixObject[], wanted: Observables, find: Find): boolean {
  const texts = (all: readonly StixObject[], where: Find): string => {
    const facts = rootsOf(all).flatMap((root) => factsOf(root, where).filter((fact) => !isPe(fact)).map((fact) => `${root['type']} ${factText(fact)}`));
    return canonicalText(facts.sort());
  };
  const own = new Map(wanted.objects.map((object) => [String(object['id']), object]));
  return texts(objects, find) === texts(wanted.objects, (id) => own.get(id));
}

/** The attribute that a content is read as, by the tables that are for anybody's. */
export function typedOfContent(content: Content, wish: string | null): TypedValue | null {
  if (content.is === 'vulnerability') return { type: 'vulnerability', value: content.name };
  if (content.is === 'custom') return null;
  if (content.is === 'pattern') {
    return wish === 'stix2-pattern' ? { type: wish, value: content.pattern } : typedOfPattern(content.pattern, content.language, wish);
  }
  const { objects } = content.observables;
  return typedOfObserved(objects, wish);
}
export function typedOfObserved(objects: readonly StixObject[], wish: string | null): TypedValue | null {
  const found = new Map(objects.map((object) => [String(object['id']), object]));
  const [root, ...others] = rootsOf(objects);
  return root && others.length === 0 ? attributeOfFacts(factsOf(root, (id) => found.get(id)), wish) : null;
}
