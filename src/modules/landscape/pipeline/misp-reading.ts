/** A MISP document (one event, or an answer with several) as rows, an attribute each. */
import { DocumentReader, elementsOf, type Path } from '#kit/lines/document';
import { excerptOf } from '#kit/lines/lines';
import type { Drift } from '../model.ts';
import { mispFiller, mispRow } from '../shapes/misp.ts';
import { JsonRows, type Fields } from './json-reading.ts';
import { statedType, type Reading, type ReadingOptions, type RowSink } from './reading.ts';

export class MispReading implements Reading {
  private readonly sink: RowSink;
  private readonly rows: JsonRows;
  private readonly reader: DocumentReader;

  constructor(options: ReadingOptions, sink: RowSink) {
    const type = statedType(options) ?? 'misp';
    this.sink = sink;
    this.rows = new JsonRows({ feed: options.feed, typeOf: () => type, fill: mispFiller(), drift: () => ({ missing: [], added: [] }) }, sink);
    this.reader = new DocumentReader({ document: (text) => this.document(text), trouble: (t) => sink.trouble(t) });
  }

  push(chunk: Uint8Array): void {
    this.reader.push(chunk);
  }

  end(): void {
    this.reader.end();
  }

  private document(text: string): void {
    const whole = this.parsed(text);
    if (whole === undefined) return;
    let events = 0;
    for (const event of eventsIn(whole.value)) events += event === null ? 0 : 1;
    if (events === 0) return this.tell('misp.no-event', 'the document holds no event', text);
    for (const { path, text: element, line, offset } of elementsOf(text, isAttributes)) {
      const event = valueAt(whole.value, path.slice(0, path.lastIndexOf('Event') + 1));
      this.rows.text(element, line, offset, (attribute) => (isObject(attribute) && isObject(event) ? mispRow(attribute, event) : null));
    }
  }

  private parsed(text: string): { value: unknown } | undefined {
    try {
      return { value: JSON.parse(text) as unknown };
    } catch (error) {
      this.tell('json.invalid', error instanceof Error ? excerptOf(error.message) : 'no JSON', text);
      return undefined;
    }
  }

  private tell(reason: string, detail: string, text: string): void {
    this.sink.trouble({ line: 1, offset: 0, reason, detail, excerpt: excerptOf(text.slice(0, 300)), rows: 1 });
  }

  drift(): Drift | null {
    return this.rows.drift();
  }

  seen(): readonly string[] {
    return this.rows.seen();
  }
}

/** `Event.Attribute` and `Event.Object.N.Attribute`, wherever the event stands. */
function isAttributes(path: Path): boolean {
  const at = path.lastIndexOf('Event');
  const rest = at < 0 ? [] : path.slice(at + 1);
  return rest[rest.length - 1] === 'Attribute' && (rest.length === 1 || (rest.length === 3 && rest[0] === 'Object'));
}

const isObject = (value: unknown): value is Fields => value !== null && typeof value === 'object' && !Array.isArray(value);

function* eventsIn(value: unknown): Generator<Fields | null> {
  const holders = Array.isArray(value) ? value : isObject(value) && Array.isArray(value['response']) ? value['response'] : [value];
  for (const holder of holders) yield isObject(holder) && isObject(holder['Event']) ? holder['Event'] : null;
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path) at = at !== null && typeof at === 'object' ? (at as Record<string | number, unknown>)[step] : undefined;
  return at;
}
