/**
 * The tables of vulnerability information. A record is one source's word on one vulnerability and carries its audience itself, so that
 * every read has one condition; names and product keys are exact, so that a look-up is an index and no scan.
 */
import type { Migration, Queryable } from '#world/db/port';

export interface VulnTables {
  vuln_source: { id: string; scope: string; kind: string; name: string; edition: string | null; last_at: string | null; created_at: string };
  vuln_record: {
    rec: string; scope: string; source: string; public: boolean; coll: number | null; vid: string; document: string; name: string; format: string;
    tlp: number; labelled: boolean; digest: string; title: string; score: number | null; severity: number | null; withdrawn: boolean;
    modified: string | null; changed_us: string; shape: string;
  };
}
export const tables = (q: Queryable) => q.as<VulnTables>();

export const vulnerabilitiesMigrations: readonly Migration[] = [
  {
    name: 'vulnerabilities/001-records',
    sql: `create table vuln_source (
      id text primary key, scope text not null, kind text not null, name text not null, edition text, last_at timestamptz,
      created_at timestamptz not null, unique (scope, name)
    );
    create table vuln_record (
      rec bigint generated always as identity primary key, scope text not null, source text not null references vuln_source (id),
      public boolean not null, coll int, vid text not null, document text not null, name text not null, format text not null, tlp smallint not null,
      labelled boolean not null, digest text not null, title text not null, score real, severity smallint, withdrawn boolean not null,
      modified timestamptz, changed_us bigint not null, shape text not null, words tsvector not null, unique (source, document, vid)
    );
    create index vuln_record_changed on vuln_record (changed_us desc, rec desc);
    create index vuln_record_name on vuln_record (name text_pattern_ops);
    create index vuln_record_digest on vuln_record (scope, digest);
    create index vuln_record_words on vuln_record using gin (words);
    create table vuln_body (scope text not null, digest text not null, body bytea not null, primary key (scope, digest));
    create table vuln_version (
      rec bigint not null references vuln_record (rec) on delete cascade, scope text not null, digest text not null, received_at timestamptz not null,
      modified timestamptz, primary key (rec, digest)
    );
    create table vuln_name (key text not null, rec bigint not null references vuln_record (rec) on delete cascade, scope text not null,
      public boolean not null, primary key (key, rec));
    create index vuln_name_beginning on vuln_name (key text_pattern_ops);
    create index vuln_name_rec on vuln_name (rec);
    create table vuln_key (key text not null, rec bigint not null references vuln_record (rec) on delete cascade, n int not null, scope text not null,
      public boolean not null, part text not null, primary key (key, rec, n));
    create index vuln_key_rec on vuln_key (rec);
    create table vuln_named (rec bigint not null references vuln_record (rec) on delete cascade, org text not null, person text not null,
      primary key (rec, person))`,
  },
  {
    // Both are of public sources only. What is there now and what changed are two tables: the second grows by what is another, not by days.
    name: 'vulnerabilities/002-exploited',
    sql: `create table vuln_kev (cve text primary key, added date not null, entry text not null, listed boolean not null);
    create table vuln_kev_change (cve text not null, at timestamptz not null, what text not null, entry text not null, primary key (cve, at));
    create table vuln_epss (cve text primary key, score real not null, percentile real not null);
    create index vuln_epss_score on vuln_epss (score);
    create table vuln_epss_change (cve text not null, day date not null, score real not null, primary key (cve, day));
    create table vuln_epss_edition (day date primary key, model text, rows int not null, received_at timestamptz not null)`,
  },
];
