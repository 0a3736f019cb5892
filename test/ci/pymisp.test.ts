/** PyMISP, as its users have it, against the hub over HTTP: connect, add, search, page, edit, tag, see, delete; and F117, there and back again. */
import { serve } from '@hono/node-server';
import type { Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../free-port.ts';
import { demoPosture, testHub, type TestHub } from '../hub.ts';
import { ask, pythonWith } from '../python.ts';

const at: { hub?: TestHub; server?: Server; python: string; url: string; token: string; theirs: string } = { python: '', url: '', token: '', theirs: '' };
const scopes = ['threat.list', 'threat.read', 'threat.import', 'sighting.add'];

beforeAll(async () => {
  const [port, python] = await Promise.all([freePort(), pythonWith(['pymisp==2.5.34.4'])]);
  const posture = { ...demoPosture, hosts: [...demoPosture.hosts, `localhost:${port}`] };
  const hub = await testHub({ posture });
  const token = async (person: string): Promise<string> => {
    const cookie = await hub.as(person);
    const made = await hub.ask('POST', '/api/tokens', { name: 'pymisp', scopes, days: 1 }, { cookie });
    expect(made.status, made.text).toBeLessThan(300);
    return made.json<{ secret: string }>().secret;
  };
  const body = { agreement: 'agr_kestrel', ceiling: 'AMBER', title: 'For Kestrel' };
  expect((await hub.ask('POST', '/api/collections', body, { cookie: await hub.as('per_lan') })).status).toBe(201);
  const server = serve({ fetch: hub.composition.app(posture).fetch, port, hostname: '127.0.0.1' }) as Server;
  Object.assign(at, { hub, server, python, url: `http://localhost:${port}/misp/`, token: await token('per_lan'), theirs: await token('per_keller') });
}, 360_000);
afterAll(async () => {
  at.server?.close();
  await at.hub?.close();
});

const client = `
import json, sys, uuid
from pymisp import PyMISP, MISPEvent, MISPObject, MISPAttribute, MISPSighting, MISPTag
url, token, theirs = sys.argv[1:4]
misp = PyMISP(url, token)
other = PyMISP(url, theirs)
said = {'version': misp.misp_instance_version['version'], 'me': misp._current_role.perm_publish, 'types': 'md5' in misp.types}

event = MISPEvent()
event.info = 'Loader campaign'
event.distribution = 1
event.threat_level_id = 2
event.analysis = 1
event.date = '2026-06-01'
event.add_tag('tlp:green')
event.add_tag('misp-galaxy:threat-actor="APT 0"')
first = event.add_attribute('ip-dst', '203.0.113.9', comment='beacon', to_ids=True)
first.add_tag('kill-chain:C2')
event.add_attribute('domain|ip', 'loader.example|203.0.113.10', to_ids=False)
event.add_attribute('comment', 'what was seen')
made = MISPObject('file')
made.add_attribute('filename', value='loader.exe')
made.add_attribute('md5', value='0' * 32)
event.add_object(made)
second = MISPObject('domain-ip')
second.add_attribute('domain', value='c2.example')
second.add_attribute('ip', value='203.0.113.11')
second.add_reference(made.uuid, 'dropped')
event.add_object(second)
added = misp.add_event(event, pythonify=True)
said['added'] = [added.info, len(added.attributes), len(added.objects), sorted(t.name for t in added.tags)]

# F117: what was sent is what is read, but for what a server alone says.
def bare(e):
    d = json.loads(e.to_json())
    def drop(x, parent=None):
        if isinstance(x, dict):
            out = {}
            for k, v in x.items():
                if k in ('id', 'event_id', 'object_id', 'org_id', 'orgc_id', 'sharing_group_id', 'timestamp', 'publish_timestamp', 'Org', 'Orgc',
                         'attribute_count',
                         'locked', 'proposal_email_lock', 'disable_correlation', 'extends_uuid', 'ShadowAttribute', 'RelatedEvent',
                         'CryptographicKey', 'Galaxy',
                         'event_creator_email', 'EventReport', 'user_id', 'source_uuid', 'referenced_type', 'object_uuid', 'colour', 'exportable', 'hide_tag',
                         'numerical_value', 'is_galaxy', 'is_custom_galaxy', 'local_only', 'relationship_type' if parent == 'Tag' else '', 'published',
                         'first_seen', 'last_seen', 'deleted', 'local'):
                    continue
                if v in (None, '', [], '0') and k in ('comment', 'object_relation', 'distribution'): continue
                if k == 'distribution' and str(v) == '5': continue
                out[k] = drop(v, k) if not isinstance(v, (int, float, bool)) or isinstance(v, bool) else str(v)
            return out
        if isinstance(x, list):
            return sorted((drop(i, parent) for i in x), key=lambda i: json.dumps(i, sort_keys=True))
        return x
    return drop(d)
read = misp.get_event(event.uuid, pythonify=True)
said['differs'] = [k for k in set(bare(event)) | set(bare(read)) if bare(event).get(k) != bare(read).get(k)]
lost = misp.direct_call('events/add', {'Event': {'info': 'What does not fit', 'ShadowAttribute': [{'value': 'x'}], 'Note': [{'note': 'y'}]}})
said['lost'] = sorted(l['path'] for l in lost['lost'])

said['draft'] = other.event_exists(event.uuid)
misp.publish(added)
said['shared'] = other.get_event(event.uuid, pythonify=True).info
said['exists'] = [misp.event_exists(event.uuid), misp.event_exists(str(uuid.uuid4())), misp.attribute_exists(first.uuid), misp.object_exists(made.uuid)]
said['value'] = [a.value for a in misp.search('attributes', value='loader.example', pythonify=True)]
said['toids'] = sorted(a.value for a in misp.search('attributes', to_ids=1, type_attribute=['ip-dst', 'md5'], pythonify=True))
said['events'] = [e.info for e in misp.search('events', value='203.0.113.9', pythonify=True)]
said['tagged'] = [e.uuid == event.uuid for e in misp.search('events', tags=['tlp:green'], last='1d', metadata=True, pythonify=True)]
said['objects'] = [o.name for o in misp.search('objects', object_name='file', pythonify=True)]
said['index'] = [e.info for e in misp.search_index(eventinfo='Loader%', pythonify=True)]

many = MISPEvent()
many.info = 'Many'
for n in range(60):
    many.add_attribute('md5', f'{n:032x}')
misp.add_event(many)
pages = [misp.search('attributes', eventid=many.uuid, limit=25, page=p, pythonify=True) for p in (1, 2, 3)]
said['pages'] = [len(p) for p in pages]
said['whole'] = len({a.uuid for p in pages for a in p})

read = misp.get_event(event.uuid, pythonify=True)
read.info = 'Loader campaign, wave two'
read.attributes[0].comment = 'changed'
updated = misp.update_event(read, pythonify=True)
said['updated'] = [updated.info, next(a.comment for a in updated.attributes if a.uuid == read.attributes[0].uuid), len(updated.attributes)]
attribute = misp.add_attribute(event.uuid, {'type': 'url', 'value': 'http://loader.example/x', 'category': 'Network activity'}, pythonify=True)
attribute.comment = 'second stage'
said['attribute'] = misp.update_attribute(attribute, pythonify=True).comment
said['twice'] = 'errors' in misp.add_attribute(event.uuid, {'type': 'url', 'value': 'http://loader.example/x', 'category': 'Network activity'})
third = MISPObject('file')
third.add_attribute('filename', value='second.exe')
said['object'] = misp.add_object(event.uuid, third, pythonify=True).attributes[0].value
misp.tag(attribute.uuid, 'admiralty-scale:source-reliability="b"')
said['tag'] = [t.name for t in misp.get_attribute(attribute.uuid, pythonify=True).tags]
misp.untag(attribute.uuid, 'admiralty-scale:source-reliability="b"')
said['untag'] = [t.name for t in misp.get_attribute(attribute.uuid, pythonify=True).tags]
sighting = MISPSighting()
sighting.from_dict(source='edge', type='0')
seen = misp.add_sighting(sighting, first.uuid, pythonify=True)
other.add_sighting({'value': '203.0.113.9', 'type': '1', 'source': 'lab'})
said['sightings'] = sorted([s.type for s in misp.sightings(misp.get_attribute(first.uuid, pythonify=True), pythonify=True)])
found = misp.search_sightings(context='attribute', context_id=first.uuid, type_sighting='1')
said['searched'] = [s['Sighting']['source'] for s in found]
misp.delete_sighting(seen)
said['left'] = [s.type for s in misp.sightings(misp.get_attribute(first.uuid, pythonify=True), pythonify=True)]
said['notyours'] = other.update_event(other.get_event(event.uuid, pythonify=True))['errors'][0]
misp.delete_attribute(attribute.uuid, hard=True)
misp.delete_object(third.uuid, hard=True)
said['gone'] = [misp.attribute_exists(attribute.uuid), misp.object_exists(third.uuid)]
said['lists'] = [misp.organisations(pythonify=True)[0].name, misp.taxonomies(pythonify=True)[0].namespace, misp.sharing_groups(),
    [t.name for t in misp.tags(pythonify=True)],
    len(misp.feeds()), misp.warninglists(), misp.galaxies(), misp.values_in_warninglist(['loader.example'])]
misp.delete_event(event.uuid)
said['deleted'] = [misp.event_exists(event.uuid), other.event_exists(event.uuid)]
try:
    PyMISP(url, 'x' * 40)
    said['wrong'] = 'opened'
except Exception as e:
    said['wrong'] = type(e).__name__
print(json.dumps(said, default=str))
`;

test('PyMISP connects, adds, searches, pages, edits, tags, sees, and deletes', async () => {
  const said = await ask<Record<string, unknown>>(at.python, client, [at.url, at.token, at.theirs]);
  const apt = 'misp-galaxy:threat-actor="APT 0"';
  expect(said).toEqual({
    version: '2.5.34', me: true, types: true, added: ['Loader campaign', 3, 2, [apt, 'tlp:green']], differs: [], lost: ['/Note', '/ShadowAttribute'],
    draft: false, shared: 'Loader campaign', exists: [true, false, true, true], value: ['loader.example|203.0.113.10'],
    toids: ['0'.repeat(32), '203.0.113.11', '203.0.113.9'], events: ['Loader campaign'], tagged: [true], objects: ['file'], index: ['Loader campaign'],
    pages: [25, 25, 10], whole: 60, updated: ['Loader campaign, wave two', 'changed', 3], attribute: 'second stage', twice: true, object: 'second.exe',
    tag: ['admiralty-scale:source-reliability="b"'], untag: [], sightings: ['0', '1'], searched: ['lab'], left: ['1'], notyours: 403, gone: [false, false],
    lists: ['National Cyber Security Centre', 'tlp', [], ['tlp:green', apt], 1, [], [], {}], deleted: [false, false], wrong: 'PyMISPError',
  });
}, 240_000);
