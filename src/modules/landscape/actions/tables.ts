/**
 * Infected addresses by area and family, as one public table whose small cells cannot be worked out. Whatever else is published of
 * these cells is read off the same table: two publications that withhold different cells would give them away.
 */
import { withhold, type Shown } from '#kit/suppress/suppress';
import type { Cell } from '../statistics-store.ts';

/** k of k-anonymity: cells of fewer addresses are withheld. */
export const leastAddresses = 10;
/** Named areas and families; all others are one line. Their number bounds the work of protecting. */
const mostAreas = 60;
const mostFamilies = 20;
/** The line of all that are not named. */
export const others = '*';

export interface FamilyTable {
  readonly areas: readonly string[];
  readonly families: readonly string[];
  readonly shown: Shown;
}

/** `home` is always named. Rows without a family are left out: they say nothing about one. */
export function familyTable(cells: readonly Cell[], home: string): FamilyTable {
  const named = cells.filter((cell) => cell.key !== '' && cell.things > 0);
  const areas = largest(named, (cell) => cell.area, mostAreas, home);
  const families = largest(named, (cell) => cell.key, mostFamilies);
  const values = areas.map(() => families.map(() => 0));
  const at = (list: readonly string[], name: string): number => (list.includes(name) ? list.indexOf(name) : list.indexOf(others));
  for (const cell of named) {
    const row = values[at(areas, cell.area)];
    const column = at(families, cell.key);
    if (row !== undefined && column >= 0) row[column] = (row[column] ?? 0) + cell.things;
  }
  return { areas, families, shown: withhold(values, families.length, leastAddresses) };
}

/** The names with most, in their order; then the line for the rest, where there is a rest. */
function largest(cells: readonly Cell[], nameOf: (cell: Cell) => string, most: number, always?: string): string[] {
  const sums = new Map<string, number>();
  for (const cell of cells) sums.set(nameOf(cell), (sums.get(nameOf(cell)) ?? 0) + cell.things);
  const all = [...sums].sort((x, y) => y[1] - x[1] || (x[0] < y[0] ? -1 : 1)).map(([name]) => name);
  const kept = all.filter((name, i) => i < most || name === always);
  return kept.length < all.length ? [...kept, others] : kept;
}
