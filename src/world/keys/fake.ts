/** Keys from a seed, for tests and the demonstration: the same names give the same keys in every run. Fails on command. */
import { createHash } from 'node:crypto';
import { RetiredKey, checkKeyName } from './port.ts';
import type { Keys } from './port.ts';
import { signerFromSeed } from './seed.ts';

export interface FakeKeys extends Keys {
  /** Makes the next signature by this key throw. */
  failSign(name: string): void;
}

export function fakeKeys(seed: string): FakeKeys {
  const failing = new Set<string>();
  const retired = new Set<string>();
  return {
    failSign: (name) => { failing.add(name); },
    async retire(name) {
      checkKeyName(name);
      retired.add(name);
    },
    async signer(name, kind) {
      checkKeyName(name);
      if (retired.has(name)) throw new RetiredKey(name);
      const signer = await signerFromSeed(name, createHash('sha256').update(`${seed}:${name}`).digest(), kind);
      return {
        ...signer,
        async sign(message) {
          if (retired.has(name)) throw new RetiredKey(name);
          if (failing.delete(name)) throw new Error(`keys fail as told: ${name}`);
          return signer.sign(message);
        },
      };
    },
  };
}
