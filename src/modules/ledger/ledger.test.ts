import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { sql } from 'kysely';
import type { Actor, Caller } from '#kit/endpoint';
import { Refusal } from '#kit/refusal';
import { commitmentOf, parseLeaf } from '#kit/bundle/leaf';
import { nodeVerifier } from '#kit/bundle/testing';
import { verifyBundle } from '#kit/bundle/verify';
import { fromBase64, fromHex, sameBytes, toHex, toUtf8 } from '#kit/encoding';
import { nodeTreeHash as tree, nodeVerifying } from '#kit/hash/node';
import { verifyInclusion } from '#kit/merkle/proofs';
import { decodeEntries, hashesAtLevel, tileWidth, widthIn } from '#kit/merkle/tiles';
import { emptyRoot, rootOf } from '#kit/merkle/tree';
import { formatVkey } from '#kit/note/note';
import { parsePolicy } from '#kit/note/policy';
import { fakeBlobs } from '#world/blobs/fake';
import type { FakeBlobs } from '#world/blobs/fake';
import { fakeClock } from '#world/clock';
import type { Db } from '#world/db/port';
import { testDb } from '#world/db/testing';
import { stateFact } from '#world/facts';
import { fakeKeys } from '#world/keys/fake';
import { seededRandom } from '#world/random';
import { idsFrom } from '#world/ids';
import { ledgerActs } from './acts.ts';
import { ledgerActions } from './actions.ts';
import { openedFactSchema } from './model.ts';
import { ledgerSigner, publishedLog, tileName } from './log.ts';
import { bundleFor, ledgerRoutes } from './routes.ts';
import { createSequencer } from './sequencer.ts';
import type { Sequencer } from './sequencer.ts';
import { readHead } from './head-store.ts';
import { eraseSubject, ledgerMigrations, leavesFrom } from './store.ts';

const clock = fakeClock();
const db = await testDb(ledgerMigrations);
const signer = await ledgerSigner(fakeKeys('ledger'), 'hub.example/ledger');
const faults: unknown[] = [];

const sequencerOver = (b: FakeBlobs, batch = 2000): Sequencer => createSequencer({
  db, blobs: b, clock, signer, random: seededRandom('subjects'), batch, onFault: (e) => faults.push(e),
});

/** What each test begins with anew, and the number of the next fact, which goes on. */
const now = { blobs: fakeBlobs(), sequencer: sequencerOver(fakeBlobs()), stated: 0 };

afterAll(() => db.close());
beforeEach(async () => {
  await sql`truncate ledger_leaves, ledger_openings, ledger_readers, ledger_subject_keys, ledger_heads, facts_outbox, facts_acts,
    ledger_checkpoint`
    .execute(db.as());
  await sql`update ledger_head set size = 0, root = ${toHex(emptyRoot(tree))}, peaks = ''`.execute(db.as());
  faults.length = 0;
  now.blobs = fakeBlobs();
  now.sequencer = sequencerOver(now.blobs);
});

async function state(count: number): Promise<void> {
  await db.transaction(async (tx) => {
    for (let i = 0; i < count; i++, now.stated++) {
      await stateFact(tx, {
        class: now.stated % 3 ? 'session.viewed' : 'agreement.signed',
        at: new Date(Date.UTC(2026, 0, 1) + now.stated * 60_000 + 5).toISOString(),
        actor: 'per_1', org: now.stated % 2 ? 'org_vendor' : 'org_centre', subject: `sub_${now.stated % 4}`,
        readers: now.stated % 2 ? [] : ['org_board'], clauses: [], body: { number: now.stated, note: 'Điều' },
      });
    }
  });
}

