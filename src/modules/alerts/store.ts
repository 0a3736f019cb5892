/** The tables of alerts. Text is read by who wrote it and by whom the line has told: every read of it names the person. */
import { sql } from 'kysely';
import type { Migration, Queryable } from '#world/db/port';

interface AlertTables {
  alert_line: { org: string; person: string; position: number };
  alert: {
    id: string; scope: string; to_org: string; tlp: string; title: string; body: string; objects: string[]; minutes: number; sent_at: string;
    sent_by: string; withdrawn_at: string | null; unanswered_at: string | null;
  };
  alert_step: {
    alert: string; scope: string; org: string; person: string; position: number; told_at: string | null; read_at: string | null;
    letter: string | null; letter_next: string | null;
  };
}
const tables = (q: Queryable) => q.as<AlertTables>();

export const alertsMigrations: readonly Migration[] = [
  {
    name: 'alerts/001-alerts',
    sql: `create table alert_line (org text not null, person text not null, position smallint not null, primary key (org, person));
    create table alert (
      id text primary key, scope text not null, to_org text not null, tlp text not null, title text not null, body text not null, objects text[] not null,
      minutes int not null, sent_at timestamptz not null, sent_by text not null, withdrawn_at timestamptz, unanswered_at timestamptz
    );
    create index alert_of on alert (scope, id);
    create index alert_open on alert (id) where withdrawn_at is null and unanswered_at is null;
    create table alert_step (
      alert text not null references alert (id), scope text not null, org text not null, person text not null, position smallint not null,
      told_at timestamptz, read_at timestamptz, letter text, letter_next timestamptz, primary key (alert, position)
    );
    create index alert_step_of on alert_step (person, alert);
    create index alert_step_letter on alert_step (letter_next) where letter_next is not null`,
  },
];

export async function lineOf(q: Queryable, org: string): Promise<string[]> {
  const { rows } = await sql<{ person: string }>`select person from alert_line where org = ${org} order by position`.execute(tables(q));
  return rows.map((r) => r.person);
}

export async function setLine(tx: Queryable, org: string, people: readonly string[]): Promise<void> {
  await sql`delete from alert_line where org = ${org}`.execute(tables(tx));
  await sql`insert into alert_line (org, person, position) select ${org}, n.person, n.position
    from unnest(${[...people]}::text[]) with ordinality as n(person, position)`.execute(tables(tx));
}

/**
 * Alerts pass to a successor. The old line's people are no longer there to open what waits for them: the successor's line is asked
 * behind them.
 */
export async function passOnAlerts(tx: Queryable, from: string, to: string): Promise<void> {
  await sql`insert into alert_step (alert, scope, org, person, position)
    select a.id, a.scope, ${to}, l.person, (select max(s.position) from alert_step s where s.alert = a.id)
      + row_number() over (partition by a.id order by l.position)
    from alert a join alert_line l on l.org = ${to}
    where a.to_org = ${from} and a.withdrawn_at is null and a.unanswered_at is null
      and not exists (select 1 from alert_step s where s.alert = a.id and (s.read_at is not null or s.person = l.person))`.execute(tables(tx));
  await sql`update alert set scope = ${to} where scope = ${from}`.execute(tables(tx));
  await sql`update alert set to_org = ${to} where to_org = ${from}`.execute(tables(tx));
  await sql`update alert_step set scope = ${to} where scope = ${from}`.execute(tables(tx));
  await sql`update alert_step set org = ${to} where org = ${from}`.execute(tables(tx));
  await sql`delete from alert_line where org = ${from}`.execute(tables(tx));
}

export interface AlertRecord {
  readonly id: string; readonly scope: string; readonly to: string; readonly tlp: string; readonly title: string; readonly text: string;
  readonly objects: readonly string[]; readonly minutes: number; readonly sentAt: string; readonly sentBy: string; readonly withdrawnAt: string | null;
  readonly unansweredAt: string | null;
}
type Row = AlertTables['alert'];
const alertOf = (r: Row): AlertRecord => ({
  id: r.id, scope: r.scope, to: r.to_org, tlp: r.tlp, title: r.title, text: r.body, objects: r.objects, minutes: r.minutes, sentAt: r.sent_at,
  sentBy: r.sent_by, withdrawnAt: r.withdrawn_at, unansweredAt: r.unanswered_at,
});

export interface StepRecord {
  readonly alert: string; readonly org: string; readonly person: string; readonly position: number; readonly toldAt: string | null;
  readonly readAt: string | null; readonly letter: string | null;
}
type StepRow = AlertTables['alert_step'];
const stepOf = (r: StepRow): StepRecord => ({
  alert: r.alert, org: r.org, person: r.person, position: r.position, toldAt: r.told_at, readAt: r.read_at, letter: r.letter,
});

export async function insertAlert(tx: Queryable, a: AlertRecord, line: readonly string[]): Promise<void> {
  await sql`insert into alert (id, scope, to_org, tlp, title, body, objects, minutes, sent_at, sent_by)
    values (${a.id}, ${a.scope}, ${a.to}, ${a.tlp}, ${a.title}, ${a.text}, ${[...a.objects]}::text[], ${a.minutes}, ${a.sentAt}::timestamptz,
      ${a.sentBy})`.execute(tables(tx));
  await sql`insert into alert_step (alert, scope, org, person, position) select ${a.id}, ${a.scope}, ${a.to}, n.person, n.position
    from unnest(${[...line]}::text[]) with ordinality as n(person, position)`.execute(tables(tx));
}

