/**
 * The nouns of the transparency centre. A *visit* is a review that one organisation asks another for, with goals and questions; its *items*
 * are the people, tools and devices that are vetted for it. A *room* is booked by the day. A *review* is one sitting of one person, in which
 * each window shown is a *view*. *Notes* leave after clearance, *flaws* are committed to before they are told, a *statement* ends it.
 */
import { z } from 'zod';
import { severities } from '#kit/review/statement';

/** Overview; the most critical parts with the provider's experts; the deepest review of critical parts. */
export const reviewLevels = ['blue', 'red', 'black'] as const;
export const ReviewLevel = z.enum(reviewLevels);
export type ReviewLevel = z.infer<typeof ReviewLevel>;
/** From afar what an agreement opens; at the centre also what is read on site alone. */
export const visitModes = ['remote', 'on-site'] as const;
export const VisitMode = z.enum(visitModes);
export const visitStates = ['asked', 'agreed', 'refused', 'closed'] as const;
export type VisitState = typeof visitStates[number];

export const itemKinds = ['person', 'tool', 'device'] as const;
export type ItemKind = typeof itemKinds[number];
export const itemStates = ['asked', 'approved', 'refused', 'surrendered', 'returned'] as const;
export type ItemState = typeof itemStates[number];

/** Whom and what a visit brings. A person is one's own, a tool is its bytes, a device is handed in at the door. */
export const VisitItem = z.strictObject({
  id: z.string(), kind: z.enum(itemKinds), name: z.string(),
  /** Of a tool the SHA-256 of its file, of a person the account. */
  ref: z.string(), state: z.enum(itemStates), reason: z.string(),
});
export type VisitItem = z.infer<typeof VisitItem>;

export const Shares = z.strictObject({ perDay: z.number().int(), inAll: z.number().int() });

/** What should be known before a visit is agreed to, and forbids nothing by itself. */
export const visitFlags = ['without-review-from-afar', 'without-room', 'unvetted'] as const;

export const Visit = z.strictObject({
  id: z.string(), org: z.string(), orgName: z.string(), owner: z.string(), ownerName: z.string(), product: z.string(), productName: z.string(),
  release: z.string(), version: z.string(), artefact: z.string(), level: ReviewLevel, mode: VisitMode, goals: z.string(), questions: z.array(z.string()),
  /** First and last day. */
  from: z.iso.date(), to: z.iso.date(), state: z.enum(visitStates), reason: z.string(), askedAt: z.iso.datetime(), decidedAt: z.iso.datetime().nullable(),
  closedAt: z.iso.datetime().nullable(),
  /** Of the source, in hundredths of a per cent; and what one of the two sides would have instead. */
  shares: Shares, wantedShares: Shares.nullable(), wantedBy: z.string().nullable(),
  /** So many days after the end the provider may see what was read, not only how much. */
  trailOpensAfter: z.number().int(), trailOpensAt: z.iso.datetime().nullable(),
  flags: z.array(z.enum(visitFlags)), rooms: z.array(z.strictObject({ room: z.string(), name: z.string(), day: z.iso.date() })),
});
export type Visit = z.infer<typeof Visit>;

/** What both sides may always know of a review, and nothing of what was looked for. */
export const Totals = z.strictObject({
  reviews: z.number().int(), views: z.number().int(), blocks: z.number().int(), ofBlocks: z.number().int(), today: z.number().int(),
  perDay: z.number().int(), inAll: z.number().int(), notes: z.number().int(), flaws: z.number().int(),
});
export type Totals = z.infer<typeof Totals>;

export const Room = z.strictObject({
  id: z.string(), owner: z.string(), ownerName: z.string(), name: z.string(), place: z.string(), seats: z.number().int(),
  booked: z.array(z.strictObject({ day: z.iso.date(), visit: z.string().nullable() })),
});
export type Room = z.infer<typeof Room>;

export const Review = z.strictObject({
  id: z.string(), visit: z.string(), product: z.string(), productName: z.string(), version: z.string(), release: z.string(), artefact: z.string(),
  root: z.string(), person: z.string(), beganAt: z.iso.datetime(), endedAt: z.iso.datetime().nullable(), views: z.number().int(), totals: Totals,
  /** How much it looks like copying rather than reading. */
  score: z.number().int(), follows: z.enum(['nothing', 'slow', 'ask']),
  /** What stands over everything that is shown. */
  mark: z.string(),
});
export type Review = z.infer<typeof Review>;

