/** The witness as a process, spoken to over HTTP: every answer of C2SP tlog-witness, hostile bodies, kills, and requests at once. */
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toUtf8 } from '#kit/encoding';
import { sampleEntry, sampleLog, seededSigner } from '#kit/bundle/testing';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { consistencyProof } from '#kit/merkle/proofs';
import { emptyRoot } from '#kit/merkle/tree';
import { formatCheckpoint } from '#kit/note/checkpoint';
import { formatNote, formatVkey, parseVkey, signNote } from '#kit/note/note';
import type { NoteSigner, VerifierKey } from '#kit/note/note';
import { formatAddCheckpoint, maxRequestBytes } from '#kit/witness/add-checkpoint';
import { readWitnessAnswer } from '#kit/witness/answer';
import { entente, type Ran } from './process.ts';

const entries = Array.from({ length: 300 }, (_, i) => sampleEntry(i));
const others = Array.from({ length: 300 }, (_, i) => sampleEntry(i + 7));
const logAt = (size: number, from = entries) => sampleLog(from.slice(0, size));
const names = ['one.example/log', 'two.example/log', 'busy.example/log', 'forked.example/log', 'killed.example/log'] as const;
const signers = new Map<string, NoteSigner>();
const at: { folder: string; ran?: Ran; address: string; keys: VerifierKey[] } = { folder: '', address: '', keys: [] };

async function startWitness(): Promise<void> {
  at.ran = entente(['witness', '--name', 'w.example/test', '--policy', join(at.folder, 'policy'), '--data', join(at.folder, 'data'),
    '--port', '0'], {});
  [, at.address = ''] = await at.ran.until(/ready at (\S+)/);
  const vkeys = [...at.ran.out().matchAll(/^witness w\d (\S+) /gm)].map(([, vkey = '']) => vkey);
  at.keys = (await Promise.all(vkeys.map((vkey) => parseVkey(nodeVerifying, vkey)))).filter((key) => key !== null);
}

beforeAll(async () => {
  at.folder = await mkdtemp(join(tmpdir(), 'entente-witness-'));
  for (const name of names) signers.set(name, await seededSigner(name, name));
  const lines = [...signers.values()].map(({ key }) => `log ${formatVkey(key)}\n`);
  await writeFile(join(at.folder, 'policy'), `${lines.join('')}quorum none\n`);
  await startWitness();
});
afterAll(async () => {
  at.ran?.child.kill('SIGTERM');
  await at.ran?.exited;
  await rm(at.folder, { recursive: true, force: true });
});

const text = (origin: string, size: number, root = logAt(size).root): string => formatCheckpoint({ origin, size, root });
const signed = async (origin: string, size: number, root?: Uint8Array): Promise<Uint8Array> =>
  toUtf8(formatNote(await signNote(text(origin, size, root), [signers.get(origin) as NoteSigner])));
const body = async (origin: string, from: number, to: number): Promise<Uint8Array> =>
  formatAddCheckpoint(from, await consistencyProof(nodeTreeHash, from, to, logAt(to).readTile), await signed(origin, to));

async function post(bytes: Uint8Array | string, path = '/add-checkpoint'): Promise<{ status: number; type: string | null; body: string }> {
  const answer = await fetch(`${at.address}${path}`, { method: 'POST', body: typeof bytes === 'string' ? bytes : new Uint8Array(bytes) });
  return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.text() };
}

test('every answer of the protocol, with its status', async () => {
  const one = 'one.example/log';
  expect(at.keys.map((key) => key.type)).toEqual([0x04, 0x06]);
  const empty = await post(formatAddCheckpoint(0, [], await signed(one, 0, emptyRoot(nodeTreeHash))));
  expect(empty.status).toBe(200);
  const first = await post(await body(one, 0, 3));
  expect(first.status).toBe(200);
  const read = await readWitnessAnswer(
    nodeVerifying, { status: 200, contentType: first.type, body: toUtf8(first.body) }, text(one, 3), at.keys);
  expect(read).toMatchObject({ kind: 'cosigned' });
  expect(read.kind === 'cosigned' && read.lines).toHaveLength(2);
  // The same again, and growth.
  expect((await post(await body(one, 3, 3))).status).toBe(200);
  expect((await post(await body(one, 3, 300))).status).toBe(200);
  const conflict = await post(await body(one, 3, 300));
  expect(conflict).toMatchObject({ status: 409, type: 'text/x.tlog.size', body: '300\n' });
  expect((await post(formatAddCheckpoint(300, [], await signed(one, 7)))).status).toBe(400);
  expect((await post('old x\n\nnothing\n')).status).toBe(400);
  expect((await post('')).status).toBe(400);
  const stranger = await seededSigner('stranger.example/log', 'x');
  const unknown = formatNote(await signNote(text('stranger.example/log', 3), [stranger]));
  expect((await post(formatAddCheckpoint(0, [], toUtf8(unknown)))).status).toBe(404);
  const forged = formatNote(await signNote(text(one, 3), [await seededSigner(one, 'forger')]));
  expect((await post(formatAddCheckpoint(0, [], toUtf8(forged)))).status).toBe(403);
  const two = 'two.example/log';
  expect((await post(await body(two, 0, 5))).status).toBe(200);
  const wrong = formatAddCheckpoint(5, await consistencyProof(nodeTreeHash, 6, 300, logAt(300).readTile), await signed(two, 300));
  expect((await post(wrong)).status).toBe(422);
  expect((await post(formatAddCheckpoint(0, [], await signed(two, 0, new Uint8Array(32))))).status).toBe(422);
  expect((await post('x', '/add-something')).status).toBe(404);
  expect((await fetch(`${at.address}/add-checkpoint`)).status).toBe(405);
  // None of the noes moved it.
  expect((await post(await body(two, 5, 6))).status).toBe(200);
});

