/** What is shared with whom: opened with a preview of who will see what and why, filled at once, ended at once. */
import type { Actions, Caller } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import type { Queryable } from '#world/db/port';
import { stateFact } from '#world/facts';
import { agreementsOf, clausesOf, decisionFor, refusalOf } from '#modules/agreements/index';
import { organisationById } from '#modules/parties/index';
import type { exchangeApi } from '../api/exchange.ts';
import { accessTo } from '../gate.ts';
import type { Ceiling, Collection, CollectionPreview, CollectionShown } from '../model/exchange.ts';
import { mayHold } from '../rules/sharing.ts';
import { labelOf, rankOf } from '../rules/tlp.ts';
import {
  closeCollection, collectionById, collectionsFor, collectionsOf, fillOf, insertCollection, ownCollections, type CollectionRecord,
} from '../store/collections.ts';
import { lockLog } from '../store/log.ts';
import { backfill, shareOf } from '../store/sharing.ts';
import { newUuid, nowUs, type ExchangeParts } from './parts.ts';

type All = Actions<typeof exchangeApi>;
type Mine = Pick<All, 'collections.list' | 'collections.preview' | 'collections.open' | 'collections.close'>;

export function collectionActions(parts: ExchangeParts): Mine {
  const { db, clock } = parts;
  return {
    'collections.list': async (_, caller) => {
      const { actor } = caller;
      await caller.may('threat.read', { owner: actor.org, kind: 'threat', purpose: 'incident-response', level: 3, known: false, noun: 'collection' });
      const [own, others] = [await collectionsOf(db, actor.org, true), await collectionsFor(db, actor.org)];
      const shared = await shownOf(parts, caller, others);
      return { own: await shownOf(parts, caller, own), shared: shared.filter(({ access }) => access.read || access.write) };
    },
    'collections.preview': async (input, { actor }) => previewOf(parts, db, actor.org, input),
    'collections.open': async (input, { actor }) => db.transaction(async (tx) => {
      const { partner } = await partnerUnder(tx, actor.org, input.agreement);
      const at = clock.iso();
      const preview = await previewOf(parts, tx, actor.org, input);
      if (!preview.allowed) {
        throw new Refusal('forbidden', 'collection.not-agreed', 'The agreement does not let the other side read that.', { hint: preview.refusal ?? '' });
      }
      const { library } = await ownCollections(tx, actor.org, () => newUuid(parts), actor.person, at);
      await lockLog(tx, library.coll);
      if (input.alias !== null && (await collectionsOf(tx, actor.org)).some((c) => c.agreement === input.agreement && c.alias === input.alias)) {
        throw new Refusal('conflict', 'collection.alias-taken', 'Another collection under this agreement has that alias.', { at: 'alias' });
      }
      const made = await insertCollection(tx, { ...input, id: newUuid(parts), kind: 'shared', owner: actor.org, partner, openedAt: at,
        openedBy: actor.person });
      const objects = await backfill(tx, { from: library.coll, into: made.coll, ...ruleOf(input), nowUs: nowUs(parts) });
      await stateOfCollection(parts, tx, actor, made, 'collection.opened', {
        title: made.title, ceiling: made.ceiling, types: made.types === null ? null : [...made.types], accepts: made.accepts, objects,
      });
      return { collection: bare(made), objects };
    }),
    'collections.close': async (input, { actor }) => db.transaction(async (tx) => {
      const found = await collectionById(tx, actor.org, input.collection);
      if (!found || found.owner !== actor.org) throw noSuch('collection');
      if (found.kind !== 'shared') throw new Refusal('conflict', 'collection.own', 'What one holds oneself is not a sharing that ends.');
      if (!await closeCollection(tx, actor.org, found.id, clock.iso())) throw new Refusal('conflict', 'collection.closed',
        'This collection was closed before.');
      await stateOfCollection(parts, tx, actor, found, 'collection.closed', { reason: input.reason });
      return { collection: bare({ ...found, closedAt: clock.iso() }) };
    }),
  };
}

