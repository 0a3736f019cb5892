/**
 * The access matrix, generated from the endpoints: every endpoint without credentials, with each role alone, with a token of
 * no use, with ids of another organisation. A new endpoint falls under it unasked; the lists of what needs no mandate may
 * not grow unseen.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathParameters } from '#kit/endpoint';
import { Role } from '../../src/modules/parties/model.ts';
import { roleMatrix } from '../../src/modules/parties/roles.ts';
import { outline } from '../../src/app/outline.ts';
import { openSession } from '../../src/modules/parties/actions/sessions.ts';
import { insertPerson, personById } from '../../src/modules/parties/store.ts';
import { some } from '../some.ts';
import { testHub, type TestHub } from '../hub.ts';
import { keptForeignIds } from './foreign.ts';
import { refusedWith as code } from './refused.ts';
import { requestFor } from './sample.ts';

const operations = outline();
const at: { hub?: TestHub; cookies: Map<string, string> } = { cookies: new Map() };
const foreignIds = keptForeignIds();
const hub = (): TestHub => at.hub as TestHub;

/** A person of the centre who holds one role and no other, signed in. */
const holding = (role: string): Promise<string> =>
  signedIn(`per_only${role.replaceAll('-', '')}`, 'org_hub', [Role.parse(role)]);

/** A person who holds every role there is, in an organisation that the objects asked for are no business of. */
const stranger = (): Promise<string> => signedIn('per_stranger', 'org_kestrel', Role.options);

async function signedIn(id: string, organisation: string, roles: readonly Role[]): Promise<string> {
  const known = at.cookies.get(id);
  if (known) return known;
  const { world, composition } = hub();
  if (!(await personById(world.db, id))) {
    await insertPerson(world.db, {
      id, organisation, name: id, email: null, roles: [...roles], status: 'active', language: 'en',
      createdAt: world.clock.iso(),
    });
  }
  const person = await personById(world.db, id);
  const cookie = { value: '' };
  await world.db.transaction((tx) => openSession(composition.parties, tx, person as never, {
    reply: { setSession: (secret: string) => { cookie.value = `entente-demo=${secret}`; } },
  } as never, 'test'));
  at.cookies.set(id, cookie.value);
  return cookie.value;
}

beforeAll(async () => { at.hub = await testHub(); });
afterAll(() => at.hub?.close());

describe('nobody signed in', () => {
  test.each(some(operations).map((o) => [o.id, o] as const))('%s', async (_, { endpoint }) => {
    const { url, body } = requestFor(endpoint);
    const answer = await hub().ask(endpoint.method, url, body);
    if (endpoint.needs.by === 'public') expect(code(answer)).not.toBe('session.required');
    else expect([answer.status, code(answer)]).toEqual([401, 'session.required']);
    expect(answer.status, answer.text).toBeLessThan(500);
  });
});

describe('each role alone comes as far as the role matrix says, and no further', () => {
  const needing = operations.filter((o) => o.endpoint.needs.by === 'role' || o.endpoint.needs.by === 'mandate');
  test.each(some(needing).map((o) => [o.id, o] as const))('%s', async (_, { endpoint }) => {
    const { url, body } = requestFor(endpoint);
    for (const role of Role.options) {
      const answer = await hub().ask(endpoint.method, url, body, { cookie: await holding(role) });
      const held = roleMatrix[endpoint.needs.right]?.includes(role) ?? false;
      expect([role, code(answer) === 'role.missing']).toEqual([role, !held]);
      expect(answer.status, answer.text).toBeLessThan(500);
    }
  });
});

describe('one’s own account', () => {
  const own = operations.filter((o) => o.endpoint.needs.by === 'self');
  test.each(some(own).map((o) => [o.id, o] as const))('%s is not for tokens', async (_, { endpoint }) => {
    const cookie = await hub().as('per_lan');
    const made = await hub().ask('POST', '/api/tokens', { name: 'x', scopes: ['agreement.list'], days: 1 }, { cookie });
    const { secret } = made.json<{ secret: string }>();
    const { url, body } = requestFor(endpoint);
    const answer = await hub().ask(endpoint.method, url, body, { headers: { authorization: `Bearer ${secret}` } });
    expect([answer.status, code(answer)]).toEqual([403, 'token.not-in-person']);
  });
});

