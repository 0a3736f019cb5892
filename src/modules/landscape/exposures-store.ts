/**
 * Exposure advisories as records, and the systems they speak of out of the rows. Each read names the scope, and the owners where
 * it is an owner's.
 */
import type { Migration, Queryable } from '#world/db/port';
import type { Events } from '#world/events/port';
import { formatIp, readIp } from '#kit/ip/ip';
import { worse, type Sighting } from '#modules/constituents/index';
import { preReleases, problemOf, spanOfAdvisory, versionKey, versionMost, type Advisory, type Affected } from './exposures.ts';
import { isoDay } from './periods.ts';

interface AdvisoryRow {
  id: string; scope: string; title: string; cves: unknown; severity: string; match: unknown; source: string; days_back: number;
  published_at: string; published_by: string; withdrawn_at: string | null; withdrawn_reason: string | null; heard: boolean;
}
interface Tables {
  landscape_exposure_advisory: AdvisoryRow;
  landscape_batch: { id: string; scope: string; told: boolean };
}

export const exposuresMigrations: readonly Migration[] = [
  {
    // `heard`, `told`: the advisory's owners, and the batch's, have been told. Facts are heard one by one, so each pair of an advisory
    // and a batch is told of once, by whichever is heard later. What was stored before there were advisories has been told.
    name: 'landscape/007-exposure-advisories',
    sql: `create table landscape_exposure_advisory (
      id text primary key, scope text not null, title text not null, cves jsonb not null, severity text not null, match jsonb not null,
      source text not null, days_back integer not null, published_at timestamptz not null, published_by text not null,
      withdrawn_at timestamptz, withdrawn_reason text, heard boolean not null default false
    );
    create index landscape_exposure_advisory_scope on landscape_exposure_advisory (scope, id desc);
    alter table landscape_batch add column told boolean not null default false;
    update landscape_batch set told = true where state = 'done'`,
  },
];

const tables = (db: Queryable) => db.as<Tables>();

const advisoryOf = (row: AdvisoryRow, now: number): Advisory => {
  const kept = {
    id: row.id, title: row.title, cves: row.cves as string[], severity: row.severity as Advisory['severity'], match: row.match as Advisory['match'],
    source: row.source, daysBack: row.days_back, publishedAt: row.published_at, publishedBy: row.published_by, withdrawnAt: row.withdrawn_at,
    withdrawnReason: row.withdrawn_reason,
  };
  const { from, to } = spanOfAdvisory(kept, now);
  return { ...kept, from: isoDay(from), to: isoDay(to) };
};

export async function insertAdvisory(db: Queryable, scope: string, a: Advisory): Promise<void> {
  await tables(db).insertInto('landscape_exposure_advisory').values({
    id: a.id, scope, title: a.title, cves: JSON.stringify(a.cves), severity: a.severity, match: JSON.stringify(a.match), source: a.source,
    days_back: a.daysBack, published_at: a.publishedAt, published_by: a.publishedBy, withdrawn_at: null, withdrawn_reason: null, heard: false,
  }).execute();
}

/** Newest first; those in force alone, those before an id. */
export async function advisoriesOf(
  db: Queryable, scope: string, now: number,
  filter: { inForce?: boolean; heard?: boolean; before?: string | undefined; limit?: number } = {},
): Promise<Advisory[]> {
  let query = tables(db).selectFrom('landscape_exposure_advisory').selectAll().where('scope', '=', scope).orderBy('id', 'desc')
    .limit(filter.limit ?? 500);
  if (filter.inForce) query = query.where('withdrawn_at', 'is', null);
  if (filter.heard) query = query.where('heard', '=', true);
  if (filter.before !== undefined) query = query.where('id', '<', filter.before);
  return (await query.execute()).map((row) => advisoryOf(row, now));
}

export async function advisoryById(db: Queryable, scope: string, id: string, now: number): Promise<Advisory | null> {
  const row = await tables(db).selectFrom('landscape_exposure_advisory').selectAll().where('scope', '=', scope).where('id', '=', id)
    .executeTakeFirst();
  return row ? advisoryOf(row, now) : null;
}

