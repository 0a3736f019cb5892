/**
 * One file into the landscape: receive (raw bytes kept by hash), parse, insert (blocks of new events), commit (what is
 * computed from them), fact (the batch's record and its fact, in one transaction). A crash between any two steps loses
 * nothing: events are deduplicated by identity against what is stored, so the same file again stores exactly the rows
 * that are missing, and periods left stale are rebuilt at the next start.
 */
import { nextTurn } from '#kit/turn';
import { inflated } from '#kit/lines/inflate';
import { Refusal, type ClauseRef } from '#kit/refusal';
import { Owners, type Claim } from '#kit/ip/owners';
import { Networks, type NetworkTables } from '#kit/ip/ranges';
import type { ReportTypes } from '#kit/shadowserver/types';
import type { Blobs, Stored } from '#world/blobs/port';
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import type { Events } from '#world/events/port';
import { stateFact } from '#world/facts';
import type { Ids } from '#world/ids';
import type { Space } from '#world/space';
import type { Batch, BatchPhase, Counts } from '../model.ts';
import type { Mapping } from '../model/mapping.ts';
import { daysOfBatch, passOnRows, removeBatch, storedDays, storedIds, storedOfBatch } from '../events-store.ts';
import { feedMandate } from '../mandate.ts';
import { mappingOf, noteMapping, type KeptBatch } from '../mapping/store.ts';
import { noteSchema, typesInForce } from '../schemas/store.ts';
import { batchById, closeBatch, lastMoment, openBatch, replaceBatch, openBatches, overrides, rememberFields, type FeedRecord } from '../store.ts';
import { beyondMandate } from '../scans/scans.ts';
import { boundsOfBatch, noteScan } from '../scans/store.ts';
import { followedClaims, receivers } from '../settled-store.ts';
import { DaySets } from './idsets.ts';
import { Gate } from './gate.ts';
import { Placer } from './place.ts';
import { Registrar } from './registry.ts';
import { keptFrom } from '../retention.ts';
import { goOnReplaying } from './replay.ts';
import { Settler } from './settle.ts';
import { statedType } from './reading.ts';
import { Refinery } from './refinery.ts';
import { Tee } from './tee.ts';

/** Rows of one block unless said; larger blocks insert a little faster and hold more memory. */
const usualBlock = 50_000;
/** Blocks on their way to the store while parsing goes on. */
const inFlight = 2;
/** Memory of one feed's identities between batches, in bytes. */
const identityMemory = 160 * 1_048_576;

export interface IngestParts {
  readonly db: Db;
  readonly events: Events;
  readonly blobs: Blobs;
  /** Looked at while a file is unpacked: a small one may become large. */
  readonly space: Space;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly networks: NetworkTables;
  readonly types: ReportTypes;
  /** The registry's claims of an organisation, for attribution: `constituents` answers it. */
  readonly claims: (scope: string) => Promise<readonly Claim[]>;
  /** Whole months before the present one whose rows are kept; all where it is 0 or not said. */
  readonly keepMonths?: number;
  /** Rows of one block; tests make it small to have many. */
  readonly blockRows?: number;
}

export interface IngestJob {
  readonly feed: FeedRecord;
  readonly source: AsyncIterable<Uint8Array>;
  readonly fileName: string;
  /** Report type as given by the command or the upload. */
  readonly typeGiven: string | null;
  /** Person, or `system`. */
  readonly actor: string;
  /** Scan job whose results these are: rows beyond it are set aside. */
  readonly scan?: string | undefined;
  /** Leaves what is computed from the rows to `settle`, for many files in a row: their days stay marked until then. */
  readonly settleLater?: boolean;
}

export interface Progress {
  readonly batch: string;
  readonly phase: BatchPhase;
  readonly bytes: number;
  readonly counts: Counts;
}

export interface IngestHooks {
  /** Told now and then, and once at each phase's start. Throwing in it fails the batch. */
  readonly progress?: (p: Progress) => void | Promise<void>;
}

