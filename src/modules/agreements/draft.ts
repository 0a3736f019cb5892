/** Makes an agreement out of a template: numbers the clauses, gives each machine item its id, hashes the whole. */
import { midnight } from '#kit/zone/midnight';
import { documentSha256Of, sha256 } from './document.ts';
import type { Agreement, Clause, GrantSpec, Part } from './model.ts';
import type { ClauseDraft, Template } from './templates.ts';
import type { Machine } from './terms.ts';

export interface Terms {
  readonly id: string;
  readonly authority: string;
  readonly counterpart: string;
  readonly parts: readonly string[];
  readonly products: readonly string[];
  readonly effectiveOn: string;
  readonly expiresOn: string;
  readonly zone: string;
  readonly createdAt: string;
}

export function draftFrom(template: Template, terms: Terms): Agreement {
  const chosen = template.parts.filter((p) => terms.parts.includes(p.id));
  const clauses = [
    ...chosen.flatMap((part, i) => part.clauses.map((c, j) => clauseOf(c, `${i + 1}.${j + 1}`, part.id, terms))),
    ...[scopeOf(template.parts, terms.parts), ...template.general]
      .map((c, j) => clauseOf(c, `${chosen.length + 1}.${j + 1}`, null, terms)),
  ];
  const draft: Agreement = {
    id: terms.id, template: template.name, title: template.title, titleVi: template.titleVi, authority: terms.authority,
    counterpart: terms.counterpart, products: [...terms.products], parts: partsOf(template, terms.parts),
    partNoun: template.partNoun, clauses, effectiveOn: terms.effectiveOn, expiresOn: terms.expiresOn, zone: terms.zone,
    status: 'draft', effectiveAt: midnight(terms.effectiveOn, terms.zone),
    expiresAt: midnight(terms.expiresOn, terms.zone), signatures: [], suspensions: [], revocations: [], predecessor: null,
    sponsorship: null, successions: [], activation: null, documentSha256: '', version: 1, createdAt: terms.createdAt,
  };
  return { ...draft, documentSha256: documentSha256Of(draft) };
}

/** The clause that says what is in and what is left out: a refusal for want of a part names this one. */
export function scopeOf(parts: readonly Pick<Part, 'id' | 'title' | 'titleVi'>[], included: readonly string[]): ClauseDraft {
  const named = (wanted: boolean, key: 'title' | 'titleVi'): string =>
    parts.filter((p) => included.includes(p.id) === wanted).map((p) => p[key]).join('; ');
  const [out, outVi] = [named(false, 'title'), named(false, 'titleVi')];
  return {
    kind: 'narrative', title: 'Scope', titleVi: 'Phạm vi',
    text: `This agreement consists of: ${named(true, 'title')}.${out ? ` It does not include: ${out}.` : ''}`,
    textVi: `Thỏa thuận này gồm: ${named(true, 'titleVi')}.${outVi ? ` Không bao gồm: ${outVi}.` : ''}`,
  };
}

/** The template's parts with the rights that only they give; those left out stand as `not-included`. */
export function partsOf(template: Template, included: readonly string[]): Part[] {
  return template.parts.map((p) => ({
    id: p.id, title: p.title, titleVi: p.titleVi, summary: p.summary, summaryVi: p.summaryVi,
    state: included.includes(p.id) ? 'in-force' : 'not-included',
    rights: [...new Set(p.clauses.flatMap((c) => (c.grants ?? []).flatMap((g) => g.actions)))].sort(),
  }));
}

const none: Machine = { grants: [], prohibitions: [], obligations: [], quotas: [], handling: null, oversight: null };

function clauseOf(draft: ClauseDraft, number: string, part: string | null, terms: Terms): Clause {
  const id = (what: string, i: number): string => `${terms.id}:${number}:${what}${i + 1}`;
  const grants = (draft.grants ?? []).map((g, i): GrantSpec => ({
    id: id('g', i), grantee: g.grantee, roles: g.roles ? [...g.roles] : null, persons: null, actions: [...g.actions],
    kinds: [...g.kinds], purposes: [...g.purposes], products: 'ALL_NAMED', maxTlp: g.maxTlp, maxLevel: g.maxLevel,
    notBefore: null, expires: null, conditions: { mfa: g.mfa ?? false, networks: [], approvals: null },
  }));
  const machine: Machine = {
    ...none, grants,
    prohibitions: draft.forbids ? [{ id: id('p', 0), bound: null, actions: [...draft.forbids], when: null }] : [],
    obligations: (draft.obligations ?? []).map((o, i) => ({ id: id('o', i), ...o })),
    quotas: (draft.quotas ?? []).map((q, i) => ({ id: id('q', i), ...q })),
    handling: draft.handling ? { id: id('h', 0), ...draft.handling } : null,
    oversight: draft.monitor ? { id: id('m', 0), monitor: terms[draft.monitor.side], sees: draft.monitor.sees } : null,
  };
  return {
    number, part, title: draft.title, titleVi: draft.titleVi, text: draft.text, textVi: draft.textVi,
    textSha256: sha256(draft.text), kind: draft.kind, machine, attestations: [],
  };
}
