/** Asking for a visit and deciding on it, vetting, rooms, the allowance, the end. Each act and its fact share a transaction. */
import type { Actions } from '#kit/endpoint';
import { blocksIn } from '#kit/review/blocks';
import { Refusal, noSuch } from '#kit/refusal';
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import { filesIn, snapshotWithin } from '#modules/catalogue/index';
import { organisationById, peopleOf } from '#modules/parties/index';
import type { centreApi } from '../api.ts';
import type { searchingApi } from '../api/searching.ts';
import type { Room } from '../model.ts';
import { daysFrom, refuseAccess, refuseClosing, refuseDays, refuseDecision, refuseItems, refuseOver, refuseVetting } from '../rules.ts';
import { sealedFor } from '../controls/arbiters.ts';
import { revealing, sealBait, stateRevealed } from '../controls/bait.ts';
import { appealsOf, appealWordsOf, copiesOf } from '../controls/store.ts';
import { clearancesOf, notesOf } from '../store/results.ts';
import {
  book, bookingsOf, changeItem, changeVisit, insertRoom, insertVisit, itemsOf, openReviews, roomsOf, visitsOf, type VisitRow,
} from '../store/visits.ts';
import { ownedVisit, stateVisit, visitShown, visitsShown, visitWithin, type CentreParts } from './parts.ts';

type All = Actions<typeof centreApi>;

type Others = keyof typeof searchingApi | 'visits.trail' | 'visits.step';

export const visitActs = (parts: CentreParts): Pick<All, Exclude<Extract<keyof All, `visits.${string}` | `rooms.${string}`>, Others>> =>
  ({ ...asking(parts), ...deciding(parts), ...ending(parts), ...rooms(parts) });

function asking(parts: CentreParts): Pick<All, 'visits.list' | 'visits.view' | 'visits.ask'> {
  const { db, clock, ids } = parts;
  return {
    'visits.list': async (_, { actor }) => ({ items: await visitsShown(parts, await visitsOf(db, actor.org)) }),
    'visits.view': ({ visit }, caller) => visitShown(parts, caller, visit),
    'visits.ask': async (input, caller) => {
      const { actor } = caller;
      const source = await snapshotWithin(parts, caller, input.artefact);
      if (source.owner === actor.org) throw new Refusal('conflict', 'visit.own-product', 'One’s own product needs no visit.');
      const allowed = await caller.may('centre.visit', {
        owner: source.owner, kind: 'visit', id: source.product, products: [source.productName], tlp: 'AMBER', level: 4, purpose: 'oversight', known: true,
        noun: 'artefact',
      });
      if (source.withdrawn) throw new Refusal('gone', 'artefact.withdrawn', 'This was withdrawn by its provider.');
      refuseDays(input.from, input.to);
      refuseAccess(source.access, input.mode, input.level);
      const people = new Set((await peopleOf(db, actor.org)).filter((p) => p.status === 'active').map((p) => p.id));
      refuseItems(input.items, (person) => people.has(person));
      // Blocks are counted by file: no file shares one with the next.
      const blocks = await asHub('how large a source under review is', async () => {
        let sum = 0;
        for await (const { entry } of filesIn(db, source)) sum += blocksIn(entry.size);
        return sum;
      });
      const visit: VisitRow = {
        id: ids.next('vis'), scope: actor.org, owner: source.owner, product: source.product, product_name: source.productName, release: source.release,
        version: source.version, artefact: source.id, root: source.root, blocks: String(blocks), level: input.level, mode: input.mode, goals: input.goals,
        questions: input.questions, from_day: input.from, to_day: input.to, state: 'asked', reason: '', asked_at: clock.iso(), asked_by: actor.person,
        decided_at: null, closed_at: null, per_day: input.shares.perDay, in_all: input.shares.inAll, wanted_day: null, wanted_all: null, wanted_by: null,
        opens_after: input.trailOpensAfter, opened_at: null,
      };
      const items = input.items.map((item) => ({
        id: ids.next('vit'), visit: visit.id, scope: actor.org, owner: source.owner, ...item, state: 'asked' as const, reason: '',
      }));
      await db.transaction(async (tx) => {
        await insertVisit(tx, visit, items);
        await stateFact(tx, {
          class: 'visit.asked', at: clock.iso(), actor: actor.person, org: actor.org, subject: visit.id, readers: [visit.owner], clauses: allowed.clauses,
          body: { visit: visit.id, product: visit.product, release: visit.release, root: visit.root, level: visit.level, mode: visit.mode,
            from: input.from, to: input.to },
        });
      });
      return visitShown(parts, caller, visit.id);
    },
  };
}

