/** Looks values up within reach, beside the warninglists of whoever asks. Every value becomes exact keys, asked for all at once. */
import type { Actions, Caller } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { probesOf, type Probe } from '#kit/match/probes';
import { readValue, type Value } from '#kit/match/value';
import { stateFact } from '#world/facts';
import type { lookupApi } from '../api/lookup.ts';
import { wholeReach } from '../gate.ts';
import type { LookedUp, Warninglist } from '../model/lookup.ts';
import { labelOf } from '../rules/tlp.ts';
import { readWarninglist } from '../rules/warninglists.ts';
import { benignOf, dropWarninglist, hitsOf, lengthsInUse, putWarninglist, warninglistsOf, type Hit } from '../store/lookup.ts';
import { onBlindLists, type BlindParts } from './blindlists.ts';
import { nowUs, type ExchangeParts } from './parts.ts';

export function lookupActions(parts: BlindParts): Actions<typeof lookupApi> {
  const { db, clock } = parts;
  return {
    'threats.lookUp': async ({ values, all }, caller) => {
      await caller.may('threat.read', { owner: caller.actor.org, kind: 'threat', purpose: 'incident-response', level: 3, known: false, noun: 'threat' });
      const reach = await wholeReach(db, caller);
      const lengths = await lengthsInUse(db);
      const read = values.map((asked) => ({ asked, value: readValue(asked) }));
      const probes = read.map(({ value }) => (value ? probesOf(value, lengths) : []));
      const keys = [...new Set(probes.flatMap((list) => list.map((p) => p.key)))];
      const [hits, benign] = [await hitsOf(db, reach, keys), await benignOf(db, caller.actor.org, keys)];
      const blind = await onBlindLists(parts, caller, probes.flat());
      const byKey = new Map<string, Hit[]>();
      for (const hit of hits) byKey.set(hit.key, [...byKey.get(hit.key) ?? [], hit]);
      const items = read.map(({ asked, value }, i) => ({
        ...itemOf(asked, value, probes[i] ?? [], byKey, benign, nowUs(parts)), blind: (probes[i] ?? []).flatMap((p) => blind.get(p.key) ?? []),
      }));
      const found = items.filter((item) => item.hits.length > 0 || item.blind.length > 0);
      return { items: all ? items : found, asked: values.length, found: found.length };
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

function itemOf(
  asked: string, value: Value | null, probes: readonly Probe[], byKey: ReadonlyMap<string, readonly Hit[]>, benign: ReadonlyMap<string, readonly string[]>,
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
