/** What changed for a constituent since one of its people last looked. */
import { z } from 'zod';
import { Finding } from './notices.ts';

/** `overdue`: told seven days ago, and still nobody says that it is fixed. */
export const changeKinds = ['new', 'reopened', 'closed', 'overdue'] as const;
export const ChangeKind = z.enum(changeKinds);
export type ChangeKind = z.infer<typeof ChangeKind>;

export const Change = z.strictObject({
  what: ChangeKind,
  at: z.iso.datetime(),
  finding: z.string(),
  /** The latest notice that was let go and tells of it. */
  notice: z.string(),
  asset: z.string(),
  ...Finding.pick({ kind: true, type: true, family: true, severity: true, state: true }).shape,
});
export type Change = z.infer<typeof Change>;

/**
 * How far somebody has seen. What was written down in the minutes before may belong to work that had not ended yet when it was looked at, so that
 * of those minutes each change that was seen is named.
 */
export const DeskMark = z.strictObject({
  at: z.iso.datetime(),
  recent: z.array(z.string().max(90)).max(2000),
});
export type DeskMark = z.infer<typeof DeskMark>;
