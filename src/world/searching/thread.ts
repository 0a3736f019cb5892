/** A worker thread beside the hub: started from source or from the build, told by messages, replaced by whoever uses it when it dies. */
import { fileURLToPath } from 'node:url';
import { Worker, type TransferListItem } from 'node:worker_threads';
import { IndexDamage } from '#kit/search/index/damage';

/** How a thread tells that something went wrong. */
export interface Failure {
  readonly message: string;
  readonly damage: boolean;
}

export const failureOf = (error: unknown): Failure =>
  ({ message: error instanceof Error ? error.message : String(error), damage: error instanceof IndexDamage });
export const errorOf = ({ message, damage }: Failure): Error => (damage ? new IndexDamage(message) : new Error(message));

export interface Thread<In, Out> {
  tell(message: In, transfer?: readonly TransferListItem[]): void;
  onTold(take: (message: Out) => void): void;
  /** Called once when it is gone, whether it was stopped or died. */
  onGone(report: (reason: string) => void): void;
  stop(): Promise<void>;
}

/** A thread's first file is not loaded by the loader that is named for it: so its first file is a line that loads the second. */
function fromSource(entry: URL): Worker {
  const code = `import('tsx/esm/api').then(({ register }) => { register(); return import('${entry.href}'); })`;
  return new Worker(code, { eval: true, execArgv: ['--conditions=dev'] });
}

/** `entry` lies beside the caller, `.ts` when the caller runs from source, `.js` from the build. */
export function startThread<In, Out>(entry: URL): Thread<In, Out> {
  const worker = entry.pathname.endsWith('.ts') ? fromSource(entry) : new Worker(fileURLToPath(entry), { execArgv: [] });
  const state = { reason: 'it was stopped' };
  worker.on('error', (error) => { state.reason = error.message; });
  // A thread that has nothing to do keeps no process alive.
  worker.unref();
  return {
    tell: (message, transfer = []) => worker.postMessage(message, transfer),
    onTold: (take) => { worker.on('message', take); },
    onGone: (report) => { worker.once('exit', () => report(state.reason)); },
    stop: async () => { await worker.terminate(); },
  };
}
