/**
 * Alerts for named eyes. Sending writes the alert, its whole line and the first telling in one transaction: if we crash before the
 * commit nobody was alerted, after it the chore goes on with whoever is next. Opening is the receipt.
 */
import type { Actions, Actor, Tlp } from '#kit/endpoint';
import { Refusal, noSuch, type ClauseRef, nullIfRefused } from '#kit/refusal';
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import { asHub } from '#world/db/scope';
import { stateFact } from '#world/facts';
import type { Ids } from '#world/ids';
import { MailError, type Mail } from '#world/mail/port';
import type { Trace } from '#world/trace';
import { clausesOf, decisionFor, refusalOf, partnersOf } from '#modules/agreements/index';
import { givesRight, organisationById, peopleOf, personById } from '#modules/parties/index';
import type { alertsApi } from './api.ts';
import type { AlertLine, OpenAlert, SentAlert, WaitingAlert } from './model.ts';
import { followsAt, nextAt, stateOf, type Standing } from './rules.ts';
import {
  insertAlert, lineOf, noteRead, noteUnanswered, openAlerts, sentBy, sentById, setLine, settleLetter, stepsOf, takeLetters, tell, toldOne, toldTo,
  withdraw, type AlertRecord, type StepRecord,
} from './store.ts';

export interface AlertsParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly mail: Mail;
  readonly trace: Pick<Trace, 'warn'>;
}
type All = Actions<typeof alertsApi>;

const perPage = 50;
/** While a letter leaves, nobody else sends it; after that somebody tries again. */
const letterPatienceMs = 120_000;

/**
 * What is RED is for people, whom an agreement of organisations does not name: the agreement is asked for the narrowest label that it
 * can give an organisation, and the alert names the people.
 */
const askedLabel = (tlp: Tlp): Tlp => (tlp === 'RED' ? 'AMBER+STRICT' : tlp);
const about = (owner: string, tlp: Tlp) => ({ owner, kind: 'threat', tlp: askedLabel(tlp), level: 3, purpose: 'incident-response' } as const);

export const alertsActions = (parts: AlertsParts): All => ({ ...lines(parts), ...sending(parts), ...receiving(parts) });

function lines({ db, clock }: AlertsParts): Pick<All, 'alerts.viewLine' | 'alerts.setLine'> {
  const view = async (q: Queryable, org: string): Promise<AlertLine> => {
    const [people, line] = [await peopleOf(q, org), await lineOf(q, org)];
    const eligible = people.filter((p) => p.status === 'active' && givesRight(p.roles, 'threat.read')).map(({ id, name }) => ({ id, name }));
    return { people: line.flatMap((id) => people.filter((p) => p.id === id).map((p) => ({ id, name: p.name }))), eligible };
  };
  return {
    'alerts.viewLine': (_, { actor }) => view(db, actor.org),
    'alerts.setLine': async ({ people }, { actor }) => db.transaction(async (tx) => {
      const { eligible } = await view(tx, actor.org);
      const stranger = people.find((id) => !eligible.some((p) => p.id === id));
      if (stranger !== undefined || new Set(people).size !== people.length) {
        throw new Refusal('invalid', 'alert-line.not-eligible', 'On the line stand people of one’s own who may read threat information, each once.', {
          at: 'people',
        });
      }
      await setLine(tx, actor.org, people);
      await stateFact(tx, {
        class: 'alert-line.set', at: clock.iso(), actor: actor.person, org: actor.org, subject: actor.org, readers: [], clauses: [], body: { people },
      });
      return view(tx, actor.org);
    }),
  };
}

type Sending = Pick<All, 'alerts.recipients' | 'alerts.send' | 'alerts.sent' | 'alerts.withdraw'>;

