/** Notes and their clearance, findings from the commitment to the answer, and what the clock does with them. */
import type { Actions, Caller } from '#kit/endpoint';
import { toHex, toUtf8 } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { commitmentTo, saltBytes } from '#kit/review/commitment';
import { noSuch, Refusal } from '#kit/refusal';
import { stateFact } from '#world/facts';
import { personById } from '#modules/parties/index';
import type { Queryable } from '#world/db/port';
import type { centreApi } from '../api.ts';
import type { Flaw, ReviewNote } from '../model.ts';
import { clearedText, flawState, isLate, type Withheld } from '../rules.ts';
import {
  answersOf, clearancesOf, closeFlaw, discloseFlaw, flawOf, flawsOf, insertAnswer, insertClearance, insertFlaw, insertNote, noteOf, notesOf, takeLate,
  type FlawRow, type NoteRow,
} from '../store/results.ts';
import { reviewOf, type VisitRow } from '../store/visits.ts';
import { askedVisit, visitWithin, type CentreParts } from './parts.ts';

type All = Actions<typeof centreApi>;
const dayMs = 86_400_000;
const hashOf = async (text: string): Promise<string> => toHex(await nodeVerifying.sha256(toUtf8(text)));

export const resultActs = (parts: CentreParts): Pick<All, Extract<keyof All, `notes.${string}` | `flaws.${string}`>> =>
  ({ ...noteActs(parts), ...filing(parts), ...following(parts) });

async function notesShown(q: Queryable, org: string, notes: readonly NoteRow[]): Promise<ReviewNote[]> {
  const cleared = new Map((await clearancesOf(q, notes.map((n) => n.id))).map((c) => [c.note, c]));
  return Promise.all(notes.map(async (n) => {
    const c = cleared.get(n.id);
    const mine = n.scope === org;
    return {
      id: n.id, visit: n.visit, path: n.path, from: n.from_line, to: n.to_line, at: n.at, byName: mine ? (await personById(q,
        n.person))?.name ?? n.person : '',
      // Outside of the room there is what was cleared; the provider has to read what it clears.
      text: c?.body ?? n.body, state: c ? 'cleared' as const : 'waiting' as const, original: n.hash, cleared: c?.hash ?? null,
      withheld: (c?.withheld ?? []) as Withheld[],
    };
  }));
}

function noteActs(parts: CentreParts): Pick<All, 'notes.add' | 'notes.list' | 'notes.clear'> {
  const { db, clock, ids } = parts;
  const one = async (org: string, note: NoteRow): Promise<{ note: ReviewNote }> => {
    const [shown] = await notesShown(db, org, [note]);
    if (!shown) throw noSuch('note');
    return { note: shown };
  };
  return {
    'notes.add': async ({ review: id, path, from, to, text }, { actor }) => {
      const review = await reviewOf(db, actor, id);
      if (!review) throw noSuch('review');
      if (review.ended_at !== null) throw new Refusal('conflict', 'review.over', 'This sitting is over.');
      if (from > to) throw new Refusal('invalid', 'review-note.lines', 'The last line is before the first.', { at: 'to' });
      const note: NoteRow = {
        id: ids.next('nte'), visit: review.visit, scope: review.scope, owner: review.owner, person: actor.person, path, from_line: from, to_line: to,
          body: text,
        hash: await hashOf(text), at: clock.iso(),
      };
      await db.transaction(async (tx) => {
        await insertNote(tx, note);
        await stateFact(tx, {
          class: 'review-note.added', at: note.at, actor: actor.person, org: actor.org, subject: note.id, readers: [note.owner], clauses: [],
          body: { note: note.id, visit: note.visit, sha256: note.hash },
        });
      });
      return one(actor.org, note);
    },
    'notes.list': async ({ visit }, caller) => {
      await visitWithin(db, caller, visit);
      return { items: await notesShown(db, caller.actor.org, await notesOf(db, caller.actor.org, visit)) };
    },
    'notes.clear': async ({ note: id, withheld }, { actor }) => {
      const note = await noteOf(db, actor.org, id);
      if (note?.owner !== actor.org) throw noSuch('note');
      const text = clearedText(note.body, withheld);
      const hash = await hashOf(text);
      await db.transaction(async (tx) => {
        const clearance = { note: id, scope: note.scope, owner: note.owner, body: text, hash, withheld, at: clock.iso(), person: actor.person };
        if (!await insertClearance(tx, clearance)) throw new Refusal('conflict', 'review-note.cleared', 'This note was cleared before.');
        await stateFact(tx, {
          class: 'review-note.cleared', at: clock.iso(), actor: actor.person, org: actor.org, subject: id, readers: [note.scope], clauses: [],
          body: { note: id, visit: note.visit, original: note.hash, cleared: hash, withheld: withheld.reduce((sum, w) => sum + w.to - w.from + 1, 0) },
        });
      });
      return one(actor.org, note);
    },
  };
}

