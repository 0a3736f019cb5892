/** What binds and what takes away: attesting, signing, suspending, revoking, withdrawing, ending. */
import type { Actions, Actor } from '#kit/endpoint';
import type { Queryable } from '#world/db/port';
import { beginAgreement } from '../begin.ts';
import type { agreementsApi } from '../api.ts';
import { clauseDigest } from '../decide/attested.ts';
import type { Agreement } from '../model.ts';
import { end, sign, withdrawPart } from '../rules.ts';
import { attest } from '../rules/attesting.ts';
import { gainsAndLosses } from '../rules/gains.ts';
import { acknowledge, lift, revoke, suspend } from '../rules/suspending.ts';
import { agreementsBetween } from '../store.ts';
import { attesterOf, change, changeIn, mine, proveSponsored, shown, sideOfMine, type AgreementsParts } from './parts.ts';

type Binding = Pick<Actions<typeof agreementsApi>,
  | 'agreements.attest' | 'agreements.gains' | 'agreements.sign' | 'agreements.suspend' | 'agreements.lift'
  | 'agreements.acknowledge-suspension' | 'agreements.revoke-grant' | 'agreements.withdraw-part' | 'agreements.end'>;

export function bindingActions(parts: AgreementsParts): Binding {
  return { ...paper(parts), ...taking(parts) };
}

function paper(parts: AgreementsParts): Pick<Binding, 'agreements.attest' | 'agreements.gains' | 'agreements.sign'> {
  return {
    'agreements.attest': async (input, { actor }) => {
      const who = await attesterOf(parts.db, actor);
      const body = { clauses: input.clauses.map((c) => c.clause), sha256: input.clauses.map((c) => c.clauseSha256) };
      return change(parts, actor, input.agreement, { fact: 'agreement.attested', body },
        (a) => attest(a, who, input.clauses, clauseDigest, parts.clock.iso()));
    },
    'agreements.gains': async (input, { actor }) => changesBy(parts.db, await mine(parts.db, actor, input.agreement)),
    'agreements.sign': async (input, { actor }) => {
      const signer = await attesterOf(parts.db, actor);
      return parts.db.transaction(async (tx) => {
        const before = await mine(tx, actor, input.agreement);
        await proveSponsored(tx, before);
        const signed = sign(before, signer, input.documentSha256, parts.clock.iso());
        const next = signed.status === 'active' ? { ...signed, activation: await changesBy(tx, before) } : signed;
        const body = {
          documentSha256: input.documentSha256,
          ...(next.activation ? { gains: next.activation.gains.length, losses: next.activation.losses.length } : {}),
        };
        await changeIn(parts, tx, actor, before, next, { fact: 'agreement.signed', body });
        if (next.status === 'active' && next.effectiveAt <= parts.clock.iso()) await beginAgreement(parts, tx, next);
        return shown(parts, tx, next, actor);
      });
    },
  };
}

/** What the agreement changes beside what holds between its two sides now. */
async function changesBy(q: Queryable, agreement: Agreement) {
  const held = (await agreementsBetween(q, agreement.authority, agreement.counterpart))
    .filter((a) => a.id !== agreement.id && (a.status === 'active' || a.status === 'suspended'));
  return gainsAndLosses(held, [...held.filter((a) => a.id !== agreement.predecessor), agreement]);
}

/** Rights that a suspension holds back, so that who hears of it knows whether it concerns them. */
function reachOf(a: Agreement, suspension: string): string[] {
  const part = a.suspensions.find((s) => s.id === suspension)?.part ?? null;
  return [...new Set(a.parts.filter((p) => part === null || p.id === part).flatMap((p) => p.rights))].sort();
}

function taking(parts: AgreementsParts): Omit<Binding, 'agreements.attest' | 'agreements.gains' | 'agreements.sign'> {
  const by = (a: Agreement, actor: Actor) => ({ side: sideOfMine(a, actor), person: actor.person, at: parts.clock.iso() });
  return {
    'agreements.suspend': (input, { actor }) => {
      const { part, ground, statement } = input;
      const id = parts.ids.next('sus');
      return change(parts, actor, input.agreement,
        (a) => ({ fact: 'agreement.suspended', body: { suspension: id, part, ground, statement, rights: reachOf(a, id) } }),
        (a) => suspend(a, { id, part, ground, statement, ...by(a, actor) }));
    },
    'agreements.lift': (input, { actor }) =>
      change(parts, actor, input.agreement, (a) => ({
        fact: 'agreement.suspension-lifted',
        body: { suspension: input.suspension, reason: input.reason, rights: reachOf(a, input.suspension) },
      }),
        (a) => lift(a, input.suspension, by(a, actor))),
    'agreements.acknowledge-suspension': (input, { actor }) =>
      change(parts, actor, input.agreement, { fact: 'agreement.suspension-acknowledged', body: { suspension: input.suspension } },
        (a) => acknowledge(a, input.suspension, by(a, actor))),
    'agreements.revoke-grant': (input, { actor }) =>
      change(parts, actor, input.agreement, { fact: 'agreement.grant-revoked', body: { grant: input.grant, reason: input.reason } },
        (a) => revoke(a, { grant: input.grant, reason: input.reason, ...by(a, actor) })),
    'agreements.withdraw-part': (input, { actor }) =>
      change(parts, actor, input.agreement, { fact: 'agreement.part-withdrawn', body: { part: input.part, reason: input.reason } },
        (a) => withdrawPart(a, input.part)),
    'agreements.end': (input, { actor }) =>
      change(parts, actor, input.agreement, { fact: 'agreement.ended', body: { reason: input.reason } }, (a) => end(a)),
  };
}
