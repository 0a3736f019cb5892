/** What indicators and observables of others are in MISP: one attribute where its type says it all, else an object of the template that fits. */
import { isStixObject, own, type StixObject } from '#kit/stix/object';
import { parsePattern } from '#kit/stix/pattern/parse';
import { uuid5 } from '#kit/stix/sco-id';
import { attributeOfFacts, attributeType } from './attributes.ts';
import { factsOfPattern, factsOf, type Fact } from './facts.ts';
import { mispLimits, mispNamespace, type Attribute, type MispObject, type Reference } from './model.ts';
import { peSteps, relationsOf, templateOf, templateOfType, type Read } from './templates.ts';
import { wellFormed } from './carry.ts';
import { ruleTypes } from './content.ts';

/** What all that comes of one object of STIX has in common. */
export type Frame = Pick<Attribute, 'timestamp' | 'deleted' | 'comment' | 'firstSeen' | 'lastSeen' | 'tags'>;
export interface Found {
  readonly attributes: readonly Attribute[];
  readonly objects: readonly MispObject[];
}

export function newAttribute(uuid: string, type: string, value: string, toIds: boolean, frame: Frame, relation: string | null = null): Attribute {
  return {
    uuid, type: wellFormed(type).slice(0, mispLimits.text), value: wellFormed(value), toIds, relation,
    category: attributeType(type)?.category ?? 'Other', distribution: 5, sharingGroup: null, uncorrelated: false,
    data: null, galaxies: [], sightings: [], ...frame,
  };
}
export function newObject(uuid: string, name: string, reads: readonly Read[], toIds: boolean, frame: Frame, references: readonly Reference[] = []): MispObject {
  // What is marked on the whole is marked on each part, since parts travel alone.
  const within: Frame = { ...frame, comment: '', firstSeen: null, lastSeen: null, deleted: false };
  return {
    uuid, name: name.slice(0, mispLimits.text), metaCategory: templateOf(name)?.metaCategory ?? 'misc', description: '', templateUuid: null,
    templateVersion: '', references,
    timestamp: frame.timestamp, comment: frame.comment, firstSeen: frame.firstSeen, lastSeen: frame.lastSeen, deleted: frame.deleted, distribution: 5,
    sharingGroup: null,
    attributes: reads.map((read, i) => newAttribute(uuid5(mispNamespace, `part ${uuid} ${i}`), read.type, read.value, toIds, within, read.relation)),
  };
}

/** The template that facts of one observable are read by. */
function templateFor(facts: readonly Fact[]): string | null {
  const [first] = facts;
  if (!first) return null;
  if (facts.some((fact) => fact.key.includes('http-request-ext'))) return 'http-request';
  const { type } = first.path;
  return Object.hasOwn(templateOfType, type) ? templateOfType[type] ?? null : null;
}

/** An attribute, or an object, or a file with its executable; nothing where no table has them. */
export function foundInFacts(facts: readonly Fact[], uuid: string, toIds: boolean, frame: Frame, sections: readonly (readonly Fact[])[] = []): Found {
  const typed = attributeOfFacts(facts);
  if (typed) return { attributes: [newAttribute(uuid, typed.type, typed.value, toIds, frame)], objects: [] };
  const plain = facts.filter((fact) => !fact.key.includes(peSteps));
  const executable = relationsOf('pe', facts);
  const template = templateFor(plain);
  const reads = template ? relationsOf(template, plain) : [];
  const parts = sections.map((section) => relationsOf('pe-section', section)).filter((part) => part.length > 0);
  const refer = (from: string, to: string): Reference => ({
    uuid: uuid5(mispNamespace, `includes ${from} ${to}`), target: to, type: 'includes', comment: '', timestamp: frame.timestamp, deleted: false,
  });
  const [peUuid, bare] = [uuid5(mispNamespace, `pe ${uuid}`), { ...frame, comment: '' }];
  const sectionObjects = parts.map((part, i) => newObject(uuid5(mispNamespace, `section ${i} ${uuid}`), 'pe-section', part, toIds, bare));
  const hasPe = executable.length + parts.length > 0;
  const peObject = hasPe ? [newObject(peUuid, 'pe', executable, toIds, bare, sectionObjects.map((one) => refer(peUuid, one.uuid)))] : [];
  const main = template && reads.length ? [newObject(uuid, template, reads, toIds, frame, hasPe ? [refer(uuid, peUuid)] : [])] : [];
  return { attributes: [], objects: [...main, ...peObject, ...sectionObjects] };
}

/** What an indicator states, or null where MISP has no word for it at all. */
export function foundInPattern(pattern: string, language: string, uuid: string, frame: Frame): Found | null {
  if (pattern === '') return null;
  const rule = Object.entries(ruleTypes).find(([, name]) => name === language)?.[0];
  const one = (type: string): Found => ({ attributes: [newAttribute(uuid, type, pattern, true, frame)], objects: [] });
  if (rule) return one(rule);
  const parsed = language === 'stix' ? parsePattern(pattern) : null;
  if (!parsed) return null;
  const alternatives = 'fault' in parsed ? null : factsOfPattern(parsed.pattern);
  if (alternatives === null || alternatives.length > 1000) return one('stix2-pattern');
  const found = alternatives.map((facts, i) => foundInFacts(facts, i === 0 ? uuid : uuid5(mispNamespace, `alternative ${i} ${uuid}`), true, frame));
  // A part that no table has would make the rest say more than the whole did.
  if (found.some((part, i) => part.attributes.length === 0 && part.objects.reduce((n, o) => n + o.attributes.length, 0) < (alternatives[i]?.length ?? 0))) {
    return one('stix2-pattern');
  }
  return { attributes: found.flatMap((part) => part.attributes), objects: found.flatMap((part) => part.objects) };
}

/** What an observable is; nothing where no table has it. */
export function foundInObservable(root: StixObject, find: (id: string) => StixObject | undefined, uuid: string, frame: Frame): Found {
  const extensions = own(root, 'extensions');
  const pe = isStixObject(extensions) ? own(extensions, 'windows-pebinary-ext') : undefined;
  const sections = isStixObject(pe) ? own(pe, 'sections') : undefined;
  const perSection = (Array.isArray(sections) ? sections.slice(0, 200) : [])
    .map((section: unknown) => factsOf({ type: 'file', extensions: { 'windows-pebinary-ext': { sections: [section] } } }, find));
  return foundInFacts(factsOf(root, find), uuid, false, frame, perSection);
}
