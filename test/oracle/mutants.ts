/** Bugs one could make in the decision, each as a table of rules with one of them bent. None of it exists in the product. */
import { rules, type Asked, type Check, type Rules } from '../../src/modules/agreements/decide/checks.ts';
import { hasBit, type CompiledGrant } from '../../src/modules/agreements/decide/policy.ts';
import { standingCode, type Term } from '../../src/modules/agreements/decide/standing.ts';

const bent = (code: string, holds: Check['holds']): Rules =>
  ({ ...rules, checks: rules.checks.map((check) => (check.no === code ? { ...check, holds } : check)) });
const original = (code: string): Check['holds'] => {
  const check = rules.checks.find((c) => c.no === code);
  if (!check) throw new Error(`no check ${code}`);
  return check.holds;
};
/** The check as it is, asked about a grant or a request that was changed a little. */
const seeing = (code: string, change: (g: CompiledGrant, q: Asked) => [CompiledGrant, Asked]): Rules => {
  const holds = original(code);
  return bent(code, (g, q) => holds(...change(g, q)));
};
const never = (code: string): Rules => bent(code, () => true);
const standing = (change: (term: Term) => Term): Rules['standing'] => (term, now) => standingCode(change(term), now);

type Approvals = NonNullable<CompiledGrant['conditions']['approvals']>;
const approving = (change: (wanted: Approvals) => Approvals): Rules => seeing('approval-missing', (g, q) => {
  const { approvals } = g.conditions;
  return [{ ...g, conditions: { ...g.conditions, approvals: approvals && change(approvals) } }, q];
});

/** Name of the bug to the rules that have it. */
export const mutants: Readonly<Record<string, Rules>> = {
  'expiry inclusive': { ...bent('grant-expired', (g, q) => q.now <= g.until), standing: standing((t) => ({ ...t, until: t.until + 1 })) },
  'start exclusive': { ...bent('not-begun', (g, q) => q.now > g.from), standing: standing((t) => ({ ...t, from: t.from + 1 })) },
  'any product instead of all': bent('product-not-granted', (g, { products }) =>
    (products.length === 0 ? g.allNamed : products.some((p) => hasBit(g.products, p)))),
  'an empty set of products passes': bent('product-not-granted', (g, { products }) => products.every((p) => hasBit(g.products, p))),
  'revocation ignored': never('revoked'),
  'suspension ignored': {
    ...bent('part-not-in-force', (g) => g.part === 'in-force' || g.part === 'suspended'),
    standing: standing((t) => ({ ...t, suspended: false })),
  },
  'attestation ignored': never('not-attested'),
  'purpose ignored': never('purpose-not-granted'),
  'label as an order only': never('audience-not-granted'),
  'level off by one': seeing('level-not-granted', (g, q) => [{ ...g, level: g.level + 1 }, q]),
  'a prohibition that cannot be told is skipped': { ...rules, unknownProhibits: false },
  'prohibitions ignored': { ...rules, prohibits: () => false },
  'approval of the wrong side': approving((wanted) => ({ ...wanted, from: wanted.from === 'other-party' ? 'own-organisation' : 'other-party' })),
  'one approval too few': approving((wanted) => ({ ...wanted, count: wanted.count - 1 })),
  'passkey ignored': never('mfa-missing'),
  'network ignored': never('network-not-granted'),
  'delegation widened': seeing('sponsor-absent', (g, q) => [{ ...g, parent: g.parent && { ...g.parent, wider: [] } }, q]),
  'sponsor ignored': never('sponsor-absent'),
  'roles ignored': never('role-not-granted'),
  'kind ignored': never('kind-not-granted'),
};
