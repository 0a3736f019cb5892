/**
 * Whom one trusts: the text format of C2SP tlog-policy (`log`, `witness`, `group`, `quorum`) and one line of ours,
 * `least <origin> <size> <root>`: an older checkpoint of that log is refused, and so is one of that size with another
 * root (docs/specs/ledger.md). A verifier draws trust from nothing else.
 */
import type { Verifying } from '#kit/hash/port';
import { fromBase64, fromDecimal, fromUtf8, sameBytes } from '#kit/encoding';
import { cosignatureType, ecdsaType, ed25519Type, mlDsaType, parseVkey } from './note.ts';
import type { KeyType, VerifierKey } from './note.ts';

export interface Least {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** What a name in the quorum stands for. */
export type Rule =
  | { readonly kind: 'none' }
  | { readonly kind: 'witness'; readonly key: VerifierKey }
  | { readonly kind: 'group'; readonly atLeast: number; readonly members: readonly Rule[] };

export interface PolicyLog extends VerifierKey {
  /** Where the log is read, as its line has it. */
  readonly url: string | null;
}

export interface PolicyWitness extends VerifierKey {
  /** What the policy calls it; has no meaning outside. */
  readonly label: string;
  /** Its submission prefix, where it is to be asked. */
  readonly url: string | null;
}

export interface Policy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  readonly quorum: Rule;
  readonly least: readonly Least[];
}

/** A policy that cannot be read: nothing may be decided by it. `line` counts from 1. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly line: number;
  constructor(line: number, why: string) {
    super(`policy line ${line}: ${why}`);
    this.line = line;
  }
}

/** Far above the 32 of each that a reader must take; keeps a hostile file from costing more than it weighs. */
export const maxPolicyNames = 1024;
export const maxPolicyBytes = 8 * 1024 * 1024;

/** A log signs its checkpoints with any note signature; a witness cosigns. */
const logTypes: readonly KeyType[] = [ed25519Type, ecdsaType, mlDsaType];
const witnessTypes: readonly KeyType[] = [cosignatureType, mlDsaType];

interface Draft {
  readonly logs: PolicyLog[];
  readonly witnesses: PolicyWitness[];
  readonly rules: Map<string, Rule>;
  readonly used: Set<string>;
  readonly least: Least[];
  quorum: Rule | null;
}

type Refuse = (why: string) => never;

