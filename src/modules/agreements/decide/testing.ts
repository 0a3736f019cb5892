/** Agreements and requests for tests of the decision: a plain pair, and seeded ones in which most things nearly hold. */
import { dice } from '#kit/dice';
import { Role } from '#modules/parties/index';
import type { Agreement, Clause } from '../model.ts';
import { itemsOf } from '../rules/attesting.ts';
import { PurposeName, TlpLabel, type ForbidSpec, type GrantSpec, type Machine, type Test } from '../terms.ts';
import { clauseDigest } from './attested.ts';
import type { Source } from './policy.ts';
import type { Request } from './request.ts';

export const at = '2026-06-01T00:00:00.000Z';
export const noConditions = { mfa: false, networks: [], approvals: null };

export function grantOf(change: Partial<GrantSpec> = {}): GrantSpec {
  return {
    id: 'g1', grantee: 'authority', roles: null, persons: null, actions: ['summary.read'], kinds: ['summary'],
    purposes: ['incident-response'], products: ['pkg:generic/p'], maxTlp: 'AMBER', maxLevel: 2, notBefore: null, expires: null,
    conditions: noConditions, ...change,
  };
}

const emptyMachine: Machine = { grants: [], prohibitions: [], obligations: [], quotas: [], handling: null, oversight: null };

/** A clause whose machine form two people have attested, one of each side. */
export function clauseOf(number: string, machine: Partial<Machine>, change: Partial<Clause> = {}): Clause {
  const clause: Clause = {
    number, part: null, title: `Clause ${number}`, titleVi: `Điều ${number}`, text: `Text of ${number}.`, textVi: '',
    textSha256: number.replaceAll('.', '').padStart(64, 'a'), kind: machine.prohibitions ? 'prohibition' : 'grant',
    machine: { ...emptyMachine, ...machine }, attestations: [], ...change,
  };
  return change.attestations ? clause : attested(clause);
}

export function attested(clause: Clause, people: readonly string[] = ['per_one', 'per_two']): Clause {
  const covers = itemsOf(clause.machine);
  return {
    ...clause,
    attestations: people.map((person, i) => ({
      person, personName: person, organisation: i === 0 ? 'org_b' : 'org_c', at, clauseSha256: clauseDigest(clause), covers,
    })),
  };
}

export function agreementOf(clauses: readonly Clause[], change: Partial<Agreement> = {}): Agreement {
  return {
    id: 'agr_one', template: 'mou', title: 'An agreement', titleVi: '', authority: 'org_b', counterpart: 'org_c',
    products: ['pkg:generic/p', 'pkg:generic/q'], parts: [], partNoun: 'pillar', clauses: [...clauses], status: 'active',
    effectiveOn: '2026-01-01', expiresOn: '2027-01-01', zone: 'UTC', effectiveAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2027-01-01T00:00:00.000Z', signatures: [], suspensions: [], revocations: [], predecessor: null,
    sponsorship: null, successions: [], activation: null, documentSha256: '0'.repeat(64), version: 1, createdAt: at, ...change,
  };
}

export function requestOf(change: Partial<Omit<Request, 'actor' | 'resource'>> & {
  actor?: Partial<Request['actor']>; resource?: Partial<Request['resource']>;
} = {}): Request {
  return {
    action: 'summary.read', purpose: 'incident-response', now: at, ...change,
    actor: { org: 'org_b', person: 'per_reader', roles: ['duty-officer'], mfa: true, address: '192.0.2.7', ...change.actor },
    resource: {
      owner: 'org_c', kind: 'summary', products: ['pkg:generic/p'], tlp: 'AMBER', level: 2, ...change.resource,
    },
  };
}

export type Pick1 = <T>(from: readonly T[]) => T;

/** Draws from a seed. `chance` is true so often; `some` takes each with the chance, and one at least. */
export function draws(seed: number) {
  const next = dice(seed);
  const pick: Pick1 = (from) => from[Math.floor(next() * from.length)] as (typeof from)[number];
  const chance = (p: number): boolean => next() < p;
  const some = <T>(from: readonly T[], p: number): T[] => {
    const taken = from.filter(() => chance(p));
    return taken.length > 0 ? taken : [pick(from)];
  };
  const int = (below: number): number => Math.floor(next() * below);
  return { next, pick, chance, some, int };
}
export type Draws = ReturnType<typeof draws>;

export const pool = {
  orgs: ['org_a', 'org_b', 'org_c'], products: ['pkg:a', 'pkg:b', 'pkg:c', 'pkg:d'], actions: ['threat.read', 'feed.pull', 'source.view'],
  kinds: ['threat', 'feed', 'source'], persons: ['per_anna', 'per_bao', 'per_chi'],
  networks: ['192.0.2.0/24', '192.0.2.128/25', '2001:db8::/32', '198.51.100.7'],
  addresses: ['192.0.2.5', '192.0.2.200', '::ffff:192.0.2.5', '2001:db8::9', '198.51.100.7', '203.0.113.1'],
  times: ['2026-03-01T00:00:00.000Z', '2026-06-01T00:00:00.000Z', '2026-09-01T00:00:00.000Z'],
} as const;

