/**
 * `entente verify BUNDLE --policy FILE [--json]`: checks an export bundle offline. It depends on kit and Node alone, and
 * is also bundled into one file, dist/entente-verify.mjs, which an auditor runs without installing anything.
 */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { nodeDigest, nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { PolicyError, parsePolicy } from '#kit/note/policy';
import type { Policy } from '#kit/note/policy';
import { verifyBundle } from '#kit/bundle/verify';
import type { BundleVerdict, Verifier } from '#kit/bundle/verify';

export interface VerifyRequest {
  readonly bundle: string;
  /** Path of a policy file; without one nothing can be decided. */
  readonly policy: string | null;
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

export const verifyUsage = 'usage: entente verify BUNDLE --policy FILE [--json]';

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

async function policyOf(path: string | null): Promise<Policy | null> {
  return path === null ? null : parsePolicy(nodeVerifying, await readFile(path));
}

/** Verifies, says the verdict in one line, answers the exit code. */
export async function verify(request: VerifyRequest, say: Say): Promise<VerifyExit> {
  const { bundle, json } = request;
  try {
    const policy = await policyOf(request.policy);
    const verdict = await verifyBundle(createReadStream(bundle, { highWaterMark: chunkBytes }), policy, verifier);
    say.out(json ? JSON.stringify({ file: bundle, ...verdict }) : sentence(bundle, verdict));
    return exits[verdict.verdict];
  } catch (error) {
    if (error instanceof PolicyError) {
      const why = `${request.policy}: ${error.message}`;
      say.out(json ? JSON.stringify({ file: bundle, verdict: 'undecided', why }) : `${bundle}: NOT DECIDED: ${why}.`);
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
  let policy: string | null = null;
  let json = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '--json' && !json) json = true;
    else if (word === '--policy' && policy === null && words[i + 1] !== undefined) policy = words[++i] ?? null;
    else if (word.startsWith('--policy=') && policy === null) policy = word.slice('--policy='.length);
    else if (word.startsWith('-')) return null;
    else files.push(word);
  }
  const [bundle, ...more] = files;
  return bundle === undefined || more.length ? null : { bundle, policy, json };
}
