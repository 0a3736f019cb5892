/**
 * Searching code: Debian's linux-source-6.1 (78,579 files, 1.30 GB), one core, the 60 questions of `search.queries.json`, beside csearch
 * (Debian) and ripgrep 15 on the same tree. All times are CPU times, ours and theirs; a peer's start (the median of 20 runs on an empty tree)
 * is taken off and shown. `first-100` gives the first hundred lines with their text, `count-all` how many there are. A figure is `verified` if
 * for every question ripgrep counts as many lines, and as many in each file where there are at most 20,000.
 * `--scale` below 1 takes `drivers/net` alone. The tree and the peers
 * are fetched once, by Debian's and npm's own clients, and kept beside the other caches.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asBytes, ripgrep } from '../test/ripgrep.ts';
import type { BenchOptions, Measure } from './ingest.ts';
import type { Asked } from './search.child.ts';
import queries from './search.queries.json' with { type: 'json' };

const here = dirname(fileURLToPath(import.meta.url));
const cache = join(here, '..', 'node_modules', '.cache', 'entente', 'search');
const root = join(here, '..');

interface Places {
  readonly tree: string;
  readonly rg: string;
  /** Null where Debian's archive has none. */
  readonly csearch: string | null;
}

/** Packages of Debian, unpacked; nothing is installed. */
function debian(name: string, holds: string): string | null {
  const made = join(cache, name);
  if (!existsSync(join(made, holds))) {
    const draft = `${made}.new`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    const ran = spawnSync('bash', ['-c', `apt-get download ${name} && dpkg-deb -x ${name}_*.deb . && rm ${name}_*.deb`], { cwd: draft, stdio: 'ignore' });
    if (ran.status !== 0) return null;
    rmSync(made, { recursive: true, force: true });
    renameSync(draft, made);
  }
  return join(made, holds);
}

async function fetched(scale: number): Promise<Places> {
  const tar = debian('linux-source-6.1', 'usr/src/linux-source-6.1.tar.xz');
  if (!tar) throw new Error('linux-source-6.1 could not be fetched: this bench wants a Debian with its archive');
  const tree = join(cache, 'tree');
  if (!existsSync(tree)) {
    mkdirSync(`${tree}.new`, { recursive: true });
    execFileSync('tar', ['-xf', tar, '-C', `${tree}.new`]);
    renameSync(`${tree}.new`, tree);
  }
  return { tree: join(tree, 'linux-source-6.1', scale < 1 ? 'drivers/net' : ''), rg: await ripgrep(), csearch: debian('codesearch', 'usr/bin/csearch') };
}

/** CPU seconds of a command, what it printed, and its peak in MB. */
function timed(command: readonly string[], env: Readonly<Record<string, string>> = {}): { seconds: number; out: string } {
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const ran = spawnSync('bash', ['-c', `TIMEFORMAT='%U %S'; time ${quoted}`], {
    encoding: 'utf8', maxBuffer: 2 ** 28, env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', GOMAXPROCS: '1', ...env },
  });
  const [user = 0, system = 0] = ran.stderr.trim().split('\n').at(-1)?.split(' ').map(Number) ?? [];
  return { seconds: user + system, out: ran.stdout };
}

const child = (...words: readonly string[]): object[] => {
  const out = execFileSync(process.execPath, ['--import', 'tsx', '--conditions=dev', join(here, 'search.child.ts'), ...words],
    { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 30, stdio: ['ignore', 'pipe', 'inherit'] });
  return out.trim().split('\n').map((line) => JSON.parse(line) as object);
};

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
const percentile = (values: readonly number[], share: number): number => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
const geomean = (values: readonly number[]): number => Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
const rounded = (value: number): number => Number(value.toPrecision(3));

const escaped = (text: string): string => text.replaceAll(/[.*+?^$()[\]{}|\\]/g, String.raw`\$&`);
const patternFor = ({ kind, text }: { readonly kind: string; readonly text: string }): string => (kind === 'text' ? escaped(text) : text);

