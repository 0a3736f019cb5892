/** Percent to one decimal, or as many as are asked for, half up, in whole numbers so that no binary fraction decides. Of nothing there is no share. */
export function percentOf(numerator: number, denominator: number, decimals = 1): number {
  const places = 10 ** decimals;
  return Math.floor((200 * places * numerator + denominator) / (2 * denominator)) / places;
}

/** What a count became against the one before, in percent to one decimal; a half moves away from zero. Null where there was nothing before. */
export function changeOf(now: number, before: number | null): number | null {
  if (before === null || before === 0) return null;
  const percent = percentOf(Math.abs(now - before), before);
  return now < before && percent !== 0 ? -percent : percent;
}
