/**
 * What is tested act by act takes minutes: any clone looks at some, another part with another SEED; the full check, which decides what lands
 * (CI=true), and FULL=yes look at all.
 */
import { seed } from './seed.ts';

const isWhole = process.env['CI'] === 'true' || process.env['FULL'] === 'yes';

/** All of a list where everything is looked at, else one in so many. */
export function some<T>(list: readonly T[], oneIn = 5): T[] {
  return list.filter((_, i) => isWhole || i % oneIn === seed % oneIn);
}

/** A count where everything is looked at, else a smaller one. */
export const countOf = (whole: number, any: number): number => (isWhole ? whole : any);