/** False where it was withdrawn before. */
export async function withdrawAdvisory(db: Queryable, scope: string, id: string, at: string, reason: string): Promise<boolean> {
  const done = await tables(db).updateTable('landscape_exposure_advisory').set({ withdrawn_at: at, withdrawn_reason: reason })
    .where('scope', '=', scope).where('id', '=', id).where('withdrawn_at', 'is', null).executeTakeFirst();
  return Number(done.numUpdatedRows) === 1;
}

export async function markAdvisoryHeard(tx: Queryable, id: string): Promise<void> {
  await tables(tx).updateTable('landscape_exposure_advisory').set({ heard: true }).where('id', '=', id).execute();
}
export async function markBatchTold(tx: Queryable, id: string): Promise<void> {
  await tables(tx).updateTable('landscape_batch').set({ told: true }).where('id', '=', id).execute();
}
/** Batches whose owners have not been told: those on their way, those that failed, those whose fact has yet to be heard. */
export async function untoldBatches(tx: Queryable, scope: string): Promise<string[]> {
  return (await tables(tx).selectFrom('landscape_batch').select('id').where('scope', '=', scope).where('told', '=', false).execute()).map((row) => row.id);
}

const first = (keys: readonly string[]): string => `arrayFirst(x -> x != '', [${keys.map((key) => `attrs['${key}']`).join(', ')}, ''])`;
/** Attributes that name what runs there, the plainest first; `server` is the head of an HTTP answer, `nginx/1.18.0`. */
const productKeys = ['product', 'service_product', 'software', 'serverid_software', 'device_model', 'model', 'productname', 'device_vendor', 'vendor'];
const versionKeys = [
  'version', 'product_version', 'service_version', 'software_version', 'serverid_version', 'device_version', 'server_version', 'firmware_version',
  'firmware', 'pkg_version', 'dns_version', 'printer_firmware_version',
];
const cveKeys = ['cve', 'cve_id', 'cves', 'tag', 'tags', 'vulnerabilities', 'vulnerability', 'vuln'];
const served = `splitByChar('/', splitByChar(' ', attrs['server'])[1])`;
const product = `if(${first(productKeys)} != '', ${first(productKeys)}, ${served}[1])`;
const version = `if(${first(versionKeys)} != '', ${first(versionKeys)}, ${served}[2])`;
const products = `[${productKeys.map((key) => `lower(attrs['${key}'])`).join(', ')}, lower(${served}[1])]`;
const cpes = `arrayMap(c -> splitByChar(':', c), extractAll(lower(attrs['cpe']), 'cpe:[^ ,;]+'))`;
/** Generic rows may call it `port`, which is no key of theirs. */
const port = `if(port = 0, toUInt16OrZero(attrs['port']), port)`;
const named = `if(ip = toIPv6('::'), domain, toString(ip))`;
const worst = `argMin(severity, indexOf(['critical', 'high', 'medium', 'low', 'info', 'unknown'], severity))`;
const cvesNamed = `extractAll(upper(concat(${cveKeys.map((key) => `attrs['${key}'], ' '`).join(', ')}, ' ', type, ' ', family)), 'CVE-[0-9]{4}-[0-9]{4,}')`;

/** `versionKey` of a text, by the events store. */
export const versionKeySql = (text: string): string => {
  const low = `lower(substringUTF8(${text}, 1, ${versionMost}))`;
  const bare = `replaceRegexpAll(replaceRegexpOne(${low}, '^[^0-9]+', ''), '(\\\\.0+)+($|[^0-9.])', '\\\\2')`;
  const digits = `replaceRegexpOne(t, '^0+', '')`;
  const words = preReleases.map((word) => `'${word}'`).join(', ');
  const coded = `if(match(t, '^[0-9]'), concat('3', leftPad(toString(length(${digits})), 2, '0'), ${digits}), concat(if(t IN (${words}), '0', '2'), t, '!'))`;
  const joined = `arrayStringConcat(arrayMap(t -> ${coded}, extractAll(${bare}, '[0-9]+|[a-z]+')))`;
  return `if(${joined} = '', '', concat(${joined}, '1'))`;
};

