/**
 * Matching: a million indicators in 40 MB of logs of four formats, on one core, beside `rg -F -f` and `grep -F -f` on the same files. Of the
 * lines in which those see an indicator, three in four hold it only inside a longer value. All times are CPU times. Most of a peer's run is
 * spent on taking its indicators in, which it cannot keep; so three ratios are shown: ours with the index held, as one who reads logs all day
 * holds it; with taking in on both sides; and held on both, the peer's by what a longer log costs more. A figure is `verified` if exactly the
 * occurrences that were written into the log were found. Where no `rg` is on the path, npm's is put into a temporary folder.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dice } from '#kit/dice';
import { buildIndex, StreamMatcher } from '#kit/match/matcher';
import type { MatchIndex } from '#kit/match/table';
import { readValue, type Value } from '#kit/match/value';
import type { BenchOptions, Measure } from './ingest.ts';

const runs = 9;
/** How much more log a peer reads the second time. */
const furtherLogs = 4;
const longestRun = 120_000;
const seed = 20_260_601;

/** What the log is made of: drawn, and the same each time. */
class Draw {
  private readonly next = dice(seed);
  int(below: number): number {
    return Math.floor(this.next() * below);
  }
  word(): string {
    return Array.from({ length: 4 + this.int(8) }, () => 'abcdefghijklmnopqrstuvwxyz'.charAt(this.int(26))).join('');
  }
  hex(length: number): string {
    return Array.from({ length }, () => '0123456789abcdef'.charAt(this.int(16))).join('');
  }
}

/** Domains, addresses, hashes, URLs and mail addresses, 4 : 2 : 2 : 1 : 1. None is within another. */
function indicatorsOf(draw: Draw, count: number): string[] {
  const all = new Set<string>();
  while (all.size < count) {
    const i = all.size;
    const host = `${draw.word()}${i}.${draw.word()}.example`;
    const kind = i % 10;
    all.add(kind < 4 ? host
      : kind < 6 ? `${20 + draw.int(160)}.${draw.int(256)}.${draw.int(256)}.${100 + draw.int(156)}`
      : kind < 8 ? draw.hex(kind === 6 ? 64 : 32)
      : kind === 8 ? `http://${host}/${draw.word()}/${draw.word()}.php` : `${draw.word()}@${host}`);
  }
  return [...all];
}

/** The same indicator as a piece of something longer, that is none. */
function longer(draw: Draw, indicator: string): string {
  if (/^[0-9a-f]+$/.test(indicator)) return indicator + draw.hex(8);
  if (/^[\d.]+$/.test(indicator)) return draw.int(2) ? `${indicator}.${draw.int(256)}` : `${indicator}.rev.test`;
  if (indicator.startsWith('http')) return draw.int(2) ? `${indicator}5` : `${indicator}/${draw.word()}`;
  return draw.int(2) ? `${indicator}.test` : `${indicator}s.test`;
}

const formats: readonly ((draw: Draw, value: string) => string)[] = [
  (d, value) => `2026-06-01T12:34:${10 + d.int(50)}.123Z proxy01 squid[${d.int(9999)}]: 10.7.${d.int(256)}.${d.int(256)} TCP_MISS/200 ${d.int(99_999)} GET `
    + `http://www.${d.word()}.test/${d.word()}/${d.word()}.html?id=${d.int(1e6)} - HIER_DIRECT/${value} text/html`,
  (d, value) => `{"ts":"2026-06-01T12:34:56Z","host":"ws-${d.int(999)}","user":"${d.word()}","event":"dns","query":"${d.word()}.${d.word()}.test",`
    + `"ioc":"${value}","answers":["10.${d.int(256)}.${d.int(256)}.1"],"ttl":${d.int(999)}}`,
  (d, value) => `Jun  1 12:34:56 mail postfix/smtp[${d.int(99_999)}]: ${d.hex(10).toUpperCase()}: to=<${d.word()}@${d.word()}.test>, orig=${value}, `
    + `relay=mx.${d.word()}.test[10.9.1.${d.int(256)}]:25, delay=${d.int(9)}.${d.int(99)}, status=sent (250 2.0.0 OK)`,
  (d, value) => `<134>1 2026-06-01T12:34:56+00:00 edr01 agent ${d.int(9999)} - - process created image="C:\\Program Files\\${d.word()}\\${d.word()}.exe" `
    + `sha256=${d.hex(64)} arg="${value}" user=CORP\\${d.word()}`,
];

interface Planted {
  readonly offset: number;
  readonly value: string;
}
interface Log {
  readonly bytes: Buffer;
  readonly planted: readonly Planted[];
  readonly lines: number;
  /** Lines in which a search for plain texts sees an indicator. */
  readonly seen: number;
}

/** Of a hundred lines one has an indicator, three have one within something longer. */
function logOf(draw: Draw, indicators: readonly string[], size: number): Log {
  const pieces: string[] = [];
  const planted: Planted[] = [];
  let [at, lines, seen] = [0, 0, 0];
  while (at < size) {
    const lot = draw.int(100);
    const indicator = indicators[draw.int(indicators.length)] ?? '';
    // A name below a domain is an occurrence of the domain.
    const whole = lot === 0 && /^[a-z]+\d+\.[a-z]+\.example$/.test(indicator) && draw.int(2) ? `www.${indicator}` : indicator;
    const value = lot === 0 ? whole : lot < 4 ? longer(draw, indicator) : draw.word();
    const line = `${(formats[draw.int(formats.length)] as (d: Draw, v: string) => string)(draw, value)}\n`;
    if (lot === 0) planted.push({ offset: at + line.indexOf(value), value: indicator });
    if (lot < 4) seen++;
    pieces.push(line);
    at += line.length;
    lines++;
  }
  return { bytes: Buffer.from(pieces.join('')), planted, lines, seen };
}

