/**
 * Stored owners follow the registry. When claims change, the rows that they touch are looked at again, each at its own
 * time, and those whose owner is another now are moved: one statement in the events store, then their days anew. What
 * moved is stated and restated. A crash leaves the claims unfollowed, and the same rows are found again.
 */
import { parsePrefix, formatIp } from '#kit/ip/ip';
import { Owners, type Claim } from '#kit/ip/owners';
import { Sixteen, takeBlock, Text } from '#kit/native/native';
import { stateFact } from '#world/facts';
import { ownerMoves } from '../ddl.ts';
import { followedClaims, insertRestatements, saveFollowed } from '../settled-store.ts';
import { certificateKey, ownerOf } from './place.ts';
import type { SettleParts, Settler } from './settle.ts';

/** Rows looked at in one go. */
const rowsAtOnce = 500_000;
/** Claims spelt out in a question; where more changed at once, all rows are looked at. */
const mostSpelt = 400;

const keyOf = (c: Claim): string => `${c.kind} ${c.value} ${c.owner} ${c.from} ${c.to}`;

/** Claims that stand in one list and not in the other. */
export function changedClaims(before: readonly Claim[], after: readonly Claim[]): Claim[] {
  const old = new Set(before.map(keyOf));
  const fresh = new Set(after.map(keyOf));
  return [...before.filter((c) => !fresh.has(keyOf(c))), ...after.filter((c) => !old.has(keyOf(c)))];
}

const certificate = `lower(replaceAll(attrs['${certificateKey}'], ':', ''))`;

interface Found { readonly ids: Uint8Array[]; readonly owners: string[] }

export class Registrar {
  private readonly parts: SettleParts;
  private readonly settler: Settler;

  constructor(parts: SettleParts, settler: Settler) {
    this.parts = parts;
    this.settler = settler;
  }

  async outOfDate(scope: string, claims: readonly Claim[]): Promise<boolean> {
    const followed = await followedClaims(this.parts.db, { events: this.parts.events, scope });
    return followed === null || changedClaims(followed, claims).length > 0;
  }

  /** Moves the stored rows of a scope to their owners by these claims. No batch may run meanwhile. */
  async follow(scope: string, claims: readonly Claim[]): Promise<number> {
    const { db, clock, ids, events } = this.parts;
    const followed = await followedClaims(db, { events, scope });
    const changed = followed === null ? null : changedClaims(followed, claims);
    if (changed?.length === 0) return 0;
    const where = touching(changed);
    const mark = ids.next('registry');
    const days = await this.daysTouched(scope, where);
    const sums = new Map<string, { before: number; after: number }>();
    const owners = new Owners(claims);
    const movedDays: number[] = [];
    let moved = 0;
    for (const portion of days) {
      const found = await this.movesIn(scope, portion, where, owners, sums);
      if (found.ids.length === 0) continue;
      // Marked before they move: if we crash here the days are computed again at the next start.
      await this.settler.foresee(scope, mark, portion);
      await this.move(portion, found);
      movedDays.push(...portion);
      moved += found.ids.length;
    }
    await this.settler.settleDays(scope, mark, movedDays);
    await db.transaction(async (tx) => {
      await saveFollowed(tx, { events, scope }, claims, clock.iso());
      if (moved === 0) return;
      await insertRestatements(tx, scope, [...sums].map(([area, counts]) => ({
        id: ids.next('rst'), at: clock.iso(), cause: 'registry' as const, batch: null, series: 'owner', period: '', area, ...counts,
      })));
      await stateFact(tx, {
        class: 'rows.reattributed', at: clock.iso(), actor: 'system', org: scope, subject: scope, readers: [], clauses: [],
        body: { rows: moved, days: movedDays.length, owners: sums.size },
      });
    });
    return moved;
  }

  /** Days with rows that the claims touch, in portions of so many rows. */
  private async daysTouched(scope: string, where: string): Promise<number[][]> {
    const rows = await this.parts.events.query({
      query: `SELECT toUInt16(day) AS d, count() AS n FROM ev WHERE scope = {scope:String} AND ${where} GROUP BY d ORDER BY d`,
      query_params: { scope },
    });
    const portions: number[][] = [];
    let room = 0;
    for (const { d, n } of await rows.json<{ d: number; n: number }>()) {
      if (portions.length === 0 || n > room) {
        portions.push([]);
        room = rowsAtOnce;
      }
      portions.at(-1)?.push(d);
      room -= n;
    }
    return portions;
  }

