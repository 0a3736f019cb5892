/**
 * Puts an edited document in the place of a draft: numbers clauses, gives new machine items their ids, hashes all anew.
 * Signatures go, since they were over another text; an attestation stays where its clause is the same.
 */
import { midnight } from '#kit/zone/midnight';
import { clauseDigest } from './decide/attested.ts';
import { documentSha256Of, sha256 } from './document.ts';
import { scopeOf } from './draft.ts';
import type { EditedDocument } from './edited.ts';
import type { Agreement, Clause, Part } from './model.ts';
import { mayEdit, problemsOf, refuseProblems } from './rules/editing.ts';
import type { Machine } from './terms.ts';

/** Edits the draft; throws the Refusal with every problem and its place. `fresh` gives ids that were never used. */
export function edited(agreement: Agreement, d: EditedDocument, fresh: () => string): Agreement {
  mayEdit(agreement);
  const term = { effectiveAt: instant(d.effectiveOn, d.zone), expiresAt: instant(d.expiresOn, d.zone) };
  refuseProblems(problemsOf(d, term));
  const clauses = numbered(d, agreement, fresh);
  const next: Agreement = {
    ...agreement, ...term, title: d.title, titleVi: d.titleVi, products: d.products, effectiveOn: d.effectiveOn,
    expiresOn: d.expiresOn, zone: d.zone, parts: d.parts.map((p) => partOf(p, clauses, agreement)), clauses,
    signatures: [], version: agreement.version + 1,
  };
  return { ...next, documentSha256: documentSha256Of(next) };
}

/** An unknown zone is among the problems; until it is told any instant will do. */
function instant(day: string, zone: string): string {
  try {
    return midnight(day, zone);
  } catch {
    return midnight(day, 'UTC');
  }
}

function numbered(d: EditedDocument, before: Agreement, fresh: () => string): Clause[] {
  const included = d.parts.filter((p) => p.included);
  const groups = [...included.map((p) => p.id), null].map((part) => d.clauses.filter((c) => c.part === part));
  return groups.filter((g) => g.length > 0).flatMap((group, i) => group.map((draft, j): Clause => {
    const scoped = rescoped(draft, d, before);
    const clause: Clause = {
      number: `${i + 1}.${j + 1}`, ...scoped, textSha256: sha256(scoped.text), machine: withIds(draft.machine, fresh), attestations: [],
    };
    return { ...clause, attestations: kept(clause, before) };
  }));
}

/** The clause that names the parts follows them, unless people have put it in words of their own. */
function rescoped(draft: EditedDocument['clauses'][number], d: EditedDocument, before: Agreement) {
  const { machine: _, ...words } = draft;
  const was = scopeOf(before.parts, before.parts.filter((p) => p.state !== 'not-included').map((p) => p.id));
  if (words.text !== was.text || words.textVi !== was.textVi) return words;
  const now = scopeOf(d.parts, d.parts.filter((p) => p.included).map((p) => p.id));
  return { ...words, text: now.text, textVi: now.textVi };
}

function kept(clause: Clause, before: Agreement): Clause['attestations'] {
  const digest = clauseDigest(clause);
  return before.clauses.flatMap((c) => c.attestations).filter((a) => a.clauseSha256 === digest);
}

function withIds(machine: Machine, fresh: () => string): Machine {
  const named = <T extends { readonly id: string }>(item: T): T => (item.id === '' ? { ...item, id: fresh() } : item);
  return {
    grants: machine.grants.map(named), prohibitions: machine.prohibitions.map(named),
    obligations: machine.obligations.map(named), quotas: machine.quotas.map(named),
    handling: machine.handling && named(machine.handling), oversight: machine.oversight && named(machine.oversight),
  };
}

/** Rights follow the grants of the part; one that is left out keeps those it had, so that a refusal can name it. */
function partOf({ included, ...words }: EditedDocument['parts'][number], clauses: readonly Clause[], before: Agreement): Part {
  const had = before.parts.find((p) => p.id === words.id)?.rights ?? [];
  const granted = clauses.filter((c) => c.part === words.id).flatMap((c) => c.machine.grants.flatMap((g) => g.actions));
  return { ...words, state: included ? 'in-force' : 'not-included', rights: included ? [...new Set(granted)].sort() : had };
}
