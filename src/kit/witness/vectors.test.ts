import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { policyText, sampleEntry, sampleLog, seededSigner } from '#kit/bundle/testing';
import { toHex, toUtf8 } from '#kit/encoding';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { consistencyProof, inclusionProof } from '#kit/merkle/proofs';
import { formatCheckpoint } from '#kit/note/checkpoint';
import { cosignedMessage, subtreeMessage } from '#kit/note/cosignature';
import { cosignSubtree, cosignatureType, formatNote, formatSignature, formatVkey, mlDsaType, parseSignature, signNote } from '#kit/note/note';
import { parsePolicy } from '#kit/note/policy';
import { formatTlogProof, parseTlogProof, verifyTlogProof } from '#kit/note/proof';
import { formatAddCheckpoint, parseAddCheckpoint } from './add-checkpoint.ts';
import { readWitnessAnswer } from './answer.ts';
import { cosignatureLines, decideAddCheckpoint } from './decide.ts';

const file = (name: string): Promise<Buffer> =>
  readFile(fileURLToPath(new URL(`../../../docs/specs/vectors/${name}`, import.meta.url)));

const signer = await seededSigner('log.example', 'vector log');
const ed = await seededSigner('ed.witness.example', 'vector witness', cosignatureType);
const pq = await seededSigner('pq.witness.example', 'vector witness', mlDsaType);
const log = sampleLog([0, 1, 2].map(sampleEntry));
const time = 1_769_904_000n;

/** The vectors, from seeds that stand in this file. */
async function made(): Promise<Record<string, string>> {
  const text = formatCheckpoint({ origin: 'log.example', size: 3, root: log.root });
  const note = await signNote(text, [signer]);
  const answer = await cosignatureLines(text, [ed, pq], time);
  const cosigned = { text, signatures: [...note.signatures, ...answer.trimEnd().split('\n').map(parseSignature).filter((l) => l !== null)] };
  const request = formatAddCheckpoint(2, await consistencyProof(nodeTreeHash, 2, 3, log.readTile), toUtf8(formatNote(note)));
  const proof = { extra: toUtf8('entry 1'), index: 1, hashes: await inclusionProof(nodeTreeHash, 1, 3, log.readTile), note: cosigned };
  const subtree = { origin: 'log.example', start: 2, end: 3, hash: nodeTreeHash.leaf(toUtf8(log.entries[2]?.leaf ?? '')) };
  const whole = { origin: 'log.example', start: 0, end: 3, hash: log.root };
  const steps = {
    time: Number(time),
    keys: [signer, ed, pq].map(({ key }) => formatVkey(key)),
    cosignedEd25519: toHex(cosignedMessage(time, text)),
    cosignedMlDsa44: toHex(subtreeMessage(pq.key.name, time, whole) ?? new Uint8Array()),
    subtree: { ...subtree, hash: toHex(subtree.hash), message: toHex(subtreeMessage(pq.key.name, 0n, subtree) ?? new Uint8Array()) },
    subtreeCosignature: formatSignature(await cosignSubtree(subtree, pq)),
  };
  return {
    'cosigned-3.tlog-proof': formatTlogProof(proof),
    'cosigned-3.policy':
      policyText(signer, `witness ed ${formatVkey(ed.key)}\nwitness pq ${formatVkey(pq.key)}\ngroup both all ed pq\nquorum both\n`),
    'cosigned-3.add-checkpoint': Buffer.from(request).toString(),
    'cosigned-3.answer': answer,
    'cosigned-3.json': `${JSON.stringify(steps, null, 2)}\n`,
  };
}

test('the vectors of proof, cosignatures and witness are what the code makes, byte for byte, and verify', async () => {
  const vectors = await made();
  for (const [name, text] of Object.entries(vectors)) expect((await file(name)).toString(), name).toBe(text);
  const policy = await parsePolicy(nodeVerifying, await file('cosigned-3.policy'));
  const leafHash = nodeTreeHash.leaf(toUtf8(log.entries[1]?.leaf ?? ''));
  const proof = parseTlogProof(await file('cosigned-3.tlog-proof'));
  expect(await verifyTlogProof(nodeVerifying, proof, leafHash, policy)).toMatchObject({ ok: true });
  const request = parseAddCheckpoint(await file('cosigned-3.add-checkpoint'));
  if (typeof request === 'string') throw new Error(request);
  const two = { size: 2, root: sampleLog(log.entries.slice(0, 2)).root };
  expect(await decideAddCheckpoint(nodeVerifying, request, policy.logs, two)).toMatchObject({ status: 200, next: { size: 3 } });
  const answer = { status: 200, contentType: null, body: await file('cosigned-3.answer') };
  expect(await readWitnessAnswer(nodeVerifying, answer, request.note.text, policy.witnesses)).toMatchObject({ kind: 'cosigned', time });
});
