/** What one may ask of the landscape. The centre's own rows by role, a constituent's exposure by mandate, figures by all. */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';
import {
  Area, Batch, Count, Day, Drift, Episode, Event, EventKind, ExcludedArea, Feed, Gap, Grain, Id, NewFeed, NewQuotedFigure,
  Period, Quarantined, QuotedFigure, RankedArea, Restatement, SeriesDefinition, SeriesName, Statistic, writtenFormats,
} from './model.ts';
import { causes } from './quoted.ts';
import { filesApi } from './files/api.ts';
import { mappingApi } from './mapping/api.ts';
import { exposuresApi } from './exposures-api.ts';
import { schemasApi } from './schemas/api.ts';
import { scansApi } from './scans/api.ts';
import { cleanupApi } from './cleanup-api.ts';
import { leagueApi } from './league-api.ts';
import { originsApi } from './origins-api.ts';
import { scoresApi } from './scores/api.ts';
import { registersApi } from './registers-api.ts';
import { sourcesApi } from './collect/api.ts';
import { pushApi } from './collect/push-api.ts';

const Cursor = z.string().max(400).optional();
const Limit = z.coerce.number().int().min(1).max(500).default(50);

/** A share in percent to one decimal, with both counts; null when nothing is counted. */
const Attribution = z.strictObject({
  total: Count,
  attributed: Count,
  unattributed: Count,
  attributedPercent: z.number().nullable(),
  unattributedPercent: z.number().nullable(),
});

const Exposure = z.strictObject({
  constituents: z.array(z.strictObject({ id: z.string(), name: z.string() })),
  from: Day,
  to: Day,
  events: Count,
  /** Distinct addresses and domains. */
  assets: Count,
  byType: z.array(z.strictObject({
    kind: EventKind, type: z.string(), family: z.string(), events: Count, assets: Count,
    first: z.iso.datetime(), last: z.iso.datetime(),
  })),
  bySeverity: z.array(z.strictObject({ severity: z.string(), events: Count })),
  /** One entry for every day, zeros too. */
  trend: z.array(z.strictObject({ day: Day, events: Count })),
});

const ExposureInput = z.strictObject({
  /** First day, included; 30 days before `to` unless said. */
  from: Day.optional(),
  /** Last day, included; today unless said. */
  to: Day.optional(),
});

/** What rows are chosen by. */
const RowsAsked = {
  feed: Id.optional(),
  kind: EventKind.optional(),
  type: z.string().max(80).optional(),
  family: z.string().max(120).optional(),
  area: Area.optional(),
  asn: z.coerce.number().int().min(0).max(4_294_967_295).optional(),
  /** Constituent id, or `none` for rows that nobody answers for. */
  owner: Id.optional(),
  ip: z.string().max(45).optional(),
  domain: z.string().max(255).optional(),
  batch: Id.optional(),
  from: Day.optional(),
  to: Day.optional(),
};
const EventFilter = { ...RowsAsked, cursor: Cursor, limit: Limit };

const feeds = {
  feeds: endpoint({
    method: 'GET',
    path: '/api/feeds',
    summary: 'The feeds this organisation receives, with when each last came and whether it is late.',
    input: z.strictObject({}),
    output: z.strictObject({ items: z.array(Feed) }),
    needs: { right: 'feed.list', by: 'role' },
  }),
  viewFeed: endpoint({
    method: 'GET',
    path: '/api/feeds/:feed',
    summary: 'One feed with its latest drift reports, and what of it was lost for good.',
    input: z.strictObject({ feed: Id }),
    output: z.strictObject({
      feed: Feed,
      drift: z.array(z.strictObject({ batch: z.string(), at: z.iso.datetime(), ...Drift.shape })),
      /** What was lost for good, newest first. */
      gaps: z.array(Gap),
    }),
    needs: { right: 'feed.view', by: 'role' },
  }),
  createFeed: endpoint({
    method: 'POST',
    path: '/api/feeds',
    summary: 'Adds a feed: where rows come from, in which shape, under which agreement.',
    input: NewFeed,
    output: z.strictObject({ feed: Feed }),
    needs: { right: 'feed.create', by: 'role' },
    status: 201,
  }),
  reportTypes: endpoint({
    method: 'GET',
    path: '/api/report-types',
    summary: 'The published Shadowserver report types that the hub knows, for the feed form.',
    input: z.strictObject({}),
    output: z.strictObject({ items: z.array(z.strictObject({ type: z.string(), title: z.string() })) }),
    needs: { right: 'feed.list', by: 'role' },
  }),
} as const;

