/**
 * Which trigrams a line must hold for a pattern to match it, as a question of ANDs and ORs to the index. It errs on one side only: a block
 * without them has no match; one with them is read. After Russ Cox, Regular Expression Matching with a Trigram Index (2012).
 */
import { glyphOf, trigramOf } from '../index/trigram.ts';
import { bytesIn, type Pattern } from '../regex/syntax.ts';

export type Need =
  /** Every block may match. */
  | { readonly kind: 'any' }
  /** None can. */
  | { readonly kind: 'none' }
  | { readonly kind: 'trigram'; readonly trigram: number }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Need[] };

const anything: Need = { kind: 'any' };
const none: Need = { kind: 'none' };

/** Sets are of texts of glyphs, a character each. */
type Texts = ReadonlySet<string>;
const mostTexts = 32;
const mostGlyphs = 16;
/** Parts that an AND keeps, and trigrams that any question names: what is beyond is not asked for. */
const mostParts = 64;
const mostTrigrams = 2048;
/** A plain text longer than that is asked for in pieces, which overlap. */
const longestText = 64;
const mostCopies = 8;

interface Known {
  /** All that it matches; null where that is too much to say. */
  readonly exact: Texts | null;
  /** Each match begins with one of these, and ends with one of those. */
  readonly heads: Texts;
  readonly tails: Texts;
  readonly need: Need;
}

const emptyText: Texts = new Set(['']);
const unknown: Known = { exact: null, heads: emptyText, tails: emptyText, need: anything };

const keyOf = (need: Need): string => (need.kind === 'trigram' ? `${need.trigram}` : JSON.stringify(need));
const weightOf = (need: Need): number => ('parts' in need ? need.parts.reduce((sum, part) => sum + weightOf(part), 0) : 1);

function joined(kind: 'and' | 'or', needs: readonly Need[]): Need {
  const [unit, zero] = kind === 'and' ? ['any', 'none'] : ['none', 'any'];
  const parts = new Map<string, Need>();
  for (const need of needs) {
    if (need.kind === zero) return need;
    if (need.kind === unit) continue;
    for (const part of need.kind === kind && 'parts' in need ? need.parts : [need]) parts.set(keyOf(part), part);
  }
  let weight = 0;
  const list = [...parts.values()].filter((part, i) => {
    weight += weightOf(part);
    return kind === 'or' || (i < mostParts && weight <= mostTrigrams);
  });
  if (kind === 'or' && weight > mostTrigrams) return anything;
  if (list.length === 0) return kind === 'and' ? anything : none;
  return list.length === 1 ? list[0] as Need : { kind, parts: list };
}

function needOfText(text: string): Need {
  const parts: Need[] = [];
  for (let i = 2; i < text.length; i++) {
    parts.push({ kind: 'trigram', trigram: trigramOf(text.charCodeAt(i - 2), text.charCodeAt(i - 1), text.charCodeAt(i)) });
  }
  return joined('and', parts);
}
/** One of these stands there. */
const needOfTexts = (texts: Texts): Need => joined('or', [...texts].map(needOfText));

const crossed = (a: Texts, b: Texts): Texts => new Set([...a].flatMap((x) => [...b].map((y) => x + y)));
const lengthsFit = (texts: Texts): boolean => [...texts].every((text) => text.length <= longestText);

/** Two glyphs of each: as many as a trigram across the border can use. */
function shortened(texts: Texts, cut: (text: string) => string): Texts {
  const out = new Set([...texts].map(cut));
  return out.size > mostTexts ? emptyText : out;
}
const headsOf = (texts: Texts): Texts => shortened(texts, (text) => text.slice(0, 2));
const tailsOf = (texts: Texts): Texts => shortened(texts, (text) => text.slice(-2));

/** Says the same with less: what was exact becomes a beginning, an end and a need. */
function inexact(known: Known): Known {
  const need = joined('and', [known.need, ...(known.exact ? [known.exact] : [known.heads, known.tails]).map(needOfTexts)]);
  return { exact: null, heads: headsOf(known.exact ?? known.heads), tails: tailsOf(known.exact ?? known.tails), need };
}

