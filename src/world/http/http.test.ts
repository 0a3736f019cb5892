import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outboundOver, type Resolve } from './client.ts';
import { fakeOutbound } from './fake.ts';
import { OutboundError, type Outbound, type OutboundReason } from './port.ts';
import { isOpen, parseAllowed, targetOf } from './rules.ts';

const reasonOf = (work: Promise<unknown>): Promise<OutboundReason | 'answered'> =>
  work.then(() => 'answered' as const, (error: unknown) => {
    if (error instanceof OutboundError) return error.reason;
    throw error;
  });

async function whole(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

const at: { server?: Server; port: number; hits: string[]; replies: Map<string, RequestListener> } = {
  port: 0, hits: [], replies: new Map(),
};
beforeAll(async () => {
  const server = createServer((request, response) => {
    at.hits.push(`${request.method} ${request.url}`);
    const reply = at.replies.get((request.url ?? '').split('?')[0] ?? '');
    if (reply) reply(request, response);
    else response.writeHead(404).end('none');
  });
  at.server = server;
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  at.port = (server.address() as AddressInfo).port;
  at.replies.set('/plain', (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => response.setHeader('x-seen', request.headers['authorization'] ?? 'nothing')
      .end(`hello ${Buffer.concat(pieces).toString()}`));
  });
  at.replies.set('/away', (_, response) => void response.writeHead(302, { location: '/plain' }).end());
  at.replies.set('/loop', (_, response) => void response.writeHead(302, { location: '/loop' }).end());
  at.replies.set('/large', (_, response) => void response.end('x'.repeat(5000)));
  at.replies.set('/slow', () => undefined);
  at.replies.set('/stalls', (_, response) => {
    response.write('begun');
  });
  at.replies.set('/drips', (_, response) => {
    for (let i = 0; i < 6; i++) setTimeout(() => response.write(`${i}`), 200 * i);
    setTimeout(() => response.end(), 1200);
  });
  at.replies.set('/broken', (_, response) => {
    response.writeHead(200, { 'content-length': '100' });
    response.write('half');
    response.socket?.end();
  });
  for (const [name, to] of [
    ['/to-file', 'file:///etc/passwd'], ['/to-link', 'http://169.254.169.254/latest'], ['/to-ten', '//10.0.0.1/'],
    ['/to-octal', 'http://0177.0.0.1/'], ['/to-user', 'http://a:b@example.org/'], ['/to-port', 'http://example.org:22/'],
  ] as const) at.replies.set(name, (_, response) => void response.writeHead(307, { location: to }).end());
});
afterAll(() => new Promise((resolve) => { at.server?.close(resolve); at.server?.closeAllConnections(); }));

const here = (): string => `127.0.0.1:${at.port}`;
const real = (resolve?: Resolve): Outbound =>
  outboundOver({ policy: { allow: [here(), `witness.example:${at.port}`] }, ...(resolve ? { resolve } : {}) });

