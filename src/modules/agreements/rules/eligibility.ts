/**
 * The decision on an application: the same criteria and findings come to the same outcome, whoever asks and when. Two people
 * find together; an appeal is decided by two others. Pure.
 */
import { Refusal } from '#kit/refusal';
import type { Answered, Application, CriteriaSet, Finding, Outcome } from '../eligibility.ts';

/** Days within which one may appeal, and within which the appeal is decided. */
export const appealDays = 30;
const dayMs = 86_400_000;

/** Throws unless there is exactly one answer, or finding, for each criterion. */
export function mustCover(set: Pick<CriteriaSet, 'criteria'>, given: readonly { readonly criterion: string }[], at: string): void {
  const asked = set.criteria.map((c) => c.id);
  const problems = [
    ...asked.filter((id) => !given.some((g) => g.criterion === id)).map((id) => ({ at: `${at}.${id}`, problem: 'Nothing is said about this criterion.' })),
    ...given.flatMap((g, i) => (!asked.includes(g.criterion) || given.findIndex((x) => x.criterion === g.criterion) !== i
      ? [{ at: `${at}.${i}`, problem: 'There is no such criterion, or it stands twice.' }] : [])),
  ];
  const [first] = problems;
  if (first) throw new Refusal('invalid', 'application.incomplete', 'Each criterion needs one answer.', { at: first.at, hint: first.problem, problems });
}

export function outcomeOf(set: CriteriaSet, findings: readonly Finding[]): Outcome {
  mustCover(set, findings, 'findings');
  const failing = set.criteria.flatMap((c) => {
    const found = findings.find((f) => f.criterion === c.id);
    return found && !found.met ? [{
      criterion: c.id, title: c.title, titleVi: c.titleVi, reason: found.reason, evidence: c.evidence, evidenceVi: c.evidenceVi,
    }] : [];
  });
  return { outcome: failing.length === 0 ? 'eligible' : 'not-eligible', failing };
}

export function submitted(set: CriteriaSet, answers: readonly Answered[], base: Pick<Application,
  'id' | 'applicant' | 'submittedAt' | 'submittedBy'>): Application {
  if (set.provider === base.applicant) throw new Refusal('forbidden', 'application.own', 'Nobody applies to themselves.');
  mustCover(set, answers, 'answers');
  return {
    ...base, provider: set.provider, criteriaVersion: set.version, answers: [...answers], state: 'submitted', first: null, appeal: null, second: null,
  };
}

export interface Assessor {
  readonly person: string;
  readonly at: string;
}

/**
 * The first person states findings, the second confirms exactly those by their digest; then they are the decision. On an
 * appeal nobody of the first decision sits.
 */
export function assess(
  a: Application, set: CriteriaSet, findings: readonly Finding[], findingsSha256: string, who: Assessor,
): Application {
  const round = a.state === 'submitted' ? 'first' : a.state === 'appealed' ? 'second' : null;
  if (!round) throw new Refusal('conflict', 'application.decided', 'This application has been decided.');
  if (round === 'second' && a.first?.by.some((b) => b.person === who.person)) {
    throw new Refusal('forbidden', 'application.same-person', 'An appeal is decided by others than before.', {
      ask: 'two colleagues who did not decide before' });
  }
  const open = a[round];
  const outcome = outcomeOf(set, findings);
  if (!open) return { ...a, [round]: { findings: [...findings], findingsSha256, by: [who], outcome: null } };
  if (open.by.some((b) => b.person === who.person)) {
    throw new Refusal('forbidden', 'application.two-people', 'A second person decides with you.', { ask: 'a colleague' });
  }
  // Another finding is another proposal: it begins anew, and needs its own second.
  if (open.findingsSha256 !== findingsSha256) return { ...a, [round]: { findings: [...findings], findingsSha256, by: [who], outcome: null } };
  return {
    ...a, state: round === 'first' ? 'decided' : 'appeal-decided', [round]: { ...open, by: [...open.by, who], outcome },
  };
}

export function appeal(a: Application, reason: string, who: Assessor): Application {
  if (a.state !== 'decided' || a.first?.outcome?.outcome !== 'not-eligible') {
    throw new Refusal('conflict', 'application.no-appeal', 'Only a first decision that says no can be appealed.');
  }
  const decidedAt = a.first.by.at(-1)?.at ?? '';
  if (!(Date.parse(who.at) <= Date.parse(decidedAt) + appealDays * dayMs)) {
    throw new Refusal('gone', 'application.appeal-late', `An appeal is made within ${appealDays} days of the decision.`);
  }
  const dueAt = new Date(Date.parse(who.at) + appealDays * dayMs).toISOString();
  return { ...a, state: 'appealed', appeal: { reason, at: who.at, by: who.person, dueAt } };
}
