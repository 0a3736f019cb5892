/** Sources: what the centre's people add, change and end, and what they fetch by hand. */
import { lastFourOf } from '#kit/asking';
import { canonicalText } from '#kit/canonical/canonical';
import type { Actions } from '#kit/endpoint';
import { Refusal, noSuch } from '#kit/refusal';
import type { Clock } from '#world/clock';
import type { Db, Queryable } from '#world/db/port';
import { stateFact, type Json } from '#world/facts';
import type { Ids } from '#world/ids';
import type { Secrets } from '#world/secrets/port';
import { feedMandate } from '../mandate.ts';
import { feedById, type FeedRecord } from '../store.ts';
import type { sourcesApi } from './api.ts';
import { purposeOf, type Collector } from './collector.ts';
import { healthOf } from './health.ts';
import type { NewSource, SecretName, SourceSettings } from './model.ts';
import { grainOf, placeOf, secretsNeeded, settingsProblem, slotMs } from './rules.ts';
import {
  endSource, insertSource, rewindSource, runsOf, saveSource, shownSource, sourceById, sourcesOf, type KeptSecret, type KeptSecrets, type SourceRecord,
} from './store.ts';

export interface SourceParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly secrets: Secrets;
  readonly collector: Pick<Collector, 'begin'>;
  /** Whether the operator has set an inbox. */
  readonly hasInbox: boolean;
}

const sentences = {
  placeholders: 'An address may hold {yyyy}, {MM}, {dd} and {HH}, the first three together.',
  slots: 'An address with a time in it names a file.',
  links: 'Say at which hosts the files lie that letters name.',
} as const;

function refuseUnfit(parts: SourceParts, settings: SourceSettings): void {
  const problem = settingsProblem(settings);
  if (problem !== null) throw new Refusal('invalid', `feed-source.${problem.why}`, sentences[problem.why], { at: problem.at });
  if (settings.kind === 'folder' && !parts.hasInbox) {
    throw new Refusal('invalid', 'feed-source.no-inbox', 'This hub has no inbox.', { at: 'settings.kind', hint: 'Its operator sets ENTENTE_INBOX.' });
  }
}

/** The secrets that stand afterwards: those given, sealed, and those kept, where each goes to the place it was set for. */
function secretsFor(parts: SourceParts, id: string, given: NewSource['secrets'], settings: SourceSettings, kept: KeptSecrets): KeptSecrets {
  return Object.fromEntries(secretsNeeded(settings).map((name): [SecretName, KeptSecret] => {
    const plain = given[name];
    if (plain !== undefined) return [name, { sealed: parts.secrets.seal(purposeOf(id, name), plain), lastFour: lastFourOf(plain) }];
    const before = kept[name];
    if (before) return [name, before];
    throw new Refusal('invalid', 'feed-source.no-secret', 'A secret that this source needs is not given.', { at: `secrets.${name}` });
  }));
}

async function own(q: Queryable, scope: string, id: string): Promise<FeedRecord> {
  const feed = await feedById(q, scope, id);
  if (!feed) throw noSuch('feed');
  return feed;
}

async function one(q: Queryable, scope: string, at: { feed: string; feedSource: string }): Promise<{ feed: FeedRecord; source: SourceRecord }> {
  const feed = await own(q, scope, at.feed);
  const source = await sourceById(q, scope, feed.id, at.feedSource);
  if (!source) throw noSuch('feed-source');
  return { feed, source };
}

type All = Actions<typeof sourcesApi>;

export function sourceActions(parts: SourceParts): All {
  const { db, collector } = parts;
  return {
    feedSources: async (input, { actor }) =>
      ({ items: await sourcesOf(db, actor.org, (await own(db, actor.org, input.feed)).id), inbox: parts.hasInbox }),
    viewFeedSource: async (input, { actor }) => {
      const { source } = await one(db, actor.org, input);
      const runs = await runsOf(db, actor.org, source.id, 100);
      return { source: shownSource(source, runs[0] ?? null), runs };
    },
    ...changes(parts),
    runFeedSource: async (input, { actor }) => {
      const { feed, source } = await one(db, actor.org, input);
      // Asked again by the run; asked here so that the answer is a refusal with its clause.
      await feedMandate(parts, feed, { again: true });
      if (input.hours !== undefined) await rewind(parts, source, input.hours);
      const run = await collector.begin(source.id, actor.person);
      if (run === null) throw new Refusal('conflict', 'feed-source.running', 'The source is being fetched already.', { hint: 'Wait for the run to end.' });
      return { run };
    },
    feedHealth: async (_, { actor }) => healthOf(parts, actor.org),
  };
}

