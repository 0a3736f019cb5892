/**
 * The one gate. What somebody may read of a product is asked of the agreements, anew for each request: source code and technical data
 * apart. Only this file makes a reach, and every read of the module passes it.
 */
import type { Caller, Tlp } from '#kit/endpoint';
import { noSuch, nullIfRefused } from '#kit/refusal';
import type { Clock } from '#world/clock';
import { asHub } from '#world/db/scope';
import type { Queryable } from '#world/db/port';
import { decisionFor, partnersOf } from '#modules/agreements/index';
import { givesRight, roleMatrix } from '#modules/parties/index';
import { tlpLabels } from './model.ts';
import { asked, knowsArtefact, knowsRelease, type ReadBy, type Reach } from './rules.ts';
import { artefactById, type ArtefactRecord } from './store/artefacts.ts';
import { productById, productsOf, releaseById, type ProductRecord, type ReleaseRecord } from './store/products.ts';

interface Parts { readonly db: Queryable; readonly clock: Clock }

async function labelsFor(caller: Caller, by: ReadBy, product: ProductRecord): Promise<readonly Tlp[] | null> {
  const { right, kind, level } = asked[by];
  // A clause that names no role gives to those whom the role matrix names.
  if (!givesRight(caller.actor.roles, right)) return null;
  const allowed = await caller.may(right, {
    owner: product.scope, kind, id: product.id, products: [product.name], tlp: 'CLEAR', level, purpose: 'oversight', known: false, noun: 'product',
  }).catch(nullIfRefused);
  return allowed === null ? null : allowed.labels ?? tlpLabels;
}

async function reachInto(caller: Caller, product: ProductRecord): Promise<Reach> {
  const { org } = caller.actor;
  // An answer by mandate never goes without having asked: of one's own too, and of what is open to whose role reads nothing more of it.
  await caller.may('product.view', { owner: org, kind: 'product', purpose: 'oversight', known: false, noun: 'product' });
  if (product.scope === org) return { org, own: true, source: tlpLabels, document: tlpLabels };
  return { org, own: false, source: await labelsFor(caller, 'source', product), document: await labelsFor(caller, 'document', product) };
}

const isKnown = (product: ProductRecord, reach: Reach): boolean => reach.own || product.open || reach.source !== null || reach.document !== null;

export interface ReachedProduct { readonly product: ProductRecord; readonly reach: Reach }

/** Every product that the caller may know of. */
export async function productsWithin({ db }: Pick<Parts, 'db'>, caller: Caller): Promise<ReachedProduct[]> {
  const { org } = caller.actor;
  await caller.may('product.view', { owner: org, kind: 'product', purpose: 'oversight', known: false, noun: 'product' });
  const partners = await partnersOf(db, org);
  const all = await asHub('which products there are, to ask the decision for each', () => productsOf(db, [org, ...partners], true));
  const found: ReachedProduct[] = [];
  for (const product of all) {
    const reach = await reachInto(caller, product);
    // Read again as whoever asks: the database's own lock has to hold too.
    const shown = isKnown(product, reach) ? await productById(db, product.id) : null;
    if (shown) found.push({ product: shown, reach });
  }
  return found;
}

/** Throws what one that never was would answer. */
export async function productWithin({ db }: Pick<Parts, 'db'>, caller: Caller, id: string): Promise<ReachedProduct> {
  const product = await asHub('whose product it is, to ask the decision', () => productById(db, id));
  const reach = product ? await reachInto(caller, product) : null;
  // Read again as whoever asks: the database's own lock has to hold too.
  const shown = product && reach && isKnown(product, reach) ? await productById(db, id) : null;
  if (!shown || !reach) throw noSuch('product');
  return { product: shown, reach };
}

export interface ReachedRelease extends ReachedProduct { readonly release: ReleaseRecord }

export async function releaseWithin(parts: Parts, caller: Caller, id: string, noun = 'release'): Promise<ReachedRelease> {
  const release = await asHub('whose release it is, to ask the decision', () => releaseById(parts.db, id));
  const found = release ? await productWithin(parts, caller, release.product).catch(nullIfRefused) : null;
  const shown = release && found && knowsRelease(found.reach, release, parts.clock.now()) ? await releaseById(parts.db, id) : null;
  if (!shown || !found) throw noSuch(noun);
  return { ...found, release: shown };
}

export interface ReachedArtefact extends ReachedRelease { readonly artefact: ArtefactRecord }

export async function artefactWithin(parts: Parts, caller: Caller, id: string): Promise<ReachedArtefact> {
  const artefact = await asHub('whose artefact it is, to ask the decision', () => artefactById(parts.db, id));
  const found = artefact ? await releaseWithin(parts, caller, artefact.release, 'artefact') : null;
  const shown = artefact && found && knowsArtefact(found.reach, artefact, parts.clock.now()) ? await artefactById(parts.db, id) : null;
  if (!shown || !found) throw noSuch('artefact');
  return { ...found, artefact: shown };
}

/** Organisations some of whose people an agreement lets read of a product: who hears of what becomes of it. */
export async function readersOf({ db, clock }: Parts, product: ProductRecord): Promise<string[]> {
  const found: string[] = [];
  for (const org of await partnersOf(db, product.scope)) {
    for (const { right, kind, level } of Object.values(asked)) {
      const decision = await decisionFor({ db, clock }, {
        actor: { org, roles: [...roleMatrix[right] ?? []], mfa: true }, action: right, purpose: 'oversight',
        resource: { owner: product.scope, kind, products: [product.name], tlp: 'CLEAR', level },
      });
      if (decision.outcome === 'allow') found.push(org);
    }
  }
  return [...new Set(found)];
}
