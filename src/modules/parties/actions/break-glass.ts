/**
 * Break-glass: for an hour of need, listed rights of the own organisation, with a reason, by two people, for four hours by
 * the clock, on record at once and reviewed within 72 hours. It never stands for a mandate, and an overdue review locks it.
 */
import type { Actions, Actor } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { lockUntilCommit } from '#world/db/kysely';
import type { Queryable } from '#world/db/port';
import type { Json } from '#world/facts';
import type { partiesApi } from '../api.ts';
import {
  breakGlassOf, endRunOut, holdBreakGlass, insertBreakGlass, markOverdue, openBreakGlass, saveBreakGlass, unreviewedOf,
  type BreakGlassRow,
} from '../break-glass-store.ts';
import { takeDuty } from '../duties-store.ts';
import type { BreakGlass } from '../model.ts';
import { givesRight } from '../roles.ts';
import { personById } from '../store.ts';
import { laterIso, state, type PartiesParts } from './parts.ts';

type Acts = Pick<Actions<typeof partiesApi>,
  'break-glass.list' | 'break-glass.start' | 'break-glass.end' | 'break-glass.close'>;

const holdsMs = 4 * 3600_000;
const reviewMs = 72 * 3600_000;
const listMost = 200;

export function breakGlassActions(parts: PartiesParts): Acts {
  return { ...seeing(parts), ...starting(parts), ...ending(parts) };
}

function seeing(parts: PartiesParts): Pick<Acts, 'break-glass.list'> {
  return {
    'break-glass.list': async (_, { actor }) => {
      const rows = (await breakGlassOf(parts.db, actor.org, listMost)).filter((row) => maySee(row, actor));
      return { grants: await Promise.all(rows.map((row) => shown(parts, parts.db, row, actor))) };
    },
  };
}

function starting(parts: PartiesParts): Pick<Acts, 'break-glass.start'> {
  return {
    'break-glass.start': (input, { actor, approved }) => parts.db.transaction(async (tx) => {
      await lockUntilCommit(tx, `break-glass:${actor.org}`);
      const now = parts.clock.iso();
      if ((await unreviewedOf(tx, actor.org, now)).length > 0) {
        throw new Refusal('forbidden', 'break-glass.review-overdue', 'An earlier use has not been reviewed in time; until then this way is closed.', {
          ask: 'an auditor, the oversight board or the principal of your organisation',
        });
      }
      const { approval, by } = await approved(tx);
      const row: BreakGlassRow = {
        id: parts.ids.next('bgl'), org: actor.org, person: actor.person, approver: by, approval,
        rights: [...new Set<string>(input.rights)].sort(), reason: input.reason, started_at: now,
        ends_at: laterIso(parts.clock, holdsMs), ended_at: null, ended_by: null,
        review_due_at: laterIso(parts.clock, reviewMs), overdue_at: null, closed_at: null, closed_by: null, finding: null,
      };
      await insertBreakGlass(tx, row);
      const part = { noun: 'break-glass', object: row.id, org: actor.org, at: now };
      await takeDuty(tx, { ...part, duty: 'requester', person: actor.person });
      await takeDuty(tx, { ...part, duty: 'authoriser', person: by });
      await stateOn(parts, tx, actor, row, 'break-glass.started', { rights: row.rights, reason: row.reason, approver: by, endsAt: row.ends_at });
      return shown(parts, tx, row, actor);
    }),
  };
}

