/** Starts the real command line as a person would and keeps what it says. */
import { spawn, type ChildProcess } from 'node:child_process';
import { request } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What bin/entente runs once the set-up, which the tests' own runner has done, is out of the way. */
const main = pathToFileURL(join(import.meta.dirname, '..', '..', 'dist', 'cli', 'main.js')).href;
const run = `import(${JSON.stringify(main)}).then(({ main }) => main(process.argv.slice(1)))`;

export interface Ran {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  /** Waits until what it printed (on either stream) matches; rejects if it ends first. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

export function entente(words: readonly string[], settings: Readonly<Record<string, string>>): Ran {
  const inherited = Object.entries(process.env).filter(([key]) => !key.startsWith('ENTENTE_') && key !== 'NODE_OPTIONS');
  const child = spawn(process.execPath, ['-e', run, '--', ...words], {
    env: { ...Object.fromEntries(inherited), ...settings }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  const waiting = new Set<() => void>();
  child.stdout?.on('data', (piece: Buffer) => { said.out += piece.toString(); for (const w of waiting) w(); });
  child.stderr?.on('data', (piece: Buffer) => { said.err += piece.toString(); for (const w of waiting) w(); });
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) =>
    child.on('exit', (code, signal) => resolve({ code, signal })));
  return {
    child, exited, out: () => said.out, err: () => said.err,
    until: (pattern) => new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(said.out) ?? pattern.exec(said.err);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
      void exited.then(() => reject(new Error(`ended before ${pattern}: ${said.out}\n${said.err}`)));
    }),
  };
}

/** A GET with any Host header, which fetch does not allow. */
export function get(address: string, path: string, host?: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${address}${path}`, { headers: host ? { host } : {} }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(pieces).toString() }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Processes whose parent was `pid`, by /proc: to see that none is left. */
export async function childrenOf(pid: number): Promise<number[]> {
  const { readdir, readFile } = await import('node:fs/promises');
  const found: number[] = [];
  for (const name of (await readdir('/proc')).filter((n) => /^\d+$/.test(n))) {
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    if (parent === pid) found.push(Number(name));
  }
  return found;
}
