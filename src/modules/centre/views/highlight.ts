/**
 * Code in colours, by a small scanner of our own: comments, texts, numbers and words of the language, for what most source is written in.
 * It sees one window and nothing before it, so a comment that began earlier may be taken for code: colours are a help, never the text.
 */

export type Shade = 'plain' | 'comment' | 'text' | 'number' | 'word' | 'name';
export interface Piece { readonly shade: Shade; readonly text: string }

const words = new Set((''
  + 'abstract and as assert async await begin bool boolean break byte case catch char class const constexpr continue def default defer '
  + 'del delete do double elif else end enum except export extends extern false final finally float fn for foreach from func function '
  + 'go goto if impl implements import in include inline instanceof int interface is lambda let long loop match mod module move mut '
  + 'namespace new nil none not null nullptr None operator or override package pass private protected pub public raise readonly ref '
  + 'register return self short signed sizeof static struct super switch template this throw throws trait true True False try type '
  + 'typedef typename typeof union unless unsafe unsigned until use using var virtual void volatile where while with yield').split(' '));

const hashComments = /\.(?:py|sh|rb|pl|ya?ml|toml|cmake|mk|r|tcl|conf)$|(?:^|\/)(?:Makefile|Dockerfile)[^/]*$/i;
const proseFile = /\.(?:md|txt|rst|log|csv)$|(?:^|\/)(?:README|LICEN[CS]E|COPYING|NEWS|CHANGES)[^/]*$/i;

const body = String.raw`"(?:\\.|[^"\\\n]){0,4000}"?|'(?:\\.|[^'\\\n]){0,4000}'?|` + '`(?:\\\\.|[^`\\\\]){0,4000}`?';
const rest = String.raw`|\b(?:0[xX][0-9a-fA-F_]+|\d[\d_.]*(?:[eE][-+]?\d+)?)\w*|[A-Za-z_$][\w$]*`;
const slashes = new RegExp(String.raw`\/\/[^\n]*|\/\*[\s\S]{0,16384}?(?:\*\/|$)|${body}${rest}`, 'g');
const hashes = new RegExp(String.raw`#[^\n]*|${body}${rest}`, 'g');

function shadeOf(token: string, followed: string): Shade {
  const first = token.charAt(0);
  if (first === '#' || token.startsWith('//') || token.startsWith('/*')) return 'comment';
  if (first === '"' || first === "'" || first === '`') return 'text';
  if (first >= '0' && first <= '9') return 'number';
  if (words.has(token)) return 'word';
  return followed === '(' ? 'name' : 'plain';
}

/** The whole text, cut into pieces; what is put together again is the text. */
export function shaded(path: string, text: string): Piece[] {
  if (proseFile.test(path)) return [{ shade: 'plain', text }];
  const out: Piece[] = [];
  let at = 0;
  for (const found of text.matchAll(hashComments.test(path) ? hashes : slashes)) {
    const [token] = found;
    const shade = shadeOf(token, text.charAt(found.index + token.length));
    if (shade === 'plain') continue;
    if (found.index > at) out.push({ shade: 'plain', text: text.slice(at, found.index) });
    out.push({ shade, text: token });
    at = found.index + token.length;
  }
  if (at < text.length) out.push({ shade: 'plain', text: text.slice(at) });
  return out;
}

/** The pieces of each line, without its end. */
export function shadedLines(path: string, text: string): Piece[][] {
  const lines: Piece[][] = [[]];
  for (const { shade, text: whole } of shaded(path, text)) {
    whole.split('\n').forEach((part, i) => {
      if (i > 0) lines.push([]);
      if (part !== '') lines.at(-1)?.push({ shade, text: part });
    });
  }
  if (text.endsWith('\n')) lines.pop();
  return lines;
}
