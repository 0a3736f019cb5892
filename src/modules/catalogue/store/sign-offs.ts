/** What people of an organisation said of flagged rules. Written once; of one rule the last word counts. */
import { sql } from 'kysely';
import type { Queryable } from '#world/db/port';
import type { verdicts } from '../model.ts';
import { tables } from './schema.ts';

export interface SignOffRecord {
  readonly id: string; readonly org: string; readonly scope: string; readonly product: string;
  /** Of the rule without comments and spaces. */
  readonly digest: string;
  readonly artefact: string; readonly rule: string; readonly verdict: typeof verdicts[number]; readonly reason: string; readonly person: string;
  readonly at: string;
}

export async function insertSignOff(tx: Queryable, s: SignOffRecord): Promise<void> {
  await sql`insert into catalogue_sign_off (id, org, scope, product, digest, artefact, rule, verdict, reason, person, at) values (${s.id}, ${s.org},
    ${s.scope}, ${s.product}, ${s.digest}, ${s.artefact}, ${s.rule}, ${s.verdict}, ${s.reason}, ${s.person}, ${s.at}::timestamptz)`.execute(tables(tx));
}

/** The last word of one organisation on each rule of a product, by the rule's digest. */
export async function signOffsOf(q: Queryable, product: string, org: string): Promise<Map<string, SignOffRecord>> {
  const { rows } = await sql<SignOffRecord>`select distinct on (digest) * from catalogue_sign_off where product = ${product} and org = ${org}
    order by digest, at desc, id desc`.execute(tables(q));
  return new Map(rows.map((r) => [r.digest, r]));
}
