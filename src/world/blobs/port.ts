/**
 * Bytes as a port: content-addressed blobs (raw input, evidence) and named objects (log tiles, checkpoints).
 * Files by default; any S3 store later stands behind the same interface.
 */

export interface Stored {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

export interface Blobs {
  /**
   * Stores content under its SHA-256. Durable once it returns; storing the same bytes twice is one blob; a crash in
   * between leaves at most a temporary file that the next start removes.
   */
  put(content: AsyncIterable<Uint8Array> | Uint8Array): Promise<Stored>;
  /** The bytes, or null where there is no such blob. */
  open(sha256: string): Promise<AsyncIterable<Uint8Array> | null>;
  /** Writes a named object whole; readers see the old or the new, never a part. Durable once it returns. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** A named object, or null. */
  read(name: string): Promise<Uint8Array | null>;
  /** Names under a prefix, sorted. */
  list(prefix: string): Promise<string[]>;
  /** Removes a named object; no error where there is none. */
  remove(name: string): Promise<void>;
}