function sending(parts: AlertsParts): Sending {
  const { db, clock } = parts;
  return {
    'alerts.recipients': async (_, { actor }) => {
      const items = [];
      for (const org of await partnersOf(db, actor.org)) {
        const decision = await mayRead(parts, db, actor.org, org, 'CLEAR');
        if (decision.outcome !== 'allow') continue;
        items.push({ org, name: (await organisationById(db, org))?.name ?? org, onLine: (await lineFor(parts, org)).length });
      }
      return { items: items.sort((a, b) => a.name.localeCompare(b.name)) };
    },
    'alerts.send': async (input, { actor }) => {
      if (!(await partnersOf(db, actor.org)).includes(input.to)) throw noSuch('organisation');
      const decision = await mayRead(parts, db, actor.org, input.to, input.tlp);
      if (decision.outcome !== 'allow') {
        throw new Refusal('forbidden', 'alert.not-agreed', 'No agreement lets them read what carries that label.', { hint: refusalOf(decision).message });
      }
      const line = await lineFor(parts, input.to);
      if (line.length === 0) {
        throw new Refusal('conflict', 'alert.nobody-on-line', 'They have nobody on their line for alerts yet.', { hint: 'Call them, and ask them to set it.' });
      }
      const alert: AlertRecord = {
        id: parts.ids.next('alt'), scope: actor.org, to: input.to, tlp: input.tlp, title: input.title, text: input.text, objects: input.objects,
        minutes: input.minutes, sentAt: clock.iso(), sentBy: actor.person, withdrawnAt: null, unansweredAt: null,
      };
      await writeAlert(db, alert, line, clausesOf(decision));
      return { alert: (await sentOf(parts, [alert]))[0] as SentAlert };
    },
    'alerts.sent': async ({ cursor }, { actor }) => {
      const found = await sentBy(db, senderOf(actor), cursor ?? null, perPage + 1);
      return { items: await sentOf(parts, found.slice(0, perPage)), next: found.length > perPage ? found[perPage - 1]?.id ?? null : null };
    },
    'alerts.withdraw': async ({ alert: id, reason }, { actor }) => {
      const found = await sentById(db, senderOf(actor), id);
      if (!found) throw noSuch('alert');
      const at = clock.iso();
      await db.transaction(async (tx) => {
        if (!await withdraw(tx, actor.org, id, at)) throw new Refusal('conflict', 'alert.withdrawn', 'This alert was withdrawn before.');
        await stateFact(tx, {
          class: 'alert.withdrawn', at, actor: actor.person, org: actor.org, subject: id, readers: [found.to], clauses: [], body: { alert: id, reason },
        });
      });
      return { alert: (await sentOf(parts, [{ ...found, withdrawnAt: at }]))[0] as SentAlert };
    },
  };
}

/** The steps are rows of the other side's people, which no sender writes: after the decision's yes it is the hub's work. */
export function writeAlert(db: Db, alert: AlertRecord, line: readonly string[], clauses: readonly ClauseRef[]): Promise<void> {
  return asHub('an alert to another organisation', () => db.transaction(async (tx) => {
    await insertAlert(tx, alert, line);
    await tell(tx, alert.id, 1, alert.sentAt);
    await stateFact(tx, {
      class: 'alert.sent', at: alert.sentAt, actor: alert.sentBy, org: alert.scope, subject: alert.id, readers: [alert.to], clauses,
      body: { alert: alert.id, to: alert.to, tlp: alert.tlp, minutes: alert.minutes, onLine: line.length },
    });
  }));
}

const senderOf = (actor: Actor) => ({ scope: actor.org, person: actor.person });

function receiving({ db, clock }: AlertsParts): Pick<All, 'alerts.inbox' | 'alerts.open'> {
  return {
    'alerts.inbox': async ({ cursor }, caller) => {
      const { actor } = caller;
      // One's own is asked for too: an answer by mandate never goes without having asked.
      await caller.may('threat.read', { ...about(actor.org, 'CLEAR'), known: false, noun: 'alert' });
      const found = await toldTo(db, actor.person, cursor ?? null, perPage + 1);
      const items = [];
      for (const one of found.slice(0, perPage)) {
        const allowed = await caller.may('threat.read', { ...about(one.alert.scope, one.alert.tlp as Tlp), known: false, noun: 'alert' }).catch(nullIfRefused);
        if (allowed !== null) items.push(await waitingOf(db, one));
      }
      return { items, next: found.length > perPage ? found[perPage - 1]?.alert.id ?? null : null };
    },
    'alerts.open': async ({ alert: id }, caller) => {
      const { actor } = caller;
      const found = await toldOne(db, actor.person, id);
      if (!found) throw noSuch('alert');
      const { alert } = found;
      const { clauses } = await caller.may('threat.read', { ...about(alert.scope, alert.tlp as Tlp), known: false, noun: 'alert' });
      const at = clock.iso();
      await db.transaction(async (tx) => {
        if (!await noteRead(tx, id, actor.person, at)) return;
        await stateFact(tx, {
          class: 'alert.read', at, actor: actor.person, org: actor.org, subject: id, readers: [alert.scope], clauses: [...clauses],
          body: { alert: id, position: found.step.position },
        });
      });
      const now = await toldOne(db, actor.person, id);
      if (!now) throw noSuch('alert');
      const shown: OpenAlert = { ...await waitingOf(db, now), title: alert.title, text: alert.text, objects: [...alert.objects] };
      return { alert: shown };
    },
  };
}

/** Whether the other side as a whole may read what carries a label: the same decision that its reader meets. */
const mayRead = (parts: Pick<AlertsParts, 'clock'>, q: Queryable, owner: string, org: string, tlp: Tlp) => {
  const { purpose, ...resource } = about(owner, tlp);
  return decisionFor({ db: q, clock: parts.clock }, { actor: { org }, action: 'threat.read', purpose, resource });
};

/** Who of an organisation is told, in order: of the line those who are still there and still may. A sender learns their names, no more. */
const lineFor = ({ db }: Pick<AlertsParts, 'db'>, org: string): Promise<string[]> => asHub('the line of an organisation that is to be alerted', async () => {
  const people = await peopleOf(db, org);
  return (await lineOf(db, org)).filter((id) => people.some((p) => p.id === id && p.status === 'active' && givesRight(p.roles, 'threat.read')));
});

