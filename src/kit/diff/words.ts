/**
 * The difference of two texts, word by word: what stayed, what went, what came. A longest common subsequence over words
 * and the space between them; texts too far apart for that within bounds are shown as one gone and one new.
 */
export interface Run {
  readonly is: 'same' | 'gone' | 'new';
  readonly text: string;
}

/** Words, punctuation and white space, each its own token, so that joining them gives the text back. */
const tokensOf = (text: string): string[] => text.match(/[\p{L}\p{M}\p{N}_]+|\s+|[^\p{L}\p{M}\p{N}_\s]/gu) ?? [];

/** Cells of the table that are worked out at most: 4 bytes each. */
const cellsMax = 4_000_000;

/** Runs in order: all `same` and `gone` joined are `before`, all `same` and `new` joined are `after`. */
export function wordDifference(before: string, after: string): Run[] {
  const [a, b] = [tokensOf(before), tokensOf(after)];
  const ends = [a, b] as const;
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const [x, y] = ends.map((tokens) => tokens.slice(head, tokens.length - tail)) as [string[], string[]];
  const middle = (x.length + 1) * (y.length + 1) > cellsMax
    ? [run('gone', x.join('')), run('new', y.join(''))] : between(x, y);
  return joined([run('same', a.slice(0, head).join('')), ...middle, run('same', a.slice(a.length - tail).join(''))]);
}

const run = (is: Run['is'], text: string): Run => ({ is, text });

function between(x: readonly string[], y: readonly string[]): Run[] {
  const width = y.length + 1;
  const longest = new Uint32Array((x.length + 1) * width);
  const at = (i: number, j: number): number => longest[i * width + j] ?? 0;
  for (let i = x.length - 1; i >= 0; i--) {
    for (let j = y.length - 1; j >= 0; j--) {
      longest[i * width + j] = x[i] === y[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const runs: Run[] = [];
  let [i, j] = [0, 0];
  while (i < x.length || j < y.length) {
    if (i < x.length && j < y.length && x[i] === y[j]) [runs[runs.length], i, j] = [run('same', x[i] ?? ''), i + 1, j + 1];
    else if (i < x.length && (j === y.length || at(i + 1, j) >= at(i, j + 1))) [runs[runs.length], i] = [run('gone', x[i] ?? ''), i + 1];
    else [runs[runs.length], j] = [run('new', y[j] ?? ''), j + 1];
  }
  return runs;
}

/** Neighbours of one kind as one run; within a change what went stands before what came. */
function joined(runs: readonly Run[]): Run[] {
  const out: { is: Run['is']; text: string }[] = [];
  for (const { is, text } of runs) {
    if (text === '') continue;
    const last = out.at(-1);
    const before = out.at(-2);
    if (last?.is === is) last.text += text;
    else if (is === 'gone' && last?.is === 'new' && before?.is === 'gone') before.text += text;
    else if (is === 'gone' && last?.is === 'new') out.splice(-1, 0, { is, text });
    else out.push({ is, text });
  }
  return out;
}
