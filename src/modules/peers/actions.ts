/** Peers as the centre's people add, change and end them; what is followed of each; what is fetched by hand. */
import { lastFourOf } from '#kit/asking';
import type { Actions } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import { stateFact, type Json } from '#world/facts';
import { agreementsOf } from '#modules/agreements/index';
import { sharedUnder, sourceNamed } from '#modules/exchange/index';
import type { peersApi } from './api/peers.ts';
import type { Auth, Following, Found, Peer } from './model/peers.ts';
import { purposeOf, type RunParts } from './runs/run.ts';
import type { PeerRunner } from './runs/runner.ts';
import {
  asideOf, changeFollowing, endPeer, fetchesOf, followingById, followingsOf, insertFollowing, insertPeer, peerById, peersOf, savePeer,
  type FollowingRecord, type PeerRecord,
} from './store/peers.ts';
import { discover } from './taxii/discover.ts';
import { PeerError, plainDialect, Session } from './taxii/session.ts';
import { beginning, type Place } from './taxii/walk.ts';

export interface PeersParts extends RunParts { readonly runner: Pick<PeerRunner, 'begin'> }

type All = Actions<typeof peersApi>;

const taken = (): Refusal => new Refusal('conflict', 'peer.taken', 'There is a peer of this title.', { at: 'title' });

async function one(q: Queryable, scope: string, id: string): Promise<PeerRecord> {
  const peer = await peerById(q, scope, id);
  if (!peer) throw noSuch('peer');
  return peer;
}

async function oneFollowing(q: Queryable, scope: string, id: string): Promise<FollowingRecord> {
  const following = await followingById(q, scope, id);
  if (!following) throw noSuch('following');
  return following;
}

/** A secret goes to the place and the way of signing in that it was given for. */
const placeOf = (url: string, auth: Auth): string => `${new URL(url).origin} ${auth.scheme} ${auth.scheme === 'basic' ? auth.user : ''}`;

const noSecret = (): Refusal => new Refusal('invalid', 'peer.no-secret', 'The secret that this peer needs is not given.', { at: 'secret' });

export function peersActions(parts: PeersParts): All {
  const { db, clock } = parts;
  return {
    'peers.list': async (_, { actor }) => {
      const [peers, followings] = [await peersOf(db, actor.org), await followingsOf(db, actor.org, null)];
      const items = [];
      for (const peer of peers) items.push({ peer: await shownPeer(parts, peer), followings: followings.filter((f) => f.peer === peer.id).map(shown) });
      return { at: clock.iso(), items };
    },
    'peers.view': async ({ peer }, { actor }) => whole(parts, actor.org, peer),
    'peers.look': async ({ url, auth, secret }) => {
      if (auth.scheme !== 'none' && secret === undefined) throw noSecret();
      return looked(parts, url, auth, () => secret ?? '');
    },
    'peers.discover': async ({ peer: id }, { actor }) => {
      const peer = await one(db, actor.org, id);
      return looked(parts, peer.url, peer.auth, () => (peer.sealed === null ? '' : parts.secrets.open(purposeOf(peer.id), peer.sealed)));
    },
    ...peerChanges(parts),
    ...followingActs(parts),
  };
}

