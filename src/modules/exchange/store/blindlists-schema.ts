/** The tables of blind lists: a list with its sealed secret, and its keys with how often each was found. */
import type { Migration } from '#world/db/port';

export interface BlindTables {
  exchange_blindlist: {
    id: string; scope: string; agreement: string; partner: string; title: string; contact: string; sealed: string | null; opened_at: string;
    opened_by: string; closed_at: string | null;
  };
  exchange_blindkey: { list: string; key: string; found: number; last_at: string | null };
}

export const blindMigrations: readonly Migration[] = [
  {
    name: 'exchange/023-blind-lists',
    sql: `create table exchange_blindlist (
      id text primary key, scope text not null, agreement text not null, partner text not null, title text not null, contact text not null, sealed text,
      opened_at timestamptz not null, opened_by text not null, closed_at timestamptz
    );
    create index exchange_blindlist_of on exchange_blindlist (scope, id);
    create index exchange_blindlist_for on exchange_blindlist (partner, id);
    create table exchange_blindkey (
      list text not null references exchange_blindlist (id), key uuid not null, found int not null default 0, last_at timestamptz, primary key (list, key)
    )`,
  },
];
