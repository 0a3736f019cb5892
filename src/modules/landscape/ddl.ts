/**
 * The events store's tables. `ev` holds every stored row once and is the only truth; all others are computed from it, day
 * by day or period by period, and can always be computed again (`rollups.ts`). What figures count as distinct lies on
 * one server (`shard`), so that counts of servers add up.
 */
import type { EventLookup, EventTable } from '#world/events/port';

/** Users by user, websites and what has no address by site, all else by address. */
const together = `cityHash64(multiIf(user != 0, toString(user), kind = 'website-attack' OR ip = toIPv6('::'), if(site = '', domain, site),
  toString(ip)))`;
const togetherSeen = `cityHash64(if(kind = 'website-attack' OR ip = toIPv6('::'), if(site = '', domain, site), toString(ip)))`;

export const evTable: EventTable = {
  name: 'ev',
  columns: `id FixedString(16), scope LowCardinality(String), feed LowCardinality(String), batch LowCardinality(String),
    day Date, time DateTime('UTC') CODEC(Delta, LZ4), received DateTime('UTC') CODEC(Delta, LZ4),
    report LowCardinality(String), kind LowCardinality(String), type LowCardinality(String),
    family LowCardinality(String), severity LowCardinality(String), confidence UInt8, tlp LowCardinality(String),
    ip IPv6, port UInt16, area LowCardinality(String), asn UInt32, peer IPv6, peer_port UInt16,
    domain String, site String, url String, owner LowCardinality(String), user UInt64, count UInt32,
    attrs Map(LowCardinality(String), String) CODEC(ZSTD(1)), peer_area LowCardinality(String),
    INDEX by_ip ip TYPE bloom_filter(0.01) GRANULARITY 4`,
  partition: 'toYYYYMM(day)', order: '(kind, feed, day, area, asn, ip)', shard: together,
};

/** One row for each asset, problem and day: what an address check, episodes and distinct counts read instead of `ev`. */
const seen: EventTable = {
  name: 'seen',
  columns: `scope LowCardinality(String), day Date, ip IPv6, domain String, site String, kind LowCardinality(String),
    type LowCardinality(String), family LowCardinality(String), area LowCardinality(String), asn UInt32,
    owner LowCardinality(String), first DateTime('UTC'), last DateTime('UTC'), rows UInt64, total UInt64, open UInt64`,
  partition: '(scope, day)', order: '(ip, domain, kind, family, type)', shard: togetherSeen,
};

/** The same by month, for one who asks after an address: some parts instead of one for each day. */
const monthSeen: EventTable = {
  name: 'month_seen',
  columns: `scope LowCardinality(String), period LowCardinality(String), ip IPv6, kind LowCardinality(String), type LowCardinality(String),
    family LowCardinality(String), first DateTime('UTC'), last DateTime('UTC'), days UInt8, rows UInt64, open UInt64`,
  partition: '(scope, period)', order: '(ip, kind, type, family)', shard: 'cityHash64(toString(ip))',
};

/** Counts that add up: rows, and how often each was seen, by all that figures are cut by. */
const dayCount: EventTable = {
  name: 'day_count',
  columns: `scope LowCardinality(String), day Date, kind LowCardinality(String), type LowCardinality(String),
    family LowCardinality(String), area LowCardinality(String), peer_area LowCardinality(String), asn UInt32,
    owner LowCardinality(String), rows UInt64, total UInt64`,
  partition: '(scope, day)', order: '(kind, area, type, family, asn, owner)', shard: 'cityHash64(area, asn)',
};

/**
 * Distinct things of a day (`day_figure`) or a period (`period_figure`) by one dimension: `all`, `area`, `type`, `asn`, `family`,
 * `owner`. A thing is an address; for attacks on websites it is a site on a day. Rows of one cell are parts of it and are
 * summed by whoever reads: a large period is counted part by part, and each server counts its own.
 */
const figure = `kind LowCardinality(String), dim LowCardinality(String), area LowCardinality(String), key String,
    things UInt64, rows UInt64, total UInt64`;
const dayFigure: EventTable = {
  name: 'day_figure', columns: `scope LowCardinality(String), day Date, ${figure}`,
  partition: '(scope, day)', order: '(kind, dim, area, key)', shard: 'cityHash64(area, key)',
};
const periodFigure: EventTable = {
  name: 'period_figure', columns: `scope LowCardinality(String), period LowCardinality(String), ${figure}`,
  partition: '(scope, period)', order: '(kind, dim, area, key)', shard: 'cityHash64(area, key)',
};

/** A user's home in a period, and the classes of threats met there, a bit each (`threatClasses`). */
const userState: EventTable = {
  name: 'user_state',
  columns: `scope LowCardinality(String), period LowCardinality(String), area LowCardinality(String), user UInt64, classes UInt16`,
  partition: '(scope, period)', order: '(area, user)', shard: 'cityHash64(toString(user))',
};
/** Users by home and set of classes: every exact rate, of every set of classes, is a sum over these few rows. */
const userRate: EventTable = {
  name: 'user_rate',
  columns: `scope LowCardinality(String), period LowCardinality(String), area LowCardinality(String), classes UInt16, users UInt64`,
  partition: '(scope, period)', order: '(area, classes)', shard: 'cityHash64(area)',
};

/** Files that lists of hashes name: one row for each hash, kind of list, feed and day. */
const fileSeen: EventTable = {
  name: 'file_seen',
  columns: `scope LowCardinality(String), day Date, hash String, kind LowCardinality(String), feed LowCardinality(String), family String,
    first DateTime('UTC'), last DateTime('UTC'), rows UInt64`,
  partition: '(scope, day)', order: '(hash, kind, feed)', shard: 'cityHash64(hash)',
};

export const computedTables: readonly EventTable[] = [fileSeen, seen, monthSeen, dayCount, dayFigure, periodFigure, userState, userRate]
  .map((table) => ({ ...table, computed: true }));

/** Where a partition is built before it is moved over in one step. */
export const nextOf = (table: string): string => `${table}_next`;

/** Rows whose owner changed with the registry, for the one statement that changes them. */
export const ownerMoves: EventLookup = { name: 'owner_move', columns: 'id FixedString(16), owner String', key: 'id' };
