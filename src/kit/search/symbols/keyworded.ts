/** TypeScript, JavaScript, Go and Rust: definitions are told by the words before a name; braces say what stands in what. */
import { within, type Definition, type DefinitionKind } from './definition.ts';
import type { Token } from './tokens.ts';

export type KeywordLanguage = 'javascript' | 'typescript' | 'go' | 'rust';

interface Scope {
  /** With what is around it, once it is open. */
  readonly name: string;
  /** A body of a function holds no definitions that are visible outside, but functions and types. */
  readonly kind: 'module' | 'type' | 'methods' | 'enum' | 'body';
}

const isWord = (token: Token | undefined): token is Token => token?.kind === 'word' && !/^\d/.test(token.text);
const isSign = (token: Token | undefined, text: string): boolean => token?.kind === 'sign' && token.text === text;

const ecma: Readonly<Record<string, DefinitionKind>> = {
  function: 'function', class: 'class', interface: 'interface', type: 'type', enum: 'enum', namespace: 'module', module: 'module', const: 'constant',
  let: 'variable', var: 'variable',
};
const words: Readonly<Record<KeywordLanguage, Readonly<Record<string, DefinitionKind>>>> = {
  typescript: ecma,
  javascript: { function: 'function', class: 'class', const: 'constant', let: 'variable', var: 'variable' },
  go: { func: 'function', type: 'type', const: 'constant', var: 'variable' },
  rust: {
    fn: 'function', struct: 'struct', enum: 'enum', union: 'union', trait: 'trait', mod: 'module', type: 'type', const: 'constant', static: 'variable',
    macro_rules: 'macro',
  },
};
/** After these a word is no keyword: `.type`, `as const`. */
const notBefore = /^(?:[.:?(,=|]|as|typeof|extends|keyof|in|of)$/;
const typeKinds: ReadonlySet<DefinitionKind> = new Set(['class', 'interface', 'struct', 'union', 'trait']);
const modifiers = new Set(['pub', 'static', 'public', 'private', 'protected', 'readonly', 'async', 'get', 'set', 'override', 'abstract', 'declare']);
const notMethods = new Set(['if', 'for', 'while', 'switch', 'catch', 'function', 'return', 'super', 'await', 'with', 'new', 'typeof']);

export class Keyworded {
  private readonly tokens: readonly Token[];
  private readonly language: KeywordLanguage;
  private readonly scopes: Scope[] = [];
  /** What the next brace opens; of any other it is a body. */
  private next: Scope | null = null;
  private readonly out: Definition[] = [];
  /** Round and square brackets that are open. */
  private brackets = 0;
  private readonly bracketsAt: number[] = [];
  /** Bodies that are open. */
  private bodies = 0;

  constructor(tokens: readonly Token[], language: KeywordLanguage) {
    this.tokens = tokens;
    this.language = language;
  }

  all(): readonly Definition[] {
    for (let at = 0; at < this.tokens.length; at++) {
      const token = this.tokens[at] as Token;
      if (token.kind === 'sign') this.sign(token.text);
      else if (token.kind === 'word') at = this.word(token, at);
    }
    return this.out;
  }

  private sign(text: string): void {
    if (text === '{') {
      const { name, kind } = this.next ?? { name: '', kind: 'body' };
      this.scopes.push({ name: within(this.scopeName(), name), kind });
      this.bracketsAt.push(this.brackets);
      this.brackets = 0;
      this.next = null;
      if (kind === 'body') this.bodies++;
    } else if (text === '}') {
      if (this.scopes.pop()?.kind === 'body') this.bodies--;
      this.brackets = this.bracketsAt.pop() ?? 0;
    } else if (text === '(' || text === '[') this.brackets++;
    else if (text === ')' || text === ']') this.brackets = Math.max(0, this.brackets - 1);
    else if (text === ';' && this.brackets === 0) this.next = null;
  }

  private put({ text, line, from, to }: Token, kind: DefinitionKind, scope = this.scopeName()): void {
    this.out.push({ name: text, kind, scope, line, from, to });
  }

  private scopeName(): string {
    return this.scopes.at(-1)?.name ?? '';
  }

  private word(token: Token, at: number): number {
    const scope = this.scopes.at(-1);
    const kind = Object.hasOwn(words[this.language], token.text) ? words[this.language][token.text] : undefined;
    const before = this.tokens[at - 1];
    if (scope?.kind === 'enum' && this.brackets === 0) {
      if (!before || isSign(before, '{') || isSign(before, ',') || isSign(before, ']')) this.put(token, 'enumerator');
      return at;
    }
    if (this.language === 'rust' && token.text === 'impl') return this.implementation(at);
    if (kind && !(before && notBefore.test(before.text) && (token.text !== 'class' && token.text !== 'function' || before.text === '.'))) {
      return this.defined(kind, at);
    }
    if (scope?.kind === 'type' && this.brackets === 0 && this.language !== 'go') this.member(token, at);
    return at;
  }

  private defined(kind: DefinitionKind, at: number): number {
    const { tokens, language } = this;
    const word = tokens[at] as Token;
    let i = at + 1;
    if (language === 'go' && kind === 'function') return this.goFunction(at);
    if (language === 'go' && isSign(tokens[i], '(')) return this.goGroup(kind, i);
    if (language === 'rust') {
      while (['mut', 'unsafe', 'extern', 'async'].includes(tokens[i]?.text ?? '')) i++;
      // `const fn f` is a function.
      if (word.text === 'const' && tokens[i]?.text === 'fn') return at;
      if (word.text === 'macro_rules' && isSign(tokens[i], '!')) i++;
    } else if (isSign(tokens[i], '*')) i++;
    // `const enum E`
    if (language === 'typescript' && word.text === 'const' && tokens[i]?.text === 'enum') return at;
    const name = tokens[i];
    if (!isWord(name) || name.text === 'extends' || (kind === 'type' && !this.isType(i))) return at;
    const isValue = kind === 'constant' || kind === 'variable';
    if (isValue && this.bodies > 0) return at;
    const own = language === 'go' ? this.goType(kind, i) : isValue && this.isFunction(i) ? 'function' : kind;
    const isMethod = own === 'function' && ['type', 'methods'].includes(this.scopes.at(-1)?.kind ?? '');
    this.put(name, isMethod ? 'method' : own);
    if (own === 'enum') this.next = { name: name.text, kind: 'enum' };
    else if (own === 'module') this.next = { name: name.text, kind: 'module' };
    else if (typeKinds.has(own)) this.next = { name: name.text, kind: own === 'trait' ? 'methods' : 'type' };
    else if (own === 'function') this.next = { name: '', kind: 'body' };
    return i;
  }

  /** `type` is a name too, in many places. */
  private isType(i: number): boolean {
    const after = this.tokens[i + 1];
    return this.language === 'go' || isSign(after, '=') || isSign(after, '<') || (this.language === 'rust' && (isSign(after, ':') || isSign(after, ';')));
  }

  /** `const f = (…) =>`, `const f = async function`. */
  private isFunction(i: number): boolean {
    if (this.language === 'rust' || this.language === 'go') return false;
    let at = i + 1;
    if (!isSign(this.tokens[at], '=')) return false;
    at++;
    if (this.tokens[at]?.text === 'async') at++;
    if (this.tokens[at]?.text === 'function') return true;
    if (isWord(this.tokens[at])) return isSign(this.tokens[at + 1], '=') && isSign(this.tokens[at + 2], '>');
    if (!isSign(this.tokens[at], '(')) return false;
    const end = this.closing(at);
    const after = this.tokens[end + 1];
    return (isSign(after, '=') && isSign(this.tokens[end + 2], '>')) || isSign(after, ':');
  }

  /** The bracket that closes this one; looked for over so many tokens only, so that it stays linear. */
  private closing(at: number): number {
    let depth = 0;
    const most = Math.min(this.tokens.length, at + 200);
    for (let i = at; i < most; i++) {
      const token = this.tokens[i];
      if (isSign(token, '(')) depth++;
      else if (isSign(token, ')') && --depth === 0) return i;
    }
    return most;
  }

  /** In a class: `name(…) {`, `name = `, `name: `, `name;`. */
  private member(token: Token, at: number): void {
    const before = this.tokens[at - 1];
    const after = this.tokens[at + 1];
    const begins = !before || before.line < token.line || (before.kind === 'sign' ? '{};,*#)'.includes(before.text) : modifiers.has(before.text));
    if (!begins) return;
    if (this.language === 'rust') {
      if (isSign(after, ':') && !isSign(this.tokens[at + 2], ':')) this.put(token, 'field');
    } else if (isSign(after, '(')) {
      if (notMethods.has(token.text)) return;
      this.put(token, 'method');
      this.next = { name: '', kind: 'body' };
    } else if (isSign(after, ':') || isSign(after, '=') || isSign(after, ';') || isSign(after, '?') || isSign(after, '!')) this.put(token, 'field');
  }

  /** `func (r *T) name(`: a method of T. */
  private goFunction(at: number): number {
    const { tokens } = this;
    const name = tokens[at + 1];
    this.next = { name: '', kind: 'body' };
    if (isWord(name)) {
      this.put(name, 'function');
      return at + 1;
    }
    if (!isSign(name, '(') || this.scopes.length > 0) return at;
    const end = this.closing(at + 1);
    const method = tokens[end + 1];
    const of = tokens.slice(at + 2, end).filter(isWord);
    const bracket = tokens.slice(at + 2, end).findIndex((token) => isSign(token, '['));
    const type = bracket < 0 ? of.at(-1) : tokens.slice(at + 2, at + 2 + bracket).findLast(isWord);
    if (!isWord(method)) return at;
    this.put(method, 'method', type?.text ?? '');
    return end + 1;
  }

  private goType(kind: DefinitionKind, i: number): DefinitionKind {
    if (kind !== 'type') return kind;
    const after = this.tokens[i + 1]?.text;
    return after === 'struct' || after === 'interface' ? after : 'type';
  }

  /** `const ( a = 1 … )`: the first word of each line. */
  private goGroup(kind: DefinitionKind, opening: number): number {
    if (this.scopes.length > 0) return opening - 1;
    const { tokens } = this;
    let depth = 0;
    let i = opening;
    for (let line = -1; i < tokens.length; i++) {
      const token = tokens[i] as Token;
      if (token.kind === 'sign' && '([{'.includes(token.text)) depth++;
      else if (token.kind === 'sign' && ')]}'.includes(token.text) && --depth === 0) break;
      if (depth === 1 && isWord(token) && token.line > line) this.put(token, this.goType(kind, i));
      line = token.line;
    }
    return i;
  }

  /** `impl<T> Trait for Type<T> {`: what follows stands in Type. */
  private implementation(at: number): number {
    const { tokens } = this;
    let name = '';
    let depth = 0;
    let i = at + 1;
    for (; i < tokens.length && !(depth <= 0 && (isSign(tokens[i], '{') || isSign(tokens[i], ';') || tokens[i]?.text === 'where')); i++) {
      const token = tokens[i];
      if (isSign(token, '<')) depth++;
      else if (isSign(token, '>') && !isSign(tokens[i - 1], '-')) depth--;
      else if (depth === 0 && isWord(token)) name = token.text === 'for' ? '' : token.text;
      // An impl that opens no brace soon is none.
      if (i - at > 200) return at;
    }
    this.next = { name, kind: 'methods' };
    return i - 1;
  }
}
