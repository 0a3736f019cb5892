/**
 * Runs followings: what is due, and what somebody asks for, a few at once and beside the hub's other chores. A run holds its following by
 * a lease, so that two hubs never move one on at once.
 */
import { asHub } from '#world/db/scope';
import { dueFollowings, holdLonger, takeFollowing } from '../store/runs.ts';
import { peerById } from '../store/peers.ts';
import { Fetching, type FetchHooks } from './fetch.ts';
import { leaseMs, Run, type RunParts } from './run.ts';
import { Sending } from './send.ts';

export interface PeerRunner {
  /** One round: holds what runs here for longer, and begins what is due. Waits for no run. */
  beat(): Promise<void>;
  /** Begins a run that a person asks for; its id, or null where one is running already. */
  begin(following: string, person: string): Promise<string | null>;
  idle(): Promise<void>;
  /** Ends what runs here, at its next page, and begins nothing more. */
  stop(): Promise<void>;
}

/** Runs of one hub at once. */
const atOnce = 4;

export function peerRunnerOver(parts: RunParts, hooks: FetchHooks = {}): PeerRunner {
  const running = new Map<string, { readonly following: string; readonly work: Promise<void>; readonly stop: AbortController }>();
  const state = { stopped: false };
  const { db, clock, ids } = parts;
  const begin = async (id: string, person: string | null): Promise<string | null> => {
    if (state.stopped) return null;
    const run = ids.next('pfe');
    const until = new Date(clock.now() + leaseMs).toISOString();
    const following = await db.transaction((tx) => takeFollowing(tx, { id, run, now: clock.iso(), until, person }));
    if (following === null) return null;
    const peer = await peerById(db, following.scope, following.peer);
    if (peer === null) return null;
    const stop = new AbortController();
    const one = new Run({ parts, peer, following, run, person, signal: stop.signal });
    const work = one.whole(() => (following.direction === 'in' ? new Fetching(one, hooks) : new Sending(one)).whole())
      .catch((error: unknown) => parts.trace.error('peer.fault', error, { following: id }))
      .finally(() => running.delete(run));
    running.set(run, { following: id, work, stop });
    return run;
  };
  return {
    async beat() {
      for (const [run, { following, stop }] of running) {
        if (!await holdLonger(db, following, run, new Date(clock.now() + leaseMs).toISOString())) stop.abort();
      }
      if (running.size >= atOnce || state.stopped) return;
      for (const id of await dueFollowings(db, clock.iso(), atOnce - running.size)) await begin(id, null);
    },
    begin: (following, person) => asHub('a following that a person asks for', () => begin(following, person)),
    async idle() {
      while (running.size > 0) await Promise.all([...running.values()].map(({ work }) => work));
    },
    async stop() {
      state.stopped = true;
      for (const { stop } of running.values()) stop.abort();
      await this.idle();
    },
  };
}
