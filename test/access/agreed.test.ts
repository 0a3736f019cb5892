/**
 * Acts by mandate under clauses that want somebody's approval, generated from the endpoints: refused without, asked about without
 * anything being done, done once with exactly what was agreed to, by nobody else and with nothing else; and what comes in the
 * header from people who do not mean well.
 */
import { sql } from 'kysely';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requestOf } from '#kit/endpoint';
import { outline } from '../../src/app/outline.ts';
import type { Operation } from '../../src/app/room.ts';
import { attested, clauseOf, grantOf, agreementOf as paperOf } from '../../src/modules/agreements/decide/testing.ts';
import { agreementById, insertAgreement, saveAgreement } from '../../src/modules/agreements/store.ts';
import { insertJob } from '../../src/modules/landscape/scans/store.ts';
import { roleMatrix } from '../../src/modules/parties/roles.ts';
import { tableDigests } from '../digest.ts';
import { some } from '../some.ts';
import { testHub, type Answer, type TestHub } from '../hub.ts';
import { foreignIds } from './foreign.ts';
import { refusedWith } from './refused.ts';
import { sampleOf } from './sample.ts';

const at: { hub?: TestHub } = {};
const hub = (): TestHub => at.hub as TestHub;
/** A visit is asked for within reach of what is reviewed, and a sitting is one person’s alone: test/app/centre.test.ts asks for their approval. */
const ofReviews = /^(visits\.ask|reviews\.\w+|excerpts\.(ask|open)|flows\.compare)$/;
const mandated = outline().filter((o) => o.endpoint.needs.by === 'mandate' && o.endpoint.needs.ownToo === undefined && !ofReviews.test(o.id));
const rows = mandated.map((o) => [o.id, o] as const);

/** Of the ministry that has signed nothing else; what the centre does by mandate is asked by its duty officer, and the ministry agrees. */
const centreActs: readonly string[] = ['landscape.requestScan', 'landscape.scanFile'];
const askerOf = (id: string): Promise<string> => (centreActs.includes(id) ? hub().as('per_lan') : hub().enter({
  id: 'per_asker', organisation: 'org_minwaters', roles: ['constituent-admin', 'principal', 'feed-operator'],
}));
const agreerOf = (id: string): string => (centreActs.includes(id) ? 'per_khoa' : 'per_lan');

beforeAll(async () => {
  at.hub = await testHub();
  const { db } = at.hub.world;
  const rights = [...new Set(mandated.map((o) => o.endpoint.needs.right))];
  const clause = clauseOf('1.1', { grants: [grantOf({
    grantee: 'counterpart', actions: [...rights, 'sample.use'], kinds: ['exposure', 'notice', 'blocklist', 'feed', 'sample'], products: 'ALL_NAMED',
    maxTlp: 'AMBER', maxLevel: 4, conditions: { mfa: false, networks: [], approvals: { count: 1, from: 'other-party' } },
  }), grantOf({
    id: 'agr_wanting:1.1:g2', grantee: 'authority', actions: ['scan.run'], kinds: ['scan'], products: 'ALL_NAMED', maxTlp: 'AMBER', maxLevel: 4,
    conditions: { mfa: false, networks: [], approvals: { count: 1, from: 'other-party' } },
  })] });
  await insertAgreement(db, paperOf([attested(clause)], {
    id: 'agr_wanting', authority: 'org_hub', counterpart: 'org_minwaters', products: [],
  }));
  await insertJob(db, {
    id: 'scn_wanting', scope: 'org_hub', org: 'org_minwaters', constituent: 'con_minwaters', targets: ['100.112.8.0/24'], ports: ['443'],
    ...scanWindow, reason: 'for the test', requestedAt: at.hub.world.clock.iso(), requestedBy: 'per_lan', clauses: [], stoppedAt: null, stoppedReason: null,
  });
});
afterAll(() => at.hub?.close());

const scanWindow = { from: '2026-06-15T00:00:00.000Z', until: '2026-06-20T00:00:00.000Z' };

