/**
 * `entente push FILE`: sends a file to a hub of somebody else, signed with one's own key (docs/specs/push.md). It is what a
 * provider runs; it needs no data folder. The file is read twice: once for its digest, once to be sent.
 */
import { createHash, createPrivateKey, sign, type KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { toSign } from '#kit/signature/profile';
import { StartError } from '#world/folder';
import { systemClock, type Clock } from '#world/clock';
import { hubAt } from './hub.ts';

export interface PushRequest {
  readonly file: string;
  /** Address of the feed, `https://hub.example/api/feeds/NAME`. */
  readonly feed: string;
  readonly key: string;
  readonly keyid: string;
  readonly type: string | null;
  readonly contentType: string;
}
interface Last { phase?: string; batch?: { counts?: Record<string, number> }; failure?: string; problem?: { title: string } }

async function keyFrom(path: string): Promise<KeyObject> {
  const pem = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`The key ${path} cannot be read (${error.code}).`, 66, { cause: error });
  });
  const key = await Promise.resolve(pem).then(createPrivateKey).catch(() => null);
  if (key?.asymmetricKeyType !== 'ed25519') throw new StartError(`${path} is no private Ed25519 key in PEM.`, 65);
  return key;
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const piece of createReadStream(file)) hash.update(piece as Uint8Array);
  } catch (error) {
    throw new StartError(`The file ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`, 66, { cause: error });
  }
  return hash.digest('base64');
}

/** The fields of a signed upload. */
export function signedHeaders(
  url: URL, digest: string, contentType: string, key: KeyObject, how: { keyid: string; now: number },
): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': contentType, 'content-digest': `sha-256=:${digest}:` };
  const created = Math.floor(how.now / 1000);
  const { input, base } = toSign(
    { method: 'POST', url, header: (name) => headers[name] ?? null }, { keyid: how.keyid, created, expires: created + 300 },
  );
  headers['signature-input'] = `push=${input}`;
  headers['signature'] = `push=:${sign(null, Buffer.from(base), key).toString('base64')}:`;
  return headers;
}

/** Answers the exit code. */
export async function push(request: PushRequest, token: string | undefined, clock: Clock = systemClock()): Promise<number> {
  if (!URL.canParse(request.feed)) throw new StartError('--to is the address of a feed, https://hub.example/api/feeds/NAME.', 64);
  if (token === undefined) throw new StartError('The hub takes files with an API token only; give it in ENTENTE_TOKEN.', 77);
  const key = await keyFrom(request.key);
  const digest = await digestOf(request.file);
  const url = new URL(`${request.feed.replace(/\/$/, '')}/batches`);
  url.search = new URLSearchParams({ file: basename(request.file), ...(request.type === null ? {} : { type: request.type }) }).toString();
  const headers = signedHeaders(url, digest, request.contentType, key, { keyid: request.keyid, now: clock.now() });
  const last: { line: Last } = { line: {} };
  await hubAt(url.origin, token).stream(
    `${url.pathname}${url.search}`, () => createReadStream(request.file), (line) => { last.line = JSON.parse(line) as Last; }, headers,
  );
  const { batch, problem, failure } = last.line;
  if (last.line.phase !== 'done') throw new StartError(problem?.title ?? `The hub did not take it: ${failure ?? 'it said nothing'}.`, 70);
  const { read = 0, stored = 0, duplicate = 0, quarantined = 0 } = batch?.counts ?? {};
  process.stdout.write(`${basename(request.file)}: read ${read} = stored ${stored} + duplicate ${duplicate} + quarantined ${quarantined}\n`);
  return 0;
}