function cpuSeconds(run: () => void): number {
  const from = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1e6;
}

function scan(index: MatchIndex, bytes: Buffer): Planted[] {
  const matcher = new StreamMatcher(index);
  const found: Planted[] = [];
  const take = (hits: Iterable<{ offset: number; entry: number }>): void => {
    for (const { offset, entry } of hits) found.push({ offset, value: index.valueOf(entry).value });
  };
  for (let at = 0; at < bytes.length; at += 65_536) take(matcher.push(bytes.subarray(at, at + 65_536)));
  take(matcher.end());
  return found;
}

const shown = (all: readonly Planted[]): string => all.map(({ offset, value }) => `${offset} ${value}`).sort().join('\n');
const rounded = (value: number): number => Number(value.toPrecision(3));
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

interface Peer {
  readonly name: string;
  readonly command: readonly string[];
}

function peersIn(folder: string): Peer[] {
  const version = (command: string): string => spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0] ?? '';
  let rg = 'rg';
  if (version(rg) === '') {
    spawnSync('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '@vscode/ripgrep@1.18.0'], { stdio: 'ignore' });
    rg = spawnSync('find', [folder, '-name', 'rg', '-type', 'f'], { encoding: 'utf8' }).stdout.split('\n')[0] ?? '';
  }
  const peers = [{ name: `${version('grep')}, grep -F -f`, command: ['grep', '-a', '-F', '-c', '-f'] }];
  if (rg !== '') peers.unshift({ name: `${version(rg)}, rg -F -f`, command: [rg, '--no-config', '-a', '-F', '-c', '-j', '1', '-f'] });
  return peers;
}

/** CPU seconds of a command, and what it counted; null where it was not done in two minutes. */
function timed(command: readonly string[]): { seconds: number; count: number } | null {
  const quoted = command.map((word) => `'${word}'`).join(' ');
  const ran = spawnSync('bash', ['-c', `TIMEFORMAT='%U %S'; time ${quoted}`], { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
    timeout: longestRun });
  if (ran.error) return null;
  const [user = 0, system = 0] = ran.stderr.trim().split('\n').at(-1)?.split(' ').map(Number) ?? [];
  return { seconds: user + system, count: Number(ran.stdout.trim()) };
}

export async function* run(options: BenchOptions = {}): AsyncGenerator<Measure> {
  const scale = options.scale ?? 1;
  const draw = new Draw();
  const texts = indicatorsOf(draw, Math.round(1_000_000 * scale));
  const log = logOf(draw, texts, 40_000_000 * scale);
  const megabytes = log.bytes.length / 1e6;
  const line = { bench: 'match', peer: null, peerValue: null, ratio: null };
  const taken: { index: MatchIndex | null } = { index: null };
  const building = cpuSeconds(() => { taken.index = buildIndex(texts.map((t) => readValue(t) as Value)); });
  const index = taken.index as MatchIndex;
  const values = log.planted.map((p) => ({ ...p, value: readValue(p.value)?.value ?? '' }));
  const verified = shown(scan(index, log.bytes)) === shown(values);
  const times = Array.from({ length: runs + 2 }, () => cpuSeconds(() => scan(index, log.bytes))).slice(2);
  const what = `${texts.length} indicators, ${Math.round(megabytes)} MB, ${log.planted.length} occurrences`;
  yield { ...line, measure: `take the indicators in, ${texts.length} texts`, value: Math.round(building * 100) / 100, unit: 's of CPU', runs: 1,
    verified: index.size === new Set(texts).size };
  yield { ...line, measure: `match, ${what}`, value: Math.round(megabytes / median(times)), unit: 'MB/s', runs, verified };
  const folder = mkdtempSync(join(tmpdir(), 'entente-bench-match-'));
  try {
    const files = ['indicators', 'log', 'longer'].map((name) => join(folder, name)) as [string, string, string];
    writeFileSync(files[0], `${texts.join('\n')}\n`);
    writeFileSync(files[1], log.bytes);
    writeFileSync(files[2], Buffer.concat(Array.from({ length: furtherLogs + 1 }, () => log.bytes)));
    const held = megabytes / median(times);
    const whole = megabytes / (building + median(times));
    for (const peer of peersIn(folder)) {
      const ran = timed([...peer.command, files[0], files[1]]);
      if (!ran) {
        yield { ...line, measure: `indicators held; ${peer.name} was not done in ${longestRun / 1000} s`, value: rounded(held), unit: 'MB/s', runs, verified };
        continue;
      }
      const { seconds, count } = ran;
      const further = (timed([...peer.command, files[0], files[2]])?.seconds ?? 0) - seconds;
      const beside = (measure: string, value: number, peerValue: number, ran: number): Measure => ({
        ...line, measure, value: rounded(value), unit: 'MB/s', peer: peer.name, peerValue: rounded(peerValue), ratio: rounded(value / peerValue), runs: ran,
        verified: verified && count === log.seen,
      });
      const wrong = Math.round((1 - log.planted.length / count) * 100);
      const names = `it names ${count} of ${log.lines} lines, ${wrong} % of them wrongly`;
      yield beside(`indicators held, beside the peer’s whole run; ${names}`, held, megabytes / seconds, runs);
      yield beside('indicators taken in by both', whole, megabytes / seconds, 1);
      const more = `indicators held by both: the peer with ${furtherLogs} times more log, less its run`;
      if (further > 0) yield beside(more, held, (megabytes * furtherLogs) / further, 1);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
