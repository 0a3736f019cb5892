/**
 * Blobs in a bucket of any store that speaks S3, by the SDK of its makers: content under `blobs/<sha256>`, named objects under `objects/`.
 * The store has to know conditional writes (`If-Match`, `If-None-Match`): an object that is replaced carries the epoch of whoever
 * wrote it or claimed it, so that a claim changes its ETag and a write that began before it fails. If we crash within a write there is the old
 * object or the new one, and perhaps parts of an upload that the bucket's own rules throw away.
 */
import { createReadStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Random } from '../random.ts';
import { checkObjectName, isSha256 } from './names.ts';
import type { Blobs, Fence, Stored } from './port.ts';
import { writeContent } from './written.ts';

export interface BlobStore {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Ends in a slash, or is empty. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** `https://KEY:SECRET@HOST[:PORT]/BUCKET[/PREFIX][?region=NAME]`; null where it is none. */
export function blobStoreOf(text: string): BlobStore | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const [, bucket = '', ...rest] = url.pathname.split('/');
  const decoded = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch {
      return '';
    }
  };
  const [accessKeyId, secretAccessKey] = [decoded(url.username), decoded(url.password)];
  const path = rest.filter((part) => part !== '');
  const fits = /^https?:$/.test(url.protocol) && /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) && url.hash === ''
    && path.every((part) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(part)) && [...url.searchParams.keys()].every((name) => name === 'region');
  if (!fits || accessKeyId === '' || secretAccessKey === '') return null;
  return {
    endpoint: `${url.protocol}//${url.host}`, region: url.searchParams.get('region') ?? 'us-east-1', bucket,
    prefix: path.map((part) => `${part}/`).join(''), accessKeyId, secretAccessKey,
  };
}

/** What fails is thrown, and told by whoever asked. */
const quiet = (): void => undefined;
const silent = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet };

/** Loaded when it is wanted: it is large, and most hubs keep files. */
const sdk = () => import('@aws-sdk/client-s3');

/** What is longer goes in parts of this size; a store takes ten thousand of them. */
const partBytes = 64 * 1024 * 1024;
/** An epoch in front of each named object, and a line's end: what has the epoch alone is claimed, and holds nothing yet. */
const epochBytes = 16;
/** Objects written side by side. */
const atOnce = 16;

