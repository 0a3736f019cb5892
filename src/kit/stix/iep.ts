/**
 * The Information Exchange Policy of FIRST, version 2.0, as a type: what a recipient may do. Read from FIRST's own JSON, and from a
 * marking definition that carries it by the extension OASIS published or under `definition`. What a policy leaves out stays null:
 * nobody may guess a permission.
 */
import { isStixObject, own, type StixObject } from './object.ts';
import { tlpOfWord, type TlpLevel } from './tlp.ts';
import { parseTime, type StixTime } from './time.ts';

export const iepExtension = 'extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a';

/** From nothing to everything: each allows what those before it do. */
export const iepActions = [
  'none', 'contact-for-instruction', 'internally-visible-actions', 'externally-visible-indirect-actions', 'externally-visible-direct-actions',
] as const;
export type IepAction = (typeof iepActions)[number];

export interface IepPolicy {
  readonly id: string | null;
  readonly name: string | null;
  readonly description: string | null;
  readonly start: StixTime | null;
  /** Null: without an end. */
  readonly end: StixTime | null;
  readonly encryptInTransit: 'must' | 'may' | null;
  readonly permittedActions: IepAction | null;
  readonly affectedPartyNotifications: 'may' | 'must-not' | null;
  readonly tlp: TlpLevel | null;
  readonly attribution: 'must' | 'may' | 'must-not' | null;
  readonly unmodifiedResale: 'may' | 'must-not' | null;
  readonly externalReferences: readonly string[];
}

export interface IepProblem {
  /** JSON pointer within the policy. */
  readonly path: string;
  readonly text: string;
}
export interface IepReading {
  readonly policy: IepPolicy;
  readonly problems: readonly IepProblem[];
}

/** One of these words, however it is cased and joined (`MUST NOT` and `must_not` are `must-not`). */
function oneOf<T extends string>(words: readonly T[], value: unknown): T | null {
  if (typeof value !== 'string') return null;
  const plain = value.toLowerCase().replaceAll(/[ _]/g, '-');
  return words.find((word) => word === plain) ?? null;
}

class Reading {
  readonly problems: IepProblem[] = [];
  private readonly policy: StixObject;
  constructor(policy: StixObject) {
    this.policy = policy;
  }
  /** The first of these names that is there and not null: a null says "no limit", as leaving it out does. */
  private find(names: readonly string[]): { readonly name: string; readonly value: unknown } | null {
    const name = names.find((n) => own(this.policy, n) !== undefined && own(this.policy, n) !== null);
    return name === undefined ? null : { name, value: own(this.policy, name) };
  }
  take<T>(names: readonly string[], read: (value: unknown) => T | null, wanted: string, required = false): T | null {
    const found = this.find(names);
    if (!found) {
      if (required) this.problems.push({ path: `/${names[0] ?? ''}`, text: `${names[0] ?? ''} is missing` });
      return null;
    }
    const value = read(found.value);
    if (value === null) this.problems.push({ path: `/${found.name}`, text: `${found.name} is not ${wanted}` });
    return value;
  }
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const texts = (value: unknown): readonly string[] | null => {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : null;
};

/** Reads FIRST's JSON (or the extension's, which has other names for two fields). Never throws. */
export function readIep(value: unknown): IepReading {
  const reading = new Reading(isStixObject(value) ? value : {});
  const may = ['may', 'must-not'] as const;
  const policy: IepPolicy = {
    id: reading.take(['id', 'iep_id'], text, 'a text', true),
    name: reading.take(['name'], text, 'a text'),
    description: reading.take(['description'], text, 'a text'),
    start: reading.take(['start_date'], parseTime, 'a timestamp'),
    end: reading.take(['end_date'], parseTime, 'a timestamp'),
    encryptInTransit: reading.take(['encrypt_in_transit'], (v) => oneOf(['must', 'may'], v), 'must or may', true),
    permittedActions: reading.take(['permitted_actions'], (v) => oneOf(iepActions, v), 'a permitted action', true),
    affectedPartyNotifications: reading.take(['affected_party_notifications'], (v) => oneOf(may, v), 'may or must-not', true),
    tlp: reading.take(['tlp'], tlpOfWord, 'a level of TLP', true),
    attribution: reading.take(
      ['attribution', 'provider_attribution'], (v) => oneOf(['must', 'may', 'must-not'], v), 'must, may or must-not', true,
    ),
    unmodifiedResale: reading.take(['unmodified_resale'], (v) => oneOf(may, v), 'may or must-not', true),
    externalReferences: reading.take(['external_references', 'external_reference'], texts, 'a list of texts') ?? [],
  };
  reading.take(['iep_version'], (v) => (Number(v) === 2 ? v : null), '2.0', true);
  if (policy.start && policy.end && policy.end.us < policy.start.us) {
    return { policy, problems: [...reading.problems, { path: '/end_date', text: 'end_date is before start_date' }] };
  }
  return { policy, problems: reading.problems };
}

/** The policy that a marking definition carries, or null where it carries none. Its paths begin where the policy does. */
export function iepOfMarking(object: StixObject): IepReading | null {
  const extensions = own(object, 'extensions');
  const extension = isStixObject(extensions) ? own(extensions, iepExtension) : undefined;
  if (extension !== undefined) {
    // The extension leaves name and references to the marking definition itself.
    const references = own(object, 'external_references');
    const urls = Array.isArray(references) ? references.map((r) => (isStixObject(r) ? own(r, 'url') : null)).filter((u) => typeof u === 'string') : [];
    const name = own(object, 'name');
    return readIep(isStixObject(extension) ? { ...(name === undefined ? {} : { name }), external_references: urls, ...extension } : null);
  }
  const kind = own(object, 'definition_type');
  if (typeof kind !== 'string' || !/^(x-)?(first-)?iep(-?2(\.0|-0)?)?$/.test(kind)) return null;
  const definition = own(object, 'definition');
  const inner = isStixObject(definition) ? own(definition, 'iep') : undefined;
  return readIep(inner ?? definition);
}
