/**
 * The Traffic Light Protocol as STIX writes it: version 1 by four fixed marking definitions (STIX 2.1, 7.2.1.4), version 2.0 (FIRST)
 * by five more that OASIS published with an extension. Both are one scale here: WHITE is CLEAR, AMBER of version 1 is AMBER.
 */
import { canonicalText } from '#kit/canonical/canonical';
import { isStixObject, own, type StixObject } from './object.ts';

/** From the widest audience to the narrowest. */
export const tlpLevels = ['clear', 'green', 'amber', 'amber+strict', 'red'] as const;
export type TlpLevel = (typeof tlpLevels)[number];

export const tlp2Extension = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d';

function tlp1(uuid: string, color: string): StixObject {
  return {
    type: 'marking-definition', spec_version: '2.1', id: `marking-definition--${uuid}`, created: '2017-01-20T00:00:00.000Z',
    definition_type: 'tlp', name: `TLP:${color.toUpperCase()}`, definition: { tlp: color },
  };
}
function tlp2(uuid: string, level: TlpLevel): StixObject {
  return {
    type: 'marking-definition', spec_version: '2.1', id: `marking-definition--${uuid}`, created: '2022-10-01T00:00:00.000Z',
    name: `TLP:${level.toUpperCase()}`, extensions: { [tlp2Extension]: { extension_type: 'property-extension', tlp_2_0: level } },
  };
}

/** The marking definition to write for a level. */
export const tlp2Markings: Readonly<Record<TlpLevel, StixObject>> = {
  clear: tlp2('94868c89-83c2-464b-929b-a1a8aa3c8487', 'clear'),
  green: tlp2('bab4a63c-aed9-4cf5-a766-dfca5abac2bb', 'green'),
  amber: tlp2('55d920b0-5e8b-4f79-9ee9-91f868d9b421', 'amber'),
  'amber+strict': tlp2('939a9414-2ddd-4d32-a0cd-375ea402b003', 'amber+strict'),
  red: tlp2('e828b379-4e03-4974-9ac4-e53a884c97c1', 'red'),
};
/** What partners that know version 1 only write and read; it has no word for AMBER+STRICT. */
export const tlp1Markings: Readonly<Record<Exclude<TlpLevel, 'amber+strict'>, StixObject>> = {
  clear: tlp1('613f2e26-407d-48c7-9eca-b8e91df99dc9', 'white'),
  green: tlp1('34098fce-860f-48ae-8e50-ebd3cc5e41da', 'green'),
  amber: tlp1('f88d31f6-486f-44da-b317-01333bde0b82', 'amber'),
  red: tlp1('5e57c739-391a-4eb3-b6be-7d15ca92d5ed', 'red'),
};

const fixed: ReadonlyMap<string, TlpLevel> = new Map(
  [tlp1Markings, tlp2Markings].flatMap((markings) => Object.entries(markings).map(([level, object]) => [String(object['id']), level as TlpLevel])),
);
const fixedObjects: ReadonlyMap<string, StixObject> = new Map(
  [...Object.values(tlp1Markings), ...Object.values(tlp2Markings)].map((object) => [String(object['id']), object]),
);

/** The narrower of two audiences. */
export function narrower(a: TlpLevel, b: TlpLevel): TlpLevel {
  return tlpLevels.indexOf(a) >= tlpLevels.indexOf(b) ? a : b;
}

/** Whether what is marked `level` may go where at most `ceiling` may. */
export function withinTlp(level: TlpLevel, ceiling: TlpLevel): boolean {
  return tlpLevels.indexOf(level) <= tlpLevels.indexOf(ceiling);
}

/** Level of a fixed marking definition by its id alone, whatever somebody sends under that id; null for every other id. */
export function tlpOfId(id: string): TlpLevel | null {
  return fixed.get(id) ?? null;
}

/** The word of a TLP level in either version, in any case, with or without `TLP:`; null for every other. */
export function tlpOfWord(word: unknown): TlpLevel | null {
  if (typeof word !== 'string') return null;
  const plain = word.toLowerCase().replace(/^tlp:/, '').replace(/^amber[ _-]strict$/, 'amber+strict');
  if (plain === 'white') return 'clear';
  return tlpLevels.find((level) => level === plain) ?? null;
}

/**
 * Level that a marking definition gives; null where it is no TLP marking, `unknown` where it is one whose level nobody knows. The
 * narrowest counts where it says two.
 */
export function tlpOfMarking(object: StixObject): TlpLevel | 'unknown' | null {
  const said: unknown[] = [];
  const extensions = own(object, 'extensions');
  const extension = isStixObject(extensions) ? own(extensions, tlp2Extension) : undefined;
  if (extension !== undefined) said.push(isStixObject(extension) ? own(extension, 'tlp_2_0') : undefined);
  const definition = own(object, 'definition');
  if (own(object, 'definition_type') === 'tlp') said.push(isStixObject(definition) ? own(definition, 'tlp') : undefined);
  if (said.length === 0) return null;
  const levels = said.map(tlpOfWord);
  return levels.reduce<TlpLevel | 'unknown'>((all, level) => (all === 'unknown' || level === null ? 'unknown' : narrower(all, level)), 'clear');
}

/**
 * Whether an object under a fixed id differs from the published one in anything but `spec_version`, `name` and defaults: someone
 * gives a known level another meaning. False for every other object.
 */
export function forgesTlp(object: StixObject): boolean {
  const published = fixedObjects.get(String(own(object, 'id')));
  if (!published) return false;
  const core = (value: StixObject): unknown => ({
    type: own(value, 'type') ?? null, created: Date.parse(String(own(value, 'created'))) || 0, level: tlpOfMarking(value),
    definition: own(value, 'definition') ?? null, extensions: own(value, 'extensions') ?? null,
  });
  try {
    return canonicalText(core(object)) !== canonicalText(core(published));
  } catch {
    return true;
  }
}
