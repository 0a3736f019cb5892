/**
 * The folder of an index, read by whoever asks it: shards are opened when a search comes to them, and those that were used last are kept
 * within a bound. Text and lists of blocks are read at their places and not kept at all: the system's page cache has them.
 */
import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { basename, join } from 'node:path';
import { canonicalText, fromCanonical } from '#kit/canonical/canonical';
import { fromUtf8, toHex, toUtf8 } from '#kit/encoding';
import { nodeTreeHash } from '#kit/hash/node';
import { damage } from '#kit/search/index/damage';
import type { Manifest, ShardRecord } from '#kit/search/index/layout';
import { readManifest } from '#kit/search/index/manifest';
import { Shard } from '#kit/search/index/shard';
import type { NamesOf } from '#kit/search/symbols/lookup';
import { Names } from '#kit/search/symbols/names';

export const manifestName = 'manifest.json';
export const symbolsName = 'symbols.json';
export const namesFile = (shard: string): string => shard.replace(/shard$/, 'names');
/** What the tables of open shards may take, in bytes, and how many files are held open. */
const [usualTables, mostFiles] = [192 * 2 ** 20, 256];

/**
 * What one thread has open of all indexes: what was used last stays. A shard that was let go of can still be read by a search that holds
 * it, since its file is opened again then.
 */
export class OpenShards {
  private readonly most: number;
  private readonly shards = new Map<string, Shard>();
  private tables = 0;
  private readonly files = new Map<string, number>();
  private buffer = Buffer.alloc(2 ** 18);

  constructor(most = usualTables) {
    this.most = most;
  }

  get(path: string, record: ShardRecord): Shard {
    const shard = this.shards.get(path) ?? this.add(path, record);
    // Behind all others: the map is in the order of use.
    this.shards.delete(path);
    this.shards.set(path, shard);
    return shard;
  }

  /** Lets go of what lies in a folder, or of everything. */
  forget(folder?: string): void {
    const isIn = (path: string): boolean => folder === undefined || path.startsWith(join(folder, '/'));
    for (const [path, shard] of this.shards) if (isIn(path)) this.drop(path, shard);
    for (const [path, file] of this.files) if (isIn(path)) this.close(path, file);
  }

  private add(path: string, record: ShardRecord): Shard {
    const shard = new Shard(record, (offset, bytes, into) => this.read(path, offset, bytes, into), nodeTreeHash.sha256);
    for (const [other, held] of this.shards) {
      if (this.tables + shard.tableBytes <= this.most) break;
      this.drop(other, held);
    }
    this.tables += shard.tableBytes;
    this.shards.set(path, shard);
    return shard;
  }

  private drop(path: string, shard: Shard): void {
    this.shards.delete(path);
    this.tables -= shard.tableBytes;
  }

  private close(path: string, file: number): void {
    this.files.delete(path);
    closeSync(file);
  }

  private file(path: string): number {
    const known = this.files.get(path);
    if (known !== undefined) return known;
    const [oldest] = this.files;
    if (this.files.size >= mostFiles && oldest) this.close(...oldest);
    const file = opened(path);
    this.files.set(path, file);
    return file;
  }

  /** One buffer for all reading of a thread: what was read is used up before the next is read. */
  private read(path: string, offset: number, bytes: number, into?: Uint8Array): Uint8Array {
    const file = this.file(path);
    if (!into && this.buffer.length < bytes) this.buffer = Buffer.alloc(bytes);
    const target = into ?? this.buffer;
    let read = 0;
    for (let got = -1; read < bytes && got !== 0; read += got) got = readSync(file, target, read, bytes - read, offset + read);
    const out = target.subarray(0, read);
    // A section that is read whole is rare and long; room for it is not kept.
    if (this.buffer.length > 2 ** 21) this.buffer = Buffer.alloc(2 ** 18);
    return out;
  }
}

function opened(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw damage(`${basename(path)} is gone`);
    throw error;
  }
}

/** What says that the lists of names are whole: the index that they are of, and the SHA-256 of each. */
export const writeListed = (index: string, lists: Readonly<Record<string, string>>): Uint8Array =>
  toUtf8(canonicalText({ format: 'entente-symbols/1', index, lists }));

function listedIn(path: string, index: string): Readonly<Record<string, string>> | null {
  if (!existsSync(path)) return null;
  const value = fromCanonical(fromUtf8(readFileSync(path)) ?? '');
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const { format, index: of, lists } = fields;
  if (format !== 'entente-symbols/1' || of !== index || typeof lists !== 'object' || lists === null) throw damage('the lists of names are of another index');
  return lists as Readonly<Record<string, string>>;
}

export class IndexFolder {
  readonly manifest: Manifest;
  /** SHA-256 of the manifest. */
  readonly name: string;
  /** SHA-256 of the list of names beside each shard; null where none were made. */
  readonly listed: Readonly<Record<string, string>> | null;
  private readonly folder: string;
  private readonly shardsOpen: OpenShards;
  private readonly read = new Map<string, Names>();

  constructor(folder: string, shardsOpen = new OpenShards()) {
    this.folder = folder;
    this.shardsOpen = shardsOpen;
    const bytes = readFileSync(join(folder, manifestName));
    this.manifest = readManifest(bytes);
    this.name = toHex(nodeTreeHash.sha256(bytes));
    this.listed = listedIn(join(folder, symbolsName), this.name);
  }

  /** The lists of names that were made with the index; null where none were. */
  names(): NamesOf | null {
    const listed = this.listed;
    return listed && ((shard) => {
      const { name } = shard.record;
      const digest = listed[name];
      const known = this.read.get(name);
      if (known || digest === undefined) return known ?? new Names(Uint8Array.of(0, 0), shard);
      const bytes = readFileSync(join(this.folder, namesFile(name)));
      if (toHex(nodeTreeHash.sha256(bytes)) !== digest) throw damage(`the names of ${name} are not those that were written`);
      const names = new Names(bytes, shard);
      this.read.set(name, names);
      return names;
    });
  }

  /** One shard after the other. */
  *shards(): Generator<Shard> {
    for (const { name } of this.manifest.shards) yield this.shard(name);
  }

  shard(name: string): Shard {
    const record = this.manifest.shards.find((shard) => shard.name === name);
    if (!record) throw new Error(`there is no shard ${name}`);
    return this.shardsOpen.get(join(this.folder, name), record);
  }

  close(): void {
    this.shardsOpen.forget(this.folder);
  }
}
