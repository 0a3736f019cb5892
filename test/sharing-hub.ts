/** A hub of its own that listens on this machine and shares a collection, for whoever is to follow it over HTTP. */
import { serve } from '@hono/node-server';
import type { Server } from 'node:http';
import { demoPosture, testHub, type TestHub } from './hub.ts';
import { freePort } from './free-port.ts';

export interface SharingHub {
  readonly hub: TestHub;
  readonly url: string;
  readonly root: string;
  readonly collection: string;
  /** Of the partner that the collection is shared with. */
  readonly token: string;
  share(objects: readonly object[]): Promise<void>;
  close(): Promise<void>;
}

export async function sharingHub(): Promise<SharingHub> {
  const port = await freePort();
  const posture = { ...demoPosture, hosts: [...demoPosture.hosts, `127.0.0.1:${port}`] };
  const hub = await testHub({ posture });
  const [lan, keller] = [await hub.as('per_lan'), await hub.as('per_keller')];
  const opened = await hub.ask('POST', '/api/collections', { agreement: 'agr_kestrel', ceiling: 'GREEN', title: 'Followed' }, { cookie: lan });
  const made = await hub.ask('POST', '/api/tokens', { name: 'follower', scopes: ['threat.list', 'threat.read'], days: 1 }, { cookie: keller });
  if (opened.status !== 201 || made.status >= 300) throw new Error(`${opened.text} ${made.text}`);
  const server = serve({ fetch: hub.composition.app(posture).fetch, port, hostname: '127.0.0.1' }) as Server;
  return {
    hub, url: `http://127.0.0.1:${port}/taxii2/`, root: `http://127.0.0.1:${port}/taxii2/agr_kestrel/`,
    collection: opened.json<{ collection: { id: string } }>().collection.id, token: made.json<{ secret: string }>().secret,
    async share(objects) {
      const lines = objects.map((o) => JSON.stringify(o)).join('\n');
      const answer = await hub.ask('POST', '/api/threats/imports?source=own', lines, { cookie: lan });
      if (!answer.text.includes('"phase":"done"')) throw new Error(answer.text);
    },
    async close() {
      server.close();
      await hub.close();
    },
  };
}
