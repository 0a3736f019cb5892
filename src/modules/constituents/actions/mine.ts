/** A constituent's own acts on its notices and findings, by mandate; and what a letter's link lets its holder do. */
import { hash } from 'node:crypto';
import type { Actions, Caller } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import { keyOnFile } from '#world/openpgp';
import type { mineApi } from '../api/mine.ts';
import type { Notice } from '../model/notices.ts';
import { acknowledge, dispute, except, sayFixed, type Changed } from '../rules/findings.ts';
import { instant } from '../rules/registry.ts';
import { contactsOf, markContact } from '../store/contacts.ts';
import { addSteps, findingHeld, findingsOf, markNotices, noticesOf, saveFindings } from '../store/findings.ts';
import {
  endLinks, insertWebhook, linkBySecret, messageById, removeWebhook, rulesOf, saveKey, settleMessage, webhooksOf, type LinkRecord,
} from '../store/messages.ts';
import { chosen } from './contacts.ts';
import { inFull, makeRule, ruleSaid } from './notices.ts';
import { ownSide, stateOwn, type ConstituentsParts, type OwnSide } from './parts.ts';

type All = Actions<typeof mineApi>;

export function mineActions(parts: ConstituentsParts): All {
  return { ...reading(parts), ...answering(parts), ...setting(parts), ...linking(parts) };
}

const ids = (side: OwnSide): string[] => side.constituents.map((c) => c.id);
const receive = (parts: ConstituentsParts, caller: Caller) => ownSide(parts, caller, 'notice.receive', 'notice', 'notice');
const answer = (parts: ConstituentsParts, caller: Caller, noun = 'notice') => ownSide(parts, caller, 'notice.answer', 'notice', noun);

async function ownNotice(q: Queryable, side: OwnSide, id: string): Promise<Notice> {
  const [notice] = await noticesOf(q, side.scope, { ids: [id], constituents: ids(side), released: true });
  if (!notice) throw noSuch('notice');
  return notice;
}

function reading(parts: ConstituentsParts): Pick<All, 'myNotices' | 'myNotice' | 'myRules' | 'slice'> {
  const { db } = parts;
  return {
    myNotices: async (input, caller) => {
      const side = await receive(parts, caller);
      const notices = await noticesOf(db, side.scope, { constituents: ids(side), released: true });
      const since = input.since;
      return {
        notices, open: notices.reduce((n, x) => n + x.open, 0),
        changed: since === undefined ? notices.length : notices.filter((n) => n.last > since || (n.releasedAt ?? '') > since).length,
      };
    },
    myNotice: async (input, caller) => {
      const side = await receive(parts, caller);
      return inFull(db, side.scope, await ownNotice(db, side, input.notice));
    },
    myRules: async (_, caller) => {
      const side = await receive(parts, caller);
      return { rules: await rulesOf(db, side.scope, ids(side)) };
    },
    slice: async (input, caller) => {
      const side = await receive(parts, caller);
      const [from, to] = [Date.parse(input.from) / 1000, Date.parse(input.to) / 1000 + 86_400];
      if (from >= to || to - from > 93 * 86_400) throw new Refusal('invalid', 'slice.days', 'Ask for a quarter at most, its first day first.', { at: 'from' });
      const answered = await parts.observed.slice(side.scope, ids(side), { from, to }, input.cursor ?? null, input.limit);
      await stateOwn(parts, db, caller, side, ids(side)[0] ?? side.scope, 'slice.viewed', { from: input.from, to: input.to, rows: answered.rows.length });
      return answered;
    },
  };
}

/** Changes one finding within a transaction that holds it, with its step. */
async function change(
  tx: Queryable, now: string, scope: string, constituents: readonly string[], id: string, how: (f: Changed['finding']) => Changed,
): Promise<Changed> {
  const held = await findingHeld(tx, scope, constituents, id);
  if (!held) throw noSuch('finding');
  const changed = how(held.finding);
  await saveFindings(tx, scope, [{ ...held, finding: changed.finding }]);
  if (changed.step) await addSteps(tx, [{ finding: id, step: changed.step }], now);
  return changed;
}

/** Marks a notice as read, and its open findings as being worked on. */
async function markRead(parts: ConstituentsParts, tx: Queryable, scope: string, notice: Notice, by: string): Promise<void> {
  if (notice.acknowledgedAt === null) await markNotices(tx, [notice.id], { acknowledged_at: parts.clock.iso() });
  for (const f of await findingsOf(tx, scope, { notices: [notice.id], state: 'open', limit: 10_000 })) {
    await change(tx, parts.clock.iso(), scope, [notice.constituent], f.id, (x) => acknowledge(x, by, parts.clock.iso()));
  }
}

