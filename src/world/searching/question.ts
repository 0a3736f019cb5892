/** Between the port and the engine: what is asked, and what is shown of a hit. */
import { blockBytes } from '#kit/search/index/layout';
import { pathFilter } from '#kit/search/query/paths';
import type { Hit, Question } from '#kit/search/query/search';
import type { Found } from '#kit/search/symbols/lookup';
import type { CodeDefinition, CodeHit, CodeQuery } from './port.ts';

export const questionOf = ({ text, kind, anyCase = false, wholeWord = false, counts = false, most, globs = [], languages = [] }: CodeQuery): Question =>
  ({ text, kind, anyCase, wholeWord, counts, most, paths: pathFilter({ globs, languages }) });

/** The blocks of a file that bytes of it lie in; nothing, at a place, is in the block of that place. */
export function blocksOf(from: number, to: number): number[] {
  const first = Math.floor(from / blockBytes);
  const last = Math.floor(Math.max(from, to - 1) / blockBytes);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

export const codeHit = ({ path, line, offset, match, text, textFrom, cut, encoding }: Hit): CodeHit => ({
  path, line, start: offset, match, text, textFrom, cut, encoding, blocks: blocksOf(offset + textFrom, offset + textFrom + text.length),
});

export const codeDefinition = ({ path, line, start, from, to, text, kind, scope }: Found): CodeDefinition => ({
  path, line, start, match: { from: from - start, to: to - start }, text, textFrom: 0, cut: false, encoding: 'bytes', kind, scope,
  blocks: blocksOf(start, start + text.length),
});