/** What makes an act sensible whose sample only its schema takes. */
const known: Readonly<Record<string, object>> = {
  'offerings.open': { right: 'sample.use', owner: 'org_hub', purpose: 'incident-response' },
  'constituents.addMyRule': { until: '2026-07-01' },
  'landscape.requestScan': { constituent: 'con_minwaters', targets: ['100.112.8.0/24'], ports: ['443'], ...scanWindow },
  'landscape.scanFile': { job: 'scn_wanting' },
};

/** What an endpoint is asked with here: a sample that its schema takes, and what makes it reach its question. */
async function inputFor({ id, endpoint }: Operation): Promise<Record<string, unknown>> {
  const sample = sampleOf(z.toJSONSchema(endpoint.input, { io: 'input', unrepresentable: 'any' }) as never) as Record<string, unknown>;
  const { owned } = await foreignIds(hub(), endpoint);
  return { ...sample, ...owned, ...known[id] };
}
async function act({ endpoint }: Operation, input: object, cookie: string, approval?: string, method?: string): Promise<Answer> {
  const { url, body } = requestOf(endpoint, input as Record<string, unknown>);
  const headers = approval === undefined ? {} : { 'entente-approval': approval };
  return hub().ask(method ?? endpoint.method, url, body ?? undefined, { cookie, headers });
}
async function approve({ id, inputSha256 }: Asked, agreer: string): Promise<void> {
  const answer = await hub().ask('POST', `/api/approvals/${id}/approve`, { inputSha256 }, { cookie: await hub().as(agreer) });
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
}
interface Asked { readonly id: string; readonly inputSha256: string }
async function request({ id: operation }: Operation, input: object, cookie: string): Promise<Asked> {
  const answer = await hub().ask('POST', '/api/approvals', { operation, input, reason: 'for the test' }, { cookie });
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return answer.json<Asked>();
}
async function agreed(operation: Operation, input: object): Promise<string> {
  const asked = await request(operation, input, await askerOf(operation.id));
  await approve(asked, agreerOf(operation.id));
  return asked.id;
}
const stateOf = async (id: string): Promise<string> => {
  const { rows: [row] } = await sql<{ state: string }>`select state from approvals where id = ${id}`.execute(hub().world.db.as<object>());
  return row?.state ?? 'none';
};
/** Everything in the records but approvals, the log, and what any request leaves; and the classes of what is in the log. */
async function records(): Promise<{ tables: string[]; classes: string[] }> {
  await hub().composition.sequencer.drain();
  const q = hub().world.db.as<object>();
  const left = ['approvals', 'challenges', 'decision_clock', 'facts_acts', 'sessions'];
  const tables = await tableDigests(hub().world.db, (name) => left.includes(name) || name.startsWith('ledger_'));
  const { rows: facts } = await sql<{ name: string }>`select class as name from ledger_openings order by index`.execute(q);
  return { tables, classes: facts.map((f) => f.name) };
}

