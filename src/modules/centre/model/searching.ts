/**
 * The nouns of searching: an *index* of a source that is under review, a *search* that was asked in a sitting, and the *lines* that it
 * shows. Whatever a search tells of a line it has shown, counted and put on record before.
 */
import { z } from 'zod';
import { definitionKinds } from '#kit/search/symbols/definition';
import { ViewProof } from '../model.ts';

export const indexStates = ['making', 'made', 'failed'] as const;
export type IndexState = typeof indexStates[number];

/** `text` as it stands, `regex` by docs/specs/search.md, `references` of a name without its definitions, `definition` of a name. */
export const askedKinds = ['text', 'regex', 'references', 'definition'] as const;

export const Asked = z.strictObject({
  text: z.string().min(1).max(400), kind: z.enum(askedKinds), anyCase: z.boolean(), wholeWord: z.boolean(),
  /** `*.c`, `drivers/net/`, `!*_test.go`. */
  globs: z.array(z.string().min(1).max(300)).max(20), languages: z.array(z.string().max(30)).max(20),
  /** In this file alone; empty: in all. */
  path: z.string().max(4_096),
});
export type Asked = z.infer<typeof Asked>;

export const SourceIndex = z.strictObject({
  state: z.enum(indexStates), name: z.string().nullable(), madeAt: z.iso.datetime().nullable(), files: z.number().int(), bytes: z.number().int(),
  lines: z.number().int(), text: z.number().int(), binary: z.number().int(),
  /** Files that no search can see, and the first of them by name. */
  refused: z.number().int(), refusedFiles: z.array(z.strictObject({ path: z.string(), reason: z.string() })), languages: z.array(z.string()),
});
export type SourceIndex = z.infer<typeof SourceIndex>;

export const FoundLine = z.strictObject({
  path: z.string(), line: z.number().int(), text: z.string(),
  /** The byte of the file at which the match begins, or what is shown: the window that holds it is opened by it. */
  at: z.number().int(),
  /** Where the match stands in `text`, in UTF-16 units; null where it does not stand in what is shown. */
  match: z.strictObject({ from: z.number().int(), to: z.number().int() }).nullable(),
  /** The line begins before what is shown, or goes on behind it. */
  cut: z.boolean(),
  /** Of a definition. */
  kind: z.enum(definitionKinds).nullable(), scope: z.string(),
});
export type FoundLine = z.infer<typeof FoundLine>;

/** What an answer covers; the files are those that were excluded, ruled out by the index, read, and not reached. */
export const SearchCoverage = z.strictObject({
  files: z.number().int(), excluded: z.number().int(), ruledOut: z.number().int(), read: z.number().int(), notReached: z.number().int(),
  bytesRead: z.number().int(), refused: z.number().int(), refusedFiles: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  ended: z.enum(['complete', 'enough', 'cancelled', 'too-costly']).nullable(), index: z.string(),
});
export type SearchCoverage = z.infer<typeof SearchCoverage>;

/** The lines of the answer of `reviews.found`, as they come. */
export const SearchNews = z.discriminatedUnion('phase', [
  /** Shown once the fact of the batch is in the log: the proof says so. */
  z.strictObject({
    phase: z.literal('lines'), batch: z.string(), lines: z.array(FoundLine), fresh: z.number().int(), left: z.number().int(), proof: ViewProof,
  }),
  z.strictObject({ phase: z.literal('coverage'), coverage: SearchCoverage }),
  /** The end; with the proof that what was asked is in the log. */
  z.strictObject({ phase: z.literal('done'), shown: z.number().int(), left: z.number().int(), proof: ViewProof }),
  z.strictObject({ phase: z.literal('failed'), problem: z.looseObject({ title: z.string(), code: z.string(), hint: z.string().optional() }) }),
]);
export type SearchNews = z.infer<typeof SearchNews>;

export const SearchLine = z.strictObject({
  id: z.string(), review: z.string(), person: z.string(), at: z.iso.datetime(), asked: Asked, lines: z.number().int(), fresh: z.number().int(),
});
export type SearchLine = z.infer<typeof SearchLine>;
