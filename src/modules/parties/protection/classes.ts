/**
 * How long what is kept: the classes of parties, as data. Other modules bring their own; a class is a table's rows with a
 * time of their own, and what a row says is digested before it goes.
 */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';

/** A row past its time. */
export interface Past {
  readonly id: string;
  readonly org: string;
  /** Whom it is about, where that is somebody. */
  readonly person: string | null;
  /** The whole row, as text: digested, never kept. */
  readonly text: string;
}

export interface RetentionClass {
  readonly name: string;
  readonly days: number;
  /** Rows whose time was over at `before` and that no hold keeps, oldest first, locked until the transaction ends. */
  past(tx: Queryable, before: string, most: number): Promise<readonly Past[]>;
  /** How many rows of an organisation are past their time and kept by a hold. */
  held(q: Queryable, before: string, org: string): Promise<number>;
  remove(tx: Queryable, ids: readonly string[]): Promise<void>;
}

/** Where the rows of a class are found; SQL written by us, never by a caller. */
interface Place {
  readonly table: string;
  /** Organisation and person of a row `r`; a sub-select where the row does not say. */
  readonly org: string;
  readonly person: string;
  /** Since when the time runs. */
  readonly since: string;
  readonly id?: string;
}

/** A class whose rows are simply removed. */
export function rowsOf(name: string, days: number, place: Place): RetentionClass {
  const id = place.id ?? 'r.id';
  const hold = `exists (select 1 from legal_holds h where h.org = ${place.org} and h.lifted_at is null
    and h.subject in (${place.org}, ${place.person}))`;
  return {
    name, days,
    async past(tx, before, most) {
      const { rows } = await sql<Past>`select ${sql.raw(id)} as id, ${sql.raw(place.org)} as org, ${sql.raw(place.person)} as person, r::text as text
        from ${sql.table(place.table)} r where ${sql.raw(place.since)} < ${before}::timestamptz and not ${sql.raw(hold)}
        order by ${sql.raw(place.since)}, 1 limit ${most} for update of r skip locked`.execute(tx.as<object>());
      return rows;
    },
    async held(q, before, org) {
      const { rows } = await sql<{ n: string }>`select count(*) as n from ${sql.table(place.table)} r
        where ${sql.raw(place.since)} < ${before}::timestamptz and ${sql.raw(place.org)} = ${org} and ${sql.raw(hold)}`.execute(q.as<object>());
      return Number(rows[0]?.n ?? 0);
    },
    async remove(tx, ids) {
      await sql`delete from ${sql.table(place.table)} r where ${sql.raw(id)} in
        (select value from json_array_elements_text(${JSON.stringify(ids)}::json))`.execute(tx.as<object>());
    },
  };
}

const orgOf = (person: string): string => `(select p.organisation from people p where p.id = ${person})`;

export const partiesRetention: readonly RetentionClass[] = [
  // Used or not: the account they made, if any, has a record of its own.
  rowsOf('invitations', 90, { table: 'invitations', org: 'r.organisation', person: 'r.created_by', since: 'coalesce(r.used_at, r.expires_at)' }),
  rowsOf('tokens', 30, { table: 'tokens', org: orgOf('r.person'), person: 'r.person', since: 'r.expires_at' }),
  // Who agreed to what stays in the ledger; the words that were exchanged about it do not stay for ever.
  rowsOf('approvals', 1095, {
    table: 'approvals', org: 'r.org', person: 'r.requester',
    // One on which broken glass rests stays as long as that record.
    since: `case when exists (select 1 from break_glass b where b.approval = r.id) then null
      else coalesce(r.used_at, r.decided_at, r.expires_at) end`,
  }),
];
