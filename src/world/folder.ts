/**
 * The data folder: what kind of hub it belongs to, who holds it now, and whether there is room. One hub at a time: the
 * lock is a socket in Linux's abstract namespace, which the kernel frees however the holder dies; elsewhere a file with a
 * process id that must be alive. `hub.lock` tells others whom to talk to; it is a note, not the lock.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, realpath, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';

export type FolderKind = 'demo' | 'production';

export interface Holder {
  readonly pid: number;
  /** Base URL of the hub's loopback listener; null until it listens, or where a command holds the folder. */
  readonly address: string | null;
}

export interface HeldFolder {
  readonly path: string;
  /** Name of the folder's ledger, kept since the first hub start; null before it. */
  readonly ledger: string | null;
  /** Tells others where the hub listens. */
  announce(address: string): Promise<void>;
  release(): Promise<void>;
}

/** A start that cannot go on, in one sentence for the terminal, with a sysexits code. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly exitCode: number;
  constructor(sentence: string, exitCode: number, options?: ErrorOptions) {
    super(sentence, options);
    this.exitCode = exitCode;
  }
}

const freeBytesLeast = 500_000_000;

/**
 * Takes the folder for a hub or a command of the kind; creates and marks it if it is not there. `ledger` names its ledger
 * if it has no name yet: a log keeps its name for ever, whatever origin the hub has later.
 */
export async function holdFolder(path: string, kind: FolderKind, ledger: string | null = null): Promise<HeldFolder> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`The data folder ${path} cannot be made (${error.code}).`, 73, { cause: error });
  });
  const real = await realpath(path);
  await refuseFullDisk(real);
  const lock = await takeLock(real);
  const marked = await mark(real, kind, ledger).catch(async (error: unknown) => {
    await lock.release();
    throw error;
  });
  await note(real, null);
  return {
    path: real, ledger: marked.ledger,
    announce: (address) => note(real, address),
    async release() {
      await rm(join(real, 'hub.lock'), { force: true });
      await lock.release();
    },
  };
}

/** Who holds the folder by its own note, or null. The process may be gone; talking to it will tell. */
export async function holderOf(path: string): Promise<Holder | null> {
  try {
    const value = JSON.parse(await readFile(join(path, 'hub.lock'), 'utf8')) as Holder;
    return typeof value.pid === 'number' ? value : null;
  } catch {
    return null;
  }
}

interface Mark {
  readonly kind: FolderKind;
  readonly ledger: string | null;
}

/** The kind a folder was created as, or null where there is none yet. */
export async function kindOf(path: string): Promise<FolderKind | null> {
  return (await markOf(path))?.kind ?? null;
}

async function markOf(path: string): Promise<Mark | null> {
  const file = join(path, 'folder.json');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    const { kind, ledger } = JSON.parse(text) as { kind?: unknown; ledger?: unknown };
    if (kind === 'demo' || kind === 'production') return { kind, ledger: typeof ledger === 'string' ? ledger : null };
  } catch {
    // Told below, as any other content that is not ours.
  }
  throw new StartError(`${file} is damaged.`, 65);
}

async function mark(path: string, kind: FolderKind, ledger: string | null): Promise<Mark> {
  const existing = await markOf(path);
  if (existing && existing.kind !== kind) {
    throw new StartError(
      `The data folder ${path} belongs to a ${existing.kind} hub; a ${kind} hub needs a folder of its own (ENTENTE_DATA).`, 78);
  }
  const wanted: Mark = { kind, ledger: existing?.ledger ?? ledger };
  if (existing === null || existing.ledger !== wanted.ledger) {
    // Written beside and renamed: a crash leaves the old mark or the new one.
    const draft = join(path, 'folder.json.draft');
    await writeFile(draft, `${JSON.stringify({ ...wanted, format: 1 })}\n`, { flush: true });
    await rename(draft, join(path, 'folder.json'));
  }
  return wanted;
}

async function note(path: string, address: string | null): Promise<void> {
  await writeFile(join(path, 'hub.lock'), `${JSON.stringify({ pid: process.pid, address })}\n`);
}

async function refuseFullDisk(path: string): Promise<void> {
  const disk = await statfs(path);
  const free = disk.bavail * disk.bsize;
  if (free < freeBytesLeast) {
    throw new StartError(
      `The disk that holds ${path} is full: ${Math.floor(free / 1e6)} MB are free, ${freeBytesLeast / 1e6} MB are needed.`, 74);
  }
}

async function takeLock(path: string): Promise<{ release: () => Promise<void> }> {
  if (process.platform !== 'linux') return lockByProcess(path);
  const release = await tryLock(path);
  if (!release) throw await inUse(path);
  return { release };
}

/**
 * A lock that the kernel frees with this process, by a name in Linux's abstract socket namespace. Null where another
 * process has it. An engine's process takes one on its own files too: it may outlive a killed hub by a moment.
 */
export async function tryLock(path: string): Promise<(() => Promise<void>) | null> {
  const name = `\0entente-${createHash('sha256').update(path).digest('hex').slice(0, 40)}`;
  const server = createServer((socket) => socket.destroy());
  const taken = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen({ path: name }, () => resolve(true));
  });
  server.unref();
  return taken ? () => closed(server) : null;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

async function lockByProcess(path: string): Promise<{ release: () => Promise<void> }> {
  const holder = await holderOf(path);
  if (holder && holder.pid !== process.pid && isAlive(holder.pid)) throw await inUse(path);
  return { release: async () => undefined };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function inUse(path: string): Promise<StartError> {
  const holder = await holderOf(path);
  const who = holder ? `process ${holder.pid}${holder.address ? ` at ${holder.address}` : ''}` : 'another process';
  return new StartError(`The data folder ${path} is in use by ${who}.`, 75);
}
