/**
 * Which files are asked: globs over paths and languages by name. Globs run on the machine of the patterns, so none of them can run away.
 * One without a slash is tried on the last step of a path, one with a slash on the whole of it.
 */
import { toUtf8 } from '#kit/encoding';
import { Refusal } from '#kit/refusal';
import { Matching } from '../regex/matching.ts';
import { anyOf, everyByte, negated, nothing, setOf, textPattern, type Pattern } from '../regex/syntax.ts';
import { languageOf } from './languages.ts';

export type PathFilter = (path: string) => boolean;

const slash = 47;
const inStep: Pattern = anyOf(negated(setOf([slash, slash])));
const many = (part: Pattern): Pattern => ({ kind: 'repeat', part, least: 0, most: Infinity, greedy: true });
const mostCharacters = 1000;

function globPattern(glob: string): Pattern {
  const parts: Pattern[] = [{ kind: 'place', place: 'line-start' }];
  for (let at = 0; at < glob.length;) {
    const rest = glob.slice(at);
    const startsStep = at === 0 || glob[at - 1] === '/';
    if (startsStep && rest.startsWith('**/')) {
      parts.push({ kind: 'choice', parts: [{ kind: 'row', parts: [many(anyOf(everyByte)), textPattern(Uint8Array.of(slash), false)] }, nothing] });
      at += 3;
    } else if (rest.startsWith('**')) {
      parts.push(many(anyOf(everyByte)));
      at += 2;
    } else if (rest.startsWith('*')) {
      parts.push(many(inStep));
      at++;
    } else if (rest.startsWith('?')) {
      parts.push(inStep);
      at++;
    } else {
      const escapes = rest.startsWith('\\') && rest.length > 1 ? 1 : 0;
      const char = String.fromCodePoint(rest.codePointAt(escapes) as number);
      parts.push(textPattern(toUtf8(char), false));
      at += char.length + escapes;
    }
  }
  return { kind: 'row', parts: [...parts, { kind: 'place', place: 'line-end' }] };
}

function globFilter(glob: string): PathFilter {
  if (glob.length > mostCharacters) throw new Refusal('invalid', 'search-path.too-long', `A path filter has at most ${mostCharacters} characters.`);
  const isWhole = glob.slice(0, -1).includes('/');
  // A line feed in a name would end the line that the machine reads.
  const trimmed = glob.replace(/^\//, '').replaceAll('\n', '\0');
  const matching = new Matching(globPattern(trimmed.endsWith('/') ? `${isWhole ? '' : '**/'}${trimmed}**` : trimmed));
  const whole = isWhole || trimmed.endsWith('/');
  return (path) => matching.test(toUtf8((whole ? path : path.slice(path.lastIndexOf('/') + 1)).replaceAll('\n', '\0')));
}

export interface Paths {
  /** A file is asked that one of these fits, or all where there is none; but none that a glob with ! before it fits. */
  readonly globs?: readonly string[];
  readonly languages?: readonly string[];
}

/** Undefined where every file is asked. */
export function pathFilter({ globs = [], languages = [] }: Paths): PathFilter | undefined {
  if (globs.length === 0 && languages.length === 0) return undefined;
  const wanted = globs.filter((glob) => !glob.startsWith('!')).map(globFilter);
  const unwanted = globs.filter((glob) => glob.startsWith('!')).map((glob) => globFilter(glob.slice(1)));
  return (path) => (wanted.length === 0 || wanted.some((fits) => fits(path))) && !unwanted.some((fits) => fits(path))
    && (languages.length === 0 || languages.includes(languageOf(path) ?? ''));
}
