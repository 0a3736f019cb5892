import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleEntry, sampleLog, seededSigner } from '#kit/bundle/testing';
import { fromBase64, toBase64, toUtf8 } from '#kit/encoding';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { consistencyProof } from '#kit/merkle/proofs';
import { formatCheckpoint } from '#kit/note/checkpoint';
import { cosignatureType, formatNote, mlDsaType, signNote, verifyNote } from '#kit/note/note';
import type { NoteSigner, SignatureLine } from '#kit/note/note';
import { formatAddCheckpoint, maxRequestBytes, parseAddCheckpoint } from './add-checkpoint.ts';
import { readWitnessAnswer } from './answer.ts';
import type { WitnessAnswer } from './answer.ts';
import { cosignatureLines, decideAddCheckpoint, malformed } from './decide.ts';
import type { Decision, KnownHead } from './decide.ts';

const entries = Array.from({ length: 300 }, (_, i) => sampleEntry(i));
const logAt = (size: number) => sampleLog(entries.slice(0, size));
const signer = await seededSigner('log.example', 'witnessed');
const next = await seededSigner('log.example', 'rotated key');
const cosigners = [await seededSigner('w.example/ed', 'we', cosignatureType), await seededSigner('w.example/pq', 'wp', mlDsaType)];
const head = (size: number): KnownHead => ({ size, root: new Uint8Array(logAt(size).root) });
const text = (size: number, root = logAt(size).root): string => formatCheckpoint({ origin: 'log.example', size, root });
const note = async (size: number, signers: readonly NoteSigner[] = [signer], root?: Uint8Array): Promise<string> =>
  formatNote(await signNote(text(size, root), signers));
const proof = (from: number, to: number) => consistencyProof(nodeTreeHash, from, to, logAt(to).readTile);

async function decided(
  body: Uint8Array, state: KnownHead | null, keys = [signer.key, next.key],
): Promise<Decision> {
  const request = parseAddCheckpoint(body);
  return typeof request === 'string' ? malformed(request) : decideAddCheckpoint(nodeVerifying, request, keys, state);
}

const ask = async (from: number, to: number, checkpoint?: string, hashes?: readonly Uint8Array[]): Promise<Uint8Array> =>
  formatAddCheckpoint(from, hashes ?? await proof(from, to), toUtf8(checkpoint ?? await note(to)));

