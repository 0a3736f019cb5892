/**
 * GR-02: "C may read incident summaries of product P until 2027-01-01 for incident-response, max AMBER": the exact case is
 * allowed and names the clause; each near miss is denied for its own reason. Then what the table leaves out: audiences,
 * roles, people, networks, approvals, prohibitions, sponsors.
 */
import { describe, expect, test } from 'vitest';
import type { Agreement } from '../model.ts';
import type { GrantSpec, Test } from '../terms.ts';
import { clauseOf as clauseOfReason, explain, sentences } from './explain.ts';
import { checks } from './checks.ts';
import { compilePolicy, type Source } from './policy.ts';
import { agreementOf, attested, clauseOf, grantOf, noConditions, requestOf } from './testing.ts';
import type { Request } from './request.ts';
import { butForApproval, decide, leanedOn } from './weigh.ts';

type Change = Parameters<typeof requestOf>[0];
const text = 'C may read incident summaries of product P until 2027-01-01 for incident-response, max AMBER';
const summary = (grant: Partial<GrantSpec> = {}, agreement: Partial<Agreement> = {}): Source => ({
  agreement: agreementOf([clauseOf('2.1', { grants: [grantOf({
    conditions: { ...noConditions, mfa: true }, notBefore: '2026-02-01T00:00:00.000Z', expires: '2027-01-01T00:00:00.000Z', ...grant,
  })] }, { text, textSha256: 'c'.repeat(64) })], { expiresAt: '2028-01-01T00:00:00.000Z', ...agreement }),
});
const ruling = (source: Source, change: Change = {}) => decide(compilePolicy([source]), requestOf(change));
const first = (source: Source, change: Change = {}): string | undefined => ruling(source, change).deniedBy[0];

describe('GR-02: the clause and its near misses', () => {
  test('the exact case is allowed, and names the clause and its text', () => {
    const decision = explain(compilePolicy([summary()]), requestOf(), (id) => id);
    expect(decision).toMatchObject({ outcome: 'allow', grantIds: ['g1'], deniedBy: [] });
    expect(clauseOfReason(decision.reason)).toEqual({
      agreementId: 'agr_one', agreementTitle: 'An agreement', clause: '2.1', textSha256: 'c'.repeat(64),
    });
  });
  const unattested = (people: readonly string[]): Source => {
    const { agreement } = summary();
    return { agreement: { ...agreement, clauses: agreement.clauses.map((c) => attested(c, people)) } };
  };
  const suspension = {
    id: 'sus_1', part: null, ground: 'political' as const, statement: '', side: 'authority' as const, person: 'per_one', at: '',
    liftedAt: null, liftedBy: null, acknowledgedAt: null, acknowledgedBy: null,
  };
  const misses: [string, Source, Change, string][] = [
    ['another product', summary(), { resource: { products: ['pkg:generic/q'] } }, 'product-not-granted'],
    ['mixed products', summary(), { resource: { products: ['pkg:generic/p', 'pkg:generic/q'] } }, 'product-not-granted'],
    ['level 3', summary(), { resource: { level: 3 } }, 'level-not-granted'],
    ['amber+strict of the owner', summary(), { resource: { tlp: 'AMBER+STRICT' } }, 'tlp-not-granted'],
    ['another purpose', summary(), { purpose: 'training' }, 'purpose-not-granted'],
    ['a millisecond before its start', summary(), { now: '2026-01-31T23:59:59.999Z' }, 'not-begun'],
    ['exactly at its expiry', summary(), { now: '2027-01-01T00:00:00.000Z' }, 'grant-expired'],
    ['a suspended agreement', summary({}, { suspensions: [suspension] }), {}, 'agreement-suspended'],
    ['a clause that nobody attested', unattested([]), {}, 'not-attested'],
    ['another organisation', summary(), { actor: { org: 'org_d' } }, 'no-agreement'],
    ['no passkey', summary(), { actor: { mfa: false } }, 'mfa-missing'],
    ['revoked', summary({}, { revocations: [{ grant: 'g1', person: 'per_one', side: 'counterpart', at: '', reason: '' }] }), {}, 'revoked'],
  ];
  test.each(misses)('%s', (_, source, change, code) => {
    expect(ruling(source, change)).toMatchObject({ outcome: 'deny', grants: [], deniedBy: [code] });
  });
  test('a millisecond this side of each bound is allowed', () => {
    for (const now of ['2026-02-01T00:00:00.000Z', '2026-12-31T23:59:59.999Z']) expect(ruling(summary(), { now }).outcome).toBe('allow');
  });
  test('one attester, one person twice, and a word given on another text count for nothing', () => {
    expect(first(unattested(['per_one']))).toBe('not-attested');
    expect(first(unattested(['per_one', 'per_one']))).toBe('not-attested');
    const { agreement } = summary();
    const changed = agreement.clauses.map((c) => ({ ...c, machine: { ...c.machine, grants: c.machine.grants.map((g) => ({ ...g, maxLevel: 4 })) } }));
    expect(first({ agreement: { ...agreement, clauses: changed } })).toBe('not-attested');
  });
  test('a lifted suspension is as if it had not been; one of another part stops nothing', () => {
    const lifted = { ...suspension, liftedAt: '2026-05-01T00:00:00Z', liftedBy: 'per_one', acknowledgedAt: null, acknowledgedBy: null };
    expect(ruling(summary({}, { suspensions: [lifted] })).outcome).toBe('allow');
    expect(ruling(summary({}, { suspensions: [{ ...suspension, part: 'other' }] })).outcome).toBe('allow');
  });
  test('a grant never outlives its agreement', () => {
    const source = summary({ expires: '2030-01-01T00:00:00.000Z' });
    expect(first(source, { now: '2028-01-01T00:00:00.000Z' })).toBe('agreement-expired');
  });
});

