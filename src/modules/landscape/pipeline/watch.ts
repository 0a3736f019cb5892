/**
 * The round that looks at feeds' clocks: says once that a feed is late and once that it came again, and writes down what was lost
 * for good. What was lost while the hub itself was away is told by its deliveries, so a round that never ran hides nothing.
 */
import { stateFact, type Json } from '#world/facts';
import type { Queryable } from '#world/db/port';
import { hoursOf, lost, overdue } from '../clocks.ts';
import {
  clockedFeeds, closeGap, deliveriesApart, openGaps, saveGap, saveLate, type ClockedFeed,
} from '../clocks-store.ts';
import type { SettleParts } from './settle.ts';

type Parts = Pick<SettleParts, 'db' | 'clock' | 'ids'>;

const isoOf = (ms: number): string => new Date(ms).toISOString();

export async function watchFeeds(parts: Parts): Promise<void> {
  const { db, clock, ids } = parts;
  const now = clock.now();
  const feeds = await clockedFeeds(db);
  for (const feed of feeds) {
    await db.transaction(async (tx) => {
      await lateness(parts, tx, feed, now);
      const gap = lost(feed, now);
      if (gap === null) return;
      const fresh = await saveGap(tx, { id: ids.next('gap'), scope: feed.scope, feed: feed.id, from: isoOf(gap.from), to: isoOf(gap.to) });
      if (fresh) await state(parts, tx, feed, 'feed.gap-opened', { from: isoOf(gap.from) });
    });
  }
  const byId = new Map(feeds.map((feed) => [feed.id, feed]));
  const open = new Map((await openGaps(db)).map((gap) => [`${gap.feed} ${gap.from}`, gap]));
  for (const { feed: id, from, back } of await deliveriesApart(db)) {
    const feed = byId.get(id);
    if (feed?.windowHours == null) continue;
    const gap = { from: Date.parse(from), to: Date.parse(back) - feed.windowHours * 3_600_000 };
    await db.transaction(async (tx) => {
      const row = { id: ids.next('gap'), scope: feed.scope, feed: id, from: isoOf(gap.from), to: isoOf(gap.to) };
      const fresh = await saveGap(tx, row);
      const known = open.get(`${id} ${row.from}`);
      if (!fresh && known === undefined) return;
      await closeGap(tx, known?.id ?? row.id, row.to, clock.iso());
      await state(parts, tx, feed, 'feed.gap-closed', { from: row.from, to: row.to, hours: hoursOf(gap) });
    });
  }
}

/** Late is said once; it ends with a delivery, not with a clock that was set back. */
async function lateness(parts: Parts, tx: Queryable, feed: ClockedFeed, now: number): Promise<void> {
  const due = overdue(feed, now);
  if (due !== null && feed.lateSince === null) {
    await saveLate(tx, feed.id, isoOf(due));
    await state(parts, tx, feed, 'feed.late', { due: isoOf(due), hours: hoursOf({ from: due, to: now }) });
  } else if (due === null && feed.lateSince !== null && feed.last >= Date.parse(feed.lateSince)) {
    await saveLate(tx, feed.id, null);
    await state(parts, tx, feed, 'feed.came-again', { since: feed.lateSince });
  }
}

async function state(parts: Parts, tx: Queryable, feed: ClockedFeed, what: string, body: Record<string, Json>): Promise<void> {
  await stateFact(tx, {
    class: what, at: parts.clock.iso(), actor: 'system', org: feed.scope, subject: feed.id,
    readers: feed.sourceOrg === null ? [] : [feed.sourceOrg], clauses: [], body: { feed: feed.name, ...body },
  });
}
