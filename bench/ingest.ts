/**
 * How fast a file becomes events: generated rows as NDJSON, as a Shadowserver report (CSV) and as CTIP, each through the whole
 * pipeline (parse, identity, dedup, network and country, owner, store, commit) into an empty feed; the last again (all
 * duplicates). Beside them the engine's own CSV reader on the same facts, which does none of it and is the limit, and IntelMQ's
 * bots on 5,000 of the CSV rows, where Python can fetch them.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileBlobs } from '#world/blobs/files';
import { residentMbOf } from '#world/child';
import { systemClock } from '#world/clock';
import { openPglite } from '#world/db/pglite';
import { openChdb } from '#world/events/chdb';
import type { Events } from '#world/events/port';
import { publishedNetworks, publishedReportTypes } from '#world/events/published';
import { factsMigrations } from '#world/facts';
import { idsFrom } from '#world/ids';
import { systemRandom } from '#world/random';
import { diskSpace } from '#world/space';
import { claimsOf, constituentsMigrations } from '#modules/constituents/index';
import { feedById, insertFeed, landscapeMigrations, pipelineOver, prepareEvents } from '#modules/landscape/index';

export interface Measure {
  readonly bench: string;
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  readonly peer: string | null;
  readonly peerValue: number | null;
  readonly ratio: number | null;
  readonly runs: number;
  readonly verified: boolean;
}

export interface BenchOptions {
  /** 1 is a million rows. */
  readonly scale?: number;
}

const bench = 'ingest';

interface Shape {
  readonly name: 'ndjson' | 'csv' | 'ctip';
  readonly fileName: string;
  readonly feed: 'ndjson' | 'shadowserver' | 'ctip';
  readonly head: string;
  readonly line: (i: number) => string;
}

