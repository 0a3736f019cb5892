/** The tables of approvals, and how it is told that two accounts are one person. */
import { sql } from 'kysely';
import type { ClauseRef } from '#kit/refusal';
import type { Migration, Queryable } from '#world/db/port';
import type { ApprovalState } from './model.ts';

export interface ApprovalRow {
  id: string; operation: string; requester: string; org: string; approver_org: string;
  /** Canonical JSON (RFC 8785), as text: its SHA-256 is what is agreed to. */
  input: string; input_sha256: string; reason: string;
  /** Person id or e-mail of the one who gains by it. */
  benefits: string | null;
  /** Of an act by mandate: the right that whoever agrees holds, and the clauses that want it. Null of any other. */
  approver_right: string | null; clauses: ClauseRef[];
  state: Exclude<ApprovalState, 'expired'>; decided_by: string | null; decided_at: string | null; denial: string | null;
  requested_at: string; expires_at: string; used_at: string | null;
}

interface Tables {
  approvals: ApprovalRow;
  people: { id: string; email: string | null };
  passkey_history: { passkey: string; person: string };
}

export const approvalsMigrations: readonly Migration[] = [
  {
    name: 'parties/002-approvals',
    sql: `create table approvals (
      id text primary key, operation text not null, requester text not null references people (id),
      org text not null references organisations (id), approver_org text not null references organisations (id),
      input text not null, input_sha256 text not null, reason text not null, benefits text, state text not null,
      decided_by text references people (id), decided_at timestamptz, denial text,
      requested_at timestamptz not null, expires_at timestamptz not null, used_at timestamptz);
    create index approvals_org on approvals (org, requested_at desc);
    create index approvals_approver_org on approvals (approver_org, requested_at desc);
    create table passkey_history (
      passkey text not null, person text not null references people (id), primary key (passkey, person));
    create index passkey_history_person on passkey_history (person);
    insert into passkey_history (passkey, person) select id, person from passkeys;`,
  },
  {
    name: 'parties/011-approvals-by-mandate',
    sql: `alter table approvals add column approver_right text, add column clauses jsonb not null default '[]';`,
  },
];

const t = (q: Queryable) => q.as<Tables>();

export async function insertApproval(q: Queryable, row: ApprovalRow): Promise<void> {
  await t(q).insertInto('approvals').values({ ...row, clauses: sql`${JSON.stringify(row.clauses)}::jsonb` as never }).execute();
}

/** An approval that the organisation asked for or is asked for, or null. */
export async function approvalOf(q: Queryable, scope: string, id: string): Promise<ApprovalRow | null> {
  const row = await t(q).selectFrom('approvals').selectAll().where('id', '=', id)
    .where((eb) => eb.or([eb('org', '=', scope), eb('approver_org', '=', scope)])).executeTakeFirst();
  return row ?? null;
}

/** The same, held until the transaction ends, so that it is decided and used once. */
export async function holdApproval(tx: Queryable, scope: string, id: string): Promise<ApprovalRow | null> {
  const row = await t(tx).selectFrom('approvals').selectAll().where('id', '=', id)
    .where((eb) => eb.or([eb('org', '=', scope), eb('approver_org', '=', scope)])).forUpdate().executeTakeFirst();
  return row ?? null;
}

/** What an organisation asked for and is asked for, newest first. */
export async function approvalsOf(q: Queryable, scope: string, most: number): Promise<ApprovalRow[]> {
  return t(q).selectFrom('approvals').selectAll()
    .where((eb) => eb.or([eb('org', '=', scope), eb('approver_org', '=', scope)]))
    .orderBy('requested_at', 'desc').orderBy('id', 'desc').limit(most).execute();
}

export async function waitingOf(q: Queryable, person: string, now: string): Promise<number> {
  const rows = await t(q).selectFrom('approvals').select('id').where('requester', '=', person)
    .where('state', '=', 'waiting').where('expires_at', '>', now).execute();
  return rows.length;
}

export async function saveApproval(
  q: Queryable, id: string,
  change: Partial<Pick<ApprovalRow, 'state' | 'decided_by' | 'decided_at' | 'denial' | 'expires_at' | 'used_at'>>,
): Promise<void> {
  await t(q).updateTable('approvals').set(change).where('id', '=', id).execute();
}

/** Keeps that a passkey was once this person's: a key handed on does not make two people of one. */
export async function rememberPasskey(q: Queryable, passkey: string, person: string): Promise<void> {
  await t(q).insertInto('passkey_history').values({ passkey, person })
    .onConflict((c) => c.columns(['passkey', 'person']).doNothing()).execute();
}

/**
 * Whether two accounts are one human as far as can be told: the same account, the same e-mail however it is written, a
 * passkey or an account of the identity provider that was ever both theirs. `other` may be an e-mail alone.
 */
export async function sameIdentity(q: Queryable, person: string, other: string): Promise<boolean> {
  if (person === other) return true;
  const mails = await t(q).selectFrom('people').select('email').where('id', 'in', [person, other])
    .where('email', 'is not', null).execute();
  const written = [...mails.map((m) => m.email ?? ''), ...(other.includes('@') ? [other] : [])].map(mailOf);
  if (written.length === 2 && written[0] === written[1]) return true;
  const { rows } = await sql`select 1 from passkey_history a join passkey_history b on a.passkey = b.passkey
    where a.person = ${person} and b.person = ${other} limit 1`.execute(q.as<Tables>());
  if (rows.length > 0) return true;
  const { rows: subjects } = await sql`select 1 from identity_links a
    join identity_links b on a.issuer = b.issuer and a.subject = b.subject
    where a.person = ${person} and b.person = ${other} limit 1`.execute(q.as<Tables>());
  return subjects.length > 0;
}

const mailOf = (text: string): string => text.normalize('NFKC').trim().toLowerCase();
