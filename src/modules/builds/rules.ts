/** Pure rules: what a bundle of evidence may say about a release, and what a release comes to by the verdicts that stand. */
import { summaryOf, type Summary } from '#kit/compare/model';
import { worst } from '#kit/compare/verdict';
import type { EvidenceVerdict, FileFinding } from '#kit/attest/evidence';
import type { Provenance } from '#kit/attest/statement';
import { Refusal, type RefusalDetail } from '#kit/refusal';
import type { Equivalence, Verdict } from './model.ts';

/** Kinds of artefacts that are built, and so can be built again. */
export const builtKinds = ['binary', 'update'] as const;
export type BuiltKind = (typeof builtKinds)[number];
export const isBuilt = (kind: string): kind is BuiltKind => (builtKinds as readonly string[]).includes(kind);

/** A key name as C2SP has it: no space, no plus, and it names the rebuilder in every statement. */
export const rebuilderName = /^[A-Za-z0-9][A-Za-z0-9._/-]{2,119}$/;

/** Clocks of rebuilders may be ahead of ours by so much. */
const aheadMs = 10 * 60_000;

const refused = (code: string, sentence: string, detail: RefusalDetail = {}): Refusal => new Refusal('unprocessable', code, sentence, detail);

interface Shipped { readonly id: string; readonly sha256: string }
export interface Found { readonly artefact: string; readonly finding: FileFinding }
export interface Accepted { readonly build: Provenance; readonly found: readonly Found[] }

/**
 * What verified evidence says of exactly these files. Refused as a whole where it speaks of anything else, of no build or several, of
 * another recipe than that of its build, or of a time that has not come.
 */
export function accepted(evidence: EvidenceVerdict, shipped: readonly Shipped[], nowMs: number): Accepted {
  if (!evidence.ok) throw refused('evidence.refused', 'The evidence does not hold.', { at: evidence.why });
  const [build, ...more] = evidence.builds;
  if (!build || more.length > 0) throw refused('evidence.builds', 'A bundle states one build, from which source, by which recipe and where.');
  const found: Found[] = [];
  for (const finding of evidence.files) {
    const of = shipped.filter((s) => s.sha256 === finding.sha256);
    if (of.length === 0) {
      throw refused('evidence.other-release', 'It speaks of a file that this release does not ship.', {
        at: finding.name, hint: 'Evidence is about the very bytes of a release.',
      });
    }
    for (const { id } of of) {
      if (found.some((f) => f.artefact === id)) throw refused('evidence.twice', 'It speaks of one file under several names.', { at: finding.name });
      found.push({ artefact: id, finding });
    }
    const [voice] = finding.voices;
    if (voice?.recipe !== build.recipeSha256) throw refused('evidence.recipe', 'Its verdicts name another recipe than its build.');
    if (!(Date.parse(voice.at) <= nowMs + aheadMs)) throw refused('evidence.future', 'It was made at a time that has not come yet.');
  }
  return { build, found };
}

/** A verdict as it counts in a sum. */
export interface Counted {
  readonly artefact: string; readonly rebuilder: string; readonly org: string; readonly scope: string; readonly stands: Verdict; readonly at: string;
}

/** One voice for each party: of its rebuilders the one that found most. */
export function partiesOf(verdicts: readonly Counted[]): ReadonlyMap<string, Verdict> {
  const byOrg = new Map<string, Verdict>();
  for (const { org, stands } of verdicts) byOrg.set(org, worst([stands, ...byOrg.has(org) ? [byOrg.get(org) ?? stands] : []]));
  return byOrg;
}

/** Of one file: the worst voice, and whether the parties say different things. Nobody is outvoted. */
export function fileOf(verdicts: readonly Counted[]): { readonly verdict: Verdict | null; readonly summary: Summary | null; readonly dissent: boolean } {
  if (verdicts.length === 0) return { verdict: null, summary: null, dissent: false };
  const voices = [...partiesOf(verdicts).values()];
  const verdict = worst(voices);
  return { verdict, summary: summaryOf[verdict], dissent: new Set(voices.map((v) => summaryOf[v])).size > 1 };
}

/** What a release comes to: the worst of its files, and never more than was rebuilt of this very release. */
export function equivalenceFrom(files: readonly string[], verdicts: readonly Counted[]): Equivalence {
  const standing = verdicts.filter((v) => files.includes(v.artefact));
  const perFile = files.map((file) => fileOf(standing.filter((v) => v.artefact === file)));
  const known = perFile.flatMap((f) => f.verdict ?? []);
  const verdict = known.length === 0 ? null : worst(known);
  const summary = verdict === null ? 'not-assessed' as const : summaryOf[verdict];
  const whole = known.length === files.length;
  return {
    state: !whole && (summary === 'identical' || summary === 'equivalent') ? 'incomplete' : summary, verdict, files: files.length, assessed: known.length,
    rebuilders: new Set(standing.map((v) => v.rebuilder)).size, parties: new Set(standing.map((v) => v.org)).size,
    independent: new Set(standing.filter((v) => v.org !== v.scope).map((v) => v.org)).size, dissent: perFile.some((f) => f.dissent),
    at: standing.reduce<string | null>((last, v) => (last === null || v.at > last ? v.at : last), null),
  };
}

/** In the words of a signed statement, which claims nothing that is not known of the whole release. */
export const statedOf = ({ state, verdict }: Equivalence): string =>
  (verdict === null || state === 'incomplete' ? 'not assessed' : verdict.toLowerCase().replaceAll('-', ' '));
