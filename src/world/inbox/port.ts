/**
 * A place for files as a port: directories beneath one root that the operator has set, into which somebody else writes. What is
 * asked for by name stays beneath that root, whatever links stand there.
 */

export interface WaitingFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** Milliseconds since the epoch, as the file system says. */
  readonly modifiedMs: number;
}

/** `no-folder`: not there, or none of ours. `changed`: another file than was looked at. */
export class InboxError extends Error {
  override readonly name = 'InboxError';
  readonly reason: 'no-folder' | 'changed' | 'unreadable';
  constructor(reason: InboxError['reason'], sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.reason = reason;
  }
}

export interface Inbox {
  /** Plain files of a folder `a/b`, by age and then name, at most a thousand; not hidden ones, nor those on their way (`.part`, `.tmp`). */
  list(folder: string): Promise<readonly WaitingFile[]>;
  /** The bytes of exactly the file that was looked at. Throws an InboxError, also half-way. */
  open(folder: string, file: WaitingFile): AsyncIterable<Uint8Array>;
  /** Moves a file to `done/` or `failed/` beneath its folder, at once and whole; under another name where that one is taken. */
  move(folder: string, name: string, to: 'done' | 'failed'): Promise<void>;
}

/** `a/b` of plain names, none of which begins with a dot. */
export const isFolderName = (folder: string): boolean => folder.length <= 200 && /^[A-Za-z0-9_][\w.-]{0,63}(\/[A-Za-z0-9_][\w.-]{0,63}){0,5}$/.test(folder);
