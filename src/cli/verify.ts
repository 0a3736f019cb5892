/**
 * `entente verify FILE --policy FILE …`: checks an export bundle, a `.tlog-proof`, a checkpoint or facts that were opened, offline. It depends on kit
 * and Node alone, and is also bundled into one file, dist/entente-verify.mjs, which an auditor runs without installing
 * anything.
 */
import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeDigest, nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import type { ReadTile } from '#kit/merkle/proofs';
import { tilePath, tileWidth } from '#kit/merkle/tiles';
import { hashBytes } from '#kit/merkle/tree';
import { PolicyError, parsePolicy } from '#kit/note/policy';
import type { Policy } from '#kit/note/policy';
import { maxProofBytes } from '#kit/note/proof';
import { verifyBundle } from '#kit/bundle/verify';
import type { BundleVerdict, Verifier } from '#kit/bundle/verify';
import { maxStatementBytes, verifyStatement, type StatementVerdict } from '#kit/review/statement';
import { mostBytesOf, openedKind, parseSample, SampleError, verifySample, type SampleVerdict } from '#kit/sample/sample';
import { openedCheckpoint, verifyProof, verifySigned } from './verify-signed.ts';
import type { OpenedCheckpoint, SignedOutcome } from './verify-signed.ts';

export interface VerifyRequest {
  /** A bundle, a proof, a checkpoint or opened facts; which of them, its first line says. */
  readonly file: string;
  /** Path of a policy file; without one nothing can be decided. */
  readonly policy: string | null;
  /** Path of an older checkpoint that the log must have grown from. */
  readonly from: string | null;
  /** Path of the entry that a proof is about. */
  readonly artifact: string | null;
  /** Folder with the log's tiles, as it publishes them. */
  readonly tiles: string | null;
  /** Path of the vkeys, one a line, that one trusts for statements of reviews. */
  readonly keys: string | null;
  /** Path of the secret part of a statement. */
  readonly secret: string | null;
  readonly json: boolean;
}

export interface Say {
  out(line: string): void;
  err(line: string): void;
}

/** 0 verified; 1 failed; 2 not decided; 64 wrong words; 66 a file that cannot be read. */
export type VerifyExit = 0 | 1 | 2 | 64 | 66;

const exits = { verified: 0, failed: 1, undecided: 2 } as const;
const verifier: Verifier = { tree: nodeTreeHash, verifying: nodeVerifying, digest: nodeDigest };
const chunkBytes = 1024 * 1024;

export const verifyUsage = `usage: entente verify FILE --policy FILE [--from CHECKPOINT] [--artifact FILE] [--tiles FOLDER] [--json]
       entente verify STATEMENT --keys FILE [--secret FILE] [--json]
FILE is an export bundle, a .tlog-proof, a checkpoint, or facts that were opened (a sample, the trail of a visit);
STATEMENT is that of a review.`;

function sentence(path: string, verdict: BundleVerdict): string {
  if (verdict.verdict === 'failed') {
    const { what, offset, length } = verdict.place;
    return `${path}: FAILED at ${what} (bytes ${offset} to ${offset + length}): ${verdict.why}.`;
  }
  const { origin, size, openings, reader, at } = verdict.figures;
  const what = `${origin}, ${size} facts, ${openings} of them opened for ${reader} at ${at}`;
  return verdict.verdict === 'verified'
    ? `${path}: verified. ${what}; signed by ${verdict.signedBy.join(', ')}.`
    : `${path}: NOT DECIDED: ${verdict.why}. The bundle agrees with itself: ${what}.`;
}

function signedSentence(path: string, outcome: SignedOutcome): string {
  const { figures } = outcome;
  const entry = figures?.index === undefined ? '' : `entry ${figures.index} of `;
  const what = figures && `${figures.origin}, ${entry}a tree of ${figures.size}`;
  if (outcome.verdict === 'verified') return `${path}: verified. ${what}; signed by ${outcome.signedBy.join(', ')}.`;
  return `${path}: ${outcome.verdict === 'failed' ? 'FAILED' : 'NOT DECIDED'}: ${outcome.why}.${what ? ` It says: ${what}.` : ''}`;
}

