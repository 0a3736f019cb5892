/**
 * From a feed's shape to a reader that gives out rows: which report type a file has, which reader fits, how a row's
 * identity is made and its draft filled. Nothing here stores; the refinery decides what becomes of a row.
 */
import { CsvReader } from '#kit/csv/csv';
import { ElementReader } from '#kit/lines/elements';
import { excerptOf, LineReader, type Reader, type Trouble } from '#kit/lines/lines';
import { ColumnIdentity, identityHead, ObjectIdentity, parseRow } from '#kit/rows/identity';
import { candidateTypes, knownType, typeOfFileName, type ReportTypes } from '#kit/shadowserver/types';
import type { Drift, FeedShape } from '../model.ts';
import { ctipCore, ctipKeys, ctipType, fillCtip } from '../shapes/ctip.ts';
import type { Draft, Unfit } from '../shapes/draft.ts';
import { fillNdjson, ndjsonCore, ndjsonKnown } from '../shapes/ndjson.ts';
import { ShadowserverShape } from '../shapes/shadowserver.ts';

/** A row as read: it can be filled into a draft more than once, so that it can wait for its day to be loaded. */
export interface Sent {
  readonly line: number;
  readonly offset: number;
  /** Writes the row's identity into 16 bytes. */
  identity(out: Uint8Array): void;
  fill(draft: Draft): Unfit | null;
  excerpt(): string;
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
}

export function openReading(options: ReadingOptions, sink: RowSink): Reading {
  return options.shape === 'shadowserver' ? new CsvReading(options, sink) : new JsonReading(options, sink);
}

/** The report type of a batch where it can be known before its first row: for the record; null where rows tell. */
export function statedType(options: Omit<ReadingOptions, 'learned'>): string | null {
  const { shape, typeGiven, typeOfFeed, types, fileName } = options;
  if (shape !== 'shadowserver') return typeGiven ?? typeOfFeed;
  if (typeGiven !== null) return knownType(types, typeGiven);
  return typeOfFileName(types, fileName) ?? (typeOfFeed === null ? null : knownType(types, typeOfFeed));
}