const key = versionKeySql(version);

/** Pieces of SQL, true of a row; values only ever as parameters. */
interface Criteria {
  /** It is spoken of: by what kind of row it is, or by its product and version. */
  readonly kind: string;
  readonly version: string;
  /** Of the same product, with a version that is not spoken of, or with none. */
  readonly otherVersion: string;
  readonly noVersion: string;
  readonly params: Record<string, unknown>;
}

const anyOf = (parts: readonly string[]): string => (parts.length === 0 ? '0' : `(${parts.join(' OR ')})`);

function criteria({ match: m, cves }: Pick<Advisory, 'match' | 'cves'>): Criteria {
  const [kind, matching, others, none]: [string[], string[], string[], string[]] = [[], [], [], []];
  const params: Record<string, unknown> = {};
  const listed = (column: string, name: string, values: readonly string[]): void => {
    if (values.length === 0) return;
    kind.push(`has({${name}:Array(String)}, lower(toString(${column})))`);
    params[name] = values.map((value) => value.toLowerCase());
  };
  listed('report', 'reports', m.reports);
  listed('type', 'types', m.types);
  listed('family', 'families', m.families);
  if (m.cve && cves.length > 0) {
    kind.push(`hasAny(${cvesNamed}, {cves:Array(String)})`);
    params['cves'] = [...cves];
  }
  m.products.forEach((p, i) => {
    params[`product${i}`] = p.product.toLowerCase();
    const same = `(has(${products}, {product${i}:String}) OR arrayExists(c -> has([c[4], c[5]], replaceAll({product${i}:String}, ' ', '_')), ${cpes}))`;
    const bounds = [...p.from === null ? [] : [`${key} >= {from${i}:String}`], ...p.before === null ? [] : [`${key} < {before${i}:String}`]];
    if (p.from !== null) params[`from${i}`] = versionKey(p.from);
    if (p.before !== null) params[`before${i}`] = versionKey(p.before);
    if (bounds.length === 0) return kind.push(same);
    matching.push(`(${same} AND ${key} != '' AND ${bounds.join(' AND ')})`);
    others.push(`(${same} AND ${key} != '' AND NOT (${bounds.join(' AND ')}))`);
    return none.push(`(${same} AND ${key} = '')`);
  });
  return { kind: anyOf(kind), version: anyOf(matching), otherVersion: anyOf(others), noVersion: anyOf(none), params };
}

/** Whose rows, and which of them. */
export interface Looked {
  readonly scope: string;
  readonly now: number;
  /** Constituents that are state bodies. */
  readonly state: readonly string[];
  /** Only rows of these owners, with these markings: what a mandate reaches. */
  readonly owners?: readonly string[] | undefined;
  readonly labels?: readonly string[] | undefined;
}
export const audiences = ['all', 'state', 'unattributed'] as const;
export type Audience = (typeof audiences)[number];

type Spoken = Pick<Advisory, 'match' | 'cves' | 'daysBack' | 'withdrawnAt'>;

/**
 * Systems as rows of SQL. Affected is what a row of a kind says, or the latest row that tells its version: what was seen with another
 * version since is `updated`; of what was only seen without one nothing is known.
 */