describe('what is not known denies', () => {
  const unknown: [string, Change, string][] = [
    ['an action', { action: 'summary.erase' }, 'right-not-granted'], ['a purpose', { purpose: '' }, 'purpose-not-granted'],
    ['a label', { resource: { tlp: 'WHITE' } }, 'tlp-not-granted'], ['a label of nobody', { resource: { tlp: null } }, 'tlp-not-granted'],
    ['half a level', { resource: { level: 1.5 } }, 'level-not-granted'], ['a level of nobody', { resource: { level: null } }, 'level-not-granted'],
    ['not a number', { resource: { level: Number.NaN } }, 'level-not-granted'], ['a negative level', { resource: { level: -1 } }, 'level-not-granted'],
    ['a product', { resource: { products: ['__proto__'] } }, 'product-not-granted'],
    ['no product', { resource: { products: [] } }, 'product-not-granted'], ['a kind', { resource: { kind: 'constructor' } }, 'kind-not-granted'],
    ['the time', { now: 'yesterday' }, 'clock-unreadable'], ['no time', { now: '' }, 'clock-unreadable'],
  ];
  test.each(unknown)('%s', (_, change, code) => expect(first(summary(), change)).toBe(code));
  test('times of the agreement that cannot be read', () => {
    expect(first(summary({}, { effectiveAt: 'soon' }))).toBe('clock-unreadable');
    expect(first(summary({ notBefore: 'soon' }))).toBe('not-begun');
    expect(first(summary({ expires: 'later' }))).toBe('grant-expired');
  });
});

