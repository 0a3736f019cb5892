/**
 * The exchange over HTTP on PostgreSQL: pages of a collection at its beginning, middle and end, whole collections beside OASIS's
 * medallion, and objects taken in. `--scale 1` is ten million entries; the collection that is paged beside medallion has 10,000
 * objects at every scale. What is read is compared with what was written.
 */
import { serve } from '@hono/node-server';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, get, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { asHub } from '#world/db/scope';
import { systemClock } from '#world/clock';
import { timeText } from '#kit/stix/time';
import { migrations } from '../src/app/compose.ts';
import { indicator, uuidAt } from '../src/modules/exchange/testing.ts';
import { startPostgres } from '../test/ci/postgres.ts';
import { freePort } from '../test/free-port.ts';
import { demoPosture, testHub, type TestHub } from '../test/hub.ts';
import { pythonWith } from '../test/python.ts';
import type { BenchOptions, Measure } from './ingest.ts';

const wall = systemClock();
const taxii = 'application/taxii+json;version=2.1';
const peerObjects = 10_000;
const pageSize = 100;
const rounds = 60;
const keptAlive = new Agent({ keepAlive: true, maxSockets: 1 });
const here = import.meta.dirname;
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

interface Side { readonly url: string; readonly headers: Record<string, string> }
interface Page { readonly ids: string[]; readonly next: string | null; readonly last: string | null }

/** Without a limit of time: the peer takes minutes to make its first page. */
function asked({ url, headers }: Side, query: string): Promise<{ status: number; last: string | null; text: string }> {
  return new Promise((resolve, reject) => {
    get(`${url}objects/?limit=${pageSize}${query}`, { headers: { ...headers, accept: taxii }, agent: keptAlive }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => {
        const last = answer.headers['x-taxii-date-added-last'];
        resolve({ status: answer.statusCode ?? 0, last: typeof last === 'string' ? last : null, text: Buffer.concat(pieces).toString('utf8') });
      });
      answer.on('error', reject);
    }).on('error', reject);
  });
}

async function page(side: Side, query: string): Promise<Page> {
  const { status, last, text } = await asked(side, query);
  if (status !== 200) throw new Error(`${side.url} answered ${status}: ${text}`);
  const { objects = [], next = null, more = false } = JSON.parse(text) as { objects?: { id: string }[]; next?: string; more?: boolean };
  return { ids: objects.map((o) => o.id), next: more ? next : null, last };
}

/** Reads a collection to its end: how many pages a second, and what was read. */
async function readWhole(side: Side): Promise<{ perSecond: number; ids: string[] }> {
  const ids: string[] = [];
  const began = wall.elapsed();
  let pages = 0;
  for (let next: string | null = ''; next !== null; pages++) {
    const found: Page = await page(side, next === '' ? '' : `&next=${encodeURIComponent(next)}`);
    ids.push(...found.ids);
    next = found.next;
  }
  return { perSecond: pages / ((wall.elapsed() - began) / 1000), ids };
}

