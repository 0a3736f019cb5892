/**
 * Where the files of a feed are fetched from: a source of one of six kinds, when it is asked, and what came of each run. Nouns as
 * schemas, shared by the server and the pages. Secrets stand in none of them.
 */
import { z } from 'zod';
import { Count } from '../model.ts';

const Address = z.url({ protocol: /^https?$/ }).max(2000);
/** `*` and `?` stand for any letters and for one; case counts. */
const Pattern = z.string().max(200).regex(/^[^\x00-\x1f]*$/);
const Word = z.string().trim().min(1).max(200);
const Host = z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/);

export const Auth = z.discriminatedUnion('scheme', [
  z.strictObject({ scheme: z.literal('none') }),
  z.strictObject({ scheme: z.literal('bearer') }),
  z.strictObject({ scheme: z.literal('basic'), user: z.string().max(200).regex(/^[^:\x00-\x1f]+$/) }),
  z.strictObject({ scheme: z.literal('header'), header: z.string().regex(/^[A-Za-z0-9-]{1,60}$/) }),
]);
export type Auth = z.infer<typeof Auth>;

export const HttpSettings = z.strictObject({
  kind: z.literal('http'),
  /** May hold `{yyyy}`, `{MM}`, `{dd}` and `{HH}` of UTC: then each hour, or day, of the window is a file of its own. */
  url: Address,
  /** `file`: the answer is the file. `pages`: JSON pages with rows, each a file. `list`: the answer names files. */
  read: z.enum(['file', 'pages', 'list']).default('file'),
  /** Of pages: the member that holds the rows; null where a page is the list of rows itself. */
  rows: z.string().min(1).max(60).nullable().default(null),
  /** Of pages: the member with the address of the next page; null where the header Link has it. */
  next: z.string().min(1).max(60).nullable().default(null),
  /** Of a list: which of the names are taken. */
  match: Pattern.default('*'),
  auth: Auth.default({ scheme: 'none' }),
});
export const FolderSettings = z.strictObject({
  kind: z.literal('folder'),
  /** Beneath the organisation's own folder of the inbox: `vendor` or `vendor/daily`. */
  folder: z.string().regex(/^[A-Za-z0-9_][\w.-]{0,63}(\/[A-Za-z0-9_][\w.-]{0,63}){0,4}$/),
  match: Pattern.default('*'),
});
export const ImapSettings = z.strictObject({
  kind: z.literal('imap'),
  host: Host,
  port: z.number().int().min(1).max(65_535).default(993),
  /** TLS from the first byte; else raised to it. Never without. */
  secure: z.boolean().default(true),
  user: Word,
  mailbox: Word.default('INBOX'),
  /** Addresses, or `@domain`: whose letters are read. What a letter says of its sender is not proved. */
  senders: z.array(z.string().regex(/^[^\s@]{0,64}@[^\s@]{1,190}$/)).min(1).max(20),
  /** Only letters whose subject has it. */
  subject: z.string().max(200).default(''),
  /** `attachments`: files that are attached. `links`: files that the letter names, at hosts of `linkHosts`. */
  take: z.enum(['attachments', 'links']).default('attachments'),
  linkHosts: z.array(Host).max(10).default([]),
  match: Pattern.default('*'),
});
export const S3Settings = z.strictObject({
  kind: z.literal('s3'),
  endpoint: Address.nullable().default(null),
  region: z.string().regex(/^[a-z0-9-]{1,40}$/).default('us-east-1'),
  bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,62}$/),
  prefix: z.string().max(500).default(''),
  pathStyle: z.boolean().default(false),
  accessKeyId: z.string().regex(/^[\w/+=.-]{1,128}$/),
  match: Pattern.default('*'),
});
export const ShadowserverSettings = z.strictObject({
  kind: z.literal('shadowserver'),
  api: Address.default('https://transform.shadowserver.org/api2/'),
  /** Where reports lie by their id; null to fetch them by `reports/download`. */
  downloads: Address.nullable().default('https://dl.shadowserver.org/'),
  /** Names of the lists one is subscribed to, as `vietnam`; empty: all. */
  lists: z.array(Word).max(50).default([]),
  /** Report types; empty: all. */
  types: z.array(z.string().regex(/^[a-z0-9_]{1,80}$/)).max(300).default([]),
});
export const MispSettings = z.strictObject({
  kind: z.literal('misp'),
  /** The folder of `manifest.json`. */
  url: Address,
  auth: Auth.default({ scheme: 'none' }),
});
export const SourceSettings = z.discriminatedUnion('kind', [
  HttpSettings, FolderSettings, ImapSettings, S3Settings, ShadowserverSettings, MispSettings,
]);
export type SourceSettings = z.infer<typeof SourceSettings>;
export type SettingsOf<K extends SourceSettings['kind']> = Extract<SourceSettings, { kind: K }>;

export const sourceKinds = ['http', 'folder', 'imap', 's3', 'shadowserver', 'misp'] as const;
export type SourceKind = (typeof sourceKinds)[number];

export const secretNames = ['apikey', 'secret'] as const;
export type SecretName = (typeof secretNames)[number];
export const GivenSecrets = z.strictObject({
  apikey: z.string().min(1).max(4000).optional(),
  secret: z.string().min(1).max(4000).optional(),
});

/** Why a run ended before its time, or passed a file over. */
export const RunError = z.strictObject({
  /** Stable: `feed-source.status`, or the code of the refusal. */
  code: z.string(),
  /** One sentence that names the place. */
  sentence: z.string(),
  /** An address without its query, a file, a letter; null where it was none of them. */
  at: z.string().nullable(),
  /** The clause that is missing, where it was a mandate. */
  clause: z.string().nullable(),
});
export type RunError = z.infer<typeof RunError>;

export const Run = z.strictObject({
  id: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  /** `refused`: no clause lets the feed in. */
  state: z.enum(['running', 'done', 'failed', 'refused']),
  /** The person who asked for it; null where the clock did. */
  by: z.string().nullable(),
  files: Count,
  bytes: Count,
  stored: Count,
  /** Files that could not be taken, and that are not tried again. */
  passedOver: Count,
  batches: z.array(z.string()),
  error: RunError.nullable(),
});
export type Run = z.infer<typeof Run>;

export const Source = z.strictObject({
  id: z.string(),
  feed: z.string(),
  name: z.string(),
  settings: SourceSettings,
  everyMinutes: Count,
  on: z.boolean(),
  /** Which secrets are set, and how each ends where that gives nothing away. */
  secrets: z.array(z.strictObject({ name: z.enum(secretNames), lastFour: z.string().nullable() })),
  createdAt: z.iso.datetime(),
  /** Null where it is off. */
  nextAt: z.iso.datetime().nullable(),
  /** Since when it fails, and how often in a row; null while it does not. */
  failing: z.strictObject({ since: z.iso.datetime(), times: Count }).nullable(),
  /** Of a file for each hour or day: those of the window that were asked for and not there. */
  missing: z.array(z.string()),
  lastRun: Run.nullable(),
});
export type Source = z.infer<typeof Source>;

export const NewSource = z.strictObject({
  name: z.string().trim().min(1).max(100),
  settings: SourceSettings,
  everyMinutes: z.number().int().min(5).max(31 * 24 * 60),
  on: z.boolean().default(true),
  secrets: GivenSecrets.default({}),
});
export type NewSource = z.infer<typeof NewSource>;

/** One day of a feed: what of it came. */
export const dayStates = ['none', 'delivered', 'late', 'missing', 'lost'] as const;
export const FeedDay = z.strictObject({ day: z.string(), state: z.enum(dayStates), files: Count });
