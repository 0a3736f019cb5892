/** Eligibility: criteria are published, an organisation applies, two people of the provider decide, two others on appeal. */
import type { Actions, Actor } from '#kit/endpoint';
import { Refusal, check, noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import { stateFact, type Json } from '#world/facts';
import { organisationById } from '#modules/parties/index';
import type { eligibilityApi } from '../api/eligibility.ts';
import { canonical, sha256 } from '../document.ts';
import type { Application, CriteriaSet } from '../eligibility.ts';
import {
  applicationsOf, criteriaOf, insertApplication, insertCriteria, lockedApplication, publishedCriteria, saveApplication,
} from '../eligibility-store.ts';
import { appeal, assess, submitted } from '../rules/eligibility.ts';
import type { AgreementsParts } from './parts.ts';

type Acts = Actions<typeof eligibilityApi>;

export function eligibilityActions(parts: AgreementsParts): Acts {
  const { db, clock, ids } = parts;
  const who = (actor: Actor) => ({ person: actor.person, at: clock.iso() });
  return {
    'eligibility.published': async () => ({ sets: await Promise.all((await publishedCriteria(db)).map((set) => published(db, set))) }),
    'eligibility.publish': (input, { actor }) => db.transaction(async (tx) => {
      const before = await criteriaOf(tx, actor.org, null);
      const set: CriteriaSet = {
        ...input, provider: actor.org, version: (before?.version ?? 0) + 1, publishedAt: clock.iso(), publishedBy: actor.person,
      };
      if (!(await insertCriteria(tx, set))) throw new Refusal('conflict', 'eligibility.changed-meanwhile', 'Someone published meanwhile.');
      await state(parts, tx, actor, `eligibility_${actor.org}`, 'eligibility.published', [], {
        version: set.version, criteria: set.criteria.map((c) => c.id), sha256: sha256(canonical(set.criteria)),
      });
      return published(tx, set);
    }),
    'applications.list': async (_, { actor }) => ({
      applications: await Promise.all((await applicationsOf(db, actor.org)).map((a) => shown(parts, db, actor, a))),
    }),
    'applications.submit': (input, { actor }) => db.transaction(async (tx) => {
      const set = await criteriaOf(tx, input.provider, null);
      if (!set) throw noSuch('organisation');
      const made = submitted(set, input.answers, { id: ids.next('apl'), applicant: actor.org, submittedAt: clock.iso(), submittedBy: actor.person });
      await insertApplication(tx, made);
      await state(parts, tx, actor, made.id, 'application.submitted', [made.provider], { criteria: made.criteriaVersion });
      return shown(parts, tx, actor, made);
    }),
    'applications.assess': (input, { actor }) => changed(parts, actor, input.application, 'provider', 'application.assessed', (a, set) =>
      assess(a, set, input.findings, sha256(canonical([...input.findings].sort((x, y) => (x.criterion < y.criterion ? -1 : 1)))), who(actor))),
    'applications.appeal': (input, { actor }) => changed(parts, actor, input.application, 'applicant', 'application.appealed', (a) =>
      appeal(a, input.reason, who(actor))),
  };
}

function changed(
  parts: AgreementsParts, actor: Actor, id: string, side: 'applicant' | 'provider', fact: string,
  rule: (a: Application, set: CriteriaSet) => Application,
): ReturnType<typeof shown> {
  return parts.db.transaction(async (tx) => {
    const before = await lockedApplication(tx, actor.org, id);
    if (!before) throw noSuch('application');
    if (before[side] !== actor.org) {
      throw new Refusal('forbidden', 'application.not-yours', 'Each side does its own part: the applicant asks and appeals, the provider decides.');
    }
    const set = await criteriaOf(tx, before.provider, before.criteriaVersion);
    check(set, 'an application names criteria that exist');
    const next = rule(before, set);
    await saveApplication(tx, next);
    const decided = next.state !== before.state && next.state.endsWith('decided');
    const round = next.second ?? next.first;
    await state(parts, tx, actor, next.id, decided ? 'application.decided' : fact, [next.applicant, next.provider], {
      state: next.state, ...(round ? { findingsSha256: round.findingsSha256 } : {}),
      ...(decided && round?.outcome ? { outcome: round.outcome.outcome, failing: round.outcome.failing.map((f) => f.criterion) } : {}),
    });
    return shown(parts, tx, actor, next);
  });
}

async function published(q: Queryable, { publishedBy: _, ...set }: CriteriaSet) {
  return { ...set, providerName: (await organisationById(q, set.provider))?.name ?? set.provider };
}

async function shown(parts: AgreementsParts, q: Queryable, actor: Actor, a: Application) {
  const [applicant, set] = await Promise.all([organisationById(q, a.applicant), criteriaOf(q, a.provider, a.criteriaVersion)]);
  check(set, 'an application names criteria that exist');
  const criteria = await published(q, set);
  const mine = actor.org === a.provider ? 'provider' as const : 'applicant' as const;
  // An assessment that one person has begun is the provider's own until a second has joined.
  const told = <T extends Application['first']>(x: T): T | null => (mine === 'provider' || x?.outcome ? x : null);
  return {
    ...a, first: told(a.first), second: told(a.second), applicantName: applicant?.name ?? a.applicant,
    applicantNameLocal: applicant?.nameLocal ?? null, providerName: criteria.providerName, criteria, mine,
    overdue: a.state === 'appealed' && a.appeal !== null && a.appeal.dueAt <= parts.clock.iso(),
  };
}

async function state(
  parts: AgreementsParts, tx: Queryable, actor: Actor, subject: string, fact: string, readers: readonly string[],
  body: Readonly<Record<string, Json>>,
): Promise<void> {
  await stateFact(tx, { class: fact, at: parts.clock.iso(), actor: actor.person, org: actor.org, subject, readers, clauses: [], body });
}
