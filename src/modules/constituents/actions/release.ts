/**
 * From waiting notices to messages in the outbox: who gets what, in which words, when. The preview and the release are made
 * by the same function; a release names the digest of what was previewed, so that what leaves is what was looked at.
 */
import { hash } from 'node:crypto';
import { decisionFor } from '#modules/agreements/index';
import type { WorkingCalendar } from '#kit/calendar/working';
import type { Queryable } from '#world/db/port';
import type { Contact } from '../model/contacts.ts';
import type { Held, Notice, Previewed } from '../model/notices.ts';
import { reachable } from '../rules/contacts.ts';
import { noticeLetter } from '../rules/letters.ts';
import { bulkAbove, dueAt, ruleFor, worse } from '../rules/notices.ts';
import { contactsOf } from '../store/contacts.ts';
import { findingsOf } from '../store/findings.ts';
import { decidedDays, keysOf, rulesOf, webhooksOf, type Outgoing } from '../store/messages.ts';
import { constituentById } from '../store/registry.ts';
import type { ConstituentsParts } from './parts.ts';

/** Assets that a letter names; its page shows all. */
const namedAssets = 20;

export interface Plan {
  readonly previews: readonly Previewed[];
  readonly held: readonly Held[];
  /** Over everything that leaves but the hour. */
  readonly digest: string;
  readonly hands: 1 | 2;
  readonly outgoing: readonly Outgoing[];
  /** Notices that leave, and those that a rule puts away. */
  readonly leaving: readonly string[];
  readonly suppressed: readonly string[];
}

export async function calendarOf(parts: Pick<ConstituentsParts, 'hub'>, q: Queryable, scope: string): Promise<WorkingCalendar> {
  return { zone: parts.hub.zone, opens: 480, closes: 1020, digestAt: 510, decided: await decidedDays(q, scope) };
}

/** What would leave for these notices, now. */
export async function planRelease(
  parts: Pick<ConstituentsParts, 'clock' | 'ids' | 'hub'>, q: Queryable, scope: string, notices: readonly Notice[],
): Promise<Plan> {
  const calendar = await calendarOf(parts, q, scope);
  const all: { preview: Previewed; outgoing: Outgoing }[] = [];
  const held: Held[] = [];
  const rules = await rulesOf(q, scope, null);
  for (const owner of [...new Set(notices.map((n) => n.constituent))].sort()) {
    const own = notices.filter((n) => n.constituent === owner);
    const contacts = await contactsOf(q, scope, [owner], parts.clock.now());
    const groups = new Map<string, { notices: Notice[]; contacts: Contact[] }>();
    for (const notice of own) {
      const rule = ruleFor(notice, rules, parts.clock.now());
      if (rule?.act === 'suppress') {
        held.push({ notice: notice.id, constituentName: notice.constituentName, why: 'suppressed', reason: rule.reason, until: rule.until });
        continue;
      }
      const led = rule === null ? [] : contacts.filter((c) => c.id === rule.contact && c.state !== 'bouncing');
      const to = led.length > 0 ? led : reachable(contacts);
      // What is critical goes by itself and at once; the rest of a morning is one letter.
      const key = `${to.map((c) => c.id).join()} ${notice.severity === 'critical' ? notice.id : notice.severity === 'high' ? 'high' : 'digest'}`;
      const group = groups.get(key) ?? { notices: [], contacts: to };
      group.notices.push(notice);
      groups.set(key, group);
    }
    for (const group of groups.values()) all.push(...await lettersFor(parts, q, scope, owner, group, calendar, held));
  }
  const previews = all.map((a) => a.preview);
  const leaving = [...new Set(previews.flatMap((p) => p.notices))];
  return {
    previews, held, outgoing: all.map((a) => a.outgoing), leaving,
    suppressed: held.filter((h) => h.why === 'suppressed').map((h) => h.notice),
    digest: hash('sha256', JSON.stringify([previews.map(({ dueAt: _hour, ...p }) => p), held.map((h) => [h.notice, h.why])])),
    hands: new Set(previews.map((p) => p.constituent)).size > bulkAbove ? 2 : 1,
  };
}

