/**
 * The tables of the catalogue. A folder of a snapshot is one row, by its digest, so that what did not change from release to release
 * is there once; each row holds the very lines that its digest is made of.
 */
import type { Migration, Queryable } from '#world/db/port';

export interface CatalogueTables {
  catalogue_product: {
    id: string; scope: string; name: string; summary: string; summary_vi: string; open: boolean; created_at: string; created_by: string;
  };
  catalogue_release: {
    id: string; product: string; scope: string; version: string; title: string; state: string; embargo_until: string | null; early: string[];
    ordinal: number | null; published_at: string | null; manifest: string | null; withdrawn_at: string | null; withdrawn_why: string | null;
    created_at: string;
  };
  catalogue_artefact: {
    id: string; scope: string; product: string; release: string; kind: string; name: string; sha256: string; size: string; media: string;
    access: string; tlp: number; embargo_until: string | null; early: string[]; root: string | null; files: number | null; bytes: string | null;
    origin_kind: string | null; origin_name: string | null; origin_digest: string | null;
    added_at: string; added_by: string; withdrawn_at: string | null; withdrawn_why: string | null;
  };
  catalogue_folder: { scope: string; digest: string; entries: string };
}
export const tables = (q: Queryable) => q.as<CatalogueTables>();

export const catalogueMigrations: readonly Migration[] = [
  {
    name: 'catalogue/001-products',
    sql: `create table catalogue_product (
      id text primary key, scope text not null, name text not null, summary text not null, summary_vi text not null, open boolean not null,
      created_at timestamptz not null, created_by text not null, unique (scope, name)
    );
    create table catalogue_release (
      id text primary key, product text not null references catalogue_product (id), scope text not null, version text not null, title text not null,
      state text not null, embargo_until timestamptz, early text[] not null, ordinal int, published_at timestamptz, manifest text,
      withdrawn_at timestamptz, withdrawn_why text, created_at timestamptz not null, unique (product, version), unique (product, ordinal)
    );
    create table catalogue_artefact (
      id text primary key, scope text not null, product text not null references catalogue_product (id),
      release text not null references catalogue_release (id), kind text not null, name text not null, sha256 text not null, size bigint not null,
      media text not null, access text not null, tlp smallint not null, embargo_until timestamptz, early text[] not null, root text, files int,
      bytes bigint, added_at timestamptz not null, added_by text not null, withdrawn_at timestamptz, withdrawn_why text, unique (release, kind, name)
    );
    create index catalogue_artefact_digest on catalogue_artefact (sha256);
    create index catalogue_artefact_of on catalogue_artefact (product, kind);
    create table catalogue_folder (scope text not null, digest text not null, entries text not null, primary key (scope, digest))`,
  },
  {
    name: 'catalogue/002-reviews-and-links',
    sql: `create table catalogue_review (
      id text primary key, org text not null, scope text not null, product text not null references catalogue_product (id),
      release text not null references catalogue_release (id), ordinal int not null, person text not null, what text not null, at timestamptz not null
    );
    create index catalogue_review_of on catalogue_review (product, org, ordinal desc);
    create table catalogue_link (
      id text primary key, scope text not null, artefact text not null references catalogue_artefact (id), item text not null, relation text not null,
      target text references catalogue_artefact (id), value text not null, added_at timestamptz not null,
      unique nulls not distinct (artefact, item, relation, target, value)
    );
    create index catalogue_link_to on catalogue_link (target)`,
  },
  {
    // By the rule itself: the same rule in the next release keeps what was said of it.
    name: 'catalogue/003-sign-offs',
    sql: `create table catalogue_sign_off (
      id text primary key, org text not null, scope text not null, product text not null references catalogue_product (id), digest text not null,
      artefact text not null references catalogue_artefact (id), rule text not null, verdict text not null, reason text not null, person text not null,
      at timestamptz not null
    );
    create index catalogue_sign_off_of on catalogue_sign_off (product, org, digest, at desc)`,
  },
  {
    // One copy for each reader: its mark and digest stand for ever, also when the document was withdrawn.
    name: 'catalogue/004-copies',
    sql: `create table catalogue_copy (
      artefact text not null references catalogue_artefact (id), scope text not null, org text not null, person text not null, mark text not null unique,
      sha256 text not null, first_at timestamptz not null, last_at timestamptz not null, opens int not null, told_at timestamptz, seen_at timestamptz,
      letter text, letter_next timestamptz, primary key (artefact, person)
    );
    create index catalogue_copy_of on catalogue_copy (person, last_at desc);
    create index catalogue_copy_letter on catalogue_copy (letter_next) where letter_next is not null`,
  },
  {
    name: 'catalogue/005-origins',
    sql: 'alter table catalogue_artefact add column origin_kind text, add column origin_name text, add column origin_digest text',
  },
];
