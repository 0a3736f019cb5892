/**
 * Calling back. In one transaction the objects leave every collection, each organisation that could have had them has its row, and
 * both sides have their fact: if we crash before the commit nothing was called back, after it nothing is shared any more, and each
 * recipient's next sync begins with the note.
 */
import type { Actions, Actor, Caller } from '#kit/endpoint';
import { Refusal, check, noSuch } from '#kit/refusal';
import { asHub } from '#world/db/scope';
import type { Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import { organisationById } from '#modules/parties/index';
import type { recallsApi } from '../api/recalls.ts';
import { reachInto } from '../gate.ts';
import type { ReceivedRecall, RecallSaying, SentRecall } from '../model/recalls.ts';
import { stateOf } from '../rules/recalls.ts';
import { labelOf, red } from '../rules/tlp.ts';
import { collectionsOf, ownCollections } from '../store/collections.ts';
import { lockLog, retract } from '../store/log.ts';
import {
  acknowledge, callable, copiesOf, destroyCopies, fallOverdue, insertRecall, liftRecall, noteDelivered, recalledIn, recallById, recallsOf,
  receivedById, receivedBy, recipientsOf, retractionsIn, type Callable, type Copy, type RecallRow, type RecipientRow,
} from '../store/recalls.ts';
import { namedEye } from '../store/objects.ts';
import { newUuid, nowUs, type ExchangeParts } from './parts.ts';

const perPage = 50;
const hourMs = 3_600_000;

export function recallActions(parts: ExchangeParts): Actions<typeof recallsApi> {
  return { ...sending(parts), ...receiving(parts) };
}

function sending(parts: ExchangeParts): Pick<Actions<typeof recallsApi>, 'recalls.begin' | 'recalls.list' | 'recalls.view' | 'recalls.lift'> {
  const { db, clock } = parts;
  const one = async (q: Queryable, org: string, id: string): Promise<SentRecall> => {
    const found = await recallById(q, org, id);
    if (!found) throw noSuch('recall');
    return (await sentOf(parts, q, org, [found]))[0] as SentRecall;
  };
  return {
    'recalls.begin': async ({ objects, reason, hours }, { actor }) => {
      const id = await beginRecall(parts, { actor, reason, hours }, objects);
      return { recall: await one(db, actor.org, id) };
    },
    'recalls.list': async ({ state, cursor }, { actor }) => {
      const rows = await recallsOf(db, actor.org, { state, before: cursor ?? null, now: clock.iso(), limit: perPage + 1 });
      return { items: await sentOf(parts, db, actor.org, rows.slice(0, perPage)), next: rows.length > perPage ? rows[perPage - 1]?.id ?? null : null };
    },
    'recalls.view': async ({ recall }, { actor }) => ({ recall: await one(db, actor.org, recall) }),
    'recalls.lift': async ({ recall, reason }, { actor }) => db.transaction(async (tx) => {
      if (!await recallById(tx, actor.org, recall)) throw noSuch('recall');
      const at = clock.iso();
      if (!await liftRecall(tx, actor.org, recall, { at, by: actor.person, why: reason })) {
        throw new Refusal('conflict', 'recall.lifted', 'This recall was lifted before.');
      }
      const told = (await recipientsOf(tx, actor.org, [recall])).map((r) => r.org);
      for (const org of [null, ...told]) {
        await stateFact(tx, {
          class: 'recall.lifted', at, actor: actor.person, org: actor.org, subject: org === null ? recall : of(recall, org),
          readers: org === null ? [] : [org], clauses: [], body: { recall, reason },
        });
      }
      return { recall: await one(tx, actor.org, recall) };
    }),
  };
}

type Receiving = Pick<Actions<typeof recallsApi>, 'recalls.received' | 'recalls.acknowledge' | 'collections.retractions'>;

function receiving(parts: ExchangeParts): Receiving {
  const { db, clock } = parts;
  return {
    'recalls.received': async ({ state, cursor }, { actor }) => {
      const rows = await receivedBy(db, actor.org, { open: state === 'outstanding', before: placeOf(cursor), limit: perPage + 1 });
      const shown = rows.slice(0, perPage);
      await noteDelivered(db, actor.org, shown.map((r) => r.id), clock.iso());
      const last = rows.length > perPage ? shown.at(-1) : undefined;
      return {
        items: await receivedOf(parts, db, actor.org, shown),
        next: last ? `${last.acknowledged_at === null ? 'open' : 'done'}:${last.id}` : null,
      };
    },
    'recalls.acknowledge': async ({ recall, said, note, remove }, { actor }) => db.transaction(async (tx) => {
      const found = await receivedById(tx, actor.org, recall);
      if (!found) throw noSuch('recall');
      const at = clock.iso();
      if (!await acknowledge(tx, actor.org, recall, { at, by: actor.person, said, note })) {
        throw new Refusal('conflict', 'recall.acknowledged', 'This recall was acknowledged before.');
      }
      const ids = (await recalledIn(tx, [recall], actor.org)).map((o) => o.stix_id);
      const destroyed = remove ? await destroyHeld(parts, tx, actor, { ids, reason: found.reason, endsAt: found.ends_at }) : 0;
      await stateFact(tx, {
        class: 'recall.acknowledged', at, actor: actor.person, org: actor.org, subject: recall, readers: [found.scope], clauses: [],
        body: { recall, said, note },
      });
      const after = await receivedById(tx, actor.org, recall);
      check(after, 'the recall just acknowledged is there');
      return { recall: (await receivedOf(parts, tx, actor.org, [after]))[0] as ReceivedRecall, destroyed };
    }),
    'collections.retractions': async ({ collection, after }, caller) => {
      await oneself(caller);
      const { collection: c, access } = await reachInto(db, caller, collection);
      if (!access.read) throw noSuch('collection');
      const rows = await retractionsIn(db, c.coll, after, 1_001);
      return {
        items: rows.slice(0, 1_000).map((r) => ({ number: r.seq, object: r.id, reason: r.reason as 'raised' | 'deleted' | 'recalled' | 'ended', at: r.at })),
        more: rows.length > 1_000,
      };
    },
  };
}

const oneself = (caller: Caller) => caller.may('threat.read', {
  owner: caller.actor.org, kind: 'threat', purpose: 'incident-response', level: 3, known: false, noun: 'collection',
});

function placeOf(cursor: string | undefined): readonly [boolean, string] | null {
  if (cursor === undefined) return null;
  const found = /^(open|done):([a-z0-9_]{1,50})$/i.exec(cursor);
  if (!found) throw new Refusal('invalid', 'input.invalid', 'The cursor is none of ours.', { at: 'cursor' });
  return [found[1] === 'open', found[2] as string];
}

/** Objects of one's own that are named, all of them or none; what is for named eyes only by whom it names. */
async function ownOnly(tx: Queryable, actor: Beginning['actor'], ids: readonly string[]): Promise<Callable[]> {
  const found = await callable(tx, actor.org, ids);
  const seen: Callable[] = [];
  for (const o of found) if (o.tlp < red || await namedEye(tx, o.obj, actor.person)) seen.push(o);
  const missing = ids.find((id) => !seen.some((o) => o.id === id));
  if (missing !== undefined) throw noSuch('threat');
  const twice = seen.find((o) => o.recalled !== null);
  if (twice) throw new Refusal('conflict', 'recall.stands', `${twice.id} has been called back already.`, { hint: `See ${twice.recalled}.` });
  return seen;
}

interface Beginning { readonly actor: { readonly person: string; readonly org: string }; readonly reason: string; readonly hours: number }

/** Alone with one's own log: nothing is shared meanwhile, and nobody else calls the same back. */
async function lockOwn(parts: ExchangeParts, tx: Queryable, actor: Beginning['actor']): Promise<void> {
  const { library } = await ownCollections(tx, actor.org, () => newUuid(parts), actor.person, parts.clock.iso());
  await lockLog(tx, library.coll);
}

/** Calls objects of one's own back from whoever could have had them. The log is locked by the caller. */
async function begin(parts: ExchangeParts, tx: Queryable, { actor, reason, hours }: Beginning, objects: readonly Callable[]): Promise<string> {
  const at = parts.clock.iso();
  const [id, endsAt] = [parts.ids.next('rec'), new Date(parts.clock.now() + hours * hourMs).toISOString()];
  const objs = objects.map((o) => o.obj);
  const copies = await copiesOf(tx, objs);
  await insertRecall(tx, { id, scope: actor.org, reason, at, by: actor.person, endsAt }, objects, copies);
  for (const c of await collectionsOf(tx, actor.org, true)) if (c.kind === 'shared') await retract(tx, c.coll, objs, 'recalled', nowUs(parts));
  await tellOf(tx, { id, at, actor, reason, endsAt }, objects, copies);
  return id;
}

/** What a recall is to one recipient, as facts name it. */
const of = (recall: string, org: string): string => `${recall}:${org}`;

/** A fact for oneself with all of it, and one for each recipient with what it could have had: none learns of another. */
async function tellOf(
  tx: Queryable, r: { id: string; at: string; actor: { person: string; org: string }; reason: string; endsAt: string },
  objects: readonly Callable[], copies: readonly Copy[],
): Promise<void> {
  const recipients = [...new Set(copies.map((c) => c.org))];
  const fact = { at: r.at, actor: r.actor.person, org: r.actor.org, subject: r.id, clauses: [] };
  const had = (org: string): string[] => objects.filter((o) => copies.some((c) => c.org === org && c.obj === o.obj)).map((o) => o.id);
  await stateFact(tx, {
    ...fact, class: 'recall.begun', readers: [],
    body: { recall: r.id, reason: r.reason, objects: objects.map((o) => o.id), recipients: recipients.length, acknowledgeBy: r.endsAt },
  });
  for (const org of recipients) {
    await stateFact(tx, {
      ...fact, class: 'recall.told', subject: of(r.id, org), readers: [org],
      body: { recall: r.id, reason: r.reason, objects: had(org), acknowledgeBy: r.endsAt },
    });
  }
}

/** Destroys what an organisation itself holds of objects that another called back, and calls them back from whoever had them from here. */
async function destroyHeld(
  parts: ExchangeParts, tx: Queryable, actor: Actor | Beginning['actor'], { ids, reason, endsAt, source }: {
    ids: readonly string[]; reason: string; endsAt: string; source?: string;
  },
): Promise<number> {
  await lockOwn(parts, tx, actor);
  const held = (await callable(tx, actor.org, ids, source)).filter((o) => o.recalled === null);
  if (held.length === 0) return 0;
  const hours = Math.max(1, Math.ceil((Date.parse(endsAt) - parts.clock.now()) / hourMs));
  await begin(parts, tx, { actor, reason, hours }, held);
  for (const c of await collectionsOf(tx, actor.org)) if (c.kind !== 'shared') await retract(tx, c.coll, held.map((o) => o.obj), 'recalled', nowUs(parts));
  await destroyCopies(tx, held.map((o) => o.obj));
  return held.length;
}

export interface PeerRecall {
  /** Organisation that holds copies, and the source they came by: what came otherwise stays. */
  readonly scope: string; readonly source: string;
  readonly objects: readonly string[]; readonly reason: string; readonly acknowledgeBy: string; readonly by: string;
}

/** Calls objects of one's own back. Answers the recall's id. */
export function beginRecall(parts: ExchangeParts, beginning: Beginning, objects: readonly string[]): Promise<string> {
  return parts.db.transaction(async (tx) => {
    await lockOwn(parts, tx, beginning.actor);
    return begin(parts, tx, beginning, await ownOnly(tx, beginning.actor, [...new Set(objects)]));
  });
}

/** A recall that reached us from another server: copies that came by its source are destroyed. Answers how many; a second time none. */
export async function applyRecall(parts: ExchangeParts, recall: PeerRecall): Promise<number> {
  return asHub('another server called something back', () => parts.db.transaction((tx) => destroyHeld(
    parts, tx, { person: recall.by, org: recall.scope },
    { ids: recall.objects, reason: recall.reason, endsAt: recall.acknowledgeBy, source: recall.source },
  )));
}

async function namesOf(q: Queryable, orgs: readonly string[]): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const org of new Set(orgs)) names.set(org, (await organisationById(q, org))?.name ?? org);
  return names;
}

