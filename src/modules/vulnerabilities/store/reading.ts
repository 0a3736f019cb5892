/** Records as people ask for them. Whatever shows one takes a reach; names are joined over what is within it alone. */
import { sql, type RawBuilder } from 'kysely';
import type { Product, VulnRecord } from '#kit/vuln/record';
import { severities, type Severity } from '#kit/vuln/cvss/score';
import type { Queryable } from '#world/db/port';
import { seen, type VulnReach } from '../gate.ts';
import { labelOf, type Row, type sourceKinds } from '../model.ts';
import { tables } from './schema.ts';

export interface Search {
  readonly words: string | null;
  /** The beginning of an id. */
  readonly name: string | null;
  readonly keys: readonly string[] | null;
  readonly severity: Severity | null;
  readonly kev: boolean;
  readonly epss: number | null;
  readonly sinceUs: number | null;
  readonly before: readonly [us: string, rec: string] | null;
  readonly limit: number;
}

const escaped = (text: string): string => text.replaceAll(/[\\%_]/g, '\\$&');

/** What a record has to be to fit; the same of each record of a vulnerability. */
function fits(s: Search, r: string): RawBuilder<boolean>[] {
  const c = (column: string) => sql.ref(`${r}.${column}`);
  const all: RawBuilder<boolean>[] = [];
  if (s.words !== null) all.push(sql`${c('words')} @@ to_tsquery('simple', ${s.words})`);
  if (s.name !== null) all.push(sql`exists (select 1 from vuln_name n where n.rec = ${c('rec')} and n.key like ${`${escaped(s.name)}%`})`);
  if (s.keys !== null) all.push(sql`exists (select 1 from vuln_key k where k.rec = ${c('rec')} and k.key = any(${s.keys}::text[]))`);
  if (s.severity !== null) all.push(sql`${c('severity')} >= ${severities.indexOf(s.severity)}::smallint`);
  if (s.kev) all.push(sql`exists (select 1 from vuln_kev k where k.cve = ${c('name')} and k.listed)`);
  if (s.epss !== null) all.push(sql`exists (select 1 from vuln_epss e where e.cve = ${c('name')} and e.score >= ${s.epss}::real)`);
  if (s.sinceUs !== null) all.push(sql`${c('changed_us')} >= ${String(s.sinceUs)}::bigint`);
  return all;
}

interface Line { rec: string; changed_us: string; name: string; title: string; score: number | null; severity: number | null; tlp: number; source: string;
  withdrawn: boolean; listed: boolean | null; probability: number | null }

/** One line for each vulnerability: its newest record within reach that fits stands for it. */
export async function search(q: Queryable, reach: VulnReach, s: Search): Promise<{ row: Row; at: string }[]> {
  const newer = sql.join([seen(reach, 'o'), sql`o.name = r.name`, sql`(o.changed_us, o.rec) > (r.changed_us, r.rec)`, ...fits(s, 'o')], sql` and `);
  const conditions = [seen(reach), ...fits(s, 'r'), sql`not exists (select 1 from vuln_record o where ${newer})`];
  if (s.before !== null) conditions.push(sql`(r.changed_us, r.rec) < (${s.before[0]}::bigint, ${s.before[1]}::bigint)`);
  // What stands for it says what it is; how severe it is says whoever says the most.
  const { rows } = await sql<Line>`select r.rec, r.changed_us, r.name, r.title, m.score, m.severity, r.tlp, s.name as source, r.withdrawn, k.listed,
      e.score as probability
    from vuln_record r join lateral (select max(x.score) as score, max(x.severity) as severity from vuln_record x
      where x.name = r.name and ${seen(reach, 'x')}) m on true
    join vuln_source s on s.id = r.source left join vuln_kev k on k.cve = r.name left join vuln_epss e on e.cve = r.name
    where ${sql.join(conditions, sql` and `)} order by r.changed_us desc, r.rec desc limit ${s.limit}`.execute(tables(q));
  return rows.map((l) => ({
    at: `${l.changed_us}.${l.rec}`,
    row: {
      name: l.name, title: l.title, score: tenth(l.score), severity: l.severity === null ? null : severities[l.severity] ?? null, exploited: l.listed === true,
      probability: l.probability === null ? null : Number(l.probability.toPrecision(6)), tlp: labelOf(l.tlp), source: l.source, withdrawn: l.withdrawn,
      changedAt: new Date(Math.floor(Number(l.changed_us) / 1000)).toISOString(),
    },
  }));
}

const tenth = (score: number | null): number | null => (score === null ? null : Math.round(score * 10) / 10);

const mostNames = 200;