function ending(parts: PartiesParts): Pick<Acts, 'break-glass.end' | 'break-glass.close'> {
  const held = async (tx: Queryable, actor: Actor, id: string): Promise<BreakGlassRow> => {
    const row = await holdBreakGlass(tx, actor.org, id);
    if (!row || !maySee(row, actor)) throw noSuch('break-glass');
    return row;
  };
  return {
    'break-glass.end': (input, { actor }) => parts.db.transaction(async (tx) => {
      const row = await held(tx, actor, input.grant);
      if (hasEnded(row, parts.clock.iso())) throw new Refusal('conflict', 'break-glass.ended', 'This has ended already.');
      const change = { ended_at: parts.clock.iso(), ended_by: actor.person };
      await saveBreakGlass(tx, row.id, change);
      await stateOn(parts, tx, actor, row, 'break-glass.ended', { how: 'by hand' });
      return shown(parts, tx, { ...row, ...change }, actor);
    }),
    'break-glass.close': (input, { actor }) => parts.db.transaction(async (tx) => {
      const row = await held(tx, actor, input.grant);
      if (row.closed_at !== null) throw new Refusal('conflict', 'break-glass.closed', 'This has been reviewed already.');
      if (!hasEnded(row, parts.clock.iso())) {
        throw new Refusal('conflict', 'break-glass.open', 'It is reviewed once it has ended.', { hint: 'End it first.' });
      }
      await takeDuty(tx, {
        noun: 'break-glass', object: row.id, org: actor.org, at: parts.clock.iso(), duty: 'monitor', person: actor.person,
      });
      const change = { closed_at: parts.clock.iso(), closed_by: actor.person, finding: input.finding };
      await saveBreakGlass(tx, row.id, change);
      await stateOn(parts, tx, actor, row, 'break-glass.closed', { finding: input.finding, late: row.overdue_at !== null });
      return shown(parts, tx, { ...row, ...change }, actor);
    }),
  };
}

const hasEnded = (row: BreakGlassRow, now: string): boolean => row.ended_at !== null || row.ends_at <= now;

/** Who broke the glass, who agreed, and who reviews: at once and without asking. */
function maySee(row: BreakGlassRow, actor: Actor): boolean {
  return row.person === actor.person || row.approver === actor.person || givesRight(actor.roles, 'break-glass.review');
}

async function shown(parts: PartiesParts, q: Queryable, row: BreakGlassRow, actor: Actor): Promise<BreakGlass> {
  const now = parts.clock.iso();
  const name = async (id: string) => ({ id, name: (await personById(q, id))?.name ?? id });
  const ended = hasEnded(row, now);
  const mine = row.person === actor.person || row.approver === actor.person;
  return {
    id: row.id, person: await name(row.person), approver: await name(row.approver), rights: row.rights, reason: row.reason,
    startedAt: row.started_at, endsAt: row.ends_at, endedAt: row.ended_at ?? (ended ? row.ends_at : null),
    reviewDueAt: row.review_due_at, closedAt: row.closed_at, closedBy: row.closed_by === null ? null : await name(row.closed_by),
    finding: row.finding, state: row.closed_at !== null ? 'closed' : !ended ? 'open' : row.review_due_at <= now ? 'overdue' : 'to-review',
    mayReview: ended && row.closed_at === null && !mine && givesRight(actor.roles, 'break-glass.review'),
  };
}

async function stateOn(
  parts: PartiesParts, tx: Queryable, actor: Pick<Actor, 'person' | 'org'>, row: BreakGlassRow, name: string,
  body: Readonly<Record<string, Json>>,
): Promise<void> {
  await state(parts, tx, actor, { class: name, subject: row.id, body: { person: row.person, ...body } });
}

/** Rights that a person holds at this moment by broken glass; none for whoever has none, which is nearly everyone. */
export async function emergencyRights(parts: PartiesParts, actor: Actor): Promise<readonly string[]> {
  const open = await openBreakGlass(parts.db, actor.person, parts.clock.iso());
  return open.filter((row) => row.org === actor.org).flatMap((row) => row.rights);
}

/** States that a right held only by broken glass was used: its review reads these. */
export async function stateEmergencyUse(parts: PartiesParts, actor: Actor, right: string, operation: string): Promise<void> {
  const row = (await openBreakGlass(parts.db, actor.person, parts.clock.iso())).find((r) => r.rights.includes(right));
  if (!row) return;
  await parts.db.transaction((tx) => stateOn(parts, tx, actor, row, 'break-glass.used', { right, operation }));
}

/** Ends by the clock what ran out and says aloud what nobody reviewed. A chore: each of several hubs may run it. */
export async function tendBreakGlass(parts: PartiesParts): Promise<void> {
  const now = parts.clock.iso();
  await parts.db.transaction(async (tx) => {
    for (const row of await endRunOut(tx, now)) {
      await stateOn(parts, tx, { person: 'system', org: row.org }, row, 'break-glass.ended', { how: 'by the clock' });
    }
    for (const row of await markOverdue(tx, now)) {
      await stateOn(parts, tx, { person: 'system', org: row.org }, row, 'break-glass.overdue', { reviewDueAt: row.review_due_at });
    }
  });
}
