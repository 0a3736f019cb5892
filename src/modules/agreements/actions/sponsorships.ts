/** Sponsoring: the sponsor asks, the provider and the agency sign, and the sponsor sees what is done under its answer. */
import type { Actions, Actor } from '#kit/endpoint';
import { noSuch } from '#kit/refusal';
import { midnight } from '#kit/zone/midnight';
import type { Queryable } from '#world/db/port';
import { factsUnder } from '#modules/ledger/index';
import { organisationById, organisationsKnownTo } from '#modules/parties/index';
import type { sponsorshipsApi } from '../api/sponsorships.ts';
import { documentSha256Of, sha256 } from '../document.ts';
import type { Agreement } from '../model.ts';
import { end, standing } from '../rules.ts';
import { maySponsorEnd, sponsoredDraft } from '../rules/sponsoring.ts';
import { agreementById, agreementOf, insertAgreement, insertVersion, sponsoredUnder } from '../store.ts';
import { changeIn, mine, state, type AgreementsParts } from './parts.ts';

type Sponsoring = Actions<typeof sponsorshipsApi>;

export function sponsorshipActions(parts: AgreementsParts): Sponsoring {
  const { db } = parts;
  return {
    'sponsorships.list': async (_, { actor }) => {
      const found = await sponsoredUnder(db, actor.org);
      return { sponsorships: await Promise.all(found.map((a) => liability(parts, db, a))) };
    },
    'sponsorships.ask': (input, { actor }) => db.transaction(async (tx) => {
      const parent = await mine(tx, actor, input.agreement);
      const known = await organisationsKnownTo(tx, actor.org);
      if (!known.some((o) => o.id === input.agency && o.id !== actor.org) || input.agency === parent.counterpart) throw noSuch('organisation');
      const term = { effectiveOn: input.effectiveOn ?? parent.effectiveOn, expiresOn: input.expiresOn ?? parent.expiresOn };
      const draft = sponsoredDraft(parent, actor.org, {
        ...term, id: parts.ids.next('agr'), agency: input.agency, grants: input.grants, createdAt: parts.clock.iso(),
        effectiveAt: midnight(term.effectiveOn, parent.zone), expiresAt: midnight(term.expiresOn, parent.zone),
      }, sha256);
      const asked = { ...draft, documentSha256: documentSha256Of(draft) };
      await insertAgreement(tx, asked);
      await insertVersion(tx, {
        id: parts.ids.next('ver'), version: 1, kind: 'saved', document: asked, person: actor.person, at: parts.clock.iso(),
      });
      await state(parts, tx, actor, asked, 'sponsorship.asked', { sponsor: actor.org, agency: input.agency, under: parent.id });
      return liability(parts, tx, asked);
    }),
    'sponsorships.end': (input, { actor }) => db.transaction(async (tx) => {
      const child = await sponsoredOf(tx, actor, input.sponsored);
      const ended = end(child);
      await changeIn(parts, tx, actor, child, ended, { fact: 'agreement.ended', body: { reason: input.reason, by: 'sponsor' } });
      return liability(parts, tx, ended);
    }),
  };
}

async function sponsoredOf(q: Queryable, actor: Actor, id: string): Promise<Agreement> {
  const child = await agreementById(q, id);
  const parent = child?.sponsorship ? await agreementOf(q, actor.org, child.sponsorship.agreement) : null;
  if (!child || !parent) throw noSuch('agreement');
  maySponsorEnd(child, parent, actor.org);
  return child;
}

/** What a sponsor answers for: who, under which grants, in what standing, and what was done under it, from the record. */
async function liability(parts: AgreementsParts, q: Queryable, a: Agreement) {
  const [agency, provider, facts] = await Promise.all([
    organisationById(q, a.authority), organisationById(q, a.counterpart), factsUnder(q, a.id, 20),
  ]);
  return {
    id: a.id, agreement: a.sponsorship?.agreement ?? '', agency: a.authority, agencyName: agency?.name ?? a.authority,
    agencyNameLocal: agency?.nameLocal ?? null, provider: a.counterpart, providerName: provider?.name ?? a.counterpart,
    title: a.title, titleVi: a.titleVi, standing: standing(a, parts.clock.iso()), documentSha256: a.documentSha256,
    signed: a.signatures.map((s) => s.side), expiresAt: a.expiresAt, zone: a.zone,
    rights: [...new Set(a.clauses.flatMap((c) => c.machine.grants.flatMap((g) => g.actions)))].sort(),
    acts: facts.count, latest: facts.latest.map(({ index, class: fact, at, clause }) => ({ index, fact, at, clause })),
  };
}
