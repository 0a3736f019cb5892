/**
 * The gate of two-person acts: an act that always needs an approval does not begin without one, one that was approved is
 * held against its exact input before it begins, and the approval is used up in the act's own transaction.
 */
import type { Actor, Approved, Transaction } from '#kit/endpoint';
import { Refusal, check } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import { approvalRequired } from '#modules/parties/index';
import type { Operation } from '../room.ts';

/** How a request names the approval it acts by. */
export const approvalHeader = 'entente-approval';

/** An act about to be done: by whom, which, with what input, by which approval. */
export interface ApprovedAct {
  readonly actor: Actor;
  readonly operation: string;
  readonly input: unknown;
  readonly approval: string;
}

/** What the router asks of approvals; the module `parties` answers. */
export interface Approvals {
  refuse(act: ApprovedAct): Promise<void>;
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

function approvalOf(request: Request): string | null {
  const value = request.headers.get(approvalHeader);
  if (value === null) return null;
  if (!/^apv_[0-9a-z]{3,40}$/.test(value)) {
    throw new Refusal('invalid', 'input.invalid', 'The approval is no approval’s id.', { at: approvalHeader });
  }
  return value;
}
