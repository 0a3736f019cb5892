import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fakeClock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import { testDb } from '#world/db/testing';
import { partiesMigrations } from '../../parties/store.ts';
import { agreementsMigrations } from '../store.ts';
import { explain } from './explain.ts';
import { compilePolicy } from './policy.ts';
import { closeMinutes, decisionTime, recordDecision, toldPerMinute } from './record.ts';
import { agreementOf, clauseOf, grantOf, requestOf } from './testing.ts';

const at: { db?: Db } = {};
const db = (): Db => at.db as Db;
const clock = fakeClock('2026-06-01T10:00:00.000Z');
const parts = () => ({ db: db(), clock });
const policy = compilePolicy([{ agreement: agreementOf([clauseOf('2.1', { grants: [grantOf()] })]) }]);

type Change = NonNullable<Parameters<typeof requestOf>[0]>;
function record(change: Change = {}, unseen = false): Promise<string> {
  const request = requestOf({ now: clock.iso(), ...change });
  const decision = explain(policy, request, (id) => id);
  return recordDecision(parts(), { request, decision, clauses: [], policyVersion: policy.version, unseen });
}
interface Stated { class: string; org: string; readers: string[]; subject: string; body: Record<string, unknown> }
async function stated(): Promise<Stated[]> {
  const rows = await db().as<{ facts_outbox: { seq: string; fact: Stated } }>().selectFrom('facts_outbox').select('fact').orderBy('seq').execute();
  return rows.map((r) => r.fact).filter((f) => f.class !== 'decision.unseen-told');
}
const emptied = async (): Promise<void> => {
  for (const table of ['facts_outbox', 'decisions'] as const) await db().as<Record<string, { id: string }>>().deleteFrom(table).execute();
};

beforeAll(async () => { at.db = await testDb([...partiesMigrations, ...agreementsMigrations]); });
afterAll(() => at.db?.close());
beforeEach(async () => {
  await emptied();
  clock.advance(3_600_000);
});

describe('G13: each decision is on the record', () => {
  test('a yes and a no, with inputs, versions and what it rested on; both sides read it', async () => {
    await record();
    await record({ purpose: 'training' });
    const [yes, no] = await stated();
    expect(yes).toMatchObject({
      class: 'decision.made', org: 'org_b', readers: ['org_b', 'org_c'],
      body: { outcome: 'allow', right: 'summary.read', purpose: 'incident-response', grants: ['g1'], deniedBy: [], policy: 'agr_one@1', engine: 'decide/1' },
    });
    expect(yes?.body['inputsSha256']).toMatch(/^[0-9a-f]{64}$/);
    expect(no?.body).toMatchObject({ outcome: 'deny', deniedBy: ['purpose-not-granted'], grants: [] });
  });
  test('the same again within its minute is counted, told once when the minute is over, and then not again', async () => {
    const ids = [await record(), await record(), await record()];
    expect(new Set(ids).size).toBe(1);
    expect(await stated()).toHaveLength(1);
    await closeMinutes(parts(), 'org_hub');
    expect(await stated()).toHaveLength(1);
    clock.advance(121_000);
    await closeMinutes(parts(), 'org_hub');
    await closeMinutes(parts(), 'org_hub');
    const facts = await stated();
    expect(facts.map((f) => f.class)).toEqual(['decision.made', 'decision.repeated']);
    expect(facts[1]).toMatchObject({ subject: ids[0], body: { count: 3 } });
    await record();
    expect((await stated()).map((f) => f.class)).toEqual(['decision.made', 'decision.repeated', 'decision.made']);
  });
  test('a caller with ever new questions fills one row a minute beyond the bound, and every one is counted', async () => {
    const asked = toldPerMinute + 40;
    for (let i = 0; i < asked; i++) await record({ resource: { id: `res_${i}`, level: 4 } });
    const made = await stated();
    expect(made).toHaveLength(toldPerMinute + 1);
    expect(made.at(-1)?.body).toMatchObject({ folded: true });
    clock.advance(121_000);
    await closeMinutes(parts(), 'org_hub');
    const repeated = (await stated()).filter((f) => f.class === 'decision.repeated');
    expect(repeated.map((f) => f.body['count'])).toEqual([40]);
    // Somebody else is not held to it.
    await record({ actor: { person: 'per_other' } });
    expect((await stated()).at(-1)?.body).toMatchObject({ outcome: 'allow' });
  });
  test('two at once are one row that counts both', async () => {
    await Promise.all([record(), record(), record(), record()]);
    clock.advance(121_000);
    await closeMinutes(parts(), 'org_hub');
    expect((await stated()).map((f) => f.body['count'])).toEqual([undefined, 4]);
  });
});

