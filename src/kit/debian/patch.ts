/**
 * Patches as source packages carry them (unified, diffutils' manual 2.2.2), put on as `patch --fuzz=0` does: each hunk fits to the byte, at its line
 * or at the nearest other one. Text is Latin-1 here, so that a byte stays a byte.
 */
import { ArchiveError } from '#kit/archive/refused';

interface Hunk {
  readonly line: number;
  /** What has to stand there, and what stands there afterwards; each line with its end. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export interface FilePatch {
  /** Names as the patch has them, of before and after; null where there is none. */
  readonly from: string | null;
  readonly to: string | null;
  readonly runs: boolean | null;
  readonly hunks: readonly Hunk[];
}

/** Comparisons of lines that a whole patch may cost. */
export const effortMax = 50_000_000;

/** The name in a `---` or `+++` line without so many leading folders; null for what is not there. */
function nameIn(rest: string, strip: number, at: string): string | null {
  const [name = ''] = rest.split('\t');
  const plain = name.trim();
  if (plain === '/dev/null') return null;
  const text = Buffer.from(plain, 'latin1').toString('utf8');
  const parts = text.split('/').filter((part, i) => part !== '.' || i < strip);
  const path = parts.slice(strip).join('/');
  if (plain === '' || plain.startsWith('"') || parts.length <= strip || parts.includes('..') || text.startsWith('/')) {
    throw new ArchiveError('A patch names a file that is none of the package.', `${at}: ${plain.slice(0, 100)}`);
  }
  return path;
}

const unread = /^(?:rename (?:from|to) |copy (?:from|to) |GIT binary patch|Binary files .* differ$)/;

/** Reads a patch; `at` names it in a refusal. Throws an ArchiveError. */
export function readPatch(text: string, strip: number, at: string): FilePatch[] {
  const lines = text.split('\n');
  const found: FilePatch[] = [];
  let runs: boolean | null = null;
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string;
    if (unread.test(line)) throw new ArchiveError('A patch moves a file or holds bytes that are no text, which is not read.', `${at}: line ${i + 1}`);
    const mode = /^(?:new mode|new file mode) 100([0-7]{3})/.exec(line)?.[1];
    if (mode) runs = (Number.parseInt(mode, 8) & 0o100) !== 0;
    if (!line.startsWith('--- ') || !lines[i + 1]?.startsWith('+++ ') || !lines[i + 2]?.startsWith('@@ -')) continue;
    const [from, to] = [nameIn(line.slice(4), strip, at), nameIn((lines[i + 1] as string).slice(4), strip, at)];
    if (from === null && to === null) throw new ArchiveError('A patch names no file.', `${at}: line ${i + 1}`);
    const hunks: Hunk[] = [];
    i += 2;
    while (lines[i]?.startsWith('@@ -')) {
      const [hunk, next] = hunkAt(lines, i, at);
      hunks.push(hunk);
      i = next;
    }
    i--;
    found.push({ from, to, runs, hunks });
    runs = null;
  }
  return found;
}

function hunkAt(lines: readonly string[], start: number, at: string): [Hunk, next: number] {
  const place = `${at}: line ${start + 1}`;
  const head = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@/.exec(lines[start] as string);
  if (!head) throw new ArchiveError('A hunk of a patch is broken.', place);
  const [, line, olds = '1', news = '1'] = head;
  let [old, made] = [Number(olds), Number(news)];
  const [before, after]: [string[], string[]] = [[], []];
  let i = start + 1;
  let last = '';
  for (; old > 0 || made > 0 || lines[i]?.startsWith('\\'); i++) {
    const text = lines[i];
    if (text === undefined) throw new ArchiveError('A hunk of a patch breaks off.', place);
    const sign = text === '' ? ' ' : text[0] as string;
    if (sign === '\\') {
      // The line before has no end.
      if (last !== '+') before.push((before.pop() ?? '').slice(0, -1));
      if (last !== '-') after.push((after.pop() ?? '').slice(0, -1));
      last = '';
      continue;
    }
    if (!' -+\t'.includes(sign)) throw new ArchiveError('A line of a patch is none.', `${at}: line ${i + 1}`);
    // Some programs take the space off an empty line, or off the tab behind it.
    const body = `${sign === '\t' ? text : text.slice(1)}\n`;
    if (sign !== '+') {
      before.push(body);
      old--;
    }
    if (sign !== '-') {
      after.push(body);
      made--;
    }
    last = sign === '\t' ? ' ' : sign;
  }
  if (old !== 0 || made !== 0) throw new ArchiveError('A hunk of a patch has more lines than it says.', place);
  return [{ line: Number(line), before, after }, i];
}

const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** What a patch makes of a file's text; `effort` counts down over all that a package does. Throws an ArchiveError where a hunk fits nowhere. */
export function patchedText(text: string, { hunks }: FilePatch, at: string, effort: { left: number } = { left: effortMax }): string {
  const lines = linesOf(text);
  const made: string[] = [];
  let [done, drift] = [0, 0];
  const fits = (from: number, before: readonly string[]): boolean => {
    for (const [n, line] of before.entries()) {
      effort.left--;
      if (lines[from + n] !== line) return false;
    }
    effort.left--;
    return true;
  };
  for (const [n, { line, before, after }] of hunks.entries()) {
    const meant = (before.length === 0 ? line : line - 1) + drift;
    const last = lines.length - before.length;
    let found = -1;
    for (let off = 0; found < 0 && (meant - off >= done || meant + off <= last); off++) {
      if (effort.left < 0) throw new ArchiveError('Patches take too long to fit.', at);
      for (const from of off === 0 ? [meant] : [meant + off, meant - off]) {
        if (found < 0 && from >= done && from <= last && fits(from, before)) found = from;
      }
    }
    if (found < 0) throw new ArchiveError(`Hunk ${n + 1} of a patch does not fit.`, at);
    drift += found - meant;
    for (let i = done; i < found; i++) made.push(lines[i] as string);
    for (const one of after) made.push(one);
    done = found + before.length;
  }
  for (let i = done; i < lines.length; i++) made.push(lines[i] as string);
  return made.join('');
}
