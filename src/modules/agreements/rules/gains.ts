/**
 * Who gains and loses what by a change of agreements: each right of each side whose reach differs, with what it comes to
 * before and after. Shown to both before the second signature, and stored with it. Pure.
 */
import type { Agreement, Change, GainsAndLosses } from '../model.ts';
import type { z } from 'zod';
import type { GrantSpec, Side } from '../terms.ts';

type OneChange = z.infer<typeof Change>;
type Reach = Map<string, { side: Side; right: string; part: string | null; reach: Set<string> }>;

/** `before` is what holds between the two now, `after` what will. */
export function gainsAndLosses(before: readonly Agreement[], after: readonly Agreement[]): GainsAndLosses {
  const [was, will] = [reachOf(before), reachOf(after)];
  const gains: OneChange[] = [];
  const losses: OneChange[] = [];
  for (const key of [...new Set([...was.keys(), ...will.keys()])].sort()) {
    const [old, now] = [was.get(key), will.get(key)];
    const of = now ?? old;
    if (!of) continue;
    const [had, has] = [[...(old?.reach ?? [])].sort(), [...(now?.reach ?? [])].sort()];
    const change = { side: of.side, right: of.right, part: of.part, before: had, after: has };
    if (has.some((r) => !had.includes(r))) gains.push(change);
    if (had.some((r) => !has.includes(r))) losses.push(change);
  }
  return { gains, losses };
}

function reachOf(agreements: readonly Agreement[]): Reach {
  const reach: Reach = new Map();
  const running = agreements.filter((x) => x.status !== 'ended');
  const bans = (side: Side, right: string): string[] => running.flatMap((a) => a.clauses.flatMap((c) => c.machine.prohibitions))
    .filter((ban) => (ban.bound === null || ban.bound === side) && ban.actions.includes(right))
    .map((ban) => `forbidden ${ban.when === null ? 'always' : `where ${JSON.stringify(ban.when)}`}`).toSorted();
  for (const a of running) {
    for (const clause of a.clauses) {
      if (clause.part !== null && a.parts.find((p) => p.id === clause.part)?.state !== 'in-force') continue;
      for (const grant of clause.machine.grants.filter((g) => !a.revocations.some((r) => r.grant === g.id))) {
        for (const right of grant.actions) {
          const key = `${grant.grantee} ${right}`;
          const entry = reach.get(key) ?? { side: grant.grantee, right, part: clause.part, reach: new Set<string>() };
          entry.reach.add([said(a, grant), ...bans(grant.grantee, right)].join('; '));
          reach.set(key, entry);
        }
      }
    }
  }
  return reach;
}

/** One grant's reach in one line: equal lines are equal reach, together with what forbids the right. */
function said(a: Agreement, g: GrantSpec): string {
  const { conditions: c } = g;
  return [
    `for ${[...g.purposes].sort().join(', ')}`, `on ${[...g.kinds].sort().join(', ')}`,
    `products ${(g.products === 'ALL_NAMED' ? a.products : g.products).toSorted().join(', ') || 'none named'}`,
    `up to TLP:${g.maxTlp}, level ${g.maxLevel}`, `from ${g.notBefore ?? a.effectiveAt} until ${g.expires ?? a.expiresAt}`,
    ...(g.roles ? [`roles ${[...g.roles].sort().join(', ')}`] : []), ...(g.persons ? [`people ${[...g.persons].sort().join(', ')}`] : []),
    ...(c.mfa ? ['second factor'] : []), ...(c.networks.length > 0 ? [`from ${c.networks.join(', ')}`] : []),
    ...(c.approvals ? [`${c.approvals.count} approvals`] : []),
  ].join('; ');
}
