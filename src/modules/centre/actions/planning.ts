/**
 * What to read first of a source, found once for all who ask: the tree is named by what is in it. Of a very large one the riskiest files are
 * looked at, by their paths, until so many bytes are read; how many were left out is told.
 */
import { nextTurn } from '#kit/turn';
import { latest } from '#kit/latest';
import { Planner, riskOf, type Plan } from '#kit/review/plan';
import { linkMode, type Entry } from '#kit/tree/entry';
import { asHub } from '#world/db/scope';
import { filesIn } from '#modules/catalogue/index';
import type { VisitRow } from '../store/visits.ts';
import type { CentreParts } from './parts.ts';
import { verifiedBytes } from './shelf.ts';

/** Bytes of source that one plan looks at, and of one file. */
const [planBytes, fileBytes] = [256 * 2 ** 20, 4 * 2 ** 20];
/** Bytes that are looked at before others have their turn. */
const perTurn = 2 ** 20;
/** Stretches that are kept of a plan. */
const stretchesMost = 2_000;
const plansMost = 8;

export interface Planned extends Plan { readonly files: number; readonly skipped: number }

interface Reading { readonly path: string; readonly entry: Entry }

async function planOf({ db, blobs }: CentreParts, tree: Pick<VisitRow, 'owner' | 'root'>, questions: readonly string[], share: number): Promise<Planned> {
  const all: Reading[] = [];
  for await (const file of filesIn(db, tree)) all.push(file);
  const chosen: Reading[] = [];
  let bytes = 0;
  for (const { file } of all.map((file) => ({ file, risk: riskOf(file.path) })).sort((a, b) => b.risk - a.risk)) {
    const { mode, size } = file.entry;
    if (mode === linkMode || size > fileBytes || bytes + size > planBytes) continue;
    bytes += size;
    chosen.push(file);
  }
  const planner = new Planner(questions);
  let looked = 0;
  for (const { path, entry } of chosen) {
    planner.look({ path, text: Buffer.from(await verifiedBytes(blobs, entry)).toString('utf8'), changes: 0 });
    looked += entry.size;
    if (looked < perTurn) continue;
    looked = 0;
    await nextTurn();
  }
  const plan = planner.plan(share);
  return { ...plan, stretches: plan.stretches.slice(0, stretchesMost), files: chosen.length, skipped: all.length - chosen.length };
}

export function planning(parts: CentreParts): (visit: Pick<VisitRow, 'owner' | 'root' | 'questions'>, share: number) => Promise<Planned> {
  const plans = latest<Planned>(plansMost);
  return ({ owner, root, questions }, share) => plans(JSON.stringify([owner, root, questions, share]), () =>
    asHub('what to read first of a source', () => planOf(parts, { owner, root }, questions, share)));
}
