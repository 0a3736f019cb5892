/** The words of a pattern: names, constants, operators and brackets,
  each with its place. White space is Unicode's; comments are as in the grammar of OASIS. */

export interface Token {
  readonly is: 'word' | 'number' | 'text' | 'bytes' | 'timestamp' | 'sign' | 'end';
  /** The word or sign, or what stands within quotes, unescaped. */
  readonly text: string;
  readonly at: number;
  /** Of bytes: b or h. */
  readonly prefix?: string;
}
export class LexicalFault extends Error {
  readonly at: number;
  constructor(at: number, text: string) {
    super(text);
    this.at = at;
  }
}

/** Sticky expressions remember a place, so that each text gets its own. */
function expressions(): Readonly<Record<'space' | 'word' | 'number' | 'sign', RegExp>> {
  return {
    space: /(?:[\s\u0085]|\/\*[\s\S]*?\*\/|\/\/[^\r\n]*)+/y, word: /[A-Za-z_][A-Za-z0-9_-]*/y, number: /-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/y,
    sign: /<=|>=|!=|<>|==|[=<>()[\],.:*]/y,
  };
}

function found(expression: RegExp, text: string, at: number): string | null {
  expression.lastIndex = at;
  return expression.exec(text)?.[0] ?? null;
}

/** All tokens, the last is the end. Throws a LexicalFault. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const { space, word, number, sign } = expressions();
  let at = 0;
  for (;;) {
    at += found(space, text, at)?.length ?? 0;
    if (at >= text.length) break;
    const quoted = /^[bht]?'/.exec(text.slice(at, at + 2))?.[0];
    if (quoted !== undefined) {
      const [value, end] = quotedAt(text, at + quoted.length);
      const prefix = quoted.slice(0, -1);
      tokens.push({ is: prefix === '' ? 'text' : prefix === 't' ? 'timestamp' : 'bytes', text: value, at, prefix });
      at = end;
      continue;
    }
    const [name, digits] = [found(word, text, at), found(number, text, at)];
    const mark = found(sign, text, at);
    const token: Token | null = name !== null ? { is: 'word', text: name, at }
      : digits !== null ? { is: 'number', text: digits, at } : mark !== null ? { is: 'sign', text: mark, at } : null;
    if (!token) throw new LexicalFault(at, `${JSON.stringify(String.fromCodePoint(text.codePointAt(at) ?? 32))} stands for nothing here`);
    tokens.push(token);
    at += token.text.length;
  }
  tokens.push({ is: 'end', text: '', at: text.length });
  return tokens;
}

/** What stands within apostrophes from here on, and where the text goes on. */
function quotedAt(text: string, from: number): [string, number] {
  let value = '';
  for (let i = from; i < text.length; i++) {
    const letter = text.charAt(i);
    if (letter === "'") return [value, i + 1];
    if (letter === '\\') {
      const next = text.charAt(++i);
      if (next !== "'" && next !== '\\') throw new LexicalFault(i - 1, 'only an apostrophe or a backslash follows a backslash');
      value += next;
    } else value += letter;
  }
  throw new LexicalFault(from - 1, 'this text has no end');
}
