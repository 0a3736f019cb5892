/**
 * Undoes what people do to values so that nobody clicks them: hxxp, `[.]`, `(dot)`, `[at]`, `[:]//` and the like. The marks are those of
 * docs/specs/match.md; text without one comes back as it is.
 */

const dots = /\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\{dot\}|\\\./gi;
const ats = /\[@\]|\(@\)|\{@\}|\[at\]|\(at\)|\{at\}/gi;
const colons = /\[:\]|\(:\)/g;
const slashes = /\[(:?\/\/?)\]/g;
const schemes = /(^|[^0-9a-z])(?:hxxp|hxtp|htxp|h\*\*p|h\[tt\]p|meow)(s?)(?=\[?:)/gi;
/** One of them has to be there. */
const marks = /[[({](?:\.|@|:|\/|dot|at|tt)|\\\.|hxxp|hxtp|htxp|h\*\*p|meow/i;

export function isDefanged(text: string): boolean {
  return marks.test(text);
}

export function refang(text: string): string {
  if (!marks.test(text)) return text;
  return text.replace(slashes, '$1').replace(colons, ':').replace(schemes, '$1http$2').replace(dots, '.').replace(ats, '@');
}
