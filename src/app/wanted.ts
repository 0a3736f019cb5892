/**
 * Whom one has to ask before an act by mandate: the act itself says what it asks its mandate about, so it is begun as it would
 * be done and stopped at that question. Every act by mandate asks before it does anything; test/access/agreed.test.ts holds
 * each of them to it.
 */
import { requestOf, type Caller } from '#kit/endpoint';
import { check, noSuch } from '#kit/refusal';
import { wantedBy } from '#modules/agreements/index';
import type { WantedApprovals } from '../modules/parties/actions/parts.ts';
import type { Operation } from './room.ts';
import type { World } from './world.ts';

/** Throws what the act would, and a Refusal where nobody's approval is wanted. `input` is as the endpoint read it. */
export async function wantedFor(
  world: World, operation: Operation | undefined, input: unknown, caller: Caller,
): Promise<WantedApprovals> {
  if (!operation) throw noSuch('operation');
  const stopped = new Error('the act was begun to hear its question');
  const heard: { wanted?: WantedApprovals } = {};
  const asking: Caller = {
    ...caller, holds: () => undefined, approved: () => Promise.reject(stopped),
    async may(right, about) {
      heard.wanted = await wantedBy(world, caller.actor, right, about, caller.address);
      throw stopped;
    },
  };
  await beginning(operation, input, asking).catch((error: unknown) => { if (error !== stopped) throw error; });
  check(heard.wanted, `${operation.id} asks for its mandate before it does anything`);
  return heard.wanted;
}

async function beginning({ endpoint, run }: Operation, input: unknown, caller: Caller): Promise<void> {
  if (run.kind === 'json') return void await run.act(input as never, caller as never);
  // Of raw acts only those that read are asked about: their address is all there is to them.
  const { url } = requestOf(endpoint, input as Readonly<Record<string, unknown>>);
  await run.route.respond(new Request(`http://hub.invalid${url}`), caller);
}
