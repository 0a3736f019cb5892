/**
 * Facts: what was done, written in the same transaction as the act. This is the outbox; the ledger's sequencer
 * drains it into the Merkle log in order. If we crash after the act's commit, the fact is in the outbox and is
 * sequenced at the next start; if before, neither exists.
 */
import type { ClauseRef } from '#kit/refusal';
import type { Migration, Queryable } from './db/port.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface Fact {
  /** `noun.verb` in the past tense: `agreement.signed`. */
  readonly class: string;
  /** RFC 3339 UTC, when it was done. */
  readonly at: string;
  /** Person id, or `system`. */
  readonly actor: string;
  /** Organisation the actor acted for. */
  readonly org: string;
  /** What it is about: the object's id. Its key opens the leaf; erasing that key erases the content. */
  readonly subject: string;
  /** Organisations whose auditors may read the opening. The actor's own is always among them. */
  readonly readers: readonly string[];
  /** Clauses that allowed the act, where it was by mandate. */
  readonly clauses: readonly ClauseRef[];
  /** The act in figures and ids. Never secrets, never content that its readers may not see. */
  readonly body: { readonly [key: string]: Json };
}

export interface OutboxTables {
  facts_outbox: { seq: string; class: string; at: string; fact: unknown };
}

export const factsMigrations: readonly Migration[] = [
  {
    name: 'world/001-facts-outbox',
    sql: `create table facts_outbox (
      seq bigint generated always as identity primary key,
      class text not null,
      at timestamptz not null,
      fact jsonb not null
    )`,
  },
];

/** States a fact inside the act's transaction. */
export async function stateFact(tx: Queryable, fact: Fact): Promise<void> {
  const readers = [...new Set([fact.org, ...fact.readers])].sort();
  await tx
    .as<{ facts_outbox: { class: string; at: string; fact: string } }>()
    .insertInto('facts_outbox')
    .values({ class: fact.class, at: fact.at, fact: JSON.stringify({ ...fact, readers }) })
    .execute();
}
