/**
 * A stream of bytes as vulnerability information, told by its content: packed or not (gzip, zip, a zip within a zip), one JSON document,
 * a list or lines of them, or CSV. Holds one record at a time, whatever the size of the file; what cannot be read is told with its place.
 */
import { parseCsv } from '../csv/csv.ts';
import { inflated } from '../lines/inflate.ts';
import { LineReader } from '../lines/lines.ts';
import { ZipError, isZip } from '../lines/unzip.ts';
import { streamedMembers } from '../lines/unzip-stream.ts';
import { readBundle } from '../stix/bundle.ts';
import { isCsaf, readCsaf } from './csaf.ts';
import { readCveRecord } from './cve.ts';
import { editionOf, epssRow, isKev, readKev, readKevRows, type Catalogue, type Edition } from './exploited.ts';
import { isFields } from './look.ts';
import { readOsv } from './osv.ts';
import type { EpssRow, Format, ReadProblem, RecordsRead, VulnRecord } from './record.ts';
import { isCycloneDx, isOpenVex, readCycloneVex, readOpenVex } from './vex.ts';

export type Item =
  /** One document: its records, its bytes as sent, and what in it could not be read. */
  | { readonly kind: 'records'; readonly format: Format; readonly records: readonly VulnRecord[]; readonly problems: readonly ReadProblem[];
    readonly body: Uint8Array; readonly place: string }
  | { readonly kind: 'kev'; readonly catalogue: Catalogue; readonly place: string }
  | { readonly kind: 'edition'; readonly edition: Edition; readonly place: string }
  | { readonly kind: 'epss'; readonly rows: readonly EpssRow[] }
  /** `fatal`: whatever follows in this file was not looked at. */
  | { readonly kind: 'problem'; readonly place: string; readonly text: string; readonly fatal: boolean };

export interface StreamLimits {
  /** Of one document. */
  readonly documentBytes: number;
  /** Of everything, unpacked. */
  readonly wholeBytes: number;
}
export const streamLimits: StreamLimits = { documentBytes: 32 * 1_048_576, wholeBytes: 16 * 1024 * 1_048_576 };
const epssAtOnce = 10_000;

/** Which format a document is of, by what it holds. */
export function formatOf(value: unknown): Format | 'kev' | null {
  if (!isFields(value)) return null;
  if (value['dataType'] === 'CVE_RECORD' || isFields(value['cveMetadata'])) return 'cve';
  if (isCsaf(value)) return 'csaf';
  if (isOpenVex(value)) return 'openvex';
  if (isCycloneDx(value)) return 'cyclonedx';
  if (isKev(value)) return 'kev';
  return typeof value['id'] === 'string' && ('modified' in value || 'affected' in value || 'schema_version' in value) ? 'osv' : null;
}

const readers: Readonly<Record<Format, (value: unknown) => RecordsRead>> = {
  cve: readCveRecord, osv: readOsv, csaf: readCsaf, openvex: readOpenVex, cyclonedx: readCycloneVex,
};

/** One document of a format. Never throws. */
export const readDocument = (format: Format, value: unknown): RecordsRead => readers[format](value);

class TooMuch extends Error {
  override readonly name = 'TooMuch';
}

/** Counts what comes out of the packing, and ends it where it is too much: a bomb costs time, and not for ever. */
class Meter {
  private left: number;
  constructor(most: number) {
    this.left = most;
  }
  async* over(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      this.left -= chunk.length;
      if (this.left < 0) throw new TooMuch();
      yield chunk;
    }
  }
}

/** Everything that is in a stream. Throws only what the source throws. */
export async function* readVulnerabilities(source: AsyncIterable<Uint8Array>, limits: Partial<StreamLimits> = {}): AsyncGenerator<Item> {
  const all = { ...streamLimits, ...limits };
  try {
    yield* unpacked(source, '', { limits: all, meter: new Meter(all.wholeBytes), depth: 0 });
  } catch (error) {
    if (error instanceof TooMuch) yield { kind: 'problem', place: '', text: `unpacked it is larger than ${all.wholeBytes} bytes`, fatal: true };
    else if (error instanceof ZipError) yield { kind: 'problem', place: '', text: error.message, fatal: true };
    else throw error;
  }
}

interface Unpacking { readonly limits: StreamLimits; readonly meter: Meter; readonly depth: number }

async function* unpacked(source: AsyncIterable<Uint8Array>, name: string, { limits, meter, depth }: Unpacking): AsyncGenerator<Item> {
  const broken: string[] = [];
  const { head, whole } = await begun(inflated(source, (b) => broken.push(b.detail)));
  if (isZip(head)) {
    if (depth > 1) {
      yield { kind: 'problem', place: name, text: 'a zip within a zip within a zip is not opened', fatal: true };
      return;
    }
    for await (const member of streamedMembers(whole)) {
      if (/(?:^|\/)(?:\.|__MACOSX\/)/.test(member.name)) continue;
      yield* unpacked(member.bytes, name === '' ? member.name : `${name}/${member.name}`, { limits, meter, depth: depth + 1 });
    }
  } else {
    const plain = meter.over(whole);
    const first = head.find((b) => b > 0x20 && b !== 0xef && b !== 0xbb && b !== 0xbf);
    if (first === 0x7b || first === 0x5b) yield* documents(plain, name, limits);
    else if (first === undefined) yield { kind: 'problem', place: name, text: 'there is nothing in it', fatal: false };
    else yield* table(plain, name, limits);
  }
  for (const detail of broken) yield { kind: 'problem', place: name, text: detail, fatal: true };
}

