/**
 * An evidence bundle: one text that shows, without a network, who rebuilt what and what came of it: signed statements, and the
 * comparisons that they name by digest. Verifying computes every verdict anew from the comparison that is there; a verdict that does
 * not follow from it is refused, and so is a second voice by one rebuilder.
 */
import { canonicalText } from '#kit/canonical/canonical';
import { toHex, toUtf8 } from '#kit/encoding';
import type { Verifying } from '#kit/hash/port';
import { summaryOf, type Summary, type Verdict } from '../compare/model.ts';
import { worst } from '../compare/verdict.ts';
import { envelopeOf, open, type AttestKey, type Envelope } from './dsse.ts';
import { readJudgement, type Judgement } from './judgement.ts';
import { payloadType, provenanceOf, provenanceType, statementOf, verificationOf, type Provenance } from './statement.ts';

export interface Evidence {
  readonly v: 1;
  readonly envelopes: readonly Envelope[];
  /** Canonical texts of judgements; verifications name them by SHA-256. */
  readonly judgements: readonly string[];
}

export const magic = 'entente-evidence/v1';
const mostEvidence = 256 * 1024 * 1024;

export const judgementText = (judgement: Judgement): string => canonicalText(judgement);
export const evidenceText = (evidence: Evidence): string => `${magic}\n${canonicalText(evidence)}\n`;

export function evidenceOf(text: string): Evidence | null {
  if (text.length > mostEvidence || !text.startsWith(`${magic}\n`)) return null;
  try {
    const value = JSON.parse(text.slice(magic.length + 1)) as Evidence;
    const envelopes = value.envelopes.map(envelopeOf);
    if (value.v !== 1 || envelopes.some((e) => e === null) || !value.judgements.every((j) => typeof j === 'string')) return null;
    return { v: 1, envelopes: envelopes as Envelope[], judgements: value.judgements };
  } catch {
    return null;
  }
}

export interface Voice {
  readonly rebuilder: string;
  readonly at: string;
  readonly verdict: Verdict;
  readonly summary: Summary;
  /** SHA-256 of the judgement, and of the recipe. */
  readonly judgement: string;
  readonly recipe: string;
}
export interface FileFinding {
  readonly name: string;
  readonly sha256: string;
  readonly voices: readonly Voice[];
  /** The worst of all voices: one that found a difference is not outvoted. */
  readonly verdict: Verdict;
  readonly summary: Summary;
  readonly dissent: boolean;
}
export type EvidenceVerdict =
  | { readonly ok: true; readonly files: readonly FileFinding[]; readonly builds: readonly Provenance[] }
  | { readonly ok: false; readonly why: string };

interface Gathering { readonly byFile: Map<string, { name: string; sha256: string; voices: Voice[] }>; readonly builds: Provenance[] }

function take(found: Gathering, payload: string, by: readonly string[], digests: ReadonlyMap<string, string>): string | null {
  const statement = statementOf(payload);
  if (statement === null) return 'a payload is no in-toto statement';
  if (statement.predicateType === provenanceType) {
    const build = provenanceOf(statement);
    if (typeof build === 'string') return build;
    if (!by.includes(build.rebuilder)) return `it speaks for ${build.rebuilder}, and ${by.join(', ')} signed it`;
    found.builds.push(build);
    return null;
  }
  const read = verificationOf(statement);
  if (typeof read === 'string') return read;
  if (!by.includes(read.verifier)) return `it speaks for ${read.verifier}, and ${by.join(', ')} signed it`;
  for (const file of read.files) {
    const judgement = digests.get(file.comparisonSha256);
    if (judgement === undefined) return `the comparison of ${file.name} is not there`;
    const given = readJudgement(judgement);
    if (typeof given === 'string') return `the comparison of ${file.name}: ${given}`;
    if (given.verdict !== file.verdict || (given.comparison && given.comparison.shipped.sha256 !== file.sha256)) {
      return `of ${file.name} it says ${file.verdict}; its comparison gives ${given.verdict}`;
    }
    const key = `${file.name}\n${file.sha256}`;
    const held = found.byFile.get(key) ?? { name: file.name, sha256: file.sha256, voices: [] };
    if (held.voices.some((v) => v.rebuilder === read.verifier)) return `${read.verifier} speaks twice of ${file.name}`;
    held.voices.push({ rebuilder: read.verifier, at: read.at, verdict: file.verdict, summary: summaryOf[file.verdict], judgement: file.comparisonSha256,
      recipe: read.recipeSha256 });
    found.byFile.set(key, held);
  }
  return null;
}

/** Checks a bundle against the rebuilders’ keys that are trusted. */
export async function verifyEvidence(verifying: Pick<Verifying, 'sha256' | 'verifyEd25519'>, evidence: Evidence,
  known: readonly AttestKey[]): Promise<EvidenceVerdict> {
  const digests = new Map<string, string>();
  for (const text of evidence.judgements) digests.set(toHex(await verifying.sha256(toUtf8(text))), text);
  const found: Gathering = { byFile: new Map(), builds: [] };
  for (const [i, envelope] of evidence.envelopes.entries()) {
    const opened = await open(verifying, envelope, payloadType, known);
    const why = opened.ok ? take(found, opened.text, opened.by, digests) : opened.why;
    if (why !== null) return { ok: false, why: `statement ${i + 1}: ${why}` };
  }
  const files = [...found.byFile.values()].map((file): FileFinding => {
    const verdict = worst(file.voices.map((v) => v.verdict));
    return { ...file, verdict, summary: summaryOf[verdict], dissent: new Set(file.voices.map((v) => v.summary)).size > 1 };
  });
  return files.length === 0 ? { ok: false, why: 'it says nothing of any file' } : { ok: true, files, builds: found.builds };
}
