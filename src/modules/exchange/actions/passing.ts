/** May I share this with them? The label says one thing and the agreement another: both are told, with the rule and the clause. */
import type { Actions } from '#kit/endpoint';
import { noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import { agreementsOf, clausesOf, decisionFor, knowsOrganisation, refusalOf } from '#modules/agreements/index';
import type { exchangeApi } from '../api/exchange.ts';
import { wholeReach } from '../gate.ts';
import { mayPass, type Recipient } from '../rules/passing.ts';
import { rankOf } from '../rules/tlp.ts';
import { permissionFor } from '../store/reshares.ts';
import { objectWithin } from '../store/objects.ts';
import type { ExchangeParts } from './parts.ts';

type Mine = Pick<Actions<typeof exchangeApi>, 'threats.mayShare'>;

/** What an organisation is to another: itself, whom it serves, a partner under an agreement in force, or nobody it works with. */
export async function recipientOf(q: Queryable, org: string, other: string): Promise<Recipient> {
  if (other === 'public') return 'public';
  if (other === org) return 'colleague-needing';
  const between = (await agreementsOf(q, org)).filter((a) => a.status === 'active' && (a.authority === other || a.counterpart === other));
  if (between.some((a) => a.template === 'warning-service' && a.authority === org)) return 'client-needing';
  return between.length > 0 ? 'peer' : 'outsider';
}

export function passingActions({ db, clock }: ExchangeParts): Mine {
  return {
    'threats.mayShare': async ({ object, with: other, act }, caller) => {
      const { actor } = caller;
      await caller.may('threat.read', { owner: actor.org, kind: 'threat', purpose: 'incident-response', level: 3, known: false, noun: 'threat' });
      const found = await objectWithin(db, await wholeReach(db, caller), actor.org, object);
      if (!found) throw noSuch('threat');
      if (other !== 'public' && other !== actor.org && !await knowsOrganisation(db, actor.org, other)) throw noSuch('organisation');
      const recipient = await recipientOf(db, actor.org, other);
      const { tlp } = found.row;
      const label = mayPass(tlp, recipient, act);
      // To oneself and to the public nobody's agreement is asked: the first needs none, the second has none.
      const decision = other === 'public' || other === actor.org ? null : await decisionFor({ db, clock }, {
        actor: { org: other }, action: 'threat.read', purpose: 'incident-response', resource: { owner: actor.org, kind: 'threat', tlp, level: 3 },
      });
      const permission = label.may || other === actor.org ? null : await permissionFor(db, {
        asker: actor.org, object, recipient: other, tlp: rankOf(tlp), now: clock.iso(),
      });
      const agreed = decision === null || decision.outcome === 'allow';
      return {
        may: (label.may || permission !== null) && agreed, tlp, recipient, act, rule: label.rule, labelAllows: label.may,
        permission: permission === null ? null : { request: permission.id, until: permission.until }, agreementAllows: decision === null ? null : agreed,
        clauses: decision === null ? [] : clausesOf(decision).map(({ agreementId, agreementTitle, clause }) => ({ agreementId, agreementTitle, clause })),
        refusal: decision !== null && !agreed ? refusalOf(decision).message : null,
      };
    },
  };
}
