/** TAXII 2.1 as a client meets it: the 26 points of the standard that a server is held to, over the router, between two organisations. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testHub, type Answer, type TestHub } from '../hub.ts';

const at = { hub: null as TestHub | null, lan: '', keller: '', rivera: '', id: '', other: '' };
const hub = (): TestHub => at.hub as TestHub;
const root = '/taxii2/agr_kestrel';
const taxii = 'application/taxii+json;version=2.1';

const get = (path: string, cookie = at.lan, headers: Record<string, string> = {}): Promise<Answer> => hub().ask('GET', path, undefined, { cookie,
  headers: { accept: taxii, ...headers } });
const post = (path: string, objects: readonly object[], cookie = at.lan, headers: Record<string, string> = {}): Promise<Answer> =>
  hub().ask('POST', path, JSON.stringify({ objects }), { cookie, headers: { accept: taxii, 'content-type': taxii, ...headers } });

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const green = 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb';
const amber = 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421';
const red = 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1';
const malware = (n: number, more: object = {}): object => ({
  type: 'malware', spec_version: '2.1', id: `malware--${uuid(n)}`, created: '2024-01-01T00:00:00.000Z', modified: '2024-01-01T00:00:00.000Z',
  name: `Family ${n}`, is_family: true, object_marking_refs: [green], ...more,
});
const idsOf = (answer: Answer): string[] => (answer.json<{ objects?: { id: string }[] }>().objects ?? []).map((o) => o.id);
const open = async (body: object, cookie = at.lan): Promise<string> => {
  const answer = await hub().ask('POST', '/api/collections', { agreement: 'agr_kestrel', ceiling: 'AMBER', ...body }, { cookie });
  expect(answer.status, answer.text).toBe(201);
  return answer.json<{ collection: { id: string } }>().collection.id;
};

beforeAll(async () => {
  at.hub = await testHub();
  at.lan = await hub().as('per_lan');
  at.keller = await hub().as('per_keller');
  at.rivera = await hub().as('per_rivera');
  at.id = await open({ title: 'Indicators for Kestrel', alias: 'indicators', accepts: true });
  at.other = await open({ title: 'Read only', ceiling: 'GREEN' });
}, 60_000);
afterAll(async () => {
  expect(hub().trace.lines.filter((l) => l.level === 'error')).toEqual([]);
  await at.hub?.close();
});

describe('addresses and media types', () => {
  test('discovery names a root for each agreement in force and one of one’s own, relative and ending in a slash', async () => {
    const found = await get('/taxii2/');
    expect(found.status).toBe(200);
    expect(found.headers.get('content-type')).toBe(taxii);
    const { api_roots: roots, default: first } = found.json<{ api_roots: string[]; default: string }>();
    expect(roots).toContain(first);
    expect(roots).toContain('/taxii2/agr_kestrel/');
    for (const r of roots) expect(r).toMatch(/^\/[^/].*\/$/);
    expect((await get('/taxii2/', at.keller)).json<{ api_roots: string[] }>().api_roots).toEqual(['/taxii2/own/', '/taxii2/agr_kestrel/']);
    expect((await get('/taxii2')).text).toBe(found.text);
  });
  test('a root says its versions and the largest body; an unknown one is one that others have', async () => {
    const found = (await get(`${root}/`)).json<{ versions: string[]; max_content_length: number }>();
    expect(found.versions).toContain(taxii);
    expect(found.max_content_length).toBeGreaterThan(0);
    const unknown = await get('/taxii2/agr_neverwas/');
    expect(unknown.status).toBe(404);
    expect((await get('/taxii2/agr_meridian/', at.keller)).text).toBe(unknown.text);
  });
  test.each([
    ['*/*', 200], ['application/taxii+json', 200], ['application/taxii+json; version=2.1', 200], ['text/html, application/*;q=0.5', 200],
    ['application/taxii+json;version="2.1"', 200], ['application/taxii+json;version=2.0', 406], ['text/html', 406],
    ['application/taxii+json;q=0', 406], ['application/stix+json;version=2.1', 406],
  ])('accept %s is answered %i', async (accept, status) => {
    const answer = await get(`${root}/`, at.lan, { accept });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe(taxii);
    if (status === 406) expect(answer.json()).toMatchObject({ http_status: '406', title: expect.any(String) });
  });
  test('the manifest also answers to STIX’s own type', async () => {
    expect((await get(`${root}/collections/${at.id}/manifest/`, at.lan, { accept: 'application/stix+json;version=2.1' })).status).toBe(200);
  });
  test.each([['application/json', 415], ['application/taxii+json;version=2.0', 415], ['application/taxii+json', 202], ['text/plain', 415]])(
    'a body of %s is answered %i', async (type, status) => {
      expect((await post(`${root}/collections/${at.id}/objects/`, [malware(900)], at.lan, { 'content-type': type })).status).toBe(status);
    });
  test('who has not signed in is asked to, with Basic and Bearer', async () => {
    const answer = await get(`${root}/collections/`, '');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('Basic');
    expect(answer.json()).toMatchObject({ http_status: '401' });
  });
});

describe('collections', () => {
  test('each with what one may do, in one order; of the other side only what it may', async () => {
    const mine = (await get(`${root}/collections/`)).json<{ collections: { id: string; can_read: boolean; can_write: boolean }[] }>().collections;
    expect(mine.map((c) => [c.id, c.can_read, c.can_write])).toEqual([[at.id, true, true], [at.other, true, true]]);
    const theirs = (await get(`${root}/collections/`, at.keller)).json<{ collections: { id: string; can_read: boolean;
      can_write: boolean }[] }>().collections;
    expect(theirs.map((c) => [c.id, c.can_read, c.can_write])).toEqual([[at.id, true, true], [at.other, true, false]]);
  });
  test('by alias as by id, and nobody else’s', async () => {
    expect((await get(`${root}/collections/indicators/`)).json()).toMatchObject({ id: at.id, alias: 'indicators' });
    const never = await get(`${root}/collections/${uuid(1)}/`, at.rivera);
    expect(never.status).toBe(404);
    expect((await get(`/taxii2/agr_meridian/collections/${at.id}/`, at.rivera)).text).toBe((await get(`/taxii2/agr_meridian/collections/${uuid(1)}/`,
      at.rivera)).text);
  });
});

describe('objects', () => {
  const path = `${root}/collections/indicators`;
  test('what is added is there, in its order, and what is added again is no error', async () => {
    const added = await post(`${path}/objects/`, [1, 2, 3].map((n) => malware(n)));
    expect(added.status, added.text).toBe(202);
    const status = added.json<{ id: string; status: string; success_count: number }>();
    expect(status).toMatchObject({ status: 'complete', total_count: 3, success_count: 3, failure_count: 0, pending_count: 0 });
    expect((await get(`${root}/status/${status.id}/`)).json()).toMatchObject({ id: status.id, success_count: 3 });
    expect((await get(`${root}/status/${status.id}/`, at.keller)).status).toBe(404);
    expect(idsOf(await get(`${path}/objects/?match[type]=malware&match[id]=${[1, 2, 3].map((n) => `malware--${uuid(n)}`).join(',')}`)))
      .toEqual([1, 2, 3].map((n) => `malware--${uuid(n)}`));
    const again = await post(`${path}/objects/`, [malware(1)]);
    expect(again.json()).toMatchObject({ success_count: 1, failure_count: 0 });
    expect(idsOf(await get(`${path}/objects/?match[id]=malware--${uuid(1)}&match[version]=all`))).toHaveLength(1);
  });
  test('the other side reads them, and what it adds is in the owner’s library', async () => {
    expect(idsOf(await get(`${path}/objects/`, at.keller))).toContain(`malware--${uuid(1)}`);
    expect((await post(`${path}/objects/`, [malware(50)], at.keller)).json()).toMatchObject({ success_count: 1 });
    expect(idsOf(await get('/taxii2/own/collections/', at.lan))).toEqual([]);
    const own = (await get('/taxii2/own/collections/')).json<{ collections: { id: string;
      title: string }[] }>().collections.find((c) => c.title === 'library');
    expect(idsOf(await get(`/taxii2/own/collections/${own?.id}/objects/?match[id]=malware--${uuid(50)}`))).toHaveLength(1);
    expect(idsOf(await get(`${root}/collections/${at.other}/objects/?match[id]=malware--${uuid(50)}`))).toEqual([]);
    expect(idsOf(await get(`${root}/collections/${at.other}/objects/?match[id]=malware--${uuid(2)}`, at.keller))).toHaveLength(1);
    expect((await post(`${root}/collections/${at.other}/objects/`, [malware(51)], at.keller)).status).toBe(403);
  });
  test('pages of any size together are the whole, whichever door is used', async () => {
    await post(`${path}/objects/`, Array.from({ length: 25 }, (_, i) => malware(100 + i)));
    const whole = idsOf(await get(`${path}/objects/`));
    for (const limit of [1, 7, 25]) {
      const byNext: string[] = [];
      const byDate: string[] = [];
      for (let next = ''; ;) {
        const page = await get(`${path}/objects/?limit=${limit}${next}`);
        const { more, next: door } = page.json<{ more?: boolean; next?: string }>();
        expect(idsOf(page).length).toBeLessThanOrEqual(limit);
        byNext.push(...idsOf(page));
        if (more !== true) break;
        next = `&next=${door}`;
      }
      for (let after = ''; ;) {
        const page = await get(`${path}/objects/?limit=${limit}${after}`);
        byDate.push(...idsOf(page));
        if (page.json<{ more?: boolean }>().more !== true) break;
        after = `&added_after=${page.headers.get('x-taxii-date-added-last')}`;
      }
      expect(byNext).toEqual(whole);
      expect(byDate).toEqual(whole);
    }
  });
  test('a door opens for its own question and its own asker only', async () => {
    const { next } = (await get(`${path}/objects/?limit=2`)).json<{ next: string }>();
    expect((await get(`${path}/objects/?limit=5&next=${next}`)).status).toBe(200);
    for (const [query, cookie] of [[`limit=2&match[type]=tool&next=${next}`, at.lan], [`limit=2&next=${next}`, at.keller], ['next=abc', at.lan]] as const) {
      const no = await get(`${path}/objects/?${query}`, cookie);
      expect(no.status).toBe(400);
      expect(no.headers.get('content-type')).toBe(taxii);
    }
  });
  test.each(['limit=0', 'limit=-1', 'limit=x', 'limit=1.5', 'added_after=yesterday', 'limit=1&limit=2', 'match[type]=a&match[type]=b',
    'match[version]=last,last',
    'match[version]=all,last', 'match[version]=soon', 'match[id]=nothing', 'match[spec_version]=two', 'match[type]='])('%s is answered 400',
      async (query) => {
    const answer = await get(`${path}/objects/?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({ http_status: '400' });
  });
  test('dates are those of the first and last of the answer, microseconds, unique; of nothing there is none', async () => {
    const page = await get(`${path}/manifest/?limit=5`);
    const dates = page.json<{ objects: { date_added: string; version: string; media_type: string }[] }>().objects.map((o) => o.date_added);
    for (const d of dates) expect(d).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect([...new Set(dates)].sort()).toEqual(dates);
    expect([page.headers.get('x-taxii-date-added-first'), page.headers.get('x-taxii-date-added-last')]).toEqual([dates[0], dates[4]]);
    const none = await get(`${path}/objects/?added_after=2100-01-01T00:00:00Z`);
    expect(none.text).toBe('{}');
    expect(none.headers.get('x-taxii-date-added-first')).toBeNull();
  });
});

describe('versions', () => {
  const path = `${root}/collections/indicators`;
  const id = `malware--${uuid(200)}`;
  const stamp = (digits: string): object => malware(200, { modified: `2024-02-0${digits}`, name: `Version ${digits}` });
  const namesOf = (answer: Answer): string[] => (answer.json<{ objects?: { name: string }[] }>().objects ?? []).map((o) => o.name);
  beforeAll(async () => {
    await post(`${path}/objects/`, [stamp('2T00:00:00.000Z')]);
    await post(`${path}/objects/`, [stamp('3T00:00:00.1234567Z')]);
    await post(`${path}/objects/`, [stamp('1T00:00:00.000Z')]);
  });
  test('last unless asked, first, all, and moments to the last digit, also where an older one came late', async () => {
    expect(namesOf(await get(`${path}/objects/${id}/`))).toEqual(['Version 3T00:00:00.1234567Z']);
    expect(namesOf(await get(`${path}/objects/?match[id]=${id}`))).toEqual(['Version 3T00:00:00.1234567Z']);
    expect(namesOf(await get(`${path}/objects/${id}/?match[version]=first`))).toEqual(['Version 1T00:00:00.000Z']);
    expect(namesOf(await get(`${path}/objects/${id}/?match[version]=all`))).toHaveLength(3);
    expect(namesOf(await get(`${path}/objects/${id}/?match[version]=2024-02-03T00:00:00.1234567Z`))).toHaveLength(1);
    expect(namesOf(await get(`${path}/objects/${id}/?match[version]=2024-02-03T00:00:00.123456Z`))).toEqual([]);
    expect(namesOf(await get(`${path}/objects/${id}/?match[version]=first,2024-02-02T00:00:00Z`))).toHaveLength(2);
    expect((await get(`${path}/objects/${id}/versions/`)).json()).toEqual({
      versions: ['2024-02-02T00:00:00.000Z', '2024-02-03T00:00:00.1234567Z', '2024-02-01T00:00:00.000Z'],
    });
    expect((await get(`${path}/objects/malware--${uuid(999)}/`)).status).toBe(404);
  });
  test('two bodies of one version: the first stays, the other is set aside and said', async () => {
    const answer = await post(`${path}/objects/`, [malware(200, { modified: '2024-02-02T00:00:00.000Z', name: 'Another' })]);
    expect(answer.json()).toMatchObject({ success_count: 0, failure_count: 1 });
    expect(namesOf(await get(`${path}/objects/${id}/?match[version]=2024-02-02T00:00:00Z`))).toEqual(['Version 2T00:00:00.000Z']);
    const aside = (await hub().ask('GET', '/api/quarantined-threats', undefined, { cookie: at.lan })).json<{ items: { stixId: string; reason: string;
      kept: string }[] }>();
    expect(aside.items[0]).toMatchObject({ stixId: id, reason: 'same-version-other-body' });
    expect(aside.items[0]?.kept).toContain('Version 2T');
  });
  test('nobody else brings a new version, and after a revocation there is none', async () => {
    expect((await post(`${path}/objects/`, [malware(200, { modified: '2025-01-01T00:00:00.000Z' })], at.keller)).json())
      .toMatchObject({ failure_count: 1 });
    expect((await post(`${path}/objects/`, [malware(200, { modified: '2024-03-01T00:00:00.000Z', revoked: true })])).json())
      .toMatchObject({ success_count: 1 });
    expect((await post(`${path}/objects/`, [malware(200, { modified: '2024-04-01T00:00:00.000Z' })])).json()).toMatchObject({ failure_count: 1 });
    expect((await get(`${path}/objects/${id}/`)).json()).toMatchObject({ objects: [{ revoked: true }] });
  });
  test('objects of STIX 2.0 are shown unless the same has a later form', async () => {
    const old = { type: 'tool', id: `tool--${uuid(300)}`, created: '2020-01-01T00:00:00.000Z', modified: '2020-01-01T00:00:00.000Z', name: 'Old',
      labels: ['x'], object_marking_refs: [green] };
    await post(`${path}/objects/`, [old]);
    expect((await get(`${path}/objects/?match[id]=${old.id}`)).json()).toMatchObject({ objects: [{ name: 'Old' }] });
    await post(`${path}/objects/`, [{ ...old, spec_version: '2.1', name: 'New' }]);
    expect(namesOf(await get(`${path}/objects/?match[id]=${old.id}`))).toEqual(['New']);
    expect(namesOf(await get(`${path}/objects/?match[id]=${old.id}&match[spec_version]=2.0`))).toEqual(['Old']);
    expect(namesOf(await get(`${path}/objects/?match[id]=${old.id}&match[spec_version]=2.0,2.1`))).toEqual(['New']);
    expect(namesOf(await get(`${path}/objects/?match[id]=${old.id}&match[spec_version]=2.0,2.1&match[version]=all`)).sort()).toEqual(['New', 'Old']);
  });
});

describe('labels', () => {
  test('a collection carries nothing above its ceiling, whole or in part, and lets go of what is raised', async () => {
    const path = `${root}/collections/indicators`;
    const answer = await post(`${path}/objects/`, [
      malware(400, { object_marking_refs: [red] }), malware(401, { granular_markings: [{ marking_ref: red, selectors: ['name'] }] }), malware(402,
        { object_marking_refs: [amber] }),
    ]);
    expect(answer.json()).toMatchObject({ success_count: 1, failure_count: 2 });
    expect(idsOf(await get(`${path}/objects/?match[id]=malware--${uuid(402)}`, at.keller))).toHaveLength(1);
    expect(idsOf(await get(`${root}/collections/${at.other}/objects/?match[id]=malware--${uuid(402)}`))).toEqual([]);
    const own = (await get('/taxii2/own/collections/')).json<{ collections: { id: string;
      title: string }[] }>().collections.find((c) => c.title === 'library')?.id;
    await post(`/taxii2/own/collections/${own}/objects/`, [malware(402, { modified: '2025-01-01T00:00:00.000Z', object_marking_refs: [red] })]);
    expect((await get(`${path}/objects/malware--${uuid(402)}/`, at.keller)).status).toBe(404);
  });
});

describe('what the holder has already', () => {
  test('is shown where somebody else adds the same, who learns nothing of it: it is there as if it were new, on the record as well', async () => {
    const same = { type: 'ipv4-addr', spec_version: '2.1', id: 'ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4', value: '198.51.100.3' };
    const known = await hub().ask('POST', '/api/threats/imports?source=list&unmarked=AMBER', JSON.stringify([same]), { cookie: at.lan });
    expect(known.text).toContain('"accepted":1');
    const shown = async (): Promise<string[]> => idsOf(await get(`${root}/collections/indicators/objects/?match[type]=ipv4-addr`, at.keller));
    expect(await shown()).toEqual([]);
    const other = { ...same, id: 'ipv4-addr--0d3ec6a2-2b2c-5b4e-8d2b-1c0c8a4f7a11', value: '198.51.100.4' };
    const [first, second] = [await post(`${root}/collections/indicators/objects/`, [same], at.keller),
      await post(`${root}/collections/indicators/objects/`, [other], at.keller)];
    for (const answer of [first, second]) expect(answer.json()).toMatchObject({ success_count: 1, failure_count: 0 });
    expect(await shown()).toEqual([same.id, other.id]);
    await hub().composition.sequencer.drain();
    const facts = (await hub().ask('GET', '/api/facts?class=threat.taken-in', undefined, { cookie: at.keller })).text;
    expect(facts).not.toMatch(/duplicate|quarantined/);
    // Taken out and put in once more, it is there once more.
    expect((await hub().ask('DELETE', `${root}/collections/indicators/objects/${other.id}/`, undefined, { cookie: at.keller })).status).toBe(200);
    expect(await shown()).toEqual([same.id]);
    expect((await post(`${root}/collections/indicators/objects/`, [other], at.keller)).json()).toMatchObject({ success_count: 1 });
    expect(await shown()).toEqual([same.id, other.id]);
  });
});

describe('removal', () => {
  test('who adds and reads takes out, its own only; afterwards it never was there', async () => {
    const path = `${root}/collections/indicators/objects`;
    await post(`${path}/`, [malware(500), malware(500, { modified: '2024-05-05T00:00:00.000Z' })]);
    await post(`${path}/`, [malware(501)], at.keller);
    const remove = (id: string, cookie: string): Promise<Answer> => hub().ask('DELETE', `${path}/${id}`, undefined, { cookie, headers: { accept: taxii } });
    expect((await remove(`malware--${uuid(500)}/`, at.keller)).status).toBe(403);
    expect((await hub().ask('DELETE', `${root}/collections/${at.other}/objects/malware--${uuid(2)}/`, undefined, { cookie: at.keller,
      headers: { accept: taxii } })).status).toBe(403);
    expect((await remove(`malware--${uuid(501)}/`, at.keller)).status).toBe(200);
    const one = await remove(`malware--${uuid(500)}/?match[version]=2024-05-05T00:00:00.000Z`, at.lan);
    expect([one.status, one.text]).toEqual([200, '']);
    expect((await get(`${path}/malware--${uuid(500)}/`)).json()).toMatchObject({ objects: [{ modified: '2024-01-01T00:00:00.000Z' }] });
    expect((await remove(`malware--${uuid(500)}/`, at.lan)).status).toBe(200);
    expect((await get(`${path}/malware--${uuid(500)}/`)).text).toBe((await get(`${path}/malware--${uuid(998)}/`)).text);
    expect((await remove(`malware--${uuid(500)}/`, at.lan)).status).toBe(404);
  });
});

describe('hostile bodies', () => {
  test.each([
    ['nothing', '', 422], ['no JSON', '{"objects": [', 202], ['an empty envelope', '{}', 422], ['a list of numbers', '{"objects":[1,2]}', 202],
    ['two keys of one name', '{"objects":[{"type":"malware","type":"tool"}]}', 202],
  ])('%s is answered %s', async (_, body) => {
    const answer = await hub().ask('POST', `${root}/collections/indicators/objects/`, body, { cookie: at.lan, headers: { accept: taxii,
      'content-type': taxii } });
    expect([202, 422], answer.text).toContain(answer.status);
    if (answer.status === 202) expect(answer.json()).toMatchObject({ success_count: 0 });
  });
});
