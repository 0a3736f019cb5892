/**
 * Clocks of obligations, kept in the records: begun and stopped by facts as the ledger has them, late by the hub's clock. The
 * place up to which facts were heard moves in the transaction that acts on them: if we crash they are heard again, and done once.
 */
import { sql } from 'kysely';
import type { ClauseRef } from '#kit/refusal';
import type { Clock } from '#world/clock';
import type { Db, Migration, Queryable } from '#world/db/port';
import { stateFact, type Json } from '#world/facts';
import { logSize, sequencedFacts } from '#modules/ledger/index';
import type { Agreement } from '../model.ts';
import { clauseRef } from './explain.ts';
import { begins, creditorOf, debtorOf, dueAt, isInTime, obligationsOf, type Heard, type Obligation } from './obligation.ts';

export interface ClockRow {
  id: string; agreement: string; obligation: string; done_by: string; clause: ClauseRef;
  subject: string; debtor: string; creditor: string; begun_at: string; due_at: string; done_at: string | null; late_at: string | null;
}
interface ObligationTables {
  obligation_clocks: ClockRow;
  obligations_heard: { id: number; next: string };
  agreements: { document: Agreement; status: string };
}

export const obligationMigrations: readonly Migration[] = [
  {
    name: 'agreements/obligations-001-clocks',
    sql: `create table obligation_clocks (
      id text primary key, agreement text not null references agreements (id), obligation text not null, done_by text not null,
      clause jsonb not null, subject text not null, debtor text not null, creditor text not null, begun_at timestamptz not null,
      due_at timestamptz not null, done_at timestamptz, late_at timestamptz);
    create index obligation_clocks_open on obligation_clocks (due_at) where done_at is null and late_at is null;
    create index obligation_clocks_subject on obligation_clocks (subject, done_by) where done_at is null;
    create index obligation_clocks_debtor on obligation_clocks (debtor, due_at);
    create index obligation_clocks_creditor on obligation_clocks (creditor, due_at);
    create table obligations_heard (id smallint primary key check (id = 1), next bigint not null);
    insert into obligations_heard values (1, 0);`,
  },
];

type Parts = { readonly db: Db; readonly clock: Clock };
const t = (q: Queryable) => q.as<ObligationTables>();
const atOnce = 200;

/** Hears what the ledger has, then tells what is late. One chore: a duty done in time is heard before its time is looked at. */
export async function tendObligations(parts: Parts): Promise<void> {
  while (await hearSome(parts)) await Promise.resolve();
  await tellLate(parts);
}

/** True where there may be more. */
function hearSome({ db }: Parts): Promise<boolean> {
  return db.transaction(async (tx) => {
    const { next } = await t(tx).selectFrom('obligations_heard').select('next').forUpdate().executeTakeFirstOrThrow();
    // Read before the agreements: whatever binds a fact below was in force before it was counted.
    const size = await logSize(tx);
    const running = await runningObligations(tx);
    const open = await t(tx).selectFrom('obligation_clocks').select('done_by').distinct().where('done_at', 'is', null).execute();
    const classes = [...new Set([...running.map((o) => o.spec.begunBy), ...open.map((c) => c.done_by), ...running.map((o) => o.spec.doneBy)])];
    const facts = classes.length === 0 ? [] : (await sequencedFacts(tx, classes, Number(next), atOnce)).filter((f) => f.index < size);
    for (const fact of facts) await hear(tx, running, fact);
    const more = facts.length === atOnce;
    const heard = more ? (facts.at(-1)?.index ?? 0) + 1 : size;
    await t(tx).updateTable('obligations_heard').set({ next: String(heard) }).where('id', '=', 1).execute();
    return more;
  });
}

/** Of all agreements that were signed; whether one was in force is asked of the time of each fact. */
async function runningObligations(tx: Queryable): Promise<Obligation[]> {
  const rows = await t(tx).selectFrom('agreements').select('document').where('status', 'in', ['active', 'suspended'])
    .where(sql<boolean>`document @? '$.clauses[*].machine.obligations[*]'`).execute();
  return rows.flatMap((row) => obligationsOf(row.document));
}

