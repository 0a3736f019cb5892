/**
 * One conversation with another TAXII server: requests with the credential, for the one origin it was given for, and in the dialect
 * that this server is known to understand. A no is a `PeerError` with a stable code and the place; it holds no secret.
 */
import { basicHeader, bearerHeader, shownUrl } from '#kit/asking';
import { OutboundError, type Outbound, type OutboundAnswer } from '#world/http/port';
import type { Auth, Dialect, TroubleCode } from '../model/peers.ts';

/** Why the other side could not be gone on with. */
export class PeerError extends Error {
  override readonly name = 'PeerError';
  readonly code: TroubleCode;
  readonly at: string | null;
  readonly status: number | null;
  /** Milliseconds that the other side asks one to wait. */
  readonly waitMs: number | null;
  constructor(code: TroubleCode, sentence: string, at: string | null, more: ErrorOptions & { status?: number; waitMs?: number | null } = {}) {
    super(sentence, more);
    this.code = code;
    this.at = at;
    this.status = more.status ?? null;
    this.waitMs = more.waitMs ?? null;
  }
}

/** What TAXII 2.1 names, and what servers that misread it want to hear instead. */
export const acceptVariants = [
  'application/taxii+json;version=2.1', 'application/taxii+json; version=2.1', 'application/taxii+json', 'application/json', '*/*',
] as const;

export const plainDialect: Dialect = { accept: 0, slash: true };

export interface SessionParts {
  readonly outbound: Outbound;
  /** Address that the credential was given for. */
  readonly url: string;
  readonly auth: Auth;
  readonly secret: () => string;
  readonly signal?: AbortSignal;
  /** Milliseconds since the epoch, for Retry-After that names a date. */
  readonly now: () => number;
}

export interface Answered extends OutboundAnswer { readonly shown: string }

/** Largest body that is held. */
export const mostBytes = 64 * 1_048_576;
const patienceMs = 60_000;

export class Session {
  /** What was found out about this server; worth remembering. */
  dialect: Dialect;
  private readonly parts: SessionParts;
  private readonly origin: string;

  constructor(parts: SessionParts, dialect: Dialect = plainDialect) {
    this.parts = parts;
    this.origin = new URL(parts.url).origin;
    this.dialect = dialect;
  }

  /** Whether the credential may be said there. */
  isHome(url: string): boolean {
    return URL.canParse(url) && new URL(url).origin === this.origin;
  }

  /**
   * Asks for one resource; throws a PeerError unless the answer is a 200 from the same place. Accept and the slash at the end are tried
   * in other ways once, and what worked is kept.
   */
  async get(url: string, params: Readonly<Record<string, string>> = {}): Promise<Answered> {
    let answer = await this.once('GET', url, params, this.dialect);
    if (answer.status === 406 || answer.status === 415) {
      for (const [accept] of acceptVariants.entries()) {
        if (accept === this.dialect.accept) continue;
        answer = await this.once('GET', url, params, { ...this.dialect, accept });
        if (answer.status === 406 || answer.status === 415) continue;
        this.dialect = { ...this.dialect, accept };
        break;
      }
    } else if (answer.status === 404 && params['next'] === undefined) {
      // A server that knows its addresses only without the slash that the standard wants, or only with it.
      const slash = !this.dialect.slash;
      const other = await this.once('GET', url, params, { ...this.dialect, slash });
      if (other.status !== 404) [answer, this.dialect] = [other, { ...this.dialect, slash }];
    }
    return this.good(answer, 200);
  }

  /** Adds an envelope; the status resource is what is answered. */
  async post(url: string, body: string): Promise<Answered> {
    return this.good(await this.once('POST', url, {}, this.dialect, body), 202);
  }

  private good(answer: Answered, wanted: number): Answered {
    if (!this.isHome(answer.url)) {
      throw new PeerError('peer.elsewhere', `${answer.shown} leads to another host, where the credential is not said.`, answer.shown);
    }
    if (answer.status === wanted || (answer.status >= 200 && answer.status < 300)) return answer;
    throw refused(answer, this.parts.now());
  }

  private async once(
    method: 'GET' | 'POST', url: string, params: Readonly<Record<string, string>>, dialect: Dialect, body?: string,
  ): Promise<Answered> {
    const { outbound, signal } = this.parts;
    if (!this.isHome(url)) throw new PeerError('peer.elsewhere', 'The address is at another host, where the credential is not said.', shownUrl(url));
    const address = new URL(url);
    address.pathname = address.pathname.replace(/\/*$/, dialect.slash ? '/' : '');
    for (const [name, value] of Object.entries(params)) address.searchParams.set(name, value);
    const shown = shownUrl(address.href);
    const credential = this.credential();
    try {
      const answer = await outbound.ask({
        url: address.href, method, bytesMax: mostBytes, patienceMs, ...(signal ? { signal } : {}), ...(body === undefined ? {} : { body }),
        headers: {
          accept: acceptVariants[dialect.accept] ?? acceptVariants[0], ...(credential === null ? {} : { authorization: credential }),
          ...(body === undefined ? {} : { 'content-type': acceptVariants[0] }),
        },
      });
      return { ...answer, shown };
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      throw new PeerError(`peer.${error.reason}`, `${error.message} (${shown})`, shown, { cause: error });
    }
  }

  private credential(): string | null {
    const { auth, secret } = this.parts;
    if (auth.scheme === 'none') return null;
    return auth.scheme === 'bearer' ? bearerHeader(secret()) : basicHeader(auth.user, secret());
  }
}

function refused({ status, shown, headers }: Answered, now: number): PeerError {
  const say = (code: TroubleCode, waitMs: number | null = null): PeerError =>
    new PeerError(code, `${shown} answered ${status}.`, shown, { status, waitMs });
  if (status === 401) return say('peer.credential');
  if (status === 403) return say('peer.not-readable');
  if (status === 404 || status === 410) return say('peer.gone');
  if (status === 406 || status === 415) return say('peer.not-acceptable');
  if (status === 429 || (status === 503 && headers['retry-after'] !== undefined)) return say('peer.busy', waitOf(headers['retry-after'], now));
  return say(status >= 500 ? 'peer.broken' : 'peer.refused');
}

const longestWait = 24 * 3_600_000;

/** Retry-After (RFC 9110, 10.2.3): seconds or a date; a minute where it says neither, a day at most. */
export function waitOf(header: string | undefined, now: number): number {
  const text = (header ?? '').trim();
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 1000), longestWait) : 60_000;
}

/** JSON of an answer, whatever type it says it is of. */
export function jsonOf({ body, shown }: Pick<Answered, 'body' | 'shown'>): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch (error) {
    throw new PeerError('peer.unreadable', `${shown} is not JSON.`, shown, { cause: error });
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new PeerError('peer.unreadable', `${shown} is no resource of TAXII.`, shown);
  return value as Readonly<Record<string, unknown>>;
}