/** The file is octets, and names compare as octets: one character here is one octet of the file. */
function octetsOf(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

/** The text that these octets spell, or null where they are not UTF-8. */
function textOf(octets: string): string | null {
  return fromUtf8(Uint8Array.from(octets, (letter) => letter.charCodeAt(0)));
}

/** For messages. */
const shown = (octets: string): string => textOf(octets) ?? octets;

async function keyLine(
  verifying: Verifying, words: readonly string[], types: readonly KeyType[], taken: readonly VerifierKey[], refuse: Refuse,
): Promise<PolicyLog> {
  const [vkey = '', url, ...more] = words;
  const key = await parseVkey(verifying, textOf(vkey) ?? '') ?? refuse('this is not a verifier key');
  if (!types.includes(key.type)) {
    refuse(`the key of ${key.name} is of type 0x0${key.type}, not ${types.map((type) => `0x0${type}`).join(' or ')}`);
  }
  if (more.length) refuse('more than a key and one URL');
  if (taken.some((other) => sameBytes(other.publicKey, key.publicKey))) refuse(`the key of ${key.name} is named twice`);
  if (taken.length >= maxPolicyNames) refuse(`more than ${maxPolicyNames} keys of one kind`);
  return { ...key, url: url === undefined ? null : shown(url) };
}

function nameLine(draft: Draft, name: string, refuse: Refuse): void {
  if (name === '') refuse('a name is missing');
  if (name === 'none' || draft.rules.has(name)) refuse(`the name ${shown(name)} is taken`);
  if (draft.rules.size >= maxPolicyNames) refuse(`more than ${maxPolicyNames} names`);
}

function groupLine(draft: Draft, words: readonly string[], refuse: Refuse): void {
  const [name = '', count = '', ...names] = words;
  nameLine(draft, name, refuse);
  if (names.length === 0) refuse('a group has at least one member');
  const members = names.map((member) => {
    if (draft.used.has(member)) refuse(`${shown(member)} is a member already`);
    draft.used.add(member);
    return draft.rules.get(member) ?? refuse(`there is no ${shown(member)} above`);
  });
  const number = fromDecimal(count);
  const atLeast = count === 'any' ? 1 : count === 'all' ? members.length : number ?? refuse('not a number, any or all');
  if (atLeast < 1 || atLeast > members.length) refuse(`${count} of ${members.length} cannot be`);
  draft.rules.set(name, { kind: 'group', atLeast, members });
}

function leastLine(draft: Draft, words: readonly string[], refuse: Refuse): void {
  const [originOctets = '', sizeText = '', rootText = '', ...more] = words;
  const origin = textOf(originOctets) ?? refuse('an origin is UTF-8');
  const size = fromDecimal(sizeText) ?? refuse('a size is a number without leading zeros, below 2^53');
  const root = fromBase64(rootText);
  if (root?.length !== 32) return refuse('a root is 32 bytes in base64');
  if (more.length) refuse('more than an origin, a size and a root');
  if (draft.least.some((other) => other.origin === origin)) refuse(`${origin} has a least checkpoint already`);
  if (draft.least.length >= maxPolicyNames) refuse(`more than ${maxPolicyNames} least lines`);
  draft.least.push({ origin, size, root });
}

async function policyLine(verifying: Verifying, draft: Draft, line: string, refuse: Refuse): Promise<void> {
  const [word = '', ...words] = line.split(/[ \t]+/).filter((item) => item !== '');
  if (word === '' || word.startsWith('#')) return;
  if (word === 'log') {
    draft.logs.push(await keyLine(verifying, words, logTypes, draft.logs, refuse));
  } else if (word === 'witness') {
    const [name = '', ...rest] = words;
    nameLine(draft, name, refuse);
    const key = { ...await keyLine(verifying, rest, witnessTypes, draft.witnesses, refuse), label: shown(name) };
    draft.witnesses.push(key);
    draft.rules.set(name, { kind: 'witness', key });
  } else if (word === 'group') {
    groupLine(draft, words, refuse);
  } else if (word === 'quorum') {
    const [name = '', ...more] = words;
    if (draft.quorum || more.length) refuse('one quorum line with one name');
    draft.quorum = name === 'none' ? { kind: 'none' } : draft.rules.get(name) ?? refuse(`there is no ${shown(name)} above`);
  } else if (word === 'least') {
    leastLine(draft, words, refuse);
  } else {
    refuse(`${shown(word)} is not log, witness, group, quorum or least`);
  }
}

/** Reads a policy file; throws a PolicyError that names the line. */
export async function parsePolicy(verifying: Verifying, bytes: Uint8Array): Promise<Policy> {
  if (bytes.length > maxPolicyBytes) throw new PolicyError(1, `more than ${maxPolicyBytes} bytes`);
  const text = octetsOf(bytes);
  if (text !== '' && !text.endsWith('\n')) {
    throw new PolicyError(text.split('\n').length, 'the last line has no newline');
  }
  const draft: Draft = {
    logs: [], witnesses: [], rules: new Map(), used: new Set(), least: [], quorum: null,
  };
  const lines = text.split('\n');
  for (const [i, line] of lines.entries()) {
    const refuse = (why: string): never => { throw new PolicyError(i + 1, why); };
    // eslint-disable-next-line no-control-regex
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(line)) refuse('a control character');
    await policyLine(verifying, draft, line, refuse);
  }
  if (!draft.quorum) throw new PolicyError(lines.length, 'there is no quorum line');
  const { logs, witnesses, quorum, least } = draft;
  return { logs, witnesses, quorum, least };
}

/** Whether these keys, whose signatures were verified, are enough. */
export function meetsQuorum(rule: Rule, by: readonly VerifierKey[]): boolean {
  if (rule.kind === 'none') return true;
  if (rule.kind === 'witness') return by.includes(rule.key);
  return rule.members.filter((member) => meetsQuorum(member, by)).length >= rule.atLeast;
}
