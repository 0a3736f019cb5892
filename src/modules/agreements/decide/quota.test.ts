import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fakeClock } from '#world/clock';
import type { Db } from '#world/db/port';
import { testDb } from '#world/db/testing';
import { idsFrom } from '#world/ids';
import { seededRandom } from '#world/random';
import { insertOrganisation, partiesMigrations } from '../../parties/store.ts';
import { agreementsMigrations, insertAgreement } from '../store.ts';
import type { QuotaSpec } from '../terms.ts';
import { decimalText, exactly, periodOf } from './quota.ts';
import { drawQuota, giveBack, quotasOn, useOf, type Draw } from './quota-store.ts';
import { agreementOf, attested, clauseOf } from './testing.ts';

const spec: QuotaSpec = { id: 'q1', holder: 'authority', action: 'consultation.ask', unit: 'hour', amount: 10, per: 'year', beyond: 'approval' };
const clause = clauseOf('4.1', { quotas: [spec] }, { kind: 'quota' });
const agreement = agreementOf([clause], { zone: 'Asia/Ho_Chi_Minh', effectiveAt: '2025-12-31T17:00:00.000Z', expiresAt: '2030-12-31T17:00:00.000Z' });
const clock = fakeClock('2026-06-01T00:00:00.000Z');
const parts = { clock, ids: idsFrom(clock, seededRandom('quota')) };
const at: { db?: Db } = {};
const db = (): Db => at.db as Db;
const draw = (amount: number | string, about: string, change: Partial<Draw> = {}): Draw =>
  ({ agreement, quota: { clause, spec }, amount, about, actor: { person: 'per_x', org: 'org_b' }, ...change });
const drawn = (one: Draw) => db().transaction((tx) => drawQuota(parts, tx, one));
const code = (work: Promise<unknown>): Promise<string> => work.then(() => 'drawn', (error: { code: string }) => error.code);

beforeAll(async () => {
  at.db = await testDb([...partiesMigrations, ...agreementsMigrations]);
  for (const id of ['org_b', 'org_c']) await insertOrganisation(db(), { id, name: id, nameLocal: null, kind: 'company', country: 'VN' }, null);
  await insertAgreement(db(), agreement);
});
afterAll(() => at.db?.close());

test('amounts are exact decimals, and nothing else', () => {
  expect([exactly('10.5'), exactly(0.1), exactly('0.000001'), exactly(1e12)]).toEqual([10_500_000n, 100_000n, 1n, 1_000_000_000_000_000_000n]);
  for (const none of ['', '-1', '1e3', '1.', '.5', '0.0000001', 'NaN', ' 1', '1,5', '12345678901234', 1e21]) expect(exactly(none)).toBeNull();
  // Ten draws of a tenth are one, which they are not as floating numbers.
  expect(Array.from({ length: 10 }, () => exactly('0.1') ?? 0n).reduce((x, y) => x + y, 0n)).toBe(exactly(1));
  expect([decimalText(10_500_000n), decimalText(1n), decimalText(0n), decimalText(7_000_000n)]).toEqual(['10.5', '0.000001', '0', '7']);
});

test('periods are those of the calendar in the agreement’s zone, and of its term', () => {
  const of = (per: QuotaSpec['per'], time: string) => periodOf({ per }, agreement, time);
  expect(of('day', '2026-05-31T17:00:00.000Z')).toEqual({ from: '2026-05-31T17:00:00.000Z', until: '2026-06-01T17:00:00.000Z' });
  expect(of('day', '2026-05-31T16:59:59.999Z')?.until).toBe('2026-05-31T17:00:00.000Z');
  expect(of('month', '2026-12-31T16:00:00.000Z')).toEqual({ from: '2026-11-30T17:00:00.000Z', until: '2026-12-31T17:00:00.000Z' });
  expect(of('year', '2026-12-31T17:00:00.000Z')?.from).toBe('2026-12-31T17:00:00.000Z');
  expect(of('term', '2027-03-01T00:00:00.000Z')).toEqual({ from: agreement.effectiveAt, until: agreement.expiresAt });
  expect([of('day', '2031-01-01T00:00:00.000Z'), of('day', 'yesterday')]).toEqual([null, null]);
});

describe('GR-13', () => {
  test('ten hours are drawn; the next half hour asks for approval, and comes with one', async () => {
    expect((await drawn(draw('6', 'con_1'))).left).toBe('4');
    expect((await drawn(draw(3.5, 'con_2'))).left).toBe('0.5');
    expect(await code(drawn(draw('1', 'con_3')))).toBe('quota.needs-approval');
    expect((await drawn(draw('0.5', 'con_4'))).left).toBe('0');
    expect(await code(drawn(draw('0.5', 'con_5')))).toBe('quota.needs-approval');
    expect(await drawn(draw('0.5', 'con_5', { approval: 'app_1' }))).toMatchObject({ used: '10.5', left: '0' });
    expect(await code(drawn(draw('0.1', 'con_5', { approval: 'app_1' })))).toBe('quota.drawn-already');
    for (const none of [0, '-1', 'ten']) expect(await code(drawn(draw(none, 'con_6')))).toBe('quota.no-amount');
  });
  test('what does not take place is given back, once', async () => {
    const back = (about: string) => db().transaction((tx) => giveBack(parts, tx, draw('0', about)));
    expect([await back('con_2'), await back('con_2'), await back('con_never')]).toEqual([true, false, false]);
    expect(await useOf(db(), agreement, { clause, spec }, clock.iso())).toMatchObject({ used: '7', left: '3' });
    expect((await drawn(draw('3', 'con_2'))).left).toBe('0');
  });
  test('a new year is a new ten hours; after the term there is none', async () => {
    clock.set('2026-12-31T17:00:00.000Z');
    expect((await drawn(draw('10', 'con_7'))).left).toBe('0');
    clock.set('2030-12-31T17:00:00.000Z');
    expect(await code(drawn(draw('1', 'con_8')))).toBe('quota.outside-term');
  });
  test('one that denies beyond cannot be approved over', async () => {
    clock.set('2027-06-01T00:00:00.000Z');
    const hard = { ...spec, id: 'q2', amount: 1, beyond: 'deny' as const };
    expect(await code(drawn(draw('1.1', 'con_9', { quota: { clause, spec: hard }, approval: 'app_2' })))).toBe('quota.used-up');
  });
  test('each draw is a fact with its clause, for both sides', async () => {
    const rows = await db().as<{ facts_outbox: { seq: string; fact: { class: string; readers: string[]; body: object; clauses: object[] } } }>()
      .selectFrom('facts_outbox').select('fact').orderBy('seq').execute();
    expect(rows[0]?.fact).toMatchObject({
      class: 'quota.drawn', readers: ['org_b', 'org_c'], body: { amount: '6', left: '4', about: 'con_1' }, clauses: [{ clause: '4.1' }],
    });
  });
});

test('a quota counts once two people have attested it', () => {
  const of = (people: string[]) => quotasOn(agreementOf([attested(clause, people)]), 'authority', 'consultation.ask').length;
  expect([of([]), of(['per_one']), of(['per_one', 'per_two'])]).toEqual([0, 0, 1]);
  expect(quotasOn(agreement, 'counterpart', 'consultation.ask')).toEqual([]);
});
