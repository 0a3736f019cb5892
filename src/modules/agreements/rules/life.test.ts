import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Role, givesRight } from '#modules/parties/index';
import { attestersOf, clauseDigest, isAttested } from '../decide/attested.ts';
import { attestable } from '../decide/benefits.ts';
import { documentSha256Of } from '../document.ts';
import { draftFrom } from '../draft.ts';
import { editable } from '../edited.ts';
import { edited } from '../editing.ts';
import type { Agreement } from '../model.ts';
import { sign } from '../rules.ts';
import { templates } from '../templates.ts';
import { attest, attestingOf, itemsOf, type Attester } from './attesting.ts';
import { compare } from './comparing.ts';
import { gainsAndLosses } from './gains.ts';
import { renewalOf, yearsAfter } from './renewing.ts';
import { lift, revoke, suspend } from './suspending.ts';

const at = '2026-06-01T00:00:00.000Z';
function draft(name: 'mou' | 'programme' = 'mou'): Agreement {
  const template = templates.find((t) => t.name === name);
  if (!template) throw new Error(name);
  return draftFrom(template, {
    id: 'agr_test', authority: 'org_ncsc', counterpart: 'org_vendor', parts: template.parts.map((p) => p.id), products: ['A', 'B'],
    effectiveOn: '2026-01-01', expiresOn: '2029-01-01', zone: 'UTC', createdAt: at,
  });
}
const who = (person: string, org: string, roles: readonly string[]): Attester => ({ person, personName: person, org, roles });
const attestAll = (a: Agreement, by: Attester): Agreement => attest(
  a, by, attestingOf(a, by, { digestOf: clauseDigest, isAttested }).filter((c) => c.mine === 'open').map((c) => ({ clause: c.clause, clauseSha256: c.sha256 })),
  clauseDigest, at);
const signed = (a: Agreement): Agreement => ['org_ncsc', 'org_vendor'].reduce(
  (x, org) => sign(x, { person: `per_${org.slice(4)}`, personName: org, org }, x.documentSha256, at), a);
const code = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'done';
};

describe('attestation', () => {
  test('nobody covers what benefits them: every role, both sides, every clause of every template', () => {
    for (const a of [draft('mou'), draft('programme')]) {
      for (const org of ['org_ncsc', 'org_vendor', 'org_else']) {
        for (const role of Role.options) {
          const by = who('per_x', org, [role]);
          for (const clause of a.clauses) {
            const free = attestable({ id: 'per_x', org, roles: [role] }, a, clause.machine);
            for (const grant of clause.machine.grants) {
              const reaches = a[grant.grantee] === org && (grant.roles === null
                ? grant.actions.some((right) => givesRight([role], right)) : (grant.roles as string[]).includes(role));
              expect([role, grant.id, free.includes(grant.id)]).toEqual([role, grant.id, !reaches]);
            }
          }
          for (const c of attestAll(a, by).clauses) {
            for (const given of c.attestations) expect(given.covers).toEqual(attestable({ id: 'per_x', org, roles: [role] }, a, c.machine));
          }
        }
      }
    }
  });
  test('an item counts once two people have covered it, and one person counts once', () => {
    const [one, two] = [who('per_one', 'org_vendor', ['auditor']), who('per_two', 'org_vendor', ['auditor'])];
    const first = attestAll(draft(), one);
    const open = { clause: '1.1', clauseSha256: clauseDigest(first.clauses[0]!) };
    expect(itemsOf(first.clauses[0]!.machine).filter((id) => isAttested(first.clauses[0]!, id))).toEqual([]);
    expect(code(() => attest(first, one, [open], clauseDigest, at))).toBe('clause.already-attested');
    const both = attestAll(first, two).clauses[0]!;
    for (const id of itemsOf(both.machine)) expect(attestersOf(both, id)).toEqual(['per_one', 'per_two']);
  });
  test('what one benefits from whole, what has no machine form and what has changed is refused', () => {
    const a = draft('programme');
    const reviewer = who('per_r', 'org_ncsc', ['reviewer']);
    const of = (number: string) => ({ clause: number, clauseSha256: clauseDigest(a.clauses.find((c) => c.number === number)!) });
    expect(code(() => attest(a, reviewer, [of('1.1')], clauseDigest, at))).toBe('clause.own-benefit');
    const narrative = a.clauses.find((c) => c.kind === 'narrative')!.number;
    expect(code(() => attest(a, reviewer, [of(narrative)], clauseDigest, at))).toBe('clause.nothing-to-attest');
    expect(code(() => attest(a, reviewer, [{ clause: '1.1', clauseSha256: '0'.repeat(64) }], clauseDigest, at))).toBe('clause.changed');
  });
});

