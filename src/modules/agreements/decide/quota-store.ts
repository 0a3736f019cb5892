/**
 * What was drawn from each quota in each of its periods. Two who draw at once take turns on the period's row, so that the last
 * hour is taken once. A draw and its fact share the caller's transaction: if we crash before its commit neither is there.
 */
import { sql } from 'kysely';
import { Refusal, check } from '#kit/refusal';
import type { Clock } from '#world/clock';
import type { Migration, Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import type { Ids } from '#world/ids';
import type { Agreement, Clause } from '../model.ts';
import type { QuotaSpec, Side } from '../terms.ts';
import { isAttested } from './attested.ts';
import { clauseRef } from './explain.ts';
import { partStanding } from './policy.ts';
import { decimalText, drawing, exactly, periodOf, type Period } from './quota.ts';

interface QuotaTables {
  quota_periods: { agreement: string; quota: string; period_from: string; period_until: string; used: string };
  quota_draws: {
    id: string; agreement: string; quota: string; period_from: string; about: string; amount: string; person: string; org: string;
    approval: string | null; at: string; returned_at: string | null;
  };
}

export const quotaMigrations: readonly Migration[] = [
  {
    // Amounts are millionths of the quota's unit.
    name: 'agreements/quotas-001-draws',
    sql: `create table quota_periods (
      agreement text not null references agreements (id), quota text not null, period_from timestamptz not null,
      period_until timestamptz not null, used bigint not null check (used >= 0), primary key (agreement, quota, period_from));
    create table quota_draws (
      id text primary key, agreement text not null references agreements (id), quota text not null, period_from timestamptz not null,
      about text not null, amount bigint not null check (amount > 0), person text not null, org text not null, approval text,
      at timestamptz not null, returned_at timestamptz);
    create unique index quota_draws_about on quota_draws (agreement, quota, about) where returned_at is null;`,
  },
];

const t = (q: Queryable) => q.as<QuotaTables>();

export interface Quota {
  readonly clause: Clause;
  readonly spec: QuotaSpec;
}

/** Quotas of an agreement that meter a right of a side; one counts once two people have attested it and its part stands. */
export function quotasOn(a: Agreement, side: Side, action: string): Quota[] {
  return quotasOf(a).filter(({ spec }) => spec.holder === side && spec.action === action);
}

export function quotasOf(a: Agreement): Quota[] {
  return a.clauses.flatMap((clause) => clause.machine.quotas.map((spec) => ({ clause, spec })))
    .filter(({ clause, spec }) => isAttested(clause, spec.id) && partStanding(a, clause.part) === 'in-force');
}

export interface Use extends Period {
  readonly quota: string;
  readonly used: string;
  readonly left: string;
}

/** What has been drawn in the period that the time falls into; null outside the agreement's term. */
export async function useOf(q: Queryable, a: Agreement, { spec }: Quota, at: string): Promise<Use | null> {
  const period = periodOf(spec, a, at);
  if (!period) return null;
  const row = await t(q).selectFrom('quota_periods').select('used').where('agreement', '=', a.id).where('quota', '=', spec.id)
    .where('period_from', '=', period.from).executeTakeFirst();
  return useText(spec, period, BigInt(row?.used ?? '0'));
}

function useText(spec: QuotaSpec, period: Period, used: bigint): Use {
  const allowed = allowedBy(spec);
  return { quota: spec.id, ...period, used: decimalText(used), left: decimalText(used > allowed ? 0n : allowed - used) };
}

/** An amount that is no exact decimal allows nothing. */
const allowedBy = (spec: QuotaSpec): bigint => exactly(spec.amount) ?? 0n;

export interface Draw {
  readonly agreement: Agreement;
  readonly quota: Quota;
  /** In the quota's unit: `10.5`. */
  readonly amount: number | string;
  /** What it is for; the same thing is drawn for once. */
  readonly about: string;
  readonly actor: { readonly person: string; readonly org: string };
  /** The approval that allows to go beyond, where one was given for exactly this. */
  readonly approval?: string | null;
}

/** Draws from a quota in the transaction of the act that needs it; throws the Refusal where it is used up. */
export async function drawQuota(parts: { readonly clock: Clock; readonly ids: Ids }, tx: Queryable, draw: Draw): Promise<Use> {
  const { agreement: a, quota: { spec }, about, actor, approval = null } = draw;
  const at = parts.clock.iso();
  const wanted = exactly(draw.amount);
  if (wanted === null || wanted === 0n) {
    throw new Refusal('invalid', 'quota.no-amount', 'An amount is a positive decimal of up to six places.', { at: 'amount' });
  }
  const period = periodOf(spec, a, at);
  if (!period) throw new Refusal('forbidden', 'quota.outside-term', 'The agreement’s term has not begun or is over.');
  const key = { agreement: a.id, quota: spec.id, period_from: period.from };
  await t(tx).insertInto('quota_periods').values({ ...key, period_until: period.until, used: '0' })
    .onConflict((c) => c.doNothing()).execute();
  // Whoever comes second waits here until the first has committed, and reads what it left.
  const { used: text } = await t(tx).selectFrom('quota_periods').select('used').where('agreement', '=', a.id)
    .where('quota', '=', spec.id).where('period_from', '=', period.from).forUpdate().executeTakeFirstOrThrow();
  const used = BigInt(text);
  const comes = drawing(spec, { allowed: allowedBy(spec), used, wanted });
  if (comes === 'denied' || (comes === 'needs-approval' && approval === null)) throw beyond(draw, comes, useText(spec, period, used));
  const made = await t(tx).insertInto('quota_draws').values({
    ...key, id: parts.ids.next('drw'), about, amount: String(wanted), person: actor.person, org: actor.org, approval, at, returned_at: null,
  }).onConflict((c) => c.columns(['agreement', 'quota', 'about']).where('returned_at', 'is', null).doNothing()).executeTakeFirst();
  if (made.numInsertedOrUpdatedRows === 0n) {
    throw new Refusal('conflict', 'quota.drawn-already', 'This has been drawn from the quota already.');
  }
  await t(tx).updateTable('quota_periods').set({ used: String(used + wanted) }).where('agreement', '=', a.id)
    .where('quota', '=', spec.id).where('period_from', '=', period.from).execute();
  const use = useText(spec, period, used + wanted);
  await state(tx, 'quota.drawn', draw, at, { amount: decimalText(wanted), ...use, ...(approval === null ? {} : { approval }) });
  return use;
}

function beyond({ agreement, quota: { clause, spec } }: Draw, comes: 'needs-approval' | 'denied', use: Use): Refusal {
  const sentence = `Of ${decimalText(allowedBy(spec))} a ${spec.per} (${spec.unit}) ${use.left} are left.`;
  return new Refusal('forbidden', comes === 'denied' ? 'quota.used-up' : 'quota.needs-approval', sentence, {
    clause: clauseRef(agreement, clause),
    hint: comes === 'denied' ? `It begins anew at ${use.until}.` : 'Beyond that the other party has to approve.',
  });
}

/** Gives back what was drawn for something that does not take place. False where nothing was drawn for it. */
export async function giveBack(parts: { readonly clock: Clock }, tx: Queryable, draw: Omit<Draw, 'amount'>): Promise<boolean> {
  const { agreement: a, quota: { spec }, about } = draw;
  const at = parts.clock.iso();
  const row = await t(tx).updateTable('quota_draws').set({ returned_at: at }).where('agreement', '=', a.id).where('quota', '=', spec.id)
    .where('about', '=', about).where('returned_at', 'is', null).returning(['amount', 'period_from']).executeTakeFirst();
  if (!row) return false;
  const left = await t(tx).updateTable('quota_periods').set({ used: sql`used - ${row.amount}::bigint` as never })
    .where('agreement', '=', a.id).where('quota', '=', spec.id).where('period_from', '=', row.period_from).executeTakeFirst();
  check(left.numUpdatedRows === 1n, 'what was drawn has its period');
  await state(tx, 'quota.given-back', { ...draw, amount: '0' }, at, { amount: decimalText(BigInt(row.amount)), quota: spec.id });
  return true;
}

async function state(tx: Queryable, name: string, draw: Draw, at: string, body: Readonly<Record<string, string>>): Promise<void> {
  const { agreement: a, quota: { clause }, about, actor } = draw;
  await stateFact(tx, {
    class: name, at, actor: actor.person, org: actor.org, subject: a.id, readers: [a.authority, a.counterpart],
    clauses: [clauseRef(a, clause)], body: { ...body, about },
  });
}
