/**
 * A rebuild: builds by a recipe, compares each shipped file with what came out under its name, and, if asked, searches the environment
 * for what makes them equal, one fact at a time. What it answers is what an attestation says.
 */
import { createHash } from 'node:crypto';
import { compare } from '#kit/compare/compare';
import { summaryOf, type Comparison, type Summary, type Verdict } from '#kit/compare/model';
import { judge, openKeys, worst, type Cause, type Fact, type Trial } from '#kit/compare/verdict';
import { candidates, recipeText } from '#kit/rebuild/recipe';
import { revisionsToTry, statedTime, type Revision } from '#kit/rebuild/toolchain';
import type { Sandbox } from '#world/sandbox/port';
import { build, sourceDigest, type BuildRequest, type Built, type Product } from './build.ts';

export interface RebuildRequest extends Omit<BuildRequest, 'facts'> {
  readonly shipped: readonly Product[];
  readonly explain: boolean;
  /** When the shipped files were made, if somebody knows: what the clock is tried with. Else what a file states itself. */
  readonly clock: string | null;
  /** Revisions of the compiler of this machine, its own first; none where they are not known. */
  readonly revisions: readonly Revision[];
  /** Facts of every build, such as a clock that is to be set. */
  readonly facts: readonly Fact[];
  readonly environment: string;
}

export interface RebuiltFile {
  readonly name: string;
  readonly sha256: string;
  readonly verdict: Verdict;
  readonly comparison: Comparison | null;
  readonly causes: readonly Cause[];
  readonly recovered: Fact | null;
  readonly trials: readonly Trial[];
}
export interface Rebuilt {
  readonly verdict: Verdict;
  readonly summary: Summary;
  readonly files: readonly RebuiltFile[];
  /** Why nothing was built; null where something was. */
  readonly why: string | null;
  readonly log: string;
  readonly recipeSha256: string;
  readonly sourceSha256: string;
  readonly environmentSha256: string;
  readonly facts: readonly Fact[];
  readonly products: readonly { readonly name: string; readonly sha256: string }[];
  /** The same with their bytes; nothing where the build failed. */
  readonly built: readonly Product[];
}

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

const empty = (name: string, shipped: Uint8Array): RebuiltFile =>
  ({ name, sha256: sha256(shipped), verdict: 'NOT-REBUILT', comparison: null, causes: [], recovered: null, trials: [] });

async function against(shipped: Product, built: Built): Promise<Comparison | null> {
  const product = built.ok ? built.products.find((p) => p.name === shipped.name) : undefined;
  return product ? compare(shipped.bytes, product.bytes, { name: shipped.name }) : null;
}

/** What the linker's Build-ID and the object files' own words are: another revision of the compiler always shows in one of them. */
const statesCompiler = new Set(['.note.gnu.build-id', '.comment']);

/** What is tried, in order. Revisions of the compiler only where a file differs as they would make it. */
function factsToTry({ clock, revisions, shipped, recipe }: RebuildRequest, first: ReadonlyMap<string, Comparison>): Fact[] {
  const at = clock ?? shipped.map((f) => statedTime(f.bytes)).find((time) => time !== null) ?? null;
  const shows = recipe.kind !== 'npm' && [...first.values()].some((c) => c.differences.some((d) => statesCompiler.has(d.region)));
  return candidates(at, shows ? revisionsToTry(revisions, at) : []);
}

/** Builds again with one fact set, until every file is the same or explained, or there is nothing more to try. */
async function trialsOf(sandbox: Sandbox, request: RebuildRequest, first: ReadonlyMap<string, Comparison>, say: (line: string) =>
  void): Promise<Map<string, Trial[]>> {
  const found = new Map<string, Trial[]>(request.shipped.map(({ name }) => [name, []]));
  const settled = (): boolean => request.shipped.every(({ name }) => {
    const comparison = first.get(name);
    return comparison === undefined || ['IDENTICAL', 'IDENTICAL-AFTER-RECOVERY', 'EXPLAINED'].includes(judge(comparison, found.get(name) ?? []).verdict);
  });
  for (const fact of factsToTry(request, first)) {
    if (settled()) break;
    say(`trying ${fact.name} = ${fact.value}`);
    const built = await build(sandbox, { ...request, facts: [...request.facts.filter((f) => f.name !== fact.name), fact] });
    if (!built.ok) say(built.why);
    for (const file of request.shipped) {
      const comparison = await against(file, built);
      if (comparison === null || comparison.leftOut > 0) continue;
      found.get(file.name)?.push({ fact, verdict: comparison.verdict, open: openKeys(comparison.differences) });
    }
  }
  return found;
}

export async function rebuild(sandbox: Sandbox, request: RebuildRequest, say: (line: string) => void): Promise<Rebuilt> {
  const { recipe, shipped, facts } = request;
  say(`building ${recipe.name} in ${sandbox.kind}`);
  const built = await build(sandbox, request);
  const first = new Map<string, Comparison>();
  for (const file of shipped) {
    const comparison = await against(file, built);
    if (comparison) first.set(file.name, comparison);
  }
  const trials = built.ok && request.explain ? await trialsOf(sandbox, request, first, say) : new Map<string, Trial[]>();
  const files = shipped.map((file): RebuiltFile => {
    const comparison = first.get(file.name);
    if (!comparison) return empty(file.name, file.bytes);
    const own = trials.get(file.name) ?? [];
    return { name: file.name, sha256: comparison.shipped.sha256, comparison, trials: own, ...judge(comparison, own) };
  });
  const verdict = worst(files.map((f) => f.verdict));
  return {
    verdict, summary: summaryOf[verdict], files, why: built.ok ? null : built.why, log: built.log, recipeSha256: sha256(recipeText(recipe)),
    sourceSha256: await sourceDigest(request), environmentSha256: sha256(request.environment), facts,
    products: built.ok ? built.products.map(({ name, bytes }) => ({ name, sha256: sha256(bytes) })) : [], built: built.ok ? built.products : [],
  };
}
