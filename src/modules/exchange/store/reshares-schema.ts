/** The table of requests to pass something on. */
import type { Migration } from '#world/db/port';

export interface ReshareTables {
  exchange_reshare: {
    id: string; asker: string; source: string; object: string; name: string; tlp: number; recipient: string; recipient_name: string; reason: string;
    asked_at: string; asked_by: string; state: string; answered_at: string | null; answered_by: string | null; until: string | null; note: string | null;
  };
}

export const reshareMigrations: readonly Migration[] = [
  {
    name: 'exchange/021-reshares',
    sql: `create table exchange_reshare (
      id text primary key, asker text not null, source text not null, object text not null, name text not null, tlp smallint not null,
      recipient text not null, recipient_name text not null, reason text not null, asked_at timestamptz not null, asked_by text not null,
      state text not null, answered_at timestamptz, answered_by text, until timestamptz, note text
    );
    create index exchange_reshare_asker on exchange_reshare (asker, id);
    create index exchange_reshare_source on exchange_reshare (source, id);
    create unique index exchange_reshare_open on exchange_reshare (asker, source, object, recipient) where state = 'open'`,
  },
];
