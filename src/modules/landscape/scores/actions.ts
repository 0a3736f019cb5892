/** Score cards of sources, computed when asked, out of the records and the rows alone. */
import type { Actions, OutputOf } from '#kit/endpoint';
import { noSuch } from '#kit/refusal';
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import { casesOf } from '#modules/constituents/index';
import { organisationById } from '#modules/parties/index';
import type { LandscapeParts } from '../actions/parts.ts';
import type { landscapeApi } from '../api.ts';
import { periodOf, spanOf, type Span } from '../periods.ts';
import type { scoresApi } from './api.ts';
import { gapHours, joinedTime, punctuality, scoreMethod, scoreOf, scoresCsv, type Counted, type Line, type Stretch } from './scores.ts';
import { aloneOf, deliveredOf, monthsDelivered, rowsGone, sourceFeeds, type Alone, type SourceFeed } from './store.ts';

type All = Actions<typeof landscapeApi>;
type Report = OutputOf<typeof scoresApi.sourceScores>;
const dayMs = 86_400_000;

function monthOf(month: string | undefined, now: number): Span {
  const span = spanOf(month ?? periodOf(Math.floor(now / dayMs), 'month'));
  if (span?.grain !== 'month' || span.from * dayMs > now) throw noSuch('month');
  return span;
}

/** `provider`: only its feeds are told of; what others reported still counts as reported. */
async function reportOf(parts: LandscapeParts, scope: string, span: Span, provider?: string): Promise<Report> {
  const { db, events, clock } = parts;
  const month: Stretch = { from: span.from * dayMs, to: span.to * dayMs };
  const now = clock.now();
  const feeds = await sourceFeeds(db, scope, provider);
  const groups = new Map((await sourceFeeds(db, scope)).map((f) => [f.id, f.provider ?? f.id]));
  const [cases, delivered, gone, monthsKnown] = await Promise.all([
    casesOf(db, scope, new Date(month.from).toISOString(), new Date(month.to).toISOString()), deliveredOf(db, scope, month),
    rowsGone(db, scope, span.period), monthsDelivered(db, scope, feeds.map((f) => f.id)),
  ]);
  const [byFeed, bySource] = gone ? [null, null] : await Promise.all([aloneOf(events, scope, span), aloneOf(events, scope, span, groups)]);
  const assets = (of: ReadonlyMap<string, Alone> | null, key: string): Alone | null => (of === null ? null : of.get(key) ?? { all: 0, alone: 0 });
  const counted = (list: readonly SourceFeed[], things: Alone | null): Counted => {
    const ids = new Set(list.map((f) => f.id));
    const each = list.map((f) => ({ f, d: delivered(f.id) }));
    const sum = (pick: (d: (typeof each)[number]['d']) => number): number => each.reduce((total, { d }) => total + pick(d), 0);
    return {
      cases: cases.filter((c) => ids.has(c.feed)), batches: sum((d) => d.batches), assets: things,
      rows: {
        read: sum((d) => d.rows.read), stored: sum((d) => d.rows.stored), duplicate: sum((d) => d.rows.duplicate), quarantined: sum((d) => d.rows.quarantined),
      },
      time: joinedTime(each.map(({ f, d }) => punctuality(d.deliveries, f.cadenceHours, month, now))),
      gaps: sum((d) => d.gaps.length), gapHours: Math.round(sum((d) => gapHours(d.gaps, month)) * 10) / 10,
    };
  };
  const names = await namesOfProviders(parts, feeds);
  const told = feeds.map((f) => ({
    id: f.id, name: f.name, title: f.title, provider: f.provider, providerName: f.provider === null ? null : names.get(f.provider) ?? f.provider,
    score: scoreOf(counted([f], assets(byFeed, f.id))),
  }));
  const providers = [...names].map(([id, name]) => {
    const own = feeds.filter((f) => f.provider === id);
    return { id, name, feeds: own.length, score: scoreOf(counted(own, assets(bySource, id))) };
  });
  const lines: Line[] = [
    ...told.map((f): Line => ({ kind: 'feed', name: f.title, provider: f.providerName, score: f.score })),
    ...providers.map((p): Line => ({ kind: 'provider', name: p.name, provider: p.name, score: p.score })),
  ];
  return {
    month: span.period, monthsKnown, feeds: told, providers, method: scoreMethod, csv: scoresCsv(span.period, lines), computedAt: clock.iso(),
  };
}

/** By name. */
async function namesOfProviders({ db }: LandscapeParts, feeds: readonly SourceFeed[]): Promise<Map<string, string>> {
  const ids = [...new Set(feeds.flatMap((f) => (f.provider === null ? [] : [f.provider])))];
  const named = await Promise.all(ids.map(async (id) => [id, (await organisationById(db, id))?.name ?? id] as const));
  return new Map(named.sort(([, x], [, y]) => (x < y ? -1 : 1)));
}

export function scoreActions(parts: LandscapeParts): Pick<All, 'sourceScores' | 'mySourceScore'> {
  return {
    sourceScores: async (input, { actor }) => reportOf(parts, actor.org, monthOf(input.month, parts.clock.now())),
    mySourceScore: async (input, caller) => {
      const { actor } = caller;
      const span = monthOf(input.month, parts.clock.now());
      const scope = await parts.publisher();
      if (scope === null) throw noSuch('source-score');
      const { clauses } = await caller.may('feed.deliver', {
        owner: scope, kind: 'feed', purpose: 'incident-response', known: true, noun: 'source-score',
      });
      // What owners answered, and what other feeds reported, is counted here and shown to nobody.
      const report = await asHub('a provider’s score counts rows that are not its own', () => reportOf(parts, scope, span, actor.org));
      await stateFact(parts.db, {
        class: 'source-score.viewed', at: parts.clock.iso(), actor: actor.person, org: actor.org, subject: actor.org, readers: [scope], clauses,
        body: { month: span.period },
      });
      return report;
    },
  };
}
