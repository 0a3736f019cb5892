/**
 * From what was observed to the one who must act: findings (one problem on one asset), notices (one per owner, problem and
 * period), messages (what really went to whom), and the rules that turn them aside. The conduct is in `rules/`.
 */
import { z } from 'zod';
import { Language } from './contacts.ts';

/** The kinds of events that somebody is told of; what users' devices report is none of them. */
export const noticeKinds = ['infection', 'attack', 'website-attack', 'exposure', 'c2', 'other'] as const;
export const NoticeKind = z.enum(noticeKinds);
export type NoticeKind = z.infer<typeof NoticeKind>;

export const NoticeSeverity = z.enum(['critical', 'high', 'medium', 'low', 'info', 'unknown']);
export type NoticeSeverity = z.infer<typeof NoticeSeverity>;

/** What is wrong, wherever it is: the unit that notices are bundled by. */
export interface Problem {
  readonly kind: NoticeKind;
  readonly type: string;
  readonly family: string;
}

export const findingStates = ['open', 'acknowledged', 'said-fixed', 'excepted', 'disputed', 'closed'] as const;
export const FindingState = z.enum(findingStates);
export type FindingState = z.infer<typeof FindingState>;

/** One problem on one asset. It is closed by observation or by an exception that ends; a word alone closes nothing. */
export const Finding = z.strictObject({
  id: z.string(),
  notice: z.string(),
  constituent: z.string(),
  /** The address or the domain. */
  asset: z.string(),
  kind: NoticeKind,
  type: z.string(),
  family: z.string(),
  severity: NoticeSeverity,
  /** 0 to 100, as the source states it; null where it does not. */
  confidence: z.number().int().nullable(),
  first: z.iso.datetime(),
  last: z.iso.datetime(),
  events: z.number().int(),
  state: FindingState,
  /** When the constituent said that it is fixed; stays when it turns out otherwise. */
  saidFixedAt: z.iso.datetime().nullable(),
  /** Cycles of its feed since, in which it was not seen. */
  absentCycles: z.number().int(),
  exceptedUntil: z.iso.datetime().nullable(),
  exceptionReason: z.string().nullable(),
  closedAt: z.iso.datetime().nullable(),
  /** How often it came back after it was said or shown to be gone. */
  reopened: z.number().int(),
  reopenedAt: z.iso.datetime().nullable(),
});
export type Finding = z.infer<typeof Finding>;

/** One step of a finding's life: when it was done or seen, and by whom. */
export const FindingStep = z.strictObject({
  at: z.iso.datetime(),
  what: z.enum(['opened', 'acknowledged', 'said-fixed', 'seen-again', 'closed', 'excepted', 'exception-ended', 'disputed']),
  by: z.string(),
  note: z.string().nullable(),
});
export type FindingStep = z.infer<typeof FindingStep>;

export const noticeStates = ['waiting', 'released', 'suppressed'] as const;
export const NoticeState = z.enum(noticeStates);

export const Notice = z.strictObject({
  id: z.string(),
  constituent: z.string(),
  constituentName: z.string(),
  kind: NoticeKind,
  type: z.string(),
  family: z.string(),
  severity: NoticeSeverity,
  /** Repeats from `from` up to `to` are this notice; what is seen later is the next one. */
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  assets: z.number().int(),
  events: z.number().int(),
  first: z.iso.datetime(),
  last: z.iso.datetime(),
  state: NoticeState,
  /** Assets on which it is still open. */
  open: z.number().int(),
  raisedAt: z.iso.datetime(),
  releasedAt: z.iso.datetime().nullable(),
  acknowledgedAt: z.iso.datetime().nullable(),
  /** Highest rung of the ladder that was told: 0 none, 1 head, 2 office, 3 the centre. */
  rung: z.number().int(),
});
export type Notice = z.infer<typeof Notice>;

/** `unsure`: handed over, and nobody knows whether it arrived. */
export const messageStates = ['waiting', 'sending', 'unsure', 'sent', 'failed', 'bounced'] as const;
export const MessageState = z.enum(messageStates);
export type MessageState = z.infer<typeof MessageState>;

export const MessagePurpose = z.enum(['notice', 'confirm-contact', 'escalation']);
export type MessagePurpose = z.infer<typeof MessagePurpose>;

export const Message = z.strictObject({
  id: z.string(),
  constituent: z.string(),
  constituentName: z.string(),
  purpose: MessagePurpose,
  channel: z.enum(['e-mail', 'webhook']),
  /** The address, or the webhook's. */
  to: z.string(),
  language: Language,
  subject: z.string(),
  /** As it goes, but for the secret of its link. */
  text: z.string(),
  dueAt: z.iso.datetime(),
  state: MessageState,
  attempts: z.number().int(),
  sentAt: z.iso.datetime().nullable(),
  problem: z.string().nullable(),
});
export type Message = z.infer<typeof Message>;

/** What would leave, before it leaves. */
export const Previewed = z.strictObject({
  constituent: z.string(),
  constituentName: z.string(),
  channel: z.enum(['e-mail', 'webhook']),
  contact: z.string(),
  to: z.string(),
  language: Language,
  subject: z.string(),
  text: z.string(),
  encrypted: z.boolean(),
  /** When it would go, released now. */
  dueAt: z.iso.datetime(),
  /** Under a clause the letter says what and where; without one only that there is something. */
  detail: z.enum(['full', 'bare']),
  notices: z.array(z.string()),
});
export type Previewed = z.infer<typeof Previewed>;

export const heldReasons = ['nobody-to-reach', 'suppressed'] as const;
export const Held = z.strictObject({
  notice: z.string(), constituentName: z.string(), why: z.enum(heldReasons), reason: z.string().nullable(), until: z.iso.datetime().nullable(),
});
export type Held = z.infer<typeof Held>;

/** Turns notices aside: away, or to another contact. What is critical can only go another way, never away. */
export const NoticeRule = z.strictObject({
  id: z.string(),
  constituent: z.string(),
  constituentName: z.string(),
  kind: NoticeKind.nullable(),
  family: z.string().nullable(),
  act: z.enum(['suppress', 're-route']),
  contact: z.string().nullable(),
  reason: z.string(),
  until: z.iso.datetime(),
  madeBy: z.string(),
  madeAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
});
export type NoticeRule = z.infer<typeof NoticeRule>;

/** What a batch showed of one owner: one asset, or all of an owner that gets slices (`asset` empty). */
export interface Sighting extends Problem {
  readonly owner: string;
  readonly asset: string;
  readonly severity: NoticeSeverity;
  readonly confidence: number | null;
  /** Seconds since the epoch. */
  readonly first: number;
  readonly last: number;
  readonly events: number;
  /** Distinct assets behind it; 1 where one is named. */
  readonly assets: number;
}

/** What was taken in: the sightings, and the days that the feed spoke of, by which absence is told from silence. */
export interface SightedBatch {
  readonly feed: string;
  readonly sightings: readonly Sighting[];
  /** Days (since the epoch, UTC) of which the batch holds anything, in order. */
  readonly days: readonly number[];
}
