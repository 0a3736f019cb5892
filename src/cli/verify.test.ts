import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromUtf8, toBase64, toUtf8 } from '#kit/encoding';
import { policyText, sampleBundle, sampleCheckpoint, sampleEntry, sampleLog, seededSigner } from '#kit/bundle/testing';
import { nodeTreeHash } from '#kit/hash/node';
import { inclusionProof } from '#kit/merkle/proofs';
import { tilePath } from '#kit/merkle/tiles';
import { cosign, cosignatureType, formatVkey, mlDsaType, parseNote } from '#kit/note/note';
import { formatTlogProof } from '#kit/note/proof';
import { drawnIndices, formatSample } from '#kit/sample/sample';
import { verify, verifyRequest } from './verify.ts';
import type { VerifyRequest } from './verify.ts';

const folder = await mkdtemp(join(tmpdir(), 'entente-verify-'));
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  const signer = await seededSigner('log.example', 'cli');
  const log = sampleLog(Array.from({ length: 10_000 }, (_, i) => sampleEntry(i)));
  const bundle = await sampleBundle({ log, signer });
  await writeFile(path('good.bundle'), bundle);
  await writeFile(path('policy'), policyText(signer, `least log.example 9999 ${toBase64(
    sampleLog(log.entries.slice(0, 9999)).root)}\n`));
  await writeFile(path('forked.policy'), policyText(signer, `least log.example 9999 ${toBase64(log.root)}\n`));
  await writeFile(path('other.policy'), policyText(await seededSigner('other.example', 'other')));
  await writeFile(path('bad.policy'), 'trust me\n');
  const at = bundle.indexOf('\nleaf 7777 ') + 40;
  bundle[at] = (bundle[at] ?? 0) ^ 1;
  await writeFile(path('bad.bundle'), bundle);
  await new Promise<void>((resolve, reject) => {
    const script = fileURLToPath(new URL('../../scripts/build-verify.mjs', import.meta.url));
    execFile(process.execPath, [script, folder], (error) => error ? reject(error) : resolve());
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ran { code: number; out: string; err: string }

/** Runs the bundled verifier on Node alone, in its own folder. */
const bare = (...words: string[]): Promise<Ran> => new Promise((resolve) => {
  const options = { cwd: folder, env: {} };
  execFile(process.execPath, ['entente-verify.mjs', ...words], options, (error, out, err) => {
    resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
  });
});

type Paths = Partial<Pick<VerifyRequest, 'from' | 'artifact' | 'tiles'>>;

async function here(file: string, policy: string | null, { from = null, artifact = null, tiles = null }: Paths = {}): Promise<Ran> {
  const ran = { code: 0, out: '', err: '' };
  const paths = { from: from && path(from), artifact: artifact && path(artifact), tiles: tiles && path(tiles), keys: null, secret: null };
  ran.code = await verify({ file: path(file), policy: policy && path(policy), ...paths, json: false }, {
    out: (line) => { ran.out += line; }, err: (line) => { ran.err += line; },
  });
  return ran;
}

test('on bare Node an untouched bundle of 10,000 facts passes, twice, and a flipped one fails at its entry', async () => {
  for (let i = 0; i < 2; i++) {
    const { code, out } = await bare('good.bundle', '--policy', 'policy');
    expect([code, out]).toEqual([0, expect.stringContaining('verified. log.example, 10000 facts, 5000 of them opened')]);
  }
  const { code, out } = await bare('bad.bundle', '--policy=policy', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ file: 'bad.bundle', verdict: 'failed', place: { what: 'entry 7777', entry: 7777 } });
  expect((await bare()).code).toBe(64);
});

test('without a policy that names the log nothing is decided; what is wrong in itself fails all the same', async () => {
  expect(await here('good.bundle', null)).toMatchObject({ code: 2, out: expect.stringContaining('no policy') as string });
  expect(await here('good.bundle', 'other.policy')).toMatchObject({ code: 2 });
  expect(await here('good.bundle', 'bad.policy')).toMatchObject({
    code: 2, out: expect.stringContaining('policy line 1') as string,
  });
  expect(await here('bad.bundle', null)).toMatchObject({ code: 1 });
  expect(await here('good.bundle', 'forked.policy')).toMatchObject({
    code: 1, out: expect.stringContaining('does not begin with the least') as string,
  });
  expect(await here('good.bundle', 'absent.policy')).toMatchObject({ code: 66 });
  expect(await here('absent.bundle', 'policy')).toMatchObject({ code: 66 });
});

test('on bare Node facts that were opened are checked: those that the checkpoint drew, and a trail that somebody was given', async () => {
  const signer = await seededSigner('log.example', 'opened');
  const log = sampleLog(Array.from({ length: 300 }, (_, i) => sampleEntry(i)));
  const checkpoint = fromUtf8(await sampleCheckpoint({ log, signer })) ?? '';
  const leaves = (indices: readonly number[]) => Promise.all(indices.map(async (index) => {
    const { leaf, salt, text } = log.entries[index] as (typeof log.entries)[number];
    return { index, leaf, hashes: await inclusionProof(nodeTreeHash, index, 300, log.readTile), opening: { salt, text } };
  }));
  const drawn = drawnIndices(nodeTreeHash.sha256, parseNote(toUtf8(checkpoint))?.text ?? '', 300, 5);
  const trail = formatSample(checkpoint, await leaves([7, 8, 250]), 'trail');
  await writeFile(path('opened.policy'), policyText(signer));
  await writeFile(path('drawn'), formatSample(checkpoint, await leaves(drawn)));
  await writeFile(path('trail'), trail);
  await writeFile(path('changed.trail'), trail.replace('leaf 8 ', 'leaf 9 '));
  expect(await bare('drawn', '--policy', 'opened.policy')).toMatchObject({
    code: 0, out: expect.stringContaining('5 of 300 facts of log.example, drawn by its checkpoint; 5 are opened') as string });
  expect(await bare('trail', '--policy', 'opened.policy')).toMatchObject({
    code: 0, out: expect.stringContaining('3 of 300 facts of log.example; 3 are opened') as string });
  const told = await bare('changed.trail', '--policy', 'opened.policy', '--json');
  expect([told.code, JSON.parse(told.out)]).toMatchObject([1, { kind: 'trail', verdict: 'failed', why: expect.stringContaining('leaf 9') as string }]);
  expect([(await here('trail', null)).code, (await here('trail', 'other.policy')).code]).toEqual([2, 2]);
  // What is larger than any is not read.
  await truncate(path('trail'), 300 * 1024 * 1024);
  expect(await here('trail', 'opened.policy')).toMatchObject({ code: 1, out: expect.stringContaining('too large') as string });
});

test('the words of the command', () => {
  const none = { policy: null, from: null, artifact: null, tiles: null, keys: null, secret: null };
  expect(verifyRequest(['b', '--policy', 'p', '--json'])).toEqual({ ...none, file: 'b', policy: 'p', json: true });
  expect(verifyRequest(['--policy=p', 'b'])).toEqual({ ...none, file: 'b', policy: 'p', json: false });
  expect(verifyRequest(['b', '--from=o', '--artifact', 'a', '--tiles', 't']))
    .toEqual({ ...none, file: 'b', from: 'o', artifact: 'a', tiles: 't', json: false });
  expect(verifyRequest(['s', '--keys', 'k', '--secret=x'])).toEqual({ ...none, file: 's', keys: 'k', secret: 'x', json: false });
  for (const bad of [
    [], ['b', 'c'], ['b', '--polic', 'p'], ['b', '--policy'], ['--json', '--json', 'b'], ['b', '--from', 'o', '--from=o'], ['b', '--json=x'],
  ]) expect(verifyRequest(bad)).toBeNull();
});

test('on bare Node the statement of a review is checked with the keys one trusts; one whose figures were typed by hand is refused', async () => {
  const { signStatement, statementVersion } = await import('#kit/review/statement');
  const signer = await seededSigner('hub.example', 'statements');
  const counted = { open: 0, closed: 0 };
  const statement = {
    v: statementVersion as typeof statementVersion, id: 'stm_1', madeAt: '2026-01-02T00:00:00Z',
    expires: '2027-01-02T00:00:00Z', by: { org: 'a', name: 'Centre' },
    product: { id: 'p', name: 'Shield', owner: 'Kestrel' }, release: { id: 'r', version: '1.0', root: 'f'.repeat(64) }, level: 'red' as const,
    scope: ['all'], equivalence: 'not assessed', exceptions: [], secret: 'e'.repeat(64),
    coverage: {
      files: 9, bytes: 40_000, blocks: 14, begunFiles: 1, wholeFiles: 0, seenBytes: 10_000, seenLines: 200, seenBlocks: 3, carriedBytes: 0, views: 1,
      rows: [{ file: 'a'.repeat(64), bytes: 20_000, seenBytes: 10_000, seenLines: 200, seenBlocks: 3, carriedBytes: 0, views: [5] }],
    },
    findings: { critical: counted, high: counted, medium: counted, low: counted, note: counted },
  };
  const text = await signStatement(statement, signer.key, async (message) => signer.sign(message));
  await writeFile(path('statement.json'), text);
  await writeFile(path('typed.json'), text.replace('"seenBytes":10000,"seenLines":200,"views"', '"seenBytes":30000,"seenLines":200,"views"'));
  await writeFile(path('keys'), `${formatVkey(signer.key)}\n`);
  const good = await bare('statement.json', '--keys', 'keys');
  expect([good.code, good.out]).toEqual([0, expect.stringContaining('Shield 1.0: 10000 of 40000 bytes read (25 %) in 1 views; equivalence not assessed')]);
  expect((await bare('statement.json')).code).toBe(2);
  expect((await bare('typed.json', '--keys', 'keys')).code).toBe(1);
});

describe('checkpoints and proofs', () => {
  const entries = Array.from({ length: 300 }, (_, i) => sampleEntry(i));
  const other = sampleLog([sampleEntry(999), ...entries.slice(1)]);
  beforeAll(async () => {
    const [signer, stranger] = [await seededSigner('log.example', 'cli'), await seededSigner('log.example', 'not the log')];
    const [ed, pq] = [await seededSigner('ed.example', 'w', cosignatureType), await seededSigner('pq.example', 'w', mlDsaType)];
    const more = async (text: string) => [await cosign(text, ed, 5n), await cosign(text, pq, 5n)];
    const log = sampleLog(entries);
    const publish = async (name: string, of: typeof log, by = signer): Promise<void> =>
      writeFile(path(name), await sampleCheckpoint({ log: of, signer: by, more }));
    await publish('300', log);
    await publish('300 again', log);
    await publish('200', sampleLog(entries.slice(0, 200)));
    await publish('0', sampleLog([]));
    await publish('300 of a fork', other);
    await publish('200 of a fork', sampleLog(other.entries.slice(0, 200)));
    await publish('300 forged', other, stranger);
    await writeFile(path('quorum.policy'), policyText(signer,
      `witness ed ${formatVkey(ed.key)}\nwitness pq ${formatVkey(pq.key)}\ngroup both all ed pq\nquorum both\n`));
    await writeFile(path('300.bundle'), await sampleBundle({ log, signer, more }));
    const tiles: [number, number, number][] = [[0, 0, 256], [0, 1, 44], [1, 0, 1]];
    for (const [level, index, width] of tiles) {
      const file = path(`log/${tilePath({ level, index, width })}`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, await log.readTile({ level, index, width }));
    }
    const note = parseNote(await sampleCheckpoint({ log, signer, more }));
    if (!note) throw new Error('no note');
    const proof = { index: 77, hashes: await inclusionProof(nodeTreeHash, 77, 300, log.readTile), note };
    await writeFile(path('77.tlog-proof'), formatTlogProof({ ...proof, extra: null }));
    await writeFile(path('77 with leaf.tlog-proof'), formatTlogProof({ ...proof, extra: toUtf8(entries[77]?.leaf ?? '') }));
    await writeFile(path('77.leaf'), entries[77]?.leaf ?? '');
    await writeFile(path('78.leaf'), entries[78]?.leaf ?? '');
    await writeFile(path('cut.tlog-proof'), formatTlogProof({ ...proof, extra: null }).slice(0, 400));
  });

  const says = (text: string): unknown => expect.stringContaining(text);
  test('a split view of two checkpoints of one size is caught, with and without a policy, and in the one file too', async () => {
    for (const policy of ['quorum.policy', null]) {
      expect(await here('300', policy, { from: '300 of a fork' }))
        .toMatchObject({ code: 1, out: says('a split view: log.example has two trees of size 300') });
    }
    const { code, out } = await bare('300', '--from', '300 of a fork', '--policy', 'quorum.policy', '--json');
    expect([code, JSON.parse(out)]).toMatchObject([1, { file: '300', verdict: 'failed', figures: { size: 300 } }]);
    expect(await here('300', 'quorum.policy', { from: '300 forged' })).toMatchObject({ code: 1, out: says('the older checkpoint: the log has not signed') });
  });

  test('a checkpoint verifies by its quorum, and after an older one where tiles or a bundle show that it grew from it', async () => {
    expect(await here('300', 'quorum.policy')).toMatchObject({ code: 0, out: says('signed by log.example, ed.example, pq.example') });
    expect(await here('300', null)).toMatchObject({ code: 2 });
    expect(await here('300', 'other.policy')).toMatchObject({ code: 2 });
    expect(await here('300', 'quorum.policy', { from: '300 again' })).toMatchObject({ code: 0 });
    expect(await here('300', 'quorum.policy', { from: '0' })).toMatchObject({ code: 0 });
    expect(await here('300', 'quorum.policy', { from: '200' })).toMatchObject({ code: 2, out: says('--tiles') });
    expect(await here('300', 'quorum.policy', { from: '200', tiles: 'log' })).toMatchObject({ code: 0 });
    expect(await here('300', 'quorum.policy', { from: '200 of a fork', tiles: 'log' })).toMatchObject({ code: 1, out: says('a split view') });
    expect(await here('200', 'quorum.policy', { from: '300', tiles: 'log' })).toMatchObject({ code: 1, out: says('older than') });
    expect(await here('300', 'quorum.policy', { from: '200', tiles: 'nowhere' })).toMatchObject({ code: 66 });
    expect(await here('300', 'quorum.policy', { from: 'nowhere' })).toMatchObject({ code: 66 });
    expect(await here('300', 'quorum.policy', { from: '77.leaf' })).toMatchObject({ code: 1 });
    expect(await here('77.leaf', 'quorum.policy')).toMatchObject({ code: 1, out: says('neither a ledger bundle') });
  });

  test('a bundle is held to an older checkpoint', async () => {
    expect(await here('300.bundle', 'quorum.policy', { from: '200' })).toMatchObject({ code: 0 });
    expect(await here('300.bundle', 'quorum.policy', { from: '300' })).toMatchObject({ code: 0 });
    for (const policy of ['quorum.policy', null]) {
      for (const from of ['200 of a fork', '300 of a fork']) {
        expect(await here('300.bundle', policy, { from })).toMatchObject({ code: 1, out: says('a split view') });
      }
    }
    expect(await here('300.bundle', 'quorum.policy', { from: '300 forged' })).toMatchObject({ code: 1, out: says('the older checkpoint') });
  });

  test('a proof verifies with the entry it is about, which may be in it', async () => {
    const ok = { code: 0, out: says('verified. log.example, entry 77 of a tree of 300; signed by log.example, ed.example, pq.example') };
    expect(await here('77.tlog-proof', 'quorum.policy', { artifact: '77.leaf' })).toMatchObject(ok);
    expect(await here('77 with leaf.tlog-proof', 'quorum.policy')).toMatchObject(ok);
    expect((await bare('77 with leaf.tlog-proof', '--policy', 'quorum.policy')).code).toBe(0);
    expect(await here('77.tlog-proof', 'quorum.policy')).toMatchObject({ code: 2, out: says('--artifact') });
    expect(await here('77.tlog-proof', null, { artifact: '77.leaf' })).toMatchObject({ code: 2, out: says('no policy') });
    for (const policy of ['quorum.policy', null]) {
      expect(await here('77.tlog-proof', policy, { artifact: '78.leaf' })).toMatchObject({ code: 1, out: says('do not lead') });
    }
    expect(await here('cut.tlog-proof', 'quorum.policy', { artifact: '77.leaf' })).toMatchObject({ code: 1, out: says('line ') });
    expect(await here('77.tlog-proof', 'quorum.policy', { artifact: '77.leaf', from: '300 of a fork' }))
      .toMatchObject({ code: 1, out: says('a split view') });
    expect(await here('77.tlog-proof', 'quorum.policy', { artifact: '77.leaf', from: '200', tiles: 'log' })).toMatchObject(ok);
    expect(await here('77.tlog-proof', 'quorum.policy', { artifact: 'nowhere' })).toMatchObject({ code: 66 });
  });
});
