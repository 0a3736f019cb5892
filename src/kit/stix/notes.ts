/** What a check finds, in the standard's words: MUST or SHOULD, and the clause that says so. */

export interface Problem {
  readonly level: 'must' | 'should';
  /** Section of STIX 2.1, `4.7.1`. */
  readonly clause: string;
  /** JSON pointer (RFC 6901) to what is wrong, or to where something is missing. */
  readonly path: string;
  /** One sentence for a person. */
  readonly text: string;
  /** Stable name of the rule, for those who count or hide. */
  readonly rule: string;
}

/**
 * Rules that almost no producer keeps, or that are a matter of taste: told only to those who ask for all. A reference by URL SHOULD carry
 * hashes of what is there (2.5.1), text SHOULD say its language (3.2).
 */
export const quietRules: ReadonlySet<string> = new Set(['reference-without-hashes', 'language-absent']);

export class Notes {
  readonly problems: Problem[] = [];
  /** Whether more was found than is kept. */
  more = false;
  private readonly limit: number;
  private readonly all: boolean;
  constructor(limit: number, all: boolean) {
    this.limit = limit;
    this.all = all;
  }
  private add(level: Problem['level'], rule: string, clause: string, path: string, text: string): void {
    if (!this.all && quietRules.has(rule)) return;
    if (this.problems.length >= this.limit) this.more = true;
    else this.problems.push({ level, clause, path, text, rule });
  }
  must(rule: string, clause: string, path: string, text: string): void {
    this.add('must', rule, clause, path, text);
  }
  should(rule: string, clause: string, path: string, text: string): void {
    this.add('should', rule, clause, path, text);
  }
  /** Whether it is worth looking further. */
  get full(): boolean {
    return this.more;
  }
}

/** The pointer to a member or item. */
export function within(path: string, name: string | number): string {
  // Almost no name has either, and this is asked of every property.
  if (typeof name === 'number' || !/[~/]/.test(name)) return `${path}/${name}`;
  return `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
