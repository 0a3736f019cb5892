/**
 * A delivery of objects, from whoever it comes: read piece by piece, judged in batches, each batch one transaction with its own
 * fact. What is set aside is kept whole. If we crash in between, the batches that were done stand, and the same delivery again adds
 * the rest: what is there already is a duplicate.
 */
import { isStixObject, own } from '#kit/stix/object';
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import type { ClauseRef } from '#kit/refusal';
import type { Tlp } from '#kit/endpoint';
import type { StixObject } from '#kit/stix/object';
import type { Outcome } from '../model/exchange.ts';
import { placesFor, whatNamesItsMaker } from '../rules/communities.ts';
import { rankOf } from '../rules/tlp.ts';
import type { Offer, Verdict } from '../rules/versions.ts';
import { collectionsOf, ownCollections, type CollectionRecord, type SourceRecord } from '../store/collections.ts';
import { take, type Taking } from '../store/log.ts';
import { markingDefinitionsOf } from '../store/objects.ts';
import { tables } from '../store/schema.ts';
import { offerOf } from './offers.ts';
import { newUuid, nowUs, type ExchangeParts } from './parts.ts';
import { countSightings } from './sighted.ts';

/** One object of a delivery as its reader found it, or why there is none at that place. */
export interface Piece {
  readonly place: string;
  readonly value?: unknown;
  readonly body: string;
  readonly problem?: string | undefined;
}

export interface Delivery {
  /** Organisation that holds what is taken in. */
  readonly scope: string;
  readonly source: SourceRecord;
  readonly actor: { readonly person: string; readonly org: string };
  readonly clauses: readonly ClauseRef[];
  /** Whether the holder made it. */
  readonly own: boolean;
  /** Collection that the sender put it into. */
  readonly into?: CollectionRecord | undefined;
  /** The highest label that the sender may bring. */
  readonly upTo?: Tlp | undefined;
  /** Label of what carries none. */
  readonly unmarked: Tlp;
  /** Reads and judges, and takes nothing in. */
  readonly dry?: boolean;
  /** Asked before each batch: whether the sender still may. */
  readonly confirm?: () => void;
  readonly progress?: (report: Report) => void;
}

export interface Line { readonly place: string; readonly id: string; readonly version: string; readonly outcome: Outcome; readonly text: string }

export interface Report {
  total: number;
  readonly counts: Record<Outcome, number>;
  /** What was not simply taken in, and notes on what was, in order; as many as fit. */
  readonly lines: Line[];
  linesLeftOff: number;
  /** Ids and versions of what was taken in, as many as fit: for the sender. */
  readonly taken: { id: string; version: string }[];
}

const mostLines = 1_000;
const batchObjects = 2_000;
const batchBytes = 16_000_000;
/** Objects that wait for a marking definition that stands behind them: so many, and so much. */
const mostWaiting = { objects: 50_000, bytes: 64_000_000 } as const;

interface Ready { readonly place: string; readonly offer: Offer; readonly notes: readonly string[] }

export async function deliver(parts: ExchangeParts, delivery: Delivery, pieces: AsyncIterable<Piece>): Promise<Report> {
  const report: Report = { total: 0, counts: { accepted: 0, duplicate: 0, quarantined: 0, refused: 0 }, lines: [], linesLeftOff: 0, taken: [] };
  const markings = new Map<string, StixObject>((await markingDefinitionsOf(parts.db, delivery.scope)).map((m) => [String(own(m, 'id')), m]));
  const batch = { ready: [] as Ready[], bytes: 0 };
  const waiting = { pieces: [] as Piece[], bytes: 0 };
  const going = { batch: Promise.resolve() };
  const flush = async (): Promise<void> => {
    if (batch.ready.length === 0) return;
    const { ready } = batch;
    [batch.ready, batch.bytes] = [[], 0];
    // The records take one batch while the next is read: two work at once, and the batches stay in their order.
    await going.batch;
    delivery.confirm?.();
    going.batch = takeBatch(parts, delivery, ready, report).then(() => delivery.progress?.(report));
    // Heard by whoever waits for it; until then it must not end the process.
    going.batch.catch(() => undefined);
  };
  const add = async (piece: Piece, mayWait: boolean): Promise<void> => {
    const read = offerOf(piece.value, piece.body, { definitions: (id) => markings.get(id), unmarked: delivery.unmarked, receivedUs: nowUs(parts) });
    if ('refused' in read) return tell(report, piece.place, idOf(piece.value), '', 'refused', read.refused);
    if (read.unresolved && mayWait && waiting.pieces.length < mostWaiting.objects && waiting.bytes < mostWaiting.bytes) {
      waiting.pieces.push(piece);
      waiting.bytes += piece.body.length;
      return;
    }
    if (read.offer.type === 'marking-definition' && isStixObject(piece.value)) markings.set(read.offer.id, piece.value);
    batch.ready.push({ place: piece.place, offer: read.offer, notes: read.notes });
    batch.bytes += piece.body.length;
    if (batch.ready.length >= batchObjects || batch.bytes >= batchBytes) await flush();
  };
  for await (const piece of pieces) {
    report.total++;
    if (piece.problem !== undefined) tell(report, piece.place, idOf(piece.value), '', 'refused', piece.problem);
    else await add(piece, true);
  }
  for (const piece of waiting.pieces) await add(piece, false);
  await flush();
  await going.batch;
  return report;
}

