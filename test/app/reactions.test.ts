import { afterAll, beforeAll, expect, test } from 'vitest';
import { react } from '../../src/app/reactions.ts';
import { testHub, type TestHub } from '../hub.ts';

const at: { hub?: TestHub } = {};
const hub = (): TestHub => at.hub as TestHub;
beforeAll(async () => { at.hub = await testHub(); });
afterAll(() => at.hub?.close());

const row = '{"time":"2026-06-01T00:00:00Z","type":"attack","src_ip":"100.64.0.1"}';

test('a feed of another comes in under a clause; when its part is withdrawn it is refused, and both sides’ record says so once', async () => {
  const [lan, keller] = [await hub().as('per_lan'), await hub().as('per_keller')];
  const made = await hub().ask('POST', '/api/feeds', {
    name: 'from-kestrel', title: 'From Kestrel', shape: 'ndjson', sourceOrg: 'org_kestrel', agreement: 'agr_kestrel',
  }, { cookie: lan });
  const { feed } = made.json<{ feed: { id: string; standing: string } }>();
  expect(feed.standing).toBe('in-force');
  const send = () => hub().ask('POST', `/api/feeds/${feed.id}/batches?file=a.ndjson`, row, { cookie: lan });
  expect((await send()).text).toContain('"phase":"done"');
  await hub().composition.sequencer.drain();
  const facts = async (subject: string, name: string, cookie: string) => (await hub().ask(
    'GET', `/api/facts?subject=${subject}&class=${name}`, undefined, { cookie })).json<{ facts: { subject: string; clauses: unknown[] }[] }>().facts;
  const stored = (await hub().ask('GET', '/api/facts?class=batch.stored', undefined, { cookie: keller }))
    .json<{ facts: { clauses: { agreementId: string; clause: string }[] }[] }>().facts;
  expect(stored[0]?.clauses).toMatchObject([{ agreementId: 'agr_kestrel', clause: '2.1' }]);
  await react(hub().world);

  await hub().ask('POST', '/api/agreements/agr_kestrel/parts/information-sharing/withdraw', { reason: 'a test' }, { cookie: keller });
  const refused = await send();
  expect([refused.status, refused.json<{ code: string; clause: { clause: string } }>()]).toMatchObject([
    403, { code: 'mandate.pillar-absent', clause: { clause: '2.1' } }]);
  await hub().composition.sequencer.drain();
  expect(await react(hub().world)).toBe(1);
  expect(await react(hub().world)).toBe(0);
  await hub().composition.sequencer.drain();
  expect(await facts(feed.id, 'feed.suspended', lan)).toHaveLength(1);
  expect(await facts(feed.id, 'feed.suspended', keller)).toHaveLength(1);
  const list = (await hub().ask('GET', '/api/feeds', undefined, { cookie: lan })).json<{ items: { standing: string }[] }>();
  expect(list.items[0]?.standing).toBe('refused');
});

test('a feed cannot name a provider or an agreement that one knows nothing of', async () => {
  const keller = await hub().as('per_lan');
  const make = (change: object) => hub().ask('POST', '/api/feeds', { name: 'x-y', title: 'X', shape: 'ndjson', ...change }, { cookie: keller });
  expect((await make({ sourceOrg: 'org_neverwas' })).json<{ code: string }>().code).toBe('organisation.not-found');
  expect((await make({ agreement: 'agr_neverwas' })).json<{ code: string }>().code).toBe('agreement.not-found');
});
