/**
 * `entente mirror`: keeps a verified copy of another hub's log and serves it, and `entente ledger import` brings the copy on
 * from a bundle where there is no network. A log that shrinks, forks or is not signed as the policy says ends it with exit
 * code 1, and `status.json` in the folder says why.
 */
import { createReadStream } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeDigest, nodeTreeHash, nodeVerifying } from '#kit/hash/node';
import { verifyBundle } from '#kit/bundle/verify';
import { isKeyName } from '#kit/note/note';
import { MirrorRefusal, bundleLeaves, heldLog, mirrorFrom, mirrorOnce, objectsAt } from '#modules/ledger/index';
import type { MirrorParts, Mirrored } from '#modules/ledger/index';
import { fileBlobs } from '#world/blobs/files';
import { systemClock } from '#world/clock';
import { StartError } from '#world/folder';
import { outboundOver } from '#world/http/client';
import { OutboundError } from '#world/http/port';
import { fileKeys } from '#world/keys/files';
import { systemRandom } from '#world/random';
import { openMirror } from '../app/mirror.ts';
import { witnessKeys } from '../app/witness.ts';
import { holdPlainFolder, policyAt, untilSignal } from './witness.ts';

export interface MirrorOptions {
  readonly url: string;
  readonly policy: string;
  readonly data: string;
  readonly once: boolean;
  readonly everySeconds: number;
  /** Null: the copy is not served. */
  readonly port: number | null;
  readonly address: string;
  /** Key name with which the copy cosigns; null for not. */
  readonly cosign: string | null;
}

type Say = (line: string) => void;

interface Status {
  readonly at: string;
  readonly verdict: 'current' | 'unreachable' | MirrorRefusal['why'];
  readonly why: string | null;
  readonly origin: string | null;
  readonly size: number;
}

async function open(data: string, policyPath: string, cosign: string | null): Promise<{ parts: MirrorParts; folder: string }> {
  if (cosign !== null && !isKeyName(cosign)) throw new StartError('--cosign is a key name: no spaces, no plus.', 64);
  const policy = await policyAt(policyPath);
  const folder = await holdPlainFolder(data);
  const random = systemRandom();
  const cosigners = cosign === null ? [] : await witnessKeys(await fileKeys(join(folder, 'keys'), random), cosign);
  return { folder, parts: { blobs: await fileBlobs(join(folder, 'blobs'), random), clock: systemClock(), policy, cosigners } };
}

/** Beside and renamed: whoever watches the file sees one state or the next. */
async function note(folder: string, status: Status): Promise<void> {
  await writeFile(join(folder, 'status.json.part'), `${JSON.stringify(status)}\n`, { flush: true });
  await rename(join(folder, 'status.json.part'), join(folder, 'status.json'));
}

/** One step with its line in the status file; 0 done, 1 refused, 69 nobody answers. */
async function attempt(folder: string, parts: MirrorParts, step: () => Promise<Mirrored>, say: Say): Promise<{ code: 0 | 1 | 69; status: Status }> {
  const log = await heldLog(parts.blobs);
  const held = { at: parts.clock.iso(), origin: log?.checkpoint.origin ?? null, size: log?.checkpoint.size ?? 0 };
  try {
    const { origin, size, grown } = await step();
    const status: Status = { ...held, origin, size, verdict: 'current', why: null };
    await note(folder, status);
    say(`${origin}: ${size} leaves, ${grown} of them new.`);
    return { code: 0, status };
  } catch (error) {
    if (!(error instanceof MirrorRefusal) && !(error instanceof OutboundError)) throw error;
    const refused = error instanceof MirrorRefusal;
    const status: Status = { ...held, verdict: refused ? error.why : 'unreachable', why: error.message };
    await note(folder, status);
    say(refused ? `REFUSED (${error.why}): ${error.message}.` : `Nobody answers: ${error.message}`);
    return { code: refused ? 1 : 69, status };
  }
}

export async function mirror(options: MirrorOptions, say: Say): Promise<number> {
  const url = URL.canParse(options.url) ? new URL(options.url) : null;
  if (!url) throw new StartError('--url is the address of a log: https://hub.example/ledger.', 64);
  const { parts, folder } = await open(options.data, options.policy, options.cosign);
  // Named by whoever runs this command, so it may be in one's own networks.
  const host = `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
  const read = objectsAt(outboundOver({ policy: { allow: [host] } }), url.href);
  const now: { status: Status | null } = { status: null };
  const door = options.port === null ? null : await openMirror(parts.blobs, () => `${JSON.stringify(now.status)}\n`, {
    address: options.address, port: options.port,
  });
  if (door) say(`The copy is served at ${door.address}`);
  const stop = untilSignal();
  try {
    for (;;) {
      const { code, status } = await attempt(folder, parts, () => mirrorOnce(parts, read), say);
      now.status = status;
      // What was served broken may be mended, and a machine may be away; a fork or a rollback is for a person.
      if (options.once || status.verdict === 'fork' || status.verdict === 'rollback' || status.verdict === 'unsigned') return code;
      const signal = await Promise.race([stop, new Promise<null>((resolve) => setTimeout(() => resolve(null), options.everySeconds * 1000))]);
      if (signal) return 0;
    }
  } finally {
    await door?.close();
  }
}

/** Verifies the bundle, then brings the copy on by its leaves. The same bundle twice is once. */
export async function importBundle(options: { bundle: string; policy: string; data: string }, say: Say): Promise<number> {
  const { parts, folder } = await open(options.data, options.policy, null);
  const stream = () => createReadStream(options.bundle, { highWaterMark: 1024 * 1024 });
  const verifier = { tree: nodeTreeHash, verifying: nodeVerifying, digest: nodeDigest };
  const verdict = await verifyBundle(stream(), parts.policy, verifier).catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`${options.bundle} cannot be read (${error.code ?? error.message}).`, 66, { cause: error });
  });
  if (verdict.verdict !== 'verified') {
    const where = verdict.verdict === 'failed' ? ` at ${verdict.place.what}, byte ${verdict.place.offset}` : '';
    say(`${options.bundle}: not taken in${where}: ${verdict.why}.`);
    return verdict.verdict === 'failed' ? 1 : 2;
  }
  const { checkpoint, leaves } = await bundleLeaves(stream);
  const { code } = await attempt(folder, parts, () => mirrorFrom(parts, checkpoint, leaves), say);
  return code;
}
