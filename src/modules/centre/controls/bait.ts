/**
 * Files that no honest task reaches. What they are is committed to when a visit is agreed to, always, also to none at all, so that nobody can tell
 * whether there are any; opening one looks like opening any other. The provider's principal alone is told. With the end of the visit it is
 * revealed to both what they were, and the commitment in the fact of the agreeing shows that nothing was added since.
 */
import type { Actions, Caller } from '#kit/endpoint';
import { toHex } from '#kit/encoding';
import { nodeVerifying } from '#kit/hash/node';
import { noSuch, Refusal } from '#kit/refusal';
import { commitmentTo, saltBytes } from '#kit/review/commitment';
import { asHub } from '#world/db/scope';
import type { Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import { fileIn } from '#modules/catalogue/index';
import { ownedVisit, visitWithin, type CentreParts } from '../actions/parts.ts';
import type { VisitRow } from '../store/visits.ts';
import type { controlsApi } from '../api/controls.ts';
import { baitOf, bittenOf, insertBitten, insertSealed, saveBait, sealedOf } from './bait-store.ts';
import { inOrder } from './rules.ts';

type All = Actions<typeof controlsApi>;

export const baitActs = (parts: CentreParts): Pick<All, 'bait.plant' | 'bait.view' | 'bait.reveal'> => {
  const { db, clock } = parts;
  const shown = async (visit: VisitRow) => ({
    paths: (await sealedOf(db, visit.id))?.paths ?? await baitOf(db, visit.id), sealed: visit.state !== 'asked',
    opened: (await bittenOf(db, visit.id)).map((b) => ({ path: b.path, at: b.at, review: b.review })),
  });
  return {
    'bait.plant': async ({ visit: id, paths }, caller) => {
      const visit = await ownedVisit(db, caller, id);
      for (const [i, path] of paths.entries()) {
        if (!await asHub('a file of a source under review', () => fileIn(db, visit, path))) {
          throw new Refusal('invalid', 'bait.no-file', 'There is no such file in the source of this visit.', { at: `paths.${i}` });
        }
      }
      await db.transaction(async (tx) => {
        const { state } = await ownedVisit(tx, caller, id, true);
        if (state !== 'asked') throw new Refusal('conflict', 'bait.sealed', 'What was agreed to is sealed: bait is laid before.');
        await saveBait(tx, { visit: id, owner: visit.owner, paths: inOrder(paths), person: caller.actor.person, at: clock.iso() });
      });
      return shown(visit);
    },
    'bait.view': async ({ visit: id }, caller) => shown(await ownedVisit(db, caller, id)),
    'bait.reveal': async ({ visit: id }, caller) => {
      const visit = await visitWithin(db, caller, id);
      if (visit.state !== 'closed') throw new Refusal('forbidden', 'bait.not-yet', 'What was laid as bait is told when the visit has ended.');
      const sealed = await sealedOf(db, id);
      // Of a visit that was agreed to before there was bait.
      if (!sealed) throw noSuch('bait');
      return { paths: sealed.paths, salt: sealed.salt, commitment: sealed.commitment };
    },
  };
};

/** In the transaction of the agreeing: what is bait from now on, and the commitment to it for the fact. */
export async function sealBait(tx: Queryable, { clock, random }: Pick<CentreParts, 'clock' | 'random'>, visit: VisitRow): Promise<string> {
  const salt = toHex(random.bytes(saltBytes));
  const paths = inOrder(await baitOf(tx, visit.id));
  const commitment = await commitmentTo(nodeVerifying.sha256, salt, { visit: visit.id, paths });
  await insertSealed(tx, { visit: visit.id, owner: visit.owner, scope: visit.scope, paths, salt, commitment, at: clock.iso() });
  return commitment;
}

/** What a sitting must not be able to tell apart, asked by the hub: its reviewer's side sees no row of it. */
export const baitIn = (parts: Pick<CentreParts, 'db'>, visit: string): Promise<ReadonlySet<string>> =>
  asHub('which files are bait', async () => new Set((await sealedOf(parts.db, visit))?.paths ?? []));

/** In the transaction of a view. No fact: leaves say their class to everybody, and this one would say who bit. The view has its own. */
export async function noteBite(tx: Queryable, { ids, clock }: Pick<CentreParts, 'ids' | 'clock'>, visit: VisitRow, review: string, path: string) {
  await insertBitten(tx, { id: ids.next('bit'), visit: visit.id, owner: visit.owner, scope: visit.scope, review, path, at: clock.iso() });
}

export interface Revealing { readonly paths: readonly string[]; readonly salt: string; readonly commitment: string; readonly opened: number }

/** Read before the end is written, by the hub: whichever side ends a visit. */
export const revealing = (parts: Pick<CentreParts, 'db'>, visit: string): Promise<Revealing | null> => asHub('what was bait in a visit that ends', async () => {
  const sealed = await sealedOf(parts.db, visit);
  return sealed ? { ...sealed, opened: (await bittenOf(parts.db, visit)).length } : null;
});

/** In the transaction of the end: both sides are told what was bait, also that there was none. */
export async function stateRevealed(tx: Queryable, { clock }: Pick<CentreParts, 'clock'>, { actor }: Pick<Caller, 'actor'>, visit: VisitRow, told: Revealing) {
  await stateFact(tx, {
    class: 'bait.revealed', at: clock.iso(), actor: actor.person, org: actor.org, subject: visit.id, readers: [visit.scope, visit.owner], clauses: [],
    body: { visit: visit.id, commitment: told.commitment, salt: told.salt, paths: [...told.paths], opened: told.opened },
  });
}
