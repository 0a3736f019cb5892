/**
 * Files whose columns or keys a mapping explains: separated values, objects a line, a list of objects, or one document. A format that
 * comes in both ways is told by its first sign.
 */
import { CsvReader } from '#kit/csv/csv';
import { DocumentReader, elementsOf, valuesOf } from '#kit/lines/document';
import { excerptOf, type Reader } from '#kit/lines/lines';
import { flatten } from '#kit/rows/flatten';
import { ColumnIdentity, identityHead } from '#kit/rows/identity';
import type { Drift } from '../model.ts';
import type { Draft, Unfit } from '../shapes/draft.ts';
import { Mapper } from '../shapes/mapping.ts';
import type { Mapping } from '../model/mapping.ts';
import { SentRecord, soundHeader, type RecordShape } from './csv-reading.ts';
import { firstSign, JsonReading, JsonRows, type JsonPlan } from './json-reading.ts';
import { statedType, type Reading, type ReadingOptions, type RowSink } from './reading.ts';

/** Bytes looked at to tell a list of lines from one document. */
const peek = 65_536;

export class MappedReading implements Reading {
  private readonly options: ReadingOptions;
  private readonly mapping: Mapping;
  private readonly sink: RowSink;
  private reading: Reading | null = null;
  private held: Buffer = Buffer.alloc(0);

  constructor(options: ReadingOptions, mapping: Mapping, sink: RowSink) {
    this.options = options;
    this.mapping = mapping;
    this.sink = sink;
  }

  push(chunk: Uint8Array): void {
    if (this.reading !== null) return this.reading.push(chunk);
    this.held = Buffer.concat([this.held, chunk]);
    if (this.held.length >= peek || (firstSign(this.held) !== null && this.held.includes(10))) this.begin();
  }

  end(): void {
    if (this.reading === null && firstSign(this.held) !== null) this.begin();
    this.reading?.end();
  }

  private begin(): void {
    this.reading = this.readingFor(this.held);
    this.reading.push(this.held);
    this.held = Buffer.alloc(0);
  }

  private readingFor(start: Buffer): Reading {
    const { options, mapping, sink } = this;
    const type = statedType(options) ?? options.shape;
    const first = firstSign(start);
    const json = options.shape === 'mapped' ? mapping.format.kind === 'json' : first === 91 || first === 123;
    if (!json) return new ColumnsReading(options, mapping, type, sink);
    const plan = planOf(options, mapping, type);
    const within = mapping.format.kind === 'json' ? mapping.format.rows : '';
    if (within !== '') return new DocumentReading(plan, sink, within);
    return first === 123 && !isLine(start) ? new DocumentReading(plan, sink) : new JsonReading(plan, sink);
  }

  drift(): Drift | null {
    return this.reading?.drift() ?? null;
  }

  seen(): readonly string[] {
    return this.reading?.seen() ?? [];
  }
}

/** Whether what begins with a brace is an object a line: its first line is one. */
function isLine(start: Buffer): boolean {
  const end = start.indexOf(10, start.findIndex((byte) => byte === 123));
  const line = (end < 0 ? start : start.subarray(0, end)).toString('utf8').trim();
  if (end < 0 && start.length >= peek) return true;
  return line.endsWith('}');
}

function planOf(options: ReadingOptions, mapping: Mapping, type: string): JsonPlan {
  const mapper = new Mapper(mapping);
  const { learned } = options;
  return {
    feed: options.feed,
    typeOf: () => type,
    fill(draft, row, reportType) {
      const values = flatten(row);
      return mapper.fill(draft, (name) => values.get(name), values.keys(), reportType);
    },
    // Formats have many optional keys: what a feed sent before is what it is held to.
    drift(keys) {
      if (learned.length === 0) return { missing: [], added: [] };
      const before = new Set(learned);
      return { missing: learned.filter((key) => !keys.has(key)), added: [...keys].filter((key) => !before.has(key)) };
    },
  };
}

/** One object over many lines, or several one after the other; or the list that lies within them at a path. */
class DocumentReading implements Reading {
  private readonly rows: JsonRows;
  private readonly reader: Reader;

