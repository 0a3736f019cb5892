/** Repeatable numbers from a seed, for generated stories and tests; never for secrets (those come from world/random). */

/** Numbers from 0 to below 1 (mulberry32). The same seed gives the same numbers on every machine. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
