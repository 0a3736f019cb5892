/**
 * A delivery of vulnerability information, from a file or from whoever brings one: read document by document, taken in by batches, each
 * one transaction with its own fact. If we crash in between, the batches that were done stand, and the same delivery again adds the rest.
 */
import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import type { Tlp } from '#kit/endpoint';
import type { Edition } from '#kit/vuln/exploited';
import type { EpssRow } from '#kit/vuln/record';
import { readVulnerabilities, type Item } from '#kit/vuln/stream';
import type { Queryable } from '#world/db/port';
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import type { Counts } from '../model.ts';
import { audienceOf } from '../rules.ts';
import { putEpss, putKev } from '../store/exploited.ts';
import { noteFresh, type SourceRecord } from '../store/sources.ts';
import { offerKey, take, type Offer } from '../store/taking.ts';
import type { VulnParts } from './parts.ts';

export interface Delivery {
  readonly source: SourceRecord;
  readonly actor: { readonly person: string; readonly org: string };
  readonly unmarked: Tlp | null;
  readonly through: { readonly coll: number; readonly ceiling: number; readonly partner: string | null } | null;
  readonly dry?: boolean;
  /** Asked before each write: whether who sends this still may. */
  readonly confirm?: () => void;
  readonly progress?: (report: Report) => void;
}
export interface ReportLine { readonly place: string; readonly id: string; readonly outcome: 'problem' | 'added' | 'changed' | 'older'; readonly text: string }
export interface Report {
  readonly counts: Counts;
  /** Documents of each format. */
  readonly formats: Record<string, number>;
  edition: string | null;
  readonly lines: ReportLine[];
  linesLeftOff: number;
}

const mostLines = 300;
const batchRecords = 250;
const batchBytes = 2 * 1_048_576;
const mostEpss = 2_000_000;

const nothing = (): Counts => ({ records: 0, added: 0, changed: 0, same: 0, older: 0, kev: 0, epss: 0, problems: 0 });

/** JSON without the white space between its parts; strings stay as they were written. */
const compact = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8').replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');

class Undone extends Error {}

/** One delivery from its beginning to its end. */
class Intake {
  readonly report: Report = { counts: nothing(), formats: {}, edition: null, lines: [], linesLeftOff: 0 };
  private readonly parts: VulnParts;
  private readonly delivery: Delivery;
  private batch: { offers: Offer[]; keys: Set<string>; bytes: number } = { offers: [], keys: new Set(), bytes: 0 };
  private epss: { edition: Edition; rows: EpssRow[] } | null = null;

  constructor(parts: VulnParts, delivery: Delivery) {
    this.parts = parts;
    this.delivery = delivery;
  }

  tell(place: string, id: string, outcome: ReportLine['outcome'], text: string): void {
    if (outcome === 'problem') this.report.counts.problems++;
    if (this.report.lines.length < mostLines) this.report.lines.push({ place, id, outcome, text });
    else this.report.linesLeftOff++;
  }

  async item(item: Item): Promise<void> {
    if (item.kind === 'problem') this.tell(item.place, '', 'problem', item.text);
    else if (item.kind === 'records') await this.records(item);
    else if (this.delivery.source.kind !== 'public') {
      if (item.kind !== 'epss') this.tell(item.place, '', 'problem', 'KEV and EPSS speak of everybody: they are taken in from a public source alone.');
    } else if (item.kind === 'kev') await this.catalogue(item);
    else if (item.kind === 'edition') {
      await this.endEpss();
      this.epss = { edition: item.edition, rows: [] };
    } else if (this.epss && this.epss.rows.length + item.rows.length <= mostEpss) {
      for (const row of item.rows) this.epss.rows.push(row);
      this.report.counts.records += item.rows.length;
      this.delivery.progress?.(this.report);
    } else this.tell('', '', 'problem', `of one day at most ${mostEpss} scores are taken`);
  }

  private async records({ format, records, problems, body, place }: Extract<Item, { kind: 'records' }>): Promise<void> {
    const { source, unmarked, through } = this.delivery;
    this.report.formats[format] = (this.report.formats[format] ?? 0) + 1;
    for (const p of problems) this.tell(`${place}, ${p.pointer || '/'}`, records[0]?.id ?? '', 'problem', p.text);
    if (records.length === 0) return;
    const text = compact(body);
    const digest = createHash('sha256').update(text).digest('hex');
    const packed = deflateRawSync(text);
    for (const record of records) {
      const offer: Offer = { record, digest, body: packed, audience: audienceOf(record.tlp, source.kind, unmarked, through) };
      const key = offerKey(offer);
      if (this.batch.keys.has(key) || this.batch.offers.length >= batchRecords || this.batch.bytes >= batchBytes) await this.flush();
      this.batch.offers.push(offer);
      this.batch.keys.add(key);
      this.batch.bytes += text.length;
      this.report.counts.records++;
    }
  }

