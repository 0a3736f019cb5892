/**
 * `entente ledger export` writes the bundle that `entente verify` checks; `entente ledger policy` prints the policy line of
 * this log, to be handed to verifiers by another way than the bundle; `entente ledger fsck` checks all of it anew.
 */
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError, holderOf, holdFolder, kindOf } from '#world/folder';
import { lineTrace } from '#world/trace';
import { systemClock } from '#world/clock';
import { toUtf8 } from '#kit/encoding';
import { formatVkey } from '#kit/note/note';
import type { Queryable } from '#world/db/port';
import { outboundOver } from '#world/http/client';
import {
  LogFault, bundleFor, checkDay, checkObjects, checkRecords, createSequencer, objectsAmong, objectsAt, sampleFor,
} from '#modules/ledger/index';
import type { ReadObject } from '#modules/ledger/index';
import { hubOrganisation, migrations } from '../app/compose.ts';
import type { Config } from '../app/config.ts';
import { openWorld, type World } from '../app/world.ts';
import { hubAt, type Hub } from './hub.ts';
import { decidedOpened } from './verify.ts';
import { policyAt } from './witness.ts';

/** Writes the bundle for the hub's organisation (or, over a running hub, for the token's) to `out`. */
export async function exportLedger(out: string, config: Config): Promise<void> {
  await withLog(config, async (log) => {
    const bytes = 'ask' in log ? await log.bytes('/api/ledger/bundle') : await bundleFor(log, { org: hubOrganisation });
    const size = await write(out, bytes);
    process.stdout.write(`${out}: ${size.toLocaleString('en')} bytes. Check it with: entente verify ${out} --policy FILE\n`);
  });
}

/** Writes a sample of the ledger, drawn by its checkpoint, opened for the hub's organisation (or the token's). */
export async function sampleLedger(count: number, out: string, config: Config): Promise<void> {
  await withLog(config, async (log) => {
    const bytes = 'ask' in log ? await log.bytes(`/api/ledger/sample?count=${count}`)
      : [toUtf8(await sampleFor(log, { org: hubOrganisation }, count))];
    await write(out, bytes);
    process.stdout.write(`${out}: check it with: entente verify ${out} --policy FILE\n`);
  });
}

/** 0 verified, 1 failed, 2 not decided. */
export async function checkSample(path: string, policyPath: string, say: (line: string) => void): Promise<0 | 1 | 2> {
  const policy = await policyAt(policyPath);
  const decided = await decidedOpened(path, policy).catch((error: NodeJS.ErrnoException) => {
    throw error.code === undefined ? error : new StartError(`${path} cannot be read (${error.code}).`, 66, { cause: error });
  });
  say(decided?.line ?? `${path}: FAILED: no facts that were opened.`);
  return (decided?.exit ?? 1) as 0 | 1 | 2;
}

/** Counts a day's signed totals again, from a log that is read for it. 0 they hold, 1 not. */
export async function checkDayOf(path: string, request: FsckRequest, say: (line: string) => void): Promise<0 | 1> {
  const read = objectsElsewhere(request);
  if (!read || request.policy === null) throw new StartError('Say where the log is: --url or --folder; and whom to trust: --policy.', 64);
  const policy = await policyAt(request.policy);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`${path} cannot be read (${error.code}).`, 66, { cause: error });
  });
  try {
    const { day, leaves } = await checkDay(bytes, read, policy);
    say(`${path}: verified. ${day.origin} took in ${leaves} facts up to the end of ${day.day}.`);
    return 0;
  } catch (error) {
    if (!(error instanceof LogFault)) throw error;
    say(`${path}: WRONG at ${error.place}: ${error.why}.`);
    return 1;
  }
}

export async function printPolicy(config: Config): Promise<void> {
  await withLog(config, async (log) => {
    const vkey = 'ask' in log ? (await log.ask<{ vkey: string }>('GET', '/api/ledger/status')).vkey : formatVkey(log.signer.key);
    process.stdout.write(`log ${vkey}\nquorum none\n`);
  });
}

export interface FsckRequest {
  readonly folder: string | null;
  readonly url: string | null;
  readonly policy: string | null;
}

/**
 * Checks a copy, a log behind an address, or this hub's own: then the records as well. 0 whole, 1 not, and says where.
 */