const standingOf = (alert: AlertRecord, steps: readonly StepRecord[]): Standing => ({
  minutes: alert.minutes, withdrawnAt: alert.withdrawnAt, unansweredAt: alert.unansweredAt, steps: steps.filter((s) => s.alert === alert.id),
});

async function sentOf({ db }: Pick<AlertsParts, 'db'>, alerts: readonly AlertRecord[]): Promise<SentAlert[]> {
  const steps = await stepsOf(db, alerts.map((a) => a.id));
  // Names of the other side's people, as far as they were told: the sender has to know whom to call.
  const names = await asHub('whom an alert was told', async () => {
    const found = new Map<string, string>();
    for (const id of new Set(steps.filter((s) => s.toldAt !== null).map((s) => s.person))) found.set(id, (await personById(db, id))?.name ?? id);
    return found;
  });
  return Promise.all(alerts.map(async (alert) => {
    const standing = standingOf(alert, steps);
    const next = nextAt(standing);
    return {
      id: alert.id, tlp: alert.tlp as Tlp, sentAt: alert.sentAt, minutes: alert.minutes, state: stateOf(standing), to: alert.to,
      toName: (await organisationById(db, alert.to))?.name ?? alert.to, by: alert.sentBy, title: alert.title,
      nextAt: next === null ? null : new Date(next).toISOString(),
      steps: steps.filter((s) => s.alert === alert.id).map((s) => ({
        position: s.position, name: names.get(s.person) ?? '', toldAt: s.toldAt, readAt: s.readAt, letter: s.letter as 'sent' | 'waiting' | 'refused' | null,
      })),
    };
  }));
}

async function waitingOf(q: Queryable, { alert, step }: { alert: AlertRecord; step: StepRecord }): Promise<WaitingAlert> {
  const read = step.readAt !== null;
  return {
    id: alert.id, tlp: alert.tlp as Tlp, sentAt: alert.sentAt, minutes: alert.minutes, state: read ? 'read' : 'waiting', from: alert.scope,
    fromName: (await organisationById(q, alert.scope))?.name ?? alert.scope, toldAt: step.toldAt ?? alert.sentAt, readAt: step.readAt,
    title: read ? alert.title : null,
  };
}

/** What the clock does with alerts: the next on a line is told, a line at its end is said, letters leave. Safe to run at any time and twice. */
export async function tendAlerts(parts: AlertsParts & { readonly origin: string }): Promise<void> {
  await goOn(parts);
  await sendLetters(parts);
}

async function goOn({ db, clock }: AlertsParts): Promise<void> {
  await db.transaction(async (tx) => {
    const open = await openAlerts(tx);
    const steps = await stepsOf(tx, open.map((a) => a.id));
    const at = clock.iso();
    for (const alert of open) {
      const people = new Set((await peopleOf(tx, alert.to)).filter((p) => p.status === 'active').map((p) => p.id));
      const follows = followsAt(standingOf(alert, steps), clock.now(), (person) => people.has(person));
      if (follows === null) continue;
      const fact = { at, actor: 'system', org: alert.scope, subject: alert.id, readers: [alert.to], clauses: [] };
      if ('tell' in follows) {
        if (!await tell(tx, alert.id, follows.tell.position, at)) continue;
        await stateFact(tx, { ...fact, class: 'alert.escalated', body: { alert: alert.id, position: follows.tell.position } });
      } else {
        await noteUnanswered(tx, alert.id, at);
        await stateFact(tx, { ...fact, class: 'alert.unanswered', body: { alert: alert.id } });
      }
    }
  });
}

/** A letter says that there is something and where, never what. */
async function sendLetters({ db, clock, mail, trace, origin }: AlertsParts & { readonly origin: string }): Promise<void> {
  const taken = await db.transaction((tx) => takeLetters(tx, clock.iso(), new Date(clock.now() + letterPatienceMs).toISOString(), 50));
  for (const step of taken) {
    const person = await personById(db, step.person);
    if (!person?.email) {
      await settleLetter(db, step, null);
      continue;
    }
    const vi = person.language === 'vi';
    try {
      await mail.send({
        messageId: `${step.alert}.${step.position}@entente`, to: { name: person.name, address: person.email }, date: clock.iso(), pgpKey: null,
        subject: vi ? 'Có một cảnh báo dành riêng cho bạn' : 'There is an alert for you',
        text: vi
          ? `Có một cảnh báo dành riêng cho bạn. Hãy đăng nhập và mở: ${origin}/my/alerts\nNếu chưa ai mở, người kế tiếp sẽ được báo.\n`
          : `There is an alert for you alone. Sign in and open it: ${origin}/my/alerts\nUnless somebody opens it, the next on your line is told.\n`,
      });
      await settleLetter(db, step, 'sent');
    } catch (error) {
      if (!(error instanceof MailError)) throw error;
      if (error.reason === 'refused') await settleLetter(db, step, 'refused');
      trace.warn('alert.letter', { alert: step.alert, position: step.position, reason: error.reason });
    }
  }
}
