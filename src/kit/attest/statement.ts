/**
 * in-toto statements (Statement v1) of what a rebuilder did and found: SLSA provenance v1 of the build, and a verification summary (SLSA
 * VSA v1) that carries our verdict among its levels. What is not in these forms is no statement; the public summary is never taken as
 * said but computed from the verdict.
 */
import { canonicalText } from '#kit/canonical/canonical';
import { summaryOf, verdicts, type Summary, type Verdict } from '../compare/model.ts';
import { worst } from '../compare/verdict.ts';

export const payloadType = 'application/vnd.in-toto+json';
export const statementType = 'https://in-toto.io/Statement/v1';
export const provenanceType = 'https://slsa.dev/provenance/v1';
export const summaryType = 'https://slsa.dev/verification_summary/v1';

export interface Subject { readonly name: string; readonly sha256: string }

/** One build: from what, by whom, in what environment, and what came out. */
export interface Provenance {
  readonly rebuilder: string;
  readonly recipeSha256: string;
  readonly environmentSha256: string;
  readonly sources: readonly Subject[];
  readonly products: readonly Subject[];
  readonly runId: string;
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** One judgement: of the shipped files, against which comparison. */
export interface Verification {
  readonly verifier: string;
  readonly at: string;
  /** Each shipped file with its verdict and the rules it rests on. */
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly verdict: Verdict; readonly rules: readonly string[];
    readonly comparisonSha256: string }[];
  readonly recipeSha256: string;
}

const buildType = 'https://entente.example/rebuild/v1';
const policyUri = 'https://entente.example/rebuild/policy/v1';
const level = (verdict: Verdict): string => `ENTENTE_${verdict.replaceAll('-', '_')}`;
const subject = ({ name, sha256 }: Subject) => ({ digest: { sha256 }, name });

export function provenanceText(p: Provenance): string {
  return canonicalText({
    _type: statementType, predicateType: provenanceType, subject: p.products.map(subject),
    predicate: {
      buildDefinition: {
        buildType, externalParameters: { recipe: { digest: { sha256: p.recipeSha256 } } },
          internalParameters: { environment: { digest: { sha256: p.environmentSha256 } } },
        resolvedDependencies: p.sources.map(subject),
      },
      runDetails: { builder: { id: p.rebuilder }, metadata: { finishedOn: p.finishedAt, invocationId: p.runId, startedOn: p.startedAt } },
    },
  });
}

export function verificationText(v: Verification): string {
  const verdict = worst(v.files.map((f) => f.verdict));
  return canonicalText({
    _type: statementType, predicateType: summaryType, subject: v.files.map(subject),
    predicate: {
      policy: { digest: { sha256: v.recipeSha256 }, uri: policyUri }, resourceUri: `rebuild:${v.recipeSha256}`, timeVerified: v.at,
        verifier: { id: v.verifier },
      verificationResult: verdict === 'DIFFERENT' || verdict === 'EXPLAINED' || verdict === 'NOT-REBUILT' ? 'FAILED' : 'PASSED',
      verifiedLevels: [level(verdict)], slsaVersion: '1.0',
      // Beyond the standard’s fields: readers of it ignore what they do not know.
      entente: {
        files: v.files.map(({ name, sha256, verdict: own, rules, comparisonSha256 }) => ({ comparisonSha256, name, rules: [...rules],
          sha256, verdict: own })),
        summary: summaryOf[verdict], verdict,
      },
    },
  });
}

type Fields = Record<string, unknown>;
const fieldsOf = (value: unknown): Fields | null => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Fields : null);
const hex = (value: unknown): string | null => (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value) ? value : null);
const text = (value: unknown): string | null => (typeof value === 'string' && value.length <= 2000 ? value : null);
const digestOf = (value: unknown): string | null => hex(fieldsOf(fieldsOf(value)?.['digest'])?.['sha256']);

export interface ReadStatement {
  readonly predicateType: string;
  readonly subjects: readonly Subject[];
  readonly predicate: Fields;
}