export interface Pipeline {
  /** Takes a file in. Files of one feed go one after the other; different feeds side by side. */
  ingest(job: IngestJob, hooks?: IngestHooks): Promise<Batch>;
  /** At start: closes batches that a crash left open and computes what they left stale. */
  recover(): Promise<void>;
  /** Now and then: stored owners follow the registry; periods, and days that a batch left, are computed. */
  settle(): Promise<void>;
  /** Reads on in what people asked to have read again, until nothing is left of it. Safe twice, and after a crash anywhere. */
  replay(): Promise<void>;
  /** Rows of one organisation become its successor's, and what is computed from them. Done twice, it changes nothing. */
  passOn(from: string, to: string): Promise<void>;
}

/** What all batches of a hub share. */
interface Shared {
  readonly memory: Map<string, DaySets>;
  readonly networks: Networks;
  readonly settler: Settler;
  readonly gate: Gate;
}

/** There is one pipeline a hub: it alone knows which identities are on their way. */
export function pipelineOver(parts: IngestParts): Pipeline {
  const turns = new Map<string, Promise<unknown>>();
  const settler = new Settler(parts);
  const registrar = new Registrar(parts, settler);
  const shared: Shared = { memory: new Map(), networks: new Networks(parts.networks), settler, gate: new Gate() };
  // Rows must not come in by old claims while stored ones move to new ones: batches share the gate, this has it alone.
  const follow = async (scope: string): Promise<void> => {
    if (!await registrar.outOfDate(scope, await parts.claims(scope))) return;
    await shared.gate.alone(async () => registrar.follow(scope, await parts.claims(scope)));
  };
  const replayAll = (): Promise<void> => goOnReplaying(parts, (feed, kept, by) => shared.gate.alone(() =>
    new Ingest(parts, { feed, source: by.source, fileName: kept.fileName, typeGiven: kept.reportType, actor: by.actor }, {}, shared, kept.id)
      .again(kept, by.mapping)));
  return {
    ingest(job, hooks = {}) {
      const key = job.feed.id;
      const run = (turns.get(key) ?? Promise.resolve()).then(async () => {
        await follow(job.feed.scope);
        return shared.gate.shared(() => new Ingest(parts, job, hooks, shared).run());
      });
      turns.set(key, run.catch(() => undefined));
      return run;
    },
    async recover() {
      await closeLeftOpen(parts);
      // Before anything is computed: a crash may have left a batch between its old rows and its new ones.
      await replayAll();
      await settler.settleAll();
    },
    replay: replayAll,
    async settle() {
      for (const scope of await receivers(parts.db)) await follow(scope);
      await settler.settleRest();
    },
    async passOn(from, to) {
      await shared.gate.alone(() => passOnRows(parts.events, from, to));
      await settler.settleAll();
    },
  };
}

async function closeLeftOpen(parts: IngestParts): Promise<void> {
  for (const { id } of await openBatches(parts.db)) {
    const { stored, attributed } = await storedOfBatch(parts.events, id);
    await closeBatch(parts.db, id, {
      state: 'failed', phase: 'receive', raw: null, drift: null, reasons: {}, quarantine: [], tookMs: null,
      counts: { read: stored, stored, duplicate: 0, quarantined: 0, attributed }, at: parts.clock.iso(),
      failure: 'The process ended in the middle. Send the file again: what is stored already will not be stored twice.',
    });
  }
}

/**
 * A clock that was set back makes no row of today one of the future: what came in before bounds it. What lies more than a month ahead was a
 * clock that was wrong then, and bounds nothing.
 */
function notBefore(last: string | null, now: number): number {
  const before = last === null ? 0 : Math.floor(Date.parse(last) / 1000);
  return before > now && before - now <= 31 * 86_400 ? before : now;
}

/** A feed of its own columns takes nothing in before somebody said what they mean. */
export async function mappingInForceOf(db: Db, feed: FeedRecord): Promise<Mapping> {
  const mapping = feed.mapping === null ? null : await mappingOf(db, feed.id, feed.mapping);
  if (mapping !== null) return mapping;
  throw new Refusal('conflict', 'feed.no-mapping', 'Nobody has said yet what the columns of this feed mean.', {
    hint: 'Write a mapping on the page of the feed, try it on a sample, and put it in force.',
  });
}

