/**
 * What an answer rests on, asked again while it lasts: the credential, the role, the scope, each mandate. One registry for
 * all requests, streams, downloads and uploads of this hub; the records are asked, so an end that was written by another
 * replica counts like one written here. Whatever cannot be confirmed in time has ended: no answer outlives its right by
 * more than five seconds.
 */
import type { Clock } from '#world/clock';

/** How old a confirmation may be before it is asked again, and before it is none any more. In milliseconds. */
const fresh = 1_500;
const stale = 4_000;
/** Leases asked about at once, so that a thousand streams do not take every connection of the records. */
const together = 8;

export type Check = () => Promise<unknown>;

export interface Lease {
  /** Aborted, with the reason, once something that the answer rests on does not hold. */
  readonly signal: AbortSignal;
  /** One more thing that must stay true; it throws where it does not. */
  add(check: Check): void;
  /** Asks again if that was too long ago; throws what does not hold any more. For the moment before an act. */
  confirm(): Promise<void>;
  release(): void;
}

export interface Leases {
  take(check: Check): Lease;
  /** To be called every second. Resolves when everything that was due has been asked. */
  beat(): Promise<void>;
  /** How many answers are being given. */
  count(): number;
}

interface Held {
  readonly checks: Check[];
  readonly ending: AbortController;
  confirmed: number;
  asking: Promise<void> | null;
}

export function leasesOn(clock: Pick<Clock, 'elapsed'>): Leases {
  const held = new Set<Held>();
  const end = (lease: Held, why: unknown): void => {
    if (held.delete(lease)) lease.ending.abort(why);
  };
  const ask = (lease: Held): Promise<void> => {
    // As of the moment of asking: what changes while the records answer is seen the next time.
    const asked = clock.elapsed();
    lease.asking ??= Promise.all(lease.checks.map((check) => check()))
      .then(() => { lease.confirmed = Math.max(lease.confirmed, asked); }, (error: unknown) => { end(lease, error); })
      .finally(() => { lease.asking = null; });
    return lease.asking;
  };
  const overdue = (lease: Held): boolean => clock.elapsed() - lease.confirmed > stale;
  return {
    count: () => held.size,
    take(check) {
      const lease: Held = { checks: [check], ending: new AbortController(), confirmed: clock.elapsed(), asking: null };
      held.add(lease);
      return {
        signal: lease.ending.signal,
        add: (another) => void lease.checks.push(another),
        async confirm() {
          if (clock.elapsed() - lease.confirmed > fresh) await ask(lease);
          lease.ending.signal.throwIfAborted();
        },
        release: () => void held.delete(lease),
      };
    },
    async beat() {
      // Records that do not answer, or say nothing but errors of their own, confirm nothing.
      for (const lease of [...held].filter(overdue)) end(lease, new Error('what the answer rests on could not be confirmed'));
      const due = [...held].filter((lease) => lease.asking === null && clock.elapsed() - lease.confirmed >= fresh);
      const next = due.values();
      await Promise.all(Array.from({ length: together }, async () => {
        for (const lease of next) if (held.has(lease)) await ask(lease);
      }));
    },
  };
}

/**
 * A body that breaks off when its lease ends: `cut` takes the connection, so that what was received so far cannot be taken
 * for the whole; where there is none to take, it says false and the stream fails. `within` is what reading happens in.
 */
export function leased(
  body: ReadableStream<Uint8Array>, lease: Lease, within: <T>(read: () => T) => T, cut: () => boolean,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const stop = (): void => {
        reader.cancel(lease.signal.reason).catch(() => undefined);
        if (!cut()) controller.error(lease.signal.reason);
      };
      if (lease.signal.aborted) stop();
      else lease.signal.addEventListener('abort', stop, { once: true });
    },
    async pull(controller) {
      try {
        const { done, value } = await within(() => reader.read());
        if (lease.signal.aborted) return;
        if (!done) return controller.enqueue(value);
        lease.release();
        controller.close();
      } catch (error) {
        lease.release();
        if (!lease.signal.aborted) throw error;
      }
    },
    async cancel(reason) {
      lease.release();
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