describe('an act by mandate that its clause lets be done with somebody’s approval', () => {
  test.each(some(rows))('%s', async (id, operation) => {
    const cookie = await askerOf(id);
    const input = await inputFor(operation);
    // Without: refused, with whom to ask and what for.
    const without = await act(operation, input, cookie);
    expect([id, without.status, refusedWith(without)]).toEqual([id, 403, 'mandate.approval-missing']);
    const { agreedBy = '' } = operation.endpoint.needs;
    const problem = without.json<{ ask: string; operation: string }>();
    expect(problem.operation).toBe(id);
    for (const role of roleMatrix[agreedBy] ?? ['nobody']) expect(problem.ask).toContain(role.replace('-', ' '));
    // Asked about: the act is begun to hear its question, and nothing of it is done.
    const before = await records();
    const approval = await request(operation, input, cookie);
    expect(await records()).toEqual({ tables: before.tables, classes: [...before.classes, 'approval.requested'] });
    // Agreed to: done once. What the sample names may not be there; it is the mandate that lets it come so far.
    await approve(approval, agreerOf(id));
    if (operation.endpoint.method === 'GET') expect((await act(operation, input, cookie, approval.id, 'HEAD')).status).toBe(403);
    expect(await stateOf(approval.id)).toBe('approved');
    const done = await act(operation, input, cookie, approval.id);
    expect([id, done.status < 500, refusedWith(done)?.split('.')[0] ?? ''].join()).not.toMatch(/false|mandate|approval|input/);
    expect(await stateOf(approval.id)).toBe('used');
    expect(refusedWith(await act(operation, input, cookie, approval.id))).toBe('approval.used');
  });
  test.each(some(rows))('%s is approved for itself alone, and for who asked', async (id, operation) => {
    const cookie = await askerOf(id);
    const approval = await agreed(operation, await inputFor(operation));
    const colleague = await hub().enter(centreActs.includes(id) ? { id: 'per_officer', organisation: 'org_hub', roles: ['duty-officer'] }
      : { id: 'per_colleague', organisation: 'org_minwaters', roles: ['constituent-admin', 'principal', 'feed-operator'] });
    expect(refusedWith(await act(operation, await inputFor(operation), colleague, approval))).toBe('approval.not-found');
    const peers = mandated.filter((o) => centreActs.includes(o.id) === centreActs.includes(id));
    const other = peers[(peers.indexOf(operation) + 1) % peers.length] as Operation;
    const used = await act(other, await inputFor(other), cookie, approval);
    expect([id, used.status, refusedWith(used)]).toEqual([id, 403, 'approval.other-content']);
    expect(await stateOf(approval)).toBe('void');
    expect(refusedWith(await act(operation, await inputFor(operation), cookie, approval))).toBe('approval.void');
  });
});

describe('what stands in the header', () => {
  const ids = (n: number): string => Array.from({ length: n }, (_, i) => `apv_neverwas${i}`).join(',');
  test.each(some(rows))('of %s is ids of approvals, five at most, or the request is refused', async (id, operation) => {
    const cookie = await askerOf(id);
    const input = await inputFor(operation);
    const hostile = [',', 'apv_', 'apv_neverwas,', 'apv_never was', 'APV_NEVERWAS', `apv_${'x'.repeat(50)}`, ids(6), '%00', "apv_x' or 1=1"];
    for (const bad of hostile) {
      const answer = await act(operation, input, cookie, bad);
      expect([id, bad, answer.status, refusedWith(answer)]).toEqual([id, bad, 400, 'input.invalid']);
    }
    for (const unknown of [ids(1), ids(5), ` ${ids(2).replace(',', ' , ')} `]) {
      expect([id, refusedWith(await act(operation, input, cookie, unknown))]).toEqual([id, 'approval.not-found']);
    }
  });
});

describe('whoever has no such clause', () => {
  test.each(some(rows))('cannot ask about %s, and learns what the act itself would say', async (_, operation) => {
    const input = await inputFor(operation);
    for (const person of ['per_rivera', 'per_hung', 'per_moser']) {
      const cookie = await hub().as(person);
      const answer = await hub().ask('POST', '/api/approvals', { operation: operation.id, input, reason: 'for the test' }, { cookie });
      expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
      const itself = await act(operation, input, cookie);
      if (itself.status >= 400 && !refusedWith(answer)?.startsWith('approval.')) expect(refusedWith(answer)).toBe(refusedWith(itself));
    }
  });
  test('an agreement that ends takes what was approved under it along', async () => {
    const operation = mandated.find((o) => o.id === 'offerings.open') as Operation;
    const input = await inputFor(operation);
    const approval = await agreed(operation, input);
    const { db } = hub().world;
    const agreement = await agreementById(db, 'agr_wanting');
    if (!agreement) throw new Error('no agreement');
    await saveAgreement(db, { ...agreement, status: 'ended', version: agreement.version + 1 });
    expect(refusedWith(await act(operation, input, await askerOf(operation.id), approval))).toBe('mandate.agreement-ended');
    expect(await stateOf(approval)).toBe('approved');
  });
});