const statusOf = (error: unknown): number | undefined => (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
/** Somebody else was faster: 412, or 409 of a store that saw both at once. */
const isBeaten = (error: unknown): boolean => [409, 412].includes(statusOf(error) ?? 0);

interface Held { readonly etag: string; readonly epoch: number; readonly bytes: Uint8Array | null }

const framed = (epoch: number, bytes: Uint8Array | null): Uint8Array =>
  Buffer.concat([Buffer.from(String(epoch).padStart(epochBytes, '0')), ...bytes === null ? [] : [Buffer.from('\n'), bytes]]);

class S3Blobs implements Blobs {
  readonly #client: S3Client;
  readonly #store: BlobStore;
  readonly #folder: string;
  readonly #random: Random;

  constructor(client: S3Client, store: BlobStore, folder: string, random: Random) {
    this.#client = client;
    this.#store = store;
    this.#folder = folder;
    this.#random = random;
  }

  #at(key: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#store.bucket, Key: `${this.#store.prefix}${key}` };
  }

  #object(name: string): { readonly Bucket: string; readonly Key: string } {
    checkObjectName(name);
    return this.#at(`objects/${name}`);
  }

  async put(content: AsyncIterable<Uint8Array> | Uint8Array): Promise<Stored> {
    // Its name is its digest, which is known at its end: it waits in a file.
    const temporary = join(this.#folder, `blob-${Buffer.from(this.#random.bytes(16)).toString('hex')}`);
    try {
      const handle = await open(temporary, 'wx', 0o600);
      const stored = await writeContent(handle, content).finally(() => handle.close());
      if (await this.size(stored.sha256) !== stored.sizeBytes) await this.#send(temporary, stored);
      return stored;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async #send(file: string, { sha256, sizeBytes }: Stored): Promise<void> {
    const { PutObjectCommand, CreateMultipartUploadCommand, UploadPartCommand, CompleteMultipartUploadCommand, AbortMultipartUploadCommand } = await sdk();
    const at = this.#at(`blobs/${sha256}`);
    if (sizeBytes <= partBytes) {
      await this.#client.send(new PutObjectCommand({ ...at, Body: sizeBytes === 0 ? new Uint8Array() : createReadStream(file), ContentLength: sizeBytes }));
      return;
    }
    const size = Math.max(partBytes, Math.ceil(sizeBytes / 9_000));
    const { UploadId } = await this.#client.send(new CreateMultipartUploadCommand(at));
    try {
      const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
      for (let from = 0, PartNumber = 1; from < sizeBytes; from += size, PartNumber++) {
        const to = Math.min(from + size, sizeBytes);
        const { ETag } = await this.#client.send(new UploadPartCommand({
          ...at, UploadId, PartNumber, ContentLength: to - from, Body: createReadStream(file, { start: from, end: to - 1 }),
        }));
        Parts.push({ PartNumber, ETag });
      }
      await this.#client.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
    } catch (error) {
      await this.#client.send(new AbortMultipartUploadCommand({ ...at, UploadId })).catch(() => undefined);
      throw error;
    }
  }

  async discard(sha256: string): Promise<void> {
    if (!isSha256(sha256)) return;
    const { DeleteObjectCommand } = await sdk();
    await this.#client.send(new DeleteObjectCommand(this.#at(`blobs/${sha256}`)));
  }

  async size(sha256: string): Promise<number | null> {
    if (!isSha256(sha256)) return null;
    const { HeadObjectCommand } = await sdk();
    return this.#client.send(new HeadObjectCommand(this.#at(`blobs/${sha256}`))).then((found) => found.ContentLength ?? 0, nullIfMissing);
  }

  async open(sha256: string, from = 0, to = Infinity): Promise<AsyncIterable<Uint8Array> | null> {
    const size = await this.size(sha256);
    if (size === null) return null;
    const end = Math.min(to, size);
    if (from >= end) return Readable.from([]);
    const { GetObjectCommand } = await sdk();
    return this.#client.send(new GetObjectCommand({ ...this.#at(`blobs/${sha256}`), Range: `bytes=${from}-${end - 1}` }))
      .then(({ Body }) => streamOf(Body), nullIfMissing);
  }

  write(name: string, bytes: Uint8Array): Promise<void> {
    return this.writeAll([[name, bytes]]);
  }

  async writeAll(objects: readonly (readonly [name: string, bytes: Uint8Array])[]): Promise<void> {
    const targets = objects.map(([name]) => this.#object(name));
    const { PutObjectCommand } = await sdk();
    for (let at = 0; at < objects.length; at += atOnce) {
      await Promise.all(objects.slice(at, at + atOnce).map(([, bytes], i) =>
        this.#client.send(new PutObjectCommand({ ...targets[at + i] as (typeof targets)[number], Body: framed(0, bytes) }))));
    }
  }

  /** A named object with its ETag and the epoch that it carries; null where nobody wrote or claimed it. */
  async #held(name: string): Promise<Held | null> {
    const { GetObjectCommand } = await sdk();
    const found = await this.#client.send(new GetObjectCommand(this.#object(name))).catch(nullIfMissing);
    if (found === null) return null;
    const pieces: Uint8Array[] = [];
    for await (const piece of streamOf(found.Body)) pieces.push(piece);
    const whole = Buffer.concat(pieces);
    const epoch = Number(whole.subarray(0, epochBytes).toString('latin1'));
    const isOurs = whole.length === epochBytes || whole[epochBytes] === 0x0a;
    if (!isOurs || !Number.isSafeInteger(epoch) || found.ETag === undefined) throw new Error(`the object ${name} in the bucket was not written by a hub`);
    return { etag: found.ETag, epoch, bytes: whole.length === epochBytes ? null : new Uint8Array(whole.subarray(epochBytes + 1)) };
  }

  /** Writes where it still is what was held; answers false where somebody was faster. */
  async #exchange(name: string, held: Held | null, bytes: Uint8Array): Promise<boolean> {
    const { PutObjectCommand } = await sdk();
    const condition = held === null ? { IfNoneMatch: '*' } : { IfMatch: held.etag };
    return this.#client.send(new PutObjectCommand({ ...this.#object(name), Body: bytes, ...condition })).then(() => true, (error: unknown) => {
      // What was held may be removed meanwhile.
      if (isBeaten(error) || statusOf(error) === 404) return false;
      throw error;
    });
  }

  async replace(name: string, bytes: Uint8Array, fence: Fence): Promise<boolean> {
    for (;;) {
      const held = await this.#held(name);
      if ((held !== null && held.epoch > fence.epoch) || !fence.holds()) return false;
      if (await this.#exchange(name, held, framed(fence.epoch, bytes))) return true;
    }
  }

  async claim(name: string, epoch: number): Promise<void> {
    for (;;) {
      const held = await this.#held(name);
      // The last claim counts: records that were put back begin again at a lower epoch, alone.
      if (held?.epoch === epoch || await this.#exchange(name, held, framed(epoch, held?.bytes ?? null))) return;
    }
  }

  async read(name: string): Promise<Uint8Array | null> {
    return (await this.#held(name))?.bytes ?? null;
  }

  async list(prefix: string): Promise<string[]> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (folder !== '') checkObjectName(folder.slice(0, -1));
    const { ListObjectsV2Command } = await sdk();
    const { Bucket, Key } = this.#at('objects/');
    const names: string[] = [];
    for (let token: string | undefined, more = true; more;) {
      const answer = await this.#client.send(new ListObjectsV2Command({ Bucket, Prefix: `${Key}${prefix}`, ContinuationToken: token }));
      for (const { Key: key = '', Size = 0 } of answer.Contents ?? []) if (Size > epochBytes) names.push(key.slice(Key.length));
      token = answer.NextContinuationToken;
      more = answer.IsTruncated === true && token !== undefined;
    }
    return names.sort();
  }

  async remove(name: string): Promise<void> {
    const target = this.#object(name);
    const { DeleteObjectCommand } = await sdk();
    await this.#client.send(new DeleteObjectCommand(target));
  }
}

function nullIfMissing(error: unknown): null {
  if (statusOf(error) === 404) return null;
  throw error;
}

function streamOf(body: unknown): AsyncIterable<Uint8Array> {
  if (body instanceof Readable) return body;
  throw new Error('the object store sent no bytes');
}

/**
 * Looks into the bucket once, so that a wrong address or secret fails at the start. `folder` is this process's alone, for content on its
 * way: what a crash left in it is thrown away.
 */
export async function s3Blobs(store: BlobStore, folder: string, random: Random): Promise<Blobs & { close(): Promise<void> }> {
  const { S3Client: Client, HeadBucketCommand } = await sdk();
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const client = new Client({
    region: store.region, endpoint: store.endpoint, forcePathStyle: true, maxAttempts: 3,
    credentials: { accessKeyId: store.accessKeyId, secretAccessKey: store.secretAccessKey },
    // Content is known by its own digest; sums that a store may or may not have are not asked for.
    requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED',
    followRegionRedirects: false, defaultUserAgentProvider: async () => [['entente']], logger: silent,
  });
  await client.send(new HeadBucketCommand({ Bucket: store.bucket })).catch((error: unknown) => {
    client.destroy();
    const status = statusOf(error);
    throw new Error(status === undefined ? 'it does not answer' : `it answered ${status} about the bucket`, { cause: error });
  });
  return Object.assign(new S3Blobs(client, store, folder, random), { close: async () => client.destroy() });
}
