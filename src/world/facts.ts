/**
 * Facts: what was done, written in the same transaction as the act. This is the outbox; the ledger's sequencer
 * drains it into the Merkle log in order. If we crash after the act's commit, the fact is in the outbox and is
 * sequenced at the next start; if before, neither exists.
 *
 * The order is that of the commits. A number given when a fact is stated would not do: who states first may commit last,
 * and would stand before facts whose acts were done and answered earlier. So each transaction that states facts gets its
 * turn by a deferred trigger, which runs inside its COMMIT: when one act was answered before another's commit was asked
 * for, its turn is the lower one. Nobody waits for anybody, so two commits under way at the same moment may become
 * visible against their turns; then the one seen first is sequenced first. None is skipped in any case, since the
 * sequencer keeps no mark of how far it came: it takes what it sees, and deletes exactly that.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { sql } from 'kysely';
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
  {
    // In the bodies no line ends in a semicolon: there a migration is cut into its statements.
    name: 'world/002-facts-in-order-of-commit',
    sql: `
      create sequence facts_turns;
      create table facts_acts (act bigint primary key, turn bigint);
      create index facts_acts_turn on facts_acts (turn);
      alter table facts_outbox add column act bigint not null default (pg_current_xact_id()::text::bigint);
      create index facts_outbox_act on facts_outbox (act, seq);
      create function facts_name_act() returns trigger language plpgsql as $$ begin
        insert into facts_acts (act) values (pg_current_xact_id()::text::bigint) on conflict do nothing
        ; return null; end $$;
      create function facts_take_turn() returns trigger language plpgsql as $$ begin
        update facts_acts set turn = nextval('facts_turns') where act = new.act
        ; return null; end $$;
      create trigger facts_outbox_act after insert on facts_outbox
        for each statement execute function facts_name_act();
      create constraint trigger facts_acts_turn after insert on facts_acts
        deferrable initially deferred for each row execute function facts_take_turn();
      insert into facts_acts (act, turn) select act, nextval('facts_turns') from (select distinct act from facts_outbox) as before;
    `,
  },
];

/** What a piece of work has stated so far. */
export interface Stated { any: boolean }
const hearing = new AsyncLocalStorage<Stated>();

/** Runs work and notes whether it stated a fact, so that who sequences facts need not look after work that stated none. */
export const noting = <T>(stated: Stated, work: () => T): T => hearing.run(stated, work);

/** States a fact inside the act's transaction. */
export function stateFact(tx: Queryable, fact: Fact): Promise<void> {
  return stateFacts(tx, [fact]);
}

/** States facts in this order, in one round trip. */
export async function stateFacts(tx: Queryable, facts: readonly Fact[]): Promise<void> {
  if (facts.length === 0) return;
  const heard = hearing.getStore();
  if (heard) heard.any = true;
  const rows = facts.map((fact) => ({ ...fact, readers: [...new Set([fact.org, ...fact.readers])].sort() }));
  // Numbers are given in the order of the array: PostgreSQL sorts before it asks a sequence.
  await sql`insert into facts_outbox (class, at, fact)
    select f ->> 'class', (f ->> 'at')::timestamptz, f from jsonb_array_elements(${JSON.stringify(rows)}::jsonb)
      with ordinality as rows(f, nth) order by nth`.execute(tx.as<object>());
}