describe('editing', () => {
  const attested = attestAll(attestAll(draft(), who('per_one', 'org_vendor', ['auditor'])), who('per_two', 'org_ncsc', ['auditor']));
  const ids = { n: 0 };
  const edit = (a: Agreement, change: (d: ReturnType<typeof editable>) => ReturnType<typeof editable>) =>
    edited(a, change(editable(a)), () => `itm_${(ids.n += 1)}`);

  test('saved as it stands, nothing changes but the version: same digest, same attestations, and signatures go', () => {
    const once = sign(attested, { person: 'per_ncsc', personName: 'N', org: 'org_ncsc' }, attested.documentSha256, at);
    const same = edit(once, (d) => d);
    expect(same.documentSha256).toBe(attested.documentSha256);
    expect(same.clauses).toEqual(attested.clauses);
    expect(same.signatures).toEqual([]);
  });
  test('a changed clause loses its attestations, the others keep theirs', () => {
    const next = edit(attested, (d) => ({ ...d, clauses: d.clauses.map((c, i) => (i === 0 ? { ...c, text: `${c.text} Twice.` } : c)) }));
    expect(next.clauses[0]?.attestations).toEqual([]);
    expect(next.clauses[1]?.attestations).toEqual(attested.clauses[1]?.attestations);
    expect(next.documentSha256).toBe(documentSha256Of(next));
    expect(next.documentSha256).not.toBe(attested.documentSha256);
  });
  test('a part left out takes its clauses, and the clause that names the parts follows', () => {
    const next = edit(attested, (d) => ({
      ...d, parts: d.parts.map((p) => (p.id === 'investigation' ? { ...p, included: false } : p)),
      clauses: d.clauses.filter((c) => c.part !== 'investigation'),
    }));
    expect(next.parts.find((p) => p.id === 'investigation')).toMatchObject({
      state: 'not-included', rights: ['investigation.answer', 'investigation.request'],
    });
    expect(next.clauses.find((c) => c.title === 'Scope')?.text).toContain('does not include: Investigation support');
  });
  test('every kind of slip is told with its place', () => {
    const problems = (change: (d: ReturnType<typeof editable>) => ReturnType<typeof editable>): string[] => {
      try {
        edit(attested, change);
      } catch (error) {
        return (error as { detail: { problems: { at: string }[] } }).detail.problems.map((p) => p.at);
      }
      return [];
    };
    const grant = (change: object) => (d: ReturnType<typeof editable>) => {
      d.clauses[0]!.machine = { ...d.clauses[0]!.machine, grants: [{ ...d.clauses[0]!.machine.grants[0]!, ...change }] };
      return d;
    };
    expect(problems((d) => ({ ...d, zone: 'Nowhere' }))).toEqual(['zone']);
    expect(problems((d) => ({ ...d, expiresOn: d.effectiveOn }))).toContain('expiresOn');
    expect(problems((d) => ({ ...d, clauses: d.clauses.map((c) => ({ ...c, part: c.part && 'gone' })) }))).toContain('clauses.0.part');
    expect(problems(grant({ actions: ['nobody.may'] }))).toEqual(['clauses.0.machine.grants.0.actions.0']);
    expect(problems(grant({ products: ['C'] }))).toEqual(['clauses.0.machine.grants.0.products.0']);
    expect(problems(grant({ maxTlp: 'RED' }))).toEqual(['clauses.0.machine.grants.0.maxTlp']);
    expect(problems(grant({ expires: '2031-01-01T00:00:00Z' }))).toEqual(['clauses.0.machine.grants.0.expires']);
    expect(problems(grant({ conditions: { mfa: false, networks: ['300.1.1.1/8'], approvals: null } })))
      .toEqual(['clauses.0.machine.grants.0.conditions.networks.0']);
    expect(problems((d) => ({ ...d, clauses: d.clauses.map((c) => ({ ...c, kind: 'narrative' as const })) }))).toContain('clauses.0.machine.grants');
    expect(problems((d) => ({ ...d, parts: [...d.parts, d.parts[0]!] }))).toContain('parts.4.id');
  });
  test('what is signed cannot be edited', () => expect(code(() => edit(signed(attested), (d) => d))).toBe('agreement.not-a-draft'));
  test('whatever order the clauses are put in, each is numbered once, none is lost, and a comparison names no other change', () => {
    fc.assert(fc.property(fc.shuffledSubarray(editable(attested).clauses, { minLength: attested.clauses.length }), (clauses) => {
      const next = edit(attested, (d) => ({ ...d, clauses }));
      expect(new Set(next.clauses.map((c) => c.number)).size).toBe(attested.clauses.length);
      expect(next.clauses.map((c) => c.text).sort()).toEqual(attested.clauses.map((c) => c.text).sort());
      const { terms, clauses: compared } = compare(attested, next);
      expect(terms).toEqual([]);
      expect(compared.filter((c) => c.is === 'new' || c.is === 'gone')).toEqual([]);
      expect(compared.flatMap((c) => c.machine)).toEqual([]);
    }), { numRuns: 40 });
  });
});

