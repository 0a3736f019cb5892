/**
 * Copies of agreements between hubs. Each hub keeps its own records: a held copy is evidence, and no decision ever reads it
 * (docs/decisions/0022). If we crash while one is taken in, it is not held, and taking it in again is the same.
 */
import type { Actions, Actor } from '#kit/endpoint';
import { Refusal, check, noSuch } from '#kit/refusal';
import { toUtf8 } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { PolicyError, parsePolicy } from '#kit/note/policy';
import type { Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import type { ProvedFact } from '#modules/ledger/index';
import { organisationById } from '#modules/parties/index';
import type { copiesApi, HeldCopyView } from '../api/copies.ts';
import { heldAlready, heldCopies, heldCopyOf, insertHeldCopy, type HeldCopy } from '../copies-store.ts';
import { clauseDigest } from '../decide/attested.ts';
import { canonicalText, sha256 } from '../document.ts';
import type { Agreement } from '../model.ts';
import {
  CopyError, formatCopy, maxCopyFacts, originsOf, parseCopy, verifyCopy, type AgreementCopy, type CopyFact, type CopyHead,
} from '../passing.ts';
import { knowsOrganisation } from '../store.ts';
import { mine, state, type AgreementsParts } from './parts.ts';

type Acts = Actions<typeof copiesApi>;
type Sides = Readonly<Record<'authority' | 'counterpart', string | null>>;

export function copiesActions(parts: AgreementsParts): Acts {
  const { db, clock, ids } = parts;
  return {
    'agreements.export': async (input, { actor }) => {
      const agreement = await mine(db, actor, input.agreement);
      const text = await copyOf(parts, actor, agreement);
      await db.transaction(async (tx) => {
        await state(parts, tx, actor, agreement, 'agreement.exported', {
          documentSha256: agreement.documentSha256, copySha256: sha256(text),
        });
      });
      return { name: `${agreement.id}.entente-agreement`, text };
    },
    'agreements.import': async (input, { actor }) => {
      const copy = located(() => parseCopy(input.file.text));
      // Before anything of the copy is told: who is no party to it learns of no agreement.
      await mustBeParty(db, actor, copy, input);
      await verified(copy, input.policy);
      const row: HeldCopy = {
        id: ids.next('hcp'), holder: actor.org, origin: originsOf(copy)[0] ?? '', agreement: copy.agreement,
        document_sha256: copy.documentSha256, authority: input.authority, counterpart: input.counterpart,
        title: copy.terms.title, title_vi: copy.terms.titleVi, text: input.file.text, policy: input.policy,
        taken_at: clock.iso(), taken_by: actor.person,
      };
      return db.transaction(async (tx) => {
        if (!(await insertHeldCopy(tx, row))) {
          const held = await heldAlready(tx, row);
          check(held, 'what stands in the way of a copy is that copy');
          return shownCopy(held);
        }
        await stateFact(tx, {
          class: 'agreement.imported', at: row.taken_at, actor: actor.person, org: actor.org, subject: row.id, readers: [actor.org],
          clauses: [], body: {
            origin: row.origin, agreement: row.agreement, documentSha256: row.document_sha256, copySha256: sha256(row.text),
            policySha256: sha256(row.policy),
          },
        });
        return shownCopy(row);
      });
    },
    'held-copies.list': async (_, { actor }) => ({ copies: (await heldCopies(db, actor.org)).map(shownCopy) }),
    'held-copies.view': async (input, { actor }) => {
      const held = await heldCopyOf(db, actor.org, input.copy);
      if (!held) throw noSuch('copy');
      return { copy: shownCopy(held), text: held.text, policy: held.policy };
    },
  };
}

/** The file, made of what the ledger holds: facts that the asker may read anyway. */
async function copyOf(parts: AgreementsParts, actor: Actor, agreement: Agreement): Promise<string> {
  if (agreement.signatures.length < 2) {
    throw new Refusal('conflict', 'agreement.not-signed', 'Only an agreement that both sides signed is copied to another hub.');
  }
  const facts = await parts.proved(actor, { subject: agreement.id, class: 'agreement.signed' });
  const signed = agreement.signatures.toSorted((a) => (a.side === 'authority' ? -1 : 1)).map((signature) => facts.find(({ content }) =>
    content.org === signature.organisation && content.body['documentSha256'] === agreement.documentSha256) ?? null);
  const attested = (await parts.proved(actor, { subject: agreement.id, class: 'agreement.attested' }))
    .filter(({ content }) => coversSome(agreement, content.body)).slice(0, maxCopyFacts - 2);
  const head: CopyHead = {
    agreement: agreement.id, documentSha256: agreement.documentSha256,
    authority: await partyOf(parts.db, signerOf(agreement, 'authority')),
    counterpart: await partyOf(parts.db, signerOf(agreement, 'counterpart')),
  };
  const people = new Map([...agreement.signatures, ...agreement.clauses.flatMap((c) => c.attestations)].map((p) => [p.person, p.personName]));
  return formatCopy(canonicalText(agreement), head, [...signed, ...attested].map((fact) => entryOf(people, fact)));
}

function coversSome(agreement: Agreement, body: ProvedFact['content']['body']): boolean {
  const digests = body['sha256'];
  return Array.isArray(digests) && agreement.clauses.some((clause) => digests.includes(clauseDigest(clause)));
}

function signerOf(agreement: Agreement, side: 'authority' | 'counterpart'): string {
  const signature = agreement.signatures.find((s) => s.side === side);
  check(signature, 'both sides have signed');
  return signature.organisation;
}

async function partyOf(q: Queryable, id: string): Promise<CopyHead['authority']> {
  const organisation = await organisationById(q, id);
  return { id, name: organisation?.name ?? id, nameLocal: organisation?.nameLocal ?? null };
}

function entryOf(people: ReadonlyMap<string, string>, fact: ProvedFact | null): CopyFact {
  if (!fact?.proof) {
    throw new Refusal('conflict', 'agreement.not-recorded', 'Its signatures do not all stand in the signed record.', {
      hint: 'Right after signing, try again in a few seconds.',
    });
  }
  const { text, salt, leaf, proof, content: { actor } } = fact;
  return { fact: text, leaf, personName: people.get(actor) ?? actor, proof, salt };
}

function located<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw refusalOfCopy(error);
  }
}

