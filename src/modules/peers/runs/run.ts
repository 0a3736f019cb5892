/**
 * One run over a following: what fetching and sending share. It holds its following by a lease, says the credential to the peer's own
 * host, writes where it stands after each page that was taken in, and ends with what came of it. If we crash, the lease runs out and
 * the next run goes on from what was written; what was taken in and not yet written comes again and is known.
 */
import { waitAfter } from '#kit/asking';
import { Refusal } from '#kit/refusal';
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import { stateFact, type Json } from '#world/facts';
import type { Outbound } from '#world/http/port';
import type { Ids } from '#world/ids';
import type { Random } from '#world/random';
import { SealBroken, type Secrets } from '#world/secrets/port';
import type { Trace } from '#world/trace';
import { agreementsOf } from '#modules/agreements/index';
import type { Quirk, Trouble } from '../model/peers.ts';
import type { FollowingRecord, PeerRecord, SendingPlace } from '../store/peers.ts';
import { closeRun, endRun, noCounts, plus, reseal, saveDialect, saveProgress, type Counts } from '../store/runs.ts';
import { PeerError, Session } from '../taxii/session.ts';
import type { Place } from '../taxii/walk.ts';

export interface RunParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
  readonly trace: Trace;
  readonly outbound: Outbound;
  readonly secrets: Secrets;
}

export const leaseMs = 180_000;
/** A run that was let go while more waits begins again so soon. */
const soonMs = 1_000;

export const purposeOf = (peer: string): string => `peer ${peer}`;

/** The run's following is another's now, or changed, or ended. */
export class LetGo extends Error {
  override readonly name = 'LetGo';
}

export interface RunOf {
  readonly parts: RunParts;
  readonly peer: PeerRecord;
  readonly following: FollowingRecord;
  readonly run: string;
  readonly person: string | null;
  readonly signal: AbortSignal;
}

export class Run {
  readonly of: RunOf;
  readonly session: Session;
  readonly began: number;
  counts: Counts = noCounts;
  pageSize: number;
  private noticed: readonly Quirk[];
  private asked = false;

  constructor(of: RunOf) {
    this.of = of;
    this.began = of.parts.clock.now();
    this.pageSize = of.following.pageSize;
    this.noticed = of.following.quirks;
    const { peer, parts, signal } = of;
    this.session = new Session({
      outbound: parts.outbound, url: peer.url, auth: peer.auth, secret: () => this.secret(), signal, now: () => parts.clock.now(),
    }, peer.dialect);
  }

  /** Where the collection's resources are. */
  get address(): string {
    return `${this.of.following.root}collections/${encodeURIComponent(this.of.following.collection)}/`;
  }

  get quirks(): readonly Quirk[] {
    return this.noticed;
  }

  notice(quirk: Quirk): void {
    if (!this.noticed.includes(quirk)) this.noticed = [...this.noticed, quirk];
  }

  /** The other side was spoken with: from now on its clock is known to have been read. */
  heard(): void {
    this.asked = true;
  }

  stopped(): void {
    if (this.of.signal.aborted) throw new PeerError('peer.stopped', 'The fetch was stopped.', null);
  }

  private secret(): string {
    const { peer, parts: { secrets } } = this.of;
    if (peer.sealed === null) throw new PeerError('peer.no-secret', 'The secret that this peer needs is not set.', null);
    try {
      return secrets.open(purposeOf(peer.id), peer.sealed);
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      throw new PeerError('peer.sealed', 'The secret of this peer does not open with this hub’s keys; set it anew.', null, { cause: error });
    }
  }

  /** Does the work and ends the run with what came of it; `more` where something waits. */
  async whole(work: () => Promise<{ more: boolean }>): Promise<void> {
    const { parts: { db, clock, trace }, peer, run, following } = this.of;
    try {
      const other = await this.otherSide();
      const { more } = await work();
      await this.remember();
      await this.end(null, more, other);
    } catch (error) {
      if (error instanceof LetGo) return closeRun(db, run, clock.iso(), this.counts);
      if (!(error instanceof PeerError) && !(error instanceof Refusal)) trace.error('peer.fault', error, { peer: peer.id, following: following.id });
      await this.end(troubleOf(error), false, null);
    }
  }

