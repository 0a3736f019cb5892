/**
 * A bucket for tests, behind a port of its own: of S3 what `s3.ts` asks for, conditional writes and uploads in parts among it, after the
 * documentation of its makers. It knows one key, checks no signature, and holds what it keeps in memory.
 */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BlobStore } from './s3.ts';

export interface Bucket {
  readonly store: BlobStore;
  /** Methods and keys, in the order in which they came. */
  readonly asked: readonly string[];
  /** What the next requests of a method are answered with. */
  failing: { readonly method: string; readonly status: number } | null;
  /** Uploads in parts that were begun and neither ended nor given up. */
  uploads(): number;
  put(key: string, bytes: Uint8Array): void;
  /** The next write of an object waits, until it is let go. */
  holdNextPut(): void;
  putIsHeld(): Promise<void>;
  letGo(): void;
  close(): Promise<void>;
}

interface Gate { arrived: () => void; readonly hasArrived: Promise<void>; open: () => void; readonly opened: Promise<void> }
function gate(): Gate {
  const made = { arrived: () => undefined, open: () => undefined } as { arrived: () => void; open: () => void };
  const hasArrived = new Promise<void>((resolve) => { made.arrived = resolve; });
  const opened = new Promise<void>((resolve) => { made.open = resolve; });
  return { ...made, hasArrived, opened };
}

interface Held {
  readonly objects: Map<string, Buffer>;
  readonly uploads: Map<string, Map<number, Buffer>>;
  readonly asked: string[];
  failing: Bucket['failing'];
  gate: Gate | null;
}
interface Asked { readonly method: string; readonly key: string; readonly url: URL; readonly headers: IncomingMessage['headers']; readonly body: Buffer }
interface Answer { readonly status: number; readonly headers?: Record<string, string>; readonly body?: Buffer | string }

const name = 'hub-blobs';
const etagOf = (bytes: Uint8Array): string => `"${createHash('md5').update(bytes).digest('hex')}"`;
const asXml = { 'content-type': 'application/xml' };
const refused = (status: number, code: string): Answer => ({ status, headers: asXml, body: `<Error><Code>${code}</Code></Error>` });
const xml = (body: string): Answer => ({ status: 200, headers: asXml, body: `<?xml version="1.0"?>${body}` });

function write(held: Held, { key, headers, body }: Asked): Answer {
  const before = held.objects.get(key);
  if (headers['if-none-match'] === '*' && before) return refused(412, 'PreconditionFailed');
  const match = headers['if-match'];
  if (match !== undefined && !before) return refused(404, 'NoSuchKey');
  if (match !== undefined && before && etagOf(before) !== match) return refused(412, 'PreconditionFailed');
  held.objects.set(key, body);
  return { status: 200, headers: { etag: etagOf(body) } };
}

function inParts(held: Held, asked: Asked): Answer | null {
  const { method, key, url, body } = asked;
  const id = url.searchParams.get('uploadId');
  if (method === 'POST' && url.searchParams.has('uploads')) {
    const begun = `up${held.asked.length}`;
    held.uploads.set(begun, new Map());
    return xml(`<InitiateMultipartUploadResult><UploadId>${begun}</UploadId></InitiateMultipartUploadResult>`);
  }
  if (id === null) return null;
  const parts = held.uploads.get(id);
  if (!parts) return refused(404, 'NoSuchUpload');
  if (method === 'PUT') {
    parts.set(Number(url.searchParams.get('partNumber')), body);
    return { status: 200, headers: { etag: etagOf(body) } };
  }
  held.uploads.delete(id);
  if (method === 'DELETE') return { status: 204 };
  held.objects.set(key, Buffer.concat([...parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes)));
  return xml('<CompleteMultipartUploadResult><ETag>"x-2"</ETag></CompleteMultipartUploadResult>');
}

function read(held: Held, { method, key, headers }: Asked): Answer {
  const found = held.objects.get(key);
  if (!found) return refused(404, 'NoSuchKey');
  const etag = etagOf(found);
  if (method === 'HEAD') return { status: 200, headers: { etag, 'content-length': String(found.length) } };
  const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '');
  if (!range) return { status: 200, headers: { etag }, body: found };
  const [from, to] = [Number(range[1]), Number(range[2])];
  return from >= found.length ? refused(416, 'InvalidRange') : { status: 206, headers: { etag }, body: found.subarray(from, to + 1) };
}

function listed(held: Held, { url }: Asked): Answer {
  const [prefix, after] = [url.searchParams.get('prefix') ?? '', url.searchParams.get('continuation-token') ?? ''];
  const keys = [...held.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const page = keys.slice(0, 1_000);
  const more = keys.length > page.length;
  return xml(`<ListBucketResult><IsTruncated>${more}</IsTruncated>${more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''}${
    page.map((key) => `<Contents><Key>${key}</Key><Size>${held.objects.get(key)?.length}</Size></Contents>`).join('')}</ListBucketResult>`);
}

async function answerTo(held: Held, asked: Asked): Promise<Answer> {
  const { method, key, url } = asked;
  if (!(asked.headers.authorization ?? '').includes('Credential=key/')) return refused(403, 'InvalidAccessKeyId');
  if (held.failing?.method === method) return refused(held.failing.status, 'InternalError');
  if (!url.pathname.startsWith(`/${name}`)) return refused(404, 'NoSuchBucket');
  if (key === '') return method === 'HEAD' ? { status: 200 } : listed(held, asked);
  const parts = inParts(held, asked);
  if (parts) return parts;
  if (method === 'GET' || method === 'HEAD') return read(held, asked);
  if (method === 'DELETE') {
    held.objects.delete(key);
    return { status: 204 };
  }
  const waiting = held.gate;
  held.gate = null;
  waiting?.arrived();
  await waiting?.opened;
  return write(held, asked);
}

async function respond(held: Held, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const url = new URL(request.url ?? '', 'http://bucket');
  const key = decodeURIComponent(url.pathname.slice(name.length + 2));
  held.asked.push(`${request.method} ${key}`);
  const asked = { method: request.method ?? '', key, url, headers: request.headers, body: Buffer.concat(pieces) };
  const { status, headers = {}, body } = await answerTo(held, asked);
  response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
}

export async function openBucket(): Promise<Bucket> {
  const held: Held = { objects: new Map(), uploads: new Map(), asked: [], failing: null, gate: null };
  const state: { last: Gate } = { last: gate() };
  const server = createServer((request, response) => void respond(held, request, response));
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  return {
    store: { endpoint: `http://127.0.0.1:${port}`, region: 'eu-1', bucket: name, prefix: '', accessKeyId: 'key', secretAccessKey: 'secret' },
    asked: held.asked,
    get failing() { return held.failing; },
    set failing(value) { held.failing = value; },
    uploads: () => held.uploads.size,
    put: (key, bytes) => void held.objects.set(key, Buffer.from(bytes)),
    holdNextPut() {
      state.last = gate();
      held.gate = state.last;
    },
    putIsHeld: () => state.last.hasArrived,
    letGo: () => state.last.open(),
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
