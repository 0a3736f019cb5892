/**
 * A collection as a feed of MISP: `manifest.json`, `hashes.csv` and one file an event, for whoever may read the collection. What no report
 * or grouping lists stands in one event a day, made of what came that day. The files are made when they are asked for, from the same log
 * that TAXII reads; the ETag is that of their content.
 */
import { createHash } from 'node:crypto';
import type { Caller } from '#kit/endpoint';
import { feedEvent, hashLines, manifestEntry } from '#kit/misp/feed';
import { mispNamespace, type Json, type MispEvent } from '#kit/misp/model';
import { eventJson } from '#kit/misp/write';
import { Refusal, noSuch } from '#kit/refusal';
import { uuid5 } from '#kit/stix/sco-id';
import type { ExchangeParts } from '../actions/parts.ts';
import { reachInto, wholeReach, type Reach } from '../gate.ts';
import type { CollectionRecord } from '../store/collections.ts';
import { containerTypes, heldWithin, looseDays, looseOf, type Held } from '../store/misp.ts';
import { answer, numberOf } from './answers.ts';
import { headOf, partsOf, shownOf } from './events.ts';
import { oneself, orgsOf } from './asking.ts';

/** Events of one feed, and things of one day, at most: what is larger is fetched by TAXII. */
const mostEvents = 20_000;
const mostOfDay = 50_000;

export async function listFeeds(parts: ExchangeParts, caller: Caller, request: Request): Promise<Response> {
  await oneself(caller);
  const reach = await wholeReach(parts.db, caller);
  const orgs = orgsOf(parts);
  const feeds: Json[] = [];
  for (const c of reach.open) {
    feeds.push({ Feed: {
      id: numberOf(c.id), name: c.title, provider: (await orgs(c.owner)).name, url: new URL(`/misp/feed/${c.id}/`, request.url).href, enabled: true,
      source_format: 'misp', input_source: 'network', distribution: '0', publish: false, default: false, fixed_event: false, caching_enabled: false,
      tag_id: '0',
    } });
  }
  return answer(feeds);
}

interface Feed { readonly parts: ExchangeParts; readonly reach: Reach; readonly c: CollectionRecord }

export async function feedFile(parts: ExchangeParts, caller: Caller, request: Request, collection: string, file: string): Promise<Response> {
  await oneself(caller);
  const { reach, collection: c, access } = await reachInto(parts.db, caller, collection.toLowerCase());
  if (!access.read) throw noSuch('collection');
  const feed: Feed = { parts, reach, c };
  const text = file === 'manifest.json' ? await manifestText(feed) : file === 'hashes.csv' ? await hashesText(feed) : await eventText(feed, file);
  const tag = `"${createHash('sha256').update(text).digest('hex').slice(0, 32)}"`;
  const headers = { etag: tag, 'cache-control': 'private, no-cache', 'content-type': file.endsWith('.csv') ? 'text/csv; charset=utf-8' : 'application/json' };
  const known = (request.headers.get('if-none-match') ?? '').split(',').map((s) => s.trim().replace(/^W\//, ''));
  return known.includes(tag) ? new Response(null, { status: 304, headers }) : new Response(text, { status: 200, headers });
}

/** The event that what came loose on a day is. */
const dayUuid = (c: CollectionRecord, day: string): string => uuid5(mispNamespace, `day ${c.id} ${day}`);

async function containers({ parts, reach, c }: Feed): Promise<Held[]> {
  const found: Held[] = [];
  for (let after = '0'; ;) {
    const some = await heldWithin(parts.db, reach, { types: containerTypes, coll: c.coll, after, limit: 1_000 });
    found.push(...some);
    const last = some.at(-1);
    if (some.length < 1_000 || !last) return found;
    if (found.length >= mostEvents) throw tooLarge();
    after = last.obj;
  }
}
const tooLarge = (): Refusal => new Refusal('unprocessable', 'misp.feed-too-large', 'This collection holds more than a feed of MISP can.', {
  hint: 'Follow it by TAXII.',
});

async function manifestText(feed: Feed): Promise<string> {
  const heads = await headOf(feed.parts.db, feed.reach, await containers(feed));
  const days = await looseDays(feed.parts.db, feed.reach, feed.c.coll);
  const entries = heads.map(({ event }): [string, Json] => [event.uuid, manifestEntry(feedEvent(event).event)]);
  for (const { day, lastSeq } of days) {
    const event = await dayHead(feed, day, Math.floor(lastSeq / 1_000_000));
    entries.push([event.uuid, manifestEntry(event)]);
  }
  return JSON.stringify(Object.fromEntries(entries));
}

async function dayHead({ parts, c }: Feed, day: string, timestamp: number): Promise<MispEvent> {
  return {
    uuid: dayUuid(c, day), info: `${c.title}: what came on ${day} without a report`, date: day, timestamp, published: true, publishedAt: timestamp,
    threatLevel: 4, analysis: 2, distribution: 1, sharingGroup: null, extends: null, org: null, orgc: await orgsOf(parts)(c.owner), attributes: [], objects: [],
    reports: [], tags: [], galaxies: [],
  };
}
async function dayEvent(feed: Feed, day: string): Promise<MispEvent> {
  const held = await looseOf(feed.parts.db, feed.reach, feed.c.coll, day, mostOfDay + 1);
  if (held.length > mostOfDay) throw tooLarge();
  if (held.length === 0) throw noSuch('event');
  const made = await partsOf(feed.parts.db, feed.reach, held);
  const head = await dayHead(feed, day, Math.max(...held.map((h) => h.since)));
  return { ...head, attributes: [...made.values()].flatMap((p) => p.attributes), objects: [...made.values()].flatMap((p) => p.objects) };
}

/** Everything of the collection but what MISP marks as deleted; who may read it has been asked, so that distribution asks nothing more. */
const inFeed = (event: MispEvent): MispEvent => feedEvent(event, [0, 1, 2, 3, 4, 5]).event;

async function eventText(feed: Feed, file: string): Promise<string> {
  const uuid = /^([0-9a-f-]{36})\.json$/i.exec(file)?.[1]?.toLowerCase();
  if (uuid === undefined) throw noSuch('event');
  const ids = containerTypes.map((type) => `${type}--${uuid}`);
  const [held] = await heldWithin(feed.parts.db, feed.reach, { ids, types: containerTypes, coll: feed.c.coll, limit: 2 });
  if (held) return JSON.stringify({ Event: eventJson(inFeed((await shownOf(feed.parts.db, feed.reach, held)).event)) });
  const day = (await looseDays(feed.parts.db, feed.reach, feed.c.coll)).find((d) => dayUuid(feed.c, d.day) === uuid)?.day;
  if (day === undefined) throw noSuch('event');
  return JSON.stringify({ Event: eventJson(inFeed(await dayEvent(feed, day))) });
}

async function hashesText(feed: Feed): Promise<string> {
  const lines: string[] = [];
  for (const held of await containers(feed)) lines.push(...hashLines(inFeed((await shownOf(feed.parts.db, feed.reach, held)).event)));
  for (const { day } of await looseDays(feed.parts.db, feed.reach, feed.c.coll)) lines.push(...hashLines(inFeed(await dayEvent(feed, day))));
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
