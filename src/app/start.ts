/**
 * The two starts. `serve` is production: its origin is given, its people sign in by passkey, its first run prints a
 * one-time link. `demo` is the demonstration: loopback only, a story, a chooser. Both take the folder, open the door, then
 * the engines, and stop in the opposite order.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#world/clock';
import { asHub } from '#world/db/scope';
import { StartError, holdFolder, type FolderKind } from '#world/folder';
import { lineTrace } from '#world/trace';
import { firstAdministratorLink } from '../modules/parties/actions/people.ts';
import type { HubIdentity } from '../modules/parties/actions/parts.ts';
import { tend } from './chores.ts';
import { witnessesAhead } from '#modules/ledger/index';
import { compose, hubOrganisation, migrations, type Composition } from './compose.ts';
import { limitsFrom, originOf, type Config } from './config.ts';
import { demoRoom } from './demo/chooser.ts';
import { loadStory } from './demo/load.ts';
import { filesFrom } from './http/files.ts';
import type { Posture } from './http/guard.ts';
import { openDoor, type HubDoor } from './hub.ts';
import { openWorld, unwind, type World } from './world.ts';

export interface Running {
  readonly address: string;
  /** Resolves with the reason when an engine died and the hub had to stop. */
  readonly lost: Promise<string>;
  stop(): Promise<void>;
}

