/**
 * `entente observe`: what an observer runs on a machine of its own, in its country. It needs no data folder of a hub: its key, a folder for
 * what it was served, and an API token of its organisation; without a network to the hub it writes to a file, which is handed in later.
 */
import { createPrivateKey, sign } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import type { AttestSigner } from '#kit/attest/dsse';
import { manifestFormats, type ManifestFormat } from '#kit/watch/manifest';
import { systemClock, type Clock } from '#world/clock';
import { StartError } from '#world/folder';
import { outboundOver } from '#world/http/client';
import { keptIn } from '../app/observe/kept.ts';
import type { LookParts } from '../app/observe/look.ts';
import { handIn, look, type Handing, type Taken, type WatchedChannel } from '../app/observe/observer.ts';
import { hubAt, HubRefused } from './hub.ts';
import type { Terminal } from './rebuild.ts';

export interface ObserveWords {
  readonly channel: string;
  /** The hub; null writes to `out` alone. */
  readonly hub: string | null;
  readonly url: string | null;
  readonly format: string;
  readonly key: string;
  readonly keyid: string;
  readonly data: string;
  readonly out: string | null;
  /** Null looks once. */
  readonly everySeconds: number | null;
  readonly fileMegabytes: number;
  readonly keepMegabytes: number;
}
interface Outside { readonly allow: readonly string[]; readonly token: string | undefined; readonly signal?: AbortSignal; readonly clock?: Clock }

async function signerFrom(path: string, name: string): Promise<AttestSigner> {
  const pem = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`The key ${path} cannot be read (${error.code}).`, 66, { cause: error });
  });
  const key = await Promise.resolve(pem).then(createPrivateKey).catch(() => null);
  if (key?.asymmetricKeyType !== 'ed25519') throw new StartError(`${path} is no private Ed25519 key in PEM.`, 65);
  return { name, sign: (message) => sign(null, message, key) };
}

function handingOver(hub: ReturnType<typeof hubAt>): Handing {
  return {
    record: (channel, body) => hub.ask<Taken>('POST', `/api/update-channels/${encodeURIComponent(channel)}/observations`, body)
      .catch((error: unknown) => {
        if (error instanceof HubRefused && forGood(error)) return error.message;
        throw error;
      }),
    async addBytes(alarm, body) { await hub.ask('POST', `/api/channel-alarms/${encodeURIComponent(alarm)}/excerpts`, body); },
  };
}

/** A clock can be set, a right be given, a hub come back: then it is asked again. */
const forGood = ({ status, code }: HubRefused): boolean => [400, 404, 409, 413].includes(status) && code !== 'observer.clock-wrong';

/** Address and form as the hub tells them, or as they were given. */
async function channelOf(words: ObserveWords, hub: ReturnType<typeof hubAt> | null): Promise<WatchedChannel> {
  if (words.url !== null) {
    const format = manifestFormats.find((f) => f === words.format);
    if (format === undefined) throw new StartError(`--format is one of ${manifestFormats.join(', ')}.`, 64);
    return { id: words.channel, url: words.url, format };
  }
  if (hub === null) throw new StartError('Without --hub the address of the manifest is given by --url.', 64);
  const { channel } = await hub.ask<{ channel: { url: string; format: ManifestFormat } }>('GET', `/api/update-channels/${encodeURIComponent(words.channel)}`);
  return { id: words.channel, url: channel.url, format: channel.format };
}

/** Exit code 0: nothing was raised; 1: an alarm was. On a schedule it ends with its signal. */
export async function observe(words: ObserveWords, { allow, token, signal, clock = systemClock() }: Outside, { out, err }: Terminal): Promise<number> {
  if (words.hub === null && words.out === null) throw new StartError('Give --hub to hand in, or --out to write to a file.', 64);
  const parts: LookParts = {
    clock, outbound: outboundOver({ policy: { allow: [...allow] } }), fileBytesMax: words.fileMegabytes * 1_000_000,
    kept: await keptIn(words.data, words.keepMegabytes * 1_000_000, clock),
  };
  const [signer, hub] = [await signerFrom(words.key, words.keyid), words.hub === null ? null : hubAt(words.hub, token)];
  const channel = await channelOf(words, hub);
  const state = { alarms: 0 };
  for (;;) {
    const line = await look(parts, channel, signer);
    if (words.out !== null) await appendFile(words.out, `${JSON.stringify(line)}\n`);
    if (hub !== null) {
      await parts.kept.wait(JSON.stringify(line));
      const taken = await handIn(parts, handingOver(hub), err).catch((error: unknown) => {
        // On a schedule a hub that is away is asked again; what waits is on the disk.
        if (words.everySeconds === null || !(error instanceof StartError)) throw error;
        err(error.message);
        return [];
      });
      for (const { number, alarms } of taken) out(alarms.length === 0 ? `${number}: taken` : `${number}: taken; alarms raised: ${alarms.join(', ')}`);
      state.alarms += taken.reduce((n, t) => n + t.alarms.length, 0);
    }
    if (words.everySeconds === null || signal?.aborted) return state.alarms > 0 ? 1 : 0;
    await pause(words.everySeconds * 1000, signal);
    if (signal?.aborted) return state.alarms > 0 ? 1 : 0;
  }
}

const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms);
  signal?.addEventListener('abort', () => {
    clearTimeout(timer);
    resolve();
  }, { once: true });
});

/** Hands in a file that was written without a network. */
export async function handInFile(
  file: string, words: Pick<ObserveWords, 'data' | 'keepMegabytes'> & { readonly hub: string }, { token, clock = systemClock() }: Outside,
  { out, err }: Terminal,
): Promise<number> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`The file ${file} cannot be read (${error.code}).`, 66, { cause: error });
  });
  const kept = await keptIn(words.data, words.keepMegabytes * 1_000_000, clock);
  for (const line of text.split('\n').filter((l) => l.trim() !== '')) await kept.wait(line);
  const taken = await handIn({ kept, clock }, handingOver(hubAt(words.hub, token)), err);
  const alarms = taken.flatMap((t) => t.alarms);
  out(`${taken.length} taken${alarms.length === 0 ? '' : `; alarms raised: ${alarms.join(', ')}`}`);
  return alarms.length > 0 ? 1 : 0;
}
