import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { outboundOver } from '../http/client.ts';
import { fakeObjects } from './fake.ts';
import type { Bucket, Objects } from './port.ts';
import { s3Objects } from './s3.ts';

/** What a store holds, and how it speaks: XML of ListObjectsV2, and objects by path. */
const at: { server?: Server; port: number; kept: Map<string, string>; asked: string[]; signed: string[]; failing: number; broken: boolean } =
  { port: 0, kept: new Map(), asked: [], signed: [], failing: 0, broken: false };

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
/** The signature that the request should have (AWS Signature Version 4), from what the server saw. */
function signatureOf(request: IncomingMessage): { stated: string; right: string } {
  const [, scope = '', names = '', stated = ''] = /Credential=key\/([^,]+), SignedHeaders=([^,]+), Signature=(\w+)/.exec(
    request.headers.authorization ?? '') ?? [];
  const url = new URL(request.url ?? '', 'http://x');
  const query = [...url.searchParams].map(([k, v]) => `${encodeURIComponent(k)}=${encodeURIComponent(v)}`).sort().join('&');
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name] ?? '').trim()}\n`).join('');
  const canonical = [request.method, url.pathname, query, headers, names, request.headers['x-amz-content-sha256']].join('\n');
  const date = String(request.headers['x-amz-date']);
  const text = ['AWS4-HMAC-SHA256', date, scope, createHash('sha256').update(canonical).digest('hex')].join('\n');
  const [day = '', region = '', service = ''] = scope.split('/');
  const key = hmac(hmac(hmac(hmac('AWS4secret', day), region), service), 'aws4_request');
  return { stated, right: hmac(key, text).toString('hex') };
}

beforeAll(async () => {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    at.asked.push(`${request.method} ${url.pathname} ${request.headers.host}`);
    const { stated, right } = signatureOf(request);
    if (stated !== right || stated === '') {
      return void response.writeHead(403, { 'content-type': 'application/xml' })
        .end('<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>');
    }
    if (at.failing > 0) return void response.writeHead(at.failing).end('<Error><Code>SlowDown</Code></Error>');
    const key = decodeURIComponent(url.pathname.replace(/^\/reports\/?/, ''));
    if (key === '') {
      const [prefix, after] = [url.searchParams.get('prefix') ?? '', url.searchParams.get('start-after') ?? ''];
      const keys = [...at.kept.keys()].filter((k) => k.startsWith(prefix) && k > after).sort().slice(0, 1000);
      const entries = keys.map((k) => `<Contents><Key>${k.replaceAll('&', '&amp;')}</Key><Size>${at.kept.get(k)?.length}</Size></Contents>`);
      return void response.writeHead(200, { 'content-type': 'application/xml' })
        .end(`<?xml version="1.0"?><ListBucketResult><Name>reports</Name>${entries.join('')}<IsTruncated>false</IsTruncated></ListBucketResult>`);
    }
    const found = at.kept.get(key);
    if (found === undefined) return void response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    if (at.broken) {
      response.writeHead(200, { 'content-length': String(found.length) });
      response.write(found.slice(0, 5));
      return void response.socket?.end();
    }
    response.writeHead(200, { 'content-type': 'text/csv' }).end(found);
  });
  at.server = server;
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  at.port = (server.address() as AddressInfo).port;
});
beforeEach(() => { Object.assign(at, { failing: 0, broken: false }); });
afterAll(() => new Promise((resolve) => { at.server?.close(resolve); at.server?.closeAllConnections(); }));

const bucket = (over: Partial<Bucket> = {}): Bucket => ({
  endpoint: `http://127.0.0.1:${at.port}`, region: 'eu-1', bucket: 'reports', pathStyle: true, accessKeyId: 'key', secretAccessKey: 'secret', ...over,
});
const outbound = (allow = [`127.0.0.1:${at.port}`]) => outboundOver({ policy: { allow } });
const text = async (bytes: AsyncIterable<Uint8Array>): Promise<string> => {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces).toString();
};
const reasonOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => 'done', (error: { reason?: string }) => error.reason ?? error);
const content = { 'in/2026-06-13.csv': 'the thirteenth', 'in/2026-06-14 é&+(1).csv': 'the fourteenth', 'other/x': 'x' };

describe.each([
  ['S3', (): Objects => {
    at.kept = new Map(Object.entries(content));
    return s3Objects(outbound());
  }],
  ['the fake', (): Objects => {
    const objects = fakeObjects();
    for (const [key, value] of Object.entries(content)) objects.put(key, value);
    return objects;
  }],
] as const)('objects by %s', (_, open) => {
  test('are listed by prefix after a key, and read whole', async () => {
    const objects = open();
    expect(await objects.list(bucket(), 'in/', null)).toEqual([
      { key: 'in/2026-06-13.csv', sizeBytes: 14 }, { key: 'in/2026-06-14 é&+(1).csv', sizeBytes: 14 },
    ]);
    expect((await objects.list(bucket(), 'in/', 'in/2026-06-13.csv')).map(({ key }) => key)).toEqual(['in/2026-06-14 é&+(1).csv']);
    expect(await objects.list(bucket(), 'none/', null)).toEqual([]);
    expect(await text(await objects.open(bucket(), 'in/2026-06-14 é&+(1).csv', 14))).toBe('the fourteenth');
  });
  test('too long a one is too large, a missing one is refused', async () => {
    const objects = open();
    expect(await reasonOf(objects.open(bucket(), 'in/2026-06-13.csv', 13).then(text))).toBe('too-large');
    expect(await reasonOf(objects.open(bucket(), 'in/none', 13))).toBe('refused');
  });
});

describe('S3', () => {
  test('a wrong secret, a store in trouble, one that breaks off and one that is gone each have their name', async () => {
    const objects = s3Objects(outbound());
    expect(await reasonOf(objects.list(bucket({ secretAccessKey: 'other' }), '', null))).toBe('refused');
    at.failing = 503;
    expect(await reasonOf(objects.list(bucket(), '', null))).toBe('unreachable');
    at.failing = 0;
    at.broken = true;
    expect(await reasonOf(objects.open(bucket(), 'other/x', 10).then(text).then(() =>
      objects.open(bucket(), 'in/2026-06-13.csv', 100)).then(text))).toBe('unreachable');
    expect(await reasonOf(s3Objects(outbound(['127.0.0.1:1'])).list(bucket({ endpoint: 'http://127.0.0.1:1' }), '', null))).toBe('unreachable');
  });
  test('asks nobody inside the own networks that the setting does not name', async () => {
    const before = at.asked.length;
    for (const endpoint of [`http://127.0.0.1:${at.port}`, 'http://169.254.169.254', 'http://localhost']) {
      expect(await reasonOf(s3Objects(outbound([])).list(bucket({ endpoint }), '', null))).toBe('blocked');
    }
    expect(at.asked.length).toBe(before);
  });
  test('names the bucket in the host where the path is not to have it', async () => {
    const seen: string[] = [];
    const objects = s3Objects({
      ...outbound(), open: async ({ url }) => {
        seen.push(url);
        return { status: 403, headers: {}, url, body: (async function* none() { yield new Uint8Array(0); })(), cancel: () => undefined };
      },
    });
    await reasonOf(objects.list(bucket({ endpoint: null, pathStyle: false }), 'a b/', null));
    expect(seen).toEqual(['https://reports.s3.eu-1.amazonaws.com/?list-type=2&prefix=a%20b%2F&max-keys=1000']);
  });
});
