import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { policyText, sampleEntry, sampleLog, seededSigner } from '#kit/bundle/testing';
import { toBase64, toUtf8 } from '#kit/encoding';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { webVerifying } from '#kit/hash/web';
import { inclusionProof } from '#kit/merkle/proofs';
import { formatCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { cosign, cosignatureType, formatVkey, mlDsaType, signNote } from './note.ts';
import { parsePolicy } from './policy.ts';
import type { Policy } from './policy.ts';
import { ProofError, formatTlogProof, maxProofBytes, parseTlogProof, verifyTlogProof } from './proof.ts';

const log = sampleLog(Array.from({ length: 300 }, (_, i) => sampleEntry(i)));
const signer = await seededSigner('log.example', 'proof');
const ed = await seededSigner('w.example', 'w', cosignatureType);
const pq = await seededSigner('pq.example', 'pq', mlDsaType);
const witnesses = `witness ed ${formatVkey(ed.key)}\nwitness pq ${formatVkey(pq.key)}\n`;
const policyOf = (more: string): Promise<Policy> => parsePolicy(nodeVerifying, toUtf8(policyText(signer, more)));

const text = formatCheckpoint({ origin: 'log.example', size: 300, root: log.root });
const checkpoint = parseCheckpoint(text);
if (!checkpoint) throw new Error('no checkpoint');
const signed = await signNote(text, [signer]);
const note = { text, signatures: [...signed.signatures, await cosign(text, ed, 7n), await cosign(text, pq, 7n)] };
const leafHash = (i: number): Uint8Array => nodeTreeHash.leaf(toUtf8(log.entries[i]?.leaf ?? ''));
const proofOf = async (index: number) =>
  ({ extra: null, index, hashes: await inclusionProof(nodeTreeHash, index, 300, log.readTile), note, checkpoint });
const whole = formatTlogProof({ ...await proofOf(77), extra: toUtf8('a file name') });

test('a proof is written as the specification shows, and read back to the same bytes', async () => {
  const lines = whole.split('\n');
  expect(lines.slice(0, 3)).toEqual(['c2sp.org/tlog-proof@v1', `extra ${toBase64(toUtf8('a file name'))}`, 'index 77']);
  expect(lines.slice(12, 16)).toEqual(['', 'log.example', '300', toBase64(log.root)]);
  expect(formatTlogProof(parseTlogProof(toUtf8(whole)))).toBe(whole);
  const bare = formatTlogProof(await proofOf(0));
  expect(bare).not.toContain('extra');
  expect(formatTlogProof(parseTlogProof(toUtf8(bare)))).toBe(bare);
  expect(formatTlogProof({ ...await proofOf(0), extra: new Uint8Array(0) })).toBe(bare);
});

describe('a proof', () => {
  test.each([0, 1, 255, 256, 299])('of entry %i verifies by a policy of log and both kinds of witnesses', async (index) => {
    const policy = await policyOf(`${witnesses}group both all ed pq\nquorum both\n`);
    const proof = parseTlogProof(toUtf8(formatTlogProof(await proofOf(index))));
    for (const verifying of [nodeVerifying, webVerifying()]) {
      expect(await verifyTlogProof(verifying, proof, leafHash(index), policy)).toMatchObject({ ok: true });
    }
    expect(await verifyTlogProof(nodeVerifying, proof, leafHash((index + 1) % 300), policy)).toMatchObject({ ok: false });
    expect(await verifyTlogProof(nodeVerifying, { ...proof, index: index ^ 1 }, leafHash(index), policy)).toMatchObject({ ok: false });
    expect(await verifyTlogProof(nodeVerifying, { ...proof, hashes: proof.hashes.slice(1) }, leafHash(index), policy))
      .toMatchObject({ ok: false });
    expect(await verifyTlogProof(nodeVerifying, { ...proof, index: 300 }, leafHash(index), policy)).toMatchObject({ ok: false });
  });

  test('is held to the quorum, to the least tree, and to the logs of the policy', async () => {
    const proof = parseTlogProof(toUtf8(whole));
    const lone = { ...proof, note: { ...note, signatures: note.signatures.slice(0, 2) } };
    const verdict = async (more: string, which = proof) =>
      (await verifyTlogProof(nodeVerifying, which, leafHash(77), await policyOf(more))).ok;
    const both = `${witnesses}group both all ed pq\nquorum both\n`;
    const root = toBase64(log.root);
    expect(await Promise.all([
      verdict(both), verdict(both, lone), verdict(`${witnesses}quorum ed\n`, lone), verdict(`least log.example 301 ${root}\n`),
      verdict(`least log.example 300 ${root}\n`), verdict(`least log.example 300 ${toBase64(leafHash(0))}\n`),
      verdict(both, { ...proof, note: { ...note, signatures: note.signatures.slice(1) } }),
    ])).toEqual([true, false, true, false, true, false, false]);
    const stranger = await seededSigner('other.example', 'other');
    const elsewhere = await parsePolicy(nodeVerifying, toUtf8(policyText(stranger)));
    expect(await verifyTlogProof(nodeVerifying, proof, leafHash(77), elsewhere)).toMatchObject({ ok: null });
    expect(await verifyTlogProof(nodeVerifying, proof, leafHash(76), elsewhere)).toMatchObject({ ok: false });
  });

  test('that is not spelt to the letter names its line', () => {
    for (const [bad, line] of [
      ['', 1], ['c2sp.org/tlog-proof@v1\n', 1], [whole.replace('@v1', '@v2'), 1], [whole.replace('extra ', 'extra  '), 2],
      [whole.replace(/extra .*\n/, 'extra \n'), 2], [whole.replace('extra', 'Extra'), 2], [whole.replace('index 77', 'index 077'), 3],
      [whole.replace('index 77', 'index -1'), 3], [whole.replace('index 77', 'index 77 '), 3], [whole.replace('index 77', 'index'), 3],
      [whole.replace('index 77', 'index 9007199254740993'), 3], [whole.replace('index 77\n', 'index 77\nAAAA\n'), 4],
      [whole.replace('index 77\n', `index 77\n${`${toBase64(log.root)}\n`.repeat(60)}`), 67],
      [whole.replace('index 77\n', `index 77\n${`${toBase64(log.root)}\n`.repeat(5000)}`), 67],
      [whole.replaceAll('\n', '\r\n'), 1], [whole.slice(0, -1), 14], [whole.replace('\n300\n', '\n0300\n'), 14],
      [whole.replace('\n300\n', '\n9223372036854775807\n'), 14], [`\ufeff${whole}`, 1], ['x'.repeat(maxProofBytes + 1), 1],
    ] as const) {
      try {
        parseTlogProof(toUtf8(bad));
        throw new Error(`was read: ${bad.slice(0, 200)}`);
      } catch (error) {
        expect(error, bad.slice(0, 200)).toBeInstanceOf(ProofError);
        expect(error).toMatchObject({ line });
      }
    }
    expect(() => parseTlogProof(new Uint8Array([0xff]))).toThrow(/UTF-8/);
  });

  test('with any one byte flipped is refused or fails, but for its extra line and signatures of strangers', async () => {
    const policy = await policyOf(`${witnesses}group both all ed pq\nquorum both\n`);
    const bytes = Buffer.from(whole);
    const [from, to] = [whole.indexOf('extra '), whole.indexOf('index 77')];
    const step = 1 + Math.floor(bytes.length / 400);
    for (let at = 0; at < bytes.length; at += at < 1200 ? 1 : step) {
      const flipped = Buffer.from(bytes);
      flipped[at] = (bytes[at] ?? 0) ^ (1 << (at % 7));
      let ok: boolean | null = false;
      try {
        ok = (await verifyTlogProof(nodeVerifying, parseTlogProof(flipped), leafHash(77), policy)).ok;
      } catch (error) {
        if (!(error instanceof ProofError)) throw error;
      }
      if (at < from || at >= to) expect(ok, `byte ${at}`).not.toBe(true);
    }
  });
});

test('whatever is read is spelt back to the same bytes, and nothing but a ProofError comes of the rest', () => {
  const piece = fc.constantFrom(
    ...whole.split('\n').map((line) => `${line}\n`), '\n', 'index 0\n', 'extra \n', '\n\n', 'c2sp.org/tlog-proof@v1\n', ' ', 'é',
  );
  const cuts = fc.tuple(fc.nat(whole.length), fc.nat(whole.length), fc.string({ maxLength: 3 }))
    .map(([a, b, put]) => whole.slice(0, Math.min(a, b)) + put + whole.slice(Math.max(a, b)));
  fc.assert(fc.property(fc.oneof(fc.array(piece, { maxLength: 20 }).map((parts) => parts.join('')), cuts), (input) => {
    try {
      expect(formatTlogProof(parseTlogProof(toUtf8(input)))).toBe(input);
    } catch (error) {
      expect(error).toBeInstanceOf(ProofError);
    }
  }), { numRuns: 1500 });
});
