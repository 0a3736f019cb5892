/**
 * The centre's acts on blocking lists: begin one, add, let on, take off, extend, go back, switch off and on; and which lists
 * a constituent may fetch. Each change of what is served makes the next edition in its own transaction, and the fact names it.
 */
import type { Actions, Actor, Approved, Caller } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import type { blockingApi } from '../api/blocking.ts';
import type { BlockingEntry, BlockingListShown, LineVerdict } from '../model/blocking.ts';
import { checkExpiry, judgeLines, linesOf, mostEntries, planRollback, stateOf, targetsOf, type RollbackPlan } from '../rules/blocking.ts';
import { saidOf } from '../rules/collisions.ts';
import { readEdition } from '../rules/editions.ts';
import { instant } from '../rules/registry.ts';
import {
  editionByNumber, editionsPage, endEntries, entriesPage, entryById, holdList, insertEntries, insertList, listById, listsOf, listsReadBy,
  saveList, standAgain, standingEntries, type EditionRecord, type ListRecord,
} from '../store/blocking.ts';
import { holdGuards } from '../store/guards.ts';
import { constituentById } from '../store/registry.ts';
import {
  bytesOf, currentEdition, expireHeld, nextEdition, restoredEdition, servedEdition, shownEdition, stateOfList,
} from './editions.ts';
import { collisionsOf, guardActions } from './guards.ts';
import { ownSide, type ConstituentsParts } from './parts.ts';

type All = Actions<typeof blockingApi>;
type NewEntries = Omit<Parameters<All['addEntries']>[0], 'list'>;

export function blockingActions(parts: ConstituentsParts): All {
  return { ...listing(parts), ...entering(parts), ...changing(parts), ...editing(parts), ...switching(parts), ...guardActions(parts) };
}

const noList = (): Refusal => noSuch('blocklist');
const agreedSaid = (agreed: Approved | null) => (agreed ? { approval: agreed.approval, approvedBy: agreed.by } : {});

async function held(tx: Queryable, actor: Pick<Actor, 'org'>, id: string): Promise<ListRecord> {
  const list = await holdList(tx, actor.org, id);
  if (!list) throw noList();
  return list;
}

async function shown(parts: ConstituentsParts, q: Queryable, org: string, id: string): Promise<BlockingListShown> {
  const [list] = await listsOf(q, org, parts.clock.iso(), id);
  if (!list) throw noList();
  return list;
}

/** A list without whose it is. */
const bare = ({ scope: _scope, ...list }: ListRecord) => list;

function listing(parts: ConstituentsParts): Pick<All, 'blocklists' | 'createBlocklist' | 'blocklist' | 'myBlocklists'> {
  const { db, clock, ids } = parts;
  return {
    blocklists: async (_, { actor }) => ({ lists: await listsOf(db, actor.org, clock.iso()) }),
    createBlocklist: (input, { actor }) => db.transaction(async (tx) => {
      if ((input.readers === 'chosen') !== (input.constituents.length > 0)) {
        throw new Refusal('invalid', 'blocklist.readers', 'Chosen readers are named, and only they.', { at: 'constituents' });
      }
      for (const id of input.constituents) if (!await constituentById(tx, actor.org, id, clock.iso())) throw noSuch('constituent');
      const list: ListRecord = {
        ...input, id: ids.next('bll'), scope: actor.org, createdAt: clock.iso(), edition: 0,
        killedAt: null, killedBy: null, killReason: null,
      };
      if (!await insertList(tx, list, actor.person)) {
        throw new Refusal('conflict', 'blocklist.already-there', 'There is a list of this name.', { at: 'name' });
      }
      const edition = await nextEdition(parts, tx, list, { person: actor.person, act: 'created', why: '' });
      await stateOfList(parts, tx, actor, list, 'created', edition, {
        name: input.name, purpose: input.purpose, tlp: input.tlp, readers: input.readers, constituents: input.constituents,
      });
      return { list: await shown(parts, tx, actor.org, list.id) };
    }),
    blocklist: async (input, { actor }) => {
      const list = await shown(parts, db, actor.org, input.list);
      const found = await entriesPage(db, actor.org, list.id, clock.iso(), {
        state: input.state, q: input.q, colliding: input.colliding === 'yes', after: input.cursor, limit: input.limit + 1,
      });
      // As of now: whoever agrees to what waits names exactly what it collides with.
      const collisions = await collisionsOf(parts, db, actor.org, found);
      const items = found.slice(0, input.limit).map((e) => {
        const state = stateOf(e, clock.now());
        return { ...e, state, collides: state === 'waiting' || state === 'active' ? [...collisions(e)] : e.collides };
      });
      return { list, items, next: found.length > input.limit ? items.at(-1)?.id ?? null : null };
    },
    myBlocklists: async (_, caller) => {
      const side = await ownSide(parts, caller, 'blocklist.pull', 'blocklist', 'blocklist');
      const lists = (await listsReadBy(db, side.scope, side.constituents.map((c) => c.id)))
        .filter((l) => side.labels?.includes(l.tlp) ?? true);
      return { lists: await Promise.all(lists.map(async (list) => {
        const edition = await servedEdition(parts, list);
        const { id, name, title, purpose, tlp } = list;
        return { id, name, title, purpose, tlp, edition: edition.number, entries: edition.entries, madeAt: edition.madeAt };
      })) };
    },
  };
}

