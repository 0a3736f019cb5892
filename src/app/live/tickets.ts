/**
 * Tickets: a link that fetches one long answer without the cookie, for browsers that hand downloads to another program.
 * One is good once, for a minute, for one operation, and for as long as the session that asked for it: taking it deletes
 * it, so if we crash while the answer is being given it is gone as well.
 */
import { createHash } from 'node:crypto';
import type { Actor } from '#kit/endpoint';
import type { Clock } from '#world/clock';
import type { Migration, Queryable } from '#world/db/port';
import type { Ids } from '#world/ids';

interface Tables {
  tickets: { secret_sha256: string; operation: string; person: string; org: string; credential: string; expires_at: string };
}

export const ticketsMigrations: readonly Migration[] = [
  {
    name: 'app/002-tickets',
    sql: `create table tickets (
      secret_sha256 text primary key, operation text not null, person text not null, org text not null,
      credential text not null, expires_at timestamptz not null
    )`,
  },
];

export const ticketSeconds = 60;

export interface Tickets {
  /** A new secret for one operation. */
  open(actor: Actor, operation: string): Promise<{ secret: string; expiresAt: string }>;
  /** Takes it; null where it is none, is not for this operation, was taken, is too old, or its session has ended. */
  take(secret: string, operation: string): Promise<Actor | null>;
}

export interface TicketsParts {
  readonly db: Queryable;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly again: (actor: Actor) => Promise<Actor | null>;
}

const digest = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export function ticketsOver({ db, clock, ids, again }: TicketsParts): Tickets {
  return {
    async open(actor, operation) {
      const secret = ids.secret();
      const expiresAt = new Date(clock.now() + ticketSeconds * 1_000).toISOString();
      await db.as<Tables>().insertInto('tickets').values({
        secret_sha256: digest(secret), operation, person: actor.person, org: actor.org, credential: actor.credential,
        expires_at: expiresAt,
      }).execute();
      return { secret, expiresAt };
    },
    async take(secret, operation) {
      const row = await db.as<Tables>().deleteFrom('tickets').where('secret_sha256', '=', digest(secret))
        .returningAll().executeTakeFirst();
      if (!row || row.operation !== operation || row.expires_at <= clock.iso()) return null;
      return again({ person: row.person, org: row.org, roles: [], via: 'session', credential: row.credential });
    },
  };
}

export async function sweepTickets(q: Queryable, now: string): Promise<void> {
  await q.as<Tables>().deleteFrom('tickets').where('expires_at', '<', now).execute();
}
