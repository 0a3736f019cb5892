/**
 * Whether one grant stays within another in every dimension: for what a sponsor passes on, and for what a successor takes
 * over. Who holds the two is not compared, since it differs by design.
 */
import { isWithin } from '#kit/ip/networks';
import { parsePrefix } from '#kit/ip/ip';
import type { Agreement } from '../model.ts';
import { TlpLabel, type Conditions, type GrantSpec } from '../terms.ts';

export interface GrantIn {
  /** Names the products of ALL_NAMED and bounds the term. */
  readonly agreement: Pick<Agreement, 'products' | 'effectiveAt' | 'expiresAt'>;
  readonly grant: GrantSpec;
}

export const dimensions = [
  'actions', 'kinds', 'purposes', 'products', 'tlp', 'level', 'start', 'end', 'roles', 'persons', 'mfa', 'networks', 'approvals',
] as const;
export type Dimension = (typeof dimensions)[number];

/** The dimensions in which the child reaches further than the parent; none means it is narrower or equal. */
export function widened(child: GrantIn, parent: GrantIn): Dimension[] {
  const [c, p] = [child.grant, parent.grant];
  const holds: Record<Dimension, boolean> = {
    actions: within(c.actions, p.actions), kinds: within(c.kinds, p.kinds), purposes: within(c.purposes, p.purposes),
    products: productsWithin(child, parent),
    tlp: TlpLabel.options.indexOf(c.maxTlp) <= TlpLabel.options.indexOf(p.maxTlp), level: c.maxLevel <= p.maxLevel,
    start: startOf(child) >= startOf(parent), end: endOf(child) <= endOf(parent),
    roles: p.roles === null || (c.roles !== null && within(c.roles, p.roles)),
    persons: p.persons === null || (c.persons !== null && within(c.persons, p.persons)),
    mfa: c.conditions.mfa || !p.conditions.mfa,
    networks: networksWithin(c.conditions.networks, p.conditions.networks),
    approvals: approvalsWithin(c.conditions.approvals, p.conditions.approvals),
  };
  return dimensions.filter((d) => !holds[d]);
}

export const isNarrower = (child: GrantIn, parent: GrantIn): boolean => widened(child, parent).length === 0;

const within = (inner: readonly string[], outer: readonly string[]): boolean => inner.every((x) => outer.includes(x));

function productsWithin(child: GrantIn, parent: GrantIn): boolean {
  const scope = ({ grant, agreement }: GrantIn): readonly string[] =>
    (grant.products === 'ALL_NAMED' ? agreement.products : grant.products);
  // Only ALL_NAMED reaches what concerns no product, so it is never within a list.
  const open = child.grant.products === 'ALL_NAMED' && parent.grant.products !== 'ALL_NAMED';
  return !open && within(scope(child), scope(parent));
}

/** A time that cannot be read is NaN, and nothing compares with it: wider. */
const startOf = ({ grant, agreement }: GrantIn): number =>
  Math.max(Date.parse(agreement.effectiveAt), Date.parse(grant.notBefore ?? agreement.effectiveAt));
const endOf = ({ grant, agreement }: GrantIn): number =>
  Math.min(Date.parse(agreement.expiresAt), Date.parse(grant.expires ?? agreement.expiresAt));

function networksWithin(inner: readonly string[], outer: readonly string[]): boolean {
  if (outer.length === 0) return true;
  const bounds = outer.flatMap((n) => parsePrefix(n) ?? []);
  return inner.length > 0 && inner.every((n) => {
    const network = parsePrefix(n);
    // One that cannot be read lets nobody in.
    return network === null || bounds.some((bound) => isWithin(network, bound));
  });
}

function approvalsWithin(inner: Conditions['approvals'], outer: Conditions['approvals']): boolean {
  return outer === null || (inner !== null && inner.from === outer.from && inner.count >= outer.count);
}
