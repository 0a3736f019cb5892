/**
 * What a reader of a feed's files gives out, and which report type a file has. The readers themselves are `csv-reading.ts`,
 * `json-reading.ts` and `mapped-reading.ts`; `open-reading.ts` tells which fits. Nothing here stores; the refinery decides what becomes of a row.
 */
import type { Reader, Trouble } from '#kit/lines/lines';
import { knownType, typeOfFileName, type ReportTypes } from '#kit/shadowserver/types';
import type { Drift, FeedShape } from '../model.ts';
import type { Draft, Unfit } from '../shapes/draft.ts';
import type { Mapping } from '../model/mapping.ts';

/** A row as read: it can be filled into a draft more than once, so that it can wait for its day to be loaded. */
export interface Sent {
  readonly line: number;
  readonly offset: number;
  /** Writes the row's identity into 16 bytes. */
  identity(out: Uint8Array): void;
  fill(draft: Draft): Unfit | null;
  excerpt(): string;
  /** Columns or paths that the row has: for people who map them. */
  names(): Iterable<string>;
}

export interface RowSink {
  row(sent: Sent): void;
  trouble(t: Trouble, candidates?: readonly string[]): void;
}

export interface Reading extends Reader {
  /** One report for the batch, where its columns or keys are not the published ones; null where they are. */
  drift(): Drift | null;
  /** Keys or columns seen, for the feed's memory. */
  seen(): readonly string[];
}

export interface ReadingOptions {
  readonly feed: string;
  readonly shape: FeedShape;
  /** From the command or the upload, as people typed it. */
  readonly typeGiven: string | null;
  readonly typeOfFeed: string | null;
  readonly fileName: string;
  readonly types: ReportTypes;
  /** Keys that earlier batches of the feed sent; empty for the first. */
  readonly learned: readonly string[];
  /** What its columns mean, where the shape is `mapped`. */
  readonly mapping?: Mapping | null;
}

/** The report type of a batch where it can be known before its first row: for the record; null where rows tell. */
export function statedType(options: Omit<ReadingOptions, 'learned' | 'mapping'>): string | null {
  const { shape, typeGiven, typeOfFeed, types, fileName } = options;
  if (shape !== 'shadowserver') return typeGiven ?? typeOfFeed;
  if (typeGiven !== null) return knownType(types, typeGiven);
  return typeOfFileName(types, fileName) ?? (typeOfFeed === null ? null : knownType(types, typeOfFeed));
}