function changes(parts: SourceParts): Pick<All, 'createFeedSource' | 'changeFeedSource' | 'endFeedSource'> {
  const { db, clock, ids } = parts;
  const state = (tx: Queryable, feed: FeedRecord, person: string, verb: string, body: Record<string, Json>): Promise<void> => stateFact(tx, {
    class: `feed-source.${verb}`, at: clock.iso(), actor: person, org: feed.scope, subject: feed.id,
    readers: feed.sourceOrg === null ? [] : [feed.sourceOrg], clauses: [], body: { feed: feed.name, ...body },
  });
  const taken = (): Refusal => new Refusal('conflict', 'feed-source.taken', 'The feed has a source of this name.', { at: 'name' });
  const shown = async (scope: string, source: string, feed: string) => {
    const record = await sourceById(db, scope, feed, source);
    if (!record) throw new Error('the source just saved is not there');
    return shownSource(record, (await runsOf(db, scope, source, 1))[0] ?? null);
  };
  return {
    createFeedSource: async (input, { actor }) => {
      const feed = await own(db, actor.org, input.feed);
      refuseUnfit(parts, input.settings);
      const id = ids.next('fsr');
      const secrets = secretsFor(parts, id, input.secrets, input.settings, {});
      const { name, settings, everyMinutes, on } = input;
      await db.transaction(async (tx) => {
        if (!await insertSource(tx, { id, scope: actor.org, feed: feed.id, at: clock.iso(), name, settings, everyMinutes, on, secrets })) throw taken();
        await state(tx, feed, actor.person, 'created', { source: id, kind: settings.kind });
      });
      return { source: await shown(actor.org, id, feed.id) };
    },
    changeFeedSource: async (input, { actor }) => {
      refuseUnfit(parts, input.settings);
      const found = await db.transaction(async (tx) => {
        const { feed, source } = await one(tx, actor.org, input);
        const samePlace = placeOf(input.settings) === placeOf(source.settings);
        const secrets = secretsFor(parts, source.id, input.secrets, input.settings, samePlace ? source.secrets : {});
        const moved = canonicalText(input.settings) !== canonicalText(source.settings);
        const { name, settings, everyMinutes, on } = input;
        if (!await saveSource(tx, source, { name, settings, everyMinutes, on, secrets, moved, at: clock.iso() })) throw taken();
        await state(tx, feed, actor.person, 'changed', {
          source: source.id, kind: settings.kind, on, settings: moved, secrets: Object.keys(input.secrets).length > 0,
        });
        return { feed, source };
      });
      return { source: await shown(actor.org, found.source.id, found.feed.id) };
    },
    endFeedSource: async (input, { actor }) => {
      const { feed } = await db.transaction(async (tx) => {
        const found = await one(tx, actor.org, input);
        await endSource(tx, found.source.id, clock.iso());
        await state(tx, found.feed, actor.person, 'ended', { source: found.source.id, kind: found.source.settings.kind });
        return found;
      });
      return { items: await sourcesOf(db, actor.org, feed.id) };
    },
  };
}

/** Forgets what was taken in the last hours, so that it is taken again. A file for each hour knows which; of others all is forgotten. */
async function rewind({ db, clock }: SourceParts, source: SourceRecord, hours: number): Promise<void> {
  const { settings } = source;
  const grain = settings.kind === 'http' ? grainOf(settings.url) : null;
  const step = grain === 'hour' || grain === 'day' ? slotMs[grain] : null;
  const cursor = step === null ? {} : { ...source.cursor, next: Math.floor((clock.now() - hours * 3_600_000) / step) * step };
  await rewindSource(db, source.id, cursor);
}
