/**
 * Taking a parcel in. The file is kept while it is read twice: once whole, to see that every byte is what a pinned key has signed, and
 * once to take it in; nothing of a bad file is. What was taken is written last: a crash before takes the same file again, whose objects
 * are known by then. What a later parcel of the series has said of an object, an older one does not unsay.
 */
import { fromUtf8 } from '#kit/encoding';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { parseVkey, type VerifierKey } from '#kit/note/note';
import { blockBytes, checkParcel, openParcel, ParcelFault, type ParcelHeader } from '#kit/parcel/parcel';
import { Refusal } from '#kit/refusal';
import { isStixObject, own } from '#kit/stix/object';
import { tlpOfWord } from '#kit/stix/tlp';
import type { Tlp } from '#kit/endpoint';
import { stateFact } from '#world/facts';
import { applyRecall, deliver, piecesOf, sourceById, sourceNamed, type Piece, type Report } from '#modules/exchange/index';
import { TlpLabel } from '../model/peers.ts';
import type { ParcelParts } from './parts.ts';
import { insertTaken, keepSaid, saidLater, sitesOf, takenOfSeries, type SiteRecord, type Taken } from './store.ts';

export interface TakenIn { readonly parcel: Taken; readonly again: boolean; readonly missing: number[] }

/** Ids that are looked up together. */
const batch = 500;
const mostRetractionLine = 4_000;
const day = 86_400_000;

const rank = (label: Tlp): number => TlpLabel.options.indexOf(label);

export async function knownKeys(sites: readonly SiteRecord[]): Promise<{ keys: VerifierKey[]; siteOf: (key: VerifierKey) => SiteRecord | undefined }> {
  const pairs: { key: VerifierKey; site: SiteRecord }[] = [];
  for (const site of sites) {
    const key = await parseVkey(nodeVerifying, site.vkey);
    if (key) pairs.push({ key, site });
  }
  return { keys: pairs.map((p) => p.key), siteOf: (key) => pairs.find((p) => p.key === key)?.site };
}

export async function takeIn(parts: ParcelParts, actor: { person: string; org: string }, file: AsyncIterable<Uint8Array>): Promise<TakenIn> {
  const { sha256 } = await parts.blobs.put(file);
  try {
    return await kept(parts, actor, async () => {
      const bytes = await parts.blobs.open(sha256);
      if (bytes === null) throw new Error('the parcel just kept is not there');
      return bytes;
    });
  } catch (error) {
    if (error instanceof ParcelFault) {
      throw new Refusal('unprocessable', `parcel.${error.code}`, error.message, { at: `byte ${error.offset}`, hint: 'Nothing of it was taken in.' });
    }
    throw error;
  } finally {
    // Bodies are kept in one place only, from where they can be called back.
    await parts.blobs.discard(sha256);
  }
}

async function kept(parts: ParcelParts, actor: { person: string; org: string }, open: () => Promise<AsyncIterable<Uint8Array>>): Promise<TakenIn> {
  const { keys, siteOf } = await knownKeys(await sitesOf(parts.db, actor.org));
  const checking = { verifying: nodeVerifying, tree: nodeTreeHash, known: keys };
  const { header, key } = await checkParcel(await open(), checking);
  const site = siteOf(key);
  if (!site) throw new Error('a key without its site');
  const ceiling = refuseUnfit(parts, header, site);
  const before = (await takenOfSeries(parts.db, site.id, header.series)).find((t) => t.number === header.number);
  if (before && before.root === header.root) return { parcel: before, again: true, missing: await missingOf(parts, site, header.series) };
  if (before) {
    throw new Refusal('conflict', 'parcel.other-content', 'Another parcel of this number was taken in before; ask its sender.', {
      at: `number ${header.number}`,
    });
  }
  const counts = await contents(parts, actor, { site, header, ceiling }, (await openParcel(await open(), checking)).body);
  return finish(parts, actor, { site, header, ceiling }, counts);
}

/** What its header alone forbids. */
function refuseUnfit({ signer }: ParcelParts, header: ParcelHeader, site: SiteRecord): Tlp {
  if (header.to !== signer.key.name) {
    throw new Refusal('forbidden', 'parcel.other-receiver', 'This parcel is for another hub.', { at: header.to });
  }
  const level = tlpOfWord(header.ceiling);
  const ceiling = level === null ? null : TlpLabel.parse(level.toUpperCase());
  if (ceiling === null || rank(ceiling) > rank(site.ceiling)) {
    throw new Refusal('forbidden', 'parcel.above-ceiling', 'It carries a higher label than is taken in from this site.', { at: header.ceiling });
  }
  return ceiling;
}

interface Opened { readonly site: SiteRecord; readonly header: ParcelHeader; readonly ceiling: Tlp }

