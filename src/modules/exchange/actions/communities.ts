/**
 * Blind communities. A member is a collection under its own agreement with the holder, so that every read path knows it already and
 * none can tell of another; what a member adds goes into all of them in the transaction that takes it in.
 */
import type { Actions, Actor } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import { decisionFor } from '#modules/agreements/index';
import { organisationById } from '#modules/parties/index';
import type { communitiesApi } from '../api/communities.ts';
import type { Community, CommunityMember } from '../model/communities.ts';
import { rankOf } from '../rules/tlp.ts';
import { closeCollection, collectionsOfCommunity, collectionsUnder, insertCollection, ownCollections, type CollectionRecord } from '../store/collections.ts';
import { addedIn, communitiesOf, communityById, endCommunity, insertCommunity, type CommunityRecord } from '../store/communities.ts';
import { lockLog } from '../store/log.ts';
import { backfill } from '../store/sharing.ts';
import { partnerUnder, previewOf, stateOfCollection } from './collections.ts';
import { newUuid, nowUs, type ExchangeParts } from './parts.ts';

export function communityActions(parts: ExchangeParts): Actions<typeof communitiesApi> {
  const { db, clock } = parts;
  const changed = <T extends { readonly community: string }>(work: (tx: Queryable, actor: Actor, found: CommunityRecord, input: T) => Promise<void>) =>
    async (input: T, { actor }: { readonly actor: Actor }) => db.transaction(async (tx) => {
      const found = await communityById(tx, actor.org, input.community, true);
      if (!found) throw noSuch('community');
      if (found.closedAt !== null) throw new Refusal('conflict', 'community.closed', 'This community was closed.');
      await work(tx, actor, found, input);
      return { community: await shownOf(parts, tx, actor.org, await communityById(tx, actor.org, found.id) ?? found) };
    });
  return {
    'communities.list': async (_, { actor }) => {
      const items: Community[] = [];
      for (const c of await communitiesOf(db, actor.org)) items.push(await shownOf(parts, db, actor.org, c));
      return { items };
    },
    'communities.open': async (input, { actor }) => db.transaction(async (tx) => {
      const made = { ...input, id: parts.ids.next('com'), openedAt: clock.iso(), closedAt: null };
      await insertCommunity(tx, actor.org, actor.person, made);
      await state(parts, tx, actor, made.id, 'community.opened', { title: made.title, ceiling: made.ceiling });
      return { community: await shownOf(parts, tx, actor.org, made) };
    }),
    'communities.admit': changed(async (tx, actor, found, { agreement }: { community: string; agreement: string }) => admit(parts, tx, actor, found,
      agreement)),
    'communities.dismiss': changed(async (tx, actor, found, input: { community: string; collection: string; reason: string }) => {
      const member = (await collectionsOfCommunity(tx, actor.org, found.id)).find((c) => c.id === input.collection);
      if (!member) throw noSuch('collection');
      await dismiss(parts, tx, actor, member, input.reason);
    }),
    'communities.close': changed(async (tx, actor, found, { reason }: { community: string; reason: string }) => {
      for (const member of await collectionsOfCommunity(tx, actor.org, found.id)) await dismiss(parts, tx, actor, member, reason);
      await endCommunity(tx, actor.org, found.id, clock.iso());
      await state(parts, tx, actor, found.id, 'community.closed', { reason });
    }),
  };
}

async function admit(parts: ExchangeParts, tx: Queryable, actor: Actor, found: CommunityRecord, agreement: string): Promise<void> {
  const { title, description, alias, ceiling, types } = found;
  const { partner } = await partnerUnder(tx, actor.org, agreement);
  const preview = await previewOf(parts, tx, actor.org, { agreement, ceiling, types });
  if (!preview.allowed) {
    throw new Refusal('forbidden', 'collection.not-agreed', 'The agreement does not let the other side read that.', { hint: preview.refusal ?? '' });
  }
  const at = parts.clock.iso();
  const { library } = await ownCollections(tx, actor.org, () => newUuid(parts), actor.person, at);
  await lockLog(tx, library.coll);
  const members = await collectionsOfCommunity(tx, actor.org, found.id);
  if (members.some((m) => m.partner === partner)) throw new Refusal('conflict', 'community.member', 'It is a member already.', { at: 'agreement' });
  const made = await insertCollection(tx, {
    id: newUuid(parts), kind: 'shared', title, description, alias: await freeAlias(tx, actor.org, agreement, alias), owner: actor.org, agreement, partner,
    ceiling, types, accepts: true, openedAt: at, openedBy: actor.person, community: found.id,
  });
  const [sibling] = members;
  const objects = await backfill(tx, {
    ...sibling ? { from: sibling.coll, whole: true } : { from: library.coll }, into: made.coll, ceiling: rankOf(ceiling), types, nowUs: nowUs(parts),
  });
  // What the member reads of it says nothing of the community but that there is one.
  await stateOfCollection(parts, tx, actor, made, 'collection.opened', {
    title, ceiling, types: types === null ? null : [...types], accepts: true, blind: true, objects,
  });
  await state(parts, tx, actor, found.id, 'community.admitted', { collection: made.id, agreement, partner });
}

/** An alias is unique under an agreement: where it is taken, the member's part is called by its number alone. */
async function freeAlias(tx: Queryable, org: string, agreement: string, alias: string | null): Promise<string | null> {
  if (alias === null) return null;
  return (await collectionsUnder(tx, agreement, org)).some((c) => c.alias === alias) ? null : alias;
}

async function dismiss(parts: ExchangeParts, tx: Queryable, actor: Actor, member: CollectionRecord, reason: string): Promise<void> {
  await closeCollection(tx, actor.org, member.id, parts.clock.iso());
  await stateOfCollection(parts, tx, actor, member, 'collection.closed', { reason });
}

async function state(
  { clock }: ExchangeParts, tx: Queryable, actor: Actor, community: string, what: string, body: Parameters<typeof stateFact>[1]['body'],
): Promise<void> {
  // Nobody but its holder reads of a community.
  await stateFact(tx, { class: what, at: clock.iso(), actor: actor.person, org: actor.org, subject: community, readers: [], clauses: [], body: { community,
    ...body } });
}

async function shownOf(parts: ExchangeParts, q: Queryable, org: string, c: CommunityRecord): Promise<Community> {
  const added = await addedIn(q, org, c.id);
  const members: CommunityMember[] = [];
  for (const m of await collectionsOfCommunity(q, org, c.id, true)) {
    const partner = m.partner as string;
    const may = async (action: 'threat.read' | 'threat.share'): Promise<boolean> => m.closedAt === null && (await decisionFor({ db: q, clock: parts.clock }, {
      actor: { org: partner }, action, purpose: 'incident-response', resource: { owner: org, kind: 'threat', tlp: m.ceiling, level: 3 },
    })).outcome === 'allow';
    members.push({
      collection: m.id, agreement: m.agreement as string, partner, partnerName: (await organisationById(q, partner))?.name ?? partner,
      since: m.openedAt, dismissedAt: m.closedAt, added: added.get(partner) ?? 0, reads: await may('threat.read'), adds: await may('threat.share'),
    });
  }
  return { ...c, objects: added.get('') ?? 0, members };
}
