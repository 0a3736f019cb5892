/**
 * A Python with the packages that a test names, of exactly these versions, in an environment kept beside the other caches. Other
 * people's clients are how one learns whether a protocol was understood; without them the tier fails.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = join(import.meta.dirname, '..', 'node_modules', '.cache', 'entente');

/** Path of the interpreter. Made once; one that was cut off while it was made is made anew. */
export async function pythonWith(packages: readonly string[]): Promise<string> {
  const name = `python-${createHash('sha256').update([...packages].sort().join(' ')).digest('hex').slice(0, 12)}`;
  const made = join(cache, name);
  const python = join(made, 'bin', 'python');
  if (await access(join(made, 'complete')).then(() => true, () => false)) return python;
  await mkdir(cache, { recursive: true });
  await rm(made, { recursive: true, force: true });
  await run('python3', ['-m', 'venv', made]);
  await run(python, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', ...packages], { timeout: 300_000 });
  await mkdir(join(made, 'complete.new'));
  await rename(join(made, 'complete.new'), join(made, 'complete'));
  return python;
}

/** Runs a script and answers what it printed last as JSON; throws with what it said where it fails. */
export async function ask<T>(python: string, script: string, words: readonly string[]): Promise<T> {
  const { stdout } = await run(python, ['-c', script, ...words], { maxBuffer: 64_000_000, timeout: 240_000 }).catch((error: Error & { stderr?: string }) => {
    throw new Error(`${error.message}\n${error.stderr ?? ''}`);
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null') as T;
}