const ruleOf = ({ ceiling, types }: { ceiling: Ceiling; types: readonly string[] | null }) => ({ ceiling: rankOf(ceiling), types });
const bare = ({ coll: _, community: __, ...collection }: CollectionRecord): Collection => collection;

export async function stateOfCollection(
  { clock }: ExchangeParts, tx: Queryable, actor: { person: string; org: string }, c: CollectionRecord, what: string,
  body: Parameters<typeof stateFact>[1]['body'],
): Promise<void> {
  await stateFact(tx, {
    class: what, at: clock.iso(), actor: actor.person, org: actor.org, subject: c.id, readers: c.partner === null ? [] : [c.partner], clauses: [],
    body: { collection: c.id, agreement: c.agreement, ...body },
  });
}

async function shownOf(parts: ExchangeParts, caller: Caller, collections: readonly CollectionRecord[]): Promise<CollectionShown[]> {
  const shown: CollectionShown[] = [];
  const names = new Map<string, string>();
  const nameOf = async (id: string): Promise<string> => {
    if (!names.has(id)) names.set(id, (await organisationById(parts.db, id))?.name ?? id);
    return names.get(id) as string;
  };
  const access = new Map<number, { read: boolean; write: boolean }>();
  for (const c of collections) access.set(c.coll, c.closedAt === null ? await accessTo(caller, c) : { read: false, write: false });
  const fill = await fillOf(parts.db, collections.filter((c) => access.get(c.coll)?.read === true).map((c) => c.coll));
  for (const c of collections) {
    const at = fill.get(c.coll);
    shown.push({
      ...bare(c), ownerName: await nameOf(c.owner), partnerName: c.partner === null ? null : await nameOf(c.partner), objects: at?.objects ?? 0,
      lastAt: at ? new Date(Math.floor(at.lastSeq / 1000)).toISOString() : null, access: access.get(c.coll) ?? { read: false, write: false },
    });
  }
  return shown;
}

/** The other side of an agreement of one's own that is in force. */
export async function partnerUnder(q: Queryable, org: string, id: string): Promise<{ partner: string }> {
  const agreement = (await agreementsOf(q, org)).find((a) => a.id === id);
  if (!agreement) throw noSuch('agreement');
  if (agreement.status !== 'active') throw new Refusal('conflict', 'collection.no-agreement', 'This agreement is not in force.', { at: 'agreement' });
  return { partner: agreement.authority === org ? agreement.counterpart : agreement.authority };
}

/** What would be shown to whom, under which clause: the same decision that a reader meets, asked for the other side as a whole. */
export async function previewOf(
  parts: ExchangeParts, q: Queryable, org: string, input: { agreement: string; ceiling: Ceiling; types: readonly string[] | null },
): Promise<CollectionPreview> {
  const { partner } = await partnerUnder(q, org, input.agreement);
  const decision = await decisionFor({ db: q, clock: parts.clock }, {
    actor: { org: partner }, action: 'threat.read', purpose: 'incident-response',
    resource: { owner: org, kind: 'threat', tlp: input.ceiling, level: 3 },
  });
  const rule = { coll: -1, kind: 'shared' as const, ...ruleOf(input) };
  const held = await shareOf(q, org);
  const shownParts = held.map(({ type, tlp, own, objects }) => ({ type, tlp: labelOf(tlp), objects, shared: own && mayHold(rule, { type, tlp }) }));
  const sum = (shared: boolean): number => shownParts.filter((p) => p.shared === shared).reduce((n, p) => n + p.objects, 0);
  return {
    partner, partnerName: (await organisationById(q, partner))?.name ?? partner, allowed: decision.outcome === 'allow',
    clauses: clausesOf(decision).map((c) => ({ agreementTitle: c.agreementTitle, clause: c.clause })),
    refusal: decision.outcome === 'allow' ? null : refusalOf(decision).message, parts: shownParts, shared: sum(true), heldBack: sum(false),
  };
}
