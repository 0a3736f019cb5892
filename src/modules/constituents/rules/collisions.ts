/** What pages need of the rules of blocking lists, without the list of public suffixes that the rest of them brings along. */
import type { Collision } from '../model/blocking.ts';

/** A name that was bad three months ago is somebody else's by now; whoever still wants it blocked says so again. */
export const longestDays = 90;

/** A collision in one line, as whoever agrees to it reads it. */
export const saidOf = (c: Collision): string => `${c.how} ${c.with} ${c.name}${c.holder === null ? '' : ` (${c.holder})`}`;
