/**
 * Sign-in by an identity provider (F113, ID-01, ID-06): against a real provider on loopback, and against one that lies. Every
 * lie is one answer, and no account is opened, made or linked by it.
 */
import { createHash, createSign, createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '#world/clock';
import { outboundOver } from '#world/http/client';
import { openIdProvider } from '#world/identity/openid';
import { testHub, type Answer, type TestHub } from '../hub.ts';

const redirect = 'http://localhost:8080/sign-in/provider';
const client = { clientId: 'entente', clientSecret: 'a-secret-of-the-client-that-nobody-knows' };
const code = (answer: Answer): string => answer.json<{ code?: string }>().code ?? 'signed in';

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

async function hubAt(issuer: string, port: number): Promise<TestHub> {
  const outbound = outboundOver({ policy: { allow: [`127.0.0.1:${port}`] } });
  const hub = await testHub({
    identity: (world) => openIdProvider({ issuer, name: 'Ours', ...client }, { outbound, clock: world.clock }),
  });
  hub.world.clock.set(new Date(systemClock().now()).toISOString());
  return hub;
}

interface Begun { readonly flow: string; readonly url: string }

/** An invitation that names the subject, and what accepting it by the provider begins with. */
async function invited(hub: TestHub, claim: string, value: string): Promise<{ secret: string; begun: Begun }> {
  const invitation = { name: 'Invited', roles: ['engineer'], provider: { claim, value } };
  const made = await hub.ask('POST', '/api/invitations', invitation, { cookie: await hub.as('per_thao') });
  expect(made.status, made.text).toBe(201);
  const secret = made.json<{ link: string }>().link.split('#')[1] ?? '';
  return { secret, begun: (await hub.ask('POST', '/api/session/provider/accept', { secret })).json<Begun>() };
}
const begin = async (hub: TestHub): Promise<Begun> => (await hub.ask('POST', '/api/session/provider', {})).json<Begun>();
const finish = (hub: TestHub, flow: string, brought: object, cookie?: string) =>
  hub.ask('POST', '/api/session/provider/finish', { flow, ...brought }, cookie ? { cookie } : {});
const peopleOf = async (hub: TestHub): Promise<string[]> => (await hub.ask('GET', '/api/people', undefined, { cookie: await hub.as('per_thao') }))
  .json<{ people: { name: string }[] }>().people.map((p) => p.name).sort();

describe('a real provider', () => {
  const at: { hub?: TestHub; server?: Server } = {};
  const hub = (): TestHub => at.hub as TestHub;
  beforeAll(async () => {
    const front = createServer();
    const port = await listen(front);
    const issuer = `http://127.0.0.1:${port}`;
    const provider = new Provider(issuer, {
      clients: [{
        client_id: client.clientId, client_secret: client.clientSecret, redirect_uris: [redirect], grant_types: ['authorization_code'],
        response_types: ['code'], token_endpoint_auth_method: 'client_secret_basic',
      }],
      pkce: { required: () => true },
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['preferred_username'] },
      conformIdTokenClaims: false,
      findAccount: (_: unknown, sub: string) => ({
        accountId: sub, claims: () => ({ sub, email: `${sub}@centre.example`, email_verified: sub !== 'unverified', preferred_username: sub }),
      }),
    });
    front.on('request', provider.callback());
    at.server = front;
    at.hub = await hubAt(issuer, port);
  });
  afterAll(async () => {
    at.server?.close();
    await at.hub?.close();
  });

  /** A browser at the provider: signs in as `login`, consents, and comes back with what the provider gave. */
  async function travel(url: string, login: string): Promise<Record<string, string>> {
    const cookies = new Map<string, string>();
    let next = url;
    for (let step = 0; step < 12; step++) {
      const page = /\/interaction\//.test(next);
      // The first page it shows is the sign-in, the second asks for consent.
      const prompt = step < 2 ? { prompt: 'login', login, password: 'any' } : { prompt: 'consent' };
      const answer = await fetch(next, {
        redirect: 'manual', method: page ? 'POST' : 'GET',
        headers: { cookie: [...cookies].map(([k, v]) => `${k}=${v}`).join('; '), ...(page ? { 'content-type': 'application/x-www-form-urlencoded' } : {}) },
        ...(page ? { body: new URLSearchParams(prompt).toString() } : {}),
      });
      for (const set of answer.headers.getSetCookie()) {
        const [pair = ''] = set.split(';');
        cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
      }
      const to = answer.headers.get('location');
      if (!to) throw new Error(`the provider answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
      next = new URL(to, next).href;
      if (next.startsWith(redirect)) return Object.fromEntries(new URL(next).searchParams);
    }
    throw new Error('the provider sends one round and round');
  }

  test('whom nobody linked gets in nowhere; who was invited by subject is, once; later sign-ins open that account', async () => {
    const stranger = await begin(hub());
    expect(code(await finish(hub(), stranger.flow, await travel(stranger.url, 'huong')))).toBe('oidc.not-accepted');
    const { secret, begun } = await invited(hub(), 'sub', 'huong');
    // The passkey is no way in for an invitation that names the provider.
    expect((await hub().ask('POST', '/api/invitations/challenge', { secret })).status).toBe(403);
    const brought = await travel(begun.url, 'huong');
    const accepted = await finish(hub(), begun.flow, brought);
    expect([accepted.status, accepted.json<{ actor: { person: { name: string } } }>().actor.person.name]).toEqual([200, 'Invited']);
    expect((await hub().ask('POST', '/api/invitations/view', { secret })).status).toBe(404);
    expect(code(await finish(hub(), begun.flow, brought))).toBe('oidc.not-accepted');
    const again = await begin(hub());
    const entered = await finish(hub(), again.flow, await travel(again.url, 'huong'));
    expect(entered.status).toBe(200);
    // Signing in at the provider is not a touch of a passkey.
    const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
    const person = entered.json<{ actor: { person: { id: string } } }>().actor.person.id;
    expect((await hub().ask('GET', '/api/sessions', undefined, { cookie })).text).toContain('"how":"oidc"');
    await hub().ask('POST', `/api/people/${person}/suspend`, {}, { cookie: await hub().as('per_thao') });
    const barred = await begin(hub());
    expect(code(await finish(hub(), barred.flow, await travel(barred.url, 'huong')))).toBe('oidc.not-accepted');
  });

  test('another subject, and an e-mail that the provider has not verified, accept nothing; the invitation stays open', async () => {
    const { secret, begun } = await invited(hub(), 'sub', 'thu');
    expect(code(await finish(hub(), begun.flow, await travel(begun.url, 'somebody-else')))).toBe('oidc.not-accepted');
    expect((await hub().ask('POST', '/api/invitations/view', { secret })).status).toBe(200);
    const mail = await invited(hub(), 'email', 'unverified@centre.example');
    expect(code(await finish(hub(), mail.begun.flow, await travel(mail.begun.url, 'unverified')))).toBe('oidc.not-accepted');
    const right = await invited(hub(), 'email', 'verified@centre.example');
    expect((await finish(hub(), right.begun.flow, await travel(right.begun.url, 'verified'))).status).toBe(200);
  });

  test('an account with the same e-mail is not linked by it; one that is signed in and expected is', async () => {
    const cookie = await hub().enter({ id: 'per_linda', organisation: 'org_hub', roles: ['engineer'], email: 'linda@centre.example' });
    const mailed = await begin(hub());
    expect(code(await finish(hub(), mailed.flow, await travel(mailed.url, 'linda')))).toBe('oidc.not-accepted');
    expect(code(await hub().ask('POST', '/api/session/provider/link', {}, { cookie }))).toBe('oidc.not-expected');
    const set = await hub().ask('PUT', '/api/people/per_linda/provider', { claim: 'sub', value: 'linda' }, { cookie: await hub().as('per_thao') });
    expect(set.status, set.text).toBe(200);
    const begun = (await hub().ask('POST', '/api/session/provider/link', {}, { cookie })).json<Begun>();
    const brought = await travel(begun.url, 'linda');
    // Somebody else's browser finishes nothing, and uses the passage up.
    expect(code(await finish(hub(), begun.flow, brought, await hub().as('per_lan')))).toBe('oidc.not-accepted');
    const second = (await hub().ask('POST', '/api/session/provider/link', {}, { cookie })).json<Begun>();
    expect((await finish(hub(), second.flow, await travel(second.url, 'linda'), cookie)).status).toBe(200);
    const later = await begin(hub());
    expect((await finish(hub(), later.flow, await travel(later.url, 'linda'))).json<{ actor: { person: { id: string } } }>().actor.person.id).toBe('per_linda');
  });

  test('state of another passage, a passage of another browser, one too old: refused alike', async () => {
    const [mine, other] = [await begin(hub()), await begin(hub())];
    const brought = await travel(mine.url, 'linda');
    expect(code(await finish(hub(), other.flow, brought))).toBe('oidc.not-accepted');
    expect(code(await finish(hub(), 'x'.repeat(43), brought))).toBe('oidc.not-accepted');
    const late = await begin(hub());
    const fetched = await travel(late.url, 'linda');
    hub().world.clock.advance(10 * 60_000);
    const answers = [await finish(hub(), late.flow, fetched), await finish(hub(), 'y'.repeat(43), {})];
    expect(answers.map(code)).toEqual(['oidc.not-accepted', 'oidc.not-accepted']);
    expect(answers[0]?.text).toBe(answers[1]?.text);
  });
});

describe('a provider that lies', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const at: { hub?: TestHub; server?: Server; issuer: string; lie: Lie; nonce: string; callback: string } = {
    issuer: '', lie: {}, nonce: '', callback: '',
  };
  const hub = (): TestHub => at.hub as TestHub;

  interface Lie {
    claims?: (honest: Record<string, unknown>) => Record<string, unknown>;
    header?: Record<string, unknown>;
    sign?: (input: string) => string;
    discovery?: Record<string, unknown>;
    token?: (idToken: string) => Record<string, unknown>;
    jwks?: unknown;
  }
  const b64 = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const by = (key: KeyObject) => (input: string): string => createSign('RSA-SHA256').update(input).sign(key, 'base64url');
  const seconds = (): number => Math.floor(hub().world.clock.now() / 1000);
  const accessToken = 'an-access-token';
  const halfHash = (text: string): string => createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');

  function idToken(): string {
    const honest = {
      iss: at.issuer, sub: 'target', aud: client.clientId, nonce: at.nonce, iat: seconds(), exp: seconds() + 300, at_hash: halfHash(accessToken),
    };
    const input = `${b64({ alg: 'RS256', kid: 'one', typ: 'JWT', ...at.lie.header })}.${b64(at.lie.claims?.(honest) ?? honest)}`;
    return `${input}.${(at.lie.sign ?? by(rsa.privateKey))(input)}`;
  }

  function reply(request: IncomingMessage): unknown {
    const path = request.url ?? '';
    if (path.startsWith('/.well-known')) {
      return {
        issuer: at.issuer, authorization_endpoint: `${at.issuer}/authorise`, token_endpoint: `${at.issuer}/token`, jwks_uri: `${at.issuer}/jwks`,
        response_types_supported: ['code'], subject_types_supported: ['public'], authorization_response_iss_parameter_supported: true,
        id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'], code_challenge_methods_supported: ['S256'], ...at.lie.discovery,
      };
    }
    if (path.startsWith('/jwks')) {
      const { n, e } = rsa.publicKey.export({ format: 'jwk' });
      return at.lie.jwks ?? { keys: [{ kty: 'RSA', n, e, kid: 'one', use: 'sig' }] };
    }
    const token = idToken();
    return at.lie.token?.(token) ?? { access_token: accessToken, token_type: 'Bearer', expires_in: 300, id_token: token };
  }

  beforeAll(async () => {
    const server = createServer((request, response) => {
      request.resume();
      response.setHeader('content-type', 'application/json').end(JSON.stringify(reply(request)));
    });
    const port = await listen(server);
    Object.assign(at, { server, issuer: `http://127.0.0.1:${port}` });
    at.hub = await hubAt(at.issuer, port);
    // The account that the lies are after.
    const { begun } = await invited(hub(), 'sub', 'target');
    expect(code(await comeBack(begun, {}))).toBe('signed in');
  });
  afterAll(async () => {
    at.server?.close();
    await at.hub?.close();
  });

  async function comeBack(begun: Begun, lie: Lie, brought: Record<string, string> = {}): Promise<Answer> {
    const url = new URL(begun.url);
    Object.assign(at, { lie, nonce: url.searchParams.get('nonce') ?? '' });
    return finish(hub(), begun.flow, { code: 'a-code', state: url.searchParams.get('state') ?? '', iss: at.issuer, ...brought });
  }

  test('the honest answer signs in: what follows differs from it by one thing each', async () => {
    expect(code(await comeBack(await begin(hub()), {}))).toBe('signed in');
    const url = new URL((await begin(hub())).url);
    expect(Object.fromEntries(['response_type', 'code_challenge_method', 'client_id', 'redirect_uri'].map((k) => [k, url.searchParams.get(k)])))
      .toEqual({ response_type: 'code', code_challenge_method: 'S256', client_id: client.clientId, redirect_uri: redirect });
    expect(['state', 'nonce', 'code_challenge'].map((k) => (url.searchParams.get(k)?.length ?? 0) >= 43)).toEqual([true, true, true]);
  });

  const spki = rsa.publicKey.export({ format: 'pem', type: 'spki' });
  const lies: readonly (readonly [string, Lie] | readonly [string, Lie, Record<string, string>])[] = [
    ['another issuer', { claims: (c) => ({ ...c, iss: 'https://elsewhere.example' }) }],
    ['the issuer with a slash more', { claims: (c) => ({ ...c, iss: `${String(c['iss'])}/` }) }],
    ['another audience', { claims: (c) => ({ ...c, aud: 'another-client' }) }],
    ['two audiences and no authorised party', { claims: (c) => ({ ...c, aud: [client.clientId, 'another-client'] }) }],
    ['another authorised party', { claims: (c) => ({ ...c, aud: [client.clientId, 'another-client'], azp: 'another-client' }) }],
    ['another nonce', { claims: (c) => ({ ...c, nonce: 'of-another-passage' }) }],
    ['no nonce', { claims: ({ nonce: _, ...c }) => c }],
    ['expired', { claims: (c) => ({ ...c, iat: seconds() - 900, exp: seconds() - 60 }) }],
    ['not valid yet', { claims: (c) => ({ ...c, nbf: seconds() + 900 }) }],
    ['no end', { claims: ({ exp: _, ...c }) => c }],
    ['no subject', { claims: ({ sub: _, ...c }) => c }],
    ['an access token that is another’s', { claims: (c) => ({ ...c, at_hash: halfHash('another') }) }],
    ['alg none', { header: { alg: 'none' }, sign: () => '' }],
    ['alg None with a signature', { header: { alg: 'None' } }],
    ['HS256 by the public key', { header: { alg: 'HS256' }, sign: (i) => createHmac('sha256', spki).update(i).digest('base64url') }],
    ['HS256 by the client’s secret', { header: { alg: 'HS256' }, sign: (i) => createHmac('sha256', client.clientSecret).update(i).digest('base64url') }],
    ['a key that is not published', { sign: by(foreign.privateKey) }],
    ['a key id that is not published', { header: { kid: 'two' } }],
    ['a key that comes with the token', { header: { jwk: foreign.publicKey.export({ format: 'jwk' }) }, sign: by(foreign.privateKey) }],
    ['a critical header that nobody knows', { header: { crit: ['x'], x: 1 } }],
    ['no signature', { sign: () => '' }],
    ['a published secret', {
      header: { alg: 'HS256' }, jwks: { keys: [{ kty: 'oct', k: 'AAAA', kid: 'one' }] },
      sign: (i) => createHmac('sha256', Buffer.from('AAAA', 'base64url')).update(i).digest('base64url'),
    }],
    ['no ID token', { token: () => ({ access_token: accessToken, token_type: 'Bearer' }) }],
    ['an ID token that is none', { token: () => ({ access_token: accessToken, token_type: 'Bearer', id_token: 'a.b' }) }],
    ['`iss` of another in the answer', {}, { iss: 'https://elsewhere.example' }],
    ['another state', {}, { state: 'of-another' }],
    ['an error of the provider', {}, { error: 'access_denied' }],
  ];
  test.each(lies.map(([name, lie, brought]) => [name, lie, brought ?? {}] as const))('%s: refused, in the same words', async (_, lie, brought) => {
    // A minute on, so that nobody has tried too often; the provider's clock goes with the hub's.
    hub().world.clock.advance(61_000);
    const before = await peopleOf(hub());
    const answer = await comeBack(await begin(hub()), lie, brought);
    expect([answer.status, code(answer), answer.headers.get('set-cookie')]).toEqual([401, 'oidc.not-accepted', null]);
    const { begun } = await invited(hub(), 'sub', 'target-two');
    const other = (c: Record<string, unknown>): Record<string, unknown> => ({ ...c, sub: 'target-two' });
    const liar = { ...lie, claims: (c: Record<string, unknown>) => lie.claims?.(other(c)) ?? other(c) };
    expect(code(await comeBack(begun, liar, brought))).toBe('oidc.not-accepted');
    expect(await peopleOf(hub())).toEqual(before);
  });

  test('a provider that calls itself by another name opens nothing; nor does one that offers no key but shared ones', async () => {
    const others = [
      { issuer: `${at.issuer}/` }, { issuer: 'https://elsewhere.example' }, { id_token_signing_alg_values_supported: ['HS256', 'none'] },
    ];
    for (const discovery of others) {
      // What it says of itself is remembered for ten minutes.
      hub().world.clock.advance(11 * 60_000);
      at.lie = { discovery };
      expect(code(await hub().ask('POST', '/api/session/provider', {}))).toBe('oidc.unavailable');
    }
  });
});
