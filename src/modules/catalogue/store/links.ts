/** Links between parts of a product: from an artefact, or one thing in it, to another artefact, a place in it, or an id elsewhere. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import type { relations } from '../model.ts';
import { tables } from './schema.ts';

export interface LinkRecord {
  readonly id: string; readonly scope: string; readonly artefact: string;
  /** Of what in the artefact: a rule's name; empty for the whole. */
  readonly item: string;
  readonly relation: typeof relations[number]; readonly target: string | null;
  /** A path in the target's source code, a commit, the id of a sample. */
  readonly value: string; readonly addedAt: string;
}
interface Row { id: string; scope: string; artefact: string; item: string; relation: string; target: string | null; value: string; added_at: string }
const linkOf = ({ added_at, relation, ...row }: Row): LinkRecord => ({ ...row, relation: relation as LinkRecord['relation'], addedAt: added_at });

/** False where the same link stands. */
export async function insertLink(tx: Queryable, l: LinkRecord): Promise<boolean> {
  const { numAffectedRows } = await sql`insert into catalogue_link (id, scope, artefact, item, relation, target, value, added_at) values (${l.id}, ${l.scope},
    ${l.artefact}, ${l.item}, ${l.relation}, ${l.target}, ${l.value}, ${l.addedAt}::timestamptz) on conflict do nothing`.execute(tables(tx));
  return (numAffectedRows ?? 0n) > 0n;
}

/** From an artefact, and to it. */
export async function linksOf(q: Queryable, artefact: string): Promise<LinkRecord[]> {
  const { rows } = await sql<Row>`select * from catalogue_link where artefact = ${artefact} or target = ${artefact}
    order by item, relation, added_at, id`.execute(tables(q));
  return rows.map(linkOf);
}
