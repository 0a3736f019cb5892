/** Python and shell: definitions are told line by line, and in Python what stands in what by how far lines are moved in. */
import { within, type Definition, type DefinitionKind } from './definition.ts';
import type { Token } from './tokens.ts';

const isSign = (token: Token | undefined, text: string): boolean => token?.kind === 'sign' && token.text === text;
const isWord = (token: Token | undefined): token is Token => token?.kind === 'word' && !/^\d/.test(token.text);

/** Tokens by line, the brackets that are open before each counted: what is in brackets begins no statement. */
function statementsOf(tokens: readonly Token[]): Token[][] {
  const out: Token[][] = [];
  let depth = 0;
  let line = -1;
  for (const token of tokens) {
    if (token.line !== line && depth === 0) out.push([]);
    line = token.line;
    if (token.kind === 'sign' && '([{'.includes(token.text)) depth++;
    else if (token.kind === 'sign' && ')]}'.includes(token.text)) depth = Math.max(0, depth - 1);
    out.at(-1)?.push(token);
  }
  return out;
}

/** Columns that stand before a place in its line; a tab is up to the next eighth. */
function indentOf(bytes: Uint8Array, at: number): number {
  let from = at;
  while (from > 0 && (bytes[from - 1] === 32 || bytes[from - 1] === 9)) from--;
  let columns = 0;
  for (; from < at; from++) columns = bytes[from] === 9 ? columns - (columns % 8) + 8 : columns + 1;
  return columns;
}

export function pythonDefinitions(tokens: readonly Token[], bytes: Uint8Array): readonly Definition[] {
  const out: Definition[] = [];
  const scopes: { readonly indent: number; readonly name: string; readonly isClass: boolean }[] = [];
  for (const statement of statementsOf(tokens)) {
    const first = statement[0] as Token;
    if (first.kind !== 'word') continue;
    const indent = indentOf(bytes, first.from);
    while (scopes.length > 0 && (scopes.at(-1)?.indent ?? 0) >= indent) scopes.pop();
    const scope = scopes.at(-1)?.name ?? '';
    const put = ({ text, line, from, to }: Token, kind: DefinitionKind): void => void out.push({ name: text, kind, scope, line, from, to });
    const at = first.text === 'async' ? 1 : 0;
    const [word, name, after] = [statement[at], statement[at + 1], statement[1]];
    if ((word?.text === 'def' || word?.text === 'class') && isWord(name)) {
      const isClass = word.text === 'class';
      put(name, isClass ? 'class' : scopes.at(-1)?.isClass ? 'method' : 'function');
      scopes.push({ indent, name: within(scope, name.text), isClass });
    } else if ((isSign(after, '=') && !isSign(statement[2], '=')) || (isSign(after, ':') && statement.some((token) => isSign(token, '=')))) {
      if (scopes.length === 0) put(first, 'variable');
      else if (scopes.at(-1)?.isClass) put(first, 'field');
    }
  }
  return out;
}

/** Bytes that a name of shell is of. */
const declaring = new Set(['export', 'readonly', 'declare', 'typeset', 'local']);
const shellName = /^[A-Za-z_][\w.-]*$/;

export function shellDefinitions(tokens: readonly Token[]): readonly Definition[] {
  const out: Definition[] = [];
  const put = ({ text, line, from, to }: Token, kind: DefinitionKind): void => void out.push({ name: text, kind, scope: '', line, from, to });
  let line = -1;
  tokens.forEach((token, i) => {
    const begins = token.line !== line || isSign(tokens[i - 1], ';');
    line = token.line;
    if (!begins || token.kind !== 'word') return;
    const [next, after] = [tokens[i + 1], tokens[i + 2]];
    if (token.text === 'function' && isWord(next)) put(next, 'function');
    else if (isSign(next, '(') && isSign(after, ')') && shellName.test(token.text)) put(token, 'function');
    else if (declaring.has(token.text) && isWord(next) && isSign(after, '=') && after?.from === next.to) put(next, 'variable');
    else if (isSign(next, '=') && next?.from === token.to && shellName.test(token.text)) put(token, 'variable');
  });
  return out;
}