  private async flush(): Promise<void> {
    const { offers } = this.batch;
    this.batch = { offers: [], keys: new Set(), bytes: 0 };
    if (offers.length === 0) return;
    const { source, actor } = this.delivery;
    const at = this.parts.clock.iso();
    const verdicts = await this.write(async (tx) => {
      const taken = await take(tx, { source, person: actor.person, at, nowUs: this.parts.clock.now() * 1000 }, offers);
      const count = (v: string): number => taken.filter((x) => x === v).length;
      await this.state(tx, at, { added: count('added'), changed: count('changed'), older: count('older') });
      return taken;
    });
    for (const [i, verdict] of verdicts.entries()) {
      this.report.counts[verdict]++;
      const { record } = offers[i] as Offer;
      if (verdict === 'older') this.tell('', record.id, 'older', 'What is kept is newer: this version is kept beside it.');
      else if (verdict !== 'same' && this.delivery.dry) this.tell('', record.id, verdict, record.title || record.summary.slice(0, 120));
    }
    this.delivery.progress?.(this.report);
  }

  private async catalogue({ catalogue, place }: Extract<Item, { kind: 'kev' }>): Promise<void> {
    this.report.formats['kev'] = (this.report.formats['kev'] ?? 0) + 1;
    for (const p of catalogue.problems) this.tell(`${place}, ${p.pointer || '/'}`, '', 'problem', p.text);
    // A catalogue of which nothing could be read is no word that everything was struck off.
    if (catalogue.entries.length === 0) return;
    const at = this.parts.clock.iso();
    const edition = catalogue.version ?? catalogue.released;
    const changed = await this.whole((tx) => putKev(tx, catalogue.entries, at), at, edition);
    this.report.counts.records += catalogue.entries.length;
    this.report.counts.kev += changed.added + changed.changed + changed.removed;
    this.report.edition = edition;
  }

  private async endEpss(): Promise<void> {
    const { epss } = this;
    this.epss = null;
    if (!epss) return;
    this.report.formats['epss'] = (this.report.formats['epss'] ?? 0) + 1;
    this.report.edition = epss.edition.day;
    const at = this.parts.clock.iso();
    this.report.counts.epss += await this.whole((tx) => putEpss(tx, epss.edition, epss.rows, at), at, epss.edition.day);
  }

  /** What is of all: the rows are nobody’s, so the hub itself writes them, with the fact of whoever brought them. */
  private whole<T extends object | number>(put: (tx: Queryable) => Promise<T>, at: string, edition: string | null): Promise<T> {
    return asHub('what is exploited is written as a whole', () => this.write(async (tx) => {
      const done = await put(tx);
      await this.state(tx, at, typeof done === 'number' ? { epss: done } : { ...done }, edition);
      return done;
    }));
  }

  private async state(tx: Queryable, at: string, body: Readonly<Record<string, unknown>>, edition: string | null = null): Promise<void> {
    const { source, actor, through } = this.delivery;
    await noteFresh(tx, source.id, at, edition);
    // The same once more is no news.
    if (Object.values(body).every((n) => n === 0)) return;
    await stateFact(tx, {
      class: 'vulnerability.taken-in', at, actor: actor.person, org: actor.org, subject: source.id, clauses: [],
      readers: [...new Set([source.scope, ...(through?.partner ? [through.partner] : [])])], body: { source: source.id, edition, ...body },
    });
  }

  /** In a transaction; of a dry run nothing stays, and the answer is the same. */
  private async write<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    this.delivery.confirm?.();
    if (!this.delivery.dry) return this.parts.db.transaction(work);
    const result: { value?: T } = {};
    try {
      await this.parts.db.transaction(async (tx) => {
        result.value = await work(tx);
        throw new Undone();
      });
    } catch (error) {
      if (!(error instanceof Undone)) throw error;
    }
    return result.value as T;
  }

  async end(): Promise<Report> {
    await this.flush();
    await this.endEpss();
    return this.report;
  }
}

export async function deliverVulnerabilities(parts: VulnParts, delivery: Delivery, bytes: AsyncIterable<Uint8Array>): Promise<Report> {
  const intake = new Intake(parts, delivery);
  for await (const item of readVulnerabilities(bytes)) await intake.item(item);
  return intake.end();
}

