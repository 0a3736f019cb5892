/** Search by threads of this process: `port.ts` says what it does. A thread that dies fails the searches that it was at, and is replaced. */
import { search, type Coverage } from '#kit/search/query/search';
import { buildIndex } from './build.ts';
import { IndexFolder } from './folder.ts';
import type { Answer, Asking, CodeDefinitions, CodeHit, CodeIndex, CodeQuery, Searching } from './port.ts';
import type { SearchNews, SearchOrder } from './search-worker.ts';
import { questionOf } from './question.ts';
import { errorOf, startThread, type Thread } from './thread.ts';

/** One search, or one verification: what came and was not taken yet. */
class Running {
  readonly id: number;
  readonly thread: SearchingThread;
  readonly stop = new Int32Array(new SharedArrayBuffer(4));
  defined: CodeDefinitions | null = null;
  private batches: (readonly CodeHit[])[] = [];
  private ended: Error | true | null = null;
  private wake: (() => void) | null = null;
  private readonly heard: (coverage: Coverage) => void;

  constructor(id: number, thread: SearchingThread, heard: (coverage: Coverage) => void) {
    this.id = id;
    this.thread = thread;
    this.heard = heard;
  }

  take(news: SearchNews): void {
    if ('defined' in news) this.defined = news.defined;
    else if ('hits' in news) {
      this.heard(news.coverage);
      this.batches.push(news.hits);
    } else this.end('failure' in news ? errorOf(news.failure) : true);
    this.wake?.();
  }

  end(how: Error | true): void {
    this.ended ??= how;
    this.wake?.();
  }

  cancel(): void {
    Atomics.store(this.stop, 0, 1);
    this.thread.more(this.id);
  }

  /** The next batch, or null at the end. */
  async next(): Promise<readonly CodeHit[] | null> {
    for (;;) {
      const batch = this.batches.shift();
      if (batch) {
        this.thread.more(this.id);
        return batch;
      }
      if (this.ended instanceof Error) throw this.ended;
      if (this.ended) return null;
      await new Promise<void>((resolve) => { this.wake = resolve; });
    }
  }
}

class SearchingThread {
  private readonly thread: Thread<SearchOrder, SearchNews>;
  private readonly running = new Map<number, Running>();
  isGone = false;

  constructor() {
    this.thread = startThread(new URL(import.meta.url.endsWith('.ts') ? './search-worker.ts' : './search-worker.js', import.meta.url));
    this.thread.onTold((news) => {
      this.running.get(news.id)?.take(news);
      if ('done' in news || 'failure' in news) this.running.delete(news.id);
    });
    this.thread.onGone((reason) => {
      this.isGone = true;
      for (const search of this.running.values()) search.end(new Error(`the thread that searches ended: ${reason}`));
      this.running.clear();
    });
  }

  get load(): number {
    return this.running.size;
  }

  begin(running: Running, order: SearchOrder): void {
    this.running.set(running.id, running);
    this.thread.tell(order);
  }

  more(id: number): void {
    if (this.running.has(id)) this.thread.tell({ act: 'more', id });
  }

  stop(): Promise<void> {
    return this.thread.stop();
  }
}

class Pool {
  private readonly most: number;
  private threads: SearchingThread[] = [];
  private closed = false;
  private next = 0;

  constructor(most: number) {
    this.most = most;
  }

  begin(order: (id: number, stop: Int32Array) => SearchOrder, heard: (coverage: Coverage) => void): Running {
    if (this.closed) throw new Error('searching was closed');
    const running = new Running(this.next++, this.idlest(), heard);
    running.thread.begin(running, order(running.id, running.stop));
    return running;
  }

  private idlest(): SearchingThread {
    this.threads = this.threads.filter((thread) => !thread.isGone);
    const free = this.threads.toSorted((a, b) => a.load - b.load)[0];
    if (free && (free.load === 0 || this.threads.length >= this.most)) return free;
    const thread = new SearchingThread();
    this.threads.push(thread);
    return thread;
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.threads.map((thread) => thread.stop()));
  }
}

class Index implements CodeIndex {
  readonly name: string;
  readonly manifest: CodeIndex['manifest'];
  private readonly folder: string;
  private readonly pool: Pool;

  constructor(folder: string, pool: Pool) {
    const { name, manifest } = new IndexFolder(folder);
    [this.name, this.manifest, this.folder, this.pool] = [name, manifest, folder, pool];
  }

  search(query: CodeQuery, asking?: Asking): Answer {
    return this.ask(query, false, asking);
  }

  references(query: Omit<CodeQuery, 'kind' | 'wholeWord'>, asking?: Asking): Answer {
    return this.ask({ ...query, kind: 'text', wholeWord: true }, true, asking);
  }

  async define(wanted: string, { signal }: Asking = {}): Promise<CodeDefinitions> {
    search(this.manifest, [], questionOf({ text: wanted, kind: 'text', most: 1 }));
    const { folder, name } = this;
    const running = this.pool.begin((id, stop) => {
      if (signal?.aborted) Atomics.store(stop, 0, 1);
      return { act: 'define', id, folder, name, wanted, stop };
    }, () => undefined);
    const cancel = (): void => running.cancel();
    signal?.addEventListener('abort', cancel);
    try {
      await running.next();
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
    if (!running.defined) throw new Error('the thread gave no answer');
    return running.defined;
  }

  private ask(query: CodeQuery, uses: boolean, { signal, mostWork }: Asking = {}): Answer {
    // What cannot be asked is refused here.
    search(this.manifest, [], questionOf(query));
    const { folder, name, pool, manifest } = this;
    const files = manifest.text + manifest.binary;
    let coverage: Coverage = {
      files, excluded: 0, ruledOut: 0, read: 0, notReached: files, bytesRead: 0, blocksRead: 0, lines: 0, refused: manifest.refused, ended: null,
    };
    async function* hits(): AsyncGenerator<CodeHit> {
      const running = pool.begin((id, stop) => {
        if (signal?.aborted) Atomics.store(stop, 0, 1);
        return { act: 'search', id, folder, name, query, mostWork, stop, uses };
      }, (heard) => { coverage = heard; });
      const cancel = (): void => running.cancel();
      signal?.addEventListener('abort', cancel);
      try {
        for (let batch = await running.next(); batch; batch = await running.next()) yield* batch;
      } finally {
        signal?.removeEventListener('abort', cancel);
        // Whoever leaves early wants no more; one that has ended hears nothing of it.
        cancel();
      }
    }
    return { coverage: () => coverage, [Symbol.asyncIterator]: () => hits() };
  }

  async verify(): Promise<void> {
    const { folder, name } = this;
    await this.pool.begin((id) => ({ act: 'verify', id, folder, name }), () => undefined).next();
  }
}

/** `threads` search at once; what is asked beyond takes turns on them. */
export function startSearching({ threads = 2 }: { readonly threads?: number } = {}): Searching {
  const pool = new Pool(threads);
  return {
    build: buildIndex,
    openIndex: async (folder) => new Index(folder, pool),
    close: () => pool.close(),
  };
}
