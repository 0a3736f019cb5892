/** The centre's acts on notices: look, preview, release, turn aside, skip a rung, take bounces. */
import { hash } from 'node:crypto';
import { holidaysOf } from '#kit/calendar/working';
import type { Actions, Actor } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import type { noticesApi } from '../api/notices.ts';
import type { Notice, NoticeRule } from '../model/notices.ts';
import { noticeStates } from '../model/notices.ts';
import { readBounce } from '../rules/bounce.ts';
import { confirmLetter } from '../rules/letters.ts';
import { checkRule } from '../rules/notices.ts';
import { instant } from '../rules/registry.ts';
import { contactsOf, markContact } from '../store/contacts.ts';
import { findingsOf, holdWaiting, markNotices, noticesOf, stepsOf } from '../store/findings.ts';
import {
  decideDay, decidedDays, endRule, enqueue, insertRule, messageByMessageId, messagesOf, rulesOf, settleMessage,
} from '../store/messages.ts';
import { mine, state, type ConstituentsParts } from './parts.ts';
import { planRelease, type Plan } from './release.ts';

type All = Actions<typeof noticesApi>;

export function noticeActions(parts: ConstituentsParts): All {
  return { ...looking(parts), ...releasing(parts), ...posting(parts), ...ruling(parts) };
}

async function noticeOf(q: Queryable, scope: string, id: string): Promise<Notice> {
  const [notice] = await noticesOf(q, scope, { ids: [id] });
  if (!notice) throw noSuch('notice');
  return notice;
}

/** A notice with its findings, each with its steps. */
export async function inFull(q: Queryable, scope: string, notice: Notice) {
  const findings = await findingsOf(q, scope, { notices: [notice.id], limit: 200 });
  return { notice, findings: await Promise.all(findings.map(async (f) => ({ ...f, steps: await stepsOf(q, f.id) }))) };
}

function looking(parts: ConstituentsParts): Pick<All, 'notices' | 'notice' | 'findings' | 'messages'> {
  const { db } = parts;
  return {
    notices: async (input, { actor }) => {
      const constituents = input.constituent === undefined ? {} : { constituents: [input.constituent] };
      const all = await Promise.all(noticeStates.map(async (s) => [s, await noticesOf(db, actor.org, { state: s, ...constituents })] as const));
      return {
        notices: all.filter(([s]) => input.state === undefined || s === input.state).flatMap(([, list]) => list),
        counts: Object.fromEntries(all.map(([s, list]) => [s, list.length])) as Record<Notice['state'], number>,
      };
    },
    notice: async (input, { actor }) => inFull(db, actor.org, await noticeOf(db, actor.org, input.notice)),
    findings: async (input, { actor }) => ({
      findings: await findingsOf(db, actor.org, {
        state: input.state, ...(input.constituent === undefined ? {} : { constituents: [input.constituent] }),
      }),
    }),
    messages: async (input, { actor }) => ({ messages: await messagesOf(db, actor.org, { ...input, limit: 300 }) }),
  };
}

/** Marks and enqueues what a plan says. For a person's release and for the one that the clock does. */
export async function carryOut(
  parts: ConstituentsParts, tx: Queryable, actor: Pick<Actor, 'person' | 'org'>, plan: Plan, notices: readonly Notice[],
  more: Record<string, string> = {},
): Promise<void> {
  const at = parts.clock.iso();
  await enqueue(tx, plan.outgoing, at);
  await markNotices(tx, plan.leaving, { state: 'released', released_at: at, released_by: actor.person });
  await markNotices(tx, plan.suppressed, { state: 'suppressed', released_at: at, released_by: actor.person });
  for (const n of notices) {
    const what = plan.leaving.includes(n.id) ? 'notice.released' : plan.suppressed.includes(n.id) ? 'notice.suppressed' : null;
    if (what === null) continue;
    const constituent = await mine(parts, tx, actor, n.constituent);
    await state(parts, tx, actor, constituent, what, { notice: n.id, kind: n.kind, family: n.family, digest: plan.digest, ...more });
  }
}