/** Judges lines against what stands on the list and against the guards. */
async function judged(parts: ConstituentsParts, q: Queryable, list: ListRecord, input: NewEntries): Promise<LineVerdict[]> {
  checkExpiry(instant(input.expiresAt), parts.clock.now());
  const lines = linesOf(input.lines);
  const standing = (await standingEntries(q, list.id)).filter((e) => stateOf(e, parts.clock.now()) !== 'expired');
  return judgeLines(lines, {
    there: new Set(standing.map((e) => e.value)), own: [new URL(parts.hub.origin).hostname],
    collisions: await collisionsOf(parts, q, list.scope, targetsOf(lines)),
  });
}

const counted = (lines: readonly LineVerdict[]) => {
  const of = (verdict: LineVerdict['verdict']): number => lines.filter((l) => l.verdict === verdict).length;
  return { ok: of('ok'), 'second-person': of('second-person'), there: of('there'), refused: of('refused') };
};

function entering(parts: ConstituentsParts): Pick<All, 'previewEntries' | 'addEntries' | 'activateEntries'> {
  const { db } = parts;
  return {
    previewEntries: async (input, { actor }) => {
      const list = await listById(db, actor.org, input.list);
      if (!list) throw noList();
      const lines = await judged(parts, db, list, input);
      return { lines, counts: counted(lines) };
    },
    addEntries: (input, { actor }) => db.transaction((tx) => add(parts, tx, actor, input)),
    activateEntries: (input, caller) => db.transaction((tx) => activate(parts, tx, caller, input)),
  };
}

async function add(
  parts: ConstituentsParts, tx: Queryable, actor: Actor, input: Parameters<All['addEntries']>[0],
): ReturnType<All['addEntries']> {
  const list = await expireHeld(parts, tx, await held(tx, actor, input.list));
  await holdGuards(tx, actor.org, 'asking');
  const lines = await judged(parts, tx, list, input);
  const refused = lines.filter((l) => l.verdict === 'refused');
  if (refused.length > 0) {
    throw new Refusal('invalid', 'blocklist.lines-refused', 'Some lines cannot be added; nothing was.', {
      problems: refused.slice(0, 100).map((l) => ({ at: `line ${l.line}`, problem: l.why ?? '' })),
    });
  }
  const added = lines.filter((l) => l.verdict === 'ok');
  const waiting = lines.filter((l) => l.verdict === 'second-person');
  await refuseFull(tx, list, added.length + waiting.length);
  await insertEntries(tx, actor.org, list.id, [...added, ...waiting].map((l) => entryFrom(parts, actor, input, l)));
  const edition = added.length > 0
    ? await nextEdition(parts, tx, list, { person: actor.person, act: 'added', why: input.reason }) : await currentEdition(tx, list);
  await stateOfList(parts, tx, actor, list, 'added', edition, {
    entries: added.length, waiting: waiting.length, ground: input.ground, reason: input.reason, source: input.source,
    expiresAt: instant(input.expiresAt),
  });
  return { added: added.length, waiting, there: counted(lines).there, edition: shownEdition(edition) };
}

