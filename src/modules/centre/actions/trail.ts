/**
 * What was read, told: to the reviewing side at once; to the provider when the agreed days are over, when both opened it before, or as far as
 * a sample goes that both agreed to. Each step can be opened: then anybody sees that the log committed to just that.
 */
import type { Actions, Caller } from '#kit/endpoint';
import { toUtf8 } from '#kit/encoding';
import { nodeTreeHash } from '#kit/hash/node';
import { parseNote } from '#kit/note/note';
import { check, noSuch, Refusal } from '#kit/refusal';
import { drawnIndices } from '#kit/sample/sample';
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import type { centreApi } from '../api.ts';
import { earlyOf, earlyWordOf, insertSample, sampleOf, type SampleRow } from '../controls/store.ts';
import type { TrailStep } from '../model.ts';
import { trailOpensAt } from '../rules.ts';
import { viewOf, viewsLogged, viewsOfVisit, type ViewRow } from '../store/views.ts';
import { changeVisit, type VisitRow } from '../store/visits.ts';
import { inLog, isOwner, stateVisit, visitWithin, type CentreParts } from './parts.ts';

type All = Actions<typeof centreApi>;
const trailPage = 500;

export const stepOf = (v: ViewRow): TrailStep => ({
  view: v.id, at: v.at, path: v.path, number: v.number, line: v.line, ends: v.ends, fresh: v.fresh, leaf: v.leaf === null ? null : Number(v.leaf),
  person: v.person,
});

const isDue = (visit: VisitRow, now: number): boolean => Date.parse(trailOpensAt(visit) ?? '') <= now;

/** When what was read is told to the provider; refuses the provider before. That the rule has opened it is on the record of both, once. */
export async function openedTrail(parts: CentreParts, caller: Caller, visit: VisitRow): Promise<string | null> {
  const { db, clock } = parts;
  const opensAt = trailOpensAt(visit);
  // Opened before: by the rule, or before its days by both.
  if (!isOwner(visit, caller.actor.org) || visit.opened_at !== null) return opensAt;
  if (!isDue(visit, clock.now())) {
    throw new Refusal('forbidden', 'visit.trail-closed', 'What was read is told when the agreed days after the visit are over; until then how much.', {
      hint: opensAt === null ? 'The days begin with the end of the visit.' : `It opens at ${opensAt}.`,
    });
  }
  await db.transaction(async (tx) => {
    await changeVisit(tx, visit.id, { opened_at: clock.iso() });
    await stateVisit(tx, parts, caller, visit, 'visit.trail-opened', {});
  });
  return opensAt;
}

/**
 * The windows that both sides agreed to open without choosing them, drawn by the first checkpoint that is at hand once their agreement is in the log
 * (docs/specs/review.md). If we crash before, or the log does not answer, whoever looks next has them drawn.
 */
export async function drawnOf(parts: CentreParts, caller: Caller, visit: VisitRow): Promise<SampleRow | null> {
  const { db, clock } = parts;
  const known = await sampleOf(db, visit.id);
  if (known) return known;
  // Nothing else is asked for before it is drawn, so the newest asking is the one for it.
  const asked = await earlyOf(db, visit.id);
  if (!asked?.sample || !(await earlyWordOf(db, asked))?.agreed) return null;
  const { sample } = asked;
  const { checkpoint, size } = await inLog(parts, visit.scope, { class: 'trail.agreed', subject: visit.id, index: null });
  const text = parseNote(toUtf8(checkpoint))?.text;
  check(text !== undefined, 'the checkpoint that is kept is a signed note');
  return asHub('a sample of a trail', async () => {
    const views = await viewsLogged(db, visit.id, size);
    const drawn = views.length === 0 ? [] : drawnIndices(nodeTreeHash.sha256, `${text}${visit.id}\n`, views.length, sample);
    const row: SampleRow = { visit: visit.id, scope: visit.scope, owner: visit.owner, asked: sample, of: views.length, checkpoint, at: clock.iso() };
    await db.transaction(async (tx) => {
      if (!await insertSample(tx, row, drawn.map((i) => views[i] as string))) return;
      await stateFact(tx, {
        class: 'trail.sampled', at: row.at, actor: caller.actor.person, org: caller.actor.org, subject: visit.id, readers: [visit.scope, visit.owner],
        clauses: [],
        body: { visit: visit.id, asked: sample, drawn: drawn.length, of: views.length, size },
      });
    });
    return sampleOf(db, visit.id);
  });
}

/** What the caller is told of a trail: all of it, or what was drawn of it. Refuses whom nothing is told yet. */
async function told(parts: CentreParts, caller: Caller, visit: VisitRow): Promise<{ sample: SampleRow | null; isPart: boolean; opensAt: string | null }> {
  const sample = await drawnOf(parts, caller, visit);
  const isPart = sample !== null && isOwner(visit, caller.actor.org) && visit.opened_at === null && !isDue(visit, parts.clock.now());
  return { sample, isPart, opensAt: isPart ? trailOpensAt(visit) : await openedTrail(parts, caller, visit) };
}

export function trailActs(parts: CentreParts): Pick<All, 'visits.trail' | 'visits.step'> {
  const { db } = parts;
  return {
    'visits.trail': async ({ visit: id, cursor }, caller) => {
      const visit = await visitWithin(db, caller, id);
      const { sample, isPart, opensAt } = await told(parts, caller, visit);
      const found = await viewsOfVisit(db, id, cursor, trailPage + 1, isPart);
      return {
        items: found.slice(0, trailPage).map(stepOf), next: found.length > trailPage ? cursor + trailPage : null, opensAt,
        sample: sample && { count: Math.min(sample.asked, sample.of), of: sample.of, checkpoint: sample.checkpoint, at: sample.at },
      };
    },
    'visits.step': async ({ visit: id, step }, caller) => {
      const visit = await visitWithin(db, caller, id);
      const { isPart } = await told(parts, caller, visit);
      const view = await viewOf(db, id, step, isPart);
      if (!view) throw noSuch('view');
      const opened = view.leaf === null ? null
        : await parts.opened(visit.scope, { class: 'view.granted', subject: view.review, view: view.id, index: Number(view.leaf) });
      // A window that never came to be shown has no leaf; of somebody who was erased there is nothing left to open.
      if (!opened) throw new Refusal('gone', 'view.unopenable', 'The log holds nothing any more that opens this step.');
      return { step: stepOf(view), text: opened.text, salt: opened.salt, proof: { ...opened.place, hashes: [...opened.place.hashes] } };
    },
  };
}