function releasing(parts: ConstituentsParts): Pick<All, 'previewNotices' | 'releaseNotices' | 'skipRung'> {
  const { db } = parts;
  const waiting = async (q: Queryable, scope: string, ids: readonly string[]): Promise<Notice[]> => {
    const found = await noticesOf(q, scope, { ids });
    if (found.length < new Set(ids).size) throw noSuch('notice');
    const done = found.find((n) => n.state !== 'waiting');
    if (done) throw new Refusal('conflict', 'notice.already-released', 'One of these notices has been dealt with already.', { hint: 'Read the queue again.' });
    return found;
  };
  return {
    previewNotices: async (input, { actor }) => {
      const { previews, held, digest, hands } = await planRelease(parts, db, actor.org, await waiting(db, actor.org, input.notices));
      return { messages: [...previews], held: [...held], digest, hands };
    },
    releaseNotices: async (input, caller) => db.transaction(async (tx) => {
      const { actor } = caller;
      await holdWaiting(tx, actor.org, input.notices);
      const notices = await waiting(tx, actor.org, input.notices);
      const plan = await planRelease(parts, tx, actor.org, notices);
      if (plan.digest !== input.digest) {
        throw new Refusal('conflict', 'notice.changed-meanwhile', 'What would leave is no longer what you looked at.', { hint: 'Preview it again.' });
      }
      const agreed = plan.hands === 2 ? await caller.approved(tx) : null;
      await carryOut(parts, tx, actor, plan, notices, agreed ? { approval: agreed.approval, approvedBy: agreed.by } : {});
      return {
        messages: plan.outgoing.length, released: plan.leaving.length, suppressed: plan.suppressed.length, held: [...plan.held],
      };
    }),
    skipRung: async (input, { actor }) => db.transaction(async (tx) => {
      const notice = await noticeOf(tx, actor.org, input.notice);
      if (notice.state !== 'released' || notice.rung >= 2) {
        throw new Refusal('conflict', 'notice.no-rung-to-skip', 'There is no rung before the last to leave out.');
      }
      await markNotices(tx, [notice.id], { rung: notice.rung + 1 });
      await state(parts, tx, actor, await mine(parts, tx, actor, notice.constituent), 'notice.rung-skipped', {
        notice: notice.id, rung: notice.rung + 1, reason: input.reason,
      });
      return { rung: notice.rung + 1 };
    }),
  };
}

function posting(parts: ConstituentsParts): Pick<All, 'bounce' | 'askContact'> {
  const { db, clock } = parts;
  return {
    bounce: async (input, { actor }) => db.transaction(async (tx) => {
      const { messageId, recipients } = readBounce(input.report);
      const message = messageId === null ? null : await messageByMessageId(tx, actor.org, messageId);
      if (!message || recipients.length === 0) {
        throw new Refusal('invalid', 'bounce.unknown', 'This report speaks of no message that left from here.', { at: 'report' });
      }
      const about = recipients.filter((r) => r.address.toLowerCase() === message.toAddress.toLowerCase());
      for (const r of about.filter((one) => one.final)) {
        await settleMessage(tx, message.id, { state: 'bounced', problem: r.reason });
        if (message.contact) await markContact(tx, actor.org, message.contact, { bounced_at: clock.iso(), bounce_reason: r.reason });
        await state(parts, tx, actor, await mine(parts, tx, actor, message.constituent), 'message.bounced', { message: message.id, status: r.status });
      }
      return { taken: about.map((r) => ({ message: message.id, contact: message.contact, final: r.final })) };
    }),
    askContact: async (input, { actor }) => db.transaction(async (tx) => {
      const constituent = await mine(parts, tx, actor, input.constituent);
      const contact = (await contactsOf(tx, actor.org, [constituent.id], clock.now())).find((c) => c.id === input.contact);
      if (!contact) throw noSuch('contact');
      const { subject, text } = confirmLetter(contact.language, parts.hub.name, constituent.name);
      // One question a day: asking twice is one letter.
      const key = hash('sha256', JSON.stringify(['confirm', contact.id, clock.iso().slice(0, 10)]));
      await enqueue(tx, [{
        id: parts.ids.next('msg'), scope: actor.org, constituent: constituent.id, purpose: 'confirm-contact', channel: 'e-mail',
        contact: contact.id, webhook: null, toName: contact.name, toAddress: contact.email, language: contact.language, subject, body: text,
        notices: [], key, messageId: `${key.slice(0, 40)}@${new URL(parts.hub.origin).hostname}`, dueAt: clock.iso(), pgpKey: null,
      }], clock.iso());
      await state(parts, tx, actor, constituent, 'contact.asked', { contact: contact.id });
      return { contact };
    }),
  };
}

