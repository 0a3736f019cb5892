/**
 * Sittings and what is shown in them. A window is granted in one transaction with its fact and what it uses up; then the fact is in the
 * published log; only then is text read and answered, with the proof. If we crash in between, the view counts and nothing was shown: the
 * same window again, within its lease, is the same view.
 */
import type { Actions, Caller } from '#kit/endpoint';
import { toHex } from '#kit/encoding';
import { anomalyOf, waitOf, type Score } from '#kit/review/anomaly';
import { windowAt, windowOfByte, windowOfLine, type Window } from '#kit/review/windows';
import { noSuch, Refusal } from '#kit/refusal';
import { isFolder, type Entry } from '#kit/tree/entry';
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import { fileIn, folderIn, snapshotNamed } from '#modules/catalogue/index';
import { personById } from '#modules/parties/index';
import type { centreApi } from '../api.ts';
import type { changesApi } from '../api/changes.ts';
import type { searchingApi } from '../api/searching.ts';
import { baitIn, noteBite } from '../controls/bait.ts';
import type { Review } from '../model.ts';
import { refuseBeginning } from '../rules.ts';
import { insertView, leasedView, lockedAccount, noteLeaf, saveAccount, saveSeen, seenBelow, seenOf, viewsOfReview, type ViewRow } from '../store/views.ts';
import { bookedFor, endReview, insertReview, itemsOf, reviewOf, visitOf, type ReviewRow, type VisitRow } from '../store/visits.ts';
import { planning } from './planning.ts';
import type { Shelf } from './shelf.ts';
import { stepOf } from './trail.ts';
import { allowance, askedVisit, dayOf, inLog, sourceOf, stateVisit, totalsOf, type CentreParts, type Logged } from './parts.ts';

type All = Actions<typeof centreApi>;

const leaseMs = 10 * 60_000;

type Elsewhere = keyof typeof searchingApi | keyof typeof changesApi;

export const readingActs = (parts: CentreParts, shelf: Shelf): Pick<All, Exclude<Extract<keyof All, `reviews.${string}`>, Elsewhere>> =>
  ({ ...sittings(parts), ...looking(parts), 'reviews.openWindow': windows(parts, shelf) });

export interface Sitting { readonly review: ReviewRow; readonly visit: VisitRow; readonly tree: { readonly owner: string; readonly root: string } }

/** One's own open sitting, the mandate asked anew. */
export async function sittingOf(parts: CentreParts, caller: Caller, id: string, mayBeOver = false): Promise<Sitting> {
  const review = await reviewOf(parts.db, caller.actor, id);
  const visit = review ? await visitOf(parts.db, caller.actor.org, review.visit) : null;
  if (!review || !visit) throw noSuch('review');
  await caller.may('source.view', sourceOf(visit, 'review'));
  if (mayBeOver) return { review, visit, tree: visit };
  if (review.ended_at !== null) throw new Refusal('conflict', 'review.over', 'This sitting is over.', { hint: 'Begin another one.' });
  if (visit.state !== 'agreed' || dayOf(parts.clock) > visit.to_day) throw new Refusal('conflict', 'visit.over', 'This visit is over.');
  const source = await asHub('whether a source was withdrawn meanwhile', () => snapshotNamed(parts.db, visit.artefact));
  if (!source || source.withdrawn) throw new Refusal('gone', 'artefact.withdrawn', 'This was withdrawn by its provider.');
  return { review, visit, tree: visit };
}

export const stepsOf = (views: readonly ViewRow[]): Score => anomalyOf(views.map((v) => ({
  at: Date.parse(v.at), file: v.file_at, folder: v.path.slice(0, Math.max(0, v.path.lastIndexOf('/'))), window: v.number, fresh: v.fresh,
})));

async function reviewShown(parts: CentreParts, { review, visit }: Pick<Sitting, 'review' | 'visit'>, views: readonly ViewRow[]): Promise<Review> {
  const { score, follows } = stepsOf(views);
  return {
    id: review.id, visit: visit.id, product: visit.product, productName: visit.product_name, version: visit.version, release: visit.release,
    artefact: visit.artefact, root: visit.root, person: review.person, beganAt: review.began_at, endedAt: review.ended_at, views: views.length,
    totals: await totalsOf(parts, visit), score, follows, mark: review.mark,
  };
}

