import { describe, expect, test } from 'vitest';
import { draftFrom } from '../draft.ts';
import type { Agreement } from '../model.ts';
import { sign, withdrawPart } from '../rules.ts';
import { templates } from '../templates.ts';
import { clauseOf, explain, stopOf } from './explain.ts';
import { compilePolicy } from './policy.ts';
import type { Request } from './request.ts';
import { attested } from './testing.ts';

const now = '2026-06-01T00:00:00.000Z';
const nameOf = (id: string): string => ({ org_ncsc: 'NCSC', org_vendor: 'Vendor' })[id] ?? id;

function agreementOf(name: string, parts: readonly string[], products: string[] = []): Agreement {
  const template = templates.find((t) => t.name === name);
  if (!template) throw new Error(name);
  const draft = draftFrom(template, {
    id: `agr_${name}1`, authority: 'org_ncsc', counterpart: 'org_vendor', parts, products,
    effectiveOn: '2026-01-01', expiresOn: '2027-01-01', zone: 'Asia/Ho_Chi_Minh', createdAt: now,
  });
  const one = sign(draft, { person: 'per_one', personName: 'One', org: 'org_ncsc' }, draft.documentSha256, now);
  const two = sign(one, { person: 'per_two', personName: 'Two', org: 'org_vendor' }, draft.documentSha256, now);
  return { ...two, clauses: two.clauses.map((clause) => attested(clause)) };
}

interface Question {
  readonly right: string; readonly subject: string; readonly owner: string; readonly kind: string; readonly purpose: string;
  readonly products?: string[]; readonly tlp?: string; readonly level?: number;
}
function decide(agreements: readonly Agreement[], ask: Question, time: string, names: (id: string) => string) {
  const { right, subject, purpose, ...resource } = ask;
  const request: Request = { actor: { org: subject }, action: right, resource, purpose, now: time };
  return explain(compilePolicy(agreements.map((agreement) => ({ agreement }))), request, names);
}

const mouParts = ['transparency', 'information-sharing', 'investigation', 'capacity'];
const request: Question = {
  right: 'investigation.request', subject: 'org_ncsc', owner: 'org_vendor', kind: 'request', purpose: 'investigation',
};

describe('the memorandum from its template', () => {
  const mou = agreementOf('mou', mouParts);
  test('has its four pillars in order, all in force', () => {
    expect(mou.parts.map((p) => p.id)).toEqual(mouParts);
    expect(mou.parts.every((p) => p.state === 'in-force')).toBe(true);
    expect(mou.status).toBe('active');
  });
  test('allows a request for assistance either way round, and names the clause with its text', () => {
    for (const ask of [request, { ...request, subject: 'org_vendor', owner: 'org_ncsc' }]) {
      const decision = decide([mou], ask, now, nameOf);
      expect(decision.outcome).toBe('allow');
      expect(clauseOf(decision.reason)?.textSha256).toMatch(/^[0-9a-f]{64}$/);
    }
  });
  test('without the pillar Investigation every investigation request between the pair is denied as pillar absent', () => {
    const without = [agreementOf('mou', mouParts.filter((p) => p !== 'investigation')), withdrawPart(mou, 'investigation')];
    for (const agreement of without) {
      for (const right of ['investigation.request', 'investigation.answer']) {
        for (const [subject, owner] of [['org_ncsc', 'org_vendor'], ['org_vendor', 'org_ncsc']] as const) {
          const decision = decide([agreement], { ...request, right, subject, owner }, now, nameOf);
          expect(decision.deniedBy[0]).toBe('pillar-absent');
          expect(stopOf(decision.reason).sentence).toMatch(/^No authorisation: the pillar “Investigation support” is/);
        }
      }
      expect(decide([agreement], { ...request, right: 'threat.read', kind: 'threat', purpose: 'advisory' }, now, nameOf)
        .outcome).toBe('allow');
    }
  });
});