/** Makes a rule; for the centre and, with its own constituent, for the constituent itself. */
export async function makeRule(
  parts: ConstituentsParts, tx: Queryable, scope: string, person: string,
  given: Pick<NoticeRule, 'constituent' | 'constituentName' | 'kind' | 'family' | 'act' | 'contact' | 'reason'> & { until: string },
): Promise<NoticeRule> {
  const rule: NoticeRule = {
    ...given, until: instant(given.until), id: parts.ids.next('nrl'), madeBy: person, madeAt: parts.clock.iso(), endedAt: null,
  };
  checkRule(rule, parts.clock.now());
  if (rule.contact !== null) {
    const contacts = await contactsOf(tx, scope, [rule.constituent], parts.clock.now());
    if (!contacts.some((c) => c.id === rule.contact)) throw noSuch('contact');
  }
  await insertRule(tx, scope, rule);
  return rule;
}

/** What a fact says of a rule. */
export const ruleSaid = (r: NoticeRule) => ({
  rule: r.id, act: r.act, kind: r.kind, family: r.family, contact: r.contact, reason: r.reason, until: r.until,
});

function ruling(parts: ConstituentsParts): Pick<All, 'noticeRules' | 'addNoticeRule' | 'endNoticeRule' | 'workingDays' | 'decideDay'> {
  const { db, clock } = parts;
  return {
    noticeRules: async (_, { actor }) => ({ rules: await rulesOf(db, actor.org, null) }),
    addNoticeRule: async ({ constituent: id, ...given }, { actor }) => db.transaction(async (tx) => {
      const constituent = await mine(parts, tx, actor, id);
      const rule = await makeRule(parts, tx, actor.org, actor.person, { ...given, constituent: constituent.id, constituentName: constituent.name });
      await state(parts, tx, actor, constituent, 'notice-rule.made', ruleSaid(rule));
      return { rule };
    }),
    endNoticeRule: async (input, { actor }) => db.transaction(async (tx) => {
      const rule = (await rulesOf(tx, actor.org, null)).find((r) => r.id === input.rule);
      if (!rule) throw noSuch('notice-rule');
      if (rule.endedAt !== null) throw new Refusal('conflict', 'notice-rule.already-ended', 'This rule has ended already.');
      await endRule(tx, actor.org, rule.id, clock.iso());
      await state(parts, tx, actor, await mine(parts, tx, actor, rule.constituent), 'notice-rule.ended', ruleSaid(rule));
      return { rule: { ...rule, endedAt: clock.iso() } };
    }),
    workingDays: async (input, { actor }) => ({
      holidays: [...holidaysOf(input.year)].sort(([x], [y]) => (x < y ? -1 : 1)).map(([day, name]) => ({ day, name })),
      decided: (await decidedDays(db, actor.org)).filter((d) => d.day.startsWith(String(input.year))),
    }),
    decideDay: async (input, { actor }) => db.transaction(async (tx) => {
      await decideDay(tx, actor.org, input);
      await state(parts, tx, actor, { id: actor.org, org: null }, 'working-day.decided', { ...input });
      return { day: input.day };
    }),
  };
}
