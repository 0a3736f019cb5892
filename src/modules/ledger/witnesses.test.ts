import { afterAll, beforeEach, expect, test } from 'vitest';
import { sql } from 'kysely';
import { toHex, toUtf8 } from '#kit/encoding';
import { seededSigner } from '#kit/bundle/testing';
import { nodeTreeHash as tree, nodeVerifying } from '#kit/hash/node';
import { emptyRoot } from '#kit/merkle/tree';
import { cosignatureType, formatVkey, mlDsaType, parseNote, verifyNote } from '#kit/note/note';
import { parsePolicy } from '#kit/note/policy';
import { cosignatureLines, decideAddCheckpoint, malformed } from '#kit/witness/decide';
import type { KnownHead } from '#kit/witness/decide';
import { parseAddCheckpoint } from '#kit/witness/add-checkpoint';
import { fakeBlobs } from '#world/blobs/fake';
import { fakeClock } from '#world/clock';
import { testDb } from '#world/db/testing';
import { stateFact } from '#world/facts';
import { fakeOutbound } from '#world/http/fake';
import { fakeKeys } from '#world/keys/fake';
import { seededRandom } from '#world/random';
import { ledgerActions } from './actions.ts';
import { ledgerSigner } from './log.ts';
import { createSequencer } from './sequencer.ts';
import { cosignedCheckpoint, storedCheckpoint } from './head-store.ts';
import { ledgerMigrations } from './store.ts';
import { askWitnesses, witnessesAhead } from './witnesses.ts';

const clock = fakeClock();
const db = await testDb(ledgerMigrations);
const signer = await ledgerSigner(fakeKeys('witnessed'), 'hub.example/ledger');
const ed = await seededSigner('w.example/ed', 'ed', cosignatureType);
const pq = await seededSigner('w.example/pq', 'pq', mlDsaType);
const other = await seededSigner('other.example', 'other', cosignatureType);
const policy = await parsePolicy(nodeVerifying, toUtf8(
  `witness ed ${formatVkey(ed.key)} https://w.example/\nwitness pq ${formatVkey(pq.key)} https://w.example\n`
  + `witness far ${formatVkey(other.key)} https://other.example/log\ngroup enough 2 ed pq far\nquorum enough\n`));

/** Witnesses by the pure core, at the other end of the fake wire. */
const heads = new Map<string, KnownHead>();
const silent = new Set<string>();
const outbound = fakeOutbound(() => null);
const wire = {
  ...outbound,
  async ask(request: Parameters<typeof outbound.ask>[0]) {
    const host = new URL(request.url).host;
    if (silent.has(host)) return outbound.ask(request);
    const body = request.body instanceof Uint8Array ? request.body : toUtf8(request.body ?? '');
    const read = parseAddCheckpoint(body);
    const decision = typeof read === 'string' ? malformed(read)
      : await decideAddCheckpoint(nodeVerifying, read, [signer.key], heads.get(host) ?? null);
    if (decision.status !== 200) {
      return { status: decision.status, headers: { 'content-type': decision.contentType }, body: toUtf8(decision.body), url: request.url };
    }
    heads.set(host, decision.next);
    const cosigners = host === 'w.example' ? [ed, pq] : [other];
    const time = BigInt(Math.floor(clock.now() / 1000));
    return { status: 200, headers: {}, body: toUtf8(await cosignatureLines(decision.text, cosigners, time)), url: request.url };
  },
};

const blobs = { now: fakeBlobs() };
const parts = () => ({ db, blobs: blobs.now, clock, outbound: wire, policy });
const sequencer = () => createSequencer({
  db, blobs: blobs.now, clock, signer, random: seededRandom('w'), onFault: (error) => { throw error; },
});
const state = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) {
    await stateFact(db, {
      class: 'session.viewed', at: clock.iso(), actor: 'per_1', org: 'org_a', subject: 'sub', readers: [], clauses: [], body: { i },
    });
  }
  await sequencer().drain();
};
const status = async () => {
  const { cosigned, items } = await ledgerActions({ db, blobs: blobs.now, signer, witnesses: policy, acts: {} as never }).witnesses({}, undefined as never);
  return { cosigned, said: items.map(({ label, outcome, size }) => `${label} ${outcome} ${size}`) };
};

