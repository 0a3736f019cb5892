/**
 * Passkey ceremonies that must fail (ID-02, ID-05), with answers signed by a key of the test: each differs from the one that
 * signs in by one thing. And what a recovery ends (ID-04): old passkeys, sessions and tokens.
 */
import { createHash, createSign, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertPasskey, passkeysOf } from '../../src/modules/parties/store.ts';
import { origin, testHub, type Answer, type TestHub } from '../hub.ts';

const at: { hub?: TestHub; key?: KeyObject } = {};
const hub = (): TestHub => at.hub as TestHub;
const code = (answer: Answer): string => answer.json<{ code?: string }>().code ?? 'signed in';
const sha256 = (text: string | Uint8Array): Buffer => createHash('sha256').update(text).digest();
const id = Buffer.from('a-passkey-of-lan').toString('base64url');

/** COSE_Key of an ES256 public key (RFC 9053): kty 2, alg -7, crv 1, x, y. */
function cose(publicKey: KeyObject): Uint8Array {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  return Buffer.concat([
    Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]), Buffer.from(x, 'base64url'),
    Buffer.from([0x22, 0x58, 0x20]), Buffer.from(y, 'base64url'),
  ]);
}

interface Twist {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly type?: string;
  /** Bits: 1 present, 4 verified. */
  readonly flags?: number;
  readonly counter?: number;
  readonly key?: KeyObject;
  readonly crossOrigin?: boolean;
}

/** What an authenticator would answer. */
function assertion(challenge: string, counter: number, twist: Twist = {}): Record<string, unknown> {
  const data = JSON.stringify({
    type: twist.type ?? 'webauthn.get', challenge: twist.challenge ?? challenge, origin: twist.origin ?? origin, crossOrigin: twist.crossOrigin ?? false,
  });
  const count = Buffer.alloc(4);
  count.writeUInt32BE(twist.counter ?? counter);
  const authenticator = Buffer.concat([sha256(twist.rpId ?? 'localhost'), Buffer.from([twist.flags ?? 5]), count]);
  const signature = createSign('sha256').update(Buffer.concat([authenticator, sha256(data)])).sign(twist.key ?? at.key as KeyObject);
  return {
    id, rawId: id, type: 'public-key', clientExtensionResults: {},
    response: {
      clientDataJSON: Buffer.from(data).toString('base64url'), authenticatorData: authenticator.toString('base64url'),
      signature: signature.toString('base64url'),
    },
  };
}

interface Asked { readonly challengeId: string; readonly options: { readonly challenge: string } }
const challenge = async (path = '/api/session/challenge', cookie?: string): Promise<Asked> =>
  (await hub().ask('POST', path, {}, cookie ? { cookie } : {})).json<Asked>();
const signIn = async (counter: number, twist: Twist = {}): Promise<Answer> => {
  const { challengeId, options } = await challenge();
  return hub().ask('POST', '/api/session', { challengeId, response: assertion(options.challenge, counter, twist) });
};
const cookieOf = (answer: Answer): string => answer.headers.get('set-cookie')?.split(';')[0] ?? '';

beforeAll(async () => {
  at.hub = await testHub({ demo: false });
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  at.key = privateKey;
  await insertPasskey(hub().world.db, {
    id, person: 'per_lan', name: 'Key of the test', public_key: cose(publicKey), counter: '10', transports: ['internal'],
    created_at: hub().world.clock.iso(), last_used_at: null,
  });
});
afterAll(() => at.hub?.close());

describe('ID-02: signing in', () => {
  test('the right answer signs in, and the counter goes on', async () => {
    expect(code(await signIn(11))).toBe('signed in');
    expect(code(await signIn(12))).toBe('signed in');
  });
  test.each<[string, Twist]>([
    ['from another origin', { origin: 'https://hub.example' }], ['from another port', { origin: 'http://localhost:8081' }],
    ['from http for https’s twin', { origin: 'https://localhost:8080' }], ['for another RP id', { rpId: 'hub.example' }],
    ['over another challenge', { challenge: randomBytes(32).toString('base64url') }], ['of a registration', { type: 'webauthn.create' }],
    ['without user verification', { flags: 1 }], ['without presence', { flags: 4 }], ['with neither', { flags: 0 }],
    ['with a counter that stands still', { counter: 12 }], ['with a counter that went back', { counter: 3 }],
    ['by another key', { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }],
  ])('an answer %s is refused, and opens no session', async (_, twist) => {
    const answer = await signIn(13, twist);
    expect([answer.status, code(answer), answer.headers.get('set-cookie')]).toEqual([401, 'passkey.not-accepted', null]);
  });
  test('a challenge answers once, within five minutes, and for what it was made', async () => {
    const { challengeId, options } = await challenge();
    const answer = assertion(options.challenge, 20);
    expect(code(await hub().ask('POST', '/api/session', { challengeId, response: answer }))).toBe('signed in');
    expect(code(await hub().ask('POST', '/api/session', { challengeId, response: assertion(options.challenge, 21) }))).toBe('passkey.not-accepted');
    const late = await challenge();
    hub().world.clock.advance(5 * 60_000);
    expect(code(await hub().ask('POST', '/api/session', { challengeId: late.challengeId, response: assertion(late.options.challenge, 22) })))
      .toBe('passkey.not-accepted');
    const cookie = cookieOf(await signIn(23));
    const touch = await challenge('/api/session/touch/challenge', cookie);
    expect(code(await hub().ask('POST', '/api/session', { challengeId: touch.challengeId, response: assertion(touch.options.challenge, 24) })))
      .toBe('passkey.not-accepted');
  });
  test('SEC-05: a key that is not known, a person who is suspended and a wrong answer are the same bytes', async () => {
    const wrong = await signIn(30, { flags: 1 });
    const { challengeId, options } = await challenge();
    const unknown = await hub().ask('POST', '/api/session', { challengeId, response: { ...assertion(options.challenge, 31), id: 'bm9ib2R5' } });
    expect([unknown.status, unknown.text]).toEqual([wrong.status, wrong.text]);
  });
});

