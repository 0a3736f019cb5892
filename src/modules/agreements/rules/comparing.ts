/**
 * Two agreements side by side: which clauses stayed, changed, came or went, word by word and machine field by field. For
 * the editor, for versions and for a renewal beside what it renews. Pure.
 */
import { fieldChanges, type FieldChange } from '#kit/diff/fields';
import { wordDifference, type Run } from '#kit/diff/words';
import type { Agreement, Clause } from '../model.ts';
import { itemsOf } from './attesting.ts';

export interface ClauseComparison {
  readonly is: 'same' | 'changed' | 'new' | 'gone';
  /** Numbers on both sides; null where it is not there. */
  readonly before: string | null;
  readonly after: string | null;
  readonly part: string | null;
  readonly title: string;
  readonly titleVi: string;
  readonly text: readonly Run[];
  readonly textVi: readonly Run[];
  readonly machine: readonly FieldChange[];
}

export interface Comparison {
  /** Title, term, zone, products and parts. */
  readonly terms: readonly FieldChange[];
  readonly clauses: readonly ClauseComparison[];
}

type Side = Pick<Agreement, 'title' | 'titleVi' | 'products' | 'effectiveOn' | 'expiresOn' | 'zone' | 'parts' | 'clauses'>;

export function compare(before: Side, after: Side): Comparison {
  const partner = pairs(before.clauses, after.clauses);
  const gone = before.clauses.filter((c) => ![...partner.values()].includes(c));
  return {
    terms: fieldChanges(headOf(before), headOf(after)),
    clauses: [...after.clauses.map((c) => comparison(partner.get(c) ?? null, c)), ...gone.map((c) => comparison(c, null))],
  };
}

function headOf({ title, titleVi, products, effectiveOn, expiresOn, zone, parts }: Side): object {
  return {
    title, titleVi, products, effectiveOn, expiresOn, zone,
    parts: parts.map((p) => ({ id: p.id, title: p.title, titleVi: p.titleVi, included: p.state !== 'not-included' })),
  };
}

/** Each clause of `after` with the one of `before` that it comes from: by machine items, else by words, else by name. */
function pairs(before: readonly Clause[], after: readonly Clause[]): Map<Clause, Clause> {
  const left = new Set(before);
  const found = new Map<Clause, Clause>();
  const tests: readonly ((x: Clause, y: Clause) => boolean)[] = [
    (x, y) => itemsOf(x.machine).some((id) => itemsOf(y.machine).includes(id)),
    (x, y) => x.textSha256 === y.textSha256 && x.part === y.part,
    (x, y) => x.title === y.title && x.part === y.part && x.kind === y.kind,
  ];
  for (const test of tests) {
    for (const clause of after.filter((c) => !found.has(c))) {
      const partner = [...left].find((x) => test(x, clause));
      if (!partner) continue;
      found.set(clause, partner);
      left.delete(partner);
    }
  }
  return found;
}

function comparison(before: Clause | null, after: Clause | null): ClauseComparison {
  const shown = (after ?? before) as Clause;
  const text = wordDifference(before?.text ?? '', after?.text ?? '');
  const textVi = wordDifference(before?.textVi ?? '', after?.textVi ?? '');
  const machine = fieldChanges(before ? { kind: before.kind, ...before.machine } : undefined, after ? { kind: after.kind, ...after.machine } : undefined);
  const same = before && after && before.title === after.title && before.titleVi === after.titleVi && before.number === after.number
    && machine.length === 0 && [...text, ...textVi].every((r) => r.is === 'same');
  return {
    is: !before ? 'new' : !after ? 'gone' : same ? 'same' : 'changed', before: before?.number ?? null, after: after?.number ?? null,
    part: shown.part, title: shown.title, titleVi: shown.titleVi, text, textVi, machine,
  };
}