async function flawsShown({ db, clock }: Pick<CentreParts, 'clock'> & { readonly db: Queryable }, org: string, flaws: readonly FlawRow[]): Promise<Flaw[]> {
  const answers = new Map((await answersOf(db, flaws.map((f) => f.id))).map((a) => [a.flaw, a]));
  return flaws.map((f) => {
    const answer = answers.get(f.id);
    const mine = f.scope === org;
    const told = mine || f.disclosed_at !== null;
    return {
      id: f.id, visit: f.visit, product: f.product, productName: f.product_name, severity: f.severity as Flaw['severity'],
      state: flawState(f, answer !== undefined), commitment: f.commitment, committedAt: f.committed_at, discloseBy: f.disclose_by,
        disclosedAt: f.disclosed_at,
      answerBy: f.answer_by, answeredAt: answer?.at ?? null, closedAt: f.closed_at, late: isLate(f, answer !== undefined, clock.iso()),
      content: told ? f.content as Flaw['content'] : null, salt: told ? f.salt : null, answer: answer?.body ?? null, mine,
    };
  });
}

const readersOf = (flaw: Pick<FlawRow, 'scope' | 'owner'>): string[] => [flaw.scope, flaw.owner];

async function flawWithin(q: Queryable, caller: Pick<Caller, 'actor'>, id: string): Promise<FlawRow> {
  const flaw = await flawOf(q, caller.actor.org, id);
  if (!flaw) throw noSuch('flaw');
  return flaw;
}

async function shownAgain(parts: CentreParts, caller: Pick<Caller, 'actor'>, id: string): Promise<{ flaw: Flaw }> {
  return { flaw: await flawShown(parts, caller.actor.org, await flawWithin(parts.db, caller, id)) };
}

/** The one way in which a finding comes to be: committed to now, on the record of both sides, and told when it is disclosed. */
export async function commitFlaw(
  tx: Queryable, { clock, ids, random }: Pick<CentreParts, 'clock' | 'ids' | 'random'>, { actor }: Pick<Caller, 'actor'>, visit: VisitRow,
  content: NonNullable<Flaw['content']>, discloseInDays: number,
): Promise<FlawRow> {
  if (visit.state !== 'agreed' && visit.state !== 'closed') {
    throw new Refusal('conflict', 'visit.not-agreed', 'A finding stems from a visit that was agreed to.');
  }
  const salt = toHex(random.bytes(saltBytes));
  const flaw: FlawRow = {
    id: ids.next('flw'), visit: visit.id, scope: visit.scope, owner: visit.owner, product: visit.product, product_name: visit.product_name,
    severity: content.severity, commitment: await commitmentTo(nodeVerifying.sha256, salt, content), salt, content, committed_at: clock.iso(),
    disclose_by: new Date(clock.now() + discloseInDays * dayMs).toISOString(), disclosed_at: null, answer_by: null, closed_at: null, alarmed_at: null,
  };
  await insertFlaw(tx, flaw);
  await stateFact(tx, {
    class: 'flaw.committed', at: flaw.committed_at, actor: actor.person, org: actor.org, subject: flaw.id, readers: readersOf(flaw), clauses: [],
    body: { flaw: flaw.id, visit: visit.id, commitment: flaw.commitment, discloseBy: flaw.disclose_by },
  });
  return flaw;
}