async function sentOf({ clock }: ExchangeParts, q: Queryable, org: string, rows: readonly RecallRow[]): Promise<SentRecall[]> {
  const ids = rows.map((r) => r.id);
  const [objects, recipients] = [await recalledIn(q, ids, null), await recipientsOf(q, org, ids)];
  const names = await namesOf(q, recipients.map((r) => r.org));
  const now = clock.iso();
  return rows.map((r) => {
    const told = recipients.filter((p) => p.recall === r.id).map((p) => ({
      org: p.org, name: names.get(p.org) ?? p.org, state: stateOf({ acknowledgedAt: p.acknowledged_at, endsAt: r.ends_at }, now),
      deliveredAt: p.delivered_at, acknowledgedAt: p.acknowledged_at, said: p.said as RecallSaying | null, note: p.note,
    }));
    const count = (state: string): number => told.filter((p) => p.state === state).length;
    // Who is late stands first: they are whom somebody has to call.
    const order = { overdue: 0, outstanding: 1, acknowledged: 2 } as const;
    return {
      ...headOf(r), objects: objectsOf(objects, r.id),
      counts: { recipients: told.length, acknowledged: count('acknowledged'), outstanding: count('outstanding'), overdue: count('overdue') },
      recipients: told.sort((a, b) => order[a.state] - order[b.state] || a.name.localeCompare(b.name)),
    };
  });
}

