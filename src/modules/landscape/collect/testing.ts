/** A collector for tests: a landscape with fakes of everything that files come from, and a provider of hourly files. */
import { fakeOutbound, type FakeOutbound } from '#world/http/fake';
import { fakeInbox, type FakeInbox } from '#world/inbox/fake';
import { fakeMailboxes, type FakeMailboxes } from '#world/mailboxes/fake';
import { fakeObjects, type FakeObjects } from '#world/objects/fake';
import { seededRandom } from '#world/random';
import { fakeSecrets, type FakeSecrets } from '#world/secrets/fake';
import { keptTrace } from '#world/trace';
import type { OutboundAnswer, OutboundRequest } from '#world/http/port';
import { centre, openField, type Field } from '../testing.ts';
import { collectorOver, purposeOf, type Collector, type CollectorParts } from './collector.ts';
import { SourceSettings, type Run, type SecretName, type Source } from './model.ts';
import { insertSource, runsOf, sourcesOf, type KeptSecrets } from './store.ts';

type Reply = Partial<Pick<OutboundAnswer, 'status' | 'headers'>> & { readonly body?: Uint8Array | string };

export interface Collecting {
  readonly field: Field;
  readonly parts: CollectorParts;
  readonly collector: Collector;
  readonly trace: ReturnType<typeof keptTrace>;
  readonly outbound: FakeOutbound;
  readonly inbox: FakeInbox;
  readonly mailboxes: FakeMailboxes;
  readonly objects: FakeObjects;
  readonly secrets: FakeSecrets;
  /** What the internet answers. */
  replies: (request: OutboundRequest) => Reply | null;
  addSource(feed: string, settings: Record<string, unknown>, how?: { secrets?: Partial<Record<SecretName,
    string>>; everyMinutes?: number; name?: string }): Promise<string>;
  /** A round, and all that it began. */
  beat(): Promise<void>;
  source(id: string): Promise<Source>;
  runs(source: string): Promise<Run[]>;
  /** Facts about a feed by its id, or that name it. */
  facts(feed: string): Promise<{ class: string; body: Record<string, unknown> }[]>;
  /** A second hub over the same records. */
  another(over?: Partial<CollectorParts>): Collector;
  close(): Promise<void>;
}

export async function openCollecting(over: Partial<CollectorParts> = {}): Promise<Collecting> {
  const field = await openField();
  const state: { replies: (request: OutboundRequest) => Reply | null } = { replies: () => null };
  const outbound = fakeOutbound((request) => state.replies(request));
  const [inbox, mailboxes, objects, secrets, trace] = [fakeInbox(), fakeMailboxes(), fakeObjects(), fakeSecrets(), keptTrace()];
  const parts: CollectorParts = {
    db: field.db, clock: field.clock, ids: field.ids, random: seededRandom('collect'), trace, outbound, inbox, mailboxes, objects, secrets,
    pipeline: field.pipeline, bytesMax: 0, ...over,
  };
  const collector = collectorOver(parts);
  const counter = { n: 0 };
  return {
    field, parts, collector, trace, outbound, inbox, mailboxes, objects, secrets,
    get replies() { return state.replies; },
    set replies(how) { state.replies = how; },
    async addSource(feed, settings, how = {}) {
      const id = field.ids.next('fsr');
      const kept = Object.fromEntries(Object.entries(how.secrets ?? {}).map(([name, plain]) =>
        [name, { sealed: secrets.seal(purposeOf(id, name as SecretName), plain), lastFour: null }])) as KeptSecrets;
      await insertSource(field.db, {
        id, scope: centre, feed, at: field.clock.iso(), name: how.name ?? `source-${counter.n++}`, settings: SourceSettings.parse(settings),
        everyMinutes: how.everyMinutes ?? 60, on: true, secrets: kept,
      });
      return id;
    },
    async beat() {
      await collector.beat();
      await collector.idle();
    },
    async source(id) {
      const found = (await sourcesOf(field.db, centre, null)).find((one) => one.id === id);
      if (!found) throw new Error(`no source ${id}`);
      return found;
    },
    runs: (source) => runsOf(field.db, centre, source, 100),
    async facts(feed) {
      const rows = await field.db.as<{ facts_outbox: { fact: unknown; seq: string } }>().selectFrom('facts_outbox').select('fact').orderBy('seq').execute();
      return rows.map(({ fact }) => fact as { class: string; subject: string; body: Record<string, unknown> }).filter((f) => f.subject === feed
        || f.body['feed'] === feed);
    },
    another: (more = {}) => collectorOver({ ...parts, random: seededRandom('another'), ...more }),
    async close() {
      await collector.stop();
      await field.close();
    },
  };
}
