/**
 * Every decision by mandate on the record, a no like a yes. The same decision again within a minute is counted, not stated
 * again; past a bound of different ones in that minute a person's are folded into one row with a chain of their digests, so
 * that nobody can flood the log. A no that must stay unseen is not stated one by one, since the size of the log is public:
 * one fact a day commits to all of them, whether or not there were any (docs/decisions/0020).
 */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { sql } from 'kysely';
import type { Agreed } from '#kit/endpoint';
import { check, type ClauseRef } from '#kit/refusal';
import type { Clock } from '#world/clock';
import type { Db, Migration, Queryable } from '#world/db/port';
import { stateFact, type Json } from '#world/facts';
import type { Decision } from '../model.ts';
import type { Request } from './request.ts';

/** Of the evaluator: goes up when the same inputs could come to another answer. */
export const engineVersion = 'decide/1';
/** Different decisions of one person that are told one by one in a minute. */
export const toldPerMinute = 60;
/** Days for which what stayed unseen can be opened. */
const unseenDays = 90;

export interface DecisionTables {
  decisions: {
    id: string; minute: string; key: string; org: string; person: string; owner: string; unseen: boolean; record: Record<string, Json>;
    clauses: ClauseRef[]; count: string; chain: string; last_at: string;
  };
  decision_clock: { id: number; at: string; unseen_day: string };
}

export const decisionMigrations: readonly Migration[] = [
  {
    name: 'agreements/decisions-001-records',
    sql: `create table decisions (
      id text primary key, minute timestamptz not null, key text not null, org text not null, person text not null,
      owner text not null, unseen boolean not null, record jsonb not null, clauses jsonb not null, count bigint not null,
      chain text not null, last_at timestamptz not null);
    create index decisions_minute on decisions (minute, unseen);
    create index decisions_person on decisions (org, person, minute);
    create table decision_clock (id smallint primary key check (id = 1), at timestamptz not null, unseen_day date not null);
    insert into decision_clock values (1, 'epoch', 'epoch');`,
  },
];

const t = (q: Queryable) => q.as<DecisionTables>();
const digest = (value: unknown): string => {
  const text = canonicalize(value);
  check(text !== undefined, 'a decision is plain JSON');
  return createHash('sha256').update(text, 'utf8').digest('hex');
};

export interface Decided {
  readonly request: Request;
  readonly decision: Decision;
  /** The clauses that allowed, or the one that the reasoning stopped at. */
  readonly clauses: readonly ClauseRef[];
  readonly policyVersion: string;
  /** The answer must be that of what never was. */
  readonly unseen: boolean;
  /** Approvals that the yes leaned on. */
  readonly leaned?: readonly Agreed[];
}
/** Uses one approval up, or throws the Refusal. */
export type Use = (tx: Queryable, one: Agreed) => Promise<unknown>;

/**
 * Writes a decision down and, where it is the first of its kind in its minute, states it. Answers its id. What it leaned on is
 * used up in the same transaction: if we crash after it and before the act, the approval is gone and has to be asked for again,
 * since nobody could tell whether the answer had left already.
 */
export async function recordDecision(
  parts: { readonly db: Db; readonly clock: Clock }, decided: Decided, use: Use = async () => undefined,
): Promise<string> {
  const at = parts.clock.iso();
  const minute = `${at.slice(0, 16)}:00.000Z`;
  const record = recordOf(decided);
  const { request: { actor, resource }, unseen } = decided;
  const row = { minute, org: actor.org, person: actor.person ?? 'system', owner: resource.owner, unseen };
  // In one order, so that two requests that name the same ones never wait for each other.
  const leaned = [...decided.leaned ?? []].sort((x, y) => (x.approval < y.approval ? -1 : 1));
  return parts.db.transaction(async (tx) => {
    for (const one of leaned) await use(tx, one);
    await keepTime(tx, at);
    const key = digest({ record, org: row.org, person: row.person });
    const known = await countAgain(tx, idOf(key, minute), at, key);
    if (known) return known;
    const told = await t(tx).selectFrom('decisions').select(sql<string>`count(*)`.as('n'))
      .where('org', '=', row.org).where('person', '=', row.person).where('minute', '=', minute).executeTakeFirstOrThrow();
    const folded = Number(told.n) >= toldPerMinute;
    const mine = folded ? digest({ folded: true, org: row.org, person: row.person, unseen }) : key;
    const id = idOf(mine, minute);
    if (folded) {
      const again = await countAgain(tx, id, at, key);
      if (again) return again;
    }
    const kept: Record<string, Json> = folded ? { engine: engineVersion, folded: true } : record;
    const clauses = folded ? [] : decided.clauses;
    const made = await t(tx).insertInto('decisions').values({
      ...row, id, key: mine, record: sql`${JSON.stringify(kept)}::jsonb` as never, clauses: sql`${JSON.stringify(clauses)}::jsonb` as never,
      count: '1', chain: key, last_at: at,
    }).onConflict((c) => c.column('id').doNothing()).executeTakeFirst();
    // Another replica was faster with the very same one: it stated it, this one counts.
    if (made.numInsertedOrUpdatedRows === 0n) return await countAgain(tx, id, at, key) ?? id;
    if (!unseen) await state(tx, { ...row, id, clauses, at }, 'decision.made', kept);
    return id;
  });
}

const idOf = (key: string, minute: string): string => `dec_${digest({ key, minute }).slice(0, 32)}`;

