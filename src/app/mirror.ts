/**
 * A mirror's own door: serves the copied log as the log serves itself (C2SP tlog-tiles), and how the copy stands. Nothing is
 * served that the copied checkpoint does not imply.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toUtf8 } from '#kit/encoding';
import { impliedBy, parseTilePath, tileWidth } from '#kit/merkle/tiles';
import type { Blobs } from '#world/blobs/port';
import { heldLog } from '#modules/ledger/index';
import { listen, type RunningWitness } from './witness.ts';

interface Served {
  readonly status: number;
  readonly type: string;
  readonly age: string;
  readonly body: Uint8Array;
}

const none: Served = { status: 404, type: 'text/plain; charset=utf-8', age: 'no-store', body: toUtf8('there is no such thing\n') };

async function served(blobs: Blobs, status: () => string, path: string): Promise<Served> {
  if (path === '/healthz') return { ...none, status: 200, body: toUtf8('ready\n') };
  if (path === '/status') return { status: 200, type: 'application/json', age: 'no-store', body: toUtf8(status()) };
  const log = await heldLog(blobs);
  if (!log) return none;
  if (path === '/checkpoint') return { status: 200, type: 'text/plain; charset=utf-8', age: 'no-cache', body: log.bytes };
  const tile = parseTilePath(path.slice(1));
  const body = tile && impliedBy(log.checkpoint.size, tile) ? await blobs.read(`ledger${path}`) : null;
  if (!tile || !body) return none;
  const age = tile.width === tileWidth ? 'public, max-age=31536000, immutable' : 'public, max-age=60';
  return { status: 200, type: 'application/octet-stream', age, body };
}

export async function openMirror(
  blobs: Blobs, status: () => string, at: { readonly address: string; readonly port: number },
): Promise<RunningWitness> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405).end();
      return;
    }
    served(blobs, status, path).then(({ status: code, type, age, body }) => {
      response.writeHead(code, {
        'content-type': type, 'cache-control': age, 'content-length': String(body.length), 'x-content-type-options': 'nosniff',
      }).end(request.method === 'HEAD' ? undefined : body);
    }, () => response.writeHead(500).end());
  });
  server.requestTimeout = 15_000;
  server.headersTimeout = 10_000;
  server.maxConnections = 200;
  await listen(server, at);
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://${at.address.includes(':') ? `[${at.address}]` : at.address}:${port}`,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
