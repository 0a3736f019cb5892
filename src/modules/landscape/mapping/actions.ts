/** Mappings of feeds: looked at on a sample, kept as versions, tried on files that came, put in force; and reading kept files again. */
import type { Actions } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import { inflated } from '#kit/lines/inflate';
import { stateFact } from '#world/facts';
import type { LandscapeParts } from '../actions/parts.ts';
import type { ReadingOptions } from '../pipeline/reading.ts';
import { formats } from '../shapes/formats.ts';
import type { Mapping } from '../model/mapping.ts';
import { feedById, type FeedRecord } from '../store.ts';
import type { mappingApi } from './api.ts';
import { Differences, previewOf } from './compare.ts';
import {
  countKept, cutReplay, insertMapping, insertReplay, lastKept, mappingInForce, mappingOf, mappingsOf, putMappingInForce, replayById, replaysOf, shownReplay,
  type KeptBatch,
} from './store.ts';

type All = Actions<typeof mappingApi>;

async function feedOf({ db }: LandscapeParts, scope: string, id: string): Promise<FeedRecord> {
  const feed = await feedById(db, scope, id);
  if (!feed) throw noSuch('feed');
  return feed;
}

async function mappedFeed(parts: LandscapeParts, scope: string, id: string): Promise<FeedRecord> {
  const feed = await feedOf(parts, scope, id);
  if (feed.shape === 'mapped') return feed;
  throw new Refusal('conflict', 'feed.not-mapped', 'What this feed’s files mean is given by its shape.', {
    hint: 'A feed with a mapping of its own is made with the shape “mapped”.',
  });
}

async function versionOf(parts: LandscapeParts, feed: FeedRecord, version: number): Promise<Mapping> {
  const mapping = await mappingOf(parts.db, feed.id, version);
  if (mapping === null) throw noSuch('mapping');
  return mapping;
}

export function mappingActions(parts: LandscapeParts): All {
  return { ...versionActions(parts), ...replayActions(parts) };
}

function versionActions(
  parts: LandscapeParts,
): Pick<All, 'formats' | 'mappings' | 'previewMapping' | 'saveMapping' | 'tryMapping' | 'useMapping'> {
  const { db, clock, types } = parts;
  return {
    formats: async () => ({ items: Object.entries(formats).map(([name, mapping]) => ({ name, mapping: mapping as Mapping })) }),
    mappings: async (input, { actor }) => {
      const feed = await feedOf(parts, actor.org, input.feed);
      const inForce = await mappingInForce(db, feed.id);
      return { items: (await mappingsOf(db, actor.org, feed.id)).map((one) => ({ ...one, inForce: one.version === inForce })) };
    },
    previewMapping: async ({ mapping, sample }) => previewOf({
      feed: 'preview', shape: 'mapped', typeGiven: null, typeOfFeed: null, fileName: 'sample', types, learned: [], mapping,
    }, sample),
    saveMapping: async (input, { actor }) => {
      const feed = await mappedFeed(parts, actor.org, input.feed);
      return db.transaction(async (tx) => {
        const version = await insertMapping(tx, actor.org, feed.id, {
          mapping: input.mapping, note: input.note, madeAt: clock.iso(), person: actor.person,
        });
        await stateFact(tx, {
          class: 'mapping.saved', at: clock.iso(), actor: actor.person, org: actor.org, subject: feed.id, readers: [], clauses: [],
          body: { feed: feed.name, version },
        });
        return { version };
      });
    },
    tryMapping: async (input, { actor }) => {
      const feed = await mappedFeed(parts, actor.org, input.feed);
      const mapping = await versionOf(parts, feed, input.version);
      const difference = new Differences();
      for (const kept of await lastKept(db, feed.id, input.batches)) await tryOn(parts, feed, kept, mapping, difference);
      return { difference: difference.told() };
    },
    useMapping: async (input, { actor }) => {
      const feed = await mappedFeed(parts, actor.org, input.feed);
      await versionOf(parts, feed, input.version);
      await db.transaction(async (tx) => {
        await putMappingInForce(tx, feed.id, input.version);
        await stateFact(tx, {
          class: 'mapping.put-in-force', at: clock.iso(), actor: actor.person, org: actor.org, subject: feed.id, readers: [], clauses: [],
          body: { feed: feed.name, version: input.version },
        });
      });
      return { version: input.version };
    },
  };
}

/** One kept file by the mapping that read it, and by another. */
async function tryOn(parts: LandscapeParts, feed: FeedRecord, kept: KeptBatch, mapping: Mapping, difference: Differences): Promise<void> {
  const source = await parts.blobs.open(kept.sha256);
  const was = kept.mapping === null ? null : await mappingOf(parts.db, feed.id, kept.mapping);
  if (source === null || was === null) return;
  const options: ReadingOptions = {
    feed: feed.id, shape: 'mapped', typeGiven: kept.reportType, typeOfFeed: feed.reportType, fileName: kept.fileName, types: parts.types, learned: [],
    mapping: was,
  };
  await difference.add(kept.id, inflated(source, () => undefined), options, { ...options, mapping });
}

function replayActions(parts: LandscapeParts): Pick<All, 'replays' | 'beginReplay' | 'stopReplay'> {
  const { db, clock, ids } = parts;
  return {
    replays: async (input, { actor }) => {
      const feed = await feedOf(parts, actor.org, input.feed);
      return { items: (await replaysOf(db, actor.org, feed.id)).map(shownReplay) };
    },
    beginReplay: async (input, { actor }) => {
      const feed = await feedOf(parts, actor.org, input.feed);
      const version = feed.shape === 'mapped' ? input.version ?? feed.mapping : null;
      if (input.version !== null) await versionOf(parts, await mappedFeed(parts, actor.org, feed.id), input.version);
      if (feed.shape === 'mapped' && version === null) throw noSuch('mapping');
      const id = ids.next('rpl');
      return db.transaction(async (tx) => {
        const { of, until } = await countKept(tx, feed.id);
        if (of === 0) throw new Refusal('conflict', 'replay.nothing', 'No file of this feed is kept.');
        const begun = await insertReplay(tx, {
          id, scope: actor.org, feed: feed.id, mapping: version, person: actor.person, at: clock.iso(), of, until,
        });
        if (!begun) throw new Refusal('conflict', 'replay.under-way', 'This feed is being read again already.');
        await stateFact(tx, {
          class: 'replay.begun', at: clock.iso(), actor: actor.person, org: actor.org, subject: feed.id, readers: [], clauses: [],
          body: { feed: feed.name, mapping: version, batches: of },
        });
        const made = await replayById(tx, actor.org, id);
        if (made === null) throw new Error('the replay just made is not there');
        return { replay: shownReplay(made) };
      });
    },
    stopReplay: async (input, { actor }) => {
      const feed = await feedOf(parts, actor.org, input.feed);
      return db.transaction(async (tx) => {
        const replay = await replayById(tx, actor.org, input.replay);
        if (replay?.feed !== feed.id) throw noSuch('replay');
        if (replay.state !== 'open') throw new Refusal('conflict', 'replay.ended', 'It has ended.');
        await cutReplay(tx, replay.id);
        await stateFact(tx, {
          class: 'replay.stopped', at: clock.iso(), actor: actor.person, org: actor.org, subject: feed.id, readers: [], clauses: [],
          body: { feed: feed.name, batches: replay.batches },
        });
        return { replay: shownReplay(await replayById(tx, actor.org, replay.id) ?? replay) };
      });
    },
  };
}