function entryFrom(
  parts: ConstituentsParts, actor: Actor, input: NewEntries, { kind, value, verdict, collides }: LineVerdict,
): BlockingEntry {
  if (kind === null || value === null) throw new Error('invariant broken: a line that is taken has been read');
  return {
    id: parts.ids.next('ble'), kind, value, ground: input.ground, reason: input.reason, source: input.source, addedBy: actor.person,
    addedAt: parts.clock.iso(), expiresAt: instant(input.expiresAt), state: verdict === 'ok' ? 'active' : 'waiting', collides,
    agreedBy: null, endedAt: null, endedBy: null, endReason: null,
  };
}

async function refuseFull(tx: Queryable, list: ListRecord, more: number): Promise<void> {
  if ((await standingEntries(tx, list.id)).length + more <= mostEntries) return;
  throw new Refusal('conflict', 'blocklist.full', `A list holds ${mostEntries} entries at most.`, { hint: 'Begin another list.' });
}

type Agreeing = Parameters<All['activateEntries']>[0];

const changedMeanwhile = (): Refusal =>
  new Refusal('conflict', 'blocklist.changed-meanwhile', 'What waits is no longer what you looked at.', { hint: 'Read the list again.' });

/** Lets on exactly what both looked at: the same ground, the same end, and collisions as they are now. */
async function activate(parts: ConstituentsParts, tx: Queryable, caller: Caller, input: Agreeing): ReturnType<All['activateEntries']> {
  const { actor } = caller;
  const list = await held(tx, actor, input.list);
  const agreed = await caller.approved(tx);
  await holdGuards(tx, actor.org, 'asking');
  const waiting = new Map((await standingEntries(tx, list.id, 'waiting'))
    .filter((e) => stateOf(e, parts.clock.now()) === 'waiting').map((e) => [e.value, e]));
  const chosen = input.entries.map((e) => waiting.get(e.value));
  const found = chosen.filter((e) => e !== undefined);
  const collisions = await collisionsOf(parts, tx, actor.org, found);
  const same = new Set(input.entries.map((e) => e.value)).size === input.entries.length && input.entries.every((e, i) => {
    const stands = chosen[i];
    return stands !== undefined && stands.ground === e.ground && stands.expiresAt === e.expiresAt
      && JSON.stringify(collisions(stands).map(saidOf)) === JSON.stringify(e.collides);
  });
  if (!same) throw changedMeanwhile();
  await standAgain(tx, found, agreed.by);
  const edition = await nextEdition(parts, tx, list, { person: actor.person, act: 'activated', why: input.reason });
  await stateOfList(parts, tx, actor, list, 'activated', edition, {
    values: found.map((e) => e.value), collides: input.entries.flatMap((e) => e.collides), reason: input.reason, ...agreedSaid(agreed),
  });
  return { activated: found.length, edition: shownEdition(edition) };
}

