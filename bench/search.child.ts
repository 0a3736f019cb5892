/**
 * The process that `bench search` measures, apart from the bench itself: `build TREE OUT` makes an index of a folder's files, `serve OUT` asks
 * one the questions of `search.queries.json`. It prints what it took in CPU time and memory, a line of JSON each.
 */
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { nodeTreeHash } from '#kit/hash/node';
import { IndexBuilder } from '#kit/search/index/builder';
import { writeManifest } from '#kit/search/index/manifest';
import { startKernel } from '#kit/search/query/kernel';
import { search, type Coverage } from '#kit/search/query/search';
import { IndexFolder, manifestName } from '#world/searching/folder';
import { questionOf } from '#world/searching/question';
import queries from './search.queries.json' with { type: 'json' };

export interface Asked {
  readonly firstMs: number;
  readonly allMs: number;
  readonly lines: number;
  /** Lines of each file; null where there are so many that only their sum is compared. */
  readonly files: Readonly<Record<string, number>> | null;
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
// Not by a descriptor: a pipe takes less of a long line at once than it has.
const say = (what: unknown): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
const peakMb = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

function filesOf(folder: string, under = ''): string[] {
  return readdirSync(join(folder, under), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesOf(folder, `${under}${entry.name}/`) : entry.isFile() ? [under + entry.name] : []));
}

function build(tree: string, out: string): void {
  mkdirSync(out, { recursive: true });
  const began = cpuMs();
  const builder = new IndexBuilder({ sha256: nodeTreeHash.sha256, open: (name) => {
    const file = openSync(join(out, name), 'w');
    return { write: (bytes) => void writeSync(file, bytes), end: () => closeSync(file) };
  } });
  // As the peer, it takes the files as they lie there; the hub has their digests from their blobs.
  const digest = new Uint8Array(32);
  const paths = filesOf(tree);
  for (const path of paths) {
    const bytes = readFileSync(join(tree, path));
    if (!builder.begin(path, bytes.length, digest)) continue;
    builder.push(bytes);
    const { encoding } = builder.end();
    if (encoding === 'bytes') continue;
    builder.beginText(path, digest, encoding);
    builder.push(bytes);
    builder.end();
  }
  const manifest = builder.finish();
  writeFileSync(join(out, manifestName), writeManifest(manifest));
  const bytes = manifest.shards.reduce((sum, shard) => sum + shard.bytes, 0);
  say({ cpuSeconds: (cpuMs() - began) / 1000, peakMb: peakMb(), files: paths.length, bytes: manifest.bytes, lines: manifest.lines,
    share: (bytes - manifest.bytes - manifest.decodedBytes) / manifest.bytes, all: manifest.text + manifest.binary + manifest.refused.length });
}

const mostCompared = 20_000;

/** The least of some runs, each of as many as take a few milliseconds: what is left of other work on the machine is not ours. A long one is run once. */
function timed(run: () => void, runs: number): number {
  let least = Infinity;
  for (let i = 0; i < runs; i++) {
    let count = 0;
    const from = cpuMs();
    let spent = 0;
    do {
      run();
      count++;
      spent = cpuMs() - from;
    } while (spent < 5);
    least = Math.min(least, spent / count);
    if (least > 1000) break;
  }
  return least;
}

function serve(out: string): void {
  const began = cpuMs();
  const index = new IndexFolder(out);
  say({ openMs: cpuMs() - began });
  // Every page is checked when it is first read: here once, before anything is timed, so that no question pays for those after it.
  const opened = cpuMs();
  for (const shard of index.shards()) shard.verify();
  say({ verifyMs: cpuMs() - opened });
  const kernel = startKernel();
  for (const [i, { kind, text }] of queries.entries()) {
    const ask = (most: number, counts: boolean, take: (path: string) => void): Coverage => {
      let last: Coverage | null = null;
      const question = questionOf({ kind: kind as 'text' | 'regex', text, most, counts });
      for (const { hits, coverage } of search(index.manifest, index.shards(), question, { kernel, mostWork: 1e12 })) {
        for (const { path, encoding } of hits) if (encoding === 'bytes') take(path);
        last = coverage;
      }
      return last as Coverage;
    };
    let lines = 0;
    const firstMs = timed(() => void ask(100, false, () => undefined), 5);
    const allMs = timed(() => { ({ lines } = ask(0, true, () => undefined)); }, 3);
    // What stands where, once: to be compared. It is not timed.
    const files: Record<string, number> = {};
    if (lines <= mostCompared) ask(Infinity, false, (path) => { files[path] = (files[path] ?? 0) + 1; });
    say({ query: i, firstMs, allMs, lines, files: lines <= mostCompared ? files : null } satisfies Asked & { query: number });
  }
  say({ peakMb: peakMb() });
}

const [act, from = '', to = ''] = process.argv.slice(2);
if (act === 'build') build(from, to);
else serve(from);
