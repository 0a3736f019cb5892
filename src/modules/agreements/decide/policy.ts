/**
 * Agreements made ready to be asked: grants as bits and instants, indexed by who asks whom for what. An agreement is compiled
 * once a version and never changes afterwards. What cannot be compiled counts for nothing.
 */
import type { Condition } from '#kit/condition/condition';
import { parsePrefix, type Prefix } from '#kit/ip/ip';
import { Role } from '#modules/parties/index';
import type { Agreement, Clause, Part } from '../model.ts';
import { PurposeName, TlpLabel, type Conditions, type ForbidSpec, type GrantSpec, type Side } from '../terms.ts';
import { isAttested } from './attested.ts';
import { widened } from './narrower.ts';
import { isSuspended, type Term } from './standing.ts';

export const tlpOrder: readonly string[] = TlpLabel.options;
const purposeBits: ReadonlyMap<string, number> = new Map(PurposeName.options.map((p, i) => [p, 1 << i]));
const roleBits: ReadonlyMap<string, number> = new Map(Role.options.map((r, i) => [r, 1 << i]));

/** Bits of the words that are known; an unknown word has none. */
export const purposeBit = (purpose: string): number => purposeBits.get(purpose) ?? 0;
export const roleMask = (roles: readonly string[]): number => roles.reduce((mask, r) => mask | (roleBits.get(r) ?? 0), 0);

export type PartStanding = 'in-force' | 'suspended' | 'withdrawn' | 'not-included';

export interface CompiledGrant {
  readonly agreement: CompiledAgreement;
  readonly clause: Clause;
  readonly spec: GrantSpec;
  /** Standing of the part that its clause belongs to; `in-force` where it belongs to none. */
  readonly part: PartStanding;
  readonly attested: boolean;
  readonly revoked: boolean;
  /** Its own term within the agreement's: from included, until excluded, milliseconds; NaN where unreadable. */
  readonly from: number;
  readonly until: number;
  /** Bits of the roles; null where any role will do. */
  readonly roles: number | null;
  readonly persons: ReadonlySet<string> | null;
  readonly purposes: number;
  readonly kinds: Bits;
  readonly products: Bits;
  readonly allNamed: boolean;
  readonly tlp: number;
  readonly level: number;
  readonly networks: readonly Prefix[] | null;
  readonly conditions: Conditions;
  /** Null: nobody stands above it. */
  readonly parent: Parent | null;
}

/** The sponsor's grant that a sponsored one rests on. A parent that is not to be found counts for nothing. */
export interface Parent {
  readonly grant: CompiledGrant | null;
  /** Dimensions in which the child would reach further; it counts only where there are none. */
  readonly wider: readonly string[];
  readonly sponsor: string;
}

export interface CompiledForbid {
  readonly agreement: CompiledAgreement;
  readonly clause: Clause;
  readonly spec: ForbidSpec;
  readonly when: Condition | null;
}

export interface CompiledAgreement extends Term {
  readonly agreement: Agreement;
  readonly version: string;
  readonly grants: readonly CompiledGrant[];
  /** By side, then by right. */
  readonly granted: Readonly<Record<Side, ReadonlyMap<string, readonly CompiledGrant[]>>>;
  readonly forbidden: Readonly<Record<Side, ReadonlyMap<string, readonly CompiledForbid[]>>>;
  /** Right to the parts that alone can give it, and the standing of each part. */
  readonly claims: ReadonlyMap<string, readonly Part[]>;
  readonly partStandings: ReadonlyMap<string, PartStanding>;
  /** Number of each product and of each kind that a grant names. */
  readonly products: ReadonlyMap<string, number>;
  readonly kinds: ReadonlyMap<string, number>;
  readonly sponsor: CompiledAgreement | null;
}

/** An agreement as the decision reads it; a sponsored one comes with the sponsor's, and with whose grant each grant is. */
export interface Source {
  readonly agreement: Agreement;
  readonly sponsor?: {
    /** The sponsor's agreement with the same provider: the sponsor is its authority. */
    readonly agreement: Agreement;
    /** Id of a grant to the id of the sponsor's grant that it is a part of. */
    readonly parents: Readonly<Record<string, string>>;
  } | undefined;
}

/** A set of small numbers. */
export type Bits = Uint32Array;
export const hasBit = (bits: Bits, n: number): boolean => n >= 0 && (((bits[n >> 5] ?? 0) >>> (n & 31)) & 1) === 1;
function bitsOf(numbers: readonly number[], size: number): Bits {
  const bits = new Uint32Array((size + 31) >> 5);
  for (const n of numbers) bits[n >> 5] = (bits[n >> 5] as number) | (1 << (n & 31));
  return bits;
}

export const versionOf = (a: Pick<Agreement, 'id' | 'version'>): string => `${a.id}@${a.version}`;

export function compileAgreement({ agreement: a, sponsor }: Source): CompiledAgreement {
  const above = sponsor ? compileAgreement({ agreement: sponsor.agreement }) : null;
  const all = a.clauses.flatMap((c) => c.machine.grants.map((grant) => ({ clause: c, grant })));
  const names = [...new Set([...a.products, ...all.flatMap(({ grant }) => (grant.products === 'ALL_NAMED' ? [] : grant.products))])];
  const products = new Map(names.map((name, i) => [name, i]));
  const kinds = new Map([...new Set(all.flatMap(({ grant }) => grant.kinds))].map((kind, i) => [kind, i]));
  const grants: CompiledGrant[] = [];
  const compiled: CompiledAgreement = {
    agreement: a, version: above ? `${versionOf(a)}<${above.version}` : versionOf(a), status: a.status,
    suspended: isSuspended(a, null), from: Date.parse(a.effectiveAt), until: Date.parse(a.expiresAt), grants,
    granted: { authority: new Map(), counterpart: new Map() }, forbidden: { authority: new Map(), counterpart: new Map() },
    claims: claimsOf(a), partStandings: new Map(a.parts.map((p) => [p.id, partStanding(a, p.id)])), products, kinds,
    sponsor: above,
  };
  for (const { clause, grant } of all) {
    const parent = sponsor && above ? parentOf(a, grant, above, sponsor.parents[grant.id]) : null;
    const made = compileGrant(compiled, clause, grant, parent);
    grants.push(made);
    for (const action of grant.actions) push(compiled.granted[grant.grantee] as Map<string, CompiledGrant[]>, action, made);
  }
  for (const clause of a.clauses) for (const spec of clause.machine.prohibitions) forbid(compiled, clause, spec);
  return compiled;
}

