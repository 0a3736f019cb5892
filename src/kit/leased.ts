/**
 * Long work that a hub does a few pieces at once, beside its chores: what is due, and what somebody asks for. Each piece is taken by a
 * lease, so that two hubs never do one at once; a lease that could not be held for longer stops its piece.
 */

export interface Leasing {
  /** Takes a piece under a lease; null where somebody has it, or it is not there. */
  take(id: string, person: string | null): Promise<{ readonly run: string; work(signal: AbortSignal): Promise<void> } | null>;
  /** Holds a lease for longer; false where it is another's by now. */
  hold(id: string, run: string): Promise<boolean>;
  /** Pieces that are due, so many at most. */
  due(most: number): Promise<readonly string[]>;
  /** Told of what broke in a piece: nobody waits for it. */
  fault(error: unknown, id: string): void;
}

export interface LeasedRuns {
  /** One round: holds what runs here for longer, and begins what is due. Waits for no run. */
  beat(): Promise<void>;
  /** Begins a piece; the id of its run, or null where it was not to be had. */
  begin(id: string, person: string | null): Promise<string | null>;
  /** Waits for what runs here. */
  idle(): Promise<void>;
  /** Ends what runs here, at its next step, and begins nothing more. */
  stop(): Promise<void>;
}

export function leasedRuns({ take, hold, due, fault }: Leasing, atOnce: number): LeasedRuns {
  const running = new Map<string, { readonly id: string; readonly work: Promise<void>; readonly stop: AbortController }>();
  const state = { stopped: false };
  const begin = async (id: string, person: string | null): Promise<string | null> => {
    if (state.stopped) return null;
    const taken = await take(id, person);
    if (taken === null) return null;
    const { run } = taken;
    const stop = new AbortController();
    const work = taken.work(stop.signal).catch((error: unknown) => fault(error, id)).finally(() => running.delete(run));
    running.set(run, { id, work, stop });
    return run;
  };
  const idle = async (): Promise<void> => {
    while (running.size > 0) await Promise.all([...running.values()].map(({ work }) => work));
  };
  return {
    async beat() {
      for (const [run, { id, stop }] of running) if (!await hold(id, run)) stop.abort();
      if (running.size >= atOnce || state.stopped) return;
      for (const id of await due(atOnce - running.size)) await begin(id, null);
    },
    begin, idle,
    async stop() {
      state.stopped = true;
      for (const { stop } of running.values()) stop.abort();
      await idle();
    },
  };
}
