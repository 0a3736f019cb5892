/** Names that a test publishes. Fails on command. */
import type { NamesAsked } from './port.ts';

export interface FakeNames extends NamesAsked {
  publish(name: string, ...texts: string[]): void;
  /** Makes the next question fail as if nobody answered. */
  failNext(): void;
}

export function fakeNames(): FakeNames {
  const published = new Map<string, string[]>();
  const state = { failing: false };
  return {
    publish: (name, ...texts) => void published.set(name.toLowerCase(), texts),
    failNext: () => { state.failing = true; },
    async texts(name) {
      if (state.failing) {
        state.failing = false;
        throw new Error('names fail as told');
      }
      return published.get(name.toLowerCase()) ?? [];
    },
  };
}