/** Checks from outside, by the published objects alone, that the log is a whole tree of the leaves in the records. */
async function checkPublished(): Promise<number> {
  const published = await publishedLog(now.blobs, signer);
  if (!published) throw new Error('nothing is published');
  const { size, root } = published.checkpoint;
  const leaves = await leavesFrom(db, 0, size);
  const hashes = Buffer.concat(leaves.map((l) => tree.leaf(toUtf8(l.leaf))));
  expect(sameBytes(root, size ? rootOf(tree, hashes) : emptyRoot(tree))).toBe(true);
  for (let level = 0; hashesAtLevel(size, level) > 0; level++) {
    for (let index = 0; index * tileWidth < hashesAtLevel(size, level); index++) {
      const width = widthIn(size, level, index);
      const tile = now.blobs.objects.get(tileName({ level, index, width }));
      const span = tileWidth ** level;
      const expected = Array.from({ length: width }, (_, i) => {
        const from = (index * tileWidth + i) * span;
        return rootOf(tree, hashes.subarray(from * 32, (from + span) * 32));
      });
      expect(tile && toHex(tile)).toBe(toHex(Buffer.concat(expected)));
      if (level > 0) continue;
      const bundle = decodeEntries(now.blobs.objects.get(tileName({ level: 'entries', index, width })) ?? new Uint8Array(1));
      const from = index * tileWidth;
      expect(bundle?.map((e) => Buffer.from(e).toString())).toEqual(leaves.slice(from, from + width).map((l) => l.leaf));
    }
  }
  return size;
}

/** Numbers that the facts of the log carry, in order of the leaves. */
async function numbers(): Promise<number[]> {
  const { rows } = await sql<{ fact: string }>`select fact from ledger_openings order by index`.execute(db.as());
  return rows.map(({ fact }) => (JSON.parse(fact) as { body: { number: number } }).body.number);
}

const callerOf = (org: string): Caller => ({
  actor: { person: 'per_1', org, roles: [], via: 'session', credential: 'c' } satisfies Actor,
  traceId: 't', address: '::1',
  until: new AbortController().signal, holds: () => undefined,
  may: () => Promise.reject(new Error('not asked')),
  approved: () => Promise.reject(new Error('nothing to approve')), reply: { setSession: () => {}, clearSession: () => {} },
});

test('facts become leaves in the order of the outbox, and the objects of a small log are these', async () => {
  await now.sequencer.recover();
  expect(await checkPublished()).toBe(0);
  const from = now.stated;
  await state(3);
  expect(await now.sequencer.drain()).toBe(3);
  await state(255);
  expect(await now.sequencer.drain()).toBe(255);
  expect(await checkPublished()).toBe(258);
  expect(await numbers()).toEqual(Array.from({ length: 258 }, (_, i) => from + i));
  expect(now.blobs.journal).toEqual([
    'ledger/checkpoint',
    'ledger/tile/entries/000.p/3', 'ledger/tile/0/000.p/3', 'ledger/checkpoint',
    'ledger/tile/entries/000', 'ledger/tile/entries/001.p/2', 'ledger/tile/0/000', 'ledger/tile/0/001.p/2',
    'ledger/tile/1/000.p/1', 'ledger/checkpoint', '-ledger/tile/0/000.p/3', '-ledger/tile/entries/000.p/3',
  ]);
  expect(await now.sequencer.drain()).toBe(0);
  expect(now.blobs.journal).toHaveLength(12);
});

