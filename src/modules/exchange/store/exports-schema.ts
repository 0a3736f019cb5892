/** The tables of exports and their releases. What a release was made of is kept beside its hash, so that it is known when it is stale. */
import type { Migration } from '#world/db/port';

export const exportsMigrations: readonly Migration[] = [
  {
    name: 'exchange/011-exports',
    sql: `create table exchange_export (
      id text primary key, scope text not null, title text not null, chosen jsonb not null, current int not null, pinned boolean not null,
      opened_at timestamptz not null, opened_by text not null, ended_at timestamptz, end_reason text
    );
    create index exchange_export_of on exchange_export (scope, id);
    create table exchange_release (
      export text not null references exchange_export (id), scope text not null, number int not null, state text not null, act text not null,
      made_at timestamptz not null, made_by text not null, ends_at timestamptz not null, count int not null, tlp text not null, left_out jsonb not null,
      held text[] not null, sha256 text not null, size_bytes bigint not null, restores int, agreed_by text, colls int[] not null, objs bigint[] not null,
      head_seq bigint not null, primary key (export, number)
    )`,
  },
];