describe('TLP is a rule about who', () => {
  const reach = (grant: Partial<GrantSpec>, change: Change = {}): string =>
    first(summary({ maxTlp: 'RED', ...grant }), change) ?? 'allow';
  test('red is for people whom the grant names', () => {
    expect(reach({}, { resource: { tlp: 'RED' } })).toBe('audience-not-granted');
    expect(reach({ persons: ['per_reader'] }, { resource: { tlp: 'RED' } })).toBe('allow');
    expect(reach({ persons: ['per_other'] }, { resource: { tlp: 'RED' } })).toBe('audience-not-granted');
    expect(reach({}, { resource: { tlp: null } })).toBe('audience-not-granted');
    expect(reach({}, { resource: { tlp: 'AMBER+STRICT' } })).toBe('allow');
  });
  test('an audience that the source names narrows; an empty one is nobody', () => {
    const seen = (audience: object): string => reach({}, { resource: { tlp: 'GREEN', audience } });
    expect(seen({ orgs: ['org_b'] })).toBe('allow');
    expect(seen({ orgs: ['org_x'] })).toBe('audience-not-granted');
    expect(seen({ orgs: [] })).toBe('audience-not-granted');
    expect(seen({ persons: ['per_reader'] })).toBe('allow');
    expect(seen({ persons: ['per_other'] })).toBe('audience-not-granted');
    expect(seen({})).toBe('allow');
  });
});

describe('who, from where, with whose yes', () => {
  test('roles and people restrict', () => {
    expect(ruling(summary({ roles: ['duty-officer', 'psirt'] })).outcome).toBe('allow');
    expect(first(summary({ roles: ['psirt'] }))).toBe('role-not-granted');
    expect(first(summary({ roles: ['psirt'] }), { actor: { roles: [] } })).toBe('role-not-granted');
    expect(first(summary({ persons: ['per_other'] }))).toBe('person-not-granted');
  });
  const from = (networks: string[], address: string | undefined): string | undefined =>
    first(summary({ conditions: { ...noConditions, networks } }), { actor: { address } });
  test('networks: version 4, version 6, and the one mapped into the other', () => {
    expect(from(['192.0.2.0/24'], '192.0.2.255')).toBeUndefined();
    expect(from(['192.0.2.0/24'], '::ffff:192.0.2.255')).toBeUndefined();
    expect(from(['192.0.2.0/25'], '192.0.2.128')).toBe('network-not-granted');
    expect(from(['2001:db8::/33'], '2001:db8:7fff::1')).toBeUndefined();
    expect(from(['2001:db8::/33'], '2001:db8:8000::1')).toBe('network-not-granted');
    expect(from(['::/0'], '203.0.113.9')).toBeUndefined();
    expect(from(['0.0.0.0/0'], '2001:db8::1')).toBe('network-not-granted');
    for (const address of [undefined, '', 'localhost', '192.0.2.5/24', '0192.0.2.5', '192.0.2.5%eth0']) {
      expect(from(['192.0.2.0/24'], address)).toBe('network-not-granted');
    }
    // A network that cannot be read lets nobody in, and does not open the grant to all.
    expect(from(['somewhere'], '192.0.2.5')).toBe('network-not-granted');
  });
  const approving = (count: number, side: 'own-organisation' | 'other-party', approvals: Request['approvals']): string | undefined =>
    first(summary({ conditions: { ...noConditions, approvals: { count, from: side } } }), { approvals });
  const own = (person: string) => ({ person, org: 'org_b' });
  const other = (person: string) => ({ person, org: 'org_c' });
  test('approvals: enough others, each once, of the side that has to', () => {
    expect(approving(1, 'own-organisation', undefined)).toBe('approval-missing');
    expect(approving(1, 'own-organisation', [own('per_x')])).toBeUndefined();
    expect(approving(1, 'own-organisation', [own('per_reader')])).toBe('approval-missing');
    expect(approving(1, 'own-organisation', [other('per_x')])).toBe('approval-missing');
    expect(approving(1, 'other-party', [other('per_x')])).toBeUndefined();
    expect(approving(2, 'other-party', [other('per_x'), other('per_x')])).toBe('approval-missing');
    expect(approving(2, 'other-party', [other('per_x'), other('per_y'), own('per_z')])).toBeUndefined();
  });
  const wanting = (id: string, count: number, from: 'own-organisation' | 'other-party', more: Partial<GrantSpec> = {}) =>
    grantOf({ id, conditions: { ...noConditions, approvals: { count, from } }, ...more });
  const policyOf = (...grants: GrantSpec[]) => compilePolicy([{ agreement: agreementOf([clauseOf('2.1', { grants })]) }]);
  test('a yes leans on no more approvals than it needs, lets the last named go first, and leans on none where a grant wants none', () => {
    const leaned = (grants: GrantSpec[], given: ReturnType<typeof own>[]) =>
      leanedOn(policyOf(...grants), requestOf(), given)?.map((a) => a.person);
    const both = [wanting('g1', 1, 'own-organisation'), wanting('g2', 2, 'other-party')];
    expect(leaned(both, [own('per_x'), own('per_y')])).toEqual(['per_x']);
    expect(leaned(both, [other('per_x'), other('per_z')])).toEqual(['per_x', 'per_z']);
    expect(leaned(both, [other('per_x'), own('per_y'), other('per_z')])).toEqual(['per_y']);
    expect(leaned(both, [other('per_x'), other('per_z'), own('per_y')])).toEqual(['per_x', 'per_z']);
    expect(leaned(both, [own('per_y'), other('per_x'), other('per_z')])).toEqual(['per_y']);
    expect(leaned(both, [other('per_x')])).toBeUndefined();
    expect(leaned([...both, grantOf({ id: 'g3' })], [own('per_x')])).toEqual([]);
    expect(leanedOn(policyOf(...both), requestOf({ purpose: 'training' }), [own('per_x')])).toBeNull();
  });
  test('the grants of which nothing but an approval is missing are those, and none beside a prohibition', () => {
    const grants = [
      wanting('g1', 1, 'own-organisation'), wanting('g2', 2, 'other-party', { maxLevel: 1 }), wanting('g3', 3, 'other-party'),
    ];
    expect(butForApproval(policyOf(...grants), requestOf()).map((g) => g.spec.id)).toEqual(['g1', 'g3']);
    expect(butForApproval(policyOf(...grants), requestOf({ purpose: 'training' }))).toEqual([]);
    const forbidden = compilePolicy([{ agreement: agreementOf([
      clauseOf('2.1', { grants }), clauseOf('3.1', { prohibitions: [{ id: 'p1', bound: null, actions: ['summary.read'], when: null }] }),
    ]) }]);
    expect(butForApproval(forbidden, requestOf())).toEqual([]);
  });
});

