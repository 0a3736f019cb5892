/** Generated agreements and requests put to both: our decision and Cedar's. */
import { rules as standard, type Rules } from '../../src/modules/agreements/decide/checks.ts';
import { compilePolicy } from '../../src/modules/agreements/decide/policy.ts';
import { draws, drawRequest, drawSources } from '../../src/modules/agreements/decide/testing.ts';
import { decideBy } from '../../src/modules/agreements/decide/weigh.ts';
import { askCedar, cedarOf } from './cedar.ts';

export interface Difference {
  readonly seed: number;
  readonly ours: string;
  readonly cedars: string;
}
export interface Compared {
  readonly asked: number;
  readonly allowed: number;
  readonly differences: readonly Difference[];
}

/** How many requests are asked of one set of agreements. */
const perPolicy = 25;

/** Compares until `count` requests were asked, or, with `first`, until one differs. The seed says which. */
export function compare(seed: number, count: number, { rules = standard, first = false }: { rules?: Rules; first?: boolean } = {}): Compared {
  const differences: Difference[] = [];
  const counts = { asked: 0, allowed: 0 };
  for (let policy = 0; counts.asked < count; policy++) {
    const d = draws(seed + policy);
    const sources = drawSources(d);
    const compiled = compilePolicy(sources);
    const cedar = cedarOf('differential', sources);
    for (let i = 0; i < perPolicy && counts.asked < count; i++) {
      const request = drawRequest(d, sources);
      const { outcome, grants } = decideBy(rules, compiled, request);
      const ours = JSON.stringify({ outcome, grants: grants.map((g) => g.spec.id).sort() });
      const cedars = JSON.stringify(askCedar(cedar, request));
      counts.asked += 1;
      if (outcome === 'allow') counts.allowed += 1;
      if (ours !== cedars) differences.push({ seed: seed + policy, ours: `${ours} for ${JSON.stringify(request)}`, cedars });
      if (first && differences.length > 0) return { ...counts, differences };
    }
  }
  return { ...counts, differences };
}
