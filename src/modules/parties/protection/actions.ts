/** The acts of data protection: load within one's own scope, decide, save, state. */
import { createHash } from 'node:crypto';
import type { Actions, Actor } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import type { Clock } from '#world/clock';
import { lockUntilCommit } from '#world/db/kysely';
import type { Db, Queryable } from '#world/db/port';
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import { eraseSubject, factsFor } from '#modules/ledger/index';
import { approvalsOf } from '../approvals-store.ts';
import { state, type PartiesParts } from '../actions/parts.ts';
import type { Person } from '../model.ts';
import { passkeysOf, peopleOf, sessionsOf, tokensOf } from '../store.ts';
import type { protectionApi } from './api.ts';
import type { Past, RetentionClass } from './classes.ts';
import type { Hold, Tombstone } from './model.ts';
import { erasePerson, held, holdById, holdsOf, insertHold, insertTombstones, isHeld, liftHold, tombstonesOf } from './store.ts';

type All = Actions<typeof protectionApi>;

const dayMs = 86_400_000;
const before = (clock: Clock, days: number): string => new Date(clock.now() - days * dayMs).toISOString();
const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

async function personOf(q: Queryable, actor: Actor, id: string): Promise<Person> {
  const person = (await peopleOf(q, actor.org)).find((p) => p.id === id);
  if (!person) throw noSuch('person');
  return person;
}

export function protectionActions(parts: PartiesParts, classes: readonly RetentionClass[]): All {
  return { ...looking(parts, classes), ...holding(parts), 'people.erase': erasing(parts) };
}

function looking(parts: PartiesParts, classes: readonly RetentionClass[]): Pick<All, 'protection.view' | 'people.export'> {
  const { db, clock } = parts;
  return {
    'protection.view': async (_, { actor }) => {
      const [holds, removed] = [await holdsOf(db, actor.org), await tombstonesOf(db, actor.org, 100)];
      const shown: { name: string; days: number; held: number }[] = [];
      for (const c of classes) shown.push({ name: c.name, days: c.days, held: await c.held(db, before(clock, c.days), actor.org) });
      return { classes: shown, holds, removed };
    },
    'people.export': async (input, { actor }) => {
      const { id, name, email, roles, status, createdAt } = await personOf(db, actor, input.person);
      const about = await factsFor(db, actor, { subject: id, limit: 1000 });
      const done = await factsFor(db, actor, { actor: id, limit: 1000 });
      const facts = [...about.map((f) => [f, true] as const), ...done.filter((f) => f.content.subject !== id).map((f) => [f, false] as const)];
      // Who asked what is held on whom is itself on the record.
      await db.transaction((tx) => state(parts, tx, actor, { class: 'person.exported', subject: id }));
      return {
        person: { id, name, email, roles: [...roles], status, createdAt },
        passkeys: (await passkeysOf(db, id)).map((k) => ({ name: k.name, createdAt: k.createdAt, lastUsedAt: k.lastUsedAt })),
        sessions: (await sessionsOf(db, id)).map((s) => ({
          startedAt: s.started_at, lastSeenAt: s.last_seen_at, expiresAt: s.expires_at, device: s.device,
        })),
        tokens: (await tokensOf(db, id)).map((o) => ({ name: o.name, scopes: [...o.scopes], createdAt: o.created_at, expiresAt: o.expires_at })),
        approvals: (await approvalsOf(db, actor.org, 1000)).filter((a) => a.requester === id).map((a) => ({
          id: a.id, operation: a.operation, reason: a.reason, requestedAt: a.requested_at,
        })),
        facts: facts.map(([f, isAbout]) => ({ index: f.index, class: f.content.class, at: f.content.at, about: isAbout })),
        holds: await holdsOf(db, actor.org, id),
      };
    },
  };
}