/** A CSV record. A class, not closures: there is one a row. */
class SentRecord implements Sent {
  readonly line: number;
  readonly offset: number;
  private readonly fields: readonly string[];
  private readonly made: ColumnIdentity;
  private readonly shape: ShadowserverShape;
  constructor(line: number, offset: number, fields: readonly string[], made: ColumnIdentity, shape: ShadowserverShape) {
    this.line = line;
    this.offset = offset;
    this.fields = fields;
    this.made = made;
    this.shape = shape;
  }
  identity(out: Uint8Array): void {
    this.made.of(this.fields, out);
  }
  fill(draft: Draft): Unfit | null {
    return this.shape.fill(draft, this.fields);
  }
  excerpt(): string {
    return excerptOf(this.fields.join(','));
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** A JSON object. */
class SentObject implements Sent {
  readonly line: number;
  readonly offset: number;
  private readonly fields: Fields;
  private readonly made: ObjectIdentity;
  private readonly how: (draft: Draft, row: Fields, type: string) => Unfit | null;
  private readonly type: string;
  constructor(
    line: number, offset: number, fields: Fields, made: ObjectIdentity,
    how: (draft: Draft, row: Fields, type: string) => Unfit | null, type: string,
  ) {
    this.line = line;
    this.offset = offset;
    this.fields = fields;
    this.made = made;
    this.how = how;
    this.type = type;
  }
  identity(out: Uint8Array): void {
    this.made.of(this.fields, out);
  }
  fill(draft: Draft): Unfit | null {
    return this.how(draft, this.fields, this.type);
  }
  excerpt(): string {
    return excerptOf(JSON.stringify(this.fields));
  }
}

class CsvReading implements Reading {
  private readonly options: ReadingOptions;
  private readonly sink: RowSink;
  private readonly csv: CsvReader;
  private header: readonly string[] | null = null;
  private identity: ColumnIdentity | null = null;
  private shape: ShadowserverShape | null = null;
  private candidates: readonly string[] = [];
  private headless = false;

  constructor(options: ReadingOptions, sink: RowSink) {
    this.options = options;
    this.sink = sink;
    this.csv = new CsvReader({
      record: (fields, line, offset) => this.record(fields, line, offset),
      trouble: (t) => sink.trouble(t, this.candidates),
    });
  }

  push(chunk: Uint8Array): void {
    this.csv.push(chunk);
  }

  end(): void {
    this.csv.end();
  }

  private record(fields: string[], line: number, offset: number): void {
    if (this.header === null) return this.begin(fields, line, offset);
    const { header, shape, identity, sink } = this;
    if (fields.length !== header.length || shape === null || identity === null) {
      return this.unfit(fields, line, offset);
    }
    sink.row(new SentRecord(line, offset, fields, identity, shape));
  }

  private begin(fields: string[], line: number, offset: number): void {
    const names = fields.map((name) => name.trim().toLowerCase());
    this.header = names;
    if (names.every((name) => name === '') || new Set(names).size !== names.length) {
      this.headless = true;
      const detail = 'the first line names no columns, or one of them twice';
      this.sink.trouble({ line, offset, reason: 'csv.header', detail, excerpt: excerptOf(fields.join(',')), rows: 0 });
      return;
    }
    const { types, feed } = this.options;
    const type = statedType(this.options);
    const report = type === null ? undefined : types.get(type);
    if (type === null || report === undefined) {
      this.candidates = candidateTypes(types, names);
      return;
    }
    this.shape = new ShadowserverShape(type, report, names);
    this.identity = new ColumnIdentity(identityHead(feed, type), names);
  }

  private unfit(fields: readonly string[], line: number, offset: number): void {
    const { header, shape, sink } = this;
    const excerpt = excerptOf(fields.join(','));
    if (header !== null && shape !== null) {
      const detail = `${fields.length} fields where the header has ${header.length}`;
      return sink.trouble({ line, offset, reason: 'csv.field-count', detail, excerpt, rows: 1 });
    }
    if (this.headless) {
      return sink.trouble({ line, offset, reason: 'csv.header', detail: 'the file has no sound header', excerpt, rows: 1 });
    }
    const given = this.options.typeGiven;
    const detail = given === null
      ? 'neither the command, the file name nor the feed states a report type'
      : `there is no report type ${given}`;
    sink.trouble({ line, offset, reason: 'type.unknown', detail, excerpt, rows: 1 }, this.candidates);
  }

  drift(): Drift | null {
    const report = this.shape === null ? undefined : this.options.types.get(this.shape.reportType);
    if (report === undefined || this.header === null || this.shape === null) return null;
    const seen = new Set(this.header);
    const published = new Set(report.fields);
    const missing = report.fields.filter((field) => !seen.has(field));
    const added = this.header.filter((name) => !published.has(name));
    return missing.length + added.length === 0 ? null : { reportType: this.shape.reportType, missing, added };
  }

  seen(): readonly string[] {
    return this.header ?? [];
  }
}

class JsonReading implements Reading {
  private readonly options: ReadingOptions;
  private readonly sink: RowSink;
  private reader: Reader | null = null;
  private held: Buffer = Buffer.alloc(0);
  private readonly identities = new Map<string, ObjectIdentity>();
  private readonly keys = new Set<string>();
  private readonly fixedType: string | null;
  private firstType = '';

  constructor(options: ReadingOptions, sink: RowSink) {
    this.options = options;
    this.sink = sink;
    this.fixedType = statedType(options);
  }

  push(chunk: Uint8Array): void {
    if (this.reader !== null) return this.reader.push(chunk);
    this.held = Buffer.concat([this.held, chunk]);
    const first = firstSign(this.held);
    if (first === null && this.held.length < 65_536) return;
    this.reader = first === 91
      ? new ElementReader({ element: (text, line, offset) => this.text(text, line, offset), trouble: (t) => this.sink.trouble(t) })
      : new LineReader({ line: (text, line, offset) => this.text(text, line, offset), trouble: (t) => this.sink.trouble(t) });
    this.reader.push(this.held);
    this.held = Buffer.alloc(0);
  }

  end(): void {
    if (this.reader === null && this.held.length > 0) {
      const blank = firstSign(this.held) === null;
      if (blank) return;
      this.push(new Uint8Array(0));
    }
    this.reader?.end();
  }

  private text(text: string, line: number, offset: number): void {
    if (text.trim() === '') return;
    let row: unknown;
    try {
      row = parseRow(text);
    } catch (error) {
      const detail = error instanceof Error ? excerptOf(error.message) : 'no JSON';
      return this.sink.trouble({ line, offset, reason: 'json.invalid', detail, excerpt: excerptOf(text), rows: 1 });
    }
    if (row === null || typeof row !== 'object' || Array.isArray(row)) {
      const detail = 'the row is no object';
      return this.sink.trouble({ line, offset, reason: 'json.no-object', detail, excerpt: excerptOf(text), rows: 1 });
    }
    const fields = row as Readonly<Record<string, unknown>>;
    const type = this.typeOf(fields);
    const fill = this.options.shape === 'ctip' ? fillCtip : fillNdjson;
    this.sink.row(new SentObject(line, offset, fields, this.identityOf(type), fill, type));
  }

  private typeOf(row: Readonly<Record<string, unknown>>): string {
    const type = this.fixedType ?? (this.options.shape === 'ctip' ? ctipType(row) : 'events');
    if (this.firstType === '') this.firstType = type;
    return type;
  }

  private identityOf(type: string): ObjectIdentity {
    const known = this.identities.get(type);
    if (known !== undefined) return known;
    const fresh = new ObjectIdentity(identityHead(this.options.feed, type), (keys) => this.notice(keys));
    this.identities.set(type, fresh);
    return fresh;
  }

  /** Remembers keys; at most 500 are kept. */
  private notice(keys: readonly string[]): void {
    if (this.keys.size > 500) return;
    for (const key of keys) if (key.length <= 100) this.keys.add(key);
  }

  drift(): Drift | null {
    if (this.keys.size === 0) return null;
    const { shape, learned } = this.options;
    const known = shape === 'ctip' ? ctipKeys : ndjsonKnown;
    const expected = learned.length > 0 ? learned : shape === 'ctip' ? ctipCore(this.keys) : ndjsonCore;
    const before = new Set(learned);
    const missing = expected.filter((key) => !this.keys.has(key));
    const added = [...this.keys].filter((key) => !before.has(key) && (learned.length > 0 || !known.has(key)));
    if (shape === 'ndjson' && learned.length === 0) return missing.length === 0 ? null : this.report(missing, []);
    return missing.length + added.length === 0 ? null : this.report(missing, added);
  }

  private report(missing: string[], added: string[]): Drift {
    return { reportType: this.firstType, missing, added: added.sort() };
  }

  seen(): readonly string[] {
    return [...this.keys];
  }
}

/** The first byte that is neither blank nor part of a byte order mark; null where none came yet. */
function firstSign(bytes: Buffer): number | null {
  const from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let i = from; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte !== 32 && byte !== 9 && byte !== 10 && byte !== 13) return byte;
  }
  return null;
}
