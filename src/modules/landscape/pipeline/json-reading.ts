/**
 * Objects of JSON, one a line or the elements of one array. What they mean is a plan's; here they are cut, parsed, told apart by
 * identity, and their keys remembered.
 */
import { ElementReader } from '#kit/lines/elements';
import { excerptOf, LineReader, type Reader } from '#kit/lines/lines';
import { flatten } from '#kit/rows/flatten';
import { identityHead, ObjectIdentity, parseRow } from '#kit/rows/identity';
import type { Drift } from '../model.ts';
import type { Draft, Unfit } from '../shapes/draft.ts';
import type { Reading, RowSink, Sent } from './reading.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** What the rows of a shape mean. */
export interface JsonPlan {
  readonly feed: string;
  /** Report type of a row. */
  typeOf(row: Fields): string;
  fill(draft: Draft, row: Fields, type: string): Unfit | null;
  /** Keys that were expected and did not come, and those that came unexpected. */
  drift(keys: ReadonlySet<string>): { readonly missing: readonly string[]; readonly added: readonly string[] };
}

/** A JSON object. */
export class SentObject implements Sent {
  readonly line: number;
  readonly offset: number;
  private readonly fields: Fields;
  private readonly made: ObjectIdentity;
  private readonly plan: Pick<JsonPlan, 'fill'>;
  private readonly type: string;
  constructor(line: number, offset: number, fields: Fields, made: ObjectIdentity, plan: Pick<JsonPlan, 'fill'>, type: string) {
    this.line = line;
    this.offset = offset;
    this.fields = fields;
    this.made = made;
    this.plan = plan;
    this.type = type;
  }
  identity(out: Uint8Array): void {
    this.made.of(this.fields, out);
  }
  fill(draft: Draft): Unfit | null {
    return this.plan.fill(draft, this.fields, this.type);
  }
  excerpt(): string {
    return excerptOf(JSON.stringify(this.fields));
  }
  names(): Iterable<string> {
    return flatten(this.fields).keys();
  }
}

/** Rows by their plan, however they are cut out of the file. */
export class JsonRows {
  private readonly plan: JsonPlan;
  private readonly sink: RowSink;
  private readonly identities = new Map<string, ObjectIdentity>();
  private readonly keys = new Set<string>();
  private firstType = '';

  constructor(plan: JsonPlan, sink: RowSink) {
    this.plan = plan;
    this.sink = sink;
  }

  /** `within`: what the row is, where it is made of the value and of what stands around it. */
  text(text: string, line: number, offset: number, within: (value: unknown) => unknown = (value) => value): void {
    if (text.trim() === '') return;
    let row: unknown;
    try {
      row = within(parseRow(text));
    } catch (error) {
      const detail = error instanceof Error ? excerptOf(error.message) : 'no JSON';
      return this.sink.trouble({ line, offset, reason: 'json.invalid', detail, excerpt: excerptOf(text), rows: 1 });
    }
    if (row === null || typeof row !== 'object' || Array.isArray(row)) {
      const detail = 'the row is no object';
      return this.sink.trouble({ line, offset, reason: 'json.no-object', detail, excerpt: excerptOf(text), rows: 1 });
    }
    const fields = row as Fields;
    const type = this.plan.typeOf(fields);
    if (this.firstType === '') this.firstType = type;
    this.sink.row(new SentObject(line, offset, fields, this.identityOf(type), this.plan, type));
  }

  private identityOf(type: string): ObjectIdentity {
    const known = this.identities.get(type);
    if (known !== undefined) return known;
    const fresh = new ObjectIdentity(identityHead(this.plan.feed, type), (keys) => this.notice(keys));
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
    const { missing, added } = this.plan.drift(this.keys);
    return missing.length + added.length === 0 ? null : { reportType: this.firstType, missing: [...missing], added: [...added].sort() };
  }

  seen(): readonly string[] {
    return [...this.keys];
  }
}

export class JsonReading implements Reading {
  private readonly sink: RowSink;
  private readonly rows: JsonRows;
  private reader: Reader | null = null;
  private held: Buffer = Buffer.alloc(0);

  constructor(plan: JsonPlan, sink: RowSink) {
    this.sink = sink;
    this.rows = new JsonRows(plan, sink);
  }

  push(chunk: Uint8Array): void {
    if (this.reader !== null) return this.reader.push(chunk);
    this.held = Buffer.concat([this.held, chunk]);
    const first = firstSign(this.held);
    if (first === null && this.held.length < 65_536) return;
    const { rows, sink } = this;
    this.reader = first === 91
      ? new ElementReader({ element: (text, line, offset) => rows.text(text, line, offset), trouble: (t) => sink.trouble(t) })
      : new LineReader({ line: (text, line, offset) => rows.text(text, line, offset), trouble: (t) => sink.trouble(t) });
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

  drift(): Drift | null {
    return this.rows.drift();
  }

  seen(): readonly string[] {
    return this.rows.seen();
  }
}

/** The first byte that is neither blank nor part of a byte order mark; null where none came yet. */
export function firstSign(bytes: Buffer): number | null {
  const from = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let i = from; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte !== 32 && byte !== 9 && byte !== 10 && byte !== 13) return byte;
  }
  return null;
}