/** Whether a clause lets this constituent be told in full; without one a letter says only that there is something. */
export async function detailFor(parts: Pick<ConstituentsParts, 'clock'>, q: Queryable, scope: string, org: string | null): Promise<'full' | 'bare'> {
  if (org === null) return 'bare';
  if (org === scope) return 'full';
  const decision = await decisionFor({ db: q, clock: parts.clock }, {
    actor: { org }, action: 'notice.receive', purpose: 'incident-response', resource: { owner: scope, kind: 'notice', level: 3 },
  });
  return decision.outcome === 'allow' ? 'full' : 'bare';
}

async function lettersFor(
  parts: Pick<ConstituentsParts, 'clock' | 'ids' | 'hub'>, q: Queryable, scope: string, owner: string,
  group: { notices: Notice[]; contacts: Contact[] }, calendar: WorkingCalendar, held: Held[],
): Promise<{ preview: Previewed; outgoing: Outgoing }[]> {
  const [first] = group.notices;
  const constituent = await constituentById(q, scope, owner, parts.clock.iso());
  const detail = await detailFor(parts, q, scope, constituent?.org ?? null);
  const webhooks = detail === 'full' ? await webhooksOf(q, scope, [owner]) : [];
  if (group.contacts.length === 0 && webhooks.length === 0) {
    for (const n of group.notices) {
      held.push({ notice: n.id, constituentName: n.constituentName, why: 'nobody-to-reach', reason: null, until: null });
    }
    return [];
  }
  const severity = group.notices.reduce((worst, n) => worse(worst, n.severity), first?.severity ?? 'unknown');
  const due = new Date(dueAt(severity, parts.clock.now(), calendar)).toISOString();
  const ids = group.notices.map((n) => n.id).sort();
  const findings = detail === 'full' ? await findingsOf(q, scope, { notices: ids, limit: namedAssets }) : [];
  const keys = await keysOf(q, group.contacts.map((c) => c.id));
  const domain = new URL(parts.hub.origin).hostname;
  const one = (channel: 'e-mail' | 'webhook', to: { id: string; name: string; address: string; language: 'vi' | 'en' }) => {
    const letter = noticeLetter({
      language: to.language, hub: parts.hub.name, constituent: first?.constituentName ?? owner, detail, notices: group.notices,
      assets: findings.map((f) => f.asset).toSorted(), zone: parts.hub.zone,
    });
    const key = hash('sha256', JSON.stringify(['notice', to.id, ids]));
    const pgp = channel === 'e-mail' ? keys.get(to.id)?.armored ?? null : null;
    return {
      preview: {
        constituent: owner, constituentName: first?.constituentName ?? owner, channel, contact: to.id, to: to.address,
        language: to.language, subject: letter.subject, text: letter.text, encrypted: pgp !== null, dueAt: due, detail, notices: ids,
      },
      outgoing: {
        id: parts.ids.next('msg'), scope, constituent: owner, purpose: 'notice' as const, channel,
        contact: channel === 'e-mail' ? to.id : null, webhook: channel === 'webhook' ? to.id : null, toName: to.name,
        toAddress: to.address, language: to.language, subject: letter.subject, body: letter.text, notices: ids, key,
        // From the key: the same letter sent again carries the same id.
        messageId: `${key.slice(0, 40)}@${domain}`, dueAt: due, pgpKey: pgp,
      },
    };
  };
  return [
    ...group.contacts.map((c) => one('e-mail', { id: c.id, name: c.name, address: c.email, language: c.language })),
    ...webhooks.map((w) => one('webhook', { id: w.id, name: owner, address: w.url, language: 'en' })),
  ];
}