function deciding(parts: CentreParts): Pick<All, 'visits.decide' | 'visits.vet' | 'visits.setAllowance'> {
  const { db, clock } = parts;
  return {
    'visits.decide': async ({ visit: id, agree, reason }, caller) => {
      await db.transaction(async (tx) => {
        const visit = await ownedVisit(tx, caller, id, true);
        refuseDecision(visit.state, agree, reason);
        await changeVisit(tx, id, { state: agree ? 'agreed' : 'refused', reason, decided_at: clock.iso() });
        // Always a commitment, also to no bait at all: whether there is any is nobody's to tell.
        const sealed = agree ? { bait: await sealBait(tx, parts, visit) } : {};
        await stateVisit(tx, parts, caller, visit, agree ? 'visit.agreed' : 'visit.refused', { perDay: visit.per_day, inAll: visit.in_all, ...sealed });
      });
      return visitShown(parts, caller, id);
    },
    'visits.vet': async ({ visit: id, item: itemId, state, reason }, caller) => {
      await db.transaction(async (tx) => {
        const visit = await ownedVisit(tx, caller, id, true);
        const item = (await itemsOf(tx, id)).find((i) => i.id === itemId);
        if (!item) throw noSuch('visit-item');
        refuseVetting(visit.state, item, state, reason);
        if (state === 'returned' && (await openReviews(tx, id)).length > 0) {
          throw new Refusal('conflict', 'visit.review-open', 'A sitting is still open.', { hint: 'It ends before devices are given back.' });
        }
        await changeItem(tx, itemId, state, reason);
        await stateVisit(tx, parts, caller, visit, 'visit.vetted', { item: itemId, kind: item.kind, ref: item.ref, state });
      });
      return visitShown(parts, caller, id);
    },
    'visits.setAllowance': async ({ visit: id, shares, reason }, caller) => {
      const { org } = caller.actor;
      await db.transaction(async (tx) => {
        const visit = await visitWithin(tx, caller, id, true);
        refuseOver(visit.state);
        const agreed = visit.wanted_by !== null && visit.wanted_by !== org && visit.wanted_day === shares.perDay && visit.wanted_all === shares.inAll;
        await changeVisit(tx, id, agreed
          ? { per_day: shares.perDay, in_all: shares.inAll, wanted_day: null, wanted_all: null, wanted_by: null }
          : { wanted_day: shares.perDay, wanted_all: shares.inAll, wanted_by: org });
        await stateVisit(tx, parts, caller, visit, agreed ? 'visit.allowance-agreed' : 'visit.allowance-asked', { ...shares, reason });
      });
      return visitShown(parts, caller, id);
    },
  };
}

function ending(parts: CentreParts): Pick<All, 'visits.close'> {
  const { db, clock } = parts;
  return {
    'visits.close': async ({ visit: id, copies: named }, caller) => {
      const bait = await revealing(parts, id);
      await db.transaction(async (tx) => {
        const visit = await visitWithin(tx, caller, id, true);
        const notes = await notesOf(tx, visit.scope, id);
        const cleared = await clearancesOf(tx, notes.map((n) => n.id));
        const appeals = (await appealsOf(tx, notes.map((n) => n.id))).length - (await appealWordsOf(tx, notes.map((n) => n.id))).length;
        // Those on the register, then what was made beside it.
        const copies = [...(await copiesOf(tx, id)).map((c) => ({ what: c.what, destroyed: c.destroyed_at !== null })), ...named];
        refuseClosing({
          state: visit.state, items: await itemsOf(tx, id), copies, openReviews: (await openReviews(tx, id)).length,
            notesWaiting: notes.length - cleared.length, appealsWaiting: appeals,
        });
        await changeVisit(tx, id, { state: 'closed', closed_at: clock.iso() });
        await stateFact(tx, {
          class: 'visit.closed', at: clock.iso(), actor: caller.actor.person, org: caller.actor.org, subject: id, readers: [visit.scope, visit.owner],
            clauses: [],
          // The certificate of destruction: each copy by name.
          body: { visit: id, product: visit.product, destroyed: copies.map((c) => c.what) },
        });
        if (bait) await stateRevealed(tx, parts, caller, visit, bait);
      });
      await sealedFor(parts, caller, await visitWithin(db, caller, id));
      return visitShown(parts, caller, id);
    },
  };
}

function rooms(parts: CentreParts): Pick<All, 'rooms.list' | 'rooms.add' | 'rooms.book'> {
  const { db, clock, ids } = parts;
  const shown = async (org: string): Promise<Room[]> => {
    const found = await roomsOf(db, org);
    const booked = await bookingsOf(db, org, found.map((r) => r.id));
    return Promise.all(found.map(async (r) => ({
      id: r.id, owner: r.scope, ownerName: (await organisationById(db, r.scope))?.name ?? r.scope, name: r.name, place: r.place, seats: r.seats,
      booked: booked.filter((b) => b.room === r.id).map((b) => ({ day: b.day, visit: b.visit })),
    })));
  };
  const one = async (org: string, id: string): Promise<{ room: Room }> => {
    const room = (await shown(org)).find((r) => r.id === id);
    if (!room) throw noSuch('room');
    return { room };
  };
  return {
    'rooms.list': async (_, { actor }) => ({ items: await shown(actor.org) }),
    'rooms.add': async ({ name, place, seats }, { actor }) => {
      const id = ids.next('rom');
      await db.transaction(async (tx) => {
        if (!await insertRoom(tx, { id, scope: actor.org, name, place, seats })) throw new Refusal('conflict', 'room.name-taken',
          'A room of this name is there.');
        await stateFact(tx, { class: 'room.added', at: clock.iso(), actor: actor.person, org: actor.org, subject: id, readers: [], clauses: [],
          body: { room: id, seats } });
      });
      return one(actor.org, id);
    },
    'rooms.book': async ({ room, visit: visitId, from, to }, caller) => {
      const { actor } = caller;
      refuseDays(from, to);
      if (!(await roomsOf(db, actor.org)).some((r) => r.id === room && r.scope === actor.org)) throw noSuch('room');
      await db.transaction(async (tx) => {
        const visit = await ownedVisit(tx, caller, visitId, true);
        if (from < visit.from_day || to > visit.to_day) throw new Refusal('conflict', 'room.other-days', 'The visit is on other days.');
        const taken = await book(tx, { room, scope: actor.org, visit: visitId, guest: visit.scope }, daysFrom(from, to));
        if (taken !== null) throw new Refusal('conflict', 'room.taken', 'The room is taken on one of these days.', { at: 'from',
          hint: `It is taken on ${taken}.` });
        await stateVisit(tx, parts, caller, visit, 'room.booked', { room, from, to });
      });
      return one(actor.org, room);
    },
  };
}
