/** What a mapping makes of rows, for people to look at: rows as names and texts, and the difference of two ways of reading. Reads only. */
import { nextTurn } from '#kit/turn';
import type { Trouble } from '#kit/lines/lines';
import { formatIp } from '#kit/ip/ip';
import { noConfidence, Draft, type Unfit } from '../shapes/draft.ts';
import { openReading } from '../pipeline/open-reading.ts';
import type { Reading, ReadingOptions, Sent } from '../pipeline/reading.ts';
import type { DifferenceShown, MappedRowShown } from './api.ts';

/** Rows of one file that are compared. */
const rowsMost = 20_000;
const examplesMost = 50;

/** What a draft says, by names; what it does not say is left out. */
function fieldsOf(draft: Draft): Record<string, string> {
  const all: Record<string, string> = {
    time: new Date(draft.time * 1000).toISOString(), kind: draft.kind, type: draft.type, family: draft.family, severity: draft.severity, tlp: draft.tlp,
    confidence: draft.confidence === noConfidence ? '' : String(draft.confidence), ip: draft.hasIp ? formatIp(draft.ip) : '', port: numberOf(draft.port),
    peer: draft.hasPeer ? formatIp(draft.peer) : '', peerPort: numberOf(draft.peerPort), domain: draft.domain, url: draft.url, asn: numberOf(draft.asn),
    area: draft.area, user: draft.user, count: String(draft.count),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
}

const numberOf = (n: number): string => (n === 0 ? '' : String(n));

function attrsOf(draft: Draft): Record<string, string> {
  return Object.fromEntries(draft.keys.slice(0, draft.pairs).map((key, i) => [key, draft.values[i] ?? '']));
}

function shown(sent: Sent, draft: Draft): MappedRowShown {
  const unfit = filled(sent, draft);
  return {
    line: sent.line, unfit: unfit === null ? null : { reason: unfit.reason, detail: unfit.detail },
    fields: unfit === null ? fieldsOf(draft) : {}, attrs: unfit === null ? attrsOf(draft) : {},
  };
}

/** Whatever is too deep is unfit here too. */
function filled(sent: Sent, draft: Draft): Unfit | null {
  try {
    return sent.fill(draft);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { reason: 'json.too-deep', detail: error.message };
  }
}

export interface Preview {
  readonly columns: string[];
  readonly read: number;
  readonly fit: number;
  readonly rows: MappedRowShown[];
  readonly troubles: Omit<Trouble, 'rows'>[];
}

/** A sample by a mapping: its first hundred rows, and what is wrong with it. */
export function previewOf(options: ReadingOptions, sample: string): Preview {
  const rows: MappedRowShown[] = [];
  const troubles: Preview['troubles'] = [];
  const draft = new Draft();
  const columns = new Set<string>();
  let [read, fit] = [0, 0];
  const reading = openReading(options, {
    row(sent) {
      read += 1;
      const row = shown(sent, draft);
      if (row.unfit === null) fit += 1;
      if (rows.length < 100) rows.push(row);
      if (columns.size < 500) for (const name of sent.names()) columns.add(name);
    },
    trouble({ line, offset, reason, detail, excerpt, rows: n }) {
      read += n;
      if (troubles.length < 100) troubles.push({ line, offset, reason, detail, excerpt });
    },
  });
  reading.push(Buffer.from(sample, 'utf8'));
  reading.end();
  return { columns: [...columns].slice(0, 500), read, fit, rows, troubles };
}

/** Gathers differences of one file after the other. */
export class Differences {
  private readonly tally = { batches: 0, rows: 0, same: 0, changed: 0, gained: 0, lost: 0 };
  private readonly fields = new Map<string, number>();
  private readonly examples: DifferenceShown['examples'] = [];

  /** Reads the same bytes in two ways. */
  async add(batch: string, source: AsyncIterable<Uint8Array>, before: ReadingOptions, after: ReadingOptions): Promise<void> {
    const [was, is] = [new Rows(before), new Rows(after)];
    for await (const chunk of source) {
      was.push(chunk);
      is.push(chunk);
      if (was.full && is.full) break;
      // The hub answers others meanwhile.
      await nextTurn();
    }
    was.end();
    is.end();
    this.tally.batches += 1;
    this.compare(batch, was.rows, is.rows);
  }

  private compare(batch: string, was: ReadonlyMap<string, MappedRowShown>, is: ReadonlyMap<string, MappedRowShown>): void {
    const { tally } = this;
    for (const key of new Set([...was.keys(), ...is.keys()])) {
      const [one, two] = [was.get(key), is.get(key)];
      const [had, has] = [one?.unfit === null, two?.unfit === null];
      if (!had && !has) continue;
      tally.rows += 1;
      const [x, y] = [had ? { ...one?.fields, ...prefixed(one?.attrs) } : {}, has ? { ...two?.fields, ...prefixed(two?.attrs) } : {}];
      if (had && has) {
        const names = [...new Set([...Object.keys(x), ...Object.keys(y)])].filter((name) => x[name] !== y[name]);
        if (names.length === 0) tally.same += 1;
        else tally.changed += 1;
        for (const name of names) this.note(batch, one?.line ?? 0, name, x[name], y[name]);
      } else {
        if (has) tally.gained += 1;
        else tally.lost += 1;
        this.example(batch, (one ?? two)?.line ?? 0, has ? 'gained' : 'lost', one?.unfit?.reason, two?.unfit?.reason);
      }
    }
  }

  private note(batch: string, line: number, field: string, before: string | undefined, after: string | undefined): void {
    const seen = this.fields.get(field) ?? 0;
    this.fields.set(field, seen + 1);
    if (seen < 5) this.example(batch, line, field, before, after);
  }

  private example(batch: string, line: number, field: string, before: string | undefined, after: string | undefined): void {
    if (this.examples.length < examplesMost) this.examples.push({ batch, line, field, before: before ?? null, after: after ?? null });
  }

  told(): DifferenceShown {
    const fields = [...this.fields].map(([field, rows]) => ({ field, rows })).sort((x, y) => y.rows - x.rows || (x.field < y.field ? -1 : 1));
    return { ...this.tally, fields, examples: [...this.examples] };
  }
}

const prefixed = (attrs: Readonly<Record<string, string>> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(attrs).map(([key, value]) => [`attrs.${key}`, value]));

/** The first rows of a file, by identity. */
class Rows {
  readonly rows = new Map<string, MappedRowShown>();
  private readonly reading: Reading;
  private readonly draft = new Draft();
  private readonly id = new Uint8Array(16);

  constructor(options: ReadingOptions) {
    this.reading = openReading(options, {
      row: (sent) => {
        if (this.full) return;
        try {
          sent.identity(this.id);
        } catch (error) {
          // As when it is taken in: too deep a row is nobody's.
          if (error instanceof RangeError) return;
          throw error;
        }
        this.rows.set(Buffer.from(this.id).toString('hex'), shown(sent, this.draft));
      },
      trouble: () => undefined,
    });
  }

  get full(): boolean {
    return this.rows.size >= rowsMost;
  }

  push(chunk: Uint8Array): void {
    this.reading.push(chunk);
  }

  end(): void {
    this.reading.end();
  }
}
