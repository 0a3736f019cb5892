/** What pages of figures ask in common: computed from stored rows when asked and kept only until the next batch ends. */
import { together } from '#kit/together';
import { noSuch } from '#kit/refusal';
import type { SeriesName } from '../model.ts';
import type { Span } from '../periods.ts';
import { definitions, rank, type AreaCount, type Ranking } from '../series.ts';
import { staleMarks, stateOf } from '../settled-store.ts';
import { areaCounts, cellsOf, knownPeriods, type Stale } from '../statistics-store.ts';
import type { LandscapeParts } from './parts.ts';
import { familyTable, type FamilyTable } from './tables.ts';

/** Figures kept at once; a page asks for a few dozen. */
const kept = 400;
export interface Figure { readonly counts: readonly AreaCount[]; readonly ranking: Ranking; readonly computedAt: string }

/** Remembers answers as long as no batch has ended since. */
class Memory {
  private state = '';
  private readonly answers = new Map<string, Promise<unknown>>();
  async get<T>(state: string, key: string, compute: () => Promise<T>): Promise<T> {
    if (state !== this.state) {
      this.answers.clear();
      this.state = state;
    }
    const known = this.answers.get(key);
    if (known !== undefined) return known as Promise<T>;
    const fresh = compute();
    this.answers.set(key, fresh);
    fresh.catch(() => this.answers.delete(key));
    if (this.answers.size > kept) for (const first of [...this.answers.keys()].slice(0, kept / 4)) this.answers.delete(first);
    return fresh;
  }
}

/** The same for whoever's own rows: what costs a scan is remembered for each organisation until a batch of its own ends. */
export class Remembered {
  private readonly parts: Pick<LandscapeParts, 'db' | 'events'>;
  private readonly memories = new Map<string, Memory>();
  constructor(parts: Pick<LandscapeParts, 'db' | 'events'>) {
    this.parts = parts;
  }

  async get<T>(scope: string, key: string, compute: () => Promise<T>): Promise<T> {
    const { db, events } = this.parts;
    const memory = this.memories.get(scope) ?? new Memory();
    this.memories.set(scope, memory);
    return memory.get(await stateOf(db, { events, scope }), key, compute);
  }
}

export class Figures {
  private readonly parts: LandscapeParts;
  private readonly memory = new Memory();
  /** Whose figures, and as of which batch: one question for a page that asks for ten. */
  private readonly state: () => Promise<{ scope: string; state: string } | null>;
  constructor(parts: LandscapeParts) {
    this.parts = parts;
    this.state = together(async () => {
      const scope = await parts.publisher();
      return scope === null ? null : { scope, state: `${scope} ${await stateOf(parts.db, { events: parts.events, scope })}` };
    });
  }

  /** Remembered until a batch of the publisher ends; `none` where nobody publishes. */
  async keep<T>(key: string, none: T, compute: (scope: string, stale: Stale) => Promise<T>): Promise<T> {
    const found = await this.state();
    if (found === null) return none;
    const { scope, state } = found;
    const stale = (): Promise<Stale> => this.memory.get(state, 'stale', async () =>
      new Set((await staleMarks(this.parts.db, this.parts.events, scope)).map((mark) => mark.period)));
    return this.memory.get(state, key, async () => compute(scope, await stale()));
  }

  /** All areas of a period. 404 where the period is none of the series' grains or has no row. */
  async of(series: SeriesName, span: Span): Promise<Figure> {
    const figure = await this.keep<Figure | null>(`figure ${series} ${span.period}`, null, async (scope, stale) => {
      const counts = await areaCounts(this.parts.events, scope, series, span, stale);
      return { counts, ranking: rank(definitions[series], counts), computedAt: this.parts.clock.iso() };
    });
    if (figure === null || figure.counts.length === 0) throw noSuch('period');
    return figure;
  }

  /** Infected addresses by area and family, small cells withheld. */
  async families(span: Span): Promise<{ table: FamilyTable; computedAt: string }> {
    return this.keep(`families ${span.period}`, { table: familyTable([], this.parts.home), computedAt: this.parts.clock.iso() },
      async (scope, stale) => ({
        table: familyTable(await cellsOf(this.parts.events, scope, span, stale, { kind: 'infection', dim: 'family' }), this.parts.home),
        computedAt: this.parts.clock.iso(),
      }));
  }

  async periods(series: SeriesName): Promise<string[]> {
    const known = await this.keep<ReadonlyMap<SeriesName, string[]>>('periods', new Map(), (scope, stale) =>
      knownPeriods(this.parts.events, scope, stale, (name) => definitions[name].grains));
    return known.get(series) ?? [];
  }
}
