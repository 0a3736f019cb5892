/**
 * One member of a JSON object as it is written, found without reading the whole into values: so that numbers of any size stay the
 * digits that were sent. Of members named twice the last counts, as JSON.parse has it.
 */

const blank = /[ \t\r\n]*/y;

/** Past a string that begins at `at`; -1 where it does not end. */
function pastString(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i + 1;
  }
  return -1;
}

/** Past a value that begins at `at`; -1 where it does not end. Brackets are counted, not matched: the caller parses what it takes. */
function pastValue(text: string, at: number): number {
  const first = text[at];
  if (first === '"') return pastString(text, at);
  if (first !== '{' && first !== '[') {
    const end = text.slice(at).search(/[,}\]\s]/);
    return end < 0 ? text.length : at + end;
  }
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const sign = text[i];
    if (sign === '"') {
      i = pastString(text, i) - 1;
      if (i < 0) return -1;
    } else if (sign === '{' || sign === '[') depth++;
    else if ((sign === '}' || sign === ']') && --depth === 0) return i + 1;
  }
  return -1;
}

function pastBlank(text: string, at: number): number {
  blank.lastIndex = at;
  blank.exec(text);
  return blank.lastIndex;
}

/** The text of a member's value; null where the text is no object, or has no such member. */
export function memberOf(text: string, name: string): string | null {
  let at = pastBlank(text, text.startsWith('\ufeff') ? 1 : 0);
  if (text[at] !== '{') return null;
  let found: string | null = null;
  at = pastBlank(text, at + 1);
  while (text[at] === '"') {
    const keyEnd = pastString(text, at);
    if (keyEnd < 0) return null;
    const key = keyOf(text.slice(at, keyEnd));
    at = pastBlank(text, keyEnd);
    if (text[at] !== ':') return null;
    at = pastBlank(text, at + 1);
    const end = pastValue(text, at);
    if (end < 0 || end === at) return null;
    if (key === name) found = text.slice(at, end);
    at = pastBlank(text, end);
    if (text[at] === '}') return found;
    if (text[at] !== ',') return null;
    at = pastBlank(text, at + 1);
  }
  return null;
}

function keyOf(quoted: string): string | null {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return null;
  }
}
