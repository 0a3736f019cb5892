import { afterAll, expect, test } from 'vitest';
import { sql } from 'kysely';
import { fakeBlobs } from '#world/blobs/fake';
import { fakeClock } from '#world/clock';
import { testDb } from '#world/db/testing';
import type { Db } from '#world/db/port';
import { stateFact } from '#world/facts';
import { fakeKeys } from '#world/keys/fake';
import { seededRandom } from '#world/random';
import { checkBackup, recoverLeaves } from './backup.ts';
import { checkObjects, checkRecords } from './fsck.ts';
import { ledgerSigner } from './log.ts';
import { objectsAmong } from './objects.ts';
import { createSequencer } from './sequencer.ts';
import { ledgerMigrations } from './store.ts';

const clock = fakeClock();
const db = await testDb(ledgerMigrations);
const blobs = fakeBlobs();
const read = objectsAmong(blobs);
const signer = await ledgerSigner(fakeKeys('backup'), 'hub.example/ledger');
afterAll(() => db.close());

const tables = ['ledger_head', 'ledger_heads', 'ledger_leaves', 'ledger_openings', 'ledger_readers', 'ledger_subject_keys', 'ledger_checkpoint',
  'facts_outbox', 'facts_acts'];
const sequencer = () => createSequencer({ db, blobs, clock, signer, random: seededRandom('b'), onFault: (error) => { throw error; } });
async function state(from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++) {
    await db.transaction((tx) => stateFact(tx, {
      class: 'session.viewed', at: clock.iso(), actor: 'per_1', org: 'org_a', subject: `sub_${n % 3}`, readers: ['org_b'], clauses: [],
      body: { number: n },
    }));
  }
}

/** What a dump of the records would hold, and putting it back. */
async function backUp(of: Db): Promise<void> {
  for (const table of tables) await sql.raw(`create table kept_${table} as select * from ${table}`).execute(of.as());
}
async function putBack(of: Db): Promise<void> {
  for (const table of tables) {
    await sql.raw(`delete from ${table}`).execute(of.as());
    const overriding = table === 'facts_outbox' ? 'overriding system value ' : '';
    await sql.raw(`insert into ${table} ${overriding}select * from kept_${table}`).execute(of.as());
  }
}

test('records put back from a backup are behind; the leaves are got back, waiting facts are not doubled, the log goes on', async () => {
  await state(0, 300);
  await sequencer().drain();
  expect(await checkBackup(db, read)).toEqual({ recorded: 300, published: 300, missing: 0 });
  // Five facts wait when the backup is taken, and are sequenced after it; then come 400 that the backup never saw.
  await state(300, 305);
  await backUp(db);
  await sequencer().drain();
  await state(305, 705);
  await sequencer().drain();
  const before = (await checkObjects(read, null)).root;
  await putBack(db);
  expect(await checkBackup(db, read)).toEqual({ recorded: 300, published: 705, missing: 405 });
  await expect(sequencer().drain()).rejects.toThrow('the published log has 705 leaves');

  await putBack(db);
  expect(await recoverLeaves({ db, clock }, read)).toEqual({ recorded: 300, published: 705, missing: 405, openings: 5 });
  expect(await checkBackup(db, read)).toMatchObject({ missing: 0 });
  expect(await checkRecords(db, read)).toEqual({ size: 705, openings: 305 });
  await state(705, 710);
  await sequencer().drain();
  const { size, root } = await checkObjects(read, null);
  expect(size).toBe(710);
  expect(root).not.toEqual(before);
  expect(await checkRecords(db, read)).toEqual({ size: 710, openings: 310 });
  const { rows } = await sql<{ fact: string }>`select fact from ledger_openings order by index`.execute(db.as());
  const numbers = rows.map(({ fact }) => (JSON.parse(fact) as { body: { number: number } }).body.number);
  expect(numbers).toEqual([...Array.from({ length: 305 }, (_, i) => i), 705, 706, 707, 708, 709]);
});

test('records that went on from the backup by themselves are not what was published, and nothing is changed', async () => {
  await putBack(db);
  // Another hub, with files of its own, goes on from the backup.
  await createSequencer({ db, blobs: fakeBlobs(), clock, signer, random: seededRandom('other'), onFault: () => undefined }).drain();
  await state(900, 910);
  await createSequencer({ db, blobs: fakeBlobs(), clock, signer, random: seededRandom('other'), onFault: () => undefined }).drain();
  await expect(checkBackup(db, read)).rejects.toThrow('does not continue');
  await expect(recoverLeaves({ db, clock }, read)).rejects.toThrow('does not continue');
  const { rows } = await sql<{ n: string }>`select count(*) as n from ledger_leaves`.execute(db.as());
  expect(rows[0]?.n).toBe('315');
});
