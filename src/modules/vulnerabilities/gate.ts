/**
 * Who sees a record, in one condition that every read takes: what is public, what is one's own (RED only if one is named), and what is
 * shared through a collection of the exchange that one may read. The last is asked of the exchange, anew for each request.
 */
import { sql, type RawBuilder } from 'kysely';
import type { Actor, Caller } from '#kit/endpoint';
import type { Queryable } from '#world/db/port';
import { collectionsWithinReach } from '#modules/exchange/index';
import { rankOf } from './model.ts';

/** Its private mark keeps every other file from making one. */
class Made {
  readonly #made = true;
  readonly org: string;
  readonly person: string;
  readonly colls: readonly number[];
  constructor(org: string, person: string, colls: readonly number[]) {
    [this.org, this.person, this.colls] = [org, person, colls];
  }
  static isOne(value: object): boolean {
    return #made in value;
  }
}
export type VulnReach = Made;

export async function vulnReach(q: Queryable, caller: Caller): Promise<VulnReach> {
  const { org, person } = caller.actor;
  await caller.may('threat.read', { owner: org, kind: 'threat', purpose: 'incident-response', level: 3, known: false, noun: 'vulnerability' });
  return new Made(org, person, await collectionsWithinReach(q, caller));
}

/** Without what others share: one's own, and what is public. */
export const ownReach = ({ org, person }: Pick<Actor, 'org' | 'person'>): VulnReach => new Made(org, person, []);

/** True of exactly the records within a reach; `record` is what the statement calls vuln_record. */
export function seen(reach: VulnReach, record = 'r'): RawBuilder<boolean> {
  if (!Made.isOne(reach)) throw new Error('a reach that the gate did not make');
  const c = (column: string) => sql.ref(`${record}.${column}`);
  return sql<boolean>`(${c('public')} or (${c('scope')} = ${reach.org} and (${c('tlp')} < ${rankOf('RED')}::smallint
    or exists (select 1 from vuln_named x where x.rec = ${c('rec')} and x.person = ${reach.person}))) or ${c('coll')} = any(${reach.colls}::int[]))`;
}