function bounded(known: Known): Known {
  return known.exact && known.exact.size <= mostTexts && lengthsFit(known.exact) ? known : inexact(known);
}

function inRow(a: Known, b: Known): Known {
  if (a.exact?.size === 0 || b.exact?.size === 0) return { exact: new Set(), heads: new Set(), tails: new Set(), need: none };
  if (a.exact && b.exact) {
    // The product is made only where it may be kept.
    if (a.exact.size * b.exact.size <= mostTexts) return bounded({ exact: crossed(a.exact, b.exact), heads: emptyText, tails: emptyText, need: anything });
    return inRow(inexact(a), inexact(b));
  }
  const [left, right] = [inexact(a), inexact(b)];
  const border = left.tails.size * right.heads.size <= mostTexts * 4 ? needOfTexts(crossed(left.tails, right.heads)) : anything;
  // Where one side is known whole, it lengthens what the other begins or ends with.
  const heads = a.exact && a.exact.size * right.heads.size <= mostTexts ? crossed(a.exact, right.heads) : left.heads;
  const tails = b.exact && b.exact.size * left.tails.size <= mostTexts ? crossed(left.tails, b.exact) : right.tails;
  return inexact({ exact: null, heads, tails, need: joined('and', [left.need, right.need, border]) });
}

function oneOf(parts: readonly Known[]): Known {
  const texts = new Set(parts.flatMap((part) => [...(part.exact ?? [])]));
  if (parts.every((part) => part.exact) && texts.size <= mostTexts) return { exact: texts, heads: emptyText, tails: emptyText, need: anything };
  // A way that cannot be taken adds nothing.
  const rest = parts.filter((part) => part.exact?.size !== 0).map(inexact);
  return {
    exact: null, need: joined('or', rest.map((part) => part.need)),
    heads: headsOf(new Set(rest.flatMap((part) => [...part.heads]))), tails: tailsOf(new Set(rest.flatMap((part) => [...part.tails]))),
  };
}

function knownOf(pattern: Pattern): Known {
  switch (pattern.kind) {
    case 'set': {
      const texts = new Set(bytesIn(pattern.bytes).map((byte) => String.fromCharCode(glyphOf[byte] as number)));
      return texts.size > mostGlyphs ? unknown : { exact: texts, heads: emptyText, tails: emptyText, need: anything };
    }
    case 'place': return { exact: emptyText, heads: emptyText, tails: emptyText, need: anything };
    case 'row': return pattern.parts.map(knownOf).reduce(inRow, { exact: emptyText, heads: emptyText, tails: emptyText, need: anything });
    case 'choice': return oneOf(pattern.parts.map(knownOf));
    case 'repeat': return repeated(pattern);
  }
}

function repeated({ part, least, most }: Pattern & { kind: 'repeat' }): Known {
  if (most === 0) return { exact: emptyText, heads: emptyText, tails: emptyText, need: anything };
  const one = knownOf(part);
  if (least === 0) return most === 1 ? oneOf([one, { exact: emptyText, heads: emptyText, tails: emptyText, need: anything }]) : unknown;
  const copies = Math.min(least, mostCopies);
  const row = Array.from({ length: copies }, () => one).reduce(inRow);
  return most === copies ? row : inexact(row);
}

/** What a block must hold to have a line that matches. */
export function needOf(pattern: Pattern): Need {
  return inexact(knownOf(pattern)).need;
}

/** Whether these trigrams are enough. */
export function isMet(need: Need, has: (trigram: number) => boolean): boolean {
  switch (need.kind) {
    case 'any': return true;
    case 'none': return false;
    case 'trigram': return has(need.trigram);
    case 'and': return need.parts.every((part) => isMet(part, has));
    case 'or': return need.parts.some((part) => isMet(part, has));
  }
}
