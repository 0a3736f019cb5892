/** GR-14 over the real ledger: a duty begun by a sequenced fact, done or late by the hub's clock, across starts of the hub. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fakeBlobs } from '#world/blobs/fake';
import { fakeClock } from '#world/clock';
import type { Db } from '#world/db/port';
import { testDb } from '#world/db/testing';
import { stateFact } from '#world/facts';
import { fakeKeys } from '#world/keys/fake';
import { seededRandom } from '#world/random';
import { createSequencer, ledgerMigrations, ledgerSigner, type Sequencer } from '#modules/ledger/index';
import { insertOrganisation, partiesMigrations } from '../../parties/store.ts';
import { agreementsMigrations, insertAgreement, saveAgreement } from '../store.ts';
import type { ObligationSpec } from '../terms.ts';
import { dutiesOf, passOnDuties, tendObligations } from './obligation-store.ts';
import { agreementOf, clauseOf } from './testing.ts';

const spec: ObligationSpec = {
  id: 'agr_one:4.1:o1', debtor: 'counterpart', begunBy: 'investigation.requested', doneBy: 'investigation.acknowledged', withinSeconds: 86_400,
};
const paused: ObligationSpec = { ...spec, id: 'agr_one:4.2:o1', begunBy: 'agreement.suspended', doneBy: 'agreement.suspension-acknowledged' };
const agreement = agreementOf([clauseOf('4.1', { obligations: [spec] }), clauseOf('4.2', { obligations: [paused] })], {
  expiresAt: '2028-01-01T00:00:00.000Z',
});
const clock = fakeClock('2026-06-01T10:00:00.000Z');
const at: { db?: Db; sequencer?: Sequencer } = {};
const db = (): Db => at.db as Db;

beforeAll(async () => {
  at.db = await testDb([...ledgerMigrations, ...partiesMigrations, ...agreementsMigrations]);
  for (const id of ['org_b', 'org_c']) await insertOrganisation(db(), { id, name: id, nameLocal: null, kind: 'company', country: 'VN' }, null);
  await insertAgreement(db(), agreement);
  const signer = await ledgerSigner(fakeKeys('test'), 'test.entente.example/ledger');
  at.sequencer = createSequencer({ db: db(), blobs: fakeBlobs(), clock, random: seededRandom('x'), signer, onFault: (error) => { throw error; } });
});
afterAll(() => at.db?.close());

async function fact(name: string, subject: string, org: string, readers = ['org_b', 'org_c']): Promise<void> {
  await db().transaction((tx) => stateFact(tx, { class: name, at: clock.iso(), actor: 'per_x', org, subject, readers, clauses: [], body: {} }));
}
/** What the chores do in a round: the ledger first, then what follows. Nothing is kept between rounds. */
async function round(): Promise<void> {
  await at.sequencer?.drain();
  await tendObligations({ db: db(), clock });
  await at.sequencer?.drain();
}
const told = async (name: string): Promise<string[]> => {
  const rows = await db().as<{ ledger_openings: { index: string; class: string; subject: string } }>().selectFrom('ledger_openings')
    .select('subject').where('class', '=', name).orderBy('index').execute();
  return rows.map((r) => r.subject);
};
const stateOf = async (subject: string) => (await dutiesOf(db(), 'org_b')).find((d) => d.subject === subject)?.state;

test('acknowledged at 23:59:59 it never fires; not acknowledged it fires at 24 h, once, and is told to both', async () => {
  await fact('investigation.requested', 'req_1', 'org_b');
  await fact('investigation.requested', 'req_2', 'org_b');
  await round();
  expect(await told('obligation.begun')).toEqual(['req_1', 'req_2']);
  clock.advance(86_400_000 - 1000);
  await fact('investigation.acknowledged', 'req_1', 'org_c');
  await round();
  expect([await stateOf('req_1'), await stateOf('req_2'), await told('obligation.late')]).toEqual(['done', 'open', []]);
  clock.advance(999);
  await round();
  expect(await told('obligation.late')).toEqual([]);
  clock.advance(1);
  await round();
  await round();
  expect([await told('obligation.late'), await stateOf('req_2')]).toEqual([['req_2'], 'late']);
  clock.advance(5000);
  await fact('investigation.acknowledged', 'req_2', 'org_c');
  await round();
  expect([await stateOf('req_2'), await told('obligation.done'), await told('obligation.late')]).toEqual(['done-late', ['req_1', 'req_2'], ['req_2']]);
  expect((await dutiesOf(db(), 'org_c')).length).toBe(2);
  expect(await dutiesOf(db(), 'org_d')).toEqual([]);
});

test('an acknowledgement in time that is sequenced late is still in time', async () => {
  await fact('investigation.requested', 'req_3', 'org_b');
  await round();
  clock.advance(86_400_000 - 1);
  await fact('investigation.acknowledged', 'req_3', 'org_c');
  clock.advance(60_000);
  // The ledger is behind: the chore runs before the fact has its number.
  await tendObligations({ db: db(), clock });
  expect(await stateOf('req_3')).toBe('open');
  await round();
  expect([await stateOf('req_3'), await told('obligation.late')]).toEqual(['done', ['req_2']]);
});

test('only the other side’s fact begins it, and only the debtor’s about the same subject does it', async () => {
  await fact('investigation.requested', 'req_4', 'org_c');
  await fact('investigation.requested', 'req_5', 'org_b', ['org_b']);
  await fact('investigation.requested', 'req_6', 'org_b');
  await round();
  expect([await stateOf('req_4'), await stateOf('req_5'), await stateOf('req_6')]).toEqual([undefined, undefined, 'open']);
  await fact('investigation.acknowledged', 'req_6', 'org_b');
  await fact('investigation.acknowledged', 'req_other', 'org_c');
  await round();
  expect(await stateOf('req_6')).toBe('open');
});

test('a successor owes what is open, and only that', async () => {
  expect(await db().transaction((tx) => passOnDuties(tx, 'org_c', 'org_d'))).toBe(1);
  expect((await dutiesOf(db(), 'org_d')).map((d) => [d.subject, d.debtor, d.state])).toEqual([['req_6', 'org_d', 'open']]);
  await fact('investigation.acknowledged', 'req_6', 'org_c', ['org_b', 'org_c']);
  await round();
  expect(await stateOf('req_6')).toBe('open');
  await fact('investigation.acknowledged', 'req_6', 'org_d');
  await round();
  expect(await stateOf('req_6')).toBe('done');
});

test('a pause takes no duty away, and may begin one; after the end none begins', async () => {
  const suspended = { ...agreement, status: 'suspended' as const, version: 2 };
  expect(await saveAgreement(db(), suspended)).toBe(true);
  await fact('agreement.suspended', 'agr_one', 'org_b');
  await round();
  expect(await stateOf('agr_one')).toBe('open');
  expect(await saveAgreement(db(), { ...agreement, status: 'ended', version: 3 })).toBe(true);
  await fact('investigation.requested', 'req_7', 'org_b');
  await round();
  expect(await stateOf('req_7')).toBeUndefined();
  // What had begun is still owed.
  clock.advance(86_400_000);
  await round();
  expect(await stateOf('agr_one')).toBe('late');
});