  /** RowBinary of the columns that `eachRow` reads. */
  private async movesIn(
    scope: string, days: readonly number[], where: string, owners: Owners, sums: Map<string, { before: number; after: number }>,
  ): Promise<Found> {
    const rows = await this.parts.events.query({
      query: `SELECT id, ip, toUnixTimestamp(time), asn, kind = 'website-attack', domain, owner, ${certificate} FROM ev
        WHERE scope = {scope:String} AND day IN (SELECT toDate(arrayJoin({days:Array(UInt16)}))) AND ${where}`,
      query_params: { scope, days }, format: 'RowBinary',
    });
    const found: Found = { ids: [], owners: [] };
    const note = (owner: string, side: 'before' | 'after'): void => {
      if (owner === '') return;
      const counts = sums.get(owner) ?? { before: 0, after: 0 };
      counts[side] += 1;
      sums.set(owner, counts);
    };
    eachRow(await rows.bytes(), (row) => {
      const owner = ownerOf(owners, row);
      if (owner === row.owner) return;
      found.ids.push(row.id);
      found.owners.push(owner);
      note(row.owner, 'before');
      note(owner, 'after');
    });
    return found;
  }

  /** Only the owner's column is written anew, and only in the parts that hold such rows. */
  private async move(days: readonly number[], found: Found): Promise<void> {
    const { events } = this.parts;
    const lookup = events.here(ownerMoves.name);
    await events.command({ query: `TRUNCATE TABLE ${lookup}`, each: true });
    const id = new Sixteen('id', 'FixedString(16)');
    const owner = new Text('owner');
    // An owner may become nobody, which a lookup cannot tell from a row that it does not know: hence the sign before it.
    found.ids.forEach((bytes, i) => { id.add(bytes); owner.add(`=${found.owners[i] ?? ''}`); });
    await events.insert({ table: ownerMoves.name, values: [takeBlock([id, owner], found.ids.length)], format: 'Native', each: true });
    const found1 = `joinGet('${lookup}', 'owner', id)`;
    await events.command({
      query: `ALTER TABLE ${events.here('ev')} UPDATE owner = substring(${found1}, 2)
        WHERE day >= toDate(${Math.min(...days)}) AND day <= toDate(${Math.max(...days)}) AND ${found1} != '' SETTINGS mutations_sync = 1`,
      each: true,
    });
    await events.command({ query: `TRUNCATE TABLE ${lookup}`, each: true });
  }
}

/** The rows that changed claims touch; every value is one of ours that was checked when it was claimed. Null: all rows. */
function touching(changed: readonly Claim[] | null): string {
  const noUsers = `kind NOT IN ('user-heartbeat', 'user-detection')`;
  if (changed === null || changed.length > mostSpelt) return noUsers;
  const each = changed.map((claim) => {
    const held = `time >= toDateTime(${Math.max(0, claim.from)}, 'UTC')`
      + (Number.isFinite(claim.to) ? ` AND time < toDateTime(${Math.min(claim.to, 4_294_967_295)}, 'UTC')` : '');
    return `(${valueTouches(claim)} AND ${held})`;
  });
  return `${noUsers} AND (${each.join(' OR ')})`;
}

function valueTouches({ kind, value }: Claim): string {
  if (kind === 'asn') return `asn = ${Number(value) || 0}`;
  if (kind === 'certificate') return `${certificate} = '${value.replaceAll(/[^0-9a-f]/g, '')}'`;
  if (kind === 'domain') {
    const domain = value.toLowerCase().replaceAll(/['\\]/g, '');
    return `(domain = '${domain}' OR endsWith(domain, '.${domain}'))`;
  }
  const prefix = parsePrefix(value);
  if (prefix === null) return '0';
  const last = Uint8Array.from(prefix.network);
  for (let bit = prefix.bits; bit < 128; bit++) last[bit >> 3] = (last[bit >> 3] ?? 0) | (128 >> (bit & 7));
  return `(ip >= toIPv6('${formatIp(prefix.network)}') AND ip <= toIPv6('${formatIp(last)}'))`;
}

interface StoredRow {
  readonly id: Uint8Array;
  readonly ip: Uint8Array;
  readonly hasIp: boolean;
  readonly time: number;
  readonly asn: number;
  readonly website: boolean;
  readonly domain: string;
  readonly owner: string;
  readonly certificate: string;
}

/** Reads RowBinary of the columns above. */
function eachRow(bytes: Uint8Array, take: (row: StoredRow) => void): void {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const state = { at: 0 };
  const text = (): string => {
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = all[state.at++] ?? 0;
      size |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    state.at += size;
    return all.toString('utf8', state.at - size, state.at);
  };
  while (state.at < all.length) {
    const id = all.subarray(state.at, state.at + 16);
    const ip = all.subarray(state.at + 16, state.at + 32);
    const time = all.readUInt32LE(state.at + 32);
    const asn = all.readUInt32LE(state.at + 36);
    const website = all[state.at + 40] === 1;
    state.at += 41;
    take({ id, ip, hasIp: ip.some((byte) => byte !== 0), time, asn, website, domain: text(), owner: text(), certificate: text() });
  }
}
