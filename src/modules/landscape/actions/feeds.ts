/** Feeds and batches: the centre's own records. */
import type { Actions } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { knownType, type ReportTypes } from '#kit/shadowserver/types';
import { stateFact } from '#world/facts';
import type { Queryable } from '#world/db/port';
import { agreementsOf, knowsOrganisation } from '#modules/agreements/index';
import type { landscapeApi } from '../api.ts';
import { gapsOf } from '../clocks-store.ts';
import { feedStanding } from '../mandate.ts';
import type { Drift, Feed } from '../model.ts';
import { typesInForce } from '../schemas/store.ts';
import { batchById, batchesOf, driftOf, feedById, feedsOf, insertFeed, quarantineOf } from '../store.ts';
import { cursorOf, cursorText, type LandscapeParts } from './parts.ts';

type All = Actions<typeof landscapeApi>;

export function feedActions(parts: LandscapeParts): Pick<All, 'feeds' | 'viewFeed' | 'createFeed' | 'reportTypes'> {
  const { db, clock, ids, types } = parts;
  return {
    feeds: async (_, { actor }) =>
      ({ items: await withStanding(parts, actor.org, await feedsOf(db, actor.org, clock.now())) }),
    viewFeed: async (input, { actor }) => {
      const record = await feedById(db, actor.org, input.feed);
      const feed = (await feedsOf(db, actor.org, clock.now())).find((f) => f.id === record?.id);
      if (!feed) throw noSuch('feed');
      const [shown] = await withStanding(parts, actor.org, [feed]);
      const inForce = await typesInForce(db, actor.org, types);
      return {
        feed: shown ?? { ...feed, standing: 'refused' }, drift: stillDrifting(await driftOf(db, actor.org, feed.id), feed.shape, inForce.types),
        gaps: await gapsOf(db, actor.org, feed.id),
      };
    },
    createFeed: async (input, { actor }) => {
      const { shape, reportType } = input;
      const type = reportType === null || shape !== 'shadowserver' ? reportType
        : knownType((await typesInForce(db, actor.org, types)).types, reportType);
      if (reportType !== null && type === null) {
        throw new Refusal('invalid', 'feed.unknown-type', 'There is no such report type.', { at: 'reportType' });
      }
      await refuseUnknownSource(db, actor.org, input);
      const id = ids.next('feed');
      return db.transaction(async (tx) => {
        if (!await insertFeed(tx, actor.org, id, clock.iso(), { ...input, reportType: type })) {
          throw new Refusal('conflict', 'feed.name-taken', 'You have a feed of this name.', { at: 'name' });
        }
        await stateFact(tx, {
          class: 'feed.created', at: clock.iso(), actor: actor.person, org: actor.org, subject: id, clauses: [],
          readers: input.sourceOrg === null ? [] : [input.sourceOrg],
          body: { feed: id, name: input.name, shape, agreement: input.agreement },
        });
        const feed = (await feedsOf(tx, actor.org, clock.now())).find((f) => f.id === id);
        if (!feed) throw new Error('the feed just made is not there');
        const standing = await feedStanding({ db: tx, clock }, { scope: actor.org, sourceOrg: feed.sourceOrg });
        return { feed: { ...feed, standing } };
      });
    },
    reportTypes: async (_, { actor }) =>
      ({ items: [...(await typesInForce(db, actor.org, types)).types].map(([type, { title }]) => ({ type, title })) }),
  };
}

/** What the table in force knows by now is no drift any more, whenever it came. */
function stillDrifting<D extends Drift>(drift: readonly D[], shape: Feed['shape'], types: ReportTypes): D[] {
  if (shape !== 'shadowserver') return [...drift];
  return drift.map((one) => {
    const known = new Set(types.get(one.reportType)?.fields ?? []);
    return known.size === 0 ? one
      : { ...one, added: one.added.filter((field) => !known.has(field)), missing: one.missing.filter((field) => known.has(field)) };
  }).filter((one) => one.added.length + one.missing.length > 0);
}

/** A feed names a provider and an agreement that one knows; what one does not know of is not there. */
async function refuseUnknownSource(
  db: Queryable, org: string, named: { sourceOrg: string | null; agreement: string | null },
): Promise<void> {
  const { sourceOrg } = named;
  if (sourceOrg !== null && !(await knowsOrganisation(db, org, sourceOrg))) throw noSuch('organisation');
  if (named.agreement === null) return;
  const agreement = (await agreementsOf(db, org)).find((a) => a.id === named.agreement);
  if (!agreement) throw noSuch('agreement');
  if (sourceOrg !== agreement.authority && sourceOrg !== agreement.counterpart) {
    throw new Refusal('invalid', 'feed.not-its-agreement', 'The provider is no party to that agreement.', { at: 'agreement' });
  }
}

/** Each feed with whether a clause in force lets it in now. */
async function withStanding<F extends Pick<Feed, 'sourceOrg'>>(
  parts: LandscapeParts, scope: string, feeds: readonly F[],
): Promise<(F & { standing: Feed['standing'] })[]> {
  return Promise.all(feeds.map(async (feed) => ({
    ...feed, standing: await feedStanding(parts, { scope, sourceOrg: feed.sourceOrg }),
  })));
}

export function batchActions(parts: LandscapeParts): Pick<All, 'batches' | 'viewBatch' | 'quarantine'> {
  const { db } = parts;
  return {
    batches: async (input, { actor }) => {
      const before = cursorOf(input.cursor, 'string')?.[0];
      const feed = input.feed === undefined ? undefined : (await feedById(db, actor.org, input.feed))?.id;
      if (input.feed !== undefined && feed === undefined) throw noSuch('feed');
      const found = await batchesOf(db, actor.org, { feed, state: input.state, before, limit: input.limit + 1 });
      const items = found.slice(0, input.limit);
      const last = items.at(-1);
      return { items, next: found.length > items.length && last ? cursorText([last.id]) : null };
    },
    viewBatch: async (input, { actor }) => {
      const found = await batchById(db, actor.org, input.batch);
      if (!found) throw noSuch('batch');
      return found;
    },
    quarantine: async (input, { actor }) => {
      if (!await batchById(db, actor.org, input.batch)) throw noSuch('batch');
      const after = cursorOf(input.cursor, 'number')?.[0] ?? -1;
      const found = await quarantineOf(db, input.batch, { reason: input.reason, after, limit: input.limit + 1 });
      const items = found.slice(0, input.limit);
      const next = found.length > items.length ? cursorText([items.at(-1)?.seq ?? 0]) : null;
      return { items: items.map(({ seq: _seq, ...row }) => row), next };
    },
  };
}
