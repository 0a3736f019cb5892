/**
 * A hub from its first second to its last: the listener opens before the engines do and says `starting`; then the
 * folder's engines open, the schema comes up to date, the ledger recovers by the path that normal running uses, and the
 * rooms answer. It stops in the opposite order. An engine that dies unasked ends the hub: its state is unknown.
 */
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Refusal, problemOf } from '#kit/refusal';
import { StartError } from '#world/folder';
import { json, problemResponse } from './http/answer.ts';
import type { Files } from './http/files.ts';
import { securityHeaders, type Posture } from './http/guard.ts';
import type { Bindings } from './http/router.ts';

/** How far the start has come, for /healthz and the page that waits for it. */
export interface Progress {
  phase: string;
  done: number;
  total: number;
}

export interface HubDoor {
  /** Base URL of the listener. */
  readonly address: string;
  readonly progress: Progress;
  /** Puts the rooms behind the door; from now on /healthz says `ready`. */
  open(app: Hono<{ Bindings: Bindings }>): void;
  close(): Promise<void>;
}

export interface DoorParts {
  readonly address: string;
  readonly port: number;
  readonly files: Files;
  /** TopoJSON bytes served at /map.json. */
  readonly map: Uint8Array<ArrayBuffer>;
  /** Called with the port once it is known; returns the posture (hosts depend on the port). */
  readonly postureAt: (port: number) => Posture;
}

/** Opens the listener. A taken port is one sentence, before any engine starts. */
export async function openDoor(parts: DoorParts): Promise<HubDoor> {
  const state: { app: Hono<{ Bindings: Bindings }> | null } = { app: null };
  const progress: Progress = { phase: 'engines', done: 0, total: 0 };
  const posture: { now: Posture | null } = { now: null };
  const shell = shellOf(parts, progress, () => state.app, () => posture.now);
  const server = createServer(getRequestListener(shell.fetch as never));
  // Streams (uploads, bundles) may last; slow headers may not.
  server.requestTimeout = 0;
  server.headersTimeout = 20_000;
  await listen(server, parts);
  const { port } = server.address() as AddressInfo;
  posture.now = parts.postureAt(port);
  return {
    address: `http://${parts.address.includes(':') ? `[${parts.address}]` : parts.address}:${port}`,
    progress,
    open: (app) => { state.app = app; },
    close: () => closeServer(server),
  };
}

function shellOf(
  parts: DoorParts, progress: Progress, app: () => Hono<{ Bindings: Bindings }> | null, posture: () => Posture | null,
): Hono<{ Bindings: Bindings }> {
  const shell = new Hono<{ Bindings: Bindings }>();
  shell.use('*', async (c, next) => {
    const now = posture();
    const host = (c.req.header('host') ?? '').toLowerCase();
    if (!now || (!now.hosts.includes(host) && c.req.path !== '/healthz')) {
      return problemResponse(problemOf(new Refusal('forbidden', 'request.unknown-host',
        'This hub does not answer for that host name.')));
    }
    await next();
    for (const [name, value] of Object.entries(securityHeaders(now.cookie.secure))) c.res.headers.set(name, value);
  });
  shell.get('/healthz', () => json(app() ? { status: 'ready' } : { status: 'starting', ...progress }));
  shell.get('/map.json', () => new Response(parts.map, {
    headers: { 'content-type': 'application/json', 'cache-control': 'no-cache' },
  }));
  shell.all('*', async (c) => {
    const { path, method } = c.req;
    const ours = /^\/(api|ledger|scim|taxii2|misp|openapi\.json)(\/|$)/.test(path);
    if (ours) return rooms(c.req.raw, c.env, app());
    if (method !== 'GET' && method !== 'HEAD') {
      return problemResponse(problemOf(new Refusal('not-found', 'address.not-found', 'There is no such address.')));
    }
    const file = parts.files.serve(c.req.raw);
    if (file) return file;
    // A missing file is a 404; only an address without an ending is a page that the shell may know.
    return /\.[a-z0-9]+$/i.test(path) ? new Response('not found', { status: 404 }) : parts.files.shell(c.req.raw);
  });
  return shell;
}

async function rooms(
  request: Request, env: Bindings, app: Hono<{ Bindings: Bindings }> | null,
): Promise<Response> {
  if (app) return app.fetch(request, env);
  return problemResponse(problemOf(new Refusal('unavailable', 'hub.starting', 'The hub is starting.', {
    hint: 'Ask /healthz until it says ready.',
  })));
}

function listen(server: Server, parts: DoorParts): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') {
        reject(new StartError(`Port ${parts.port} is taken; free it or choose another with ENTENTE_PORT.`, 69));
      } else if (error.code === 'EACCES') {
        reject(new StartError(`Port ${parts.port} may not be used by this account; choose one above 1023.`, 69));
      } else {
        reject(new StartError(`The hub cannot listen on ${parts.address}:${parts.port} (${error.code}).`, 69));
      }
    });
    server.listen(parts.port, parts.address, resolve);
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // Whoever still streams has two seconds; then the connection is cut, so that the stop comes to an end.
    setTimeout(() => server.closeAllConnections(), 2_000).unref();
    server.closeIdleConnections();
  });
}
