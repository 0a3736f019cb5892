/**
 * Makes releases: gathered within the reach of whoever asks, written piece by piece into the blobs, and recorded with the fact in one
 * transaction. Bytes are stored before the row that names them: after a crash in between there are bytes that nobody names.
 */
import { bloomFilter } from '#kit/export/bloom';
import { exportMedia, isValueForm, valueWriters } from '#kit/export/write';
import { headLines, type ExportHead } from '#kit/export/export';
import { mispEvents, stixBundle } from '#kit/export/objects';
import { withSerial } from '#kit/export/lists';
import type { Caller } from '#kit/endpoint';
import { Refusal, check, noSuch } from '#kit/refusal';
import type { StixObject } from '#kit/stix/object';
import { blobBytes } from '#world/blobs/whole';
import type { Queryable } from '#world/db/port';
import { stateFact, type Json } from '#world/facts';
import type { ExportParts } from '../actions/parts.ts';
import { reachInto, wholeReach, type Reach } from '../gate.ts';
import type { Release, Selection } from '../model/exports.ts';
import { heldFor } from '../rules/exports.ts';
import { rankOf } from '../rules/tlp.ts';
import {
  bodiesOf, changedSince, dropHeld, exportById, headsOf, holdExport, insertRelease, lastNumber, madeOf, markExport, releaseByNumber, stillStand,
  type ExportRecord,
} from '../store/exports.ts';
import { gather, type Gathered } from './gather.ts';

const hourMs = 3_600_000;

/** One's own is asked for too: an answer by mandate never goes without having asked. */
export const asked = (caller: Caller) => caller.may('threat.read', {
  owner: caller.actor.org, kind: 'threat', purpose: 'incident-response', level: 3, known: false, noun: 'export',
});

export async function reachOf({ db }: Pick<ExportParts, 'db'>, caller: Caller, { collection }: Pick<Selection, 'collection'>): Promise<Reach> {
  return collection === null ? wholeReach(db, caller) : (await reachInto(db, caller, collection)).reach;
}

export function gathered(parts: ExportParts, caller: Caller, reach: Reach, chosen: Selection): Promise<Gathered> {
  return gather({ q: parts.db, reach, scope: caller.actor.org, now: parts.clock.now(), guard: parts.guard ?? (async () => () => []) }, chosen);
}

export function headOf(e: { readonly id: string; readonly title: string; readonly number: number; readonly hours: number }, of: Gathered,
  now: number): ExportHead {
  const latest = new Date(now + e.hours * hourMs).toISOString();
  return {
    id: e.id, title: e.title, number: e.number, madeAt: new Date(now).toISOString(), endsAt: of.firstEnd !== null && of.firstEnd < latest
      ? of.firstEnd : latest,
    tlp: of.tlp, count: of.count, leftOut: of.leftOut,
  };
}

/** The text of a release, piece by piece; of a filter, which is none, what is told beside it. */
export async function* written(q: Queryable, reach: Reach, form: Selection['form'], head: ExportHead, of: Gathered): AsyncGenerator<string> {
  if (isValueForm(form)) return yield* valueWriters[form](head, of.values);
  if (form === 'bloom') return yield headLines(head).join('\n');
  if (form === 'stix') return yield* stixBundle(head, bodies(q, reach, of.vers));
  const objects: StixObject[] = [];
  for await (const body of bodies(q, reach, of.vers)) objects.push(JSON.parse(body) as StixObject);
  return yield* mispEvents(head, objects);
}

async function* bodies(q: Queryable, reach: Reach, vers: readonly string[]): AsyncGenerator<string> {
  for (let at = 0; at < vers.length; at += 500) yield* await bodiesOf(q, reach, vers.slice(at, at + 500));
}

/** Bytes in pieces of a size that is worth writing. */
async function* bytesIn(pieces: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  let waiting: string[] = [];
  let size = 0;
  for await (const piece of pieces) {
    waiting.push(piece);
    size += piece.length;
    if (size < 65_536) continue;
    yield Buffer.from(waiting.join(''), 'utf8');
    [waiting, size] = [[], 0];
  }
  if (size > 0) yield Buffer.from(waiting.join(''), 'utf8');
}

