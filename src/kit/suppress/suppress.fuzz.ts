import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withhold, type Shown } from './suppress.ts';

const least = 10;

/** What a reader of the table can work out: exact elimination over its sums, then bounds from counts being counts. */
function recovered(shown: Shown): Map<string, number> {
  const height = shown.cells.length;
  const width = shown.columns.length;
  const unknown = new Map<string, number>();
  const name = (r: number, c: number): string => `${r},${c}`;
  const at = (r: number, c: number): number | null => {
    if (r < height && c < width) return shown.cells[r]?.[c] ?? null;
    if (r < height) return shown.rows[r] ?? null;
    return c < width ? shown.columns[c] ?? null : shown.total;
  };
  for (let r = 0; r <= height; r++) for (let c = 0; c <= width; c++) if (at(r, c) === null) unknown.set(name(r, c), unknown.size);
  const lines: number[][] = [];
  const add = (places: [number, number][]): void => {
    const line = Array.from({ length: unknown.size + 1 }, () => 0);
    places.forEach(([r, c], i) => {
      const sign = i === places.length - 1 ? -1 : 1;
      const value = at(r, c);
      if (value === null) line[unknown.get(name(r, c)) as number] = sign;
      else line[unknown.size] = (line[unknown.size] as number) - sign * value;
    });
    lines.push(line);
  };
  for (let r = 0; r <= height; r++) add(Array.from({ length: width + 1 }, (_, c) => [r, c]));
  for (let c = 0; c <= width; c++) add(Array.from({ length: height + 1 }, (_, r) => [r, c]));
  const found = new Map<string, number>();
  for (const [cell, value] of solved(lines, unknown.size)) {
    for (const [key, i] of unknown) if (i === cell) found.set(key, value);
  }
  return new Map([...found, ...bounded(lines, unknown)]);
}

/** Gauss and Jordan; an unknown is recovered when its row says nothing else. Coefficients stay -1, 0, 1 (a network). */
function solved(given: readonly number[][], size: number): [number, number][] {
  const lines = given.map((line) => [...line]);
  let top = 0;
  for (let column = 0; column < size; column++) {
    const pivot = lines.findIndex((line, i) => i >= top && line[column] !== 0);
    if (pivot < 0) continue;
    [lines[top], lines[pivot]] = [lines[pivot] as number[], lines[top] as number[]];
    const lead = lines[top] as number[];
    const scale = lead[column] as number;
    lead.forEach((x, i) => { lead[i] = x / scale; });
    lines.forEach((line, i) => {
      const factor = line[column] as number;
      if (i !== top && factor !== 0) line.forEach((x, k) => { line[k] = x - factor * (lead[k] as number); });
    });
    top += 1;
  }
  return lines.slice(0, top).flatMap((line): [number, number][] => {
    const used = line.slice(0, size).flatMap((x, i) => (x === 0 ? [] : [i]));
    return used.length === 1 ? [[used[0] as number, line[size] as number]] : [];
  });
}

/** Every withheld count is at least one; each sum narrows its parts until nothing moves. */
function bounded(lines: readonly number[][], unknown: ReadonlyMap<string, number>): [string, number][] {
  const size = unknown.size;
  const low = Array.from({ length: size }, () => 1);
  const high = Array.from({ length: size }, () => 1e9);
  for (let round = 0, moved = true; moved && round < 200; round++) {
    moved = false;
    for (const line of lines) {
      for (let i = 0; i < size; i++) {
        const own = line[i] as number;
        if (own === 0) continue;
        let least = line[size] as number;
        let most = least;
        for (let k = 0; k < size; k++) {
          const sign = line[k] as number;
          if (k === i || sign === 0) continue;
          least -= sign > 0 ? high[k] as number : -(low[k] as number);
          most -= sign > 0 ? low[k] as number : -(high[k] as number);
        }
        const [from, to] = own > 0 ? [least, most] : [-most, -least];
        if (from > (low[i] as number)) { low[i] = from; moved = true; }
        if (to < (high[i] as number)) { high[i] = to; moved = true; }
      }
    }
  }
  return [...unknown].flatMap(([key, i]): [string, number][] => (low[i] === high[i] ? [[key, low[i] as number]] : []));
}

const tables = fc.integer({ min: 1, max: 6 }).chain((width) => fc.array(
  fc.array(fc.oneof(
    { weight: 2, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.integer({ min: 1, max: 12 }) },
    { weight: 3, arbitrary: fc.integer({ min: 10, max: 5000 }) },
  ), { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }));

describe('a table with cells withheld', () => {
  it('gives back none of them by subtraction, in 10,000 random tables (F80)', () => {
    const seen = { withheld: 0, shown: 0 };
    fc.assert(fc.property(tables, (cells) => {
      const shown = withhold(cells, cells[0]?.length ?? 0, least);
      const back = recovered(shown);
      cells.forEach((row, r) => row.forEach((value, c) => {
        const cell = shown.cells[r]?.[c] ?? null;
        if (cell === null) seen.withheld += 1;
        else seen.shown += 1;
        if (value > 0 && value < least) {
          expect(cell).toBeNull();
          expect([`${r},${c}`, back.get(`${r},${c}`)]).toEqual([`${r},${c}`, undefined]);
        } else if (cell !== null) expect(cell).toBe(value);
      }));
    }), { numRuns: 10_000 });
    // Neither everything nor nothing is withheld: the attack had something to attack, the reader something to read.
    expect(seen.withheld).toBeGreaterThan(10_000);
    expect(seen.shown).toBeGreaterThan(10_000);
  });

  it('without the cells beside, the same attack recovers small ones', () => {
    const cells = [[3, 50, 60], [70, 80, 90]];
    const naive: Shown = {
      cells: [[null, 50, 60], [70, 80, 90]], rows: [113, 240], columns: [73, 130, 150], total: 353, small: 1, beside: 0,
    };
    expect(recovered(naive).get('0,0')).toBe(3);
    const shown = withhold(cells, 3, least);
    expect(shown).toMatchObject({ small: 1, beside: 3, total: 353 });
    expect(recovered(shown).size).toBe(0);
  });

  it('withholds nothing where nothing is small, and shows zeros', () => {
    expect(withhold([[0, 10], [20, 0]], 2, least)).toEqual({
      cells: [[0, 10], [20, 0]], rows: [10, 20], columns: [20, 10], total: 30, small: 0, beside: 0,
    });
    expect(withhold([], 0, least)).toEqual({ cells: [], rows: [], columns: [], total: 0, small: 0, beside: 0 });
  });

  it('withholds the margin of a lonely small cell too', () => {
    const shown = withhold([[4], [100]], 1, least);
    expect(shown.cells[0]).toEqual([null]);
    expect(recovered(shown).get('0,0')).toBeUndefined();
  });
});
