/**
 * The two acts that change the ledger itself, by the organisation that runs the hub and two of its people: the log gets a
 * new key, and what the ledger knows of a subject is erased. Both are facts; neither changes a leaf.
 */
import type { Caller } from '#kit/endpoint';
import { Refusal } from '#kit/refusal';
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import type { Ids } from '#world/ids';
import { addKey } from './key-store.ts';
import { LogSigners } from './keys.ts';
import type { LogSigner } from './log.ts';
import { readHead } from './head-store.ts';
import { eraseSubject, openedFor, waitsAbout } from './store.ts';

export interface LedgerActsParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly signer: LogSigner;
  /** The organisation that runs the hub: the ledger is its to keep. */
  readonly operator: string;
  /** Throws a Refusal where the law or an agreement holds what would be erased. */
  readonly mayErase?: (tx: Queryable, subject: string) => Promise<void>;
}

function refuseOthers(parts: LedgerActsParts, caller: Caller): void {
  if (caller.actor.org === parts.operator) return;
  throw new Refusal('forbidden', 'ledger.not-the-operator', 'Only the organisation that runs the hub does this to its ledger.', {
    ask: 'the centre that runs this hub',
  });
}

export function ledgerActs(parts: LedgerActsParts) {
  const { db, clock, ids, signer, operator } = parts;
  return {
    /** The new key is durable before the records name it; if we crash in between, the next rotation uses it. */
    async rotateKey(_: object, caller: Caller) {
      refuseOthers(parts, caller);
      if (!(signer instanceof LogSigners)) throw new Error('this hub signs with a key that cannot be rotated');
      await signer.refresh(db);
      if (signer.signing().length > 1) {
        throw new Refusal('conflict', 'ledger.rotating', 'The last rotation is not over: both keys still sign.', {
          hint: 'Try again in a few seconds.',
        });
      }
      const next = await signer.next();
      await db.transaction(async (tx) => {
        const { by } = await caller.approved(tx);
        await addKey(tx, { number: next.number, vkey: next.vkey, firstSize: (await readHead(tx)).size });
        await stateFact(tx, {
          class: 'ledger.key-rotated', at: clock.iso(), actor: caller.actor.person, org: operator, subject: `key_${next.number}`, readers: [],
          clauses: [], body: { before: next.before, after: next.vkey, approvedBy: by },
        });
      });
      return { vkey: next.vkey, before: next.before };
    },

    async erase({ subject, ground }: { subject: string; ground: string }, caller: Caller) {
      refuseOthers(parts, caller);
      return db.transaction(async (tx) => {
        const { by } = await caller.approved(tx);
        await parts.mayErase?.(tx, subject);
        if (await waitsAbout(tx, subject)) {
          throw new Refusal('conflict', 'subject.busy', 'Something was just done with it that is not in the ledger yet.', {
            hint: 'Try again in a few seconds.',
          });
        }
        const { facts, readers } = await openedFor(tx, subject);
        if (facts === 0) throw new Refusal('not-found', 'subject.not-found', 'There is no such subject.');
        await eraseSubject(tx, subject, clock.iso());
        // The tombstone names what was erased by its id alone, to those who could read it.
        await stateFact(tx, {
          class: 'subject.erased', at: clock.iso(), actor: caller.actor.person, org: operator, subject: ids.next('era'), readers, clauses: [],
          body: { subject, facts, ground, approvedBy: by },
        });
        return { facts };
      });
    },
  };
}
