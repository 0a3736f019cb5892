import { describe, expect, test } from 'vitest';
import { toUtf8 } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { parsePolicy } from '#kit/note/policy';
import { nodeVerifier, policyText, sampleBundle, sampleEntry, sampleLog, seededNumbers, seededSigner } from './testing.ts';
import { verifyBundle } from './verify.ts';

/** All of them in the full check. */
const flips = process.env['FULL'] === 'yes' ? 2000 : process.env['TIER'] === 'ci' ? 600 : 200;
const signer = await seededSigner('log.example', 'flip');
const log = sampleLog(Array.from({ length: 10_000 }, (_, i) => sampleEntry(i)));
const bundle = await sampleBundle({ log, signer });
const policy = await parsePolicy(nodeVerifying, toUtf8(policyText(signer)));

/** Flips one byte, verifies, and flips it back. */
async function flipAt(at: number, mask: number): Promise<void> {
  const was = bundle[at] ?? 0;
  bundle[at] = was ^ mask;
  const verdict = await verifyBundle([bundle], policy, nodeVerifier);
  bundle[at] = was;
  if (verdict.verdict !== 'failed') throw new Error(`byte ${at} ^ ${mask}: ${verdict.verdict}`);
  const { place } = verdict;
  // The place named holds the byte: an entry, a tile, the checkpoint, the edge or the seal.
  if (at < place.offset || at > place.offset + place.length) {
    throw new Error(`byte ${at} ^ ${mask} is named as ${JSON.stringify(place)}: ${verdict.why}`);
  }
  const line = bundle.toString('utf8', bundle.lastIndexOf(10, at - 1) + 1, at + 1);
  const [, index] = /^(?:leaf|fact) ([0-9]+) ./.exec(line) ?? [];
  if (index !== undefined && bundle[at] !== 10) expect(place.entry).toBe(Number(index));
}

describe('a bundle of 10,000 facts', () => {
  test('passes untouched, twice', async () => {
    for (let i = 0; i < 2; i++) {
      expect(await verifyBundle([bundle], policy, nodeVerifier)).toMatchObject({ verdict: 'verified' });
    }
  });

  test.each([0, 1, 2, 3])('fails at random places where a byte is flipped, and names each (part %i of 4)', async (part) => {
    const next = seededNumbers(`flips ${part}`);
    for (let i = 0; i < flips / 4; i++) await flipAt(next(bundle.length), 1 + next(255));
  });

  test('passes in chunks of any size, and fails where it is cut in its seal', async () => {
    for (const chunk of [7, 1000, 65_536]) {
      const parts = (function* cut() {
        for (let at = 0; at < bundle.length; at += chunk) yield bundle.subarray(at, at + chunk);
      })();
      expect(await verifyBundle(parts, policy, nodeVerifier)).toMatchObject({ verdict: 'verified' });
    }
    const seal = bundle.indexOf('entente-ledger-bundle-end');
    for (let at = seal - 3; at < bundle.length; at += 11) {
      expect(await verifyBundle([bundle.subarray(0, at)], policy, nodeVerifier)).toMatchObject({ verdict: 'failed' });
    }
    expect(await verifyBundle([bundle, toUtf8('\n')], policy, nodeVerifier)).toMatchObject({ verdict: 'failed' });
  });

  test('fails at every byte of its head and of its seal', async () => {
    const head = bundle.indexOf('edge ');
    const seal = bundle.indexOf('entente-ledger-bundle-end');
    for (let at = 0; at < head; at++) await flipAt(at, 1);
    for (let at = seal; at < bundle.length; at += 29) await flipAt(at, 1);
  });
});
