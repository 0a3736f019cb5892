/** How much of a part is shown around a difference: some bytes before and after, as far as there are any; of a long run its beginning. */
import type { Range } from './model.ts';

const around = 48;
const mostShown = 2_048;

/** The stretch of a part of so many bytes that is shown of a run. */
export function excerptOf(size: number, { from, to }: Range): Range {
  return { from: Math.max(0, from - around - (from % 16)), to: Math.min(size, Math.min(to, from + mostShown) + around) };
}
