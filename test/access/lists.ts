/**
 * GR-05 on what stands: many organisations with records of their own, people with all sorts of roles in them, and each list,
 * search and export that there is. What is listed, over all pages, is what one may read singly, and is what the bare rows
 * say: those of one's own organisation, and of agreements and facts those that name it.
 */
import { sql } from 'kysely';
import { expect } from 'vitest';
import { asHub } from '#world/db/scope';
import { stateFacts } from '#world/facts';
import { draws, type Draws } from '../../src/modules/agreements/decide/testing.ts';
import { Role } from '../../src/modules/parties/model.ts';
import { roleMatrix } from '../../src/modules/parties/roles.ts';
import { insertOrganisation } from '../../src/modules/parties/store.ts';
import type { TestHub } from '../hub.ts';
import { someone } from './someone.ts';

interface Asker { readonly org: string; readonly roles: readonly Role[]; readonly cookie: string; readonly name: string }
type Body = Readonly<Record<string, unknown>>;

const idOf = (body: Body, field: string): string[] => [String((body[field] as Body)['id'])];

/** One kind of record: its bare rows, each with the organisations that may see it, and the ways to ask for it. */
interface Kind {
  readonly name: string;
  /** Columns `id`, `seen` (organisations), `key` (what the single read and the search go by). */
  readonly rows: string;
  readonly lists: readonly { readonly name: string; readonly right: string; list(ask: Ask): Promise<string[]>; only?(row: Row): boolean }[];
  readonly single: { readonly right: string; path(row: Row): string; ids(body: Body): string[] } | null;
}
interface Row { readonly id: string; readonly seen: readonly string[]; readonly key: string }
type Ask = (path: string) => Promise<{ status: number; text: string; body: Body }>;

class NotAllowed extends Error {}

async function answered(ask: Ask, path: string): Promise<{ text: string; body: Body }> {
  const { status, text, body } = await ask(path);
  if (status === 403) throw new NotAllowed(path);
  expect([path, status, status === 200 ? '' : text]).toEqual([path, 200, '']);
  return { text, body };
}

const idsIn = (field: string, id = 'id') => (body: Body): string[] =>
  (body[field] as Body[]).map((item) => String(item[id]));

/** All pages, by the `next` of each; small ones, so that there are many. */
const paged = (path: string, field: string, id: string, cursor: string) => async (ask: Ask): Promise<string[]> => {
  const found: string[] = [];
  for (let next: unknown = ''; next !== null;) {
    const at = next === '' ? '' : `&${cursor}=${encodeURIComponent(String(next))}`;
    const { body } = await answered(ask, `${path}${path.includes('?') ? '&' : '?'}limit=37${at}`);
    found.push(...idsIn(field, id)(body));
    next = body['next'];
    if (typeof body['total'] === 'number' && next === null) expect([path, body['total']]).toEqual([path, found.length]);
  }
  return found;
};
const whole = (path: string, ids: (body: Body) => string[]) => async (ask: Ask): Promise<string[]> => ids((await answered(ask, path)).body);

/** Openings of a bundle or a sample, by the index that each stands under. */
const opened = (path: string, line: RegExp) => async (ask: Ask): Promise<string[]> =>
  [...(await answered(ask, path)).text.matchAll(line)].map((m) => m[1] ?? '');

const scoped = (table: string, key: string, where = 'true'): string =>
  `select id, json_build_array(scope) as seen, ${key} as key from ${table} where ${where}`;