const headOf = (r: RecallRow) => ({ id: r.id, reason: r.reason, begunAt: r.begun_at, acknowledgeBy: r.ends_at, liftedAt: r.lifted_at });
const objectsOf = (objects: readonly { recall: string; stix_id: string; name: string; tlp: number }[], recall: string) =>
  objects.filter((o) => o.recall === recall).map((o) => ({ id: o.stix_id, name: o.name, tlp: labelOf(o.tlp) }));

async function receivedOf({ clock }: ExchangeParts, q: Queryable, org: string, rows: readonly (RecallRow & RecipientRow)[]): Promise<ReceivedRecall[]> {
  const objects = await recalledIn(q, rows.map((r) => r.id), org);
  const names = await namesOf(q, rows.map((r) => r.scope));
  return rows.map((r) => ({
    ...headOf(r), objects: objectsOf(objects, r.id), from: r.scope, fromName: names.get(r.scope) ?? r.scope,
    state: stateOf({ acknowledgedAt: r.acknowledged_at, endsAt: r.ends_at }, clock.iso()), acknowledgedAt: r.acknowledged_at,
    said: r.said as RecallSaying | null, note: r.note, held: objects.filter((o) => o.recall === r.id && o.held).length,
  }));
}

/** Says of each recipient that is late that it is, once, to both sides. */
export async function tendRecalls({ db, clock }: Pick<ExchangeParts, 'db' | 'clock'>): Promise<void> {
  await db.transaction(async (tx) => {
    const at = clock.iso();
    for (const { recall, org, scope } of await fallOverdue(tx, at)) {
      await stateFact(tx, {
        class: 'recall.overdue', at, actor: 'system', org: scope, subject: recall, readers: [org], clauses: [], body: { recall, recipient: org },
      });
    }
  });
}
