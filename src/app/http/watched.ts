/**
 * Who is watched in what they do: one who holds a right by broken glass, and the monitor, whose every look is a fact that
 * auditors of both sides read. The fact is stated before the answer leaves; if it cannot be, there is no answer.
 */
import type { Actor } from '#kit/endpoint';
import { givesRight } from '#modules/parties/index';
import type { Operation } from '../room.ts';

/** What the router asks of the records; the composition answers. */
export interface Watch {
  /** Rights that broken glass gives this person now. */
  emergencyRights(actor: Actor): Promise<readonly string[]>;
  stateEmergencyUse(actor: Actor, right: string, operation: string): Promise<void>;
  stateMonitorLook(actor: Actor, operation: string, input: unknown): Promise<void>;
}

/**
 * The actor with the rights that broken glass gives now, where the act is on own records and no role gives it. A token has
 * none, and what needs a mandate is never reached this way.
 */
export async function inNeed<A extends Actor | null>(watch: Watch, { endpoint }: Pick<Operation, 'endpoint'>, actor: A): Promise<A> {
  const { by, right } = endpoint.needs;
  if (by !== 'role' || !actor || actor.via !== 'session' || givesRight(actor.roles, right)) return actor;
  const rights = await watch.emergencyRights(actor);
  return rights.includes(right) ? { ...actor, emergency: rights } : actor;
}

/** States what is to be on record about who did this. Called when the act has succeeded, before its answer leaves. */
export async function stateWatched(watch: Watch, { id, endpoint }: Operation, actor: Actor | null, input: unknown): Promise<void> {
  const { by, right } = endpoint.needs;
  if (!actor || (by !== 'role' && by !== 'mandate')) return;
  if (actor.emergency?.includes(right) && !givesRight(actor.roles, right)) await watch.stateEmergencyUse(actor, right, id);
  if (actor.roles.includes('monitor')) await watch.stateMonitorLook(actor, id, input);
}
