/**
 * The tables of the exchange, after one rule: never filter what you can address. Versions are immutable; what a reader pages
 * through is the log of a collection, one small row an entry, numbered in the order of commit. Who may see an object is which
 * collections hold it: no read path has another question to ask.
 */
import type { Migration, Queryable } from '#world/db/port';
import { blindMigrations, type BlindTables } from './blindlists-schema.ts';
import { communityMigrations, type CommunityTables } from './communities-schema.ts';
import { reshareMigrations, type ReshareTables } from './reshares-schema.ts';
import { outcomeMigrations, type OutcomeTables } from './outcomes-schema.ts';
import { exportsMigrations } from './exports-schema.ts';
import { recallMigrations, type RecallTables } from './recalls-schema.ts';

interface SourceRow {
  id: string; scope: string; kind: string; name: string; org: string | null; speaks_for: string[]; created_at: string;
}
interface CollectionRow {
  coll: number; id: string; scope: string; kind: string; title: string; description: string; alias: string | null; agreement: string | null;
  partner: string | null; ceiling: number; types: string[] | null; accepts: boolean; opened_at: string; opened_by: string; closed_at: string | null;
  community: string | null;
}
interface ObjectRow {
  obj: string; scope: string; stix_id: string; typ: string; creator: string | null; source: string; revoked_us: string | null;
  top_us: string; top_rest: string; top_tlp: number; recalled: string | null;
}
interface VersionRow {
  ver: string; scope: string; obj: string; us: string; rest: string; said: string; spec: number; source: string; revoked: boolean; tlp: number;
  digest: string; received_us: string; body: string | null;
}
interface EntryRow {
  coll: number; seq: string; ver: string; obj: string; us: string; rest: string; typ: string; spec: number; tlp: number; bytes: number;
  superseded_seq: string | null; first: boolean; outdated: boolean;
}
interface QuarantineRow {
  id: string; scope: string; stix_id: string; said: string; reason: string; source: string; kept: string | null; tlp: number; body: string; digest: string;
  at: string; state: string; decided_by: string | null; decided_at: string | null; note: string | null;
}
interface StatusRow {
  id: string; scope: string; coll: number; org: string; asked_at: string; ends_at: string; successes: unknown; failures: unknown; total: number;
}
interface WarninglistRow {
  id: string; scope: string; name: string; description: string; kind: string; version: string; names: number; left_off: number;
  uploaded_at: string; uploaded_by: string;
}
export interface ExchangeTables extends RecallTables, CommunityTables, ReshareTables, OutcomeTables, BlindTables {
  exchange_source: SourceRow; exchange_collection: CollectionRow; exchange_object: ObjectRow; exchange_version: VersionRow;
  exchange_entry: EntryRow; exchange_head: { coll: number; seq: string };
  exchange_retraction: { coll: number; seq: string; obj: string; reason: string;
    at: string };
  exchange_named: { obj: string; person: string; org: string; named_by: string; at: string }; exchange_quarantine: QuarantineRow;
    exchange_status: StatusRow;
  exchange_doc: { obj: string; scope: string; name: string; words: string };
  exchange_atom: { key: string; scope: string; obj: string; valid_to_us: string | null };
  exchange_warninglist: WarninglistRow; exchange_benign: { key: string; list: string };
  exchange_edge: { scope: string; src: string; dst: string; relation: string; obj: string };
}

export const tables = (q: Queryable) => q.as<ExchangeTables>();

