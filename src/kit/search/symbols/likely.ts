/**
 * Whether a line in which a name stands may define it, by what stands around it alone: what is called, assigned, passed or reached into is
 * used. It tells which of very many files are worth scanning, and what is shown first.
 */

/** What stands right before a name that is used, after spaces. */
const usedAfter = /(?:[(=!|+/<?.[%,]|->|&&|-)$/;
const lastWord = /[\w$]*$/;
const using = new Set(['return', 'goto', 'else', 'case', 'new', 'delete', 'sizeof', 'if', 'while', 'import', 'from', 'in', 'not', 'and', 'or', 'throw', 'await',
  'yield', 'typeof', 'instanceof', 'raise', 'use']);
const defining = new Set(['define', 'struct', 'union', 'enum', 'class', 'interface', 'namespace', 'module', 'record', 'function', 'type', 'def', 'fn', 'trait',
  'mod', 'const', 'let', 'var', 'func', 'static', 'typedef']);

export interface NamePlace {
  readonly before: string;
  readonly after: string;
}

/** `text` is a line, one character a byte. */
export const placeIn = (text: string, from: number, to: number): NamePlace => ({ before: text.slice(0, from).trim(), after: text.slice(to).trim() });

export function mayDefine({ before, after }: NamePlace): boolean {
  if (usedAfter.test(before) || using.has(lastWord.exec(before)?.[0] ?? '') || after.startsWith('.') || after.startsWith('->')) return false;
  if (/^(?:\/\/|\*|\/\*)/.test(before) || (before.startsWith('#') && !/^#\s*define$/.test(before))) return false;
  // A call that is a statement.
  return before !== '' || !after.startsWith('(') || !after.endsWith(';');
}

/** Whether it surely looks like one. */
export function looksDefining(place: NamePlace): boolean {
  if (!mayDefine(place)) return false;
  const { before, after } = place;
  if (defining.has(lastWord.exec(before)?.[0] ?? '')) return after !== ';' && !after.startsWith('*');
  return before !== '' && after.startsWith('(') && /(?:\{|\)|,)$/.test(after);
}
