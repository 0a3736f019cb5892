/**
 * Bad input is normal: every endpoint, every field, values that nobody means well with. Whatever comes back says no in our own
 * words; nothing breaks on our side. Generated from the endpoints, so that a new one falls under it unasked. In the tier `ci`
 * every field meets every value; on any clone each takes its turn.
 */
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathParameters } from '#kit/endpoint';
import { outline } from '../../src/app/outline.ts';
import { Role } from '../../src/modules/parties/model.ts';
import { insertPerson, personById } from '../../src/modules/parties/store.ts';
import { openSession } from '../../src/modules/parties/actions/sessions.ts';
import { testHub, type TestHub } from '../hub.ts';
import { requestFor } from './sample.ts';

const at: { hub?: TestHub; cookie: string } = { cookie: '' };
const hub = (): TestHub => at.hub as TestHub;

beforeAll(async () => {
  at.hub = await testHub();
  const { world, composition } = at.hub;
  await insertPerson(world.db, {
    id: 'per_everything', organisation: 'org_hub', name: 'x', email: null, roles: [...Role.options], status: 'active',
    language: 'en', createdAt: world.clock.iso(),
  });
  const person = await personById(world.db, 'per_everything');
  await world.db.transaction((tx) => openSession(composition.parties, tx, person as never, {
    reply: { setSession: (secret: string) => { at.cookie = `entente-demo=${secret}`; } },
  } as never, 'test'));
});
afterAll(() => at.hub?.close());

const texts = [
  '', '\u0000', 'a\u0000b', '\ud800', 'x'.repeat(5000), "'; drop table people; --", '../../etc/passwd', '%00', '<script>alert(1)</script>',
  '-1', '1e308', '2026-02-30', '9999-12-31', '0000-01-01', '2026-06-15T00:00:00Z', 'constructor', '__proto__', 'VN', '::1', '1.2.3.4/33',
  'W10=', '1'.repeat(400),
];
const values: readonly unknown[] = [...texts, 0, -1, 1.5, 1e308, 2 ** 53, null, true, [], {}, [null], [[[[[]]]]], { a: 1 }, ['x'.repeat(300)]];

/** Of the values that a field would meet, those that are its turn. */
function turns<T>(all: readonly T[], field: string): readonly T[] {
  if (process.env['TIER'] === 'ci') return all;
  const first = [...field].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  return all.filter((_, i) => (i + first) % 5 === 0);
}

const ours = (status: number): boolean => status < 500;

describe('no endpoint breaks on what it is sent', () => {
  test.each(outline().map((o) => [o.id, o] as const))('%s', async (id, { endpoint }) => {
    const schema = z.toJSONSchema(endpoint.input, { io: 'input', unrepresentable: 'any' }) as { properties?: Record<string, unknown> };
    const named = pathParameters(endpoint.path);
    const ask = async (url: string, body: unknown, what: unknown): Promise<void> => {
      const answer = await hub().ask(endpoint.method, url, body, { cookie: at.cookie });
      const shown = `${id} with ${JSON.stringify(what)?.slice(0, 80)}: ${answer.text.slice(0, 200)}`;
      expect(ours(answer.status), `${shown} ${JSON.stringify(hub().trace.lines.at(-2))}`).toBe(true);
    };
    for (const name of named) {
      for (const text of turns(texts, id + name)) {
        const { url, body } = requestFor(endpoint, { [name]: text === '\ud800' ? 'bad' : text });
        await ask(url, body, { [name]: text });
      }
    }
    const { url, body } = requestFor(endpoint);
    const [path = ''] = url.split('?');
    const inQuery = endpoint.method === 'GET' || endpoint.method === 'DELETE' || endpoint.transport === 'raw';
    const keep = ['session.end', 'sessions.revoke'].includes(id);
    for (const field of keep ? [] : Object.keys(schema.properties ?? {}).filter((f) => !named.includes(f))) {
      for (const value of turns(inQuery ? texts : values, id + field)) {
        const query = new URLSearchParams(url.split('?')[1]);
        if (inQuery) query.set(field, String(value));
        const sent = inQuery ? body : { ...(body as object), [field]: value };
        await ask(inQuery ? `${path}?${query}` : path, sent, { [field]: value });
      }
    }
  });

  test('a path that is no UTF-8, a path without end, a method nobody has', async () => {
    const paths = ['/taxii2/%zz/', '/taxii2/own/collections/%E0%A4%A/objects/', '/taxii2/own/collections/%00/objects/%zz/', '/api/exports/%zz/current',
      '/api/exports/%00/releases/1/file', '/misp/events/view/%zz', '/api/vulnerabilities/%zz', '/api/feeds/%zz/mapping',
      '/api/agreements/%E0%A4%A', '/api/agreements/%', '/api/facts/%00', '/api//', '/api/../ledger/checkpoint',
      `/api/agreements/${'x'.repeat(20_000)}`];
    for (const path of paths) {
      expect([path.slice(0, 40), ours((await hub().ask('GET', path, undefined, { cookie: at.cookie })).status)]).toEqual([path.slice(0, 40), true]);
    }
    expect((await hub().ask('PATCH', '/api/session', {}, { cookie: at.cookie })).status).toBe(404);
  });
});