describe('ID-05: sessions', () => {
  test.each(['', ' ', 'null', 'undefined', '0', '*', '%', 'x'.repeat(43), `${'A'.repeat(42)}=`])('the secret %j opens none', async (secret) => {
    expect((await hub().ask('GET', '/api/sessions', undefined, { cookie: `entente-demo=${secret}` })).status).toBe(401);
  });
  test('each sign-in has a new secret; a touch renews it, and the old one is dead; presence then opens weighty acts', async () => {
    const [one, two] = [cookieOf(await signIn(40)), cookieOf(await signIn(41))];
    expect(one).not.toBe(two);
    hub().world.clock.advance(6 * 60_000);
    const stale = await hub().ask('DELETE', `/api/passkeys/${id}`, undefined, { cookie: two });
    expect(code(stale)).toBe('session.not-fresh');
    const { challengeId, options } = await challenge('/api/session/touch/challenge', two);
    const touched = await hub().ask('POST', '/api/session/touch', { challengeId, response: assertion(options.challenge, 42) }, { cookie: two });
    const three = cookieOf(touched);
    expect([touched.status, three === two]).toEqual([200, false]);
    expect((await hub().ask('GET', '/api/sessions', undefined, { cookie: two })).status).toBe(401);
    expect(code(await hub().ask('DELETE', `/api/passkeys/${id}`, undefined, { cookie: three }))).toBe('passkey.last');
  });
  test('one that signs in anew in the same browser leaves no session behind', async () => {
    const old = cookieOf(await signIn(50));
    const { challengeId, options } = await challenge();
    const fresh = await hub().ask('POST', '/api/session', { challengeId, response: assertion(options.challenge, 51) }, { cookie: old });
    expect(fresh.status).toBe(200);
    expect((await hub().ask('GET', '/api/sessions', undefined, { cookie: old })).status).toBe(401);
  });
  test('a role that changed ends the sessions that had the old one', async () => {
    const cookie = cookieOf(await signIn(60));
    const admin = await hub().enter({ id: 'per_roleadmin', organisation: 'org_hub', roles: ['administrator'] });
    expect((await hub().ask('PUT', '/api/people/per_lan/roles', { roles: ['duty-officer', 'reviewer'] }, { cookie: admin })).status).toBe(200);
    expect((await hub().ask('GET', '/api/sessions', undefined, { cookie })).status).toBe(401);
  });
  test('one left alone ends by itself, counted from its last use; twelve hours end it in any case', async () => {
    const idle = await testHub({ demo: false, idleMs: 30 * 60_000 });
    const cookie = await idle.enter({ id: 'per_idle', organisation: 'org_hub', roles: ['engineer'] });
    const look = async (minutes: number): Promise<number> => {
      idle.world.clock.advance(minutes * 60_000);
      return (await idle.ask('GET', '/api/sessions', undefined, { cookie })).status;
    };
    for (let i = 0; i < 24; i++) expect([i, await look(29)]).toEqual([i, 200]);
    expect(await look(25)).toBe(401);
    const other = await idle.enter({ id: 'per_idle', organisation: 'org_hub' });
    idle.world.clock.advance(30 * 60_000);
    expect((await idle.ask('GET', '/api/sessions', undefined, { cookie: other })).status).toBe(401);
    await idle.close();
  });
});

