/** What the acts of the centre share: powers, whom they are about, and how a visit is shown. */
import type { Caller } from '#kit/endpoint';
import { allowanceOf, type Allowance } from '#kit/review/blocks';
import { check, noSuch, Refusal } from '#kit/refusal';
import type { Blobs } from '#world/blobs/port';
import type { Clock } from '#world/clock';
import { asHub } from '#world/db/scope';
import type { Db, Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import type { Ids } from '#world/ids';
import type { Random } from '#world/random';
import type { Indexes } from '#world/searching/shared';
import type { NoteSigner } from '#kit/note/note';
import { organisationById } from '#modules/parties/index';
import type { Totals, Visit, VisitItem } from '../model.ts';
import { flagsOf, trailOpensAt } from '../rules.ts';
import { accountOf } from '../store/views.ts';
import { bookedFor, countsOf, hasReadFromAfar, itemsOf, visitOf, type ItemRow, type VisitRow } from '../store/visits.ts';

/** Where a fact stands in the log, with all that it takes to check that without this hub. */
export interface Logged {
  readonly index: number; readonly size: number; readonly hashes: readonly string[]; readonly leaf: string; readonly checkpoint: string;
    readonly vkey: string;
}

export interface FactSought {
  readonly class: string; readonly subject: string;
  /** The window that it names, if it is of one. */
  readonly view?: string;
  readonly index: number | null;
}

export interface CentreParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
  readonly blobs: Blobs;
  /** Of the sources that are under review. */
  readonly indexes: Indexes;
  /** The log's key: it signs statements. */
  readonly signer: NoteSigner;
  /** Returns when everything that was stated is in the published log; throws where the log is not to be had. */
  readonly durable: () => Promise<void>;
  /** The newest fact of a class and subject that the organisation may read, with its proof; null where there is none. */
  readonly logged: (org: string, find: FactSought) => Promise<Logged | null>;
  /** The same with what opens it: the fact's text, and its salt in hex. */
  readonly opened: (org: string, find: FactSought) => Promise<{ readonly place: Logged; readonly text: string; readonly salt: string } | null>;
  /** All facts of some classes about some subjects, opened, in a file that is checked offline. */
  readonly trail: (org: string, about: { readonly subjects: readonly string[]; readonly classes: readonly string[] }) =>
    Promise<{ readonly text: string; readonly count: number }>;
}

/** Where a fact stands in the log; refuses where the log is not to be had, so that nothing is shown without it. */
export async function inLog(parts: Pick<CentreParts, 'durable' | 'logged'>, org: string, find: Parameters<CentreParts['logged']>[1]): Promise<Logged> {
  try {
    await parts.durable();
    const found = await parts.logged(org, find);
    check(found !== null, `the fact ${find.class} of ${find.view ?? find.subject} is not in the log`);
    return found;
  } catch (error) {
    throw new Refusal('unavailable', 'review.ledger-unavailable', 'The ledger does not answer, and without it nothing is shown.', {
      hint: error instanceof Refusal ? error.message : 'Try again in a moment.', retryAfter: 5,
    });
  }
}

export const dayOf = (clock: Clock): string => clock.iso().slice(0, 10);

export const isOwner = (visit: Pick<VisitRow, 'owner'>, org: string): boolean => visit.owner === org;

/** A visit that the caller's organisation is a side of. */
export async function visitWithin(q: Queryable, caller: Caller, id: string, lock = false): Promise<VisitRow> {
  const visit = await visitOf(q, caller.actor.org, id, lock);
  if (!visit) throw noSuch('visit');
  return visit;
}

/** A visit that the caller's organisation is the provider of; the other side gets the same words as one that never was. */
export async function ownedVisit(q: Queryable, caller: Caller, id: string, lock = false): Promise<VisitRow> {
  const visit = await visitWithin(q, caller, id, lock);
  if (!isOwner(visit, caller.actor.org)) throw noSuch('visit');
  return visit;
}

/** A visit that the caller's organisation asked for. */
export async function askedVisit(q: Queryable, caller: Caller, id: string, lock = false): Promise<VisitRow> {
  const visit = await visitWithin(q, caller, id, lock);
  if (visit.scope !== caller.actor.org) throw noSuch('visit');
  return visit;
}

