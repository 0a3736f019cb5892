/**
 * The tables of builds. A rebuild and a verdict are written once; what changes of a verdict is that another takes its place, and what
 * the hub found itself. That a rebuilder has one voice for a file holds in the table itself, so that two at once are not both taken.
 */
import type { Migration, Queryable } from '#world/db/port';

export interface BuildsTables {
  builds_rebuilder: {
    id: string; org: string; name: string; public_key: string; machine: string; registered_at: string; registered_by: string; approved_by: string;
    retired_at: string | null; retired_why: string | null;
  };
  builds_rebuild: {
    id: string; org: string; scope: string; product: string; release: string; rebuilder: string; person: string; at: string; started_at: string;
    finished_at: string; evidence: string; recipe: string; environment: string; sources: readonly Named[]; products: readonly Named[]; run_id: string;
    log: string | null; corrects: string | null; reason: string;
  };
  builds_verdict: {
    id: string; rebuild: string; org: string; scope: string; release: string; artefact: string; rebuilder: string; name: string; sha256: string; said: string;
    judgement: string; rules: string[]; recovered: Recovered | null; differences: number; unexplained: number; rebuilt: string | null; at: string;
    held: boolean; found: string | null; superseded_by: string | null; superseded_at: string | null; superseded_why: string | null;
  };
}
export interface Named { readonly name: string; readonly sha256: string }
export interface Recovered { readonly name: string; readonly value: string }
export const tables = (q: Queryable) => q.as<BuildsTables>();

export const buildsMigrations: readonly Migration[] = [
  {
    // One name and one key, ever: a retired one does not come back as somebody else's.
    name: 'builds/001-rebuilds',
    sql: `create table builds_rebuilder (
      id text primary key, org text not null, name text not null unique, public_key text not null unique, machine text not null,
      registered_at timestamptz not null, registered_by text not null, approved_by text not null, retired_at timestamptz, retired_why text
    );
    create table builds_rebuild (
      id text primary key, org text not null, scope text not null, product text not null references catalogue_product (id),
      release text not null references catalogue_release (id), rebuilder text not null references builds_rebuilder (id), person text not null,
      at timestamptz not null, started_at text not null, finished_at text not null, evidence text not null unique, recipe text not null,
      environment text not null, sources jsonb not null, products jsonb not null, run_id text not null, log text,
      corrects text references builds_rebuild (id), reason text not null
    );
    create index builds_rebuild_of on builds_rebuild (release, at);
    create table builds_verdict (
      id text primary key, rebuild text not null references builds_rebuild (id), org text not null, scope text not null,
      release text not null references catalogue_release (id), artefact text not null references catalogue_artefact (id),
      rebuilder text not null references builds_rebuilder (id), name text not null, sha256 text not null, said text not null, judgement text not null,
      rules text[] not null, recovered jsonb, differences int not null, unexplained int not null, rebuilt text, at timestamptz not null,
      held boolean not null, found text, superseded_by text, superseded_at timestamptz, superseded_why text
    );
    create unique index builds_verdict_voice on builds_verdict (rebuilder, artefact) where superseded_by is null;
    create index builds_verdict_of on builds_verdict (release, artefact);
    create index builds_verdict_by on builds_verdict (rebuild)`,
  },
];