/** The next on the line is told, and its letter waits to leave. False where another replica was faster. */
export async function tell(tx: Queryable, alert: string, position: number, at: string): Promise<boolean> {
  const { numAffectedRows } = await sql`update alert_step set told_at = ${at}::timestamptz, letter = 'waiting', letter_next = ${at}::timestamptz
    where alert = ${alert} and position = ${position}::smallint and told_at is null`.execute(tables(tx));
  return (numAffectedRows ?? 0n) > 0n;
}

/** What an organisation sent; of what is RED only what this person wrote. */
export async function sentBy(q: Queryable, { scope, person }: Sender, before: string | null, limit: number): Promise<AlertRecord[]> {
  const { rows } = await sql<Row>`select * from alert where scope = ${scope} and (tlp <> 'RED' or sent_by = ${person})
    ${before === null ? sql`` : sql`and id < ${before}`} order by id desc limit ${limit}`.execute(tables(q));
  return rows.map(alertOf);
}

export interface Sender { readonly scope: string; readonly person: string }

export async function sentById(q: Queryable, { scope, person }: Sender, id: string): Promise<AlertRecord | null> {
  const { rows } = await sql<Row>`select * from alert where scope = ${scope} and id = ${id} and (tlp <> 'RED' or sent_by = ${person})`.execute(tables(q));
  return rows[0] ? alertOf(rows[0]) : null;
}

export async function stepsOf(q: Queryable, alerts: readonly string[]): Promise<StepRecord[]> {
  const { rows } = await sql<StepRow>`select * from alert_step where alert = any(${alerts}::text[]) order by alert, position`.execute(tables(q));
  return rows.map(stepOf);
}

export interface Told { readonly alert: AlertRecord; readonly step: StepRecord }

/** What a person was told of; withdrawn ones are gone. */
export async function toldTo(q: Queryable, person: string, before: string | null, limit: number): Promise<Told[]> {
  const { rows } = await sql<StepRow & { alert: string }>`select s.* from alert_step s join alert a on a.id = s.alert
    where s.person = ${person} and s.told_at is not null and a.withdrawn_at is null ${before === null ? sql`` : sql`and s.alert < ${before}`}
    order by s.alert desc limit ${limit}`.execute(tables(q));
  const steps = rows.map(stepOf);
  const { rows: alerts } = await sql<Row>`select * from alert where id = any(${steps.map((s) => s.alert)}::text[])`.execute(tables(q));
  const byId = new Map(alerts.map((r) => [r.id, alertOf(r)]));
  return steps.flatMap((step) => {
    const alert = byId.get(step.alert);
    return alert ? [{ alert, step }] : [];
  });
}

export async function toldOne(q: Queryable, person: string, id: string): Promise<Told | null> {
  const { rows } = await sql<StepRow>`select * from alert_step where person = ${person} and alert = ${id} and told_at is not null`.execute(tables(q));
  const { rows: alerts } = await sql<Row>`select * from alert where id = ${id} and withdrawn_at is null`.execute(tables(q));
  return rows[0] && alerts[0] ? { alert: alertOf(alerts[0]), step: stepOf(rows[0]) } : null;
}

/** Answers whether it was the first time. */
export async function noteRead(tx: Queryable, alert: string, person: string, at: string): Promise<boolean> {
  const { numAffectedRows } = await sql`update alert_step set read_at = ${at}::timestamptz
    where alert = ${alert} and person = ${person} and read_at is null`.execute(tables(tx));
  return (numAffectedRows ?? 0n) > 0n;
}

export async function withdraw(tx: Queryable, scope: string, id: string, at: string): Promise<boolean> {
  const { numAffectedRows } = await sql`update alert set withdrawn_at = ${at}::timestamptz where scope = ${scope} and id = ${id} and withdrawn_at is null`
    .execute(tables(tx));
  return (numAffectedRows ?? 0n) > 0n;
}

/** Alerts that somebody may still have to be told of. Held until the transaction ends, so that replicas take turns. */
export async function openAlerts(tx: Queryable): Promise<AlertRecord[]> {
  const { rows } = await sql<Row>`select a.* from alert a where a.withdrawn_at is null and a.unanswered_at is null
    and not exists (select 1 from alert_step s where s.alert = a.id and s.read_at is not null) order by a.id for update skip locked`.execute(tables(tx));
  return rows.map(alertOf);
}

export async function noteUnanswered(tx: Queryable, id: string, at: string): Promise<void> {
  await sql`update alert set unanswered_at = ${at}::timestamptz where id = ${id} and unanswered_at is null`.execute(tables(tx));
}

/** Letters that are due; each is taken by moving its next try on, so that a crash while it leaves sends it again and no other replica does. */
export async function takeLetters(tx: Queryable, now: string, again: string, limit: number): Promise<StepRecord[]> {
  const { rows } = await sql<StepRow>`update alert_step set letter_next = ${again}::timestamptz where (alert, position) in (
      select alert, position from alert_step where letter_next <= ${now}::timestamptz order by letter_next limit ${limit} for update skip locked)
    returning *`.execute(tables(tx));
  return rows.map(stepOf);
}

export async function settleLetter(q: Queryable, step: Pick<StepRecord, 'alert' | 'position'>, letter: 'sent' | 'refused' | null): Promise<void> {
  await sql`update alert_step set letter = ${letter}, letter_next = null where alert = ${step.alert} and position = ${step.position}::smallint`
    .execute(tables(q));
}
