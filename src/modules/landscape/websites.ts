/** Attacked websites as a register: one entry for each site, kind of attack and day, however often it was seen. Pure. */
import type { WebsiteAttack } from './model.ts';

/** What a row's type says was done to the site. */
export const typesOfAttack: Readonly<Record<Exclude<WebsiteAttack, 'other'>, readonly string[]>> = {
  defacement: ['defacement', 'unauthorised-modification'],
  phishing: ['phishing'],
  malware: ['malware-distribution', 'website-malware', 'system-compromise', 'infected-system'],
};

/** Hours from the first sight to the repair; null while it is not repaired. A repair said of an earlier time is none. */
export function hoursToRepair(first: string, repairedAt: string | null): number | null {
  if (repairedAt === null) return null;
  const hours = (Date.parse(repairedAt) - Date.parse(first)) / 3_600_000;
  return hours < 0 ? null : Math.round(hours * 10) / 10;
}

/** The middle one, or the mean of the two in the middle; null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}
