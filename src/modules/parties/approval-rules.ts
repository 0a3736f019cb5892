/**
 * Who may agree to a two-person act, and when an approval holds. Pure: what is known of an approval and of the one who
 * acts goes in; nothing or a Refusal comes out. Approver and requester are two humans, and neither agrees to own gain.
 */
import type { Approval as Needed } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import type { ApprovalState } from './model.ts';
import { roleMatrix } from './roles.ts';

/** How long a request waits, and how long what was approved may be used. */
export const waitsMs = 7 * 86_400_000;
export const holdsMs = 86_400_000;

export interface ApprovalFacts {
  readonly state: Exclude<ApprovalState, 'expired'>;
  readonly requester: string;
  readonly org: string;
  readonly approverOrg: string;
  readonly inputSha256: string;
  readonly operation: string;
  readonly expiresAt: string;
  readonly denial: string | null;
}

/** What is known of the one who would agree. */
export interface Approver {
  readonly person: string;
  readonly org: string;
  readonly holdsRight: boolean;
  /** The same human as the requester, or as the one who gains. */
  readonly isRequester: boolean;
  readonly gains: boolean;
}

/** The state as it is now: what was left lying expires by the clock. */
export function stateOf(approval: Pick<ApprovalFacts, 'state' | 'expiresAt'>, now: string): ApprovalState {
  const open = approval.state === 'waiting' || approval.state === 'approved';
  return open && approval.expiresAt <= now ? 'expired' : approval.state;
}

/** Throws unless the approval still waits for somebody to decide. */
export function refuseDecided(approval: ApprovalFacts, now: string): void {
  const state = stateOf(approval, now);
  if (state === 'waiting') return;
  throw new Refusal('conflict', 'approval.not-waiting', 'This approval waits for nobody any more.', {
    hint: `It is ${state}.`,
  });
}

/** Throws unless this person may say yes or no at all. */
export function refuseOutsider(approval: ApprovalFacts, by: Approver, needed: Needed): void {
  if (by.org !== approval.approverOrg) {
    throw new Refusal('forbidden', 'approval.wrong-organisation', 'The other party has to agree to this.', {
      ask: approverWords(needed),
    });
  }
  if (by.person === approval.requester) {
    throw new Refusal('forbidden', 'approval.own', 'Nobody approves what they asked for themselves.', {
      ask: approverWords(needed),
    });
  }
  if (!by.holdsRight) {
    throw new Refusal('forbidden', 'approval.right-missing', `None of your roles gives the right ${needed.right}.`, {
      ask: approverWords(needed),
    });
  }
}

/** Throws unless this person may agree to exactly this content now. */
export function refuseApproving(
  approval: ApprovalFacts, by: Approver, needed: Needed, inputSha256: string, now: string,
): void {
  refuseDecided(approval, now);
  refuseOutsider(approval, by, needed);
  if (by.isRequester) {
    throw new Refusal('forbidden', 'approval.same-identity', 'Two accounts of one person are one person.', {
      ask: approverWords(needed),
    });
  }
  if (by.gains) {
    throw new Refusal('forbidden', 'approval.own-gain', 'Nobody approves what gives a right to themselves.', {
      ask: approverWords(needed),
    });
  }
  if (inputSha256 !== approval.inputSha256) {
    throw new Refusal('conflict', 'approval.text-changed', 'What you read is not what stands here.', {
      at: 'inputSha256', hint: 'Read it again, then decide.',
    });
  }
}

/** Throws unless the approval lets this person do exactly this now. */
export function refuseUnapproved(
  approval: ApprovalFacts | null, act: { person: string; operation: string; inputSha256: string }, now: string,
): asserts approval is ApprovalFacts {
  if (!approval || approval.requester !== act.person) throw noSuch('approval');
  const state = stateOf(approval, now);
  if (state === 'waiting') {
    throw new Refusal('forbidden', 'approval.waiting', 'Nobody has agreed to this yet.');
  }
  if (state === 'denied') {
    throw new Refusal('forbidden', 'approval.denied', 'This was denied.', { hint: `The reason: ${approval.denial ?? ''}` });
  }
  if (state === 'used') throw new Refusal('conflict', 'approval.used', 'This approval was used already; it holds once.');
  if (state === 'expired') {
    throw new Refusal('forbidden', 'approval.expired', 'This approval has expired; it holds for 24 hours.', {
      hint: 'Ask for it again.',
    });
  }
  if (state !== 'approved') throw new Refusal('forbidden', 'approval.void', 'This approval does not hold any more.');
  if (isOther(approval, act)) {
    throw new Refusal('forbidden', 'approval.other-content', 'What was approved is not what you are about to do.', {
      hint: 'The approval is void now; ask for another.',
    });
  }
}

/** Whether an act differs from what was agreed to, by operation or by a single byte of its canonical input. */
export function isOther(
  approval: Pick<ApprovalFacts, 'operation' | 'inputSha256'>, act: { operation: string; inputSha256: string },
): boolean {
  return approval.operation !== act.operation || approval.inputSha256 !== act.inputSha256;
}

export function approvalRequired(operation: string, needed: Needed): Refusal {
  return new Refusal('forbidden', 'approval.required', 'A second person has to agree to this first.', {
    ask: approverWords(needed), hint: 'Ask for their approval, then do it with that.', operation,
  });
}

/** Whom to ask, as a person would say it. */
export function approverWords(needed: Pick<Needed, 'from' | 'right'>, count = 1): string {
  const roles = (roleMatrix[needed.right] ?? []).map((role) => role.replaceAll('-', ' ')).join(' or ') || 'nobody';
  const where = needed.from === 'other-party' ? 'of the other party' : 'of your organisation other than you';
  return count === 1 ? `a person ${where} who is ${roles}` : `${count} people ${where} who are ${roles}`;
}
