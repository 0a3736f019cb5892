/**
 * Two things that one side asks of the other: a reviewer appeals against lines that were withheld of a note, and the provider's principal, not who
 * cleared it, decides; a provider asks to see before the agreed days what was read, and the reviewing side's principal agrees. Each word is a row of its own.
 */
import type { Actions } from '#kit/endpoint';
import { toHex, toUtf8 } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { noSuch, Refusal } from '#kit/refusal';
import { isOwner, ownedVisit, stateVisit, visitWithin, type CentreParts } from '../actions/parts.ts';
import { drawnOf } from '../actions/trail.ts';
import { refuseWithoutReason, unlessLogIsAway, wordShown } from './words.ts';
import { clearedText } from '../rules.ts';
import { clearancesOf, noteOf, type NoteRow } from '../store/results.ts';
import { changeVisit } from '../store/visits.ts';
import type { controlsApi } from '../api/controls.ts';
import type { Appeal, Early } from '../model/controls.ts';
import {
  appealsOf, appealWordsOf, earlyOf, earlyWordOf, insertAppeal, insertAppealWord, insertEarly, insertEarlyWord, type AppealRow, type AppealWordRow,
} from './store.ts';

type All = Actions<typeof controlsApi>;

export const disputeActs = (parts: CentreParts): Pick<All, Extract<keyof All, `appeals.${string}` | `trails.${string}`>> =>
  ({ ...appealing(parts), ...early(parts) });

const appealShown = (a: AppealRow, word: AppealWordRow | undefined): Appeal => ({
  note: a.note, reason: a.reason, at: a.at, state: word === undefined ? 'waiting' : word.upheld ? 'upheld' : 'refused', answer: word?.reason ?? '',
  answeredAt: word?.at ?? null, text: word?.upheld === true ? word.body : null, hash: word?.upheld === true ? word.hash : null,
});

function appealing(parts: CentreParts): Pick<All, 'appeals.list' | 'appeals.make' | 'appeals.decide'> {
  const { db, clock } = parts;
  const shown = async (notes: readonly string[]): Promise<Appeal[]> => {
    const said = await appealWordsOf(db, notes);
    return (await appealsOf(db, notes)).map((a) => appealShown(a, said.find((w) => w.note === a.note)));
  };
  const one = async (note: string): Promise<{ appeal: Appeal }> => {
    const [found] = await shown([note]);
    if (!found) throw noSuch('appeal');
    return { appeal: found };
  };
  const noteWithin = async (org: string, id: string): Promise<NoteRow> => {
    const note = await noteOf(db, org, id);
    if (!note) throw noSuch('note');
    return note;
  };
  return {
    'appeals.list': async ({ note: id }, { actor }) => {
      await noteWithin(actor.org, id);
      return { items: await shown([id]) };
    },
    'appeals.make': async ({ note: id, reason }, caller) => {
      const note = await noteWithin(caller.actor.org, id);
      if (note.scope !== caller.actor.org) throw noSuch('note');
      const [clearance] = await clearancesOf(db, [id]);
      if (!clearance || (clearance.withheld as unknown[]).length === 0) {
        throw new Refusal('conflict', 'appeal.nothing-withheld', 'Nothing of this note was withheld.');
      }
      await db.transaction(async (tx) => {
        const visit = await visitWithin(tx, caller, note.visit, true);
        if (visit.state !== 'agreed') throw new Refusal('conflict', 'visit.over', 'This visit is over.');
        if (!await insertAppeal(tx, { note: id, scope: note.scope, owner: note.owner, person: caller.actor.person, reason, at: clock.iso() })) {
          throw new Refusal('conflict', 'appeal.made', 'An appeal against this was made before.');
        }
        await stateVisit(tx, parts, caller, visit, 'appeal.made', { note: id, original: note.hash, cleared: clearance.hash });
      });
      return one(id);
    },
    'appeals.decide': async ({ note: id, uphold, withheld, reason }, caller) => {
      const note = await noteWithin(caller.actor.org, id);
      if (!isOwner(note, caller.actor.org) || (await appealsOf(db, [id])).length === 0) throw noSuch('appeal');
      const [clearance] = await clearancesOf(db, [id]);
      if (clearance?.person === caller.actor.person) throw new Refusal('forbidden', 'appeal.own', 'Whoever withheld the lines does not decide on the appeal.');
      const body = uphold ? clearedText(note.body, withheld) : '';
      const hash = uphold ? toHex(await nodeVerifying.sha256(toUtf8(body))) : '';
      await db.transaction(async (tx) => {
        const visit = await visitWithin(tx, caller, note.visit, true);
        const word = { note: id, scope: note.scope, owner: note.owner, person: caller.actor.person, upheld: uphold, reason, withheld, body, hash,
          at: clock.iso() };
        if (!await insertAppealWord(tx, word)) throw new Refusal('conflict', 'appeal.decided', 'This appeal was decided before.');
        await stateVisit(tx, parts, caller, visit, uphold ? 'appeal.upheld' : 'appeal.refused', {
          note: id, original: note.hash, reason, ...(uphold ? { cleared: hash, withheld: withheld.reduce((sum, w) => sum + w.to - w.from + 1, 0) } : {}),
        });
      });
      return one(id);
    },
  };
}

