/**
 * What the clock does with notices, round by round: lets go what is critical, opens what an exception no longer covers,
 * climbs the ladder, sends what is due. Each step is its own transaction and safe to run twice and on several replicas.
 */
import { hash } from 'node:crypto';
import { stateFact } from '#world/facts';
import type { Notice } from '../model/notices.ts';
import { exceptionOver } from '../rules/findings.ts';
import { escalationLetter } from '../rules/letters.ts';
import { ladder, rungDue } from '../rules/notices.ts';
import { contactsOf } from '../store/contacts.ts';
import { addSteps, exceptionsOver, findingsOf, holdWaiting, markNotices, noticesOf, saveFindings, scopeOfNotice } from '../store/findings.ts';
import { enqueue, keysOf } from '../store/messages.ts';
import { constituentById } from '../store/registry.ts';
import { expireLists } from './editions.ts';
import { sweepGuards } from './guards.ts';
import { carryOut } from './notices.ts';
import type { ConstituentsParts } from './parts.ts';
import { detailFor, planRelease } from './release.ts';
import { sendDue } from './sending.ts';

export async function tendNotices(parts: ConstituentsParts): Promise<void> {
  await endExceptions(parts);
  await releaseCritical(parts);
  await climb(parts);
  await sendDue(parts);
}

/** Entries that have ended leave their lists; guard lists that nobody asks any more are removed. */
export async function tendBlocking(parts: ConstituentsParts): Promise<void> {
  await expireLists(parts);
  await sweepGuards(parts);
}

async function endExceptions({ db, clock }: ConstituentsParts): Promise<void> {
  await db.transaction(async (tx) => {
    for (const { scope, record } of await exceptionsOver(tx, clock.iso())) {
      const { finding, step } = exceptionOver(record.finding, clock.iso());
      await saveFindings(tx, scope, [{ ...record, finding }]);
      if (!step) continue;
      await addSteps(tx, [{ finding: finding.id, step }], clock.iso());
      await stateFact(tx, {
        class: 'finding.exception-ended', at: clock.iso(), actor: 'system', org: scope, subject: finding.constituent, readers: [],
        clauses: [], body: { finding: finding.id },
      });
    }
  });
}

/** What is critical waits for nobody; what nobody can be reached for stays in the queue. */
async function releaseCritical(parts: ConstituentsParts): Promise<void> {
  const waiting = (await noticesOf(parts.db, null, { state: 'waiting' })).filter((n) => n.severity === 'critical');
  for (const { id } of waiting) {
    await parts.db.transaction(async (tx) => {
      const scope = await scopeOfNotice(tx, id);
      if (scope === null || (await holdWaiting(tx, scope, [id])).length === 0) return;
      const notices = await noticesOf(tx, scope, { ids: [id] });
      await carryOut(parts, tx, { person: 'system', org: scope }, await planRelease(parts, tx, scope, notices), notices);
    });
  }
}

async function climb(parts: ConstituentsParts): Promise<void> {
  for (const notice of await noticesOf(parts.db, null, { climbing: true })) {
    const rung = rungDue(notice.releasedAt ?? notice.raisedAt, notice.rung, parts.clock.now());
    if (rung) await climbOne(parts, notice, rung);
  }
}

/** Tells the rung's contacts; where a rung has none it is passed, and the fact says so. The last is the centre itself. */
async function climbOne(parts: ConstituentsParts, notice: Notice, rung: (typeof ladder)[number]): Promise<void> {
  const { db, clock, hub } = parts;
  await db.transaction(async (tx) => {
    const scope = await scopeOfNotice(tx, notice.id);
    const [now] = await noticesOf(tx, scope, { ids: [notice.id], climbing: true });
    // Somebody else has climbed it, or it was closed meanwhile.
    if (scope === null || !now || now.rung !== notice.rung) return;
    const contacts = (await contactsOf(tx, scope, [now.constituent], clock.now()))
      .filter((c) => c.duty === rung.duty && c.state !== 'bouncing');
    const constituent = await constituentById(tx, scope, now.constituent, clock.iso());
    const detail = await detailFor(parts, tx, scope, constituent?.org ?? null);
    const findings = detail === 'full' ? await findingsOf(tx, scope, { notices: [now.id], limit: 20 }) : [];
    const keys = await keysOf(tx, contacts.map((c) => c.id));
    await enqueue(tx, contacts.map((c) => {
      const letter = escalationLetter({
        language: c.language, hub: hub.name, constituent: now.constituentName, detail, notices: [now],
        assets: findings.map((f) => f.asset), zone: hub.zone,
      }, rung.afterDays);
      const key = hash('sha256', JSON.stringify(['escalation', c.id, now.id, rung.rung]));
      return {
        id: parts.ids.next('msg'), scope, constituent: now.constituent, purpose: 'escalation' as const, channel: 'e-mail' as const,
        contact: c.id, webhook: null, toName: c.name, toAddress: c.email, language: c.language, subject: letter.subject, body: letter.text,
        notices: [now.id], key, messageId: `${key.slice(0, 40)}@${new URL(hub.origin).hostname}`, dueAt: clock.iso(), pgpKey: keys.get(c.id)?.armored ?? null,
      };
    }), clock.iso());
    await markNotices(tx, [now.id], { rung: rung.rung });
    await stateFact(tx, {
      class: 'notice.escalated', at: clock.iso(), actor: 'system', org: scope, subject: now.constituent, readers: [], clauses: [],
      body: { notice: now.id, rung: rung.rung, told: rung.duty === null ? 'the centre' : rung.duty, contacts: contacts.length },
    });
  });
}
