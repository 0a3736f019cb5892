/** Succession: proposed with two people, accepted by the successor, consented to by those who give; it takes effect by the clock. */
import type { Actions, Actor } from '#kit/endpoint';
import { Refusal, check, noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import { stateFact, type Json } from '#world/facts';
import { factCountOf } from '#modules/ledger/index';
import { organisationById, organisationsKnownTo, peopleOf } from '#modules/parties/index';
import type { successionsApi } from '../api/successions.ts';
import { standing } from '../rules.ts';
import { lift, openSuspensions } from '../rules/suspending.ts';
import { accept, consent, receives, sideHeld, withdraw } from '../rules/succeeding.ts';
import { agreementsOf, sponsoredUnder } from '../store.ts';
import { insertSuccession, lockedSuccession, saveSuccession, successionsOf } from '../successions-store.ts';
import type { Passing, Succession, SuccessionPlan } from '../succession.ts';
import { changeIn, type AgreementsParts } from './parts.ts';

type Acts = Actions<typeof successionsApi>;

export function successionActions(parts: AgreementsParts): Acts {
  const { db, clock } = parts;
  return {
    'successions.list': async (_, { actor }) => ({
      successions: await Promise.all((await successionsOf(db, actor.org)).map((s) => shownTo(parts, db, actor, s))),
    }),
    'successions.plan': async (input, { actor }) => planFor(parts, db, actor.org, await successor(db, actor, input.to), []),
    'successions.propose': async (input, { actor, approved }) => db.transaction(async (tx) => {
      const to = await successor(tx, actor, input.to);
      const used = await approved(tx);
      const succession: Succession = {
        id: parts.ids.next('suc'), from: actor.org, to, reason: input.reason, effectiveAt: input.effectiveAt ?? clock.iso(),
        state: 'proposed', proposedBy: actor.person, proposedAt: clock.iso(), acceptedBy: null, acceptedAt: null, tookEffectAt: null,
        consents: [],
      };
      if (!(await insertSuccession(tx, succession))) {
        throw new Refusal('conflict', 'succession.already-proposed', 'Your organisation has an open succession already.', {
          hint: 'Withdraw it first.',
        });
      }
      await tell(parts, tx, actor, succession, 'succession.proposed', { reason: input.reason, effectiveAt: succession.effectiveAt, approval: used.approval });
      return shownTo(parts, tx, actor, succession);
    }),
    'successions.accept': (input, { actor }) => changed(parts, actor, input.succession, 'succession.accepted', (s) => accept(s, actor, clock.iso())),
    'successions.withdraw': (input, { actor }) => changed(parts, actor, input.succession, 'succession.withdrawn', (s) => withdraw(s, actor.org)),
    'successions.consent': (input, { actor }) => changed(parts, actor, input.succession, 'succession.consented', (s) => {
      // Predecessor and successor have said so by proposing and accepting.
      if (actor.org === s.from || actor.org === s.to) throw new Refusal('forbidden', 'succession.own', 'Your organisation is one of the two.');
      return consent(s, actor, clock.iso());
    }),
  };
}

async function successor(q: Queryable, actor: Actor, to: string): Promise<string> {
  const known = await organisationsKnownTo(q, actor.org);
  if (!known.some((o) => o.id === to) || to === actor.org) throw noSuch('organisation');
  if (!(await peopleOf(q, to)).some((p) => p.status === 'active' && p.roles.includes('principal'))) {
    throw new Refusal('conflict', 'succession.nobody-there', 'The successor has no head yet who could accept.', {
      hint: 'Invite its first administrator; the successor then names its head.', at: 'to',
    });
  }
  return to;
}

function changed(
  parts: AgreementsParts, actor: Actor, id: string, fact: string, rule: (s: Succession) => Succession,
): ReturnType<typeof shownTo> {
  return parts.db.transaction(async (tx) => {
    const visible = (await successionsOf(tx, actor.org)).some((s) => s.id === id);
    const before = visible ? await lockedSuccession(tx, id) : null;
    if (!before) throw noSuch('succession');
    const next = rule(before);
    await saveSuccession(tx, next);
    await tell(parts, tx, actor, next, fact, { state: next.state });
    if (fact === 'succession.consented' && next.state === 'effective') await liftWaiting(parts, tx, actor, next);
    return shownTo(parts, tx, actor, next);
  });
}

/** Consent that came after the effect: what was held back until then is lifted. */
async function liftWaiting(parts: AgreementsParts, tx: Queryable, actor: Actor, s: Succession): Promise<void> {
  for (const a of await agreementsOf(tx, actor.org)) {
    const waiting = openSuspensions(a).find((x) => x.id === `${s.id}-${a.id}`);
    const side = sideHeld(a, actor.org);
    if (!waiting || !side) continue;
    const next = lift(a, waiting.id, { side, person: actor.person, at: parts.clock.iso() });
    const rights = [...new Set(a.parts.flatMap((p) => p.rights))].sort();
    await changeIn(parts, tx, actor, a, next, {
      fact: 'agreement.suspension-lifted', body: { suspension: waiting.id, reason: 'The succession was consented to.', rights },
    });
  }
}

async function tell(
  parts: AgreementsParts, tx: Queryable, actor: Actor, s: Succession, fact: string, body: Readonly<Record<string, Json>>,
): Promise<void> {
  const others = (await agreementsOf(tx, s.from)).filter((a) => a.status !== 'ended').flatMap((a) => [a.authority, a.counterpart]);
  await stateFact(tx, {
    class: fact, at: parts.clock.iso(), actor: actor.person, org: actor.org, subject: s.id, readers: [s.from, s.to, ...others],
    clauses: [], body: { from: s.from, to: s.to, ...body },
  });
}

/** What a reader sees: all of it, but of the agreements only those it is a party to, unless it is one of the two. */
async function shownTo(parts: AgreementsParts, q: Queryable, actor: Actor, s: Succession) {
  const plan = await planFor(parts, q, s.state === 'effective' ? s.to : s.from, s.to, s.consents.map((c) => c.organisation), s);
  const own = actor.org === s.from || actor.org === s.to;
  return {
    ...s, consents: own ? s.consents : s.consents.filter((c) => c.organisation === actor.org),
    plan: own ? plan : {
      ...plan, agreements: plan.agreements.filter((p) => p.other === actor.org), sponsored: 0, people: 0, facts: 0, records: {},
    },
    mine: actor.org === s.from ? 'predecessor' as const : actor.org === s.to ? 'successor' as const : 'other' as const,
  };
}

async function planFor(
  parts: AgreementsParts, q: Queryable, holder: string, to: string, consents: readonly string[], s?: Succession,
): Promise<SuccessionPlan> {
  const from = s?.from ?? holder;
  const done = s?.state === 'effective';
  const [one, other, agreements, sponsored, people] = await Promise.all([
    organisationById(q, from), organisationById(q, to), agreementsOf(q, holder), sponsoredUnder(q, holder), peopleOf(q, from),
  ]);
  check(one && other, 'predecessor and successor exist');
  const passing = agreements.filter((a) => (done ? a.successions.some((x) => x.succession === s?.id) : a.status !== 'ended'));
  return {
    from, fromName: one.name, fromNameLocal: one.nameLocal, to, toName: other.name, toNameLocal: other.nameLocal,
    agreements: await Promise.all(passing.map(async (a): Promise<Passing> => {
      const side = sideHeld(a, holder) ?? 'authority';
      const otherSide = side === 'authority' ? a.counterpart : a.authority;
      const name = await organisationById(q, otherSide);
      return {
        agreement: a.id, title: a.title, titleVi: a.titleVi, other: otherSide, otherName: name?.name ?? otherSide,
        otherNameLocal: name?.nameLocal ?? null, standing: standing(a, parts.clock.iso()),
        rights: [...new Set(a.clauses.flatMap((c) => c.machine.grants.filter((g) => g.grantee === side).flatMap((g) => g.actions)))].sort(),
        duties: a.clauses.flatMap((c) => c.machine.obligations.filter((o) => o.debtor === side)).length,
        needsConsent: receives(a, side) && otherSide !== to, consented: consents.includes(otherSide),
      };
    })),
    sponsored: sponsored.length, people: done ? people.length : people.filter((p) => p.status === 'active').length,
    facts: await factCountOf(q, from), records: await parts.holdings(q, done ? to : from),
  };
}
