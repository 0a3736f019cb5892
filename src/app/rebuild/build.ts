/**
 * One build by a recipe in a sandbox: the source is copied into a folder of its own, the commands run one after another, and what comes
 * out is read. A failed build is an answer too, with its log. If we crash, a folder under the system's temporary one is left behind.
 */
import { createHash } from 'node:crypto';
import { cp, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { ArchiveError } from '#kit/archive/refused';
import { readDsc } from '#kit/debian/dsc';
import { isProduct, planOf, type Recipe } from '#kit/rebuild/recipe';
import type { Fact } from '#kit/compare/verdict';
import type { Sandbox } from '#world/sandbox/port';
import { StartError } from '#world/folder';

/** Longer logs end a build. */
const mostLog = 64 * 1024 * 1024;
const mostProduct = 2 * 1024 * 1024 * 1024;

export interface Product { readonly name: string; readonly bytes: Uint8Array }
export type Built =
  | { readonly ok: true; readonly products: readonly Product[]; readonly log: string }
  | { readonly ok: false; readonly why: string; readonly log: string };

export interface BuildRequest {
  readonly recipe: Recipe;
  /** Folder, or the `.dsc`. */
  readonly source: string;
  readonly facts: readonly Fact[];
  /** What of the source is copied; null is all. */
  readonly only: readonly string[] | null;
  readonly readOnly: readonly { readonly from: string; readonly to: string }[];
}

/** The files that a `.dsc` names, and itself. */
async function sourceFiles(dsc: string): Promise<string[]> {
  const { files } = await readFile(dsc, 'utf8').then((text) => readDsc(text, basename(dsc))).catch((error: unknown) => {
    throw error instanceof ArchiveError ? new StartError(`${error.message} (${error.at})`, 65) : error;
  });
  for (const { name, sha256 } of files) {
    const found = createHash('sha256').update(await readFile(join(dirname(dsc), name))).digest('hex');
    if (found !== sha256) throw new StartError(`The file ${name} of the source is not what its .dsc states.`, 65);
  }
  return [basename(dsc), ...files.map((f) => f.name)];
}

async function put({ recipe, source, only }: BuildRequest, folder: string): Promise<void> {
  const src = join(folder, 'src');
  await mkdir(src, { recursive: true });
  await mkdir(join(folder, 'home'));
  if (recipe.kind === 'debian') {
    for (const name of await sourceFiles(source)) await cp(join(dirname(source), name), join(folder, name));
    return;
  }
  const copied = only ?? (await readdir(source)).filter((name) => name !== 'node_modules' && name !== '.git');
  for (const name of copied) await cp(join(source, name), join(src, name), { recursive: true, verbatimSymlinks: true });
}

/** SHA-256 over every file of a source in order: name, kind, and content; of a Debian package of its `.dsc`, which names the rest. */
export async function sourceDigest({ recipe, source, only }: Pick<BuildRequest, 'recipe' | 'source' | 'only'>): Promise<string> {
  const hash = createHash('sha256');
  if (recipe.kind === 'debian') return hash.update(await readFile(source)).digest('hex');
  const walk = async (path: string): Promise<void> => {
    const about = await lstat(path);
    const name = relative(source, path);
    if (about.isDirectory()) {
      for (const entry of (await readdir(path)).sort()) if (entry !== 'node_modules' && entry !== '.git') await walk(join(path, entry));
    } else if (about.isSymbolicLink()) {
      hash.update(`link ${name}\0${await readlink(path)}\0`);
    } else {
      hash.update(`file ${name}\0${(about.mode & 0o111) === 0 ? '-' : 'x'}\0`).update(createHash('sha256').update(await readFile(path)).digest());
    }
  };
  for (const name of [...only ?? await readdir(source)].sort()) if (name !== 'node_modules' && name !== '.git') await walk(join(source, name));
  return hash.digest('hex');
}

/** Products lie below the source; those of a Debian package beside its tree. Links are none: they might lead out. */
async function productsIn(folder: string, patterns: readonly string[]): Promise<Product[]> {
  const found: Product[] = [];
  let total = 0;
  const walk = async (path: string): Promise<void> => {
    for (const entry of (await readdir(path, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const inner = join(path, entry.name);
      const name = relative(folder, inner);
      if (entry.isDirectory() && patterns.some((p) => p.split('/').length > name.split('/').length)) await walk(inner);
      if (!entry.isFile() || !isProduct(patterns, name)) continue;
      total += (await lstat(inner)).size;
      if (total > mostProduct) throw new StartError('What the build made is larger than is read.', 65);
      found.push({ name, bytes: new Uint8Array(await readFile(inner)) });
    }
  };
  await walk(folder);
  return found;
}

export async function build(sandbox: Sandbox, request: BuildRequest): Promise<Built> {
  const folder = await mkdtemp(join(tmpdir(), 'entente-rebuild-'));
  const chunks: Uint8Array[] = [];
  const logText = (): string => Buffer.concat(chunks).toString('utf8');
  try {
    await put(request, folder);
    const { recipe } = request;
    const plan = planOf(recipe, request.facts, recipe.kind === 'debian' ? basename(request.source) : null);
    await sandbox.hand(folder);
    for (const command of plan.commands) {
      chunks.push(Buffer.from(`$ ${command.join(' ')}\n`));
      const { exit, stopped } = await sandbox.run({
        folder, at: plan.at, shows: 'machine', readOnly: request.readOnly.map(({ from, to }) => ({ from, to: join(plan.at, to) })),
        environment: plan.environment,
        command: ['sh', '-c', 'cd src && exec "$@"', 'sh', ...command], seconds: recipe.seconds, megabytes: recipe.megabytes,
        log: (chunk) => { chunks.push(chunk); }, logBytes: mostLog,
      });
      const limits = { time: `it took more than ${recipe.seconds} seconds`, memory: `it took more than ${recipe.megabytes} megabytes`,
        log: 'it wrote more than its log may hold' };
      if (stopped !== null) return { ok: false, why: `The build was ended: ${limits[stopped]}.`, log: logText() };
      if (exit !== 0) return { ok: false, why: `The build failed: ${command.slice(0, 6).join(' ')} ended with ${exit}.`, log: logText() };
    }
    const products = await productsIn(join(folder, 'src'), plan.products);
    return products.length > 0 ? { ok: true, products, log: logText() } : { ok: false,
      why: `The build made none of ${plan.products.join(', ')}.`, log: logText() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
