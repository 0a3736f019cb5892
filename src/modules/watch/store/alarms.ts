/** Alarms with their evidence, what was said of them, and bytes that were handed in. Nothing here is ever deleted. */
import { sql } from 'kysely';
import type { Envelope } from '#kit/attest/dsse';
import type { Region } from '#kit/watch/view';
import type { Queryable } from '#world/db/port';
import { lastingKinds, type AlarmKind } from '../model.ts';
import { tables, type WatchTables } from './schema.ts';

export interface KeptEvidence {
  readonly side: 'odd' | 'rest' | 'before' | 'after'; readonly observer: string; readonly org: string; readonly place: string; readonly view: string;
  readonly from: string; readonly to: string; readonly envelopes: readonly Envelope[];
}
export interface AlarmRecord {
  readonly id: string; readonly channel: string; readonly scope: string; readonly kind: AlarmKind;
  /** What makes two of one kind the same alarm. */
  readonly key: string;
  readonly name: string; readonly version: string | null; readonly detail: string | null; readonly places: readonly string[]; readonly rest: readonly string[];
  readonly region: Region | null; readonly evidence: readonly KeptEvidence[];
  /** Whose observers saw it: they close it. */
  readonly orgs: readonly string[];
  readonly raisedAt: string; readonly lastAt: string; readonly overAt: string | null; readonly times: number; readonly explainedAt: string | null;
  readonly closedAt: string | null;
}
const alarmOf = (r: WatchTables['watch_alarm']): AlarmRecord => ({
  id: r.id, channel: r.channel, scope: r.scope, kind: r.kind as AlarmKind, key: r.key, name: r.name, version: r.version, detail: r.detail, places: r.places,
  rest: r.rest, region: r.region as Region | null, evidence: r.evidence as KeptEvidence[], orgs: r.orgs, raisedAt: r.raised_at, lastAt: r.last_at,
  overAt: r.over_at, times: r.times, explainedAt: r.explained_at, closedAt: r.closed_at,
});
type Row = WatchTables['watch_alarm'];

/** The same alarm where it goes on: of what lasts until it is over, of what happened once until it is closed. */
export async function goingOn(tx: Queryable, channel: string, kind: AlarmKind, key: string): Promise<AlarmRecord | null> {
  const still = lastingKinds.includes(kind) ? sql`over_at is null` : sql`closed_at is null`;
  const { rows } = await sql<Row>`select * from watch_alarm where channel = ${channel} and kind = ${kind} and key = ${key} and ${still}
    order by raised_at desc limit 1`.execute(tables(tx));
  return rows[0] ? alarmOf(rows[0]) : null;
}

/** Those that last and are not over. */
export async function lastingAlarms(q: Queryable, channel: string): Promise<AlarmRecord[]> {
  const { rows } = await sql<Row>`select * from watch_alarm where channel = ${channel} and kind = any(${[...lastingKinds]}::text[]) and over_at is null`
    .execute(tables(q));
  return rows.map(alarmOf);
}

export async function insertAlarm(tx: Queryable, a: AlarmRecord): Promise<void> {
  await sql`insert into watch_alarm (id, channel, scope, kind, key, name, version, detail, places, rest, region, evidence, orgs, raised_at, last_at, times)
    values (${a.id}, ${a.channel}, ${a.scope}, ${a.kind}, ${a.key}, ${a.name}, ${a.version}, ${a.detail}, ${[...a.places]}::text[], ${[...a.rest]}::text[],
    ${a.region === null ? null : JSON.stringify(a.region)}::jsonb, ${JSON.stringify(a.evidence)}::jsonb, ${[...a.orgs]}::text[], ${a.raisedAt}::timestamptz,
    ${a.lastAt}::timestamptz, ${a.times})`.execute(tables(tx));
}

