/**
 * An agreement copy: a signed agreement as one text file that another hub can check by itself. What it says is covered by the
 * digest that both sides signed, or by a fact in the log of the hub that recorded it; names alone are the sender's word. The
 * format is docs/specs/agreement-copy.md. Pure.
 */
import { z } from 'zod';
import { commitmentOf, factMismatch, leafSpans, parseLeaf } from '#kit/bundle/leaf';
import { canonicalText, fromCanonical } from '#kit/canonical/canonical';
import { fromHex, toUtf8 } from '#kit/encoding';
import { nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import type { Policy } from '#kit/note/policy';
import { parseTlogProof, ProofError, verifyTlogProof, type TlogProof } from '#kit/note/proof';
import { OrganisationId } from '#modules/parties/index';
import { clauseDigest } from './decide/attested.ts';
import { sha256 } from './document.ts';
import { Agreement, AgreementId, Clause, Sponsorship, maxCopyBytes } from './model.ts';

export const copyMagic = 'entente-agreement-copy/v1';
/** Two signatures and what was attested; an agreement has far fewer. */
export const maxCopyFacts = 200;

const hex32 = z.string().regex(/^[0-9a-f]{64}$/);
const name = z.string().min(1).max(500);

/** What both sides signed, as `termsOf` makes it. */
export const SignedTerms = Agreement.pick({
  template: true, title: true, titleVi: true, authority: true, counterpart: true, products: true, partNoun: true,
  effectiveOn: true, expiresOn: true, zone: true, parts: true,
}).extend({
  clauses: z.array(Clause.omit({ attestations: true })),
  predecessor: AgreementId.optional(), sponsorship: Sponsorship.optional(),
});
export type SignedTerms = z.output<typeof SignedTerms>;

const CopyParty = z.strictObject({ id: OrganisationId, name, nameLocal: name.nullable() });
const CopyHead = z.strictObject({ agreement: AgreementId, authority: CopyParty, counterpart: CopyParty, documentSha256: hex32 });
export type CopyHead = z.output<typeof CopyHead>;

/** A fact with its opening and its proof; `personName` is who did it, by the sender's word. */
const CopyFact = z.strictObject({ fact: z.string(), leaf: z.string(), personName: name, proof: z.string(), salt: hex32 });
export type CopyFact = z.output<typeof CopyFact>;

const SignedBody = z.object({ documentSha256: hex32 });
const AttestedBody = z.object({ clauses: z.array(z.string()).max(1000), sha256: z.array(hex32).max(1000) });
const Fact = z.object({
  actor: z.string(), at: z.string(), class: z.string(), org: z.string(), subject: z.string(), body: z.record(z.string(), z.json()),
});

/** A file that is no agreement copy, or contradicts itself; `line` counts from 1. */
export class CopyError extends Error {
  override readonly name = 'CopyError';
  readonly line: number;
  constructor(line: number, why: string) {
    super(`line ${line}: ${why}`);
    this.line = line;
  }
}

/** One act of the copy, read. */
interface CopyAct {
  readonly line: number;
  readonly person: string;
  readonly personName: string;
  readonly organisation: string;
  readonly at: string;
  readonly leafHash: Uint8Array;
  readonly proof: TlogProof;
}

export interface AgreementCopy extends CopyHead {
  readonly terms: SignedTerms;
  /** The authority's, then the counterpart's. */
  readonly signatures: readonly CopyAct[];
  /** With the clauses of this very text that each covers. */
  readonly attestations: readonly (CopyAct & { readonly clauses: readonly string[] })[];
}

/** The file; `facts` are the authority's signature, the counterpart's, then what was attested. */
export function formatCopy(terms: string, head: CopyHead, facts: readonly CopyFact[]): string {
  const lines = [copyMagic, terms, canonicalText(head), ...facts.map((fact) => canonicalText(fact))];
  const text = `${lines.join('\n')}\n`;
  return `${text}end ${facts.length} ${sha256(text)}\n`;
}

/** One line that is RFC 8785 to the letter and of this shape, with no field too many. */
function lineAs<T>(schema: z.ZodType<T>, text: string, line: number): T {
  const value = fromCanonical(text);
  if (value === undefined) throw new CopyError(line, 'this is not RFC 8785 JSON');
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new CopyError(line, `${issue?.path.join('.') || 'the whole line'}: ${issue?.message ?? 'is not of this format'}`);
}

/** The copy that a text spells; throws a CopyError that names the line. That it agrees with itself is checked here, trust is not. */
export function parseCopy(text: string): AgreementCopy {
  if (text.length > maxCopyBytes || toUtf8(text).length > maxCopyBytes) throw new CopyError(1, `more than ${maxCopyBytes} bytes`);
  const lines = text.split('\n', maxCopyFacts + 6);
  if (lines[0] !== copyMagic) throw new CopyError(1, `expected ${copyMagic}`);
  if (lines.length > maxCopyFacts + 5) throw new CopyError(maxCopyFacts + 5, `more than ${maxCopyFacts} facts`);
  if (lines.length < 7) throw new CopyError(lines.length, 'the file ends before its last line');
  const [, termsLine = '', headLine = ''] = lines;
  const terms: SignedTerms = lineAs(SignedTerms, termsLine, 2);
  const head: CopyHead = lineAs(CopyHead, headLine, 3);
  checkHead(terms, termsLine, head);
  const factLines = lines.slice(3, -2);
  const acts = factLines.map((line, i) => readAct(line, i + 4, terms, head));
  const [authority, counterpart, ...attestations] = acts;
  if (!authority || !counterpart) throw new CopyError(lines.length, 'both sides have signed what is copied');
  const end = `end ${factLines.length} ${sha256(`${lines.slice(0, -2).join('\n')}\n`)}`;
  if (lines.at(-2) !== end || lines.at(-1) !== '') throw new CopyError(lines.length - 1, `the file does not end in its count and digest`);
  return { ...head, terms, signatures: [authority, counterpart], attestations };
}

function checkHead(terms: SignedTerms, termsLine: string, head: CopyHead): void {
  if (sha256(termsLine) !== head.documentSha256) throw new CopyError(3, 'documentSha256: line 2 has another digest');
  for (const [i, clause] of terms.clauses.entries()) {
    if (sha256(clause.text) !== clause.textSha256) throw new CopyError(2, `clauses.${i}.textSha256: the text has another digest`);
  }
  for (const side of ['authority', 'counterpart'] as const) {
    if (head[side].id !== terms[side]) throw new CopyError(3, `${side}.id: line 2 names ${terms[side]}`);
  }
  if (terms.authority === terms.counterpart) throw new CopyError(2, 'counterpart: an agreement has two parties');
}

/** A fact line, opened: the leaf commits to the fact, and the fact is what its place in the file says. */
function readAct(text: string, line: number, terms: SignedTerms, head: CopyHead): CopyAct & { clauses: readonly string[] } {
  const entry: CopyFact = lineAs(CopyFact, text, line);
  const refuse = (why: string): never => { throw new CopyError(line, why); };
  const bytes = toUtf8(entry.leaf);
  const [leaf, spans] = [parseLeaf(entry.leaf), leafSpans(bytes, 0)];
  if (!leaf || !spans) return refuse('leaf: this is not a leaf');
  if (commitmentOf(nodeTreeHash.sha256, fromHex(entry.salt) ?? new Uint8Array(0), toUtf8(entry.fact)) !== leaf.commitment) {
    refuse('fact: it is not what the leaf commits to');
  }
  const mismatch = factMismatch(bytes, spans, toUtf8(entry.fact));
  if (mismatch !== null) refuse(`fact: ${mismatch}`);
  const fact = Fact.safeParse(fromCanonical(entry.fact)).data ?? refuse('fact: a field is not of its kind');
  if (fact.subject !== head.agreement) refuse(`fact: it is about another subject than ${head.agreement}`);
  const clauses = line < 6 ? signedBy(fact, line === 4 ? terms.authority : terms.counterpart, head, refuse)
    : attestedIn(fact, terms, refuse);
  return {
    line, person: fact.actor, personName: entry.personName, organisation: fact.org, at: fact.at, clauses,
    leafHash: nodeTreeHash.leaf(bytes), proof: proofOf(entry.proof, refuse),
  };
}

function signedBy(fact: z.output<typeof Fact>, side: string, head: CopyHead, refuse: (why: string) => never): string[] {
  if (fact.class !== 'agreement.signed') refuse('fact: lines 4 and 5 are signatures');
  if (fact.org !== side) refuse(`fact: it is not ${side} that signed`);
  if (SignedBody.safeParse(fact.body).data?.documentSha256 !== head.documentSha256) refuse('fact: another text was signed');
  return [];
}

/** Clauses of this text that the fact covers; words over an earlier text cover nothing and are not copied. */
function attestedIn(fact: z.output<typeof Fact>, terms: SignedTerms, refuse: (why: string) => never): string[] {
  const body = AttestedBody.safeParse(fact.body).data;
  if (fact.class !== 'agreement.attested' || !body) return refuse('fact: after the signatures come attestations');
  const digests = new Map(terms.clauses.map((c) => [c.number, clauseDigest(c)]));
  const covered = body.clauses.filter((clause, i) => digests.get(clause) !== undefined && digests.get(clause) === body.sha256[i]);
  return covered.length > 0 ? covered : refuse('fact: it attests nothing of this text');
}

function proofOf(text: string, refuse: (why: string) => never): TlogProof {
  try {
    return parseTlogProof(toUtf8(text));
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return refuse(`proof: ${error.message}`);
  }
}

/** Logs that the copy's facts stand in, each once. */
export const originsOf = (copy: AgreementCopy): string[] =>
  [...new Set([...copy.signatures, ...copy.attestations].map((act) => act.proof.checkpoint.origin))];

/** Holds every act against the logs of a policy; throws a CopyError that names the line. Trust comes from the policy alone. */
export async function verifyCopy(copy: AgreementCopy, policy: Policy): Promise<void> {
  for (const act of [...copy.signatures, ...copy.attestations]) {
    const verdict = await verifyTlogProof(nodeVerifying, act.proof, act.leafHash, policy);
    if (!verdict.ok) throw new CopyError(act.line, `proof: ${verdict.why}`);
  }
}
