/**
 * Bytes as a port: content-addressed blobs (raw input, evidence) and named objects (log tiles, checkpoints).
 * Files by default, or a bucket of any store that speaks S3.
 */

export interface Stored {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly sizeBytes: number;
}

/** By what right a mutable object is replaced, where several processes share the store. */
export interface Fence {
  /** Grows with each process that takes over. */
  readonly epoch: number;
  /** Whether this process may still write; asked without waiting, at the last moment before the object changes. */
  holds(): boolean;
}

export interface Blobs {
  /**
   * Stores content under its SHA-256. Durable once it returns; storing the same bytes twice is one blob; a crash in
   * between leaves at most a temporary file that the next start removes.
   */
  put(content: AsyncIterable<Uint8Array> | Uint8Array): Promise<Stored>;
  /** Removes a blob for good; no error where there is none. Whoever calls has seen that nobody else needs the bytes. */
  discard(sha256: string): Promise<void>;
  /** How long a blob is, or null where there is no such one. */
  size(sha256: string): Promise<number | null>;
  /** The bytes, or those from one place up to another as far as there are any; null where there is no such blob. */
  open(sha256: string, from?: number, to?: number): Promise<AsyncIterable<Uint8Array> | null>;
  /** Writes a named object whole; readers see the old or the new, never a part. Durable once it returns. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Writes several named objects, each as `write` does, in no order; all are durable once it returns. */
  writeAll(objects: readonly (readonly [name: string, bytes: Uint8Array])[]): Promise<void>;
  /**
   * Writes an object that is replaced again and again. Answers false, and leaves the object as it is, where the fence
   * holds no more or a higher epoch has claimed the name: also where this process was stopped half-way and the claim
   * was made meanwhile.
   */
  replace(name: string, bytes: Uint8Array, fence: Fence): Promise<boolean>;
  /** From now on no `replace` of this name that began under a lower epoch takes effect. */
  claim(name: string, epoch: number): Promise<void>;
  /** A named object, or null. */
  read(name: string): Promise<Uint8Array | null>;
  /** Names under a prefix, sorted. */
  list(prefix: string): Promise<string[]>;
  /** Removes a named object; no error where there is none. */
  remove(name: string): Promise<void>;
}