function refusalOfCopy(error: unknown): unknown {
  if (error instanceof PolicyError) {
    return new Refusal('invalid', 'copy.policy', `The policy cannot be read: ${error.message}.`, { at: 'policy' });
  }
  if (!(error instanceof CopyError)) return error;
  return new Refusal('invalid', 'copy.not-verified', `The copy does not hold: ${error.message}.`, { at: `file.text, line ${error.line}` });
}

async function verified(copy: AgreementCopy, policy: string): Promise<void> {
  try {
    await verifyCopy(copy, await parsePolicy(nodeVerifying, toUtf8(policy)));
  } catch (error) {
    throw refusalOfCopy(error);
  }
}

const sameName = (a: string, b: string | null): boolean => b !== null && a.normalize('NFC').trim() === b.normalize('NFC').trim();

/**
 * Ids differ from hub to hub, so the taker says which organisation here each party is: one is the taker's own, and the
 * registry of this hub calls each that is here by a name that the copy has. Else the agreement never was.
 */
async function mustBeParty(q: Queryable, actor: Actor, copy: AgreementCopy, sides: Sides): Promise<void> {
  if ((sides.authority === actor.org) === (sides.counterpart === actor.org)) throw noSuch('agreement');
  for (const side of ['authority', 'counterpart'] as const) {
    const id = sides[side];
    if (id === null) continue;
    const known = id === actor.org || await knowsOrganisation(q, actor.org, id) ? await organisationById(q, id) : null;
    const said = copy[side];
    const named = known && [known.name, known.nameLocal].some((n) => sameName(said.name, n) || (said.nameLocal !== null && sameName(said.nameLocal, n)));
    if (!named) throw noSuch('agreement');
  }
}

/** As it is shown: read off the file again, so that what is shown is what is held. */
function shownCopy(row: HeldCopy): HeldCopyView {
  const copy = parseCopy(row.text);
  const act = (a: AgreementCopy['signatures'][number], clauses: readonly string[]) => ({
    organisation: a.organisation === copy.authority.id ? copy.authority.name
      : a.organisation === copy.counterpart.id ? copy.counterpart.name : a.organisation,
    personName: a.personName, at: a.at, clauses: [...clauses],
  });
  return {
    id: row.id, origin: row.origin, agreement: row.agreement, title: row.title, titleVi: row.title_vi,
    documentSha256: row.document_sha256, authorityName: copy.authority.name, counterpartName: copy.counterpart.name,
    authority: row.authority, counterpart: row.counterpart, effectiveOn: copy.terms.effectiveOn, expiresOn: copy.terms.expiresOn,
    signatures: copy.signatures.map((s) => act(s, [])), attestations: copy.attestations.map((a) => act(a, a.clauses)),
    logs: originsOf(copy), takenAt: row.taken_at, takenBy: row.taken_by,
  };
}