function sittings(parts: CentreParts): Pick<All, 'reviews.begin' | 'reviews.view' | 'reviews.end'> {
  const { db, clock, ids, random } = parts;
  return {
    'reviews.begin': async ({ visit: visitId, tools }, caller) => {
      const { actor } = caller;
      const visit = await askedVisit(db, caller, visitId);
      const { clauses } = await caller.may('source.view', sourceOf(visit, 'visit'));
      const today = dayOf(clock);
      refuseBeginning({
        visit, items: await itemsOf(db, visitId), person: actor.person, tools, today, hasRoom: (await bookedFor(db, [visitId])).some((b) => b.day === today),
      });
      const name = (await personById(db, actor.person))?.name ?? actor.person;
      const code = toHex(random.bytes(4));
      const review: ReviewRow = {
        id: ids.next('rvw'), visit: visitId, scope: visit.scope, owner: visit.owner, person: actor.person, began_at: clock.iso(), ended_at: null,
        mark: `${name} · ${code}`, code,
      };
      await db.transaction(async (tx) => {
        await insertReview(tx, review);
        await stateFact(tx, {
          class: 'review.began', at: clock.iso(), actor: actor.person, org: actor.org, subject: review.id, readers: [visit.owner], clauses,
          body: { review: review.id, visit: visitId, root: visit.root, tools: tools.map((t) => t.sha256) },
        });
      });
      return { review: await reviewShown(parts, { review, visit }, []) };
    },
    'reviews.view': async ({ review: id }, caller) => {
      const sitting = await sittingOf(parts, caller, id, true);
      const views = await viewsOfReview(db, id, 2_000);
      return { review: await reviewShown(parts, sitting, views), trail: views.map(stepOf) };
    },
    'reviews.end': async ({ review: id }, caller) => {
      const review = await reviewOf(db, caller.actor, id);
      const visit = review ? await visitOf(db, caller.actor.org, review.visit) : null;
      if (!review || !visit) throw noSuch('review');
      await db.transaction(async (tx) => {
        if (await endReview(tx, id, clock.iso())) await stateVisit(tx, parts, caller, visit, 'review.ended', { review: id });
      });
      return { ended: true as const };
    },
  };
}

function looking(parts: CentreParts): Pick<All, 'reviews.folder' | 'reviews.plan'> {
  const { db } = parts;
  const plan = planning(parts);
  return {
    'reviews.folder': async ({ review, path }, caller) => {
      const { visit, tree } = await sittingOf(parts, caller, review);
      const entries = await asHub('a folder of a source under review', () => folderIn(db, tree, path));
      if (!entries) throw noSuch('folder');
      const base = path === '' ? '' : `${path}/`;
      const seen = await seenBelow(db, visit, visit.release, base);
      // What was seen of each entry, itself or below it.
      const below = new Map<string, number>();
      for (const [file, bytes] of seen) {
        const [name = ''] = file.slice(base.length).split('/');
        below.set(name, (below.get(name) ?? 0) + bytes);
      }
      return {
        path,
        entries: entries.map((e) => ({
          name: e.name, path: `${base}${e.name}`, folder: isFolder(e), size: e.size, files: e.files, seen: below.get(e.name) ?? 0,
        })),
      };
    },
    'reviews.plan': async ({ review, share }, caller) => {
      const { visit } = await sittingOf(parts, caller, review);
      const { lines, ofLines, files, skipped, stretches } = await plan(visit, share);
      const bait = await baitIn(parts, visit.id);
      return {
        lines, ofLines, files, skipped, stretches: stretches.filter((s) => !bait.has(s.path)).slice(0, 1_000).map((s) => ({ ...s, reasons: [...s.reasons] })),
      };
    },
  };
}

/** The place of a path in the order of the tree, as far as a walk needs it: folders one after the other, files within them by name. */
async function placeOf(parts: CentreParts, tree: Sitting['tree'], path: string): Promise<number> {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  const entries = await folderIn(parts.db, tree, folder);
  const within = entries?.findIndex((e) => e.name === path.slice(folder === '' ? 0 : folder.length + 1)) ?? 0;
  let hash = 0;
  for (let i = 0; i < folder.length; i++) hash = (hash * 31 + folder.charCodeAt(i)) % 100_000;
  return hash * 10_000 + within;
}

