/** Percent to one decimal, half up, in whole numbers so that no binary fraction decides. Of nothing there is no share: ask first. */
export function percentOf(numerator: number, denominator: number): number {
  return Math.floor((2000 * numerator + denominator) / (2 * denominator)) / 10;
}