const batches = {
  ingest: raw(endpoint({
    method: 'POST',
    path: '/api/feeds/:feed/batches',
    summary: 'Streams a file in (body: the raw bytes, gzip too; query: file, type, job); answers NDJSON progress and a summary.',
    input: z.strictObject({
      feed: Id,
      file: z.string().max(255).optional(),
      type: z.string().max(80).optional(),
      /** Scan job whose results these are. */
      job: Id.optional(),
    }),
    output: z.strictObject({ batch: Batch }),
    needs: { right: 'feed.ingest', by: 'role' }, upload: true,
  })),
  batches: endpoint({
    method: 'GET',
    path: '/api/batches',
    summary: 'Batches, newest first: read = stored + duplicate + quarantined for each.',
    input: z.strictObject({
      feed: Id.optional(),
      state: z.enum(['open', 'done', 'failed']).optional(),
      cursor: Cursor,
      limit: Limit,
    }),
    output: z.strictObject({ items: z.array(Batch), next: z.string().nullable() }),
    needs: { right: 'batch.list', by: 'role' },
  }),
  viewBatch: endpoint({
    method: 'GET',
    path: '/api/batches/:batch',
    summary: 'One batch with its drift report and its quarantine by reason.',
    input: z.strictObject({ batch: Id }),
    output: z.strictObject({
      batch: Batch,
      drift: z.array(Drift),
      reasons: z.array(z.strictObject({ reason: z.string(), rows: Count })),
    }),
    needs: { right: 'batch.view', by: 'role' },
  }),
  quarantine: endpoint({
    method: 'GET',
    path: '/api/batches/:batch/quarantine',
    summary: 'What could not be taken from a batch: line, offset, reason, excerpt.',
    input: z.strictObject({ batch: Id, reason: z.string().max(80).optional(), cursor: Cursor, limit: Limit }),
    output: z.strictObject({ items: z.array(Quarantined), next: z.string().nullable() }),
    needs: { right: 'batch.view', by: 'role' },
  }),
} as const;

const events = {
  events: endpoint({
    method: 'GET',
    path: '/api/events',
    summary: 'Rows behind the figures, newest first, with their owner at event time.',
    input: z.strictObject(EventFilter),
    output: z.strictObject({ items: z.array(Event), next: z.string().nullable() }),
    needs: { right: 'event.list', by: 'role' },
  }),
  exportEvents: raw(endpoint({
    method: 'GET',
    path: '/api/events/export',
    summary: 'All rows of a filter, newest first, in the format of others (IntelMQ, n6), as our own NDJSON, or as CSV: streamed as they are read.',
    input: z.strictObject({ format: z.enum(writtenFormats).default('ndjson'), ...RowsAsked }),
    output: z.strictObject({}),
    needs: { right: 'event.list', by: 'role' },
  })),
  episodes: endpoint({
    method: 'GET',
    path: '/api/episodes',
    summary: 'Infections as stays: one row per asset and malware, with first and last sighting.',
    input: z.strictObject({
      family: z.string().max(120).optional(),
      area: Area.optional(),
      owner: Id.optional(),
      ip: z.string().max(45).optional(),
      from: Day.optional(),
      to: Day.optional(),
      cursor: Cursor,
      limit: Limit,
    }),
    output: z.strictObject({ items: z.array(Episode), next: z.string().nullable(), total: Count }),
    needs: { right: 'event.list', by: 'role' },
  }),
  attribution: endpoint({
    method: 'GET',
    path: '/api/attribution',
    summary: 'How many rows have an owner, how many have none, by area and for all; and the networks to look at first.',
    input: z.strictObject({ from: Day.optional(), to: Day.optional(), area: Area.optional() }),
    output: z.strictObject({
      from: Day,
      to: Day,
      ...Attribution.shape,
      owners: z.array(z.strictObject({ owner: z.string(), name: z.string(), events: Count, assets: Count })),
      hunt: z.array(z.strictObject({ asn: Count.nullable(), area: z.string(), events: Count, assets: Count })),
    }),
    needs: { right: 'event.list', by: 'role' },
  }),
  constituentExposure: endpoint({
    method: 'GET',
    path: '/api/constituents/:constituent/exposure',
    summary: 'What hit one constituent, as its centre sees it.',
    input: z.strictObject({ constituent: Id, ...ExposureInput.shape }),
    output: Exposure,
    needs: { right: 'event.list', by: 'role' },
  }),
} as const;

