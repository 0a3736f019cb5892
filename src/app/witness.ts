/**
 * A witness as a server of its own (C2SP tlog-witness): cosigns checkpoints of the logs that its policy names, each only if
 * it continues what it cosigned before. The decisions are kit/witness; here are the socket, the state and the keys. Check
 * and store are one step: requests for one log go one after the other, one process holds the folder, and the new head is
 * synced before the cosignature exists. If we crash in between, the log asks again, learns the size and goes on.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fromBase64, fromUtf8, toBase64, toUtf8 } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { cosignatureType, mlDsaType, verifierKey } from '#kit/note/note';
import type { NoteSigner } from '#kit/note/note';
import type { Policy } from '#kit/note/policy';
import { cosignatureLines, decideAddCheckpoint, malformed } from '#kit/witness/decide';
import type { Decision, KnownHead } from '#kit/witness/decide';
import { maxRequestBytes, parseAddCheckpoint } from '#kit/witness/add-checkpoint';
import type { AddCheckpoint } from '#kit/witness/add-checkpoint';
import type { Blobs } from '#world/blobs/port';
import type { Clock } from '#world/clock';
import { StartError } from '#world/folder';
import type { Keys } from '#world/keys/port';
import type { Trace } from '#world/trace';

export interface WitnessParts {
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly trace: Trace;
  readonly cosigners: readonly NoteSigner[];
  /** Its `log` lines are what is cosigned; nothing else of it is used. */
  readonly policy: Policy;
}

/** The two keys of a witness of this name: Ed25519 and ML-DSA-44. */
export async function witnessKeys(keys: Keys, name: string): Promise<NoteSigner[]> {
  const kinds = [['witness', 'ed25519', cosignatureType], ['witness-mldsa', 'ml-dsa-44', mlDsaType]] as const;
  return Promise.all(kinds.map(async ([file, kind, type]) => {
    const signer = await keys.signer(file, kind);
    return { key: await verifierKey(nodeVerifying, name, type, signer.publicKey), sign: (message: Uint8Array) => signer.sign(message) };
  }));
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** The newest head that was cosigned for each origin, among the blobs: one small file an origin. */
class Heads {
  readonly #blobs: Blobs;
  constructor(blobs: Blobs) {
    this.#blobs = blobs;
  }

  #name(origin: string): string {
    return `witness/${createHash('sha256').update(origin).digest('hex')}`;
  }

  async read(origin: string): Promise<KnownHead | null> {
    const bytes = await this.#blobs.read(this.#name(origin));
    if (!bytes) return null;
    const [name, size = '', root = ''] = (fromUtf8(bytes) ?? '').split('\n');
    const hash = fromBase64(root);
    // Going on from a damaged state could cosign a second history.
    if (name !== origin || !/^\d{1,16}$/.test(size) || hash?.length !== 32) throw new Error(`the state for ${origin} is damaged`);
    return { size: Number(size), root: hash };
  }

  write(origin: string, { size, root }: KnownHead): Promise<void> {
    return this.#blobs.write(this.#name(origin), toUtf8(`${origin}\n${size}\n${toBase64(root)}\n`));
  }
}

/** Answers one body of `add-checkpoint`. */
export function addCheckpoints(parts: WitnessParts): (body: Uint8Array) => Promise<Answer> {
  const heads = new Heads(parts.blobs);
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = <T>(origin: string, work: () => Promise<T>): Promise<T> => {
    const mine = (turns.get(origin) ?? Promise.resolve()).catch(() => undefined).then(work);
    turns.set(origin, mine);
    return mine;
  };
  const decide = async (request: AddCheckpoint): Promise<Decision> => {
    const { origin } = request.checkpoint;
    const keys = parts.policy.logs.filter((key) => key.name === origin);
    if (keys.length === 0) return decideAddCheckpoint(nodeVerifying, request, keys, null);
    return inTurn(origin, async () => {
      const decision = await decideAddCheckpoint(nodeVerifying, request, keys, await heads.read(origin));
      if (decision.status === 200) await heads.write(origin, decision.next);
      return decision;
    });
  };
  return async (body) => {
    const request = parseAddCheckpoint(body);
    const decision = typeof request === 'string' ? malformed(request) : await decide(request);
    if (decision.status === 200) {
      const time = BigInt(Math.floor(parts.clock.now() / 1000));
      const lines = await cosignatureLines(decision.text, parts.cosigners, time);
      return { status: 200, contentType: 'text/plain; charset=utf-8', body: lines };
    }
    if (decision.fork && typeof request !== 'string') await keepEvidence(parts, request.checkpoint.origin, body);
    return decision;
  };
}

/** Two trees of one size under one signature: kept by hash, so that nobody can deny it, and told. */
async function keepEvidence({ blobs, trace }: WitnessParts, origin: string, body: Uint8Array): Promise<void> {
  const { sha256 } = await blobs.put(body);
  trace.error('witness.fork', new Error('a log has signed a second tree'), { origin, evidence: sha256 });
}

export interface RunningWitness {
  readonly address: string;
  close(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array | null> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > maxRequestBytes) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

const plain = (status: number, body: string): Answer => ({ status, contentType: 'text/plain; charset=utf-8', body: `${body}\n` });

async function respond(parts: WitnessParts, add: (body: Uint8Array) => Promise<Answer>, request: IncomingMessage): Promise<Answer> {
  const path = (request.url ?? '').split('?')[0];
  if (path === '/healthz') return plain(200, 'ready');
  if (path !== '/add-checkpoint') return plain(404, 'there is no such address');
  if (request.method !== 'POST') return plain(405, 'add-checkpoint is asked with POST');
  const body = await bodyOf(request);
  if (!body) return plain(413, `the request has more than ${maxRequestBytes} bytes`);
  return add(body).catch((error: unknown) => {
    parts.trace.error('witness.fault', error);
    return plain(500, 'something broke on our side');
  });
}

function send(response: ServerResponse, { status, contentType, body }: Answer): void {
  // What was not read of a body that is too large is not waited for.
  if (status === 413) response.setHeader('connection', 'close');
  response.writeHead(status, { 'content-type': contentType, 'x-content-type-options': 'nosniff' }).end(body);
}

/** Listens; `at` is an address and a port. TLS ends in front of it. */
export async function openWitness(parts: WitnessParts, at: { readonly address: string; readonly port: number }): Promise<RunningWitness> {
  const add = addCheckpoints(parts);
  const server = createServer((request, response) => {
    respond(parts, add, request).then((answer) => send(response, answer), () => response.destroy());
  });
  server.requestTimeout = 15_000;
  server.headersTimeout = 10_000;
  server.maxConnections = 200;
  await listen(server, at);
  const { port } = server.address() as AddressInfo;
  const host = at.address.includes(':') ? `[${at.address}]` : at.address;
  return {
    address: `http://${host}:${port}`,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

export function listen(server: Server, { address, port }: { readonly address: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new StartError(`Nothing can listen on ${address}:${port} (${error.code}).`, 69, { cause: error }));
    });
    server.listen(port, address, resolve);
  });
}
