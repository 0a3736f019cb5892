/** Who may what under one agreement at one moment: the decision, asked for each right of its parts and each side. */
import { decide, kindOfRight } from './decide.ts';
import type { Agreement } from './model.ts';

export function matrixOf(agreement: Agreement, names: { authority: string; counterpart: string }, now: string) {
  const nameOf = (org: string): string => (org === agreement.authority ? names.authority : names.counterpart);
  const sides = [agreement.authority, agreement.counterpart] as const;
  const grants = agreement.clauses.flatMap((c) => c.machine.grants);
  const rows = agreement.parts.flatMap((part) =>
    part.rights.map((right) => {
      const grant = grants.find((g) => g.actions.includes(right));
      const purpose = grant?.purposes[0] ?? 'oversight';
      const kind = kindOfRight(right);
      const cells = sides.map((subject, i) => {
        const owner = sides[1 - i] ?? subject;
        const named = agreement.products;
        return decide([agreement], { right, subject, owner, kind, purpose, products: named }, now, nameOf).outcome;
      });
      return { right, part: part.id, purpose, cells };
    }));
  return { sides: sides.map((organisation) => ({ organisation, name: nameOf(organisation) })), rows };
}
