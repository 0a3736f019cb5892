/**
 * Runs sources: what is due, and what somebody asks for. A run takes its source by a lease, asks for the feed's clause, looks for
 * files, and gives each to the pipeline; the clause is asked for again before each file and while it comes. What is to be remembered
 * is written once the file is in, so that a crash in between takes it again and changes nothing. Runs go on beside the hub's other
 * chores, and a few at once.
 */
import { waitAfter } from '#kit/asking';
import { leasedRuns, type LeasedRuns } from '#kit/leased';
import { Refusal } from '#kit/refusal';
import { isZip, membersOf, ZipError } from '#kit/lines/unzip';
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import type { Outbound } from '#world/http/port';
import type { Ids } from '#world/ids';
import type { Inbox } from '#world/inbox/port';
import type { Mailboxes } from '#world/mailboxes/port';
import type { Objects } from '#world/objects/port';
import type { Random } from '#world/random';
import { SealBroken, type Secrets } from '#world/secrets/port';
import type { Trace } from '#world/trace';
import { feedMandate } from '../mandate.ts';
import type { Pipeline } from '../pipeline/ingest.ts';
import { feedById, type FeedRecord } from '../store.ts';
import { filesOf } from './clients/index.ts';
import { SourceError, type FileStep, type Looking, type Remembered } from './clients/step.ts';
import type { RunError, SecretName } from './model.ts';
import {
  closeRun, dueSources, endRun, forgetSeen, holdLonger, resealSource, saveProgress, seenOf, takeSource, type KeptSecrets, type Progress, type SourceRecord,
} from './store.ts';

export interface CollectorParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
  readonly trace: Trace;
  readonly outbound: Outbound;
  readonly inbox: Inbox | null;
  readonly mailboxes: Mailboxes;
  readonly objects: Objects;
  readonly secrets: Secrets;
  readonly pipeline: Pipeline;
  /** Largest file; 0 sets no limit. */
  readonly bytesMax: number;
}

export interface Collector extends LeasedRuns {
  /** Begins a run that a person asks for; its id, or null where one is running already. */
  begin(source: string, person: string): Promise<string | null>;
}

/** Runs of one hub at once; files of one run, after which the rest waits for the next. */
const atOnce = 4;
const filesMax = 500;
const leaseMs = 120_000;
/** A clause is asked for again, and the lease held for longer, while a file comes. */
const lookEveryMs = 2_000;
/** A zip is held whole. */
const zipBytes = 256 * 1_048_576;
/** What no listing has named for so long is forgotten. */
const seenDays = 60;
const hour = 3_600_000;

export const purposeOf = (source: string, name: SecretName): string => `feed-source ${source} ${name}`;

export function collectorOver(parts: CollectorParts): Collector {
  const { db, clock, ids } = parts;
  const leaseEnd = (): string => new Date(clock.now() + leaseMs).toISOString();
  const runs = leasedRuns({
    async take(source, person) {
      const run = ids.next('run');
      const record = await db.transaction((tx) => takeSource(tx, { source, run, now: clock.iso(), until: leaseEnd(), person, due: person === null }));
      return record && { run, work: (signal) => new SourceRun(parts, record, run, person, signal).whole() };
    },
    hold: (source, run) => holdLonger(db, source, run, leaseEnd()),
    due: (most) => dueSources(db, clock.iso(), most),
    fault: (error, source) => parts.trace.error('feed-source.fault', error, { source }),
  }, atOnce);
  return { ...runs, begin: (source, person) => asHub('a source that a person asks for', () => runs.begin(source, person)) };
}

/** The run's source is another's now, or changed, or ended. */
class LetGo extends Error {
  override readonly name = 'LetGo';
}

class SourceRun {
  private readonly parts: CollectorParts;
  private readonly source: SourceRecord;
  private readonly run: string;
  private readonly person: string | null;
  private readonly signal: AbortSignal;
  private readonly began: number;
  private looked = 0;
  private progress: Progress = { files: 0, bytes: 0, stored: 0, passedOver: 0, batches: [] };
  private lastNo: RunError | null = null;

  constructor(parts: CollectorParts, source: SourceRecord, run: string, person: string | null, signal: AbortSignal) {
    this.parts = parts;
    this.source = source;
    this.run = run;
    this.person = person;
    this.signal = signal;
    this.began = parts.clock.now();
  }

  async whole(): Promise<void> {
    const { db } = this.parts;
    const feed = await feedById(db, this.source.scope, this.source.feed);
    if (feed === null) return;
    try {
      await feedMandate(this.parts, feed);
      const more = await this.files(feed);
      await this.end(feed, null, more);
    } catch (error) {
      if (error instanceof LetGo) return closeRun(db, this.run, this.parts.clock.iso(), this.progress);
      if (!isNo(error)) this.parts.trace.error('feed-source.fault', error, { source: this.source.id });
      await this.end(feed, error, false);
    }
  }