/** One that the organisation is a side of. */
export async function flawShown(parts: Pick<CentreParts, 'clock'> & { readonly db: Queryable }, org: string, flaw: FlawRow): Promise<Flaw> {
  const [shown] = await flawsShown(parts, org, [flaw]);
  if (!shown) throw noSuch('flaw');
  return shown;
}

function filing(parts: CentreParts): Pick<All, 'flaws.file' | 'flaws.list' | 'flaws.disclose'> {
  const { db, clock } = parts;
  return {
    'flaws.list': async (_, { actor }) => ({ items: await flawsShown(parts, actor.org, await flawsOf(db, actor.org)) }),
    'flaws.file': async ({ visit: visitId, severity, title, text, path, line, discloseInDays }, caller) => {
      const visit = await askedVisit(db, caller, visitId);
      const flaw = await db.transaction((tx) => commitFlaw(tx, parts, caller, visit, { title, text, path, line, severity }, discloseInDays));
      return shownAgain(parts, caller, flaw.id);
    },
    'flaws.disclose': async ({ flaw: id, answerInDays }, caller) => {
      const flaw = await flawWithin(db, caller, id);
      if (flaw.scope !== caller.actor.org) throw noSuch('flaw');
      const answerBy = new Date(clock.now() + answerInDays * dayMs).toISOString();
      await db.transaction(async (tx) => {
        if (!await discloseFlaw(tx, id, clock.iso(), answerBy)) throw new Refusal('conflict', 'flaw.disclosed', 'This finding was disclosed before.');
        await stateFact(tx, {
          class: 'flaw.disclosed', at: clock.iso(), actor: caller.actor.person, org: caller.actor.org, subject: id, readers: readersOf(flaw), clauses: [],
          body: { flaw: id, commitment: flaw.commitment, severity: flaw.severity, answerBy },
        });
      });
      return shownAgain(parts, caller, id);
    },
  };
}

function following(parts: CentreParts): Pick<All, 'flaws.answer' | 'flaws.close'> {
  const { db, clock } = parts;
  return {
    'flaws.answer': async ({ flaw: id, text }, caller) => {
      const { actor } = caller;
      const flaw = await flawWithin(db, caller, id);
      if (flaw.owner !== actor.org || flaw.disclosed_at === null) throw noSuch('flaw');
      await db.transaction(async (tx) => {
        const answer = { flaw: id, scope: flaw.scope, owner: flaw.owner, body: text, at: clock.iso(), person: actor.person };
        if (!await insertAnswer(tx, answer)) throw new Refusal('conflict', 'flaw.answered', 'This finding was answered before.');
        await stateFact(tx, {
          class: 'flaw.answered', at: clock.iso(), actor: actor.person, org: actor.org, subject: id, readers: readersOf(flaw), clauses: [],
          body: { flaw: id, sha256: await hashOf(text) },
        });
      });
      return shownAgain(parts, caller, id);
    },
    'flaws.close': async ({ flaw: id, reason }, caller) => {
      const flaw = await flawWithin(db, caller, id);
      if (flaw.scope !== caller.actor.org) throw noSuch('flaw');
      await db.transaction(async (tx) => {
        if (!await closeFlaw(tx, id, clock.iso())) throw new Refusal('conflict', 'flaw.closed', 'This finding was closed before.');
        await stateFact(tx, {
          class: 'flaw.closed', at: clock.iso(), actor: caller.actor.person, org: caller.actor.org, subject: id, readers: readersOf(flaw), clauses: [],
          body: { flaw: id, reason },
        });
      });
      return shownAgain(parts, caller, id);
    },
  };
}

/** What the clock does: a finding that nobody disclosed or answered in time is said aloud, once each. Safe to run at any time and twice. */
export async function tendFlaws({ db, clock }: Pick<CentreParts, 'db' | 'clock'>): Promise<void> {
  await db.transaction(async (tx) => {
    for (const flaw of await takeLate(tx, clock.iso())) {
      await stateFact(tx, {
        class: flaw.disclosed_at === null ? 'flaw.undisclosed' : 'flaw.unanswered', at: clock.iso(), actor: 'system', org: flaw.scope, subject: flaw.id,
        readers: readersOf(flaw), clauses: [], body: { flaw: flaw.id, visit: flaw.visit },
      });
    }
  });
}
