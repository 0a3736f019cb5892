/**
 * The events store's tables. `ev` holds every stored row once; `user_period` is computed from it and can always be
 * computed again. The sort key begins with what every figure and the dedup filter on; months are the partitions.
 */

export const eventTables: readonly string[] = [
  `CREATE TABLE IF NOT EXISTS ev (
    id FixedString(16), scope LowCardinality(String), feed LowCardinality(String), batch LowCardinality(String),
    day Date, time DateTime('UTC') CODEC(Delta, LZ4), received DateTime('UTC') CODEC(Delta, LZ4),
    report LowCardinality(String), kind LowCardinality(String), type LowCardinality(String),
    family LowCardinality(String), severity LowCardinality(String), confidence UInt8, tlp LowCardinality(String),
    ip IPv6, port UInt16, area LowCardinality(String), asn UInt32, peer IPv6, peer_port UInt16,
    domain String, site String, url String, owner LowCardinality(String), user UInt64, count UInt32,
    attrs Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    INDEX by_ip ip TYPE bloom_filter(0.01) GRANULARITY 4
  ) ENGINE = MergeTree PARTITION BY toYYYYMM(day) ORDER BY (kind, feed, day, area, asn, ip)
  SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
  `CREATE TABLE IF NOT EXISTS user_period (
    scope LowCardinality(String), period LowCardinality(String), area LowCardinality(String), user UInt64, attacked UInt8
  ) ENGINE = MergeTree PARTITION BY (scope, period) ORDER BY (area, user)
  SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
  // Same shape; a period is built here and then moved over in one step.
  'CREATE TABLE IF NOT EXISTS user_period_next AS user_period',
];
