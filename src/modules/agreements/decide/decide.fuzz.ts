/** Properties of the decision over seeded agreements and requests in which most things nearly hold. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Role } from '#modules/parties/index';
import { benefitsFromGrant } from './benefits.ts';
import { clauseOf, explain, flatten, stopOf } from './explain.ts';
import { dimensions, isNarrower, widened, type Dimension } from './narrower.ts';
import { compilePolicy, rememberingPolicies } from './policy.ts';
import { agreementOf, draws, drawGrant, drawRequest, drawSources, grantOf } from './testing.ts';
import { butForApproval, decide, leanedOn } from './weigh.ts';
import { PurposeName, type GrantSpec } from '../terms.ts';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const named = (id: string): string => `<${id}>`;

describe('the decision', () => {
  test('explains what it decided, and nothing else; a third and more are allowed', () => {
    const counts = { allow: 0, deny: 0 };
    fc.assert(fc.property(seeds, (seed) => {
      const d = draws(seed);
      const sources = drawSources(d);
      const policy = compilePolicy(sources);
      for (let i = 0; i < 10; i++) {
        const request = drawRequest(d, sources);
        const ruling = decide(policy, request);
        const told = explain(policy, request, named);
        counts[ruling.outcome] += 1;
        expect(told.outcome).toBe(ruling.outcome);
        expect(told.deniedBy).toEqual(ruling.deniedBy);
        expect(told.grantIds).toEqual(ruling.grants.map((g) => g.spec.id));
        expect(told.reason.holds).toBe(ruling.outcome === 'allow');
        const reasons = flatten(told.reason);
        if (ruling.outcome === 'allow') {
          const clauses = reasons.filter((r) => r.code === 'clause' && r.holds).map((r) => r.clause?.textSha256);
          expect(clauses).toEqual(ruling.grants.map((g) => g.clause.textSha256));
          expect(clauseOf(told.reason)).not.toBeNull();
        } else {
          expect(stopOf(told.reason).code).toBe(ruling.deniedBy[0]);
          expect(stopOf(told.reason).sentence.length).toBeGreaterThan(10);
        }
      }
    }), { numRuns: 120 });
    expect(counts.allow).toBeGreaterThan(360);
    expect(counts.deny).toBeGreaterThan(360);
  });
  test('says the same twice, whatever stands beside, and in whatever order', () => {
    fc.assert(fc.property(seeds, (seed) => {
      const d = draws(seed);
      const sources = drawSources(d);
      const request = drawRequest(d, sources);
      const once = decide(compilePolicy(sources), request);
      const again = decide(compilePolicy([...sources].reverse()), request);
      expect([again.outcome, again.deniedBy]).toEqual([once.outcome, once.deniedBy]);
      // With an agreement taken away no denied request is allowed, but for a prohibition that went with it.
      const fewer = decide(compilePolicy(sources.slice(1)), request);
      const forbidden = once.deniedBy.some((code) => code.startsWith('prohib'));
      if (once.outcome === 'deny' && !forbidden) expect(fewer.outcome).toBe('deny');
    }), { numRuns: 150 });
  });
  test('what it leaned on suffices, nothing of it can be left out, and who is asked suffices once they have agreed', () => {
    const counts = { leaned: 0, wanted: 0 };
    fc.assert(fc.property(seeds, (seed) => {
      const d = draws(seed);
      const sources = drawSources(d);
      const policy = compilePolicy(sources);
      for (let i = 0; i < 10; i++) {
        const { approvals: _, ...request } = drawRequest(d, sources);
        const orgs = [request.actor.org, request.resource.owner];
        const people = [0, 1, 2, 3, 4, 5].map((n) => ({ person: `per_other${n}`, org: orgs[n % 2] ?? '' }));
        const given = d.some(people, 0.5);
        const outcome = (approvals: typeof people): string => decide(policy, { ...request, approvals }).outcome;
        const leaned = leanedOn(policy, request, given);
        expect(leaned === null).toBe(outcome(given) === 'deny');
        if (leaned) {
          expect(outcome([...leaned])).toBe('allow');
          for (const one of leaned) expect(outcome(leaned.filter((x) => x !== one))).toBe('deny');
          counts.leaned += leaned.length;
        }
        const missing = outcome([]) === 'deny' ? butForApproval(policy, request) : [];
        expect(missing.length > 0).toBe(decide(policy, request).deniedBy[0] === 'approval-missing');
        if (missing.length > 0) expect(outcome(people)).toBe('allow');
        counts.wanted += missing.length;
      }
    }), { numRuns: 200 });
    expect(counts.leaned).toBeGreaterThan(50);
    expect(counts.wanted).toBeGreaterThan(50);
  });
  test('is total: anything at all in a request is a yes or a no', () => {
    const policy = compilePolicy(drawSources(draws(7)));
    fc.assert(fc.property(fc.record({
      action: fc.string(), purpose: fc.string(), now: fc.string(),
      actor: fc.record({ org: fc.constantFrom('org_b', 'org_c', '__proto__'), roles: fc.array(fc.string()), address: fc.string() }),
      resource: fc.record({
        owner: fc.constantFrom('org_c', 'org_b', 'constructor'), kind: fc.string(), products: fc.array(fc.string()), tlp: fc.string(),
        level: fc.double(),
      }),
    }), (request) => {
      expect(['allow', 'deny']).toContain(decide(policy, request).outcome);
      explain(policy, request, named);
    }), { numRuns: 500 });
  });
});

test('policies that are remembered decide as those made anew, also once a version was forgotten', () => {
  const remembering = rememberingPolicies(3);
  fc.assert(fc.property(seeds, fc.integer({ min: 1, max: 6 }), (seed, version) => {
    const d = draws(seed % 5 + version * 10);
    const sources = drawSources(d).map((s) => ({ ...s, agreement: { ...s.agreement, id: `${s.agreement.id}x${seed % 5}`, version } }));
    const request = drawRequest(d, sources);
    expect(decide(remembering(sources), request).deniedBy).toEqual(decide(compilePolicy(sources), request).deniedBy);
  }), { numRuns: 200 });
});

describe('GR-07: what is passed on is narrower in every dimension', () => {
  const wider: Readonly<Record<Dimension, (g: GrantSpec) => GrantSpec | null>> = {
    actions: (g) => ({ ...g, actions: [...g.actions, 'other.act'] }), kinds: (g) => ({ ...g, kinds: [...g.kinds, 'other'] }),
    purposes: (g) => (g.purposes.length < 7 ? { ...g, purposes: [...PurposeName.options] } : null),
    products: (g) => (g.products === 'ALL_NAMED' ? null : { ...g, products: [...g.products, 'pkg:other'] }),
    tlp: (g) => (g.maxTlp === 'RED' ? null : { ...g, maxTlp: 'RED' }), level: (g) => (g.maxLevel === 4 ? null : { ...g, maxLevel: 4 }),
    start: (g) => (g.notBefore === null ? null : { ...g, notBefore: null }), end: (g) => (g.expires === null ? null : { ...g, expires: null }),
    roles: (g) => (g.roles === null ? null : { ...g, roles: null }),
    persons: (g) => (g.persons === null ? null : { ...g, persons: [...g.persons, 'per_other'] }),
    mfa: (g) => (g.conditions.mfa ? { ...g, conditions: { ...g.conditions, mfa: false } } : null),
    networks: (g) => (g.conditions.networks.length === 0 ? null : { ...g, conditions: { ...g.conditions, networks: ['0.0.0.0/0', '::/0'] } }),
    approvals: (g) => (g.conditions.approvals === null ? null : { ...g, conditions: { ...g.conditions, approvals: null } }),
  };
  test('of 1,000 random children each that widens one dimension is refused, and that dimension is named', () => {
    const refused = new Map<Dimension, number>();
    const d = draws(20_260_601);
    const agreement = agreementOf([], { products: ['pkg:a', 'pkg:b'] });
    for (let i = 0; i < 1000; i++) {
      const parent = drawGrant(d, 'parent', 'authority');
      expect(isNarrower({ agreement, grant: parent }, { agreement, grant: parent })).toBe(true);
      const dimension = d.pick(dimensions);
      const child = wider[dimension](parent);
      if (child === null) continue;
      expect(widened({ agreement, grant: child }, { agreement, grant: parent })).toEqual([dimension]);
      refused.set(dimension, (refused.get(dimension) ?? 0) + 1);
    }
    expect([...refused.keys()].sort()).toEqual([...dimensions].sort());
  });
  test('a narrower grant allows nothing that the wider one denies', () => {
    fc.assert(fc.property(seeds, (seed) => {
      const d = draws(seed);
      const [sources] = [drawSources(d)];
      const request = drawRequest(d, sources);
      const { agreement } = sources[0] ?? { agreement: agreementOf([]) };
      const grants = agreement.clauses.flatMap((c) => c.machine.grants);
      const [g, h] = [d.pick(grants), d.pick(grants)];
      if (g.grantee !== h.grantee || !isNarrower({ agreement, grant: g }, { agreement, grant: h })) return;
      const allows = (id: string): boolean => decide(compilePolicy(sources.slice(0, 1)), request).grants.some((x) => x.spec.id === id);
      const counts = (id: string): boolean => compilePolicy(sources).agreements[0]?.grants.some((x) =>
        x.spec.id === id && x.attested && !x.revoked && x.part === 'in-force') ?? false;
      if (allows(g.id) && counts(h.id)) expect(allows(h.id)).toBe(true);
    }), { numRuns: 500 });
  });
});

test('GR-11: of every pair of roles, who holds one through which a right comes benefits, and nobody of the other side does', () => {
  const sides = { authority: 'org_b', counterpart: 'org_c' };
  for (const held of Role.options) {
    for (const granted of Role.options) {
      const grant = grantOf({ roles: [granted] });
      expect(benefitsFromGrant({ id: 'per_x', org: 'org_b', roles: [held] }, sides, grant)).toBe(held === granted);
      expect(benefitsFromGrant({ id: 'per_x', org: 'org_c', roles: [held] }, sides, grant)).toBe(false);
    }
    const named = grantOf({ persons: ['per_x'] });
    expect(benefitsFromGrant({ id: 'per_x', org: 'org_b', roles: [held] }, sides, named)).toBe(true);
    expect(benefitsFromGrant({ id: 'per_y', org: 'org_b', roles: [held] }, sides, named)).toBe(false);
    // By the role matrix where the grant names neither: reading threats comes to six roles; what is in no matrix, to everyone.
    const reading = grantOf({ actions: ['threat.read'] });
    const readers = ['duty-officer', 'psirt', 'feed-operator', 'engineer', 'investigator', 'constituent-admin'];
    expect(benefitsFromGrant({ id: 'per_x', org: 'org_b', roles: [held] }, sides, reading)).toBe(readers.includes(held));
    expect(benefitsFromGrant({ id: 'per_x', org: 'org_b', roles: [held] }, sides, grantOf())).toBe(true);
  }
});