describe('the contract', () => {
  const fake = (): Outbound => fakeOutbound(({ url, body, headers }) => {
    const { pathname } = new URL(url);
    if (pathname === '/plain') return { body: `hello ${String(body ?? '')}`, headers: { 'x-seen': headers?.['authorization'] ?? 'nothing' } };
    if (pathname === '/away') return { status: 302, headers: { location: '/plain' } };
    if (pathname === '/loop') return { status: 302, headers: { location: '/loop' } };
    if (pathname === '/large') return { body: 'x'.repeat(5000) };
    return { status: 404, body: 'none' };
  }, { allow: [here()] });
  describe.each([['node', () => real()], ['fake', fake]] as const)('%s', (_, open) => {
    const text = (body: Uint8Array): string => new TextDecoder().decode(body);
    test('answers with status, headers, body and where it came from', async () => {
      const answer = await open().ask({ url: `http://${here()}/plain`, method: 'POST', body: 'you', headers: { authorization: 'x' } });
      expect([answer.status, text(answer.body), answer.headers['x-seen']]).toEqual([200, 'hello you', 'x']);
      expect((await open().ask({ url: `http://${here()}/nothing` })).status).toBe(404);
    });
    test('follows redirects of GET, none where told so, and not without end', async () => {
      const followed = await open().ask({ url: `http://${here()}/away` });
      expect([text(followed.body), followed.url]).toEqual(['hello ', `http://${here()}/plain`]);
      expect((await open().ask({ url: `http://${here()}/away`, redirectsMax: 0 })).status).toBe(302);
      expect(await reasonOf(open().ask({ url: `http://${here()}/loop` }))).toBe('redirect');
    });
    test('streams the same, follows the same, and ends where it is too long', async () => {
      const opened = await open().open({ url: `http://${here()}/away`, bytesMax: 6 });
      expect([opened.status, text(await whole(opened.body)), opened.url]).toEqual([200, 'hello ', `http://${here()}/plain`]);
      const large = await open().open({ url: `http://${here()}/large`, bytesMax: 4999 });
      expect([large.status, await reasonOf(whole(large.body))]).toEqual([200, 'too-large']);
      expect((await open().open({ url: `http://${here()}/nothing` })).status).toBe(404);
      expect(await reasonOf(open().open({ url: 'http://10.0.0.1/' }))).toBe('blocked');
    });
    test('locates mail servers by the same rules', async () => {
      expect(await reasonOf(open().locate('10.0.0.1', 993))).toBe('blocked');
      expect(await reasonOf(open().locate('localhost', 993))).toBe('blocked');
      expect(await reasonOf(open().locate('mail.example.org', 25))).toBe('blocked');
      expect(await open().locate('192.0.43.8', 993)).toBe('192.0.43.8');
    });
    test('reads no more than it may', async () => {
      expect(await reasonOf(open().ask({ url: `http://${here()}/large`, bytesMax: 4999 }))).toBe('too-large');
      expect((await open().ask({ url: `http://${here()}/large`, bytesMax: 5000 })).body.length).toBe(5000);
    });
  });
});

describe('what is never asked', () => {
  test.each([
    'http://127.0.0.1/', 'http://127.1/', 'http://2130706433/', 'http://0x7f000001/', 'http://0x7f.0.0.1/', 'http://0177.0.0.1/',
    'http://017700000001/', 'http://[::1]/', 'http://[::]/', 'http://[::ffff:127.0.0.1]/', 'http://[::ffff:7f00:1]/', 'http://[::127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/', 'http://[64:ff9b:1::7f00:1]/', 'http://[2002:7f00:1::]/', 'http://[2001::1]/', 'http://[fe80::1]/',
    'http://[fe80::1%25eth0]/', 'http://[fc00::1]/', 'http://[ff02::1]/', 'http://[fec0::1]/', 'http://[2001:db8::1]/', 'http://[5f00::1]/',
    'http://10.0.0.1/', 'http://172.31.255.255/', 'http://192.168.0.1/', 'http://100.64.0.1/', 'http://169.254.169.254/', 'http://0.0.0.0/',
    'http://224.0.0.1/', 'http://255.255.255.255/', 'http://192.0.0.170/', 'http://198.18.0.1/', 'http://240.0.0.1/', 'http://localhost/',
    'http://LOCALHOST./', 'http://localhost.localdomain/', 'http://x.localhost/', 'http://metadata.google.internal/', 'http://router.lan/',
    'http://printer.local/', 'http://intranet/', 'http://example.org./', 'http://8.8.8.8./', 'http://134744072/', 'http://0x8.8.8.8/',
    'http://①②⑦.0.0.1/', 'http://127。0。0。1/', 'http://a:b@example.org/', 'http://example.org@127.0.0.1/', 'http://example.org:22/',
    'http://example.org:8080/', 'https://example.org:0/', 'ftp://example.org/', 'file:///etc/passwd', 'gopher://example.org/', 'data:text/plain,x',
    'http:example.org/', 'http:///example.org/', '//example.org/', 'example.org', '', 'http://', 'http://exa%6dple.org/', 'http://exam\tple.org/',
    'http:\\\\example.org\\', 'http://1.in-addr.arpa/',
  ])('%s', async (url) => {
    const resolved: string[] = [];
    const outbound = real(async (host) => { resolved.push(host); return ['192.0.43.8']; });
    expect(await reasonOf(outbound.ask({ url }))).toBe('blocked');
    expect(resolved).toEqual([]);
  });
  test.each(['127.0.0.1', '10.1.2.3', '::1', 'fd00::1', '::ffff:10.0.0.1', '169.254.169.254', '64:ff9b::a00:1', 'not an address'])(
    'a name that leads to %s, alone or beside a good one', async (address) => {
      const outbound = outboundOver({ policy: { allow: [] }, resolve: async () => [address] });
      expect(await reasonOf(outbound.ask({ url: 'http://example.org/' }))).toBe('blocked');
      const mixed = outboundOver({ policy: { allow: [] }, resolve: async () => ['192.0.43.8', address] });
      expect(await reasonOf(mixed.ask({ url: 'http://example.org/' }))).toBe('blocked');
    });
  test.each(['/to-file', '/to-link', '/to-ten', '/to-octal', '/to-user', '/to-port'])('where a redirect leads: %s', async (path) => {
    expect(await reasonOf(real().ask({ url: `http://${here()}${path}` }))).toBe('blocked');
  });
  test('a name that is asked twice and answers differently: the first answer is what is connected to', async () => {
    const answers = [['127.0.0.1'], ['127.0.0.1']];
    const asked: string[] = [];
    const named = real(async (host) => { asked.push(host); return answers.shift() ?? ['10.0.0.1']; });
    // Allowed by name, but this machine is only ever reached by an address in the setting.
    expect(await reasonOf(named.ask({ url: `http://witness.example:${at.port}/plain` }))).toBe('blocked');
    expect(asked).toEqual(['witness.example']);
    const hits = at.hits.length;
    const open = outboundOver({ policy: { allow: [] }, resolve: async (host) => { asked.push(host); return ['127.0.0.1']; } });
    expect(await reasonOf(open.ask({ url: 'http://example.org/plain' }))).toBe('blocked');
    expect([at.hits.length, asked.length]).toEqual([hits, 2]);
  });
});

