/**
 * Signed uploads: where a feed has push keys, a file comes in only with a signature of its provider over what is sent, and only
 * if its bytes are the ones that were signed. The signature is checked before the first byte; the digest at the last one, before
 * anything counts: a file that is another than was signed is refused, and leaves neither rows nor bytes.
 */
import { createHash } from 'node:crypto';
import { fromBase64, sameBytes } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { Refusal } from '#kit/refusal';
import { checkPush, type PushFault } from '#kit/signature/profile';
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import type { FeedRecord } from '../store.ts';
import { notePush, pushKeysOf } from './push-store.ts';

/** Nobody is known to have signed; the others are a no to somebody who says who they are. */
const anonymous: readonly PushFault[] = ['missing', 'malformed', 'component', 'algorithm'];

interface Parts { readonly db: Db; readonly clock: Clock }

/** The digest that the body must have; null where the feed asks for no signature. Throws the Refusal. */
export async function signedBy(parts: Parts, feed: FeedRecord, request: Request): Promise<Uint8Array | null> {
  const { db, clock } = parts;
  const keys = await pushKeysOf(db, feed.scope, feed.id);
  if (keys.length === 0) return null;
  const now = clock.now();
  const good = keys.filter((key) => Date.parse(key.from) <= now && (key.until === null || now < Date.parse(key.until)));
  const read = { method: request.method, url: new URL(request.url), header: (name: string) => request.headers.get(name) };
  const answer = await checkPush(read, Math.floor(now / 1000), (keyid) => {
    const key = good.find((one) => one.keyid === keyid);
    return key === undefined ? null : fromBase64(key.publicKey);
  }, nodeVerifying);
  if (!answer.ok) {
    throw new Refusal(anonymous.includes(answer.fault) ? 'unauthenticated' : 'forbidden', `push.${answer.fault}`, answer.sentence, {
      at: answer.at, hint: 'This feed takes files that its provider has signed; docs/specs/push.md says how.',
    });
  }
  const key = good.find((one) => one.keyid === answer.keyid);
  const fresh = key !== undefined && await db.transaction((tx) => notePush(tx, {
    scope: feed.scope, feed: feed.id, key: key.id, signature: Buffer.from(answer.signature).toString('base64'),
    until: new Date((answer.expires + 1) * 1000).toISOString(), now: clock.iso(),
  }));
  if (!fresh) {
    throw new Refusal('forbidden', 'push.replayed', 'This signature was used already.', { at: 'signature', hint: 'Sign each request anew.' });
  }
  return answer.digest;
}

/** The same bytes, which end in the Refusal where they are not those of the digest. */
export async function* ofDigest(source: AsyncIterable<Uint8Array>, digest: Uint8Array): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const piece of source) {
    hash.update(piece);
    yield piece;
  }
  if (!sameBytes(new Uint8Array(hash.digest()), digest)) {
    throw new Refusal('invalid', 'push.digest', 'The bytes are not those that were signed; nothing of them was kept.', { at: 'content-digest' });
  }
}
