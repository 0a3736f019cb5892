import { afterAll, beforeAll, expect, test } from 'vitest';
import fc from 'fast-check';
import { sql } from 'kysely';
import { toUtf8 } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { formatVkey } from '#kit/note/note';
import { parsePolicy } from '#kit/note/policy';
import { fakeBlobs } from '#world/blobs/fake';
import { fakeClock } from '#world/clock';
import { testDb } from '#world/db/testing';
import { stateFacts } from '#world/facts';
import { fakeKeys } from '#world/keys/fake';
import { seededRandom } from '#world/random';
import { checkObjects, checkRecords } from './fsck.ts';
import { ledgerSigner } from './log.ts';
import { LogFault, objectsAmong } from './objects.ts';
import { createSequencer } from './sequencer.ts';
import { eraseSubject, ledgerMigrations } from './store.ts';

const size = 700;
const clock = fakeClock();
const db = await testDb(ledgerMigrations);
const blobs = fakeBlobs();
const signer = await ledgerSigner(fakeKeys('fsck'), 'hub.example/ledger');
const policy = await parsePolicy(nodeVerifying, toUtf8(`log ${formatVkey(signer.key)}\nquorum none\n`));
const read = objectsAmong(blobs);

beforeAll(async () => {
  const sequencer = createSequencer({ db, blobs, clock, signer, random: seededRandom('f'), onFault: (error) => { throw error; } });
  for (let at = 0; at < size; at += 100) {
    await stateFacts(db, Array.from({ length: 100 }, (_, i) => ({
      class: 'session.viewed', at: clock.iso(), actor: 'per_1', org: 'org_a', subject: `sub_${(at + i) % 9}`, readers: ['org_b'], clauses: [],
      body: { number: at + i },
    })));
    await sequencer.drain();
  }
});
afterAll(() => db.close());

const wrong = (work: Promise<unknown>): Promise<string> => work.then(() => 'whole', (error: unknown) => {
  if (error instanceof LogFault) return error.place;
  throw error;
});

test('a whole log is whole, published and recorded', async () => {
  expect(await checkObjects(read, policy)).toMatchObject({ origin: 'hub.example/ledger', size, signedBy: ['hub.example/ledger'] });
  expect(await checkRecords(db, read)).toEqual({ size, openings: size });
});

test('any byte that is changed in any object is found, and its object named', async () => {
  // Partial tiles of earlier checkpoints are no part of the log as it is signed now.
  const names = ['checkpoint', 'tile/entries/000', 'tile/entries/001', 'tile/entries/002.p/188', 'tile/0/000', 'tile/0/001', 'tile/0/002.p/188',
    'tile/1/000.p/2'];
  await fc.assert(fc.asyncProperty(fc.constantFrom(...names), fc.nat(), fc.integer({ min: 1, max: 255 }), async (path, at, flip) => {
    const bytes = new Uint8Array(await read(path) ?? []);
    const i = at % bytes.length;
    bytes[i] = (bytes[i] ?? 0) ^ flip;
    const place = await wrong(checkObjects(async (other) => (other === path ? bytes : read(other)), policy));
    const bundle = /^tile\/(?:entries|0)\/00(\d)/.exec(path)?.[1];
    const entry = /^entry (\d+)$/.exec(place)?.[1];
    if (bundle !== undefined && entry !== undefined) expect(Math.floor(Number(entry) / 256)).toBe(Number(bundle));
    else if (path === 'checkpoint') expect(place).not.toBe('whole');
    else expect(place).toBe(path);
  }), { numRuns: 150 });
});

test('an object that is missing, cut or too long is named', async () => {
  for (const path of ['checkpoint', 'tile/entries/001', 'tile/0/001', 'tile/0/002.p/188', 'tile/1/000.p/2']) {
    const without = async (other: string) => (other === path ? null : read(other));
    expect(await wrong(checkObjects(without, policy))).toBe(path);
    const bytes = new Uint8Array(await read(path) ?? []);
    expect(await wrong(checkObjects(async (other) => (other === path ? bytes.slice(0, -1) : read(other)), policy)), path).not.toBe('whole');
  }
});

test('records that were changed are found: leaf, hash, opening, key, reader, head', async () => {
  const cases: readonly [place: string, change: string][] = [
    ['record 300', `update ledger_leaves set leaf = replace(leaf, '"v":1', '"v":2') where index = 300`],
    ['record 300', `update ledger_leaves set leaf_hash = repeat('0', 64) where index = 300`],
    ['opening 300', `update ledger_openings set fact = replace(fact, '300', '301') where index = 300`],
    ['opening 4', `update ledger_subject_keys set key = repeat('0', 64) where subject = 'sub_4'`],
    ['opening 300', `delete from ledger_readers where index = 300 and org = 'org_b'`],
    ['opening 300', `insert into ledger_readers (org, index) values ('org_c', 300)`],
    ['head 300', `update ledger_heads set root = repeat('0', 64) where size = 300`],
    ['head', `update ledger_head set root = repeat('0', 64)`],
  ];
  for (const [place, change] of cases) {
    await db.transaction(async (tx) => {
      await sql.raw(change).execute(tx.as());
      expect(await wrong(checkRecords(tx, read)), change).toBe(place);
      throw new Error('put it back');
    }).catch((error: unknown) => { if (String(error) !== 'Error: put it back') throw error; });
  }
});

test('what was erased is not missed', async () => {
  await eraseSubject(db, 'sub_3', clock.iso());
  const { openings } = await checkRecords(db, read);
  expect(openings).toBe(size - Math.ceil((size - 3) / 9));
});