describe('ID-04: recovery', () => {
  /** What a new authenticator answers to a registration, by the format `none`. */
  function registration(asked: string): Record<string, unknown> {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const credential = randomBytes(16);
    const data = JSON.stringify({ type: 'webauthn.create', challenge: asked, origin, crossOrigin: false });
    const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, credential.length]), credential, cose(publicKey)]);
    const authenticator = Buffer.concat([sha256('localhost'), Buffer.from([0x45]), Buffer.alloc(4), attested]);
    const head = Buffer.concat([
      Buffer.from([0xa3, 0x63]), Buffer.from('fmt'), Buffer.from([0x64]), Buffer.from('none'), Buffer.from([0x67]), Buffer.from('attStmt'),
      Buffer.from([0xa0, 0x68]), Buffer.from('authData'), Buffer.from([0x58, authenticator.length]), authenticator,
    ]);
    const name = credential.toString('base64url');
    return {
      id: name, rawId: name, type: 'public-key', clientExtensionResults: {},
      response: { clientDataJSON: Buffer.from(data).toString('base64url'), attestationObject: head.toString('base64url'), transports: ['internal'] },
    };
  }

  async function link(person: string): Promise<string> {
    const admin = await hub().enter({ id: 'per_roleadmin', organisation: 'org_hub' });
    const head = await hub().enter({ id: 'per_minh', organisation: 'org_hub' });
    const asked = (await hub().ask('POST', '/api/approvals', { operation: 'people.recover', input: { person }, reason: 'lost the phone' }, { cookie: admin }))
      .json<{ id: string; inputSha256: string }>();
    await hub().ask('POST', `/api/approvals/${asked.id}/approve`, { inputSha256: asked.inputSha256 }, { cookie: head });
    const made = await hub().ask('POST', `/api/people/${person}/recovery`, {}, { cookie: admin, headers: { 'entente-approval': asked.id } });
    expect(made.status, made.text).toBe(201);
    return made.json<{ link: string }>().link.split('#')[1] ?? '';
  }
  const use = async (secret: string): Promise<Answer> => {
    const { challengeId, options } = (await hub().ask('POST', '/api/invitations/challenge', { secret })).json<Asked>();
    return hub().ask('POST', '/api/invitations/accept', { secret, challengeId, response: registration(options.challenge) });
  };

  test('ends every passkey, session and token there was; opens once; an earlier link is void; the person is told', async () => {
    const old = cookieOf(await signIn(70));
    const made = await hub().ask('POST', '/api/tokens', { name: 'old', scopes: ['feed.list'], days: 1 }, { cookie: old });
    const headers = { authorization: `Bearer ${made.json<{ secret: string }>().secret}` };
    const [first, second] = [await link('per_lan'), await link('per_lan')];
    expect((await hub().ask('POST', '/api/invitations/view', { secret: first })).status).toBe(404);
    expect((await hub().ask('GET', '/api/sessions', undefined, { cookie: old })).status).toBe(200);
    const recovered = await use(second);
    expect([recovered.status, recovered.json<{ actor: { person: { id: string } } }>().actor.person.id]).toEqual([200, 'per_lan']);
    expect((await hub().ask('GET', '/api/sessions', undefined, { cookie: old })).status).toBe(401);
    expect(code(await hub().ask('GET', '/api/feeds', undefined, { headers }))).toBe('token.not-accepted');
    expect(code(await signIn(71))).toBe('passkey.not-accepted');
    expect((await passkeysOf(hub().world.db, 'per_lan')).map((p) => p.id)).not.toContain(id);
    expect((await hub().ask('POST', '/api/invitations/view', { secret: second })).status).toBe(404);
    const seen = (await hub().ask('GET', '/api/session', undefined, { cookie: cookieOf(recovered) }))
      .json<{ actor: { recovered: { by: string; approvedBy: string } } }>().actor.recovered;
    expect(seen).toMatchObject({ by: 'per_roleadmin', approvedBy: 'Trần Quang Minh' });
    await hub().composition.sequencer.drain();
    const auditor = await hub().enter({ id: 'per_recauditor', organisation: 'org_hub', roles: ['auditor'] });
    const facts = await hub().ask('GET', '/api/facts?class=person.recovered&subject=per_lan', undefined, { cookie: auditor });
    expect(facts.json<{ facts: unknown[] }>().facts).toHaveLength(1);
  });
  test('is dead after fifteen minutes, and for one who was suspended since', async () => {
    const late = await link('per_lan');
    hub().world.clock.advance(15 * 60_000);
    expect((await hub().ask('POST', '/api/invitations/view', { secret: late })).status).toBe(404);
    const secret = await link('per_lan');
    const admin = await hub().enter({ id: 'per_roleadmin', organisation: 'org_hub' });
    await hub().ask('POST', '/api/people/per_lan/suspend', {}, { cookie: admin });
    expect((await hub().ask('POST', '/api/invitations/view', { secret })).status).toBe(404);
  });
});