describe('a witness', () => {
  test.each([
    [null, 0, 0], [null, 0, 1], [null, 0, 300], [0, 0, 300], [1, 1, 2], [255, 255, 256], [256, 256, 257], [7, 7, 300], [300, 300, 300],
  ])('that is at %s cosigns %i to %i and keeps the new head', async (at, from, to) => {
    const decision = await decided(await ask(from, to), at === null ? null : head(at));
    expect(decision).toEqual({ status: 200, next: head(to), text: text(to) });
  });

  const cases: readonly [string, number, KnownHead | null, () => Promise<Uint8Array>][] = [
    ['an old size above the checkpoint', 400, head(9), () => ask(9, 7, undefined, [])],
    ['no signature of a key it trusts', 403, null, async () => ask(0, 7, await note(7, [await seededSigner('log.example', 'x')]))],
    ['a wrong signature by a key it trusts', 403, null, async () => ask(0, 7, (await note(7)).replace('\n7\n', '\n8\n'))],
    ['one right and one wrong signature by keys it trusts', 403, null, async () => {
      const other = (await signNote(text(8), [next])).signatures;
      return ask(0, 7, formatNote({ text: text(7), signatures: [...(await signNote(text(7), [signer])).signatures, ...other] }));
    }],
    ['an old size that it is past', 409, head(9), () => ask(7, 300)],
    ['an old size that it has not reached', 409, head(6), () => ask(7, 300)],
    ['a first request that is not the first', 409, head(9), () => ask(0, 300)],
    ['an old size where it knows nothing', 409, null, () => ask(7, 300)],
    ['a proof of another tree', 422, head(7), async () => ask(7, 300, undefined, await proof(8, 300))],
    ['a proof that lacks a hash', 422, head(7), async () => ask(7, 300, undefined, (await proof(7, 300)).slice(1))],
    ['a proof that has a hash too many', 422, head(7), async () => ask(7, 300, undefined, [...await proof(7, 300), head(1).root])],
    ['a proof from nothing', 422, null, () => ask(0, 300, undefined, [head(1).root])],
    ['a proof between equal sizes', 422, head(300), () => ask(300, 300, undefined, [head(1).root])],
    ['another root at the size it cosigned', 422, head(300), async () => ask(300, 300, await note(300, [signer], head(3).root), [])],
    ['an empty tree with a root', 422, null, async () => ask(0, 0, await note(0, [signer], head(3).root), [])],
    ['a fork', 422, head(7), async () => ask(7, 300, await note(300, [signer], head(299).root))],
  ];
  test.each(cases)('answers %s with %i', async (_, status, state, body) => {
    expect(await decided(await body(), state)).toMatchObject({ status });
  });

  test('says its size in a conflict, tells forks apart, and knows only its origins', async () => {
    expect(await decided(await ask(7, 300), head(9)))
      .toEqual({ status: 409, contentType: 'text/x.tlog.size', body: '9\n', fork: false });
    expect(await decided(await ask(0, 300, undefined, []), head(0))).toMatchObject({ status: 200 });
    expect(await decided(await ask(0, 300), null, [])).toMatchObject({ status: 404 });
    expect(await decided(await ask(300, 300, await note(300, [signer], head(3).root), []), head(300))).toMatchObject({ fork: true });
    expect(await decided(await ask(7, 300, undefined, []), head(7))).toMatchObject({ status: 422, fork: false });
  });

  test('takes a checkpoint that an old and a new key of the log have signed, or one of them, with lines of strangers', async () => {
    const stranger = await seededSigner('stranger.example', 'stranger');
    for (const signers of [[signer, next], [next], [stranger, next, stranger]]) {
      expect(await decided(await ask(0, 7, await note(7, signers)), null)).toMatchObject({ status: 200 });
    }
  });

  test('refuses what is not a request with 400, and says which line', async () => {
    const good = Buffer.from(await ask(7, 300)).toString();
    const hash = `${toBase64(head(1).root)}\n`;
    for (const [bad, why] of [
      ['', /empty line/], ['old 7', /empty line/], [good.replace('old 7', 'old 07'), /line 1/], [good.replace('old 7', 'old -7'), /line 1/],
      [good.replace('old 7', 'Old 7'), /line 1/], [good.replace('old 7', 'old 7 '), /line 1/], [good.replace('old 7', 'old'), /line 1/],
      [good.replace('old 7', 'old 9223372036854775807'), /2\^53/], [good.replace('\n', '\nAAAA\n'), /line 2/],
      [good.replace('\n', `\n${hash.repeat(60)}`), /63/], [good.replace('\n', '\n\n'), /the checkpoint/], [good.slice(0, -1), /signed note/],
      [good.replace('\n300\n', '\n0300\n'), /the checkpoint: line 2/], [good.replaceAll('\n', '\r\n'), /empty line/],
      [good.replace('\n300\n', '\n18446744073709551615\n'), /2\^53/], [`${'A'.repeat(maxRequestBytes)}\n`, /bytes/],
    ] as const) {
      const decision = await decided(toUtf8(bad), null);
      expect(decision, bad.slice(0, 90)).toMatchObject({ status: 400, contentType: 'text/plain; charset=utf-8' });
      expect('body' in decision && decision.body).toMatch(why);
    }
    expect(await decided(new Uint8Array([0xff]), null)).toMatchObject({ status: 400 });
  });

  test('decides again when another head was stored meanwhile, so that two requests cannot roll it back', async () => {
    const [a, b] = [await ask(7, 100), await ask(7, 300)];
    expect([await decided(a, head(7)), await decided(b, head(7))]).toMatchObject([{ status: 200 }, { status: 200 }]);
    // B was stored; A's store finds another head than it read and comes back.
    expect(await decided(a, head(300))).toMatchObject({ status: 409, body: '300\n' });
  });
});

