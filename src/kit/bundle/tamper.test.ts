import { expect, test } from 'vitest';
import { toBase64, toUtf8 } from '#kit/encoding';
import { nodeDigest, nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { formatCheckpoint, parseCheckpoint } from '#kit/note/checkpoint';
import { formatNote, parseNote, signNote } from '#kit/note/note';
import type { NoteSigner } from '#kit/note/note';
import { parsePolicy } from '#kit/note/policy';
import { commitmentOf, formatLeaf, parseLeaf } from './leaf.ts';
import { formatSeal } from './plan.ts';
import {
  nodeVerifier, policyText, sampleBundle, sampleCheckpoint, sampleEntry, sampleLog, seededNumbers, seededSigner,
} from './testing.ts';
import type { SampleEntry } from './testing.ts';
import { verifyBundle } from './verify.ts';
import type { BundleVerdict } from './verify.ts';

/**
 * The attacker holds the whole bundle with every opening and salt, and recomputes commitments, leaves, tiles, root and
 * digests as he likes. What he has not is the log's key: he keeps old signatures, or signs with a key of his own.
 */
const size = 10_000;
/** All 500 where PostgreSQL is tested too; a fifth on any clone. */
const perKind = process.env['FULL'] === 'yes' ? 50 : process.env['TIER'] === 'ci' ? 20 : 6;
const signer = await seededSigner('log.example', 'tamper');
const stolen = await seededSigner('log.example', 'thief');
/** Signs with his own key in the name of the log's. */
const thief: NoteSigner = { key: signer.key, sign: stolen.sign };
const log = sampleLog(Array.from({ length: size }, (_, i) => sampleEntry(i)));
const original = await sampleBundle({ log, signer });
const least = `least log.example ${size} ${toBase64(log.root)}\n`;
const policy = await parsePolicy(nodeVerifying, toUtf8(policyText(signer, least)));
const genuine = {
  checkpoint: await sampleCheckpoint({ log, signer }),
  seal: parseNote(original.subarray(original.indexOf('entente-ledger-bundle-end')))?.signatures[0]?.signature
    ?? new Uint8Array(0),
};

const verdictOf = (bytes: Uint8Array): Promise<BundleVerdict> => verifyBundle([bytes], policy, nodeVerifier);

/** A bundle over forged entries, sealed and signed as well as one can without the key. */
async function forge(entries: readonly SampleEntry[], how: number): Promise<Buffer> {
  const forged = sampleLog(entries);
  const oldSeal: NoteSigner = { key: signer.key, sign: () => genuine.seal };
  if (how % 3 === 0) {
    // The genuine checkpoint over a forged tree: it says 10,000, so the writer needs as many.
    const padded = entries.length === size ? forged : sampleLog([...entries, ...log.entries].slice(0, size));
    return sampleBundle({ log: padded, signer: oldSeal, checkpoint: genuine.checkpoint });
  }
  const text = formatCheckpoint({ origin: 'log.example', size: entries.length, root: forged.root });
  const note = parseNote(genuine.checkpoint);
  if (how % 3 === 1) {
    const checkpoint = toUtf8(formatNote({ text, signatures: note?.signatures ?? [] }));
    return sampleBundle({ log: forged, signer: oldSeal, checkpoint });
  }
  const own = stolen;
  const checkpoint = toUtf8(formatNote(await signNote(text, [how % 2 ? thief : own])));
  return sampleBundle({ log: forged, signer: how % 2 ? thief : own, checkpoint });
}

/** The original with some lines replaced, and a seal that fits as well as one can. */
async function edited(change: (lines: string[]) => string[], seal: NoteSigner): Promise<Buffer> {
  const lines = original.toString().split('\n');
  const sealAt = lines.indexOf('entente-ledger-bundle-end/v1');
  const body = Buffer.from(`${change(lines.slice(0, sealAt)).join('\n')}\n`);
  const digest = nodeDigest();
  digest.update(body);
  const openings = body.toString().split('\nfact ').length - 1;
  const text = formatSeal({
    origin: 'log.example', size, openings, reader: 'org_centre', at: '2026-02-01T00:00:00.000Z',
    digest: toBase64(digest.digest()),
  });
  return Buffer.concat([body, toUtf8(formatNote(await signNote(text, [seal])))]);
}

/** The fact rewritten, with a commitment and leaf to match. */
function rewritten(entry: SampleEntry): SampleEntry {
  const text = entry.text.replace(/"number":\d+/, '"number":31337');
  const leaf = parseLeaf(entry.leaf);
  if (!leaf) throw new Error('no leaf');
  const commitment = commitmentOf(nodeTreeHash.sha256, entry.salt, toUtf8(text));
  return { leaf: formatLeaf({ ...leaf, commitment }), salt: entry.salt, text };
}

type Kind = (i: number, j: number, n: number) => Promise<Buffer>;
const entry = (i: number): SampleEntry => log.entries[i] ?? sampleEntry(i);
const lineOf = (lines: readonly string[], start: string): number => lines.findIndex((line) => line.startsWith(start));

const kinds: Record<string, Kind> = {
  change: (i, _, n) => forge(log.entries.with(i, rewritten(entry(i))), n),
  'change without the tree': (i) => edited((lines) => {
    const forged = rewritten(entry(i));
    return lines.with(lineOf(lines, `leaf ${i} `), `leaf ${i} ${forged.leaf}`);
  }, thief),
  drop: (i, _, n) => forge(log.entries.toSpliced(i, 1), n),
  insert: (i, _, n) => forge(log.entries.toSpliced(i, 0, sampleEntry(size + i)), n),
  swap: (i, j, n) => forge(log.entries.with(i, entry(j)).with(j, entry(i)), n),
  duplicate: (i, j, n) => forge(n % 2 ? log.entries.toSpliced(i, 0, entry(j)) : log.entries.with(i, entry(j)), n),
  'cut tail': async (i, _, n) => n % 2 ? forge(log.entries.slice(0, i), n) : original.subarray(0, i * 300),
  'older checkpoint': async (i) => sampleBundle({ log: sampleLog(log.entries.slice(0, i)), signer }),
  'other opening': (i, j, n) => edited((lines) => {
    const [even, other] = [i - (i % 2), j - (j % 2)];
    const at = lineOf(lines, `fact ${even} `);
    const from = lineOf(lines, `fact ${other} `);
    const [moved, mine] = [lines[from] ?? '', lines[at] ?? ''];
    const numbered = (line: string, index: number) => line.replace(/^fact \d+ /, `fact ${index} `);
    return lines.with(at, numbered(moved, even)).with(from, numbered(mine, other));
  }, n % 2 ? thief : { key: signer.key, sign: () => genuine.seal }),
  'dropped opening': (i, _, n) => edited((lines) =>
    lines.toSpliced(lineOf(lines, `fact ${i - (i % 2)} `), 1), n % 2 ? thief : { key: signer.key, sign: () => genuine.seal }),
};

test('the untouched bundle passes, twice, and each kind below differs from it', async () => {
  for (let i = 0; i < 2; i++) expect(await verdictOf(original)).toMatchObject({ verdict: 'verified' });
  expect(parseCheckpoint(parseNote(genuine.checkpoint)?.text ?? '')?.size).toBe(size);
});

test.each(Object.entries(kinds))('%s: each fails and names the place', async (name, kind) => {
  const next = seededNumbers(`tamper ${name}`);
  const named = new Set<string>();
  for (let n = 0; n < perKind; n++) {
    const i = 2 + next(size - 4);
    const j = (i + 2 + next(size - 4)) % size;
    const bytes = await kind(i, j, n);
    const verdict = await verdictOf(bytes);
    if (verdict.verdict !== 'failed' || bytes.equals(original)) throw new Error(`${name} ${n} at ${i}: ${verdict.verdict}`);
    const { place } = verdict;
    expect(place.offset + place.length).toBeLessThanOrEqual(bytes.length);
    expect(verdict.why).not.toBe('');
    if (name === 'change without the tree') expect(place).toMatchObject({ what: `entry ${i}`, entry: i });
    if (name === 'other opening') expect([i - (i % 2), j - (j % 2)]).toContain(place.entry);
    if (name === 'older checkpoint') expect(verdict.why).toContain('older than the least');
    named.add(place.what.replace(/\d+.*/, 'N'));
  }
  expect(named.size).toBeGreaterThan(0);
});