const kinds: readonly Kind[] = [
  {
    name: 'constituents', rows: scoped('constituent', 'name'),
    lists: [
      { name: 'list', right: 'constituent.list', list: paged('/api/constituents', 'items', 'id', 'cursor') },
      {
        name: 'search', right: 'constituent.list', only: (row) => row.key.includes('7'),
        list: paged('/api/constituents?q=7', 'items', 'id', 'cursor'),
      },
    ],
    single: {
      right: 'constituent.view', path: (row) => `/api/constituents/${row.id}`, ids: (body) => idOf(body, 'constituent'),
    },
  },
  {
    name: 'assets', rows: scoped('constituent_asset', 'value'),
    lists: [{
      name: 'of all constituents', right: 'constituent.list',
      list: async (ask) => {
        const owners = await paged('/api/constituents', 'items', 'id', 'cursor')(ask);
        const each = await Promise.all(owners.map((id) => whole(`/api/constituents/${id}`, idsIn('assets'))(ask)));
        return each.flat();
      },
    }],
    single: {
      right: 'constituent.view', ids: idsIn('claims', 'asset'),
      path: ({ key }) => `/api/registry/who-gets?${/^\d+$/.test(key) ? 'asn' : key.includes('/') ? 'ip' : 'domain'}=${key.split('/')[0]}`,
    },
  },
  {
    name: 'contacts', rows: scoped('contact', 'constituent', 'removed_at is null'),
    lists: [{ name: 'list', right: 'contact.list', list: whole('/api/registry/contacts', idsIn('contacts')) }],
    single: { right: 'contact.list', path: (row) => `/api/constituents/${row.key}/contacts`, ids: idsIn('contacts') },
  },
  {
    name: 'claims', rows: scoped('asset_claim', 'state'),
    lists: [
      { name: 'list', right: 'claim.list', list: whole('/api/registry/claims', idsIn('claims')) },
      {
        name: 'waiting', right: 'claim.list', only: (row) => row.key === 'waiting',
        list: whole('/api/registry/claims?state=waiting', idsIn('claims')),
      },
    ],
    single: null,
  },
  {
    name: 'blocking lists', rows: scoped('blocking_list', 'name'),
    lists: [{ name: 'list', right: 'blocklist.list', list: whole('/api/blocking-lists', idsIn('lists')) }],
    single: { right: 'blocklist.list', path: (row) => `/api/blocking-lists/${row.id}`, ids: (body) => idOf(body, 'list') },
  },
  {
    name: 'feeds', rows: scoped('landscape_feed', 'name'),
    lists: [{ name: 'list', right: 'feed.list', list: whole('/api/feeds', idsIn('items')) }],
    single: { right: 'feed.view', path: (row) => `/api/feeds/${row.id}`, ids: (body) => idOf(body, 'feed') },
  },
  {
    name: 'batches', rows: scoped('landscape_batch', 'state'),
    lists: [
      { name: 'list', right: 'batch.list', list: paged('/api/batches', 'items', 'id', 'cursor') },
      {
        name: 'failed', right: 'batch.list', only: (row) => row.key === 'failed',
        list: paged('/api/batches?state=failed', 'items', 'id', 'cursor'),
      },
    ],
    single: { right: 'batch.view', path: (row) => `/api/batches/${row.id}`, ids: (body) => idOf(body, 'batch') },
  },
  {
    name: 'scan jobs', rows: scoped('landscape_scan_job', 'reason'),
    lists: [{ name: 'list', right: 'scan.list', list: paged('/api/scans', 'items', 'id', 'cursor') }],
    single: { right: 'scan.list', path: (row) => `/api/scans/${row.id}`, ids: (body) => idOf(body, 'job') },
  },
  {
    name: 'exposure advisories', rows: scoped('landscape_exposure_advisory', 'title'),
    lists: [{ name: 'list', right: 'event.list', list: paged('/api/exposure-advisories', 'items', 'id', 'cursor') }],
    single: {
      right: 'event.list', path: (row) => `/api/exposure-advisories/${row.id}`, ids: (body) => idOf(body, 'advisory'),
    },
  },
  {
    name: 'people', rows: `select id, json_build_array(organisation) as seen, '' as key from people`,
    lists: [{ name: 'list', right: 'person.list', list: whole('/api/people', idsIn('people')) }],
    single: null,
  },
  {
    name: 'agreements', rows: `select id, json_build_array(authority, counterpart) as seen, status as key from agreements`,
    lists: [{ name: 'list', right: 'agreement.list', list: whole('/api/agreements', idsIn('agreements')) }],
    single: { right: 'agreement.view', path: (row) => `/api/agreements/${row.id}`, ids: (body) => [String(body['id'])] },
  },
  {
    name: 'facts', rows: `select o.index as id, o.class as key, (o.fact::jsonb -> 'readers') as seen from ledger_openings o order by o.index`,
    lists: [
      { name: 'list', right: 'fact.list', list: paged('/api/facts', 'facts', 'index', 'before') },
      {
        name: 'search', right: 'fact.list', only: (row) => row.key.startsWith('person.'),
        list: paged('/api/facts?class=person.', 'facts', 'index', 'before'),
      },
      { name: 'bundle', right: 'ledger.export', list: opened('/api/ledger/bundle', /^fact (\d+) /gm) },
    ],
    single: { right: 'fact.view', path: (row) => `/api/facts/${row.id}`, ids: (body) => [String(body['index'])] },
  },
];

export interface Size { readonly resources: number; readonly askers: number; readonly organisations: number
  /** Of those who may not, how many ask for each record singly; all, where it is not said. */
  readonly others?: number }

