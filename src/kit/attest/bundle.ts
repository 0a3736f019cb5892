/** Makes a bundle of evidence out of one build and what it came to beside the shipped files, signed by its rebuilder. */
import { toHex, toUtf8 } from '#kit/encoding';
import type { Verifying } from '#kit/hash/port';
import { judge } from '../compare/verdict.ts';
import { seal, type AttestSigner, type Envelope } from './dsse.ts';
import { judgementText, type Evidence } from './evidence.ts';
import type { Judgement } from './judgement.ts';
import { payloadType, provenanceText, verificationText, type Provenance } from './statement.ts';

export interface Bundling extends Omit<Provenance, 'rebuilder'> {
  readonly signer: AttestSigner;
  /** The shipped files, each with what building it again gave. */
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly judgement: Judgement }[];
}

export async function bundleOf({ sha256 }: Pick<Verifying, 'sha256'>, { signer, files, ...build }: Bundling): Promise<Evidence> {
  const judgements = files.map((f) => judgementText(f.judgement));
  const digests: string[] = [];
  for (const text of judgements) digests.push(toHex(await sha256(toUtf8(text))));
  const verification = verificationText({
    verifier: signer.name, at: build.finishedAt, recipeSha256: build.recipeSha256,
    files: files.map(({ name, sha256: digest, judgement: { comparison, trials } }, i) => ({
      name, sha256: digest, verdict: comparison ? judge(comparison, trials).verdict : 'NOT-REBUILT' as const, rules: comparison?.rules ?? [],
      comparisonSha256: digests[i] ?? '',
    })),
  });
  const envelopes: Envelope[] = [];
  for (const text of [provenanceText({ ...build, rebuilder: signer.name }), verification]) envelopes.push(await seal(payloadType, toUtf8(text), [signer]));
  return { v: 1, envelopes, judgements: [...new Set(judgements)] };
}
