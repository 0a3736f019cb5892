/**
 * Reads a STIX pattern (STIX 2.1, section 9; level 3 of 12.7) into its tree, or says where and why it is none. Hand-written, with bounds on
 * length, depth and number of comparisons, so that no text costs more than it says.
 */
import { fromBase64, toHex } from '#kit/encoding';
import { parseTime } from '../time.ts';
import {
  patternLimits, type Comparison, type Condition, type Constant, type Existence, type Expression, type ObjectPath, type Operator, type PatternFault,
  type Qualifier, type Step,
} from './ast.ts';
import { LexicalFault, tokensOf, type Token } from './lexer.ts';

export type Parsed = { readonly pattern: Expression } | { readonly fault: PatternFault };

const operators: Readonly<Record<string, Operator>> = {
  '=': '=', '==': '=', '!=': '!=', '<>': '!=', '<': '<', '<=': '<=', '>': '>', '>=': '>=', IN: 'IN', LIKE: 'LIKE', MATCHES: 'MATCHES', ISSUBSET: 'ISSUBSET',
  ISSUPERSET: 'ISSUPERSET',
};
const wantsText: ReadonlySet<Operator> = new Set(['LIKE', 'MATCHES', 'ISSUBSET', 'ISSUPERSET']);

class Parser {
  private readonly tokens: readonly Token[];
  private at = 0;
  private depth = 0;
  private comparisons = 0;
  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  private get next(): Token {
    return this.tokens[this.at] as Token;
  }
  private take(): Token {
    const token = this.next;
    if (token.is !== 'end') this.at++;
    return token;
  }
  private sees(text: string): boolean {
    return (this.next.is === 'word' || this.next.is === 'sign') && this.next.text === text;
  }
  private passes(text: string): boolean {
    if (!this.sees(text)) return false;
    this.at++;
    return true;
  }
  private fail(text: string, token = this.next): never {
    throw new LexicalFault(token.at, text);
  }
  private want(text: string): void {
    if (!this.passes(text)) this.fail(`${text} is wanted here`);
  }
  private deeper<T>(read: () => T): T {
    if (++this.depth > patternLimits.depth) this.fail(`this is nested more than ${patternLimits.depth} levels`);
    const value = read();
    this.depth--;
    return value;
  }

  whole(): Expression {
    const expression = this.sequence();
    if (this.next.is !== 'end') this.fail('an operator, a qualifier or the end is wanted here');
    return expression;
  }

  /** FOLLOWEDBY binds least, then OR, then AND. */
  private sequence(): Expression {
    return this.joined('FOLLOWEDBY', 'then', () => this.joined('OR', 'either', () => this.joined('AND', 'all', () => this.qualified())));
  }
  private joined(word: string, is: 'all' | 'either' | 'then', read: () => Expression): Expression {
    const of = [read()];
    while (this.passes(word)) of.push(read());
    return of.length === 1 ? of[0] as Expression : { is, of };
  }

  private qualified(): Expression {
    let expression = this.observation();
    const seen = new Set<string>();
    for (;;) {
      const token = this.next;
      const by = this.qualifier();
      if (!by) return expression;
      if (seen.has(by.is)) this.fail('a qualifier stands here a second time', token);
      seen.add(by.is);
      expression = { is: 'qualified', of: expression, by };
    }
  }

  private qualifier(): Qualifier | null {
    if (this.passes('WITHIN')) {
      const token = this.take();
      const seconds = token.is === 'number' ? Number(token.text) : NaN;
      if (!(seconds > 0 && seconds < 1e12)) this.fail('a number of seconds above 0 is wanted here', token);
      this.want('SECONDS');
      return { is: 'within', seconds };
    }
    if (this.passes('REPEATS')) {
      const token = this.take();
      const times = token.is === 'number' && /^\d+$/.test(token.text) ? Number(token.text) : NaN;
      if (!(times > 0 && Number.isSafeInteger(times))) this.fail('a whole number above 0 is wanted here', token);
      this.want('TIMES');
      return { is: 'repeats', times };
    }
    if (!this.passes('START')) return null;
    const start = this.time();
    this.want('STOP');
    return { is: 'window', start, stop: this.time() };
  }

  /** A timestamp; STIX 2.0 wrote it as a plain text too. */
  private time(): string {
    const token = this.take();
    if ((token.is !== 'timestamp' && token.is !== 'text') || !parseTime(token.text)) this.fail("a time as in t'2026-01-31T12:00:00Z' is wanted here",
      token);
    return token.text;
  }

  private observation(): Expression {
    if (this.passes('(')) {
      const inner = this.deeper(() => this.sequence());
      this.want(')');
      return inner;
    }
    if (!this.passes('[')) this.fail('[ or ( is wanted here');
    const of = this.condition();
    this.want(']');
    return { is: 'observation', of };
  }

