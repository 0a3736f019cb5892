/** Decisions by mandate as the hub records them: readable by both sides, and nothing to be learnt from one that must stay unseen. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testHub, type TestHub } from '../hub.ts';

const at: { hub?: TestHub } = {};
const hub = (): TestHub => at.hub as TestHub;
beforeAll(async () => { at.hub = await testHub(); });
afterAll(() => at.hub?.close());

const offering = (cookie: string, right: string, owner: string) =>
  hub().ask('GET', `/api/offerings?right=${right}&owner=${owner}&purpose=incident-response`, undefined, { cookie });
const decisionsOf = async (cookie: string) => {
  await hub().composition.sequencer.drain();
  const answer = await hub().ask('GET', '/api/facts?class=decision.made', undefined, { cookie });
  return answer.json<{ facts: { body: Record<string, unknown>; clauses: { clause: string; textSha256: string }[] }[] }>().facts;
};
const leaves = async (): Promise<number> => {
  await hub().composition.sequencer.drain();
  return (await hub().ask('GET', '/api/ledger/status')).json<{ size: number }>().size;
};

test('a yes and a no stand in the ledger of both sides, with clause and text', async () => {
  const [lan, rivera] = [await hub().as('per_lan'), await hub().as('per_rivera')];
  expect((await offering(lan, 'feed.pull', 'org_meridian')).status).toBe(200);
  expect((await offering(lan, 'source.view', 'org_meridian')).status).toBe(403);
  const [minh] = [await hub().as('per_minh')];
  const [no, yes] = await decisionsOf(minh);
  expect(yes).toMatchObject({ body: { outcome: 'allow', right: 'feed.pull', owner: 'org_meridian' } });
  expect(no).toMatchObject({ body: { outcome: 'deny', right: 'source.view' } });
  for (const fact of [yes, no]) expect(fact?.clauses[0]?.textSha256).toMatch(/^[0-9a-f]{64}$/);
  expect((await decisionsOf(rivera)).map((f) => f.body['right'])).toEqual(['source.view', 'feed.pull']);
});

test('asked about whom one may not know of, the log does not grow, whether or not there is such a one', async () => {
  const keller = await hub().as('per_keller');
  await leaves();
  for (const owner of ['org_meridian', 'org_neverwas']) {
    const before = await leaves();
    expect((await offering(keller, 'feed.pull', owner)).status).toBe(404);
    expect(await leaves()).toBe(before);
  }
});

test('the explainer answers for the caller as they are, and as if another asked', async () => {
  const minh = await hub().as('per_minh');
  const explain = async (query: string) => (await hub().ask('GET', `/api/decisions/explain?agreement=agr_kestrel&${query}`, undefined, { cookie: minh }))
    .json<{ outcome: string; subject: string; deniedBy: string[] }>();
  const threat = 'right=threat.read&purpose=incident-response';
  expect(await explain(threat)).toMatchObject({ outcome: 'allow', subject: 'org_hub' });
  expect(await explain(`${threat}&subject=org_kestrel`)).toMatchObject({ outcome: 'allow', subject: 'org_kestrel' });
  expect(await explain(`${threat}&tlp=RED&person=per_lan`)).toMatchObject({ outcome: 'deny', deniedBy: ['tlp-not-granted'] });
  expect(await explain(`${threat}&kind=source`)).toMatchObject({ outcome: 'deny', deniedBy: ['kind-not-granted'] });
});

test('the matrix says clause by clause who may what, and a cell is the decision', async () => {
  const minh = await hub().as('per_minh');
  const { columns, clauses } = (await hub().ask('GET', '/api/agreements/agr_kestrel/matrix', undefined, { cookie: minh })).json<{
    columns: { side: string; role: string | null; person: string | null }[];
    clauses: { clause: string; right: string; cells: { outcome: string; code: string }[] }[];
  }>();
  expect(columns.filter((c) => c.role === null && c.person === null).map((c) => c.side)).toEqual(['authority', 'counterpart']);
  expect(clauses.every((row) => row.cells.length === columns.length)).toBe(true);
  const copy = clauses.find((row) => row.right === 'source.copy');
  expect(copy?.cells.map((c) => c.code)).toEqual(columns.map(() => 'prohibited'));
  const authority = columns.findIndex((c) => c.side === 'authority');
  expect(clauses.find((row) => row.right === 'threat.read')?.cells[authority]).toEqual({ outcome: 'allow', code: '' });
  for (const { cells } of clauses) for (const cell of cells) expect(cell.code === '').toBe(cell.outcome === 'allow');
});