/** Makes the records, asks for all of them in every way as everybody; answers how many answers were compared. */
export async function compareEndpoints(hub: TestHub, seed: number, size: Size): Promise<{ resources: number; listed: number; singly: number }> {
  const d = draws(seed);
  const orgs = Array.from({ length: size.organisations }, (_, i) => `org_list${i}`);
  await write(hub, d, orgs, size.resources);
  const askers: Asker[] = [];
  for (let i = 0; i < size.askers; i++) {
    const [org = '', one = 'principal'] = [orgs[i % orgs.length], Role.options[i % Role.options.length]];
    // Every other one may nearly everything; the rest hold a single role.
    const roles: Role[] = (i + Math.floor(i / orgs.length)) % 2 === 0 ? [...new Set<Role>(['principal', 'duty-officer', one])] : [one];
    askers.push({ org, roles, name: `per_list${i}`, cookie: await someone(hub, `per_list${i}`, org, roles) });
  }
  const told = { resources: 0, listed: 0, singly: 0 };
  for (const kind of kinds) {
    const all = await bareRows(hub, kind);
    told.resources += all.length;
    for (const asker of askers) told.listed += await holdLists(hub, kind, all, asker);
    told.singly += await holdSingle(hub, d, kind, all, askers, size.others);
  }
  return told;
}

const asking = (hub: TestHub, { cookie }: Asker): Ask => async (path) => {
  const { status, text, headers } = await hub.ask('GET', path, undefined, { cookie });
  return { status, text, body: (headers.get('content-type')?.includes('json') ? JSON.parse(text) : {}) as Body };
};
const holds = ({ roles }: Asker, right: string): boolean => (roleMatrix[right] ?? []).some((role) => roles.includes(role));

async function bareRows(hub: TestHub, kind: Kind): Promise<Row[]> {
  const { rows } = await asHub('test', () => sql<Row>`${sql.raw(kind.rows)}`.execute(hub.world.db.as<object>()));
  return rows.map((row) => ({ ...row, id: String(row.id) }));
}

async function holdLists(hub: TestHub, kind: Kind, all: readonly Row[], asker: Asker): Promise<number> {
  let compared = 0;
  for (const { name, right, list, only = () => true } of kind.lists) {
    const told = `${kind.name}, ${name}, ${asker.name} of ${asker.org} as ${asker.roles.join('+')}`;
    const wanted = all.filter((row) => row.seen.includes(asker.org) && only(row)).map((row) => row.id).sort();
    const found = await list(asking(hub, asker)).catch((error: unknown) => {
      if (error instanceof NotAllowed) return null;
      throw error;
    });
    // A monitor's look is a fact of its own, so that a list may show what was stated while it was asked: only what the rows of now give.
    const since = found && found.length > wanted.length ? (await bareRows(hub, kind)).slice(all.length) : [];
    const later = new Set(since.filter((row) => row.seen.includes(asker.org) && only(row)).map((row) => row.id));
    expect([told, found?.filter((id) => !later.has(id)).toSorted() ?? null]).toEqual([told, holds(asker, right) ? wanted : null]);
    compared += wanted.length;
  }
  return compared;
}

/** Each record singly: whoever the rows name is shown it, and nobody else is. */
async function holdSingle(
  hub: TestHub, d: Draws, { name, single }: Kind, all: readonly Row[], askers: readonly Asker[], others = askers.length,
): Promise<number> {
  if (!single) return 0;
  let asked = 0;
  for (const row of all) {
    const may = askers.filter((asker) => row.seen.includes(asker.org));
    const not = askers.filter((asker) => !row.seen.includes(asker.org));
    const some = others >= not.length ? not : Array.from({ length: others }, () => d.pick(not));
    const together = [...may, ...some];
    await Promise.all(together.map(async (asker) => {
      const { status, body } = await asking(hub, asker)(single.path(row));
      const shown = status === 200 && single.ids(body).includes(row.id);
      const told = `${name} ${row.id}, ${asker.name} of ${asker.org} as ${asker.roles.join('+')}`;
      expect([told, shown]).toEqual([told, holds(asker, single.right) && row.seen.includes(asker.org)]);
    }));
    asked += together.length;
  }
  return asked;
}

