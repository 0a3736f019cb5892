/**
 * An engine in a process of its own: its memory, its crashes and its synchronous stretches stay out of the hub. One
 * request is one message, one answer is one message; a child that dies fails every open request by name. The child
 * ends by itself when the hub is gone ('disconnect'), so kill -9 of the hub leaves no orphan: an engine that closes in a
 * moment closes in order, one that may take its time over closing is ended by `dieWithParent`.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

export interface Child {
  /** Asks the child; rejects with the child's own error, or `engine NAME stopped` if it dies meanwhile. */
  ask<T>(act: string, payload: unknown): Promise<T>;
  readonly pid: number;
  /** Resident memory of the child in MB; null where the system does not tell. */
  residentMb(): Promise<number | null>;
  /** Asks it to close its engine, waits for the exit; kills it after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
  /** Called once if it exits without having been asked to. */
  onLost(report: (reason: string) => void): void;
}

interface Answer { readonly id: number; readonly ok: boolean; readonly value?: unknown; readonly error?: ChildError }
interface ChildError { readonly message: string; readonly code?: string | undefined }

/** An error that the engine reported, with its own code (SQLSTATE for records). */
export class EngineError extends Error {
  readonly code: string | undefined;
  constructor(message: string, code?: string) {
    super(message);
    this.code = code;
  }
}

/** Starts a child from a module beside the caller, `.ts` when the caller runs from source, `.js` from dist. */
export async function startChild(name: string, entry: URL, args: readonly string[]): Promise<Child> {
  const source = entry.pathname.endsWith('.ts');
  const child = fork(fileURLToPath(entry), args, {
    // execArgv must not leak: a test runner's own conditions would make plain node load source files.
    execArgv: source ? ['--import', 'tsx', '--conditions=dev'] : [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    // A Ctrl-C goes to the whole terminal group; the child must outlive it until the hub has closed it in order.
    detached: true,
  });
  await ready(name, child);
  return conversation(name, child);
}

function ready(name: string, child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`engine ${name} stopped at start (exit ${code})`));
    child.once('exit', onExit);
    child.once('error', reject);
    child.once('message', (message: { ready: boolean; error?: ChildError }) => {
      child.off('exit', onExit);
      if (message.ready) resolve();
      else reject(new EngineError(message.error?.message ?? `engine ${name} did not start`, message.error?.code));
    });
  });
}

function conversation(name: string, child: ChildProcess): Child {
  const open = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  const state = { next: 1, stopping: false, gone: false };
  const lost: ((reason: string) => void)[] = [];
  child.on('message', (answer: Answer) => {
    const waiting = open.get(answer.id);
    open.delete(answer.id);
    if (answer.ok) waiting?.resolve(answer.value as never);
    else waiting?.reject(new EngineError(answer.error?.message ?? 'unknown engine error', answer.error?.code));
  });
  child.on('exit', (code, signal) => {
    state.gone = true;
    const reason = `engine ${name} stopped (${signal ?? `exit ${code}`})`;
    for (const waiting of open.values()) waiting.reject(new Error(reason));
    open.clear();
    if (!state.stopping) for (const report of lost) report(reason);
  });
  // Sending to a dead child emits 'error'; unheard it would take the hub down. The exit above says what happened.
  child.on('error', () => undefined);
  return {
    pid: child.pid ?? 0,
    ask<T>(act: string, payload: unknown) {
      return new Promise<T>((resolve, reject) => {
        if (state.gone) return reject(new Error(`engine ${name} is not running`));
        const id = state.next++;
        open.set(id, { resolve, reject });
        child.send({ id, act, payload }, (error) => {
          if (error && open.delete(id)) reject(new Error(`engine ${name} cannot be reached`, { cause: error }));
        });
      });
    },
    residentMb: () => residentMbOf(child.pid ?? 0),
    onLost: (report) => { lost.push(report); },
    async stop(graceMs = 10_000) {
      state.stopping = true;
      if (state.gone) return;
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.send({ id: 0, act: 'stop', payload: null }, () => undefined);
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Resident memory of a process in MB, from /proc; null elsewhere. */
export async function residentMbOf(pid: number): Promise<number | null> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const kb = /^VmRSS:\s+(\d+)/m.exec(status)?.[1];
    return kb === undefined ? null : Number(kb) / 1024;
  } catch {
    return null;
  }
}

/**
 * The child's side, for an engine whose files bear kill -9: ends it at once when the hub is gone, whatever it is doing.
 * Closing in order instead can take longer than the next hub is ready to wait for the folder. Called first of all, since
 * the hub may be gone before the engine stands.
 */
export function dieWithParent(): void {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
}

/** The child's side: answers acts until told to stop or left alone. `stop` runs before the exit. */
export function serveParent(
  acts: Readonly<Record<string, (payload: never) => Promise<unknown>>>,
  stop: () => Promise<void>,
): void {
  const leave = (): void => {
    stop().then(() => process.exit(0), () => process.exit(1));
  };
  process.on('disconnect', leave);
  process.on('message', (request: { id: number; act: string; payload: unknown }) => {
    if (request.act === 'stop') return leave();
    const act = acts[request.act];
    const run = act ? act(request.payload as never) : Promise.reject(new Error(`no act ${request.act}`));
    run.then(
      (value) => process.send?.({ id: request.id, ok: true, value }),
      (error: Error & { code?: string }) =>
        process.send?.({ id: request.id, ok: false, error: { message: error.message, code: error.code } }),
    );
  });
  process.send?.({ ready: true });
}

/** Tells the parent that the engine did not start, and leaves. */
export function failToStart(error: Error & { code?: string }): void {
  process.send?.({ ready: false, error: { message: error.message, code: error.code } }, () => process.exit(1));
}