/** All names of a vulnerability: of what names it, and what that names, as far as records within reach say so. */
export async function namesOf(q: Queryable, reach: VulnReach, name: string): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`with recursive joined(key, depth) as (
      select ${name.toUpperCase()}::text, 0
      union select n2.key, j.depth + 1 from joined j join vuln_name n1 on n1.key = j.key join vuln_record r on r.rec = n1.rec and ${seen(reach)}
        join vuln_name n2 on n2.rec = n1.rec where j.depth < 4)
    select distinct key from joined limit ${mostNames}`.execute(tables(q));
  return rows.map((r) => r.key).sort((a, b) => Number(b.startsWith('CVE-')) - Number(a.startsWith('CVE-')) || (a < b ? -1 : 1));
}

export interface RecordRow {
  readonly rec: string; readonly scope: string; readonly source: string; readonly kind: (typeof sourceKinds)[number]; readonly tlp: number;
  readonly labelled: boolean; readonly shared: boolean; readonly digest: string; readonly shape: VulnRecord;
}

/** Records within reach that bear one of the names; the public ones first, then as they came. */
export async function recordsNamed(q: Queryable, reach: VulnReach, names: readonly string[], limit: number): Promise<RecordRow[]> {
  const { rows } = await sql<{ rec: string; scope: string; source: string; kind: string; tlp: number; labelled: boolean; coll: number | null; digest: string;
    shape: string }>`
    select r.rec, r.scope, s.name as source, s.kind, r.tlp, r.labelled, r.coll, r.digest, r.shape
    from vuln_record r join vuln_source s on s.id = r.source
    where exists (select 1 from vuln_name n where n.rec = r.rec and n.key = any(${names}::text[])) and ${seen(reach)}
    order by r.format <> 'cve', not r.public, r.rec limit ${limit}`.execute(tables(q));
  return rows.map(({ shape, coll, kind, ...r }) => ({
    ...r, rec: String(r.rec), kind: kind as RecordRow['kind'], shared: coll !== null, shape: JSON.parse(shape) as VulnRecord,
  }));
}

/** Versions of records that are one's own or public; of others' only the last is anybody else's business. */
export async function versionsOf(
  q: Queryable, reach: VulnReach, recs: readonly string[],
): Promise<Map<string, { digest: string; receivedAt: string; modified: string | null }[]>> {
  const { rows } = await sql<{ rec: string; digest: string; received_at: string; modified: string | null }>`
    select v.rec, v.digest, v.received_at, v.modified from vuln_version v join vuln_record r on r.rec = v.rec
    where v.rec = any(${recs}::bigint[]) and ${seen(reach)} and (r.scope = ${reach.org} or v.digest = r.digest)
    order by v.rec, v.received_at desc, v.digest`.execute(tables(q));
  const found = new Map<string, { digest: string; receivedAt: string; modified: string | null }[]>();
  for (const r of rows) {
    found.set(String(r.rec), [...found.get(String(r.rec)) ?? [], { digest: r.digest, receivedAt: r.received_at, modified: r.modified }]);
  }
  return found;
}

/** The bytes of a record's last version, packed. */
export async function bodyOf(q: Queryable, reach: VulnReach, rec: string): Promise<{ body: Uint8Array; shape: VulnRecord; names: string[] } | null> {
  const { rows: [row] } = await sql<{ body: Uint8Array; shape: string }>`select b.body, r.shape from vuln_record r
    join vuln_body b on b.scope = r.scope and b.digest = r.digest where r.rec = ${rec}::bigint and ${seen(reach)}`.execute(tables(q));
  if (!row) return null;
  const shape = JSON.parse(row.shape) as VulnRecord;
  return { body: row.body, shape, names: [shape.id, ...shape.aliases, ...shape.upstream].map((n) => n.toUpperCase()) };
}

export interface Candidate {
  readonly key: string; readonly rec: string; readonly name: string; readonly title: string; readonly tlp: number; readonly source: string;
  readonly score: number | null; readonly severity: Severity | null; readonly product: Product;
}

/** Statements within reach under one of the keys; of what is withdrawn none. At most so many of one key. */
export async function statementsOf(q: Queryable, reach: VulnReach, keys: readonly string[], ofKey: number): Promise<Candidate[]> {
  if (keys.length === 0) return [];
  const { rows } = await sql<{ key: string; rec: string; name: string; title: string; tlp: number; source: string; score: number | null;
    severity: number | null; part: string }>`
    select w.key, x.rec, x.name, x.title, x.tlp, x.source, x.score, x.severity, x.part from unnest(${keys}::text[]) as w(key)
    join lateral (select k.part, r.rec, r.name, r.title, r.tlp, s.name as source, r.score, r.severity
      from vuln_key k join vuln_record r on r.rec = k.rec join vuln_source s on s.id = r.source
      where k.key = w.key and not r.withdrawn and ${seen(reach)} order by r.rec desc, k.n limit ${ofKey}) x on true`.execute(tables(q));
  return rows.map(({ part, severity, score, ...r }) => ({
    ...r, rec: String(r.rec), score: tenth(score), severity: severity === null ? null : severities[severity] ?? null, product: JSON.parse(part) as Product,
  }));
}
