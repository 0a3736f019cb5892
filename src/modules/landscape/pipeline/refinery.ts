/**
 * The part of an ingest that only computes: bytes in, blocks of new events out, everything counted. It never waits:
 * rows of a day whose identities are not in memory are kept aside until the caller has loaded that day. At any moment
 * read = stored + duplicate + quarantined + waiting.
 */
import { check } from '#kit/refusal';
import type { Trouble } from '#kit/lines/lines';
import type { Counts, Quarantined } from '../model.ts';
import { Draft, type Unfit } from '../shapes/draft.ts';
import type { DaySets } from './idsets.ts';
import type { Placer } from './place.ts';
import { openReading } from './open-reading.ts';
import type { Reading, ReadingOptions, RowSink, Sent } from './reading.ts';
import { BlockWriter } from './writer.ts';

/** Excerpts kept for each reason; all are counted, and the raw file has them all. */
const excerptsPerReason = 1000;
const secondsPerDay = 86_400;
/** 1990-01-01: nothing we take happened before. */
const earliest = 631_152_000;

export interface RefineryOptions extends ReadingOptions {
  readonly scope: string;
  readonly batch: string;
  readonly tlpDefault: string;
  /** Seconds since the epoch. */
  readonly received: number;
  /** Rows before it are not kept, and not taken in; 0 for none. Seconds since the epoch. */
  readonly keptFrom?: number;
  /** Why a row that is sound may still not come in with this file; null where it may. */
  readonly refuses?: ((draft: Draft) => Unfit | null) | undefined;
}

export class Refinery implements RowSink {
  readonly reading: Reading;
  private readonly draft = new Draft();
  private readonly writer: BlockWriter;
  private readonly days: DaySets;
  private readonly placer: Placer;
  private readonly options: RefineryOptions;
  private readonly latest: number;
  private waiting: Sent[] = [];
  private readonly id = new Uint8Array(16);
  private readonly idView = new DataView(this.id.buffer);
  private readonly missing = new Set<number>();
  readonly counts: Counts = { read: 0, stored: 0, duplicate: 0, quarantined: 0, attributed: 0 };
  readonly reasons: Record<string, number> = {};
  readonly quarantine: Omit<Quarantined, 'id'>[] = [];
  /** Days of rows stored since they were last taken. */
  private readonly storedDays = new Set<number>();
  private lastDay = -1;

  constructor(options: RefineryOptions, days: DaySets, placer: Placer) {
    const { scope, feed, batch, received } = options;
    this.options = options;
    this.writer = new BlockWriter({ scope, feed, batch, received });
    this.days = days;
    this.placer = placer;
    this.latest = received + secondsPerDay;
    this.reading = openReading(options, this);
  }

  /** Rows ready to be taken as a block. */
  get ready(): number {
    return this.writer.rows;
  }

  trouble(t: Trouble, candidates: readonly string[] = []): void {
    this.counts.read += t.rows;
    this.counts.quarantined += t.rows;
    this.setAside(t.line, t.offset, { reason: t.reason, detail: t.detail }, t.excerpt, candidates);
  }

  row(sent: Sent): void {
    this.counts.read += 1;
    let unfit: Unfit | null;
    try {
      sent.identity(this.id);
      unfit = sent.fill(this.draft) ?? this.untimely() ?? this.options.refuses?.(this.draft) ?? null;
    } catch (error) {
      // Nesting is bounded; anything else that a row makes us throw is a defect of ours and must not hide.
      if (!(error instanceof RangeError)) throw error;
      return this.refuse(sent, { reason: 'json.too-deep', detail: error.message });
    }
    if (unfit !== null) return this.refuse(sent, unfit);
    const day = Math.floor(this.draft.time / secondsPerDay);
    const known = this.days.of(day);
    if (known === null) {
      this.missing.add(day);
      this.waiting.push(sent);
      return;
    }
    if (!known.add(this.idView, 0)) {
      this.counts.duplicate += 1;
      return;
    }
    this.store(day);
  }

  private untimely(): Unfit | null {
    const { time } = this.draft;
    if (time < (this.options.keptFrom ?? 0)) return { reason: 'time.past-retention', detail: 'rows of that time are not kept any more' };
    if (time >= earliest && time <= this.latest) return null;
    return { reason: 'time.out-of-range', detail: 'the time is before 1990 or more than a day after receipt' };
  }

  private store(day: number): void {
    const { draft, placer, id } = this;
    placer.place(draft);
    this.writer.add(id, draft, draft.tlp === '' ? this.options.tlpDefault : draft.tlp, placer.placed);
    this.counts.stored += 1;
    if (placer.placed.owner !== '') this.counts.attributed += 1;
    // Neighbours mostly share their day.
    if (day !== this.lastDay) this.storedDays.add(day);
    this.lastDay = day;
  }

  private refuse(sent: Sent, unfit: Unfit): void {
    this.counts.quarantined += 1;
    this.setAside(sent.line, sent.offset, unfit, sent.excerpt(), []);
  }

  private setAside(line: number, offset: number, why: Unfit, excerpt: string, candidates: readonly string[]): void {
    const seen = (this.reasons[why.reason] ?? 0) + 1;
    this.reasons[why.reason] = seen;
    if (seen > excerptsPerReason) return;
    this.quarantine.push({ line, offset, reason: why.reason, detail: why.detail, excerpt, candidates: [...candidates] });
  }

  /** Days that must be loaded before `resume`. */
  daysWanted(): number[] {
    return [...this.missing];
  }

  /** Takes the rows that waited, once their days are there. */
  resume(): void {
    const rows = this.waiting;
    this.waiting = [];
    this.missing.clear();
    for (const sent of rows) {
      this.counts.read -= 1;
      this.row(sent);
    }
  }

  takeBlock(): Uint8Array | null {
    return this.writer.take();
  }

  /** Days of rows stored since the last call. */
  takeStoredDays(): number[] {
    const days = [...this.storedDays];
    this.storedDays.clear();
    this.lastDay = -1;
    return days;
  }

  end(): void {
    this.reading.end();
  }

  /** At the end: nothing waits, and every row read has gone one way. */
  settle(): void {
    check(this.waiting.length === 0, 'no row waits at the end of a batch');
    const { read, stored, duplicate, quarantined } = this.counts;
    check(read === stored + duplicate + quarantined, 'read = stored + duplicate + quarantined');
  }
}
