/** GR-13 under two hands at once, on PostgreSQL: the last hour of a quota is drawn once. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fakeClock } from '#world/clock';
import type { Db } from '#world/db/port';
import { factsMigrations } from '#world/facts';
import { idsFrom } from '#world/ids';
import { systemRandom } from '#world/random';
import { drawQuota, quotasOn, useOf } from '../../src/modules/agreements/decide/quota-store.ts';
import { agreementOf, clauseOf } from '../../src/modules/agreements/decide/testing.ts';
import { agreementsMigrations, insertAgreement } from '../../src/modules/agreements/store.ts';
import { insertOrganisation, partiesMigrations } from '../../src/modules/parties/store.ts';
import { startPostgres, type Postgres } from './postgres.ts';

const at: { server?: Postgres; db?: Db } = {};
const clock = fakeClock('2026-06-01T00:00:00.000Z');
const parts = { clock, ids: idsFrom(clock, systemRandom()) };
const agreement = agreementOf([clauseOf('4.1', { quotas: [{
  id: 'q1', holder: 'authority', action: 'consultation.ask', unit: 'hour', amount: 10, per: 'year', beyond: 'approval',
}] }, { kind: 'quota' })]);
const [quota] = quotasOn(agreement, 'authority', 'consultation.ask');

beforeAll(async () => {
  at.server = await startPostgres();
  const one = await at.server.open('quota', [...factsMigrations, ...partiesMigrations, ...agreementsMigrations]);
  at.db = one;
  for (const id of ['org_b', 'org_c']) await insertOrganisation(one, { id, name: id, nameLocal: null, kind: 'company', country: 'VN' }, null);
  await insertAgreement(one, agreement);
});
afterAll(async () => {
  await at.db?.close();
  await at.server?.stop();
});

const drawn = (db: Db, amount: string, about: string): Promise<string> => {
  if (!quota) throw new Error('the quota does not count');
  return db.transaction((tx) => drawQuota(parts, tx, { agreement, quota, amount, about, actor: { person: 'per_x', org: 'org_b' } }))
    .then(() => 'drawn', (error: { code?: string }) => error.code ?? String(error));
};

test('of twenty who want a fifth of the last hour at once five get it, and nobody afterwards', async () => {
  const db = at.db as Db;
  expect(await drawn(db, '9', 'before')).toBe('drawn');
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => drawn(db, '0.2', `booking ${i}`)));
  expect(answers.filter((a) => a === 'drawn')).toHaveLength(5);
  expect(answers.filter((a) => a === 'quota.needs-approval')).toHaveLength(15);
  expect(quota && await useOf(db, agreement, quota, clock.iso())).toMatchObject({ used: '10', left: '0' });
});

test('the same booking four times at once is drawn for once', async () => {
  clock.set('2026-02-01T00:00:00.000Z');
  const db = at.db as Db;
  await db.as<{ quota_periods: { used: string } }>().updateTable('quota_periods').set({ used: '0' }).execute();
  const answers = await Promise.all([0, 1, 2, 3].map(() => drawn(db, '1', 'the same')));
  expect(answers.sort()).toEqual(['drawn', 'quota.drawn-already', 'quota.drawn-already', 'quota.drawn-already']);
});
