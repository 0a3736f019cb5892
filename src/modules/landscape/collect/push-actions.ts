/** Keys of signed uploads: what the centre's people add and end. */
import { toBase64 } from '#kit/encoding';
import type { Actions } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { publicKeyOf } from '#kit/signature/profile';
import { stateFact } from '#world/facts';
import type { Queryable } from '#world/db/port';
import type { LandscapeParts } from '../actions/parts.ts';
import { feedById, type FeedRecord } from '../store.ts';
import type { pushApi } from './push-api.ts';
import { endPushKey, insertPushKey, pushKeysOf } from './push-store.ts';

/** Keys of one feed: enough for two providers' rotations, few enough to be read. */
const most = 20;

export function pushActions(parts: LandscapeParts): Actions<typeof pushApi> {
  const { db, clock, ids } = parts;
  const own = async (scope: string, id: string): Promise<FeedRecord> => {
    const feed = await feedById(db, scope, id);
    if (!feed) throw noSuch('feed');
    return feed;
  };
  const state = (tx: Queryable, feed: FeedRecord, person: string, what: string, body: Record<string, string | null>): Promise<void> =>
    stateFact(tx, {
      class: what, at: clock.iso(), actor: person, org: feed.scope, subject: feed.id,
      readers: feed.sourceOrg === null ? [] : [feed.sourceOrg], clauses: [], body: { feed: feed.name, ...body },
    });
  return {
    pushKeys: async (input, { actor }) => {
      const feed = await own(actor.org, input.feed);
      return { items: await pushKeysOf(db, actor.org, feed.id) };
    },
    addPushKey: async (input, { actor }) => {
      const feed = await own(actor.org, input.feed);
      const bytes = publicKeyOf(input.publicKey);
      if (bytes === null) {
        throw new Refusal('invalid', 'push-key.form', 'This is no public Ed25519 key as JWK, PEM or base64.', { at: 'publicKey' });
      }
      const from = input.from ?? clock.iso();
      if (input.until !== null && Date.parse(input.until) <= Math.max(Date.parse(from), clock.now())) {
        throw new Refusal('invalid', 'push-key.term', 'A key ends after it begins, and not before now.', { at: 'until' });
      }
      const key = {
        id: ids.next('pky'), keyid: input.keyid, publicKey: toBase64(bytes), from: new Date(from).toISOString(),
        until: input.until === null ? null : new Date(input.until).toISOString(), addedAt: clock.iso(), addedBy: actor.person, lastUsedAt: null,
      };
      await db.transaction(async (tx) => {
        if ((await pushKeysOf(tx, actor.org, feed.id)).length >= most) {
          throw new Refusal('conflict', 'push-key.many', `A feed has at most ${most} keys; end one that is not used any more.`, { at: 'keyid' });
        }
        if (!await insertPushKey(tx, actor.org, feed.id, key)) {
          throw new Refusal('conflict', 'push-key.taken', 'The feed has a key of this keyid.', { at: 'keyid' });
        }
        await state(tx, feed, actor.person, 'push-key.added', { keyid: key.keyid, publicKey: key.publicKey, until: key.until });
      });
      return { key };
    },
    endPushKey: async (input, { actor }) => {
      const feed = await own(actor.org, input.feed);
      await db.transaction(async (tx) => {
        const keyid = await endPushKey(tx, actor.org, feed.id, input.pushKey, clock.iso());
        if (keyid === null) throw noSuch('push-key');
        await state(tx, feed, actor.person, 'push-key.ended', { keyid });
      });
      return { items: await pushKeysOf(db, actor.org, feed.id) };
    },
  };
}
