/** GR-08: the difference is that of all decisions before and after, asked one by one. */
import { expect, test } from 'vitest';
import { Role } from '#modules/parties/index';
import type { Agreement } from '../model.ts';
import { gainsAndLosses } from '../rules/gains.ts';
import { PurposeName, TlpLabel } from '../terms.ts';
import { cellOf, differenceOf, keyOf, namedIn, type Point } from './difference.ts';
import { compilePolicy, type Policy, type Source } from './policy.ts';
import { agreementOf, clauseOf, draws, drawAgreement, drawSponsored, grantOf, pool, type Draws } from './testing.ts';
import { decide } from './weigh.ts';

const now = '2026-06-15T00:00:00.000Z';

/** Without conditions of the moment, which the difference takes as met. */
function plain(a: Agreement): Agreement {
  return { ...a, clauses: a.clauses.map((c) => {
    const grants = c.machine.grants.map((g) => ({ ...g, conditions: { mfa: g.conditions.mfa, networks: [], approvals: null } }));
    const machine = { ...c.machine, grants };
    return clauseOf(c.number, machine, { part: c.part, kind: c.kind });
  }) };
}
function sourcesOf(d: Draws): Source[] {
  const first = plain(drawAgreement(d, 'agr_0', { authority: 'org_b', counterpart: 'org_c' }, 3));
  const second = plain(drawAgreement(d, 'agr_1', { authority: 'org_c', counterpart: 'org_b' }, 2));
  const sponsored = d.chance(0.5) ? drawSponsored(d, 'agr_s', 'org_a', first) : null;
  return [{ agreement: first }, ...(d.chance(0.6) ? [{ agreement: second }] : []), ...(sponsored ? [sponsored] : [])];
}

/** All cells at every point there could be, decided one by one. */
function everyDecision(
  policy: Policy, roles: readonly Role[], persons: readonly string[], named: ReadonlyMap<string, ReadonlySet<string>>,
): Map<string, number> {
  const all = new Map<string, number>();
  const askers = [...roles.map((role) => ({ role, person: null })), ...persons.map((person) => ({ role: null, person }))];
  const sides = pool.orgs.flatMap((org) => pool.orgs.filter((owner) => owner !== org).map((owner) => ({ org, owner })));
  const whole = sides.flatMap((side) => askers.filter((w) => w.person === null || named.get(side.org)?.has(w.person)).map((who) => ({ ...side, who })));
  for (const { org, owner, who } of whole) for (const action of pool.actions) {
    for (const kind of pool.kinds) for (const purpose of PurposeName.options) for (const product of [null, ...pool.products]) {
      const point: Point = { org, owner, ...who, action, kind, purpose, product };
      const roles_ = who.role === null ? Role.options : [who.role];
      const actor = { org, roles: roles_, mfa: true, ...(who.person === null ? {} : { person: who.person }) };
      const cells = TlpLabel.options.flatMap((tlp, label) => [0, 1, 2, 3, 4].filter((level) => decide(policy, {
        actor, action, purpose, now, resource: { owner, kind, tlp, level, products: product === null ? [] : [product] },
      }).outcome === 'allow').map((level) => cellOf(label, level))).reduce((sum, cell) => sum | cell, 0);
      if (cells !== 0) all.set(keyOf(point), cells);
    }
  }
  return all;
}

test('random agreements before and after: gains and losses are those of every single decision', () => {
  const found = { gains: 0, losses: 0 };
  for (let seed = 1; seed <= 3; seed++) {
    const d = draws(seed);
    const [before, after] = [sourcesOf(d), sourcesOf(d)];
    const policies = [compilePolicy(before), compilePolicy(after)] as const;
    const named = namedIn(policies);
    const persons = pool.persons.slice(0, 2);
    const roles = d.some(Role.options, 0.1);
    const [was, will] = [everyDecision(policies[0], roles, persons, named), everyDecision(policies[1], roles, persons, named)];
    const difference = differenceOf(before, after, now);
    const asked = ({ role, person }: Point): boolean => (person === null ? roles.some((r) => r === role) : persons.some((p) => p === person));
    const beyond = (one: Map<string, number>, other: Map<string, number>) => [...one]
      .map(([key, cells]) => [key, cells & ~(other.get(key) ?? 0)] as const).filter(([, cells]) => cells !== 0).sort();
    const told = (side: 'gains' | 'losses') => difference[side].filter(asked).map((p) => [keyOf(p), p.cells] as const).sort();
    expect(told('gains'), `seed ${seed}`).toEqual(beyond(will, was));
    expect(told('losses'), `seed ${seed}`).toEqual(beyond(was, will));
    found.gains += told('gains').length;
    found.losses += told('losses').length;
  }
  expect(Math.min(found.gains, found.losses)).toBeGreaterThan(50);
}, 60_000);

test('one level more is one column of cells, for each role; nothing is lost', () => {
  const of = (maxLevel: number): Source[] => [{ agreement: agreementOf([clauseOf('1.1', { grants: [grantOf({ maxLevel, maxTlp: 'GREEN' })] })]) }];
  const { gains, losses } = differenceOf(of(2), of(3), now);
  expect(losses).toEqual([]);
  expect(gains).toHaveLength(Role.options.length);
  expect(new Set(gains.map((g) => g.cells))).toEqual(new Set([cellOf(0, 3) | cellOf(1, 3)]));
  expect(differenceOf(of(2), of(2), now)).toEqual({ gains: [], losses: [] });
});

test('whatever right gains or loses a single decision stands in the list that both sides see before they sign', () => {
  const seen = { gains: 0, losses: 0 };
  for (let seed = 100; seed < 130; seed++) {
    const d = draws(seed);
    const one = plain(drawAgreement(d, 'agr_0', { authority: 'org_b', counterpart: 'org_c' }, 3));
    const other = plain(drawAgreement(d, 'agr_1', { authority: 'org_b', counterpart: 'org_c' }, 3));
    const active = (a: Agreement): Agreement => ({ ...a, status: 'active', suspensions: [] });
    const [before, after] = [active(one), active({ ...other, id: 'agr_0' })];
    const points = differenceOf([{ agreement: before }], [{ agreement: after }], now);
    const listed = gainsAndLosses([before], [after]);
    for (const side of ['gains', 'losses'] as const) {
      const rights = new Set(listed[side].map((c) => `${before[c.side]} ${c.right}`));
      for (const point of points[side]) expect(rights, `seed ${seed}`).toContain(`${point.org} ${point.action}`);
      seen[side] += points[side].length;
    }
  }
  expect(Math.min(seen.gains, seen.losses)).toBeGreaterThan(1000);
});