class Ingest {
  private readonly parts: IngestParts;
  private readonly job: IngestJob;
  private readonly hooks: IngestHooks;
  private readonly shared: Shared;
  private readonly batch: string;
  private readonly began: number;
  private clauses: readonly ClauseRef[] = [];
  private phase: BatchPhase = 'receive';
  private bytes = 0;
  private refinery: Refinery | null = null;
  private readonly writes = new Set<Promise<void>>();
  private writeFailure: { error: unknown } | null = null;
  private readonly days = new Set<number>();
  private mapping: Mapping | null = null;
  /** Version of the table of report types, and the table: those in force when the reading begins. */
  private schema = 0;
  private types: ReportTypes;
  /** When it came, in seconds; never before what came earlier, also where the clock was set back in between. */
  private received: number;

  constructor(parts: IngestParts, job: IngestJob, hooks: IngestHooks, shared: Shared, batch = parts.ids.next('batch')) {
    this.parts = parts;
    this.job = job;
    this.hooks = hooks;
    this.shared = shared;
    this.batch = batch;
    this.types = parts.types;
    this.received = Math.floor(parts.clock.now() / 1000);
    this.began = parts.clock.elapsed();
  }

  async run(): Promise<Batch> {
    const { db, clock } = this.parts;
    const { feed, fileName, typeGiven } = this.job;
    await this.readBySchema();
    const { types } = this;
    const reportType = statedType({
      feed: feed.id, shape: feed.shape, typeGiven, typeOfFeed: feed.reportType, fileName, types,
    });
    // Without a clause in force nothing of another's is even written down.
    this.clauses = await feedMandate(this.parts, feed);
    if (feed.shape === 'mapped') this.mapping = await mappingInForceOf(db, feed);
    this.received = notBefore(await lastMoment(db, feed.scope), this.received);
    await openBatch(db, feed, { id: this.batch, fileName, reportType, mapping: feed.mapping, at: clock.iso() });
    if (this.schema !== 0) await noteSchema(db, this.batch, this.schema);
    if (this.job.scan !== undefined) await noteScan(db, this.batch, this.job.scan);
    try {
      await this.enter('receive');
      const raw = await this.readAll();
      await this.enter('commit');
      if (!this.job.settleLater) await this.shared.settler.settleDays(feed.scope, this.batch, [...this.days]);
      await this.enter('fact');
      await this.record(raw);
    } catch (error) {
      await this.fail(error);
      throw error;
    }
    const done = await batchById(db, feed.scope, this.batch);
    if (done === null) throw new Error(`batch ${this.batch} is gone`);
    return done.batch;
  }

  /**
   * Reads kept bytes again, in the place of what is stored of them. Its rows are out of the store for that long and no day is computed; if
   * we crash in between, its replay is taken up again before anything is computed.
   */
  async again(kept: KeptBatch, mapping: number | null): Promise<Counts> {
    const { db, events } = this.parts;
    const { feed } = this.job;
    this.mapping = mapping === null ? null : await mappingOf(db, feed.id, mapping);
    await this.readBySchema();
    // Owners, and the bounds of a sound time, are those of when it came.
    this.received = Math.floor(Date.parse(kept.startedAt) / 1000);
    try {
      await this.shared.settler.alone(async () => {
        const days = await daysOfBatch(events, this.batch);
        await this.foresee(days);
        await removeBatch(events, this.batch, days);
        this.shared.memory.delete(feed.id);
        this.refinery = await this.openRefinery();
        const tee = new Tee(this.job.source);
        // The bytes are kept already: what the store would read is let go.
        const rest = (async () => { for await (const _ of tee.copy()) continue; })();
        rest.catch(() => undefined);
        await this.parse(tee, this.refinery);
        tee.keep();
        await rest;
      });
    } catch (error) {
      await Promise.all(this.writes);
      this.shared.memory.delete(feed.id);
      throw error;
    }
    await this.recordAgain(kept, mapping);
    return this.refinery?.counts ?? kept;
  }