export const FolderLine = z.strictObject({
  name: z.string(), path: z.string(), folder: z.boolean(), size: z.number().int(), files: z.number().int(),
  /** Bytes of it that the organisation has been shown. */
  seen: z.number().int(),
});

/** What a browser checks before it shows anything: that the view's fact is in the log. */
export const ViewProof = z.strictObject({
  index: z.number().int(), size: z.number().int(), hashes: z.array(z.string()), leaf: z.string(), checkpoint: z.string(), vkey: z.string(),
});

export const Window = z.strictObject({
  view: z.string(), path: z.string(), digest: z.string(), number: z.number().int(), count: z.number().int(), bytes: z.number().int(), lines: z.number().int(),
  /** The first line in it, whether it begins within that line, and lines that end in it. */
  line: z.number().int(), within: z.boolean(), ends: z.number().int(), text: z.string(), leasedUntil: z.iso.datetime(),
  /** Whether it is a new view, and how many blocks were new. */
  isNew: z.boolean(), fresh: z.number().int(), left: z.number().int(), proof: ViewProof,
});
export type Window = z.infer<typeof Window>;

export const TrailStep = z.strictObject({
  view: z.string(), at: z.iso.datetime(), path: z.string(), number: z.number().int(), line: z.number().int(), ends: z.number().int(), fresh: z.number().int(),
  leaf: z.number().int().nullable(), person: z.string(),
});
export type TrailStep = z.infer<typeof TrailStep>;

/** Windows that nobody chose: how many of how many, and the signed checkpoint that drew them. */
export const TrailSample = z.strictObject({ count: z.number().int(), of: z.number().int(), checkpoint: z.string(), at: z.iso.datetime() });
export type TrailSample = z.infer<typeof TrailSample>;

/** One step with what opens it: the fact's text and its salt are what the leaf commits to. */
export const OpenedStep = z.strictObject({ step: TrailStep, text: z.string(), salt: z.string(), proof: ViewProof });
export type OpenedStep = z.infer<typeof OpenedStep>;

export const ReviewNote = z.strictObject({
  id: z.string(), visit: z.string(), path: z.string(), from: z.number().int(), to: z.number().int(), at: z.iso.datetime(), byName: z.string(),
  /** As the reader may have it: the original inside, what was cleared outside. */
  text: z.string(), state: z.enum(['waiting', 'cleared']),
  /** SHA-256 of what was written and of what was let out. */
  original: z.string(), cleared: z.string().nullable(),
  withheld: z.array(z.strictObject({ from: z.number().int(), to: z.number().int(), reason: z.string() })),
});
export type ReviewNote = z.infer<typeof ReviewNote>;

export const Severity = z.enum(severities);
export const Flaw = z.strictObject({
  id: z.string(), visit: z.string(), product: z.string(), productName: z.string(), severity: Severity, state: z.enum(['committed', 'disclosed', 'answered',
    'closed']),
  commitment: z.string(), committedAt: z.iso.datetime(), discloseBy: z.iso.datetime(), disclosedAt: z.iso.datetime().nullable(),
  answerBy: z.iso.datetime().nullable(), answeredAt: z.iso.datetime().nullable(), closedAt: z.iso.datetime().nullable(), late: z.boolean(),
  /** Null for the provider until it is disclosed; with the salt the text is checked against the commitment. */
  content: z.strictObject({ title: z.string(), text: z.string(), path: z.string(), line: z.number().int(), severity: Severity }).nullable(),
    salt: z.string().nullable(),
  answer: z.string().nullable(), mine: z.boolean(),
});
export type Flaw = z.infer<typeof Flaw>;

export const StatementLine = z.strictObject({
  id: z.string(), by: z.string(), product: z.string(), version: z.string(), level: ReviewLevel, madeAt: z.iso.datetime(), expires: z.iso.datetime(),
  seenBytes: z.number().int(), bytes: z.number().int(), views: z.number().int(), equivalence: z.string(), openFindings: z.number().int(),
  /** Releases that were published after the one that was read; null: it has expired. */
  behind: z.number().int().nullable(), withdrawn: z.boolean(), sha256: z.string(),
});
export type StatementLine = z.infer<typeof StatementLine>;
