/**
 * Confidential lists that are matched and not read. The owner makes the keys at home with the list's secret; the hub, which holds the
 * secret sealed, makes the same keys of what is looked up. Who looks up learns that a value stands on whose list; the owner learns that a
 * key was found, and not by whom.
 */
import type { Actions, Caller } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { blindKeyOf } from '#kit/match/key';
import type { Probe } from '#kit/match/probes';
import { asHub } from '#world/db/scope';
import type { Queryable } from '#world/db/port';
import type { Secrets } from '#world/secrets/port';
import { stateFact } from '#world/facts';
import { organisationById } from '#modules/parties/index';
import type { blindListsApi } from '../api/blindlists.ts';
import { maySee } from '../gate.ts';
import type { BlindList } from '../model/blindlists.ts';
import {
  blindCounts, blindHits, blindListById, blindListsOf, changeKeys, endBlindList, insertBlindList, matchBlind, type BlindRecord, type Count,
} from '../store/blindlists.ts';
import { partnerUnder } from './collections.ts';
import type { ExchangeParts } from './parts.ts';

export type BlindParts = ExchangeParts & { readonly secrets: Secrets };

const purposeOf = (id: string): string => `blind list ${id}`;

export function blindListActions(parts: BlindParts): Actions<typeof blindListsApi> {
  const { db, clock, secrets } = parts;
  const own = async (q: Queryable, org: string, id: string): Promise<BlindRecord> => {
    const found = await blindListById(q, org, id);
    if (!found) throw noSuch('blindlist');
    if (found.closedAt !== null) throw new Refusal('conflict', 'blindlist.closed', 'This list was closed: its keys and its secret are gone.');
    return found;
  };
  return {
    'blindlists.list': async (_, { actor }) => {
      const mine = await blindListsOf(db, actor.org, 'owner');
      const others = (await blindListsOf(db, actor.org, 'asker')).filter((l) => l.scope !== actor.org);
      const counts = await blindCounts(db, mine.map((l) => l.id));
      return { own: await shownOf(db, mine, counts), others: await shownOf(db, others, null) };
    },
    'blindlists.open': async (input, { actor }) => db.transaction(async (tx) => {
      const { partner } = await partnerUnder(tx, actor.org, input.agreement);
      const id = parts.ids.next('bll');
      const secret = Buffer.from(parts.random.bytes(32)).toString('hex');
      const at = clock.iso();
      await insertBlindList(tx, {
        id, scope: actor.org, agreement: input.agreement, partner, title: input.title, contact: input.contact, sealed: secrets.seal(purposeOf(id), secret),
        openedAt: at, by: actor.person,
      });
      await state(tx, at, actor, id, 'blindlist.opened', [partner], { title: input.title, agreement: input.agreement });
      return { list: (await shownOf(tx, [await own(tx, actor.org, id)], new Map()))[0] as BlindList, secret };
    }),
    'blindlists.secret': async ({ blindlist: list }, { actor }) => db.transaction(async (tx) => {
      const found = await own(tx, actor.org, list);
      await state(tx, clock.iso(), actor, list, 'blindlist.secret-given', [], {});
      return { secret: secrets.open(purposeOf(list), found.sealed ?? '') };
    }),
    'blindlists.change': async ({ blindlist: list, add, remove }, { actor }) => db.transaction(async (tx) => {
      const found = await own(tx, actor.org, list);
      const changed = await changeKeys(tx, list, [...new Set(add)], [...new Set(remove)]);
      await state(tx, clock.iso(), actor, list, 'blindlist.changed', [], changed);
      return { list: (await shownOf(tx, [found], await blindCounts(tx, [list])))[0] as BlindList, ...changed };
    }),
    'blindlists.hits': async ({ blindlist: list }, { actor }) => {
      await own(db, actor.org, list);
      return { items: await blindHits(db, list) };
    },
    'blindlists.close': async ({ blindlist: list, reason }, { actor }) => db.transaction(async (tx) => {
      const found = await own(tx, actor.org, list);
      const at = clock.iso();
      await endBlindList(tx, actor.org, list, at);
      await state(tx, at, actor, list, 'blindlist.closed', [found.partner], { reason });
      return { list: (await shownOf(tx, [{ ...found, closedAt: at }], new Map()))[0] as BlindList };
    }),
  };
}

async function state(
  tx: Queryable, at: string, actor: { person: string; org: string }, list: string, what: string, readers: string[],
  body: Parameters<typeof stateFact>[1]['body'],
): Promise<void> {
  await stateFact(tx, { class: what, at, actor: actor.person, org: actor.org, subject: list, readers, clauses: [], body: { list, ...body } });
}

async function shownOf(q: Queryable, lists: readonly BlindRecord[], counts: ReadonlyMap<string, Count> | null): Promise<BlindList[]> {
  const shown: BlindList[] = [];
  for (const l of lists) {
    const nameOf = async (id: string): Promise<string> => (await organisationById(q, id))?.name ?? id;
    const count = counts === null ? null : counts.get(l.id) ?? { keys: 0, found: 0, lastAt: null };
    shown.push({
      id: l.id, title: l.title, owner: l.scope, ownerName: await nameOf(l.scope), agreement: l.agreement, partner: l.partner,
      partnerName: await nameOf(l.partner), contact: l.contact, openedAt: l.openedAt, closedAt: l.closedAt,
      keys: count?.keys ?? null, found: count?.found ?? null, lastAt: count?.lastAt ?? null,
    });
  }
  return shown;
}

export interface OnBlindList { readonly list: string; readonly title: string; readonly owner: string; readonly contact: string }

/** By key of a probe, the blind lists on which its value stands: the caller's own and its partners' that it may match against now. */
export async function onBlindLists(parts: BlindParts, caller: Caller, probes: readonly Probe[]): Promise<ReadonlyMap<string, readonly OnBlindList[]>> {
  const found = new Map<string, OnBlindList[]>();
  if (probes.length === 0) return found;
  const distinct = [...new Map(probes.map((p) => [p.key, p])).values()];
  for (const list of await blindListsOf(parts.db, caller.actor.org, 'asker')) {
    if (list.sealed === null || !await maySee(caller, { owner: list.scope, id: list.id, ceiling: 'AMBER' })) continue;
    const secret = Buffer.from(parts.secrets.open(purposeOf(list.id), list.sealed), 'hex');
    const byKey = new Map(distinct.map((p) => [blindKeyOf(secret, p.kind, p.value), p]));
    // That a key was found is the owner's to know, who does not see who looked; the asker's own rows are untouched.
    const hits = await asHub('a look-up is matched against a list that nobody reads', () =>
      matchBlind(parts.db, list.id, [...byKey.keys()], parts.clock.iso()));
    for (const hit of hits) {
      const key = byKey.get(hit)?.key ?? '';
      found.set(key, [...found.get(key) ?? [], { list: list.id, title: list.title, owner: list.scope, contact: list.contact }]);
    }
  }
  return found;
}
