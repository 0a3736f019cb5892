/** Looks values up within reach, beside the warninglists of whoever asks. Every value becomes exact keys, asked for all at once. */
import type { Actions, Caller } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { keyOf } from '#kit/match/key';
import { candidatesOf, keysOf, rememberingKeys, type Probe } from '#kit/match/probes';
import { readValue, type Value } from '#kit/match/value';
import { stateFact } from '#world/facts';
import type { Trace } from '#world/trace';
import type { lookupApi } from '../api/lookup.ts';
import { wholeReach } from '../gate.ts';
import type { LookedUp, Warninglist } from '../model/lookup.ts';
import { labelOf } from '../rules/tlp.ts';
import { readWarninglist } from '../rules/warninglists.ts';
import { KnownKeys } from '../store/known.ts';
import { benignOf, dropWarninglist, hitsOf, lookupGround, putWarninglist, warninglistsOf, type Hit, type LookupGround } from '../store/lookup.ts';
import { onBlindLists, type BlindParts, type OnBlindList } from './blindlists.ts';
import { nowUs, type ExchangeParts } from './parts.ts';

export function lookupActions(parts: BlindParts & { readonly trace: Trace }): Actions<typeof lookupApi> {
  const { db, clock } = parts;
  const known = new KnownKeys(db, (error) => parts.trace.error('lookup.keys-unread', error));
  return {
    'threats.lookUp': async ({ values, all }, caller) => {
      await caller.may('threat.read', { owner: caller.actor.org, kind: 'threat', purpose: 'incident-response', level: 3, known: false, noun: 'threat' });
      const reach = await wholeReach(db, caller);
      const ground = await lookupGround(db, caller.actor.org);
      const { read, keys } = keyed(values, ground);
      const [hits, benign, blind] = await Promise.all([
        known.among(keys).then((left) => hitsOf(db, reach, left)), ground.benign ? benignOf(db, caller.actor.org, [...new Set(keys)]) : noLists,
        ground.blind ? onBlindLists(parts, caller, read.flatMap((asked) => probed(asked, ground))) : notBlind,
      ]);
      const byKey = new Map<string, Hit[]>();
      for (const hit of hits) {
        const before = byKey.get(hit.key);
        if (before) before.push(hit);
        else byKey.set(hit.key, [hit]);
      }
      const now = nowUs(parts);
      const counts = { found: 0 };
      const items: LookedUp[] = [];
      for (const one of read) {
        const isFound = one.keys.some((key) => byKey.has(key) || blind.has(key));
        if (isFound) counts.found++;
        else if (!all) continue;
        const probes = isFound || one.keys.some((key) => benign.has(key)) ? probed(one, ground) : [];
        items.push({ ...itemOf(one, probes, byKey, benign, now), blind: probes.flatMap((p) => blind.get(p.key) ?? []) });
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

/** Of a large question few values are known: each has its keys alone until one of them is found. */
function keyed(values: readonly string[], { lengths }: LookupGround): { read: Keyed[]; keys: string[] } {
  const shared = rememberingKeys();
  const keys: string[] = [];
  const read = values.map((asked): Keyed => {
    const value = readValue(asked);
    const own = value ? keysOf(value, lengths, keyOf, shared) : [];
    for (const key of own) keys.push(key);
    return { asked, value, keys: own };
  });
  return { read, keys };
}

/** The same values and keys with how each covers what was asked; in the same order as the keys. */
function probed({ value, keys }: Keyed, { lengths }: LookupGround): Probe[] {
  return value ? candidatesOf(value, lengths).map((candidate, at) => ({ ...candidate, key: keys[at] ?? '' })) : [];
}

function itemOf(
  { asked, value }: Keyed, probes: readonly Probe[], byKey: ReadonlyMap<string, readonly Hit[]>, benign: ReadonlyMap<string, readonly string[]>,
  now: number,
): Omit<LookedUp, 'blind'> {
  const told = new Set<string>();
  const hits = probes.flatMap((probe) => (byKey.get(probe.key) ?? []).flatMap((hit): LookedUp['hits'] => {
    if (told.has(`${hit.owner} ${hit.id}`)) return [];
    told.add(`${hit.owner} ${hit.id}`);
    return [{
      id: hit.id, type: hit.type, name: hit.name, tlp: labelOf(hit.tlp), owner: hit.owner, value: probe.value, covers: probe.covers,
      expired: hit.validToUs !== null && hit.validToUs <= BigInt(now),
    }];
  }));
  return { asked, kind: value?.kind ?? null, value: value?.value ?? null, hits, benign: [...new Set(probes.flatMap((p) => benign.get(p.key) ?? []))] };
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
