/**
 * The gate of two-person acts: an act that always needs an approval does not begin without one, one that was approved is
 * held against its exact input before it begins, and the approval is used up in the act's own transaction. An act by mandate
 * may bring several, which its decision leans on as far as it needs them; those are used up with the decision's record.
 */
import { isAgreeable, type Actor, type Agreed, type Approved, type Caller, type Transaction } from '#kit/endpoint';
import { Refusal, check } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import type { Asking } from '#modules/agreements/index';
import { approvalRequired } from '#modules/parties/index';
import type { Operation } from '../room.ts';

/** How a request names the approval it acts by; of an act by mandate several, comma separated. */
export const approvalHeader = 'entente-approval';
const mostApprovals = 5;

/** An act about to be done: by whom, which, with what input, by which approval. */
export interface ApprovedAct {
  readonly actor: Actor;
  readonly operation: string;
  readonly input: unknown;
  readonly approval: string;
}

/** What the router asks of approvals; the module `parties` answers. */
export interface Approvals {
  refuse(act: ApprovedAct): Promise<unknown>;
  /** Throws unless each of them lets the act be done; who agreed, each human once. */
  agreedTo(acts: readonly ApprovedAct[]): Promise<readonly Agreed[]>;
  use(tx: Queryable, act: ApprovedAct): Promise<Approved>;
}

export interface ApprovalGate {
  readonly approved: (tx: Transaction) => Promise<Approved>;
  /** Throws a fault where an act that always needs an approval was done without using it up. */
  readonly checkUsed: () => void;
}

/** Throws unless the act may begin; hands back what the action uses the approval up with. */
export async function approvalGate(
  approvals: Approvals, operation: Operation, actor: Actor | null, input: unknown, request: Request,
): Promise<ApprovalGate> {
  const needed = operation.endpoint.needs.approval;
  const unasked = async (): Promise<never> => {
    throw new Error(`${operation.id} declares no approval and asks for one`);
  };
  if (!needed) return { approved: unasked, checkUsed: () => undefined };
  check(actor, 'a two-person act is never public');
  const approval = approvalOf(request);
  const act: ApprovedAct | null = approval === null ? null : { actor, operation: operation.id, input, approval };
  if (act) await approvals.refuse(act);
  else if (needed.when === 'always') throw approvalRequired(operation.id, needed);
  const used = { times: 0 };
  return {
    approved: async (tx) => {
      if (!act) throw approvalRequired(operation.id, needed);
      const approved = await approvals.use(tx as Queryable, act);
      used.times++;
      return approved;
    },
    checkUsed: () => check(needed.when !== 'always' || used.times > 0, `${operation.id} was done without its approval`),
  };
}

/** What a request by mandate brings to its decisions. */
export type Bringing = Pick<Asking, 'act' | 'agreed' | 'use'> & {
  /** Keeps what a decision leaned on: another of the same request leans on it too, and uses nothing up twice. */
  readonly leaned: (approvals: readonly Agreed[]) => void;
};

/**
 * Holds the approvals that came with a request by mandate against its exact input; throws where one of them does not let it be
 * done. A look at the headers alone brings none: nobody reads the answer that it would use up.
 */
export async function bringing(
  approvals: Approvals, operation: Operation, actor: Actor | null, input: unknown, request: Request,
): Promise<Bringing> {
  const { id, endpoint } = operation;
  if (!actor || !isAgreeable(endpoint)) return { leaned: () => undefined };
  const { right, agreedBy } = endpoint.needs;
  check(agreedBy, 'an endpoint by mandate says who of the other party may agree');
  const named = request.method === 'HEAD' ? [] : approvalsOf(request);
  const actBy = (approval: string): ApprovedAct => ({ actor, operation: id, input, approval });
  const agreed = await approvals.agreedTo(named.map(actBy));
  const used = new Set<string>();
  return {
    act: { operation: id, rights: { 'own-organisation': right, 'other-party': agreedBy } }, agreed,
    use: async (tx, { approval }) => { if (!used.has(approval)) await approvals.use(tx, actBy(approval)); },
    leaned: (leaned) => { for (const { approval } of leaned) used.add(approval); },
  };
}

/** Asks for the mandate of an act, and again for as long as its answer lasts: by what it leaned on, which is used up by then. */
export function mayBy(
  brought: Bringing, mandate: (right: string, about: Parameters<Caller['may']>[1], asking: Asking) => ReturnType<Caller['may']>,
  holds: (again: () => Promise<unknown>) => void,
): Caller['may'] {
  const { leaned, ...asking } = brought;
  return async (right, about) => {
    const allowed = await mandate(right, about, asking);
    leaned(allowed.approvals ?? []);
    holds(() => mandate(right, about, { agreed: allowed.approvals, again: true }));
    return allowed;
  };
}

function approvalOf(request: Request): string | null {
  const value = request.headers.get(approvalHeader);
  if (value === null) return null;
  if (!isApproval(value)) throw new Refusal('invalid', 'input.invalid', 'The approval is no approval’s id.', { at: approvalHeader });
  return value;
}

function approvalsOf(request: Request): string[] {
  const value = request.headers.get(approvalHeader);
  if (value === null) return [];
  const named = [...new Set(value.split(',').map((id) => id.trim()))];
  if (!named.every(isApproval) || named.length > mostApprovals) {
    throw new Refusal('invalid', 'input.invalid', `The header names no approvals, or more than ${mostApprovals}.`, { at: approvalHeader });
  }
  return named;
}

const isApproval = (text: string): boolean => /^apv_[0-9a-z]{3,40}$/.test(text);
