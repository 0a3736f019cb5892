/**
 * The thread that builds an index: takes files as they come, in parcels, compares each with its digest, and writes shards into a folder that
 * nobody reads yet. Of the last release's index it first takes over what serves again, and says which files it wants.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, copyFileSync, existsSync, linkSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, type MessagePort } from 'node:worker_threads';
import { fromHex, toHex } from '#kit/encoding';
import { nodeTreeHash } from '#kit/hash/node';
import { IndexBuilder } from '#kit/search/index/builder';
import type { FileEncoding } from '#kit/search/index/encodings';
import { writeManifest } from '#kit/search/index/manifest';
import { planReuse, type Kept } from '#kit/search/index/reuse';
import type { Sink } from '#kit/search/index/shard-builder';
import { namesOf } from '#kit/search/symbols/names';
import { IndexFolder, manifestName, namesFile, symbolsName, writeListed } from './folder.ts';
import type { SourceFile } from './port.ts';
import { failureOf, type Failure } from './thread.ts';

interface Begin {
  readonly begin: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly as: FileEncoding;
}
export type BuildStep =
  | Begin
  /** So many of the parcel's bytes, in order. */
  | { readonly push: number }
  | 'end'
  | { readonly refuse: string; readonly bytes: number; readonly reason: string };

export type BuildMessage =
  | { readonly start: string; readonly files: readonly SourceFile[]; readonly previous: string | undefined }
  | { readonly parcel: readonly BuildStep[]; readonly bytes: Uint8Array }
  | 'finish';

export type BuildNews =
  | { readonly fresh: readonly string[] }
  | 'taken'
  | { readonly name: string }
  | { readonly failure: Failure };

function digestBytes(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes?.length !== 32) throw new Error(`${hex} is no SHA-256`);
  return bytes;
}

function sinkOf(path: string): Sink {
  const file = openSync(path, 'wx');
  return {
    write: (bytes) => { for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at); },
    end: () => closeSync(file),
  };
}

/** The same file under another name, where the file system can; it is never written again. */
function take(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

class Building {
  private readonly folder: string;
  private readonly builder: IndexBuilder;
  private digest: Hash | null = null;
  private file = { path: '', sha256: '' };

  constructor(folder: string, kept: Kept | null) {
    this.folder = folder;
    this.builder = new IndexBuilder({ sha256: nodeTreeHash.sha256, open: (name) => sinkOf(join(folder, name)), ...(kept ? { kept } : {}) });
  }

  parcel(steps: readonly BuildStep[], bytes: Uint8Array): void {
    let at = 0;
    for (const step of steps) {
      if (step === 'end') this.end();
      else if ('begin' in step) this.begin(step);
      else if ('refuse' in step) this.builder.refuse(step.refuse, step.bytes, step.reason);
      else {
        const piece = bytes.subarray(at, at + step.push);
        this.digest?.update(piece);
        this.builder.push(piece);
        at += step.push;
      }
    }
  }

  private begin({ begin: path, sha256, bytes, as }: Begin): void {
    if (as !== 'bytes') return this.builder.beginText(path, digestBytes(sha256), as);
    if (!this.builder.begin(path, bytes, digestBytes(sha256))) throw new Error(`${path} is too large to be sent`);
    this.digest = createHash('sha256');
    this.file = { path, sha256 };
  }

  private end(): void {
    this.builder.end();
    const { path, sha256 } = this.file;
    if (this.digest && this.digest.digest('hex') !== sha256) throw new Error(`the stored bytes of ${path} are not those of ${sha256}`);
    this.digest = null;
  }

  finish(): string {
    const bytes = writeManifest(this.builder.finish());
    writeFileSync(join(this.folder, manifestName), bytes, { flag: 'wx' });
    const name = toHex(nodeTreeHash.sha256(bytes));
    this.listNames(name);
    return name;
  }

  /** What the files of each shard define; of one that was taken over the list is there already. */
  private listNames(index: string): void {
    const lists: Record<string, string> = {};
    const folder = new IndexFolder(this.folder);
    for (const shard of folder.shards()) {
      const path = join(this.folder, namesFile(shard.record.name));
      if (!existsSync(path)) writeFileSync(path, namesOf(shard), { flag: 'wx' });
      lists[shard.record.name] = toHex(nodeTreeHash.sha256(readFileSync(path)));
    }
    folder.close();
    writeFileSync(join(this.folder, symbolsName), writeListed(index, lists), { flag: 'wx' });
  }
}

/** Takes over what it can of another index, and says what is left to be read. */
function begun(folder: string, files: readonly SourceFile[], previous: string | undefined): { building: Building; fresh: readonly string[] } {
  if (previous === undefined) return { building: new Building(folder, null), fresh: files.map(({ path }) => path) };
  const last = new IndexFolder(previous);
  const { kept, fresh } = planReuse([...last.shards()], new Map(files.map(({ path, sha256 }) => [path, digestBytes(sha256)])));
  for (const { name } of kept.shards) {
    take(join(previous, name), join(folder, name));
    const names = join(previous, namesFile(name));
    // A list that is not the one that was written is made anew.
    if (existsSync(names) && toHex(nodeTreeHash.sha256(readFileSync(names))) === last.listed?.[name]) take(names, join(folder, namesFile(name)));
  }
  last.close();
  return { building: new Building(folder, kept), fresh };
}

function serve(port: MessagePort): void {
  let building: Building | null = null;
  const tell = (news: BuildNews): void => port.postMessage(news);
  port.on('message', (message: BuildMessage) => {
    try {
      if (message === 'finish') tell({ name: (building as Building).finish() });
      else if ('start' in message) {
        const started = begun(message.start, message.files, message.previous);
        building = started.building;
        tell({ fresh: started.fresh });
      } else {
        building?.parcel(message.parcel, message.bytes);
        tell('taken');
      }
    } catch (error) {
      tell({ failure: failureOf(error) });
    }
  });
}

if (parentPort) serve(parentPort);
