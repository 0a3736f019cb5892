/**
 * Builds an index beside the hub: reads the files out of the blobs, one after the other, and hands them in parcels to a thread, a few ahead
 * of what it has taken. If we crash, a folder is left beside the index's that no one reads; a later build of the same removes it.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { encodingOf, type FileEncoding } from '#kit/search/index/encodings';
import { mostFileBytes } from '#kit/search/index/layout';
import { isSha256 } from '../blobs/names.ts';
import type { BuildMessage, BuildNews, BuildStep } from './build-worker.ts';
import { IndexFolder } from './folder.ts';
import type { BuildOrder, SourceFile } from './port.ts';
import { errorOf, startThread, type Thread } from './thread.ts';

/** A parcel's bytes and steps, and how many are on their way. */
const [parcelBytes, parcelSteps, mostAhead] = [2 ** 20, 4000, 3];
/** A draft that was not written to for so long is nobody's. */
const draftMilliseconds = 3_600_000;

/** The thread as a conversation: whatever it says first is the answer, and its failure is ours. */
class Builder {
  private readonly thread: Thread<BuildMessage, BuildNews>;
  private steps: BuildStep[] = [];
  private bytes = Buffer.allocUnsafeSlow(parcelBytes);
  private filled = 0;
  private ahead = 0;
  private failed: Error | null = null;
  private readonly news: BuildNews[] = [];
  private wake: (() => void) | null = null;

  constructor() {
    this.thread = startThread(new URL(import.meta.url.endsWith('.ts') ? './build-worker.ts' : './build-worker.js', import.meta.url));
    this.thread.onTold((news) => {
      if (news === 'taken') this.ahead--;
      else if ('failure' in news) this.failed ??= errorOf(news.failure);
      else this.news.push(news);
      this.wake?.();
    });
    this.thread.onGone((reason) => {
      this.failed ??= new Error(`the thread that builds the search index ended: ${reason}`);
      this.wake?.();
    });
  }

  tell(message: BuildMessage): void {
    this.thread.tell(message);
  }

  stop(): Promise<void> {
    return this.thread.stop();
  }

  async told(): Promise<BuildNews> {
    await this.until(() => this.news.length > 0);
    return this.news.shift() as BuildNews;
  }

  async step(step: BuildStep): Promise<void> {
    this.steps.push(step);
    if (this.steps.length >= parcelSteps) await this.send();
  }

  async push(chunk: Uint8Array): Promise<void> {
    for (let rest = chunk; rest.length > 0;) {
      const part = rest.subarray(0, parcelBytes - this.filled);
      this.bytes.set(part, this.filled);
      this.filled += part.length;
      rest = rest.subarray(part.length);
      this.steps.push({ push: part.length });
      if (this.filled === parcelBytes || this.steps.length >= parcelSteps) await this.send();
    }
  }

  async send(): Promise<void> {
    if (this.steps.length === 0) return;
    const { steps, bytes, filled } = this;
    this.steps = [];
    this.bytes = Buffer.allocUnsafeSlow(parcelBytes);
    this.filled = 0;
    this.ahead++;
    this.thread.tell({ parcel: steps, bytes: bytes.subarray(0, filled) }, [bytes.buffer]);
    await this.until(() => this.ahead < mostAhead);
  }

  private async until(holds: () => boolean): Promise<void> {
    while (!this.failed && !holds()) await new Promise<void>((resolve) => { this.wake = resolve; });
    if (this.failed) throw this.failed;
  }
}

const kinds: Readonly<Record<number, string>> = { 0o120000: 'a symbolic link', 0o160000: 'another repository', 0o040000: 'a folder' };

/** Why a file is none that can be searched; null where it can. */
function refusalOf({ mode, bytes }: SourceFile): string | null {
  const kind = mode & 0o170000;
  if (kind !== 0 && kind !== 0o100000) return kinds[kind] ?? 'no file';
  return bytes >= mostFileBytes ? 'larger than 2 GiB' : null;
}

async function sendFile(builder: Builder, file: SourceFile, { open, signal }: BuildOrder): Promise<void> {
  const { path, sha256, bytes } = file;
  const refusal = refusalOf(file);
  if (refusal) return builder.step({ refuse: path, bytes, reason: refusal });
  let as: FileEncoding = 'bytes';
  /** Once, and again as text where its first bytes say that it is UTF-16 or UTF-32. */
  for (;;) {
    const content = await open(sha256);
    if (!content && as === 'bytes') return builder.step({ refuse: path, bytes, reason: 'its bytes are not stored' });
    if (!content) throw new Error(`the stored bytes of ${path} went away while it was read`);
    let first: Buffer = Buffer.alloc(0);
    await builder.step({ begin: path, sha256, bytes, as });
    for await (const chunk of content) {
      signal?.throwIfAborted();
      if (first.length < 4) first = Buffer.concat([first, chunk.subarray(0, 4)]);
      await builder.push(chunk);
    }
    await builder.step('end');
    if (as !== 'bytes' || encodingOf(first) === 'bytes') return;
    as = encodingOf(first);
  }
}

async function fill(builder: Builder, draft: string, order: BuildOrder): Promise<string> {
  builder.tell({ start: draft, files: order.files.filter((file) => !refusalOf(file)), previous: order.previous });
  const { fresh } = await builder.told() as { readonly fresh: readonly string[] };
  const wanted = new Set(fresh);
  let bytes = 0;
  for (const [i, file] of order.files.entries()) {
    order.signal?.throwIfAborted();
    if (wanted.has(file.path) || refusalOf(file)) await sendFile(builder, file, order);
    bytes += file.bytes;
    order.progress?.(i + 1, bytes);
  }
  await builder.send();
  builder.tell('finish');
  return (await builder.told() as { readonly name: string }).name;
}

/** Drafts of builds that did not come to their end. */
async function sweep(folder: string): Promise<void> {
  for (const entry of await readdir(dirname(folder))) {
    if (!entry.startsWith(`${basename(folder)}.draft-`)) continue;
    const draft = join(dirname(folder), entry);
    const { mtimeMs } = await stat(draft).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > draftMilliseconds) await rm(draft, { recursive: true, force: true });
  }
}

export async function buildIndex(order: BuildOrder): Promise<string> {
  const paths = new Set(order.files.map(({ path }) => path));
  if (paths.size !== order.files.length) throw new Error('two files of a release have one path');
  const unnamed = order.files.find(({ sha256 }) => !isSha256(sha256));
  if (unnamed) throw new Error(`${unnamed.path}: ${unnamed.sha256} is no SHA-256`);
  const draft = `${order.folder}.draft-${randomUUID()}`;
  await mkdir(dirname(order.folder), { recursive: true });
  await sweep(order.folder);
  await mkdir(draft);
  const builder = new Builder();
  try {
    const name = await fill(builder, draft, order);
    await rename(draft, order.folder).catch((error: Error) => {
      // Two that built the same at once have the same: the first one's stays.
      if (new IndexFolder(order.folder).name !== name) throw error;
    });
    return name;
  } finally {
    await builder.stop();
    await rm(draft, { recursive: true, force: true });
  }
}