test('the connection goes to the address that was judged, whatever the name would lead to now', async () => {
  const asked: string[] = [];
  const outbound = outboundOver({
    policy: { allow: [`witness.example:${at.port}`] }, judge: () => undefined,
    resolve: async (host) => { asked.push(host); return ['127.0.0.1']; },
  });
  const answer = await outbound.ask({ url: `http://witness.example:${at.port}/away` });
  expect([answer.status, answer.url]).toEqual([200, `http://witness.example:${at.port}/plain`]);
  // Once for each address on the way; the name leads nowhere by itself.
  expect(asked).toEqual(['witness.example', 'witness.example']);
});

test('what was given to one origin is not told to another, whatever header it stands in', async () => {
  const told: Record<string, unknown>[] = [];
  const other = createServer((request, response) => {
    told.push(request.headers);
    response.end('x');
  });
  await new Promise<void>((resolve) => { other.listen(0, '127.0.0.1', resolve); });
  const { port } = other.address() as AddressInfo;
  at.replies.set('/elsewhere', (_, response) => void response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end());
  const outbound = outboundOver({ policy: { allow: [here(), `127.0.0.1:${port}`] } });
  const { body } = await outbound.open({ url: `http://${here()}/elsewhere`,
    headers: { authorization: 'a', cookie: 'b', 'X-Api-Key': 'c', accept: 'text/csv' } });
  await whole(body);
  expect(told.map((h) => [h['authorization'], h['cookie'], h['x-api-key'], h['accept']])).toEqual([[undefined, undefined, undefined, 'text/csv']]);
  other.close();
  other.closeAllConnections();
});

test('what is allowed is allowed at its port only', () => {
  const policy = { allow: ['witness.example:8443', '10.0.0.5:80', '[fd00::5]:443'] };
  expect(targetOf('https://witness.example:8443/x', policy)).toMatchObject({ named: true, port: 8443 });
  expect(() => targetOf('https://example.org:993/', policy)).toThrow(OutboundError);
  expect(targetOf('http://10.0.0.5/', policy).named).toBe(true);
  expect(targetOf('https://[fd00::5]/', policy).named).toBe(true);
  for (const url of ['https://10.0.0.5/', 'https://witness.example:8444/', 'http://10.0.0.6/', 'http://[fd00::5]/']) {
    expect(() => targetOf(url, policy)).toThrow(OutboundError);
  }
});

