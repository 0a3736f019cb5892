/**
 * Who gains and loses what when agreements change, as the difference of decisions: for every asker, act, kind, purpose and product
 * the labels and levels that are reached before and after. Conditions of the moment (passkey, network, approvals) are taken as
 * met. It enumerates what the grants name and decides a whole rectangle of labels and levels at a time.
 */
import { Role } from '#modules/parties/index';
import { askedOf, binds, checks, prohibits, red, turnTo, type Asked } from './checks.ts';
import { compilePolicy, tlpOrder, type Bound, type CompiledForbid, type CompiledGrant, type Policy, type Source } from './policy.ts';
import type { Asker } from './request.ts';
import { standingCode } from './standing.ts';
import { missingPart } from './weigh.ts';

/** Whose decisions a point is about; a named person is asked about with every role, others by one role each. */
export interface Point {
  readonly org: string;
  readonly owner: string;
  readonly role: string | null;
  readonly person: string | null;
  readonly action: string;
  readonly kind: string;
  readonly purpose: string;
  /** Null: what concerns no product. */
  readonly product: string | null;
}
export interface Reached extends Point {
  /** Bit `5 * label + level`: label in the order of TLP, level from 0 to 4. */
  readonly cells: number;
}
export interface Difference {
  readonly gains: readonly Reached[];
  readonly losses: readonly Reached[];
}

export const cellOf = (label: number, level: number): number => 1 << (5 * label + level);

export function differenceOf(before: readonly Source[], after: readonly Source[], now: string): Difference {
  const policies = [compilePolicy(before), compilePolicy(after)] as const;
  const people = namedIn(policies);
  const [was, will] = [reachOf(policies[0], now, people), reachOf(policies[1], now, people)];
  const beyond = (one: ReadonlyMap<string, Reached>, other: ReadonlyMap<string, Reached>): Reached[] =>
    [...one].flatMap(([key, point]) => {
      const cells = point.cells & ~(other.get(key)?.cells ?? 0);
      return cells === 0 ? [] : [{ ...point, cells }];
    });
  return { gains: beyond(will, was), losses: beyond(was, will) };
}

/** People named by any grant to an organisation, by the organisation. */
export function namedIn(policies: readonly Policy[]): Map<string, Set<string>> {
  const people = new Map<string, Set<string>>();
  for (const { agreement, grants } of policies.flatMap((p) => p.agreements)) {
    for (const { spec } of grants) {
      const org = agreement[spec.grantee];
      people.set(org, new Set([...(people.get(org) ?? []), ...(spec.persons ?? [])]));
    }
  }
  return people;
}

/** Every point at which something is reached, for each role and for the people given. */
export function reachOf(
  policy: Policy, now: string, people: ReadonlyMap<string, ReadonlySet<string>> = namedIn([policy]),
): Map<string, Reached> {
  const reached = new Map<string, Reached>();
  for (const [org, owners] of policy.bounds) {
    for (const [owner, bounds] of owners) {
      for (const action of new Set(bounds.flatMap(({ of, side }) => [...of.granted[side].keys()]))) {
        const found = reachedBy(bounds, { org, owner, action }, [...(people.get(org) ?? [])], now);
        for (const point of found) reached.set(keyOf(point), point);
      }
    }
  }
  return reached;
}

export const keyOf = (p: Point): string => JSON.stringify([p.org, p.owner, p.role, p.person, p.action, p.kind, p.purpose, p.product]);

function reachedBy(
  bounds: readonly Bound[], act: Pick<Point, 'org' | 'owner' | 'action'>, people: readonly string[], now: string,
): Reached[] {
  const { org, owner, action } = act;
  const grants = bounds.flatMap(({ of, side }) => of.granted[side].get(action) ?? []);
  const askers: Asker[] = [
    ...Role.options.map((role) => ({ org, roles: [role] })), ...people.map((person) => ({ org, person, roles: Role.options })),
  ];
  const [kinds, purposes] = [[...new Set(grants.flatMap((g) => g.spec.kinds))], [...new Set(grants.flatMap((g) => g.spec.purposes))]];
  const products = [null, ...new Set(grants.flatMap((g) => (g.spec.products === 'ALL_NAMED' ? g.agreement.agreement.products : g.spec.products)))];
  return askers.flatMap((actor) => purposes.flatMap((purpose) => {
    const standing = standingGrants(bounds, askedOf({ actor, action, purpose, now, resource: { owner, kind: '' } }));
    if (standing.length === 0) return [];
    const who = { role: actor.person === undefined ? actor.roles?.[0] ?? null : null, person: actor.person ?? null };
    return kinds.flatMap((kind) => products.flatMap((product): Reached[] => {
      const point = { ...act, ...who, kind, purpose, product };
      const cells = standing.reduce((sum, g) => sum | rectangle(g, point), 0);
      const left = cells === 0 ? 0 : cells & ~forbidden(bounds, actor, point, cells, now);
      return left === 0 ? [] : [{ ...point, cells: left }];
    }));
  }));
}

const ofTheMoment: ReadonlySet<string> = new Set(['mfa-missing', 'network-not-granted', 'approval-missing']);

/** The grants that hold for the asker and the purpose, whatever the resource. */
function standingGrants(bounds: readonly Bound[], asked: Asked): CompiledGrant[] {
  return bounds.flatMap((bound) => {
    if (standingCode(bound.of, asked.now) !== 'agreement-in-force' || missingPart(bound, asked.request.action) !== null) return [];
    return (bound.of.granted[bound.side].get(asked.request.action) ?? []).filter((g) => checks.every((check) =>
      check.ofRow || ofTheMoment.has(check.no) || check.holds(g, asked)));
  });
}

/** Labels and levels that one grant reaches for the kind and product. */
function rectangle(g: CompiledGrant, { kind, product, person }: Point): number {
  const scope = g.spec.products === 'ALL_NAMED' ? g.agreement.agreement.products : g.spec.products;
  if (!g.spec.kinds.includes(kind) || !(product === null ? g.allNamed : scope.includes(product))) return 0;
  const named = person !== null && g.persons !== null && g.persons.has(person);
  const ceiling = Math.min(g.tlp, named ? red : red - 1, g.parent === null ? red : red - 2);
  const levels = (1 << (g.level + 1)) - 1;
  return Array.from({ length: ceiling + 1 }, (_, label) => levels << (5 * label)).reduce((sum, row) => sum | row, 0);
}

/** Cells that a prohibition takes away, or may. */
function forbidden(bounds: readonly Bound[], actor: Asker, point: Point, cells: number, now: string): number {
  const { action, owner, kind, purpose, product } = point;
  const bans = bounds.flatMap(({ of, side }): CompiledForbid[] => [
    ...(of.forbidden[side].get(action) ?? []),
    ...(of.sponsor && side === 'authority' ? of.sponsor.forbidden.authority.get(action) ?? [] : []),
  ]).filter((ban) => binds(ban.agreement, Date.parse(now)));
  if (bans.length === 0) return 0;
  if (bans.some((ban) => ban.when === null)) return cells;
  return tlpOrder.flatMap((tlp, label) => [0, 1, 2, 3, 4].map((level) => ({ tlp, level, cell: cellOf(label, level) })))
    .filter(({ cell }) => (cells & cell) !== 0)
    .filter(({ tlp, level }) => {
      const resource = { owner, kind, tlp, level, products: product === null ? [] : [product] };
      const asked = askedOf({ actor, action, purpose, now, resource });
      return bans.some((ban) => {
        turnTo(asked, ban.agreement);
        return prohibits(ban, asked) !== false;
      });
    })
    .reduce((sum, { cell }) => sum | cell, 0);
}