async function contents(
  parts: ParcelParts, actor: { person: string; org: string }, { site, header, ceiling }: Opened, body: AsyncIterable<Uint8Array>,
): Promise<{ report: Report; retracted: number }> {
  const source = await sourceById(parts.db, actor.org, site.source) ?? await sourceNamed(parts.db, actor.org, {
    id: parts.ids.next('src'), kind: 'partner', name: `${site.title} (${site.id})`, org: null,
  }, parts.clock.iso());
  const { lines, rest } = await headOf(body, header.retractions);
  const at = { site: site.id, series: header.series, number: header.number };
  let retracted = 0;
  for (let i = 0; i < lines.length; i += batch) {
    const part = lines.slice(i, i + batch);
    const later = await saidLater(parts.db, at, part.map((r) => r.id));
    const now = part.filter((r) => !later.has(r.id));
    for (const reason of new Set(now.map((r) => r.reason))) {
      retracted += await applyRecall(parts, {
        scope: actor.org, source: source.id, objects: now.filter((r) => r.reason === reason).map((r) => r.id), reason, by: actor.person,
        acknowledgeBy: new Date(parts.clock.now() + 7 * day).toISOString(),
      });
    }
    await keepSaid(parts.db, at, part.map((r) => r.id), true);
  }
  const report = await deliver(parts, {
    scope: actor.org, source, actor, clauses: [], own: false, unmarked: ceiling, upTo: ceiling,
  }, notUnsaid(parts, at, piecesOf(rest)));
  return { report, retracted };
}

/** Objects that no later parcel has taken back. */
async function* notUnsaid(parts: ParcelParts, at: { site: string; series: string; number: number }, pieces: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  let held: Piece[] = [];
  const settle = async (): Promise<Piece[]> => {
    const ids = held.flatMap((p) => idOf(p) ?? []);
    const later = await saidLater(parts.db, at, ids);
    const good = held.filter((p) => later.get(idOf(p) ?? '') !== true);
    await keepSaid(parts.db, at, ids, false);
    held = [];
    return good;
  };
  for await (const piece of pieces) {
    held.push(piece);
    if (held.length >= batch) yield* await settle();
  }
  yield* await settle();
}

const idOf = ({ value }: Piece): string | null => {
  const id = isStixObject(value) ? own(value, 'id') : undefined;
  return typeof id === 'string' && id.length <= 300 ? id : null;
};

interface Retraction { readonly id: string; readonly reason: string }

/** The first lines of a body, and what follows them. */
async function headOf(body: AsyncIterable<Uint8Array>, count: number): Promise<{ lines: Retraction[]; rest: AsyncIterable<Uint8Array> }> {
  const source = body[Symbol.asyncIterator]();
  const lines: Retraction[] = [];
  let held: Buffer = Buffer.alloc(0);
  while (lines.length < count) {
    const end = held.indexOf(10);
    if (end < 0) {
      const step = await source.next();
      if (step.done || held.length > blockBytes + mostRetractionLine) throw noRetraction();
      held = Buffer.concat([held, step.value]);
      continue;
    }
    lines.push(retractionOf(held.subarray(0, end)));
    held = held.subarray(end + 1);
  }
  return { lines, rest: rejoined(held, source) };
}

async function* rejoined(held: Uint8Array, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (held.length > 0) yield held;
  for (let step = await source.next(); !step.done; step = await source.next()) yield step.value;
}

function retractionOf(line: Uint8Array): Retraction {
  try {
    const value = JSON.parse(fromUtf8(line) ?? '') as Readonly<Record<string, unknown>>;
    const { retracted: id, reason } = value;
    if (typeof id === 'string' && id.length <= 300 && typeof reason === 'string') return { id, reason: reason.slice(0, 300) };
  } catch {
    // Said below.
  }
  throw noRetraction();
}

const noRetraction = (): Refusal =>
  new Refusal('unprocessable', 'parcel.retraction', 'Its sender has signed something that is no retraction.');

async function missingOf({ db }: ParcelParts, site: SiteRecord, series: string): Promise<number[]> {
  return gapsIn((await takenOfSeries(db, site.id, series)).map((t) => t.number));
}

/** Numbers from 1 up to the highest that are not there; as many as a person can read. */
export function gapsIn(numbers: readonly number[]): number[] {
  const there = new Set(numbers);
  const missing: number[] = [];
  for (let n = 1; n < Math.max(0, ...numbers) && missing.length < 100; n++) if (!there.has(n)) missing.push(n);
  return missing;
}

async function finish(
  parts: ParcelParts, actor: { person: string; org: string }, { site, header, ceiling }: Opened, { report, retracted }: { report: Report; retracted: number },
): Promise<TakenIn> {
  const { accepted, duplicate, quarantined, refused } = report.counts;
  const parcel: Taken = {
    id: parts.ids.next('ppc'), scope: actor.org, site: site.id, series: header.series, number: header.number, root: header.root, title: header.title, ceiling,
    madeAt: header.madeAt, takenAt: parts.clock.iso(), takenBy: actor.person, accepted, duplicate, quarantined, refused, retracted,
  };
  return parts.db.transaction(async (tx) => {
    const fresh = await insertTaken(tx, parcel);
    const all = await takenOfSeries(tx, site.id, header.series);
    const missing = gapsIn(all.map((t) => t.number));
    // Two at once: the second finds the first's word.
    if (!fresh) return { parcel: all.find((t) => t.number === header.number) ?? parcel, again: true, missing };
    await stateFact(tx, {
      class: 'parcel.taken-in', at: parcel.takenAt, actor: actor.person, org: actor.org, subject: site.id, readers: [], clauses: [],
      body: { site: site.title, series: header.series, number: header.number, accepted, duplicate, quarantined, refused, retracted, missing },
    });
    return { parcel, again: false, missing };
  });
}