async function hear(tx: Queryable, running: readonly Obligation[], fact: Heard): Promise<void> {
  const stopped = await t(tx).updateTable('obligation_clocks').set({ done_at: fact.at }).where('subject', '=', fact.subject)
    .where('done_by', '=', fact.class).where('debtor', '=', fact.org).where('done_at', 'is', null).returningAll().execute();
  for (const clock of stopped) {
    await state(tx, 'obligation.done', fact.at, clock, { inTime: isInTime(fact.at, clock.due_at), because: fact.index });
  }
  for (const obligation of running.filter((o) => begins(o, fact))) await begin(tx, obligation, fact);
}

async function begin(tx: Queryable, obligation: Obligation, fact: Heard): Promise<void> {
  const { agreement, clause, spec } = obligation;
  const row: ClockRow = {
    id: `obl_${spec.id}_${fact.index}`.replaceAll(/[^\w]/g, '-'), agreement: agreement.id, obligation: spec.id, done_by: spec.doneBy,
    clause: clauseRef(agreement, clause), subject: fact.subject, debtor: debtorOf(obligation), creditor: creditorOf(obligation),
    begun_at: fact.at, due_at: dueAt(fact.at, spec.withinSeconds), done_at: null, late_at: null,
  };
  const made = await t(tx).insertInto('obligation_clocks').values({ ...row, clause: sql`${JSON.stringify(row.clause)}::jsonb` as never })
    .onConflict((c) => c.column('id').doNothing()).executeTakeFirst();
  if (made.numInsertedOrUpdatedRows !== 0n) await state(tx, 'obligation.begun', fact.at, row, { because: fact.index });
}

/** States each that is late, once. Not while a fact from before its time still waits to be sequenced: it may be the one. */
async function tellLate({ db, clock }: Parts): Promise<void> {
  const now = clock.iso();
  await db.transaction(async (tx) => {
    const late = await t(tx).updateTable('obligation_clocks').set({ late_at: now }).where('done_at', 'is', null)
      .where('late_at', 'is', null).where('due_at', '<=', now)
      .where(sql<boolean>`not exists (select 1 from facts_outbox o where o.class = done_by and o.at < due_at)`).returningAll().execute();
    for (const row of late) await state(tx, 'obligation.late', now, row, {});
  });
}

async function state(tx: Queryable, name: string, at: string, row: ClockRow, body: Readonly<Record<string, Json>>): Promise<void> {
  await stateFact(tx, {
    class: name, at, actor: 'system', org: row.debtor, subject: row.subject, readers: [row.creditor], clauses: [row.clause],
    body: { clock: row.id, obligation: row.obligation, agreement: row.agreement, due: row.due_at, ...body },
  });
}

/** What is still open of one organisation's becomes another's, owed and owing; what is done stays with who did it. Answers how many. */
export async function passOnDuties(tx: Queryable, from: string, to: string): Promise<number> {
  const pass = (side: 'debtor' | 'creditor') => t(tx).updateTable('obligation_clocks').set({ [side]: to })
    .where(side, '=', from).where('done_at', 'is', null).executeTakeFirst();
  const [owed, owing] = [await pass('debtor'), await pass('creditor')];
  return Number(owed.numUpdatedRows + owing.numUpdatedRows);
}

export interface Duty {
  readonly id: string;
  readonly agreement: string;
  readonly obligation: string;
  readonly subject: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly begunAt: string;
  readonly dueAt: string;
  readonly doneAt: string | null;
  readonly state: 'open' | 'done' | 'late' | 'done-late';
}

/** Clocks of an organisation, as debtor or creditor, those that are open first, then the latest. */
export async function dutiesOf(q: Queryable, scope: string, agreement?: string): Promise<Duty[]> {
  const rows = await t(q).selectFrom('obligation_clocks').selectAll()
    .where((eb) => eb.or([eb('debtor', '=', scope), eb('creditor', '=', scope)]))
    .$if(agreement !== undefined, (x) => x.where('agreement', '=', agreement ?? ''))
    .orderBy(sql`done_at is not null`).orderBy('due_at', 'desc').limit(500).execute();
  return rows.map((row) => ({
    id: row.id, agreement: row.agreement, obligation: row.obligation, subject: row.subject, debtor: row.debtor,
    creditor: row.creditor, begunAt: row.begun_at, dueAt: row.due_at, doneAt: row.done_at, state: stateOf(row),
  }));
}

function stateOf(row: ClockRow): Duty['state'] {
  if (row.done_at !== null) return isInTime(row.done_at, row.due_at) ? 'done' : 'done-late';
  return row.late_at === null ? 'open' : 'late';
}

