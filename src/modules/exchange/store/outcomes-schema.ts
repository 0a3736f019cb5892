/** The table of outcomes: one word of one organisation on one object; a later one takes its place. */
import type { Migration } from '#world/db/port';

export interface OutcomeTables {
  exchange_outcome: {
    obj: string; reporter: string; scope: string; source: string; source_org: string | null; object: string; outcome: string; action: string;
    acted_at: string | null; note: string; given_at: string; given_by: string;
  };
}

export const outcomeMigrations: readonly Migration[] = [
  {
    name: 'exchange/022-outcomes',
    sql: `create table exchange_outcome (
      obj bigint not null, reporter text not null, scope text not null, source text not null, source_org text, object text not null, outcome text not null,
      action text not null, acted_at timestamptz, note text not null, given_at timestamptz not null, given_by text not null, primary key (obj, reporter)
    );
    create index exchange_outcome_of on exchange_outcome (scope, given_at);
    create index exchange_outcome_source on exchange_outcome (source_org, given_at) where source_org is not null`,
  },
];
