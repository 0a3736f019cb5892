/**
 * An evidence bundle: one text that shows, without a network, who rebuilt what and what came of it: signed statements, and the
 * comparisons that they name by digest. Verifying computes every verdict anew from the comparison that is there; a verdict that does
 * not follow from it is refused, and so is a second voice by one rebuilder.
 */
import { canonicalText } from '#kit/canonical/canonical';
import { toHex, toUtf8 } from '#kit/encoding';
import type { Verifying } from '#kit/hash/port';
import type { Summary, Verdict } from '../compare/model.ts';
import { judge, worst, type Trial } from '../compare/verdict.ts';
import type { Comparison } from '../compare/model.ts';
import { summaryOf } from '../compare/model.ts';
import { envelopeOf, open, type AttestKey, type Envelope } from './dsse.ts';
import { payloadType, provenanceType, statementOf, verificationOf } from './statement.ts';

/** What one file came to: as built, and the trials that were made. Null where nothing was built. */
export interface Judgement { readonly comparison: Comparison | null; readonly trials: readonly Trial[] }

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

/** The verdict that a judgement gives; null where it is none. */
export function verdictOf(text: string): { readonly verdict: Verdict; readonly sha256: string | null } | null {
  try {
    const value = JSON.parse(text) as Judgement;
    if (value.comparison === null) return { verdict: 'NOT-REBUILT', sha256: null };
    const { verdict, differences, leftOut, shipped, rebuilt } = value.comparison;
    if (!Array.isArray(differences) || !Array.isArray(value.trials)) return null;
    // The comparison’s own word must follow from what it lists.
    const same = shipped.sha256 === rebuilt.sha256;
    const open = differences.some((d) => d.rule === null);
    const own = same ? 'IDENTICAL' : open || leftOut > 0 || differences.length === 0 ? 'DIFFERENT' : 'CODE-IDENTICAL';
    if (own !== verdict && !(leftOut > 0 && verdict === 'DIFFERENT')) return null;
    return { verdict: judge(value.comparison, value.trials).verdict, sha256: shipped.sha256 };
  } catch {
    return null;
  }
}

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

export interface Voice { readonly rebuilder: string; readonly at: string; readonly verdict: Verdict; readonly summary: Summary }
export interface FileFinding {
  readonly name: string;
  readonly sha256: string;
  readonly voices: readonly Voice[];
  /** The worst of all voices: one that found a difference is not outvoted. */
  readonly verdict: Verdict;
  readonly summary: Summary;
  readonly dissent: boolean;
}
export type EvidenceVerdict = { readonly ok: true; readonly files: readonly FileFinding[]; readonly builds: number } | { readonly ok: false;
  readonly why: string };

interface Gathering { readonly byFile: Map<string, { name: string; sha256: string; voices: Voice[] }>; builds: number }

function take(found: Gathering, payload: string, by: readonly string[], digests: ReadonlyMap<string, string>): string | null {
  const statement = statementOf(payload);
  if (!statement) return 'a payload is no in-toto statement';
  if (statement.predicateType === provenanceType) {
    found.builds++;
    return null;
  }
  const read = verificationOf(statement);
  if (typeof read === 'string') return read;
  if (!by.includes(read.verifier)) return `it speaks for ${read.verifier}, and ${by.join(', ')} signed it`;
  for (const file of read.files) {
    const judgement = digests.get(file.comparisonSha256);
    const given = judgement === undefined ? null : verdictOf(judgement);
    if (!given) return `the comparison of ${file.name} is not there`;
    if (given.verdict !== file.verdict || (given.sha256 !== null && given.sha256 !== file.sha256)) {
      return `of ${file.name} it says ${file.verdict}; its comparison gives ${given.verdict}`;
    }
    const key = `${file.name}\n${file.sha256}`;
    const held = found.byFile.get(key) ?? { name: file.name, sha256: file.sha256, voices: [] };
    if (held.voices.some((v) => v.rebuilder === read.verifier)) return `${read.verifier} speaks twice of ${file.name}`;
    held.voices.push({ rebuilder: read.verifier, at: read.at, verdict: file.verdict, summary: summaryOf[file.verdict] });
    found.byFile.set(key, held);
  }
  return null;
}

/** Checks a bundle against the rebuilders’ keys that are trusted. */
export async function verifyEvidence(verifying: Pick<Verifying, 'sha256' | 'verifyEd25519'>, evidence: Evidence,
  known: readonly AttestKey[]): Promise<EvidenceVerdict> {
  const digests = new Map<string, string>();
  for (const text of evidence.judgements) digests.set(toHex(await verifying.sha256(toUtf8(text))), text);
  const found: Gathering = { byFile: new Map(), builds: 0 };
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
