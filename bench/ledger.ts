/**
 * The ledger's kernels beside golang.org/x/mod/sumdb/tlog, built in the same run and fed the same leaves: building a tree,
 * making proofs, verifying them. Both sides take turns, so that a busy machine slows both; times are CPU time of the whole
 * process, and the median of the turns is quoted. A figure is `verified` if both came to the same root and to the same
 * proofs, byte for byte, and accepted them. Then durable appends (bench/ledger/appends.ts).
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { readFileSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { toBase64 } from '#kit/encoding';
import { nodeTreeHash } from '#kit/hash/node';
import type { InclusionClaim } from '#kit/merkle/batch';
import { verifyConsistencyNow, verifyInclusionNow, verifyInclusions } from '#kit/merkle/batch';
import { hashAt, hashBytes } from '#kit/merkle/tree';
import { WholeTree } from '#kit/merkle/whole';
import type { BenchOptions, Measure } from './ingest.ts';
import { appends } from './ledger/appends.ts';
import { builtGo, hasGo } from './ledger/golang.ts';

const bench = 'ledger';
const turns = 15;
const warmUps = 10;
const proofs = 10_000;
const ranBy = promisify(execFile);

export async function* run(options: BenchOptions = {}): AsyncGenerator<Measure> {
  const scale = options.scale ?? 1;
  const leaves = Math.max(1000, Math.round(1_000_003 * scale));
  const peer = await hasGo() ? await startPeer(leaves) : null;
  try {
    yield* kernels(leaves, peer);
    yield* stream(Math.max(100_000, Math.round(100_000_000 * scale)), peer);
  } finally {
    peer?.close();
  }
  yield* appends(options);
}

interface Answer { readonly nanos: number; readonly digest: string; readonly text?: string }

interface Peer {
  readonly name: string;
  ask(word: string): Promise<Answer>;
  close(): void;
}

/** Whether the processor hashes SHA-256 itself: Go uses it, WebAssembly cannot. */
function shaNi(): string {
  try {
    return /\bsha_ni\b/.test(readFileSync('/proc/cpuinfo', 'utf8')) ? 'yes' : 'no';
  } catch {
    return 'unknown';
  }
}