export const exchangeMigrations: readonly Migration[] = [
  {
    name: 'exchange/001-objects-and-collections',
    sql: `create table exchange_source (
      id text primary key, scope text not null, kind text not null, name text not null, org text, speaks_for text[] not null,
      created_at timestamptz not null, unique (scope, name)
    );
    create table exchange_collection (
      coll int generated always as identity primary key, id text not null unique, scope text not null, kind text not null, title text not null,
      description text not null, alias text, agreement text, partner text, ceiling smallint not null, types text[], accepts boolean not null,
      opened_at timestamptz not null, opened_by text not null, closed_at timestamptz
    );
    create index exchange_collection_of on exchange_collection (scope, coll);
    create unique index exchange_collection_own on exchange_collection (scope, kind) where kind <> 'shared';
    create unique index exchange_collection_alias on exchange_collection (agreement, alias) where alias is not null and closed_at is null;
    create table exchange_head (coll int primary key references exchange_collection (coll), seq bigint not null);
    create table exchange_object (
      obj bigint generated always as identity primary key, scope text not null, stix_id text collate "C" not null, typ text not null,
      creator text, source text not null, revoked_us bigint, top_us bigint not null, top_rest text not null, top_tlp smallint not null,
      unique (scope, stix_id)
    );
    create table exchange_version (
      ver bigint generated always as identity primary key, obj bigint not null, us bigint not null, rest text collate "C" not null,
      said text not null, spec smallint not null, source text not null, revoked boolean not null, tlp smallint not null, digest text not null,
      received_us bigint not null, body text, unique (obj, us, rest, spec)
    );
    create table exchange_entry (
      coll int not null, seq bigint not null, ver bigint not null, obj bigint not null, us bigint not null, rest text collate "C" not null,
      typ text not null, spec smallint not null, tlp smallint not null, bytes int not null, superseded_seq bigint,
      first boolean not null, outdated boolean not null, primary key (coll, seq)
    );
    create index exchange_entry_live on exchange_entry (coll, seq) where superseded_seq is null and not outdated;
    create index exchange_entry_type on exchange_entry (coll, typ, seq) where superseded_seq is null and not outdated;
    create index exchange_entry_obj on exchange_entry (obj, coll, us);
    create table exchange_retraction (
      coll int not null, seq bigint not null, obj bigint not null, reason text not null, at timestamptz not null, primary key (coll, seq)
    );
    create table exchange_named (
      obj bigint not null, person text not null, org text not null, named_by text not null, at timestamptz not null, primary key (obj, person)
    );
    create table exchange_quarantine (
      id text primary key, scope text not null, stix_id text not null, said text not null, reason text not null, source text not null,
      kept bigint, tlp smallint not null, body text not null, digest text not null, at timestamptz not null, state text not null, decided_by text,
      decided_at timestamptz, note text
    );
    create index exchange_quarantine_of on exchange_quarantine (scope, state, id);
    create unique index exchange_quarantine_same on exchange_quarantine (scope, stix_id, digest) where state = 'open';
    create table exchange_status (
      id text primary key, scope text not null, coll int not null, org text not null, asked_at timestamptz not null, ends_at timestamptz not null,
      successes jsonb not null, failures jsonb not null, total int not null
    );
    create index exchange_status_ends on exchange_status (ends_at)`,
  },
  {
    name: 'exchange/002-words-and-edges',
    sql: `create table exchange_doc (
      obj bigint primary key, name text not null, words tsvector not null
    );
    create index exchange_doc_words on exchange_doc using gin (words);
    create table exchange_edge (
      scope text not null, src text collate "C" not null, dst text collate "C" not null, relation text not null, obj bigint not null,
      primary key (obj, src, dst, relation)
    );
    create index exchange_edge_src on exchange_edge (scope, src);
    create index exchange_edge_dst on exchange_edge (scope, dst)`,
  },
  {
    // The key is 16 bytes of a hash, kept as a uuid: fixed in width, and known to both engines.
    name: 'exchange/003-atoms',
    sql: `create table exchange_atom (key uuid not null, obj bigint not null, valid_to_us bigint, primary key (key, obj));
    create index exchange_atom_obj on exchange_atom (obj);
    create table exchange_prefix (family smallint not null, length smallint not null, primary key (family, length));
    create table exchange_warninglist (
      id text primary key, scope text not null, name text not null, description text not null, kind text not null, version text not null,
      names int not null, left_off int not null, uploaded_at timestamptz not null, uploaded_by text not null, unique (scope, name)
    );
    create table exchange_benign (key uuid not null, list text not null, primary key (key, list));
    create index exchange_benign_list on exchange_benign (list)`,
  },
  {
    // Whose a row is stands in it, so that the second lock asks no other table of each row.
    name: 'exchange/004-whose-rows',
    sql: ['version', 'doc', 'atom'].map((table) => `alter table exchange_${table} add column scope text;
      update exchange_${table} r set scope = o.scope from exchange_object o where o.obj = r.obj;
      alter table exchange_${table} alter column scope set not null`).join(';\n'),
  },
  {
    // The transaction that stated a value: by it whoever keeps all keys in memory reads those that came since. Rows of one transaction
    // share an entry of the index, so it costs a write next to nothing.
    name: 'exchange/005-atoms-since',
    sql: `alter table exchange_atom add column act bigint not null default (pg_current_xact_id()::text::bigint);
    create index exchange_atom_act on exchange_atom (act)`,
  },
  ...recallMigrations, ...exportsMigrations, ...communityMigrations, ...reshareMigrations,
  ...outcomeMigrations, ...blindMigrations,
];
