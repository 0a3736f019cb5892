/** What the acts of this module are handed, and what several of them need: the own constituent, the fact, the own side. */
import type { Actor, Caller, Tlp } from '#kit/endpoint';
import { noSuch, type ClauseRef } from '#kit/refusal';
import type { Blobs } from '#world/blobs/port';
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import { stateFact, type Json } from '#world/facts';
import type { Ids } from '#world/ids';
import type { Outbound } from '#world/http/port';
import type { Mail } from '#world/mail/port';
import type { NamesAsked } from '#world/names/port';
import type { Problem } from '../model/notices.ts';
import type { Constituent } from '../model/registry.ts';
import { constituentById, constituentsSpokenFor } from '../store/registry.ts';

export interface ConstituentsParts {
  readonly db: Db;
  readonly blobs: Blobs;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Organisation that runs the hub: of several registries that name one organisation its own comes first. */
  readonly centre: string;
  readonly names: NamesAsked;
  readonly mail: Mail;
  readonly outbound: Outbound;
  readonly observed: Observed;
  readonly hub: HubWords;
}

/** What letters say of the hub, and the zone whose office hours and months count. */
export interface HubWords {
  readonly name: string;
  /** Web origin under which its pages are reached. */
  readonly origin: string;
  readonly zone: string;
}

/** One row of a provider's slice. No constituent and nothing of another's is in it. */
export interface SliceRow {
  readonly time: string;
  readonly asset: string;
  readonly port: number | null;
  readonly kind: string;
  readonly type: string;
  readonly family: string;
  readonly severity: string;
  readonly count: number;
}

/**
 * What was observed, as this module asks for it. The landscape keeps the rows and is a later module: the app hands its
 * answers in. Times are seconds; what is marked RED is in none of them.
 */
export interface Observed {
  /** Rows of owners within a time, oldest first, after a cursor of an earlier answer. */
  slice(scope: string, owners: readonly string[], span: { from: number; to: number }, after: string | null, limit: number): Promise<{
    rows: SliceRow[]; next: string | null;
  }>;
  /** Distinct assets of an owner with a problem within a time. */
  count(scope: string, owner: string, problem: Problem, span: { from: number; to: number }): Promise<number>;
  /** Distinct addresses that were part of a botnet within a time: in an area, and by owner, everything included. */
  infected(scope: string, area: string, span: { from: number; to: number }): Promise<{
    total: number; attributed: number; owners: { owner: string; addresses: number; events: number }[];
  }>;
}

/** A constituent of the actor's own registry. */
export async function mine(
  parts: Pick<ConstituentsParts, 'clock'>, q: Queryable, actor: Pick<Actor, 'org'>, id: string,
): Promise<Constituent> {
  const found = await constituentById(q, actor.org, id, parts.clock.iso());
  if (!found) throw noSuch('constituent');
  return found;
}

/** States a fact about a constituent that its own organisation may read too. */
export async function state(
  parts: Pick<ConstituentsParts, 'clock'>, tx: Queryable, actor: Pick<Actor, 'person' | 'org'>,
  subject: { readonly id: string; readonly org: string | null }, what: string, body: Record<string, Json>,
  clauses: readonly ClauseRef[] = [],
): Promise<void> {
  await stateFact(tx, {
    class: what, at: parts.clock.iso(), actor: actor.person, org: actor.org, subject: subject.id,
    readers: subject.org === null ? [] : [subject.org], clauses, body,
  });
}

export interface OwnSide {
  /** Organisation whose registry it is: the centre. */
  readonly scope: string;
  readonly constituents: readonly { readonly id: string; readonly name: string }[];
  readonly clauses: readonly ClauseRef[];
  /** Markings that the right reaches; absent where the centre asks of itself. */
  readonly labels?: readonly Tlp[] | undefined;
}

/**
 * What the caller's organisation speaks for in the registry of its centre, once the agreement between them allows the
 * right.
 */
export async function ownSide(
  parts: Pick<ConstituentsParts, 'db' | 'centre'>, caller: Caller, right: string, kind: string, noun: string,
): Promise<OwnSide> {
  const spoken = await constituentsSpokenFor(parts.db, caller.actor.org);
  const scope = (spoken.find((c) => c.registry === parts.centre) ?? spoken[0])?.registry;
  if (scope === undefined) throw noSuch(noun);
  const { clauses, labels } = await caller.may(right, {
    owner: scope, kind, purpose: 'incident-response', level: 3, known: true, noun,
  });
  return { scope, clauses, labels, constituents: spoken.filter((c) => c.registry === scope).map(({ id, name }) => ({ id, name })) };
}

/** States a fact about a constituent that its own side did, under the clauses that let it; the centre reads it too. */
export async function stateOwn(
  parts: Pick<ConstituentsParts, 'clock'>, tx: Queryable, caller: Caller, side: OwnSide, subject: string, what: string,
  body: Record<string, Json>,
): Promise<void> {
  await stateFact(tx, {
    class: what, at: parts.clock.iso(), actor: caller.actor.person, org: caller.actor.org, subject, readers: [side.scope],
    clauses: side.clauses, body,
  });
}
