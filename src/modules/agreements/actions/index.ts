/** All acts on agreements, one function per endpoint. Here are those that only read and decide. */
import type { Actions } from '#kit/endpoint';
import { noSuch } from '#kit/refusal';
import { factsUnder } from '#modules/ledger/index';
import { roleMatrix } from '#modules/parties/index';
import type { agreementsApi } from '../api.ts';
import { dutiesOf } from '../decide/obligation-store.ts';
import { quotasOf, useOf } from '../decide/quota-store.ts';
import { kindOfRight, type Asker } from '../decide/request.ts';
import { askerOf, decisionFor, sourcesOf } from '../mandate.ts';
import { matrixOf, whoMayWhat } from '../matrix.ts';
import { noticesOf } from '../notices.ts';
import { sideOf } from '../rules.ts';
import { remindersOf } from '../rules/renewing.ts';
import { usageOf } from '../rules/usage.ts';
import { agreementsOf, knowsOrganisation } from '../store.ts';
import { bindingActions } from './binding.ts';
import { copiesActions } from './copies.ts';
import { paperActions } from './paper.ts';
import { sponsorshipActions } from './sponsorships.ts';
import { eligibilityActions } from './eligibility.ts';
import { successionActions } from './successions.ts';
import { allShown, mine, shown, type AgreementsParts } from './parts.ts';

type All = Actions<typeof agreementsApi>;

export function agreementsActions(parts: AgreementsParts): All {
  return { ...reading(parts), ...paperActions(parts), ...bindingActions(parts),
    ...sponsorshipActions(parts), ...successionActions(parts), ...eligibilityActions(parts), ...copiesActions(parts),
    ...deciding(parts) };
}

function reading(
  parts: AgreementsParts,
): Pick<All, 'agreements.list' | 'agreements.view' | 'agreements.matrix' | 'agreements.usage' | 'agreements.duties' | 'arrangement-notices.list'> {
  return {
    'arrangement-notices.list': async (_, { actor }) => ({ notices: await noticesOf(parts.db, actor.org) }),
    'agreements.duties': async (input, { actor }) => {
      const agreement = await mine(parts.db, actor, input.agreement);
      const now = parts.clock.iso();
      const uses = await Promise.all(quotasOf(agreement).map(async (quota) => ({ quota, use: await useOf(parts.db, agreement, quota, now) })));
      return {
        duties: await dutiesOf(parts.db, actor.org, agreement.id),
        quotas: uses.flatMap(({ quota, use }) => (use ? [{
          quota: use.quota, clause: quota.clause.number, from: use.from, to: use.until, used: use.used, left: use.left,
        }] : [])),
      };
    },
    'agreements.usage': async (input, { actor }) => {
      const agreement = await mine(parts.db, actor, input.agreement);
      const { from, to } = input;
      const found = await factsUnder(parts.db, agreement.id, 20, { ...(from ? { from } : {}), ...(to ? { to } : {}) });
      const next = (await agreementsOf(parts.db, actor.org)).find((a) => a.predecessor === agreement.id && a.status !== 'ended');
      return {
        parts: usageOf(agreement, found.byClause).map((u) => ({ ...u, clauses: [...u.clauses], byClass: [...u.byClass] })),
        acts: found.count, latest: found.latest.map(({ index, class: fact, at, clause }) => ({ index, fact, at, clause })),
        ...remindersOf(agreement, parts.clock.now()), renewedBy: next?.id ?? null,
      };
    },
    'agreements.list': async (_, { actor }) => ({
      agreements: await allShown(parts, parts.db, await agreementsOf(parts.db, actor.org), actor),
    }),
    'agreements.view': async (input, { actor }) =>
      shown(parts, parts.db, await mine(parts.db, actor, input.agreement), actor),
    'agreements.matrix': async (input, { actor }) => {
      const agreement = await mine(parts.db, actor, input.agreement);
      const seen = await shown(parts, parts.db, agreement, actor);
      const names = { authority: seen.authorityName, counterpart: seen.counterpartName };
      const [source = { agreement }] = await sourcesOf(parts.db, [agreement]);
      const { columns, rows: clauses } = whoMayWhat(source, names, parts.clock.iso());
      return { ...matrixOf(source, names, parts.clock.iso()), columns, clauses };
    },
  };
}

function deciding(parts: AgreementsParts): Pick<All, 'decisions.explain' | 'offerings.open'> {
  return {
    'decisions.explain': async (input, { actor, address }) => {
      const agreement = await mine(parts.db, actor, input.agreement);
      const subject = input.subject ?? actor.org;
      if (!sideOf(agreement, subject)) throw noSuch('organisation');
      const owner = subject === agreement.authority ? agreement.counterpart : agreement.authority;
      const asIf = [input.role, input.person, input.mfa, input.address].some((x) => x !== undefined);
      const caller: Asker = subject === actor.org && !asIf ? askerOf(actor, address) : {
        org: subject, person: input.person, mfa: input.mfa !== 'false', address: input.address,
        roles: input.role === undefined ? roleMatrix[input.right] ?? [] : [input.role],
      };
      return decisionFor(parts, {
        actor: caller, action: input.right, purpose: input.purpose,
        resource: {
          owner, kind: input.kind ?? kindOfRight(input.right), products: input.product === undefined ? undefined : [input.product],
          tlp: input.tlp, level: input.level,
        },
      });
    },
    'offerings.open': async (input, caller) => {
      const known = await knowsOrganisation(parts.db, caller.actor.org, input.owner);
      const { clauses } = await caller.may(input.right, {
        owner: input.owner, kind: kindOfRight(input.right), purpose: input.purpose, known, noun: 'organisation',
      });
      return { clauses: [...clauses] };
    },
  };
}