function early(parts: CentreParts): Pick<All, 'trails.view' | 'trails.ask' | 'trails.answer'> {
  const { db, clock } = parts;
  const shown = async (visit: string): Promise<{ asked: Early | null }> => {
    const asked = await earlyOf(db, visit);
    const word = asked && await earlyWordOf(db, asked);
    return { asked: asked ? { sample: asked.sample, reason: asked.reason, at: asked.at, ...wordShown(word) } : null };
  };
  return {
    'trails.view': async ({ visit: id }, caller) => {
      await visitWithin(db, caller, id);
      return shown(id);
    },
    'trails.ask': async ({ visit: id, reason, sample }, caller) => {
      // A sample that was agreed to is drawn before the whole is asked for; where the log does not answer, this waits.
      await drawnOf(parts, caller, await ownedVisit(db, caller, id));
      await db.transaction(async (tx) => {
        const visit = await ownedVisit(tx, caller, id, true);
        if (visit.opened_at !== null) throw new Refusal('conflict', 'trail.open', 'What was read is open already.');
        const before = await earlyOf(tx, id);
        const word = before && await earlyWordOf(tx, before);
        if (before && !word) throw new Refusal('conflict', 'trail.asked', 'This was asked for before, and is not answered yet.');
        if (word?.agreed && sample !== null) {
          throw new Refusal('conflict', 'trail.sampled', 'A sample was drawn: what is left to ask for is the whole.', { at: 'sample' });
        }
        const row = { visit: id, turn: (before?.turn ?? 0) + 1, scope: visit.scope, owner: visit.owner, person: caller.actor.person, reason, sample,
          at: clock.iso() };
        await insertEarly(tx, row);
        await stateVisit(tx, parts, caller, visit, 'trail.asked', { reason, ...(sample === null ? {} : { sample }) });
      });
      return shown(id);
    },
    'trails.answer': async ({ visit: id, agree, reason }, caller) => {
      await db.transaction(async (tx) => {
        const visit = await visitWithin(tx, caller, id, true);
        const asked = await earlyOf(tx, id);
        if (isOwner(visit, caller.actor.org) || !asked) throw noSuch('visit');
        refuseWithoutReason(agree, reason);
        const word = { visit: id, turn: asked.turn, scope: visit.scope, owner: visit.owner, person: caller.actor.person, agreed: agree, reason,
          at: clock.iso() };
        if (!await insertEarlyWord(tx, word)) throw new Refusal('conflict', 'trail.answered', 'This was answered before.');
        // A sample opens no more than what is drawn, once this is in the log.
        if (agree && asked.sample === null) await changeVisit(tx, id, { opened_at: clock.iso() });
        await stateVisit(tx, parts, caller, visit, agree ? 'trail.agreed' : 'trail.refused', { reason });
      });
      // By the checkpoint that comes with the answer, before anybody can choose the hour. Where the log does not answer, by the next that is to be had.
      if (agree) await drawnOf(parts, caller, await visitWithin(db, caller, id)).catch(unlessLogIsAway);
      return shown(id);
    },
  };
}
