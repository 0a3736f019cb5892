import { generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { canonicalText } from '#kit/canonical/canonical';
import { fromBase64, toHex, toUtf8, fromUtf8 } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { ed25519Type, formatVkey, verifierKey } from '#kit/note/note';
import { anomalyOf, waitOf, type Step } from './anomaly.ts';
import { commitmentTo, opens } from './commitment.ts';
import {
  figuresFrom, rowsFrom, secretBytes, signStatement, signedBytes, statementVersion, typedByHand, verifyStatement, type SecretPart, type Statement,
} from './statement.ts';

const sha256 = nodeVerifying.sha256;
const pair = generateKeyPairSync('ed25519');
const raw = fromBase64(pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')) ?? new Uint8Array();
const key = await verifierKey(nodeVerifying, 'hub.example/statements', ed25519Type, raw);
const signing = async (message: Uint8Array): Promise<Uint8Array> => new Uint8Array(sign(null, message, pair.privateKey));

const secret: SecretPart = {
  v: statementVersion, salt: 'ab'.repeat(32), questions: ['Where does telemetry go?'], findings: [{ commitment: 'c'.repeat(64), severity: 'high' }],
  files: [
    { path: 'src/a.c', digest: '1'.repeat(64), bytes: 9_000, views: [
      { index: 12, from: 0, to: 5_000, ends: 200, carried: false }, { index: 13, from: 5_000, to: 9_000, ends: 90, carried: false },
      { index: 40, from: 0, to: 5_000, ends: 200, carried: false },
    ] },
    { path: 'src/b.c', digest: '2'.repeat(64), bytes: 20_000, views: [{ index: 7, from: 0, to: 4_000, ends: 100, carried: true }] },
  ],
};

async function made(over: Partial<Statement['coverage']> = {}): Promise<Statement> {
  const rows = await rowsFrom(sha256, secret);
  const counted = { open: 0, closed: 0 };
  return {
    v: statementVersion, id: 'stm_1', madeAt: '2026-01-02T00:00:00Z', expires: '2027-01-02T00:00:00Z', by: { org: 'org_a', name: 'Centre' },
    product: { id: 'prd_1', name: 'Shield', owner: 'Kestrel' }, release: { id: 'rel_1', version: '1.0', root: 'f'.repeat(64) }, level: 'red',
    scope: ['update path'], equivalence: 'not assessed', exceptions: [], secret: toHex(await sha256(secretBytes(secret))),
    coverage: { ...figuresFrom(rows, { files: 10, bytes: 100_000, blocks: 30 }, 1), rows, ...over },
    findings: { critical: counted, high: { open: 1, closed: 0 }, medium: counted, low: counted, note: counted },
  };
}

const trusted = { keys: [formatVkey(key)], secret: null, at: '2026-06-01T00:00:00Z' };
const check = (text: string, over: Partial<Parameters<typeof verifyStatement>[2]> = {}) =>
  verifyStatement(nodeVerifying, toUtf8(text), { ...trusted, ...over });

test('a statement verifies from its bytes, and its figures are those of its views', async () => {
  const statement = await made();
  expect(statement.coverage).toMatchObject({ seenBytes: 13_000, seenLines: 390, seenBlocks: 4, begunFiles: 2, wholeFiles: 2, carriedBytes: 4_000, views: 4 });
  const text = await signStatement(statement, key, signing);
  expect(await check(text)).toMatchObject({ verdict: 'verified', key: 'hub.example/statements' });
  expect(await check(text, { secret: secretBytes(secret) })).toMatchObject({ verdict: 'verified' });
  expect(await check(text, { keys: [] })).toMatchObject({ verdict: 'undecided' });
  expect(await check(text, { at: '2027-01-02T00:00:00Z' })).toMatchObject({ verdict: 'failed' });
});

test('coverage that was typed by hand is neither signed nor believed', async () => {
  const typed = [
    { seenBytes: 90_000 }, { seenLines: 391 }, { views: 5 }, { wholeFiles: 11 }, { begunFiles: 9 }, { seenBlocks: 5 }, { carriedBytes: 0 },
  ];
  for (const over of typed) {
    const statement = await made(over);
    expect(typedByHand(statement)).toMatch(/typed by hand|more was read/);
    await expect(signStatement(statement, key, signing)).rejects.toThrow('not signed');
    // Somebody with the key who signs it all the same.
    const value = Buffer.from(await signing(signedBytes(statement))).toString('base64');
    const forged = { statement, signature: { key: formatVkey(key), value } };
    expect(await check(`${canonicalText(forged)}\n`)).toMatchObject({ verdict: 'failed' });
  }
});

test('rows that were made up are found by whoever holds the secret part', async () => {
  const honest = await made();
  const rows = honest.coverage.rows.map((row, i) => (i === 0 ? { ...row, seenBytes: row.bytes, seenBlocks: Math.ceil(row.bytes / 4096) } : row));
  const statement = { ...honest, coverage: { ...figuresFrom(rows, honest.coverage, 1), rows } };
  const text = await signStatement(statement, key, signing);
  const changed = rows[0]?.seenBytes !== honest.coverage.rows[0]?.seenBytes;
  expect((await check(text, { secret: secretBytes(secret) })).verdict).toBe(changed ? 'failed' : 'verified');
  expect(await check(text, { secret: toUtf8('{}') })).toMatchObject({ verdict: 'failed' });
});

test('each flipped byte, and each field that is not one, is refused', async () => {
  const text = await signStatement(await made(), key, signing);
  const bytes = toUtf8(text);
  for (let at = 0; at < bytes.length; at += 37) {
    const flipped = bytes.slice();
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    expect((await verifyStatement(nodeVerifying, flipped, trusted)).verdict, fromUtf8(flipped) ?? '').not.toBe('verified');
  }
  for (const wrong of ['', '{}\n', '[]\n', 'null\n', '{"signature":{},"statement":{}}\n', text.slice(0, -1), ` ${text}`]) {
    expect((await check(wrong)).verdict).toBe('failed');
  }
});

test('a commitment opens with its salt and content, and with nothing else', async () => {
  const salt = '0f'.repeat(32);
  const content = { title: 'A key in the update client', severity: 'high' };
  const commitment = await commitmentTo(sha256, salt, content);
  expect(await opens(sha256, commitment, salt, { severity: 'high', title: 'A key in the update client' })).toBe(true);
  expect(await opens(sha256, commitment, salt, { ...content, severity: 'low' })).toBe(false);
  expect(await opens(sha256, commitment, '0e'.repeat(32), content)).toBe(false);
  expect(await opens(sha256, commitment, 'short', content)).toBe(false);
});

const steps = (of: (i: number) => Partial<Step>): Step[] =>
  Array.from({ length: 60 }, (_, i) => ({ at: i * 60_000, file: 5, folder: 'a', window: i, fresh: 1, ...of(i) }));

test('a machine that walks the tree scores high, a person who reads does not', () => {
  const crawler = anomalyOf(steps((i) => ({ at: i * 500, file: i, folder: `d${i >> 1}`, window: 0 })));
  expect(crawler.follows).toBe('ask');
  expect(waitOf(crawler)).toBeGreaterThan(1_000);
  const reader = anomalyOf(steps((i) => ({ file: [3, 90, 3, 17, 55][i % 5] ?? 0, window: i % 3, fresh: i % 4 === 0 ? 1 : 0 })));
  expect(reader.follows).toBe('nothing');
  expect(waitOf(reader)).toBe(0);
  expect(anomalyOf(steps(() => ({}))).follows).toBe('nothing');
  expect(anomalyOf([]).score).toBe(0);
});
