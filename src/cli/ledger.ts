/**
 * `entente ledger export` writes the bundle that `entente verify` checks; `entente ledger policy` prints the policy line of
 * this log, to be handed to verifiers by another way than the bundle.
 */
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError, holderOf, holdFolder, kindOf } from '#world/folder';
import { lineTrace } from '#world/trace';
import { systemClock } from '#world/clock';
import { formatVkey } from '#kit/note/note';
import { bundleFor, createSequencer } from '#modules/ledger/index';
import { hubOrganisation, migrations } from '../app/compose.ts';
import type { Config } from '../app/config.ts';
import { openWorld, type World } from '../app/world.ts';
import { hubAt, type Hub } from './hub.ts';

/** Writes the bundle for the hub's organisation (or, over a running hub, for the token's) to `out`. */
export async function exportLedger(out: string, config: Config): Promise<void> {
  await withLog(config, async (log) => {
    const bytes = 'ask' in log ? await log.bytes('/api/ledger/bundle') : await bundleFor(log, { org: hubOrganisation });
    const size = await write(out, bytes);
    process.stdout.write(`${out}: ${size.toLocaleString('en')} bytes. Check it with: entente verify ${out} --policy FILE\n`);
  });
}

export async function printPolicy(config: Config): Promise<void> {
  await withLog(config, async (log) => {
    const vkey = 'ask' in log ? (await log.ask<{ vkey: string }>('GET', '/api/ledger/status')).vkey : formatVkey(log.signer.key);
    process.stdout.write(`log ${vkey}\nquorum none\n`);
  });
}

/** Beside, flushed, renamed: `out` is whole or not there. */
async function write(out: string, bytes: AsyncIterable<Uint8Array>): Promise<number> {
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

async function withLog(config: Config, work: (log: Hub | World) => Promise<void>): Promise<void> {
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
      await createSequencer({ ...world, onFault: () => undefined }).recover();
      await work(world);
    } finally {
      await close();
    }
  } finally {
    await held.release();
  }
}
