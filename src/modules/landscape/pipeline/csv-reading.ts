/**
 * Records of comma-separated files: the header binds columns to meanings once a file, whatever their order; a record that does not
 * fit its header, or a file whose report type nobody states, is set aside line by line.
 */
import { CsvReader } from '#kit/csv/csv';
import { excerptOf } from '#kit/lines/lines';
import { ColumnIdentity, identityHead } from '#kit/rows/identity';
import { candidateTypes } from '#kit/shadowserver/types';
import type { Drift } from '../model.ts';
import type { Draft, Unfit } from '../shapes/draft.ts';
import { ShadowserverShape } from '../shapes/shadowserver.ts';
import { statedType, type Reading, type ReadingOptions, type RowSink, type Sent } from './reading.ts';

/** What fills a draft from a record's fields. */
export interface RecordShape {
  readonly names: readonly string[];
  fill(draft: Draft, fields: readonly string[]): Unfit | null;
}

/** A CSV record. A class, not closures: there is one a row. */
export class SentRecord implements Sent {
  readonly line: number;
  readonly offset: number;
  private readonly fields: readonly string[];
  private readonly made: ColumnIdentity;
  private readonly shape: RecordShape;
  constructor(line: number, offset: number, fields: readonly string[], made: ColumnIdentity, shape: RecordShape) {
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
  names(): Iterable<string> {
    return this.shape.names;
  }
}

/** Whether these can be columns: at least one has a name, and none the name of another. */
export function soundHeader(names: readonly string[]): boolean {
  return names.some((name) => name !== '') && new Set(names).size === names.length;
}

export class CsvReading implements Reading {
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
    if (!soundHeader(names)) {
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