function changing(parts: ConstituentsParts): Pick<All, 'removeEntry' | 'extendEntry'> {
  const { db, clock } = parts;
  const open = async (tx: Queryable, org: string, list: string, id: string): Promise<BlockingEntry> => {
    const entry = await entryById(tx, org, list, id);
    if (!entry) throw noSuch('blocklist-entry');
    if (!['waiting', 'active'].includes(stateOf(entry, clock.now()))) {
      throw new Refusal('conflict', 'blocklist-entry.already-ended', 'This entry stands there no more.');
    }
    return entry;
  };
  return {
    removeEntry: (input, { actor }) => db.transaction(async (tx) => {
      const list = await held(tx, actor, input.list);
      const entry = await open(tx, actor.org, list.id, input.entry);
      await endEntries(tx, [entry.id], { state: 'removed', at: clock.iso(), by: actor.person, reason: input.reason });
      const edition = entry.state === 'active'
        ? await nextEdition(parts, tx, list, { person: actor.person, act: 'removed', why: input.reason }) : await currentEdition(tx, list);
      await stateOfList(parts, tx, actor, list, 'removed', edition, { entry: entry.id, value: entry.value, reason: input.reason });
      const ended = { state: 'removed' as const, endedAt: clock.iso(), endedBy: actor.person, endReason: input.reason };
      return { entry: { ...entry, ...ended }, edition: shownEdition(edition) };
    }),
    extendEntry: (input, caller) => db.transaction(async (tx) => {
      const { actor } = caller;
      const list = await held(tx, actor, input.list);
      const entry = await open(tx, actor.org, list.id, input.entry);
      const expiresAt = instant(input.expiresAt);
      checkExpiry(expiresAt, clock.now());
      if (entry.state !== 'active') throw new Refusal('conflict', 'blocklist-entry.waits', 'This entry still waits for a second person.');
      await holdGuards(tx, actor.org, 'asking');
      const collides = (await collisionsOf(parts, tx, actor.org, [entry]))(entry);
      const agreed = collides.length > 0 ? await caller.approved(tx) : null;
      await standAgain(tx, [{ id: entry.id, expiresAt }], agreed?.by ?? null);
      const edition = await nextEdition(parts, tx, list, { person: actor.person, act: 'extended', why: input.reason });
      await stateOfList(parts, tx, actor, list, 'extended', edition, {
        entry: entry.id, value: entry.value, expiresAt, reason: input.reason, collides: collides.map(saidOf), ...agreedSaid(agreed),
      });
      return { entry: { ...entry, expiresAt, agreedBy: agreed?.by ?? entry.agreedBy }, edition: shownEdition(edition) };
    }),
  };
}

interface Return { readonly earlier: EditionRecord; readonly plan: RollbackPlan; readonly collides: readonly LineVerdict[] }

/** What going back to an edition would come to. What comes back is held against the guards as they are now. */
async function planReturn(parts: ConstituentsParts, q: Queryable, list: ListRecord, number: number): Promise<Return> {
  const earlier = await editionByNumber(q, list.id, number);
  if (!earlier) throw noSuch('edition');
  const then = readEdition(await bytesOf(parts, earlier.bytes.json.sha256));
  const active = (await standingEntries(q, list.id, 'active')).filter((e) => stateOf(e, parts.clock.now()) === 'active');
  const plan = planRollback(then, active, parts.clock.now());
  const collisions = await collisionsOf(parts, q, list.scope, plan.back);
  const collides = plan.back.map((e, i): LineVerdict => ({
    line: i + 1, text: e.value, verdict: 'second-person', kind: e.kind, value: e.value, code: null, why: null, collides: [...collisions(e)],
  })).filter((l) => l.collides.length > 0);
  return { earlier, plan, collides };
}

const changeOf = ({ id, value, expiresAt }: { id: string; value: string; expiresAt: string }) => ({ id, value, expiresAt });
const shownChanges = 500;

function editing(parts: ConstituentsParts): Pick<All, 'blocklistEditions' | 'compareEdition' | 'rollBack'> {
  const { db } = parts;
  const own = async (org: string, id: string): Promise<ListRecord> => {
    const list = await listById(db, org, id);
    if (!list) throw noList();
    return list;
  };
  return {
    blocklistEditions: async (input, { actor }) => {
      const list = await own(actor.org, input.list);
      const found = await editionsPage(db, list.id, input.before, input.limit + 1);
      const items = found.slice(0, input.limit).map(shownEdition);
      return { items, next: found.length > input.limit ? items.at(-1)?.number ?? null : null };
    },
    compareEdition: async (input, { actor }) => {
      const { earlier, plan, collides } = await planReturn(parts, db, await own(actor.org, input.list), input.edition);
      return {
        edition: shownEdition(earlier), back: plan.back.slice(0, shownChanges).map(changeOf), gone: plan.gone.length,
        expired: plan.expired.slice(0, shownChanges).map(changeOf), collides: collides.slice(0, shownChanges),
        hands: collides.length > 0 ? 2 : 1,
      };
    },
    rollBack: (input, caller) => db.transaction((tx) => rollBack(parts, tx, caller, input)),
  };
}

