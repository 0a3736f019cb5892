/**
 * A hub in this process for tests of the whole: real records, real ledger, the demonstration's people and agreements, a
 * clock that stands still. Requests go through the router as they do in production, without a port.
 */
import { join } from 'node:path';
import { fakeBlobs } from '#world/blobs/fake';
import type { Blobs } from '#world/blobs/port';
import { fakeClock, type FakeClock } from '#world/clock';
import type { Db } from '#world/db/port';
import { testDb } from '#world/db/testing';
import { fakeDisassembler } from '#world/disassembler/fake';
import type { Disassembler } from '#world/disassembler/port';
import { testEvents } from '#world/events/fake';
import { publishedNetworks, publishedReportTypes } from '#world/events/published';
import { fakeOutbound } from '#world/http/fake';
import { idsFrom } from '#world/ids';
import { fakeKeys } from '#world/keys/fake';
import { fakeNames, type FakeNames } from '#world/names/fake';
import { fakeMail, type FakeMail } from '#world/mail/fake';
import { seededRandom } from '#world/random';
import { fakeInbox } from '#world/inbox/fake';
import { fakeMailboxes } from '#world/mailboxes/fake';
import { fakeObjects } from '#world/objects/fake';
import { passingIndexes } from '#world/searching/shared';
import { fakeSecrets } from '#world/secrets/fake';
import { fakeSpace, type FakeSpace } from '#world/space';
import { fakeProvider } from '#world/identity/fake';
import type { IdentityProvider } from '#world/identity/port';
import { keptTrace } from '#world/trace';
import { openLogSigners } from '#modules/ledger/index';
import { prepareEvents } from '#modules/landscape/index';
import { compose, migrations, type Composition } from '../src/app/compose.ts';
import { demoRoom } from '../src/app/demo/chooser.ts';
import { writeRegistry } from '../src/app/demo/constituents.ts';
import { writeParties } from '../src/app/demo/parties.ts';
import type { Posture } from '../src/app/http/guard.ts';
import { noLimits } from '../src/app/http/limits.ts';
import { openSession } from '../src/modules/parties/actions/sessions.ts';
import type { Person } from '../src/modules/parties/model.ts';
import { insertPerson, personById } from '../src/modules/parties/store.ts';
import type { Room } from '../src/app/room.ts';
import type { Ground, World } from '../src/app/world.ts';

export const origin = 'http://localhost:8080';

/** Where the address lists' block is kept between runs. */
const cache = join(import.meta.dirname, '..', 'node_modules', '.cache', 'entente');

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  json<T>(): T;
}

export interface TestHub {
  readonly world: World & {
    readonly clock: FakeClock; readonly names: FakeNames; readonly mail: FakeMail; readonly space: FakeSpace;
  };
  readonly composition: Composition;
  readonly trace: ReturnType<typeof keptTrace>;
  /** A request as our own page would send it; `cookie` is what `as` returned. */
  ask(method: string, path: string, body?: unknown, options?: { cookie?: string; headers?: Record<string, string> }): Promise<Answer>;
  /** Signs in as a person of the story and returns the cookie. */
  as(person: string): Promise<string>;
  /** Makes a person if nobody has that id, opens a session for them, begun as `how`, and returns the cookie. */
  enter(person: Pick<Person, 'id' | 'organisation'> & Partial<Person>, how?: string): Promise<string>;
  close(): Promise<void>;
}

/** The whole body; of a stream of events, which has no end, what it says first. */
async function textOf(response: Response): Promise<string> {
  if (!response.body || !response.headers.get('content-type')?.startsWith('text/event-stream')) return response.text();
  const reader = response.body.getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value);
}

/** Text and bytes as they are, everything else as JSON. */
const bodyOf = (body: unknown): string | Uint8Array<ArrayBuffer> => {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);
};

export const demoPosture: Posture = {
  hosts: ['localhost:8080'], origins: [origin], trustedProxies: [], cookie: { name: 'entente-demo', secure: false }, limits: noLimits,
  uploadMax: 0,
};

