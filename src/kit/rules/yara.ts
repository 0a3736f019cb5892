/**
 * Reads YARA rules (4.x) as far as they say what is looked for: names, meta, strings and the condition as text. A rule that cannot be
 * read is told with its line, and reading goes on at the next one. Nothing is compiled.
 */
import { Problems, rulesMax, type Rule, type RuleSet, type Wanted } from './rule.ts';

interface Token {
  readonly kind: 'word' | 'text' | 'regex' | 'sign' | 'id'; readonly text: string; readonly line: number;
  readonly at: number; readonly end: number;
}

class TokenError extends Error {
  readonly line: number;
  readonly at: number;
  constructor(line: number, at: number, message: string) {
    super(message);
    [this.line, this.at] = [line, at];
  }
}

const space = /(?:[ \t\r\n\f\v]|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const word = /[A-Za-z_][A-Za-z0-9_]*|\d[\w.]*/y;
const named = /[$#@!][A-Za-z0-9_]*\*?/y;
const quoted = /"(?:[^"\\\n]|\\.)*"/y;
const signs = /[=!<>]=|<<|>>|\.\./y;
const regex = /\/(?:[^/\\\n]|\\.)+\/[is]*/y;

const matched = (pattern: RegExp, source: string, at: number): string | null => {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? null;
};

/** The text between quotes, escapes undone. */
export function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll(/\\(x[0-9a-fA-F]{2}|.)/g, (_, e: string) => (e.startsWith('x') ? String.fromCharCode(Number.parseInt(e.slice(1), 16))
    : ({ n: '\n', t: '\t', r: '\r' } as Record<string, string>)[e] ?? e));
}

