import { afterAll, beforeAll, expect, test } from 'vitest';
import { testHub, type TestHub } from '../hub.ts';

const at: { hub?: TestHub } = {};
const hub = (): TestHub => at.hub as TestHub;
interface View { id: string; standing: string; documentSha256: string; mayISign: boolean; parts: { id: string; state: string }[] }
const get = async <T>(cookie: string, path: string): Promise<T> => (await hub().ask('GET', path, undefined, { cookie })).json<T>();

beforeAll(async () => { at.hub = await testHub(); });
afterAll(() => at.hub?.close());

test('drafting, two signatures, a withdrawal and an end, each with one fact', async () => {
  const [minh, keller] = [await hub().as('per_minh'), await hub().as('per_keller')];
  const draft = (await hub().ask('POST', '/api/agreements', {
    template: 'mou', counterpart: 'org_kestrel', parts: ['transparency', 'investigation'], products: ['Kestrel Shield'],
    effectiveOn: '2026-06-01', expiresOn: '2027-06-01', zone: 'Asia/Ho_Chi_Minh',
  }, { cookie: minh })).json<View>();
  expect(draft).toMatchObject({ standing: 'draft', mayISign: true });
  const path = `/api/agreements/${draft.id}`;
  const sign = (cookie: string, documentSha256 = draft.documentSha256) =>
    hub().ask('POST', `${path}/sign`, { documentSha256 }, { cookie });
  expect((await sign(minh, '0'.repeat(64))).json<{ code: string }>().code).toBe('agreement.text-changed');
  expect((await sign(minh)).json<View>().standing).toBe('awaiting-signature');
  expect((await sign(minh)).json<{ code: string }>().code).toBe('agreement.already-signed');
  expect((await sign(keller)).json<View>().standing).toBe('in-force');
  const withdrawn = await hub().ask('POST', `${path}/parts/investigation/withdraw`, { reason: 'by our choice' }, { cookie: keller });
  expect(withdrawn.json<View>().parts.find((p) => p.id === 'investigation')?.state).toBe('withdrawn');
  expect((await hub().ask('POST', `${path}/end`, { reason: 'all is done' }, { cookie: minh })).json<View>().standing).toBe('ended');
  await hub().composition.sequencer.drain();
  const { facts } = await get<{ facts: { class: string }[] }>(minh, `/api/facts?subject=${draft.id}`);
  expect(facts.map((f) => f.class)).toEqual([
    'agreement.ended', 'agreement.part-withdrawn', 'agreement.began', 'agreement.signed', 'agreement.signed', 'agreement.drafted',
  ]);
});

test('an agency with information sharing only: the feed is open, source is refused with the clause and whom to ask', async () => {
  const lan = await hub().as('per_lan');
  const offering = (right: string, owner: string, purpose: string) =>
    hub().ask('GET', `/api/offerings?right=${right}&owner=${owner}&purpose=${purpose}`, undefined, { cookie: lan });
  expect((await offering('feed.pull', 'org_meridian', 'incident-response')).status).toBe(200);
  const refused = await offering('source.view', 'org_meridian', 'oversight');
  expect(refused.status).toBe(403);
  expect(refused.json()).toMatchObject({
    code: 'mandate.authorisation-absent', ask: 'Meridian Platforms', clause: { agreementId: 'agr_meridian', clause: '3.1' },
  });
});

test('an organisation one knows nothing of answers as one that never was', async () => {
  const keller = await hub().as('per_keller');
  const ask = (owner: string) =>
    hub().ask('GET', `/api/offerings?right=feed.pull&owner=${owner}&purpose=incident-response`, undefined, { cookie: keller });
  const [theirs, never] = [await ask('org_meridian'), await ask('org_neverwas')];
  expect([theirs.status, theirs.text]).toEqual([404, never.text]);
});

test('each yes and each no of the matrix explains itself', async () => {
  const minh = await hub().as('per_minh');
  const { rows, sides } = await get<{
    rows: { right: string; purpose: string; cells: string[] }[]; sides: { organisation: string }[];
  }>(minh, '/api/agreements/agr_meridian/matrix');
  expect(rows.length).toBeGreaterThan(4);
  for (const row of rows) {
    for (const [i, side] of sides.entries()) {
      const query = `right=${row.right}&agreement=agr_meridian&subject=${side.organisation}&purpose=${row.purpose}`;
      const decision = await get<{ outcome: string; deniedBy: string[]; reason: { sentence: string } }>(
        minh, `/api/decisions/explain?${query}`);
      expect([row.right, decision.outcome]).toEqual([row.right, row.cells[i]]);
      expect(decision.reason.sentence.length).toBeGreaterThan(10);
      expect(decision.deniedBy.length > 0).toBe(decision.outcome === 'deny');
    }
  }
});

test('a zone that is none, a term that is empty, a part that is unknown are refused where they stand', async () => {
  const minh = await hub().as('per_minh');
  const base = {
    template: 'mou', counterpart: 'org_kestrel', parts: ['transparency'], products: [],
    effectiveOn: '2026-06-01', expiresOn: '2027-06-01', zone: 'UTC',
  };
  const draft = async (change: object) =>
    (await hub().ask('POST', '/api/agreements', { ...base, ...change }, { cookie: minh })).json<{ code: string; at?: string }>();
  expect(await draft({ zone: 'Asia/Nowhere' })).toMatchObject({ code: 'agreement.unknown-zone', at: 'zone' });
  expect(await draft({ expiresOn: '2026-06-01' })).toMatchObject({ code: 'agreement.empty-term', at: 'expiresOn' });
  expect(await draft({ parts: ['x'] })).toMatchObject({ code: 'agreement.unknown-part', at: 'parts' });
  expect(await draft({ counterpart: 'org_neverwas' })).toMatchObject({ code: 'organisation.not-found' });
  expect(await draft({ effectiveOn: '2026-02-30' })).toMatchObject({ code: 'input.invalid', at: 'effectiveOn' });
});