  private async recordAgain(kept: KeptBatch, mapping: number | null): Promise<void> {
    const { db, clock } = this.parts;
    const { feed, actor } = this.job;
    const { counts, reasons, quarantine, reading } = this.refinery as Refinery;
    const before = { read: kept.read, stored: kept.stored, duplicate: kept.duplicate, quarantined: kept.quarantined, attributed: kept.attributed };
    await db.transaction(async (tx) => {
      await replaceBatch(tx, this.batch, { counts, drift: reading.drift(), reasons, quarantine });
      await noteMapping(tx, this.batch, mapping);
      await noteSchema(tx, this.batch, this.schema);
      await stateFact(tx, {
        class: 'batch.replayed', at: clock.iso(), actor, org: feed.scope, subject: this.batch, readers: [], clauses: [],
        body: { batch: this.batch, feed: feed.name, mapping, before, ...counts },
      });
    });
  }

  private async readBySchema(): Promise<void> {
    const { db, types } = this.parts;
    const { feed } = this.job;
    if (feed.shape === 'shadowserver') ({ version: this.schema, types: this.types } = await typesInForce(db, feed.scope, types));
  }

  private async enter(phase: BatchPhase): Promise<void> {
    this.phase = phase;
    await this.tell();
  }

  private async tell(): Promise<void> {
    const counts = this.refinery?.counts ?? { read: 0, stored: 0, duplicate: 0, quarantined: 0, attributed: 0 };
    await this.hooks.progress?.({ batch: this.batch, phase: this.phase, bytes: this.bytes, counts: { ...counts } });
  }

  private async openRefinery(): Promise<Refinery> {
    const { parts, job, batch } = this;
    const { memory } = this.shared;
    const { feed } = job;
    const stored = await storedDays(parts.events, feed.id);
    const known = memory.get(feed.id);
    known?.refresh(stored);
    const days = known ?? new DaySets(stored);
    // Moved to the end: the feeds least lately used are dropped first.
    memory.delete(feed.id);
    memory.set(feed.id, days);
    for (const other of [...memory.keys()].slice(0, -4)) memory.delete(other);
    const bounds = await boundsOfBatch(parts.db, batch);
    const networks = new Networks(this.shared.networks, await overrides(parts.db));
    // The claims that stored rows follow already: newer ones move these rows together with all others.
    const placer = new Placer(networks, new Owners(await followedClaims(parts.db, { events: parts.events, scope: feed.scope }) ?? []));
    return new Refinery({
      scope: feed.scope, feed: feed.id, batch, shape: feed.shape, typeGiven: job.typeGiven,
      typeOfFeed: feed.reportType, fileName: job.fileName, types: this.types, learned: feed.fields,
      keptFrom: (parts.keepMonths ?? 0) === 0 ? 0 : keptFrom(parts.clock.now(), parts.keepMonths ?? 0) * 86_400,
      mapping: this.mapping, tlpDefault: feed.tlpDefault, received: this.received,
      refuses: bounds === null ? undefined : (draft) => beyondMandate(bounds, draft),
    }, days, placer);
  }

  /** Reads the source once: into the blobs and through the refinery, each waiting for the other. */
  private async readAll(): Promise<Stored> {
    const refinery = await this.openRefinery();
    this.refinery = refinery;
    const tee = new Tee(this.job.source);
    // The blob pulls from the tee; what it reads, the refinery gets. A failed source fails both.
    const raw = this.parts.blobs.put(tee.copy());
    raw.catch((error: unknown) => tee.stop(error));
    try {
      await this.parse(tee, refinery);
      tee.keep();
    } catch (error) {
      tee.stop(error);
      // What the store has of it is gone before anybody is told.
      await raw.catch(() => undefined);
      throw error;
    }
    return raw;
  }

  private async parse(tee: Tee, refinery: Refinery): Promise<void> {
    let chunks = 0;
    for await (const chunk of inflated(tee.main(), (broken) => refinery.trouble({
      line: 0, offset: broken.offset, reason: broken.reason, detail: broken.detail, excerpt: '', rows: 0,
    }))) {
      if (chunks === 0) await this.enter('parse');
      this.bytes += chunk.length;
      refinery.reading.push(chunk);
      await this.settleDays(refinery);
      if (refinery.ready >= (this.parts.blockRows ?? usualBlock)) await this.flush(refinery);
      chunks++;
      if (chunks % 64 === 0) await this.tell();
      if (chunks % 16 === 0) await this.parts.space.refuseFull();
      // Parsing must not keep the hub from answering: each chunk is some milliseconds.
      await nextTurn();
    }
    // A package that broke off is parsed no further, but kept whole.
    await tee.finish();
    refinery.end();
    await this.settleDays(refinery);
    await this.flush(refinery);
    await this.enter('insert');
    await Promise.all(this.writes);
    this.checkWrites();
    refinery.settle();
    this.shared.memory.get(this.job.feed.id)?.trim(identityMemory);
  }

