import { afterAll, expect, test } from 'vitest';
import { sql } from 'kysely';
import { toUtf8 } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { formatVkey, parseNote, parseVkey, verifyNote } from '#kit/note/note';
import { fakeBlobs } from '#world/blobs/fake';
import { fakeClock } from '#world/clock';
import { testDb } from '#world/db/testing';
import { stateFact } from '#world/facts';
import { fakeKeys } from '#world/keys/fake';
import { RetiredKey } from '#world/keys/port';
import { seededRandom } from '#world/random';
import { storedCheckpoint } from './head-store.ts';
import { addKey, endKey, keyRows } from './key-store.ts';
import { LogSigners, WrongLogKey, openLogSigners } from './keys.ts';
import { createSequencer } from './sequencer.ts';
import { ledgerMigrations } from './store.ts';

const clock = fakeClock();
const db = await testDb(ledgerMigrations);
const blobs = fakeBlobs();
const origin = 'hub.example/ledger';
const keys = fakeKeys('rotation');
afterAll(() => db.close());

const sequencerOf = (signer: LogSigners) => createSequencer({
  db, blobs, clock, signer, random: seededRandom('r'), onFault: (error) => { throw error; },
});
const fact = (name: string) => stateFact(db, {
  class: name, at: clock.iso(), actor: 'per_1', org: 'org_a', subject: 'sub', readers: [], clauses: [], body: {},
});
async function rotate(signer: LogSigners): Promise<{ vkey: string; before: string }> {
  const next = await signer.next();
  const { size = 0 } = await storedCheckpoint(db) ?? {};
  await addKey(db, { number: next.number, vkey: next.vkey, firstSize: size });
  return next;
}
async function signedBy(vkeys: readonly string[]): Promise<string[]> {
  const note = parseNote(toUtf8((await storedCheckpoint(db))?.note ?? ''));
  const known = (await Promise.all(vkeys.map((vkey) => parseVkey(nodeVerifying, vkey)))).filter((key) => key !== null);
  const verdict = note && await verifyNote(nodeVerifying, note, known);
  return verdict?.ok ? verdict.by.map(formatVkey) : [];
}

test('a rotation: both keys sign the checkpoint over its fact, then the old one is destroyed and the new one goes on', async () => {
  const signer = await openLogSigners(db, keys, origin);
  const sequencer = sequencerOf(signer);
  await fact('session.viewed');
  await sequencer.drain();
  const { vkey, before } = await rotate(signer);
  // Facts before the rotation's own are signed by both, and end nothing.
  await fact('session.viewed');
  await sequencer.drain();
  expect(await signedBy([vkey, before])).toEqual([vkey, before]);
  expect((await keyRows(db)).map(({ state }) => state)).toEqual(['ending', 'signing']);
  await fact('ledger.key-rotated');
  await sequencer.drain();
  expect(await signedBy([vkey, before])).toEqual([vkey, before]);
  expect((await keyRows(db)).map(({ state, endedSize }) => [state, endedSize])).toEqual([['retired', 3], ['signing', null]]);
  await expect(keys.signer('ledger')).rejects.toThrow(RetiredKey);
  await fact('session.viewed');
  await sequencer.drain();
  expect(await signedBy([vkey, before])).toEqual([vkey]);
  // What the old key signed is still known, also after a restart.
  const again = await openLogSigners(db, keys, origin);
  expect(formatVkey(again.key)).toBe(vkey);
  expect(again.known().map(formatVkey)).toEqual([before, vkey]);
});

test('another replica follows, and a crash between the end in the records and the end of the key is made good', async () => {
  const [here, there] = [await openLogSigners(db, keys, origin), await openLogSigners(db, keys, origin)];
  const { vkey, before } = await rotate(here);
  await fact('ledger.key-rotated');
  await sequencerOf(there).drain();
  expect(await signedBy([vkey, before])).toEqual([vkey, before]);
  expect(formatVkey(there.key)).toBe(vkey);
  await here.refresh(db);
  expect(here.signing().map(({ key }) => formatVkey(key))).toEqual([vkey]);
  const third = await rotate(here);
  // The crash: the records say that the second key has ended, the store still has it.
  await endKey(db, 2, 99);
  await expect(keys.signer('ledger-2')).rejects.toThrow(RetiredKey);
  await endKey(db, 3, 99);
  expect(formatVkey((await openLogSigners(db, keys, origin)).key)).toBe(third.vkey);
  await expect(keys.signer('ledger-3')).rejects.toThrow(RetiredKey);
});

test('a key that was destroyed while the records still call it ending signs along no more, and nothing stands still', async () => {
  const signer = await openLogSigners(db, keys, origin);
  const { vkey } = await rotate(signer);
  await keys.retire('ledger-4');
  await fact('ledger.key-rotated');
  await sequencerOf(signer).drain();
  expect(await signedBy([vkey])).toEqual([vkey]);
  expect((await keyRows(db)).map(({ state }) => state)).toEqual(['retired', 'retired', 'retired', 'retired', 'signing']);
});

test('records that name another key than the store has are refused', async () => {
  await expect(openLogSigners(db, fakeKeys('another store'), origin)).rejects.toThrow(WrongLogKey);
  const rows = await keyRows(db);
  await sql`update ledger_keys set state = 'retired'`.execute(db.as());
  await expect(openLogSigners(db, fakeKeys('rotation'), origin)).rejects.toThrow('can sign');
  expect(await keyRows(db)).toHaveLength(rows.length);
});
