/**
 * An arbiter who may open alone what was read in a visit: one side names it with its OpenPGP key, the other agrees. When the visit has ended, the
 * trail is sealed to that key, and the log says to what. Both sides keep the file and neither can read it; the arbiter needs neither of them, nor
 * this hub: it opens the file with its key, and `entente verify` checks what is in it against the log.
 */
import type { Actions, Caller } from '#kit/endpoint';
import { toUtf8 } from '#kit/encoding';
import { check, noSuch, Refusal } from '#kit/refusal';
import { asHub } from '#world/db/scope';
import { keyOnFile, sealedTo } from '#world/openpgp';
import type { controlsApi } from '../api/controls.ts';
import { inLog, stateVisit, visitWithin, type CentreParts } from '../actions/parts.ts';
import type { Arbiter, Escrow } from '../model/controls.ts';
import { refuseOver } from '../rules.ts';
import { subjectsOfTrail } from '../searching/store.ts';
import type { VisitRow } from '../store/visits.ts';
import {
  arbiterOf, arbiterWordOf, escrowOf, insertArbiter, insertArbiterWord, insertEscrow, type ArbiterRow, type ArbiterWordRow,
  type EscrowRow,
} from './store.ts';
import { refuseWithoutReason, unlessLogIsAway, wordShown } from './words.ts';

type Acts = Pick<Actions<typeof controlsApi>, 'arbiters.view' | 'arbiters.name' | 'arbiters.answer'>;

/** What of a visit is a step of its trail: every window that was shown, every search, and every line that a search showed. */
const trailClasses = ['view.granted', 'search.asked', 'search.shown'];

export function arbiterActs(parts: CentreParts): Acts {
  const { db, clock } = parts;
  const shown = async (caller: Caller, id: string) => {
    const visit = await visitWithin(db, caller, id);
    const arbiter = await arbiterOf(db, id);
    return {
      arbiter: arbiter && arbiterShown(arbiter, await arbiterWordOf(db, arbiter), caller.actor.org),
      sealed: escrowShown(await sealedFor(parts, caller, visit)),
    };
  };
  return {
    'arbiters.view': ({ visit }, caller) => shown(caller, visit),
    'arbiters.name': async ({ visit: id, name, key }, caller) => {
      await visitWithin(db, caller, id);
      const { fingerprint } = await keyOnFile(key).catch(() => {
        throw new Refusal('invalid', 'arbiter.key-unusable', 'This is no OpenPGP public key that one can encrypt to.', { at: 'key' });
      });
      await db.transaction(async (tx) => {
        const visit = await visitWithin(tx, caller, id, true);
        // What is read is sealed when a visit ends: until then an arbiter can be named.
        refuseOver(visit.state);
        const before = await arbiterOf(tx, id);
        const word = before && await arbiterWordOf(tx, before);
        if (before && word?.agreed !== false) throw new Refusal('conflict', 'arbiter.named', 'An arbiter is named already.');
        const { person, org } = caller.actor;
        const row = { visit: id, turn: (before?.turn ?? 0) + 1, scope: visit.scope, owner: visit.owner, party: org, person, name, key, fingerprint,
          at: clock.iso() };
        await insertArbiter(tx, row);
        await stateVisit(tx, parts, caller, visit, 'arbiter.named', { name, fingerprint });
      });
      return shown(caller, id);
    },
    'arbiters.answer': async ({ visit: id, agree, reason }, caller) => {
      await db.transaction(async (tx) => {
        const visit = await visitWithin(tx, caller, id, true);
        refuseOver(visit.state);
        const arbiter = await arbiterOf(tx, id);
        const { person, org } = caller.actor;
        // Whoever named it does not agree to it.
        if (!arbiter || arbiter.party === org) throw noSuch('arbiter');
        refuseWithoutReason(agree, reason);
        const word = { visit: id, turn: arbiter.turn, scope: visit.scope, owner: visit.owner, party: org, person, agreed: agree, reason, at: clock.iso() };
        if (!await insertArbiterWord(tx, word)) throw new Refusal('conflict', 'arbiter.answered', 'This was answered before.');
        await stateVisit(tx, parts, caller, visit, agree ? 'arbiter.agreed' : 'arbiter.refused', {
          name: arbiter.name, fingerprint: arbiter.fingerprint, ...(agree ? {} : { reason }),
        });
      });
      return shown(caller, id);
    },
  };
}

const arbiterShown = ({ name, fingerprint, at, party }: ArbiterRow, word: ArbiterWordRow | null, org: string): Arbiter =>
  ({ name, fingerprint, at, mine: party === org, ...wordShown(word) });

const escrowShown = (row: EscrowRow | null): Escrow | null => row && { digest: row.digest, bytes: row.bytes, facts: row.facts, at: row.at };

/**
 * The arbiter's share of a visit that has ended; null where there is none. It is made once the end of the visit is in the log, so that every step is
 * under the checkpoint that it is proved to. If we crash before, or the log does not answer, whoever looks next has it made; of a file without its
 * row, which nobody can read, no trace is told.
 */
export async function sealedFor(parts: CentreParts, caller: Caller, visit: VisitRow): Promise<EscrowRow | null> {
  const { db, clock, blobs } = parts;
  if (visit.state !== 'closed') return null;
  const known = await escrowOf(db, visit.id);
  if (known) return known;
  const arbiter = await arbiterOf(db, visit.id);
  if (!arbiter || !(await arbiterWordOf(db, arbiter))?.agreed) return null;
  return asHub('a trail is sealed for its arbiter', async () => {
    await inLog(parts, visit.scope, { class: 'visit.closed', subject: visit.id, index: null });
    const { text, count } = await parts.trail(visit.scope, { subjects: await subjectsOfTrail(db, visit.id), classes: trailClasses });
    const { sha256, sizeBytes } = await blobs.put(await sealedTo(toUtf8(text), arbiter.key, 'binary'));
    const row = { visit: visit.id, scope: visit.scope, owner: visit.owner, digest: sha256, bytes: sizeBytes, facts: count, at: clock.iso() };
    await db.transaction(async (tx) => {
      // Sealing takes a fresh key each time: where two were at it at once, the file of the one that comes second is nobody's.
      if (await insertEscrow(tx, row)) {
        await stateVisit(tx, parts, caller, visit, 'trail.sealed', { arbiter: arbiter.name, fingerprint: arbiter.fingerprint, digest: sha256, facts: count });
      }
    });
    const kept = await escrowOf(db, visit.id);
    if (kept?.digest !== sha256) await blobs.discard(sha256);
    return kept;
  }).catch((error: unknown) => {
    unlessLogIsAway(error);
    return null;
  });
}

/** The file, for either side to keep. */
export async function sealedFile(
  parts: CentreParts, caller: Caller, id: string,
): Promise<{ readonly bytes: AsyncIterable<Uint8Array>; readonly row: EscrowRow }> {
  const row = await sealedFor(parts, caller, await visitWithin(parts.db, caller, id));
  if (!row) throw noSuch('escrow');
  const bytes = await parts.blobs.open(row.digest);
  check(bytes !== null, 'the arbiter’s share is kept');
  return { bytes, row };
}