function peerChanges(parts: PeersParts): Pick<All, 'peers.add' | 'peers.change' | 'peers.end'> {
  const { db, clock, ids } = parts;
  return {
    'peers.add': async ({ secret, ...input }, { actor }) => {
      const id = ids.next('peer');
      if (input.auth.scheme !== 'none' && secret === undefined) throw noSecret();
      await db.transaction(async (tx) => {
        await refuseOtherAgreement(tx, actor.org, input.agreement);
        const at = clock.iso();
        // One source for each peer, that speaks for itself: what comes of it is judged against what itself brought before.
        const source = await sourceNamed(tx, actor.org, { id: ids.next('src'), kind: 'taxii', name: `${input.title} (${id})`, org: null }, at);
        const made = await insertPeer(tx, {
          ...input, id, scope: actor.org, source: source.id, dialect: plainDialect, createdAt: at, createdBy: actor.person, ...sealedOf(parts, id,
            input.auth.scheme === 'none' ? undefined : secret),
        });
        if (!made) throw taken();
        await state(parts, tx, actor, 'peer.added', { id, title: input.title, agreement: input.agreement }, { host: new URL(input.url).host,
          unmarked: input.unmarked });
      });
      return whole(parts, actor.org, id);
    },
    'peers.change': async ({ peer: id, secret, ...input }, { actor }) => {
      await db.transaction(async (tx) => {
        const before = await one(tx, actor.org, id);
        if (input.agreement !== before.agreement) await refuseOtherAgreement(tx, actor.org, input.agreement);
        const samePlace = placeOf(input.url, input.auth) === placeOf(before.url, before.auth);
        const kept = samePlace && secret === undefined ? { sealed: before.sealed, lastFour: before.lastFour } : sealedOf(parts, id, secret);
        if (input.auth.scheme !== 'none' && kept.sealed === null) throw noSecret();
        const none = { sealed: null, lastFour: null };
        const dialect = samePlace ? before.dialect : plainDialect;
        if (!await savePeer(tx, { ...before, ...input, ...(input.auth.scheme === 'none' ? none : kept), dialect })) throw taken();
        await state(parts, tx, actor, 'peer.changed', { id, title: input.title, agreement: input.agreement }, {
          what: 'settings', host: new URL(input.url).host, secret: secret !== undefined, unmarked: input.unmarked,
        });
      });
      return whole(parts, actor.org, id);
    },
    'peers.end': async ({ peer: id }, { actor }) => db.transaction(async (tx) => {
      const peer = await one(tx, actor.org, id);
      await endPeer(tx, actor.org, id, clock.iso());
      await state(parts, tx, actor, 'peer.changed', peer, { what: 'ended' });
      return { ended: true as const };
    }),
  };
}

const sealedOf = ({ secrets }: PeersParts, id: string, secret: string | undefined): { sealed: string | null; lastFour: string | null } =>
  (secret === undefined ? { sealed: null, lastFour: null } : { sealed: secrets.seal(purposeOf(id), secret), lastFour: lastFourOf(secret) });

function followingActs(parts: PeersParts): Pick<All, 'followings.add' | 'followings.view' | 'followings.change' | 'followings.fetch'> {
  const { db, clock, ids, runner } = parts;
  return {
    'followings.add': async ({ peer: id, root, ...input }, { actor }) => {
      const following = ids.next('pfo');
      await db.transaction(async (tx) => {
        const peer = await one(tx, actor.org, id);
        if (new URL(root).origin !== new URL(peer.url).origin) {
          throw new Refusal('invalid', 'peer.elsewhere', 'The API root is at another host than the peer.', {
            at: 'root', hint: 'Add that host as a peer of its own.',
          });
        }
        if (input.direction === 'out') await refuseUnshared({ db: tx, clock }, peer, input.own);
        const at = `${root.replace(/[?#].*$/, '').replace(/\/*$/, '')}/`;
        const others = await followingsOf(tx, actor.org, id);
        if (others.some((f) => f.root === at && f.collection === input.collection && f.direction === input.direction)) {
          throw new Refusal('conflict', 'following.taken', 'This collection is followed already.', { at: 'collection' });
        }
        await insertFollowing(tx, {
          ...input, id: following, scope: actor.org, peer: id, root: at, own: input.direction === 'out' ? input.own : null, pageSize: peer.pageSize,
          place: input.direction === 'out' ? { seq: -1, pending: [] } : beginning, at: clock.iso(),
        });
        await state(parts, tx, actor, 'peer.changed', peer, { what: input.direction === 'out' ? 'sent-to' : 'followed', following, collection: input.title });
      });
      return { following: shown(await oneFollowing(db, actor.org, following)) };
    },
    'followings.view': async ({ following: id }, { actor }) => {
      const following = await oneFollowing(db, actor.org, id);
      return {
        peer: await shownPeer(parts, await one(db, actor.org, following.peer)), following: shown(following),
        fetches: await fetchesOf(db, actor.org, id, 100), aside: await asideOf(db, actor.org, id, 100),
      };
    },
    'followings.change': async ({ following: id, act }, { actor }) => db.transaction(async (tx) => {
      const before = await oneFollowing(tx, actor.org, id);
      const peer = await one(tx, actor.org, before.peer);
      const at = clock.iso();
      await changeFollowing(tx, actor.org, id, {
        at, ...(act === 'pause' ? { on: false } : {}), ...(act === 'go-on' ? { on: true } : {}), ...(act === 'end' ? { endedAt: at } : {}),
        ...(act === 'begin-anew' ? { place: before.direction === 'in' ? beginning : { seq: -1, pending: [] } } : {}),
      });
      await state(parts, tx, actor, 'peer.changed', peer, { what: act, following: id, collection: before.title });
      const after = await followingById(tx, actor.org, id);
      return { following: after === null ? null : shown(after) };
    }),
    'followings.fetch': async ({ following: id }, { actor }) => {
      await oneFollowing(db, actor.org, id);
      const run = await runner.begin(id, actor.person);
      if (run === null) throw new Refusal('conflict', 'peer.running', 'It is being fetched already.', { hint: 'Wait for the fetch to end.' });
      return { run };
    },
  };
}

