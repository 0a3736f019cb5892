/** What every act on agreements does: load within one's own scope, let the rule decide, save over what was read, state. */
import type { Actor } from '#kit/endpoint';
import { Refusal, check, noSuch } from '#kit/refusal';
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import { stateFact, type Json } from '#world/facts';
import type { Ids } from '#world/ids';
import type { ProvedFact } from '#modules/ledger/index';
import { organisationsById, personById } from '#modules/parties/index';
import { clauseDigest, isAttested } from '../decide/attested.ts';
import type { Agreement, AgreementView } from '../model.ts';
import { sideOf, view } from '../rules.ts';
import { attestingOf, type Attester } from '../rules/attesting.ts';
import { proveNarrower } from '../rules/sponsoring.ts';
import { agreementById, agreementOf, saveAgreement } from '../store.ts';
import type { Side } from '../terms.ts';

export interface AgreementsParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  /** What later modules hold for an organisation, by noun: they pass with it to a successor. */
  readonly holdings: (q: Queryable, org: string) => Promise<Record<string, number>>;
  /** Facts of one class about a subject that an organisation may read, newest first, with proofs for another hub. */
  readonly proved: (scope: { readonly org: string }, about: { readonly subject: string; readonly class: string }) => Promise<ProvedFact[]>;
}

export async function shown(parts: AgreementsParts, q: Queryable, a: Agreement, actor: Actor): Promise<AgreementView> {
  const [one] = await allShown(parts, q, [a], actor);
  check(one, 'what is asked for is shown');
  return one;
}

export async function allShown(parts: AgreementsParts, q: Queryable, all: readonly Agreement[], actor: Actor): Promise<AgreementView[]> {
  const sides = await organisationsById(q, all.flatMap((a) => [a.authority, a.counterpart]));
  return all.map((a) => {
    const [authority, counterpart] = [sides.get(a.authority), sides.get(a.counterpart)];
    check(authority && counterpart, 'the parties of an agreement exist');
    return {
      ...view(a, actor.org, { authority, counterpart }, parts.clock.iso()),
      attesting: attestingOf(a, actor, { digestOf: clauseDigest, isAttested }),
    };
  });
}

/** The agreement, if the actor's organisation is a party to it; else it never was. */
export async function mine(q: Queryable, actor: Actor, id: string): Promise<Agreement> {
  const agreement = await agreementOf(q, actor.org, id);
  if (!agreement) throw noSuch('agreement');
  return agreement;
}

export function sideOfMine(a: Agreement, actor: Actor): Side {
  const side = sideOf(a, actor.org);
  check(side, 'who read it within their scope is a party');
  return side;
}

export async function attesterOf(q: Queryable, actor: Actor): Promise<Attester> {
  const person = await personById(q, actor.person);
  check(person, 'a signed-in person exists');
  return { person: actor.person, personName: person.name, org: actor.org, roles: actor.roles };
}

export const changedMeanwhile = (hint = 'Look at it again, then repeat.'): Refusal =>
  new Refusal('conflict', 'agreement.changed-meanwhile', 'Someone changed this agreement meanwhile.', { hint });

export interface Stated {
  readonly fact: string;
  readonly body: Readonly<Record<string, Json>>;
}

/** One change of one agreement with its fact, in the transaction given. */
export async function changeIn(
  parts: AgreementsParts, tx: Queryable, actor: Actor, before: Agreement, next: Agreement, { fact, body }: Stated,
): Promise<void> {
  check(next.version === before.version + 1, 'a change is one version further');
  if (!(await saveAgreement(tx, next))) throw changedMeanwhile();
  await state(parts, tx, actor, next, fact, { version: next.version, status: next.status, ...body });
}

/** Loads, changes, saves and states in one transaction, and shows what came of it. */
export function change(
  parts: AgreementsParts, actor: Actor, id: string, stated: Stated | ((next: Agreement) => Stated), rule: (a: Agreement) => Agreement,
): Promise<AgreementView> {
  return parts.db.transaction(async (tx) => {
    const before = await mine(tx, actor, id);
    const next = rule(before);
    await changeIn(parts, tx, actor, before, next, typeof stated === 'function' ? stated(next) : stated);
    return shown(parts, tx, next, actor);
  });
}

/** What is edited or signed for a sponsored agency stays within what its sponsor holds at this moment. */
export async function proveSponsored(q: Queryable, a: Agreement): Promise<void> {
  if (!a.sponsorship) return;
  const above = await agreementById(q, a.sponsorship.agreement);
  check(above, 'a sponsored agreement rests on one that exists');
  proveNarrower(a, above);
}

/** Both sides may read it; of a sponsored agreement the sponsor of the day too, since it answers for it. */
export async function readersOf(q: Queryable, a: Agreement): Promise<string[]> {
  const above = a.sponsorship ? await agreementById(q, a.sponsorship.agreement) : null;
  return [a.authority, a.counterpart, ...(above ? [above.authority] : [])];
}

export async function state(
  parts: Pick<AgreementsParts, 'clock'>, tx: Queryable, actor: Pick<Actor, 'person' | 'org'>, a: Agreement, fact: string,
  body: Readonly<Record<string, Json>>,
): Promise<void> {
  await stateFact(tx, {
    class: fact, at: parts.clock.iso(), actor: actor.person, org: actor.org, subject: a.id, readers: await readersOf(tx, a),
    clauses: [], body,
  });
}
