/**
 * The outbox at work: takes a message whose hour has come, sends it, writes down what came of it. If we crash between
 * sending and writing, the message is found as being sent, becomes `unsure`, and is sent again only after a while, under the
 * same Message-ID or key, so that the receiver can drop the copy; unless its link was opened, which shows that it arrived.
 */
import { createHmac, hash } from 'node:crypto';
import { stateFact } from '#world/facts';
import type { Queryable } from '#world/db/port';
import { MailError, type MailReason } from '#world/mail/port';
import { linkPlace } from '../rules/letters.ts';
import { markContact } from '../store/contacts.ts';
import { insertLink, markUnsure, settleMessage, takeDue, webhooksOf, type Taken } from '../store/messages.ts';
import type { ConstituentsParts } from './parts.ts';

const minute = 60_000;
/** After so long nobody is still sending it. */
const sendingMs = 10 * minute;
/** How long a message of which nobody knows is left alone before it goes again. */
const unsureMs = 6 * 60 * minute;
const linkDays = 30;
/** Waits between tries, in minutes; after the last the message has failed. */
const patience = [1, 5, 15, 60, 180, 360, 720, 1440];
/** Messages of one round, so that a round ends. */
const perRound = 200;

export interface Sent { readonly sent: number; readonly failed: number; readonly unsure: number }

export async function sendDue(parts: ConstituentsParts): Promise<Sent> {
  const { db, clock } = parts;
  const done = { sent: 0, failed: 0, unsure: 0 };
  const left = await db.transaction((tx) => markUnsure(tx, isoAfter(clock.now(), -sendingMs), isoAfter(clock.now(), unsureMs)));
  done.unsure += left.length;
  for (let n = 0; n < perRound; n++) {
    const secret = parts.ids.secret();
    const taken = await db.transaction(async (tx) => {
      const message = await takeDue(tx, clock.iso());
      // The link is there before the letter that carries it.
      if (message) await addLink(parts, tx, message, secret);
      return message;
    });
    if (!taken) return done;
    const reason = await send(parts, taken, secret);
    await db.transaction((tx) => settle(parts, tx, taken, reason));
    if (reason === null) done.sent += 1;
    else if (reason.reason === 'unknown') done.unsure += 1;
    else done.failed += 1;
  }
  return done;
}

const isoAfter = (now: number, ms: number): string => new Date(now + ms).toISOString();

async function addLink(parts: ConstituentsParts, tx: Queryable, m: Taken, secret: string): Promise<void> {
  if (!m.body.includes(linkPlace)) return;
  await insertLink(tx, {
    sha256: hash('sha256', secret), scope: m.scope, constituent: m.constituent, purpose: m.purpose, message: m.id, contact: m.contact,
    expiresAt: isoAfter(parts.clock.now(), linkDays * 1440 * minute),
  }, parts.clock.iso());
}

interface Failure { readonly reason: MailReason; readonly sentence: string }

/** Null where it was taken. The secret stands in the address's fragment, which no server and no proxy sees. */
async function send(parts: ConstituentsParts, m: Taken, secret: string): Promise<Failure | null> {
  const text = m.body.replaceAll(linkPlace, `${parts.hub.origin}/notice#${secret}`);
  if (m.channel === 'webhook') return post(parts, m, text);
  try {
    await parts.mail.send({
      messageId: m.messageId, to: { name: m.toName, address: m.toAddress }, subject: m.subject, text, date: parts.clock.iso(), pgpKey: m.pgpKey,
    });
    return null;
  } catch (error) {
    if (error instanceof MailError) return { reason: error.reason, sentence: error.message };
    throw error;
  }
}

/** Signed as Standard Webhooks has it: HMAC-SHA-256 over id, time and body. The id is the message's key: once is enough. */
async function post(parts: ConstituentsParts, m: Taken, text: string): Promise<Failure | null> {
  const hook = (await webhooksOf(parts.db, m.scope, [m.constituent])).find((w) => w.id === m.webhook);
  if (!hook) return { reason: 'refused', sentence: 'The webhook was taken out.' };
  const stamp = Math.floor(parts.clock.now() / 1000);
  const body = JSON.stringify({ type: 'notice.released', constituent: m.constituent, notices: m.notices, text });
  const signature = createHmac('sha256', hook.secret).update(`${m.key}.${stamp}.${body}`).digest('base64');
  try {
    const { status } = await parts.outbound.ask({
      url: hook.url, method: 'POST', body, redirectsMax: 0,
      headers: {
        'content-type': 'application/json', 'webhook-id': m.key, 'webhook-timestamp': String(stamp), 'webhook-signature': `v1,${signature}`,
      },
    });
    if (status >= 200 && status < 300) return null;
    return { reason: status === 410 ? 'refused' : 'later', sentence: `It answered ${status}.` };
  } catch (error) {
    // The receiver drops what it has by its id, so trying again is safe.
    return { reason: 'later', sentence: error instanceof Error ? error.message.slice(0, 300) : 'There was no answer.' };
  }
}

async function settle(parts: ConstituentsParts, tx: Queryable, m: Taken, failure: Failure | null): Promise<void> {
  const now = parts.clock.now();
  const at = parts.clock.iso();
  if (failure === null) {
    await settleMessage(tx, m.id, { state: 'sent', sent_at: at, problem: null });
    return told(tx, m, at, 'message.sent', { attempts: m.attempts });
  }
  if (failure.reason === 'unknown') {
    return settleMessage(tx, m.id, { state: 'unsure', next_at: isoAfter(now, unsureMs), problem: failure.sentence });
  }
  const wait = patience[m.attempts - 1];
  if (failure.reason === 'later' && wait !== undefined) {
    return settleMessage(tx, m.id, { state: 'waiting', next_at: isoAfter(now, wait * minute), problem: failure.sentence });
  }
  await settleMessage(tx, m.id, { state: 'failed', problem: failure.sentence });
  if (failure.reason === 'refused' && m.contact !== null) {
    await markContact(tx, m.scope, m.contact, { bounced_at: at, bounce_reason: failure.sentence });
  }
  await told(tx, m, at, 'message.failed', { attempts: m.attempts, reason: failure.reason });
}

/** What a fact says of a message: to which contact, about which notices; no address and no word of it. */
async function told(tx: Queryable, m: Taken, at: string, what: string, body: Record<string, string | number>): Promise<void> {
  await stateFact(tx, {
    class: what, at, actor: 'system', org: m.scope, subject: m.constituent, readers: [], clauses: [],
    body: { message: m.id, purpose: m.purpose, channel: m.channel, contact: m.contact, notices: [...m.notices], ...body },
  });
}