describe('prohibitions beat grants', () => {
  const forbidding = (when: Test | null, bound: 'authority' | 'counterpart' | null = null): Source => {
    const { agreement } = summary();
    return { agreement: { ...agreement, clauses: [...agreement.clauses,
      clauseOf('3.1', { prohibitions: [{ id: 'p1', bound, actions: ['summary.read'], when }] })] } };
  };
  const live: Test = { attribute: 'resource.live', is: 'equal', value: true };
  test('always, or where the test holds, and only for the side it binds', () => {
    expect(first(forbidding(null))).toBe('prohibited');
    expect(first(forbidding(null, 'counterpart'))).toBeUndefined();
    expect(first(forbidding(live), { resource: { attributes: { live: true } } })).toBe('prohibited');
    expect(first(forbidding(live), { resource: { attributes: { live: false } } })).toBeUndefined();
  });
  test('GR-10: one that reads what is missing, or is of another type, denies', () => {
    expect(first(forbidding(live))).toBe('prohibition-unknown');
    expect(first(forbidding({ not: live }))).toBe('prohibition-unknown');
    expect(first(forbidding(live), { resource: { attributes: { live: 'true' } } })).toBe('prohibition-unknown');
    expect(first(forbidding({ attribute: '__proto__', is: 'equal', value: true }))).toBe('prohibition-unknown');
    expect(first(forbidding({ attribute: 'resource.hasOwnProperty', is: 'equal', value: true }), { resource: { attributes: {} } }))
      .toBe('prohibition-unknown');
  });
  test('in another agreement too, though it be suspended; not once it is over', () => {
    const other = (change: Partial<Agreement>): string | undefined => {
      const { agreement } = forbidding(null);
      const sources = [summary(), { agreement: { ...agreement, ...change, id: 'agr_two' } }];
      return decide(compilePolicy(sources), requestOf()).deniedBy[0];
    };
    expect(other({})).toBe('prohibited');
    expect(other({ status: 'suspended' })).toBe('prohibited');
    expect(other({ status: 'draft' })).toBeUndefined();
    expect(other({ status: 'ended' })).toBeUndefined();
    expect(other({ expiresAt: '2026-05-01T00:00:00.000Z' })).toBeUndefined();
  });
  test('a test nested beyond reason is unknown, and denies', () => {
    const deep = Array.from({ length: 5000 }).reduce<Test>((inner) => ({ not: inner }), live);
    expect(first(forbidding(deep), { resource: { attributes: { live: false } } })).toBe('prohibition-unknown');
  });
});

