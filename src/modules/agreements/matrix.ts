/**
 * Who may what under one agreement at one moment: the decision, asked for each right of each clause, for each side as a
 * whole, for each of the roles that a grant restricts it to, and for each person that one names.
 */
import { roleMatrix } from '#modules/parties/index';
import { compilePolicy, policyOf, type CompiledAgreement, type CompiledGrant, type Policy, type Source } from './decide/policy.ts';
import { kindOfRight, type Asker, type Request } from './decide/request.ts';
import { decide } from './decide/weigh.ts';
import type { Agreement } from './model.ts';
import { Side, type GrantSpec } from './terms.ts';

interface Names {
  readonly authority: string;
  readonly counterpart: string;
}

export function matrixOf(source: Source, names: Names, now: string) {
  const { agreement } = source;
  const policy = compilePolicy([source]);
  const sides = [agreement.authority, agreement.counterpart] as const;
  const grants = agreement.clauses.flatMap((c) => c.machine.grants);
  const rows = agreement.parts.flatMap((part) =>
    part.rights.map((right) => {
      const grant = grants.find((g) => g.actions.includes(right));
      const cells = Side.options.map((side) => decide(policy, typical(agreement, grant, right, side, now)).outcome);
      return { right, part: part.id, purpose: grant?.purposes[0] ?? 'oversight', cells };
    }));
  return { sides: sides.map((organisation, i) => ({ organisation, name: i === 0 ? names.authority : names.counterpart })), rows };
}

/** A request that a right was meant for: the first purpose and the named products of its grant, everything proved. */
function typical(
  a: Agreement, grant: GrantSpec | undefined, right: string, side: Side, now: string, who: Partial<Asker> = {},
): Request {
  const [org, owner] = side === 'authority' ? [a.authority, a.counterpart] : [a.counterpart, a.authority];
  const kind = grant && !grant.kinds.includes(kindOfRight(right)) ? grant.kinds[0] ?? right : kindOfRight(right);
  const products = grant && grant.products !== 'ALL_NAMED' ? grant.products : a.products;
  const network = grant?.conditions.networks[0]?.split('/')[0];
  const wanted = grant?.conditions.approvals;
  return {
    action: right, now, purpose: grant?.purposes[0] ?? 'oversight', resource: { owner, kind, products },
    actor: { org, mfa: true, roles: roleMatrix[right] ?? [], address: network, ...who },
    approvals: wanted ? Array.from({ length: wanted.count }, (_, i) =>
      ({ person: `approver ${i}`, org: wanted.from === 'own-organisation' ? org : owner })) : [],
  };
}

export interface Column {
  readonly side: Side;
  readonly organisation: string;
  readonly name: string;
  /** A role or a person that some grant restricts a right to; both null: the side as a whole, whoever has the right. */
  readonly role: string | null;
  readonly person: string | null;
}

export interface Cell {
  readonly outcome: 'allow' | 'deny';
  /** The most telling reason where it is a no; empty for a yes. */
  readonly code: string;
}

export interface MatrixRow {
  readonly clause: string;
  readonly part: string | null;
  readonly right: string;
  readonly purpose: string;
  readonly cells: Cell[];
}

/**
 * Clause by clause: a row for each right that the clause grants or forbids, a cell for each column. Conditions (passkey,
 * network, approvals) are taken as met: the explainer answers for a caller as they are.
 */
export function whoMayWhat(source: Source, names: Names, now: string): { columns: Column[]; rows: MatrixRow[] } {
  const policy = compilePolicy([source]);
  const of = policy.agreements[0] as CompiledAgreement;
  const columns = columnsOf(of, names);
  const rows = source.agreement.clauses.flatMap((clause) => {
    const granted = clause.machine.grants.flatMap((g) => g.actions);
    const forbidden = clause.machine.prohibitions.flatMap((p) => p.actions);
    return [...new Set([...granted, ...forbidden])].map((right): MatrixRow => {
      const mine = of.grants.filter((g) => g.clause === clause && g.spec.actions.includes(right));
      const purpose = mine[0]?.spec.purposes[0] ?? 'oversight';
      const cells = columns.map((column) => cellOf(of, policy, column, mine.filter((g) => g.spec.grantee === column.side), right, now));
      return { clause: clause.number, part: clause.part, right, purpose, cells };
    });
  });
  return { columns, rows };
}

function columnsOf(of: CompiledAgreement, names: Names): Column[] {
  return Side.options.flatMap((side) => {
    const mine = of.grants.filter((g) => g.spec.grantee === side);
    const column = (role: string | null, person: string | null): Column =>
      ({ side, organisation: of.agreement[side], name: names[side], role, person });
    const roles = [...new Set(mine.flatMap((g) => g.spec.roles ?? []))].sort();
    const persons = [...new Set(mine.flatMap((g) => g.spec.persons ?? []))].sort();
    return [column(null, null), ...roles.map((r) => column(r, null)), ...persons.map((p) => column(null, p))];
  });
}

/** Yes if one of the clause's own grants lets the column in; other clauses neither help nor, unless they forbid, hinder. */
function cellOf(
  of: CompiledAgreement, policy: Policy, column: Column, grants: readonly CompiledGrant[], right: string, now: string,
): Cell {
  const answers = (grants.length > 0 ? grants : [undefined]).map((grant) => {
    const who = {
      ...(column.role === null ? {} : { roles: [column.role] }), ...(column.person === null ? {} : { person: column.person }),
    };
    const ruling = decide(grant ? only(of, grant) : policy, typical(of.agreement, grant?.spec, right, column.side, now, who));
    return { outcome: ruling.outcome, code: ruling.deniedBy[0] ?? '' };
  });
  return answers.find((a) => a.outcome === 'allow') ?? answers[0] as Cell;
}

/** The agreement as if it had one grant. */
function only(of: CompiledAgreement, grant: CompiledGrant): Policy {
  const mine = new Map(grant.spec.actions.map((action) => [action, [grant]]));
  const none = new Map<string, CompiledGrant[]>();
  const { grantee } = grant.spec;
  return policyOf([{ ...of, granted: { authority: grantee === 'authority' ? mine : none, counterpart: grantee === 'counterpart' ? mine : none } }]);
}