export async function* run(options: BenchOptions = {}): AsyncGenerator<Measure> {
  const entries = Math.max(10_000, Math.round(10_000_000 * (options.scale ?? 1)));
  const records = await startPostgres();
  const folder = await mkdtemp(join(tmpdir(), 'entente-exchange-'));
  const running: { server?: Server; hub?: TestHub; peer?: ChildProcess } = {};
  try {
    const port = await freePort();
    const posture = { ...demoPosture, hosts: [...demoPosture.hosts, `localhost:${port}`] };
    const hub = await testHub({ posture, records: () => records.open('exchange', migrations) });
    running.hub = hub;
    running.server = serve({ fetch: hub.composition.app(posture).fetch, port, hostname: '127.0.0.1' }) as Server;
    const cookie = await hub.as('per_lan');
    const at = (collection: string, root = 'agr_kestrel'): Side => ({ url: `http://localhost:${port}/taxii2/${root}/collections/${collection}/`,
      headers: { cookie } });
    const line = { bench: 'exchange', peer: null, peerValue: null, ratio: null, runs: 1 };

    if (process.env['BENCH_PEER'] !== 'no') yield* besideMedallion(hub, cookie, at, join(folder, 'medallion.json'), running);
    // The centre's own library, which is made with the first object.
    const big = await libraryOf(hub, cookie);
    const filled = await fill(hub, big, entries);
    yield* depth(at(big, 'own'), filled, line);
    yield* lookups(hub, cookie, port, entries, line);
    yield* bulk(cookie, port, Math.min(100_000, Math.max(20_000, entries / 20)), line);
  } finally {
    running.peer?.kill('SIGKILL');
    running.server?.close();
    await running.hub?.close().catch(() => undefined);
    await records.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function libraryOf(hub: TestHub, cookie: string): Promise<string> {
  await openCollection(hub, cookie, 'first');
  const { own } = (await hub.ask('GET', '/api/collections', undefined, { cookie })).json<{ own: { id: string; kind: string }[] }>();
  return own.find((c) => c.kind === 'library')?.id ?? '';
}

async function openCollection(hub: TestHub, cookie: string, alias: string): Promise<string> {
  const made = await hub.ask('POST', '/api/collections', { agreement: 'agr_kestrel', ceiling: 'GREEN', title: alias, alias }, { cookie });
  if (made.status !== 201) throw new Error(made.text);
  return made.json<{ collection: { id: string } }>().collection.id;
}

async function* besideMedallion(
  hub: TestHub, cookie: string, at: (collection: string) => Side, file: string, running: { peer?: ChildProcess },
): AsyncGenerator<Measure> {
  const objects = Array.from({ length: peerObjects }, (_, i) => indicator(i));
  const small = await openCollection(hub, cookie, 'small');
  const added = await hub.ask('POST', `/taxii2/agr_kestrel/collections/${small}/objects/`, JSON.stringify({ objects }), { cookie,
    headers: { 'content-type': taxii } });
  if (added.status !== 202) throw new Error(added.text);
  const python = await pythonWith(['medallion==3.0.0']);
  const id = 'collection00000000000000000000000001';
  await writeFile(file, JSON.stringify({
    '/discovery': { title: 'peer', default: '/root/', api_roots: ['/root/'] },
    root: {
      information: { title: 'peer', versions: [taxii], max_content_length: 100_000_000 }, status: [],
      collections: [{
        id, title: 'all', can_read: true, can_write: true, media_types: ['application/stix+json;version=2.1'], objects,
        manifest: objects.map((o, i) => ({ id: o['id'], date_added: timeText(BigInt(1_700_000_000_000_000 + i)), version: o['modified'],
          media_type: 'application/stix+json;version=2.1' })),
      }],
    },
  }));
  const port = await freePort();
  running.peer = spawn(python, [join(here, 'peers', 'medallion_server.py'), file, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    running.peer?.stdout?.once('data', () => resolve());
    running.peer?.once('exit', (code) => reject(new Error(`medallion ended with ${code}`)));
  });
  const peer: Side = { url: `http://127.0.0.1:${port}/root/collections/${id}/`,
    headers: { authorization: `Basic ${Buffer.from('bench:bench').toString('base64')}` } };
  const [ours, theirs] = [await readWhole(at(small)), await readWhole(peer)];
  running.peer.kill('SIGKILL');
  const all = objects.map((o) => String(o['id'])).sort();
  const verified = [ours, theirs].every(({ ids }) => JSON.stringify([...ids].sort()) === JSON.stringify(all));
  yield {
    bench: 'exchange', measure: 'pages-per-second', value: round(ours.perSecond), unit: 'pages of 100/s', peer: 'medallion 3.0.0 (memory, 10,000 objects)',
    peerValue: round(theirs.perSecond, 2), ratio: round(ours.perSecond / theirs.perSecond), runs: 1, verified,
  };
}

interface Filled { readonly first: number; readonly last: number; readonly count: number }

/** Entries as the log has them, made by the records themselves: one indicator each. */
async function fill(hub: TestHub, collection: string, count: number): Promise<Filled> {
  return asHub('the bench fills a collection', async () => {
    const db = hub.world.db.as<Record<string, unknown>>();
    const { rows: [found] } = await sql<{ coll: number;
      source: string }>`select c.coll, (select id from exchange_source where scope = 'org_hub' limit 1) as source
      from exchange_collection c where c.id = ${collection}`.execute(db);
    const coll = found?.coll ?? 0;
    const first = 1_600_000_000_000_000;
    for (let from = 0; from < count; from += 500_000) {
      const to = Math.min(count, from + 500_000) - 1;
      await sql`with made as (
          insert into exchange_object (scope, stix_id, typ, creator, source, revoked_us, top_us, top_rest, top_tlp)
          select 'org_hub', 'indicator--1' || lpad(to_hex(n), 7, '0') || '-0000-4000-8000-000000000000', 'indicator', null, ${found?.source ?? ''}, null,
            1700000000000000, '', 1 from generate_series(${from}::bigint, ${to}::bigint) n returning obj, stix_id),
        versions as (
          insert into exchange_version (scope, obj, us, rest, said, spec, source, revoked, tlp, digest, received_us, body)
          select 'org_hub', obj, 1700000000000000, '', '2023-11-14T22:13:20.000Z', 21, ${found?.source ?? ''}, false, 1, md5(stix_id) || md5(stix_id), 0,
            '{"type":"indicator","spec_version":"2.1","id":"' || stix_id
              || '","created":"2023-11-14T22:13:20.000Z","modified":"2023-11-14T22:13:20.000Z","name":"'
            || repeat(md5(stix_id), 8) || '","pattern":"[file:hashes.MD5 = ''' || md5(stix_id)
              || ''']","pattern_type":"stix","valid_from":"2023-11-14T22:13:20.000Z"}'
          from made returning ver, obj),
        docs as (insert into exchange_doc (scope, obj, name, words) select 'org_hub', obj, 'Indicator', ''::tsvector from versions),
        atoms as (insert into exchange_atom (scope, key, obj, valid_to_us)
          select 'org_hub', encode(substring(sha256('\\x6d643500'::bytea || convert_to(md5(stix_id), 'UTF8')) from 1 for 16), 'hex')::uuid, obj, null from made)
        insert into exchange_entry (coll, seq, ver, obj, us, rest, typ, spec, tlp, bytes, superseded_seq, first, outdated)
        select ${coll}::int, ${String(first + from)}::bigint + row_number() over (order by obj) - 1, ver, obj, 1700000000000000, '', 'indicator', 21, 1,
          560, null, true, false
        from versions`.execute(db);
    }
    // As it is a day later: what was written is frozen, and no look-up pays for that of its filling.
    await sql`vacuum (analyze) exchange_entry, exchange_version, exchange_object, exchange_atom, exchange_doc`.execute(db);
    return { first, last: first + count - 1, count };
  });
}

/** A page of 100 from the beginning, the middle and the end: random places near each, in turn, so that none has the warmer cache. */
async function* depth(side: Side, { first, count }: Filled, line: Omit<Measure, 'measure' | 'value' | 'unit' | 'verified'>): AsyncGenerator<Measure> {
  const near = Math.min(50_000, Math.floor(count / 4));
  const places = { start: 0, middle: Math.floor(count / 2), end: count - near - pageSize };
  const took: Record<keyof typeof places, number[]> = { start: [], middle: [], end: [] };
  let whole = true;
  for (let i = 0; i < rounds; i++) {
    for (const [name, from] of Object.entries(places) as [keyof typeof places, number][]) {
      const offset = from + ((i * 7_919) % near);
      const began = wall.elapsed();
      const found = await page(side, `&added_after=${timeText(BigInt(first + offset - 1))}`);
      if (i >= 5) took[name].push(wall.elapsed() - began);
      whole &&= found.ids.length === pageSize && found.last === timeText(BigInt(first + offset + pageSize - 1));
    }
  }
  const [start, middle, end] = [median(took.start), median(took.middle), median(took.end)] as const;
  yield { ...line, measure: 'page-depth-ratio', value: round(Math.max(start, middle, end) / Math.min(start, middle, end), 2),
    unit: `slowest to fastest of ${count} entries`, verified: whole };
  yield { ...line, measure: 'page-p50', value: round((start + middle + end) / 3, 2), unit: 'ms', verified: whole };
}

/** Whether the hub is still reading the keys of all objects, or was a moment ago. */
async function isReadingKeys(hub: TestHub): Promise<boolean> {
  const { rows } = await asHub('the bench waits', () => sql<{ n: string }>`select count(*) as n from pg_stat_activity
    where query like 'select key, obj from exchange_atom%' and query_start > now() - interval '2 seconds'`.execute(hub.world.db.as<object>()));
  return rows[0]?.n !== '0';
}

/** Values a second: in batches of 10,000 with one in twenty known, and with all known; and requests of one value, eight at a time. */
async function* lookups(
  hub: TestHub, cookie: string, port: number, known: number, line: Omit<Measure, 'measure' | 'value' | 'unit' | 'verified'>,
): AsyncGenerator<Measure> {
  const ask = async (values: readonly string[]): Promise<number> => {
    const answer = await fetch(`http://localhost:${port}/api/lookup`, {
      method: 'POST', headers: { cookie, origin: 'http://localhost:8080', 'content-type': 'application/json' }, body: JSON.stringify({ values,
        all: false }),
    });
    return (await answer.json() as { found: number }).found;
  };
  const batch = 10_000;
  // The first large question has the keys read into memory, in the background: measured is what stands after it.
  const cold = wall.elapsed();
  await ask(Array.from({ length: batch }, (_, n) => `nobody-${n}.example`));
  yield { ...line, measure: 'lookup-first', value: round(wall.elapsed() - cold), unit: 'ms, 10,000 unknown values, keys unread', verified: true };
  while (await isReadingKeys(hub)) await new Promise((go) => setTimeout(go, 500));
  // Asked from a process of its own: what the asking costs is not the hub's.
  const away = async (how: object): Promise<{ rates: number[]; verified: boolean }> => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(here, 'peers', 'lookup_client.mjs'), JSON.stringify({ port, cookie, known, ...how })]);
    const { rates, found, least, most } = JSON.parse(stdout) as { rates: number[]; found: number; least: number; most: number };
    return { rates, verified: found >= least && found <= most };
  };
  for (const [measure, share] of [['lookup-values-5-percent', 0.05], ['lookup-values-100-percent', 1]] as const) {
    const { rates, verified } = await away({ kind: 'batches', share });
    yield { ...line, measure, value: Math.round(median(rates)), unit: 'values/s, 10,000 a request', verified, runs: rates.length };
  }
  const { rates, verified } = await away({ kind: 'single' });
  yield { ...line, measure: 'lookups-per-second', value: Math.round(median(rates)), unit: 'requests of one value/s, 8 clients', verified };
}

/** Objects that nobody has seen, as a file of lines into the hub's own library and what it shares of it. */
async function* bulk(
  cookie: string, port: number, count: number, line: Omit<Measure, 'measure' | 'value' | 'unit' | 'verified'>,
): AsyncGenerator<Measure> {
  const lines = Buffer.from(Array.from({ length: count }, (_,
    i) => `${JSON.stringify(indicator(50_000_000 + i, { id: `indicator--${uuidAt(50_000_000 + i)}` }))}\n`).join(''));
  const began = wall.elapsed();
  const answer = await fetch(`http://localhost:${port}/api/threats/imports?source=own&unmarked=GREEN`, {
    method: 'POST', headers: { cookie, origin: `http://localhost:8080` }, body: lines,
  });
  const last = JSON.parse((await answer.text()).trim().split('\n').at(-1) ?? '{}') as { report?: { counts: { accepted: number } } };
  const seconds = (wall.elapsed() - began) / 1000;
  yield { ...line, measure: 'bulk-load', value: Math.round(count / seconds), unit: 'objects/s', verified: last.report?.counts.accepted === count };
}
