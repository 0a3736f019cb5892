/** MISP's API as its clients meet it, over the router, between two organisations: events kept as STIX, read by whoever may, and by nobody else. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testHub, type Answer, type TestHub } from '../hub.ts';

const at = { hub: null as TestHub | null, lan: '', minh: '', keller: '', rivera: '', shared: '' };
const hub = (): TestHub => at.hub as TestHub;
const get = (path: string, cookie = at.lan, headers: Record<string, string> = {}): Promise<Answer> => hub().ask('GET', `/misp/${path}`, undefined,
  { cookie, headers });
const post = (path: string, body: unknown = {}, cookie = at.lan): Promise<Answer> => hub().ask('POST', `/misp/${path}`, body as object, { cookie });

interface Tag { name: string }
interface Attribute { id?: string; uuid: string; type: string; value: string; to_ids: boolean; deleted: boolean; comment: string; event_id: string; Tag?: Tag[];
  Sighting?: { type: string }[]; Event?: { uuid: string }; object_id: string; timestamp: string }
interface Reference { referenced_uuid: string; relationship_type: string }
interface MispObject { id: string; uuid: string; name: string; Attribute: Attribute[]; ObjectReference: Reference[] }
interface Event { id: string; uuid: string; info: string; published: boolean; distribution: string; timestamp: string; Attribute: Attribute[];
  Object: MispObject[]; Tag?: Tag[]; Orgc: { name: string; uuid: string }; Org: { name: string } }
const eventOf = (answer: Answer): Event => answer.json<{ Event: Event }>().Event;
const uuid = (n: number): string => `6a6e7d8c-1234-4abc-8def-${String(n).padStart(12, '0')}`;

const made = (n: number, more: object = {}): object => ({ Event: {
  uuid: uuid(n), info: `Wave ${n}`, date: '2026-06-01', distribution: '1', published: true, Tag: [{ name: 'tlp:green' }, { name: 'type:OSINT' }],
  Attribute: [
    { uuid: uuid(n + 1), type: 'ip-dst', value: `203.0.113.${n % 250}`, to_ids: true, comment: 'beacon' },
    { uuid: uuid(n + 2), type: 'domain', value: `c${n}.example`, to_ids: false, Tag: [{ name: 'misp:confidence="high"' }] },
  ],
  Object: [{ uuid: uuid(n + 3), name: 'file', 'meta-category': 'file', template_version: '25', Attribute: [
    { uuid: uuid(n + 4), type: 'filename', object_relation: 'filename', value: `drop${n}.exe`, to_ids: true },
    { uuid: uuid(n + 5), type: 'md5', object_relation: 'md5', value: String(n).padStart(32, '0'), to_ids: true },
  ] }], ...more,
} });

beforeAll(async () => {
  at.hub = await testHub();
  for (const name of ['lan', 'minh', 'keller', 'rivera'] as const) at[name] = await hub().as(`per_${name}`);
  const opened = await hub().ask('POST', '/api/collections', { agreement: 'agr_kestrel', ceiling: 'GREEN', title: 'For Kestrel' }, { cookie: at.lan });
  at.shared = opened.json<{ collection: { id: string } }>().collection.id;
}, 60_000);
afterAll(async () => {
  expect(hub().trace.lines.filter((l) => l.level === 'error')).toEqual([]);
  await at.hub?.close();
});

describe('the door', () => {
  test('a token opens it bare, as clients of MISP send it; a wrong one does not', async () => {
    const token = await hub().ask('POST', '/api/tokens', { name: 'misp', scopes: ['threat.list', 'threat.read'], days: 1 }, { cookie: at.keller });
    const { secret } = token.json<{ secret: string }>();
    const asked = await get('servers/getVersion.json', '', { authorization: secret });
    expect(asked.json()).toMatchObject({ version: expect.stringMatching(/^2\.5\./), perm_sighting: false });
    expect((await get('users/view/me', '', { authorization: secret })).json()).toMatchObject({ Role: { perm_add: false },
      Organisation: { name: expect.any(String) } });
    const wrong = await get('servers/getVersion', '', { authorization: 'x'.repeat(40) });
    expect([wrong.status, wrong.json<{ url: string }>().url]).toEqual([401, '/misp/servers/getVersion']);
    expect((await get('servers/getVersion', '')).status).toBe(401);
    const add = await hub().ask('POST', '/misp/events/add', made(9000), { headers: { authorization: secret } });
    expect([add.status, add.headers.get('entente-refusal')]).toEqual([403, 'token.scope-missing']);
  });
  test('a role without the right is told so, in MISP’s shape', async () => {
    const answer = await post('events/add', made(9010), at.minh);
    expect(answer.status).toBe(403);
    expect(answer.json()).toMatchObject({ name: expect.any(String), message: expect.stringContaining('threat.import'), url: '/misp/events/add' });
  });
  test('what it knows of itself', async () => {
    const { result } = (await get('attributes/describeTypes.json')).json<{ result: { types: string[]; sane_defaults: Record<string, object>;
      category_type_mappings: Record<string, string[]> } }>();
    expect(result.sane_defaults['md5']).toEqual({ default_category: 'Payload delivery', to_ids: 1 });
    expect(result.category_type_mappings['Network activity']).toContain('ip-dst');
    expect((await get('servers/getPyMISPVersion.json')).json()).toMatchObject({ version: expect.any(String) });
    expect((await get('taxonomies/index')).text).toContain('"tlp"');
    expect((await get('sharingGroups/index')).json()).toEqual({ response: [] });
    expect((await get('organisations/index/scope:local')).text).toContain('National Cyber Security Centre');
  });
});

describe('an event', () => {
  test('is added, and read as it was, by number and by uuid', async () => {
    const added = await post('events/add', made(100));
    expect(added.status, added.text).toBe(200);
    const event = eventOf(added);
    expect(event).toMatchObject({ uuid: uuid(100), info: 'Wave 100', published: true, distribution: '1', Orgc: { name: 'National Cyber Security Centre' } });
    expect(event.Attribute.map((a) => [a.uuid, a.type, a.value, a.to_ids])).toEqual([
      [uuid(101), 'ip-dst', '203.0.113.100', true], [uuid(102), 'domain', 'c100.example', false],
    ]);
    expect(event.Object.map((o) => [o.uuid, o.name, o.Attribute.map((a) => a.value)])).toEqual([[uuid(103), 'file', ['drop100.exe', '100'.padStart(32, '0')]]]);
    expect(event.Tag?.map((t) => t.name)).toEqual(['tlp:green', 'type:OSINT']);
    expect(event.Attribute[1]?.Tag?.map((t) => t.name)).toEqual(['misp:confidence="high"']);
    expect(added.json()).not.toHaveProperty('lost');
    for (const name of [event.id, event.uuid, `${event.uuid}.json`, event.uuid.toUpperCase()]) expect(eventOf(await get(`events/view/${name}`))).toEqual(event);
    expect((await hub().ask('HEAD', `/misp/events/view/${uuid(100)}`, undefined, { cookie: at.lan })).status).toBe(200);
    expect((await hub().ask('HEAD', `/misp/events/view/${uuid(999)}`, undefined, { cookie: at.lan })).status).toBe(404);
    const again = await post('events/add', made(100));
    expect([again.status, again.headers.get('entente-refusal')]).toEqual([409, 'event.exists']);
  });
  test('is STIX to everything else', async () => {
    const seen = await hub().ask('GET', `/api/threats/report--${uuid(100)}`, undefined, { cookie: at.lan });
    expect(seen.json()).toMatchObject({ object: { name: 'Wave 100', tlp: 'GREEN' } });
    const found = await hub().ask('POST', '/api/lookup', { values: ['203.0.113.100', 'c100.example'] }, { cookie: at.keller });
    expect(found.json<{ found: number }>().found).toBe(2);
  });
  test('says what it is missing, and takes nothing of what is wrong', async () => {
    expect((await post('events/add', { Event: { date: '2026-06-01' } })).json()).toMatchObject({ errors: { '/info': expect.any(Array) } });
    expect((await post('events/add', { Event: { info: 'x', Attribute: [{ type: 'md5' }] } })).status).toBe(400);
    expect((await post('events/add', [])).status).toBe(400);
    expect((await post('events/add', '{"Event":')).status).toBe(400);
    const least = eventOf(await post('events/add', { info: 'Least' }));
    expect(least).toMatchObject({ info: 'Least', published: false, distribution: '0', Attribute: [], Object: [] });
    const lost = await post('events/add', { Event: { info: 'Proposals', ShadowAttribute: [{ value: 'x' }] } });
    expect(lost.json<{ lost: { path: string }[] }>().lost.map((l) => l.path)).toEqual(['/ShadowAttribute']);
  });
  test('is edited part by part: what is not sent stays, what is newer counts', async () => {
    await post('events/add', made(200));
    const before = eventOf(await get(`events/view/${uuid(200)}`));
    hub().world.clock.advance(5_000);
    const edited = await post(`events/edit/${uuid(200)}`, { Event: { info: 'Renamed', Tag: [{ name: 'tlp:amber' }], Attribute: [
      { uuid: uuid(201), comment: 'changed' }, { type: 'url', value: 'http://x200.example/a' },
    ] } });
    expect(edited.status, edited.text).toBe(200);
    const after = eventOf(edited);
    expect(after.info).toBe('Renamed');
    expect(after.Attribute.map((a) => a.value).sort()).toEqual(['203.0.113.200', 'c200.example', 'http://x200.example/a'].sort());
    expect(after.Attribute.find((a) => a.uuid === uuid(201))).toMatchObject({ comment: 'changed', type: 'ip-dst', to_ids: true });
    expect(after.id).toBe(before.id);
    expect(Number(after.timestamp)).toBeGreaterThan(Number(before.timestamp));
    const kept = (e: Event): string | undefined => e.Attribute.find((a) => a.uuid === uuid(202))?.timestamp;
    expect(kept(after)).toBe(kept(before));
    expect(after.Tag?.map((t) => t.name).sort()).toEqual(['tlp:amber', 'tlp:green', 'type:OSINT']);
  });
  test('a raised label takes it from whoever may see less', async () => {
    await post('events/add', made(220));
    expect((await get(`events/view/${uuid(220)}`, at.keller)).status).toBe(200);
    hub().world.clock.advance(2_000);
    await post(`events/edit/${uuid(220)}`, { Event: { Tag: [{ name: 'tlp:red' }] } });
    expect((await get(`events/view/${uuid(220)}`, at.keller)).status).toBe(404);
    expect((await post('attributes/restSearch', { value: ['203.0.113.220', 'c220.example'] }, at.keller)).json()).toEqual({ response: { Attribute: [] } });
    expect((await hub().ask('POST', '/api/lookup', { values: ['c220.example'] }, { cookie: at.keller })).json()).toMatchObject({ found: 0 });
    expect((await get(`events/view/${uuid(220)}`)).status).toBe(200);
    expect((await get(`events/view/${uuid(220)}`, await hub().enter({ id: 'per_other', organisation: 'org_hub', roles: ['duty-officer'] }))).status).toBe(404);
  });
  test('attributes and objects come and go, and come again', async () => {
    await post('events/add', made(240));
    hub().world.clock.advance(2_000);
    const added = await post(`attributes/add/${uuid(240)}`, { type: 'domain', value: 'new240.example', category: 'Network activity' });
    const { Attribute: one } = added.json<{ Attribute: Attribute }>();
    expect(one).toMatchObject({ value: 'new240.example', to_ids: true, id: expect.any(String) });
    const double = await post(`attributes/add/${uuid(240)}`, { type: 'domain', value: 'new240.example', category: 'Network activity' });
    expect([double.status, double.headers.get('entente-refusal')]).toEqual([403, 'attribute.exists']);
    const many = await post(`attributes/add/${uuid(240)}`, [{ type: 'md5', value: 'a'.repeat(32) }, { type: 'sha1', value: 'b'.repeat(40) }]);
    expect(many.json<{ Attribute: Attribute[] }>().Attribute).toHaveLength(2);
    expect((await get(`attributes/view/${one.id}`)).json<{ Attribute: Attribute }>().Attribute.uuid).toBe(one.uuid);
    await post(`attributes/edit/${one.uuid}`, { Attribute: { comment: 'now', to_ids: false } });
    expect((await get(`attributes/view/${one.uuid}`)).json<{ Attribute: Attribute }>().Attribute).toMatchObject({ comment: 'now', to_ids: false });
    hub().world.clock.advance(2_000);
    await post(`attributes/delete/${one.uuid}`);
    expect(eventOf(await get(`events/view/${uuid(240)}`)).Attribute.map((a) => a.value)).not.toContain('new240.example');
    expect(eventOf(await post(`events/view/${uuid(240)}`, { deleted: [0, 1] })).Attribute.find((a) => a.uuid === one.uuid)?.deleted).toBe(true);
    hub().world.clock.advance(2_000);
    await post(`attributes/delete/${uuid(242)}`, { hard: 1 });
    expect((await get(`attributes/view/${uuid(242)}`)).status).toBe(404);
    hub().world.clock.advance(2_000);
    await post(`attributes/add/${uuid(240)}`, { uuid: uuid(249), type: 'domain', value: 'c240.example', to_ids: false });
    expect((await get(`attributes/view/${uuid(249)}`)).json<{ Attribute: Attribute }>().Attribute.value).toBe('c240.example');
    const object = await post(`objects/add/${uuid(240)}`, { Object: { uuid: uuid(248), name: 'domain-ip', Attribute: [
      { uuid: uuid(247), type: 'domain', object_relation: 'domain', value: 'o240.example' },
    ] } });
    expect(object.json<{ Object: MispObject }>().Object.Attribute.map((a) => a.value)).toEqual(['o240.example']);
    await post('objectReferences/add', { object_uuid: uuid(248), referenced_uuid: uuid(243), relationship_type: 'drops' });
    const seen = (await get(`objects/view/${uuid(248)}`)).json<{ Object: MispObject }>().Object;
    expect(seen.name).toBe('domain-ip');
    expect(eventOf(await get(`events/view/${uuid(240)}`)).Object.find((o) => o.uuid === uuid(248))?.ObjectReference)
      .toEqual([expect.objectContaining({ referenced_uuid: uuid(243), relationship_type: 'drops' })]);
    expect((await get(`attributes/view/${uuid(247)}`)).json<{ Attribute: Attribute }>().Attribute).toMatchObject({ value: 'o240.example',
      object_id: expect.stringMatching(/^\d+$/) });
    await post(`objects/edit/${uuid(248)}`, { Object: { comment: 'seen' } });
    hub().world.clock.advance(2_000);
    await post(`objects/delete/${uuid(248)}`, { hard: true });
    expect((await get(`objects/view/${uuid(248)}`)).status).toBe(404);
  });
  test('tags are put on and taken off', async () => {
    await post('events/add', made(260));
    hub().world.clock.advance(2_000);
    await post('tags/attachTagToObject', { uuid: uuid(261), tag: 'kill-chain:Delivery' });
    await post('tags/attachTagToObject', { uuid: uuid(260), tag: 'admiralty-scale:source-reliability="a"' });
    const event = eventOf(await get(`events/view/${uuid(260)}`));
    expect(event.Attribute.find((a) => a.uuid === uuid(261))?.Tag?.map((t) => t.name)).toEqual(['kill-chain:Delivery']);
    expect(event.Tag?.map((t) => t.name)).toContain('admiralty-scale:source-reliability="a"');
    await post('tags/removeTagFromObject', { uuid: uuid(260), tag: 'type:OSINT' });
    expect(eventOf(await get(`events/view/${uuid(260)}`)).Tag?.map((t) => t.name)).not.toContain('type:OSINT');
    expect((await get('tags/index')).text).toContain('tlp:green');
    const found = (await post('tags/search', { name: 'admiralty%' })).json<{ Tag: Tag }[]>();
    expect(found.map((t) => t.Tag.name)).toEqual(['admiralty-scale:source-reliability="a"']);
  });
  test('galaxies and their clusters are carried, drafted and published', async () => {
    const galaxy = (n: number): object => ({ uuid: uuid(n), name: 'Threat Actor', type: 'threat-actor', description: 'Who', version: '3', icon: 'user-secret',
      GalaxyCluster: [{ uuid: uuid(n + 1), type: 'threat-actor', value: 'APT 0', tag_name: 'misp-galaxy:threat-actor="APT 0"', description: 'A group',
        authors: ['x'], source: 'MISP', meta: { synonyms: ['Nought'], country: ['XX'] } }] });
    for (const n of [700, 710]) {
      const added = await post('events/add', made(n, { published: n === 710, Galaxy: [galaxy(790)], Attribute: [
        { uuid: uuid(n + 1), type: 'domain', value: `g${n}.example`, to_ids: true, Galaxy: [galaxy(795)] },
      ] }));
      expect(added.status, added.text).toBe(200);
      expect(added.json()).not.toHaveProperty('lost');
    }
    hub().world.clock.advance(2_000);
    expect((await post(`events/publish/${uuid(700)}`)).json()).toMatchObject({ saved: true });
    for (const [n, cookie] of [[700, at.lan], [700, at.keller], [710, at.keller]] as const) {
      const event = eventOf(await get(`events/view/${uuid(n)}`, cookie)) as Event & { Galaxy: unknown };
      const cluster = { value: 'APT 0', tag_name: 'misp-galaxy:threat-actor="APT 0"', meta: { synonyms: ['Nought'], country: ['XX'] } };
      expect(event.Galaxy).toEqual([expect.objectContaining({ type: 'threat-actor', GalaxyCluster: [expect.objectContaining(cluster)] })]);
      expect(event.Attribute[0]).toMatchObject({ Galaxy: [{ type: 'threat-actor', GalaxyCluster: [cluster] }] });
    }
    expect((await get('galaxies/index')).text).toContain('Threat Actor');
    const found = await post('attributes/restSearch', { tags: 'misp-galaxy:threat-actor="APT 0"' });
    expect(found.json<{ response: { Attribute: Attribute[] } }>().response.Attribute.map((a) => a.value)).toEqual(['g700.example', 'g710.example']);
  });
  test('is published, taken back, and deleted', async () => {
    const draft = eventOf(await post('events/add', made(280, { published: false })));
    expect((await get(`events/view/${uuid(280)}`, at.keller)).status).toBe(404);
    expect(draft.Tag?.map((t) => t.name)).toEqual(['tlp:green', 'type:OSINT']);
    hub().world.clock.advance(2_000);
    expect((await post(`events/publish/${draft.id}`)).json()).toMatchObject({ saved: true });
    const theirs = eventOf(await get(`events/view/${uuid(280)}`, at.keller));
    expect([theirs.published, theirs.distribution, theirs.Attribute.length, theirs.Orgc.name]).toEqual([true, '0', 2, 'National Cyber Security Centre']);
    expect(eventOf(await get(`events/view/${draft.id}`)).published).toBe(true);
    hub().world.clock.advance(2_000);
    await post(`events/unpublish/${uuid(280)}`);
    expect((await get(`events/view/${uuid(280)}`, at.keller)).status).toBe(404);
    hub().world.clock.advance(2_000);
    await post(`events/publish/${uuid(280)}`);
    expect(eventOf(await get(`events/view/${uuid(280)}`, at.keller)).Attribute).toHaveLength(2);
    expect((await post(`events/delete/${uuid(280)}`)).status).toBe(200);
    for (const cookie of [at.lan, at.keller]) expect((await get(`events/view/${uuid(280)}`, cookie)).status).toBe(404);
    expect((await hub().ask('POST', '/api/lookup', { values: ['c280.example', '203.0.113.30'] }, { cookie: at.lan })).json()).toMatchObject({ found: 0 });
    hub().world.clock.advance(2_000);
    expect(eventOf(await post('events/add', made(280))).Attribute.map((a) => a.value)).toEqual(['203.0.113.30', 'c280.example']);
  });
});

describe('searches', () => {
  const values = (answer: Answer): string[] => answer.json<{ response: { Attribute: Attribute[] } }>().response.Attribute.map((a) => a.value).sort();
  const infos = (answer: Answer): string[] => answer.json<{ response: { Event: Event }[] }>().response.map((e) => e.Event.info);
  beforeAll(async () => {
    for (const n of [300, 310, 320]) await post('events/add',
      made(n, n === 310 ? { date: '2020-01-01', Tag: [{ name: 'tlp:green' }, { name: 'other:tag' }] } : {}));
    const loose = { type: 'indicator', spec_version: '2.1', id: `indicator--${uuid(390)}`, created: '2026-06-01T00:00:00.000Z',
      modified: '2026-06-01T00:00:00.000Z',
      pattern: "[ipv4-addr:value = '198.51.100.39']", pattern_type: 'stix', valid_from: '2026-06-01T00:00:00.000Z',
      object_marking_refs: ['marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb'] };
    await hub().ask('POST', '/api/threats/imports?source=own', JSON.stringify(loose), { cookie: at.lan });
  });
  test('of attributes by value, type, flag, tag, event and uuid', async () => {
    expect(values(await post('attributes/restSearch', { value: '203.0.113.50' }))).toEqual(['203.0.113.50']);
    expect(values(await post('attributes/restSearch', { value: ['hxxp://none.example', 'c310.example', 'DROP320.EXE'] }))).toEqual(['c310.example',
      'drop320.exe']);
    expect(values(await post('attributes/restSearch.json', { value: '%.example', eventid: uuid(310) }))).toEqual(['c310.example']);
    expect(values(await post('attributes/restSearch', { eventid: uuid(310), to_ids: 1, type: { OR: ['ip-dst', 'md5'] } })))
      .toEqual(['203.0.113.60', '310'.padStart(32, '0')].sort());
    expect(values(await post('attributes/restSearch', { tags: ['other:tag'], type: '!md5' }))).toEqual(['203.0.113.60', 'c310.example', 'drop310.exe']);
    expect(values(await post('attributes/restSearch', { uuid: uuid(324) }))).toEqual(['drop320.exe']);
    expect(values(await post('attributes/restSearch', { value: '198.51.100.39' }))).toEqual(['198.51.100.39']);
    expect(values(await post('attributes/restSearch', { value: '198.51.100.39' }, at.keller))).toEqual(['198.51.100.39']);
    expect(values(await post('attributes/restSearch', { value: '203.0.113.50' }, at.rivera))).toEqual([]);
  });
  test('of events by what is in them and what they are', async () => {
    expect(infos(await post('events/restSearch', { value: 'c320.example' }))).toEqual(['Wave 320']);
    expect(infos(await post('events/restSearch', { eventinfo: 'Wave 31%' }))).toEqual(['Wave 310']);
    expect(infos(await post('events/restSearch', { to: '2020-12-31', metadata: 1 }))).toEqual(['Wave 310']);
    expect(infos(await post('events/restSearch', { uuid: [uuid(300), uuid(320)] }))).toEqual(['Wave 300', 'Wave 320']);
    expect(infos(await post('events/restSearch', { tags: { AND: ['tlp:green', 'type:OSINT'], NOT: ['other:tag'] },
      eventinfo: 'Wave 3%' }))).toEqual(['Wave 300', 'Wave 320']);
    expect(infos(await post('events/restSearch', { timestamp: '1h', eventinfo: 'Wave 3%', published: true }))).toEqual(['Wave 300', 'Wave 310', 'Wave 320']);
    expect(infos(await post('events/restSearch', { value: 'c320.example', org: 'Nobody' }))).toEqual([]);
    expect(infos(await post('events/restSearch', { value: 'c320.example' }, at.keller))).toEqual(['Wave 320']);
    expect(infos(await post('events/restSearch', {}, at.rivera))).toEqual([]);
    const objects = (await post('objects/restSearch', { object_name: 'file', eventid: uuid(300) })).json<{ response: { Object: MispObject }[] }>().response;
    expect(objects.map((o) => o.Object.uuid)).toEqual([uuid(303)]);
  });
  test('in pages that together are the whole', async () => {
    const whole = infos(await post('events/restSearch', { metadata: true }));
    const paged: string[] = [];
    for (let page = 1; page < 50; page++) {
      const answer = await post('events/restSearch', { metadata: true, limit: 2, page });
      paged.push(...infos(answer));
      if (answer.headers.get('x-result-more') === '0') break;
    }
    expect(paged).toEqual(whole);
    const all = values(await post('attributes/restSearch', {}));
    const some: string[] = [];
    for (let page = 1; page < 50; page++) some.push(...values(await post('attributes/restSearch', { limit: 7, page })));
    expect(some.sort()).toEqual(all);
    expect((await get('events/index')).json<{ info: string }[]>().map((e) => e.info)).toEqual(whole);
    expect((await post('events/index', { minimal: 1, limit: 1 })).json<object[]>()).toEqual([expect.not.objectContaining({ info: expect.anything() })]);
  });
  test('by a warninglist, and by nothing that is not known', async () => {
    await hub().ask('POST', '/api/warninglists', JSON.stringify({ name: 'Ours', type: 'hostname', version: 1, list: ['c300.example'] }), { cookie: at.lan });
    expect(values(await post('attributes/restSearch', { value: ['c300.example', 'c310.example'], enforceWarninglist: 1 }))).toEqual(['c310.example']);
    expect((await get('warninglists/index')).text).toContain('Ours');
    expect((await post('warninglists/checkValue',
      ['c300.example', 'c310.example'])).json()).toEqual({ 'c300.example': [expect.objectContaining({ name: 'Ours' })] });
    for (const bad of [{ nonsense: 1 }, { returnFormat: 'xml' }, { page: -1 }, { timestamp: 'yesterday' }, { sharinggroup: [1] }, { type: { XOR: [] } },
      { value: [{}] }]) {
      const answer = await post('attributes/restSearch', bad);
      expect([answer.status, answer.headers.get('entente-refusal')]).toEqual([400, 'misp.parameter']);
    }
    expect((await post('attributes/restSearch', { returnFormat: 'json', withAttachments: 0, includeCorrelations: 0,
      requested_attributes: null })).status).toBe(200);
  });
});

describe('sightings', () => {
  test('are reported by number, uuid and value, listed, searched, and taken back', async () => {
    await post('events/add', made(400));
    const added = await post(`sightings/add/${uuid(401)}`, { type: '0', source: 'sensor' });
    expect(added.json()).toMatchObject({ Sighting: { type: '0', source: 'sensor', attribute_uuid: uuid(401) } });
    await post('sightings/add', { value: 'drop400.exe', type: 1 }, at.keller);
    const event = eventOf(await get(`events/view/${uuid(400)}`));
    expect(event.Attribute.find((a) => a.uuid === uuid(401))?.Sighting?.map((s) => s.type)).toEqual(['0']);
    // The holder is told who saw it; whoever else reads the event is not.
    expect(event.Object[0]?.Attribute.find((a) => a.uuid === uuid(404))?.Sighting).toEqual([expect.objectContaining({ type: '1',
      Organisation: expect.objectContaining({ name: 'Kestrel Endpoint Security' }) })]);
    expect(eventOf(await get(`events/view/${uuid(400)}`, at.keller)).Attribute.find((a) => a.uuid === uuid(401))?.Sighting).toBeUndefined();
    expect((await post('sightings/listSightings', { context: 'event', id: event.id })).json<object[]>()).toHaveLength(2);
    expect((await post('sightings/index')).json<object[]>().length).toBeGreaterThanOrEqual(2);
    expect((await post('sightings/restSearch/event', { id: uuid(400), type: 1 })).json<{ response: object[] }>().response).toHaveLength(1);
    expect((await post('sightings/restSearch/attribute', { id: uuid(401), last: '1d' })).json<{ response: object[] }>().response).toHaveLength(1);
    const mine = added.json<{ Sighting: { uuid: string; id: string } }>().Sighting;
    expect((await post(`sightings/delete/${mine.uuid}`, {}, at.keller)).status).toBe(404);
    expect((await post(`sightings/delete/${mine.id}`)).status).toBe(200);
    expect((await post('sightings/listSightings', { context: 'event', id: event.id })).json<object[]>()).toHaveLength(1);
    for (const [path, body, status] of [['sightings/add', {}, 400], ['sightings/add', { value: 'nobody.example' }, 404],
      ['sightings/add', { uuid: uuid(401), type: 9 }, 400],
      [`sightings/add/${uuid(9999)}`, {}, 404]] as const) expect([path, (await post(path, body)).status]).toEqual([path, status]);
    expect((await post(`sightings/add/${uuid(401)}`, {}, at.rivera)).status).toBe(404);
  });
});

describe('sightings as STIX', () => {
  test('are counted as they are taken in, shown on the object’s page, and a partner’s are its own', async () => {
    await post('events/add', made(450));
    const of = `indicator--${uuid(451)}`;
    const sighting = (n: number, more: object = {}): string => JSON.stringify({ type: 'sighting', spec_version: '2.1', id: `sighting--${uuid(n)}`,
      created: '2026-06-02T00:00:00.000Z', modified: '2026-06-02T00:00:00.000Z', sighting_of_ref: of, count: 3, last_seen: '2026-06-02T10:00:00.000Z',
        ...more });
    await hub().ask('POST', '/api/threats/imports?source=own&unmarked=GREEN', sighting(460), { cookie: at.lan });
    await hub().ask('POST', '/api/threats/imports?source=own&unmarked=GREEN', sighting(460), { cookie: at.lan });
    await post(`events/edit/${uuid(450)}`, { Event: { Attribute: [{ uuid: uuid(451), comment: 'seen' }] } });
    const days = async (cookie = at.lan): Promise<unknown> => (await hub().ask('GET', `/api/threats/${of}`, undefined,
      { cookie })).json<{ sightings: unknown }>().sightings;
    expect(await days()).toEqual([{ day: '2026-06-02', kind: 'seen', mine: 3, others: 0 }]);
    expect(await days(at.keller)).toEqual([]);
    await post(`sightings/add/${uuid(451)}`, { timestamp: '1780358400' }, at.keller);
    expect(await days()).toEqual([{ day: '2026-06-02', kind: 'seen', mine: 3, others: 1 }]);
    expect(await days(at.keller)).toEqual([{ day: '2026-06-02', kind: 'seen', mine: 1, others: null }]);
    const added = await post('events/add', made(470, { Attribute: [{ uuid: uuid(471), type: 'md5', value: 'e'.repeat(32), to_ids: true, Sighting: [
      { uuid: uuid(482), type: '0', date_sighting: '1780358400', source: 'lab' }, { uuid: uuid(483), type: '1', date_sighting: '1780358400' },
      { uuid: uuid(484), type: '2', date_sighting: '1780358400' },
    ] }] }));
    expect(added.status, added.text).toBe(200);
    const event = eventOf(added);
    expect(event.Attribute[0]?.Sighting?.map((s) => s.type).sort()).toEqual(['0', '1', '2']);
    expect((await post('sightings/listSightings', { context: 'attribute', id: uuid(471) })).json<object[]>()).toHaveLength(3);
  });
});

describe('another organisation', () => {
  test('reads what is shared with it and nothing else, and changes none of it', async () => {
    await post('events/add', made(500));
    await post('events/add', made(510, { Tag: [{ name: 'tlp:amber' }] }));
    expect(eventOf(await get(`events/view/${uuid(500)}`, at.keller)).info).toBe('Wave 500');
    const never = await get(`events/view/${uuid(9999)}`, at.keller);
    expect(never.status).toBe(404);
    expect((await get(`events/view/${uuid(510)}`, at.keller)).text.replace(uuid(510), '')).toBe(never.text.replace(uuid(9999), ''));
    for (const path of [`attributes/view/${uuid(511)}`, `objects/view/${uuid(513)}`, `attributes/view/${uuid(514)}`]) {
      expect([path, (await get(path, at.keller)).status]).toEqual([path, 404]);
    }
    for (const [path, body] of [[`events/edit/${uuid(500)}`, { info: 'x' }], [`events/delete/${uuid(500)}`, {}], [`attributes/add/${uuid(500)}`,
      { type: 'md5', value: 'x' }],
      [`attributes/edit/${uuid(501)}`, {}], [`attributes/delete/${uuid(501)}`, {}], [`objects/add/${uuid(500)}`, { name: 'x' }],
        [`events/publish/${uuid(500)}`, {}],
      ['tags/attachTagToObject', { uuid: uuid(500), tag: 'x' }]] as const) {
      const answer = await post(path, body, at.keller);
      expect([path, answer.status, answer.headers.get('entente-refusal')]).toEqual([path, 403, 'event.not-yours']);
    }
    expect((await post(`events/edit/${uuid(510)}`, { info: 'x' }, at.keller)).status).toBe(404);
    expect(eventOf(await get(`events/view/${uuid(500)}`)).info).toBe('Wave 500');
  });
  test('what others made is passed on by nobody’s default', async () => {
    const added = await post('events/add', made(530, { Orgc: { uuid: uuid(999), name: 'Other CERT' } }));
    expect(eventOf(added).Orgc).toMatchObject({ name: 'Other CERT', uuid: uuid(999) });
    expect((await get(`events/view/${uuid(530)}`, at.keller)).status).toBe(404);
  });
});

describe('feeds', () => {
  test('a collection is a feed of MISP for whoever reads it', async () => {
    await post('events/add', made(600));
    const feeds = (await get('feeds/index', at.keller)).json<{ Feed: { url: string; source_format: string } }[]>();
    expect(feeds.map((f) => new URL(f.Feed.url).pathname)).toContain(`/misp/feed/${at.shared}/`);
    const manifest = await get(`feed/${at.shared}/manifest.json`, at.keller);
    const entries = manifest.json<Record<string, { info: string; timestamp: string }>>();
    expect(entries[uuid(600)]).toMatchObject({ info: 'Wave 600' });
    expect(Object.keys(entries)).not.toContain(uuid(510));
    const file = await get(`feed/${at.shared}/${uuid(600)}.json`, at.keller);
    expect(eventOf(file).Attribute.map((a) => a.value)).toEqual(['203.0.113.100', 'c600.example']);
    const tag = file.headers.get('etag') ?? '';
    expect((await get(`feed/${at.shared}/${uuid(600)}.json`, at.keller, { 'if-none-match': tag })).status).toBe(304);
    const loose = Object.entries(entries).find(([, e]) => e.info.includes('without a report'));
    expect(eventOf(await get(`feed/${at.shared}/${loose?.[0]}.json`, at.keller)).Attribute.map((a) => a.value)).toEqual(['198.51.100.39']);
    const hashes = (await get(`feed/${at.shared}/hashes.csv`, at.keller)).text;
    expect(hashes).toContain(`,${uuid(600)}\n`);
    for (const [path, cookie] of [['manifest.json', at.rivera], ['hashes.csv', at.rivera], [`${uuid(600)}.json`, at.rivera], [`${uuid(510)}.json`, at.keller],
      ['etc', at.keller], ['..%2f..', at.keller]] as const) expect([path, (await get(`feed/${at.shared}/${path}`, cookie)).status]).toEqual([path, 404]);
  });
  test('a feed’s event is what the import takes', async () => {
    const text = (await get(`feed/${at.shared}/${uuid(600)}.json`, at.keller)).text;
    const taken = await hub().ask('POST', '/api/threats/imports?source=centre', text,
      { cookie: await hub().enter({ id: 'per_kduty', organisation: 'org_kestrel', roles: ['psirt'] }) });
    expect(taken.text).toContain('"losses":[]');
    expect(taken.text).toMatch(/"accepted":[1-9]/);
  });
});

describe('at its limits', () => {
  test('hostile bodies are refused, and nothing breaks', async () => {
    const bodies = ['null', '7', '"x"', '[[]]', '{"Event":null}', '{"Event":{"info":{"a":1}}}',
      `{"Event":{"info":"x","Attribute":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`,
      '{"__proto__":{"info":"x"}}', '{"Event":{"info":"\\u0000\\ud800"}}', '{"uuid":"../../etc"}'];
    for (const path of ['events/add', 'events/edit/1', 'attributes/add/1', 'attributes/restSearch', 'events/restSearch', 'events/index', 'objects/add/x',
      'tags/attachTagToObject',
      'sightings/add', 'objectReferences/add', 'warninglists/checkValue', 'tags/search', 'sightings/restSearch/event', 'sightings/listSightings']) {
      for (const body of bodies) expect([path, body.slice(0, 40), (await post(path, body)).status < 500]).toEqual([path, body.slice(0, 40), true]);
    }
    for (const path of ['events/view/%00', 'events/view/999999999999999999999', `events/view/${'x'.repeat(200)}`, 'attributes/view/-1', 'events/view/%ff']) {
      expect([path, (await get(path)).status >= 400 && (await get(path)).status < 500]).toEqual([path, true]);
    }
  }, 60_000);
  test('the end of the agreement is the end of all of it', async () => {
    await hub().ask('POST', '/api/agreements/agr_kestrel/parts/information-sharing/withdraw', { reason: 'Under review.' }, { cookie: at.minh });
    expect((await get(`events/view/${uuid(500)}`, at.keller)).status).toBe(404);
    expect((await get(`feed/${at.shared}/manifest.json`, at.keller)).status).toBe(404);
    expect((await post('attributes/restSearch', { value: 'c500.example' }, at.keller)).json()).toEqual({ response: { Attribute: [] } });
    // What Kestrel took in itself stays its own.
    expect((await get('events/index', at.keller)).json<Event[]>().map((e) => [e.info, e.Org.name])).toEqual([['Wave 600', 'Kestrel Endpoint Security']]);
    expect((await post(`sightings/add/${uuid(501)}`, {}, at.keller)).status).toBe(404);
  });
});