async function startPeer(leaves: number): Promise<Peer> {
  const program = await builtGo(fileURLToPath(new URL('./ledger/peer', import.meta.url)));
  const child: ChildProcessByStdio<Writable, Readable, null> =
    spawn(program, [String(leaves), String(proofs)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (word: string): Promise<Answer> => {
    child.stdin.write(`${word}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`the peer ended at ${word}`);
    return JSON.parse(value) as Answer;
  };
  const { text = '' } = await ask('version');
  const [version = '', go = ''] = text.split(' ');
  return {
    name: `golang.org/x/mod ${version} sumdb/tlog, ${go}, sha_ni ${shaNi()}`, ask, close: () => { child.stdin.end(); },
  };
}

/** A full collection of garbage, before the clock runs. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

function cpuNanos(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const round = (value: number): number => Math.round(value * 1000) / 1000;

function eightBytes(i: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(i));
  return bytes;
}

/** The i-th index or size that is asked for: both sides know the same ones. */
function pick(i: number, below: number): number {
  return createHash('sha256').update(eightBytes(i)).digest().readUIntBE(0, 6) % below;
}

function digestOf(all: readonly Uint8Array[]): string {
  const digest = createHash('sha256');
  for (const proof of all) digest.update(proof);
  return digest.digest('base64');
}

interface Kernel {
  readonly measure: string;
  /** What one run of `ours` does this often. */
  readonly count: number;
  readonly word: string;
  ours(): boolean;
}

/** What each measure does, over one tree. `state` holds what a later one wants of an earlier. */
function kernelsOver(leaves: number, state: { tree: WholeTree; inclusions: Uint8Array[]; consistencies: Uint8Array[] }): Kernel[] {
  const hashes = new Uint8Array(leaves * hashBytes);
  for (let i = 0; i < leaves; i++) hashes.set(nodeTreeHash.leaf(eightBytes(i)), i * hashBytes);
  const picks = Array.from({ length: proofs }, (_, i) => pick(i, leaves));
  const older: Uint8Array[] = [];
  // Put together once, as the peer's are.
  const claims: InclusionClaim[] = [];
  const claimed = (): InclusionClaim[] => {
    if (!claims.length) picks.forEach((index, i) => claims.push({ index, leafHash: hashAt(hashes, index), proof: state.inclusions[i] ?? hashes }));
    return claims;
  };
  return [
    {
      measure: 'build-per-leaf', count: leaves, word: 'build',
      ours: () => {
        const tree = new WholeTree(nodeTreeHash);
        for (let at = 0; at < leaves; at += 4096) tree.append(hashes.subarray(at * hashBytes, (at + 4096) * hashBytes));
        state.tree = tree;
        return tree.root().length === hashBytes;
      },
    },
    {
      measure: 'proof-make', count: proofs, word: 'prove',
      ours: () => {
        state.inclusions = picks.map((index) => state.tree.inclusionProof(index));
        return true;
      },
    },
    {
      measure: 'proof-verify', count: proofs, word: 'check',
      ours: () => verifyInclusions(nodeTreeHash, leaves, state.tree.root(), claimed()).every((verdict) => verdict),
    },
    {
      measure: 'proof-verify-one', count: proofs, word: 'check',
      ours: () => {
        const root = state.tree.root();
        return claimed().every((claim) => verifyInclusionNow(nodeTreeHash, leaves, root, claim));
      },
    },
    {
      measure: 'consistency-make', count: proofs, word: 'prove-tree',
      ours: () => {
        state.consistencies = picks.map((index) => state.tree.consistencyProof(1 + index));
        return true;
      },
    },
    {
      measure: 'consistency-verify', count: proofs, word: 'check-tree',
      ours: () => {
        if (!older.length) for (const index of picks) older.push(state.tree.root(1 + index));
        const toRoot = state.tree.root();
        return picks.every((index, i) => verifyConsistencyNow(
          nodeTreeHash, { from: 1 + index, fromRoot: older[i] ?? toRoot, to: leaves, toRoot }, state.consistencies[i] ?? toRoot,
        ));
      },
    },
  ];
}

async function* kernels(leaves: number, peer: Peer | null): AsyncGenerator<Measure> {
  const collect = collector();
  const state = { tree: new WholeTree(nodeTreeHash), inclusions: [] as Uint8Array[], consistencies: [] as Uint8Array[] };
  for (const { measure, count, word, ours } of kernelsOver(leaves, state)) {
    const [own, theirs]: [number[], number[]] = [[], []];
    let verified = true;
    if (word === 'check-tree') await peer?.ask('older');
    // Warm first, compilers on our side and memory on both. The peer collects its garbage before its clock runs; we do so
    // once, so that no measure pays for what an earlier one threw away.
    for (let turn = 0; turn < warmUps; turn++) verified = ours() && verified;
    await peer?.ask(word);
    collect();
    for (let turn = 0; turn < turns; turn++) {
      const began = cpuNanos();
      verified = ours() && verified;
      const nanos = cpuNanos() - began;
      const answer = await peer?.ask(word);
      if (answer && word === 'build') verified &&= answer.digest === toBase64(state.tree.root());
      own.push(nanos / count);
      if (answer) theirs.push(answer.nanos / count);
    }
    if (peer && word === 'prove') verified &&= (await peer.ask('inclusions')).digest === digestOf(state.inclusions);
    if (peer && word === 'prove-tree') verified &&= (await peer.ask('consistencies')).digest === digestOf(state.consistencies);
    const [value, peerValue] = [median(own), peer ? median(theirs) : null];
    yield {
      bench, measure, value: round(value), unit: 'ns', peer: peer?.name ?? null, peerValue: peerValue && round(peerValue),
      ratio: peerValue && round(peerValue / value), runs: turns, verified,
    };
  }
}

/** Memory of building a large tree as a stream; the root is checked by the peer, which keeps one hash a level. */
async function* stream(leaves: number, peer: Peer | null): AsyncGenerator<Measure> {
  const script = fileURLToPath(new URL('./ledger/stream.ts', import.meta.url));
  const { stdout } = await ranBy(process.execPath, ['--import', 'tsx', '--conditions=dev', script, String(leaves)]);
  const { root, cpuSeconds, peakMb } = JSON.parse(stdout) as { root: string; cpuSeconds: number; peakMb: number };
  const answer = await peer?.ask(`stream ${leaves}`);
  const verified = answer?.digest === root;
  const line = { bench, runs: 1, verified, peer: peer?.name ?? null };
  const named = leaves === 100_000_000 ? 'build-100m' : `build-100m (${leaves} leaves)`;
  yield { ...line, measure: named, value: round(peakMb), unit: 'MB resident at its peak', peer: null, peerValue: null, ratio: null };
  const peerSeconds = answer ? answer.nanos / 1e9 : null;
  yield {
    ...line, measure: `${named}, entries hashed too`, value: round(cpuSeconds), unit: 's of CPU', peerValue: peerSeconds && round(peerSeconds),
    ratio: peerSeconds && round(peerSeconds / cpuSeconds),
  };
}