class Lexer {
  readonly #source: string;
  #at = 0;
  #line = 1;
  constructor(source: string) {
    this.#source = source;
  }
  get at(): number {
    return this.#at;
  }
  get line(): number {
    return this.#line;
  }
  /** `before`: what stood before, so that a slash is told from a division. */
  next(before: Token | null): Token | null {
    const gap = matched(space, this.#source, this.#at);
    if (gap) this.#pass(gap);
    if (this.#at >= this.#source.length) return null;
    const [line, at] = [this.#line, this.#at];
    const begin = this.#source[at];
    const mayBegin = before === null || (before.kind === 'sign' && before.text !== ')') || /^(?:matches|and|or|not)$/.test(before.text);
    const found: readonly [Token['kind'], string | null] = begin === '"' ? ['text', matched(quoted, this.#source, at)]
      : begin === '/' && mayBegin ? ['regex', matched(regex, this.#source, at)]
        : '$#@!'.includes(begin ?? '') && !(begin === '!' && this.#source[at + 1] === '=') ? ['id', matched(named, this.#source, at)]
          : ['word', matched(word, this.#source, at)];
    const [kind, text] = found;
    if (text === null && (kind === 'text' || kind === 'regex')) {
      this.#pass(begin ?? '');
      throw new TokenError(line, at, kind === 'text' ? 'A text does not end on its line.' : 'A pattern does not end on its line.');
    }
    const said = text ?? matched(signs, this.#source, at) ?? begin ?? '';
    this.#pass(said);
    return { kind: text === null ? 'sign' : kind, text: said, line, at, end: this.#at };
  }
  /** Up to a closing brace: hex strings are read as they stand. */
  hex(): string {
    const end = this.#source.indexOf('}', this.#at);
    const text = end < 0 ? '' : this.#source.slice(this.#at, end + 1);
    if (text === '' || /[^0-9a-fA-F?~\s()[\]|\-}/*\w.,:;'"]/.test(text)) throw new TokenError(this.#line, this.#at, 'A hex string does not end.');
    this.#pass(text);
    return text.slice(0, -1).replaceAll(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, ' ').replaceAll(/\s+/g, ' ').trim();
  }
  /** To the next line that begins a rule, from behind a place. */
  skip(from: number): boolean {
    const rest = /\n[ \t]*(?:(?:private|global)\s+)*rule\s+[A-Za-z_]/g;
    rest.lastIndex = Math.max(from, this.#at - 1);
    const found = rest.exec(this.#source);
    if (!found) return false;
    this.#pass(this.#source.slice(this.#at, found.index + 1));
    return true;
  }
  #pass(text: string): void {
    this.#at += text.length;
    for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) this.#line++;
  }
}

class Reader {
  readonly #lexer: Lexer;
  #now: Token | null = null;
  constructor(source: string) {
    this.#lexer = new Lexer(source);
  }
  /** What comes next, unread. */
  peek(): Token | null {
    return this.#now;
  }
  get at(): number {
    return this.#lexer.at;
  }
  /** Of what was read last; where nothing more comes, the last one. */
  get line(): number {
    return this.#lexer.line;
  }
  step(): Token | null {
    const was = this.#now;
    this.#now = this.#lexer.next(was);
    return was;
  }
  take(text: string): Token {
    if (this.#now?.text !== text) throw new TokenError(this.#now?.line ?? this.#lexer.line, this.#lexer.at, `“${text}” is missing.`);
    const token = this.#now;
    this.step();
    return token;
  }
  takeKind(kind: Token['kind'], what: string): Token {
    if (this.#now?.kind !== kind) throw new TokenError(this.#now?.line ?? this.#lexer.line, this.#lexer.at, `${what} is missing.`);
    const token = this.#now;
    this.step();
    return token;
  }
  hex(): string {
    const text = this.#lexer.hex();
    this.step();
    return text;
  }
  skip(from: number): boolean {
    if (!this.#lexer.skip(from)) return false;
    this.#now = null;
    this.step();
    return true;
  }
}

function metaOf(reader: Reader): Record<string, string> {
  const said: Record<string, string> = {};
  while (reader.peek()?.kind === 'word' && !['strings', 'condition', 'variables'].includes(reader.peek()?.text ?? '')) {
    const key = reader.takeKind('word', 'A name').text;
    reader.take('=');
    const minus = reader.peek()?.text === '-' ? reader.step()?.text ?? '' : '';
    const value = reader.step();
    if (!value) throw new TokenError(reader.line, reader.at, 'A value is missing.');
    said[key] = value.kind === 'text' ? unquoted(value.text) : `${minus}${value.text}`;
  }
  return said;
}

function stringsOf(reader: Reader): Wanted[] {
  const wanted: Wanted[] = [];
  while (reader.peek()?.kind === 'id') {
    const id = reader.takeKind('id', 'A name').text;
    if (reader.peek()?.text !== '=') throw new TokenError(reader.peek()?.line ?? reader.line, reader.at, '“=” is missing.');
    reader.step();
    if (reader.peek()?.text === '{') wanted.push({ id, kind: 'hex', text: reader.hex() });
    else if (reader.peek()?.kind === 'text') wanted.push({ id, kind: 'text', text: unquoted(reader.step()?.text ?? '""') });
    else if (reader.peek()?.kind === 'regex') wanted.push({ id, kind: 'regex', text: reader.step()?.text ?? '' });
    else throw new TokenError(reader.peek()?.line ?? reader.line, reader.at, 'What a string looks for is missing.');
    // Modifiers, with what may stand in brackets behind them.
    while (reader.peek()?.kind === 'word' && reader.peek()?.text !== 'condition') {
      reader.step();
      if (reader.peek()?.text === '(') while (reader.peek() && reader.step()?.text !== ')');
    }
  }
  return wanted;
}

function ruleAt(reader: Reader, source: string): Rule {
  const line = reader.peek()?.line ?? reader.line;
  const start = reader.peek()?.at ?? 0;
  while (reader.peek()?.text === 'private' || reader.peek()?.text === 'global') reader.step();
  reader.take('rule');
  const name = reader.takeKind('word', 'The rule’s name').text;
  if (reader.peek()?.text === ':') {
    reader.step();
    while (reader.peek()?.kind === 'word') reader.step();
  }
  reader.take('{');
  let said: Record<string, string> = {};
  let wanted: Wanted[] = [];
  if (reader.peek()?.text === 'meta') {
    reader.step();
    reader.take(':');
    said = metaOf(reader);
  }
  if (reader.peek()?.text === 'strings') {
    reader.step();
    reader.take(':');
    wanted = stringsOf(reader);
  }
  reader.take('condition');
  reader.take(':');
  const parts: string[] = [];
  let end = start;
  for (let depth = 0, next = reader.peek(); next && (depth > 0 || next.text !== '}'); next = reader.peek()) {
    const { text, kind, end: to } = next;
    if (kind === 'sign') depth += text === '{' || text === '(' ? 1 : text === '}' || text === ')' ? -1 : 0;
    parts.push(text);
    end = to;
    reader.step();
  }
  reader.take('}');
  const body = `${source.slice(start, end)}}`.replaceAll(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\s+/g, (m) => (m.startsWith('"') ? m : ' '));
  return { grammar: 'yara', name, line, wanted, condition: parts.join(' '), said, body: body.replaceAll(/ +/g, ' ').trim() };
}

export function readYara(source: string): RuleSet {
  const [rules, problems, reader]: [Rule[], Problems, Reader] = [[], new Problems(), new Reader(source)];
  let from = 0;
  const go = (work: () => void): boolean => {
    try {
      work();
      return true;
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      problems.add(error.line, error.message);
      // Reading goes on behind the beginning of what could not be read.
      return reader.skip(Math.max(from, 0));
    }
  };
  let on = go(() => { reader.step(); });
  for (let next = reader.peek(); on && next && rules.length < rulesMax; next = reader.peek()) {
    from = reader.at;
    const { text, line } = next;
    on = go(() => {
      if (text === 'import' || text === 'include') {
        reader.step();
        reader.takeKind('text', 'What is brought in');
      } else if (['rule', 'private', 'global'].includes(text)) rules.push(ruleAt(reader, source));
      else throw new TokenError(line, reader.at, 'A rule is expected here.');
    });
  }
  return { grammar: 'yara', rules, problems: problems.list };
}
