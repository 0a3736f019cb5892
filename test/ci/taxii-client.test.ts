/** OASIS's own client, taxii2-client, and stix2 against the hub over HTTP: discover, page through, look at one, add, delete. */
import { serve } from '@hono/node-server';
import type { Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../free-port.ts';
import { demoPosture, testHub, type TestHub } from '../hub.ts';
import { ask, pythonWith } from '../python.ts';

const at: { hub?: TestHub; server?: Server; python: string; url: string; token: string } = { python: '', url: '', token: '' };

beforeAll(async () => {
  const [port, python] = await Promise.all([freePort(), pythonWith(['taxii2-client==2.3.0', 'stix2==3.0.2'])]);
  const posture = { ...demoPosture, hosts: [...demoPosture.hosts, `localhost:${port}`] };
  const hub = await testHub({ posture });
  const cookie = await hub.as('per_lan');
  const body = { agreement: 'agr_kestrel', ceiling: 'AMBER', title: 'Both ways', alias: 'both', accepts: true };
  expect((await hub.ask('POST', '/api/collections', body, { cookie })).status).toBe(201);
  const keller = await hub.as('per_keller');
  const made = await hub.ask('POST', '/api/tokens', { name: 'client', scopes: ['threat.list', 'threat.read', 'threat.share'], days: 1 }, { cookie: keller });
  expect(made.status, made.text).toBeLessThan(300);
  const server = serve({ fetch: hub.composition.app(posture).fetch, port, hostname: '127.0.0.1' }) as Server;
  Object.assign(at, { hub, server, python, url: `http://localhost:${port}/taxii2/`, token: made.json<{ secret: string }>().secret });
}, 360_000);
afterAll(async () => {
  at.server?.close();
  await at.hub?.close();
});

const client = `
import json, sys, uuid
import stix2
from taxii2client.v21 import Server, as_pages, ApiRoot
url, token = sys.argv[1:3]
server = Server(url, user='kestrel', password=token)
root = next(r for r in server.api_roots if 'agr_kestrel' in r.url)
collection = next(c for c in root.collections if c.alias == 'both')
made = [stix2.Indicator(name=f'i{n}', pattern=f"[ipv4-addr:value = '198.51.100.{n}']", pattern_type='stix',
    object_marking_refs=[stix2.TLP_GREEN]) for n in range(40)]
status = collection.add_objects(json.loads(stix2.Bundle(made[:25]).serialize()), wait_for_completion=True)
again = collection.add_objects({'objects': [json.loads(o.serialize()) for o in made]})
pages = list(as_pages(collection.get_objects, per_request=7))
whole = collection.get_objects()
manifest = collection.get_manifest()
revised = made[0].new_version(name='revised')
collection.add_objects({'objects': [json.loads(revised.serialize())]})
versions = collection.object_versions(made[0].id)
one = collection.get_object(made[0].id)
first = collection.get_object(made[0].id, version='first')
parsed = [stix2.parse(o) for o in whole['objects']]
collection.delete_object(made[1].id)
try:
    collection.get_object(made[1].id)
    gone = False
except Exception as e:
    gone = getattr(getattr(e, 'response', None), 'status_code', None) == 404
print(json.dumps({
    'title': server.title, 'roots': len(server.api_roots), 'root': root.title, 'versions': root.versions, 'max': root.max_content_length,
    'status': [status.status, status.success_count, status.failure_count], 'again': [again.success_count, again.failure_count],
    'pages': [len(p.get('objects', [])) for p in pages], 'paged': [o['id'] for p in pages for o in p.get('objects', [])] == [o['id'] for o in whole['objects']],
    'manifest': len(manifest['objects']), 'object_versions': len(versions['versions']), 'one': [o['name'] for o in one['objects']],
    'first': [o['name'] for o in first['objects']], 'same': sorted(o.id for o in parsed) == sorted(o.id for o in made), 'gone': gone,
    'left': len(collection.get_objects()['objects']),
}))
`;

test('taxii2-client discovers, adds, pages, looks, and deletes', async () => {
  const said = await ask<Record<string, unknown>>(at.python, client, [at.url, at.token]);
  expect(said).toEqual({
    title: 'Entente', roots: 2, root: expect.any(String), versions: ['application/taxii+json;version=2.1'], max: 100_000_000, status: ['complete', 25, 0],
    again: [40, 0], pages: [7, 7, 7, 7, 7, 5], paged: true, manifest: 40, object_versions: 2, one: ['revised'], first: ['i0'], same: true, gone: true, left: 39,
  });
}, 120_000);