export async function* run(options: BenchOptions = {}): AsyncGenerator<Measure> {
  const rows = Math.max(1000, Math.round(1_000_000 * (options.scale ?? 1)));
  const folder = await mkdtemp(join(tmpdir(), 'entente-bench-'));
  try {
    yield* throughPipeline(folder, rows);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* throughPipeline(folder: string, rows: number): AsyncGenerator<Measure> {
  const clock = systemClock();
  const random = systemRandom();
  const ids = idsFrom(clock, random);
  const db = await openPglite(join(folder, 'pgdata'), () => undefined);
  const events = await openChdb({ folder: join(folder, 'events') });
  const line = { bench, unit: 'rows/s', runs: 1 };
  try {
    await db.migrate([...factsMigrations, ...constituentsMigrations, ...landscapeMigrations]);
    await prepareEvents(events);
    const pipeline = pipelineOver({
      db, events, clock, ids, blobs: await fileBlobs(join(folder, 'blobs'), random), types: await publishedReportTypes(),
      space: diskSpace([folder], 2 ** 30),
      networks: await publishedNetworks(join(folder, 'cache')), claims: (scope) => claimsOf(db, scope),
    });
    const take = async (shape: Shape): Promise<{ rate: number; stored: number; duplicate: number }> => {
      const feed = await feedById(db, 'org', `feed_${shape.name}`);
      if (feed === null) throw new Error('the feed is not there');
      const began = clock.elapsed();
      const { counts } = await pipeline.ingest({
        feed, source: createReadStream(join(folder, shape.fileName), { highWaterMark: 262_144 }), fileName: shape.fileName, typeGiven: null,
        actor: 'system',
      });
      return { rate: rows / ((clock.elapsed() - began) / 1000), ...counts };
    };
    const csv = join(folder, 'engine.csv');
    await writeRows(csv, rows, '', csvLine);
    const limit = await engineAlone(join(folder, 'limit'), csv, clock.elapsed);
    await rm(csv);
    const peer = `${await versionOf(events)} CSV reader, INSERT SELECT file(), the same facts`;
    const limitRate = Math.round(rows / limit.seconds);
    const lag = monitorEventLoopDelay({ resolution: 5 });
    const watch = watchMemory(events);
    let total = 0;
    let csvRate = 0;
    for (const shape of shapes) {
      await writeRows(join(folder, shape.fileName), rows, shape.head, shape.line);
      await insertFeed(db, 'org', `feed_${shape.name}`, clock.iso(), {
        name: shape.name, title: shape.name, shape: shape.feed, reportType: null, sourceOrg: null, agreement: null, cadenceHours: null,
        windowHours: null, tlpDefault: 'AMBER',
      });
      lag.enable();
      const { rate, stored } = await take(shape);
      lag.disable();
      total += rows;
      if (shape.name === 'csv') csvRate = rate;
      yield {
        ...line, measure: `events-per-second, ${rows} ${shape.name} rows end to end`, value: Math.round(rate), peer, peerValue: limitRate,
        ratio: round(rate / limitRate), verified: stored === rows && await countOf(events, 'ev') === total && limit.rows === rows,
      };
    }
    const again = await take(shapes[2] as Shape);
    yield {
      ...line, measure: `the last ${rows} rows again`, value: Math.round(again.rate), peer: null, peerValue: null, ratio: null,
      verified: again.duplicate === rows && await countOf(events, 'ev') === total,
    };
    const peak = watch.stop();
    yield {
      bench, measure: 'peak-rss-mb of ingesting and events processes', value: Math.round(peak), unit: 'MB', peer: null,
      peerValue: null, ratio: null, runs: 1, verified: peak > 0,
    };
    yield {
      bench, measure: 'event loop delay of the ingesting process, 99th percentile', value: round(lag.percentile(99) / 1e6), unit: 'ms',
      peer: null, peerValue: null, ratio: null, runs: 1, verified: true,
    };
    yield {
      bench, measure: 'resident memory of the records engine', value: Math.round(await db.residentMb() ?? 0), unit: 'MB', peer: null,
      peerValue: null, ratio: null, runs: 1, verified: true,
    };
    const sample = join(folder, 'sample.csv');
    await writeRows(sample, 5000, reportHead(), reportLine);
    const intelmq = intelmqBots(sample);
    if (intelmq !== null) {
      yield {
        ...line, measure: 'ratio-to-intelmq, CSV rows', value: Math.round(csvRate), peer: intelmq.name, peerValue: Math.round(intelmq.rate),
        ratio: round(csvRate / intelmq.rate), verified: intelmq.events === 5000,
      };
    }
    const queued = intelmqQueue(sample);
    if (queued !== null) {
      yield {
        ...line, measure: 'ratio-to-intelmq over its queue, CSV rows', value: Math.round(csvRate), peer: queued.name, peerValue: Math.round(queued.rate),
        ratio: round(csvRate / queued.rate), verified: queued.events === 5000,
      };
    }
  } finally {
    await events.close();
    await db.close();
  }
}

/** Null where Python cannot fetch IntelMQ, which is said on standard error. */
function intelmqBots(file: string): { name: string; rate: number; events: number } | null {
  const here = import.meta.dirname;
  const place = join(here, '..', 'node_modules', '.cache', 'entente', 'intelmq');
  const python = join(place, 'bin', 'python');
  const steps: [string, string[]][] = existsSync(python)
    ? [] : [['python3', ['-m', 'venv', place]], [python, ['-m', 'pip', '-q', 'install', 'intelmq==3.5.0']]];
  for (const [command, args] of steps) {
    if (spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0) continue;
    process.stderr.write('IntelMQ cannot be installed here: no ratio to it.\n');
    return null;
  }
  const columns = reportFields.map((name) => harmonised[name] ?? `extra.${name}`).join(',');
  const ran = spawnSync(python, [join(here, 'peers', 'intelmq_bots.py'), file, columns], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const last = ran.stdout?.trim().split('\n').at(-1);
  if (ran.status !== 0 || !last) {
    process.stderr.write(`IntelMQ ended with ${ran.status}: ${ran.stderr?.slice(-500)}\n`);
    return null;
  }
  const { events, seconds } = JSON.parse(last) as { events: number; seconds: number };
  const name = 'IntelMQ 3.5.0, CSV parser and taxonomy expert as a library: no queue, deduplication, networks or store';
  return { name, rate: events / seconds, events };
}

/**
 * The same over its real queue: five bots as processes, and Redis between them. Null where there is no `redis-server`. Bots do not run as root, so that
 * the system's own Python is taken, which others may read; its client of Redis is one that waits for a queue without giving up.
 */
function intelmqQueue(file: string): { name: string; rate: number; events: number } | null {
  const here = import.meta.dirname;
  const place = join(here, '..', 'node_modules', '.cache', 'entente', 'intelmq-queue');
  const python = join(place, 'bin', 'python');
  const said = spawnSync('sh', ['-c', 'command -v redis-server'], { encoding: 'utf8' });
  const server = said.stdout.trim();
  const own = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
  const steps: [string, string[]][] = existsSync(python)
    ? [] : [[own, ['-m', 'venv', place]], [python, ['-m', 'pip', '-q', 'install', 'intelmq==3.5.0', 'redis==4.6.0', 'pyasn==1.6.2']]];
  if (server === '' || steps.some(([command, args]) => spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status !== 0)) {
    process.stderr.write('Redis or IntelMQ is not here: no ratio to it over its queue.\n');
    return null;
  }
  const columns = reportFields.map((name) => harmonised[name] ?? `extra.${name}`).join(',');
  // Beside the bench's own folder, which nobody else may enter.
  const at = mkdtempSync(join(tmpdir(), 'entente-intelmq-'));
  const ran = spawnSync(python, [join(here, 'peers', 'intelmq_queue.py'), file, columns, server, at], { encoding: 'utf8', maxBuffer: 1 << 26 });
  rmSync(at, { recursive: true, force: true });
  const last = ran.stdout?.trim().split('\n').at(-1);
  if (ran.status !== 0 || !last) {
    process.stderr.write(`IntelMQ over its queue ended with ${ran.status}: ${ran.stderr?.slice(-500)}\n`);
    return null;
  }
  const { events, seconds, redis } = JSON.parse(last) as { events: number; seconds: number; redis: string };
  const chain = 'CSV parser, deduplicator, taxonomy, ASN lookup (pyasn, two prefixes) and file output, a process each; no store';
  return { name: `IntelMQ 3.5.0 over Redis ${redis}: ${chain}`, rate: events / seconds, events };
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

async function countOf(events: Events, table: string): Promise<number> {
  const rows = await events.query({ query: `SELECT count() AS n FROM ${table}` });
  return (await rows.json<{ n: number }>())[0]?.n ?? -1;
}

async function versionOf(events: Events): Promise<string> {
  const rows = await events.query({ query: 'SELECT version() AS v' });
  return `chDB ${(await rows.json<{ v: string }>())[0]?.v ?? ''}`;
}

const attributes = [
  'DataFeed', 'SourcedFrom', 'Malware', 'SourceIpAsnOrgName', 'SourceIpRegion', 'SourceIpCity', 'SourceIpLatitude', 'SourceIpLongitude',
  'HttpMethod', 'HttpRequest', 'HttpVersion', 'HttpHost', 'HttpUserAgent', 'payload_seq', 'payload_ver',
] as const;

/**
 * The engine reading the same facts from CSV into the same table, without our identity, places, owners and checks; with all the
 * memory it wants, since it is the limit.
 */
async function engineAlone(folder: string, csv: string, elapsed: () => number): Promise<{ seconds: number; rows: number }> {
  const engine = await openChdb({ folder, memoryMb: 4000 });
  try {
    await prepareEvents(engine);
    const began = elapsed();
    const columns = attributes.map((name) => `${name} String`).join(', ');
    await engine.command({
      query: `INSERT INTO ev (time, day, kind, family, confidence, ip, port, area, asn, peer, peer_port, attrs)
        SELECT time, toDate(time), kind, family, confidence, ip, port, area, asn, peer, peer_port,
          map(${attributes.map((name) => `'${name}', ${name}`).join(', ')})
        FROM file('${csv}', 'CSV', 'time DateTime, kind String, family String, confidence UInt8, ip IPv6, port UInt16, area String,
          asn UInt32, peer IPv6, peer_port UInt16, ${columns}')
        SETTINGS max_block_size = 50000, min_insert_block_size_rows = 50000, min_insert_block_size_bytes = 0`,
    });
    return { seconds: (elapsed() - began) / 1000, rows: await countOf(engine, 'ev') };
  } finally {
    await engine.close();
  }
}

function watchMemory(events: Events): { stop(): number } {
  const seen = { peak: 0 };
  const timer = setInterval(() => {
    void Promise.all([residentMbOf(process.pid), events.residentMb()]).then(([own, engine]) => {
      seen.peak = Math.max(seen.peak, (own ?? 0) + (engine ?? 0));
    });
  }, 50);
  return {
    stop() {
      clearInterval(timer);
      return seen.peak;
    },
  };
}

async function writeRows(path: string, rows: number, head: string, line: (i: number) => string): Promise<void> {
  const out = createWriteStream(path);
  let text = head;
  for (let i = 0; i < rows; i++) {
    text += line(i);
    if (text.length > 262_144 || i === rows - 1) {
      if (!out.write(text)) await once(out, 'drain');
      text = '';
    }
  }
  out.end();
  await once(out, 'finish');
}

const families = ['B54-CONFICKER', 'B67-SS-TINBA', 'B106-MIRAI', 'B157-NECURS', 'B85-R2D2'];

/** What both files say of row `i`. Addresses are over all of IPv4; a week of times. */
function rowOf(i: number): { time: string; ip: string; family: string; hash: number; confidence: [string, number] } {
  const hash = Math.imul(i + 1, 2_654_435_761) >>> 0;
  return {
    hash, time: new Date((1_717_200_000 + hash % 604_800) * 1000).toISOString().slice(0, 19),
    ip: `${1 + hash % 220}.${(hash >>> 8) & 255}.${(hash >>> 16) & 255}.${i % 254 + 1}`, family: families[hash % 5] ?? '',
    confidence: ([['High', 85], ['Medium', 50], ['Low', 25]] as [string, number][])[hash % 3] ?? ['Low', 25],
  };
}

function ctipLine(i: number): string {
  const { hash, time, ip, family, confidence } = rowOf(i);
  return `${JSON.stringify({
    DataFeed: 'CTIP-Infected', SourcedFrom: 'SinkHoleMessage', DateTimeReceivedUtc: `${time}Z`, Malware: 'Avalanche',
    ThreatCode: family, ThreatConfidence: confidence[0], TLP: 'Amber', SourceIp: ip, SourcePort: 1024 + hash % 60_000,
    SourceIpAsnNumber: 64_601, SourceIpAsnOrgName: 'Example Telecom', SourceIpCountryCode: 'VN', SourceIpRegion: 'Region',
    SourceIpCity: 'City', SourceIpLatitude: 21.03, SourceIpLongitude: 105.85, DestinationIp: `198.51.100.${hash % 250}`,
    DestinationPort: 80, HttpMethod: 'POST', HttpRequest: `/gate.php?id=${i}`, HttpVersion: 'HTTP/1.1',
    HttpHost: `c2-${hash % 50}.example.net`, HttpUserAgent: 'Mozilla/5.0 (Windows NT 6.1)', CustomField1: '', CustomField2: '',
    Payload: Buffer.from(`{"seq":${i},"ver":"2.1"}`).toString('base64'),
  })}\n`;
}

function csvLine(i: number): string {
  const { hash, time, ip, family, confidence } = rowOf(i);
  return `"${time.replace('T', ' ')}","infection","${family}",${confidence[1]},"::ffff:${ip}",${1024 + hash % 60_000},"VN",64601,`
    + `"::ffff:198.51.100.${hash % 250}",80,"CTIP-Infected","SinkHoleMessage","Avalanche","Example Telecom","Region","City","21.03",`
    + `"105.85","POST","/gate.php?id=${i}","HTTP/1.1","c2-${hash % 50}.example.net","Mozilla/5.0 (Windows NT 6.1)","${i}","2.1"\n`;
}

function ndjsonLine(i: number): string {
  const { hash, time, ip, family, confidence } = rowOf(i);
  return `${JSON.stringify({
    time: `${time}Z`, type: 'infection', family, confidence: confidence[1], ip, src_port: 1024 + hash % 60_000, cc: 'VN', asn: 64_601,
    dst_ip: `198.51.100.${hash % 250}`, dst_port: 80, method: 'POST', request: `/gate.php?id=${i}`, host: `c2-${hash % 50}.example.net`,
    agent: 'Mozilla/5.0 (Windows NT 6.1)', organisation: 'Example Telecom', region: 'Region', city: 'City',
  })}\n`;
}

/** Columns of a sinkhole report that the rows fill. */
const harmonised: Readonly<Record<string, string>> = {
  timestamp: 'time.source', severity: 'extra.severity', protocol: 'protocol.transport', src_ip: 'source.ip', src_port: 'source.port',
  src_asn: 'source.asn', src_geo: 'source.geolocation.cc', src_region: 'source.geolocation.region', src_city: 'source.geolocation.city',
  dst_ip: 'destination.ip', dst_port: 'destination.port', infection: 'malware.name',
};
const reportFields = [
  ...Object.keys(harmonised), 'src_hostname', 'src_naics', 'src_sector', 'device_vendor', 'device_type', 'device_model', 'dst_asn', 'dst_geo',
  'dst_region', 'dst_city', 'dst_hostname', 'dst_naics', 'dst_sector', 'public_source', 'family', 'tag', 'application', 'version', 'event_id',
] as const;

function reportHead(): string {
  return `${reportFields.map((name) => `"${name}"`).join(',')}\n`;
}

function reportLine(i: number): string {
  const { hash, time, ip, family } = rowOf(i);
  const filled = [
    time.replace('T', ' '), 'high', 'tcp', ip, 1024 + hash % 60_000, 64_601, 'VN', 'Region', 'City', `198.51.100.${hash % 250}`, 80,
    family.toLowerCase(), `host-${hash % 9999}.example.net`, '517311', 'Communications', '', '', '', 64_500, 'US', '', '', '', '', '', 'sinkhole',
    '', 'avalanche', 'http', '1.1', i,
  ];
  return `${filled.map((value) => `"${value}"`).join(',')}\n`;
}

const shapes: readonly Shape[] = [
  { name: 'ndjson', fileName: 'events.ndjson', feed: 'ndjson', head: '', line: ndjsonLine },
  { name: 'csv', fileName: '2024-06-07-event4_sinkhole-bench.csv', feed: 'shadowserver', head: reportHead(), line: reportLine },
  { name: 'ctip', fileName: 'infected.json', feed: 'ctip', head: '', line: ctipLine },
];