test('time, a taken-back question and a broken answer each have their name', async () => {
  expect(await reasonOf(real().ask({ url: `http://${here()}/slow`, patienceMs: 80 }))).toBe('too-slow');
  expect(await reasonOf(real(() => new Promise(() => undefined)).ask({ url: 'http://example.org/', patienceMs: 50 }))).toBe('too-slow');
  // A stream may last as long as it goes on.
  const dripping = await real().open({ url: `http://${here()}/drips`, patienceMs: 1000 });
  expect(new TextDecoder().decode(await whole(dripping.body))).toBe('012345');
  expect(await reasonOf(whole((await real().open({ url: `http://${here()}/stalls`, patienceMs: 800 })).body))).toBe('too-slow');
  expect(await reasonOf(real().open({ url: `http://${here()}/slow`, patienceMs: 80 }))).toBe('too-slow');
  expect(await reasonOf(whole((await real().open({ url: `http://${here()}/broken` })).body))).toBe('unreachable');
  // Not read at all: its patience ends it, and nobody is told.
  await real().open({ url: `http://${here()}/stalls`, patienceMs: 600 });
  await new Promise((resolve) => { setTimeout(resolve, 700); });
  const stop = new AbortController();
  const stalled = await real().open({ url: `http://${here()}/stalls`, signal: stop.signal });
  const reading = reasonOf(whole(stalled.body));
  stop.abort();
  expect(await reading).toBe('stopped');
  const taken = new AbortController();
  const asking = reasonOf(real().ask({ url: `http://${here()}/slow`, signal: taken.signal }));
  taken.abort();
  expect(await asking).toBe('stopped');
  expect(await reasonOf(real().ask({ url: `http://${here()}/broken` }))).toBe('unreachable');
  expect(await reasonOf(outboundOver({ policy: { allow: ['127.0.0.1:1'] } }).ask({ url: 'http://127.0.0.1:1/' }))).toBe('unreachable');
});

test('the setting takes hosts and ports, nothing else', () => {
  expect(parseAllowed(' witness.example:443, 10.0.0.1:8080,[fd00::1]:443 ,')).toEqual(['witness.example:443', '10.0.0.1:8080', '[fd00::1]:443']);
  for (const bad of ['witness.example', '*:443', '10.0.0.0/8:443', 'x:0', 'x:65536', 'http://x:80', '0x7f.1:80', 'a b:80']) {
    expect([bad, parseAllowed(bad)]).toEqual([bad, null]);
  }
});

test('no spelling of an inner address is taken for an open one', () => {
  const inner = fc.oneof(
    fc.tuple(fc.constantFrom(10, 127, 0, 224, 240), fc.nat(255), fc.nat(255), fc.nat(255)),
    fc.tuple(fc.constant(192), fc.constant(168), fc.nat(255), fc.nat(255)), fc.tuple(fc.constant(169), fc.constant(254), fc.nat(255), fc.nat(255)),
  );
  fc.assert(fc.property(inner, fc.nat(5), ([a, b, c, d], spelling) => {
    const number = ((a * 256 + b) * 256 + c) * 256 + d;
    const hex = (n: number): string => n.toString(16).padStart(2, '0');
    const host = [
      `${a}.${b}.${c}.${d}`, String(number), `0x${number.toString(16)}`, `0${a.toString(8)}.${b}.${c}.${d}`,
      `[::ffff:${hex(a)}${hex(b)}:${hex(c)}${hex(d)}]`, `[2002:${hex(a)}${hex(b)}:${hex(c)}${hex(d)}::]`,
    ][spelling] ?? '';
    expect(() => targetOf(`http://${host}/`, { allow: [] })).toThrow(OutboundError);
    expect(isOpen(`${a}.${b}.${c}.${d}`)).toBe(false);
  }), { numRuns: 500 });
});
