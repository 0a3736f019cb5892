import fc from 'fast-check';
import { expect, test } from 'vitest';
import { policyText, sampleEntry, sampleLog, seededSigner } from '#kit/bundle/testing';
import { toUtf8 } from '#kit/encoding';
import { nodeTreeHash as tree, nodeVerifying } from '#kit/hash/node';
import { inclusionProof } from '#kit/merkle/proofs';
import { formatCheckpoint } from '#kit/note/checkpoint';
import { formatNote, signNote } from '#kit/note/note';
import { parsePolicy } from '#kit/note/policy';
import { SampleError, drawnIndices, formatSample, openedKind, parseSample, verifySample } from './sample.ts';
import type { SampleEntry, SampleVerdict } from './sample.ts';

const signer = await seededSigner('log.example', 'sampled');
const policy = await parsePolicy(nodeVerifying, toUtf8(policyText(signer, 'quorum none\n')));
const log = sampleLog(Array.from({ length: 400 }, (_, i) => sampleEntry(i)));
const text = formatCheckpoint({ origin: 'log.example', size: 400, root: log.root });
const note = formatNote(await signNote(text, [signer]));

async function entryAt(index: number, open: boolean): Promise<SampleEntry> {
  const { leaf = '', salt = new Uint8Array(0), text: fact = '' } = log.entries[index] ?? {};
  return { index, leaf, hashes: await inclusionProof(tree, index, 400, log.readTile), opening: open ? { salt, text: fact } : null };
}
const sampleOf = async (indices: readonly number[], open = (_: number) => true): Promise<string> =>
  formatSample(note, await Promise.all(indices.map((index, i) => entryAt(index, open(i)))));
const judge = (file: string): Promise<SampleVerdict> => verifySample(tree, nodeVerifying, parseSample(toUtf8(file)), policy);

const drawn = drawnIndices(tree.sha256, text, 400, 20);

test('the checkpoint draws, and draws evenly', () => {
  expect(new Set(drawn).size).toBe(20);
  expect(drawnIndices(tree.sha256, text, 400, 20)).toEqual(drawn);
  expect(drawnIndices(tree.sha256, text, 400, 5)).toEqual(drawn.slice(0, 5));
  expect(drawnIndices(tree.sha256, `${text}x\n`, 400, 20)).not.toEqual(drawn);
  expect(drawnIndices(tree.sha256, text, 7, 20).sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 400; i++) for (const index of drawnIndices(tree.sha256, `${i}`, 10, 1)) counts[index] = (counts[index] ?? 0) + 1;
  // 40 each is expected; five standard deviations are 30.
  expect(Math.min(...counts)).toBeGreaterThan(10);
  expect(Math.max(...counts)).toBeLessThan(70);
});

test('a sample verifies, says what was opened and what was kept closed', async () => {
  expect(await judge(await sampleOf(drawn))).toEqual({ verdict: 'verified', origin: 'log.example', size: 400, opened: 20, closed: [] });
  expect(await judge(await sampleOf(drawn, (i) => i !== 3))).toMatchObject({ opened: 19, closed: [drawn[3]] });
  expect(await judge(formatSample(note, []))).toMatchObject({ verdict: 'verified', opened: 0 });
  const other = await parsePolicy(nodeVerifying, toUtf8(policyText(await seededSigner('x.example', 'x'), 'quorum none\n')));
  expect(await verifySample(tree, nodeVerifying, parseSample(toUtf8(await sampleOf(drawn))), other)).toMatchObject({ verdict: 'undecided' });
});

test('leaves of one’s own choice, left out, or in another order are refused', async () => {
  for (const chosen of [[...drawn.slice(1), drawn[0] ?? 0], drawn.slice(1), drawn.map((i) => (i + 1) % 400), [drawn[0] ?? 0, drawn[0] ?? 0]]) {
    expect(await judge(await sampleOf(chosen))).toMatchObject({ verdict: 'failed' });
  }
});

test('a trail is leaves of one’s own choice, each once and in the order of the log', async () => {
  const trailOf = async (indices: readonly number[], open = (_: number) => true): Promise<string> =>
    formatSample(note, await Promise.all(indices.map((index, i) => entryAt(index, open(i)))), 'trail');
  const chosen = [3, 4, 17, 399];
  expect(openedKind(await trailOf(chosen))).toBe('trail');
  expect(await judge(await trailOf(chosen))).toEqual({ verdict: 'verified', origin: 'log.example', size: 400, opened: 4, closed: [] });
  expect(await judge(await trailOf(chosen, (i) => i !== 1))).toMatchObject({ verdict: 'verified', opened: 3, closed: [4] });
  expect(await judge(await trailOf([]))).toMatchObject({ verdict: 'verified', opened: 0 });
  for (const wrong of [[4, 3], [3, 3]]) expect(await judge(await trailOf(wrong))).toMatchObject({ verdict: 'failed' });
  // What is opened is the leaf's own: another's opening, and a trail that is called a sample, are refused.
  const [one, other] = [await entryAt(3, true), await entryAt(4, true)];
  expect(await judge(formatSample(note, [{ ...one, opening: other.opening }], 'trail'))).toMatchObject({ verdict: 'failed' });
  expect(await judge((await trailOf(chosen)).replace('entente-opened-trail/v1', 'entente-ledger-sample/v1'))).toMatchObject({ verdict: 'failed' });
  const said = (await trailOf(chosen)).replace('\n4\n', '\n3\n');
  expect(() => parseSample(toUtf8(said))).toThrow(/more than the 3 leaves/);
});

test('any byte that is changed is noticed, or is one of a signature by nobody we know', async () => {
  const whole = Buffer.from(await sampleOf(drawn.slice(0, 4)));
  await fc.assert(fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
    const bytes = new Uint8Array(whole);
    bytes[at] = (bytes[at] ?? 0) ^ flip;
    const verdict = await Promise.resolve().then(() => verifySample(tree, nodeVerifying, parseSample(bytes), policy)).catch((error: unknown) => {
      if (error instanceof SampleError) return { verdict: 'failed' };
      throw error;
    });
    expect(verdict.verdict).not.toBe('verified');
  }), { numRuns: 300 });
});

test('whatever is read ends in a sample or in a line that is named', () => {
  const whole = Buffer.from(formatSample(note, []));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(whole.length), (bytes, cut) => {
    for (const hostile of [bytes, Buffer.concat([whole.subarray(0, cut), bytes]), Buffer.concat([whole, bytes])]) {
      try {
        parseSample(hostile);
      } catch (error) {
        if (!(error instanceof SampleError) || !(error.line >= 1)) throw error;
      }
    }
  }), { numRuns: 400 });
});
