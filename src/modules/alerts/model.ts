/**
 * An *alert* is a warning for named eyes: one organisation to people of another, told one after the other until somebody has opened
 * it. The *line* is the order in which an organisation's people are told; a *step* is one of them, told and perhaps reading.
 */
import { z } from 'zod';

export const alertLabels = ['CLEAR', 'GREEN', 'AMBER', 'AMBER+STRICT', 'RED'] as const;
export const AlertLabel = z.enum(alertLabels);
export const alertStates = ['waiting', 'read', 'unanswered', 'withdrawn'] as const;
export type AlertState = typeof alertStates[number];

const Person = z.strictObject({ id: z.string(), name: z.string() });

/** One's own line: who is told, the first first. */
export const AlertLine = z.strictObject({
  people: z.array(Person),
  /** People of one's own who may stand on it: those who may read threat information. */
  eligible: z.array(Person),
});
export type AlertLine = z.infer<typeof AlertLine>;

export const AlertStep = z.strictObject({
  position: z.number().int(), name: z.string(), toldAt: z.iso.datetime().nullable(), readAt: z.iso.datetime().nullable(),
  /** Whether a letter that says that there is something has left; null where the person has no address or has not been told yet. */
  letter: z.enum(['sent', 'waiting', 'refused']).nullable(),
});

const head = {
  id: z.string(), tlp: AlertLabel, sentAt: z.iso.datetime(), minutes: z.number().int(), state: z.enum(alertStates),
};
/** As its sender sees it. What is RED nobody sees but who wrote it and who was told: neither their organisations' administrators. */
export const SentAlert = z.strictObject({
  ...head, to: z.string(), toName: z.string(), by: z.string(), title: z.string(), steps: z.array(AlertStep),
  /** When the next on the line is told, if nobody opens it before; null where nothing is waited for. */
  nextAt: z.iso.datetime().nullable(),
});
export type SentAlert = z.infer<typeof SentAlert>;

/** As somebody on the line sees it before opening: that there is one, and from whom. */
export const WaitingAlert = z.strictObject({
  ...head, from: z.string(), fromName: z.string(), toldAt: z.iso.datetime(),
  /** When oneself opened it. */
  readAt: z.iso.datetime().nullable(), title: z.string().nullable(),
});
export type WaitingAlert = z.infer<typeof WaitingAlert>;

export const OpenAlert = WaitingAlert.extend({ title: z.string(), text: z.string(), objects: z.array(z.string()) });
export type OpenAlert = z.infer<typeof OpenAlert>;
