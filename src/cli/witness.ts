/** `entente witness`: runs a witness until it is stopped. Its keys and what it has cosigned stand in its own data folder. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { nodeVerifying } from '#kit/hash/node';
import { formatVkey, isKeyName } from '#kit/note/note';
import { PolicyError, parsePolicy } from '#kit/note/policy';
import type { Policy } from '#kit/note/policy';
import { fileBlobs } from '#world/blobs/files';
import { systemClock } from '#world/clock';
import { StartError, tryLock } from '#world/folder';
import { fileKeys } from '#world/keys/files';
import { systemRandom } from '#world/random';
import { lineTrace } from '#world/trace';
import { openWitness, witnessKeys } from '../app/witness.ts';

export interface WitnessOptions {
  readonly name: string;
  readonly policy: string;
  readonly data: string;
  readonly address: string;
  readonly port: number;
}

/** A policy file, or one sentence why it cannot be read. */
export async function policyAt(path: string): Promise<Policy> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`The policy ${path} cannot be read (${error.code}).`, 66, { cause: error });
  });
  return parsePolicy(nodeVerifying, bytes).catch((error: unknown) => {
    if (error instanceof PolicyError) throw new StartError(`${path}: ${error.message}.`, 65, { cause: error });
    throw error;
  });
}

/** Takes a folder that is no hub's for one process; a second one is refused. */
export async function holdPlainFolder(path: string): Promise<string> {
  const folder = resolve(path);
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`The folder ${path} cannot be made (${error.code}).`, 73, { cause: error });
  });
  if (!await tryLock(`${folder}#ledger`)) throw new StartError(`The folder ${path} is in use by another process.`, 75);
  return folder;
}

/** Resolves with the signal that asks to stop. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((end) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => end(name));
  });
}

export async function witness(options: WitnessOptions, say: (line: string) => void): Promise<void> {
  if (!isKeyName(options.name)) throw new StartError('--name is a key name: no spaces, no plus, for example witness.example/w1.', 64);
  const policy = await policyAt(options.policy);
  if (policy.logs.length === 0) throw new StartError(`${options.policy} names no log to witness.`, 65);
  const folder = await holdPlainFolder(options.data);
  const [clock, random] = [systemClock(), systemRandom()];
  const cosigners = await witnessKeys(await fileKeys(join(folder, 'keys'), random), options.name);
  const running = await openWitness({
    blobs: await fileBlobs(join(folder, 'blobs'), random), clock, policy, cosigners,
    trace: lineTrace(clock, (line) => void process.stderr.write(line)),
  }, options);
  // For the hub's policy: one line a key, with the address to ask.
  for (const [i, { key }] of cosigners.entries()) say(`witness w${i + 1} ${formatVkey(key)} ${running.address}`);
  say(`The witness ${options.name} is ready at ${running.address}`);
  await untilSignal();
  await running.close();
}