interface Plan {
  readonly kind: FolderKind;
  readonly folder: string;
  readonly listen: { readonly address: string; readonly port: number };
  readonly postureAt: (port: number) => Posture;
  readonly hubAt: (port: number) => HubIdentity;
  /** Name that a new ledger gets: C2SP says a schema-less URL. */
  readonly origin: string;
  readonly compose: (world: World, hub: HubIdentity) => Composition;
  /** The least that is written to the terminal: a demonstration keeps it free for people. */
  readonly log: 'info' | 'warn';
  /** What this start does once the rooms stand, before the door opens. */
  readonly prepare: (world: World, composition: Composition, door: HubDoor) => Promise<void>;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

export function serve(config: Config): Promise<Running> {
  const origin = originOf(config);
  const identity: HubIdentity = {
    mode: 'production', name: config.ENTENTE_HUB_NAME, nameLocal: config.ENTENTE_HUB_NAME_LOCAL ?? null,
    country: config.ENTENTE_COUNTRY, passkeyOrigin: origin.origin,
    idleMs: config.ENTENTE_SESSION_IDLE * 60_000,
  };
  return start(config, {
    kind: 'production', folder: config.ENTENTE_DATA ?? join('data', 'hub'),
    listen: { address: config.ENTENTE_ADDRESS, port: config.ENTENTE_PORT },
    // The command line speaks to the hub over loopback with a token; browsers come by the origin.
    postureAt: (port) => ({
      hosts: [origin.host, `127.0.0.1:${port}`], origins: [origin.origin], trustedProxies: config.ENTENTE_TRUSTED_PROXIES,
      cookie: { name: '__Host-entente', secure: true }, limits: limitsFrom(config),
      uploadMax: config.ENTENTE_UPLOAD_MAX,
    }),
    log: 'info', hubAt: () => identity, origin: `${origin.host}/ledger`, compose: (world, hub) => compose(world, hub),
    async prepare(_, composition) {
      const link = await firstAdministratorLink(composition.parties, hubOrganisation);
      if (link) say(`Administrator, open this link within 15 minutes; it opens once:\n  ${link}`);
    },
  });
}

export function demo(config: Config): Promise<Running> {
  return start({ ...config, ENTENTE_KEEP_ROWS: 0 }, {
    kind: 'demo', folder: config.ENTENTE_DATA ?? join('data', 'demo'),
    listen: { address: '127.0.0.1', port: config.ENTENTE_PORT },
    postureAt: (port) => ({
      hosts: [`127.0.0.1:${port}`, `localhost:${port}`],
      origins: [`http://127.0.0.1:${port}`, `http://localhost:${port}`], trustedProxies: [],
      cookie: { name: 'entente-demo', secure: false }, limits: limitsFrom(config),
      uploadMax: config.ENTENTE_UPLOAD_MAX,
    }),
    hubAt: (port) => ({
      mode: 'demo', name: 'National Cyber Security Centre', nameLocal: 'Trung tâm An ninh mạng quốc gia', country: 'VN',
      passkeyOrigin: `http://localhost:${port}`,
      idleMs: 12 * 3600_000,
    }),
    log: 'warn', origin: 'demonstration.entente.example/ledger',
    compose: (world, hub) => compose(world, hub, (parties) => [demoRoom(parties)]),
    prepare: (world, composition, door) => loadStory(world, composition.pipeline, door.progress),
  });
}

async function start(config: Config, plan: Plan): Promise<Running> {
  const undo: (() => Promise<void>)[] = [];
  const opened: { door?: HubDoor } = {};
  // The door closes first, so that nobody is let in while the engines go.
  const stop = (): Promise<void> => unwind([...undo, async () => opened.door?.close()]);
  const lost: { report: (reason: string) => void } = { report: () => undefined };
  const died = new Promise<string>((resolve) => { lost.report = resolve; });
  try {
    const folder = await holdFolder(plan.folder, plan.kind, plan.origin);
    undo.push(() => folder.release());
    const web = fileURLToPath(new URL('../web', import.meta.url));
    const door = await openDoor({
      ...plan.listen, files: await filesFrom(web), map: await mapFrom(config), postureAt: plan.postureAt,
    });
    opened.door = door;
    process.stderr.write(`Entente is starting at ${door.address} …\n`);
    const port = Number(new URL(door.address).port || 80);
    await folder.announce(/0\.0\.0\.0|\[::\]/.test(door.address) ? `http://127.0.0.1:${port}` : door.address);
    const { world, close } = await openWorld(config, {
      folder: folder.path, ledger: folder.ledger ?? plan.origin, migrations, onLost: lost.report, strict: true,
      trace: lineTrace(systemClock(), (line) => void process.stderr.write(line), plan.log),
    });
    undo.push(close);
    const composition = plan.compose(world, plan.hubAt(port));
    await asHub('the start', async () => {
      await Promise.all([composition.sequencer.recover(), composition.pipeline.recover()]);
      await refuseOlderThanWitnesses(world);
      await plan.prepare(world, composition, door);
    });
    undo.push(tend(world, composition));
    door.open(composition.app(plan.postureAt(port)));
    return { address: door.address, lost: died, stop };
  } catch (error) {
    await stop();
    throw sentenceFor(error);
  }
}

/**
 * Before anybody can state a fact: records that were put back from a backup, files and all, would sign a second history.
 * Only who stands outside can tell.
 */
async function refuseOlderThanWitnesses(world: World): Promise<void> {
  const ahead = await witnessesAhead({ ...world, policy: world.witnesses ?? null });
  if (!ahead) return;
  throw new StartError(`The witness ${ahead.label} has cosigned ${ahead.size} facts of this ledger and the records have fewer: `
    + 'something was cut off. docs/operations.md says how to get it back.', 65);
}

/** A full disk may be met by any step; it is one sentence wherever it was met. */
function sentenceFor(error: unknown): unknown {
  const text = error instanceof Error ? `${(error as NodeJS.ErrnoException).code ?? ''} ${error.message}` : '';
  return /ENOSPC|No space left/i.test(text)
    ? new StartError('The disk is full: free some space, then start again.', 74, { cause: error }) : error;
}

async function mapFrom(config: Config): Promise<Uint8Array<ArrayBuffer>> {
  const path = config.ENTENTE_MAP ?? fileURLToPath(new URL('../map.json', import.meta.url));
  const bytes = await readFile(path).catch(() => {
    throw new StartError(`The map ${path} cannot be read (ENTENTE_MAP).`, 66);
  });
  try {
    const map = JSON.parse(bytes.toString('utf8')) as { type?: unknown };
    if (map.type !== 'Topology') throw new Error('no topology');
  } catch {
    throw new StartError(`The map ${path} is not TopoJSON (ENTENTE_MAP).`, 65);
  }
  return new Uint8Array(bytes);
}
