/** Looks values up within reach, beside the warninglists of whoever asks. Every value becomes exact keys, asked for all at once. */
import type { Actions, Caller } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { keyOf } from '#kit/match/key';
import { candidatesOf, keysOf, rememberingKeys, type PrefixLengths, type Probe } from '#kit/match/probes';
import { readValue, type Value } from '#kit/match/value';
import { nextTurn } from '#kit/turn';
import { stateFact } from '#world/facts';
import type { Trace } from '#world/trace';
import type { lookupApi } from '../api/lookup.ts';
import { wholeReach } from '../gate.ts';
import type { LookedUp, Warninglist } from '../model/lookup.ts';
import { labelOf } from '../rules/tlp.ts';
import { readWarninglist } from '../rules/warninglists.ts';
import { fewestSieved, KnownKeys, type Sifting } from '../store/known.ts';
import { benignOf, dropWarninglist, hitsOf, lookupGround, putWarninglist, warninglistsOf, type Hit, type LookupGround } from '../store/lookup.ts';
import { onBlindLists, type BlindParts, type OnBlindList } from './blindlists.ts';
import { nowUs, type ExchangeParts } from './parts.ts';

export function lookupActions(parts: BlindParts & { readonly trace: Trace }): Actions<typeof lookupApi> {
  const { db, clock } = parts;
  const known = new KnownKeys(db, (error) => parts.trace.error('lookup.keys-unread', error));
  return {
    'threats.lookUp': async ({ values, all }, caller) => {
      await caller.may('threat.read', { owner: caller.actor.org, kind: 'threat', purpose: 'incident-response', level: 3, known: false, noun: 'threat' });
      // What is known as of now is fetched beside the rest.
      const sifting = known.sifting(values.length >= fewestSieved);
      const [reach, ground] = await Promise.all([wholeReach(db, caller), lookupGround(db, caller.actor.org)]);
      const { read, hits: found } = await readAndAsked(values, ground, sifting, (keys) => hitsOf(db, reach, keys));
      const [hits, benign, blind] = await Promise.all([
        found, ground.benign ? benignOf(db, caller.actor.org, [...new Set(read.flatMap((one) => one.keys))]) : noLists,
        ground.blind ? onBlindLists(parts, caller, read.flatMap((asked) => probed(asked, ground))) : notBlind,
      ]);
      const ons: Ons = { hits: byKeyOf(hits), benign, blind, now: BigInt(nowUs(parts)) };
      const counts = { found: 0 };
      const items: LookedUp[] = [];
      for (const one of read) {
        const isFound = one.keys.some((key) => ons.hits.has(key) || blind.has(key));
        if (isFound) counts.found++;
        else if (!all) continue;
        items.push(itemOf(one, isFound || (benign.size > 0 && one.keys.some((key) => benign.has(key))) ? probed(one, ground) : [], ons));
      }
      return { items, asked: values.length, found: counts.found };
    },
    'warninglists.list': async (_, { actor }) => ({ items: await warninglistsOf(db, actor.org) }),
    'warninglists.remove': async ({ warninglist }, { actor }) => db.transaction(async (tx) => {
      const name = await dropWarninglist(tx, actor.org, warninglist);
      if (name === null) throw noSuch('warninglist');
      await stateFact(tx, {
        class: 'warninglist.removed', at: clock.iso(), actor: actor.person, org: actor.org, subject: warninglist, readers: [], clauses: [], body: { name },
      });
      return { name };
    }),
  };
}

const noLists: ReadonlyMap<string, string[]> = new Map();
const notBlind: ReadonlyMap<string, readonly OnBlindList[]> = new Map();

/** A value that was asked for, and the keys by which it, or what covers it, is found. */
interface Keyed { readonly asked: string; readonly value: Value | null; readonly keys: readonly string[] }

/** Values that are read before the records are asked for those of them that may be known, while the next are read. */
const valuesOfPart = 2_500;