test('a second tree of the same size is refused, and kept as evidence', async () => {
  const origin = 'forked.example/log';
  expect((await post(await body(origin, 0, 9))).status).toBe(200);
  const request = formatAddCheckpoint(9, [], await signed(origin, 9, logAt(9, others).root));
  expect((await post(request)).status).toBe(422);
  const kept = join(at.folder, 'data', 'blobs', 'blobs');
  const files = (await readdir(kept, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const contents = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name))));
  expect(contents.some((content) => content.equals(Buffer.from(request)))).toBe(true);
  expect(at.ran?.err()).toContain('witness.fork');
});

test('of many requests at once for one size exactly one is first; the others are told', async () => {
  const origin = 'busy.example/log';
  expect((await post(await body(origin, 0, 10))).status).toBe(200);
  const grow = await Promise.all(Array.from({ length: 12 }, (_, i) => body(origin, 10, 20 + i)));
  const answers = await Promise.all(grow.map((request) => post(request)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  const size = answers.findIndex(({ status }) => status === 200) + 20;
  for (const answer of answers) if (answer.status !== 200) expect(answer).toMatchObject({ status: 409, body: `${size}\n` });
});

test('hostile bodies end in an answer, and the next one is served', async () => {
  const bytes = await body('two.example/log', 6, 7);
  for (const bad of [
    'old 0\n\n', 'old 00\n\nx', `old 1\n${'A'.repeat(100)}\n\n`, `old 0\n${`${'A'.repeat(43)}=\n`.repeat(64)}\n`, '\u0000'.repeat(1000),
    'old 99999999999999999999\n\n', ' old 1\n\n', `old -1\n\n`,
  ]) expect((await post(bad)).status, bad.slice(0, 20)).toBe(400);
  expect((await post(new Uint8Array([0xff, 0xfe, 0x80]))).status).toBe(400);
  for (let cut = 0; cut < bytes.length; cut += 17) expect([400, 403]).toContain((await post(bytes.slice(0, cut))).status);
  const large = await post(new Uint8Array(maxRequestBytes + 1)).catch(() => ({ status: 413 }));
  expect(large.status).toBe(413);
  // A client that never ends its body does not keep the others waiting.
  const { hostname, port } = new URL(at.address);
  const slow = connect(Number(port), hostname);
  slow.on('error', () => undefined);
  slow.write('POST /add-checkpoint HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\nold');
  expect((await post(await body('two.example/log', 6, 7))).status).toBe(200);
  slow.destroy();
});

test('what was cosigned is remembered over kill -9, and a second process on the folder is refused', async () => {
  const origin = 'killed.example/log';
  expect((await post(await body(origin, 0, 50))).status).toBe(200);
  const second = entente(['witness', '--name', 'w.example/test', '--policy', join(at.folder, 'policy'), '--data', join(at.folder, 'data'),
    '--port', '0'], {});
  expect((await second.exited).code).toBe(75);
  const keys = at.keys.map(formatVkey);
  at.ran?.child.kill('SIGKILL');
  await at.ran?.exited;
  await startWitness();
  expect(at.keys.map(formatVkey)).toEqual(keys);
  expect(await post(await body(origin, 0, 60))).toMatchObject({ status: 409, body: '50\n' });
  expect((await post(await body(origin, 50, 60))).status).toBe(200);
});

test('it says what is wrong with its orders', async () => {
  const run = async (...words: string[]) => (await entente(['witness', '--data', join(at.folder, 'other'), ...words], {}).exited).code;
  expect(await run('--name', 'a b', '--policy', join(at.folder, 'policy'))).toBe(64);
  expect(await run('--name', 'w', '--policy', join(at.folder, 'nothing'))).toBe(66);
  await writeFile(join(at.folder, 'bad'), 'log nonsense\n');
  expect(await run('--name', 'w', '--policy', join(at.folder, 'bad'))).toBe(65);
  expect(await run('--name', 'w', '--policy', join(at.folder, 'policy'), '--port', '99999')).toBe(64);
});