export function drawGrant(d: Draws, id: string, grantee: GrantSpec['grantee']): GrantSpec {
  return {
    id, grantee, actions: d.some(pool.actions, 0.7), kinds: d.some(pool.kinds, 0.8), purposes: d.some(PurposeName.options, 0.6),
    roles: d.chance(0.3) ? d.some(Role.options.slice(0, 5), 0.5) : null,
    persons: d.chance(0.25) ? d.some(pool.persons, 0.6) : null,
    products: d.chance(0.45) ? 'ALL_NAMED' : d.some(pool.products, 0.7),
    maxTlp: d.pick(TlpLabel.options.slice(1)), maxLevel: 1 + d.int(4),
    notBefore: d.chance(0.2) ? d.pick(pool.times) : null, expires: d.chance(0.2) ? d.pick(pool.times) : null,
    conditions: {
      mfa: d.chance(0.25), networks: d.chance(0.2) ? d.some(pool.networks, 0.5) : [],
      approvals: d.chance(0.15)
        ? { count: 1 + d.int(2), from: d.pick(['own-organisation', 'other-party'] as const) } : null,
    },
  };
}

export function drawTest(d: Draws, depth = 0): Test {
  const fork = depth < 2 ? d.next() : 1;
  if (fork < 0.15) return { all: Array.from({ length: 1 + d.int(3) }, () => drawTest(d, depth + 1)) };
  if (fork < 0.3) return { any: Array.from({ length: 1 + d.int(3) }, () => drawTest(d, depth + 1)) };
  if (fork < 0.45) return { not: drawTest(d, depth + 1) };
  return d.pick<Test>([
    { attribute: 'level', is: 'at-least', value: d.int(5) },
    { attribute: 'level', is: 'equal', value: d.int(5) },
    { attribute: 'tlp', is: d.pick(['at-most', 'at-least'] as const), value: d.pick(TlpLabel.options) },
    { attribute: 'kind', is: 'one-of', value: d.some(pool.kinds, 0.4) },
    { attribute: 'products', is: 'any-of', value: d.some(pool.products, 0.4) },
    { attribute: 'products', is: 'all-of', value: d.some(pool.products, 0.3) },
    { attribute: 'resource.live', is: 'equal', value: d.chance(0.5) },
    { attribute: 'resource.size', is: 'at-most', value: d.int(100) },
    { attribute: 'resource.region', is: 'equal', value: d.pick(['north', 'south']) },
  ]);
}

export function drawForbid(d: Draws, id: string): ForbidSpec {
  return {
    id, bound: d.pick([null, 'authority', 'counterpart'] as const), actions: d.some(pool.actions, 0.3),
    when: d.chance(0.9) ? drawTest(d) : null,
  };
}

/** An agreement between two of the pool. Most are in force; some clauses are unattested, some grants revoked. */
export function drawAgreement(d: Draws, id: string, sides: { authority: string; counterpart: string }, grants: number): Agreement {
  const parts = ['sharing', 'support'].map((part) => ({
    id: part, title: part, titleVi: part, summary: '', summaryVi: '',
    state: d.chance(0.9) ? 'in-force' as const : d.pick(['withdrawn', 'not-included'] as const),
    rights: d.chance(0.4) ? [d.pick(pool.actions)] : [],
  }));
  const clauses = Array.from({ length: grants }, (_, i) => {
    const clause = clauseOf(`${i + 1}.1`, { grants: [drawGrant(d, `${id}:g${i}`, d.pick(['authority', 'counterpart'] as const))] },
      { part: d.pick([null, 'sharing', 'support']), attestations: [] });
    return d.chance(0.92) ? attested(clause) : d.chance(0.5) ? attested(clause, ['per_one', 'per_one']) : clause;
  });
  const prohibitions = d.chance(0.35) ? [clauseOf('9.1', { prohibitions: [drawForbid(d, `${id}:p`)] })] : [];
  return agreementOf([...clauses, ...prohibitions], {
    id, ...sides, parts, products: d.some(pool.products, 0.8),
    status: d.chance(0.92) ? 'active' : d.pick(['draft', 'suspended', 'ended'] as const),
    suspensions: d.chance(0.06) ? [{
      id: 'sus_1', part: d.pick([null, 'sharing', 'support']), ground: 'political', statement: '', side: 'authority', person: 'per_one',
      at, liftedAt: d.chance(0.5) ? at : null, liftedBy: null, acknowledgedAt: null, acknowledgedBy: null,
    }] : [],
    revocations: clauses.flatMap((c) => c.machine.grants).filter(() => d.chance(0.05))
      .map((g) => ({ grant: g.id, person: 'per_one', side: 'authority' as const, at, reason: '' })),
  });
}