/** Of a large question few values are known: each has its keys alone until one of them is found. */
async function readAndAsked(
  values: readonly string[], { lengths }: LookupGround, sifting: Sifting, ask: (keys: readonly string[]) => Promise<Hit[]>,
): Promise<{ read: Keyed[]; hits: Promise<Hit[]> }> {
  const shared = rememberingKeys();
  const read: Keyed[] = [];
  const asked: Promise<Hit[]>[] = [];
  const goes = (keys: readonly string[]): void => {
    if (keys.length === 0) return;
    const answer = ask(keys);
    // It is awaited with the others; one that fails before that ends nothing but this question.
    answer.catch(() => undefined);
    asked.push(answer);
  };
  for (let at = 0; at < values.length; at += valuesOfPart) {
    const keys: string[] = [];
    for (const value of values.slice(at, at + valuesOfPart)) {
      const one = keyed(value, lengths, shared);
      for (const key of one.keys) keys.push(key);
      read.push(one);
    }
    goes(await sifting.next(keys));
    if (at + valuesOfPart < values.length) await nextTurn();
  }
  goes(sifting.rest());
  return { read, hits: Promise.all(asked).then((all) => all.flat()) };
}

function keyed(asked: string, lengths: PrefixLengths, shared: typeof keyOf): Keyed {
  const value = readValue(asked);
  return { asked, value, keys: value ? keysOf(value, lengths, keyOf, shared) : [] };
}

/** The same values and keys with how each covers what was asked; in the same order as the keys. */
function probed({ value, keys }: Keyed, { lengths }: LookupGround): Probe[] {
  return value ? candidatesOf(value, lengths).map((candidate, at) => ({ ...candidate, key: keys[at] ?? '' })) : [];
}

/** What the keys that were asked for are on. */
interface Ons {
  readonly hits: ReadonlyMap<string, readonly Hit[]>;
  readonly benign: ReadonlyMap<string, readonly string[]>;
  readonly blind: ReadonlyMap<string, readonly OnBlindList[]>;
  readonly now: bigint;
}

function byKeyOf(hits: readonly Hit[]): Map<string, Hit[]> {
  const byKey = new Map<string, Hit[]>();
  for (const hit of hits) {
    const before = byKey.get(hit.key);
    if (before) before.push(hit);
    else byKey.set(hit.key, [hit]);
  }
  return byKey;
}

/** Loops, not chains: this is made of every value of a question of ten thousand. */
function itemOf({ asked, value }: Keyed, probes: readonly Probe[], on: Ons): LookedUp {
  const hits: LookedUp['hits'] = [];
  // By one key each object is found once.
  const told = probes.length > 1 ? new Set<string>() : null;
  const benign = new Set<string>();
  const blind: LookedUp['blind'] = [];
  for (const { key, value: stated, covers } of probes) {
    for (const { id, type, name, tlp, owner, validToUs } of on.hits.get(key) ?? []) {
      if (told?.has(`${owner} ${id}`) === true) continue;
      told?.add(`${owner} ${id}`);
      hits.push({ id, type, name, tlp: labelOf(tlp), owner, value: stated, covers, expired: validToUs !== null && validToUs <= on.now });
    }
    for (const name of on.benign.get(key) ?? []) benign.add(name);
    for (const list of on.blind.get(key) ?? []) blind.push(list);
  }
  return { asked, kind: value?.kind ?? null, value: value?.value ?? null, hits, blind, benign: [...benign] };
}

/** The largest list that is taken, in bytes: a million names. */
const largest = 64_000_000;

export async function putList(parts: ExchangeParts, body: AsyncIterable<Uint8Array>, { actor }: Pick<Caller, 'actor'>): Promise<Warninglist> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > largest) throw new Refusal('too-large', 'warninglist.too-large', `A warninglist is at most ${largest / 1_000_000} MB.`);
    pieces.push(piece);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces));
  } catch {
    throw new Refusal('invalid', 'input.not-utf8', 'The body is not UTF-8.');
  }
  const { keys, prefixes, ...read } = readWarninglist(text);
  const list = { ...read, id: parts.ids.next('wrn'), uploadedAt: parts.clock.iso() };
  await parts.db.transaction(async (tx) => {
    await putWarninglist(tx, { ...list, scope: actor.org, by: actor.person, keys, prefixes });
    await stateFact(tx, {
      class: 'warninglist.put', at: list.uploadedAt, actor: actor.person, org: actor.org, subject: list.id, readers: [], clauses: [],
      body: { name: list.name, version: list.version, names: keys.length },
    });
  });
  return { ...list, names: keys.length };
}
