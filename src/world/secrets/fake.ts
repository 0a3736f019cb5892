/** Secrets sealed by keys out of a seed. Fails on command. */
import { createHash } from 'node:crypto';
import { seededRandom } from '../random.ts';
import { SealBroken, type Secrets } from './port.ts';
import { sealedBy } from './sealing.ts';

export interface FakeSecrets extends Secrets {
  /** Makes the next opening throw. */
  failOpen(): void;
  /** A further key seals from now on. */
  rotate(): void;
}

export function fakeSecrets(seed = 'test'): FakeSecrets {
  const random = seededRandom(`secrets:${seed}`);
  const keyOf = (n: number): Uint8Array => createHash('sha256').update(`${seed}:${n}`).digest();
  const state = { failing: false, keys: 1 };
  const now = (): Secrets => sealedBy(Array.from({ length: state.keys }, (_, i) => keyOf(i)), random);
  return {
    failOpen: () => { state.failing = true; },
    rotate: () => { state.keys++; },
    seal: (purpose, plain) => now().seal(purpose, plain),
    open(purpose, sealed) {
      if (state.failing) {
        state.failing = false;
        throw new SealBroken('secrets fail as told');
      }
      return now().open(purpose, sealed);
    },
    isCurrent: (sealed) => now().isCurrent(sealed),
  };
}
