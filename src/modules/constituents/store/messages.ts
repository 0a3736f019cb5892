/** The outbox of messages, the links they carry, the rules that turn notices aside, webhooks, keys and decided days. */
import { sql } from 'kysely';
import type { Migration, Queryable } from '#world/db/port';
import type { Language } from '../model/contacts.ts';
import type { Message, NoticeRule } from '../model/notices.ts';

interface MessageRow {
  id: string; scope: string; constituent: string; purpose: string; channel: string; contact: string | null; webhook: string | null;
  to_name: string; to_address: string; language: string; subject: string; body: string; notices: string[]; key: string; message_id: string;
  due_at: string; next_at: string; state: string; attempts: number; since: string; sent_at: string | null; problem: string | null;
  pgp_key: string | null;
}
interface LinkRow {
  sha256: string; scope: string; constituent: string; purpose: string; message: string; contact: string | null; made_at: string;
  expires_at: string; opened_at: string | null;
}
interface RuleRow {
  id: string; scope: string; constituent: string; kind: string | null; family: string | null; act: string; contact: string | null;
  reason: string; until: string; made_by: string; made_at: string; ended_at: string | null;
}
interface WebhookRow { id: string; scope: string; constituent: string; url: string; secret: string; added_at: string; removed_at: string | null }
interface KeyRow { contact: string; armored: string; fingerprint: string; added_at: string }
interface DayRow { scope: string; day: string; works: boolean; name: string }
interface Tables {
  message: MessageRow; link: LinkRow; notice_rule: RuleRow; webhook: WebhookRow; contact_key: KeyRow; decided_day: DayRow;
  constituent: { id: string; name: string };
}

export const messagesMigrations: readonly Migration[] = [
  {
    name: 'constituents/005-messages',
    sql: `create table message (
      id text primary key, scope text not null, constituent text not null references constituent (id), purpose text not null,
      channel text not null, contact text, webhook text, to_name text not null, to_address text not null, language text not null,
      subject text not null, body text not null, notices jsonb not null, key text not null unique, message_id text not null,
      due_at timestamptz not null, next_at timestamptz not null, state text not null, attempts int not null,
      since timestamptz not null, sent_at timestamptz, problem text, pgp_key text
    );
    create index message_due on message (next_at) where state in ('waiting', 'sending', 'unsure');
    create index message_of on message (scope, due_at);
    create index message_id_of on message (message_id);
    create table link (
      sha256 text primary key, scope text not null, constituent text not null, purpose text not null,
      message text not null references message (id), contact text, made_at timestamptz not null, expires_at timestamptz not null,
      opened_at timestamptz
    );
    create index link_message on link (message);
    create table notice_rule (
      id text primary key, scope text not null, constituent text not null references constituent (id), kind text, family text,
      act text not null, contact text, reason text not null, until timestamptz not null, made_by text not null,
      made_at timestamptz not null, ended_at timestamptz
    );
    create table webhook (
      id text primary key, scope text not null, constituent text not null references constituent (id), url text not null,
      secret text not null, added_at timestamptz not null, removed_at timestamptz
    );
    create table contact_key (
      contact text primary key references contact (id), armored text not null, fingerprint text not null, added_at timestamptz not null
    );
    create table decided_day (scope text not null, day date not null, works boolean not null, name text not null, primary key (scope, day))`,
  },
];

const tables = (db: Queryable) => db.as<Tables>();

export interface Outgoing {
  readonly id: string;
  readonly scope: string;
  readonly constituent: string;
  readonly purpose: Message['purpose'];
  readonly channel: Message['channel'];
  readonly contact: string | null;
  readonly webhook: string | null;
  readonly toName: string;
  readonly toAddress: string;
  readonly language: Language;
  readonly subject: string;
  readonly body: string;
  readonly notices: readonly string[];
  /** The same key is the same message: a second one is not put in. */
  readonly key: string;
  readonly messageId: string;
  readonly dueAt: string;
  readonly pgpKey: string | null;
}

/** Puts messages in; what is there already under its key stays as it is. */
export async function enqueue(tx: Queryable, messages: readonly Outgoing[], now: string): Promise<void> {
  for (const m of messages) {
    await tables(tx).insertInto('message').values({
      id: m.id, scope: m.scope, constituent: m.constituent, purpose: m.purpose, channel: m.channel, contact: m.contact,
      webhook: m.webhook, to_name: m.toName, to_address: m.toAddress, language: m.language, subject: m.subject, body: m.body,
      notices: sql`${JSON.stringify(m.notices)}::jsonb` as never, key: m.key, message_id: m.messageId, due_at: m.dueAt, next_at: m.dueAt,
      state: 'waiting', attempts: 0, since: now, sent_at: null, problem: null, pgp_key: m.pgpKey,
    }).onConflict((x) => x.column('key').doNothing()).execute();
  }
}

