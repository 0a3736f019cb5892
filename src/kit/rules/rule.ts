/** A detection rule as its grammar's reader gives it: by name, with what it looks for and how that is joined. Rules are read, never run. */

export const grammars = ['yara', 'sigma', 'suricata'] as const;
export type Grammar = typeof grammars[number];

/** One thing that a rule looks for. */
export interface Wanted {
  readonly id: string;
  readonly kind: 'text' | 'hex' | 'regex' | 'field';
  /** Text as it is found, escapes undone; hex and patterns as written; of a field `name=value`. */
  readonly text: string;
}

export interface Rule {
  readonly grammar: Grammar;
  readonly name: string;
  /** Line on which it begins, from 1. */
  readonly line: number;
  readonly wanted: readonly Wanted[];
  /** How what it looks for is joined, as written. */
  readonly condition: string;
  /** What is said of it: description, author, reference, title. */
  readonly said: Readonly<Record<string, string>>;
  /** The rule without comments and spare space: what is compared from release to release. */
  readonly body: string;
}

export interface Problem { readonly line: number; readonly problem: string }
export interface RuleSet { readonly grammar: Grammar; readonly rules: readonly Rule[]; readonly problems: readonly Problem[] }

export const rulesMax = 100_000;
/** Of what is wrong, so much is told. */
export const problemsMax = 100;

/** Collects problems up to what is told. */
export class Problems {
  readonly list: Problem[] = [];
  add(line: number, problem: string): void {
    if (this.list.length < problemsMax) this.list.push({ line, problem });
  }
}
