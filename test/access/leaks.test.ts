/**
 * SEC-02, SEC-04, SEC-13 and G10: forty words stand in records of two organisations, and every address is asked, with every
 * method, by people of others who hold every role there is. None turns up in any body, header, stream, export or line of
 * the log; nor does asking for one answer otherwise than asking for what never was.
 */
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathParameters, type Endpoint } from '#kit/endpoint';
import { asHub } from '#world/db/scope';
import { outline } from '../../src/app/outline.ts';
import { Role } from '../../src/modules/parties/model.ts';
import { some } from '../some.ts';
import { testHub, type Answer, type TestHub } from '../hub.ts';
import { found, plant, type Planted } from './canaries.ts';
import { keptForeignIds } from './foreign.ts';
import { requestFor } from './sample.ts';
import { someone } from './someone.ts';

const at: { hub?: TestHub; centre?: Planted; vendor?: Planted; cookies: Map<string, string> } = { cookies: new Map() };
const foreignIds = keptForeignIds();
const hub = (): TestHub => at.hub as TestHub;
const planted = (): Planted => ({
  canaries: new Map([['hub', at.centre] as const, ['meridian', at.vendor] as const].flatMap(([org, one]) =>
    [...(one?.canaries ?? [])].map(([where, word]): [string, string] => [`${org} ${where}`, word]))),
  secrets: new Map([...(at.centre?.secrets ?? []), ...(at.vendor?.secrets ?? [])]),
});

/** Nobody's business, one's own business with the centre, and one of its constituents. */
const outsiders = ['org_nobody', 'org_kestrel', 'org_mintransit'] as const;

beforeAll(async () => {
  at.hub = await testHub();
  const { insertOrganisation } = await import('../../src/modules/parties/store.ts');
  await insertOrganisation(at.hub.world.db, { id: 'org_nobody', name: 'Nobody', nameLocal: null, kind: 'company', country: 'VN' }, null);
  at.centre = await plant(at.hub, 'org_hub');
  at.vendor = await plant(at.hub, 'org_meridian');
  for (const org of outsiders) at.cookies.set(org, await someone(at.hub, `per_all${org.slice(4)}`, org, Role.options));
  at.cookies.set('org_hub', await someone(at.hub, 'per_allhub', 'org_hub', Role.options));
});
afterAll(() => at.hub?.close());

const whole = (answer: Answer): string => `${answer.text}\n${[...answer.headers].map(([k, v]) => `${k}: ${v}`).join('\n')}`;
const stays = (id: string): boolean => ['session.end', 'sessions.revoke'].includes(id);

/** Text fields of an endpoint's input that are not in its path. */
function textFields(endpoint: Endpoint): string[] {
  type Fields = { properties?: Record<string, { type?: string; format?: string }> };
  const schema = z.toJSONSchema(endpoint.input, { io: 'input', unrepresentable: 'any' }) as Fields;
  const named = pathParameters(endpoint.path);
  return Object.entries(schema.properties ?? {}).filter(([name, s]) => s.type === 'string' && !s.format && !named.includes(name)).map(([name]) => name);
}

test('forty words are planted, and whoever they belong to sees them', async () => {
  expect(planted().canaries.size).toBeGreaterThanOrEqual(40);
  const seen = new Set<string>();
  const cookie = at.cookies.get('org_hub') as string;
  for (const { endpoint } of outline().filter((o) => o.endpoint.method === 'GET')) {
    const { owned } = await foreignIds(hub(), endpoint);
    for (const where of found(whole(await hub().ask('GET', requestFor(endpoint, owned).url, undefined, { cookie })), planted().canaries)) seen.add(where);
  }
  // Or the search would be for what nobody is ever shown.
  expect(seen.size).toBeGreaterThan(12);
});

