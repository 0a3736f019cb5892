import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { toHex, toUtf8 } from '#kit/encoding';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { inclusionProof } from '#kit/merkle/proofs';
import { cosign, cosignatureType, formatVkey } from '#kit/note/note';
import { parsePolicy } from '#kit/note/policy';
import { nodeVerifier, policyText, sampleBundle, sampleEntry, sampleLog, seededSigner } from './testing.ts';
import { verifyBundle } from './verify.ts';

const file = (name: string): Promise<Buffer> =>
  readFile(fileURLToPath(new URL(`../../../docs/specs/vectors/${name}`, import.meta.url)));

/** The vectors, from seeds that stand in this file. */
async function made(): Promise<Record<string, string>> {
  const signer = await seededSigner('log.example', 'vector log');
  const witness = await seededSigner('witness.example', 'vector witness', cosignatureType);
  const log = sampleLog([0, 1, 2].map(sampleEntry));
  const more = async (text: string) => [await cosign(text, witness, 1_769_904_000n)];
  const bundle = await sampleBundle({ log, signer, more });
  const steps = {
    logKey: formatVkey(signer.key),
    root: toHex(log.root),
    leaves: log.entries.map(({ leaf, salt, text }) => ({
      leaf, leafHash: toHex(nodeTreeHash.leaf(toUtf8(leaf))), salt: toHex(salt), text,
    })),
    inclusionOf1: (await inclusionProof(nodeTreeHash, 1, 3, log.readTile)).map(toHex),
  };
  return {
    'ledger-3.bundle': bundle.toString(),
    'ledger-3.policy': policyText(signer, `witness w ${formatVkey(witness.key)}\nquorum w\n`),
    'ledger-3.json': `${JSON.stringify(steps, null, 2)}\n`,
  };
}

test('the vectors in docs/specs are what the code makes, byte for byte, and verify', async () => {
  const vectors = await made();
  for (const [name, text] of Object.entries(vectors)) expect((await file(name)).toString(), name).toBe(text);
  const policy = await parsePolicy(nodeVerifying, await file('ledger-3.policy'));
  expect(await verifyBundle([await file('ledger-3.bundle')], policy, nodeVerifier)).toMatchObject({
    verdict: 'verified', signedBy: ['log.example', 'witness.example'], figures: { size: 3, openings: 2 },
  });
});

test('any byte of the small bundle that is flipped fails it, also where no key of the witness is known', async () => {
  const bundle = await file('ledger-3.bundle');
  const whole = await parsePolicy(nodeVerifying, await file('ledger-3.policy'));
  const policies = [whole, { ...whole, witnesses: [], quorum: { kind: 'none' as const } }];
  for (const policy of policies) {
    expect((await verifyBundle([bundle], policy, nodeVerifier)).verdict).toBe('verified');
    for (let at = 0; at < bundle.length; at++) {
      const changed = Buffer.from(bundle);
      changed[at] = (bundle[at] ?? 0) ^ (1 << (at % 8));
      const verdict = await verifyBundle([changed], policy, nodeVerifier);
      if (verdict.verdict !== 'failed') throw new Error(`byte ${at}: ${verdict.verdict}`);
      const { offset, length } = verdict.place;
      if (at < offset || at > offset + length) throw new Error(`byte ${at}: ${verdict.place.what}: ${verdict.why}`);
    }
  }
});

test('bundles of every size up to 300 and at the borders of tiles verify; one of none does too', async () => {
  const signer = await seededSigner('log.example', 'sizes');
  const policy = await parsePolicy(nodeVerifying, toUtf8(policyText(signer)));
  const entries = Array.from({ length: 66_000 }, (_, i) => sampleEntry(i % 300));
  const sizes = [...Array.from({ length: 30 }, (_, i) => i * 10), 1, 255, 256, 257, 511, 512, 513, 65_535, 65_537];
  for (const size of sizes) {
    const bundle = await sampleBundle({ log: sampleLog(entries.slice(0, size)), signer, reader: 'nobody' });
    expect(await verifyBundle([bundle], policy, nodeVerifier)).toMatchObject({ verdict: 'verified', figures: { size } });
  }
});
