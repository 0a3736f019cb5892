/**
 * Builds a small Go program of ours with the Go that is installed, its one module pinned by go.sum. For peers of benches and
 * for oracles of tests; nobody needs Go to run the hub.
 */
import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether there is a Go to build with. */
export async function hasGo(): Promise<boolean> {
  return run('go', ['version']).then(() => true, () => false);
}

/** Path of the program built from `folder`, in a temporary folder. Throws what the Go compiler says. */
export async function builtGo(folder: string): Promise<string> {
  const out = join(await mkdtemp(join(tmpdir(), 'entente-go-')), 'program');
  await run('go', ['build', '-trimpath', '-o', out, '.'], { cwd: folder });
  return out;
}
