/**
 * What a constituent may ask and answer about itself, by the clause of its warning service; and what whoever holds a letter
 * may do with its link, without an account: the 256 random bits are the credential, for one purpose and thirty days.
 */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { Language } from '../model/contacts.ts';
import { Finding, MessagePurpose, Notice, NoticeRule } from '../model/notices.ts';
import { Moment } from '../model/registry.ts';
import { NewRule, NoticeInFull } from './notices.ts';

const Id = z.string().min(1).max(60);
const Which = z.strictObject({ constituent: Id.optional() });
const secret = z.string().regex(/^[\w-]{43}$/);
/** Under the clause of the warning service; where it wants somebody's yes, whose. */
const receiving = { right: 'notice.receive', by: 'mandate', agreedBy: 'notice.agree' } as const;
const answering = { right: 'notice.answer', by: 'mandate', agreedBy: 'notice.agree' } as const;
const Note = z.string().trim().max(500).nullable().default(null);

export const mineApi = {
  myNotices: endpoint({
    method: 'GET', path: '/api/my/notices', summary: 'One’s own notices, released ones only; also for programs that fetch.',
    input: z.strictObject({ since: z.iso.datetime().optional() }),
    output: z.strictObject({ notices: z.array(Notice), open: z.number().int(), changed: z.number().int() }),
    needs: receiving,
  }),
  myNotice: endpoint({
    method: 'GET', path: '/api/my/notices/:notice', summary: 'One own notice: what, where, since when, how sure, what became of it.',
    input: z.strictObject({ notice: Id }), output: NoticeInFull, needs: receiving,
  }),
  acknowledge: endpoint({
    method: 'POST', path: '/api/my/notices/:notice/acknowledge', summary: 'Says that one has read it and is on it.',
    input: z.strictObject({ notice: Id }), output: z.strictObject({ notice: Notice }), needs: answering,
  }),
  sayFixed: endpoint({
    method: 'POST', path: '/api/my/findings/:finding/fixed',
    summary: 'Says that it is fixed. Observation closes it, or shows it again and reopens it.',
    input: z.strictObject({ finding: Id, note: Note }), output: z.strictObject({ finding: Finding }),
    needs: answering,
  }),
  except: endpoint({
    method: 'POST', path: '/api/my/findings/:finding/except', summary: 'Declares an exception with its reason and its end.',
    input: z.strictObject({ finding: Id, until: Moment, reason: z.string().trim().min(3).max(500) }),
    output: z.strictObject({ finding: Finding }), needs: answering,
  }),
  dispute: endpoint({
    method: 'POST', path: '/api/my/findings/:finding/dispute',
    summary: 'Says that there is nothing to a finding, and why: a false report. It is counted of its sources; observation closes it.',
    input: z.strictObject({ finding: Id, reason: z.string().trim().min(3).max(500) }),
    output: z.strictObject({ finding: Finding }), needs: answering,
  }),
  myRules: endpoint({
    method: 'GET', path: '/api/my/notice-rules', summary: 'What turns one’s own notices aside.',
    input: z.strictObject({}), output: z.strictObject({ rules: z.array(NoticeRule) }), needs: receiving,
  }),
  addMyRule: endpoint({
    method: 'POST', path: '/api/my/notice-rules', summary: 'Turns own notices aside for a time, with the reason.',
    input: z.strictObject({ ...Which.shape, ...NewRule.shape }), output: z.strictObject({ rule: NoticeRule }),
    needs: answering, status: 201,
  }),
  addWebhook: endpoint({
    method: 'POST', path: '/api/my/webhooks',
    summary: 'Lets notices be posted to an own address, signed (Standard Webhooks); the secret is shown once.',
    input: z.strictObject({ ...Which.shape, url: z.url({ protocol: /^https$/ }).max(500) }),
    output: z.strictObject({ id: z.string(), url: z.string(), secret: z.string() }), needs: answering, status: 201,
  }),
  removeWebhook: endpoint({
    method: 'POST', path: '/api/my/webhooks/:webhook/remove', summary: 'Stops posting there.',
    input: z.strictObject({ webhook: Id }), output: z.strictObject({ id: z.string() }), needs: answering,
  }),
  setKey: endpoint({
    method: 'POST', path: '/api/my/contacts/:contact/key', summary: 'Puts an OpenPGP key on file: letters to that contact go encrypted.',
    input: z.strictObject({ contact: Id, armored: z.string().min(1).max(100_000) }),
    output: z.strictObject({ fingerprint: z.string() }), needs: answering,
  }),
  slice: endpoint({
    method: 'GET', path: '/api/my/slice',
    summary: 'A provider’s slice: rows of the addresses it answered for when they happened, and of no others.',
    input: z.strictObject({
      from: z.iso.date(), to: z.iso.date(), cursor: z.string().max(300).optional(), limit: z.coerce.number().int().min(1).max(5000).default(1000),
    }),
    output: z.strictObject({
      rows: z.array(z.strictObject({
        time: z.iso.datetime(), asset: z.string(), port: z.number().int().nullable(), kind: z.string(), type: z.string(), family: z.string(),
        severity: z.string(), count: z.number().int(),
      })),
      next: z.string().nullable(),
    }),
    needs: receiving,
  }),
  feedback: endpoint({
    method: 'POST', path: '/api/my/notices/:notice/feedback',
    summary: 'What became of a slice, in numbers: no subscriber is named.',
    input: z.strictObject({
      notice: Id, informed: z.number().int().min(0).max(1e9), cleaned: z.number().int().min(0).max(1e9), disputed: z.number().int().min(0).max(1e9),
    }),
    output: z.strictObject({ notice: Notice }), needs: answering,
  }),
  openLink: endpoint({
    method: 'POST', path: '/api/links/open', summary: 'Shows what a letter’s link is for; opening does nothing else.',
    input: z.strictObject({ secret }),
    output: z.strictObject({
      purpose: MessagePurpose, constituent: z.string(), language: Language, expiresAt: z.iso.datetime(), contact: z.string().nullable(),
      notices: z.array(Notice), findings: z.array(Finding),
    }),
    needs: { right: 'link.open', by: 'public' },
  }),
  answerLink: endpoint({
    method: 'POST', path: '/api/links/answer',
    summary: 'Acknowledges the notices of a letter, says that a finding is fixed, or confirms the contact: what the link is for, no more.',
    input: z.strictObject({ secret, act: z.enum(['acknowledge', 'fixed', 'confirm']), finding: Id.optional(), note: Note }),
    output: z.strictObject({ done: z.enum(['acknowledge', 'fixed', 'confirm']) }), needs: { right: 'link.answer', by: 'public' },
  }),
} as const;
