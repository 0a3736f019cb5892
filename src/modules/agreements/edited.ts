/** The form in which a draft is edited: the whole document at once, so that what is saved is what was seen. */
import { z } from 'zod';
import { Clause, Part } from './model.ts';
import { Machine } from './terms.ts';

const line = z.string().trim().min(1).max(300);
const words = z.string().trim().min(1).max(20_000);

export const EditedPart = z.strictObject({
  /** Of the part as it stands; a new part has a word of its own. */
  id: z.string().regex(/^[a-z][a-z0-9-]{0,58}[a-z0-9]$/),
  title: line, titleVi: line, summary: z.string().trim().max(2000), summaryVi: z.string().trim().max(2000),
  /** A part left out stands as not included, and a refusal names it. Its clauses go. */
  included: z.boolean(),
});

export const EditedClause = z.strictObject({
  part: z.string().max(60).nullable(), kind: Clause.shape.kind,
  title: line, titleVi: line, text: words, textVi: words,
  /** An item with an empty id is new. */
  machine: Machine,
});

export const EditedDocument = z.strictObject({
  title: line, titleVi: line,
  products: z.array(z.string().trim().min(1).max(200)).max(200),
  effectiveOn: z.iso.date(), expiresOn: z.iso.date(), zone: z.string().max(60),
  parts: z.array(EditedPart).min(1).max(30),
  /** In their order; numbers are given anew: the parts' clauses part by part, then those of none. */
  clauses: z.array(EditedClause).min(1).max(200),
});
export type EditedDocument = z.infer<typeof EditedDocument>;

/** A draft as it is put into the editor. */
export function editable(a: {
  readonly title: string; readonly titleVi: string; readonly products: readonly string[]; readonly effectiveOn: string;
  readonly expiresOn: string; readonly zone: string; readonly parts: readonly z.infer<typeof Part>[];
  readonly clauses: readonly z.infer<typeof Clause>[];
}): EditedDocument {
  return {
    title: a.title, titleVi: a.titleVi, products: [...a.products], effectiveOn: a.effectiveOn, expiresOn: a.expiresOn,
    zone: a.zone,
    parts: a.parts.map(({ id, title, titleVi, summary, summaryVi, state }) =>
      ({ id, title, titleVi, summary, summaryVi, included: state !== 'not-included' })),
    clauses: a.clauses.map(({ part, kind, title, titleVi, text, textVi, machine }) =>
      ({ part, kind, title, titleVi, text, textVi, machine })),
  };
}