/** A request that one of the grants was meant for, then bent in up to two places. */
export function drawRequest(d: Draws, sources: readonly Source[]): Request {
  const { agreement: a } = d.pick(sources);
  const grants = a.clauses.flatMap((c) => c.machine.grants);
  const g = d.pick(grants);
  const [org, owner] = g.grantee === 'authority' ? [a.authority, a.counterpart] : [a.counterpart, a.authority];
  const scope = g.products === 'ALL_NAMED' ? a.products : g.products;
  const exact: Request = {
    action: d.pick(g.actions), purpose: d.pick(g.purposes),
    now: d.chance(0.15) ? g.notBefore ?? g.expires ?? a.effectiveAt : '2026-06-15T00:00:00.000Z',
    actor: {
      org, person: d.pick(g.persons ?? pool.persons), roles: [d.pick(g.roles ?? Role.options)], mfa: true,
      address: d.pick(pool.addresses),
    },
    resource: {
      owner, kind: d.pick(g.kinds), products: g.products === 'ALL_NAMED' && d.chance(0.3) ? [] : d.some(scope, 0.5),
      tlp: d.pick(TlpLabel.options.slice(0, TlpLabel.options.indexOf(g.maxTlp) + 1)), level: d.int(g.maxLevel + 1),
      attributes: { live: d.chance(0.5), size: d.int(100), ...(d.chance(0.8) ? { region: d.pick(['north', 'south']) } : {}) },
    },
    approvals: g.conditions.approvals ? [
      { person: 'per_x', org: d.pick([org, owner]) }, { person: 'per_y', org: g.conditions.approvals.from === 'own-organisation' ? org : owner },
      { person: 'per_z', org: g.conditions.approvals.from === 'own-organisation' ? org : owner },
    ] : [],
  };
  return Array.from({ length: d.int(3) }).reduce<Request>((request) => bend(d, request), exact);
}

function bend(d: Draws, r: Request): Request {
  const resource = (change: Partial<Request['resource']>): Request => ({ ...r, resource: { ...r.resource, ...change } });
  const actor = (change: Partial<Request['actor']>): Request => ({ ...r, actor: { ...r.actor, ...change } });
  return d.pick([
    () => ({ ...r, purpose: d.pick(PurposeName.options) }), () => ({ ...r, action: d.pick(pool.actions) }),
    () => ({ ...r, now: d.pick(pool.times) }), () => ({ ...r, approvals: [] }),
    () => resource({ kind: d.pick(pool.kinds) }), () => resource({ products: d.some(pool.products, 0.5) }),
    () => resource({ products: [] }), () => resource({ tlp: d.pick([...TlpLabel.options, null]) }), () => resource({ level: d.int(5) }),
    () => resource({ audience: { orgs: d.some(pool.orgs, 0.6) } }), () => resource({ audience: { persons: d.some(pool.persons, 0.6) } }),
    () => actor({ roles: [d.pick(Role.options)] }), () => actor({ person: d.pick(pool.persons) }), () => actor({ mfa: false }),
    () => actor({ address: d.pick(pool.addresses) }), () => actor({ org: d.pick(pool.orgs) }),
  ])();
}

/** A sponsored agreement: its grants are taken from the sponsor's, mostly narrowed, now and then widened. */
export function drawSponsored(d: Draws, id: string, agency: string, sponsor: Agreement): Source | null {
  const above = sponsor.clauses.flatMap((c) => c.machine.grants).filter((g) => g.grantee === 'authority');
  if (above.length === 0) return null;
  const parents: Record<string, string> = {};
  const clauses = Array.from({ length: 3 }, (_, i) => {
    const parent = d.pick(above);
    const bent = { ...(d.chance(0.5) ? { maxLevel: d.int(5) } : {}), ...(d.chance(0.3) ? { maxTlp: d.pick(TlpLabel.options) } : {}) };
    const child = { ...parent, id: `${id}:g${i}`, ...bent };
    parents[child.id] = parent.id;
    return clauseOf(`${i + 1}.1`, { grants: [child] });
  });
  const agreement = agreementOf(clauses, { id, authority: agency, counterpart: sponsor.counterpart, products: sponsor.products });
  return { agreement, sponsor: { agreement: sponsor, parents } };
}

/** A few agreements among the pool's organisations, one of them sponsored now and then. */
export function drawSources(d: Draws): Source[] {
  const direct = Array.from({ length: 1 + d.int(3) }, (_, i) => ({
    agreement: drawAgreement(d, `agr_${i}`, d.pick([
      { authority: 'org_b', counterpart: 'org_c' }, { authority: 'org_c', counterpart: 'org_b' }, { authority: 'org_a', counterpart: 'org_c' },
    ]), 2 + d.int(5)),
  }));
  const first = direct[0]?.agreement;
  const sponsored = first && first.counterpart === 'org_c' && d.chance(0.4)
    ? drawSponsored(d, 'agr_spon', first.authority === 'org_b' ? 'org_a' : 'org_b', first) : null;
  return sponsored ? [...direct, sponsored] : direct;
}