describe('the programme membership with information sharing only', () => {
  const programme = agreementOf('programme', ['information-sharing']);
  const ask = (right: string, kind: string, purpose: string): Question =>
    ({ right, kind, purpose, subject: 'org_ncsc', owner: 'org_vendor' });
  test('allows a feed pull and denies source with the authorisation that is missing', () => {
    expect(decide([programme], ask('feed.pull', 'feed', 'incident-response'), now, nameOf).outcome).toBe('allow');
    const denied = decide([programme], ask('source.view', 'source', 'oversight'), now, nameOf);
    expect(denied.deniedBy[0]).toBe('authorisation-absent');
    expect(denied.ask).toBe('Vendor');
  });
  test('does not let the provider do what is the member’s', () => {
    const turned = { ...ask('feed.pull', 'feed', 'incident-response'), subject: 'org_vendor', owner: 'org_ncsc' };
    expect(decide([programme], turned, now, nameOf).deniedBy[0]).toBe('right-not-granted');
  });
});

describe('near misses are denied, the exact case is allowed', () => {
  const mou = agreementOf('mou', mouParts, ['pkg:generic/shield']);
  const exact: Question = {
    right: 'threat.read', subject: 'org_ncsc', owner: 'org_vendor', kind: 'threat', purpose: 'incident-response',
    products: ['pkg:generic/shield'], tlp: 'AMBER', level: 3,
  };
  const at = (time: string) => decide([mou], exact, time, nameOf).deniedBy[0];
  test('the exact case', () => expect(decide([mou], exact, now, nameOf).outcome).toBe('allow'));
  const misses: [string, Partial<Question>, string][] = [
    ['another product', { products: ['pkg:generic/other'] }, 'product-not-granted'],
    ['mixed products', { products: ['pkg:generic/shield', 'pkg:generic/other'] }, 'product-not-granted'],
    ['a level above', { level: 4 }, 'level-not-granted'],
    ['half a level', { level: 2.5 }, 'level-not-granted'],
    ['a label above', { tlp: 'RED' }, 'tlp-not-granted'],
    ['an unknown label', { tlp: 'WHITE' }, 'tlp-not-granted'],
    ['another purpose', { purpose: 'training' }, 'purpose-not-granted'],
    ['an unknown purpose', { purpose: '' }, 'purpose-not-granted'],
    ['another kind', { kind: 'source' }, 'kind-not-granted'],
    ['an unknown right', { right: 'threat.delete' }, 'right-not-granted'],
    ['another organisation', { subject: 'org_other' }, 'no-agreement'],
    ['a right that a clause forbids', { right: 'source.copy' }, 'prohibited'],
  ];
  test.each(misses)('%s', (_, change, code) => {
    const decision = decide([mou], { ...exact, ...change }, now, nameOf);
    expect(decision.outcome).toBe('deny');
    expect(decision.deniedBy[0]).toBe(code);
    expect(decision.grantIds).toEqual([]);
  });
  test('begins and ends to the millisecond at 00:00 of the governing zone', () => {
    expect(at('2025-12-31T16:59:59.999Z')).toBe('agreement-not-yet-effective');
    expect(at('2025-12-31T17:00:00.000Z')).toBeUndefined();
    expect(at('2026-12-31T16:59:59.999Z')).toBeUndefined();
    expect(at('2026-12-31T17:00:00.000Z')).toBe('agreement-expired');
    expect(at('not a time')).toBe('clock-unreadable');
  });
  test('a draft with one signature, a suspended and an ended agreement deny', () => {
    for (const status of ['draft', 'suspended', 'ended'] as const) {
      expect(decide([{ ...mou, status }], exact, now, nameOf).outcome).toBe('deny');
    }
  });
  test('a prohibition in one agreement beats a grant in another', () => {
    const forbidding = { ...mou, id: 'agr_other', clauses: mou.clauses.map((c) => ({
      ...c, machine: { ...c.machine, prohibitions: [{ id: 'p', bound: null, actions: ['threat.read'], when: null }] },
    })) };
    expect(decide([mou, forbidding], exact, now, nameOf).deniedBy[0]).toBe('prohibited');
  });
});
