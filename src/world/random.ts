/** Randomness as a port: secrets come from the operating system; stories and tests come from a seed. */
import { createHash, randomBytes } from 'node:crypto';

export interface Random {
  /** Bytes fit for keys and secrets from the real port; repeatable from a seeded one. */
  bytes(count: number): Uint8Array;
}

export function systemRandom(): Random {
  return { bytes: (count) => new Uint8Array(randomBytes(count)) };
}

/** Repeatable bytes: SHA-256 of seed and counter. For tests and the demonstration only, never for keys. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  return {
    bytes(count) {
      const out = new Uint8Array(count);
      for (let at = 0; at < count; at += 32) {
        const block = createHash('sha256').update(`${seed}:${counter++}`).digest();
        out.set(block.subarray(0, Math.min(32, count - at)), at);
      }
      return out;
    },
  };
}