/** Grants a window, or finds the lease that it still has. */
async function grant(parts: CentreParts, caller: Caller, { review, visit, tree }: Sitting, asked: { path: string; entry: Entry; window: Window }) {
  const { db, clock, ids } = parts;
  const { path, entry, window } = asked;
  const fileAt = await asHub('where a file stands in its folder', () => placeOf(parts, tree, path));
  const isBait = (await baitIn(parts, visit.id)).has(path);
  return db.transaction(async (tx) => {
    const day = dayOf(clock);
    // One after the other for an organisation and product, whatever the sitting.
    const account = await lockedAccount(tx, visit, day);
    const leased = await leasedView(tx, review.id, entry.digest, window.number, clock.iso());
    if (leased) return { view: leased, isNew: false };
    const before = await viewsOfReview(tx, review.id, 200);
    refuseHurry(stepsOf(before), clock.now(), before.at(-1));
    const seen = await seenOf(tx, visit, entry.digest, entry.size);
    const { left, by, perDay, inAll } = await allowance({ db: tx, clock }, visit);
    const fresh = seen.fresh(window.from, window.to);
    if (fresh > left) {
      throw new Refusal('too-many', 'review.allowance-used', 'This window would show more of the source than was agreed.', {
        hint: by === 'day' ? `${perDay} new blocks a day; tomorrow there are more, or both sides agree to more.`
          : `${inAll} blocks in all; both sides may agree to more.`,
      });
    }
    seen.add(window.from, window.to);
    await saveSeen(tx, visit, entry.digest, seen);
    await saveAccount(tx, visit, day, { seen: account.seen + fresh, today: account.today + fresh });
    const view: ViewRow = {
      id: ids.next('vew'), review: review.id, visit: visit.id, scope: visit.scope, owner: visit.owner, product: visit.product, release: visit.release,
      person: review.person, path, digest: entry.digest, number: window.number, from_byte: window.from, to_byte: window.to, line: window.line,
      ends: window.ends, fresh, file_at: fileAt, at: clock.iso(), leased_until: new Date(clock.now() + leaseMs).toISOString(), leaf: null,
    };
    await insertView(tx, view);
    if (isBait) await noteBite(tx, parts, visit, review.id, path);
    // The own organisation alone may read it: the provider sees how much, and what when the rule opens it.
    await stateFact(tx, {
      class: 'view.granted', at: view.at, actor: caller.actor.person, org: caller.actor.org, subject: review.id, readers: [], clauses: [],
      body: { view: view.id, root: visit.root, path, digest: entry.digest, number: window.number, from: window.from, to: window.to, fresh },
    });
    return { view, isNew: true };
  });
}

export function refuseHurry(score: Score, now: number, last: ViewRow | undefined): void {
  const waitMs = last ? Date.parse(last.at) + waitOf(score) - now : 0;
  if (waitMs <= 0) return;
  throw new Refusal('too-many', 'review.too-fast', 'This looks like copying rather than reading: the next window comes a little later.', {
    retryAfter: Math.ceil(waitMs / 1000),
  });
}

async function loggedView(parts: CentreParts, org: string, view: ViewRow): Promise<Logged> {
  const found = await inLog(parts, org, { class: 'view.granted', subject: view.review, view: view.id, index: view.leaf === null ? null : Number(view.leaf) });
  await asHub('where a view stands in the log', () => noteLeaf(parts.db, view.id, found.index));
  return found;
}

const windows = (parts: CentreParts, shelf: Shelf): All['reviews.openWindow'] => async ({ review: id, path, number, line, byte }, caller) => {
  const sitting = await sittingOf(parts, caller, id);
  const entry = await asHub('a file of a source under review', () => fileIn(parts.db, sitting.tree, path));
  if (!entry) throw noSuch('file');
  const { bytes, layout } = await shelf.take(entry);
  const wanted = number ?? (byte !== undefined ? windowOfByte(layout, byte) : line === undefined ? 0 : windowOfLine(layout, line));
  const window = wanted === null ? null : windowAt(layout, bytes, wanted);
  if (!window) throw noSuch('window');
  const { view, isNew } = await grant(parts, caller, sitting, { path, entry, window });
  const proof = await loggedView(parts, caller.actor.org, view);
  const { left } = await allowance(parts, sitting.visit);
  return {
    window: {
      view: view.id, path, digest: entry.digest, number: window.number, count: layout.count, bytes: layout.bytes, lines: layout.lines, line: window.line,
      within: window.within, ends: window.ends, text: Buffer.from(bytes.subarray(window.from, window.to)).toString('utf8'),
      leasedUntil: view.leased_until, isNew, fresh: isNew ? view.fresh : 0, left, proof: { ...proof, hashes: [...proof.hashes] },
    },
  };
};
