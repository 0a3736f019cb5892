/** The tables of recalls: what was called back and why, who could have had it by which collection, and what each of them said. */
import type { Migration } from '#world/db/port';

export interface RecallTables {
  exchange_recall: {
    id: string; scope: string; reason: string; begun_at: string; begun_by: string; ends_at: string; lifted_at: string | null; lifted_by: string | null;
    lifted_why: string | null;
  };
  exchange_recall_object: { recall: string; obj: string; stix_id: string; name: string; tlp: number };
  exchange_recall_recipient: {
    recall: string; org: string; scope: string; delivered_at: string | null; acknowledged_at: string | null; acknowledged_by: string | null;
    said: string | null; note: string | null; overdue_at: string | null;
  };
  exchange_recall_copy: { recall: string; org: string; coll: number; obj: string };
}

export const recallMigrations: readonly Migration[] = [
  {
    name: 'exchange/010-recalls',
    sql: `alter table exchange_object add column recalled text;
    create table exchange_recall (
      id text primary key, scope text not null, reason text not null, begun_at timestamptz not null, begun_by text not null,
      ends_at timestamptz not null, lifted_at timestamptz, lifted_by text, lifted_why text
    );
    create index exchange_recall_of on exchange_recall (scope, id);
    create table exchange_recall_object (
      recall text not null references exchange_recall (id), obj bigint not null, stix_id text not null, name text not null, tlp smallint not null,
      primary key (recall, obj)
    );
    create table exchange_recall_recipient (
      recall text not null references exchange_recall (id), org text not null, scope text not null, delivered_at timestamptz, acknowledged_at timestamptz,
      acknowledged_by text, said text, note text, overdue_at timestamptz, primary key (recall, org)
    );
    create index exchange_recall_recipient_of on exchange_recall_recipient (org, recall);
    create index exchange_recall_open on exchange_recall_recipient (recall) where acknowledged_at is null and overdue_at is null;
    create table exchange_recall_copy (
      recall text not null references exchange_recall (id), org text not null, coll int not null, obj bigint not null,
      primary key (recall, org, coll, obj)
    )`,
  },
];