function systemsOf(advisory: Spoken, looked: Looked): { readonly sql: string; readonly params: Record<string, unknown> } {
  const { kind, version: matching, otherVersion, noVersion, params } = criteria(advisory);
  const span = spanOfAdvisory(advisory, looked.now);
  const parts = [`scope = {scope:String} AND kind = 'exposure' AND day >= toDate({first:UInt16}) AND day <= toDate({last:UInt16})`];
  if (looked.owners) parts.push(`owner IN {owners:Array(String)}`);
  if (looked.labels) parts.push(`has({labels:Array(String)}, toString(tlp))`);
  return {
    sql: `SELECT asset, at_port, owner, countIf(k OR v) AS n, minIf(time, k OR v) AS first, maxIf(time, k OR v) AS last,
        argMaxIf(prod, time, k OR v) AS product, argMaxIf(ver, time, k OR v) AS version, has({state:Array(String)}, owner) AS is_state,
        max(k) = 1 OR (max(v) = 1 AND maxIf(time, v) >= maxIf(time, o)) AS affected, n > 0 AND NOT affected AS updated, n = 0 AND max(u) = 1 AS unsure
      FROM (
        SELECT ${named} AS asset, ${port} AS at_port, toString(owner) AS owner, time, ${product} AS prod, ${version} AS ver,
          toUInt8(${kind}) AS k, toUInt8(${matching}) AS v, toUInt8(${otherVersion}) AS o, toUInt8(${noVersion}) AS u
        FROM ev WHERE ${parts.join(' AND ')} AND (k = 1 OR v = 1 OR o = 1 OR u = 1)
      ) GROUP BY asset, at_port, owner`,
    params: {
      ...params, scope: looked.scope, first: Math.max(0, span.from), last: span.to, state: [...looked.state],
      ...(looked.owners ? { owners: [...looked.owners] } : {}), ...(looked.labels ? { labels: [...looked.labels] } : {}),
    },
  };
}

export interface AffectedCounts {
  readonly systems: number;
  readonly owners: number;
  readonly stateSystems: number;
  readonly stateBodies: number;
  readonly unattributed: number;
  readonly rows: number;
  /** Seen since with a version that is not spoken of. */
  readonly updated: number;
  /** Of the products, and nobody saw which version. */
  readonly versionUnknown: number;
}

export async function affectedCounts(events: Events, advisory: Spoken, looked: Looked): Promise<AffectedCounts> {
  const { sql, params } = systemsOf(advisory, looked);
  const [row = {}] = await (await events.query({
    query: `SELECT countIf(affected) AS systems, uniqExactIf(owner, affected AND owner != '') AS owners, countIf(affected AND is_state) AS stateSystems,
        uniqExactIf(owner, affected AND is_state) AS stateBodies, countIf(affected AND owner = '') AS unattributed,
        toUInt64(sumIf(n, affected)) AS rows, countIf(updated) AS updated, countIf(unsure) AS versionUnknown FROM (${sql})`,
    query_params: params,
  })).json<Record<string, number>>();
  const figure = (name: keyof AffectedCounts): number => Number(row[name] ?? 0);
  return {
    systems: figure('systems'), owners: figure('owners'), stateSystems: figure('stateSystems'), stateBodies: figure('stateBodies'),
    unattributed: figure('unattributed'), rows: figure('rows'), updated: figure('updated'), versionUnknown: figure('versionUnknown'),
  };
}

interface SystemRow {
  asset: string; port: number; owner: string; f: number; l: number; n: number; product: string; version: string; is_state: number;
}

