/**
 * The tables of watching. Equal looks are one run: its first and its last signed word are kept, for what lies between says nothing more,
 * and each look is a fact in the ledger besides. What two observers were served alike is stored once, by its digest.
 */
import type { Migration, Queryable } from '#world/db/port';

export interface WatchTables {
  watch_channel: {
    id: string; scope: string; product: string; name: string; url: string; format: string; settle_minutes: number; silent_minutes: number; created_at: string;
    created_by: string; ended_at: string | null;
  };
  watch_observer: {
    id: string; org: string; name: string; country: string; network: string | null; keyid: string; public_key: string; registered_at: string;
    registered_by: string; ended_at: string | null; last_at: string | null; skew_ms: string | null;
  };
  watch_view: { channel: string; digest: string; body: string };
  watch_run: {
    id: string; channel: string; observer: string; org: string; view: string; from_at: string; to_at: string; number: string; looks: number;
    first_envelope: unknown; last_envelope: unknown; heard_at: string; late: boolean; served_ms: string | null; current: boolean; readable: boolean;
  };
  watch_alarm: {
    id: string; channel: string; scope: string; kind: string; key: string; name: string; version: string | null; detail: string | null; places: string[];
    rest: string[]; region: unknown; evidence: unknown; orgs: string[]; raised_at: string; last_at: string; over_at: string | null; times: number;
    explained_at: string | null; closed_at: string | null;
  };
  watch_word: { id: string; alarm: string; org: string; person: string; kind: string; body: string; at: string };
  watch_excerpt: { alarm: string; channel: string; sha256: string; from_byte: string; bytes: Uint8Array; org: string; at: string };
}
export const tables = (q: Queryable) => q.as<WatchTables>();

export const watchMigrations: readonly Migration[] = [
  {
    name: 'watch/001-channels',
    sql: `create table watch_channel (
      id text primary key, scope text not null, product text not null references catalogue_product (id), name text not null, url text not null,
      format text not null, settle_minutes int not null, silent_minutes int not null, created_at timestamptz not null, created_by text not null,
      ended_at timestamptz
    );
    create unique index watch_channel_named on watch_channel (product, name) where ended_at is null;
    create table watch_observer (
      id text primary key, org text not null, name text not null, country text not null, network text, keyid text not null, public_key text not null,
      registered_at timestamptz not null, registered_by text not null, ended_at timestamptz, last_at timestamptz, skew_ms bigint
    );
    create unique index watch_observer_key on watch_observer (org, keyid);
    create unique index watch_observer_public on watch_observer (public_key);
    create table watch_view (
      channel text not null references watch_channel (id), digest text not null, body text not null, primary key (channel, digest)
    );
    create table watch_run (
      id text primary key, channel text not null references watch_channel (id), observer text not null references watch_observer (id), org text not null,
      view text not null, from_at timestamptz not null, to_at timestamptz not null, number bigint not null, looks int not null,
      first_envelope jsonb not null, last_envelope jsonb not null, heard_at timestamptz not null, late boolean not null, served_ms bigint,
      current boolean not null
    );
    create unique index watch_run_current on watch_run (channel, observer) where current;
    create index watch_run_of on watch_run (channel, from_at desc, id desc);
    create index watch_run_by on watch_run (observer);
    create table watch_alarm (
      id text primary key, channel text not null references watch_channel (id), scope text not null, kind text not null, key text not null,
      name text not null, version text, detail text, places text[] not null, rest text[] not null, region jsonb, evidence jsonb not null,
      orgs text[] not null, raised_at timestamptz not null, last_at timestamptz not null, over_at timestamptz, times int not null,
      explained_at timestamptz, closed_at timestamptz
    );
    create index watch_alarm_of on watch_alarm (channel, kind, key, raised_at desc);
    create index watch_alarm_open on watch_alarm (channel) where closed_at is null;
    create table watch_word (
      id text primary key, alarm text not null references watch_alarm (id), org text not null, person text not null, kind text not null, body text not null,
      at timestamptz not null
    );
    create index watch_word_of on watch_word (alarm, at);
    create table watch_excerpt (
      alarm text not null references watch_alarm (id), channel text not null references watch_channel (id), sha256 text not null, from_byte bigint not null,
      bytes bytea not null, org text not null, at timestamptz not null, primary key (alarm, sha256, from_byte)
    )`,
  },
  {
    // What is compared with is the last manifest that could be read: an answer that fails in between hides no way back.
    name: 'watch/002-readable',
    sql: 'alter table watch_run add column readable boolean not null default true',
  },
];