describe('a token', () => {
  test('does what it is scoped to and nothing else', async () => {
    const cookie = await hub().as('per_lan');
    const made = await hub().ask('POST', '/api/tokens', { name: 'x', scopes: ['agreement.list'], days: 1 }, { cookie });
    const headers = { authorization: `Bearer ${made.json<{ secret: string }>().secret}` };
    expect((await hub().ask('GET', '/api/agreements', undefined, { headers })).status).toBe(200);
    expect(code(await hub().ask('GET', '/api/facts', undefined, { headers }))).toBe('token.scope-missing');
    hub().world.clock.advance(86_400_000);
    expect(code(await hub().ask('GET', '/api/agreements', undefined, { headers }))).toBe('token.not-accepted');
    at.cookies.clear();
  });
  test('cannot be given a right that its maker does not hold', async () => {
    const cookie = await hub().as('per_lan');
    const answer = await hub().ask('POST', '/api/tokens', { name: 'x', scopes: ['person.assign'], days: 1 }, { cookie });
    expect(code(answer)).toBe('token.scope-beyond-own');
  });
});

describe('an id of another organisation answers as one that never was, byte for byte', () => {
  const addressed = operations.filter((o) => pathParameters(o.endpoint.path).length > 0 && o.endpoint.needs.by !== 'public');
  test.each(some(addressed).map((o) => [o.id, o] as const))('%s', async (_, { endpoint, id }) => {
    const { owned, unknown } = await foreignIds(hub(), endpoint);
    const cookie = await stranger();
    expect(Object.keys(owned), `${id}: test/access/foreign.ts names no foreign id for its parameters`)
      .toEqual(pathParameters(endpoint.path));
    const theirs = requestFor(endpoint, owned);
    const never = requestFor(endpoint, unknown);
    const [foreign, none] = [
      await hub().ask(endpoint.method, theirs.url, theirs.body, { cookie }),
      await hub().ask(endpoint.method, never.url, never.body, { cookie }),
    ];
    // What always needs a second person says so before it looks at the object: the same to everybody.
    if (endpoint.needs.approval?.when === 'always') expect(code(none)).toBe('approval.required');
    else expect([none.status, none.text]).toEqual([404, none.text]);
    expect([foreign.status, foreign.text]).toEqual([none.status, none.text]);
  });
});

describe('the published lists', () => {
  const published = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'access.md'), 'utf8');
  test('every right an endpoint needs by role or mandate is in the role matrix, spelt noun.verb', () => {
    for (const { endpoint } of operations) {
      expect(endpoint.needs.right).toMatch(/^[a-z-]+\.[a-z-]+$/);
      if (endpoint.needs.by === 'role' || endpoint.needs.by === 'mandate') expect(roleMatrix).toHaveProperty([endpoint.needs.right]);
    }
  });
  test('each of them has its reason in docs/decisions/0005, and what is no longer in a list has none there', () => {
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'decisions', '0005-what-needs-no-mandate.md'), 'utf8');
    const ids = operations.filter((o) => o.endpoint.needs.by !== 'mandate').map((o) => o.id);
    const all = new Set(operations.map((o) => o.id));
    const named = [...page.matchAll(/`([a-z-]+\.[\w-]+)`/g)].map((m) => m[1] ?? '').filter((name) => !/\.(ts|md)$/.test(name));
    expect(ids.filter((id) => !named.includes(id))).toEqual([]);
    expect(named.filter((name) => all.has(name) && !ids.includes(name))).toEqual([]);
  });
  test.each(['public', 'self', 'role'])('docs/access.md lists exactly what is %s', (by) => {
    const ids = operations.filter((o) => o.endpoint.needs.by === by).map((o) => o.id).sort();
    const heading = { public: '## Public', self: '## Self', role: '## Role:' }[by] as string;
    const section = published.split(/^(?=## )/m).find((s) => s.startsWith(heading)) ?? '';
    expect([...section.matchAll(/^\| `([\w.-]+)` \| `(?:GET|POST|PUT|PATCH|DELETE) /gm)].map((m) => m[1]).sort()).toEqual(ids);
  });
});
