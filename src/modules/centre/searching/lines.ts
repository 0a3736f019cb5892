/**
 * Lines that a search found, granted: the blocks that they show count to the allowance, and what is shown is stated, in one transaction;
 * then its fact is in the published log; only then are they handed on. What the allowance does not hold any more is not shown.
 */
import type { Caller } from '#kit/endpoint';
import { blockBytes, SeenBlocks } from '#kit/review/blocks';
import { check, Refusal } from '#kit/refusal';
import type { DefinitionKind } from '#kit/search/symbols/definition';
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import type { CodeHit } from '#world/searching/port';
import { allowance, dayOf, inLog, type CentreParts, type Logged } from '../actions/parts.ts';
import type { Sitting } from '../actions/reading.ts';
import { lockedAccount, saveAccount } from '../store/views.ts';
import { baitIn, noteBite } from '../controls/bait.ts';
import type { Listing } from './indexing.ts';
import type { FoundLine } from '../model/searching.ts';
import { insertShown, saveSeenOfAll, seenOfAll, type SearchRow, type ShownBatch } from './store.ts';

export type Hit = CodeHit & { readonly kind?: DefinitionKind; readonly scope?: string };

const utf16 = (bytes: Uint8Array): number => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8').length;

/** A hit as a person reads it. */
export function foundLine({ path, line, start, text, textFrom, match, cut, kind, scope }: Hit): FoundLine {
  const [from, to] = match ? [match.from - textFrom, match.to - textFrom] : [-1, -1];
  const within = from >= 0 && to <= text.length;
  return {
    path, line, at: start + (match?.from ?? textFrom), text: Buffer.from(text).toString('utf8'), cut: cut || textFrom > 0, kind: kind ?? null,
      scope: scope ?? '',
    match: within ? { from: utf16(text.subarray(0, from)), to: utf16(text.subarray(0, to)) } : null,
  };
}

/** Blocks are those of the file; of one in UTF-16 or UTF-32 those of its text, which are counted apart. */
const accountOf = (digest: string, { encoding }: CodeHit): string => (encoding === 'bytes' ? digest : `${digest} ${encoding}`);
const textBytesMost = (size: number, { encoding }: CodeHit): number => (encoding === 'bytes' ? size : Math.ceil(size * 1.5) + blockBytes);

export function refuseSpent({ left, by, perDay, inAll }: { left: number; by: 'day' | 'all'; perDay: number; inAll: number }): void {
  if (left > 0) return;
  throw spent({ by, perDay, inAll });
}
const spent = ({ by, perDay, inAll }: { by: 'day' | 'all'; perDay: number; inAll: number }): Refusal =>
  new Refusal('too-many', 'review.allowance-used', 'The next line would show more of the source than was agreed.', {
    hint: by === 'day' ? `${perDay} new blocks a day; tomorrow there are more, or both sides agree to more.`
      : `${inAll} blocks in all; both sides may agree to more.`,
  });

export interface Granted {
  readonly batch: string; readonly lines: readonly FoundLine[]; readonly fresh: number; readonly left: number; readonly proof: Logged | null;
  /** Why there is no more. */
  readonly refusal: Refusal | null;
}

/** As many as the allowance holds, from the first on; null where it holds none of them. */
async function grant(parts: CentreParts, caller: Caller, { visit }: Sitting, asked: { search: SearchRow; listing: Listing; hits: readonly Hit[] }) {
  const { db, clock, ids } = parts;
  const { search, listing } = asked;
  const placed = asked.hits.map((hit) => {
    const file = listing.find(hit.path);
    check(file !== null, `the index names ${hit.path}, which is not in the source`);
    return { hit, file, account: accountOf(file.digest, hit) };
  });
  const baited = search.asked.path !== '' && (await baitIn(parts, visit.id)).has(search.asked.path);
  return db.transaction(async (tx) => {
    const day = dayOf(clock);
    // One after the other for an organisation and product, whatever the sitting: windows wait here too.
    const account = await lockedAccount(tx, visit, day);
    const { left, ...limits } = await allowance({ db: tx, clock }, visit);
    const known = await seenOfAll(tx, visit, [...new Set(placed.map((p) => p.account))]);
    const changed = new Map<string, SeenBlocks>();
    const lines: ShownBatch['lines'][number][] = [];
    let fresh = 0;
    for (const { hit, file, account: key } of placed) {
      const seen = changed.get(key) ?? known.get(key) ?? SeenBlocks.none(textBytesMost(file.size, hit));
      const blocks = hit.blocks.filter((b) => !seen.has(b));
      if (fresh + blocks.length > left) break;
      for (const b of blocks) seen.add(b * blockBytes, b * blockBytes + 1);
      if (blocks.length > 0) changed.set(key, seen);
      fresh += blocks.length;
      lines.push({ path: hit.path, digest: file.digest, line: hit.line, from: hit.start + hit.textFrom, to: hit.start + hit.textFrom + hit.text.length });
    }
    const batch: ShownBatch = {
      id: ids.next('shn'), search: search.id, visit: visit.id, scope: visit.scope, owner: visit.owner, at: clock.iso(), fresh, lines,
    };
    if (lines.length > 0) {
      // Lines of bait among others are found by anybody who searches all of it; whoever asks for one file has opened it.
      if (baited) await noteBite(tx, parts, visit, search.review, search.asked.path);
      await saveSeenOfAll(tx, visit, changed);
      await saveAccount(tx, visit, day, { seen: account.seen + fresh, today: account.today + fresh });
      await insertShown(tx, batch);
      // The own organisation alone may read it, as of a window.
      await stateFact(tx, {
        class: 'search.shown', at: batch.at, actor: caller.actor.person, org: caller.actor.org, subject: search.id, readers: [], clauses: [],
        body: { view: batch.id, search: search.id, root: visit.root, fresh, lines },
      });
    }
    return { batch, left: left - fresh, refusal: lines.length < placed.length ? spent(limits) : null };
  });
}

/** What of it may be shown, with the proof that its fact is in the log. Throws where the log is not to be had: then nothing is shown. */
export async function grantLines(
  parts: CentreParts, caller: Caller, sitting: Sitting, asked: { search: SearchRow; listing: Listing; hits: readonly Hit[] },
): Promise<Granted> {
  const { batch, left, refusal } = await grant(parts, caller, sitting, asked);
  const shown = asked.hits.slice(0, batch.lines.length).map(foundLine);
  if (shown.length === 0) return { batch: batch.id, lines: [], fresh: 0, left, proof: null, refusal };
  const proof = await asHub('what a search shows on its way into the log', () =>
    inLog(parts, caller.actor.org, { class: 'search.shown', subject: batch.search, view: batch.id, index: null }));
  return { batch: batch.id, lines: shown, fresh: batch.fresh, left, proof, refusal };
}
