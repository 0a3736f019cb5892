/**
 * Packing: what a shared collection has had since the last parcel, written twice over the same range of its log, once for the digests that
 * the header signs and once for whoever carries it, so that nothing is held. If we crash in between, the number is used and the file
 * is not there: the same range is packed again under the next number.
 */
import { canonicalText } from '#kit/canonical/canonical';
import { toUtf8 } from '#kit/encoding';
import { nodeTreeHash } from '#kit/hash/node';
import { BlockDigests, parcelHead, type ParcelHeader } from '#kit/parcel/parcel';
import { Refusal, noSuch } from '#kit/refusal';
import { stateFact } from '#world/facts';
import { retractedAfter, sharedAfter, sharedUnder } from '#modules/exchange/index';
import type { ParcelParts } from './parts.ts';
import { insertMade, madeAfter, seriesFor, siteById, type Series, type SiteRecord } from './store.ts';

const pageSize = 500;

interface Range { readonly org: string; readonly own: string; readonly after: number; readonly upTo: number }
interface Line { readonly text: string; readonly seq: number; readonly retraction: boolean }

/** Lines of a body: first what left the collection, then what is in it, each in the order of the log. */
async function* linesOf({ db }: Pick<ParcelParts, 'db'>, { org, own, after, upTo }: Range): AsyncGenerator<Line> {
  for (let at = after; ;) {
    const gone = await retractedAfter(db, org, own, at, pageSize);
    for (const { seq, id, reason, at: when } of gone) {
      if (seq <= upTo) yield { text: canonicalText({ retracted: id, reason, at: when }), seq, retraction: true };
    }
    const last = gone.at(-1);
    if (!last || last.seq > upTo) break;
    at = last.seq;
  }
  for (let at = after; ;) {
    const { rows, more } = await sharedAfter(db, org, own, at, pageSize);
    for (const { seq, body } of rows) if (seq <= upTo) yield { text: body, seq, retraction: false };
    const last = rows.at(-1);
    if (!last || last.seq > upTo || !more) break;
    at = last.seq;
  }
}

async function measured(parts: ParcelParts, range: Range) {
  const digests = new BlockDigests(nodeTreeHash);
  const found = { retractions: 0, objects: 0, upTo: range.after };
  for await (const line of linesOf(parts, range)) {
    digests.add(toUtf8(`${line.text}\n`));
    if (line.retraction) found.retractions++;
    else found.objects++;
    found.upTo = Math.max(found.upTo, line.seq);
  }
  return { ...found, ...digests.end() };
}

export interface Packed { readonly header: ParcelHeader; readonly bytes: AsyncGenerator<Uint8Array> }

export async function pack(
  parts: ParcelParts, actor: { person: string; org: string }, asked: { site: string; own: string; from?: number | undefined },
): Promise<Packed> {
  const { db, clock, ids, signer } = parts;
  const site = await siteById(db, actor.org, asked.site);
  if (!site) throw noSuch('site');
  const shared = site.agreement === null ? null : await sharedUnder(parts, actor.org, asked.own, site.agreement);
  if (shared === null) {
    throw new Refusal('invalid', 'parcel.not-agreed', 'Only what is shared under the agreement with this site is packed for it.', { at: 'own' });
  }
  if (shared.refusal !== null) throw new Refusal('forbidden', 'parcel.not-agreed', shared.refusal, { at: 'own' });
  const { collection } = shared;
  const series = await db.transaction((tx) => seriesFor(tx, {
    id: ids.next('psr'), scope: actor.org, site: site.id, own: collection.id, title: collection.title,
  }));
  const after = asked.from === undefined ? series.upTo : await madeAfter(db, series.id, asked.from);
  if (after === null) throw new Refusal('invalid', 'parcel.no-number', 'No parcel of that number was made.', { at: 'from' });
  const range = { org: actor.org, own: collection.id, after, upTo: Number.MAX_SAFE_INTEGER };
  const m = await measured(parts, range);
  if (m.objects + m.retractions === 0) throw new Refusal('conflict', 'parcel.empty', 'Nothing has changed since the last parcel.');
  const header: ParcelHeader = {
    to: site.keyName, series: series.id, number: series.number + 1, title: collection.title, ceiling: collection.ceiling, after, upTo: m.upTo,
    madeAt: clock.iso(), retractions: m.retractions, objects: m.objects, bytes: m.bytes, blocks: m.hashes.length, root: m.root,
  };
  const head = await parcelHead(header, m.hashes, signer);
  await remember(parts, actor, { site, series, header });
  return { header, bytes: written(parts, head, { ...range, upTo: m.upTo }, m.root) };
}

async function remember(
  { db, clock }: ParcelParts, actor: { person: string; org: string }, { site, series, header }: { site: SiteRecord; series: Series; header: ParcelHeader },
): Promise<void> {
  await db.transaction(async (tx) => {
    const now = await seriesFor(tx, { id: series.id, scope: actor.org, site: site.id, own: series.own, title: series.title });
    if (now.number !== series.number) throw new Refusal('conflict', 'parcel.meanwhile', 'Somebody else has just made this parcel.');
    await insertMade(tx, actor.org, {
      series: series.id, number: header.number, after: header.after, upTo: header.upTo, root: header.root, objects: header.objects,
      retractions: header.retractions, bytes: header.bytes, madeAt: header.madeAt, madeBy: actor.person,
    });
    await stateFact(tx, {
      class: 'parcel.made', at: clock.iso(), actor: actor.person, org: actor.org, subject: series.id, readers: [], clauses: [],
      body: { site: site.title, series: series.id, number: header.number, objects: header.objects, retractions: header.retractions, root: header.root },
    });
  });
}

async function* written(parts: ParcelParts, head: Uint8Array, range: Range, root: string): AsyncGenerator<Uint8Array> {
  yield head;
  const digests = new BlockDigests(nodeTreeHash);
  for await (const { text } of linesOf(parts, range)) {
    const bytes = toUtf8(`${text}\n`);
    digests.add(bytes);
    yield bytes;
  }
  // Something was destroyed while it was packed: what was sent is no parcel, and its reader will say so.
  if (digests.end().root !== root) throw new Refusal('conflict', 'parcel.meanwhile', 'The collection changed while it was packed; make it again.');
}