/** What the decision is asked about: this product's source code, in full depth. */
export const sourceOf = (visit: Pick<VisitRow, 'owner' | 'product' | 'product_name'>, noun: string) => ({
  owner: visit.owner, kind: 'source', id: visit.product, products: [visit.product_name], tlp: 'AMBER+STRICT', level: 4, purpose: 'oversight', known: true,
    noun,
} as const);

export async function allowance({ db, clock }: Pick<CentreParts, 'clock'> & { readonly db: Queryable },
  visit: VisitRow): Promise<Allowance & { seen: number; today: number }> {
  const account = await accountOf(db, visit, dayOf(clock));
  return { ...allowanceOf(Number(visit.blocks), { perDay: visit.per_day, inAll: visit.in_all }, account), ...account };
}

/** Figures alone, counted by the hub: the provider sees them and not the rows they come from. */
export const totalsOf = (parts: Pick<CentreParts, 'db' | 'clock'>, visit: VisitRow): Promise<Totals> => asHub('how much of a source was read', async () => {
  const [counts, { perDay, inAll, seen, today }] = [await countsOf(parts.db, visit), await allowance(parts, visit)];
  return { ...counts, blocks: seen, ofBlocks: Number(visit.blocks), today, perDay, inAll };
});

const itemShown = ({ id, kind, name, ref, state, reason }: ItemRow): VisitItem => ({ id, kind, name, ref, state, reason });

export async function visitsShown(parts: Pick<CentreParts, 'db'>, visits: readonly VisitRow[]): Promise<Visit[]> {
  const rooms = await bookedFor(parts.db, visits.map((v) => v.id));
  const names = new Map<string, string>();
  for (const id of new Set(visits.flatMap((v) => [v.scope, v.owner]))) names.set(id, (await organisationById(parts.db, id))?.name ?? id);
  return Promise.all(visits.map(async (v) => {
    const items = await itemsOf(parts.db, v.id);
    const booked = rooms.filter((r) => r.visit === v.id);
    const readFromAfar = v.level !== 'black' || await asHub('whether it was read from afar before', () => hasReadFromAfar(parts.db, v.scope, v.product));
    return {
      id: v.id, org: v.scope, orgName: names.get(v.scope) ?? v.scope, owner: v.owner, ownerName: names.get(v.owner) ?? v.owner, product: v.product,
      productName: v.product_name, release: v.release, version: v.version, artefact: v.artefact, level: v.level, mode: v.mode, goals: v.goals,
      questions: v.questions, from: v.from_day, to: v.to_day, state: v.state, reason: v.reason, askedAt: v.asked_at, decidedAt: v.decided_at,
      closedAt: v.closed_at, shares: { perDay: v.per_day, inAll: v.in_all },
      wantedShares: v.wanted_day === null || v.wanted_all === null ? null : { perDay: v.wanted_day, inAll: v.wanted_all }, wantedBy: v.wanted_by,
      trailOpensAfter: v.opens_after, trailOpensAt: trailOpensAt(v), flags: flagsOf(v, { readFromAfar, room: booked.length > 0, items }),
      rooms: booked.map((b) => ({ room: b.room, name: b.name, day: b.day })),
    };
  }));
}

export async function visitShown(parts: Pick<CentreParts, 'db' | 'clock'>, caller: Caller, id: string) {
  const visit = await visitWithin(parts.db, caller, id);
  const [shown] = await visitsShown(parts, [visit]);
  if (!shown) throw noSuch('visit');
  return { visit: shown, items: (await itemsOf(parts.db, id)).map(itemShown), totals: await totalsOf(parts, visit), mine: visit.scope === caller.actor.org };
}

/** A fact of a visit, on the record of both its sides. */
export const stateVisit = (tx: Queryable, parts: Pick<CentreParts, 'clock'>, caller: Caller, visit: VisitRow, name: string, body: Record<string,
  string | number | boolean>) =>
  stateFact(tx, {
    class: name, at: parts.clock.iso(), actor: caller.actor.person, org: caller.actor.org, subject: visit.id, readers: [visit.scope, visit.owner],
      clauses: [],
    body: { visit: visit.id, product: visit.product, ...body },
  });