afterAll(() => db.close());
beforeEach(async () => {
  await sql`truncate ledger_leaves, ledger_openings, ledger_readers, ledger_subject_keys, ledger_heads, facts_outbox, facts_acts,
    ledger_checkpoint, ledger_cosigned, ledger_witnesses`.execute(db.as());
  await sql`update ledger_head set size = 0, root = ${toHex(emptyRoot(tree))}, peaks = ''`.execute(db.as());
  heads.clear();
  silent.clear();
  blobs.now = fakeBlobs();
});

test('what the hub has published is cosigned, kept, and put under the published checkpoint', async () => {
  await state(0);
  await askWitnesses(parts());
  expect(await status()).toEqual({ cosigned: null, said: ['ed waiting 0', 'pq waiting 0', 'far waiting 0'] });
  await state(5);
  await askWitnesses(parts());
  expect(await status()).toEqual({ cosigned: 5, said: ['ed cosigned 5', 'pq cosigned 5', 'far cosigned 5'] });
  const { note = '' } = await cosignedCheckpoint(db) ?? {};
  const parsed = parseNote(toUtf8(note));
  const verdict = parsed && await verifyNote(nodeVerifying, parsed, [signer.key, ...policy.witnesses]);
  expect(verdict).toMatchObject({ ok: true });
  expect(verdict?.ok && verdict.by).toHaveLength(4);
  expect((await storedCheckpoint(db))?.note).toBe(note);
  await sequencer().drain();
  expect(Buffer.from(blobs.now.objects.get('ledger/checkpoint') ?? []).toString()).toBe(note);
  await state(300);
  await askWitnesses(parts());
  expect(await status()).toMatchObject({ cosigned: 305 });
});

test('a witness that is silent blocks nothing; the quorum is met without it, or is not', async () => {
  await state(3);
  silent.add('other.example');
  await askWitnesses(parts());
  expect(await status()).toEqual({ cosigned: 3, said: ['ed cosigned 3', 'pq cosigned 3', 'far silent 0'] });
  silent.add('w.example');
  silent.delete('other.example');
  await state(4);
  await askWitnesses(parts());
  // One of three: the newest that enough have cosigned stays the one before.
  expect(await status()).toEqual({ cosigned: 3, said: ['ed silent 3', 'pq silent 3', 'far cosigned 7'] });
  silent.clear();
  await askWitnesses(parts());
  expect(await status()).toMatchObject({ cosigned: 7 });
});

test('a crash after the answer and before it was kept: the next round learns the size and goes on', async () => {
  await state(3);
  await askWitnesses(parts());
  await sql`update ledger_witnesses set size = 1`.execute(db.as());
  await state(3);
  await askWitnesses(parts());
  expect(await status()).toEqual({ cosigned: 6, said: ['ed cosigned 6', 'pq cosigned 6', 'far cosigned 6'] });
});

test('asked once a tree, and again after an hour', async () => {
  await state(3);
  await askWitnesses(parts());
  silent.add('w.example').add('other.example');
  await askWitnesses(parts());
  expect(await status()).toMatchObject({ said: ['ed cosigned 3', 'pq cosigned 3', 'far cosigned 3'] });
  clock.advance(3_600_001);
  await askWitnesses(parts());
  expect(await status()).toMatchObject({ cosigned: 3, said: ['ed silent 3', 'pq silent 3', 'far silent 3'] });
});

test('records that were put back from a backup, files and all, are noticed: a witness is ahead', async () => {
  await state(3);
  expect(await witnessesAhead(parts())).toBeNull();
  await askWitnesses(parts());
  expect(await witnessesAhead(parts())).toBeNull();
  heads.set('w.example', { size: 9, root: new Uint8Array(32) });
  expect(await witnessesAhead(parts())).toEqual({ label: 'ed', size: 9 });
  await state(1);
  await askWitnesses(parts());
  expect(await status()).toEqual({ cosigned: 3, said: ['ed ahead 3', 'pq ahead 3', 'far cosigned 4'] });
});
