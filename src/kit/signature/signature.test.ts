import { createPrivateKey, sign, verify, createPublicKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { nodeVerifying } from '../hash/node.ts';
import { bytesOf, listsOf, listText } from './fields.ts';
import { readSignature, signedText, type SignedRequest } from './message.ts';
import { checkPush, publicKeyOf, statedDigest, toSign, type PushFault } from './profile.ts';

/** The key of RFC 9421, B.1.4. */
const jwk = { kty: 'OKP', crv: 'Ed25519', d: 'n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU', x: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs' };
const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
const publicKey = publicKeyOf(jwk.x) as Uint8Array;

const requestOf = (method: string, url: string, headers: Readonly<Record<string, string>>): SignedRequest => ({
  method, url: new URL(url), header: (name) => headers[name] ?? null,
});

/** The request of RFC 9421, B.2. */
const test26 = {
  date: 'Tue, 20 Apr 2021 02:07:55 GMT', 'content-type': 'application/json', 'content-length': '18',
  'content-digest': 'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:',
  'signature-input': 'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
  signature: 'sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:',
};

describe('RFC 9421, appendix B.2.6', () => {
  const request = requestOf('POST', 'https://example.com/foo?param=Value&Pet=dog', test26);
  test('the base is the one printed there', () => {
    expect(readSignature(request).base).toBe([
      '"date": Tue, 20 Apr 2021 02:07:55 GMT', '"@method": POST', '"@path": /foo', '"@authority": example.com',
      '"content-type": application/json', '"content-length": 18',
      '"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
    ].join('\n'));
  });
  test('the signature verifies, and is what this key makes', async () => {
    const { base, signature } = readSignature(request);
    expect(await nodeVerifying.verifyEd25519(publicKey, Buffer.from(base), signature)).toBe(true);
    expect(Buffer.from(signature).equals(sign(null, Buffer.from(base), privateKey))).toBe(true);
  });
  test('it does not verify over anything else', async () => {
    for (const url of ['https://example.com/fop', 'https://example.org/foo']) {
      const { base, signature } = readSignature(requestOf('POST', url, test26));
      expect(await nodeVerifying.verifyEd25519(publicKey, Buffer.from(base), signature)).toBe(false);
    }
  });
  test('and is not in our profile, since it leaves the body open', async () => {
    expect(await checkPush(request, 1_618_884_480, () => publicKey, nodeVerifying)).toMatchObject({ ok: false, fault: 'component', at: '@query' });
  });
});

const now = 1_800_000_000;
const plain = {
  'content-type': 'application/x-ndjson', 'content-digest': 'sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:',
};
function signed(over: Record<string, string> = {}, times: { created?: number; expires?: number } = {}): SignedRequest {
  const url = 'https://hub.example/api/feeds/x/batches?file=a';
  const headers: Record<string, string> = { ...plain, ...over };
  const { input, base } = toSign(requestOf('POST', url, headers), { keyid: 'k', created: now, expires: now + 300, ...times });
  headers['signature-input'] = `push=${input}`;
  headers['signature'] = `push=:${sign(null, Buffer.from(base), privateKey).toString('base64')}:`;
  return requestOf('POST', url, headers);
}
const faultOf = async (request: SignedRequest, at = now, key: Uint8Array | null = publicKey): Promise<PushFault | 'good'> => {
  const answer = await checkPush(request, at, () => key, nodeVerifying);
  return answer.ok ? 'good' : answer.fault;
};
const changed = (request: SignedRequest, headers: Record<string, string | null>): SignedRequest =>
  ({ ...request, header: (name) => (name in headers ? headers[name] ?? null : request.header(name)) });

describe('the profile of signed uploads', () => {
  test('takes what is signed over all it must cover', async () => {
    const answer = await checkPush(signed(), now, (keyid) => (keyid === 'k' ? publicKey : null), nodeVerifying);
    expect(answer).toMatchObject({ ok: true, keyid: 'k', expires: now + 300 });
  });
  test('tells by how much it is late, early or long', async () => {
    const late = await checkPush(signed(), now + 312, () => publicKey, nodeVerifying);
    expect(late).toMatchObject({ fault: 'expired', sentence: 'The signature expired 12 seconds ago.' });
    expect(await faultOf(signed(), now + 299)).toBe('good');
    expect(await faultOf(signed(), now + 300)).toBe('expired');
    expect(await faultOf(signed(), now - 60)).toBe('good');
    expect(await faultOf(signed(), now - 61)).toBe('early');
    expect(await faultOf(signed({}, { expires: now + 601 }))).toBe('life');
  });
  test('names what is missing', async () => {
    const whole = signed();
    expect(await checkPush(changed(whole, { signature: null }), now, () => publicKey, nodeVerifying)).toMatchObject({ fault: 'missing', at: 'signature' });
    expect(await faultOf(changed(whole, { 'signature-input': null }))).toBe('missing');
    expect(await faultOf(changed(whole, { 'content-digest': 'md5=:AAAA:' }))).toBe('malformed');
    expect(await faultOf(whole, now, null)).toBe('unknown-key');
    const input = whole.header('signature-input') ?? '';
    for (const name of ['"@method" ', '"@path" ', '"@query" ', '"content-digest" ', ' "content-type"']) {
      const answer = await checkPush(changed(whole, { 'signature-input': input.replace(name, '') }), now, () => publicKey, nodeVerifying);
      expect(answer).toMatchObject({ ok: false, fault: 'component', at: name.trim().replaceAll('"', '') });
    }
    for (const [from, to, fault] of [
      [`;created=${now}`, '', 'malformed'], [`;expires=${now + 300}`, '', 'malformed'], [';keyid="k"', '', 'malformed'],
      [';keyid="k"', ';keyid=7', 'malformed'], [';keyid="k"', ';keyid="k";alg="rsa-pss-sha512"', 'algorithm'],
      ['"@method"', '"@method";req', 'component'], ['"@method"', '"@method" "@method"', 'component'], ['"@method"', '"@nothing"', 'component'],
      ['"@method"', '"@method" "x-absent"', 'component'], ['push=(', 'other=(', 'malformed'], ['push=(', 'a=("@path"), push=(', 'malformed'],
    ] as const) {
      expect([to, await faultOf(changed(whole, { 'signature-input': input.replace(from, to) }))]).toEqual([to, fault]);
    }
  });
  test('whatever is changed on the way is seen', async () => {
    const whole = signed();
    expect(await faultOf({ ...whole, method: 'PUT' })).toBe('invalid');
    expect(await faultOf({ ...whole, url: new URL('https://hub.example/api/feeds/y/batches?file=a') })).toBe('invalid');
    expect(await faultOf({ ...whole, url: new URL('https://hub.example/api/feeds/x/batches?file=b') })).toBe('invalid');
    expect(await faultOf(changed(whole, { 'content-type': 'text/csv' }))).toBe('invalid');
    expect(await faultOf(changed(whole, { 'content-digest': `sha-256=:${Buffer.alloc(32, 1).toString('base64')}:` }))).toBe('invalid');
    // The host is the reverse proxy's business.
    expect(await faultOf({ ...whole, url: new URL('http://127.0.0.1:8080/api/feeds/x/batches?file=a') })).toBe('good');
  });
});

describe('fields and keys', () => {
  test('are read as RFC 9651 says, and written in their one spelling', () => {
    expect(listText(listsOf('  a=(  "x"   "y";bs  );created=1;  nonce="q\\"\\\\" ').get('a') ?? { items: [], params: new Map() }))
      .toBe('("x" "y";bs);created=1;nonce="q\\"\\\\"');
    expect(bytesOf('a=:AQI=:, b=:Aw==:;p').get('b')).toEqual(new Uint8Array([3]));
    expect(signedText(requestOf('get', 'http://h', {}), { items: [], params: new Map() })).toBe('"@signature-params": ()');
    for (const bad of [`a=("${'x'.repeat(9000)}")`, 'a=(', 'a=("x"', 'a=("x""y")', 'a=(x)', 'a', 'a=', 'a=("x"),', 'a=("x");created=1.5', 'a=("x");', 'A=()']) {
      expect(() => listsOf(bad), bad).toThrow(expect.objectContaining({ name: 'FieldError' }) as Error);
    }
    for (const bad of ['a=:AQ:', 'a=AQI=', 'a=:A*==:', 'a=1']) expect(() => bytesOf(bad), bad).toThrow();
  });
  test('a digest is SHA-256 or none', () => {
    expect(statedDigest(plain['content-digest'])?.length).toBe(32);
    const others = [statedDigest(null), statedDigest('sha-256=:AQI=:'), statedDigest('sha-256=abc'), statedDigest(test26['content-digest'])];
    expect(others).toEqual([null, null, null, null]);
  });
  test('a public key is taken as JWK, PEM and base64, a private one never', () => {
    const pem = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
    const base64 = Buffer.from(publicKey).toString('base64');
    const { d: _d, ...shown } = jwk;
    for (const text of [JSON.stringify(shown), pem, base64, jwk.x]) expect(publicKeyOf(text)).toEqual(publicKey);
    for (const text of [JSON.stringify(jwk), '', 'x', '{}', '{', 'null', `${base64}AA`,
      privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), Buffer.alloc(32).toString('base64'), pem.replace('MCow', 'MCox'),
    ]) expect([text, publicKeyOf(text)]).toEqual([text, null]);
    expect(verify(null, Buffer.from('x'), createPublicKey(privateKey), sign(null, Buffer.from('x'), privateKey))).toBe(true);
  });
});
