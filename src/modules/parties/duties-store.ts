/** Who had which part in a case, so that no one person has two: the one who asks, the one who authorises, the one who watches. */
import { Refusal } from '#kit/refusal';
import { lockUntilCommit } from '#world/db/kysely';
import type { Migration, Queryable } from '#world/db/port';
import { sameIdentity } from './approvals-store.ts';
import type { Duty } from './roles.ts';

interface Tables {
  duties: { noun: string; object: string; duty: string; person: string; org: string; taken_at: string };
}

export const dutiesMigration: Migration = {
  name: 'parties/004-duties',
  sql: `create table duties (
    noun text not null, object text not null, duty text not null, person text not null references people (id),
    org text not null references organisations (id), taken_at timestamptz not null,
    primary key (noun, object, duty, person));`,
};

export interface Taking {
  /** The case: `break-glass` and its id, later `case` and its id. */
  readonly noun: string;
  readonly object: string;
  readonly duty: Duty;
  readonly person: string;
  readonly org: string;
  readonly at: string;
}

/**
 * Takes a part in a case, in the transaction of the act that does it. Refused to whoever has another part in it already,
 * under whatever account. Two acts at one moment take turns.
 */
export async function takeDuty(tx: Queryable, taking: Taking): Promise<void> {
  const { noun, object, duty, person, org } = taking;
  await lockUntilCommit(tx, `duties:${noun}:${object}`);
  const taken = await tx.as<Tables>().selectFrom('duties').select(['duty', 'person'])
    .where('noun', '=', noun).where('object', '=', object).execute();
  for (const other of taken) {
    if (other.duty !== duty && await sameIdentity(tx, person, other.person)) {
      throw new Refusal('forbidden', 'duty.conflict', `Whoever is ${other.duty} of this cannot be its ${duty}.`, {
        ask: 'somebody who had no part in it',
      });
    }
  }
  await tx.as<Tables>().insertInto('duties').values({ noun, object, duty, person, org, taken_at: taking.at })
    .onConflict((c) => c.columns(['noun', 'object', 'duty', 'person']).doNothing()).execute();
}