function answering(parts: ConstituentsParts): Pick<All, 'acknowledge' | 'sayFixed' | 'except' | 'dispute' | 'feedback'> {
  const { db, clock } = parts;
  return {
    acknowledge: async (input, caller) => {
      const side = await answer(parts, caller);
      return db.transaction(async (tx) => {
        const notice = await ownNotice(tx, side, input.notice);
        await markRead(parts, tx, side.scope, notice, caller.actor.person);
        await stateOwn(parts, tx, caller, side, notice.constituent, 'notice.acknowledged', { notice: notice.id });
        return { notice: await ownNotice(tx, side, input.notice) };
      });
    },
    sayFixed: async (input, caller) => {
      const side = await answer(parts, caller, 'finding');
      return db.transaction(async (tx) => {
        const { finding } = await change(tx, clock.iso(), side.scope, ids(side), input.finding,
          (f) => sayFixed(f, caller.actor.person, clock.iso(), input.note));
        await stateOwn(parts, tx, caller, side, finding.constituent, 'finding.said-fixed', { finding: finding.id });
        return { finding };
      });
    },
    except: async (input, caller) => {
      const side = await answer(parts, caller, 'finding');
      return db.transaction(async (tx) => {
        const until = instant(input.until);
        const { finding } = await change(tx, clock.iso(), side.scope, ids(side), input.finding,
          (f) => except(f, caller.actor.person, clock.iso(), until, input.reason));
        await stateOwn(parts, tx, caller, side, finding.constituent, 'finding.excepted', { finding: finding.id, until, reason: input.reason });
        return { finding };
      });
    },
    dispute: async (input, caller) => {
      const side = await answer(parts, caller, 'finding');
      return db.transaction(async (tx) => {
        const { finding } = await change(tx, clock.iso(), side.scope, ids(side), input.finding,
          (f) => dispute(f, caller.actor.person, clock.iso(), input.reason));
        await stateOwn(parts, tx, caller, side, finding.constituent, 'finding.disputed', { finding: finding.id, reason: input.reason });
        return { finding };
      });
    },
    feedback: async ({ notice: id, ...numbers }, caller) => {
      const side = await answer(parts, caller);
      return db.transaction(async (tx) => {
        const notice = await ownNotice(tx, side, id);
        if (numbers.informed > notice.assets || numbers.cleaned + numbers.disputed > notice.assets) {
          throw new Refusal('invalid', 'feedback.too-many', 'These are more than the notice speaks of.', { at: 'informed' });
        }
        await markRead(parts, tx, side.scope, notice, caller.actor.person);
        await stateOwn(parts, tx, caller, side, notice.constituent, 'notice.feedback', { notice: notice.id, ...numbers });
        return { notice: await ownNotice(tx, side, id) };
      });
    },
  };
}

/** Webhooks of one organisation. */
const mostWebhooks = 3;

function setting(parts: ConstituentsParts): Pick<All, 'addMyRule' | 'addWebhook' | 'removeWebhook' | 'setKey'> {
  const { db, clock } = parts;
  return {
    addMyRule: async ({ constituent: which, ...given }, caller) => {
      const side = await answer(parts, caller, 'constituent');
      const constituent = chosen(side, which);
      return db.transaction(async (tx) => {
        const constituentName = side.constituents.find((c) => c.id === constituent)?.name ?? constituent;
        const rule = await makeRule(parts, tx, side.scope, caller.actor.person, { ...given, constituent, constituentName });
        await stateOwn(parts, tx, caller, side, constituent, 'notice-rule.made', ruleSaid(rule));
        return { rule };
      });
    },
    addWebhook: async (input, caller) => {
      const side = await answer(parts, caller, 'constituent');
      const constituent = chosen(side, input.constituent);
      return db.transaction(async (tx) => {
        if ((await webhooksOf(tx, side.scope, [constituent])).length >= mostWebhooks) {
          throw new Refusal('conflict', 'webhook.too-many', `At most ${mostWebhooks} webhooks.`);
        }
        const hook = { id: parts.ids.next('whk'), constituent, url: input.url, secret: parts.ids.secret(), addedAt: clock.iso() };
        await insertWebhook(tx, side.scope, hook);
        await stateOwn(parts, tx, caller, side, constituent, 'webhook.added', { webhook: hook.id, host: new URL(hook.url).hostname });
        return { id: hook.id, url: hook.url, secret: hook.secret };
      });
    },
    removeWebhook: async (input, caller) => {
      const side = await answer(parts, caller, 'webhook');
      return db.transaction(async (tx) => {
        const hook = (await webhooksOf(tx, side.scope, ids(side))).find((w) => w.id === input.webhook);
        if (!hook) throw noSuch('webhook');
        await removeWebhook(tx, side.scope, hook.id, clock.iso());
        await stateOwn(parts, tx, caller, side, hook.constituent, 'webhook.removed', { webhook: hook.id });
        return { id: hook.id };
      });
    },
    setKey: async (input, caller) => {
      const side = await answer(parts, caller, 'contact');
      const contact = (await contactsOf(db, side.scope, ids(side), clock.now())).find((c) => c.id === input.contact);
      if (!contact) throw noSuch('contact');
      const { fingerprint } = await keyOnFile(input.armored).catch(() => {
        throw new Refusal('invalid', 'contact.key-unusable', 'This is no OpenPGP public key that one can encrypt to.', { at: 'armored' });
      });
      return db.transaction(async (tx) => {
        await saveKey(tx, { contact: contact.id, armored: input.armored, fingerprint, at: clock.iso() });
        await stateOwn(parts, tx, caller, side, contact.constituent, 'contact.key-set', { contact: contact.id, fingerprint });
        return { fingerprint };
      });
    },
  };
}

