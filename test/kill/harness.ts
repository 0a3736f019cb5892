/** Kills an ingest at given points, one feed a point, then sends every file again and compares with an undisturbed run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KillPoint, Orders } from './ingest-child.ts';

export type { KillPoint } from './ingest-child.ts';

export interface Outcome {
  /** Phases that were under way when the process died, by point. */
  readonly diedIn: readonly string[];
  readonly sums: {
    feeds: { feed: string; rows: number; ids: number }[];
    users: { period: string; n: number; attacked: number }[];
    days: object[];
    figures: object[];
    stored: number; done: number; open: number; stale: number;
  };
}

/** Rows of a file: a third are beacons, the rest users' heartbeats and detections, some of them doubled. */
export function fileOf(rows: number): string {
  let text = '';
  for (let i = 0; i < rows; i++) {
    const time = new Date(Date.UTC(2026, 2 + i % 4, 1 + i % 5)).toISOString();
    const row = i % 3 === 0 ? { time, type: 'infection', ip: `100.64.${(i >> 8) & 255}.${i & 255}`, n: i }
      : { time, type: i % 3 === 1 ? 'user-heartbeat' : 'user-detection', user: `u${i % 500}`, cc: 'VN', n: i };
    text += `${JSON.stringify(row)}\n`;
    if (i % 50 === 0) text += `${JSON.stringify(row)}\n`;
  }
  return text;
}

export async function killAt(points: readonly KillPoint[], rows: number): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'entente-kill-'));
  try {
    const path = join(folder, 'rows.ndjson');
    await writeFile(path, fileOf(rows));
    const orders = (name: string, files: Orders['files'], kill: KillPoint | null): Orders => ({
      folder: join(folder, 'data'), files, kill, cache: fileURLToPath(new URL('../../node_modules/.cache/entente', import.meta.url)),
      log: join(folder, `${name}.log`), sums: join(folder, `${name}.json`),
    });
    const diedIn: string[] = [];
    for (const [i, kill] of points.entries()) {
      const told = orders(`run-${i}`, [{ feed: `point${i}`, path }], kill);
      const code = await run(told);
      const lines = existsSync(told.log) ? (await readFile(told.log, 'utf8')).trim().split('\n') : [];
      diedIn.push(code === null ? lines.at(-1) ?? '' : `lived (${code})`);
    }
    const last = orders('last', points.map((_, i) => ({ feed: `point${i}`, path })), null);
    const code = await run(last);
    if (code !== 0) throw new Error(`the last run ended with ${code}`);
    return { diedIn, sums: JSON.parse(await readFile(last.sums, 'utf8')) as Outcome['sums'] };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 300 });
  }
}

/** Exit code, or null where a signal ended it. */
async function run(orders: Orders): Promise<number | null> {
  const entry = fileURLToPath(new URL('./ingest-child.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=dev', entry, JSON.stringify(orders)],
    { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

/** What an undisturbed run of `fileOf(rows)` stores: counted here from the text, by nothing of ours. */
export function expected(rows: number): { rows: number; users: number } {
  const lines = fileOf(rows).trimEnd().split('\n');
  const users = new Set<string>();
  for (const line of lines) {
    const row = JSON.parse(line) as { type: string; user?: string };
    if (row.type === 'user-heartbeat' && row.user) users.add(row.user);
  }
  return { rows: new Set(lines).size, users: users.size };
}
