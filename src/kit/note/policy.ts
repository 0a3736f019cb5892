/**
 * Whom one trusts: the text format of C2SP tlog-policy (`log`, `witness`, `group`, `quorum`) and one line of ours,
 * `least <origin> <size> <root>`: an older checkpoint of that log is refused, and so is one of that size with another
 * root (docs/specs/ledger.md). A verifier draws trust from nothing else.
 */
import type { Verifying } from '#kit/hash/port';
import { fromBase64, fromDecimal, fromUtf8, sameBytes } from '#kit/encoding';
import { cosignatureType, ed25519Type, parseVkey } from './note.ts';
import type { VerifierKey } from './note.ts';

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

export interface Policy {
  readonly logs: readonly VerifierKey[];
  readonly witnesses: readonly VerifierKey[];
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

interface Draft {
  readonly logs: VerifierKey[];
  readonly witnesses: VerifierKey[];
  readonly rules: Map<string, Rule>;
  readonly used: Set<string>;
  readonly least: Least[];
  quorum: Rule | null;
}

async function keyLine(
  verifying: Verifying, vkey: string | undefined, url: readonly string[], type: number,
  taken: readonly VerifierKey[], refuse: (why: string) => never,
): Promise<VerifierKey> {
  const key = await parseVkey(verifying, vkey ?? '') ?? refuse('this is not a verifier key');
  if (key.type !== type) refuse(`the key of ${key.name} is not of type 0x0${type}`);
  if (url.length > 1) refuse('more than a key and one URL');
  if (taken.some((other) => sameBytes(other.publicKey, key.publicKey))) refuse(`the key of ${key.name} is named twice`);
  return key;
}

function groupLine(draft: Draft, words: readonly string[], refuse: (why: string) => never): void {
  const [name = '', count = '', ...names] = words;
  if (name === '' || name === 'none' || draft.rules.has(name)) refuse(`the name ${name} is taken`);
  if (names.length === 0) refuse('a group has at least one member');
  const members = names.map((member) => {
    if (draft.used.has(member)) refuse(`${member} is a member already`);
    draft.used.add(member);
    return draft.rules.get(member) ?? refuse(`there is no ${member} above`);
  });
  const number = fromDecimal(count);
  const atLeast = count === 'any' ? 1 : count === 'all' ? members.length : number ?? refuse('not a number, any or all');
  if (atLeast < 1 || atLeast > members.length) refuse(`${count} of ${members.length} cannot be`);
  draft.rules.set(name, { kind: 'group', atLeast, members });
}

function leastLine(draft: Draft, words: readonly string[], refuse: (why: string) => never): void {
  const [origin = '', sizeText = '', rootText = '', ...more] = words;
  const size = fromDecimal(sizeText) ?? refuse('a size is a number without leading zeros');
  const root = fromBase64(rootText);
  if (root?.length !== 32) return refuse('a root is 32 bytes in base64');
  if (more.length) refuse('more than an origin, a size and a root');
  if (draft.least.some((other) => other.origin === origin)) refuse(`${origin} has a least checkpoint already`);
  draft.least.push({ origin, size, root });
}

async function policyLine(
  verifying: Verifying, draft: Draft, line: string, refuse: (why: string) => never,
): Promise<void> {
  const [word = '', ...words] = line.split(/[ \t]+/).filter((item) => item !== '');
  if (word === '' || word.startsWith('#')) return;
  if (word === 'log') {
    const [vkey, ...url] = words;
    draft.logs.push(await keyLine(verifying, vkey, url, ed25519Type, draft.logs, refuse));
  } else if (word === 'witness') {
    const [name = '', vkey, ...url] = words;
    if (name === '' || name === 'none' || draft.rules.has(name)) refuse(`the name ${name} is taken`);
    const key = await keyLine(verifying, vkey, url, cosignatureType, draft.witnesses, refuse);
    draft.witnesses.push(key);
    draft.rules.set(name, { kind: 'witness', key });
  } else if (word === 'group') {
    groupLine(draft, words, refuse);
  } else if (word === 'quorum') {
    const [name = '', ...more] = words;
    if (draft.quorum || more.length) refuse('one quorum line with one name');
    draft.quorum = name === 'none' ? { kind: 'none' } : draft.rules.get(name) ?? refuse(`there is no ${name} above`);
  } else if (word === 'least') {
    leastLine(draft, words, refuse);
  } else {
    refuse(`${word} is not log, witness, group, quorum or least`);
  }
}

/** Reads a policy file; throws a PolicyError that names the line. */
export async function parsePolicy(verifying: Verifying, bytes: Uint8Array): Promise<Policy> {
  const text = fromUtf8(bytes);
  if (text === null) throw new PolicyError(1, 'not UTF-8');
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
