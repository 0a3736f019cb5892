import { afterAll, expect, test } from 'vitest';
import { toUtf8 } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { formatNote, formatVkey, parseNote, signNote } from '#kit/note/note';
import { parsePolicy } from '#kit/note/policy';
import { fakeBlobs } from '#world/blobs/fake';
import { fakeClock } from '#world/clock';
import { testDb } from '#world/db/testing';
import { stateFacts } from '#world/facts';
import { fakeKeys } from '#world/keys/fake';
import { seededRandom } from '#world/random';
import { checkDay, dayNote, formatDay, parseDay, summarise } from './days.ts';
import { ledgerSigner } from './log.ts';
import { LogFault, objectsAmong } from './objects.ts';
import { createSequencer } from './sequencer.ts';
import { ledgerMigrations } from './store.ts';

const clock = fakeClock('2026-03-01T12:00:00.000Z');
const db = await testDb(ledgerMigrations);
const blobs = fakeBlobs();
const read = objectsAmong(blobs);
const signer = await ledgerSigner(fakeKeys('days'), 'hub.example/ledger');
const policy = await parsePolicy(nodeVerifying, toUtf8(`log ${formatVkey(signer.key)}\nquorum none\n`));
afterAll(() => db.close());

async function take(counts: Readonly<Record<string, number>>): Promise<void> {
  await stateFacts(db, Object.entries(counts).flatMap(([name, count]) => Array.from({ length: count }, () => ({
    class: name, at: clock.iso(), actor: 'per_1', org: 'org_a', subject: 'sub', readers: [], clauses: [], body: {},
  }))));
  await createSequencer({ db, blobs, clock, signer, random: seededRandom('d'), onFault: (error) => { throw error; } }).drain();
}
const countsOf = async (day: string) => parseDay(parseNote(toUtf8(await dayNote(db, day) ?? ''))?.text ?? '');

test('each day has its signed totals, their ranges leave no gap, and anyone counts them again', async () => {
  await take({ 'session.started': 3, 'agreement.signed': 1 });
  clock.advance(86_400_000);
  await summarise({ db, clock, signer });
  await summarise({ db, clock, signer });
  expect(await countsOf('2026-03-01')).toMatchObject({ from: 0, to: 4, counts: [['agreement.signed', 1], ['session.started', 3]] });
  await take({ 'session.started': 300 });
  // The hub was off for two days: one summary for what was missed.
  clock.advance(3 * 86_400_000);
  await summarise({ db, clock, signer });
  expect(await countsOf('2026-03-02')).toBeNull();
  expect(await countsOf('2026-03-04')).toMatchObject({ from: 4, to: 304, counts: [['session.started', 300]] });
  clock.advance(86_400_000);
  await summarise({ db, clock, signer });
  expect(await countsOf('2026-03-05')).toMatchObject({ from: 304, to: 304, counts: [] });
  await take({ 'session.ended': 40 });
  for (const day of ['2026-03-01', '2026-03-04', '2026-03-05']) {
    const checked = await checkDay(toUtf8(await dayNote(db, day) ?? ''), read, policy);
    expect(checked.day.day).toBe(day);
  }
});

test('totals, ranges and trees that are not those of the entries are refused, whoever signed them', async () => {
  const day = await countsOf('2026-03-04');
  if (!day) throw new Error('no day');
  const why = async (changed: Partial<typeof day>, from = read): Promise<string> => {
    const note = formatNote(await signNote(formatDay({ ...day, ...changed }), [signer]));
    return checkDay(toUtf8(note), from, policy).then(() => 'holds', (error: unknown) => {
      if (error instanceof LogFault) return error.place;
      throw error;
    });
  };
  expect(await why({})).toBe('holds');
  expect(await why({ counts: [['session.started', 299]] })).toBe('summary');
  expect(await why({ counts: [['agreement.signed', 1], ['session.started', 299]] })).toBe('summary');
  expect(await why({ from: 3 })).toBe('summary');
  expect(await why({ to: 303 })).toBe('summary');
  expect(await why({ root: new Uint8Array(32) })).toBe('summary');
  expect(await why({ to: 9_000 })).toBe('checkpoint');
  // Entries that were made up to fit the totals do not give the tree.
  const forged = async (path: string) => {
    const bytes = await read(path);
    return path.startsWith('tile/entries') && bytes ? new Uint8Array(Buffer.from(Buffer.from(bytes).toString('latin1')
      .replace('"commitment":"', '"commitment":"0').replace(/(commitment":"[0-9a-f]{64})[0-9a-f]"/, '$1"'), 'latin1')) : bytes;
  };
  expect(await why({}, forged)).toBe('summary');
  const unsigned = formatNote({ text: formatDay(day), signatures: [] });
  await expect(checkDay(toUtf8(unsigned), read, policy)).rejects.toThrow(LogFault);
  expect(parseDay('entente-ledger-day/v1\nx\n')).toBeNull();
});
