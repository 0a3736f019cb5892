/** Rebuilders of tests and of the demonstration: a key made from a name, and evidence of what two files really come to. */
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { compare } from '../compare/compare.ts';
import type { Trial } from '../compare/verdict.ts';
import { nodeVerifying } from '../hash/node.ts';
import { bundleOf } from './bundle.ts';
import type { AttestSigner } from './dsse.ts';
import { evidenceText } from './evidence.ts';

export const sha256Of = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** PKCS #8 of an Ed25519 key up to its 32 secret bytes. */
const head = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The same name and secret give the same key. */
export function keyOf(name: string, secret = name): { readonly signer: AttestSigner; readonly publicKey: string } {
  const key = createPrivateKey({ key: Buffer.concat([head, createHash('sha256').update(secret).digest()]), format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return { signer: { name, sign: (message) => new Uint8Array(sign(null, message, key)) }, publicKey: Buffer.from(x, 'base64url').toString('base64') };
}

export interface Tried {
  readonly name: string;
  readonly shipped: Uint8Array;
  /** Null where the build failed. */
  readonly rebuilt: Uint8Array | null;
  readonly trials?: readonly Trial[];
}
export interface Building { readonly signer: AttestSigner; readonly at: string; readonly recipe?: string; readonly environment?: string; readonly log?: string }

/** A bundle about these files, the comparison made by the engine. */
export async function evidenceOn({ signer, at, recipe = 'make', environment = 'Debian 12', log = '$ make\n' }: Building,
  files: readonly Tried[]): Promise<string> {
  const judged = [];
  for (const { name, shipped, rebuilt, trials = [] } of files) {
    judged.push({ name, sha256: sha256Of(shipped), judgement: { comparison: rebuilt ? await compare(shipped, rebuilt, { name }) : null, trials } });
  }
  return evidenceText(await bundleOf(nodeVerifying, {
    signer, recipeSha256: sha256Of(recipe), environmentSha256: sha256Of(environment), sources: [{ name: 'source', sha256: sha256Of('source') }],
    products: files.flatMap(({ name, rebuilt }) => (rebuilt ? [{ name, sha256: sha256Of(rebuilt) }] : [])), runId: sha256Of(log).slice(0, 32), startedAt: at,
    finishedAt: at, files: judged,
  }));
}
