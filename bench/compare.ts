/**
 * A verdict for pairs of Debian packages beside Debian's diffoscope on the same pairs in the same run: CPU time of one process each, start
 * and all. A pair is a package as shipped and the same with what a rebuild changes (every Build-ID and debug link, the list of
 * digests) and, of every second, one byte of code too. `verified` wants the verdict that the pair was made for, and every file that
 * diffoscope tells to be among ours. `--scale 0.25` takes the first five pairs; without apt or diffoscope there is nothing to measure.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { elfOf, isElf } from '#kit/compare/formats/elf';
import type { Comparison } from '#kit/compare/model';
import type { BenchOptions, Measure } from './ingest.ts';

const packages = ['hello', 'sed', 'tree', 'ed', 'dash', 'less', 'gzip', 'grep', 'tar', 'xz-utils', 'bzip2', 'file', 'make', 'diffutils', 'findutils',
  'patch', 'expat', 'libexpat1',
  'libtasn1-6', 'zlib1g'] as const;

interface Pair { readonly name: string; readonly shipped: string; readonly rebuilt: string; readonly wanted: string }

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : entry.isFile() ? [path] : [];
  });
}

/** What a rebuild on another day does to a program: another Build-ID and debug link. True where it is one. */
function rebuiltLike(path: string, alsoCode: boolean): boolean {
  const bytes = readFileSync(path);
  if (!isElf(bytes)) return false;
  const { sections } = elfOf(bytes);
  const at = (name: string) => sections.find((s) => s.name === name);
  const [id, link, code] = [at('.note.gnu.build-id'), at('.gnu_debuglink'), at('.text')];
  if (id) bytes.fill(0x5a, id.to - 20, id.to);
  if (link) bytes.fill(0x33, link.to - 4, link.to);
  if (alsoCode && code) bytes[code.from + 40] = (bytes[code.from + 40] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  return true;
}

function pairOf(name: string, alsoCode: boolean, work: string): Pair | null {
  const folder = join(work, name);
  mkdirSync(folder);
  spawnSync('apt-get', ['-q', 'download', name], { cwd: folder, stdio: 'ignore' });
  const [deb] = readdirSync(folder);
  if (deb === undefined) return null;
  const [opened, made] = [join(folder, 'opened'), join(folder, 'made')];
  spawnSync('dpkg-deb', ['-R', join(folder, deb), opened]);
  let programs = 0;
  for (const path of files(opened)) if (statSync(path).size > 0 && rebuiltLike(path, alsoCode && programs === 0)) programs++;
  const sums = files(join(opened)).filter((p) => !p.includes('/DEBIAN/')).map((p) => p.slice(opened.length + 1)).sort()
    .map((p) => `${createHash('md5').update(readFileSync(join(opened, p))).digest('hex')}  ${p}\n`);
  const list = join(opened, 'DEBIAN', 'md5sums');
  const order = readFileSync(list, 'utf8').trimEnd().split('\n').map((line) => line.slice(34));
  writeFileSync(list, order.map((p) => sums.find((s) => s.slice(34, -1) === p) ?? '').join(''));
  mkdirSync(made);
  spawnSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-b', opened, join(made, deb)]);
  return { name, shipped: join(folder, deb), rebuilt: join(made, deb), wanted: alsoCode ? 'DIFFERENT' : 'CODE-IDENTICAL' };
}

/** CPU seconds of a command and all that it ran, and what it said. */
function timed(command: readonly string[]): { seconds: number; text: string } {
  const quoted = command.map((word) => `'${word}'`).join(' ');
  const ran = spawnSync('bash', ['-c', `TIMEFORMAT='%U %S'; time ${quoted}`], { encoding: 'utf8', maxBuffer: 1 << 30, env: { ...process.env,
    LC_ALL: 'C.UTF-8' } });
  const [user = 0, system = 0] = ran.stderr.trim().split('\n').at(-1)?.split(' ').map(Number) ?? [];
  return { seconds: user + system, text: ran.stdout };
}

interface Detail { readonly source1: string; readonly source2: string; readonly details?: readonly Detail[] }

/** Files that diffoscope tells of: names without what is a tool's output or a list. */
function told(detail: Detail): string[] {
  const own = /^[\w./+~-]+$/.test(detail.source1) && detail.source1 === detail.source2 && !detail.source1.endsWith('.deb') ? [detail.source1] : [];
  return [...own, ...(detail.details ?? []).flatMap(told)];
}

const child = `import { readFileSync } from 'node:fs';
const { compare } = await import(process.argv[2]);
const [a, b] = process.argv.slice(3).map((path) => new Uint8Array(readFileSync(path)));
process.stdout.write(JSON.stringify(await compare(a, b)));`;

export async function* run(options: BenchOptions = {}): AsyncGenerator<Measure> {
  const work = mkdtempSync(join(tmpdir(), 'entente-bench-compare-'));
  const peer = spawnSync('diffoscope', ['--version'], { encoding: 'utf8' }).stdout?.trim();
  try {
    const engine = new URL('../dist/kit/compare/compare.js', import.meta.url).href;
    const script = join(work, 'child.mjs');
    writeFileSync(script, child);
    const ratios: number[] = [];
    const sums = { ours: 0, theirs: 0 };
    let verified = peer !== undefined && peer !== '';
    for (const [i, name] of packages.slice(0, Math.max(1, Math.round(packages.length * (options.scale ?? 1)))).entries()) {
      const pair = peer ? pairOf(name, i % 2 === 1, work) : null;
      if (!pair) continue;
      const ours = timed([process.execPath, script, engine, pair.shipped, pair.rebuilt]);
      const theirs = timed(['diffoscope', '--json', '-', '--no-progress', pair.shipped, pair.rebuilt]);
      const found = JSON.parse(ours.text) as Comparison;
      const names = new Set(found.differences.flatMap((d) => [...d.part, d.region.replace(/: .*$/, '')]));
      const missed = told(JSON.parse(theirs.text) as Detail).filter((path) => !names.has(path) && ![...names].some((n) => n.endsWith(path)
        || path.endsWith(n)));
      const right = found.verdict === pair.wanted && missed.length === 0;
      verified &&= right;
      ratios.push(theirs.seconds / ours.seconds);
      sums.ours += ours.seconds;
      sums.theirs += theirs.seconds;
      const seconds = Number(ours.seconds.toPrecision(3));
      yield { bench: 'compare', measure: `verdict-cpu, ${pair.name}, ${found.verdict}${missed.length > 0 ? `, missed ${missed.join(' ')}` : ''}`,
        value: seconds, unit: 's of CPU',
        peer: peer ?? null, peerValue: Number(theirs.seconds.toPrecision(3)), ratio: Number((theirs.seconds / ours.seconds).toPrecision(3)), runs: 1,
          verified: right };
    }
    if (ratios.length === 0) return;
    const mean = Math.exp(ratios.reduce((sum, r) => sum + Math.log(r), 0) / ratios.length);
    yield { bench: 'compare', measure: `verdict-cpu-geomean, ${ratios.length} pairs`, value: Number((sums.ours / ratios.length).toPrecision(3)),
      unit: 's of CPU a pair', peer: peer ?? null,
      peerValue: Number((sums.theirs / ratios.length).toPrecision(3)), ratio: Number(mean.toPrecision(3)), runs: 1, verified };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