async function rollBack(
  parts: ConstituentsParts, tx: Queryable, caller: Caller, input: Parameters<All['rollBack']>[0],
): ReturnType<All['rollBack']> {
  const { actor } = caller;
  const list = await expireHeld(parts, tx, await held(tx, actor, input.list));
  if (list.killedAt !== null) {
    throw new Refusal('conflict', 'blocklist.switched-off', 'This list is switched off.', { hint: 'Two people switch it on again first.' });
  }
  await holdGuards(tx, actor.org, 'asking');
  const { earlier, plan, collides } = await planReturn(parts, tx, list, input.edition);
  if (plan.expired.length > 0 && input.without !== 'expired') {
    throw new Refusal('conflict', 'blocklist.expired-since', 'Entries of that edition have ended since; its bytes are not served again.', {
      hint: 'Say `without: expired` to go back without them.',
      problems: plan.expired.slice(0, 100).map((e) => ({ at: e.value, problem: `ended ${e.expiresAt}` })),
    });
  }
  const agreed = collides.length > 0 ? await caller.approved(tx) : null;
  const at = parts.clock.iso();
  const returning = new Set(plan.back.map((e) => e.value));
  const inTheWay = (await standingEntries(tx, list.id, 'waiting')).filter((e) => returning.has(e.value)).map((e) => e.id);
  await endEntries(tx, [...plan.gone, ...inTheWay], { state: 'removed', at, by: actor.person, reason: input.reason });
  await standAgain(tx, plan.back, agreed?.by ?? null);
  const doing = { person: actor.person, act: 'rolled-back' as const, why: input.reason };
  const edition = plan.expired.length === 0
    ? await restoredEdition(parts, tx, list, doing, earlier) : await nextEdition(parts, tx, list, doing);
  await stateOfList(parts, tx, actor, list, 'rolled-back', edition, {
    to: earlier.number, toSha256: earlier.sha256, back: plan.back.length, gone: plan.gone.length, without: plan.expired.length,
    reason: input.reason, ...agreedSaid(agreed),
  });
  return { edition: shownEdition(edition), without: plan.expired.map(changeOf) };
}

function switching(parts: ConstituentsParts): Pick<All, 'killBlocklist' | 'liftBlocklist'> {
  const { db, clock } = parts;
  return {
    killBlocklist: (input, { actor }) => db.transaction(async (tx) => {
      const list = await held(tx, actor, input.list);
      if (list.killedAt !== null) throw new Refusal('conflict', 'blocklist.already-off', 'This list is switched off already.');
      const killed = { killedAt: clock.iso(), killedBy: actor.person, killReason: input.reason };
      await saveList(tx, list.id, { killed_at: killed.killedAt, killed_by: killed.killedBy, kill_reason: killed.killReason });
      const edition = await nextEdition(parts, tx, list, { person: actor.person, act: 'killed', why: input.reason });
      await stateOfList(parts, tx, actor, list, 'killed', edition, { reason: input.reason });
      return { list: bare({ ...list, ...killed, edition: edition.number }), edition: shownEdition(edition) };
    }),
    liftBlocklist: (input, caller) => db.transaction(async (tx) => {
      const { actor } = caller;
      const list = await held(tx, actor, input.list);
      const agreed = await caller.approved(tx);
      if (list.killedAt === null) throw new Refusal('conflict', 'blocklist.not-off', 'This list is not switched off.');
      await saveList(tx, list.id, { killed_at: null, killed_by: null, kill_reason: null });
      const lifted = { ...list, killedAt: null, killedBy: null, killReason: null };
      const edition = await nextEdition(parts, tx, lifted, { person: actor.person, act: 'lifted', why: input.reason });
      await stateOfList(parts, tx, actor, list, 'lifted', edition, { reason: input.reason, ...agreedSaid(agreed) });
      return { list: bare({ ...lifted, edition: edition.number }), edition: shownEdition(edition) };
    }),
  };
}
