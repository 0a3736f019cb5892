/**
 * Editions: each change of what is served makes one, in the transaction of the change. Bytes are stored before the row that
 * names them, so that after a crash in between there are bytes that nobody names and never a name without bytes. What is past
 * its end is not served even where the clock's round is late: whoever fetches then has the next edition made.
 */
import { withSerial } from '#kit/export/lists';
import { check } from '#kit/refusal';
import { blobBytes } from '#world/blobs/whole';
import { asHub } from '#world/db/scope';
import type { Queryable } from '#world/db/port';
import { stateFact, type Json } from '#world/facts';
import type { BlockingEntry, Edition } from '../model/blocking.ts';
import { stateOf } from '../rules/blocking.ts';
import { editionBytes } from '../rules/editions.ts';
import {
  editionByNumber, endEntries, holdList, insertEdition, listsWithExpired, standingEntries,
  type EditionBlobs, type EditionRecord, type ListRecord,
} from '../store/blocking.ts';
import type { ConstituentsParts } from './parts.ts';

type Parts = Pick<ConstituentsParts, 'db' | 'blobs' | 'clock'>;
interface Doing { readonly person: string; readonly act: Edition['act']; readonly why: string }

export async function currentEdition(q: Queryable, list: Pick<ListRecord, 'id' | 'edition'>): Promise<EditionRecord> {
  const edition = await editionByNumber(q, list.id, list.edition);
  check(edition, 'a list has the edition that it names');
  return edition;
}

export const shownEdition = ({ bytes: _bytes, ...edition }: EditionRecord): Edition => edition;

/**
 * The edition after a change. A list that is switched off goes on being served empty: then the change makes none, and the one
 * that is served is answered. `list` is held by the transaction.
 */
export async function nextEdition(parts: Parts, tx: Queryable, list: ListRecord, doing: Doing): Promise<EditionRecord> {
  if (list.killedAt !== null && doing.act !== 'killed') return currentEdition(tx, list);
  const entries = doing.act === 'killed' ? [] : await servedNow(parts, tx, list);
  const made = editionBytes(list, list.edition + 1, entries);
  const bytes = {
    plain: await parts.blobs.put(made.plain), rpz: await parts.blobs.put(made.rpz), hosts: await parts.blobs.put(made.hosts),
    json: await parts.blobs.put(made.json),
  };
  return record(parts, tx, list, doing, {
    bytes, entries: entries.length, firstExpiry: entries.map((e) => e.expiresAt).toSorted()[0] ?? null, restores: null,
  });
}

async function servedNow(parts: Parts, tx: Queryable, list: ListRecord): Promise<BlockingEntry[]> {
  return (await standingEntries(tx, list.id, 'active')).filter((e) => stateOf(e, parts.clock.now()) === 'active');
}

/** The edition that serves an earlier one's bytes again: the very same, and of the zone all but its serial, which must grow. */
export async function restoredEdition(
  parts: Parts, tx: Queryable, list: ListRecord, doing: Doing, earlier: EditionRecord,
): Promise<EditionRecord> {
  const zone = withSerial(await bytesOf(parts, earlier.bytes.rpz.sha256), list.edition + 1);
  return record(parts, tx, list, doing, {
    bytes: { ...earlier.bytes, rpz: await parts.blobs.put(zone) }, entries: earlier.entries, firstExpiry: earlier.firstExpiry,
    restores: earlier.number,
  });
}

async function record(
  parts: Parts, tx: Queryable, list: ListRecord, { person, act, why }: Doing,
  made: { bytes: EditionBlobs; entries: number; firstExpiry: string | null; restores: number | null },
): Promise<EditionRecord> {
  const edition: EditionRecord = {
    number: list.edition + 1, madeAt: parts.clock.iso(), madeBy: person, act, why, sha256: made.bytes.json.sha256, ...made,
  };
  await insertEdition(tx, list.id, edition);
  return edition;
}

/** The bytes of one form of an edition. */
export async function bytesOf(parts: Pick<Parts, 'blobs'>, sha256: string): Promise<Uint8Array> {
  const bytes = await blobBytes(parts.blobs, sha256);
  check(bytes, `the bytes ${sha256} of an edition are kept`);
  return bytes;
}

/** States what was done to a list, with the edition that it came to. */
export async function stateOfList(
  parts: Pick<Parts, 'clock'>, tx: Queryable, by: { person: string; org: string }, list: Pick<ListRecord, 'id'>, what: string,
  edition: Pick<Edition, 'number' | 'sha256'>, body: Record<string, Json>,
): Promise<void> {
  await stateFact(tx, {
    class: `blocklist.${what}`, at: parts.clock.iso(), actor: by.person, org: by.org, subject: list.id, readers: [], clauses: [],
    body: { ...body, edition: edition.number, editionSha256: edition.sha256 },
  });
}

/** Takes off a list what has ended, with the edition without it; answers the list as it is then. `list` is held by the transaction. */
export async function expireHeld(parts: Parts, tx: Queryable, list: ListRecord): Promise<ListRecord> {
  const now = parts.clock.now();
  const before = await currentEdition(tx, list);
  const ended = (await standingEntries(tx, list.id)).filter((e) => Date.parse(e.expiresAt) <= now);
  const stale = before.firstExpiry !== null && Date.parse(before.firstExpiry) <= now;
  if (ended.length === 0 && !stale) return list;
  await endEntries(tx, ended.map((e) => e.id), { state: 'expired', at: parts.clock.iso(), by: 'system', reason: '' });
  const doing = { person: 'system', act: 'expired' as const, why: '' };
  const edition = stale ? await nextEdition(parts, tx, list, doing) : before;
  const served = ended.filter((e) => e.state === 'active').length;
  const said = { entries: served, waiting: ended.length - served };
  await stateOfList(parts, tx, { person: 'system', org: list.scope }, list, 'expired', edition, said);
  return { ...list, edition: edition.number };
}

/** The same in a transaction of its own. Safe to run twice: the second finds nothing. */
export async function expireList(parts: Parts, scope: string, id: string): Promise<ListRecord | null> {
  return parts.db.transaction(async (tx) => {
    const list = await holdList(tx, scope, id);
    return list && await expireHeld(parts, tx, list);
  });
}

/** One round of the clock. */
export async function expireLists(parts: Parts): Promise<void> {
  for (const { id, scope } of await listsWithExpired(parts.db, parts.clock.iso())) await expireList(parts, scope, id);
}

/** The edition to serve at this moment, made now where the last one holds something that has ended. */
export async function servedEdition(parts: Parts, list: ListRecord): Promise<EditionRecord> {
  const edition = await currentEdition(parts.db, list);
  if (edition.firstExpiry === null || Date.parse(edition.firstExpiry) > parts.clock.now()) return edition;
  return asHub('whoever reads a list may not write it, and nobody is served what has ended', async () => {
    const now = await expireList(parts, list.scope, list.id);
    check(now, 'a list stays');
    return currentEdition(parts.db, now);
  });
}
