/** The tables of peers. A following holds where one stands in a collection; a lease says which run of which hub moves it on. */
import type { Migration, Queryable } from '#world/db/port';

export interface PeerRow {
  id: string; scope: string; title: string; url: string; auth: unknown; sealed: string | null; last_four: string | null; unmarked: string; source: string;
  agreement: string | null; every_minutes: number; page_size: number; dialect: unknown; created_at: string; created_by: string; ended_at: string | null;
}
export interface FollowingRow {
  id: string; scope: string; peer: string; direction: string; root: string; collection: string; title: string; filters: unknown; own: string | null;
  is_on: boolean; place: unknown; page_size: number; quirks: unknown; objects: string | number; refused: string | number; asked_at: string | null;
  last_success_at: string | null; next_at: string; failing_since: string | null; failures: number; trouble: unknown; lease_run: string | null;
  lease_until: string | null; created_at: string; ended_at: string | null;
}
export interface FetchRow {
  id: string; scope: string; following: string; started_at: string; ended_at: string | null; state: string; person: string | null; pages: number;
  objects: string | number; bytes: string | number; accepted: string | number; duplicate: string | number; quarantined: string | number;
  refused: string | number; trouble: unknown;
}
export interface AsideRow { id: string; scope: string; following: string; at: string; place: string; stix_id: string; problem: string }

export interface PeersTables { peers_peer: PeerRow; peers_following: FollowingRow; peers_fetch: FetchRow; peers_aside: AsideRow }

export const tables = (q: Queryable) => q.as<PeersTables>();

export const peersMigrations: readonly Migration[] = [
  {
    name: 'peers/001-peers',
    sql: `create table peers_peer (
      id text primary key, scope text not null, title text not null, url text not null, auth jsonb not null, sealed text, last_four text,
      unmarked text not null, source text not null, agreement text, every_minutes integer not null, page_size integer not null, dialect jsonb not null,
      created_at timestamptz not null, created_by text not null, ended_at timestamptz
    );
    create unique index peers_peer_title on peers_peer (scope, title) where ended_at is null;
    create table peers_following (
      id text primary key, scope text not null, peer text not null references peers_peer (id), direction text not null, root text not null,
      collection text not null, title text not null, filters jsonb not null, own text, is_on boolean not null, place jsonb not null,
      page_size integer not null, quirks jsonb not null, objects bigint not null default 0, refused bigint not null default 0, asked_at timestamptz,
      last_success_at timestamptz, next_at timestamptz not null, failing_since timestamptz, failures integer not null default 0, trouble jsonb,
      lease_run text, lease_until timestamptz, created_at timestamptz not null, ended_at timestamptz
    );
    create index peers_following_of on peers_following (peer, id);
    create index peers_following_due on peers_following (next_at) where ended_at is null and is_on;
    create table peers_fetch (
      id text primary key, scope text not null, following text not null references peers_following (id), started_at timestamptz not null,
      ended_at timestamptz, state text not null, person text, pages integer not null default 0, objects bigint not null default 0,
      bytes bigint not null default 0, accepted bigint not null default 0, duplicate bigint not null default 0, quarantined bigint not null default 0,
      refused bigint not null default 0, trouble jsonb
    );
    create index peers_fetch_of on peers_fetch (following, id desc);
    create index peers_fetch_open on peers_fetch (following) where state = 'running';
    create table peers_aside (
      id text primary key, scope text not null, following text not null references peers_following (id), at timestamptz not null, place text not null,
      stix_id text not null, problem text not null, unique (following, stix_id, problem)
    );
    create index peers_aside_of on peers_aside (following, id desc)`,
  },
];
