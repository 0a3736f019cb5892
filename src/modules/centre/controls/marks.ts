/**
 * The mark over what is shown, and whose a picture of it is. A picture is looked at in memory and not kept: its hash is on the record. Where
 * it carries the mark of somebody else's visit, the answer is that of a picture without any.
 */
import { nextTurn } from '#kit/turn';
import type { Actions, Caller } from '#kit/endpoint';
import { toHex } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { Refusal } from '#kit/refusal';
import { seekMark, type Found } from '#kit/watermark/find';
import { readPicture, type Picture } from '#kit/watermark/picture';
import { markTile } from '#kit/watermark/tile';
import { stateFact } from '#world/facts';
import { organisationById, personById } from '#modules/parties/index';
import { sittingOf } from '../actions/reading.ts';
import type { CentreParts } from '../actions/parts.ts';
import { visitOf } from '../store/visits.ts';
import type { controlsApi } from '../api/controls.ts';
import type { MarkFound } from '../model/controls.ts';
import { reviewOfCode } from './store.ts';

const pictureBytesMax = 32 * 2 ** 20;

export const markActs = (parts: CentreParts): Pick<Actions<typeof controlsApi>, 'reviews.mark'> => ({
  'reviews.mark': async ({ review: id }, caller) => {
    const { review } = await sittingOf(parts, caller, id);
    return { tile: markTile(Number.parseInt(review.code, 16), review.mark) };
  },
});

async function pictureIn(body: AsyncIterable<Uint8Array>): Promise<{ picture: Picture; sha256: string }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > pictureBytesMax) throw new Refusal('too-large', 'picture.too-large', 'This picture has too many bytes.', { hint: 'Cut out a part of it.' });
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  return { picture: readPicture(bytes), sha256: toHex(await nodeVerifying.sha256(bytes)) };
}

/** Step by step, so that a large picture keeps nobody waiting, and no longer than whoever asked is there. */
async function sought(picture: Picture, until: AbortSignal): Promise<Found | null> {
  const seeking = seekMark(picture);
  for (;;) {
    const { done, value } = seeking.next();
    if (done === true) return value;
    until.throwIfAborted();
    await nextTurn();
  }
}

export async function findWatermark(parts: CentreParts, body: AsyncIterable<Uint8Array>, { actor, until }: Caller): Promise<{ found: MarkFound | null }> {
  const { db, clock } = parts;
  const { picture, sha256 } = await pictureIn(body);
  const carried = await sought(picture, until);
  if (!carried) return { found: null };
  const review = await reviewOfCode(db, actor.org, carried.number.toString(16).padStart(8, '0'));
  const visit = review ? await visitOf(db, actor.org, review.visit) : null;
  if (!review || !visit) return { found: null };
  await db.transaction((tx) => stateFact(tx, {
    class: 'watermark.found', at: clock.iso(), actor: actor.person, org: actor.org, subject: review.id, readers: [visit.scope, visit.owner], clauses: [],
    body: { review: review.id, visit: visit.id, picture: sha256 },
  }));
  return {
    found: {
      review: review.id, visit: visit.id, product: visit.product, productName: visit.product_name, version: visit.version, org: visit.scope,
      orgName: (await organisationById(db, visit.scope))?.name ?? visit.scope, person: (await personById(db, review.person))?.name ?? '',
      mark: review.mark, beganAt: review.began_at, endedAt: review.ended_at, picture: sha256,
    },
  };
}