/** One more of a decision that has its row; null where it has none. The chain commits to each, in order. */
async function countAgain(tx: Queryable, id: string, at: string, key: string): Promise<string | null> {
  const row = await t(tx).updateTable('decisions').set({
    count: sql`count + 1` as never, last_at: at,
    chain: sql`encode(sha256(decode(chain, 'hex') || decode(${key}, 'hex')), 'hex')` as never,
  }).where('id', '=', id).returning('id').executeTakeFirst();
  return row?.id ?? null;
}

function recordOf({ request, decision, policyVersion, unseen, leaned = [] }: Decided): Record<string, Json> {
  const { actor, action, resource, purpose, approvals } = request;
  const inputs = { actor, action, resource, purpose, approvals: (approvals ?? []).map(({ person, org }) => ({ person, org })) };
  return {
    outcome: decision.outcome, right: action, kind: resource.kind, resource: resource.id ?? null, purpose,
    deniedBy: [...decision.deniedBy], grants: [...decision.grantIds], inputsSha256: digest(JSON.parse(JSON.stringify(inputs))),
    policy: policyVersion, engine: engineVersion, ...(unseen ? { unseen } : {}),
    ...(leaned.length > 0 ? { approvals: leaned.map((one) => one.approval) } : {}),
  };
}

interface Row {
  readonly id: string;
  readonly org: string;
  readonly person: string;
  readonly owner: string;
  readonly clauses: readonly ClauseRef[];
  readonly at: string;
}

async function state(tx: Queryable, row: Row, name: string, body: Record<string, Json>): Promise<void> {
  await stateFact(tx, {
    class: name, at: row.at, actor: row.person, org: row.org, subject: row.id, readers: [row.owner], clauses: row.clauses,
    body: { ...body, owner: row.owner },
  });
}

/** The latest time that a decision was made at, to half a minute; a clock that shows an earlier one has run back. */
async function keepTime(tx: Queryable, at: string): Promise<void> {
  await t(tx).updateTable('decision_clock').set({ at }).where('id', '=', 1)
    .where(sql<boolean>`at < ${at}::timestamptz - interval '30 seconds'`).execute();
}

/** How far the clock may be behind the last decision: replicas differ by a little. */
const skewMs = 60_000;

/**
 * The time to decide at; one that cannot be read where the clock ran back, since every grant has an end that would come to
 * life again.
 */
export async function decisionTime(q: Queryable, clock: Clock): Promise<string> {
  const row = await t(q).selectFrom('decision_clock').select(sql<string>`at`.as('at')).where('id', '=', 1).executeTakeFirstOrThrow();
  const last = Date.parse(row.at);
  return clock.now() < last - skewMs ? 'the clock ran back' : clock.iso();
}

/**
 * What is left of minutes that are over: how often each decision came again is stated, once, and the row goes, since the ledger
 * holds it. If we crash here nothing is lost: fact and row go in one transaction. `hub` is the organisation that runs the hub.
 */
export async function closeMinutes(parts: { readonly db: Db; readonly clock: Clock }, hub: string): Promise<void> {
  const over = new Date(parts.clock.now() - 60_000).toISOString();
  for (;;) {
    const closed = await parts.db.transaction(async (tx) => {
      const rows = await t(tx).deleteFrom('decisions').where('id', 'in', (eb) => eb.selectFrom('decisions').select('id')
        .where('unseen', '=', false).where('minute', '<=', over).orderBy('id').limit(200).forUpdate().skipLocked())
        .returningAll().execute();
      for (const row of rows.filter((r) => Number(r.count) > 1)) {
        await state(tx, { ...row, at: parts.clock.iso() }, 'decision.repeated', { count: Number(row.count), chain: row.chain, lastAt: row.last_at });
      }
      return rows.length;
    });
    if (closed < 200) break;
  }
  await stateUnseen(parts, hub);
}

/** Once a day and whatever happened: how many refusals stayed unseen, and the digest of their rows in order. */
async function stateUnseen({ db, clock }: { readonly db: Db; readonly clock: Clock }, hub: string): Promise<void> {
  const today = clock.iso().slice(0, 10);
  await db.transaction(async (tx) => {
    const turn = await t(tx).selectFrom('decision_clock').select(sql<string>`unseen_day::text`.as('since')).where('id', '=', 1)
      .forUpdate().executeTakeFirstOrThrow();
    if (turn.since >= today) return;
    await t(tx).updateTable('decision_clock').set({ unseen_day: today }).where('id', '=', 1).execute();
    const rows = await t(tx).selectFrom('decisions').select(['id', 'count', 'chain']).where('unseen', '=', true)
      .where('minute', '>=', turn.since).where('minute', '<', today).orderBy('id').execute();
    const refusals = rows.reduce((sum, r) => sum + Number(r.count), 0);
    await stateFact(tx, {
      class: 'decision.unseen-told', at: clock.iso(), actor: 'system', org: hub, subject: `unseen ${today}`, readers: [], clauses: [],
      body: { from: turn.since, before: today, refusals, sha256: digest(rows.map((r) => [r.id, r.count, r.chain])) },
    });
    await t(tx).deleteFrom('decisions').where('unseen', '=', true)
      .where(sql<boolean>`minute < ${today}::timestamptz - make_interval(days => ${sql.lit(unseenDays)})`).execute();
  });
}
