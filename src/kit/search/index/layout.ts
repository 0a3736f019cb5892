/**
 * How an index lies on disk: shards, each one file of sections, and a manifest that names them with their hashes. A section is cut in
 * pages; each page is hashed, and the hash of the section is that of its pages' hashes, so that any page can be checked alone.
 */
import { toUtf8 } from '#kit/encoding';
import type { FileEncoding } from './encodings.ts';

export const formatName = 'entente-search/1';
export const shardMagic: Uint8Array = toUtf8('entente-search/1\n');
export const pageBytes = 16_384;
export const hashBytes = 32;

/** A block ends with the line that its byte of this number stands in. */
export const blockBytes = 4096;
/** A shard ends with the block in which it gets this long. */
export const shardBytes = 64 * 2 ** 20;
/** Files are no larger, so that every place in a shard is a 32-bit number. */
export const mostFileBytes = 2 ** 31;

/** In the order in which they lie in the file, behind the magic; then come the hashes of all their pages. */
export const sectionNames = ['text', 'files', 'blocks', 'directory', 'postings'] as const;
export type SectionName = (typeof sectionNames)[number];

export interface SectionRecord {
  readonly name: SectionName;
  readonly bytes: number;
  /** SHA-256 over the hashes of its pages, in hex. */
  readonly sha256: string;
}

export interface ShardRecord {
  readonly name: string;
  readonly bytes: number;
  readonly blocks: number;
  /** Parts of files that another release had and this one has not, by number: as if they were not there. */
  readonly dropped: readonly number[];
  readonly sections: readonly SectionRecord[];
}

/** What a file is, for the statement of coverage: each is exactly one of these. */
export type FileClass = 'text' | 'binary' | 'refused';

export interface RefusedFile {
  readonly path: string;
  readonly bytes: number;
  readonly reason: string;
}

/** Files that are searched, and what they take. */
export interface Sums {
  readonly text: number;
  readonly binary: number;
  readonly bytes: number;
  readonly lines: number;
  /** Files that are searched as UTF-8 besides, and the bytes that this takes. */
  readonly decoded: number;
  readonly decodedBytes: number;
}

/** What is signed and logged: it says which bytes answered. */
export interface Manifest extends Sums {
  readonly format: typeof formatName;
  readonly blockBytes: number;
  readonly pageBytes: number;
  readonly refused: readonly RefusedFile[];
  readonly shards: readonly ShardRecord[];
}

/** A file, or the part of it that lies in this shard. */
export interface FilePart {
  readonly path: string;
  /** Whether these are the file's bytes, or its text in UTF-8; places below are then those of the text. */
  readonly encoding: FileEncoding;
  /** SHA-256 of the whole file's bytes, as whoever built the index knew it. */
  readonly digest: Uint8Array;
  /** Whether a NUL byte stood in the file up to here. */
  readonly binary: boolean;
  readonly dropped: boolean;
  /** Bytes and lines of the file before this part. */
  readonly fromByte: number;
  readonly fromLine: number;
  /** Block of the shard with which it begins, and how many it has. */
  readonly firstBlock: number;
  readonly blocks: number;
}

export const pagesOf = (bytes: number): number => Math.ceil(bytes / pageBytes);
