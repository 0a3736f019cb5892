/**
 * Which keys are stated by any object at all, kept in memory: a look-up of ten thousand values asks the records for the few that may be
 * there. It is read once, in the background, and from then on brought up to the moment before each use, so that what anybody has committed
 * is in it; what was deleted may stay. It says nothing of who may see what: that stays with the records, which are asked for every key left.
 */
import { sql } from 'kysely';
import { asHub } from '#world/db/scope';
import type { Queryable } from '#world/db/port';
import { Sieve } from '#kit/match/sieve';
import { tables } from './schema.ts';

/**
 * Fewer keys go to the records unsieved: of one value nobody can tell by the time of an answer whether some other organisation holds it,
 * and of many the time of all hides each.
 */
export const fewestSieved = 512;
/** Rows read at once. */
const pageRows = 50_000;
/** What came since the last use at most; past it the whole is read again. */
const mostNew = 200_000;

interface Page { readonly key: string; readonly obj: string }
interface News { readonly floor: string; readonly key: string | null }

const plain = (uuid: string): string => uuid.replaceAll('-', '');

/** The keys of one question, given in parts as they are made; each part answers what the records are to be asked for by now. */
export class Sifting {
  private readonly latest: () => Promise<Sieve | null>;
  /** While they are few: nothing is said of them before it is known whether they stay few. One value asked for a thousand times is few. */
  private readonly held = new Set<string>();
  private readonly told = new Set<string>();
  private sieve: Promise<Sieve | null> | null = null;
  private isMany = false;

  constructor(latest: () => Promise<Sieve | null>, soon: boolean) {
    this.latest = latest;
    if (!soon) return;
    this.sieve = latest();
    // Whoever asks awaits it later, or has failed of something else by then.
    this.sieve.catch(() => undefined);
  }

  /** Of these and what was held back before: each key once in the whole question. */
  async next(keys: readonly string[]): Promise<readonly string[]> {
    if (this.isMany) return this.passed(keys);
    for (const key of keys) this.held.add(key);
    if (this.held.size < fewestSieved) return [];
    this.isMany = true;
    return this.passed(this.rest());
  }

  /** There are no more: what is still held back. */
  rest(): readonly string[] {
    const left = [...this.held];
    this.held.clear();
    return left;
  }

  private async passed(keys: readonly string[]): Promise<readonly string[]> {
    this.sieve ??= this.latest();
    const sieve = await this.sieve;
    return keys.filter((key) => (sieve === null || sieve.mayHold(key)) && !this.told.has(key) && this.told.add(key));
  }
}

export class KnownKeys {
  private readonly q: Queryable;
  private readonly onFault: (error: unknown) => void;
  private sieve: Sieve | null = null;
  /** Transactions from this one on may have committed since the keys were read. */
  private floor = '0';
  private reading: Promise<void> | null = null;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(q: Queryable, onFault: (error: unknown) => void = () => undefined) {
    this.q = q;
    this.onFault = onFault;
  }

  /** Begins one question. `soon`: that it will have many keys is known already, so the news are fetched while they are made. */
  sifting(soon = false): Sifting {
    return new Sifting(() => this.current(), soon);
  }

  /** The keys as of now; null while nothing is read, and the records have to be asked for all. */
  private current(): Promise<Sieve | null> {
    if (this.sieve === null || this.sieve.isFull) {
      this.begin();
      return Promise.resolve(null);
    }
    // One after the other: two at once would both move the floor.
    const mine = this.turn.catch(() => undefined).then(() => this.catchUp());
    this.turn = mine;
    return mine;
  }

  /** Resolves when what was begun has been read. */
  async ready(): Promise<void> {
    this.begin();
    await this.reading;
  }

  private begin(): void {
    // If we crash or fail here, the next large look-up begins again; until then each asks the records for all its keys.
    this.reading ??= asHub('the keys of all objects are read', () => this.readAll()).catch(this.onFault).finally(() => { this.reading = null; });
  }

  private async readAll(): Promise<void> {
    const q = tables(this.q);
    // Records that were moved to another server carry numbers of the old one's transactions, which may be ahead of this one's.
    await sql`update exchange_atom set act = 0 where act >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint`.execute(q);
    const { rows: [now] } = await sql<{ floor: string; n: string }>`select pg_snapshot_xmin(pg_current_snapshot())::text as floor,
      (select count(*) from exchange_atom) as n`.execute(q);
    const sieve = new Sieve(Math.max(100_000, Math.ceil(Number(now?.n ?? 0) * 1.5)));
    for (let last: Page | undefined = { key: '00000000-0000-0000-0000-000000000000', obj: '-1' }; last !== undefined;) {
      const { rows }: { rows: Page[] } = await sql<Page>`select key, obj from exchange_atom
        where (key, obj) > (${last.key}::uuid, ${last.obj}::bigint) order by key, obj limit ${pageRows}`.execute(q);
      for (const row of rows) sieve.add(plain(row.key));
      last = rows.length < pageRows ? undefined : rows.at(-1);
    }
    this.floor = now?.floor ?? '0';
    this.sieve = sieve;
  }

  /** What has been committed since: whatever the asker's own question sees has its key in the sieve then. */
  private async catchUp(): Promise<Sieve | null> {
    const { sieve } = this;
    if (sieve === null) return null;
    const { rows } = await asHub('keys that have come since', () => sql<News>`select now.floor, a.key
      from (select pg_snapshot_xmin(pg_current_snapshot())::text as floor) as now
      left join (select key from exchange_atom where act >= ${this.floor}::bigint limit ${mostNew + 1}) as a on true`.execute(tables(this.q)));
    if (rows.length > mostNew) {
      this.sieve = null;
      this.begin();
      return null;
    }
    for (const { key } of rows) if (key !== null && !sieve.mayHold(plain(key))) sieve.add(plain(key));
    this.floor = rows[0]?.floor ?? this.floor;
    return sieve;
  }
}