function holding(parts: PartiesParts): Pick<All, 'holds.place' | 'holds.lift'> {
  const { db, clock, ids } = parts;
  return {
    'holds.place': async (input, { actor }) => db.transaction(async (tx) => {
      if (input.subject !== actor.org) await personOf(tx, actor, input.subject);
      const hold: Hold = {
        id: ids.next('hld'), subject: input.subject, reason: input.reason, placedBy: actor.person, placedAt: clock.iso(),
        liftedBy: null, liftedAt: null,
      };
      await insertHold(tx, actor.org, hold);
      await state(parts, tx, actor, { class: 'hold.placed', subject: hold.id, body: { on: hold.subject } });
      return hold;
    }),
    'holds.lift': async (input, { actor, approved }) => db.transaction(async (tx) => {
      const hold = await holdById(tx, actor.org, input.hold);
      if (!hold) throw noSuch('hold');
      if (hold.liftedAt !== null) throw new Refusal('conflict', 'hold.already-lifted', 'This hold has been lifted already.');
      const { approval } = await approved(tx);
      const lifted = { ...hold, liftedBy: actor.person, liftedAt: clock.iso() };
      await liftHold(tx, actor.org, hold.id, actor.person, lifted.liftedAt);
      await state(parts, tx, actor, { class: 'hold.lifted', subject: hold.id, body: { on: hold.subject, approval } });
      return lifted;
    }),
  };
}

/**
 * All of it in one transaction: the records, the ledger's openings and key of the person, the tombstone and its fact. The
 * leaves stay, so the tree verifies; what they commit to, nobody can tell any more. The fact is about the tombstone, whose
 * key is another's: it stays readable.
 */
function erasing(parts: PartiesParts): All['people.erase'] {
  return (input, { actor, approved }) => asHub('erasure reaches the ledger, which no party may write', () => parts.db.transaction(async (tx) => {
    await lockUntilCommit(tx, `people:${actor.org}`);
    const person = await personOf(tx, actor, input.person);
    if (person.status !== 'suspended') {
      throw new Refusal('conflict', 'person.still-active', 'Suspend the person first: who can still sign in cannot be erased.');
    }
    if (await isHeld(tx, actor.org, person.id)) throw held();
    const { approval } = await approved(tx);
    const at = parts.clock.iso();
    const stone: Tombstone = {
      id: parts.ids.next('tmb'), class: 'person', subject: person.id, sha256: sha256(await erasePerson(tx, actor.org, person.id)),
      why: 'erasure', removedAt: at,
    };
    await eraseSubject(tx, person.id, at);
    await insertTombstones(tx, [{ ...stone, org: actor.org }]);
    await state(parts, tx, actor, { class: 'person.erased', subject: stone.id, body: { class: 'person', sha256: stone.sha256, approval } });
    return stone;
  }));
}

/** A tombstone for each of these, and a fact for each organisation: what it was, by its digest, and that its time was over. */
export async function bury(
  parts: { readonly clock: Clock; readonly ids: PartiesParts['ids'] }, tx: Queryable, kind: Pick<RetentionClass, 'name' | 'days'>, past: readonly Past[],
): Promise<void> {
  const at = parts.clock.iso();
  const stones = past.map((row) => ({
    id: parts.ids.next('tmb'), org: row.org, class: kind.name, subject: row.id, sha256: sha256(row.text), why: 'retention' as const, removedAt: at,
  }));
  await insertTombstones(tx, stones);
  for (const org of new Set(stones.map((s) => s.org))) {
    const own = stones.filter((s) => s.org === org);
    await stateFact(tx, {
      class: 'retention.swept', at, actor: 'system', org, subject: `retention ${kind.name}`, readers: [], clauses: [],
      body: { class: kind.name, days: kind.days, records: own.length, sha256: sha256(own.map((s) => `${s.subject} ${s.sha256}`).sort().join('\n')) },
    });
  }
}

/** Rows taken in one transaction. */
const together = 200;

/**
 * One round of the retention: what is past its time and held by nobody goes, its tombstone and a fact for each organisation
 * come, in one transaction each. If we crash here the next round does the rest. Answers how many rows went.
 */
export async function sweepRetention(
  parts: { readonly db: Db; readonly clock: Clock; readonly ids: PartiesParts['ids'] }, classes: readonly RetentionClass[],
): Promise<number> {
  const told = { removed: 0 };
  for (const kind of classes) {
    for (;;) {
      const count = await parts.db.transaction(async (tx) => {
        const past = await kind.past(tx, before(parts.clock, kind.days), together);
        await kind.remove(tx, past.map((row) => row.id));
        await bury(parts, tx, kind, past);
        return past.length;
      });
      told.removed += count;
      if (count < together) break;
    }
  }
  return told.removed;
}
