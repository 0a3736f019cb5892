/** What every order of versions is made of: a comparison, and numbers of any length that are compared without being counted. */

/** Below zero, zero or above; null where one of them is no version of the scheme. */
export type Compare = (one: string, other: string) => number | null;

/** Digits by their worth, however many there are. */
export function byNumber(one: string, other: string): number {
  const [a, b] = [one.replace(/^0+(?=\d)/, ''), other.replace(/^0+(?=\d)/, '')];
  if (a.length !== b.length) return a.length < b.length ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The first difference of two lists; `none` stands where one has ended. */
export function inOrder<T>(a: readonly T[], b: readonly T[], none: T, each: (x: T, y: T) => number): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const order = each(a[i] ?? none, b[i] ?? none);
    if (order !== 0) return order;
  }
  return 0;
}

/** No version is longer, so that no comparison is dear. */
export const longestVersion = 256;