export interface Taken extends Outgoing { readonly attempts: number; readonly state: Message['state'] }

const takenOf = (row: MessageRow): Taken => ({
  id: row.id, scope: row.scope, constituent: row.constituent, purpose: row.purpose as Message['purpose'],
  channel: row.channel as Message['channel'], contact: row.contact, webhook: row.webhook, toName: row.to_name, toAddress: row.to_address,
  language: row.language as Language, subject: row.subject, body: row.body, notices: row.notices, key: row.key,
  messageId: row.message_id, dueAt: row.due_at, attempts: row.attempts, state: row.state as Message['state'], pgpKey: row.pgp_key,
});

/** Takes one message whose time has come and marks it as being sent; null where none waits. Replicas take different ones. */
export async function takeDue(tx: Queryable, now: string): Promise<Taken | null> {
  const row = await tables(tx).selectFrom('message').selectAll().where('state', 'in', ['waiting', 'unsure']).where('next_at', '<=', now)
    .orderBy('next_at').orderBy('id').limit(1).forUpdate().skipLocked().executeTakeFirst();
  if (!row) return null;
  await tables(tx).updateTable('message').set({ state: 'sending', attempts: row.attempts + 1, since: now }).where('id', '=', row.id).execute();
  return takenOf({ ...row, attempts: row.attempts + 1 });
}

/** Those that somebody began to send before a moment and never finished: nobody knows whether they arrived. */
export async function markUnsure(tx: Queryable, before: string, next: string): Promise<Taken[]> {
  const { rows } = await sql<MessageRow>`update message set state = 'unsure', next_at = ${next}::timestamptz
    where state = 'sending' and since < ${before}::timestamptz returning *`.execute(tables(tx));
  return rows.map(takenOf);
}

export async function settleMessage(
  tx: Queryable, id: string, marks: Partial<Pick<MessageRow, 'state' | 'next_at' | 'sent_at' | 'problem'>>,
): Promise<void> {
  await tables(tx).updateTable('message').set(marks).where('id', '=', id).execute();
}

type Named = MessageRow & { constituent_name: string };
const messageOf = (row: Named): Message => ({
  id: row.id, constituent: row.constituent, constituentName: row.constituent_name, purpose: row.purpose as Message['purpose'],
  channel: row.channel as Message['channel'], to: row.to_address, language: row.language as Language, subject: row.subject, text: row.body,
  dueAt: row.due_at, state: row.state as Message['state'], attempts: row.attempts, sentAt: row.sent_at, problem: row.problem,
});

export async function messagesOf(
  db: Queryable, scope: string, filter: { state?: string | undefined; constituent?: string | undefined; limit: number },
): Promise<Message[]> {
  let query = tables(db).selectFrom('message as m').innerJoin('constituent as c', 'c.id', 'm.constituent').selectAll('m')
    .select('c.name as constituent_name').where('m.scope', '=', scope).orderBy('m.due_at', 'desc').orderBy('m.id').limit(filter.limit);
  if (filter.state !== undefined) query = query.where('m.state', '=', filter.state);
  if (filter.constituent !== undefined) query = query.where('m.constituent', '=', filter.constituent);
  return (await query.execute()).map(messageOf);
}

export async function messageById(db: Queryable, scope: string, id: string): Promise<Taken | null> {
  const row = await tables(db).selectFrom('message').selectAll().where('scope', '=', scope).where('id', '=', id).executeTakeFirst();
  return row ? takenOf(row) : null;
}

/** A message by the Message-ID that a bounce quotes. */
export async function messageByMessageId(db: Queryable, scope: string, messageId: string): Promise<Taken | null> {
  const row = await tables(db).selectFrom('message').selectAll().where('scope', '=', scope).where('message_id', '=', messageId)
    .executeTakeFirst();
  return row ? takenOf(row) : null;
}

export interface LinkRecord {
  readonly sha256: string;
  readonly scope: string;
  readonly constituent: string;
  readonly purpose: Message['purpose'];
  readonly message: string;
  readonly contact: string | null;
  readonly expiresAt: string;
}

export async function insertLink(tx: Queryable, link: LinkRecord, now: string): Promise<void> {
  await tables(tx).insertInto('link').values({
    sha256: link.sha256, scope: link.scope, constituent: link.constituent, purpose: link.purpose, message: link.message,
    contact: link.contact, made_at: now, expires_at: link.expiresAt, opened_at: null,
  }).execute();
}

export async function linkBySecret(db: Queryable, sha256: string, now: string): Promise<LinkRecord | null> {
  const row = await tables(db).selectFrom('link').selectAll().where('sha256', '=', sha256).where('expires_at', '>', now).executeTakeFirst();
  return row ? {
    sha256, scope: row.scope, constituent: row.constituent, purpose: row.purpose as Message['purpose'], message: row.message,
    contact: row.contact, expiresAt: row.expires_at,
  } : null;
}