/** `path:count` lines, without the tree before them. */
function counts(out: string, tree: string): Record<string, number> {
  return Object.fromEntries(out.split('\n').filter(Boolean).map((line) => {
    const at = line.lastIndexOf(':');
    return [line.slice(tree.length, at).replace(/^\//, ''), Number(line.slice(at + 1))];
  }));
}
const isSame = ({ files, lines }: Asked, theirs: Readonly<Record<string, number>>): boolean => Object.values(theirs).reduce((a, b) => a + b, 0) === lines
  && (!files || (Object.keys(files).length === Object.keys(theirs).length && Object.entries(files).every(([path, count]) => theirs[path] === count)));

interface Peer {
  readonly name: string;
  readonly startMs: number;
  ask(pattern: string, where?: string): { ms: number; out: string };
}

/** A peer's CPU milliseconds, less its start: the lesser of two runs, or one that is long. */
function peerOf(name: string, empty: () => number, run: (pattern: string) => { seconds: number; out: string }): Peer {
  const startMs = percentile(Array.from({ length: 20 }, empty), 0.5) * 1000;
  return { name, startMs, ask(pattern) {
    const runs = [run(pattern)];
    if ((runs[0]?.seconds ?? 0) < 0.5) runs.push(run(pattern));
    return { ms: Math.max(0.1, Math.min(...runs.map(({ seconds }) => seconds)) * 1000 - startMs), out: runs[0]?.out ?? '' };
  } };
}

function peersOf({ tree, rg, csearch }: Places): { ripgrep: Peer; csearch: Peer | null; build: { seconds: number; bytes: number } | null } {
  const empty = join(cache, 'empty');
  mkdirSync(empty, { recursive: true });
  const asked = (pattern: string): string[] => [rg, ...asBytes, '-j1', '-c', '-e', `(?-u)${pattern}`];
  const version = execFileSync(rg, ['--version'], { encoding: 'utf8' }).split('\n')[0] ?? '';
  const ripgrepPeer = peerOf(version, () => timed([...asked('x'), empty]).seconds, (pattern) => timed([...asked(pattern), tree]));
  if (!csearch) return { ripgrep: ripgrepPeer, csearch: null, build: null };
  const cindex = join(dirname(csearch), 'cindex');
  const [full, none] = [join(cache, 'csearchindex'), join(cache, 'csearchindex-empty')];
  rmSync(full, { force: true });
  timed([cindex, empty], { CSEARCHINDEX: none });
  const built = timed([cindex, tree], { CSEARCHINDEX: full });
  const peer = peerOf('csearch 0.0~hg20120502', () => timed([csearch, '-c', '--', 'x'], { CSEARCHINDEX: none }).seconds,
    (pattern) => timed([csearch, '-c', '--', pattern], { CSEARCHINDEX: full }));
  return { ripgrep: ripgrepPeer, csearch: peer, build: { seconds: built.seconds, bytes: readFileSync(full).length } };
}

export async function* run({ scale = 1 }: BenchOptions = {}): AsyncGenerator<Measure> {
  const places = await fetched(scale);
  const out = join(cache, 'index');
  rmSync(out, { recursive: true, force: true });
  const [built] = child('build', places.tree, out) as [{ cpuSeconds: number; peakMb: number; share: number; files: number; bytes: number;
    lines: number; all: number }];
  const answers = child('serve', out);
  const asked = answers.filter((line): line is Asked => 'query' in line);
  const peers = peersOf(places);
  const beside = queries.map((query) => {
    const pattern = patternFor(query);
    return { ripgrep: peers.ripgrep.ask(pattern), csearch: peers.csearch?.ask(pattern) ?? null };
  });
  const right = asked.map((one, i) => isSame(one, counts(beside[i]?.ripgrep.out ?? '', places.tree)));
  for (const [i, is] of right.entries()) if (!is) process.stderr.write(`${queries[i]?.text}: not as ripgrep has it\n`);
  for (const [i, { text }] of queries.entries()) {
    const { firstMs, allMs, lines } = asked[i] as Asked;
    process.stderr.write(`${text.padEnd(46)} first ${firstMs.toFixed(2)} all ${allMs.toFixed(2)} ms, ${lines} lines; csearch `
      + `${beside[i]?.csearch?.ms.toFixed(0)}, rg ${beside[i]?.ripgrep.ms.toFixed(0)} ms\n`);
  }
  const verified = right.every(Boolean);
  const line = { bench: 'search', peer: null, peerValue: null, ratio: null, runs: 1, verified };
  const literal = asked.filter((_, i) => queries[i]?.group !== 'no-literal');
  const complete = built.all === built.files;
  const csearchBuild = peers.build;
  yield { ...line, measure: `build-cpu-s, ${built.files} files, ${Math.round(built.bytes / 1e6)} MB, ${built.lines} lines`, value: rounded(built.cpuSeconds),
    unit: 's of CPU', verified: complete, ...(csearchBuild ? { peer: 'cindex', peerValue: rounded(csearchBuild.seconds),
      ratio: rounded(csearchBuild.seconds / built.cpuSeconds) } : {}) };
  yield { ...line, measure: 'index-share, content apart', value: rounded(built.share), unit: 'of the content', verified: complete,
    ...(csearchBuild ? { peer: 'cindex', peerValue: rounded(csearchBuild.bytes / built.bytes),
      ratio: rounded(csearchBuild.bytes / built.bytes / built.share) } : {}) };
  yield { ...line, measure: 'rss-mb building', value: built.peakMb, unit: 'MB resident at its peak' };
  yield { ...line, measure: 'rss-mb serving', value: (answers.at(-1) as { peakMb: number }).peakMb, unit: 'MB resident at its peak' };
  yield { ...line, measure: 'open-ms', value: rounded((answers[0] as { openMs: number }).openMs), unit: 'ms of CPU' };
  const [, { verifyMs }] = answers as [object, { verifyMs: number }];
  yield { ...line, measure: 'verify-ms, every page of the index against its hash, before the first question', value: rounded(verifyMs), unit: 'ms of CPU' };
  const first = literal.map(({ firstMs }) => firstMs);
  yield { ...line, measure: 'first-100-p50-ms, of those with a literal', value: rounded(percentile(first, 0.5)), unit: 'ms of CPU', runs: 5 };
  yield { ...line, measure: 'first-100-p95-ms, of those with a literal', value: rounded(percentile(first, 0.95)), unit: 'ms of CPU', runs: 5 };
  const ours = geomean(asked.map(({ allMs }) => allMs));
  for (const [name, peer] of [['csearch', peers.csearch], ['ripgrep', peers.ripgrep]] as const) {
    if (!peer) continue;
    const theirs = beside.map((one) => one[name]?.ms ?? 1);
    yield { ...line, measure: `count-all-geomean-${name}, its start of ${rounded(peer.startMs)} ms taken off`, value: rounded(ours), unit: 'ms of CPU', runs: 3,
      peer: peer.name, peerValue: rounded(geomean(theirs)), ratio: rounded(geomean(asked.map(({ allMs }, i) => (theirs[i] ?? 1) / allMs))) };
  }
  const slower = asked.filter(({ allMs }, i) => allMs > (beside[i]?.ripgrep.ms ?? 0)).length;
  yield { ...line, measure: 'queries that are slower than ripgrep on the tree', value: slower, unit: `of ${queries.length}`, runs: 3 };
}
