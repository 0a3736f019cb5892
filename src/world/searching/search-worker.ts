/**
 * The thread that searches: several searches in turn, a few milliseconds each, so that a short one does not wait for a long one. Hits
 * go out in batches, a few ahead of what the reader has taken.
 */
import { parentPort, type MessagePort } from 'node:worker_threads';
import { nextTurn } from '#kit/turn';
import { startKernel, type Kernel } from '#kit/search/query/kernel';
import { search, type Coverage, type Hit } from '#kit/search/query/search';
import { definitionsOf, isDefinition, type Definitions } from '#kit/search/symbols/lookup';
import { ranked } from '#kit/search/symbols/ranking';
import { IndexFolder, OpenShards } from './folder.ts';
import type { CodeDefinitions, CodeHit, CodeQuery } from './port.ts';
import { codeDefinition, codeHit, questionOf } from './question.ts';
import { failureOf, type Failure } from './thread.ts';

export type SearchOrder =
  | { readonly act: 'search'; readonly id: number; readonly folder: string; readonly name: string; readonly query: CodeQuery;
      readonly mostWork: number | undefined;
      /** Without the places in which what is asked for is defined. */
      readonly uses: boolean;
      /** One word: 1 once it is to end. */
      readonly stop: Int32Array }
  | { readonly act: 'define'; readonly id: number; readonly folder: string; readonly name: string; readonly wanted: string; readonly stop: Int32Array }
  | { readonly act: 'verify'; readonly id: number; readonly folder: string; readonly name: string }
  /** The reader has taken a batch. */
  | { readonly act: 'more'; readonly id: number };

export type SearchNews =
  | { readonly id: number; readonly hits: readonly CodeHit[]; readonly coverage: Coverage }
  | { readonly id: number; readonly defined: CodeDefinitions }
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
    const running = order.act === 'search' ? this.search(order) : order.act === 'define' ? this.define(order) : this.verify(order);
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

  /** Lets others have their turn where it is time, and waits for the reader. */
  private async turns(id: number, signal: { readonly aborted: boolean }): Promise<void> {
    await nextTurn();
    const state = this.ahead.get(id);
    while (state && state.count > mostAhead && !signal.aborted) await new Promise<void>((resolve) => { state.resume = resolve; });
  }

  private async search({ id, folder, name, query, mostWork, stop, uses }: SearchOrder & { act: 'search' }): Promise<void> {
    const index = this.folder(folder, name);
    const signal = { get aborted() { return Atomics.load(stop, 0) === 1; } };
    const state = { count: 0, resume: null as (() => void) | null };
    this.ahead.set(id, state);
    const isLeftOut = uses ? isDefinition((await this.found(index, query.text, signal)).found) : () => false;
    let hits: Hit[] = [];
    let since = performance.now();
    const options = { signal, kernel: this.kernel, ...(mostWork === undefined ? {} : { mostWork }) };
    for (const batch of search(index.manifest, index.shards(), questionOf(query), options)) {
      for (const hit of batch.hits) if (!isLeftOut(hit)) hits.push(hit);
      const late = performance.now() - since > turn;
      const isHeld = query.order === 'rank' && !batch.coverage.ended;
      if (!isHeld && (hits.length >= mostHits || late || batch.coverage.ended)) {
        this.tell({ id, hits: (query.order === 'rank' ? ranked(hits) : hits).map(codeHit), coverage: batch.coverage });
        hits = [];
        state.count++;
      }
      if (!late) continue;
      await this.turns(id, signal);
      since = performance.now();
    }
  }

  private async found(index: IndexFolder, wanted: string, signal: { readonly aborted: boolean }): Promise<Definitions> {
    const looking = definitionsOf(index.manifest, index.shards(), wanted, { signal, kernel: this.kernel, names: index.names() });
    for (let since = performance.now(); ;) {
      const { done, value } = looking.next();
      if (done) return value;
      if (performance.now() - since < turn) continue;
      await nextTurn();
      since = performance.now();
    }
  }

  private async define({ id, folder, name, wanted, stop }: SearchOrder & { act: 'define' }): Promise<void> {
    const signal = { get aborted() { return Atomics.load(stop, 0) === 1; } };
    const { found, ...rest } = await this.found(this.folder(folder, name), wanted, signal);
    this.tell({ id, defined: { definitions: found.map(codeDefinition), ...rest } });
  }

  private async verify({ folder, name }: SearchOrder & { act: 'verify' }): Promise<void> {
    for (const shard of this.folder(folder, name).shards()) {
      shard.verify();
      await nextTurn();
    }
  }
}

if (parentPort) new SearchThread(parentPort);
