/** Tables of sightings: each as it was reported, and rolled up by object, kind, who reported it (its audience, beside the holder) and day. */
import type { Migration } from '#world/db/port';

export const sightingMigrations: readonly Migration[] = [
  {
    name: 'exchange/040-sightings',
    sql: `create table exchange_sighting (
      id text not null, scope text not null, holder text not null, obj bigint not null, part text not null, kind smallint not null, at_us bigint not null,
      source text not null, n int not null, reported_by text not null, received_us bigint not null, primary key (scope, id)
    );
    create index exchange_sighting_obj on exchange_sighting (obj, at_us);
    create index exchange_sighting_new on exchange_sighting (scope, received_us);
    create table exchange_sighting_day (
      obj bigint not null, kind smallint not null, aud text not null, holder text not null, day date not null, n bigint not null,
      first_us bigint not null, last_us bigint not null, primary key (obj, kind, aud, day)
    )`,
  },
];