describe('what a sponsor passes on', () => {
  const sponsor = summary({ maxTlp: 'RED', persons: null }).agreement;
  const child = (grant: Partial<GrantSpec>, parents: Record<string, string> = { child: 'g1' }, above: Agreement = sponsor): Source => ({
    agreement: agreementOf([clauseOf('1.1', { grants: [grantOf({ ...sponsor.clauses[0]?.machine.grants[0], id: 'child', ...grant })] })],
      { id: 'agr_two', authority: 'org_agency', expiresAt: '2028-01-01T00:00:00.000Z' }),
    sponsor: { agreement: above, parents },
  });
  const agency = { actor: { org: 'org_agency' } };
  test('counts while the sponsor’s own grant does, and no longer', () => {
    expect(ruling(child({}), agency).outcome).toBe('allow');
    expect(first(child({}, {}), agency)).toBe('sponsor-absent');
    expect(first(child({}, { child: 'g1' }, { ...sponsor, status: 'suspended' }), agency)).toBe('sponsor-absent');
    expect(first(child({}, { child: 'g1' }, { ...sponsor, status: 'ended' }), agency)).toBe('sponsor-absent');
    expect(first(child({}, { child: 'g1' }, { ...sponsor, clauses: sponsor.clauses.map((c) => ({ ...c, attestations: [] })) }), agency)).toBe('sponsor-absent');
  });
  test('never counts where it is wider in any dimension', () => {
    expect(first(child({ maxLevel: 4 }), agency)).toBe('sponsor-absent');
    expect(first(child({ products: ['pkg:generic/p', 'pkg:generic/q'] }), agency)).toBe('sponsor-absent');
  });
  test('amber reaches it, amber+strict and red do not', () => {
    const read = (tlp: string) => first(child({}), { ...agency, resource: { tlp } });
    expect([read('AMBER'), read('AMBER+STRICT'), read('RED')]).toEqual([undefined, 'audience-not-granted', 'audience-not-granted']);
  });
  test('what its sponsor is named for as audience, it may see', () => {
    const read = (orgs: string[]) => first(child({}), { ...agency, resource: { audience: { orgs } } });
    expect([read(['org_b']), read(['org_x'])]).toEqual([undefined, 'audience-not-granted']);
  });
  test('what binds the sponsor binds it', () => {
    const bound = { ...sponsor, clauses: [...sponsor.clauses,
      clauseOf('3.1', { prohibitions: [{ id: 'p1', bound: 'authority', actions: ['summary.read'], when: null }] })] };
    expect(first(child({}, { child: 'g1' }, bound), agency)).toBe('prohibited');
  });
});

test('each code of each check has its sentence', () => {
  for (const check of checks) for (const code of [check.yes, check.no]) expect(sentences).toHaveProperty([code]);
});
