/**
 * What hit whom: feeds, batches, events, episodes, and the series computed from them. Nouns as schemas, shared by the
 * server and the pages; the formulas are in `series.ts`, the pipeline in `pipeline/`.
 */
import { z } from 'zod';

export const Id = z.string().min(1).max(60);
export const Area = z.string().regex(/^[A-Z]{2}$/);
/** Days that the events store can tell apart from none: 1970 to 2105. */
export const Day = z.iso.date().refine((day) => day >= '1970-01-01' && day <= '2105-12-31', 'must be from 1970 to 2105');
export const Count = z.number().int();
/** `2019`, `2018-Q4` or `2019-03`; what is not one of these answers 404 like a period without rows. */
export const Period = z.string().max(10);

/** How a feed's files are written; `mapped`: as its own mapping says. */
export const feedShapes = [
  'shadowserver', 'ctip', 'ndjson', 'intelmq', 'n6', 'xarf', 'misp', 'defacements', 'cowrie', 'dionaea', 'malicious-urls', 'malicious-files',
  'clean-files', 'mapped', 'nmap',
] as const;
export const FeedShape = z.enum(feedShapes);
export type FeedShape = z.infer<typeof FeedShape>;

export const Tlp = z.enum(['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED']);

/** What kind of thing a row says happened; the closed set behind every count. */
export const eventKinds = [
  'infection', 'attack', 'website-attack', 'exposure', 'c2', 'user-heartbeat', 'user-detection', 'malicious-file', 'clean-file', 'other',
] as const;
export const EventKind = z.enum(eventKinds);
export type EventKind = z.infer<typeof EventKind>;

export const Severity = z.enum(['critical', 'high', 'medium', 'low', 'info', 'unknown']);
export type Severity = z.infer<typeof Severity>;

/** Hours between deliveries that the provider promised; null where it promised none. */
const CadenceHours = z.number().int().min(1).max(24 * 366).nullable();

export const NewFeed = z.strictObject({
  /** Short and stable: part of paths and of every row's identity. */
  name: z.string().regex(/^[a-z][a-z0-9-]{1,39}$/),
  title: z.string().trim().min(1).max(200),
  shape: FeedShape,
  /** Report type of every file, where the feed has only one: a Shadowserver type, `infected`, `c2`. */
  reportType: z.string().max(80).nullable().default(null),
  /** Organisation that provides it. */
  sourceOrg: z.string().nullable().default(null),
  /** Agreement under which it is received. */
  agreement: z.string().nullable().default(null),
  cadenceHours: CadenceHours.default(null),
  /** Hours for which the provider keeps what was not fetched; null where it says nothing. */
  windowHours: CadenceHours.default(null),
  /** Marking of rows that carry none. A marking that nobody knows is RED, whatever stands here. */
  tlpDefault: Tlp.default('AMBER'),
});
export type NewFeed = z.infer<typeof NewFeed>;

export const Feed = z.strictObject({
  ...NewFeed.shape,
  reportType: z.string().nullable(),
  sourceOrg: z.string().nullable(),
  agreement: z.string().nullable(),
  cadenceHours: CadenceHours,
  windowHours: CadenceHours,
  tlpDefault: Tlp,
  id: z.string(),
  createdAt: z.iso.datetime(),
  lastBatchAt: z.iso.datetime().nullable(),
  /** Older than its cadence allows; null where no cadence is promised or nothing came yet. */
  late: z.boolean().nullable(),
  rowsStored: z.number().int(),
  /** Whether it may come in now: one's own, under a clause in force, or refused for want of one. */
  standing: z.enum(['own', 'in-force', 'refused']),
});
export type Feed = z.infer<typeof Feed>;

export const batchPhases = ['receive', 'parse', 'insert', 'commit', 'fact'] as const;
export const BatchPhase = z.enum(batchPhases);
export type BatchPhase = z.infer<typeof BatchPhase>;

/** Where rows went. `read = stored + duplicate + quarantined`, always. */
export const Counts = z.strictObject({
  read: z.number().int(),
  stored: z.number().int(),
  duplicate: z.number().int(),
  quarantined: z.number().int(),
  /** Of the stored ones, those with an owner in the registry at event time. */
  attributed: z.number().int(),
});
export type Counts = z.infer<typeof Counts>;

/** One report on a batch whose columns or keys are not those of the published schema. */
export const Drift = z.strictObject({
  reportType: z.string(),
  /** Not sent in this batch, though the schema names them. */
  missing: z.array(z.string()),
  /** Sent, though the schema does not know them; kept in `attrs`. */
  added: z.array(z.string()),
});
export type Drift = z.infer<typeof Drift>;