  /** Takes what there is; true where more waits. */
  private async files(feed: FeedRecord): Promise<boolean> {
    const { db, clock } = this.parts;
    const steps = filesOf(this.source.settings, this.looking(feed));
    let files = 0;
    for await (const step of steps) {
      if (this.signal.aborted) throw new SourceError('feed-source.stopped', 'The run was stopped.', null);
      if (step.kind === 'note') {
        await this.remember(step.remember);
        continue;
      }
      if (files >= filesMax) return true;
      files++;
      await this.take(feed, step);
    }
    await this.reseal();
    await forgetSeen(db, this.source.id, new Date(clock.now() - seenDays * 24 * hour).toISOString());
    return false;
  }

  private looking(feed: FeedRecord): Looking {
    const { db, clock, outbound, inbox, mailboxes, objects, bytesMax } = this.parts;
    return {
      outbound, inbox, mailboxes, objects, org: feed.scope, now: this.began, windowMs: (feed.windowHours ?? 24) * hour, cursor: this.source.cursor,
      seen: (keys) => seenOf(db, this.source.id, keys, clock.iso()), secret: (name) => this.secret(name),
      bytesMax: bytesMax === 0 ? Number.MAX_SAFE_INTEGER : bytesMax, signal: this.signal,
    };
  }

  private secret(name: SecretName): string {
    const { secrets } = this.parts;
    const kept = this.source.secrets[name];
    if (!kept) throw new SourceError('feed-source.no-secret', 'A secret that this source needs is not set.', null);
    try {
      return secrets.open(purposeOf(this.source.id, name), kept.sealed);
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      throw new SourceError('feed-source.sealed', 'A secret of this source does not open with this hub’s keys; set it anew.', null, { cause: error });
    }
  }

  /** With the key that seals now, since an older one may be taken away one day. */
  private async reseal(): Promise<void> {
    const { secrets, db } = this.parts;
    if (Object.values(this.source.secrets).every(({ sealed: kept }) => secrets.isCurrent(kept))) return;
    const sealed = Object.fromEntries(Object.entries(this.source.secrets).map(([name, { sealed: old, lastFour }]) => {
      const purpose = purposeOf(this.source.id, name as SecretName);
      return [name, { sealed: secrets.seal(purpose, secrets.open(purpose, old)), lastFour }];
    })) as KeptSecrets;
    await resealSource(db, this.source.id, sealed);
  }

  private async take(feed: FeedRecord, step: FileStep): Promise<void> {
    try {
      const { files, bytes, stored, batches } = await this.ingest(feed, step);
      this.progress = {
        ...this.progress, files: this.progress.files + files, bytes: this.progress.bytes + bytes, stored: this.progress.stored + stored,
        batches: [...this.progress.batches, ...batches],
      };
      await this.remember(step.remember);
      await step.after?.(true);
    } catch (error) {
      if (!isLasting(error)) throw error;
      // This file will never do; the next one may.
      this.lastNo = errorOf(error, step.at);
      this.progress = { ...this.progress, passedOver: this.progress.passedOver + 1 };
      await this.remember(step.remember);
      await step.after?.(false);
    }
  }

  private async ingest(feed: FeedRecord, step: FileStep): Promise<Progress> {
    const { pipeline } = this.parts;
    await feedMandate(this.parts, feed, { again: true });
    const found: { -readonly [K in keyof Progress]: Progress[K] } = { files: 0, bytes: 0, stored: 0, passedOver: 0, batches: [] };
    for await (const file of unzipped(step.name, await step.open(), step.at)) {
      const batch = await pipeline.ingest({
        feed, source: this.watched(feed, file.bytes, step.at), fileName: file.name, typeGiven: null, actor: this.person ?? 'system', settleLater: true,
      });
      found.files++;
      found.bytes += batch.rawBytes;
      found.stored += batch.counts.stored;
      found.batches = [...found.batches, batch.id];
    }
    return found;
  }

  /** The bytes, as long as the run may go on. */
  private async* watched(feed: FeedRecord, bytes: AsyncIterable<Uint8Array>, at: string): AsyncGenerator<Uint8Array> {
    const { bytesMax, clock, db } = this.parts;
    let size = 0;
    for await (const piece of bytes) {
      if (this.signal.aborted) throw new SourceError('feed-source.stopped', 'The run was stopped.', at);
      size += piece.length;
      if (bytesMax > 0 && size > bytesMax) throw new Refusal('too-large', 'feed-source.too-large', `The file is larger than ${bytesMax} bytes. (${at})`,
        { at });
      if (clock.now() - this.looked >= lookEveryMs) {
        this.looked = clock.now();
        await feedMandate(this.parts, feed, { again: true });
        if (!await holdLonger(db, this.source.id, this.run, this.until())) throw new LetGo('the source is held by another run');
      }
      yield piece;
    }
  }

