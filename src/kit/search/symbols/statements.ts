/**
 * C, C++, Java and C#: definitions are told by statements. What stands before a `{`, `;` or `}` is looked at as a whole, with what is in
 * brackets left out; bodies of functions are passed over. It is not a compiler: macros that hide a brace are not seen through.
 */
import { within, type Definition, type DefinitionKind } from './definition.ts';
import type { Token } from './tokens.ts';

export type StatementLanguage = 'c' | 'cpp' | 'java' | 'csharp';

interface Scope {
  readonly kind: 'type' | 'enum' | 'module';
  /** With what is around it. */
  readonly name: string;
}

/** A token at the outside of all brackets; `(` stands for all that it holds. */
type Head = readonly Token[];

const typeWords: Readonly<Record<string, DefinitionKind>> = {
  struct: 'struct', union: 'union', enum: 'enum', class: 'class', namespace: 'module', interface: 'interface', record: 'class', module: 'module',
};
/** What a `{` after brackets opens without defining anything. */
const control = new Set(['if', 'for', 'while', 'switch', 'catch', 'using', 'lock', 'synchronized', 'fixed', 'foreach', 'try', 'do', 'else', 'return', 'when',
  'sizeof', 'typeof', 'defined', 'assert', 'throw', 'case', 'default', 'get', 'set']);
const notNames = new Set([...control, '__attribute__', '__declspec', 'alignas', '_Alignas', 'decltype', 'noexcept', 'throw', 'requires', '__printf', '__scanf',
  '__acquires', '__releases', '__must_hold', '__aligned', '__section', '__asm__', 'asm', '__typeof__', 'operator', 'new', 'delete', 'const', 'static', 'void']);
const languagesOfTypes: Readonly<Record<StatementLanguage, ReadonlySet<string>>> = {
  c: new Set(['struct', 'union', 'enum']), cpp: new Set(['struct', 'union', 'enum', 'class', 'namespace']),
  java: new Set(['class', 'interface', 'enum', 'record']), csharp: new Set(['class', 'interface', 'enum', 'record', 'struct', 'namespace']),
};

const isWord = (token: Token | undefined): token is Token => token?.kind === 'word' && !/^\d/.test(token.text);
const isSign = (token: Token | undefined, text: string): boolean => token?.kind === 'sign' && token.text === text;
const openings: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

export class Statements {
  private readonly tokens: readonly Token[];
  private readonly language: StatementLanguage;
  private readonly scopes: Scope[] = [];
  private readonly out: Definition[] = [];
  private at = 0;

  constructor(tokens: readonly Token[], language: StatementLanguage) {
    this.tokens = tokens;
    this.language = language;
  }

  all(): readonly Definition[] {
    let head: Token[] = [];
    while (this.at < this.tokens.length) {
      const token = this.tokens[this.at] as Token;
      if (token.kind === 'define') {
        this.put(token, 'macro', '');
        this.at++;
        continue;
      }
      if (isSign(token, '(') || isSign(token, '[')) {
        head.push(token);
        this.pass();
        continue;
      }
      this.at++;
      if (isSign(token, '{')) {
        if (this.opened(head)) head = [];
      } else if (isSign(token, '}')) {
        if (this.scopes.at(-1)?.kind === 'enum') this.enumerator(head);
        const left = this.scopes.pop();
        // `typedef struct { … } name;` and `struct { … } name;` name what stands behind.
        head = left?.kind === 'type' || left?.kind === 'enum' ? this.behind() : [];
      } else if (isSign(token, ';')) {
        if (this.scopes.at(-1)?.kind === 'enum') this.enumerator(head);
        else this.statement(head);
        head = [];
      } else if (isSign(token, ',') && this.scopes.at(-1)?.kind === 'enum') {
        this.enumerator(head);
        head = [];
      } else if (isSign(token, ':') && ['public', 'private', 'protected'].includes(head.at(-1)?.text ?? '')) head = [];
      else head.push(token);
    }
    return this.out;
  }

