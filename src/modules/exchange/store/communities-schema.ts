/** The table of communities; a member is a collection that names its community. */
import type { Migration } from '#world/db/port';

export interface CommunityTables {
  exchange_community: {
    id: string; scope: string; title: string; description: string; alias: string | null; ceiling: number; types: string[] | null;
    opened_at: string; opened_by: string; closed_at: string | null;
  };
}

export const communityMigrations: readonly Migration[] = [
  {
    name: 'exchange/020-communities',
    sql: `create table exchange_community (
      id text primary key, scope text not null, title text not null, description text not null, alias text, ceiling smallint not null, types text[],
      opened_at timestamptz not null, opened_by text not null, closed_at timestamptz
    );
    create index exchange_community_of on exchange_community (scope, id);
    alter table exchange_collection add column community text;
    create unique index exchange_collection_member on exchange_collection (community, agreement) where community is not null and closed_at is null`,
  },
];
