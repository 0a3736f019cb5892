/** Time as a port: nothing else reads the clock. Times are UTC. */

export interface Clock {
  /** Milliseconds since the epoch, UTC. Never used to order facts: the ledger's index does that. */
  now(): number;
  /** RFC 3339 in UTC with milliseconds. */
  iso(): string;
  /** Milliseconds that only grow, for measuring. */
  elapsed(): number;
}

export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    iso: () => new Date().toISOString(),
    elapsed: () => performance.now(),
  };
}

/** A clock that stands still until told. `advance` and `set` are its controls; `set` back simulates a clock set back. */
export interface FakeClock extends Clock {
  advance(ms: number): void;
  set(at: string): void;
}

export function fakeClock(start = '2026-01-01T00:00:00.000Z'): FakeClock {
  let at = Date.parse(start);
  const began = at;
  return {
    now: () => at,
    iso: () => new Date(at).toISOString(),
    elapsed: () => at - began,
    advance: (ms) => { at += ms; },
    set: (iso) => { at = Date.parse(iso); },
  };
}