function push<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function claimsOf(a: Agreement): Map<string, Part[]> {
  const claims = new Map<string, Part[]>();
  for (const part of a.parts) for (const right of part.rights) push(claims, right, part);
  return claims;
}

export function partStanding(a: Agreement, id: string | null): PartStanding {
  if (id === null) return 'in-force';
  const state = a.parts.find((p) => p.id === id)?.state ?? 'not-included';
  return state === 'in-force' && isSuspended(a, id) ? 'suspended' : state;
}

function compileGrant(
  of: CompiledAgreement, clause: Clause, spec: GrantSpec, parent: Parent | null,
): CompiledGrant {
  const a = of.agreement;
  const scope = spec.products === 'ALL_NAMED' ? a.products : spec.products;
  const { networks } = spec.conditions;
  return {
    agreement: of, clause, spec, part: partStanding(a, clause.part), parent,
    // Only a clause that is meant to grant does: what stands in another by mistake counts for nothing.
    attested: clause.kind === 'grant' && isAttested(clause, spec.id),
    revoked: a.revocations.some((r) => r.grant === spec.id),
    from: spec.notBefore === null ? of.from : Math.max(of.from, Date.parse(spec.notBefore)),
    until: spec.expires === null ? of.until : Math.min(of.until, Date.parse(spec.expires)),
    roles: spec.roles === null ? null : roleMask(spec.roles),
    persons: spec.persons === null ? null : new Set(spec.persons),
    purposes: spec.purposes.reduce((mask, p) => mask | purposeBit(p), 0),
    kinds: bitsOf(spec.kinds.map((k) => of.kinds.get(k) ?? 0), of.kinds.size),
    products: bitsOf(scope.map((p) => of.products.get(p) ?? 0), of.products.size),
    allNamed: spec.products === 'ALL_NAMED',
    tlp: tlpOrder.indexOf(spec.maxTlp), level: spec.maxLevel,
    networks: networks.length === 0 ? null : networks.flatMap((n) => parsePrefix(n) ?? []),
    conditions: spec.conditions,
  };
}

function parentOf(a: Agreement, child: GrantSpec, above: CompiledAgreement, id: string | undefined): Parent {
  const grant = above.grants.find((g) => g.spec.id === id) ?? null;
  const sponsor = above.agreement.authority;
  if (grant === null) return { grant, wider: ['parent'], sponsor };
  return { grant, sponsor, wider: widened({ agreement: a, grant: child }, { agreement: above.agreement, grant: grant.spec }) };
}

function forbid(of: CompiledAgreement, clause: Clause, spec: ForbidSpec): void {
  for (const side of ['authority', 'counterpart'] as const) {
    if (spec.bound !== null && spec.bound !== side) continue;
    const made: CompiledForbid = { agreement: of, clause, spec, when: spec.when };
    for (const action of spec.actions) push(of.forbidden[side] as Map<string, CompiledForbid[]>, action, made);
  }
}

/** One agreement from the side that asks. */
export interface Bound {
  readonly of: CompiledAgreement;
  readonly side: Side;
}

export interface Policy {
  readonly agreements: readonly CompiledAgreement[];
  /** Asking organisation to owner to the agreements between them, in the order of their ids. */
  readonly bounds: ReadonlyMap<string, ReadonlyMap<string, readonly Bound[]>>;
  /** Which versions it was made of. */
  readonly version: string;
}

export function policyOf(agreements: readonly CompiledAgreement[]): Policy {
  const bounds = new Map<string, Map<string, Bound[]>>();
  const sorted = [...agreements].sort((x, y) => (x.agreement.id < y.agreement.id ? -1 : 1));
  for (const of of sorted) {
    const { authority, counterpart } = of.agreement;
    if (authority === counterpart) continue;
    place(authority, counterpart, { of, side: 'authority' });
    place(counterpart, authority, { of, side: 'counterpart' });
  }
  return { agreements: sorted, bounds, version: sorted.map((of) => of.version).join(' ') };

  function place(subject: string, owner: string, bound: Bound): void {
    const owners = bounds.get(subject) ?? new Map<string, Bound[]>();
    bounds.set(subject, owners);
    push(owners, owner, bound);
  }
}

export const compilePolicy = (sources: readonly Source[]): Policy => policyOf(sources.map(compileAgreement));

/** Compiles each version once: what is compiled never changes. Holds the `most` that were used last. */
export function rememberingPolicies(most = 500): (sources: readonly Source[]) => Policy {
  const known = new Map<string, CompiledAgreement>();
  return (sources) => policyOf(sources.map((source) => {
    const key = source.sponsor ? `${versionOf(source.agreement)}<${versionOf(source.sponsor.agreement)}` : versionOf(source.agreement);
    const found = known.get(key) ?? compileAgreement(source);
    known.delete(key);
    known.set(key, found);
    const [oldest] = known.keys();
    if (known.size > most && oldest !== undefined) known.delete(oldest);
    return found;
  }));
}