  constructor(plan: JsonPlan, sink: RowSink, within = '') {
    this.rows = new JsonRows(plan, sink);
    this.reader = new DocumentReader({
      document: (text) => {
        const rows = within === '' ? valuesOf(text) : elementsOf(text, (path) => path.join('.') === within);
        let found = 0;
        for (const { text: one, line, offset } of rows) {
          found += 1;
          this.rows.text(one, line, offset);
        }
        if (found === 0) sink.trouble({ line: 1, offset: 0, reason: 'json.no-rows', detail: `there is no list at ${within}`,
          excerpt: excerptOf(text.slice(0, 300)), rows: 1 });
      },
      trouble: (t) => sink.trouble(t),
    });
  }

  push(chunk: Uint8Array): void {
    this.reader.push(chunk);
  }

  end(): void {
    this.reader.end();
  }

  drift(): Drift | null {
    return this.rows.drift();
  }

  seen(): readonly string[] {
    return this.rows.seen();
  }
}

/** Fills drafts from the fields of records that share a header. */
class ColumnsShape implements RecordShape {
  private readonly mapper: Mapper;
  readonly names: readonly string[];
  private readonly index: ReadonlyMap<string, number>;
  private readonly type: string;
  private fields: readonly string[] = [];
  private readonly values = (name: string): string | undefined => this.fields[this.index.get(name) ?? -1];

  constructor(mapping: Mapping, names: readonly string[], type: string) {
    this.mapper = new Mapper(mapping);
    this.names = names;
    this.index = new Map(names.map((name, i) => [name, i]));
    this.type = type;
  }

  fill(draft: Draft, fields: readonly string[]): Unfit | null {
    this.fields = fields;
    return this.mapper.fill(draft, this.values, this.names, this.type);
  }
}

class ColumnsReading implements Reading {
  private readonly options: ReadingOptions;
  private readonly mapping: Mapping;
  private readonly type: string;
  private readonly sink: RowSink;
  private readonly csv: CsvReader;
  private header: readonly string[] | null = null;
  private bound: { shape: ColumnsShape; identity: ColumnIdentity } | null = null;

  constructor(options: ReadingOptions, mapping: Mapping, type: string, sink: RowSink) {
    this.options = options;
    this.mapping = mapping;
    this.type = type;
    this.sink = sink;
    const { format } = mapping;
    this.csv = new CsvReader({
      record: (fields, line, offset) => this.record(fields, line, offset), trouble: (t) => sink.trouble(t),
    }, format.kind === 'csv' ? { delimiter: format.delimiter, comment: format.comment } : { comment: '#' });
    if (format.kind === 'csv' && format.columns !== null) this.bind(format.columns);
  }

  push(chunk: Uint8Array): void {
    this.csv.push(chunk);
  }

  end(): void {
    this.csv.end();
  }

  private bind(names: readonly string[]): void {
    this.header = names;
    this.bound = {
      shape: new ColumnsShape(this.mapping, names, this.type),
      identity: new ColumnIdentity(identityHead(this.options.feed, this.type), names),
    };
  }

  private record(fields: string[], line: number, offset: number): void {
    const { header, bound, sink } = this;
    const excerpt = (): string => excerptOf(fields.join(','));
    if (header === null) {
      const names = fields.map((name) => name.trim());
      if (soundHeader(names)) return this.bind(names);
      this.header = names;
      const detail = 'the first line names no columns, or one of them twice';
      return sink.trouble({ line, offset, reason: 'csv.header', detail, excerpt: excerpt(), rows: 0 });
    }
    if (bound === null) {
      return sink.trouble({ line, offset, reason: 'csv.header', detail: 'the file has no sound header', excerpt: excerpt(), rows: 1 });
    }
    if (fields.length !== header.length) {
      const detail = `${fields.length} fields where the header has ${header.length}`;
      return sink.trouble({ line, offset, reason: 'csv.field-count', detail, excerpt: excerpt(), rows: 1 });
    }
    sink.row(new SentRecord(line, offset, fields, bound.identity, bound.shape));
  }

  drift(): Drift | null {
    const { header, bound } = this;
    const { learned } = this.options;
    if (header === null || bound === null || learned.length === 0) return null;
    const [seen, before] = [new Set(header), new Set(learned)];
    const missing = learned.filter((name) => !seen.has(name));
    const added = header.filter((name) => !before.has(name));
    return missing.length + added.length === 0 ? null : { reportType: this.type, missing, added };
  }

  seen(): readonly string[] {
    return this.bound === null ? [] : this.header ?? [];
  }
}
