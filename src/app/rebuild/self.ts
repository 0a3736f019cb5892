/**
 * Entente rebuilt by Entente: its own sources are copied into a sandbox, built there under another path, person and clock, packed by npm,
 * and compared with the packed release: a file that somebody has, or what this installation packs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { recipe, type Recipe } from '#kit/rebuild/recipe';
import { StartError } from '#world/folder';
import type { BuildRequest, Product } from './build.ts';

const root = join(import.meta.dirname, '..', '..', '..');

/** Everything that the build or the package reads. */
const sources = ['bin', 'docs', 'scripts', 'src', 'vendor', 'index.html', 'package.json', 'package-lock.json', 'vite.config.ts', 'LICENSE',
  'NOTICE', 'README.md',
  'CHANGELOG.md', 'SECURITY.md'] as const;

export const ownRecipe: Recipe = recipe.parse({
  v: 1, name: 'entente', kind: 'npm', source: '.', steps: [['node', 'scripts/build.mjs']], seconds: 1800, megabytes: 8192,
});

export function ownBuild(): Omit<BuildRequest, 'facts'> {
  if (!existsSync(join(root, 'src'))) throw new StartError('Its sources are not here: --self is run in a clone, not in an installed package.', 66);
  const configurations = readdirSync(root).filter((name) => /^tsconfig.*\.json$/.test(name));
  return { recipe: ownRecipe, source: root, only: [...sources.filter((name) => existsSync(join(root, name))), ...configurations],
    readOnly: [{ from: join(root, 'node_modules'), to: 'src/node_modules' }] };
}

/** What this installation packs. */
export async function ownRelease(path: string | null): Promise<Product> {
  if (path !== null) return { name: basename(path), bytes: new Uint8Array(await readFile(path)) };
  const folder = await mkdtemp(join(tmpdir(), 'entente-pack-'));
  try {
    const ran = spawnSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: root, encoding: 'utf8' });
    const [name] = readdirSync(folder);
    if (ran.status !== 0 || name === undefined) throw new StartError(`The release could not be packed: ${ran.stderr.trim()}`, 70);
    return { name, bytes: new Uint8Array(await readFile(join(folder, name))) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
