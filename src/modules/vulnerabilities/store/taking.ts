/**
 * Takes records in, a batch in one transaction and a table in one statement. A version is kept by its digest and never changed; of a
 * record the newest stands in its row, with its names and keys. If we crash before the commit nothing of the batch is there.
 */
import { sql } from 'kysely';
import type { VulnRecord } from '#kit/vuln/record';
import { listedAs } from '#kit/vuln/record';
import { severities } from '#kit/vuln/cvss/score';
import type { Queryable } from '#world/db/port';
import { rankOf } from '../model.ts';
import { highest, keysOf, verdictOf, wordsOf, type Audience, type Verdict } from '../rules.ts';
import type { SourceRecord } from './sources.ts';
import { tables } from './schema.ts';

export interface Offer {
  readonly record: VulnRecord;
  /** SHA-256 of the bytes of its document, and these bytes, packed. */
  readonly digest: string;
  readonly body: Uint8Array;
  readonly audience: Audience;
}
export interface Taking { readonly source: SourceRecord; readonly person: string; readonly at: string; readonly nowUs: number }

export const offerKey = ({ record }: Pick<Offer, 'record'>): string => JSON.stringify([record.document ?? '', record.id]);
const rowsAtOnce = 5_000;

interface Kept { readonly rec: string; readonly vid: string; readonly document: string; readonly digest: string; readonly modified: string | null }

async function keptOf(tx: Queryable, source: string, offers: readonly Offer[]): Promise<Map<string, Kept>> {
  const { rows } = await sql<Kept>`select rec, vid, document, digest, modified from vuln_record
    where source = ${source} and (document, vid) in (select * from unnest(${offers.map((o) => o.record.document ?? '')}::text[],
      ${offers.map((o) => o.record.id)}::text[]))`.execute(tables(tx));
  return new Map(rows.map((r) => [JSON.stringify([r.document, r.vid]), r]));
}

function rowOf({ record, digest, audience }: Offer, changedUs: number): Record<string, unknown> {
  const top = highest(record);
  return {
    vid: record.id, document: record.document ?? '', name: listedAs(record).toUpperCase(), format: record.format, tlp: rankOf(audience.tlp),
    labelled: audience.labelled, public: audience.public, coll: audience.coll, digest, title: (record.title || record.summary).slice(0, 300),
    score: top?.score ?? null, severity: top?.severity == null ? null : severities.findIndex((s) => s === top.severity),
    withdrawn: record.withdrawn !== null, modified: record.modified, changed_us: changedUs, shape: JSON.stringify(record), words: wordsOf(record),
  };
}

