/**
 * Tables of counts that give nobody away: cells under `least` are withheld, and beside them as many others as it takes so
 * that no withheld cell can be computed back from what is shown (complementary suppression). A table has rows, columns
 * and its margins; a withheld cell is safe when moving one count around a cycle of withheld cells gives another table
 * that fits everything shown. What it leaves to others: which table is worth showing, and a table published twice with
 * different cells withheld, which is a new table to whoever has both.
 */

export interface Shown {
  /** Null where withheld. */
  readonly cells: readonly (readonly (number | null)[])[];
  readonly rows: readonly (number | null)[];
  readonly columns: readonly (number | null)[];
  readonly total: number | null;
  /** Cells withheld because they are small, and those withheld to protect them (margins counted too). */
  readonly small: number;
  readonly beside: number;
}

/**
 * The table with its margins as one more row and column, so that every line sums to zero: margins count negative, the
 * corner positive. A cell is a step between its row and its column.
 */
class Grid {
  readonly height: number;
  readonly width: number;
  readonly values: Float64Array;
  readonly withheld: Uint8Array;

  constructor(cells: readonly (readonly number[])[], columns: number) {
    this.height = cells.length + 1;
    this.width = columns + 1;
    this.values = new Float64Array(this.height * this.width);
    this.withheld = new Uint8Array(this.height * this.width);
    const { width, height, values } = this;
    for (let r = 0; r < cells.length; r++) {
      for (let c = 0; c < columns; c++) {
        const value = cells[r]?.[c] ?? 0;
        values[r * width + c] = value;
        values[r * width + columns] = (values[r * width + columns] ?? 0) + value;
        values[(height - 1) * width + c] = (values[(height - 1) * width + c] ?? 0) + value;
        values[height * width - 1] = (values[height * width - 1] ?? 0) + value;
      }
    }
  }

  private isMargin(at: number): boolean {
    return (at % this.width === this.width - 1) !== (Math.floor(at / this.width) === this.height - 1);
  }

  /** Whether the signed cell can take one more (`up`) or one less and stay a count that a reader must think possible. */
  moves(at: number, up: boolean): boolean {
    // Zeros are shown, so a reader knows that a withheld cell is at least one.
    return up !== this.isMargin(at) || (this.values[at] ?? 0) > 1;
  }

  /** What withholding it costs: inner cells before margins, the corner last, small before large. */
  cost(at: number): number {
    if (this.withheld[at] === 1) return 0;
    const value = this.values[at] ?? 0;
    if (value === 0) return Number.POSITIVE_INFINITY;
    const corner = at === this.height * this.width - 1;
    return 1 + Math.log2(1 + value) + (corner ? 1e9 : this.isMargin(at) ? 1e4 : 0);
  }

  /**
   * The cheapest way to close a cycle through the cell when it goes up or down by one: the cells to withhold for it.
   * Dijkstra over lines; leaving the cell's column goes against its move, leaving a row goes with it.
   */
  closing(cell: number, up: boolean): { cost: number; cells: number[] } | null {
    const { width, height } = this;
    const startColumn = cell % width;
    const goal = Math.floor(cell / width);
    // Nodes: rows first, then columns.
    const nodes = height + width;
    const cost = new Float64Array(nodes).fill(Number.POSITIVE_INFINITY);
    const by = new Int32Array(nodes).fill(-1);
    const done = new Uint8Array(nodes);
    cost[height + startColumn] = 0;
    for (;;) {
      let at = -1;
      for (let n = 0; n < nodes; n++) if (done[n] === 0 && (at < 0 || (cost[n] ?? 0) < (cost[at] ?? 0))) at = n;
      if (at < 0 || cost[at] === Number.POSITIVE_INFINITY) return null;
      if (at === goal) return { cost: cost[goal] ?? 0, cells: this.wayBack(goal, height + startColumn, by) };
      done[at] = 1;
      const fromRow = at < height;
      for (let k = 0; k < (fromRow ? width : height); k++) {
        const step = fromRow ? at * width + k : k * width + (at - height);
        const to = fromRow ? height + k : k;
        if (step === cell || done[to] === 1 || !this.moves(step, fromRow ? up : !up)) continue;
        const sum = (cost[at] ?? 0) + this.cost(step);
        if (sum < (cost[to] ?? 0)) {
          cost[to] = sum;
          by[to] = step;
        }
      }
    }
  }

  private wayBack(from: number, to: number, by: Int32Array): number[] {
    const { height, width } = this;
    const cells: number[] = [];
    for (let at = from; at !== to;) {
      const step = by[at] ?? -1;
      cells.push(step);
      at = at < height ? height + step % width : Math.floor(step / width);
    }
    return cells;
  }
}

/** Withholds cells from 1 to `least - 1` and what protects them. `columns` is the width, for a table without rows. */
export function withhold(cells: readonly (readonly number[])[], columns: number, least: number): Shown {
  const grid = new Grid(cells, columns);
  const { width, height, values, withheld } = grid;
  let small = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? 0;
    if (value <= 0 || value >= least) continue;
    withheld[at] = 1;
    small += 1;
  }
  const primary = [...withheld.keys()].filter((at) => withheld[at] === 1);
  // What is withheld for one cell may not take part in another's cycle, so each is looked at; nothing is ever shown again.
  for (const cell of primary) protect(grid, cell);
  const shown = (at: number): number | null => (withheld[at] === 1 ? null : values[at] ?? 0);
  const all = withheld.reduce((sum, x) => sum + x, 0);
  return {
    cells: cells.map((_, r) => Array.from({ length: columns }, (_, c) => shown(r * width + c))),
    rows: cells.map((_, r) => shown(r * width + columns)),
    columns: Array.from({ length: columns }, (_, c) => shown((height - 1) * width + c)),
    total: shown(height * width - 1), small, beside: all - small,
  };
}

function protect(grid: Grid, cell: number): void {
  const ways = [true, false].flatMap((up) => (grid.moves(cell, up) ? grid.closing(cell, up) ?? [] : []));
  const [best] = ways.sort((x, y) => x.cost - y.cost);
  // Where every line through it is shown and nothing can move, the whole table goes: it says too much.
  if (best === undefined) grid.values.forEach((value, at) => { if (value > 0) grid.withheld[at] = 1; });
  else for (const at of best.cells) grid.withheld[at] = 1;
}
