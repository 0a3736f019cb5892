/**
 * One object as it was sent, made an offer: what it is, which version, how narrow its audience is, and what it means as a digest.
 * Refused is only what has no identity, or whose marking lies; everything else that STIX would have otherwise is told beside it.
 */
import { createHash } from 'node:crypto';
import { meaningText, own, versionOf, type StixObject } from '#kit/stix/object';
import { typeOfId } from '#kit/stix/id';
import { atomsOf } from '#kit/match/atoms';
import { keyOf } from '#kit/match/key';
import { parseTime } from '#kit/stix/time';
import { levelOf, type MarkingDefinitions } from '#kit/stix/marking';
import { forgesTlp, tlpOfId } from '#kit/stix/tlp';
import type { Tlp } from '#kit/endpoint';
import { rankOf } from '../rules/tlp.ts';
import type { Atoms, Offer } from '../rules/versions.ts';
import { mispKeysOf } from '../rules/misp-keys.ts';
import { wordsOf } from '../rules/words.ts';

/** Of what is marked by something that nobody can read, at least this. */
const unreadable = rankOf('AMBER+STRICT');
/** A moment further off than this is none that a log can order. */
const [earliest, latest] = [-62_000_000_000_000_000n, 253_402_300_800_000_000n];

export interface Reading {
  readonly definitions: MarkingDefinitions;
  /** Label of what carries none. */
  readonly unmarked: Tlp;
  readonly receivedUs: number;
}

/** More values than this say nothing that a look-up could use. */
const mostAtoms = 1_000;

function atomsIn(object: StixObject): Atoms {
  const values = atomsOf(object).slice(0, mostAtoms);
  const until = parseTime(own(object, 'valid_until'));
  const prefixes = values.filter((v) => v.kind === 'prefix').map((v) => {
    return [v.value.includes(':') ? 6 : 4, Number(v.value.slice(v.value.indexOf('/') + 1))] as const;
  });
  const keys = new Set([...values.map((v) => keyOf(v.kind, v.value)), ...mispKeysOf(object).slice(0, 2 * mostAtoms)]);
  return { keys: [...keys], validToUs: until?.us ?? null, prefixes };
}

export type Read = { readonly offer: Offer; readonly notes: readonly string[]; readonly unresolved: boolean } | { readonly refused: string };

export function offerOf(value: unknown, body: string, { definitions, unmarked, receivedUs }: Reading): Read {
  const version = versionOf(value);
  if (!version) return { refused: 'It has no STIX id and type that agree.' };
  const object = value as StixObject;
  if (version.specVersion !== '2.0' && version.specVersion !== '2.1') return { refused: 'It is of no version of STIX that is taken in.' };
  if (version.version === null && version.kind !== 'sco' && ('modified' in object
    || 'created' in object)) return { refused: 'Its created or modified is no moment.' };
  if (version.version !== null && (version.version.us < earliest
    || version.version.us > latest)) return { refused: 'Its version lies outside of any calendar.' };
  if (forgesTlp(object)) return { refused: 'It gives a label of TLP another meaning.' };
  const level = levelOf(object, definitions);
  const malformed = level.problems.find((p) => p.code === 'malformed' || p.code === 'unknown-level' || p.code === 'circular');
  if (malformed) return { refused: `Its marking cannot be read: ${malformed.text} (${malformed.path || '/'}).` };
  const unresolved = level.problems.some((p) => p.code === 'unresolved');
  const said = level.level === null ? (tlpOfId(version.id) ? 'CLEAR' : unmarked) : level.level.toUpperCase() as Tlp;
  let digest: string;
  try {
    digest = createHash('sha256').update(meaningText(object)).digest('hex');
  } catch (error) {
    return { refused: `It cannot be written canonically: ${error instanceof Error ? error.message : 'it is no JSON'}.` };
  }
  return {
    unresolved, notes: level.problems.map((p) => `${p.path || '/'}: ${p.text}`),
    offer: {
      id: version.id, type: version.type, creator: typeOfId(version.createdBy) === null ? null : version.createdBy,
      us: version.version?.us ?? BigInt(receivedUs), rest: version.version?.rest ?? '',
      said: version.version?.text ?? '', spec: version.specVersion === '2.0' ? 20 : 21, versioned: version.version !== null, revoked: version.revoked,
      tlp: Math.max(rankOf(said), unresolved ? unreadable : 0), digest, body, words: wordsOf(object), atoms: atomsIn(object),
    },
  };
}