/** Ends every link to a contact or of a message: what it was for has been done. */
export async function endLinks(tx: Queryable, message: string, now: string): Promise<void> {
  await tables(tx).updateTable('link').set({ expires_at: now }).where('message', '=', message).execute();
}

const ruleOf = (row: RuleRow & { constituent_name: string }): NoticeRule => ({
  id: row.id, constituent: row.constituent, constituentName: row.constituent_name, kind: row.kind as NoticeRule['kind'], family: row.family,
  act: row.act as NoticeRule['act'], contact: row.contact, reason: row.reason, until: row.until, madeBy: row.made_by, madeAt: row.made_at,
  endedAt: row.ended_at,
});

export async function rulesOf(db: Queryable, scope: string, constituents: readonly string[] | null): Promise<NoticeRule[]> {
  let query = tables(db).selectFrom('notice_rule as r').innerJoin('constituent as c', 'c.id', 'r.constituent').selectAll('r')
    .select('c.name as constituent_name').where('r.scope', '=', scope).orderBy('r.made_at', 'desc').orderBy('r.id').limit(1000);
  if (constituents !== null) query = query.where('r.constituent', 'in', constituents.length > 0 ? [...constituents] : ['']);
  return (await query.execute()).map(ruleOf);
}

export async function insertRule(tx: Queryable, scope: string, r: NoticeRule): Promise<void> {
  await tables(tx).insertInto('notice_rule').values({
    id: r.id, scope, constituent: r.constituent, kind: r.kind, family: r.family, act: r.act, contact: r.contact, reason: r.reason,
    until: r.until, made_by: r.madeBy, made_at: r.madeAt, ended_at: null,
  }).execute();
}

export async function endRule(tx: Queryable, scope: string, id: string, at: string): Promise<void> {
  await tables(tx).updateTable('notice_rule').set({ ended_at: at }).where('scope', '=', scope).where('id', '=', id).execute();
}

export interface Webhook { readonly id: string; readonly constituent: string; readonly url: string; readonly secret: string; readonly addedAt: string }

export async function webhooksOf(db: Queryable, scope: string, constituents: readonly string[]): Promise<Webhook[]> {
  const rows = await tables(db).selectFrom('webhook').selectAll().where('scope', '=', scope).where('removed_at', 'is', null)
    .where('constituent', 'in', constituents.length > 0 ? [...constituents] : ['']).orderBy('added_at').execute();
  return rows.map((row) => ({ id: row.id, constituent: row.constituent, url: row.url, secret: row.secret, addedAt: row.added_at }));
}

export async function insertWebhook(tx: Queryable, scope: string, w: Webhook): Promise<void> {
  await tables(tx).insertInto('webhook').values({
    id: w.id, scope, constituent: w.constituent, url: w.url, secret: w.secret, added_at: w.addedAt, removed_at: null,
  }).execute();
}

export async function removeWebhook(tx: Queryable, scope: string, id: string, at: string): Promise<void> {
  await tables(tx).updateTable('webhook').set({ removed_at: at }).where('scope', '=', scope).where('id', '=', id).execute();
}

export async function saveKey(tx: Queryable, key: { contact: string; armored: string; fingerprint: string; at: string }): Promise<void> {
  await tables(tx).insertInto('contact_key').values({
    contact: key.contact, armored: key.armored, fingerprint: key.fingerprint, added_at: key.at,
  }).onConflict((x) => x.column('contact').doUpdateSet({ armored: key.armored, fingerprint: key.fingerprint, added_at: key.at })).execute();
}

/** Keys on file by contact. */
export async function keysOf(db: Queryable, contacts: readonly string[]): Promise<Map<string, { armored: string; fingerprint: string }>> {
  const rows = await tables(db).selectFrom('contact_key').selectAll().where('contact', 'in', contacts.length > 0 ? [...contacts] : ['']).execute();
  return new Map(rows.map((row) => [row.contact, { armored: row.armored, fingerprint: row.fingerprint }]));
}

export async function decidedDays(db: Queryable, scope: string): Promise<{ day: string; works: boolean; name: string }[]> {
  const { rows } = await sql<{ day: string; works: boolean; name: string }>`select to_char(day, 'YYYY-MM-DD') as day, works, name
    from decided_day where scope = ${scope} order by day`.execute(tables(db));
  return rows;
}

export async function decideDay(tx: Queryable, scope: string, d: { day: string; works: boolean; name: string }): Promise<void> {
  await tables(tx).insertInto('decided_day').values({ scope, ...d })
    .onConflict((x) => x.columns(['scope', 'day']).doUpdateSet({ works: d.works, name: d.name })).execute();
}
