/**
 * What all clients of sources share: what they are handed, what they give out, and how they say no. A client looks for files and
 * gives them out one by one, each with what is to be remembered once it was taken; it stores nothing itself. If we crash between
 * taking and remembering, the file is taken again, and its rows are known.
 */
import { basicHeader, bearerHeader, shownUrl } from '#kit/asking';
import type { Outbound, OutboundStream } from '#world/http/port';
import { OutboundError } from '#world/http/port';
import type { Inbox } from '#world/inbox/port';
import type { Mailboxes } from '#world/mailboxes/port';
import type { Objects } from '#world/objects/port';
import type { Auth, SecretName } from '../model.ts';

export interface Looking {
  readonly outbound: Outbound;
  /** Null where the operator has set none. */
  readonly inbox: Inbox | null;
  readonly mailboxes: Mailboxes;
  readonly objects: Objects;
  /** Whose source it is. */
  readonly org: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How long the provider keeps what was not fetched. */
  readonly windowMs: number;
  /** What this client remembered last; `{}` at first. */
  readonly cursor: Readonly<Record<string, unknown>>;
  /** What was remembered by key, of these keys. */
  readonly seen: (keys: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  readonly secret: (name: SecretName) => string;
  /** Largest file. */
  readonly bytesMax: number;
  readonly signal: AbortSignal;
}

export interface Remembered {
  /** In the place of the last one. */
  readonly cursor?: Readonly<Record<string, unknown>>;
  /** Key and mark, beside those before. */
  readonly seen?: readonly (readonly [key: string, mark: string])[];
}

export interface FileStep {
  readonly kind: 'file';
  readonly name: string;
  /** Where it lies, for people: an address without its query, a letter, a path. */
  readonly at: string;
  open(): Promise<AsyncIterable<Uint8Array>>;
  readonly remember: Remembered;
  /** Once it was taken, or passed over for good, and that was remembered. */
  after?(taken: boolean): Promise<void>;
}
/** Nothing to take, but something to remember. */
export interface NoteStep { readonly kind: 'note'; readonly remember: Remembered }
export type Step = FileStep | NoteStep;

/** The other side's no, or the place's. `lasting`: it is this file's, for good, and the next one may do. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly code: string;
  readonly at: string | null;
  readonly lasting: boolean;
  constructor(code: string, sentence: string, at: string | null, options: ErrorOptions & { lasting?: boolean } = {}) {
    super(sentence, options);
    this.code = code;
    this.at = at;
    this.lasting = options.lasting ?? false;
  }
}

export function authHeaders(auth: Auth, secret: (name: SecretName) => string): Record<string, string> {
  switch (auth.scheme) {
    case 'none': return {};
    case 'bearer': return { authorization: bearerHeader(secret('secret')) };
    case 'basic': return { authorization: basicHeader(auth.user, secret('secret')) };
    case 'header': return { [auth.header.toLowerCase()]: secret('secret') };
  }
}

/** Waits half a minute for an answer to begin, and for each silence in it. */
const patienceMs = 30_000;

/** Without `bytesMax` the run bounds what comes, and refuses a file that is too long so that nothing of it stays. */
export interface Asked { readonly headers?: Readonly<Record<string, string>>; readonly body?: string; readonly bytesMax?: number }

/** Opens an address; a no of the network or of our own rules names the place. */
export async function openUrl(looking: Looking, url: string, { headers = {}, body, bytesMax }: Asked = {}): Promise<OutboundStream> {
  const at = shownUrl(url);
  try {
    const stream = await looking.outbound.open({
      url, headers, bytesMax: bytesMax ?? Number.MAX_SAFE_INTEGER, patienceMs, signal: looking.signal,
      ...(body === undefined ? {} : { method: 'POST' as const, body }),
    });
    return { ...stream, body: placed(stream.body, at) };
  } catch (error) {
    throw outboundNo(error, at);
  }
}

const outboundNo = (error: unknown, at: string): unknown => (error instanceof OutboundError
  ? new SourceError(`feed-source.${error.reason}`, `${error.message} (${at})`, at, { cause: error, lasting: error.reason === 'too-large' }) : error);

async function* placed(body: AsyncIterable<Uint8Array>, at: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw outboundNo(error, at);
  }
}

/** The bytes of an answer that is a file; its no as a SourceError: 404 and 410 are the file's own, and lasting where `lasting`. */
export function bodyOf(stream: OutboundStream, { lasting = false } = {}): AsyncIterable<Uint8Array> {
  if (stream.status === 200) return stream.body;
  stream.cancel();
  const at = shownUrl(stream.url);
  const gone = stream.status === 404 || stream.status === 410;
  throw new SourceError(`feed-source.${gone ? 'gone' : stream.status === 401 || stream.status === 403 ? 'denied' : 'status'}`,
    `${at} answered ${stream.status}.`, at, { lasting: lasting && gone });
}

/** The whole text of an answer, where it is small enough to be looked into. */
export async function textOf(looking: Looking, url: string, asked: Asked): Promise<{ text: string; stream: OutboundStream }> {
  const stream = await openUrl(looking, url, asked);
  const pieces: Uint8Array[] = [];
  for await (const piece of bodyOf(stream)) pieces.push(piece);
  return { text: new TextDecoder().decode(Buffer.concat(pieces)), stream };
}

/** JSON of an answer, or a SourceError that names the place. */
export function jsonOf(text: string, at: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new SourceError('feed-source.unreadable', `${at} is not JSON.`, at, { cause: error });
  }
}