  /** Over brackets and all that they hold, to behind them. */
  private pass(): void {
    const ends: string[] = [];
    for (; this.at < this.tokens.length; this.at++) {
      const token = this.tokens[this.at] as Token;
      const { kind, text } = token;
      if (kind === 'define') this.put(token, 'macro', '');
      if (kind !== 'sign') continue;
      const end = openings[text];
      if (end !== undefined) ends.push(end);
      else if (text === ends.at(-1)) ends.pop();
      // A brace that closes what was never opened within: the bracket is left open, and the statement ends here.
      else if (text === '}' && !ends.includes('}')) return;
      if (ends.length === 0) {
        this.at++;
        return;
      }
    }
  }

  private put({ text, line, from, to }: Token, kind: DefinitionKind, scope = this.scopeName()): void {
    this.out.push({ name: text, kind, scope, line, from, to });
  }

  private scopeName(): string {
    return this.scopes.at(-1)?.name ?? '';
  }

  private get inType(): boolean {
    return this.scopes.at(-1)?.kind === 'type';
  }

  private behind(): Token[] {
    const next = this.tokens[this.at];
    if (this.language !== 'c' && this.language !== 'cpp') return [];
    return isWord(next) || isSign(next, '*') ? [{ text: '}', kind: 'sign', from: 0, to: 0, line: 0 }] : [];
  }

  /** What a brace opens. False where it is a value, and the statement goes on behind it. */
  private opened(whole: Head): boolean {
    const head = withoutTemplate(whole);
    if (this.scopes.at(-1)?.kind === 'enum' && this.language === 'java') {
      this.at--;
      this.pass();
      return false;
    }
    const type = this.typeOf(head);
    if (type) {
      if (type.token) this.put(type.token, type.kind);
      this.scopes.push({
        kind: type.kind === 'enum' ? 'enum' : type.kind === 'module' ? 'module' : 'type', name: within(this.scopeName(), type.token?.text ?? ''),
      });
      return true;
    }
    if (head.length === 2 && head[0]?.text === 'extern' && head[1]?.kind === 'string') {
      this.scopes.push({ kind: 'module', name: this.scopeName() });
      return true;
    }
    const isValue = head.some((token) => isSign(token, '=')) || isSign(head.at(-1), ',') || (head.length > 0 && isSign(head[0], '}'));
    const function_ = isValue ? null : this.functionOf(head);
    if (function_) this.putFunction(head, function_);
    else if (!isValue && this.language === 'csharp' && this.inType && isWord(head.at(-1)) && head.length > 1) this.put(head.at(-1) as Token, 'field');
    this.at--;
    this.pass();
    if (isValue) return false;
    return true;
  }

  private typeOf(head: Head): { token: Token | null; kind: DefinitionKind } | null {
    const words = languagesOfTypes[this.language];
    const at = head.findIndex((token, i) => token.kind === 'word' && words.has(token.text) && !(token.text === 'record' && !isWord(head[i + 1])));
    if (at < 0 || head.some((token) => isSign(token, '='))) return null;
    const end = head.findIndex((token, i) => i > at && (isSign(token, ':') && !isSign(head[i + 1], ':') && !isSign(head[i - 1], ':')
      || isSign(token, '<') || ['extends', 'implements', 'where', 'permits'].includes(token.text)));
    const own = head.slice(at + 1, end < 0 ? undefined : end);
    // `struct a *f(…) {` is a function; a record and attributes have brackets too.
    if (isSign(own.at(-1), '(') && (words.has('namespace') || this.language === 'c') && !['record', 'class'].includes(head[at]?.text ?? '')
      && !notNames.has(own.at(-2)?.text ?? '')) return null;
    const names = own.filter((token, i) => isWord(token) && !isSign(own[i + 1], '(') && !['final', 'class', 'struct'].includes(token.text));
    const first = own.find((token, i) => isWord(token) && isSign(own[i + 1], '('));
    const kind = typeWords[head[at]?.text ?? ''] as DefinitionKind;
    return { token: names.at(-1) ?? (head[at]?.text === 'record' ? first ?? null : null), kind };
  }

  /** The name before the brackets of the arguments. */
  private functionOf(head: Head): Token | null {
    if (control.has(head[0]?.text ?? '')) return null;
    for (let i = 1; i < head.length; i++) {
      const name = head[i - 1];
      if (isSign(head[i], '(') && isWord(name) && !notNames.has(name.text)) return name;
    }
    return null;
  }

