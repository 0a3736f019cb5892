/** Object stores of others as a port: listing and reading what somebody puts into a bucket for us. Nothing is written. */

export interface Bucket {
  /** Null: the store's own address for the region. */
  readonly endpoint: string | null;
  readonly region: string;
  readonly bucket: string;
  /** The bucket stands in the path and not in the host. */
  readonly pathStyle: boolean;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface ListedObject { readonly key: string; readonly sizeBytes: number }

/** `refused`: the store said no. `blocked`: a rule of ours. The others are as of the outbound port. */
export class ObjectsError extends Error {
  override readonly name = 'ObjectsError';
  readonly reason: 'refused' | 'blocked' | 'unreachable' | 'too-large';
  constructor(reason: ObjectsError['reason'], sentence: string, options?: ErrorOptions) {
    super(sentence, options);
    this.reason = reason;
  }
}

export interface Objects {
  /** Keys under a prefix after one, in the store's order (UTF-8 bytes), up to a thousand. Throws an ObjectsError. */
  list(bucket: Bucket, prefix: string, after: string | null, signal?: AbortSignal): Promise<readonly ListedObject[]>;
  /** The bytes of one. Throws an ObjectsError, also half-way: `too-large` past `bytesMax`. */
  open(bucket: Bucket, key: string, bytesMax: number, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}