async function linkOf(parts: ConstituentsParts, q: Queryable, secret: string): Promise<LinkRecord> {
  const link = await linkBySecret(q, hash('sha256', secret), parts.clock.iso());
  // Wrong, used up or too old: one answer.
  if (!link) throw noSuch('link');
  return link;
}

function linking(parts: ConstituentsParts): Pick<All, 'openLink' | 'answerLink'> {
  const { db, clock } = parts;
  const noticesOfLink = async (q: Queryable, link: LinkRecord): Promise<Notice[]> => {
    const message = await messageById(q, link.scope, link.message);
    return noticesOf(q, link.scope, { ids: message?.notices ?? [], constituents: [link.constituent] });
  };
  return {
    openLink: async (input) => {
      const link = await linkOf(parts, db, input.secret);
      const message = await messageById(db, link.scope, link.message);
      if (!message) throw noSuch('link');
      // Whoever opens it has it: a message of which nobody knew has arrived.
      if (message.state === 'unsure') await settleMessage(db, message.id, { state: 'sent', sent_at: clock.iso(), problem: null });
      const notices = await noticesOfLink(db, link);
      const findings = await findingsOf(db, link.scope, { notices: notices.map((n) => n.id), limit: 200 });
      const contact = (await contactsOf(db, link.scope, [link.constituent], clock.now())).find((c) => c.id === link.contact);
      return {
        purpose: link.purpose, constituent: notices[0]?.constituentName ?? message.toName, language: message.language,
        expiresAt: link.expiresAt, contact: contact?.name ?? null, notices, findings,
      };
    },
    answerLink: async ({ secret, act, finding, note }) => db.transaction(async (tx) => {
      const link = await linkOf(parts, tx, secret);
      const by = `link of ${link.contact ?? link.message}`;
      const told = (what: string, body: Record<string, string>) => stateFact(tx, {
        class: what, at: clock.iso(), actor: link.contact ?? 'link', org: link.scope, subject: link.constituent, readers: [], clauses: [], body,
      });
      if ((act === 'confirm') !== (link.purpose === 'confirm-contact')) {
        throw new Refusal('invalid', 'link.other-purpose', 'This link is for something else.', { at: 'act' });
      }
      if (act === 'confirm') {
        if (link.contact === null) throw noSuch('link');
        await markContact(tx, link.scope, link.contact, { confirmed_at: clock.iso(), bounced_at: null, bounce_reason: null });
        await endLinks(tx, link.message, clock.iso());
        await told('contact.confirmed', { contact: link.contact });
      } else if (act === 'acknowledge') {
        for (const notice of await noticesOfLink(tx, link)) {
          await markRead(parts, tx, link.scope, notice, by);
          await told('notice.acknowledged', { notice: notice.id });
        }
      } else {
        if (finding === undefined) throw new Refusal('invalid', 'link.which-finding', 'Say which finding is fixed.', { at: 'finding' });
        const notices = (await noticesOfLink(tx, link)).map((n) => n.id);
        await change(tx, clock.iso(), link.scope, [link.constituent], finding, (f) => {
          if (!notices.includes(f.notice)) throw noSuch('finding');
          return sayFixed(f, by, clock.iso(), note);
        });
        await told('finding.said-fixed', { finding });
      }
      return { done: act };
    }),
  };
}
