/** Starts replicas, cuts and stops them, and reads what they wrote down. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, connect, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkpointOf } from './outside.ts';
import type { Disaster, ReplicaOrders } from './child.ts';

export interface Replica {
  readonly name: string;
  readonly child: ChildProcess;
  readonly wire: Wire;
  order(disaster: Disaster): void;
  signal(name: NodeJS.Signals): void;
  kill(): Promise<void>;
}

export interface Wire {
  readonly url: string;
  /** `silent`: nothing passes and nobody is told; `broken`: connections are reset, new ones refused. */
  cut(how: 'silent' | 'broken'): void;
  mend(): void;
  close(): Promise<void>;
}

/** A way to the database that can be cut. */
export async function wireTo(url: string): Promise<Wire> {
  const target = new URL(url);
  const pairs = new Set<readonly [Socket, Socket]>();
  const state = { cut: false };
  const server: Server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, to] of [[near, far], [far, near]] as const) {
      from.on('data', (piece: Buffer) => { to.write(piece); });
      from.on('error', () => undefined);
      from.on('close', () => {
        // A silent cut hides the end of one side from the other, as a network that is gone does.
        if (state.cut) return;
        to.destroy();
        pairs.delete(pair);
      });
    }
    if (state.cut) for (const socket of pair) socket.pause();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const through = new URL(url);
  through.port = String(port);
  return {
    url: through.href,
    cut(how) {
      state.cut = true;
      for (const pair of pairs) for (const socket of pair) if (how === 'broken') socket.resetAndDestroy(); else socket.pause();
    },
    mend() {
      state.cut = false;
      // What was on its way arrives late, as packets do that are sent again; then the other side learns who is gone.
      for (const pair of pairs) {
        for (const socket of pair) socket.resume();
        if (pair.some((socket) => socket.destroyed)) setTimeout(() => pair.forEach((socket) => socket.destroy()), 50);
      }
    },
    async close() {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const entry = fileURLToPath(new URL('./child.ts', import.meta.url));

export async function startReplica(orders: Omit<ReplicaOrders, 'url'>, wire: Wire): Promise<Replica> {
  writeFileSync(orders.log, '', { flag: 'a' });
  const child = spawn(process.execPath, [
    '--import', 'tsx', '--conditions=dev', entry, JSON.stringify({ ...orders, url: wire.url } satisfies ReplicaOrders),
  ], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  child.on('error', () => undefined);
  await once(child, 'message');
  return {
    name: orders.name, child, wire,
    order: (disaster) => { child.send(disaster); },
    signal: (name) => { process.kill(child.pid ?? 0, name); },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

export const logOf = (folder: string, name: string): string => join(folder, `${name}.log`);

function lines(path: string, word: string): string[] {
  return readFileSync(path, 'utf8').split('\n').filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
}

export const acked = (path: string, name: string): string[] => lines(path, 'acked').map((n) => `${name}-${n}`);
export const faults = (path: string): string[] => lines(path, 'fault');
export const reached = (path: string): string[] => lines(path, 'phase');
/** Every checkpoint that was signed, published or not. */
export const signed = (path: string) =>
  lines(path, 'signature').map((text) => checkpointOf(Buffer.from(text, 'base64').toString()));
