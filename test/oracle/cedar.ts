/**
 * The decision written a second time, for Cedar (cedar-policy 4.13): each grant a permit, each prohibition a forbid, built from
 * the agreements as signed, by none of the product's code. Cedar skips a policy that errs, so that a prohibition is written to
 * forbid unless it is surely false, and any error at all is a failure of the test.
 */
import cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { EntityJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { Source } from '../../src/modules/agreements/decide/policy.ts';
import type { Request } from '../../src/modules/agreements/decide/request.ts';
import type { Agreement, Clause } from '../../src/modules/agreements/model.ts';
import type { ForbidSpec, GrantSpec, Test } from '../../src/modules/agreements/terms.ts';

const labels = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'];
const q = (text: string): string => JSON.stringify(text);
const set = (words: readonly string[]): string => `[${words.map(q).join(', ')}]`;
const entity = (a: Agreement): string => `Agreement::${q(a.id)}`;

export interface CedarPolicies {
  readonly id: string;
  readonly policies: Readonly<Record<string, string>>;
  readonly entities: readonly EntityJson[];
}

export interface CedarAnswer {
  readonly outcome: 'allow' | 'deny';
  /** Ids of the grants that decided a yes. */
  readonly grants: readonly string[];
}

/** Parses the policies once under an id of the caller's choice; throws where Cedar does not take them. */
export function cedarOf(id: string, sources: readonly Source[]): CedarPolicies {
  const policies: Record<string, string> = {};
  for (const source of sources) {
    const { agreement: a, sponsor } = source;
    for (const clause of a.clauses) {
      for (const grant of clause.machine.grants) policies[grant.id] = permit(source, clause, grant);
      for (const ban of clause.machine.prohibitions) policies[ban.id] = forbid(a, a, ban);
    }
    // What binds the sponsor, who is the authority of its agreement, binds whom it sponsors.
    const above = (sponsor?.agreement.clauses ?? []).flatMap((c) => c.machine.prohibitions).filter((ban) => ban.bound !== 'counterpart');
    for (const ban of above) policies[`${a.id} under ${ban.id}`] = forbid(a, sponsor?.agreement as Agreement, { ...ban, bound: 'authority' });
  }
  const answer = cedar.preparsePolicySet(id, { staticPolicies: policies });
  if (answer.type === 'failure') throw new Error(`Cedar does not take the policies: ${JSON.stringify(answer.errors)}`);
  const all = sources.flatMap((s) => [s.agreement, ...(s.sponsor ? [s.sponsor.agreement] : [])]);
  return { id, policies, entities: [...new Map(all.map((a) => [a.id, entityOf(a)])).values()] };
}

function entityOf(a: Agreement): EntityJson {
  const paused = (part: string | null): boolean => a.suspensions.some((s) => s.part === part && s.liftedAt === null);
  const counted = a.clauses.flatMap((c) => c.machine.grants.filter((g) =>
    new Set(c.attestations.filter((t) => t.covers.includes(g.id)).map((t) => t.person)).size > 1).map((g) => g.id));
  return {
    uid: { type: 'Agreement', id: a.id }, parents: [],
    attrs: {
      status: a.status, paused: paused(null), from: Date.parse(a.effectiveAt), until: Date.parse(a.expiresAt), products: a.products,
      parts: a.parts.filter((p) => p.state === 'in-force' && !paused(p.id)).map((p) => p.id), attested: counted,
      revoked: a.revocations.map((r) => r.grant),
    },
  };
}

const between = (a: Agreement, side: 'authority' | 'counterpart'): string => {
  const [org, owner] = side === 'authority' ? [a.authority, a.counterpart] : [a.counterpart, a.authority];
  return `principal.org == ${q(org)} && resource.owner == ${q(owner)}`;
};
const within = (a: Agreement): string => `context.now >= ${entity(a)}.from && context.now < ${entity(a)}.until`;

/** That a grant stands at the time, whoever uses it. */
function stands(a: Agreement, clause: Clause, grant: GrantSpec): string[] {
  return [
    `${entity(a)}.status == "active"`, `!${entity(a)}.paused`, within(a),
    `${entity(a)}.attested.contains(${q(grant.id)})`, `!${entity(a)}.revoked.contains(${q(grant.id)})`,
    ...(clause.part === null ? [] : [`${entity(a)}.parts.contains(${q(clause.part)})`]),
    ...(grant.notBefore === null ? [] : [`context.now >= ${Date.parse(grant.notBefore)}`]),
    ...(grant.expires === null ? [] : [`context.now < ${Date.parse(grant.expires)}`]),
  ];
}

/** That the sponsor's grant stands and reaches as far. The generator bends nothing but label and level. */
function sponsored({ sponsor }: Source, grant: GrantSpec): string[] {
  if (!sponsor) return [];
  const found = sponsor.agreement.clauses.flatMap((clause) => clause.machine.grants.map((above) => ({ clause, above })))
    .find(({ above }) => above.id === sponsor.parents[grant.id]);
  if (!found) return ['false'];
  const narrower = labels.indexOf(grant.maxTlp) <= labels.indexOf(found.above.maxTlp) && grant.maxLevel <= found.above.maxLevel;
  return [String(narrower), ...stands(sponsor.agreement, found.clause, found.above)];
}

function permit(source: Source, clause: Clause, grant: GrantSpec): string {
  const { agreement: a, sponsor } = source;
  const claimed = grant.actions.map((action) => {
    const claiming = a.parts.filter((p) => p.rights.includes(action)).map((p) => p.id);
    return claiming.length === 0 ? 'true' : `(context.action != ${q(action)} || ${entity(a)}.parts.containsAny(${set(claiming)}))`;
  });
  const wanted = grant.conditions.approvals;
  const named = grant.persons === null ? 'false' : `${set(grant.persons)}.contains(principal.person)`;
  const orgs = `resource.orgs.contains(principal.org)${sponsor ? ` || resource.orgs.contains(${q(sponsor.agreement.authority)})` : ''}`;
  const holds = [
    between(a, grant.grantee), ...stands(a, clause, grant), ...sponsored(source, grant), ...claimed,
    `${set(grant.kinds)}.contains(resource.kind)`, `${set(grant.purposes)}.contains(context.purpose)`,
    grant.products === 'ALL_NAMED' ? `${entity(a)}.products.containsAll(resource.products)`
      : `!resource.products.isEmpty() && ${set(grant.products)}.containsAll(resource.products)`,
    `resource.tlp <= ${labels.indexOf(grant.maxTlp)}`, `resource.level <= ${grant.maxLevel}`,
    `(resource.tlp < 4 || ${named})`, ...(sponsor ? ['resource.tlp < 3'] : []),
    `(!resource.namesOrgs || ${orgs})`, '(!resource.namesPersons || resource.persons.contains(principal.person))',
    ...(grant.roles === null ? [] : [`principal.roles.containsAny(${set(grant.roles)})`]),
    ...(grant.persons === null ? [] : [named]),
    ...(grant.conditions.mfa ? ['principal.mfa'] : []),
    ...(grant.conditions.networks.length === 0 ? []
      : [`(${grant.conditions.networks.map((n) => `context.address.isInRange(ip(${q(n)}))`).join(' || ')})`]),
    ...(wanted === null ? [] : [`context.${wanted.from === 'own-organisation' ? 'own' : 'other'} >= ${wanted.count}`]),
  ];
  return `permit(principal, action in [${grant.actions.map((x) => `Action::${q(x)}`).join(', ')}], resource) when { ${holds.join(' && ')} };`;
}

/** `of` is the agreement whose sides it stops, `by` the one that says so and whose term counts. */
function forbid(of: Agreement, by: Agreement, ban: ForbidSpec): string {
  const sides = ban.bound === null ? ['authority', 'counterpart'] as const : [ban.bound];
  const who = `(${sides.map((side) => `(${between(of, side)})`).join(' || ')})`;
  const binding = `["active", "suspended"].contains(${entity(by)}.status) && ${within(by)}`;
  const unless = ban.when === null ? '' : ` unless { ${surely(ban.when, false)} }`;
  return `forbid(principal, action in [${ban.actions.map((x) => `Action::${q(x)}`).join(', ')}], resource) when { ${who} && ${binding} }${unless};`;
}

/** That a test is surely true, or surely false. */
function surely(test: Test, wanted: boolean): string {
  if ('not' in test) return surely(test.not, !wanted);
  if ('all' in test) return `(${test.all.map((t) => surely(t, wanted)).join(wanted ? ' && ' : ' || ')})`;
  if ('any' in test) return `(${test.any.map((t) => surely(t, wanted)).join(wanted ? ' || ' : ' && ')})`;
  const { there, value } = readingOf(test.attribute);
  const bound = test.attribute === 'tlp' ? labels.indexOf(String(test.value)) : JSON.stringify(test.value);
  const holds = new Map<string, string>([
    ['equal', `${value} == ${bound}`], ['at-most', `${value} <= ${bound}`], ['at-least', `${value} >= ${bound}`],
    ['one-of', `${JSON.stringify(test.value)}.contains(${value})`], ['all-of', `${value}.containsAll(${JSON.stringify(test.value)})`],
    ['any-of', `${value}.containsAny(${JSON.stringify(test.value)})`],
  ]).get(test.is) ?? 'false';
  return `(${there} && ${wanted ? '' : '!'}(${holds}))`;
}

function readingOf(attribute: string): { there: string; value: string } {
  if (attribute === 'tlp' || attribute === 'level') return { there: `resource.${attribute} >= 0`, value: `resource.${attribute}` };
  if (attribute === 'kind' || attribute === 'products') return { there: 'true', value: `resource.${attribute}` };
  const name = attribute.replace('resource.', '');
  return { there: `resource.attributes has ${name}`, value: `resource.attributes.${name}` };
}

/** Asks Cedar; throws on any error that it reports, also of one policy among many. */
export function askCedar(of: CedarPolicies, request: Request): CedarAnswer {
  const { actor, resource, purpose, action, approvals = [] } = request;
  const others = (org: string): number => new Set(approvals.filter((x) => x.org === org && x.person !== actor.person).map((x) => x.person)).size;
  const { audience } = resource;
  const answer = cedar.statefulIsAuthorized({
    preparsedPolicySetId: of.id,
    principal: { type: 'User', id: 'asker' }, action: { type: 'Action', id: action }, resource: { type: 'Record', id: 'asked' },
    context: {
      now: Date.parse(request.now), purpose, action, own: others(actor.org), other: others(resource.owner),
      address: { __extn: { fn: 'ip', arg: (actor.address ?? '').replace(/^::ffff:(?=\d+\.)/, '') } },
    },
    entities: [...of.entities, {
      uid: { type: 'User', id: 'asker' }, parents: [],
      attrs: { org: actor.org, person: actor.person ?? '', roles: [...(actor.roles ?? [])], mfa: actor.mfa === true },
    }, {
      uid: { type: 'Record', id: 'asked' }, parents: [],
      attrs: {
        owner: resource.owner, kind: resource.kind, products: [...(resource.products ?? [])],
        tlp: resource.tlp === undefined ? -1 : labels.indexOf(resource.tlp ?? 'RED'), level: resource.level ?? -1,
        namesOrgs: audience?.orgs !== undefined, orgs: [...(audience?.orgs ?? [])],
        namesPersons: audience?.persons !== undefined, persons: [...(audience?.persons ?? [])],
        attributes: { ...resource.attributes } as Record<string, string | number | boolean>,
      },
    }],
  });
  if (answer.type === 'failure') throw new Error(`Cedar: ${JSON.stringify(answer.errors)}`);
  const { decision, diagnostics } = answer.response;
  if (diagnostics.errors.length > 0) throw new Error(`Cedar: ${JSON.stringify(diagnostics.errors)}`);
  return { outcome: decision, grants: decision === 'allow' ? [...diagnostics.reason].sort() : [] };
}

export const cedarVersion = (): string => `Cedar ${cedar.getCedarVersion()}`;