/** Statement v1 with subjects by SHA-256, or null. */
export function statementOf(payload: string): ReadStatement | null {
  let value: Fields | null;
  try {
    value = fieldsOf(JSON.parse(payload));
  } catch {
    return null;
  }
  const predicate = fieldsOf(value?.['predicate']);
  const predicateType = text(value?.['predicateType']);
  const list = value?.['subject'];
  if (value?.['_type'] !== statementType || predicate === null || predicateType === null || !Array.isArray(list) || list.length > 10_000) return null;
  const subjects = list.map((s: unknown) => ({ name: text(fieldsOf(s)?.['name']), sha256: digestOf(s) }));
  return subjects.every((s): s is Subject => s.name !== null && s.sha256 !== null) ? { predicateType, predicate, subjects } : null;
}

/** What a build says of itself, or why it is none of ours. */
export function provenanceOf({ predicateType, predicate, subjects }: ReadStatement): Provenance | string {
  const [definition, run] = [fieldsOf(predicate['buildDefinition']), fieldsOf(predicate['runDetails'])];
  const times = fieldsOf(run?.['metadata']);
  const [recipe, environment] = [digestOf(fieldsOf(definition?.['externalParameters'])?.['recipe']), digestOf(fieldsOf(
    definition?.['internalParameters'])?.['environment'])];
  const list = definition?.['resolvedDependencies'];
  const [rebuilder, runId] = [text(fieldsOf(run?.['builder'])?.['id']), text(times?.['invocationId'])];
  const [startedAt, finishedAt] = [text(times?.['startedOn']), text(times?.['finishedOn'])];
  if (predicateType !== provenanceType || recipe === null || environment === null || rebuilder === null || runId === null || startedAt === null
    || finishedAt === null || !Array.isArray(list) || list.length > 1_000) return 'it is no provenance of ours';
  const sources = list.map((s: unknown) => ({ name: text(fieldsOf(s)?.['name']), sha256: digestOf(s) }));
  if (!sources.every((s): s is Subject => s.name !== null && s.sha256 !== null)) return 'its sources have no digests';
  return { rebuilder, recipeSha256: recipe, environmentSha256: environment, sources, products: subjects, runId, startedAt, finishedAt };
}

export interface ReadVerification {
  readonly verifier: string;
  readonly at: string;
  readonly recipeSha256: string;
  readonly verdict: Verdict;
  readonly summary: Summary;
  readonly files: readonly { readonly name: string; readonly sha256: string; readonly verdict: Verdict; readonly comparisonSha256: string }[];
}

/** What a verification says, or why it is not believed: figures typed by hand, or files that are not its subjects. */
export function verificationOf({ predicateType, predicate, subjects }: ReadStatement): ReadVerification | string {
  if (predicateType !== summaryType) return 'it is no verification summary';
  const [own, verifier, at] = [fieldsOf(predicate['entente']), text(fieldsOf(predicate['verifier'])?.['id']), text(predicate['timeVerified'])];
  const list = own?.['files'];
  const recipeSha256 = digestOf(predicate['policy']);
  if (!own || verifier === null || at === null || recipeSha256 === null || !Array.isArray(list)) return 'it is no verification summary of ours';
  const files = list.map((f: unknown) => {
    const fields = fieldsOf(f);
    const verdict = verdicts.find((v) => v === fields?.['verdict']);
    return { name: text(fields?.['name']), sha256: hex(fields?.['sha256']), verdict, comparisonSha256: hex(fields?.['comparisonSha256']) };
  });
  const sound = files.every((f): f is ReadVerification['files'][number] => f.name !== null && f.sha256 !== null && f.verdict !== undefined
    && f.comparisonSha256 !== null);
  if (!sound || files.length !== subjects.length || files.some((f, i) => f.name !== subjects[i]?.name || f.sha256 !== subjects[i]?.sha256)) {
    return 'its files are not its subjects';
  }
  const verdict = worst(files.map((f) => f.verdict));
  const computed = { verdict, summary: summaryOf[verdict] };
  const levels = predicate['verifiedLevels'];
  const said = own['verdict'] === verdict && own['summary'] === computed.summary && Array.isArray(levels) && levels.length === 1
    && levels[0] === level(verdict)
    && predicate['verificationResult'] === (['identical', 'equivalent'].includes(computed.summary) ? 'PASSED' : 'FAILED');
  return said ? { verifier, at, recipeSha256, files, ...computed } : `it says ${JSON.stringify(own['verdict'])} where its files give ${verdict}`;
}
