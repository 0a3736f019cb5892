/** Outbound HTTP for tests: answers by address, judged by the same rules; fails by name on command. */
import { OutboundError, type Outbound, type OutboundAnswer, type OutboundReason, type OutboundRequest, type OutboundStream } from './port.ts';
import { mailPorts, targetOf, type OutboundPolicy } from './rules.ts';

type Reply = Partial<Pick<OutboundAnswer, 'status' | 'headers'>> & { readonly body?: Uint8Array | string };

export interface FakeOutbound extends Outbound {
  readonly asked: OutboundRequest[];
  /** What the next question fails with. */
  fail(reason: OutboundReason): void;
}

export function fakeOutbound(
  replies: (request: OutboundRequest) => Reply | null = () => null, policy: OutboundPolicy = { allow: [] },
): FakeOutbound {
  const state: { failing: OutboundReason | null } = { failing: null };
  const asked: OutboundRequest[] = [];
  const ask = async (request: OutboundRequest, hop = 0, most = request.bytesMax ?? 1_000_000): Promise<OutboundAnswer> => {
    const { url } = targetOf(request.url, policy);
    const reason = state.failing;
    state.failing = null;
    if (reason !== null) throw new OutboundError(reason, `fake: ${reason}`);
    asked.push(request);
    const reply = replies(request);
    if (!reply) throw new OutboundError('unreachable', 'fake: nobody is there');
    const body = typeof reply.body === 'string' ? new TextEncoder().encode(reply.body) : reply.body ?? new Uint8Array(0);
    if (body.length > most) throw new OutboundError('too-large', 'fake: too large');
    const to = reply.headers?.['location'];
    if (to !== undefined && (request.method ?? 'GET') === 'GET' && request.redirectsMax !== 0) {
      if (hop >= Math.min(request.redirectsMax ?? 5, 5)) throw new OutboundError('redirect', 'fake: without end');
      return ask({ ...request, url: new URL(to, url).href }, hop + 1, most);
    }
    return { status: reply.status ?? 200, headers: reply.headers ?? {}, body, url: url.href };
  };
  const open = async (request: OutboundRequest): Promise<OutboundStream> => {
    const answer = await ask(request, 0, Infinity);
    return { ...answer, body: pieces(answer.body, request.bytesMax ?? 1_000_000), cancel: () => undefined };
  };
  const locate = async (host: string, port: number): Promise<string> =>
    targetOf(`https://${host}:${port}/`, policy, mailPorts).literal ? host : '192.0.2.1';
  return { asked, ask: (request) => ask(request), open, locate, fail: (reason) => { state.failing = reason; } };
}

/** In pieces of a thousand bytes, so that what is too long is found on the way. */
async function* pieces(body: Uint8Array, most: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < body.length; at += 1000) {
    if (Math.min(at + 1000, body.length) > most) throw new OutboundError('too-large', 'fake: too large');
    yield body.subarray(at, at + 1000);
  }
}
