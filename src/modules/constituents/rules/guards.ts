/**
 * A guard list as text: one name, address or prefix a line, or `rank,name` as lists of popular names come. What begins with #
 * is a remark. Every line that cannot be read is told by its number; a list is taken whole or not at all.
 */
import { parsePrefix } from '#kit/ip/ip';
import { LineReader, type LineSink, type Reader, type Trouble } from '#kit/lines/lines';
import { Refusal } from '#kit/refusal';
import { keyOf } from './blocking.ts';
import { canonicalValue } from './registry.ts';

export const guardBytesMax = 32 * 1_048_576;
export const guardLinesMax = 1_000_000;
/** Problems that are told of one file. */
const shownProblems = 100;
const longestGuardLine = 1_000;

export interface GuardProblem { readonly at: string; readonly problem: string }

/** Reads a file chunk by chunk and hands on the key of each thing it names. */
export class GuardReader implements Reader, LineSink {
  readonly problems: GuardProblem[] = [];
  /** Lines that name something; the same thing twice counts twice here, and once in the table. */
  names = 0;
  private readonly lines: LineReader;
  private readonly take: (key: string) => void;

  constructor(take: (key: string) => void) {
    this.take = take;
    this.lines = new LineReader(this, longestGuardLine);
  }

  push(chunk: Uint8Array): void {
    this.lines.push(chunk);
  }

  end(): void {
    this.lines.end();
  }

  line(text: string, line: number): void {
    const word = text.trim();
    if (word === '' || word.startsWith('#')) return;
    this.names += 1;
    if (this.names > guardLinesMax) return;
    const key = guardKeyOf(word.replace(/^\d{1,9},/, '').trim());
    if (key === null) this.tell(line, 'This is no domain, no address and no prefix.');
    else this.take(key);
  }

  trouble({ line, detail }: Trouble): void {
    this.tell(line, detail);
  }

  private tell(line: number, problem: string): void {
    if (this.problems.length < shownProblems) this.problems.push({ at: `line ${line}`, problem });
  }
}

/** The key of what a line names; null where it names nothing. */
export function guardKeyOf(word: string): string | null {
  if (parsePrefix(word)) return keyOf(word);
  if (/^[\d.]+$|[:/]/.test(word)) return null;
  try {
    return keyOf(canonicalValue('domain', word));
  } catch {
    return null;
  }
}

/** Throws where a file that has been read to its end is not to be taken. */
export function refuseGuardFile({ problems, names }: Pick<GuardReader, 'problems' | 'names'>): void {
  if (names > guardLinesMax) {
    const at = `line ${guardLinesMax + 1}`;
    throw new Refusal('too-large', 'guard.too-many-lines', `A guard list has ${guardLinesMax} lines at most.`, { at });
  }
  if (problems.length > 0) {
    throw new Refusal('invalid', 'guard.lines', 'The file has lines that cannot be read; nothing was taken.', { problems: [...problems] });
  }
  if (names === 0) throw new Refusal('invalid', 'guard.empty', 'The file names nothing.');
}
