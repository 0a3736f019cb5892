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