/** The first bytes, and the stream as it was with them. */
async function begun(source: AsyncGenerator<Uint8Array>): Promise<{ head: Uint8Array; whole: AsyncGenerator<Uint8Array> }> {
  const chunks: Uint8Array[] = [];
  for (let size = 0; size < 64;) {
    const next = await source.next();
    if (next.done) break;
    chunks.push(next.value);
    size += next.value.length;
  }
  const all = Buffer.concat(chunks);
  async function* rest(): AsyncGenerator<Uint8Array> {
    try {
      if (all.length > 0) yield all;
      yield* source;
    } finally {
      await source.return(undefined);
    }
  }
  return { head: all.subarray(0, 1024), whole: rest() };
}

const placed = (name: string, place: string): string => (name === '' ? place : `${name}, ${place}`);

async function* documents(source: AsyncIterable<Uint8Array>, name: string, limits: StreamLimits): AsyncGenerator<Item> {
  for await (const item of readBundle(withoutMark(source), { objectBytes: limits.documentBytes, lone: true })) {
    if (item.kind === 'end') return;
    if (item.kind === 'problem') {
      yield { kind: 'problem', place: placed(name, `line ${item.line}, column ${item.column}`), text: item.text, fatal: item.fatal };
      continue;
    }
    const place = placed(name, `document ${item.index + 1}, byte ${item.offset}`);
    const format = formatOf(item.value);
    if (format === null) yield { kind: 'problem', place, text: 'this is of no format that is read', fatal: false };
    else if (format === 'kev') yield { kind: 'kev', catalogue: readKev(item.value), place };
    else yield { kind: 'records', format, ...readDocument(format, item.value), body: item.raw, place };
  }
}

/** Whoever writes a byte order mark before JSON means the JSON behind it. */
async function* withoutMark(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first = true;
  for await (const chunk of source) {
    yield first && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.subarray(3) : chunk;
    first = false;
  }
}

/** CSV: EPSS by its head, else the catalogue of CISA. */
async function* table(source: AsyncIterable<Uint8Array>, name: string, limits: StreamLimits): AsyncGenerator<Item> {
  const out: Item[] = [];
  const state = { kind: null as 'epss' | 'kev' | 'none' | null, edition: null as Edition | null, rows: [] as EpssRow[], text: [] as string[], size: 0 };
  const flush = (): void => {
    if (state.rows.length > 0) out.push({ kind: 'epss', rows: state.rows });
    state.rows = [];
  };
  const tell = (line: number, text: string, fatal = false): void => {
    out.push({ kind: 'problem', place: placed(name, `line ${line}`), text, fatal });
  };
  const reader = new LineReader({
    line(text, line) {
      if (state.kind === 'none' || (text === '' && state.kind !== 'kev')) return;
      if (state.kind === null && text.startsWith('#')) {
        state.edition = editionOf(text);
        if (state.edition) out.push({ kind: 'edition', edition: state.edition, place: placed(name, `line ${line}`) });
      } else if (state.kind === null) {
        state.kind = /^cve,epss,percentile\s*$/.test(text) ? 'epss' : /^"?cveID"?,/.test(text) ? 'kev' : 'none';
        if (state.kind === 'none') tell(line, 'this is of no format that is read', true);
        else if (state.kind === 'epss' && state.edition === null) {
          state.kind = 'none';
          tell(line, 'it does not say of which day it is (#model_version:…,score_date:…)', true);
        } else if (state.kind === 'kev') state.text.push(text);
      } else if (state.kind === 'kev') {
        state.size += text.length + 1;
        if (state.size <= limits.documentBytes) state.text.push(text);
      } else {
        const row = epssRow(text);
        if (typeof row === 'string') tell(line, row);
        else if (state.rows.push(row) >= epssAtOnce) flush();
      }
    },
    trouble: (t) => tell(t.line, t.detail),
  });
  for await (const chunk of source) {
    reader.push(chunk);
    yield* out.splice(0);
    if (state.kind === 'none') return;
  }
  reader.end();
  flush();
  if (state.kind === 'kev' && state.size > limits.documentBytes) tell(1, `the catalogue is larger than ${limits.documentBytes} bytes`, true);
  else if (state.kind === 'kev') {
    const { records, troubles } = parseCsv(`${state.text.join('\n')}\n`);
    for (const t of troubles) tell(t.line, t.detail);
    out.push({ kind: 'kev', catalogue: readKevRows(records.map((r) => r.fields)), place: name });
  }
  yield* out;
}
