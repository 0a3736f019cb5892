/**
 * Undoes what people do to values so that nobody clicks them: hxxp, `[.]`, `(dot)`, `[at]`, `[:]//` and the like. The marks are those of
 * docs/specs/match.md; text without one comes back as it is.
 */

const marks = new RegExp([
  String.raw`\[:?\/\/?\]`, String.raw`\[:\]|\(:\)`, String.raw`\\\/`,
  String.raw`(?<![0-9a-z])(?:hxxp|hxtp|htxp|h\*\*p|h\[tt\]p|meow)(?=s?\[?:)`,
  String.raw`\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\}|\\\.`, String.raw`\[@\]|\(@\)|\{@\}|\[at\]|\(at\)|\{at\}`,
].join('|'), 'gi');

/** Most texts have none of the letters that marks begin with. */
const suspects = /[[({\\]|h(?:x|tx|\*)|meow/i;

function undone(mark: string): string {
  if (/^[hm]/i.test(mark)) return 'http';
  const inner = mark.startsWith('\\') ? mark.slice(1) : mark.slice(1, -1);
  return /^d/i.test(inner) ? '.' : /^a/i.test(inner) ? '@' : inner;
}

export function refang(text: string): string {
  return suspects.test(text) ? text.replace(marks, undone) : text;
}

/** A text without its marks, and where each of its units stood: `from` has one place more than the text has units. */
export interface Refanged {
  readonly text: string;
  readonly from: readonly number[];
}

/** Null where nothing was undone. */
export function refangedOf(text: string): Refanged | null {
  const from: number[] = [];
  let out = '';
  let at = 0;
  const keep = (until: number): void => {
    for (let i = at; i < until; i++) from.push(i);
    out += text.slice(at, until);
  };
  for (const found of text.matchAll(marks)) {
    keep(found.index);
    const instead = undone(found[0]);
    for (let i = 0; i < instead.length; i++) from.push(found.index);
    out += instead;
    at = found.index + found[0].length;
  }
  if (at === 0) return null;
  keep(text.length);
  from.push(text.length);
  return { text: out, from };
}
