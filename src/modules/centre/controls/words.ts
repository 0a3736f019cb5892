/** What one side asks and the other answers, once each: how an answer is shown, and when it needs a reason. */
import { Refusal } from '#kit/refusal';

interface Word { readonly agreed: boolean; readonly reason: string; readonly at: string }
interface Shown { readonly state: 'waiting' | 'agreed' | 'refused'; readonly answer: string; readonly answeredAt: string | null }

export const wordShown = (word: Word | null): Shown => ({
  state: word === null ? 'waiting' : word.agreed ? 'agreed' : 'refused', answer: word?.reason ?? '', answeredAt: word?.at ?? null,
});

export function refuseWithoutReason(agree: boolean, reason: string): void {
  if (!agree && reason === '') throw new Refusal('invalid', 'visit.reason', 'What is refused is refused with a reason.', { at: 'reason' });
}

/** What waits for the log is done by whoever looks next. */
export function unlessLogIsAway(error: unknown): void {
  if (!(error instanceof Refusal) || error.kind !== 'unavailable') throw error;
}
