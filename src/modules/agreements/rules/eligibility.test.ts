import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CriteriaSet } from '../eligibility.ts';
import { appeal, assess, outcomeOf, submitted } from './eligibility.ts';

const set: CriteriaSet = {
  provider: 'org_vendor', version: 1, title: 't', titleVi: 't', publishedAt: '2026-01-01T00:00:00.000Z', publishedBy: 'per_x',
  criteria: ['state-body', 'protects-ip', 'no-offence'].map((id) => ({
    id, title: id, titleVi: id, text: 'text', textVi: 'text', evidence: `evidence of ${id}`, evidenceVi: 'chứng cứ',
  })),
};
const findings = (met: readonly boolean[]) => set.criteria.map((c, i) => ({ criterion: c.id, met: met[i] ?? false, reason: `because ${i}` }));
const base = { id: 'apl_one', applicant: 'org_agency', submittedAt: '2026-01-02T00:00:00.000Z', submittedBy: 'per_a' };
const answers = set.criteria.map((c) => ({ criterion: c.id, statement: 's', evidence: [] }));
const at = (day: number) => new Date(Date.UTC(2026, 0, day)).toISOString();
const code = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'done';
};

test('failing “protects-ip” lists that criterion and the evidence asked; the order of findings changes nothing', () => {
  expect(outcomeOf(set, findings([true, false, true]))).toMatchObject({
    outcome: 'not-eligible', failing: [{ criterion: 'protects-ip', evidence: 'evidence of protects-ip', reason: 'because 1' }],
  });
  fc.assert(fc.property(fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (met, order) => {
    const straight = outcomeOf(set, findings(met));
    expect(outcomeOf(set, order.map((i) => findings(met)[i]!))).toEqual(straight);
    expect(straight.outcome === 'eligible').toBe(met.every(Boolean));
    expect(straight.failing.length).toBe(met.filter((m) => !m).length);
  }));
});

test('two people with the same findings decide; one twice, or two with different ones, do not', () => {
  const a = submitted(set, answers, base);
  const no = findings([true, false, true]);
  const one = assess(a, set, no, 'digest', { person: 'per_1', at: at(3) });
  expect(one.state).toBe('submitted');
  expect(code(() => assess(one, set, no, 'digest', { person: 'per_1', at: at(3) }))).toBe('application.two-people');
  expect(assess(one, set, findings([true, true, true]), 'other', { person: 'per_2', at: at(3) })).toMatchObject({
    state: 'submitted', first: { by: [{ person: 'per_2' }] } });
  const decided = assess(one, set, no, 'digest', { person: 'per_2', at: at(4) });
  expect(decided).toMatchObject({ state: 'decided', first: { outcome: { outcome: 'not-eligible' } } });
  expect(code(() => assess(decided, set, no, 'digest', { person: 'per_3', at: at(4) }))).toBe('application.decided');
  // An appeal up to the thirtieth day, decided by others.
  expect(code(() => appeal(decided, 'why', { person: 'per_a', at: '2026-02-03T00:00:00.001Z' }))).toBe('application.appeal-late');
  const appealed = appeal(decided, 'why', { person: 'per_a', at: '2026-02-03T00:00:00.000Z' });
  expect(appealed.appeal?.dueAt).toBe('2026-03-05T00:00:00.000Z');
  for (const person of ['per_1', 'per_2']) expect(code(() => assess(appealed, set, no, 'digest', { person, at: at(5) }))).toBe('application.same-person');
  const third = assess(appealed, set, findings([true, true, true]), 'yes', { person: 'per_3', at: at(6) });
  expect(assess(third, set, findings([true, true, true]), 'yes', { person: 'per_4', at: at(6) })).toMatchObject({
    state: 'appeal-decided', second: { outcome: { outcome: 'eligible', failing: [] } },
  });
});

test('an application that leaves a criterion out, names one that is none or comes from the provider itself is refused', () => {
  expect(code(() => submitted(set, answers.slice(1), base))).toBe('application.incomplete');
  expect(code(() => submitted(set, [...answers, answers[0]!], base))).toBe('application.incomplete');
  expect(code(() => submitted(set, answers, { ...base, applicant: 'org_vendor' }))).toBe('application.own');
});
