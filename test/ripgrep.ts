/** ripgrep 15 as npm has it, kept beside the other caches: the second opinion on what a pattern finds, and what searching is measured against. */
import { execFile } from 'node:child_process';
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const version = '1.18.0';
const cache = join(import.meta.dirname, '..', 'node_modules', '.cache', 'entente');

/** Path of the program. Made once; one that was cut off while it was made is made anew. */
export async function ripgrep(): Promise<string> {
  const made = join(cache, `ripgrep-${version}`);
  if (!await access(made).then(() => true, () => false)) {
    const draft = `${made}.${process.pid}`;
    await mkdir(draft, { recursive: true });
    await run('npm', ['install', '--prefix', draft, '--no-audit', '--no-fund', '--ignore-scripts', `@vscode/ripgrep@${version}`], { timeout: 300_000 });
    await rename(draft, made).catch(() => rm(draft, { recursive: true }));
  }
  const names = await readdir(made, { recursive: true });
  const program = names.find((name) => /\/bin\/rg(\.exe)?$/.test(name));
  if (program === undefined) throw new Error('the package has no ripgrep for this machine');
  return join(made, program);
}

/** How it is asked so that it reads every byte as we do; `(?-u)` stands before every pattern. */
export const asBytes: readonly string[] = ['-uuu', '-a', '--no-config', '--no-messages', '--encoding', 'none', '--color', 'never'];
