/**
 * Blocking lists: what firewalls and protective resolvers of the constituents refuse, entry by entry with its legal ground and
 * its end; the editions that were served, byte for byte; and the guard lists of what must not be blocked by one person alone.
 * The conduct is in `rules/blocking.ts`.
 */
import { z } from 'zod';

export const blockingPurposes = ['firewall', 'dns'] as const;
export const BlockingPurpose = z.enum(blockingPurposes);

export const blockingLabels = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT'] as const;
/** A list is made to be handed on to machines, so none is RED: that label names its readers one by one. */
export const BlockingLabel = z.enum(blockingLabels);

/** Nobody but the own organisation, every constituent of its registry, or those that are named. */
export const blockingReaders = ['own', 'constituents', 'chosen'] as const;
export const BlockingReaders = z.enum(blockingReaders);

export const entryKinds = ['ip', 'cidr', 'domain', 'url-host'] as const;
/** `domain` is the name and all below it; `url-host` is the host of an address on the web, that name alone. */
export const EntryKind = z.enum(entryKinds);
export type EntryKind = z.infer<typeof EntryKind>;

export const entryStates = ['waiting', 'active', 'expired', 'removed'] as const;
/** `waiting` for a second person; only what is `active` is served. */
export const EntryState = z.enum(entryStates);
export type EntryState = z.infer<typeof EntryState>;

export const guardKinds = ['clean-file-host', 'popular-domain', 'label-holder'] as const;
/** Hosts that serve clean files, names that many visit, and holders of a security label: each a list that the centre imports. */
export const GuardKind = z.enum(guardKinds);
export type GuardKind = z.infer<typeof GuardKind>;

export const collisionKinds = [...guardKinds, 'constituent', 'shared-suffix', 'shared-space'] as const;
export const Collision = z.strictObject({
  with: z.enum(collisionKinds),
  /** Exactly what it collides with: a name or a prefix. */
  name: z.string(),
  /** The entry is that very thing, lies under it, or covers it. */
  how: z.enum(['same', 'under', 'over']),
  /** The constituent whose asset it is. */
  holder: z.string().nullable(),
});
export type Collision = z.infer<typeof Collision>;

export const BlockingEntry = z.strictObject({
  id: z.string(),
  kind: EntryKind,
  /** Canonical: `192.0.2.7`, `192.0.2.0/24`, `bad.example`. */
  value: z.string(),
  /** The law or decision that lets it be blocked; goes out with the entry. */
  ground: z.string(),
  reason: z.string(),
  source: z.string(),
  addedBy: z.string(),
  addedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  state: EntryState,
  /** By the guard lists and the registry as they stood when it was added, extended or when a guard list was taken. */
  collides: z.array(Collision),
  /** The second person, where it needed one. */
  agreedBy: z.string().nullable(),
  endedAt: z.iso.datetime().nullable(),
  endedBy: z.string().nullable(),
  endReason: z.string().nullable(),
});
export type BlockingEntry = z.infer<typeof BlockingEntry>;

export const editionActs = [
  'created', 'added', 'activated', 'removed', 'extended', 'expired', 'killed', 'lifted', 'rolled-back',
] as const;
export const editionFormats = ['plain', 'rpz', 'hosts', 'json'] as const;
export const EditionFormat = z.enum(editionFormats);
export type EditionFormat = z.infer<typeof EditionFormat>;

/** What was served from one moment to the next. It never changes. */
export const Edition = z.strictObject({
  number: z.number().int(),
  madeAt: z.iso.datetime(),
  madeBy: z.string(),
  act: z.enum(editionActs),
  why: z.string(),
  entries: z.number().int(),
  /** When the first of its entries ends: from then on it is not served any more. */
  firstExpiry: z.iso.datetime().nullable(),
  /** Of the JSON form, which says the most: two editions with the same are the same. */
  sha256: z.string(),
  /** The earlier edition whose bytes it serves again. */
  restores: z.number().int().nullable(),
});
export type Edition = z.infer<typeof Edition>;

export const BlockingList = z.strictObject({
  id: z.string(),
  name: z.string(),
  title: z.string(),
  purpose: BlockingPurpose,
  tlp: BlockingLabel,
  readers: BlockingReaders,
  /** Constituents that may read it, where they are chosen. */
  constituents: z.array(z.string()),
  createdAt: z.iso.datetime(),
  edition: z.number().int(),
  /** While it is set the list is served empty. */
  killedAt: z.iso.datetime().nullable(),
  killedBy: z.string().nullable(),
  killReason: z.string().nullable(),
});
export type BlockingList = z.infer<typeof BlockingList>;

/** A list with what stands in it. */
export const BlockingListShown = z.strictObject({
  ...BlockingList.shape,
  active: z.number().int(), waiting: z.number().int(),
  /** Active ones that collide with something by now. */
  colliding: z.number().int(),
  nextExpiry: z.iso.datetime().nullable(),
});
export type BlockingListShown = z.infer<typeof BlockingListShown>;

/** One uploaded guard list. `ready` to be taken; of each kind one is `adopted`. */
export const GuardList = z.strictObject({
  id: z.string(),
  kind: GuardKind,
  file: z.string(),
  /** Of the file as it was uploaded. */
  sha256: z.string(),
  names: z.number().int(),
  state: z.enum(['reading', 'ready', 'adopted', 'dropped']),
  uploadedAt: z.iso.datetime(),
  uploadedBy: z.string(),
  adoptedAt: z.iso.datetime().nullable(),
});
export type GuardList = z.infer<typeof GuardList>;

export const lineVerdicts = ['ok', 'second-person', 'there', 'refused'] as const;
/** One line of what is to be added: taken, waits for a second person, stands there already, or refused. */
export const LineVerdict = z.strictObject({
  line: z.number().int(),
  text: z.string(),
  verdict: z.enum(lineVerdicts),
  kind: EntryKind.nullable(),
  value: z.string().nullable(),
  /** Stable code and sentence of a refusal. */
  code: z.string().nullable(),
  why: z.string().nullable(),
  collides: z.array(Collision),
});
export type LineVerdict = z.infer<typeof LineVerdict>;