  /** The other side of the agreement that one speaks under; null where there is none. */
  private async otherSide(): Promise<string | null> {
    const { parts: { db }, peer } = this.of;
    if (peer.agreement === null) return null;
    const found = (await agreementsOf(db, peer.scope)).find((a) => a.id === peer.agreement);
    if (found?.status !== 'active') throw new PeerError('peer.no-agreement', 'The agreement under which one speaks with this peer is not in force.', null);
    return found.authority === peer.scope ? found.counterpart : found.authority;
  }

  /** What was learnt of the server's dialect; and its secret with the key that seals now. */
  private async remember(): Promise<void> {
    const { parts: { db, secrets }, peer } = this.of;
    const { dialect } = this.session;
    if (dialect.accept !== peer.dialect.accept || dialect.slash !== peer.dialect.slash) await saveDialect(db, peer.id, dialect);
    if (peer.sealed !== null && !secrets.isCurrent(peer.sealed)) {
      await reseal(db, peer.id, secrets.seal(purposeOf(peer.id), secrets.open(purposeOf(peer.id), peer.sealed)));
    }
  }

  /** Writes where one stands; `within` happens in the same step. */
  async save(place: Place | SendingPlace, came: Partial<Counts>, within?: (tx: Queryable) => Promise<void>): Promise<void> {
    const { parts: { db, clock }, following, run } = this.of;
    const counts = plus(this.counts, { ...noCounts, ...came });
    const held = await db.transaction(async (tx) => {
      const saved = await saveProgress(tx, {
        id: following.id, run, now: clock.iso(), until: new Date(clock.now() + leaseMs).toISOString(), place, pageSize: this.pageSize,
        quirks: this.noticed, counts, taken: came.accepted ?? 0, refused: came.refused ?? 0,
      });
      if (saved) await within?.(tx);
      return saved;
    });
    if (!held) throw new LetGo('the following is held by another run');
    this.counts = counts;
  }

  private async end(no: PeerError | null, more: boolean, other: string | null): Promise<void> {
    const { parts: { db, clock, random }, following, peer, run } = this.of;
    const { failingSince, failures } = following;
    const roll = (random.bytes(1)[0] ?? 0) / 255;
    const waiting = no?.code === 'peer.busy';
    const period = peer.everyMinutes * 60_000;
    const wait = waiting ? no.waitMs ?? 60_000 : no !== null ? waitAfter(failures + 1, peer.everyMinutes, roll)
      : more ? soonMs : Math.max(this.began + period - clock.now(), 60_000);
    const trouble: Trouble | null = no === null ? null : { code: no.code, sentence: no.message.slice(0, 500), at: no.at };
    await db.transaction(async (tx) => {
      const held = await endRun(tx, {
        id: following.id, run, now: clock.iso(), state: no === null ? 'done' : waiting ? 'waiting' : 'failed', trouble, counts: this.counts,
        nextAt: new Date(clock.now() + wait).toISOString(), askedAt: this.asked ? new Date(this.began).toISOString() : null,
        failingSince: no === null ? null : waiting ? failingSince : failingSince ?? clock.iso(),
        failures: no === null ? 0 : waiting ? failures : failures + 1,
      });
      if (!held) return;
      const { accepted, quarantined, refused, duplicate, objects } = this.counts;
      if (accepted + quarantined + refused > 0) {
        await this.state(tx, following.direction === 'in' ? 'peer.fetched' : 'peer.sent', { objects, accepted, duplicate, quarantined, refused }, other);
      }
      if (no !== null && !waiting && failingSince === null) await this.state(tx, 'peer.failed', { code: no.code }, other);
      if (no === null && failingSince !== null) await this.state(tx, 'peer.recovered', { since: failingSince }, other);
    });
  }

  private async state(tx: Queryable, what: string, body: Record<string, Json>, other: string | null): Promise<void> {
    const { parts: { clock }, peer, following, person } = this.of;
    await stateFact(tx, {
      class: what, at: clock.iso(), actor: person ?? 'system', org: peer.scope, subject: peer.id, readers: other === null ? [] : [other], clauses: [],
      body: { peer: peer.title, following: following.id, collection: following.title, ...body },
    });
  }
}

/** What a run says of its end. A fault of ours is not told in its own words: they may name anything. */
function troubleOf(error: unknown): PeerError {
  if (error instanceof PeerError) return error;
  if (error instanceof Refusal) return new PeerError('peer.fault', error.message, null, { cause: error });
  return new PeerError('peer.fault', 'Something broke on our side; the hub’s log has it.', null, { cause: error });
}
