/** Fetching a provider's feed rests on its clause: asked for before each run, before each file, and while a file comes. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asHub } from '#world/db/scope';
import { closedOutbound } from '#world/http/closed';
import { fakeOutbound } from '#world/http/fake';
import { collectorOver, type Collector } from '#modules/landscape/index';
import type { Outbound } from '#world/http/port';
import { testHub, type TestHub } from '../hub.ts';

const at: { hub?: TestHub; lan: string; minh: string } = { lan: '', minh: '' };
const hub = (): TestHub => at.hub as TestHub;
beforeAll(async () => {
  at.hub = await testHub();
  at.lan = await hub().as('per_lan');
  at.minh = await hub().as('per_minh');
});
afterAll(() => at.hub?.close());

const row = (n: number): string => `{"time":"2026-06-14T01:00:00Z","type":"infection","family":"conficker","ip":"203.0.113.${n}"}\n`;
interface Seen {
  source: { failing: { times: number } | null };
  runs: { state: string; files: number; stored: number; error: { code: string; clause: string | null } | null }[];
}

async function sourceOf(name: string, settings: object): Promise<{ feed: string; source: string; look: () => Promise<Seen> }> {
  const made = await hub().ask('POST', '/api/feeds', {
    name, title: name, shape: 'ndjson', sourceOrg: 'org_kestrel', agreement: 'agr_kestrel',
  }, { cookie: at.lan });
  const feed = made.json<{ feed: { id: string } }>().feed.id;
  const added = await hub().ask('POST', `/api/feeds/${feed}/sources`, { name: 'it', everyMinutes: 60, settings }, { cookie: at.lan });
  expect([added.status, added.text]).toEqual([201, added.text]);
  const source = added.json<{ source: { id: string } }>().source.id;
  return { feed, source, look: async () => (await hub().ask('GET', `/api/feeds/${feed}/sources/${source}`, undefined, { cookie: at.lan })).json<Seen>() };
}
const collecting = (outbound: Outbound): Collector => collectorOver({ ...hub().world, outbound, pipeline: hub().composition.pipeline, bytesMax: 0 });
const beat = (collector: Collector): Promise<void> => asHub('the test', async () => {
  await collector.beat();
  await collector.idle();
});
const suspend = async (): Promise<void> => {
  const answer = await hub().ask('POST', '/api/agreements/agr_kestrel/suspend', { ground: 'security', statement: 'For the test.' }, { cookie: at.minh });
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
};
const lift = async (): Promise<void> => {
  const { suspensions } = (await hub().ask('GET', '/api/agreements/agr_kestrel', undefined, { cookie: at.minh }))
    .json<{ suspensions: { id: string; liftedAt: string | null }[] }>();
  for (const { id } of suspensions.filter((one) => one.liftedAt === null)) {
    const lifted = await hub().ask('POST', `/api/agreements/agr_kestrel/suspensions/${id}/lift`, { reason: 'It is over.' }, { cookie: at.minh });
    expect([lifted.status, lifted.text]).toEqual([200, lifted.text]);
  }
};

describe('a feed of another organisation', () => {
  test('is not asked for without a clause; the run says so, and by hand it is refused with what is missing', async () => {
    const { feed, source, look } = await sourceOf('pulled-a', { kind: 'http', url: 'https://feeds.example/a.ndjson' });
    await suspend();
    const outbound = fakeOutbound(() => ({ body: row(1) }));
    await beat(collecting(outbound));
    expect(outbound.asked).toEqual([]);
    expect((await look()).runs[0]).toMatchObject({ state: 'refused', files: 0 });
    const byHand = await hub().ask('POST', `/api/feeds/${feed}/sources/${source}/run`, {}, { cookie: at.lan });
    expect(byHand.status).toBe(403);
    expect((await look()).runs[0]?.error?.code).toBe(byHand.json<{ code: string }>().code);
    await lift();
    hub().world.clock.advance(7 * 3_600_000);
    await beat(collecting(outbound));
    expect((await look()).runs[0]).toMatchObject({ state: 'done', files: 1, stored: 1 });
  });

  test('loses its clause between two files: the first stays, the second is not asked for', async () => {
    const { look } = await sourceOf('pulled-b', { kind: 'http', url: 'https://feeds.example/list', read: 'list' });
    const inner = fakeOutbound(({ url }) => ({ body: url.endsWith('list') ? '["b1.ndjson","b2.ndjson"]' : row(url.includes('b1') ? 11 : 12) }));
    await beat(collecting({ ...inner, open: async (request) => {
      const answer = await inner.open(request);
      return request.url.includes('b1') ? { ...answer, body: after(answer.body, suspend) } : answer;
    } }));
    expect((await look()).runs[0]).toMatchObject({ state: 'refused', files: 1, stored: 1 });
    expect(inner.asked.map(({ url }) => url.split('/').at(-1))).toEqual(['list', 'b1.ndjson']);
    await lift();
  });

  test('loses its clause while a file comes: neither its rows nor its bytes stay', async () => {
    const { feed, look } = await sourceOf('pulled-c', { kind: 'http', url: 'https://feeds.example/c.ndjson' });
    const inner = fakeOutbound(() => ({ body: '' }));
    const pieces = [row(21), row(22), row(23)];
    await beat(collecting({ ...inner, open: async (request) => ({ ...await inner.open(request), body: (async function* slowly() {
      yield new TextEncoder().encode(pieces[0]);
      yield new TextEncoder().encode(pieces[1]);
      await suspend();
      hub().world.clock.advance(5_000);
      yield new TextEncoder().encode(pieces[2]);
    })() }) }));
    expect((await look()).runs[0]).toMatchObject({ state: 'refused', files: 0 });
    const { rowsStored } = (await hub().ask('GET', `/api/feeds/${feed}`, undefined, { cookie: at.lan })).json<{ feed: { rowsStored: number } }>().feed;
    expect(rowsStored).toBe(0);
    expect(await hub().world.blobs.open(createHash('sha256').update(pieces.join('')).digest('hex'))).toBeNull();
    await lift();
  });
});

test('where the way out is closed nothing is asked for, and the run says so', async () => {
  const { look } = await sourceOf('pulled-closed', { kind: 'http', url: 'https://feeds.example/closed.ndjson' });
  await beat(collecting(closedOutbound()));
  expect((await look()).runs[0]).toMatchObject({ state: 'failed', files: 0, stored: 0, error: { code: 'feed-source.blocked' } });
});

async function* after(bytes: AsyncIterable<Uint8Array>, then: () => Promise<void>): AsyncGenerator<Uint8Array> {
  yield* bytes;
  await then();
}

test('secrets are sealed in the records, and no answer, fact or log line has them', async () => {
  const secret = 'a-secret-that-nobody-reads-9876';
  const added = await hub().ask('POST', '/api/feeds/pulled-a/sources', {
    name: 'secret', everyMinutes: 60, settings: { kind: 'shadowserver' }, secrets: { apikey: secret, secret: `${secret}-2` },
  }, { cookie: at.lan });
  const { id } = added.json<{ source: { id: string } }>().source;
  await beat(hub().composition.collector);
  await hub().composition.sequencer.drain();
  const changed = await hub().ask('PUT', `/api/feeds/pulled-a/sources/${id}`, {
    name: 'secret', everyMinutes: 120, on: true, settings: { kind: 'shadowserver', types: ['scan_smb'] },
  }, { cookie: at.lan });
  expect([added.status, changed.status]).toEqual([201, 200]);
  const seen = await hub().ask('GET', `/api/feeds/pulled-a/sources/${id}`, undefined, { cookie: at.lan });
  const facts = await hub().ask('GET', '/api/facts?limit=100', undefined, { cookie: at.minh });
  const records = await hub().world.db.as<{ landscape_source: object; ledger_openings: object }>().selectFrom('landscape_source').selectAll().execute();
  for (const text of [added.text, changed.text, seen.text, facts.text, JSON.stringify(records), JSON.stringify(hub().trace.lines)]) {
    expect(text).not.toContain('nobody-reads');
  }
  expect(seen.json<{ source: { secrets: unknown } }>().source.secrets).toEqual([{ name: 'apikey', lastFour: '9876' }, { name: 'secret', lastFour: '76-2' }]);
});
