/**
 * What an observer keeps beside its key: files that it was served, by their digest, so that it can hand in a piece of one; the number of its last
 * look; and what it could not hand in yet. Files are few bytes or go: the oldest first. If we crash while one is written, a part of it is
 * left under a name that the next start clears away.
 */
import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#world/clock';

export interface FileBeingKept {
  write(bytes: Uint8Array): Promise<void>;
  end(sha256: string): Promise<void>;
  drop(): Promise<void>;
}
export interface Kept {
  begin(): Promise<FileBeingKept>;
  /** Null where the file is not there any more. */
  piece(sha256: string, from: number, to: number): Promise<Uint8Array | null>;
  /** The number of the next look, which grows even where this folder was lost. */
  next(channel: string): Promise<number>;
  /** Lines that wait to be handed in, in their order. */
  waiting(): Promise<string[]>;
  wait(line: string): Promise<void>;
  /** What is left of them. */
  keepWaiting(lines: readonly string[]): Promise<void>;
}

export async function keptIn(folder: string, bytesMax: number, clock: Clock): Promise<Kept> {
  const files = join(folder, 'files');
  const [numbers, lines] = [join(folder, 'numbers.json'), join(folder, 'waiting.ndjson')];
  await mkdir(files, { recursive: true });
  for (const name of await readdir(files)) if (name.endsWith('.part')) await rm(join(files, name));
  return {
    begin: () => beginIn(files, bytesMax, clock),
    async piece(sha256, from, to) {
      const file = await open(join(files, sha256)).catch(() => null);
      if (!file) return null;
      try {
        const bytes = new Uint8Array(to - from);
        const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
        return bytes.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
    async next(channel) {
      const known = JSON.parse(await readFile(numbers, 'utf8').catch(() => '{}')) as Record<string, number>;
      const number = Math.max((known[channel] ?? 0) + 1, Math.floor(clock.now() / 1000));
      const part = `${numbers}.part`;
      await writeFile(part, JSON.stringify({ ...known, [channel]: number }));
      await rename(part, numbers);
      return number;
    },
    async waiting() {
      return (await readFile(lines, 'utf8').catch(() => '')).split('\n').filter((l) => l !== '');
    },
    wait: (line) => appendFile(lines, `${line}\n`),
    async keepWaiting(left) {
      await writeFile(`${lines}.part`, left.map((l) => `${l}\n`).join(''));
      await rename(`${lines}.part`, lines);
    },
  };
}

async function beginIn(folder: string, bytesMax: number, clock: Clock): Promise<FileBeingKept> {
  const part = join(folder, `${randomUUID()}.part`);
  const file = await open(part, 'w');
  return {
    async write(bytes) { await file.write(bytes); },
    async end(sha256) {
      await file.close();
      await rename(part, join(folder, sha256));
      const now = clock.now() / 1000;
      await utimes(join(folder, sha256), now, now);
      await clear(folder, bytesMax);
    },
    async drop() {
      await file.close().catch(() => undefined);
      await rm(part, { force: true });
    },
  };
}

async function clear(folder: string, bytesMax: number): Promise<void> {
  const all = [];
  for (const name of await readdir(folder)) {
    const found = name.endsWith('.part') ? null : await stat(join(folder, name)).catch(() => null);
    if (found) all.push({ name, size: found.size, at: found.mtimeMs });
  }
  let bytes = all.reduce((n, f) => n + f.size, 0);
  for (const { name, size } of all.sort((a, b) => a.at - b.at)) {
    if (bytes <= bytesMax) return;
    await rm(join(folder, name), { force: true });
    bytes -= size;
  }
}