  private putFunction(head: Head, name: Token): void {
    const at = head.indexOf(name);
    const before = head.slice(0, at);
    // `A::B::f` is f in A.B.
    const owners: string[] = [];
    const isOwned = (i: number): boolean => isSign(before[i], ':') && isSign(before[i - 1], ':') && isWord(before[i - 2]);
    for (let i = before.length - 1; isOwned(i); i -= 3) owners.unshift(before[i - 2]?.text ?? '');
    const scope = owners.reduce(within, this.scopeName());
    this.put(name, this.inType || owners.length > 0 ? 'method' : 'function', scope);
  }

  private enumerator(head: Head): void {
    const name = head.find(isWord);
    if (name) this.put(name, 'enumerator');
  }

  /** What ends with a semicolon: types by another name, variables, fields, and methods without a body. */
  private statement(whole: Head): void {
    const head = withoutTemplate(whole);
    const [first] = head;
    if (!first || ['using', 'import', 'package', 'return', 'goto', 'friend', 'extern', 'throw'].includes(first.text)) return this.alias(head);
    const equals = head.findIndex((token) => isSign(token, '='));
    const declared = equals < 0 ? head : head.slice(0, equals);
    if (first.text === 'typedef') return this.named(declared, 'type');
    const brackets = declared.findIndex((token) => isSign(token, '('));
    const isJava = this.language === 'java' || this.language === 'csharp';
    if (isJava && this.inType && brackets > 0 && isWord(declared[brackets - 1]) && brackets > 1) return this.put(declared[brackets - 1] as Token, 'method');
    if (brackets >= 0 && !(isSign(declared[brackets + 1], '(') && brackets > 0)) return;
    const words = declared.filter(isWord).length;
    // `struct a;` names one that is defined elsewhere.
    if (words < 2 && brackets < 0 && !isSign(first, '}')) return;
    if (words === 2 && declared.length === 2 && languagesOfTypes[this.language].has(first.text)) return;
    this.named(declared, this.inType ? 'field' : 'variable');
  }

  private alias(head: Head): void {
    if (head[0]?.text === 'using' && isSign(head[2], '=') && isWord(head[1])) this.put(head[1], 'type');
  }

  /** The names that a declaration gives: before a comma, an array's brackets, or its end. */
  private named(declared: Head, kind: DefinitionKind): void {
    for (let i = 0; i < declared.length; i++) {
      const token = declared[i];
      const next = declared[i + 1];
      if (!isWord(token) || (i === 0 && declared.length > 1 && !isSign(next, ',')) || notNames.has(token.text)) continue;
      if (next === undefined || isSign(next, ',') || isSign(next, '[') || isSign(next, ':')) this.put(token, kind);
      if (isSign(next, ':') && !isSign(declared[i + 2], ':')) return;
      if (isSign(next, '[')) i++;
    }
    const brackets = declared.findIndex((token) => isSign(token, '('));
    // `typedef int (*name)(void)`: the brackets' own tokens are passed over, and are looked at here.
    if (brackets >= 0 && isSign(declared[brackets + 1], '(')) this.pointer(declared[brackets] as Token, kind);
    else if (brackets > 0 && kind === 'type' && isWord(declared[brackets - 1])) this.put(declared[brackets - 1] as Token, kind);
  }

  private pointer(opening: Token, kind: DefinitionKind): void {
    for (let i = this.place(opening) + 1; !isSign(this.tokens[i], ')') && i < this.tokens.length; i++) {
      const token = this.tokens[i];
      if (isWord(token) && !isWord(this.tokens[i + 1])) return this.put(token, kind);
    }
  }

  /** Tokens are in the order of their places. */
  private place(token: Token): number {
    let [low, high] = [0, this.tokens.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.tokens[middle] as Token).from < token.from) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** `template <…>` and annotations say nothing of a name. */
function withoutTemplate(head: Head): Head {
  let at = 0;
  for (;;) {
    if (isSign(head[at], '@') && isWord(head[at + 1]) && head[at + 1]?.text !== 'interface') at += isSign(head[at + 2], '(') ? 3 : 2;
    else if (isSign(head[at], '[')) at++;
    else if (head[at]?.text === 'template' && isSign(head[at + 1], '<')) {
      let depth = 0;
      for (at++; at < head.length; at++) {
        if (isSign(head[at], '<')) depth++;
        else if (isSign(head[at], '>') && --depth === 0) break;
      }
      at++;
    } else return head.slice(at);
  }
}
