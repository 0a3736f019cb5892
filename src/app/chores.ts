/**
 * What a hub does between requests, the whole list: each chore with how often, and safe to run at any time, twice, and on
 * several replicas at once. If we crash within one, the next round does what is left. Simulation and tests run the same
 * list round by round, on a clock that stands still.
 */
import { asHub } from '#world/db/scope';
import { closeMinutes, tendObligations } from '#modules/agreements/index';
import { tendConnections } from '../modules/constituents/actions/index.ts';
import { tendRecalls } from '#modules/exchange/index';
import { sweepRows, watchFeeds } from '#modules/landscape/index';
import { summarise } from '#modules/ledger/index';
import { followTheClock } from '../modules/agreements/begin.ts';
import { tendBreakGlass } from '../modules/parties/actions/break-glass.ts';
import { bury, sweepRetention } from '../modules/parties/protection/actions.ts';
import { sweepExpired } from '../modules/parties/store.ts';
import { hubOrganisation, retention, type Composition } from './compose.ts';
import { sweepTickets } from './live/tickets.ts';
import { react } from './reactions.ts';
import { followSuccessions } from './succession.ts';
import type { World } from './world.ts';

export interface Chore {
  /** For the log: `chore.NAME.fault`. */
  readonly name: string;
  readonly everyMs: number;
  run(world: World, composition: Composition): Promise<void>;
}

export const chores: readonly Chore[] = [
  {
    // What is past its time goes, and leaves its tombstone.
    name: 'retention', everyMs: 3_600_000,
    async run(world) {
      await sweepRetention(world, retention);
      await sweepRows({ ...world, bury: (tx, kind, past) => bury(world, tx, kind, past) });
    },
  },
  {
    // Answers whose right has ended are cut. Not waited for: records that do not answer must not keep it from the next round.
    name: 'leases', everyMs: 1_000,
    async run(_, { leases }) { void leases.beat(); },
  },
  {
    // Facts that no request stated, then what follows from facts.
    name: 'ledger', everyMs: 1_500,
    async run(world, { sequencer }) {
      sequencer.kick();
      await sequencer.idle();
      await react(world);
    },
  },
  {
    // Not waited for: a witness that is silent takes its whole patience, and the round after asks it again.
    name: 'witnesses', everyMs: 2_000,
    run: (_, { witnessing }) => witnessing(),
  },
  {
    // Looks each minute, works once a day.
    name: 'days', everyMs: 60_000,
    run: (world) => summarise(world),
  },
  {
    // Who follows the log hears of what entered it, by whichever replica.
    name: 'streams', everyMs: 500,
    async run(_, { streams }) { await streams.beat(); },
  },
  {
    // Agreements that take effect or expire by the clock; what a renewal takes the place of ends with its beginning.
    name: 'agreements', everyMs: 2_000,
    async run(world) { await followTheClock(world); },
  },
  {
    // Duties that a fact began or did, and those that are late.
    name: 'obligations', everyMs: 2_000,
    async run(world) { await tendObligations(world); },
  },
  {
    // How often each decision came again, once its minute is over.
    name: 'decisions', everyMs: 30_000,
    async run(world) { await closeMinutes(world, hubOrganisation); },
  },
  {
    // Stored owners follow the registry; periods are computed from the days that batches changed.
    name: 'landscape', everyMs: 10_000,
    async run(_, { pipeline }) { await pipeline.settle(); },
  },
  {
    // Kept files that somebody asked to have read again.
    name: 'replays', everyMs: 5_000,
    async run(_, { pipeline }) { await pipeline.replay(); },
  },
  {
    // Rights taken in an hour of need end by the clock; a review that nobody made is said aloud.
    name: 'break-glass', everyMs: 5_000,
    async run(_, { parties }) { await tendBreakGlass(parties); },
  },
  {
    // Successions that are due; rows that a crash left behind are carried over.
    name: 'successions', everyMs: 2_000,
    async run(world, { pipeline }) { await followSuccessions(world, pipeline); },
  },
  {
    // Critical notices, exceptions that are over, the ladder, letters whose hour has come.
    name: 'notices', everyMs: 5_000,
    run: (_, { tending }) => tending(),
  },
  {
    // Bodies whose monitoring fell silent.
    name: 'connections', everyMs: 60_000,
    run: (world) => tendConnections(world),
  },
  {
    // What has ended leaves the blocking lists; whoever fetches before that has it taken off on the spot.
    name: 'blocking', everyMs: 60_000,
    run: (_, { blocking }) => blocking(),
  },
  {
    // Feeds that are late, that came again, and what of them was lost for good.
    name: 'feeds', everyMs: 60_000,
    run: (world) => watchFeeds(world),
  },
  {
    // Files that are due are fetched. Runs are not waited for: one may take hours, and each holds its source alone.
    name: 'collect', everyMs: 10_000,
    run: (_, { collector }) => collector.beat(),
  },
  {
    // Alerts that nobody has opened go on to the next on the line.
    name: 'alerts', everyMs: 5_000,
    run: (_, { alerting }) => alerting(),
  },
  {
    // Findings that nobody disclosed or answered in time are said aloud.
    name: 'findings-of-reviews', everyMs: 60_000,
    run: (_, { reviewing }) => reviewing(),
  },
  {
    // Observers that fell silent, manifests past their hour, and what a crash left unsaid of split views.
    name: 'update-channels', everyMs: 60_000,
    run: (_, { watching }) => watching(),
  },
  {
    // Whoever was asked to remove its copies and has not said so in time.
    name: 'recalls', everyMs: 30_000,
    run: (world) => tendRecalls(world),
  },
  {
    // Collections of other servers that are due; not waited for either.
    name: 'peers', everyMs: 5_000,
    run: (_, { peerRunner }) => peerRunner.beat(),
  },
  {
    // Sources under review that cannot be searched yet; not waited for: a large one takes a minute.
    name: 'search-indexes', everyMs: 3_000,
    run: (_, { indexer }) => indexer.beat(),
  },
  {
    // Sessions, tokens, invitations and challenges past their time.
    name: 'expired', everyMs: 60_000,
    async run({ db, clock }) {
      await sweepExpired(db, clock.iso());
      await sweepTickets(db, clock.iso());
    },
  },
];

/** Runs every chore once, in order: what a test or the simulation calls a round. */
export async function round(world: World, composition: Composition): Promise<void> {
  for (const chore of chores) await asHub(chore.name, () => chore.run(world, composition));
  await asHub('indexes that were begun', () => composition.indexer.idle());
}

/** Begins the chores; the answer ends them. One that is still running when its time comes again is not begun twice. */
export function tend(world: World, composition: Composition): () => Promise<void> {
  asHub('what the last run left', () => composition.sequencer.kick());
  const timers = chores.map((chore) => {
    const running = { now: false };
    return setInterval(() => {
      if (running.now) return;
      running.now = true;
      asHub(chore.name, () => chore.run(world, composition))
        .catch((error: unknown) => world.trace.error(`chore.${chore.name}.fault`, error))
        .finally(() => { running.now = false; });
    }, chore.everyMs);
  });
  return async () => {
    timers.forEach(clearInterval);
    await asHub('runs that end', () => Promise.all([composition.collector.stop(), composition.peerRunner.stop(), composition.indexer.stop()]));
    await asHub('the last facts', async () => {
      await composition.sequencer.drain();
      await composition.sequencer.release();
    });
  };
}