/** As many records in all as asked for, a ninth to a third of each kind, straight into the tables. */
async function write(hub: TestHub, d: Draws, orgs: readonly string[], count: number): Promise<void> {
  const at = hub.world.clock.iso();
  for (const id of orgs) await insertOrganisation(hub.world.db, { id, name: id, nameLocal: null, kind: 'company', country: 'VN' }, null);
  const of = <T>(share: number, make: (i: number) => T): T[] => Array.from({ length: Math.ceil(count * share) }, (_, i) => make(i));
  // The same names and values in many registries: what tells them apart is whose they are.
  const constituents = of(0.2, (i) => ({
    id: `con_l${i}`, scope: d.pick(orgs), name: `Ministry ${i}`, kind: 'ministry', org: null, sector: null, province: null, created_at: at,
  }));
  const owned = (): { scope: string; constituent: string } => {
    const { id, scope } = d.pick(constituents);
    return { constituent: id, scope };
  };
  const feeds = of(0.06, (i) => ({
    id: `feed_l${i}`, scope: d.pick(orgs), name: `feed-${i}`, title: 'Feed', shape: 'ndjson', report_type: null, source_org: null,
    agreement: null, cadence_hours: null, tlp_default: 'AMBER', fields: [], created_at: at,
  }));
  const value = (i: number): [string, string] => (d.chance(0.4) ? ['domain', `a${i % 90}.example`]
    : d.chance(0.5) ? ['asn', String(64_512 + (i % 90))] : ['prefix', `198.51.${i % 90}.0/24`]);
  await fill(hub, 'constituent', constituents);
  await fill(hub, 'constituent_asset', of(0.2, (i) => {
    const [kind, text] = value(i);
    return { id: `ast_l${i}`, ...owned(), kind, value: text, valid_from: '2020-01-01T00:00:00Z', valid_to: null, proof: null };
  }));
  await fill(hub, 'contact', of(0.06, (i) => ({
    id: `cnt_l${i}`, ...owned(), name: `Person ${i}`, duty: 'technical', email: `p${i % 50}@agency.example`, language: 'en', added_at: at,
    confirmed_at: d.chance(0.5) ? at : null, bounced_at: null, bounce_reason: null, removed_at: null,
  })));
  await fill(hub, 'asset_claim', of(0.06, (i) => ({
    id: `clm_l${i}`, ...owned(), kind: 'domain', value: `c${i % 40}.example`, valid_from: at, state: d.pick(['waiting', 'taken', 'refused']),
    token: 'x', dns_seen_at: null, made_at: at, made_by: 'per_list0', decided_by: null, reason: null,
  })));
  await fill(hub, 'blocking_list', of(0.04, (i) => ({
    id: `bll_l${i}`, scope: d.pick(orgs), name: `list-${i}`, title: 'List', purpose: 'dns', tlp: 'GREEN', readers: 'constituents', constituents: [],
    created_at: at, created_by: 'per_list0', edition: 1, killed_at: null, killed_by: null, kill_reason: null,
  })));
  await fill(hub, 'landscape_feed', feeds);
  await fill(hub, 'landscape_batch', of(0.15, (i) => {
    const { id: feed, scope } = d.pick(feeds);
    return {
      id: `bat_l${String(i).padStart(5, '0')}`, scope, feed, file_name: 'x', report_type: null, state: d.pick(['done', 'failed']), phase: 'receive',
      raw_sha256: null, raw_bytes: 0, read: 0, stored: 0, duplicate: 0, quarantined: 0, attributed: 0, drift: null, reasons: {}, failure: null,
      started_at: at, ended_at: at, took_ms: null, told: true, schema: 0,
    };
  }));
  await fill(hub, 'landscape_scan_job', of(0.03, (i) => {
    const { scope, constituent } = owned();
    return {
      id: `scn_l${String(i).padStart(5, '0')}`, scope, constituent, org: 'org_none', targets: ['192.0.2.0/24'], ports: ['443'], window_from: at,
      window_until: at, reason: 'test', requested_at: at, requested_by: 'per_list0', clauses: [], stopped_at: null, stopped_reason: null,
    };
  }));
  await fill(hub, 'landscape_exposure_advisory', of(0.03, (i) => ({
    id: `exa_l${String(i).padStart(5, '0')}`, scope: d.pick(orgs), title: `Advisory ${i}`, cves: [], severity: 'high', source: 'https://advisories.example/',
    match: { reports: [], types: [], families: ['none'], products: [], cve: false }, days_back: 30, published_at: at, published_by: 'per_list0',
    withdrawn_at: null, withdrawn_reason: null, heard: true,
  })));
  for (const i of of(0.03, (n) => n)) {
    const one = d.pick(orgs);
    const other = d.pick(orgs.filter((org) => org !== one));
    await sql`insert into agreements select ${`agr_list${i}`}, ${one}, ${other}, status, replace(replace(replace(document::text, 'agr_kestrel',
      ${`agr_list${i}`}), 'org_hub', ${one}), 'org_kestrel', ${other})::jsonb, version, created_at, began_at, over_at
      from agreements where id = 'agr_kestrel'`.execute(hub.world.db.as<object>());
  }
  await hub.world.db.transaction((tx) => stateFacts(tx, of(0.24, (i) => ({
    class: d.pick(['person.assigned', 'feed.created', 'agreement.drafted']), at, actor: 'system', org: d.pick(orgs), subject: `thing_${i % 200}`,
    readers: d.some(orgs, 2 / orgs.length), clauses: [], body: { n: i },
  }))));
  await asHub('test', () => hub.composition.sequencer.drain());
}

async function fill(hub: TestHub, table: string, rows: readonly object[]): Promise<void> {
  await sql`insert into ${sql.table(table)} select * from json_populate_recordset(null::${sql.table(table)}, ${JSON.stringify(rows)}::json)`
    .execute(hub.world.db.as<object>());
}
