/**
 * Searching code as a port. An index is a folder: shards that are written once, and `manifest.json`, whose SHA-256 is the index's name: what
 * is signed and logged, and what every answer refers to. It is built of a list of files out of the blobs, of the last release's index where
 * there is one, and asked by worker threads, so that neither holds up the hub. Beside each shard lies a list of the names that its files
 * define. What is asked is refused (a `Refusal` with the place in the
 * pattern) by the call itself; an index that is not what its manifest says fails with `IndexDamage`, and gives no answer with less in it.
 */
import type { FileEncoding } from '#kit/search/index/encodings';
import type { Manifest } from '#kit/search/index/layout';
import type { Coverage } from '#kit/search/query/search';
import type { DefinitionKind } from '#kit/search/symbols/definition';
import type { Span } from '#kit/search/regex/matching';

/** A file of a release, as its snapshot names it. */
export interface SourceFile {
  readonly path: string;
  /** As git writes it: 0o100644, 0o100755, 0o120000 for a link, 0o160000 for another repository. Only files are searched. */
  readonly mode: number;
  /** Lower-case hex of its bytes: their name among the blobs. */
  readonly sha256: string;
  readonly bytes: number;
}

export interface BuildOrder {
  /** The index's folder, which must not be there yet. It appears whole or not at all. */
  readonly folder: string;
  /** In the order in which answers are to be given, mostly that of the paths. */
  readonly files: readonly SourceFile[];
  /** The bytes of a blob, or null where there is none: `blobs.open`. The file is then refused, by name, in the coverage. */
  readonly open: (sha256: string) => Promise<AsyncIterable<Uint8Array> | null>;
  /** Folder of the last release's index: its shards serve again where most of their files are the same. */
  readonly previous?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Files and bytes that are in so far. */
  readonly progress?: ((files: number, bytes: number) => void) | undefined;
}

export interface CodeQuery {
  readonly text: string;
  readonly kind: 'text' | 'regex';
  readonly anyCase?: boolean | undefined;
  readonly wholeWord?: boolean | undefined;
  /** `*.c`, `drivers/net/`, `!*_test.go`: `src/kit/search/query/paths.ts`. */
  readonly globs?: readonly string[] | undefined;
  readonly languages?: readonly string[] | undefined;
  /** Lines that are shown; further ones are counted only where `counts` says so. */
  readonly most: number;
  readonly counts?: boolean | undefined;
  /** `files` (usual): as they are found. `rank`: all that are shown, once they are there, what defines the match first (`symbols/ranking.ts`). */
  readonly order?: 'files' | 'rank' | undefined;
}

export interface CodeHit {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** Where the line begins in the file, in bytes. */
  readonly start: number;
  /** Where the match stands in the line; null where that is not known. */
  readonly match: Span | null;
  /** What is shown of the line, at most 400 bytes, where in the line it begins, and whether the line goes on behind it. */
  readonly text: Uint8Array;
  readonly textFrom: number;
  readonly cut: boolean;
  /** Of a file in UTF-16 or UTF-32 places are those of its text in UTF-8, and so are blocks. */
  readonly encoding: FileEncoding;
  /** Which 4 KiB blocks of the file `text` shows, by number: what a quota counts, by path and encoding. */
  readonly blocks: readonly number[];
}

/** Hits as they are found, in the order of the files. Leaving the loop early, or the signal, ends the search. */
export interface Answer extends AsyncIterable<CodeHit> {
  /** What it covers so far; `ended` is null until it has ended. */
  coverage(): Coverage;
}

export interface Asking {
  readonly signal?: AbortSignal | undefined;
  /** Steps of the pattern's machine after which it ends as `too-costly`. */
  readonly mostWork?: number | undefined;
}

/** Where a name is defined; the line is shown as that of a hit. */
export interface CodeDefinition extends CodeHit {
  readonly kind: DefinitionKind;
  /** What it stands in, from the outside: `Outer.Inner`. */
  readonly scope: string;
}

export interface CodeDefinitions {
  /** What a reader looks for first stands first. */
  readonly definitions: readonly CodeDefinition[];
  /** Files that may define it, that were scanned, and by name those that are too long to be. Languages: `symbols/scan.ts`. */
  readonly files: number;
  readonly scanned: number;
  readonly tooLong: readonly string[];
  readonly ended: 'complete' | 'cancelled';
}

export interface CodeIndex {
  /** SHA-256 of the manifest, in hex. */
  readonly name: string;
  /** How many files, bytes and lines are searched, and which files are refused with what reason. */
  readonly manifest: Manifest;
  search(query: CodeQuery, asking?: Asking): Answer;
  define(name: string, asking?: Asking): Promise<CodeDefinitions>;
  /** The lines in which the name stands as a word, but for its definitions. */
  references(query: Omit<CodeQuery, 'kind' | 'wholeWord'>, asking?: Asking): Answer;
  /** Reads every byte against its hash; throws `IndexDamage` at the first that differs. */
  verify(): Promise<void>;
}

export interface Searching {
  /** Answers with the index's name. */
  build(order: BuildOrder): Promise<string>;
  openIndex(folder: string): Promise<CodeIndex>;
  close(): Promise<void>;
}