/** One's own export that has not ended. */
export async function standing(q: Queryable, org: string, id: string): Promise<ExportRecord> {
  const found = await exportById(q, org, id);
  if (!found) throw noSuch('export');
  return refuseEnded(found);
}

export function refuseEnded(found: ExportRecord): ExportRecord {
  if (found.endedAt !== null) throw new Refusal('gone', 'export.ended', 'This export has ended.', { hint: found.endReason ?? '' });
  return found;
}

export async function held(tx: Queryable, org: string, id: string): Promise<ExportRecord> {
  const found = await holdExport(tx, org, id);
  if (!found) throw noSuch('export');
  return refuseEnded(found);
}

export async function stateOf(
  { clock }: Pick<ExportParts, 'clock'>, tx: Queryable, actor: { readonly person: string; readonly org: string }, id: string, what: string,
  body: Readonly<Record<string, Json>>,
): Promise<void> {
  await stateFact(tx, {
    class: `export.${what}`, at: clock.iso(), actor: actor.person, org: actor.org, subject: id, readers: [], clauses: [], body: { ...body },
  });
}

const told = (r: Release): Record<string, Json> => ({
  number: r.number, sha256: r.sha256, count: r.count, tlp: r.tlp, endsAt: r.endsAt, held: [...r.held],
  leftOut: Object.fromEntries(r.leftOut.map((l) => [l.reason, l.count])),
});

/** Makes the next release of what is within reach now. Of two at once the later is told to look again. */
export async function makeRelease(parts: ExportParts, caller: Caller, found: ExportRecord, act: 'released' | 'renewed'): Promise<Release> {
  const { db, blobs, clock } = parts;
  const reach = await reachOf(parts, caller, found);
  const of = await gathered(parts, caller, reach, found);
  const number = await lastNumber(db, found.id) + 1;
  const head = headOf({ ...found, number }, of, clock.now());
  const { sha256, sizeBytes } = await blobs.put(found.form === 'bloom' ? bloomFilter(of.values) : bytesIn(written(db, reach, found.form, head, of)));
  const before = found.current === 0 ? null : await releaseByNumber(db, found.id, found.current);
  const then = before && await madeOf(db, found.id, before.number);
  const held_ = heldFor({ count: of.count, objs: new Set(of.made.objs) }, before && then ? { count: before.count, objs: new Set(then.objs) } : null, found);
  const release: Release = {
    number, state: held_.length > 0 ? 'held' : 'given', act, madeAt: head.madeAt, madeBy: caller.actor.person, endsAt: head.endsAt, count: of.count,
    tlp: of.tlp, leftOut: of.leftOut.map((l) => ({ ...l, by: l.by.map(([name, n]): [string, number] => [name, n]) })), held: held_, sha256, sizeBytes,
    restores: null, agreedBy: null,
  };
  await db.transaction(async (tx) => {
    const now = await held(tx, caller.actor.org, found.id);
    if (now.current !== found.current || await lastNumber(tx, found.id) !== number - 1) {
      throw new Refusal('conflict', 'export.changed-meanwhile', 'Somebody released this export meanwhile.', { hint: 'Look at it again.' });
    }
    await dropHeld(tx, found.id);
    await insertRelease(tx, found, release, of.made);
    if (release.state === 'given') await markExport(tx, found.id, { current: number, pinned: false });
    await stateOf(parts, tx, caller.actor, found.id, act, told(release));
  });
  return release;
}

/** Whether the release that is given still may be: nothing of it ended, was revoked, left or is out of reach. */
async function mayStand(parts: ExportParts, caller: Caller, found: ExportRecord, release: Release): Promise<boolean> {
  if (Date.parse(release.endsAt) <= parts.clock.now()) return false;
  const made = await madeOf(parts.db, found.id, release.number);
  check(made, 'a release says what it was made of');
  const reach = await wholeReach(parts.db, caller);
  const within = new Set(reach.open.map((c) => c.coll));
  if (!made.colls.every((coll) => within.has(coll))) return false;
  return await headsOf(parts.db, made.colls) <= made.headSeq || stillStand(parts.db, reach, made, rankOf(found.ceiling));
}

