import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressOf } from '../../src/app/http/guard.ts';
import { behindPort } from '../access/tcp.ts';
import { demoPosture, testHub, type Answer, type TestHub } from '../hub.ts';

describe('what every request passes first', () => {
  const at: { hub?: TestHub; cookie?: string } = {};
  const hub = (): TestHub => at.hub as TestHub;
  beforeAll(async () => {
    at.hub = await testHub();
    at.cookie = await at.hub.as('per_lan');
  });
  afterAll(() => at.hub?.close());

  test('another Host is refused, signed in or not', async () => {
    for (const host of ['evil.example', 'localhost:8081', 'localhost', '', '127.0.0.1.nip.io:8080']) {
      const answer = await hub().ask('GET', '/api/session', undefined, { headers: { host } });
      expect([answer.status, answer.json<{ code: string }>().code]).toEqual([403, 'request.unknown-host']);
    }
  });
  test('a write from another page is refused although the cookie came with it', async () => {
    const cookie = at.cookie as string;
    for (const origin of ['http://evil.example', 'null', 'http://localhost:8081', 'https://localhost:8080']) {
      const answer = await hub().ask('DELETE', '/api/session', undefined, { cookie, headers: { origin } });
      expect(answer.json<{ code: string }>().code).toBe('request.foreign-origin');
    }
    expect((await hub().ask('GET', '/api/session', undefined, { cookie })).json<{ actor: unknown }>().actor).not.toBeNull();
  });
  test('a bad token is refused even where nobody need be signed in', async () => {
    for (const authorization of ['Bearer nonsense', 'Bearer ent_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'Basic eDp5', 'Bearer']) {
      const answer = await hub().ask('GET', '/api/session', undefined, { headers: { authorization } });
      expect(answer.json<{ code: string }>().code).toBe('token.not-accepted');
    }
  });
  test.each([
    ['not JSON', '{', 'application/json', 400], ['an array', '[]', 'application/json', 400],
    ['another type', '{}', 'text/plain', 415], ['unknown fields', '{"person":"per_lan","x":1}', 'application/json', 400],
    ['a body that is too large', `{"person":"${'x'.repeat(70_000)}"}`, 'application/json', 413],
    ['a prototype', '{"__proto__":{"person":"per_lan"}}', 'application/json', 400],
  ])('a body that is %s is refused with its place', async (_, body, type, status) => {
    const answer = await hub().ask('POST', '/api/demo/continue', body, { headers: { 'content-type': type } });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });
  test('a body of a connection is read the same with its length and in pieces; the connection serves the next', async () => {
    const port = await behindPort(hub().composition.app(demoPosture));
    try {
      const send = async (body: Uint8Array, told: boolean): Promise<[number, unknown]> => {
        async function* parts(): AsyncGenerator<Uint8Array> {
          yield body.subarray(0, body.length >> 1);
          await new Promise((go) => { setTimeout(go, 5); });
          yield body.subarray(body.length >> 1);
        }
        const answer = await port.open('POST', '/api/demo/continue', { 'content-type': 'application/json',
          ...(told ? { 'content-length': String(body.length) } : {}) }, parts());
        expect(await answer.over).toBe('whole');
        expect(answer.headers['x-trace-id']).toMatch(/^trc_/);
        return [answer.status, (JSON.parse(answer.text()) as { code?: string }).code];
      };
      const text = (value: string): Uint8Array => new TextEncoder().encode(value);
      const latin1 = Uint8Array.from([...text('{"person":"'), 0xe9, ...text('"}')]);
      for (const told of [true, false]) {
        expect(await send(text('{"person":"per_lan"}'), told)).toEqual([200, undefined]);
        // A letter of three bytes is cut by the pieces.
        expect((await send(text('{"person":"ệ"}'), told))[0]).toBe(404);
        expect(await send(latin1, told)).toEqual([400, 'input.not-utf8']);
        expect(await send(latin1.subarray(0, 12), told)).toEqual([400, 'input.not-utf8']);
        expect(await send(text(`{"person":"${'x'.repeat(70_000)}"}`), told)).toEqual([413, 'input.too-large']);
        expect((await send(text(''), told))[0]).toBe(400);
      }
    } finally {
      await port.close();
    }
  });
  test('a field given twice is refused', async () => {
    const answer = await hub().ask('GET', '/api/facts?limit=1&limit=2', undefined, { cookie: at.cookie as string });
    expect(answer.status).toBe(400);
  });
  test('an unknown address is a 404 in the same shape', async () => {
    const answer = await hub().ask('GET', '/api/nothing-here');
    expect([answer.status, answer.json<{ code: string }>().code]).toEqual([404, 'address.not-found']);
  });
  test('every answer carries the headers that keep pages to ourselves', async () => {
    const { headers } = await hub().ask('GET', '/api/session');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).not.toContain('unsafe-eval');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-trace-id')).toMatch(/^trc_/);
  });
});