function statementSentence(path: string, outcome: StatementVerdict): string {
  if (outcome.verdict === 'failed') return `${path}: FAILED: ${outcome.why}.`;
  const { product, release, coverage, equivalence, expires } = outcome.statement;
  const share = coverage.bytes === 0 ? 0 : Math.floor((coverage.seenBytes / coverage.bytes) * 10_000) / 100;
  const what = `${product.name} ${release.version}: ${coverage.seenBytes} of ${coverage.bytes} bytes read (${share} %) in ${coverage.views} views; `
    + `equivalence ${equivalence}; holds until ${expires}`;
  return outcome.verdict === 'verified' ? `${path}: verified. ${what}; signed by ${outcome.key}.` : `${path}: NOT DECIDED: ${outcome.why}. It says: ${what}.`;
}

function openedSentence(path: string, outcome: SampleVerdict, isSample: boolean): string {
  if (outcome.verdict !== 'verified') return `${path}: ${outcome.verdict === 'failed' ? 'FAILED' : 'NOT DECIDED'}: ${outcome.why}.`;
  const { origin, size, opened, closed } = outcome;
  return `${path}: verified. ${opened + closed.length} of ${size} facts of ${origin}${isSample ? ', drawn by its checkpoint' : ''}; ${opened} are opened`
    + `${closed.length > 0 ? `, closed are ${closed.join(', ')}` : ''}.`;
}

/** Leaves that were opened: a sample that the checkpoint drew, or the trail of a visit. Null where the file is neither. */
export async function decidedOpened(file: string, policy: Policy | null, json = false): Promise<{ exit: VerifyExit; line: string } | null> {
  const kind = openedKind(Buffer.from(await beginning(file, 64)).toString('latin1'));
  if (kind === null) return null;
  const isLarge = (await stat(file)).size > mostBytesOf(kind);
  const outcome: SampleVerdict = isLarge ? { verdict: 'failed', why: 'the file is too large' } : await opened(await readFile(file), policy);
  return { exit: exits[outcome.verdict], line: json ? JSON.stringify({ file, kind, ...outcome }) : openedSentence(file, outcome, kind === 'sample') };
}

async function opened(bytes: Uint8Array, policy: Policy | null): Promise<SampleVerdict> {
  try {
    const read = parseSample(bytes);
    return policy === null ? { verdict: 'undecided', why: 'there is no policy to say which log to trust' }
      : await verifySample(nodeTreeHash, nodeVerifying, read, policy);
  } catch (error) {
    if (!(error instanceof SampleError)) throw error;
    return { verdict: 'failed', why: error.message };
  }
}

async function decidedStatement(request: VerifyRequest): Promise<{ exit: VerifyExit; line: string }> {
  const { file, keys, secret, json } = request;
  const trusted = keys === null ? [] : (await readFile(keys, 'utf8')).split('\n').map((line) => line.trim()).filter((line) => line !== '');
  const outcome = await verifyStatement(nodeVerifying, await beginning(file, maxStatementBytes), {
    keys: trusted, secret: secret === null ? null : await readFile(secret), at: null,
  });
  return { exit: exits[outcome.verdict], line: json ? JSON.stringify({ file, ...outcome }) : statementSentence(file, outcome) };
}

/** At most so many bytes of a file, and one more where there are more. */
async function beginning(path: string, most: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(most + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) return bytes.subarray(0, length);
      length += bytesRead;
    }
  } finally {
    await file.close();
  }
}

/** SHA-256(0x00 || the file), whatever its size. */
async function leafHashOf(path: string): Promise<Uint8Array> {
  const digest = nodeDigest();
  digest.update(new Uint8Array([0]));
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) digest.update(chunk as Uint8Array);
  return digest.digest();
}

/** Tiles as published; a full one where the partial one was swept away. */
function tilesIn(folder: string): ReadTile {
  return async (tile) => {
    const partial = tile.width < tileWidth;
    const bytes = await readFile(join(folder, tilePath(tile))).catch((error: unknown) => {
      if (!partial) throw error;
      return readFile(join(folder, tilePath({ ...tile, width: tileWidth })));
    });
    return new Uint8Array(bytes.subarray(0, tile.width * hashBytes));
  };
}

