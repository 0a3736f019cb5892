/**
 * The tables of the controls. `scope` is the organisation that reviews, `owner` the one whose product it is, as in the centre's own. What one
 * side says of what the other asked is a row of its own, so that neither can write the other's word.
 */
import type { Migration, Queryable } from '#world/db/port';

export interface Withheld { readonly from: number; readonly to: number; readonly reason: string }

export interface ControlsTables {
  centre_excerpt: {
    id: string; visit: string; review: string; scope: string; owner: string; person: string; path: string; digest: string; from_line: number;
    to_line: number; purpose: string; body: string; hash: string; at: string; ends_at: string;
  };
  /** The provider's word and that of the reviewing side; `side` says whose. */
  centre_excerpt_word: {
    excerpt: string; side: 'owner' | 'scope'; scope: string; owner: string; person: string; agreed: boolean; reason: string; withheld: Withheld[];
    body: string; hash: string; at: string;
  };
  centre_copy: {
    id: string; visit: string; scope: string; owner: string; excerpt: string | null; what: string; person: string; mark: string; made_at: string;
    ends_at: string; destroyed_at: string | null; destroyed_by: string | null; how: string; overdue_at: string | null;
  };
  centre_appeal: { note: string; scope: string; owner: string; person: string; reason: string; at: string };
  centre_appeal_word: {
    note: string; scope: string; owner: string; person: string; upheld: boolean; reason: string; withheld: Withheld[]; body: string; hash: string; at: string;
  };
  /** Each time that it was asked for; the newest counts. */
  centre_early: { visit: string; turn: number; scope: string; owner: string; person: string; reason: string; at: string;
    /** Windows that are asked for; null is all of them. */
    sample: number | null;
  };
  centre_early_word: { visit: string; turn: number; scope: string; owner: string; person: string; agreed: boolean; reason: string; at: string };
  /** What a checkpoint drew of a trail: `asked` windows of the `of` that were in the log then. */
  centre_sample: { visit: string; scope: string; owner: string; asked: number; of: number; checkpoint: string; at: string };
  centre_sampled: { view: string; visit: string; scope: string; owner: string };
  /** Who may open a trail alone. `party` is the side that named it; what the other says is its own row. */
  centre_arbiter: { visit: string; turn: number; scope: string; owner: string; party: string; person: string; name: string; key: string; fingerprint: string;
    at: string };
  centre_arbiter_word: { visit: string; turn: number; scope: string; owner: string; party: string; person: string; agreed: boolean; reason: string;
    at: string };
  /** The arbiter's share, by its blob. */
  centre_escrow: { visit: string; scope: string; owner: string; digest: string; bytes: number; facts: number; at: string };
  centre_bait: { visit: string; owner: string; paths: string[]; person: string; at: string };
  centre_sealed: { visit: string; owner: string; scope: string; paths: string[]; salt: string; commitment: string; at: string };
  centre_bitten: { id: string; visit: string; owner: string; scope: string; review: string; path: string; at: string };
}
export const tables = (q: Queryable) => q.as<ControlsTables>();

export const controlsMigrations: readonly Migration[] = [
  {
    name: 'centre/003-controls',
    sql: `create table centre_excerpt (
      id text primary key, visit text not null references centre_visit (id), review text not null, scope text not null, owner text not null,
      person text not null, path text not null, digest text not null, from_line int not null, to_line int not null, purpose text not null,
      body text not null, hash text not null, at timestamptz not null, ends_at timestamptz not null
    );
    create index centre_excerpt_of on centre_excerpt (visit, id);
    create table centre_excerpt_word (
      excerpt text not null references centre_excerpt (id), side text not null check (side in ('owner', 'scope')), scope text not null, owner text not null,
      person text not null, agreed boolean not null, reason text not null, withheld jsonb not null, body text not null, hash text not null,
      at timestamptz not null, primary key (excerpt, side)
    );
    create table centre_copy (
      id text primary key, visit text not null references centre_visit (id), scope text not null, owner text not null, excerpt text, what text not null,
      person text not null, mark text not null, made_at timestamptz not null, ends_at timestamptz not null, destroyed_at timestamptz, destroyed_by text,
      how text not null, overdue_at timestamptz
    );
    create index centre_copy_of on centre_copy (visit, id);
    create unique index centre_copy_one on centre_copy (excerpt, person);
    create table centre_appeal (
      note text primary key references centre_note (id), scope text not null, owner text not null, person text not null, reason text not null,
      at timestamptz not null
    );
    create table centre_appeal_word (
      note text primary key references centre_appeal (note), scope text not null, owner text not null, person text not null, upheld boolean not null,
      reason text not null, withheld jsonb not null, body text not null, hash text not null, at timestamptz not null
    );
    create table centre_early (
      visit text primary key references centre_visit (id), scope text not null, owner text not null, person text not null, reason text not null,
      at timestamptz not null
    );
    create table centre_early_word (
      visit text primary key references centre_early (visit), scope text not null, owner text not null, person text not null, agreed boolean not null,
      reason text not null, at timestamptz not null
    );
    create table centre_bait (visit text primary key references centre_visit (id), owner text not null, paths text[] not null,
      person text not null, at timestamptz not null);
    create table centre_sealed (
      visit text primary key references centre_visit (id), owner text not null, scope text not null, paths text[] not null, salt text not null,
      commitment text not null, at timestamptz not null
    );
    create table centre_bitten (
      id text primary key, visit text not null references centre_visit (id), owner text not null, scope text not null, review text not null,
      path text not null, at timestamptz not null
    );
    create index centre_bitten_of on centre_bitten (visit, id)`,
  },
  {
    name: 'centre/301-samples',
    sql: `alter table centre_early add column sample int check (sample > 0);
    create table centre_sample (
      visit text primary key references centre_early (visit), scope text not null, owner text not null, of int not null, checkpoint text not null,
      at timestamptz not null
    );
    create table centre_sampled (
      view text primary key references centre_view (id), visit text not null references centre_sample (visit), scope text not null, owner text not null
    );
    create index centre_sampled_of on centre_sampled (visit, view)`,
  },
  {
    // Asked again after a no, and for the whole after a sample: each asking and each answer stays as it was said.
    name: 'centre/401-arbiters',
    sql: `alter table centre_early_word drop constraint centre_early_word_visit_fkey;
    alter table centre_sample drop constraint centre_sample_visit_fkey;
    alter table centre_early add column turn int not null default 1, drop constraint centre_early_pkey, add primary key (visit, turn);
    alter table centre_early_word add column turn int not null default 1, drop constraint centre_early_word_pkey, add primary key (visit, turn),
      add foreign key (visit, turn) references centre_early (visit, turn);
    alter table centre_sample add column asked int not null default 0, add foreign key (visit) references centre_visit (id);
    update centre_sample s set asked = coalesce((select e.sample from centre_early e where e.visit = s.visit), 0);
    create table centre_arbiter (
      visit text not null references centre_visit (id), turn int not null, scope text not null, owner text not null, party text not null,
      person text not null, name text not null, key text not null, fingerprint text not null, at timestamptz not null, primary key (visit, turn)
    );
    create table centre_arbiter_word (
      visit text not null, turn int not null, scope text not null, owner text not null, party text not null, person text not null,
      agreed boolean not null, reason text not null, at timestamptz not null, primary key (visit, turn),
      foreign key (visit, turn) references centre_arbiter (visit, turn)
    );
    create table centre_escrow (
      visit text primary key references centre_visit (id), scope text not null, owner text not null, digest text not null, bytes int not null,
      facts int not null, at timestamptz not null
    )`,
  },
];
