/**
 * Lists of values as people have them: one value a line, or a MISP warninglist. What a list holds is looked up as everything else is; here is
 * only how it is written, and whether an entry covers what is below it.
 */
import { candidatesOf, type PrefixLengths } from './probes.ts';
import { MatchIndex } from './table.ts';
import { readValue, type Value } from './value.ts';

/** Types of MISP's warninglists that are values; the others are pieces of text and expressions. */
const covering: Readonly<Record<string, boolean>> = { string: false, hostname: true, cidr: true };

export interface Warninglist {
  readonly name: string;
  readonly values: readonly Value[];
  /** Whether an entry stands for what is below it too: subdomains, addresses of a prefix, URLs of a host. */
  readonly covers: boolean;
  /** Entries that are no values. */
  readonly unread: number;
}

/** A MISP warninglist that was read as JSON; a sentence where it is none or of a type that is no list of values. */
export function warninglistOf(json: unknown): Warninglist | string {
  if (json === null || typeof json !== 'object' || !('list' in json) || !Array.isArray(json.list)) return 'no warninglist: it has no list';
  const type = 'type' in json ? String(json.type) : 'string';
  const covers = Object.hasOwn(covering, type) ? covering[type] : undefined;
  if (covers === undefined) return `of the type ${type}; only string, hostname and cidr are values`;
  const values: Value[] = [];
  let unread = 0;
  for (const entry of json.list as unknown[]) {
    const value = typeof entry === 'string' ? readValue(entry) : null;
    if (value) values.push(value);
    else unread++;
  }
  return { name: 'name' in json ? String(json.name) : '', values, covers, unread };
}

/** The value of a line of a plain list: comments and empty lines are `empty`, what is no value is null. */
export function listLine(text: string): Value | 'empty' | null {
  const bare = text.replace(/(?:^|\s)#.*$/, '').trim();
  return bare === '' ? 'empty' : readValue(bare);
}

/** What silences hits: values as they are, and values with what is below them. */
export class Exceptions {
  private readonly exact = new MatchIndex();
  private readonly covering = new MatchIndex();

  add(value: Value, covers: boolean): void {
    (covers ? this.covering : this.exact).add(value);
  }

  get size(): number {
    return this.exact.size + this.covering.size;
  }

  has(value: Value): boolean {
    if (this.size === 0) return false;
    if (this.exact.entryOf(value) >= 0) return true;
    const lengths: PrefixLengths = { v4: this.covering.v4Lengths, v6: this.covering.v6Lengths };
    return candidatesOf(value, lengths).some((c) => this.covering.entryOf(c) >= 0);
  }
}