/** Seen once more, perhaps by somebody else too. */
export async function seenAgain(tx: Queryable, a: Pick<AlarmRecord, 'id' | 'places' | 'evidence' | 'orgs' | 'lastAt'>): Promise<void> {
  await sql`update watch_alarm set places = ${[...a.places]}::text[], evidence = ${JSON.stringify(a.evidence)}::jsonb, orgs = ${[...a.orgs]}::text[],
    last_at = ${a.lastAt}::timestamptz, times = times + 1 where id = ${a.id}`.execute(tables(tx));
}

export async function noteOver(tx: Queryable, id: string, at: string): Promise<void> {
  await sql`update watch_alarm set over_at = ${at}::timestamptz where id = ${id} and over_at is null`.execute(tables(tx));
}

export async function alarmById(q: Queryable, id: string): Promise<AlarmRecord | null> {
  const row = await tables(q).selectFrom('watch_alarm').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? alarmOf(row) : null;
}

/** Those not closed first, then the newest. */
export async function alarmsOf(q: Queryable, channels: readonly string[], most: number): Promise<AlarmRecord[]> {
  const { rows } = await sql<Row>`select * from watch_alarm where channel = any(${[...channels]}::text[])
    order by closed_at is not null, raised_at desc, id desc limit ${most}`.execute(tables(q));
  return rows.map(alarmOf);
}

export interface WordRecord {
  readonly id: string; readonly alarm: string; readonly org: string; readonly person: string; readonly kind: 'explained' | 'closed'; readonly text: string;
  readonly at: string;
}

/** Writes the word and what follows from it for the alarm; false where it was closed meanwhile. */
export async function sayWord(tx: Queryable, w: WordRecord): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`update watch_alarm set
    explained_at = case when ${w.kind} = 'explained' then ${w.at}::timestamptz else explained_at end,
    closed_at = case when ${w.kind} = 'closed' then ${w.at}::timestamptz else closed_at end
    where id = ${w.alarm} and closed_at is null returning id`.execute(tables(tx));
  if (rows.length === 0) return false;
  await sql`insert into watch_word (id, alarm, org, person, kind, body, at) values (${w.id}, ${w.alarm}, ${w.org}, ${w.person}, ${w.kind}, ${w.text},
    ${w.at}::timestamptz)`.execute(tables(tx));
  return true;
}

export async function wordsOn(q: Queryable, alarm: string): Promise<WordRecord[]> {
  const rows = await tables(q).selectFrom('watch_word').selectAll().where('alarm', '=', alarm).orderBy('at').orderBy('id').execute();
  return rows.map((r) => ({ id: r.id, alarm: r.alarm, org: r.org, person: r.person, kind: r.kind as WordRecord['kind'], text: r.body, at: r.at }));
}

export interface ExcerptRecord { readonly alarm: string; readonly channel: string; readonly sha256: string; readonly from: number; readonly bytes: Uint8Array;
  readonly org: string; readonly at: string }

export async function insertExcerpt(tx: Queryable, e: ExcerptRecord): Promise<boolean> {
  const { rows } = await sql<{ sha256: string }>`insert into watch_excerpt (alarm, channel, sha256, from_byte, bytes, org, at) values (${e.alarm}, ${e.channel},
    ${e.sha256}, ${e.from}, decode(${Buffer.from(e.bytes).toString('hex')}, 'hex'), ${e.org}, ${e.at}::timestamptz) on conflict do nothing returning sha256`
    .execute(tables(tx));
  return rows.length > 0;
}

export async function excerptsOf(q: Queryable, alarm: string): Promise<ExcerptRecord[]> {
  const { rows } = await sql<{ alarm: string; channel: string; sha256: string; from_byte: string; hex: string; org: string; at: string }>`select alarm, channel,
    sha256, from_byte, encode(bytes, 'hex') as hex, org, at from watch_excerpt where alarm = ${alarm} order by sha256`.execute(tables(q));
  return rows.map((r) => ({
    alarm: r.alarm, channel: r.channel, sha256: r.sha256, from: Number(r.from_byte), bytes: Buffer.from(r.hex, 'hex'), org: r.org, at: r.at,
  }));
}