describe('approvals that a yes leaned on', () => {
  const agreed = { approval: 'apv_one', person: 'per_two', org: 'org_c' };
  const leaning = (use: Parameters<typeof recordDecision>[2]): Promise<string> => {
    const request = requestOf({ now: clock.iso(), approvals: [agreed] });
    const decision = explain(policy, request, (id) => id);
    return recordDecision(parts(), { request, decision, clauses: [], policyVersion: policy.version, unseen: false, leaned: [agreed] }, use);
  };
  test('are named in its record, and used up in the transaction that writes it: both are there, or neither', async () => {
    const mark = async (tx: Queryable): Promise<void> => {
      await tx.as<{ decision_clock: { unseen_day: string } }>().updateTable('decision_clock').set({ unseen_day: '2020-02-02' }).execute();
    };
    const marked = async (): Promise<boolean> => {
      const { rows } = await sql`select 1 from decision_clock where unseen_day = '2020-02-02'`.execute(db().as<object>());
      return rows.length > 0;
    };
    await expect(leaning(async (tx) => {
      await mark(tx);
      throw new Error('somebody was faster');
    })).rejects.toThrow('somebody was faster');
    expect([await stated(), await marked()]).toEqual([[], false]);
    await leaning(mark);
    expect([(await stated()).map((f) => f.body['approvals']), await marked()]).toEqual([[['apv_one']], true]);
  });
});

describe('a no that must stay unseen', () => {
  const daily = async (): Promise<Stated[]> => {
    const rows = await db().as<{ facts_outbox: { seq: string; fact: Stated } }>().selectFrom('facts_outbox').select('fact').orderBy('seq').execute();
    return rows.map((r) => r.fact).filter((f) => f.class === 'decision.unseen-told');
  };
  test('leaves nothing in the log by itself; one fact a day commits to all, and comes also where there was none', async () => {
    await closeMinutes(parts(), 'org_hub');
    await emptied();
    await record({ resource: { level: 4 } }, true);
    await record({ resource: { level: 4 } }, true);
    await record({ resource: { level: 3 } }, true);
    expect(await stated()).toEqual([]);
    clock.advance(86_400_000);
    await closeMinutes(parts(), 'org_hub');
    await closeMinutes(parts(), 'org_hub');
    clock.advance(86_400_000);
    await closeMinutes(parts(), 'org_hub');
    const told = await daily();
    expect(told.map((f) => [f.org, f.body['refusals']])).toEqual([['org_hub', 3], ['org_hub', 0]]);
    expect(told[0]?.body['sha256']).not.toBe(told[1]?.body['sha256']);
  });
});

describe('GR-09: the clock', () => {
  test('set back two hours denies whatever has an end, and every grant has one', async () => {
    await record();
    clock.advance(-7_200_000);
    const now = await decisionTime(db(), clock);
    expect(explain(policy, requestOf({ now }), (id) => id)).toMatchObject({ outcome: 'deny', deniedBy: ['clock-unreadable'] });
    clock.advance(7_200_000);
    expect(await decisionTime(db(), clock)).toBe(clock.iso());
  });
  test('a replica that is a few seconds behind still decides', async () => {
    await record();
    clock.advance(-20_000);
    expect(await decisionTime(db(), clock)).toBe(clock.iso());
    clock.advance(20_000);
  });
});