test('a crash at any write loses nothing and doubles nothing', async () => {
  const names = [
    'ledger/tile/entries/000', 'ledger/tile/entries/001.p/2', 'ledger/tile/0/000', 'ledger/tile/0/001.p/2',
    'ledger/tile/1/000.p/1', 'ledger/checkpoint',
  ];
  for (const name of names) {
    for (const how of ['failAndForget', 'failButPersist'] as const) {
      await sql`truncate ledger_leaves, ledger_openings, ledger_readers, ledger_heads, ledger_checkpoint`.execute(db.as());
      await sql`update ledger_head set size = 0, root = ${toHex(emptyRoot(tree))}, peaks = ''`.execute(db.as());
      now.blobs = fakeBlobs();
      const from = now.stated;
      await state(3);
      await sequencerOver(now.blobs).recover();
      await state(255);
      now.blobs.fail('write', how, name);
      // Twice: a lost tile is first met by making everything again.
      now.blobs.fail('write', how, name);
      await expect(sequencerOver(now.blobs).drain(), `${how} ${name}`).rejects.toThrow('as told');
      const between = await publishedLog(now.blobs, signer);
      expect(between?.checkpoint.size).toBe(how === 'failButPersist' && name === 'ledger/checkpoint' ? 258 : 3);
      expect((await readHead(db)).size).toBe(258);
      await sequencerOver(fakeAfter(now.blobs)).recover();
      expect(await checkPublished()).toBe(258);
      await state(1);
      await sequencerOver(now.blobs).drain();
      expect(await checkPublished()).toBe(259);
      expect(await numbers()).toEqual(Array.from({ length: 259 }, (_, i) => from + i));
    }
  }
});

/** The same objects, and none of the failures still ordered. */
function fakeAfter(before: FakeBlobs): FakeBlobs {
  const after = fakeBlobs();
  for (const [name, bytes] of before.objects) (after.objects as Map<string, Uint8Array>).set(name, bytes);
  now.blobs = after;
  return after;
}

test('a batch that fails in its transaction leaves the outbox as it was', async () => {
  await now.sequencer.recover();
  await state(5);
  await sql`insert into facts_outbox (class, at, fact) values ('x', now(), '{"class":"no verb","at":"never"}')`
    .execute(db.as());
  await expect(now.sequencer.drain()).rejects.toThrow('class and time');
  expect((await readHead(db)).size).toBe(0);
  await sql`delete from facts_outbox where class = 'x'`.execute(db.as());
  expect(await now.sequencer.drain()).toBe(5);
  expect(await checkPublished()).toBe(5);
});

test('a machine too slow for large batches takes smaller ones, and gets them done', async () => {
  const sizes: number[] = [];
  // As a connection that gives up: a batch over 60 facts never comes to its commit.
  const slow: Db = {
    ...db,
    brisk: {
      ...db.brisk,
      transaction: (work) => db.brisk.transaction(async (tx) => {
        const before = (await readHead(tx)).size;
        const result = await work(tx);
        const count = (await readHead(tx)).size - before;
        sizes.push(count);
        if (count > 60) throw new Error('the records database was silent');
        return result;
      }),
    },
  };
  const sequencer = createSequencer({
    db: slow, blobs: now.blobs, clock, signer, random: seededRandom('slow'), batch: 400, onFault: (e) => faults.push(e),
  });
  const from = now.stated;
  await state(300);
  for (let tries = 0; tries < 20 && (await readHead(db)).size < 300; tries++) await sequencer.drain().catch(() => undefined);
  expect(sizes[0]).toBe(300);
  expect(await checkPublished()).toBe(300);
  expect(await numbers()).toEqual(Array.from({ length: 300 }, (_, i) => from + i));
});

test('many batches, kicks and drains at once make one log', async () => {
  const small = sequencerOver(now.blobs, 100);
  const from = now.stated;
  await state(950);
  small.kick();
  small.kick();
  await Promise.all([small.drain(), state(50), small.drain()]);
  small.kick();
  await small.idle();
  expect(faults).toEqual([]);
  expect(await checkPublished()).toBe(1000);
  expect(await numbers()).toEqual(Array.from({ length: 1000 }, (_, i) => from + i));
});

