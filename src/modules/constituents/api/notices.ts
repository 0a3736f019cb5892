/** What the centre may ask of notices: the queue, the preview, the release, what became of each message, and the rules. By role. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { Contact } from '../model/contacts.ts';
import {
  Finding, FindingState, FindingStep, Held, Message, MessageState, Notice, NoticeKind, NoticeRule, NoticeState, Previewed,
} from '../model/notices.ts';
import { Moment } from '../model/registry.ts';

const Id = z.string().min(1).max(60);
const Ids = z.array(Id).min(1).max(500);
export const Plan = z.strictObject({
  messages: z.array(Previewed), held: z.array(Held), digest: z.string(), hands: z.union([z.literal(1), z.literal(2)]),
});
export const NewRule = z.strictObject({
  kind: NoticeKind.nullable().default(null), family: z.string().max(200).nullable().default(null), act: z.enum(['suppress', 're-route']),
  contact: Id.nullable().default(null), reason: z.string().trim().min(3).max(500), until: Moment,
});
export const NoticeInFull = z.strictObject({
  notice: Notice, findings: z.array(z.strictObject({ ...Finding.shape, steps: z.array(FindingStep) })),
});

export const noticesApi = {
  notices: endpoint({
    method: 'GET', path: '/api/notices', summary: 'The queue: notices by state, the gravest first.',
    input: z.strictObject({ state: NoticeState.optional(), constituent: Id.optional() }),
    output: z.strictObject({ notices: z.array(Notice), counts: z.record(NoticeState, z.number().int()) }),
    needs: { right: 'notice.list', by: 'role' },
  }),
  notice: endpoint({
    method: 'GET', path: '/api/notices/:notice', summary: 'One notice with each finding and its steps.',
    input: z.strictObject({ notice: Id }), output: NoticeInFull, needs: { right: 'notice.list', by: 'role' },
  }),
  previewNotices: endpoint({
    method: 'POST', path: '/api/notices/preview', summary: 'Exactly what would go to whom and when, and what would be held back and why.',
    input: z.strictObject({ notices: Ids }), output: Plan, needs: { right: 'notice.release', by: 'role' },
  }),
  releaseNotices: endpoint({
    method: 'POST', path: '/api/notices/release',
    summary: 'Lets go what was previewed, named by its digest. To more than five constituents at once a second person agrees.',
    input: z.strictObject({ notices: Ids, digest: z.string().regex(/^[0-9a-f]{64}$/) }),
    output: z.strictObject({ messages: z.number().int(), released: z.number().int(), suppressed: z.number().int(), held: z.array(Held) }),
    needs: {
      right: 'notice.release', by: 'role', approval: { from: 'own-organisation', right: 'notice.approve', when: 'sometimes' },
    },
  }),
  skipRung: endpoint({
    method: 'POST', path: '/api/notices/:notice/skip',
    summary: 'Leaves out the next rung of the ladder for one notice, with the reason on record.',
    input: z.strictObject({ notice: Id, reason: z.string().trim().min(3).max(500) }),
    output: z.strictObject({ rung: z.number().int() }), needs: { right: 'notice.release', by: 'role' },
  }),
  findings: endpoint({
    method: 'GET', path: '/api/findings', summary: 'Findings of the registry’s constituents, open ones first.',
    input: z.strictObject({ state: FindingState.optional(), constituent: Id.optional() }),
    output: z.strictObject({ findings: z.array(Finding) }), needs: { right: 'notice.list', by: 'role' },
  }),
  messages: endpoint({
    method: 'GET', path: '/api/messages', summary: 'What was sent, waits, failed or may have arrived.',
    input: z.strictObject({ state: MessageState.optional(), constituent: Id.optional() }),
    output: z.strictObject({ messages: z.array(Message) }), needs: { right: 'notice.list', by: 'role' },
  }),
  bounce: endpoint({
    method: 'POST', path: '/api/messages/bounce',
    summary: 'Takes a delivery report (RFC 3464) as the mail server got it: the contact it names is marked, the message too.',
    input: z.strictObject({ report: z.string().min(1).max(500_000) }),
    output: z.strictObject({ taken: z.array(z.strictObject({ message: z.string(), contact: z.string().nullable(), final: z.boolean() })) }),
    needs: { right: 'message.bounce', by: 'role' },
  }),
  askContact: endpoint({
    method: 'POST', path: '/api/constituents/:constituent/contacts/:contact/ask',
    summary: 'Writes to a contact and asks whether it is still right; a link confirms it.',
    input: z.strictObject({ constituent: Id, contact: Id }), output: z.strictObject({ contact: Contact }),
    needs: { right: 'contact.add', by: 'role' },
  }),
  noticeRules: endpoint({
    method: 'GET', path: '/api/notice-rules', summary: 'What turns notices aside: why, by whom, until when.',
    input: z.strictObject({}), output: z.strictObject({ rules: z.array(NoticeRule) }), needs: { right: 'notice.list', by: 'role' },
  }),
  addNoticeRule: endpoint({
    method: 'POST', path: '/api/constituents/:constituent/notice-rules',
    summary: 'Turns notices of a constituent aside for a time. What is critical can only go to another contact.',
    input: z.strictObject({ constituent: Id, ...NewRule.shape }), output: z.strictObject({ rule: NoticeRule }),
    needs: { right: 'notice.release', by: 'role' }, status: 201,
  }),
  endNoticeRule: endpoint({
    method: 'POST', path: '/api/notice-rules/:rule/end', summary: 'Ends a rule before its time.',
    input: z.strictObject({ rule: Id }), output: z.strictObject({ rule: NoticeRule }), needs: { right: 'notice.release', by: 'role' },
  }),
  workingDays: endpoint({
    method: 'GET', path: '/api/working-days', summary: 'Public holidays of a year, computed, and the days that a decision moved.',
    input: z.strictObject({ year: z.coerce.number().int().min(1970).max(2100) }),
    output: z.strictObject({
      holidays: z.array(z.strictObject({ day: z.string(), name: z.string() })),
      decided: z.array(z.strictObject({ day: z.string(), works: z.boolean(), name: z.string() })),
    }),
    needs: { right: 'notice.list', by: 'role' },
  }),
  decideDay: endpoint({
    method: 'POST', path: '/api/working-days', summary: 'Notes that a decision made a day free or working.',
    input: z.strictObject({
      day: z.iso.date().refine((day) => day >= '1970', 'must be a day from 1970 on'), works: z.boolean(), name: z.string().trim().min(1).max(200),
    }),
    output: z.strictObject({ day: z.string() }), needs: { right: 'notice.release', by: 'role' },
  }),
} as const;
