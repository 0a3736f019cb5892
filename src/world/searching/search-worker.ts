/**
 * The thread that searches: several searches in turn, a few milliseconds each, so that a short one does not wait for a long one. Hits
 * go out in batches, a few ahead of what the reader has taken.
 */
import { parentPort, type MessagePort } from 'node:worker_threads';
import { startKernel, type Kernel } from '#kit/search/query/kernel';
import { search, type Coverage } from '#kit/search/query/search';
import { IndexFolder, OpenShards } from './folder.ts';
import type { CodeHit, CodeQuery } from './port.ts';
import { codeHit, questionOf } from './question.ts';
import { failureOf, type Failure } from './thread.ts';

export type SearchOrder =
  | { readonly act: 'search'; readonly id: number; readonly folder: string; readonly name: string; readonly query: CodeQuery;
      readonly mostWork: number | undefined;
      /** One word: 1 once it is to end. */
      readonly stop: Int32Array }
  | { readonly act: 'verify'; readonly id: number; readonly folder: string; readonly name: string }
  /** The reader has taken a batch. */
  | { readonly act: 'more'; readonly id: number };

export type SearchNews =
  | { readonly id: number; readonly hits: readonly CodeHit[]; readonly coverage: Coverage }
  | { readonly id: number; readonly done: true }
  | { readonly id: number; readonly failure: Failure };

/** Hits of a batch, batches ahead of the reader, and milliseconds until others have their turn. */
const [mostHits, mostAhead, turn] = [100, 4, 5];
const mostFolders = 16;

class SearchThread {
  private readonly port: MessagePort;
  private readonly kernel: Kernel | null = startKernel();
  private readonly shards = new OpenShards();
  private readonly folders = new Map<string, IndexFolder>();
  /** Of each search: batches that are on their way, and who waits for the reader. */
  private readonly ahead = new Map<number, { count: number; resume: (() => void) | null }>();

  constructor(port: MessagePort) {
    this.port = port;
    port.on('message', (order: SearchOrder) => this.take(order));
  }

  private take(order: SearchOrder): void {
    if (order.act === 'more') {
      const state = this.ahead.get(order.id);
      if (!state) return;
      state.count--;
      state.resume?.();
      return;
    }
    const running = order.act === 'search' ? this.search(order) : this.verify(order);
    running.then(() => this.tell({ id: order.id, done: true }), (error: unknown) => this.tell({ id: order.id, failure: failureOf(error) }))
      .finally(() => this.ahead.delete(order.id));
  }

  private tell(news: SearchNews): void {
    this.port.postMessage(news);
  }

  /** An index is known by its name: another one in the same folder is another index. */
  private folder(folder: string, name: string): IndexFolder {
    const known = this.folders.get(folder);
    if (known?.name === name) return known;
    known?.close();
    const opened = new IndexFolder(folder, this.shards);
    if (opened.name !== name) throw new Error('another index lies in the folder now');
    this.folders.set(folder, opened);
    const [oldest] = this.folders;
    if (this.folders.size > mostFolders && oldest) {
      oldest[1].close();
      this.folders.delete(oldest[0]);
    }
    return opened;
  }

  private async search({ id, folder, name, query, mostWork, stop }: SearchOrder & { act: 'search' }): Promise<void> {
    const index = this.folder(folder, name);
    const signal = { get aborted() { return Atomics.load(stop, 0) === 1; } };
    const state = { count: 0, resume: null as (() => void) | null };
    this.ahead.set(id, state);
    let hits: CodeHit[] = [];
    let since = performance.now();
    const options = { signal, kernel: this.kernel, ...(mostWork === undefined ? {} : { mostWork }) };
    for (const batch of search(index.manifest, index.shards(), questionOf(query), options)) {
      for (const hit of batch.hits) hits.push(codeHit(hit));
      const late = performance.now() - since > turn;
      if (hits.length >= mostHits || late || batch.coverage.ended) {
        this.tell({ id, hits, coverage: batch.coverage });
        hits = [];
        state.count++;
      }
      if (!late) continue;
      await new Promise((resolve) => setImmediate(resolve));
      while (state.count > mostAhead && !signal.aborted) await new Promise<void>((resolve) => { state.resume = resolve; });
      since = performance.now();
    }
  }

  private async verify({ folder, name }: SearchOrder & { act: 'verify' }): Promise<void> {
    for (const shard of this.folder(folder, name).shards()) {
      shard.verify();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

if (parentPort) new SearchThread(parentPort);
