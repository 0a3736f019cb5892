/**
 * Runs followings: what is due, and what somebody asks for, a few at once and beside the hub's other chores. A run holds its following by
 * a lease, so that two hubs never move one on at once.
 */
import { leasedRuns, type LeasedRuns } from '#kit/leased';
import { asHub } from '#world/db/scope';
import { dueFollowings, holdLonger, takeFollowing } from '../store/runs.ts';
import { peerById } from '../store/peers.ts';
import { Fetching, type FetchHooks } from './fetch.ts';
import { leaseMs, Run, type RunParts } from './run.ts';
import { Sending } from './send.ts';

export interface PeerRunner extends LeasedRuns {
  /** Begins a run that a person asks for; its id, or null where one is running already. */
  begin(following: string, person: string): Promise<string | null>;
}

/** Runs of one hub at once. */
const atOnce = 4;

export function peerRunnerOver(parts: RunParts, hooks: FetchHooks = {}): PeerRunner {
  const { db, clock, ids } = parts;
  const leaseEnd = (): string => new Date(clock.now() + leaseMs).toISOString();
  const runs = leasedRuns({
    async take(id, person) {
      const run = ids.next('pfe');
      const following = await db.transaction((tx) => takeFollowing(tx, { id, run, now: clock.iso(), until: leaseEnd(), person }));
      const peer = following && await peerById(db, following.scope, following.peer);
      if (!peer) return null;
      return {
        run,
        work(signal) {
          const one = new Run({ parts, peer, following, run, person, signal });
          return one.whole(() => (following.direction === 'in' ? new Fetching(one, hooks) : new Sending(one)).whole());
        },
      };
    },
    hold: (id, run) => holdLonger(db, id, run, leaseEnd()),
    due: (most) => dueFollowings(db, clock.iso(), most),
    fault: (error, following) => parts.trace.error('peer.fault', error, { following }),
  }, atOnce);
  return { ...runs, begin: (following, person) => asHub('a following that a person asks for', () => runs.begin(following, person)) };
}