test('lost tiles are made again; a log ahead of its records, or of another key, is not touched', async () => {
  await state(300);
  await now.sequencer.drain();
  await now.blobs.remove('ledger/tile/0/001.p/44');
  await state(1);
  await now.sequencer.drain();
  expect(await checkPublished()).toBe(301);
  for (const name of await now.blobs.list('ledger/')) await now.blobs.remove(name);
  await now.sequencer.recover();
  expect(await checkPublished()).toBe(301);
  await sql`update ledger_head set size = 0, root = ${toHex(emptyRoot(tree))}, peaks = ''`.execute(db.as());
  await expect(now.sequencer.drain()).rejects.toThrow('the records only 0');
  const other = await ledgerSigner(fakeKeys('other'), 'hub.example/ledger');
  const foreign = createSequencer({
    db, blobs: now.blobs, clock, signer: other, random: seededRandom('x'), onFault: () => {},
  });
  await expect(foreign.recover()).rejects.toThrow('no known key');
  now.sequencer.kick();
  await now.sequencer.idle();
  expect(faults).toHaveLength(1);
});

describe('what one may read', () => {
  const parts = () => ({
    db, blobs: now.blobs, signer, clock, acts: ledgerActs({ db, clock, signer, ids: idsFrom(clock, seededRandom('i')), operator: 'org_centre' }),
  });
  beforeEach(async () => {
    await state(now.stated % 12 ? 12 - (now.stated % 12) : 0);
    await state(12);
    await now.sequencer.drain();
  });

  test('the list is what the organisation may read, newest first, in pages and by filter', async () => {
    const { list } = ledgerActions(parts());
    const all = await list({ limit: 200 }, callerOf('org_board'));
    const size = (await readHead(db)).size;
    const expected = (await numbers()).map((n, i) => [n, i] as const).filter(([n]) => n % 2 === 0).map(([, i]) => i);
    expect(all.facts.map((f) => f.index)).toEqual(expected.toReversed());
    expect(all.facts.every((f) => f.readers.includes('org_board'))).toBe(true);
    const first = await list({ limit: 2 }, callerOf('org_board'));
    const second = await list({ limit: 2, before: first.next ?? 0 }, callerOf('org_board'));
    expect([...first.facts, ...second.facts]).toEqual(all.facts.slice(0, 4));
    expect((await list({}, callerOf('org_nobody'))).facts).toEqual([]);
    const signed = await list({ class: 'agreement.', limit: 200 }, callerOf('org_board'));
    expect(signed.facts).toEqual(all.facts.filter((f) => f.class === 'agreement.signed'));
    expect((await list({ class: 'agreement', limit: 200 }, callerOf('org_board'))).facts).toEqual([]);
    const subject = await list({ subject: 'sub_2', limit: 200 }, callerOf('org_board'));
    expect(subject.facts).toEqual(all.facts.filter((f) => f.subject === 'sub_2'));
    const [newest] = all.facts;
    if (!newest) throw new Error('no facts');
    expect((await list({ from: String(newest.at) }, callerOf('org_board'))).facts).toEqual([newest]);
    expect((await list({ to: String(newest.at), limit: 200 }, callerOf('org_board'))).facts).toEqual(all.facts.slice(1));
    expect(size).toBeGreaterThan(all.facts.length);
  });

  test('a fact comes with all that proves it', async () => {
    const { list, view, prove, status } = ledgerActions(parts());
    const { facts: [fact] } = await list({}, callerOf('org_board'));
    if (!fact) throw new Error('no fact');
    const opened = openedFactSchema.parse(await view({ index: fact.index }, callerOf('org_board')));
    const salt = fromHex(opened.salt) ?? new Uint8Array(0);
    const commitment = commitmentOf(tree.sha256, salt, toUtf8(opened.text));
    expect(parseLeaf(opened.leaf)?.commitment).toBe(commitment);
    const { proof } = opened;
    const bytes = (text: string) => fromBase64(text) ?? new Uint8Array(0);
    expect(proof && await verifyInclusion(tree.sha256, {
      index: proof.index, size: proof.size, leafHash: tree.leaf(toUtf8(opened.leaf)), root: bytes(proof.root),
    }, proof.hashes.map(bytes))).toBe(true);
    const state = await status({}, callerOf('org_board'));
    expect(state).toMatchObject({ origin: 'hub.example/ledger', vkey: formatVkey(signer.key), size: proof?.size });
    expect(state.at).toBe(clock.iso());
    expect(await prove({ index: fact.index }, callerOf('x'))).toEqual({
      ...proof, leaf: opened.leaf, checkpoint: opened.checkpoint,
    });
  });

  test('a fact of others, and one that never was, are the same answer', async () => {
    const { view, prove } = ledgerActions(parts());
    const answer = (promise: Promise<unknown>) => promise.then(() => 'found', (e: unknown) =>
      e instanceof Refusal ? [e.code, e.message, e.detail] : e);
    const hidden = await answer(view({ index: 0 }, callerOf('org_nobody')));
    expect(hidden).toEqual(await answer(view({ index: 99_999 }, callerOf('org_nobody'))));
    expect(hidden).toEqual(['fact.not-found', 'There is no such fact.', {}]);
    expect(await answer(prove({ index: 99_999 }, callerOf('org_nobody')))).toEqual([
      'leaf.not-found', 'There is no such leaf.', {},
    ]);
  });

  test('checkpoint and tiles are served as the specification says, and nothing else is', async () => {
    const routes = ledgerRoutes(parts());
    const get = async (path: string) => {
      const name = path.startsWith('/ledger/tile/') ? 'tile' : 'checkpoint';
      const route = routes.find((r) => r.endpointName === name);
      return route?.respond(new Request(`https://hub.example${path}`), callerOf('x'));
    };
    const { size } = await readHead(db);
    const checkpoint = await get('/ledger/checkpoint');
    expect(checkpoint?.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await checkpoint?.text()).toMatch(new RegExp(`^hub.example/ledger\n${size}\n`));
    const tile = await get(`/ledger/tile/0/000.p/${size}`);
    expect(tile?.headers.get('content-type')).toBe('application/octet-stream');
    expect((await tile?.arrayBuffer())?.byteLength).toBe(size * 32);
    for (const bad of [
      '/ledger/tile/0/000', `/ledger/tile/0/000.p/${size + 1}`, '/ledger/tile/0/0', '/ledger/tile/1/000.p/1',
      '/ledger/tile/0/%2e%2e/checkpoint', '/ledger/tile/', '/ledger/tile/entries/000',
    ]) await expect(get(bad), bad).rejects.toMatchObject({ code: 'tile.not-found' });
  });

  test('a bundle holds what its reader may read, and verifies', async () => {
    const policy = await parsePolicy(nodeVerifying, toUtf8(`log ${formatVkey(signer.key)}\nquorum none\n`));
    const bytesOf = async (org: string) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of await bundleFor(parts(), { org })) chunks.push(chunk);
      return Buffer.concat(chunks);
    };
    const { list } = ledgerActions(parts());
    for (const org of ['org_board', 'org_centre', 'org_vendor', 'org_nobody']) {
      const readable = (await list({ limit: 200 }, callerOf(org))).facts.length;
      expect(await verifyBundle([await bytesOf(org)], policy, nodeVerifier)).toMatchObject({
        verdict: 'verified', figures: { openings: readable, reader: org, size: (await readHead(db)).size },
      });
    }
    expect((await bytesOf('org_vendor')).includes('org_board')).toBe(false);
  });

  test('erasing a subject erases content and leaves the tree', async () => {
    const { list } = ledgerActions(parts());
    const before = await list({ limit: 200 }, callerOf('org_board'));
    await db.transaction((tx) => eraseSubject(tx, 'sub_2', clock.iso()));
    const after = await list({ limit: 200 }, callerOf('org_board'));
    expect(after.facts).toEqual(before.facts.filter((f) => f.subject !== 'sub_2'));
    expect(after.facts.length).toBeLessThan(before.facts.length);
    await state(12);
    await now.sequencer.drain();
    await checkPublished();
    expect((await list({ subject: 'sub_2', limit: 200 }, callerOf('org_board'))).facts.length).toBeGreaterThan(0);
  });
});
