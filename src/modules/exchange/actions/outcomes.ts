/** What became of it: a reader's word on an object goes back to its holder and to whoever brought it, and is counted by month. */
import type { Actions, Caller } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { asHub } from '#world/db/scope';
import type { Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import { organisationById } from '#modules/parties/index';
import type { outcomesApi } from '../api/outcomes.ts';
import { wholeReach } from '../gate.ts';
import type { GivenOutcome, SourceCard } from '../model/outcomes.ts';
import { objectWithin, type Found } from '../store/objects.ts';
import {
  broughtCards, originOf, outcomeMonths, outcomesOn, outcomesOnBrought, putOutcome, sourceCards, type Month, type OutcomeRow,
} from '../store/outcomes.ts';
import type { ExchangeParts } from './parts.ts';

export function outcomeActions(parts: ExchangeParts): Actions<typeof outcomesApi> {
  const { db, clock } = parts;
  const found = async (caller: Caller, object: string): Promise<Found> => {
    await caller.may('threat.read', { owner: caller.actor.org, kind: 'threat', purpose: 'incident-response', level: 3, known: false, noun: 'threat' });
    const one = await objectWithin(db, await wholeReach(db, caller), caller.actor.org, object);
    if (!one) throw noSuch('threat');
    return one;
  };
  const monthOf = (month: string | undefined): { month: string } & Month => {
    const name = month ?? clock.iso().slice(0, 7);
    const [year = 0, number = 1] = name.split('-').map(Number);
    return { month: name, from: new Date(Date.UTC(year, number - 1, 1)).toISOString(), until: new Date(Date.UTC(year, number, 1)).toISOString() };
  };
  return {
    'threats.setOutcome': async (input, caller) => {
      const { actor } = caller;
      const object = await found(caller, input.object);
      const at = clock.iso();
      const actedAt = input.action === 'none' ? null : input.actedAt ?? at;
      // Where it came from is the holder's to know: the hub looks it up, and tells nobody but the two.
      const origin = await asHub('who brought an object is told what became of it', () => originOf(db, object.obj));
      if (origin === null) throw noSuch('threat');
      if (actedAt !== null && (Date.parse(actedAt) > clock.now() || Date.parse(actedAt) * 1000 < origin.cameUs - 1000)) {
        throw new Refusal('unprocessable', 'outcome.when', 'That was before it came, or is not yet.', { at: 'actedAt' });
      }
      const readers = [...new Set([object.scope, ...origin.org === null ? [] : [origin.org]])].filter((org) => org !== actor.org);
      const word = { object: input.object, outcome: input.outcome, action: input.action, note: input.note, reporter: actor.org, scope: object.scope };
      await asHub('a word on what another holds', () => db.transaction(async (tx) => {
        await putOutcome(tx, { ...word, obj: object.obj, actedAt, given_at: at, by: actor.person, source: origin.source, sourceOrg: origin.org });
        // A source that is not the holder learns what became of it, not of whom it was told.
        for (const reader of [null, ...readers]) {
          await stateFact(tx, {
            class: 'threat.outcome', at, actor: reader === null || reader === object.scope ? actor.person : 'system',
            org: reader === null || reader === object.scope ? actor.org : object.scope,
            subject: reader === null ? input.object : `${input.object}:${reader}`, readers: reader === null ? [] : [reader], clauses: [],
            body: { object: input.object, outcome: input.outcome, action: input.action },
          });
        }
      }));
      return { outcome: (await shownOf(db, actor.org, [{ ...word, acted_at: actedAt, given_at: at }]))[0] as GivenOutcome };
    },
    'threats.outcomes': async ({ object }, caller) => {
      const one = await found(caller, object);
      const rows = await outcomesOn(db, caller.actor.org, one.obj);
      const shown = await shownOf(db, caller.actor.org, rows);
      return { mine: shown.find((o) => o.reporter === caller.actor.org) ?? null, others: shown.filter((o) => o.reporter !== caller.actor.org) };
    },
    'threats.sourceCards': async (input, { actor }) => {
      const { month, ...range } = monthOf(input.month);
      return {
        month, months: await outcomeMonths(db, actor.org, 'holder'), sources: await named(db, await sourceCards(db, actor.org, range)),
      };
    },
    'threats.myCard': async (input, { actor }) => {
      const { month, ...range } = monthOf(input.month);
      return {
        month, months: await outcomeMonths(db, actor.org, 'source'), holders: await named(db, await asHub('what became of what one brought', () =>
          broughtCards(db, actor.org, range))), outcomes: await shownOf(db, actor.org, await outcomesOnBrought(db, actor.org, range)),
      };
    },
  };
}

/** A source that is an organisation goes by its name. */
async function named(q: Queryable, cards: readonly SourceCard[]): Promise<SourceCard[]> {
  const shown: SourceCard[] = [];
  for (const card of cards) shown.push({ ...card, name: (card.org === null ? null : (await organisationById(q, card.org))?.name) ?? card.name });
  return shown;
}

async function shownOf(q: Queryable, org: string, rows: readonly OutcomeRow[]): Promise<GivenOutcome[]> {
  const shown: GivenOutcome[] = [];
  for (const r of rows) {
    const tells = r.scope === org || r.reporter === org || r.reporter === r.scope;
    shown.push({
      object: r.object, outcome: r.outcome, action: r.action, actedAt: r.acted_at, note: tells ? r.note : '', givenAt: r.given_at,
      reporter: tells ? r.reporter : null, reporterName: tells ? (await organisationById(q, r.reporter))?.name ?? r.reporter : null,
    });
  }
  return shown;
}
