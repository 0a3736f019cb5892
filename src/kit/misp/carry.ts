/**
 * What MISP says and STIX has no word for travels as `x_misp_*` properties under MISP's own names. On the way back such a property is a claim
 * of whoever sent the object: what STIX says too is taken from STIX.
 */
import { isStixObject, own, type StixObject } from '#kit/stix/object';
import { parseId } from '#kit/stix/id';
import { uuid5 } from '#kit/stix/sco-id';
import { narrower, tlpOfWord, type TlpLevel } from '#kit/stix/tlp';
import { mispLimits, mispNamespace, type Json, type Tag } from './model.ts';

const renamed: readonly (readonly [misp: string, stix: string])[] = [
  ['SharingGroup', 'sharing_group'], ['Attribute', 'attributes'], ['ObjectReference', 'references'], ['Tag', 'tags'], ['Org', 'org'], ['Orgc', 'orgc'],
  ['meta-category', 'meta_category'], ['Organisation', 'organisation'], ['GalaxyCluster', 'clusters'], ['Galaxy', 'galaxies'], ['Sighting', 'sightings'],
];
const prefix = 'x_misp_';

/** These fields as properties of STIX, those left out that STIX says otherwise. */
export function carried(json: Json, without: readonly string[]): Json {
  return Object.fromEntries(Object.entries(json).filter(([name]) => !without.includes(name))
    .map(([name, value]) => [prefix + (renamed.find(([misp]) => misp === name)?.[1] ?? name), value]));
}

/** The fields that an object carries. */
export function carriedBy(object: StixObject): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name.startsWith(prefix)).map(([name, value]) => {
    const plain = name.slice(prefix.length);
    return [renamed.find(([, stix]) => stix === plain)?.[0] ?? plain, value];
  }));
}
export const carries = (object: StixObject, name: string): unknown => own(object, prefix + name);

/** The id of what a uuid of MISP becomes; a uuid that STIX would not take is made into one that it does. */
export function idOf(type: string, uuid: string): string {
  const id = `${type}--${uuid}`;
  return parseId(id)?.rfc4122 ? id : `${type}--${uuid5(mispNamespace, `uuid ${uuid}`)}`;
}
/** The uuid that an object had in MISP: that of its id, or the one it carries where that gives this id. */
export function uuidOfId(object: StixObject): string {
  const id = parseId(own(object, 'id'));
  const carriedUuid = carries(object, 'uuid');
  return id && typeof carriedUuid === 'string' && idOf(id.type, carriedUuid) === `${id.type}--${id.uuid}` ? carriedUuid : id?.uuid ?? '';
}

/** The narrowest level that tags say; a word of TLP that nobody knows is RED, since nobody may guess a permission. */
export function levelOfTags(tags: readonly Tag[]): TlpLevel | null {
  return narrowest(tags.filter(({ name }) => /^tlp:/i.test(name)).map(({ name }) => tlpOfWord(name) ?? 'red'));
}
export function narrowest(levels: readonly (TlpLevel | null)[]): TlpLevel | null {
  return levels.reduce<TlpLevel | null>((all, level) => (level === null ? all : all === null ? level : narrower(all, level)), null);
}

/** MISP keeps texts of Unicode only: half a surrogate pair becomes the mark that something was there. */
export const wellFormed = (text: string): string => text.replaceAll(/\p{Surrogate}/gu, '\ufffd').slice(0, mispLimits.long);

export const jsonList = (value: unknown): Json[] => (Array.isArray(value) ? value.filter(isStixObject) : []);
