/** A hub of the tests behind a real port, for what only a connection shows: where an answer breaks off. */
import { getRequestListener } from '@hono/node-server';
import { createServer, request as ask, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Hono } from 'hono';
import { demoPosture, origin } from '../hub.ts';

export interface Port {
  /** Opens a request and resolves with its answer's head; the body is the caller's to read. */
  open(method: string, path: string, headers?: Record<string, string>, body?: AsyncIterable<Uint8Array>): Promise<Answering>;
  close(): Promise<void>;
}

/** An answer on its way. */
export interface Answering {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Bytes so far. */
  received(): number;
  /** Text so far. */
  text(): string;
  /** Whether the hub has let go of the connection, which a reader who takes nothing does not see. */
  left(): boolean;
  /** Resolves when the answer is over: whole, or broken off. */
  readonly over: Promise<'whole' | 'broken'>;
  pause(): void;
  resume(): void;
  /** Resolves once `found` is true of the text so far. */
  until(found: (text: string) => boolean): Promise<void>;
}

/** `keep` false for answers too large to be held. */
export async function behindPort(app: Pick<Hono<never>, 'fetch'>, keep = true): Promise<Port> {
  const left = new Set<string>();
  const asked = { count: 0 };
  const listener = getRequestListener(app.fetch as never);
  const server = createServer((request, response) => {
    response.on('close', () => left.add(String(request.headers['x-asked'])));
    void listener(request, response);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  return {
    open: (method, path, headers = {}, body) => new Promise((resolve, reject) => {
      const number = String(asked.count++);
      const outgoing = ask({
        host: '127.0.0.1', port, method, path, agent: false,
        headers: { host: demoPosture.hosts[0] ?? '', ...(method === 'GET' ? {} : { origin }), ...headers, 'x-asked': number },
      }, (message) => resolve(answering(message, keep, () => left.has(number))));
      outgoing.on('error', reject);
      if (!body) outgoing.end();
      else void pour(outgoing, body);
    }),
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

async function pour(outgoing: ReturnType<typeof ask>, body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of body) {
    if (outgoing.destroyed) return;
    outgoing.write(piece);
  }
  outgoing.end();
}

function answering(message: IncomingMessage, keep: boolean, left: () => boolean): Answering {
  const state = { bytes: 0, text: '', waiting: [] as (() => void)[] };
  message.on('data', (piece: Buffer) => {
    state.bytes += piece.length;
    if (keep) state.text += piece.toString('utf8');
    state.waiting.splice(0).forEach((look) => look());
  });
  // The connection's own failure: it is what `over` tells.
  message.on('error', () => undefined);
  const over = new Promise<'whole' | 'broken'>((resolve) => {
    message.on('close', () => resolve(message.complete ? 'whole' : 'broken'));
  });
  return {
    status: message.statusCode ?? 0, headers: message.headers, over, left,
    received: () => state.bytes, text: () => state.text,
    pause: () => void message.pause(), resume: () => void message.resume(),
    async until(found) {
      while (!found(state.text)) await new Promise<void>((resolve) => { state.waiting.push(resolve); });
    },
  };
}
