/**
 * SEC-14 and SEC-10: what another site makes a browser send is refused, whatever it looks like, and changes nothing; and no
 * answer of the hub leads anywhere but to its own pages.
 */
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outline } from '../../src/app/outline.ts';
import { Role } from '../../src/modules/parties/model.ts';
import { some } from '../some.ts';
import { testHub, type TestHub } from '../hub.ts';
import { elsewhere } from './elsewhere.ts';
import { keptForeignIds } from './foreign.ts';
import { refusedWith } from './refused.ts';
import { requestFor } from './sample.ts';
import { someone } from './someone.ts';

const at: { hub?: TestHub; cookie: string } = { cookie: '' };
const foreignIds = keptForeignIds();
const hub = (): TestHub => at.hub as TestHub;
beforeAll(async () => {
  at.hub = await testHub();
  at.cookie = await someone(at.hub, 'per_victim', 'org_hub', Role.options.filter((role) => role !== 'monitor'));
});
afterAll(() => at.hub?.close());

/** What was done; that a look was decided on is said of each look, and is no act. */
const facts = async (): Promise<string> => (await sql<{ n: string }>`select
  (select count(*) from facts_outbox where class not like 'decision.%') + (select count(*) from ledger_openings where class not like 'decision.%')
    || '/' || (select count(*) from sessions) as n`
  .execute(hub().world.db.as<object>())).rows[0]?.n ?? '';

const sent: readonly [name: string, headers: Record<string, string>][] = [
  ['another origin', { origin: 'https://evil.example' }], ['an origin of none', { origin: 'null' }],
  ['another scheme', { origin: 'https://localhost:8080' }], ['another port', { origin: 'http://localhost:8081' }],
  ['a host that begins like ours', { origin: 'http://localhost:8080.evil.example' }],
  ['a name before an @', { origin: 'http://localhost:8080@evil.example' }],
  ['no origin, but a cookie', { origin: '' }], ['our origin, sent across sites', { 'sec-fetch-site': 'cross-site' }],
  ['our origin, from a sister site', { 'sec-fetch-site': 'same-site' }],
  ['a form', { origin: 'https://evil.example', 'content-type': 'application/x-www-form-urlencoded' }],
  ['plain text', { origin: 'https://evil.example', 'content-type': 'text/plain' }],
  ['another method in a header', { origin: 'https://evil.example', 'x-http-method-override': 'DELETE' }],
];

describe('a write that another site makes', () => {
  const writing = outline().filter((o) => o.endpoint.method !== 'GET');
  test.each(some(writing).map((o) => [o.id, o] as const))('%s', async (id, { endpoint }) => {
    const { owned } = await foreignIds(hub(), endpoint);
    const { url, body } = requestFor(endpoint, owned);
    const before = await facts();
    for (const [name, headers] of sent) {
      const answer = await hub().ask(endpoint.method, url, body, { cookie: at.cookie, headers });
      expect([id, name, answer.status, refusedWith(answer)]).toEqual([id, name, 403, 'request.foreign-origin']);
    }
    expect(await facts()).toBe(before);
  });

  test.each(some(writing).map((o) => [o.id, o] as const))('%s is not done by GET, HEAD, OPTIONS or a method that hides another', async (_, { endpoint }) => {
    const { owned } = await foreignIds(hub(), endpoint);
    const { url } = requestFor(endpoint, owned);
    const before = await facts();
    for (const method of ['HEAD', 'OPTIONS', 'GET']) {
      for (const extra of ['', `${url.includes('?') ? '&' : '?'}_method=${endpoint.method}`]) {
        const answer = await hub().ask(method, `${url}${extra}`, undefined, {
          cookie: at.cookie, headers: { origin: 'https://evil.example', 'x-http-method-override': endpoint.method, 'x-http-method': endpoint.method },
        });
        expect(answer.headers.get('access-control-allow-origin')).toBeNull();
        expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
      }
    }
    expect(await facts()).toBe(before);
  });

  test('one is still signed in after all of it', async () => {
    expect((await hub().ask('GET', '/api/session', undefined, { cookie: at.cookie })).text).toContain('per_victim');
  });
});

describe('a read that another site makes with one’s cookie', () => {
  const reading = outline().filter((o) => o.endpoint.method === 'GET' && o.endpoint.needs.by !== 'public');
  test.each(some(reading).map((o) => [o.id, o] as const))('%s', async (id, { endpoint }) => {
    const { url } = requestFor(endpoint);
    const answer = await hub().ask('GET', url, undefined, { cookie: at.cookie, headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } });
    expect([id, answer.status, refusedWith(answer)]).toEqual([id, 403, 'request.foreign-origin']);
  });
});

test('no address of the hub sends anybody away, whatever it is told to go on to', async () => {
  expect(elsewhere.length).toBeGreaterThanOrEqual(30);
  for (const { endpoint, id } of outline()) {
    const { url } = requestFor(endpoint);
    for (const to of elsewhere.filter((_, i) => i % 3 === 0)) {
      const query = ['next', 'after', 'return_to', 'redirect'].map((name) => `${name}=${encodeURIComponent(to)}`).join('&');
      const answer = await hub().ask('GET', `${url}${url.includes('?') ? '&' : '?'}${query}`);
      const location = answer.headers.get('location');
      expect([id, location === null || (location.startsWith('/') && !/^\/[/\\]/.test(location))]).toEqual([id, true]);
      expect(answer.headers.get('refresh')).toBeNull();
    }
  }
});