describe('how often somebody may ask', () => {
  const at: { hub?: TestHub } = {};
  const hub = (): TestHub => at.hub as TestHub;
  beforeAll(async () => { at.hub = await testHub({ posture: { ...demoPosture, limits: { anonymous: 120, reads: 6, writes: 3 } } }); });
  afterAll(() => at.hub?.close());
  const outcome = ({ status, headers, text }: Answer) => {
    const { code, retryAfter } = JSON.parse(text === '' ? '{}' : text) as { code?: string; retryAfter?: number };
    return { status, code, retryAfter, header: headers.get('retry-after') };
  };
  const ended = (seconds: number) => ({ status: 429, code: 'request.too-many', retryAfter: seconds, header: String(seconds) });

  test('anonymous writes by address and minute; reading the public pages is free', async () => {
    const view = () => hub().ask('POST', '/api/invitations/view', { secret: 'x'.repeat(30) });
    const codes: (string | undefined)[] = [];
    for (let i = 0; i < 130; i++) codes.push(outcome(await view()).code);
    expect(codes).toEqual([...Array<string>(120).fill('invitation.not-found'), ...Array<string>(10).fill('request.too-many')]);
    expect(outcome(await view())).toEqual(ended(1));
    for (let i = 0; i < 130; i++) expect((await hub().ask('GET', '/api/session')).status).toBe(200);
    hub().world.clock.advance(60_000);
    expect((await view()).status).toBe(404);
  });
  test('a person reads and writes so much a minute, by all sessions together; others are not held to it', async () => {
    const { clock } = hub().world;
    clock.advance(60_000);
    const [one, two, other] = [await hub().as('per_lan'), await hub().as('per_lan'), await hub().as('per_thao')];
    const reading = (cookie: string, method = 'GET') => hub().ask(method, '/api/agreements', undefined, { cookie });
    for (const cookie of [one, two, one, two, one]) expect((await reading(cookie)).status).toBe(200);
    // What is refused for another reason counts, and so does a look at the headers.
    expect((await hub().ask('HEAD', '/api/people', undefined, { cookie: one })).status).toBe(403);
    expect([outcome(await reading(one)), outcome(await reading(two))]).toEqual([ended(10), ended(10)]);
    expect((await reading(one, 'HEAD')).status).toBe(429);
    expect((await reading(other)).status).toBe(200);
    const writing = () => hub().ask('POST', '/api/feeds', {}, { cookie: one });
    for (let i = 0; i < 3; i++) expect((await writing()).status).toBe(400);
    expect(outcome(await writing())).toEqual(ended(20));
    clock.advance(10_000);
    expect([(await reading(two)).status, (await reading(two)).status]).toEqual([200, 429]);
    expect(outcome(await writing())).toEqual(ended(10));
  });
  test('each token has a budget of its own; on the addresses of SCIM the wait is said too', async () => {
    hub().world.clock.advance(60_000);
    const cookie = await hub().as('per_thao');
    const tokenOf = async (): Promise<Record<string, string>> => {
      const made = await hub().ask('POST', '/api/tokens', { name: 'x', scopes: ['person.provision', 'person.list'], days: 1 }, { cookie });
      return { authorization: `Bearer ${made.json<{ secret: string }>().secret}` };
    };
    const [one, two] = [await tokenOf(), await tokenOf()];
    const users = (headers: Record<string, string>) => hub().ask('GET', '/scim/v2/Users', undefined, { headers });
    for (let i = 0; i < 6; i++) expect((await users(one)).status).toBe(200);
    const no = await users(one);
    expect([no.status, no.headers.get('retry-after'), no.headers.get('entente-refusal')]).toEqual([429, '10', 'request.too-many']);
    expect([(await users(two)).status, (await hub().ask('GET', '/api/people', undefined, { cookie })).status]).toEqual([200, 200]);
  });
});

test('a forwarded address is believed of trusted proxies only', () => {
  const posture = { ...demoPosture, trustedProxies: ['10.0.0.0/8', 'fd00::/8'] };
  const request = (forwarded: string): Request =>
    new Request('http://localhost/', { headers: { 'x-forwarded-for': forwarded } });
  expect(addressOf(posture, '192.0.2.1', request('203.0.113.5'))).toBe('192.0.2.1');
  expect(addressOf(posture, '10.1.1.1', request('203.0.113.5, 10.2.2.2'))).toBe('203.0.113.5');
  expect(addressOf(posture, '10.1.1.1', request('198.51.100.9, 203.0.113.5'))).toBe('203.0.113.5');
  expect(addressOf(posture, '::ffff:10.1.1.1', request('203.0.113.5'))).toBe('203.0.113.5');
  expect(addressOf(posture, '10.1.1.1', request('not an address'))).toBe('10.1.1.1');
});
