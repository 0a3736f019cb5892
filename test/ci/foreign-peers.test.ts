/** The client against real servers over HTTP: OASIS's medallion, and our own while four write into what is followed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { timeText } from '#kit/stix/time';
import { indicator } from '../../src/modules/exchange/testing.ts';
import { Follower, idsOf } from '../following.ts';
import { freePort } from '../free-port.ts';
import { sharingHub, type SharingHub } from '../sharing-hub.ts';
import { pythonWith } from '../python.ts';

const at: { follower?: Follower; folder?: string; server?: ChildProcess; ours?: SharingHub } = {};
beforeAll(async () => {
  at.follower = await Follower.open();
  at.folder = await mkdtemp(join(tmpdir(), 'entente-foreign-'));
}, 60_000);
afterAll(async () => {
  at.server?.kill('SIGKILL');
  await at.ours?.close();
  await at.follower?.close();
  if (at.folder) await rm(at.folder, { recursive: true });
});

const taxii = 'application/taxii+json;version=2.1';
const id = 'collection00000000000000000000000001';

async function medallion(objects: readonly Record<string, unknown>[], added: (i: number) => number): Promise<string> {
  const python = await pythonWith(['medallion==3.0.0']);
  const file = join(at.folder ?? '', 'medallion.json');
  await writeFile(file, JSON.stringify({
    '/discovery': { title: 'medallion', default: '/root/', api_roots: ['/root/'] },
    root: {
      information: { title: 'medallion', versions: [taxii], max_content_length: 100_000_000 }, status: [],
      collections: [{
        id, title: 'all', can_read: true, can_write: true, media_types: ['application/stix+json;version=2.1'], objects,
        manifest: objects.map((o, i) => ({ id: o['id'], date_added: timeText(BigInt(1_700_000_000_000_000 + added(i))), version: o['modified'],
          media_type: 'application/stix+json;version=2.1' })),
      }],
    },
  }));
  const port = await freePort();
  const started = spawn(python, [join(import.meta.dirname, '..', '..', 'bench', 'peers', 'medallion_server.py'), file, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  at.server = started;
  await new Promise<void>((resolve, reject) => {
    started.stdout.once('data', () => resolve());
    started.once('exit', (code) => reject(new Error(`medallion ended with ${code}`)));
  });
  return `http://127.0.0.1:${port}/taxii2/`;
}

test('medallion is discovered and followed: every object once, many of them added in one moment, and then what is new', async () => {
  const f = at.follower as Follower;
  const objects = f.some(300);
  // A hundred at one moment, over the borders of pages.
  const url = await medallion(objects, (i) => (i >= 80 && i < 180 ? 80 : i));
  const auth = { scheme: 'basic', user: 'bench' };
  const found = await f.call('POST', '/api/peers/look', { url, auth, secret: 'bench' });
  expect(found.json()).toMatchObject({ title: 'medallion', roots: [{ collections: [{ id, canRead: true, canWrite: true }] }] });
  const followed = await f.followAt({ url, auth, secret: 'bench', root: new URL('/root/', url).href, collection: id, pageSize: 37 });
  await followed.run();
  expect(await followed.held()).toEqual(idsOf(objects));
  expect((await followed.look()).fetches[0]).toMatchObject({ state: 'done', accepted: 300, refused: 0, trouble: null });
  await followed.run();
  expect((await followed.look()).fetches[0]).toMatchObject({ state: 'done', accepted: 0, trouble: null });
  const more = f.some(20);
  const added = await fetch(`${new URL('/root/', url).href}collections/${id}/objects/`, {
    method: 'POST', body: JSON.stringify({ objects: more }),
    headers: { accept: taxii, 'content-type': taxii, authorization: `Basic ${Buffer.from('bench:bench').toString('base64')}` },
  });
  expect(added.status).toBe(202);
  await followed.run();
  expect(await followed.held()).toEqual(idsOf([...objects, ...more]));
}, 360_000);

test('our own server is followed while four write: at the end both hold exactly the same', async () => {
  const f = at.follower as Follower;
  const ours = await sharingHub();
  at.ours = ours;
  const written: Record<string, unknown>[] = [];
  const perWriter = 500;
  const writer = async (n: number): Promise<void> => {
    for (let done = 0; done < perWriter;) {
      const part = Array.from({ length: 25 }, (_, i) => indicator(800_000 + n * perWriter + done + i));
      await ours.share(part);
      written.push(...part);
      done += part.length;
    }
  };
  const followed = await f.followAt({ url: ours.url, auth: { scheme: 'bearer' }, secret: ours.token, root: ours.root, collection: ours.collection,
    pageSize: 100 });
  const writing = Promise.all([0, 1, 2, 3].map(writer));
  const going = { on: true };
  void writing.finally(() => { going.on = false; });
  while (going.on) await followed.run();
  await writing;
  await followed.run();
  expect(written).toHaveLength(2_000);
  expect(await followed.held()).toEqual(idsOf(written));
  const { fetches } = await followed.look();
  expect(fetches.every((r) => r.state === 'done')).toBe(true);
  // Nothing came twice: a place in our own log names one entry.
  expect(fetches.reduce((n, r) => n + r.accepted, 0)).toBe(2_000);
  expect(fetches.reduce((n, r) => n + r.duplicate, 0)).toBe(0);
}, 240_000);
