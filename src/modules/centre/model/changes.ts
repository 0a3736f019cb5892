/** What became of a source since an older release of it: which files, and at which lines. Places and counts, never text. */
import { z } from 'zod';

/** An older release of the product that holds source code which the reader may know of. */
export const OlderRelease = z.strictObject({
  release: z.string(), version: z.string(), publishedAt: z.iso.datetime(),
  /** One's organisation was shown something of it. */
  reviewed: z.boolean(),
});
export type OlderRelease = z.infer<typeof OlderRelease>;

export const changedKinds = ['added', 'removed', 'changed', 'moved'] as const;

export const ChangedFile = z.strictObject({
  kind: z.enum(changedKinds), path: z.string(), from: z.string().nullable(), bytesBefore: z.number().int(), bytesAfter: z.number().int(),
  /** Bytes of it that one's organisation was shown in this release. */
  seen: z.number().int(),
});
export type ChangedFile = z.infer<typeof ChangedFile>;

/** At line `at` stand `added` lines in the place of `removed` older ones. */
export const ChangedLines = z.strictObject({ at: z.number().int(), added: z.number().int(), removed: z.number().int() });
export type ChangedLines = z.infer<typeof ChangedLines>;

/** What a release did to a file, against the release before it. `first` where no older one is known. */
export const fateKinds = ['first', 'added', 'changed', 'same', 'removed', 'absent'] as const;
export const Fate = z.strictObject({
  release: z.string(), version: z.string(), publishedAt: z.iso.datetime(), kind: z.enum(fateKinds), bytes: z.number().int(),
});
export type Fate = z.infer<typeof Fate>;