async function refuseOtherAgreement(q: Queryable, org: string, id: string | null): Promise<void> {
  if (id === null) return;
  const found = (await agreementsOf(q, org)).find((a) => a.id === id);
  if (!found) throw noSuch('agreement');
  if (found.status !== 'active') throw new Refusal('conflict', 'peer.no-agreement', 'This agreement is not in force.', { at: 'agreement' });
}

async function refuseUnshared(parts: { readonly db: Queryable; readonly clock: PeersParts['clock'] }, peer: PeerRecord, own: string | null): Promise<void> {
  const shared = peer.agreement === null || own === null ? null : await sharedUnder(parts, peer.scope, own, peer.agreement);
  if (shared === null) {
    throw new Refusal('invalid', 'peer.not-agreed', 'Only what is shared under the agreement with this peer is sent to it.', { at: 'own' });
  }
  if (shared.refusal !== null) throw new Refusal('forbidden', 'peer.not-agreed', shared.refusal, { at: 'own' });
}

async function state(
  { clock }: PeersParts, tx: Queryable, actor: { readonly person: string; readonly org: string },
  what: string, peer: Pick<PeerRecord, 'id' | 'title' | 'agreement'>, body: Record<string, Json>,
): Promise<void> {
  const found = peer.agreement === null ? undefined : (await agreementsOf(tx, actor.org)).find((a) => a.id === peer.agreement);
  const other = found === undefined ? [] : [found.authority === actor.org ? found.counterpart : found.authority];
  await stateFact(tx, {
    class: what, at: clock.iso(), actor: actor.person, org: actor.org, subject: peer.id, readers: other, clauses: [], body: { peer: peer.title, ...body },
  });
}

/** A look at a server; what it refuses is a refusal with the place, in words. */
async function looked(parts: PeersParts, url: string, auth: Auth, secret: () => string): Promise<Found> {
  try {
    return await discover(new Session({ outbound: parts.outbound, url, auth, secret, now: () => parts.clock.now() }), url);
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    throw new Refusal('unprocessable', error.code, error.message, error.at === null ? {} : { at: error.at });
  }
}

async function whole(parts: PeersParts, org: string, id: string): Promise<{ peer: Peer; followings: Following[] }> {
  return { peer: await shownPeer(parts, await one(parts.db, org, id)), followings: (await followingsOf(parts.db, org, id)).map(shown) };
}

async function shownPeer({ db }: PeersParts, peer: PeerRecord): Promise<Peer> {
  const { scope, sealed: _, dialect: __, ...plain } = peer;
  const agreement = peer.agreement === null ? undefined : (await agreementsOf(db, scope)).find((a) => a.id === peer.agreement);
  return { ...plain, agreementTitle: agreement?.title ?? null };
}

/** As it is shown: where one stands, without what opens the next page. */
function shown(f: FollowingRecord): Following {
  const place = f.place as Partial<Place>;
  return {
    id: f.id, peer: f.peer, direction: f.direction, root: f.root, collection: f.collection, title: f.title, filters: f.filters, own: f.own, on: f.on,
    after: place.after ?? null, inProgress: f.direction === 'in' && place.chain !== null && place.chain !== undefined, pageSize: f.pageSize,
    quirks: [...f.quirks], objects: f.objects, refused: f.refused, lastSuccessAt: f.lastSuccessAt, nextAt: f.on ? f.nextAt : null, running: f.running,
    failing: f.failingSince === null || f.trouble === null ? null : { since: f.failingSince, times: f.failures, trouble: f.trouble },
  };
}
