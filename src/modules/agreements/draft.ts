/** Makes an agreement out of a template: numbers the clauses, hashes their texts, and the whole document. */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { check } from '#kit/refusal';
import { midnight } from '#kit/zone/midnight';
import type { Agreement, Clause, GrantSpec, Part } from './model.ts';
import type { ClauseDraft, Template } from './templates.ts';

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

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

export function draftFrom(template: Template, terms: Terms): Agreement {
  const chosen = template.parts.filter((p) => terms.parts.includes(p.id));
  const numbered = [
    ...chosen.flatMap((part, i) => part.clauses.map((c, j) => clauseOf(c, `${i + 1}.${j + 1}`, part.id, terms.id))),
    ...[scopeOf(template, terms.parts), ...template.general]
      .map((c, j) => clauseOf(c, `${chosen.length + 1}.${j + 1}`, null, terms.id)),
  ];
  const document = {
    template: template.name, title: template.title, titleVi: template.titleVi, authority: terms.authority,
    counterpart: terms.counterpart, products: [...terms.products], parts: partsOf(template, terms.parts),
    partNoun: template.partNoun, clauses: numbered, effectiveOn: terms.effectiveOn, expiresOn: terms.expiresOn,
    zone: terms.zone,
  };
  return {
    id: terms.id, ...document, status: 'draft', effectiveAt: midnight(terms.effectiveOn, terms.zone),
    expiresAt: midnight(terms.expiresOn, terms.zone), signatures: [], suspensions: [], revocations: [], predecessor: null,
    documentSha256: sha256(canonical(signable(document))),
    version: 1, createdAt: terms.createdAt,
  };
}

/** The clause that says what is in and what is left out: a refusal for want of a part names this one. */
function scopeOf(template: Template, included: readonly string[]): ClauseDraft {
  const named = (wanted: boolean, key: 'title' | 'titleVi'): string =>
    template.parts.filter((p) => included.includes(p.id) === wanted).map((p) => p[key]).join('; ');
  const [out, outVi] = [named(false, 'title'), named(false, 'titleVi')];
  return {
    kind: 'narrative', title: 'Scope', titleVi: 'Phạm vi',
    text: `This agreement consists of: ${named(true, 'title')}.${out ? ` It does not include: ${out}.` : ''}`,
    textVi: `Thỏa thuận này gồm: ${named(true, 'titleVi')}.${outVi ? ` Không bao gồm: ${outVi}.` : ''}`,
  };
}

/** What is signed: everything but what happens to the document afterwards. */
function signable<T extends { readonly clauses: readonly Clause[] }>(document: T): object {
  return { ...document, clauses: document.clauses.map(({ attestations: _, ...clause }) => clause) };
}

/** RFC 8785, so that both sides hash the same bytes. */
function canonical(document: unknown): string {
  const text = canonicalize(document);
  check(text !== undefined, 'an agreement is plain JSON');
  return text;
}

/** The template's parts with the rights that only they give; those left out stand as `not-included`. */
export function partsOf(template: Template, included: readonly string[]): Part[] {
  return template.parts.map((p) => ({
    id: p.id, title: p.title, titleVi: p.titleVi, summary: p.summary, summaryVi: p.summaryVi,
    state: included.includes(p.id) ? 'in-force' : 'not-included',
    rights: [...new Set(p.clauses.flatMap((c) => (c.grants ?? []).flatMap((g) => g.actions)))].sort(),
  }));
}

const empty: Clause['machine'] = {
  grants: [], prohibitions: [], obligations: [], quotas: [], handling: null, oversight: null,
};

function clauseOf(draft: ClauseDraft, number: string, part: string | null, agreement: string): Clause {
  const id = (i: number, what: string): string => `${agreement}:${number}:${what}${i + 1}`;
  const grants = (draft.grants ?? []).map((g, i): GrantSpec => ({
    id: id(i, ''), grantee: g.grantee, roles: null, persons: null, actions: [...g.actions], kinds: [...g.kinds],
    purposes: [...g.purposes], products: 'ALL_NAMED', maxTlp: g.maxTlp, maxLevel: g.maxLevel, notBefore: null,
    expires: null, conditions: { mfa: false, networks: [], approvals: null },
  }));
  const prohibitions = draft.forbids
    ? [{ id: id(0, 'p'), bound: null, actions: [...draft.forbids], when: null }] : [];
  return {
    number, part, title: draft.title, titleVi: draft.titleVi, text: draft.text, textVi: draft.textVi,
    textSha256: sha256(draft.text), kind: draft.kind, machine: { ...empty, grants, prohibitions }, attestations: [],
  };
}
