/**
 * Makes a fresh clone ready: dependencies by lock file, then the build, each only if stale, told by hashes kept beside
 * what they made. Plain JavaScript without dependencies; everything it says goes to stderr. Run by every command.
 * `node scripts/setup.mjs` installs; `node scripts/setup.mjs build` also builds.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const say = (line) => process.stderr.write(`${line}\n`);

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  say(`Entente needs Node 20.19 or later; this is ${process.versions.node}.`);
  process.exit(69);
}

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part).update('\0'), createHash('sha256')).digest('hex');
const readOr = (path, fallback) => (existsSync(path) ? readFileSync(path, 'utf8').trim() : fallback);

function install() {
  const wanted = sha256(readFileSync(join(root, 'package-lock.json')), process.versions.modules, process.platform, process.arch);
  const mark = join(root, 'node_modules', '.entente-installed');
  if (readOr(mark, '') === wanted) return;
  say('Installing dependencies (once) …');
  // npm must not learn of test runners or loaders around us; its output belongs to stderr like ours.
  const { status, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: '' }, shell: process.platform === 'win32',
  });
  if (status !== 0) {
    say(`Dependencies could not be installed${error ? ` (${error.code})` : ''}; see above.`);
    process.exit(status ?? 1);
  }
  writeFileSync(mark, `${wanted}\n`);
}

/** Hash over every file that the build reads. */
export function sourceHash() {
  const hash = createHash('sha256');
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (!/\.(test|fuzz|bench)\.tsx?$/.test(entry.name)) hash.update(path).update('\0').update(readFileSync(join(root, path)));
    }
  };
  walk('src');
  walk('scripts');
  walk('vendor');
  for (const name of ['index.html', 'package.json', 'package-lock.json', 'vite.config.ts', 'tsconfig.json', 'tsconfig.build.json', 'tsconfig.web.json']) {
    if (existsSync(join(root, name))) hash.update(name).update(readFileSync(join(root, name)));
  }
  return hash.digest('hex');
}

function build() {
  const wanted = sourceHash();
  const mark = join(root, 'dist', '.entente-built');
  if (readOr(mark, '') === wanted) return;
  say('Building (once) …');
  rmSync(mark, { force: true });
  mkdirSync(join(root, 'dist'), { recursive: true });
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build.mjs')], {
    cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, NODE_OPTIONS: '' },
  });
  if (status !== 0) {
    say('The build failed; see above.');
    process.exit(status ?? 1);
  }
  writeFileSync(mark, `${wanted}\n`);
}

/** Installs, and builds if asked. A published package brings its own dist and no sources: then there is nothing to do. */
export async function setUp({ build: alsoBuild }) {
  refuseOldNode();
  if (!existsSync(join(root, 'src'))) return;
  install();
  if (alsoBuild) build();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setUp({ build: process.argv[2] === 'build' });
