/**
 * The tables of the centre. `scope` is the organisation that reviews, `owner` the one whose product it is. What one side says of the
 * other's record is a row of its own, so that nobody can write over what the other has said. A room has one row a day, and the database
 * refuses a second.
 */
import type { Migration, Queryable } from '#world/db/port';
import type { ItemKind, ItemState, ReviewLevel, VisitState } from '../model.ts';

export interface CentreTables {
  centre_visit: {
    id: string; scope: string; owner: string; product: string; product_name: string; release: string; version: string; artefact: string; root: string;
    blocks: string; level: ReviewLevel; mode: 'remote' | 'on-site'; goals: string; questions: string[]; from_day: string; to_day: string; state: VisitState;
    reason: string; asked_at: string; asked_by: string; decided_at: string | null; closed_at: string | null; per_day: number; in_all: number;
    wanted_day: number | null; wanted_all: number | null; wanted_by: string | null; opens_after: number; opened_at: string | null;
  };
  centre_item: { id: string; visit: string; scope: string; owner: string; kind: ItemKind; name: string; ref: string; state: ItemState; reason: string };
  centre_room: { id: string; scope: string; name: string; place: string; seats: number };
  centre_booking: { room: string; day: string; scope: string; visit: string; guest: string };
  centre_review: { id: string; visit: string; scope: string; owner: string; person: string; mark: string; code: string; began_at: string;
    ended_at: string | null };
  centre_view: {
    id: string; review: string; visit: string; scope: string; owner: string; product: string; release: string; person: string; path: string; digest: string;
    number: number; from_byte: number; to_byte: number; line: number; ends: number; fresh: number; file_at: number; at: string; leased_until: string;
    leaf: string | null;
  };
  centre_seen: { scope: string; owner: string; product: string; digest: string; blocks: Uint8Array };
  centre_account: { scope: string; owner: string; product: string; seen: number; day: string; today: number };
  centre_note: {
    id: string; visit: string; scope: string; owner: string; person: string; path: string; from_line: number; to_line: number; body: string; hash: string;
    at: string;
  };
  centre_clearance: { note: string; scope: string; owner: string; body: string; hash: string; withheld: unknown; at: string; person: string };
  centre_flaw: {
    id: string; visit: string; scope: string; owner: string; product: string; product_name: string; severity: string; commitment: string; salt: string;
    content: unknown; committed_at: string; disclose_by: string; disclosed_at: string | null; answer_by: string | null; closed_at: string | null;
    alarmed_at: string | null;
  };
  centre_answer: { flaw: string; scope: string; owner: string; body: string; at: string; person: string };
  centre_statement: {
    id: string; visit: string; scope: string; owner: string; product: string; release: string; line: unknown; body: string; secret: string; made_at: string;
    expires: string;
  };
}
export const tables = (q: Queryable) => q.as<CentreTables>();

export const centreMigrations: readonly Migration[] = [
  {
    name: 'centre/001-centre',
    sql: `create table centre_visit (
      id text primary key, scope text not null, owner text not null, product text not null, product_name text not null, release text not null,
      version text not null, artefact text not null, root text not null, blocks bigint not null, level text not null, mode text not null, goals text not null,
      questions text[] not null, from_day text not null, to_day text not null, state text not null, reason text not null, asked_at timestamptz not null,
      asked_by text not null, decided_at timestamptz, closed_at timestamptz, per_day int not null, in_all int not null, wanted_day int, wanted_all int,
      wanted_by text, opens_after int not null, opened_at timestamptz, check (from_day <= to_day)
    );
    create index centre_visit_scope on centre_visit (scope, id);
    create index centre_visit_owner on centre_visit (owner, id);
    create table centre_item (
      id text primary key, visit text not null references centre_visit (id), scope text not null, owner text not null, kind text not null,
      name text not null, ref text not null, state text not null, reason text not null
    );
    create index centre_item_of on centre_item (visit);
    create table centre_room (id text primary key, scope text not null, name text not null, place text not null, seats int not null, unique (scope, name));
    create table centre_booking (
      room text not null references centre_room (id), day text not null, scope text not null, visit text not null references centre_visit (id),
      guest text not null, primary key (room, day)
    );
    create index centre_booking_of on centre_booking (visit);
    create table centre_review (
      id text primary key, visit text not null references centre_visit (id), scope text not null, owner text not null, person text not null,
      mark text not null, began_at timestamptz not null, ended_at timestamptz
    );
    create index centre_review_of on centre_review (visit);
    create table centre_view (
      id text primary key, review text not null references centre_review (id), visit text not null, scope text not null, owner text not null,
      product text not null, release text not null, person text not null, path text not null, digest text not null, number int not null,
      from_byte bigint not null, to_byte bigint not null, line int not null, ends int not null, fresh int not null, file_at int not null,
      at timestamptz not null, leased_until timestamptz not null, leaf bigint
    );
    create index centre_view_lease on centre_view (review, digest, number, leased_until);
    create index centre_view_of on centre_view (visit, id);
    create index centre_view_product on centre_view (scope, product, digest);
    create table centre_seen (
      scope text not null, owner text not null, product text not null, digest text not null, blocks bytea not null, primary key (scope, product, digest)
    );
    create table centre_account (
      scope text not null, owner text not null, product text not null, seen int not null, day text not null, today int not null, primary key (scope, product)
    );
    create table centre_note (
      id text primary key, visit text not null references centre_visit (id), scope text not null, owner text not null, person text not null,
      path text not null, from_line int not null, to_line int not null, body text not null, hash text not null, at timestamptz not null
    );
    create index centre_note_of on centre_note (visit, id);
    create table centre_clearance (
      note text primary key references centre_note (id), scope text not null, owner text not null, body text not null, hash text not null,
      withheld jsonb not null, at timestamptz not null, person text not null
    );
    create table centre_flaw (
      id text primary key, visit text not null references centre_visit (id), scope text not null, owner text not null, product text not null,
      product_name text not null, severity text not null, commitment text not null, salt text not null, content jsonb not null,
      committed_at timestamptz not null, disclose_by timestamptz not null, disclosed_at timestamptz, answer_by timestamptz, closed_at timestamptz,
      alarmed_at timestamptz
    );
    create index centre_flaw_scope on centre_flaw (scope, id);
    create index centre_flaw_owner on centre_flaw (owner, id);
    create table centre_answer (
      flaw text primary key references centre_flaw (id), scope text not null, owner text not null, body text not null, at timestamptz not null,
      person text not null
    );
    create table centre_statement (
      id text primary key, visit text not null references centre_visit (id), scope text not null, owner text not null, product text not null,
      release text not null, line jsonb not null, body text not null, secret text not null, made_at timestamptz not null, expires timestamptz not null
    )`,
  },
  {
    // The number that the mark carries was its last word.
    name: 'centre/002-marks',
    sql: `alter table centre_review add column code text;
    update centre_review set code = right(mark, 8);
    alter table centre_review alter column code set not null;
    create unique index centre_review_code on centre_review (code)`,
  },
];