/** The newest release, if it came after this one and waits. */
async function heldAfter(q: Queryable, found: ExportRecord, release: Release): Promise<Release | null> {
  const newest = await lastNumber(q, found.id);
  const waiting = newest > release.number ? await releaseByNumber(q, found.id, newest) : null;
  return waiting?.state === 'held' ? waiting : null;
}

/** The release to give at this moment, made anew where the last one may not stand any more. */
export async function currentRelease(parts: ExportParts, caller: Caller, found: ExportRecord): Promise<Release> {
  const release = found.current === 0 ? null : await releaseByNumber(parts.db, found.id, found.current);
  if (!release) throw new Refusal('conflict', 'export.no-release', 'Nothing has been released of this export yet.',
    { hint: 'Somebody makes its first release.' });
  const waiting = await heldAfter(parts.db, found, release);
  if (await mayStand(parts, caller, found, release)) {
    // What was changed since is given anew, unless that has to wait for a second person: then the last stands.
    const made = found.pinned || waiting ? null : await madeOf(parts.db, found.id, release.number);
    if (!made || await headsOf(parts.db, made.colls) <= made.headSeq || !await changedSince(parts.db, made)) return release;
    const newer = await makeRelease(parts, caller, found, 'renewed');
    return newer.state === 'given' ? newer : release;
  }
  const again = { hint: 'Somebody makes a release, and looks at it.' };
  if (found.pinned) throw new Refusal('gone', 'export.release-ended', 'The release that was gone back to may not be given any more.', again);
  const next = waiting ?? await makeRelease(parts, caller, found, 'renewed');
  if (next.state === 'given') return next;
  throw new Refusal('unavailable', 'export.held', 'The next release waits for a second person, and the last may not be given any more.', { retryAfter: 300 });
}

/** The bytes of an earlier release once more. */
export async function rolledBack(
  parts: ExportParts, caller: Caller, input: { readonly export: string; readonly number: number; readonly reason: string },
): Promise<Release> {
  return parts.db.transaction(async (tx) => {
    const found = await held(tx, caller.actor.org, input.export);
    const [earlier, made] = [await releaseByNumber(tx, found.id, input.number), await madeOf(tx, found.id, input.number)];
    if (!earlier || !made || earlier.state !== 'given') throw noSuch('release');
    if (earlier.number === found.current) throw new Refusal('conflict', 'export.current', 'This is the release that is given.');
    if (Date.parse(earlier.endsAt) <= parts.clock.now()) {
      throw new Refusal('conflict', 'export.release-ended', 'This release has come to its end; its bytes are not given again.',
        { hint: 'Make a new release.' });
    }
    const number = await lastNumber(tx, found.id) + 1;
    const bytes = { sha256: earlier.sha256, sizeBytes: earlier.sizeBytes };
    if (found.form === 'rpz') {
      const zone = await blobBytes(parts.blobs, earlier.sha256);
      check(zone, 'the bytes of a release are kept');
      Object.assign(bytes, await parts.blobs.put(withSerial(zone, number)));
    }
    const release: Release = {
      ...earlier, ...bytes, number, act: 'rolled-back', madeAt: parts.clock.iso(), madeBy: caller.actor.person, restores: earlier.number, held: [],
      agreedBy: null,
    };
    await dropHeld(tx, found.id);
    await insertRelease(tx, found, release, made);
    await markExport(tx, found.id, { current: number, pinned: true });
    await stateOf(parts, tx, caller.actor, found.id, 'rolled-back', { ...told(release), to: earlier.number, reason: input.reason });
    return release;
  });
}

export const fileName = (e: Pick<ExportRecord, 'id' | 'form'>, number: number): string => `${e.id}-${number}.${exportMedia[e.form].ending}`;
