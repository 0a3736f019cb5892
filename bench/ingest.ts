/**
 * How fast a file becomes events: a generated CTIP file through the whole pipeline (parse, identity, dedup, network and
 * country, owner, store, commit) into an empty folder, then the same file again (all duplicates), beside the engine's own CSV
 * reader on the same rows, which does none of it and is the limit.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
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

export async function* run(options: BenchOptions = {}): AsyncGenerator<Measure> {
  const rows = Math.max(1000, Math.round(1_000_000 * (options.scale ?? 1)));
  const folder = await mkdtemp(join(tmpdir(), 'entente-bench-'));
  try {
    const file = join(folder, 'infected.json');
    const csv = join(folder, 'infected.csv');
    await writeRows(file, rows, ctipLine);
    await writeRows(csv, rows, csvLine);
    yield* throughPipeline(folder, file, csv, rows);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* throughPipeline(folder: string, file: string, csv: string, rows: number): AsyncGenerator<Measure> {
  const clock = systemClock();
  const random = systemRandom();
  const ids = idsFrom(clock, random);
  const db = await openPglite(join(folder, 'pgdata'), () => undefined);
  const events = await openChdb({ folder: join(folder, 'events') });
  try {
    await db.migrate([...factsMigrations, ...constituentsMigrations, ...landscapeMigrations]);
    await prepareEvents(events);
    await insertFeed(db, 'org', 'feed_bench', clock.iso(), {
      name: 'bench', title: 'bench', shape: 'ctip', reportType: null, sourceOrg: null, agreement: null, cadenceHours: null, tlpDefault: 'AMBER',
    });
    const pipeline = pipelineOver({
      db, events, clock, ids, blobs: await fileBlobs(join(folder, 'blobs'), random), types: await publishedReportTypes(),
      space: diskSpace([folder], 2 ** 30),
      networks: await publishedNetworks(join(folder, 'cache')), claims: (scope) => claimsOf(db, scope),
    });
    const watch = watchMemory(events);
    const feed = await feedById(db, 'org', 'bench');
    if (feed === null) throw new Error('the feed is not there');
    const take = async (): Promise<{ seconds: number; stored: number; duplicate: number }> => {
      const began = clock.elapsed();
      const batch = await pipeline.ingest({
        feed, source: createReadStream(file, { highWaterMark: 262_144 }), fileName: 'infected.json', typeGiven: null, actor: 'system',
      });
      return { seconds: (clock.elapsed() - began) / 1000, ...batch.counts };
    };
    const lag = monitorEventLoopDelay({ resolution: 5 });
    lag.enable();
    const first = await take();
    lag.disable();
    const peak = watch.stop();
    const stored = await countOf(events, 'ev');
    const again = await take();
    const limit = await engineAlone(join(folder, 'limit'), csv, clock.elapsed);
    const peer = `${await versionOf(events)} CSV reader, INSERT SELECT file(), same rows`;
    const rate = rows / first.seconds;
    const line = { bench, unit: 'rows/s', runs: 1 };
    yield {
      ...line, measure: `${rows} CTIP rows end to end`, value: Math.round(rate), peer, peerValue: Math.round(rows / limit.seconds),
      ratio: round(rate / (rows / limit.seconds)), verified: first.stored === rows && stored === rows && limit.rows === rows,
    };
    yield {
      ...line, measure: `the same ${rows} rows again`, value: Math.round(rows / again.seconds), peer: null, peerValue: null, ratio: null,
      verified: again.duplicate === rows && await countOf(events, 'ev') === rows,
    };
    yield {
      bench, measure: 'peak resident memory of ingesting and events processes', value: Math.round(peak), unit: 'MB', peer: null,
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
    yield {
      bench, measure: 'size of the raw file', value: round((await stat(file)).size / 1_048_576), unit: 'MB', peer: null, peerValue: null,
      ratio: null, runs: 1, verified: true,
    };
  } finally {
    await events.close();
    await db.close();
  }
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

async function writeRows(path: string, rows: number, line: (i: number) => string): Promise<void> {
  const out = createWriteStream(path);
  let text = '';
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