export const Batch = z.strictObject({
  id: z.string(),
  feed: z.string(),
  feedName: z.string(),
  fileName: z.string(),
  reportType: z.string().nullable(),
  state: z.enum(['open', 'done', 'failed']),
  phase: BatchPhase,
  /** SHA-256 of the raw bytes as received; null while they are still coming in. */
  rawSha256: z.string().nullable(),
  rawBytes: z.number().int(),
  counts: Counts,
  drift: z.boolean(),
  /** Why it failed, in one sentence; null unless it did. */
  failure: z.string().nullable(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  /** Wall milliseconds from first byte to commit. */
  tookMs: z.number().int().nullable(),
});
export type Batch = z.infer<typeof Batch>;

/** A row, or a stretch of bytes, that could not be taken: where, why, and what it looked like. */
export const Quarantined = z.strictObject({
  id: z.string(),
  line: z.number().int(),
  /** Byte offset in the (decompressed) file. */
  offset: z.number().int(),
  /** Stable reason: `time.missing`, `csv.unclosed-quote`, `type.unknown`. */
  reason: z.string(),
  detail: z.string(),
  /** At most 300 characters, control characters shown as escapes. */
  excerpt: z.string(),
  /** Report types whose columns fit, where the type is what is missing. */
  candidates: z.array(z.string()),
});
export type Quarantined = z.infer<typeof Quarantined>;

export const Event = z.strictObject({
  /** First 128 bits of the row's identity, lower-case hex. */
  id: z.string(),
  time: z.iso.datetime(),
  received: z.iso.datetime(),
  feed: z.string(),
  feedName: z.string(),
  reportType: z.string(),
  kind: EventKind,
  /** RSIT classification type or the feed's own word. */
  type: z.string(),
  family: z.string(),
  severity: Severity,
  /** 0 to 100; null where the provider states none. */
  confidence: z.number().int().nullable(),
  tlp: Tlp,
  /** The address the event is about: infected, exposed, or from which an attack came. */
  ip: z.string().nullable(),
  port: z.number().int().nullable(),
  /** Where it is hosted (ISO 3166-1 alpha-2), `ZZ` unknown. Not a nationality. */
  area: z.string(),
  asn: z.number().int().nullable(),
  peerIp: z.string().nullable(),
  peerPort: z.number().int().nullable(),
  domain: z.string().nullable(),
  url: z.string().nullable(),
  /** Constituent that answered for it at event time; null where nobody is known. */
  owner: z.string().nullable(),
  ownerName: z.string().nullable(),
  count: z.number().int(),
  attrs: z.record(z.string(), z.string()),
  batch: z.string(),
});
export type Event = z.infer<typeof Event>;

/** One stay of one malware on one asset. A late event lengthens it. */
export const Episode = z.strictObject({
  asset: z.string(),
  family: z.string(),
  area: z.string(),
  asn: z.number().int().nullable(),
  owner: z.string().nullable(),
  ownerName: z.string().nullable(),
  first: z.iso.datetime(),
  last: z.iso.datetime(),
  events: z.number().int(),
});
export type Episode = z.infer<typeof Episode>;

/** Classes of threats that a detection on a user's device may name as its family; a bit each, what is none of them the last. */
export const threatClasses = [
  'web', 'local', 'network', 'mail', 'mobile', 'ransomware', 'banking', 'miner', 'phishing', 'exploit',
] as const;

/** A published figure of a period that had ended, computed anew and found to be another. */
export const Restatement = z.strictObject({
  id: z.string(),
  at: z.iso.datetime(),
  /** `rows`: late or repeated files. `registry`: owners moved; the series is `owner`, the area a constituent. `method`: a formula. */
  cause: z.enum(['rows', 'registry', 'method']),
  /** The batch, where rows were the cause. */
  batch: z.string().nullable(),
  series: z.string(),
  period: z.string(),
  area: z.string(),
  before: z.number().int(),
  after: z.number().int(),
});
export type Restatement = z.infer<typeof Restatement>;

/** A figure that another publisher gave, with what one needs to compare it. */
export const NewQuotedFigure = z.strictObject({
  publisher: z.string().trim().min(1).max(120),
  /** The publisher's own name of the series; figures of one publisher and series are a line over time. */
  series: z.string().trim().min(1).max(120),
  area: z.string().regex(/^[A-Z]{2}$/),
  /** `2019`, `2018-Q4` or `2019-03`. */
  period: z.string().regex(/^\d{4}(-(Q[1-4]|0[1-9]|1[0-2]))?$/),
  value: z.number().min(0).max(1e15),
  /** "about", "more than", rounded to thousands. */
  approximate: z.boolean().default(false),
  unit: z.string().trim().min(1).max(80),
  /** What it covers: who reports, which attacks, which part of the country. */
  covers: z.string().trim().min(1).max(300),
  /** Version or words of the method; an empty word where the publisher gives none. */
  method: z.string().trim().max(200).default(''),
  /** Least users that the publisher asks of an area; null where it gives none. */
  floor: z.number().int().min(0).nullable().default(null),
  /** Where it stands, for who wants to look. */
  source: z.string().trim().min(1).max(500),
});
export type NewQuotedFigure = z.infer<typeof NewQuotedFigure>;
export const QuotedFigure = z.strictObject({
  ...NewQuotedFigure.shape, approximate: z.boolean(), method: z.string(), floor: z.number().int().nullable(), id: z.string(), at: z.iso.datetime(),
});
export type QuotedFigure = z.infer<typeof QuotedFigure>;

/** What a feed lost for good: fetched by nobody while its provider still kept it. */
export const Gap = z.strictObject({
  id: z.string(),
  feed: z.string(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  hours: z.number(),
  /** Null while the feed is away and the gap still grows. */
  closedAt: z.iso.datetime().nullable(),
});
export type Gap = z.infer<typeof Gap>;

export const seriesNames = ['attacks-by-origin', 'users-at-risk', 'websites-attacked', 'computers-infected'] as const;
export const SeriesName = z.enum(seriesNames);
export type SeriesName = z.infer<typeof SeriesName>;

export const grains = ['month', 'quarter', 'year'] as const;
export const Grain = z.enum(grains);
export type Grain = z.infer<typeof Grain>;

/** What a published series means. Words for people come from the dictionaries; this is the contract. */
export const SeriesDefinition = z.strictObject({
  series: SeriesName,
  unit: z.string(),
  definition: z.string(),
  method: z.string(),
  source: z.string(),
  /** What it must not be read as. */
  caution: z.string(),
  rankedBy: z.enum(['count', 'rate']),
  floor: z.number().int().nullable(),
  grains: z.array(Grain),
});
export type SeriesDefinition = z.infer<typeof SeriesDefinition>;

/** One published number with all that is needed to check it. */
export const Statistic = z.strictObject({
  series: SeriesName,
  area: z.string(),
  period: z.string(),
  /** Null where it may not be published: `numerator` and `denominator` say why. */
  value: z.number().nullable(),
  unit: z.string(),
  numerator: z.number().nullable(),
  denominator: z.number().nullable(),
  /** Competition rank: equal values share it. Null below the floor. */
  rank: z.number().int().nullable(),
  /** Number of areas ranked. */
  population: z.number().int().nullable(),
  /** Least users an area needs to be ranked; null where the series has no floor. */
  floor: z.number().int().nullable(),
  definition: z.string(),
  method: z.string(),
  source: z.string(),
  computedAt: z.iso.datetime(),
});
export type Statistic = z.infer<typeof Statistic>;

export const RankedArea = z.strictObject({
  area: z.string(),
  rank: z.number().int(),
  value: z.number(),
  numerator: z.number().nullable(),
  denominator: z.number().nullable(),
});
export const ExcludedArea = z.strictObject({
  area: z.string(),
  numerator: z.number().nullable(),
  denominator: z.number().nullable(),
  /** `below-floor`: fewer users than the floor. `unknown-area`: the address is in no list. */
  reason: z.enum(['below-floor', 'unknown-area']),
});
export type RankedArea = z.infer<typeof RankedArea>;
export type ExcludedArea = z.infer<typeof ExcludedArea>;

/** Formats in which rows go out. */
export const writtenFormats = ['ndjson', 'idf', 'n6', 'csv'] as const;
export type WrittenFormat = (typeof writtenFormats)[number];

/** What was done to a website. */
export const websiteAttacks = ['defacement', 'phishing', 'malware', 'other'] as const;
export type WebsiteAttack = (typeof websiteAttacks)[number];

/** Media types of what is kept of a website, and the most bytes of one piece. */
export const evidenceTypes = ['text/html', 'text/plain', 'image/png', 'image/jpeg', 'application/pdf'] as const;
export const evidenceBytesMax = 400_000;
