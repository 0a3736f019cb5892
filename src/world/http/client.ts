/**
 * Outbound HTTP over node's own client. A name is resolved once, what it leads to is judged, and the connection goes to
 * exactly the address that was judged, so that an answer of DNS that changes in between changes nothing. Each redirect is
 * a new address and judged like the first.
 */
import { lookup } from 'node:dns/promises';
import { request as plainRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { LookupFunction, Socket } from 'node:net';
import ipaddr from 'ipaddr.js';
import { OutboundError, type Outbound, type OutboundRequest } from './port.ts';
import { judgeAddresses, mailPorts, targetOf, type OutboundPolicy, type Target } from './rules.ts';

/** All addresses of a name, as the system says. */
export type Resolve = (host: string) => Promise<readonly string[]>;

const systemResolve: Resolve = async (host) => (await lookup(host, { all: true, verbatim: true })).map((a) => a.address);

export interface OutboundParts {
  readonly policy: OutboundPolicy;
  readonly resolve?: Resolve;
  /** What the client says it is. */
  readonly agent?: string;
  /** Judges what a name leads to; tests listen on this machine only. */
  readonly judge?: typeof judgeAddresses;
  /** PEM of a certificate authority to trust beside the public ones: for tests. */
  readonly ca?: string;
}

const redirects = new Set([301, 302, 303, 307, 308]);
/** What may follow to another origin: a key may stand in any other header. */
const harmless = new Set(['accept', 'accept-language', 'user-agent', 'content-type', 'if-none-match', 'if-modified-since', 'range']);
const own = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade', 'accept-encoding']);

export function outboundOver(parts: OutboundParts): Outbound {
  return {
    async ask(request) {
      const patience = AbortSignal.timeout(request.patienceMs ?? 15_000);
      const signal = request.signal ? AbortSignal.any([patience, request.signal]) : patience;
      try {
        const { message, url } = await follow(parts, request, signal);
        return { ...headOf(message), body: await bodyOf(message, request.bytesMax ?? 1_000_000), url };
      } catch (error) {
        throw named(error, patience, request);
      }
    },
    async open(request) {
      const silence = silenceOf(request.patienceMs ?? 15_000);
      const signal = request.signal ? AbortSignal.any([silence.signal, request.signal]) : silence.signal;
      try {
        const { message, url } = await follow(parts, request, signal);
        // Nobody may ever read it: then its end is nobody's fault.
        message.on('error', () => undefined);
        const cancel = (): void => {
          silence.stop();
          message.destroy();
        };
        return { ...headOf(message), url, body: streamed(message, request, silence), cancel };
      } catch (error) {
        silence.stop();
        throw named(error, silence.signal, request);
      }
    },
    async locate(host, port) {
      const target = targetOf(`https://${host.includes(':') ? `[${host}]` : host}:${port}/`, parts.policy, mailPorts);
      const addresses = target.literal ? [target.host] : await (parts.resolve ?? systemResolve)(target.host).catch((error: unknown) => {
        throw new OutboundError('unreachable', 'The other side could not be reached.', { cause: error });
      });
      (parts.judge ?? judgeAddresses)(target, addresses);
      return addresses[0] as string;
    },
  };
}

function named(error: unknown, patience: AbortSignal, request: OutboundRequest): OutboundError {
  if (patience.aborted) return new OutboundError('too-slow', 'The other side took too long.', { cause: error });
  if (request.signal?.aborted) return new OutboundError('stopped', 'The question was taken back.', { cause: error });
  return error instanceof OutboundError ? error : new OutboundError('unreachable', 'The other side could not be reached.', { cause: error });
}

interface Silence { readonly signal: AbortSignal; begin(): void; stop(): void }

/** A patience that is counted only while one waits for the other side, and anew each time. */
function silenceOf(ms: number): Silence {
  const control = new AbortController();
  const state: { timer?: ReturnType<typeof setTimeout> } = {};
  const stop = (): void => clearTimeout(state.timer);
  const begin = (): void => {
    stop();
    state.timer = setTimeout(() => control.abort(), ms);
  };
  begin();
  return { signal: control.signal, begin, stop };
}

async function* streamed(message: IncomingMessage, request: OutboundRequest, silence: Silence): AsyncGenerator<Uint8Array> {
  const most = request.bytesMax ?? 1_000_000;
  let size = 0;
  try {
    silence.begin();
    for await (const piece of message as AsyncIterable<Uint8Array>) {
      silence.stop();
      size += piece.length;
      if (size > most) throw new OutboundError('too-large', `The answer is larger than ${most} bytes.`);
      yield piece;
      silence.begin();
    }
    if (!message.complete) throw new OutboundError('unreachable', 'The answer broke off.');
  } catch (error) {
    throw named(error, silence.signal, request);
  } finally {
    silence.stop();
    message.destroy();
  }
}

const headOf = (message: IncomingMessage): { status: number; headers: Record<string, string> } =>
  ({ status: message.statusCode ?? 0, headers: headersOf(message) });

interface Followed { readonly message: IncomingMessage; readonly url: string }

async function follow(parts: OutboundParts, request: OutboundRequest, signal: AbortSignal): Promise<Followed> {
  const most = Math.min(request.redirectsMax ?? 5, 5);
  const first = targetOf(request.url, parts.policy);
  let target = first;
  for (let hop = 0; ; hop++) {
    const message = await once(parts, request, target, target.url.origin === first.url.origin, signal);
    const to = redirects.has(message.statusCode ?? 0) ? message.headers['location'] : undefined;
    const mayFollow = (request.method ?? 'GET') === 'GET' || request.method === 'HEAD';
    if (to === undefined || !mayFollow || most === 0) return { message, url: target.url.href };
    message.on('error', () => undefined).destroy();
    if (hop >= most) throw new OutboundError('redirect', 'The other side redirects without end.');
    // Resolved against the present address as RFC 9110 says; what is written in full must be plain by itself.
    const next = /^[a-z][a-z0-9+.-]*:/i.test(to) || to.startsWith('//')
      ? targetOf(to.startsWith('//') ? `${target.url.protocol}${to}` : to, parts.policy)
      : targetOf(new URL(to, target.url).href, parts.policy);
    if (target.url.protocol === 'https:' && next.url.protocol === 'http:') {
      throw new OutboundError('redirect', 'The other side redirects from https to http.');
    }
    target = next;
  }
}

async function once(
  parts: OutboundParts, request: OutboundRequest, target: Target, sameOrigin: boolean, signal: AbortSignal,
): Promise<IncomingMessage> {
  const addresses = target.literal ? [target.host] : await unlessStopped((parts.resolve ?? systemResolve)(target.host), signal);
  (parts.judge ?? judgeAddresses)(target, addresses);
  return send(parts, request, target, addresses, sameOrigin, signal);
}

/** The system's resolver cannot be stopped; its answer is no longer waited for. */
function unlessStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new Error('stopped'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

function send(
  parts: OutboundParts, request: OutboundRequest, target: Target, addresses: readonly string[], sameOrigin: boolean,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const given = Object.entries(request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !own.has(name) && (sameOrigin || harmless.has(name)));
  const body = request.body === undefined ? null : Buffer.from(request.body);
  const options: RequestOptions & { ca?: string } = {
    protocol: target.url.protocol, host: target.host, port: target.port, path: `${target.url.pathname}${target.url.search}`,
    method: request.method ?? 'GET', agent: false, signal, maxHeaderSize: 16_384, lookup: exactly(addresses),
    headers: {
      'user-agent': parts.agent ?? 'entente', accept: '*/*', ...Object.fromEntries(given), host: target.url.host,
      // Nothing packed comes in, so nothing can burst when it is unpacked.
      'accept-encoding': 'identity', connection: 'close', ...(body === null ? {} : { 'content-length': String(body.length) }),
    },
    ...(parts.ca === undefined ? {} : { ca: parts.ca }),
  };
  return new Promise((resolve, reject) => {
    const open = (target.url.protocol === 'https:' ? tlsRequest : plainRequest)(options, resolve);
    open.on('error', reject);
    open.on('socket', (socket: Socket) => socket.once('connect', () => {
      // Whatever stands between: the peer must be one of those that were judged.
      if (!addresses.some((address) => same(address, socket.remoteAddress))) {
        open.destroy(new OutboundError('blocked', 'The connection led to another address than the name.'));
      }
    }));
    open.end(body ?? undefined);
  });
}

/** The names are resolved already: whoever asks gets what was judged. */
function exactly(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  return (_, options, done) => {
    if (options.all) done(null, all);
    else done(null, all[0]?.address ?? '', all[0]?.family);
  };
}

function same(one: string, other: string | undefined): boolean {
  if (other === undefined || !ipaddr.isValid(one) || !ipaddr.isValid(other)) return false;
  return ipaddr.process(one).toNormalizedString() === ipaddr.process(other).toNormalizedString();
}

function headersOf(message: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(message.headers)
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value ?? '']));
}

async function bodyOf(message: IncomingMessage, most: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of message as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > most) {
      message.destroy();
      throw new OutboundError('too-large', `The answer is larger than ${most} bytes.`);
    }
    pieces.push(piece);
  }
  if (!message.complete) throw new OutboundError('unreachable', 'The answer broke off.');
  return new Uint8Array(Buffer.concat(pieces));
}
