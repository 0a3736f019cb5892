/**
 * Who benefits from what a clause does: a person of the side that gains, who is named or holds a role through which it comes.
 * That person neither attests nor approves it.
 */
import { roleMatrix } from '#modules/parties/index';
import type { Agreement } from '../model.ts';
import type { GrantSpec, Machine, OversightSpec, QuotaSpec, Side } from '../terms.ts';

export interface Gainer {
  readonly id: string;
  readonly org: string;
  readonly roles: readonly string[];
}

type Sides = Pick<Agreement, 'authority' | 'counterpart'>;

export function benefitsFromGrant(person: Gainer, sides: Sides, grant: GrantSpec): boolean {
  if (person.org !== orgOf(sides, grant.grantee)) return false;
  if (grant.persons !== null) return grant.persons.some((id) => id === person.id);
  if (grant.roles !== null) return grant.roles.some((role) => person.roles.includes(role));
  return grant.actions.some((action) => comesBy(person, action));
}

/** Who may draw on a quota benefits from its size; who watches benefits from what there is to see. */
export const benefitsFromQuota = (person: Gainer, sides: Sides, quota: QuotaSpec): boolean =>
  person.org === orgOf(sides, quota.holder) && comesBy(person, quota.action);
export const benefitsFromOversight = (person: Gainer, oversight: OversightSpec): boolean =>
  person.org === oversight.monitor && person.roles.some((role) => role === 'monitor' || role === 'oversight' || role === 'auditor');

/**
 * The items of a clause's machine form that a person may attest. Prohibitions, obligations and handling give nobody a right,
 * so that anybody may attest them.
 */
export function attestable(person: Gainer, sides: Sides, machine: Machine): string[] {
  return [
    ...machine.grants.filter((g) => !benefitsFromGrant(person, sides, g)),
    ...machine.prohibitions, ...machine.obligations,
    ...machine.quotas.filter((q) => !benefitsFromQuota(person, sides, q)),
    ...(machine.handling ? [machine.handling] : []),
    ...(machine.oversight && !benefitsFromOversight(person, machine.oversight) ? [machine.oversight] : []),
  ].map((item) => item.id);
}

const orgOf = (sides: Sides, side: Side): string => sides[side];

/** A right that no role is known to give comes to everybody: better one attester too few. */
function comesBy(person: Gainer, action: string): boolean {
  const roles: readonly string[] = Object.hasOwn(roleMatrix, action) ? roleMatrix[action] ?? [] : [];
  return roles.length === 0 || roles.some((role) => person.roles.includes(role));
}