const exposure = {
  exposure: endpoint({
    method: 'GET',
    path: '/api/exposure',
    summary: 'What hit your own organisation: only rows that were yours at the time they happened.',
    input: ExposureInput,
    output: Exposure,
    needs: { right: 'exposure.view', by: 'mandate', agreedBy: 'exposure.agree' },
  }),
  exposureEvents: endpoint({
    method: 'GET',
    path: '/api/exposure/events',
    summary: 'The rows behind your own exposure, newest first.',
    input: z.strictObject({
      kind: EventKind.optional(),
      family: z.string().max(120).optional(),
      ip: z.string().max(45).optional(),
      from: Day.optional(),
      to: Day.optional(),
      cursor: Cursor,
      limit: Limit,
    }),
    output: z.strictObject({ items: z.array(Event), next: z.string().nullable() }),
    needs: { right: 'exposure.view', by: 'mandate', agreedBy: 'exposure.agree' },
  }),
  exportExposure: raw(endpoint({
    method: 'GET',
    path: '/api/exposure/events/export',
    summary: 'All rows behind your own exposure, newest first, as CSV: streamed as they are read.',
    input: z.strictObject({
      kind: EventKind.optional(), family: z.string().max(120).optional(), ip: z.string().max(45).optional(), from: Day.optional(), to: Day.optional(),
    }),
    output: z.strictObject({}),
    needs: { right: 'exposure.view', by: 'mandate', agreedBy: 'exposure.agree' },
  })),
} as const;

const statistics = {
  statistics: endpoint({
    method: 'GET',
    path: '/api/public/statistics',
    summary: 'The published series, what each means, and the periods there are rows for.',
    input: z.strictObject({}),
    output: z.strictObject({
      items: z.array(z.strictObject({ ...SeriesDefinition.shape, periods: z.array(z.string()) })),
      /** Area that the publisher speaks for, first on every page. */
      home: z.string(),
    }),
    needs: { right: 'statistic.list', by: 'public' },
  }),
  statistic: endpoint({
    method: 'GET',
    path: '/api/public/statistics/:series',
    summary: 'One published number with numerator, denominator, rank, definition and method.',
    input: z.strictObject({ series: z.string().max(60), area: Area, period: Period }),
    output: Statistic,
    needs: { right: 'statistic.view', by: 'public' },
  }),
  ranking: endpoint({
    method: 'GET',
    path: '/api/public/rankings/:series',
    summary: 'All areas of a period in order, and those left out with the reason.',
    input: z.strictObject({ series: z.string().max(60), period: Period }),
    output: z.strictObject({
      series: z.string(), period: z.string(), unit: z.string(), population: Count, floor: Count.nullable(),
      definition: z.string(), method: z.string(), source: z.string(), computedAt: z.iso.datetime(),
      items: z.array(RankedArea),
      excluded: z.array(ExcludedArea),
    }),
    needs: { right: 'statistic.view', by: 'public' },
  }),
  series: endpoint({
    method: 'GET',
    path: '/api/public/series/:series',
    summary: 'One series over time; a period without rows is missing (`value` null), never zero.',
    input: z.strictObject({ series: z.string().max(60), area: Area, grain: Grain.default('quarter') }),
    output: z.strictObject({
      series: z.string(), area: z.string(), grain: Grain, unit: z.string(), computedAt: z.iso.datetime(),
      points: z.array(z.strictObject({
        period: z.string(),
        /** Null: no rows of the series in that period, or not publishable. */
        value: z.number().nullable(),
        numerator: z.number().nullable(),
        denominator: z.number().nullable(),
        state: z.enum(['known', 'missing', 'below-floor']),
      })),
    }),
    needs: { right: 'statistic.view', by: 'public' },
  }),
  families: endpoint({
    method: 'GET',
    path: '/api/public/families',
    summary: 'Top malware families of an area and period by distinct addresses; cells under 10 are never shown.',
    input: z.strictObject({ area: Area, period: Period, limit: z.coerce.number().int().min(1).max(50).default(10) }),
    output: z.strictObject({
      area: z.string(), period: z.string(), least: Count, computedAt: z.iso.datetime(),
      items: z.array(z.strictObject({ family: z.string(), addresses: Count })),
      /** Families not named because too few addresses had them. */
      suppressed: Count,
    }),
    needs: { right: 'statistic.view', by: 'public' },
  }),
  familyTable: endpoint({
    method: 'GET',
    path: '/api/public/tables/families',
    summary: 'Infected addresses by area and family; cells under 10 are withheld, and what would give them away beside them.',
    input: z.strictObject({ period: Period }),
    output: z.strictObject({
      period: z.string(), least: Count, computedAt: z.iso.datetime(),
      /** `*` is the line of all that are not named. */
      areas: z.array(z.string()),
      families: z.array(z.string()),
      /** By area, then family; null where withheld. */
      cells: z.array(z.array(Count.nullable())),
      areaTotals: z.array(Count.nullable()),
      familyTotals: z.array(Count.nullable()),
      total: Count.nullable(),
      /** Withheld because they are small; withheld to protect those. */
      small: Count,
      beside: Count,
    }),
    needs: { right: 'statistic.view', by: 'public' },
  }),
  restatements: endpoint({
    method: 'GET',
    path: '/api/public/restatements',
    summary: 'Published figures of ended periods that were computed anew and came out different: before, after, why.',
    input: z.strictObject({ series: SeriesName.optional(), cursor: Cursor, limit: Limit }),
    output: z.strictObject({ items: z.array(Restatement), next: z.string().nullable() }),
    needs: { right: 'statistic.view', by: 'public' },
  }),
} as const;