describe('suspension and revocation', () => {
  const inForce = signed(draft());
  const by = (side: 'authority' | 'counterpart', part: string | null = null) =>
    ({ id: `sus_${side}${part ?? ''}`, part, ground: 'political' as const, statement: 'x', side, person: 'per_x', at });
  test('each side’s suspension of the whole holds until that side lifts it', () => {
    const both = suspend(suspend(inForce, by('authority')), by('counterpart'));
    expect(both.status).toBe('suspended');
    const one = lift(both, 'sus_authority', { side: 'authority', person: 'per_x', at });
    expect(one.status).toBe('suspended');
    expect(lift(one, 'sus_counterpart', { side: 'counterpart', person: 'per_x', at }).status).toBe('active');
    expect(code(() => lift(both, 'sus_authority', { side: 'counterpart', person: 'per_x', at }))).toBe('suspension.not-yours');
  });
  test('a part that is not there, a draft and what is ended cannot be suspended; a grant is revoked once', () => {
    expect(code(() => suspend(inForce, by('authority', 'nothing')))).toBe('part.not-found');
    expect(code(() => suspend(draft(), by('authority')))).toBe('agreement.not-in-force');
    const id = inForce.clauses[0]!.machine.grants[0]!.id;
    const revoked = revoke(inForce, { grant: id, person: 'per_x', side: 'authority', at, reason: 'x' });
    expect(code(() => revoke(revoked, { grant: id, person: 'per_x', side: 'authority', at, reason: 'x' }))).toBe('grant.already-revoked');
    expect(code(() => revoke(inForce, { grant: 'gone', person: 'per_x', side: 'authority', at, reason: 'x' }))).toBe('grant.not-found');
  });
  test('none of it changes what was signed', () => {
    expect(documentSha256Of(suspend(inForce, by('authority')))).toBe(inForce.documentSha256);
  });
});

describe('renewal', () => {
  test('three years from the end of the old one, its clauses with their attestations, and only the term differs', () => {
    const old = signed(attestAll(draft(), who('per_one', 'org_vendor', ['auditor'])));
    const next = renewalOf(old, { id: 'agr_next', createdAt: at });
    expect([next.effectiveOn, next.expiresOn, next.predecessor, next.status]).toEqual(['2029-01-01', '2032-01-01', 'agr_test', 'draft']);
    expect(next.clauses).toEqual(old.clauses);
    expect(compare(old, next).terms.map((c) => c.path)).toEqual(['effectiveOn', 'expiresOn']);
    const changed = gainsAndLosses([old], [next]);
    expect(changed.gains.map((c) => c.right)).toEqual(changed.losses.map((c) => c.right));
  });
  test('a withdrawn part and a revoked grant stay behind', () => {
    const old = signed(draft());
    const [grant] = old.clauses[0]!.machine.grants;
    const next = renewalOf(revoke(old, { grant: grant!.id, person: 'per_x', side: 'authority', at, reason: 'x' }), { id: 'agr_next', createdAt: at });
    expect(next.clauses.some((c) => c.number === '1.1')).toBe(false);
    expect(gainsAndLosses([old], [next]).losses.map((c) => c.right)).toContain('source.view');
  });
  test('a leap day ends on the 28th of a common year', () => {
    expect([yearsAfter('2024-02-29', 3), yearsAfter('2024-02-29', 4), yearsAfter('2026-06-01', 3)]).toEqual(['2027-02-28', '2028-02-29', '2029-06-01']);
  });
});