describe('a log', () => {
  const keys = cosigners.map(({ key }) => key);
  const answer = (status: number, body: string, contentType: string | null = 'text/plain'): Promise<WitnessAnswer> =>
    readWitnessAnswer(nodeVerifying, { status, contentType, body: toUtf8(body) }, text(300), keys);

  test('takes the cosignatures of a witness that verify, and puts them under its checkpoint', async () => {
    const body = await cosignatureLines(text(300), cosigners, 99n);
    const stranger = await cosignatureLines(text(300), [await seededSigner('s.example', 's', cosignatureType)], 5n);
    const got = await answer(200, stranger + body);
    if (got.kind !== 'cosigned') throw new Error(got.kind);
    expect([got.lines.length, got.time]).toEqual([2, 99n]);
    const lines: readonly SignatureLine[] = got.lines;
    expect(await verifyNote(nodeVerifying, { text: text(300), signatures: lines }, keys)).toMatchObject({ ok: true, by: keys });
    await expect(cosignatureLines(text(300), cosigners, 0n)).rejects.toThrow(/time/);
  });

  test('learns the size in a conflict, and refuses every other answer', async () => {
    for (const type of ['text/x.tlog.size', 'Text/X.tlog.size; charset=utf-8']) {
      expect(await answer(409, '299\n', type)).toEqual({ kind: 'conflict', size: 299 });
    }
    const other = await cosignatureLines(text(299), cosigners, 99n);
    const good = await cosignatureLines(text(300), cosigners, 99n);
    const timeless = good.split('\n').map((line) => {
      const [dash, name, raw = ''] = line.split(' ');
      const bytes = fromBase64(raw);
      bytes?.fill(0, 4, 12);
      return bytes && `${dash} ${name} ${toBase64(bytes)}\n`;
    }).join('');
    for (const [status, body, type] of [
      [200, '', null], [200, 'yes\n', null], [200, good.slice(0, -1), null], [200, other, null], [200, good.repeat(33), null],
      [200, await cosignatureLines(text(300), [await seededSigner('s.example', 's', cosignatureType)], 5n), null],
      [200, timeless, null], [409, '299', 'text/x.tlog.size'], [409, '0299\n', 'text/x.tlog.size'], [409, '299\n', 'text/plain'],
      [409, '299\n', null], [403, 'no\n', null], [404, '', null], [500, 'x'.repeat(2_000_000), null], [302, good, null],
    ] as const) expect(await answer(status, body, type), `${status} ${body.slice(0, 40)}`).toMatchObject({ kind: 'refused', status });
  });
});

test('a request is read to the same bytes it was written from, and nothing else is read', async () => {
  const good = Buffer.from(await ask(7, 300)).toString();
  const cuts = fc.tuple(fc.nat(good.length), fc.nat(good.length), fc.constantFrom('', '\n', '\n\n', 'old 1', 'A', '— ', '\r'))
    .map(([a, b, put]) => good.slice(0, Math.min(a, b)) + put + good.slice(Math.max(a, b)));
  fc.assert(fc.property(cuts, (input) => {
    const read = parseAddCheckpoint(toUtf8(input));
    if (typeof read === 'string') return;
    expect(Buffer.from(formatAddCheckpoint(read.oldSize, read.proof, toUtf8(formatNote(read.note)))).toString()).toBe(input);
  }), { numRuns: 1000 });
  expect(() => formatAddCheckpoint(1, Array.from({ length: 64 }, () => new Uint8Array(32)), toUtf8(''))).toThrow(/63/);
});