/** A published figure in two periods. */
const Change = z.strictObject({ before: z.number(), after: z.number() });
const Cause = z.enum(causes);

const comparisons = {
  trend: endpoint({
    method: 'GET',
    path: '/api/public/trends',
    summary: 'What changed between two periods: detections and share of users together, since either alone may mislead.',
    input: z.strictObject({ area: Area, from: Period, to: Period }),
    output: z.strictObject({
      area: z.string(), from: z.string(), to: z.string(), computedAt: z.iso.datetime(),
      /** Detections on users' devices, as often as they were reported. */
      count: Change,
      /** Percent of users with a detection; null where one of the periods is below the floor. */
      share: Change.nullable(),
      countPercent: z.number().nullable(),
      sharePoints: z.number().nullable(),
      /** Whether both went the same way. */
      agree: z.boolean().nullable(),
      text: z.strictObject({ en: z.string(), vi: z.string() }),
    }),
    needs: { right: 'statistic.view', by: 'public' },
  }),
  quoteFigure: endpoint({
    method: 'POST',
    path: '/api/quoted-figures',
    summary: 'Keeps a figure that another publisher gave, with its unit, scope, method and source; the same again replaces it.',
    input: NewQuotedFigure,
    output: z.strictObject({ figure: QuotedFigure }),
    needs: { right: 'figure.quote', by: 'role' },
    status: 201,
  }),
  quotedFigures: endpoint({
    method: 'GET',
    path: '/api/quoted-figures',
    summary: 'Other publishers’ figures as lines over time, cut where the publisher changed its method, unit, scope or floor.',
    input: z.strictObject({ publisher: z.string().max(120).optional(), series: z.string().max(120).optional(), area: Area.optional() }),
    output: z.strictObject({
      lines: z.array(z.strictObject({
        publisher: z.string(), series: z.string(), area: z.string(),
        points: z.array(z.strictObject({ ...QuotedFigure.shape, changed: z.array(Cause), segment: Count })),
      })),
    }),
    needs: { right: 'figure.list', by: 'role' },
  }),
  reconcile: endpoint({
    method: 'GET',
    path: '/api/reconciliations',
    summary: 'Figures of different publishers about one area and year side by side, with why they may differ.',
    input: z.strictObject({ area: Area, year: z.string().regex(/^\d{4}$/) }),
    output: z.strictObject({
      area: z.string(), year: z.string(), figures: z.array(QuotedFigure),
      pairs: z.array(z.strictObject({
        x: QuotedFigure, y: QuotedFigure, difference: z.number(), causes: z.array(Cause),
        /** The same unit, scope, period and method, and yet another number. */
        contradiction: z.boolean(),
      })),
    }),
    needs: { right: 'figure.list', by: 'role' },
  }),
} as const;

export const landscapeApi = { ...feeds, ...batches, ...events, ...exposure, ...statistics, ...comparisons, ...registersApi, ...mappingApi, ...filesApi,
  ...pushApi, ...exposuresApi, ...sourcesApi, ...scansApi, ...scoresApi, ...schemasApi,
  ...originsApi, ...cleanupApi, ...leagueApi } as const;