export async function fsck(request: FsckRequest, config: Config, say: (line: string) => void): Promise<number> {
  const policy = request.policy === null ? null : await policyAt(request.policy);
  const judged = async (read: ReadObject, records: Queryable | null): Promise<number> => {
    try {
      const { origin, size, signedBy } = await checkObjects(read, policy);
      say(`${origin}: ${size} entries, their tiles and root are whole; ${signedBy ? `signed by ${signedBy.join(', ')}` : 'signatures not judged'}.`);
      if (!records) return 0;
      const { size: recorded, openings } = await checkRecords(records, read);
      say(`The records of ${recorded} facts agree with it; ${openings} have their opening.`);
      return 0;
    } catch (error) {
      if (!(error instanceof LogFault)) throw error;
      say(`WRONG at ${error.place}: ${error.why}.`);
      return 1;
    }
  };
  const elsewhere = objectsElsewhere(request);
  if (elsewhere) return judged(elsewhere, null);
  const result = { code: 0 };
  await withLog(config, async (log) => {
    if ('ask' in log) throw new StartError('A hub holds the data folder; stop it, or check what it publishes with --url.', 75);
    result.code = await judged(objectsAmong(log.blobs), log.db);
  }, true);
  return result.code;
}

/** The published objects that the words name, or null where they are this hub's own. */
export function objectsElsewhere({ folder, url }: Pick<FsckRequest, 'folder' | 'url'>): ReadObject | null {
  if (folder !== null && url !== null) throw new StartError('--folder or --url, not both.', 64);
  if (folder !== null) return objectsIn(folder);
  if (url === null) return null;
  if (!URL.canParse(url)) throw new StartError('--url is the address of a log: https://hub.example/ledger.', 64);
  // Named by whoever runs the command, so it may be in one's own networks.
  const { hostname, port, protocol } = new URL(url);
  const allow = [`${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`];
  return objectsAt(outboundOver({ policy: { allow } }), url);
}

/** Reads a folder without opening it as a store: nothing in it is made or removed. */
function objectsIn(folder: string): ReadObject {
  const roots = [join(folder, 'blobs', 'objects', 'ledger'), join(folder, 'objects', 'ledger')];
  return async (path) => {
    for (const root of roots) {
      const bytes = await readFile(join(root, path)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
        throw new StartError(`${join(root, path)} cannot be read (${error.code}).`, 66, { cause: error });
      });
      if (bytes) return bytes;
    }
    return null;
  };
}

/** Beside, flushed, renamed: `out` is whole or not there. */
async function write(out: string, bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<number> {
  const draft = `${out}.part`;
  const file = await open(draft, 'w').catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`${out} cannot be written (${error.code}).`, 73, { cause: error });
  });
  const size = { bytes: 0 };
  try {
    for await (const piece of bytes) {
      await file.writeFile(piece);
      size.bytes += piece.length;
    }
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(draft, { force: true });
    throw error;
  }
  await file.close();
  await rename(draft, out);
  return size.bytes;
}

/** `asIs` leaves the published log as it stands; else what a crash left is finished first. */
export async function withLog(config: Config, work: (log: Hub | World) => Promise<void>, asIs = false): Promise<void> {
  const folder = config.ENTENTE_DATA ?? join('data', 'hub');
  const kind = await kindOf(folder);
  if (kind === null) throw new StartError(`There is no hub’s data folder at ${folder} (ENTENTE_DATA).`, 66);
  const held = await holdFolder(folder, kind).catch(async (error: unknown) => {
    const holder = error instanceof StartError && error.exitCode === 75 ? await holderOf(folder) : null;
    if (holder?.address) return hubAt(holder.address, config.ENTENTE_TOKEN);
    throw error;
  });
  if (!('release' in held)) return work(held);
  try {
    if (held.ledger === null) throw new StartError(`The ledger of ${folder} has no name yet: start the hub once.`, 65);
    const { world, close } = await openWorld(config, {
      folder: held.path, ledger: held.ledger, migrations, trace: lineTrace(systemClock(), () => undefined),
      onLost: () => undefined,
    });
    try {
      if (!asIs) await createSequencer({ ...world, onFault: () => undefined }).recover();
      await work(world);
    } finally {
      await close();
    }
  } finally {
    await held.release();
  }
}