/** State bodies first, then whoever is known, the latest seen first; after `skip` of them. */
export async function affectedSystems(
  events: Events, advisory: Spoken, looked: Looked, names: ReadonlyMap<string, string>,
  page: { who?: Audience; owner?: string | undefined; skip: number; limit: number },
): Promise<Affected[]> {
  const { sql, params } = systemsOf(advisory, looked);
  const who = { all: '1', state: 'is_state', unattributed: `owner = ''` }[page.who ?? 'all'];
  const rows = await (await events.query({
    query: `SELECT asset, at_port AS port, owner, toUnixTimestamp(first) AS f, toUnixTimestamp(last) AS l, n, product, version, is_state
      FROM (${sql}) WHERE affected AND ${who} ${page.owner === undefined ? '' : 'AND owner = {owner:String}'}
      ORDER BY is_state DESC, owner != '' DESC, l DESC, asset, port, owner LIMIT {most:UInt32} OFFSET {skip:UInt32}`,
    query_params: { ...params, owner: page.owner ?? '', most: page.limit, skip: page.skip },
  })).json<SystemRow>();
  return rows.map((row) => ({
    asset: plain(row.asset), port: row.port || null, owner: row.owner || null, ownerName: names.get(row.owner) ?? null, state: Number(row.is_state) === 1,
    product: row.product || null, version: row.version || null, first: iso(row.f), last: iso(row.l), rows: Number(row.n),
  }));
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** `::ffff:192.0.2.1` as people write it. */
function plain(asset: string): string {
  const bytes = new Uint8Array(16);
  return asset.includes(':') && readIp(asset, bytes) ? formatIp(bytes) : asset;
}

/** What an advisory makes of rows that owners are told of: one of a batch, or all but those of batches that are still to come. */
export interface AdvisedRows {
  readonly scope: string;
  /** Seconds: what was last seen before is told to nobody any more. */
  readonly since: number;
  readonly until: number;
  /** Owners whose assets are told as one. */
  readonly slices: readonly string[];
  readonly of: { readonly batch: string } | { readonly allBut: readonly string[] };
}

/** By feed: the problem on each asset, as grave as the advisory says or as the row does, whichever is worse. */
export async function advisedSightings(events: Events, advisory: Advisory, asked: AdvisedRows): Promise<Map<string, Sighting[]>> {
  const { kind, version: matching, params } = criteria(advisory);
  const of = 'batch' in asked.of ? 'batch = {batch:String}' : 'NOT has({untold:Array(String)}, toString(batch))';
  const rows = await (await events.query({
    query: `SELECT toString(feed) AS feed, owner, if(has({slices:Array(String)}, owner), '', ${named}) AS asset, ${worst} AS severity,
        max(if(confidence = 255, 0, confidence)) AS confidence, toUnixTimestamp(min(time)) AS first, toUnixTimestamp(max(time)) AS last,
        toUInt64(sum(count)) AS events, uniqExact(${named}) AS assets
      FROM ev WHERE scope = {scope:String} AND kind = 'exposure' AND day >= toDate(toDateTime({since:UInt32}, 'UTC'))
        AND toUnixTimestamp(time) >= {since:UInt32} AND toUnixTimestamp(time) <= {until:UInt32} AND ${of}
        AND owner != '' AND tlp != 'RED' AND (${kind} OR ${matching})
      GROUP BY feed, owner, asset ORDER BY feed, owner, asset`,
    query_params: {
      ...params, scope: asked.scope, since: asked.since, until: asked.until, slices: [...asked.slices],
      ...('batch' in asked.of ? { batch: asked.of.batch } : { untold: [...asked.of.allBut] }),
    },
  })).json<{
    feed: string; owner: string; asset: string; severity: Sighting['severity']; confidence: number; first: number; last: number; events: number;
    assets: number;
  }>();
  const byFeed = new Map<string, Sighting[]>();
  for (const { feed, ...row } of rows) {
    const sighting: Sighting = {
      ...row, asset: plain(row.asset), kind: 'exposure', type: 'vulnerable-system', family: problemOf(advisory),
      severity: worse(row.severity, advisory.severity), confidence: row.confidence || null, events: Number(row.events), assets: Number(row.assets),
    };
    byFeed.set(feed, [...byFeed.get(feed) ?? [], sighting]);
  }
  return byFeed;
}

/** One sighting for each owner, asset and problem: the same rows may be spoken of by several advisories, and by themselves. */
export function mergeSightings(sightings: readonly Sighting[]): Sighting[] {
  const merged = new Map<string, Sighting>();
  for (const s of sightings) {
    const key = JSON.stringify([s.owner, s.asset, s.kind, s.type, s.family]);
    const there = merged.get(key);
    merged.set(key, there ? {
      ...s, severity: worse(there.severity, s.severity), confidence: Math.max(there.confidence ?? 0, s.confidence ?? 0) || null,
      first: Math.min(there.first, s.first), last: Math.max(there.last, s.last), events: Math.max(there.events, s.events),
      assets: Math.max(there.assets, s.assets),
    } : s);
  }
  return [...merged.values()];
}
