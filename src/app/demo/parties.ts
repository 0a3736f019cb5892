/** Writes the story's organisations, people and agreements into an empty hub, each with its facts. */
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import { beginAgreement } from '../../modules/agreements/begin.ts';
import { clauseDigest, isAttested } from '../../modules/agreements/decide/attested.ts';
import { draftFrom } from '../../modules/agreements/draft.ts';
import { insertCriteria } from '../../modules/agreements/eligibility-store.ts';
import type { Agreement } from '../../modules/agreements/model.ts';
import { sign } from '../../modules/agreements/rules.ts';
import { attest, attestingOf } from '../../modules/agreements/rules/attesting.ts';
import { insertAgreement } from '../../modules/agreements/store.ts';
import { templates } from '../../modules/agreements/templates.ts';
import { insertOrganisation, insertPerson } from '../../modules/parties/store.ts';
import { agreements, centre, criteria, organisations, people, unsigned, type StoryAgreement } from './story.ts';

/** In one transaction: the story is there whole, or the next start writes it. */
export async function writeParties(db: Db, clock: Clock): Promise<void> {
  await db.transaction(async (tx) => {
    for (const organisation of organisations) {
      await insertOrganisation(tx, organisation, organisation.id === centre ? null : centre);
      await fact(tx, clock, 'organisation.introduced', organisation.id, [organisation.id], { kind: organisation.kind });
    }
    for (const person of people) {
      await insertPerson(tx, {
        id: person.id, organisation: person.organisation, name: person.name, email: null, roles: [...person.roles],
        status: 'active', language: person.language, createdAt: clock.iso(),
      });
      await fact(tx, clock, 'invitation.accepted', person.id, [person.organisation], { roles: [...person.roles] });
    }
    for (const story of agreements) await writeAgreement(tx, clock, story, 2);
    await writeAgreement(tx, clock, unsigned, 1);
    await writeCriteria(tx, clock);
  });
}

async function writeCriteria(tx: Queryable, clock: Clock): Promise<void> {
  const { publisher, criteria: list, ...set } = criteria;
  await insertCriteria(tx, { ...set, version: 1, criteria: list.map((c) => ({ ...c })), publishedAt: clock.iso(), publishedBy: publisher });
  await stateFact(tx, {
    class: 'eligibility.published', at: clock.iso(), actor: publisher, org: set.provider, subject: `eligibility_${set.provider}`, readers: [],
    clauses: [], body: { version: 1, criteria: list.map((c) => c.id) },
  });
}

async function writeAgreement(tx: Queryable, clock: Clock, story: StoryAgreement, signatures: 1 | 2): Promise<void> {
  const template = templates.find((t) => t.name === story.template);
  if (!template) throw new Error(`no template ${story.template}`);
  const year = Number(story.effectiveOn.slice(0, 4)) + story.years;
  const draft = draftFrom(template, {
    ...story, authority: centre, expiresOn: `${year}${story.effectiveOn.slice(4)}`, zone: 'Asia/Ho_Chi_Minh',
    createdAt: clock.iso(),
  });
  const parties = [draft.authority, draft.counterpart];
  await fact(tx, clock, 'agreement.drafted', draft.id, parties, { template: draft.template, parts: [...story.parts] });
  const attested = story.attesters.reduce((agreement, id) => attestedBy(agreement, id, clock), draft);
  const signed = story.signers.slice(0, signatures).reduce((agreement, id, i) => {
    const signer = people.find((p) => p.id === id);
    const who = { person: id, personName: signer?.name ?? id, org: parties[i] ?? centre };
    return sign(agreement, who, agreement.documentSha256, clock.iso());
  }, attested);
  await insertAgreement(tx, signed);
  for (const id of story.attesters) {
    const given = signed.clauses.filter((c) => c.attestations.some((a) => a.person === id));
    await stateFact(tx, {
      class: 'agreement.attested', at: clock.iso(), actor: id, org: orgOf(id), subject: draft.id, readers: parties,
      clauses: [], body: { clauses: given.map((c) => c.number), sha256: given.map(clauseDigest) },
    });
  }
  for (const signature of signed.signatures) {
    await stateFact(tx, {
      class: 'agreement.signed', at: clock.iso(), actor: signature.person, org: signature.organisation, subject: draft.id,
      readers: parties, clauses: [], body: { documentSha256: signature.documentSha256 },
    });
  }
  if (signed.status === 'active') await beginAgreement({ clock }, tx, signed);
}

const orgOf = (person: string): string => people.find((p) => p.id === person)?.organisation ?? centre;

/** Attests every clause that the person may, as the page's button does. */
function attestedBy(agreement: Agreement, id: string, clock: Clock): Agreement {
  const person = people.find((p) => p.id === id);
  if (!person) throw new Error(`nobody of the story is ${id}`);
  const who = { person: id, personName: person.name, org: person.organisation, roles: person.roles };
  const open = attestingOf(agreement, who, { digestOf: clauseDigest, isAttested }).filter((c) => c.mine === 'open');
  return attest(agreement, who, open.map((c) => ({ clause: c.clause, clauseSha256: c.sha256 })), clauseDigest, clock.iso());
}

async function fact(
  tx: Queryable, clock: Clock, name: string, subject: string, readers: readonly string[], body: Record<string, string | string[]>,
): Promise<void> {
  await stateFact(tx, { class: name, at: clock.iso(), actor: 'system', org: centre, subject, readers, clauses: [], body });
}
