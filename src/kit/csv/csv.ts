/**
 * CSV as RFC 4180 has it, chunk by chunk: records of fields with their places. A record that breaks the rules is
 * reported at its quote, its first physical line is set aside, and reading goes on with the next line, so that one
 * unclosed quote costs one line and not the rest of the file. A quote inside an unquoted field is taken as it stands.
 */
import { excerptOf, LineReader, type LineSink, type Reader, type Trouble } from '../lines/lines.ts';

export interface CsvSink {
  /** One record; `fields` is the sink's to keep. Empty lines are no records. */
  record(fields: string[], line: number, offset: number): void;
  trouble(t: Trouble): void;
}

/** Characters that a quoted field may run over several lines before it counts as unclosed. */
const longestRecord = 256 * 1024;

/** How a file departs from RFC 4180. */
export interface CsvManner {
  /** One character between fields, neither a quote nor an end of line; a comma unless said. */
  readonly delimiter?: string;
  /** Lines that begin with it, outside of quotes, are no records; none unless said. */
  readonly comment?: string;
  readonly longestLine?: number;
}

interface Pending {
  text: string;
  line: number;
  offset: number;
  crlf: boolean;
}

export class CsvReader implements Reader, LineSink {
  private readonly sink: CsvSink;
  private readonly lines: LineReader;
  private fields: string[] = [];
  /** Lines of a record whose quote is open, and the open field's text so far. */
  private pending: Pending[] = [];
  private pendingLength = 0;
  private open = '';
  private quoteLine = 0;
  private quoteColumn = 0;
  private readonly delimiter: string;
  private readonly delimiterCode: number;
  /** Between two quoted fields. */
  private readonly between: string;
  private readonly comment: string;

  constructor(sink: CsvSink, manner: CsvManner = {}) {
    this.sink = sink;
    this.delimiter = manner.delimiter ?? ',';
    this.delimiterCode = this.delimiter.charCodeAt(0);
    this.between = `"${this.delimiter}"`;
    this.comment = manner.comment ?? '';
    this.lines = new LineReader(this, manner.longestLine);
  }

  push(chunk: Uint8Array): void {
    this.lines.push(chunk);
  }

  end(): void {
    this.lines.end();
    while (this.pending.length > 0) this.giveUp('csv.unclosed-quote', 'the quote opened here is never closed');
  }

  trouble(t: Trouble): void {
    // A line that is no text breaks any open quote: the record cannot be whole.
    while (this.pending.length > 0) this.giveUp('csv.unclosed-quote', 'the quoted field runs into a line that is no text');
    this.sink.trouble(t);
  }

  line(text: string, line: number, offset: number, crlf: boolean): void {
    if (this.pending.length > 0) return this.more({ text, line, offset, crlf });
    if (text.length === 0) return;
    if (this.comment !== '' && text.startsWith(this.comment)) return;
    if (!text.includes('"')) return this.sink.record(text.split(this.delimiter), line, offset);
    const plain = this.allQuoted(text);
    if (plain !== null) return this.sink.record(plain, line, offset);
    this.fields = [];
    this.scan({ text, line, offset, crlf }, 0);
  }

  /** The fields of a line that quotes every one and holds no other quote, as reports mostly are; null for any other. */
  private allQuoted(text: string): string[] | null {
    const end = text.length - 1;
    if (end < 1 || text.charCodeAt(0) !== 34 || text.charCodeAt(end) !== 34) return null;
    const fields = text.slice(1, end).split(this.between);
    for (const field of fields) if (field.includes('"')) return null;
    return fields;
  }

  /** Reads fields of a line from a field's start; leaves the record open when a quote is. */
  private scan(at: Pending, from: number): void {
    const { text } = at;
    let position = from;
    for (;;) {
      if (text.charCodeAt(position) === 34) {
        const close = closingQuote(text, position + 1);
        if (close < 0) {
          this.quoteLine = at.line;
          this.quoteColumn = position;
          this.open = text.slice(position + 1) + (at.crlf ? '\r\n' : '\n');
          return this.hold(at);
        }
        this.fields.push(unquoted(text, position + 1, close));
        position = close + 1;
        if (position === text.length) return this.finish(at);
        if (text.charCodeAt(position) !== this.delimiterCode) return this.broken(at, position);
        position += 1;
      } else {
        const comma = text.indexOf(this.delimiter, position);
        if (comma < 0) {
          this.fields.push(text.slice(position));
          return this.finish(at);
        }
        this.fields.push(text.slice(position, comma));
        position = comma + 1;
      }
    }
  }

  private hold(at: Pending): void {
    this.pending.push(at);
    this.pendingLength += at.text.length + 1;
    if (this.pendingLength > longestRecord) {
      this.giveUp('csv.unclosed-quote', `the quote opened here is not closed within ${longestRecord} characters`);
    }
  }

  /** A further line while a quote is open. */
  private more(at: Pending): void {
    const close = closingQuote(at.text, 0);
    if (close < 0) {
      this.open += at.text + (at.crlf ? '\r\n' : '\n');
      return this.hold(at);
    }
    this.fields.push((this.open + at.text.slice(0, close)).replaceAll('""', '"'));
    if (close + 1 === at.text.length) return this.finish(at);
    if (at.text.charCodeAt(close + 1) !== this.delimiterCode) return this.broken(at, close + 1);
    this.scan(at, close + 2);
  }

  private finish(at: Pending): void {
    const first = this.pending[0] ?? at;
    const { fields } = this;
    this.clear();
    this.sink.record(fields, first.line, first.offset);
  }

  private broken(at: Pending, column: number): void {
    this.pending.push(at);
    const where = `line ${at.line}, column ${column + 1}`;
    this.giveUp('csv.text-after-quote', `text follows a closing quote at ${where}`);
  }

  /** Sets the record's first physical line aside and reads the others anew. */
  private giveUp(reason: string, why: string): void {
    const [first, ...others] = this.pending;
    if (!first) return;
    const place = reason === 'csv.unclosed-quote' && this.quoteLine === first.line
      ? ` (line ${first.line}, column ${this.quoteColumn + 1})` : '';
    this.clear();
    const { line, offset } = first;
    this.sink.trouble({ line, offset, reason, detail: why + place, excerpt: excerptOf(first.text), rows: 1 });
    for (const other of others) this.line(other.text, other.line, other.offset, other.crlf);
  }

  private clear(): void {
    this.pending = [];
    this.pendingLength = 0;
    this.open = '';
    this.fields = [];
  }
}

/** Position of the quote that closes a field whose text starts at `from`, or -1. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text.charCodeAt(at + 1) === 34) at = text.indexOf('"', at + 2);
  return at;
}

function unquoted(text: string, from: number, to: number): string {
  const raw = text.slice(from, to);
  return raw.includes('"') ? raw.replaceAll('""', '"') : raw;
}

/** A whole small document at once, for imports; see CsvReader for streams. */
export function parseCsv(text: string): { records: { fields: string[]; line: number }[]; troubles: Trouble[] } {
  const records: { fields: string[]; line: number }[] = [];
  const troubles: Trouble[] = [];
  const reader = new CsvReader({
    record: (fields, line) => { records.push({ fields, line }); },
    trouble: (t) => { troubles.push(t); },
  });
  reader.push(Buffer.from(text, 'utf8'));
  reader.end();
  return { records, troubles };
}