describe('no word of others turns up', () => {
  test.each(some(outline().filter((o) => !stays(o.id))).map((o) => [o.id, o] as const))('%s', async (id, { endpoint }) => {
    const { owned } = await foreignIds(hub(), endpoint);
    const { url, body } = requestFor(endpoint, owned);
    const lines = hub().trace.lines.length;
    for (const org of outsiders) {
      const cookie = at.cookies.get(org) as string;
      const asked = [await hub().ask(endpoint.method, url, body, { cookie })];
      if (endpoint.method !== 'GET') asked.push(await hub().ask('GET', url, undefined, { cookie }), await hub().ask('HEAD', url, undefined, { cookie }));
      for (const answer of asked) {
        expect([id, org, found(whole(answer), planted().canaries), found(whole(answer), planted().secrets)]).toEqual([id, org, [], []]);
      }
    }
    const anonymous = await hub().ask(endpoint.method, url, body);
    expect([id, found(whole(anonymous), planted().canaries)]).toEqual([id, []]);
    expect(found(JSON.stringify(hub().trace.lines.slice(lines)), planted().secrets)).toEqual([]);
  });

  test('in the ledger’s export, and in what follows in the stream', async () => {
    await asHub('test', () => hub().composition.sequencer.drain());
    for (const org of outsiders) {
      const cookie = at.cookies.get(org) as string;
      const bundle = await hub().ask('GET', '/api/ledger/bundle', undefined, { cookie });
      expect(bundle.status).toBe(200);
      expect([org, found(bundle.text, planted().canaries), found(bundle.text, planted().secrets)]).toEqual([org, [], []]);
      const response = await hub().composition.app({ ...(await import('../hub.ts')).demoPosture })
        .request('http://localhost:8080/api/stream', { headers: { host: 'localhost:8080', cookie, 'last-event-id': '0' } });
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      const text: string[] = [];
      for (;;) {
        const next = await Promise.race([reader.read(), new Promise<null>((resolve) => { setTimeout(resolve, 300, null); })]);
        if (next === null || next.done) break;
        text.push(new TextDecoder().decode(next.value));
      }
      await reader.cancel();
      expect(text.length).toBeGreaterThan(0);
      expect([org, found(text.join(''), planted().canaries)]).toEqual([org, []]);
    }
  });
});

describe('asking for a word of others is asking for what never was (G10)', () => {
  const searched = outline().filter((o) => o.endpoint.method === 'GET' && o.endpoint.needs.by !== 'public' && textFields(o.endpoint).length > 0);
  test.each(some(searched).map((o) => [o.id, o] as const))('%s', async (id, { endpoint }) => {
    const { url } = requestFor(endpoint, (await foreignIds(hub(), endpoint)).unknown);
    const [path = '', query = ''] = url.split('?');
    for (const org of ['org_nobody', 'org_kestrel']) {
      for (const field of textFields(endpoint)) {
        for (const word of [...planted().canaries.values()].filter((_, i) => (i + id.length + field.length) % 10 === 0)) {
          const never = word.replace('canary', 'nothin');
          const ask = async (value: string): Promise<[number, string]> => {
            const parameters = new URLSearchParams(query);
            parameters.set(field, value);
            const answer = await hub().ask('GET', `${path}?${parameters}`, undefined, { cookie: at.cookies.get(org) as string });
            return [answer.status, answer.text.replaceAll(value, 'WORD')];
          };
          expect([id, field, await ask(word)]).toEqual([id, field, await ask(never)]);
        }
      }
    }
  });

  test('a name that is taken elsewhere is free here', async () => {
    const word = (where: string): string => at.centre?.canaries.get(where) ?? '';
    const cookie = at.cookies.get('org_kestrel') as string;
    const post = async (path: string, body: unknown): Promise<number> => (await hub().ask('POST', path, body, { cookie })).status;
    expect(await post('/api/feeds', { name: word('feed.name'), title: 'x', shape: 'ndjson' })).toBe(201);
    expect(await post('/api/constituents', { name: word('constituent.name'), kind: 'ministry', org: null, sector: null, province: null })).toBeLessThan(300);
    expect(await post('/api/organisations', { name: word('organisation.name'), nameLocal: null, kind: 'vendor', country: 'VN' })).toBe(201);
  });
});

describe('secrets are shown once, to whom they were made for, and never again (SEC-13)', () => {
  test('not to the administrator of the very organisation, by any address, nor in any line of the log', async () => {
    const cookie = at.cookies.get('org_hub') as string;
    for (const { id, endpoint } of outline().filter((o) => o.endpoint.method === 'GET')) {
      const { owned } = await foreignIds(hub(), endpoint);
      const answer = await hub().ask('GET', requestFor(endpoint, owned).url, undefined, { cookie });
      expect([id, found(whole(answer), planted().secrets)]).toEqual([id, []]);
    }
    expect(planted().secrets.size).toBeGreaterThan(20);
    expect(found(JSON.stringify(hub().trace.lines), planted().secrets)).toEqual([]);
  });
});