  private condition(): Condition {
    return this.combined('OR', 'or', () => this.combined('AND', 'and', () => this.single()));
  }
  private combined(word: string, is: 'and' | 'or', read: () => Condition): Condition {
    const of = [read()];
    while (this.passes(word)) of.push(read());
    return of.length === 1 ? of[0] as Condition : { is, of };
  }

  private single(): Condition {
    if (this.passes('(')) {
      const inner = this.deeper(() => this.condition());
      this.want(')');
      return inner;
    }
    if (++this.comparisons > patternLimits.comparisons) this.fail(`these are more than ${patternLimits.comparisons} comparisons`);
    const before = this.sees('NOT') && this.tokens[this.at + 1]?.text === 'EXISTS' ? this.passes('NOT') : false;
    if (this.sees('EXISTS') && this.tokens[this.at + 1]?.text !== ':') {
      this.at++;
      return { is: 'exists', path: this.path(), not: before } satisfies Existence;
    }
    return this.comparison();
  }

  private comparison(): Comparison {
    const path = this.path();
    const not = this.passes('NOT');
    const token = this.take();
    const operator = token.is === 'word' || token.is === 'sign' ? (Object.hasOwn(operators, token.text) ? operators[token.text] : undefined) : undefined;
    if (!operator) this.fail('an operator of comparison is wanted here', token);
    if (operator !== 'IN') {
      const value = this.constant(wantsText.has(operator));
      return { is: 'compare', path, not, operator, values: [value] };
    }
    this.want('(');
    const values = [this.constant(false)];
    while (this.passes(',')) values.push(this.constant(false));
    this.want(')');
    return { is: 'compare', path, not, operator, values };
  }

  private constant(onlyText: boolean): Constant {
    const token = this.take();
    if (token.is === 'text') return { is: 'text', value: token.text };
    if (onlyText) this.fail('a text in apostrophes is wanted here', token);
    if (token.is === 'number') return this.number(token);
    if (token.is === 'word' && (token.text === 'true' || token.text === 'false')) return { is: 'truth', value: token.text === 'true' };
    if (token.is === 'timestamp') {
      if (!parseTime(token.text)) this.fail('this is no time as in 2026-01-31T12:00:00Z', token);
      return { is: 'timestamp', value: token.text };
    }
    if (token.is !== 'bytes') this.fail('a constant is wanted here', token);
    if (token.prefix === 'h') {
      if (!/^([0-9a-f]{2})*$/i.test(token.text)) this.fail('this is an even number of hex digits', token);
      return { is: 'bytes', hex: token.text.toLowerCase(), base64: false };
    }
    const bytes = fromBase64(token.text.replaceAll(/[\r\n]/g, ''));
    if (!bytes) this.fail('this is no base64', token);
    return { is: 'bytes', hex: toHex(bytes), base64: true };
  }

  private number(token: Token): Constant {
    const value = Number(token.text);
    const whole = /^-?\d+$/.test(token.text);
    if (whole ? !Number.isSafeInteger(value) : !Number.isFinite(value)) this.fail('this number is beyond what every reader can keep exactly', token);
    return { is: whole ? 'integer' : 'float', value };
  }

  private path(): ObjectPath {
    const token = this.take();
    if (token.is !== 'word' || !/^[a-z][a-z0-9-]{2,249}$/.test(token.text)) this.fail('a type of object is wanted here', token);
    this.want(':');
    const steps: Step[] = [{ is: 'key', name: this.name() }];
    for (;;) {
      if (steps.length > patternLimits.depth) this.fail(`a path has at most ${patternLimits.depth} steps`);
      if (this.passes('.')) steps.push({ is: 'key', name: this.name() });
      else if (this.sees('[')) {
        this.at++;
        const inner = this.take();
        if (inner.is === 'sign' && inner.text === '*') steps.push({ is: 'any' });
        else if (inner.is === 'number' && /^\d{1,9}$/.test(inner.text)) steps.push({ is: 'index', at: Number(inner.text) });
        else this.fail('an index or * is wanted here', inner);
        this.want(']');
      } else return { type: token.text, steps };
    }
  }
  private name(): string {
    const token = this.take();
    // A hyphen wants apostrophes; without them it is read all the same, as many write it so.
    if ((token.is !== 'word' && token.is !== 'text') || token.text === '') this.fail('a name of a property is wanted here', token);
    return token.text;
  }
}

/** The tree of a pattern, or the first fault. Never throws. */
export function parsePattern(text: string): Parsed {
  if (text.length > patternLimits.characters) {
    return { fault: { offset: patternLimits.characters, line: 1, column: 1, text: `a pattern has at most ${patternLimits.characters} characters` } };
  }
  try {
    return { pattern: new Parser(tokensOf(text)).whole() };
  } catch (error) {
    if (!(error instanceof LexicalFault)) throw error;
    const before = text.slice(0, error.at).split('\n');
    return { fault: { offset: error.at, line: before.length, column: (before.at(-1) ?? '').length + 1, text: error.message } };
  }
}