  private until(): string {
    return new Date(this.parts.clock.now() + leaseMs).toISOString();
  }

  private async remember(remember: Remembered): Promise<void> {
    const { db, clock } = this.parts;
    const at = { source: this.source.id, run: this.run, now: clock.iso(), until: this.until() };
    if (!await db.transaction((tx) => saveProgress(tx, at, remember, this.progress))) throw new LetGo('the source is held by another run');
  }

  private async end(feed: FeedRecord, error: unknown, more: boolean): Promise<void> {
    const { db, clock, random } = this.parts;
    const { id: source, everyMinutes, failingSince, failures } = this.source;
    const no = error === null ? null : errorOf(error, null);
    const state = no === null ? 'done' : no.clause !== null || isMandate(error) ? 'refused' : 'failed';
    const roll = (random.bytes(1)[0] ?? 0) / 255;
    const period = everyMinutes * 60_000;
    const wait = no !== null ? waitAfter(failures + 1, everyMinutes, roll) : more ? 60_000 : Math.max(this.began + period - clock.now(), 60_000);
    await db.transaction(async (tx) => {
      const held = await endRun(tx, {
        source, run: this.run, now: clock.iso(), state, error: no ?? this.lastNo, progress: this.progress, nextAt: new Date(clock.now() + wait).toISOString(),
        failingSince: no === null ? null : failingSince ?? clock.iso(), failures: no === null ? 0 : failures + 1,
      });
      if (!held) return;
      if (no !== null && failingSince === null) await this.state(tx, feed, 'feed-source.failed', { code: no.code });
      if (no === null && failingSince !== null) await this.state(tx, feed, 'feed-source.came-again', { since: failingSince });
    });
  }

  private async state(tx: Queryable, feed: FeedRecord, what: string, body: Record<string, string>): Promise<void> {
    await stateFact(tx, {
      class: what, at: this.parts.clock.iso(), actor: this.person ?? 'system', org: feed.scope, subject: feed.id,
      readers: feed.sourceOrg === null ? [] : [feed.sourceOrg], clauses: [],
      body: { feed: feed.name, source: this.source.id, kind: this.source.settings.kind, ...body },
    });
  }
}

/** A file as it is, or the files of the zip that it is. */
async function* unzipped(name: string, bytes: AsyncIterable<Uint8Array>, at: string): AsyncGenerator<{ name: string; bytes: AsyncIterable<Uint8Array> }> {
  const rest = bytes[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let size = 0;
  let step = await rest.next();
  for (; !step.done; step = await rest.next()) {
    head.push(step.value);
    size += step.value.length;
    if (size >= 4 && !isZip(Buffer.concat(head).subarray(0, 4))) break;
    if (size > zipBytes) throw new Refusal('too-large', 'feed-source.zip', `The zip is larger than ${zipBytes} bytes. (${at})`, { at });
  }
  const whole = Buffer.concat(head);
  if (!isZip(whole)) return yield { name, bytes: rejoined(whole, rest, step.done === true) };
  try {
    for (const member of membersOf(whole)) yield { name: member.name.split('/').at(-1) ?? name, bytes: member.bytes() };
  } catch (error) {
    throw error instanceof ZipError ? new Refusal('invalid', 'feed-source.zip', `${error.message} (${at})`, { at }) : error;
  }
}

async function* rejoined(head: Uint8Array, rest: AsyncIterator<Uint8Array>, ended: boolean): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  if (ended) return;
  try {
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/** Of this file alone, and for good. */
const isLasting = (error: unknown): boolean => (error instanceof SourceError && error.lasting)
  || error instanceof ZipError || (error instanceof Refusal && (error.kind === 'too-large' || error.kind === 'invalid'));

const isMandate = (error: unknown): boolean => error instanceof Refusal && error.kind === 'forbidden';
const isNo = (error: unknown): boolean => error instanceof SourceError || error instanceof Refusal || error instanceof ZipError;

/** What a run says of its end. A fault of ours is not told in its own words: they may name anything. */
function errorOf(error: unknown, place: string | null): RunError {
  if (error instanceof SourceError) return { code: error.code, sentence: error.message.slice(0, 500), at: error.at ?? place, clause: null };
  if (error instanceof Refusal) {
    return { code: error.code, sentence: error.message.slice(0, 500), at: error.detail.at ?? place, clause: error.detail.clause?.clause ?? null };
  }
  if (error instanceof ZipError) return { code: 'feed-source.zip', sentence: error.message, at: place, clause: null };
  return { code: 'feed-source.fault', sentence: 'Something broke on our side; the hub’s log has it.', at: place, clause: null };
}
