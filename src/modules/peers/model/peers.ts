/**
 * The nouns of peers: a *peer* is a server of others that is spoken with; a *following* is one of its collections that is fetched from,
 * or sent to, with where one stands in it; a *fetch* is one run of it. Shared by the server and the pages. Secrets stand in none.
 */
import { z } from 'zod';
import type { Tlp } from '#kit/endpoint';

export const TlpLabel = z.enum(['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'] as const satisfies readonly Tlp[]);
const StixType = z.string().regex(/^[a-z0-9][a-z0-9-]{1,248}[a-z0-9]$/);
const Count = z.number().int().nonnegative();
const Moment = z.iso.datetime();
const Address = z.url({ protocol: /^https?$/ }).max(2000);

export const Auth = z.discriminatedUnion('scheme', [
  z.strictObject({ scheme: z.literal('none') }),
  z.strictObject({ scheme: z.literal('bearer') }),
  z.strictObject({ scheme: z.literal('basic'), user: z.string().max(200).regex(/^[^:\x00-\x1f]+$/) }),
]);
export type Auth = z.infer<typeof Auth>;

/** What was found out about how a server wants to be spoken to: which of the variants of Accept, and whether its addresses end in a slash. */
export const Dialect = z.strictObject({ accept: Count, slash: z.boolean() });
export type Dialect = z.infer<typeof Dialect>;

/** Why a fetch ended before its time. */
export const troubleCodes = [
  'peer.blocked', 'peer.unreachable', 'peer.too-slow', 'peer.too-large', 'peer.redirect', 'peer.stopped', 'peer.elsewhere', 'peer.credential',
  'peer.not-readable', 'peer.gone', 'peer.not-acceptable', 'peer.busy', 'peer.broken', 'peer.refused', 'peer.unreadable', 'peer.cut', 'peer.same-page',
  'peer.one-moment', 'peer.no-dates', 'peer.unsorted', 'peer.no-secret', 'peer.sealed', 'peer.no-agreement', 'peer.not-agreed', 'peer.not-writable',
  'peer.broke-off', 'peer.let-go', 'peer.fault',
] as const;
export type TroubleCode = (typeof troubleCodes)[number];

export const Trouble = z.strictObject({
  code: z.enum(troubleCodes),
  /** One sentence that names the place. */
  sentence: z.string(),
  /** An address without its query. */
  at: z.string().nullable(),
});
export type Trouble = z.infer<typeof Trouble>;

/** Ways in which a server does otherwise than the standard, noticed and coped with. */
export const quirks = ['added-after-ignored', 'no-dates', 'clock-set-back', 'other-type', 'next-expired', 'no-next', 'smaller-pages'] as const;
export type Quirk = (typeof quirks)[number];

export const Filters = z.strictObject({
  types: z.array(StixType).min(1).max(60).nullable().default(null),
  /** The last version of each object, or all of them. */
  versions: z.enum(['last', 'all']).default('last'),
});
export type Filters = z.infer<typeof Filters>;

export const FoundCollection = z.strictObject({
  id: z.string(), title: z.string(), description: z.string(), canRead: z.boolean(), canWrite: z.boolean(),
});
export type FoundCollection = z.infer<typeof FoundCollection>;
export const FoundRoot = z.strictObject({
  url: z.string(), title: z.string(), trouble: z.enum(troubleCodes).nullable(), collections: z.array(FoundCollection),
});
export type FoundRoot = z.infer<typeof FoundRoot>;
/** What a server says of itself. */
export const Found = z.strictObject({ title: z.string(), description: z.string(), roots: z.array(FoundRoot) });
export type Found = z.infer<typeof Found>;

export const fetchStates = ['running', 'done', 'failed', 'waiting'] as const;
export const Fetch = z.strictObject({
  id: z.string(), startedAt: Moment, endedAt: Moment.nullable(),
  /** `waiting`: the other side asked for time. */
  state: z.enum(fetchStates),
  /** The person who asked for it; null where the clock did. */
  by: z.string().nullable(),
  pages: Count, objects: Count, bytes: Count, accepted: Count, duplicate: Count, quarantined: Count, refused: Count,
  trouble: Trouble.nullable(),
});
export type Fetch = z.infer<typeof Fetch>;

export const directions = ['in', 'out'] as const;
export const Following = z.strictObject({
  id: z.string(), peer: z.string(), direction: z.enum(directions),
  /** Address of the API root, and the collection there. */
  root: z.string(), collection: z.string(), title: z.string(), filters: Filters,
  /** Of what is sent: one’s own collection. */
  own: z.string().nullable(),
  on: z.boolean(),
  /** Up to which moment everything was taken in, as the other side names it; whether pages of it are in progress. */
  after: z.string().nullable(), inProgress: z.boolean(),
  pageSize: Count, quirks: z.array(z.enum(quirks)),
  objects: Count, refused: Count, lastSuccessAt: Moment.nullable(), nextAt: Moment.nullable(), running: z.boolean(),
  /** Since when it fails, how often in a row, and why; null while it does not. */
  failing: z.strictObject({ since: Moment, times: Count, trouble: Trouble }).nullable(),
});
export type Following = z.infer<typeof Following>;

export const Peer = z.strictObject({
  id: z.string(), title: z.string(), url: z.string(), auth: Auth,
  /** How the secret ends, where that gives nothing away. */
  lastFour: z.string().nullable(),
  unmarked: TlpLabel,
  /** Source of the exchange that it feeds. */
  source: z.string(),
  /** Agreement under which one speaks with it, where there is one. */
  agreement: z.string().nullable(), agreementTitle: z.string().nullable(),
  everyMinutes: Count, pageSize: Count, createdAt: Moment, createdBy: z.string(),
});
export type Peer = z.infer<typeof Peer>;

/** An object that could not be taken in, with its place. */
export const Aside = z.strictObject({ at: Moment, place: z.string(), stixId: z.string(), text: z.string() });
export type Aside = z.infer<typeof Aside>;

const Secret = z.string().min(1).max(4000);
export const PeerSettings = z.strictObject({
  title: z.string().trim().min(1).max(120), url: Address, auth: Auth, unmarked: TlpLabel, agreement: z.string().min(1).max(60).nullable().default(null),
  everyMinutes: z.number().int().min(5).max(31 * 24 * 60), pageSize: z.number().int().min(1).max(10_000).default(1_000),
});
export const NewPeer = PeerSettings.extend({ secret: Secret.optional() });
export type NewPeer = z.infer<typeof NewPeer>;
export const GivenSecret = Secret;