const idOf = (value: unknown): string => {
  const id = isStixObject(value) ? own(value, 'id') : undefined;
  return typeof id === 'string' ? id.slice(0, 300) : '';
};

function tell(report: Report, place: string, id: string, version: string, outcome: Outcome, text: string): void {
  if (outcome !== 'accepted') report.counts[outcome]++;
  if (report.lines.length < mostLines) report.lines.push({ place, id, version, outcome, text });
  else report.linesLeftOff++;
}

async function takeBatch(parts: ExchangeParts, delivery: Delivery, all: readonly Ready[], report: Report): Promise<void> {
  const { scope, source, actor, into, upTo } = delivery;
  const ready = all.filter(({ place, offer }) => {
    const named = into?.community && actor.org !== scope ? whatNamesItsMaker(offer) : null;
    if (named !== null) {
      tell(report, place, offer.id, offer.said, 'refused', named);
      return false;
    }
    if (upTo !== undefined && offer.tlp > rankOf(upTo)) {
      tell(report, place, offer.id, offer.said, 'refused', 'Its label is higher than its sender may bring.');
      return false;
    }
    if (into === undefined || into.kind !== 'shared' || (offer.tlp <= rankOf(into.ceiling) && (into.types === null
      || into.types.includes(offer.type)))) return true;
    tell(report, place, offer.id, offer.said, 'refused', 'Its label or type is not one that this collection carries.');
    return false;
  });
  const verdicts = await orUndone(delivery.dry === true, parts.db.transaction.bind(parts.db), async (tx) => {
    const at = parts.clock.iso();
    await ownCollections(tx, scope, () => newUuid(parts), actor.person, at);
    const collections = await collectionsOf(tx, scope);
    const rules = collections.map((c) => ({ coll: c.coll, kind: c.kind, ceiling: rankOf(c.ceiling), types: c.types }));
    const taking: Taking = {
      scope, source: source.id, creators: new Set(source.speaksFor), own: delivery.own, rules, into: into && placesFor(into, collections), nowUs: () =>
        nowUs(parts),
      eyes: actor.org === scope ? [actor] : [], by: actor.person,
    };
    const taken = await take(tx, taking, ready.map((r) => r.offer));
    await setAside(parts, tx, delivery, ready, taken.verdicts);
    const accepted = ready.filter((_, i) => taken.verdicts[i]?.outcome === 'accepted').map((r) => r.offer);
    await countSightings(tx, { scope, source, by: actor.person, nowUs: nowUs(parts) }, accepted);
    const count = (outcome: Outcome): number => taken.verdicts.filter((v) => v.outcome === outcome).length;
    // Where another side reads it, the record says how much came: what the holder had of it before is the holder's alone.
    const shared = into !== undefined && into.partner !== null;
    if (shared ? ready.length > 0 : count('accepted') + count('quarantined') > 0) {
      await stateFact(tx, {
        class: 'threat.taken-in', at, actor: actor.person, org: actor.org, subject: source.id,
        readers: [...new Set([scope, ...(into?.partner ? [into.partner] : [])])], clauses: delivery.clauses,
        body: {
          source: source.id, collection: into?.id ?? null, ...shared ? { objects: ready.length } : {
            accepted: count('accepted'), duplicate: count('duplicate'), quarantined: count('quarantined'),
          },
        },
      });
    }
    return taken.verdicts;
  });
  for (const [i, { place, offer, notes }] of ready.entries()) {
    const verdict = verdicts[i] as Verdict;
    if (verdict.outcome === 'accepted') {
      report.counts.accepted++;
      if (notes.length > 0) tell(report, place, offer.id, offer.said, 'accepted', notes.join('; '));
    } else if (verdict.outcome === 'quarantined') tell(report, place, offer.id, offer.said, 'quarantined', verdict.reason);
    else report.counts.duplicate++;
    if (verdict.outcome !== 'quarantined' && report.taken.length < mostLines) report.taken.push({ id: offer.id, version: offer.said });
  }
}

/** The work in a transaction; of a dry run nothing stays, and the answer is the same. */
async function orUndone<T>(dry: boolean, transaction: <R>(work: (tx: Queryable) => Promise<R>) => Promise<R>,
  work: (tx: Queryable) => Promise<T>): Promise<T> {
  if (!dry) return transaction(work);
  const result: { value?: T } = {};
  try {
    await transaction(async (tx) => {
      result.value = await work(tx);
      throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
  }
  return result.value as T;
}
class Undone extends Error {}

async function setAside(
  parts: ExchangeParts, tx: Queryable, { scope, source }: Delivery, ready: readonly Ready[], verdicts: readonly Verdict[],
): Promise<void> {
  const at = parts.clock.iso();
  for (const [i, verdict] of verdicts.entries()) {
    if (verdict.outcome !== 'quarantined') continue;
    const { offer } = ready[i] as Ready;
    // The same offer again is the same case.
    await sql`insert into exchange_quarantine (id, scope, stix_id, said, reason, source, kept, tlp, body, digest, at, state)
      values (${parts.ids.next('qua')}, ${scope}, ${offer.id}, ${offer.said}, ${verdict.reason}, ${source.id},
        ${verdict.kept}::bigint, ${offer.tlp}::smallint, ${offer.body}, ${offer.digest}, ${at}::timestamptz,
        'open') on conflict do nothing`.execute(tables(tx));
  }
}
