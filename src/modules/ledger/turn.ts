/**
 * Whose turn it is to append and to sign, when several replicas run on one database. The turn is a row there: holder,
 * epoch, and until when by the database's clock. It changes hands when it has run out or was given back, and then gets
 * the next epoch. Nothing is held while files are written: a hub that was stopped holds up nobody for longer than the
 * turn lasts, and finds itself overtaken when it wakes.
 *
 * Three things keep it from harm then. Every append is a compare-and-swap of (size, root, epoch). Before signing it
 * asks its own monotonic clock, which went on while it slept, whether its turn may still last. And the published
 * checkpoint is replaced under a fence of the blobs, and kept in the records only under the current epoch.
 */
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import { releaseTurn, takeTurn } from './head-store.ts';
import type { Head } from './head-store.ts';

/** How long a turn lasts unless it is renewed. Another replica goes on when it is over, within ten seconds in all. */
const turnMs = 5_000;
/** So much earlier the holder itself takes it for over: clocks of two machines differ, and signing takes a moment. */
const marginMs = 1_500;

/** Another replica has the turn, or may have it: what was begun is left to it. Not a fault. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
  constructor() {
    super('another replica has the turn');
  }
}

/** A transaction under the turn. */
export interface TurnTx {
  readonly tx: Queryable;
  readonly head: Head;
  readonly epoch: number;
}

export class TurnKeeper {
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #holder: string;
  #epoch = 0;
  /** On our monotonic clock. */
  #until = -Infinity;

  /** `holder` is `place.process` (store.ts), different for each run of each replica. */
  constructor(parts: { readonly db: Db; readonly clock: Clock }, holder: string) {
    this.#db = parts.db;
    this.#clock = parts.clock;
    this.#holder = holder;
  }

  /** 0 before the first turn. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Whether the turn is ours for sure, at this moment. */
  holds(): boolean {
    return this.#clock.elapsed() < this.#until;
  }

  /** Takes or renews the turn and works in the same transaction; null, with nothing done, while another has it. */
  async during<T>(work: (turn: TurnTx) => Promise<T>): Promise<T | null> {
    const asked = this.#clock.elapsed();
    const done = await this.#db.brisk.transaction(async (tx) => {
      const me = { holder: this.#holder, epoch: this.#epoch };
      const turn = await takeTurn(tx, me, turnMs / 1000, this.#db.engine === 'pglite');
      return turn && { epoch: turn.epoch, result: await work({ tx, ...turn }) };
    });
    // Only what was committed counts. Where the commit's answer was lost, the next turn has the next epoch.
    if (!done) {
      this.#until = -Infinity;
      return null;
    }
    this.#epoch = done.epoch;
    this.#until = asked + turnMs - marginMs;
    return done.result;
  }

  /** In long work: renews a turn that is half over. Throws where it is lost. */
  async renew(): Promise<void> {
    if (this.#clock.elapsed() < this.#until - turnMs / 2) return;
    if (await this.during(async () => true) === null) throw new Overtaken();
  }

  async release(): Promise<void> {
    this.#until = -Infinity;
    if (this.#epoch > 0) await releaseTurn(this.#db.brisk, { holder: this.#holder, epoch: this.#epoch });
  }
}
