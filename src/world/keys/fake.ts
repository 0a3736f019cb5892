/** Keys from a seed, for tests and the demonstration: the same names give the same keys in every run. Fails on command. */
import { createHash } from 'node:crypto';
import { checkKeyName } from './port.ts';
import type { Keys } from './port.ts';
import { signerFromSeed } from './seed.ts';

export interface FakeKeys extends Keys {
  /** Makes the next signature by this key throw. */
  failSign(name: string): void;
}

export function fakeKeys(seed: string): FakeKeys {
  const failing = new Set<string>();
  return {
    failSign: (name) => { failing.add(name); },
    async signer(name) {
      checkKeyName(name);
      const signer = signerFromSeed(name, createHash('sha256').update(`${seed}:${name}`).digest());
      return {
        ...signer,
        async sign(message) {
          if (failing.delete(name)) throw new Error(`keys fail as told: ${name}`);
          return signer.sign(message);
        },
      };
    },
  };
}
