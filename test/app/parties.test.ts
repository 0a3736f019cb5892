import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { peopleOf } from '../../src/modules/parties/store.ts';
import { firstAdministratorLink } from '../../src/modules/parties/actions/people.ts';
import { testHub, type TestHub } from '../hub.ts';

const at: { hub?: TestHub } = {};
const hub = (): TestHub => at.hub as TestHub;
const code = (answer: { json<T>(): T }): string => answer.json<{ code: string }>().code;

beforeAll(async () => { at.hub = await testHub(); });
afterAll(() => at.hub?.close());

describe('people and roles', () => {
  test('nobody raises themselves, the last administrator stays, another organisation’s people are not there', async () => {
    const thao = await hub().as('per_thao');
    const put = (person: string, roles: string[]) => hub().ask('PUT', `/api/people/${person}/roles`, { roles }, { cookie: thao });
    expect(code(await put('per_thao', ['administrator', 'principal']))).toBe('person.own-roles');
    expect(code(await put('per_rivera', ['administrator']))).toBe('person.not-found');
    expect((await put('per_lan', ['duty-officer', 'reviewer'])).json<{ roles: string[] }>().roles).toEqual(['duty-officer', 'reviewer']);
    expect(code(await put('per_lan', ['duty-officer', 'auditor']))).toBe('person.duties-conflict');
    expect((await put('per_lan', ['duty-officer'])).status).toBe(200);
  });
  test('suspending ends sessions and tokens with the next request', async () => {
    const cookie = await hub().as('per_mai');
    const made = await hub().ask('POST', '/api/tokens', { name: 't', scopes: ['agreement.list'], days: 1 }, { cookie });
    const headers = { authorization: `Bearer ${made.json<{ secret: string }>().secret}` };
    const { db, clock } = hub().world;
    const { insertPerson } = await import('../../src/modules/parties/store.ts');
    await insertPerson(db, {
      id: 'per_second', organisation: 'org_minrecords', name: 'Second', email: null, roles: ['administrator'],
      status: 'active', language: 'en', createdAt: clock.iso(),
    });
    const { personById } = await import('../../src/modules/parties/store.ts');
    const { openSession } = await import('../../src/modules/parties/actions/sessions.ts');
    const second = { value: '' };
    const person = await personById(db, 'per_second');
    await db.transaction((tx) => openSession(hub().composition.parties, tx, person as never, {
      reply: { setSession: (secret: string) => { second.value = `entente-demo=${secret}`; } },
    } as never, 'test'));
    expect((await hub().ask('POST', '/api/people/per_mai/suspend', {}, { cookie: second.value })).status).toBe(200);
    expect((await hub().ask('GET', '/api/agreements', undefined, { cookie })).status).toBe(401);
    expect(code(await hub().ask('GET', '/api/agreements', undefined, { headers }))).toBe('token.not-accepted');
  });
  test('a session ends where it is revoked, and by itself after twelve hours', async () => {
    const [one, two] = [await hub().as('per_hung'), await hub().as('per_hung')];
    const { sessions } = (await hub().ask('GET', '/api/sessions', undefined, { cookie: one }))
      .json<{ sessions: { id: string; current: boolean }[] }>();
    const other = sessions.find((s) => !s.current);
    expect((await hub().ask('DELETE', `/api/sessions/${other?.id}`, undefined, { cookie: one })).status).toBe(200);
    expect((await hub().ask('GET', '/api/sessions', undefined, { cookie: two })).status).toBe(401);
    hub().world.clock.advance(12 * 3600_000);
    expect((await hub().ask('GET', '/api/sessions', undefined, { cookie: one })).status).toBe(401);
  });
  test('an invitation is for one’s own people, or the first administrator of an organisation one introduced', async () => {
    const thao = await hub().as('per_thao');
    const invite = (body: object) => hub().ask('POST', '/api/invitations', { name: 'New', ...body }, { cookie: thao });
    expect(code(await invite({ organisation: 'org_meridian', roles: ['administrator'] }))).toBe('invitation.not-yours');
    expect(code(await invite({ organisation: 'org_neverwas', roles: ['administrator'] }))).toBe('organisation.not-found');
    const made = await hub().ask('POST', '/api/organisations',
      { name: 'Newcomer', nameLocal: null, kind: 'company', country: 'VN' }, { cookie: thao });
    const { id } = made.json<{ id: string }>();
    expect(code(await invite({ organisation: id, roles: ['principal'] }))).toBe('invitation.first-administrator');
    const { link } = (await invite({ organisation: id, roles: ['administrator'] })).json<{ link: string }>();
    const secret = link.split('#')[1];
    expect((await hub().ask('POST', '/api/invitations/view', { secret })).json<{ name: string }>().name).toBe('New');
    hub().world.clock.advance(8 * 86_400_000);
    expect((await hub().ask('POST', '/api/invitations/view', { secret })).status).toBe(404);
  });
});

test('the first administrator’s link is there only while nobody has an account, and only the newest opens', async () => {
  const { composition, world } = hub();
  expect(await firstAdministratorLink(composition.parties, 'org_hub')).toBeNull();
  const [first, second] = [
    await firstAdministratorLink(composition.parties, 'org_fresh'), await firstAdministratorLink(composition.parties, 'org_fresh'),
  ];
  const view = (link: string | null) => hub().ask('POST', '/api/invitations/view', { secret: link?.split('#')[1] });
  expect([(await view(first)).status, (await view(second)).status]).toEqual([404, 200]);
  world.clock.advance(15 * 60_000);
  expect((await view(second)).status).toBe(404);
  expect(await peopleOf(world.db, 'org_fresh')).toEqual([]);
});
