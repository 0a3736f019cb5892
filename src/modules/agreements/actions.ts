/** The acts on agreements: load within one's own scope, let the rule decide, save over exactly what was read, state. */
import type { Actions, Actor } from '#kit/endpoint';
import { Refusal, check, noSuch } from '#kit/refusal';
import { isZone } from '#kit/zone/midnight';
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import { stateFact, type Json } from '#world/facts';
import type { Ids } from '#world/ids';
import { organisationById, organisationsKnownTo, personById, roleMatrix } from '#modules/parties/index';
import type { agreementsApi } from './api.ts';
import { kindOfRight } from './decide/request.ts';
import { draftFrom, partsOf } from './draft.ts';
import { askerOf, decisionFor } from './mandate.ts';
import { matrixOf } from './matrix.ts';
import type { Agreement, AgreementView } from './model.ts';
import { end, sideOf, sign, view, withdrawPart } from './rules.ts';
import { agreementOf, agreementsOf, insertAgreement, knowsOrganisation, saveAgreement } from './store.ts';
import { templates } from './templates.ts';

export interface AgreementsParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
}
type All = Actions<typeof agreementsApi>;

export function agreementsActions(parts: AgreementsParts): All {
  return { ...reading(parts), ...drafting(parts), ...changing(parts), ...deciding(parts) };
}

async function shown(parts: AgreementsParts, q: Queryable, a: Agreement, org: string): Promise<AgreementView> {
  const [authority, counterpart] = await Promise.all([
    organisationById(q, a.authority), organisationById(q, a.counterpart),
  ]);
  check(authority && counterpart, 'the parties of an agreement exist');
  return view(a, org, { authority, counterpart }, parts.clock.iso());
}

async function mine(q: Queryable, actor: Actor, id: string): Promise<Agreement> {
  const agreement = await agreementOf(q, actor.org, id);
  if (!agreement) throw noSuch('agreement');
  return agreement;
}

function reading(parts: AgreementsParts): Pick<All, 'agreements.list' | 'agreements.view' | 'agreements.matrix'> {
  return {
    'agreements.list': async (_, { actor }) => {
      const all = await agreementsOf(parts.db, actor.org);
      return { agreements: await Promise.all(all.map((a) => shown(parts, parts.db, a, actor.org))) };
    },
    'agreements.view': async (input, { actor }) =>
      shown(parts, parts.db, await mine(parts.db, actor, input.agreement), actor.org),
    'agreements.matrix': async (input, { actor }) => {
      const agreement = await mine(parts.db, actor, input.agreement);
      const seen = await shown(parts, parts.db, agreement, actor.org);
      return matrixOf(agreement, { authority: seen.authorityName, counterpart: seen.counterpartName }, parts.clock.iso());
    },
  };
}

function drafting(parts: AgreementsParts): Pick<All, 'agreements.templates' | 'agreements.draft'> {
  return {
    'agreements.templates': async () => ({
      templates: templates.map((t) => ({
        name: t.name, title: t.title, titleVi: t.titleVi, summary: t.summary, summaryVi: t.summaryVi,
        partNoun: t.partNoun, parts: partsOf(t, t.parts.map((p) => p.id)),
      })),
    }),
    'agreements.draft': async (input, { actor }) => {
      const template = templates.find((t) => t.name === input.template);
      check(template, 'the schema names only templates that exist');
      const known = await organisationsKnownTo(parts.db, actor.org);
      const counterpart = known.find((o) => o.id === input.counterpart && o.id !== actor.org);
      if (!counterpart) throw noSuch('organisation');
      const unknown = input.parts.find((id) => !template.parts.some((p) => p.id === id));
      if (unknown) throw new Refusal('invalid', 'agreement.unknown-part', 'The template has no such part.', { at: 'parts' });
      if (!isZone(input.zone)) throw new Refusal('invalid', 'agreement.unknown-zone', 'This is no time zone.', { at: 'zone' });
      if (input.expiresOn <= input.effectiveOn) {
        throw new Refusal('invalid', 'agreement.empty-term', 'It must end after it begins.', { at: 'expiresOn' });
      }
      const draft = draftFrom(template, {
        ...input, id: parts.ids.next('agr'), authority: actor.org, counterpart: counterpart.id,
        createdAt: parts.clock.iso(),
      });
      return parts.db.transaction(async (tx) => {
        await insertAgreement(tx, draft);
        await state(parts, tx, actor, draft, 'agreement.drafted', { template: draft.template, parts: [...input.parts] });
        return shown(parts, tx, draft, actor.org);
      });
    },
  };
}

function changing(
  parts: AgreementsParts,
): Pick<All, 'agreements.sign' | 'agreements.withdraw-part' | 'agreements.end'> {
  const change = (
    actor: Actor, id: string, fact: string, body: Readonly<Record<string, Json>>, rule: (a: Agreement) => Agreement,
  ) =>
    parts.db.transaction(async (tx) => {
      const next = rule(await mine(tx, actor, id));
      if (!(await saveAgreement(tx, next))) {
        throw new Refusal('conflict', 'agreement.changed-meanwhile', 'Someone changed this agreement meanwhile.', {
          hint: 'Look at it again, then repeat.',
        });
      }
      await state(parts, tx, actor, next, fact, { version: next.version, status: next.status, ...body });
      return shown(parts, tx, next, actor.org);
    });
  return {
    'agreements.sign': async (input, { actor }) => {
      const person = await personById(parts.db, actor.person);
      check(person, 'a signed-in person exists');
      const signer = { person: actor.person, personName: person.name, org: actor.org };
      return change(actor, input.agreement, 'agreement.signed', { documentSha256: input.documentSha256 },
        (a) => sign(a, signer, input.documentSha256, parts.clock.iso()));
    },
    'agreements.withdraw-part': (input, { actor }) =>
      change(actor, input.agreement, 'agreement.part-withdrawn', { part: input.part, reason: input.reason },
        (a) => withdrawPart(a, input.part)),
    'agreements.end': (input, { actor }) =>
      change(actor, input.agreement, 'agreement.ended', { reason: input.reason }, (a) => end(a)),
  };
}

function deciding(parts: AgreementsParts): Pick<All, 'decisions.explain' | 'offerings.open'> {
  return {
    'decisions.explain': async (input, { actor }) => {
      const agreement = await mine(parts.db, actor, input.agreement);
      const subject = input.subject ?? actor.org;
      if (!sideOf(agreement, subject)) throw noSuch('organisation');
      const owner = subject === agreement.authority ? agreement.counterpart : agreement.authority;
      const caller = subject === actor.org
        ? askerOf(actor) : { org: subject, mfa: true, roles: roleMatrix[input.right] ?? [] };
      return decisionFor(parts, {
        actor: caller, action: input.right, purpose: input.purpose,
        resource: {
          owner, kind: kindOfRight(input.right), products: input.product === undefined ? undefined : [input.product],
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

async function state(
  parts: AgreementsParts, tx: Queryable, actor: Actor, a: Agreement, fact: string, body: Readonly<Record<string, Json>>,
): Promise<void> {
  await stateFact(tx, {
    class: fact, at: parts.clock.iso(), actor: actor.person, org: actor.org, subject: a.id,
    readers: [a.authority, a.counterpart], clauses: [], body,
  });
}