  private async settleDays(refinery: Refinery): Promise<void> {
    const wanted = refinery.daysWanted();
    if (wanted.length === 0) return;
    const days = this.shared.memory.get(this.job.feed.id);
    days?.load(wanted, await storedIds(this.parts.events, this.job.feed.id, wanted));
    refinery.resume();
  }

  private async flush(refinery: Refinery): Promise<void> {
    const block = refinery.takeBlock();
    if (block === null) return;
    this.checkWrites();
    await this.foresee(refinery.takeStoredDays());
    while (this.writes.size >= inFlight) await Promise.race(this.writes);
    if (this.phase !== 'insert') await this.enter('insert');
    const write = this.parts.events.insert({ table: 'ev', values: [block], format: 'Native' })
      .catch((error: unknown) => { this.writeFailure ??= { error }; })
      .finally(() => { this.writes.delete(write); });
    this.writes.add(write);
  }

  /** Marks days stale before their rows are stored: a crash in between costs a rebuild, never a wrong figure. */
  private async foresee(days: readonly number[]): Promise<void> {
    const fresh = days.filter((day) => !this.days.has(day));
    if (fresh.length === 0) return;
    await this.shared.settler.foresee(this.job.feed.scope, this.batch, fresh);
    for (const day of fresh) this.days.add(day);
  }

  private checkWrites(): void {
    if (this.writeFailure !== null) throw this.writeFailure.error;
  }

  private async record(raw: Stored): Promise<void> {
    const { db, clock } = this.parts;
    const { feed, fileName, actor } = this.job;
    const refinery = this.refinery as Refinery;
    const { counts, reasons, quarantine } = refinery;
    const drift = refinery.reading.drift();
    const at = clock.iso();
    await db.transaction(async (tx) => {
      await closeBatch(tx, this.batch, {
        state: 'done', phase: 'fact', counts, raw, drift, reasons, failure: null, at,
        tookMs: clock.elapsed() - this.began, quarantine,
      });
      const seen = refinery.reading.seen();
      if (seen.length > 0 && counts.stored + counts.duplicate > 0) await rememberFields(tx, feed.id, seen);
      await stateFact(tx, {
        class: 'batch.stored', at, actor, org: feed.scope, subject: this.batch,
        readers: feed.sourceOrg === null ? [] : [feed.sourceOrg], clauses: this.clauses,
        body: { batch: this.batch, feed: feed.name, file: fileName, sha256: raw.sha256, ...counts, drift: drift !== null },
      });
    });
  }

  private async fail(error: unknown): Promise<void> {
    // What memory says of this feed may be ahead of the store now.
    await Promise.all(this.writes);
    this.shared.memory.delete(this.job.feed.id);
    // A file that the hub refuses is not taken, and no half of it either. One that broke off is completed by sending it again, so
    // that what is stored of it stays; if we crash here, a refused one is as one that broke off.
    if (error instanceof Refusal) await removeBatch(this.parts.events, this.batch, [...this.days]).catch(() => undefined);
    const { stored, attributed } = await storedOfBatch(this.parts.events, this.batch)
      .catch(() => ({ stored: 0, attributed: 0 }));
    await closeBatch(this.parts.db, this.batch, {
      state: 'failed', phase: this.phase, raw: null, drift: null, reasons: {}, quarantine: [], tookMs: null,
      counts: { read: stored, stored, duplicate: 0, quarantined: 0, attributed }, at: this.parts.clock.iso(),
      failure: error instanceof Error ? error.message.slice(0, 500) : 'unknown',
    }).catch(() => undefined);
    // What it stored counts. Where even this fails, the days stay marked and are computed in a later round.
    await this.shared.settler.settleDays(this.job.feed.scope, this.batch, [...this.days]).catch(() => undefined);
  }
}