/** One verdict for each offer, in their order. No two offers may be of one record. */
export async function take(tx: Queryable, taking: Taking, offers: readonly Offer[]): Promise<Verdict[]> {
  const { source, at } = taking;
  // Two deliveries of one source take turns: what is newest is decided one after the other.
  await sql`select 1 from vuln_source where id = ${source.id} for update`.execute(tables(tx));
  const kept = await keptOf(tx, source.id, offers);
  const verdicts = offers.map((o) => verdictOf(kept.get(offerKey(o)) ?? null, { digest: o.digest, modified: o.record.modified }));
  const counting = offers.filter((_, i) => verdicts[i] === 'added' || verdicts[i] === 'changed');
  const bodies = new Map(offers.filter((_, i) => verdicts[i] !== 'same').map((o) => [o.digest, o.body]));
  const packed = [...bodies].map(([digest, body]) => ({ digest, body: Buffer.from(body).toString('base64') }));
  await sql`insert into vuln_body (scope, digest, body) select ${source.scope}, x.digest, decode(x.body, 'base64')
    from jsonb_to_recordset(${JSON.stringify(packed)}::jsonb) as x(digest text, body text) on conflict do nothing`.execute(tables(tx));
  const { rows } = await sql<{ rec: string; vid: string; document: string }>`
    insert into vuln_record (scope, source, vid, document, name, format, tlp, labelled, public, coll, digest, title, score, severity, withdrawn, modified,
      changed_us, shape, words)
    select ${source.scope}, ${source.id}, x.vid, x.document, x.name, x.format, x.tlp, x.labelled, x.public, x.coll, x.digest, x.title, x.score, x.severity,
      x.withdrawn, x.modified, x.changed_us, x.shape, to_tsvector('simple', x.words)
    from jsonb_to_recordset(${JSON.stringify(counting.map((o) => rowOf(o, taking.nowUs)))}::jsonb) as x(vid text, document text, name text, format text,
      tlp smallint, labelled boolean, public boolean, coll int, digest text, title text, score real, severity smallint, withdrawn boolean,
      modified timestamptz, changed_us bigint, shape text, words text)
    on conflict (source, document, vid) do update set name = excluded.name, format = excluded.format, tlp = excluded.tlp, labelled = excluded.labelled,
      public = excluded.public, coll = excluded.coll, digest = excluded.digest, title = excluded.title, score = excluded.score,
      severity = excluded.severity, withdrawn = excluded.withdrawn, modified = excluded.modified, changed_us = excluded.changed_us,
      shape = excluded.shape, words = excluded.words
    returning rec, vid, document`.execute(tables(tx));
  const recs = new Map([...kept].map(([key, k]) => [key, String(k.rec)]));
  for (const r of rows) recs.set(JSON.stringify([r.document, r.vid]), String(r.rec));
  const recOf = (o: Offer): string => recs.get(offerKey(o)) as string;
  await writeVersions(tx, source.scope, at, offers.filter((_, i) => verdicts[i] !== 'same').map((o) => [recOf(o), o] as const));
  const replaced = offers.filter((_, i) => verdicts[i] === 'changed').map(recOf);
  await writeKeys(tx, source.scope, replaced, counting.map((o) => [recOf(o), o] as const));
  // Who has a record for named eyes in hand is named.
  const named = offers.filter((o, i) => verdicts[i] !== 'older' && o.audience.tlp === 'RED').map(recOf);
  if (named.length > 0) {
    await sql`insert into vuln_named (rec, org, person) select r, ${source.scope}, ${taking.person} from unnest(${named}::bigint[]) as r
      on conflict do nothing`.execute(tables(tx));
  }
  return verdicts;
}

async function writeVersions(tx: Queryable, scope: string, at: string, offers: readonly (readonly [rec: string, offer: Offer])[]): Promise<void> {
  if (offers.length === 0) return;
  await sql`insert into vuln_version (rec, scope, digest, received_at, modified)
    select x.rec, ${scope}, x.digest, ${at}::timestamptz, x.modified from unnest(${offers.map(([rec]) => rec)}::bigint[],
      ${offers.map(([, o]) => o.digest)}::text[], ${offers.map(([, o]) => o.record.modified)}::timestamptz[]) as x(rec, digest, modified)
    on conflict do nothing`.execute(tables(tx));
}

async function writeKeys(tx: Queryable, scope: string, replaced: readonly string[], offers: readonly (readonly [rec: string, offer: Offer])[]): Promise<void> {
  if (replaced.length > 0) {
    await sql`delete from vuln_name where rec = any(${replaced}::bigint[])`.execute(tables(tx));
    await sql`delete from vuln_key where rec = any(${replaced}::bigint[])`.execute(tables(tx));
  }
  const names = offers.flatMap(([rec, { record, audience }]) => [...new Set([record.id, ...record.aliases, ...record.upstream].slice(0, 500)
    .map((n) => n.toUpperCase()))].map((key) => ({ key, rec, public: audience.public })));
  const keys = offers.flatMap(([rec, { record, audience }]) => record.products.flatMap((product, n) => {
    const part = JSON.stringify(product);
    return keysOf(product).map((key) => ({ key, rec, n, public: audience.public, part }));
  }));
  for (let at = 0; at < names.length; at += rowsAtOnce) {
    await sql`insert into vuln_name (key, rec, scope, public) select x.key, x.rec, ${scope}, x.public
      from jsonb_to_recordset(${JSON.stringify(names.slice(at, at + rowsAtOnce))}::jsonb) as x(key text, rec bigint, public boolean)
      on conflict do nothing`.execute(tables(tx));
  }
  for (let at = 0; at < keys.length; at += rowsAtOnce) {
    await sql`insert into vuln_key (key, rec, n, scope, public, part) select x.key, x.rec, x.n, ${scope}, x.public, x.part
      from jsonb_to_recordset(${JSON.stringify(keys.slice(at, at + rowsAtOnce))}::jsonb) as x(key text, rec bigint, n int, public boolean, part text)
      on conflict do nothing`.execute(tables(tx));
  }
}
