/**
 * The nouns of watching: an update *channel* of a product, by the address of its manifest; *observers*, each for a country or network and
 * with a key of its own; what each was served, as *runs* of equal looks; and *alarms*, which are answered and closed and never deleted.
 * The form of what observers sign is docs/specs/watch.md.
 */
import { z } from 'zod';
import { manifestFormats } from '#kit/watch/manifest';

export const Format = z.enum(manifestFormats);
export const alarmKinds = ['split', 'replaced', 'unlike-listed', 'rolled-back', 'withdrawn', 'silent', 'stale'] as const;
export type AlarmKind = typeof alarmKinds[number];
/** These go on until they are over; the others have happened once. */
export const lastingKinds: readonly AlarmKind[] = ['split', 'silent', 'stale'];

/** How far what a channel serves is behind the newest release in the catalogue; null where the catalogue does not know that version. */
const Behind = z.number().int().min(0).nullable();

export const channelStates = ['unwatched', 'equal', 'alarm', 'ended'] as const;
export const Channel = z.strictObject({
  id: z.string(), product: z.string(), productName: z.string(), owner: z.string(), ownerName: z.string(), mine: z.boolean(), name: z.string(),
  /** Whether everybody on this hub may know of the product. */
  open: z.boolean(),
  url: z.string(), format: Format,
  /** How long an update may take to reach everybody, and how long a place may go without a look. */
  settleMinutes: z.number().int(), silentMinutes: z.number().int(),
  createdAt: z.iso.datetime(), endedAt: z.iso.datetime().nullable(),
  state: z.enum(channelStates),
  observers: z.number().int(), places: z.number().int(), lastAt: z.iso.datetime().nullable(),
  /** What most places are served, as the manifest calls it. */
  serves: z.string().nullable(), behind: Behind, openAlarms: z.number().int(),
});
export type Channel = z.infer<typeof Channel>;

/** Whose observer it is, and what they call it: told to whoever knows that organisation, else null. Country, network and key are told to all. */
const Whose = { org: z.string().nullable(), orgName: z.string().nullable() };

export const Observer = z.strictObject({
  id: z.string(), ...Whose, mine: z.boolean(), name: z.string().nullable(),
  /** ISO 3166, two letters; and the network where one is meant, as AS64500. */
  country: z.string(), network: z.string().nullable(), keyid: z.string(), publicKey: z.string(),
  registeredAt: z.iso.datetime(), endedAt: z.iso.datetime().nullable(), lastAt: z.iso.datetime().nullable(),
  /** Its clock less the hub's, when it last handed something in; and whether that was refused for it. */
  skewMs: z.number().int().nullable(), clock: z.enum(['good', 'ahead', 'behind', 'unknown']),
  channels: z.number().int(),
});
export type Observer = z.infer<typeof Observer>;

/** What one observer was served, from its first look to its last, without a change between. */
export const Run = z.strictObject({
  id: z.string(), observer: z.string(), observerName: z.string().nullable(), ...Whose, country: z.string(), network: z.string().nullable(),
  view: z.string(), from: z.iso.datetime(), to: z.iso.datetime(), looks: z.number().int(), current: z.boolean(), late: z.boolean(),
  /** The server's clock and the observer's agree; unknown where the server told no time. */
  served: z.enum(['good', 'ahead', 'behind', 'unknown']),
  status: z.number().int(), fault: z.string().nullable(), manifest: z.string().nullable(), serves: z.string().nullable(), behind: Behind,
  /** Whether it is what most places are served. */
  asMost: z.boolean(), files: z.number().int(),
});
export type Run = z.infer<typeof Run>;

export const Region = z.strictObject({ from: z.number().int(), to: z.number().int(), pieces: z.number().int(), of: z.number().int() });
export const Word = z.strictObject({ kind: z.enum(['explained', 'closed']), ...Whose, text: z.string(), at: z.iso.datetime() });

export const Alarm = z.strictObject({
  id: z.string(), channel: z.string(), channelName: z.string(), product: z.string(), productName: z.string(), owner: z.string(), ownerName: z.string(),
  open: z.boolean(), kind: z.enum(alarmKinds), name: z.string(), version: z.string().nullable(),
  /** `rolled-back`: to which version. `withdrawn`: said, gone, not-served. `split`: why it is one. */
  detail: z.string().nullable(),
  /** Who is served otherwise, or who saw it; and of a split view the others. Countries, with a network where one is meant. */
  places: z.array(z.string()), rest: z.array(z.string()), region: Region.nullable(),
  raisedAt: z.iso.datetime(), lastAt: z.iso.datetime(), overAt: z.iso.datetime().nullable(), times: z.number().int(),
  state: z.enum(['open', 'explained', 'closed']),
});
export type Alarm = z.infer<typeof Alarm>;

/** One side's signed word, whole, so that whoever holds it can check it without us. */
export const Evidence = z.strictObject({
  side: z.enum(['odd', 'rest', 'before', 'after']), observer: z.string(), observerName: z.string().nullable(), ...Whose, place: z.string(),
  keyid: z.string(), publicKey: z.string(), view: z.string(), from: z.iso.datetime(), to: z.iso.datetime(),
  /** DSSE envelopes as JSON: of the first look and of the last. */
  envelopes: z.array(z.string()),
});
export type Evidence = z.infer<typeof Evidence>;

/** Bytes of one side round the first that differs: the piece proved itself by its digest in the signed view. */
export const Excerpt = z.strictObject({ sha256: z.string(), sides: z.array(z.string()), from: z.number().int(), hex: z.string() });

/** A piece that an alarm still wants the bytes of. */
export const Wanted = z.strictObject({ alarm: z.string(), sha256: z.string(), from: z.number().int(), to: z.number().int() });
export type Wanted = z.infer<typeof Wanted>;
