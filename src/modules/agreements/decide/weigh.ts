/** Weighs a request against the agreements between its two sides. Allocates little: it is asked thousands of times a second. */
import type { Part } from '../model.ts';
import { askedOf, binds, rules as standard, turnTo, type Asked, type Rules } from './checks.ts';
import type { Bound, CompiledForbid, CompiledGrant, Policy } from './policy.ts';
import type { Approved, Request } from './request.ts';

export interface Ruling {
  readonly outcome: 'allow' | 'deny';
  /** Every grant that allows it. */
  readonly grants: readonly CompiledGrant[];
  /** Why not: a code for each agreement, the one that came furthest first. Empty when allowed. */
  readonly deniedBy: readonly string[];
}

/** What one agreement comes to. The larger the depth, the closer to a yes. */
export interface Weighed {
  readonly code: string;
  readonly depth: number;
  readonly grants: readonly CompiledGrant[];
}

const noGrants: readonly CompiledGrant[] = [];
const nobody: Ruling = { outcome: 'deny', grants: noGrants, deniedBy: ['no-agreement'] };
export const prohibitedDepth = 1000;
/** Depth of a grant that passed no check. */
export const grantDepth = 3;

/** The decision: pure, total, deny by default. */
export const decide = (policy: Policy, request: Request): Ruling => decideBy(standard, policy, request);

export function boundsOf(policy: Policy, request: Request): readonly Bound[] {
  return policy.bounds.get(request.actor.org)?.get(request.resource.owner) ?? [];
}

/** The decision by a table of rules; the product has one table. */
export function decideBy(rules: Rules, policy: Policy, request: Request): Ruling {
  const bounds = boundsOf(policy, request);
  if (bounds.length === 0) return nobody;
  const asked = askedOf(request);
  const weighed = bounds.map((bound) => weigh(rules, bound, asked));
  const forbidding = weighed.filter((w) => w.depth === prohibitedDepth);
  if (forbidding.length === 0) {
    const grants = weighed.length === 1 ? (weighed[0] as Weighed).grants : weighed.flatMap((w) => w.grants);
    if (grants.length > 0) return { outcome: 'allow', grants, deniedBy: [] };
  }
  const stopped = forbidding.length > 0 ? forbidding : weighed;
  return { outcome: 'deny', grants: noGrants, deniedBy: [...stopped].sort((x, y) => y.depth - x.depth).map((w) => w.code) };
}

const withoutApprovals: Rules = { ...standard, checks: standard.checks.filter((check) => check.no !== 'approval-missing') };

/** The grants of which nothing but somebody's approval is missing. Asked of a no. */
export const butForApproval = (policy: Policy, request: Request): readonly CompiledGrant[] =>
  decideBy(withoutApprovals, policy, request).grants;

/**
 * Of the approvals given those that a yes leans on: without any one of them it would be a no. Where others would do as well,
 * the last named is let go first. More approvals never turn a yes into a no, so that leaving out one after the other finds them.
 * Null where all of them together do not suffice.
 */
export function leanedOn<A extends Approved>(policy: Policy, request: Request, given: readonly A[]): readonly A[] | null {
  const holds = (approvals: readonly A[]): boolean => decide(policy, { ...request, approvals }).outcome === 'allow';
  if (!holds(given)) return null;
  return given.reduceRight<readonly A[]>((kept, one) => {
    const less = kept.filter((other) => other !== one);
    return holds(less) ? less : kept;
  }, given);
}

export function weigh(rules: Rules, bound: Bound, asked: Asked): Weighed {
  const forbidden = forbidsOf(rules, bound, asked);
  if (forbidden) return { code: forbidden.code, depth: prohibitedDepth, grants: noGrants };
  const standing = rules.standing(bound.of, asked.now);
  if (standing !== 'agreement-in-force') return { code: standing, depth: 0, grants: noGrants };
  const missing = missingPart(bound, asked.request.action);
  if (missing) return { code: missing, depth: 1, grants: noGrants };
  const candidates = bound.of.granted[bound.side].get(asked.request.action) ?? noGrants;
  if (candidates.length === 0) return { code: 'right-not-granted', depth: 2, grants: noGrants };
  turnTo(asked, bound.of);
  const { checks } = rules;
  const holding: CompiledGrant[] = [];
  let furthest = -1;
  for (const grant of candidates) {
    // What fails where the furthest failed can neither hold nor come further: most are told by this one check.
    if (furthest >= 0 && !(checks[furthest] as Rules['checks'][number]).holds(grant, asked)) continue;
    const failed = failedCheck(rules, grant, asked);
    if (failed === checks.length) holding.push(grant);
    else if (failed > furthest) furthest = failed;
  }
  if (holding.length > 0) return { code: 'allowed', depth: grantDepth + checks.length, grants: holding };
  return { code: checks[furthest]?.no ?? 'right-not-granted', depth: grantDepth + furthest, grants: noGrants };
}

/** Index of the first check that does not hold; their number where all do. */
export function failedCheck(rules: Rules, grant: CompiledGrant, asked: Asked): number {
  const { checks } = rules;
  const count = checks.length;
  for (let i = 0; i < count; i++) if (!(checks[i] as Rules['checks'][number]).holds(grant, asked)) return i;
  return count;
}

/** The first prohibition that stops it: of this agreement, or of the sponsor's that it rests on. */
export function forbidsOf(
  rules: Rules, { of, side }: Bound, asked: Asked,
): { readonly forbid: CompiledForbid; readonly code: 'prohibited' | 'prohibition-unknown' } | null {
  const { action } = asked.request;
  const mine = of.forbidden[side].get(action) ?? [];
  // What binds the sponsor binds whom it sponsors.
  const above = of.sponsor && side === 'authority' ? of.sponsor.forbidden.authority.get(action) ?? [] : [];
  for (const forbid of above.length === 0 ? mine : [...mine, ...above]) {
    if (!binds(forbid.agreement, asked.now)) continue;
    const truth = rules.prohibits(forbid, asked);
    if (truth === true) return { forbid, code: 'prohibited' };
    if (truth === null && rules.unknownProhibits) return { forbid, code: 'prohibition-unknown' };
  }
  return null;
}

/** The code of the part that the right rests on, where none of those that claim it stands. */
export function missingPart({ of }: Bound, right: string): string | null {
  const claiming = of.claims.get(right);
  if (claiming === undefined) return null;
  const standing = of.partStandings;
  if (claiming.some((p) => standing.get(p.id) === 'in-force')) return null;
  const suspended = claiming.some((p) => standing.get(p.id) === 'suspended');
  return `${of.agreement.partNoun}-${suspended ? 'suspended' : 'absent'}`;
}

/** Of the parts that claim a right the one to speak of: one in force, else one suspended, else the first. */
export function partToName({ of }: Bound, right: string): Part | null {
  const claiming = of.claims.get(right) ?? [];
  const by = (standing: string): Part | undefined => claiming.find((p) => of.partStandings.get(p.id) === standing);
  return by('in-force') ?? by('suspended') ?? claiming[0] ?? null;
}