async function decided(request: VerifyRequest, policy: Policy | null): Promise<{ exit: VerifyExit; line: string }> {
  const { file, from, artifact, json } = request;
  const answer = (verdict: BundleVerdict | SignedOutcome, text: string): { exit: VerifyExit; line: string } =>
    ({ exit: exits[verdict.verdict], line: json ? JSON.stringify({ file, ...verdict }) : text });
  const signedAnswer = (outcome: SignedOutcome) => answer(outcome, signedSentence(file, outcome));
  const failed = (why: string) => signedAnswer({ verdict: 'failed', figures: null, why });
  const head = Buffer.from(await beginning(file, 64)).toString('latin1');
  if (head.startsWith('{"signature":')) return decidedStatement(request);
  const shown = await decidedOpened(file, policy, json);
  if (shown) return shown;
  let older: OpenedCheckpoint | null = null;
  if (from !== null) {
    const read = openedCheckpoint(await beginning(from, maxProofBytes));
    if (typeof read === 'string') return failed(`${from}: ${read}`);
    older = read;
  }
  const readTile = request.tiles === null ? null : tilesIn(request.tiles);
  if (head.startsWith('entente-ledger-bundle')) {
    if (older && policy) {
      // The older checkpoint must be the log's own before anything is held against it.
      const its = await verifySigned(older, null, { ...policy, least: [] }, null);
      if (its.verdict === 'failed') return failed(`the older checkpoint: ${its.why}`);
    }
    const source = createReadStream(file, { highWaterMark: chunkBytes });
    const verdict = await verifyBundle(source, policy, verifier, older?.checkpoint ?? null);
    return answer(verdict, sentence(file, verdict));
  }
  const bytes = await beginning(file, maxProofBytes);
  if (head.startsWith('c2sp.org/tlog-proof')) {
    const leafHash = artifact === null ? null : await leafHashOf(artifact);
    return signedAnswer(await verifyProof(bytes, leafHash, older, policy, readTile));
  }
  const newer = openedCheckpoint(bytes);
  return typeof newer === 'string' ? failed(newer) : signedAnswer(await verifySigned(newer, older, policy, readTile));
}

/** Verifies, says the verdict in one line, answers the exit code. */
export async function verify(request: VerifyRequest, say: Say): Promise<VerifyExit> {
  const { file, json } = request;
  try {
    const policy = request.policy === null ? null : await parsePolicy(nodeVerifying, await readFile(request.policy));
    const { exit, line } = await decided(request, policy);
    say.out(line);
    return exit;
  } catch (error) {
    if (error instanceof PolicyError) {
      const why = `${request.policy}: ${error.message}`;
      say.out(json ? JSON.stringify({ file, verdict: 'undecided', why }) : `${file}: NOT DECIDED: ${why}.`);
      return 2;
    }
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
      say.err(`a file cannot be read: ${error.message}`);
      return 66;
    }
    throw error;
  }
}

/** The request that these words make, or null. */
export function verifyRequest(words: readonly string[]): VerifyRequest | null {
  const files: string[] = [];
  const paths: Record<'policy' | 'from' | 'artifact' | 'tiles' | 'keys' | 'secret', string | null> = {
    policy: null, from: null, artifact: null, tiles: null, keys: null, secret: null,
  };
  let json = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const [, name, value] = /^--(policy|from|artifact|tiles|keys|secret)(?:=(.*))?$/s.exec(word) ?? [];
    if (name !== undefined) {
      const option = name as keyof typeof paths;
      const path = value ?? words[++i];
      if (path === undefined || paths[option] !== null) return null;
      paths[option] = path;
    } else if (word === '--json' && !json) {
      json = true;
    } else if (word.startsWith('-')) {
      return null;
    } else {
      files.push(word);
    }
  }
  const [file, ...more] = files;
  return file === undefined || more.length ? null : { file, ...paths, json };
}
