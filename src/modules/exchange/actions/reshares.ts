/**
 * Passing on. What came from others goes where its label lets it go, or where its source says it may: the request and its answer are
 * facts of both, and the answer ends by its day, or when the label is raised.
 */
import type { Actions, Caller } from '#kit/endpoint';
import { Refusal, check, noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import { knowsOrganisation } from '#modules/agreements/index';
import { organisationById } from '#modules/parties/index';
import type { resharesApi } from '../api/reshares.ts';
import { mayUse, reachInto, wholeReach } from '../gate.ts';
import type { Reshare } from '../model/reshares.ts';
import { mayPass } from '../rules/passing.ts';
import { labelOf, rankOf } from '../rules/tlp.ts';
import type { CollectionRecord } from '../store/collections.ts';
import { objectWithin } from '../store/objects.ts';
import {
  answerReshare, insertReshare, passableOf, permissionFor, reshareById, resharesOf, type Passable, type ReshareRow,
} from '../store/reshares.ts';
import { addTo } from './additions.ts';
import type { Piece } from './intake.ts';
import { recipientOf } from './passing.ts';
import { listed } from './pieces.ts';
import type { ExchangeParts } from './parts.ts';

type Line = { object: string; outcome: 'accepted' | 'duplicate' | 'quarantined' | 'refused' | 'held'; text: string };
const perPage = 50;
const dayMs = 86_400_000;

export function reshareActions(parts: ExchangeParts): Actions<typeof resharesApi> {
  const { db, clock } = parts;
  return {
    'collections.add': async ({ collection, objects }, caller) => add(parts, caller, collection, objects),
    'reshares.ask': async (input, caller) => ask(parts, caller, input),
    'reshares.list': async ({ side, cursor }, { actor }) => {
      const [state, id] = cursor?.split(':') ?? [];
      const rows = await resharesOf(db, actor.org, {
        side, before: id === undefined ? null : [state === 'open', id], limit: perPage + 1,
      });
      const last = rows.length > perPage ? rows[perPage - 1] : undefined;
      return {
        items: await shownOf(parts, db, rows.slice(0, perPage)), next: last ? `${last.state === 'open' ? 'open' : 'done'}:${last.id}` : null,
      };
    },
    'reshares.answer': async ({ request, granted, days, note }, { actor }) => db.transaction(async (tx) => {
      const found = await reshareById(tx, actor.org, request);
      if (!found || found.source !== actor.org) throw noSuch('reshare');
      const at = clock.iso();
      const until = granted ? new Date(clock.now() + days * dayMs).toISOString() : null;
      const state = granted ? 'granted' as const : 'refused' as const;
      if (!await answerReshare(tx, actor.org, request, { state, at, by: actor.person, until, note })) {
        throw new Refusal('conflict', 'reshare.answered', 'This request was answered before.');
      }
      await stateFact(tx, {
        class: 'reshare.answered', at, actor: actor.person, org: actor.org, subject: request, readers: [found.asker], clauses: [],
        body: { request, object: found.object, with: found.recipient, state, until, note },
      });
      const after = await reshareById(tx, actor.org, request);
      check(after, 'the request just answered is there');
      return { request: (await shownOf(parts, tx, [after]))[0] as Reshare };
    }),
  };
}

async function ask(parts: ExchangeParts, caller: Caller, input: { object: string; with: string; reason: string }): Promise<{ request: Reshare }> {
  const { db, clock } = parts;
  const { actor } = caller;
  await caller.may('threat.read', { owner: actor.org, kind: 'threat', purpose: 'incident-response', level: 3, known: false, noun: 'threat' });
  const found = await objectWithin(db, await wholeReach(db, caller), actor.org, input.object);
  if (!found) throw noSuch('threat');
  const source = found.scope === actor.org ? (await passableOf(db, actor.org, [input.object]))[0]?.from ?? null : found.scope;
  if (source === null) throw new Refusal('conflict', 'reshare.no-source', 'No organisation here is its source: there is nobody to ask.', { at: 'object' });
  if (input.with === actor.org || input.with === source) {
    throw new Refusal('unprocessable', 'reshare.within', 'To oneself and to its source nothing has to be asked.', { at: 'with' });
  }
  if (input.with !== 'public' && !await knowsOrganisation(db, actor.org, input.with)) throw noSuch('organisation');
  const name = input.with === 'public' ? 'public' : (await organisationById(db, input.with))?.name ?? input.with;
  return db.transaction(async (tx) => {
    const at = clock.iso();
    const id = parts.ids.next('rsh');
    const made = await insertReshare(tx, {
      id, asker: actor.org, source, object: input.object, name: found.row.name, tlp: rankOf(found.row.tlp), recipient: input.with, recipient_name: name,
      reason: input.reason, asked_at: at, asked_by: actor.person,
    });
    if (!made) throw new Refusal('conflict', 'reshare.asked', 'The same is asked already, and waits for its answer.');
    await stateFact(tx, {
      class: 'reshare.asked', at, actor: actor.person, org: actor.org, subject: id, readers: [source], clauses: [],
      body: { request: id, object: input.object, with: input.with, withName: name, reason: input.reason },
    });
    const row = await reshareById(tx, actor.org, id);
    check(row, 'the request just made is there');
    return { request: (await shownOf(parts, tx, [row]))[0] as Reshare };
  });
}

async function add(parts: ExchangeParts, caller: Caller, id: string, ids: readonly string[]): Promise<{ added: number; lines: Line[] }> {
  const { db } = parts;
  const { actor } = caller;
  await caller.may('threat.read', { owner: actor.org, kind: 'threat', purpose: 'incident-response', level: 3, known: false, noun: 'collection' });
  const { collection: c, access } = await reachInto(db, caller, id);
  if (c.kind !== 'shared') throw new Refusal('conflict', 'collection.own', 'What one holds oneself is not a sharing.');
  if (!access.write) throw new Refusal('forbidden', 'collection.not-writable', 'One does not add to this collection.');
  const { clauses } = await mayUse(caller, 'threat.share', c);
  const wanted = [...new Set(ids)];
  const found = new Map((await passableOf(db, actor.org, wanted)).map((p) => [p.id, p]));
  const lines: Line[] = [];
  const pieces: Piece[] = [];
  for (const object of wanted) {
    const passable = found.get(object);
    if (!passable) {
      lines.push({ object, outcome: 'held', text: 'One’s own library does not hold it, or it is for named people, or was called back.' });
      continue;
    }
    const held = passable.own ? null : await whyHeld(parts, actor.org, passable, c);
    if (held === null) pieces.push(pieceOf(passable, c, actor.org));
    else lines.push({ object, outcome: 'held', text: held });
  }
  const report = pieces.length === 0 ? null : await addTo(parts, { caller, into: c, clauses }, listed(pieces));
  for (const l of report?.lines ?? []) lines.push({ object: l.id, outcome: l.outcome, text: l.text });
  return { added: (report?.counts.accepted ?? 0) + (report?.counts.duplicate ?? 0), lines };
}

/** The object as it goes: into a blind community without the name of who made it. */
function pieceOf(passable: Passable, c: CollectionRecord, org: string): Piece {
  const value = JSON.parse(passable.body) as Record<string, unknown>;
  if (!c.blind || c.owner === org || (value['created_by_ref'] ?? null) === null) return { place: passable.id, value, body: passable.body };
  delete value['created_by_ref'];
  return { place: passable.id, value, body: JSON.stringify(value) };
}

/** Why what came from others may not go there: its label, without a word of its source. */
async function whyHeld({ db, clock }: ExchangeParts, org: string, p: Passable, c: CollectionRecord): Promise<string | null> {
  const other = c.owner === org ? c.partner as string : c.owner;
  if (p.from === other) return null;
  const tlp = labelOf(p.tlp);
  const label = mayPass(tlp, await recipientOf(db, org, other), 'show');
  if (label.may || await permissionFor(db, { asker: org, object: p.id, recipient: other, tlp: p.tlp, now: clock.iso() }) !== null) return null;
  return `It came from others, and TLP:${tlp} does not let it go further (${label.rule}): ask its source.`;
}

async function shownOf({ clock }: ExchangeParts, q: Queryable, rows: readonly ReshareRow[]): Promise<Reshare[]> {
  const shown: Reshare[] = [];
  for (const r of rows) {
    const nameOf = async (id: string): Promise<string> => (await organisationById(q, id))?.name ?? id;
    const lapsed = r.state === 'granted' && r.until !== null && Date.parse(r.until) <= clock.now();
    shown.push({
      id: r.id, object: r.object, name: r.name, tlp: labelOf(r.tlp), asker: r.asker, askerName: await nameOf(r.asker), source: r.source,
      sourceName: await nameOf(r.source), with: r.recipient, withName: r.recipient_name, reason: r.reason, askedAt: r.asked_at,
      state: lapsed ? 'lapsed' : r.state, answeredAt: r.answered_at, until: r.until, note: r.note,
    });
  }
  return shown;
}
