/**
 * Words of comparing a shipped file with a rebuilt one (docs/specs/compare.md): six verdicts, the public summary computed from
 * them, the closed list of parts that may differ, and what a comparison tells. Types and tables only, so that pages read them too.
 */

/** Best first; a rebuild of several files has the worst of theirs. */
export const verdicts = ['IDENTICAL', 'IDENTICAL-AFTER-RECOVERY', 'CODE-IDENTICAL', 'EXPLAINED', 'DIFFERENT', 'NOT-REBUILT'] as const;
export type Verdict = (typeof verdicts)[number];

export const summaries = ['identical', 'equivalent', 'different', 'cannot-build'] as const;
export type Summary = (typeof summaries)[number];

/** What the public is told; never typed in, always this. */
export const summaryOf: Readonly<Record<Verdict, Summary>> = {
  IDENTICAL: 'identical', 'IDENTICAL-AFTER-RECOVERY': 'equivalent', 'CODE-IDENTICAL': 'equivalent',
  EXPLAINED: 'different', DIFFERENT: 'different', 'NOT-REBUILT': 'cannot-build',
};

/**
 * The rules by which a differing part may be set aside. The first seven are the closed list; the last two are no content at all,
 * but the form that content has in its container, which is checked on both sides. A rule never covers anything else that is loaded.
 */
export const ruleIds = [
  'build-id', 'debuglink', 'debugaltlink', 'local-symbols', 'md5sums', 'archive-time', 'signature', 'packing', 'bookkeeping',
] as const;
export type RuleId = (typeof ruleIds)[number];

/** What a rule covers, in one sentence; a changed rule gets the next version. */
export const rules: Readonly<Record<RuleId, { readonly version: number; readonly covers: string }>> = {
  'build-id': { version: 1,
    covers: 'The digest in an ELF file’s Build-ID note, of equal length on both sides, in no executable segment. It is mapped into memory.' },
  debuglink: { version: 1, covers: 'The section .gnu_debuglink of an ELF file: a file name and a checksum, in no loaded segment.' },
  debugaltlink: { version: 1, covers: 'The section .gnu_debugaltlink of an ELF file: a path and a Build-ID, in no loaded segment.' },
  'local-symbols': { version: 1, covers: 'The order of local symbols of an object in a static library, where all else says the same with symbols by name.' },
  md5sums: { version: 1, covers: 'The list md5sums of a Debian package, where each line of it is right on its own side.' },
  'archive-time': { version: 1, covers: 'The times of members in ar, tar, gzip and zip.' },
  signature: { version: 1, covers: 'A signature that is no part of what is loaded: of a Debian package, a jar, or a PE file’s certificate table.' },
  packing: { version: 1, covers: 'The packed form of what was unpacked on both sides to its end, and compared in its place.' },
  bookkeeping: { version: 1, covers: 'Lengths, offsets and checksums of a container, each of which was found right on its own side.' },
};

/** Bytes from, up to and without to. */
export interface Range { readonly from: number; readonly to: number }

/** Where bytes differ: shipped and rebuilt, in the same region. One may be empty. */
export interface Run { readonly shipped: Range; readonly rebuilt: Range }

/** `bytes`: both have the region; `order`: the same regions stand in another order; `packed`: the form of what is compared further down. */
export type DifferenceKind = 'bytes' | 'only-shipped' | 'only-rebuilt' | 'order' | 'packed';

export interface Difference {
  /** Names from the file down: `data.tar.xz`, `data.tar`, `./usr/bin/hello`; empty is the file itself. */
  readonly part: readonly string[];
  readonly region: string;
  readonly kind: DifferenceKind;
  /** The region in the part; null where it is not there. */
  readonly shipped: Range | null;
  readonly rebuilt: Range | null;
  /** Every differing byte of the region is in exactly one of these; offsets in the part. The last may hold equal bytes too where there are many. */
  readonly runs: readonly Run[];
  /** Differing bytes, of the longer side. */
  readonly bytes: number;
  readonly executable: boolean;
  readonly rule: RuleId | null;
}

/** A file, or something in it, that was compared region by region. */
export interface ComparedPart {
  readonly path: readonly string[];
  readonly format: string;
  readonly regions: number;
  readonly differing: number;
}

/** Why something was not looked into; it is then compared as bytes. */
export interface Unopened {
  readonly part: readonly string[];
  readonly side: 'shipped' | 'rebuilt';
  readonly code: string;
  readonly sentence: string;
}

export interface Comparison {
  readonly v: 1;
  readonly shipped: { readonly bytes: number; readonly sha256: string };
  readonly rebuilt: { readonly bytes: number; readonly sha256: string };
  readonly verdict: 'IDENTICAL' | 'CODE-IDENTICAL' | 'DIFFERENT';
  readonly differences: readonly Difference[];
  /** Differences beyond those listed; the verdict knows of them. */
  readonly leftOut: number;
  readonly parts: readonly ComparedPart[];
  readonly unopened: readonly Unopened[];
  /** `build-id/1`, in order. */
  readonly rules: readonly string[];
}