export interface HubOptions {
  readonly demo?: boolean;
  /** A hub of its own beside others: its log and ids are none of theirs, and it holds nothing of the story. */
  readonly alone?: { readonly log: string; readonly name: string };
  readonly posture?: Posture;
  /** Opens another migrated database than PGlite's, which the hub closes with itself. */
  readonly records?: () => Promise<Db>;
  /** Other blobs than those in memory. */
  readonly blobs?: Blobs;
  readonly idleMs?: number;
  /** Another reader of machine code than the fake one. */
  readonly disassembler?: Disassembler;
  /** Another identity provider than the fake one. */
  readonly identity?: (ground: Ground) => IdentityProvider;
  /** Rooms of this test alone, beside those of the hub. */
  readonly rooms?: (world: World) => readonly Room[];
}

export async function testHub(options: HubOptions = {}): Promise<TestHub> {
  const clock = fakeClock('2026-06-15T02:00:00.000Z');
  const log = options.alone?.log ?? 'test.entente.example/ledger';
  const random = seededRandom(options.alone?.log ?? 'test');
  const trace = keptTrace();
  const ground: Ground & { clock: FakeClock } = { clock, random, ids: idsFrom(clock, random), trace };
  const [db, events, networks, types] = await Promise.all([
    options.records?.() ?? testDb(migrations), testEvents(), publishedNetworks(cache), publishedReportTypes(),
  ]);
  await prepareEvents(events);
  const signer = await openLogSigners(db, fakeKeys(options.alone?.log ?? 'test'), log);
  const blobs = options.blobs ?? fakeBlobs();
  const indexes = passingIndexes(blobs);
  const world = {
    ...ground, db, events, networks, types, blobs, indexes, outbound: fakeOutbound(), names: fakeNames(), mail: fakeMail(),
    disassembler: options.disassembler ?? fakeDisassembler(), space: fakeSpace(), zone: 'Asia/Ho_Chi_Minh', keepMonths: 0, signer,
    secrets: fakeSecrets(), inbox: fakeInbox(), mailboxes: fakeMailboxes(), objects: fakeObjects(),
    uploadMax: 0,
    identity: options.identity?.(ground) ?? fakeProvider(),
  };
  const mode = options.demo === false ? 'production' : 'demo';
  const hub = {
    mode, name: options.alone?.name ?? 'National Cyber Security Centre',
    nameLocal: options.alone ? null : 'Trung tâm An ninh mạng quốc gia', country: 'VN', passkeyOrigin: origin, idleMs: options.idleMs ?? 12 * 3600_000,
  } as const;
  const composition = compose(world, hub, (parties) => [
    ...(mode === 'demo' ? [demoRoom(parties)] : []), ...options.rooms?.(world) ?? [],
  ]);
  if (!options.alone) {
    await writeParties(db, clock);
    await writeRegistry(db, clock);
  }
  await composition.sequencer.recover();
  const app = composition.app(options.posture ?? demoPosture);
  const ask: TestHub['ask'] = async (method, path, body, { cookie, headers } = {}) => {
    const response = await app.request(`${origin}${path}`, {
      method,
      headers: {
        host: 'localhost:8080', ...(method === 'GET' ? {} : { origin }), ...(cookie ? { cookie } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers,
      },
      ...(body === undefined ? {} : { body: bodyOf(body) }),
    });
    const text = await textOf(response);
    return { status: response.status, text, headers: response.headers, json: <T>() => JSON.parse(text) as T };
  };
  return {
    world, composition, trace, ask,
    async as(person) {
      const answer = await ask('POST', '/api/demo/continue', { person });
      const cookie = answer.headers.get('set-cookie')?.split(';')[0];
      if (answer.status !== 200 || !cookie) throw new Error(`could not continue as ${person}: ${answer.text}`);
      return cookie;
    },
    async enter(given, how = 'passkey') {
      if (!(await personById(db, given.id))) {
        await insertPerson(db, {
          name: given.id, email: null, roles: [], status: 'active', language: 'en', createdAt: clock.iso(), ...given,
        });
      }
      const person = await personById(db, given.id);
      if (!person) throw new Error(`no person ${given.id}`);
      const kept = { secret: '' };
      const reply = { setSession: (secret: string) => { kept.secret = secret; }, clearSession: () => undefined };
      await db.transaction((tx) => openSession(composition.parties, tx, person, { reply } as never, how));
      return `${(options.posture ?? demoPosture).cookie.name}=${kept.secret}`;
    },
    async close() {
      await composition.indexer.stop();
      await composition.sequencer.idle();
      await indexes.close();
      await events.close();
      await db.close();
    },
  };
}
