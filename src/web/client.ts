/**
 * The typed client: requests are built from the same endpoint records that the hub answers from. Same origin only; a
 * problem document (RFC 9457) becomes a ProblemError. This file and main.tsx are the only ones that touch the network.
 */
import { requestOf, type Endpoint, type InputOf, type OutputOf } from '#kit/endpoint';
import type { Problem } from '#kit/refusal';
import { ledgerApi } from '#modules/ledger/api';
import { partiesApi } from '#modules/parties/api';
import { ProblemError, type AgreedAct, type EntryProof, type Recorded, type Transport, type Watch } from '#ui/asking';

const unreachable: Problem = {
  type: 'about:blank', title: 'The hub cannot be reached.', status: 0, code: 'hub.unreachable',
};

/** Reads a refused answer; a body that is no problem document still gives its status. */
export function problemFrom(status: number, text: string, trace: string | null): ProblemError {
  try {
    const body = JSON.parse(text) as Partial<Problem> & { traceId?: string };
    if (typeof body.title === 'string') {
      return new ProblemError(
        { type: 'about:blank', code: 'hub.fault', ...body, title: body.title, status }, body.traceId ?? trace,
      );
    }
  } catch {
    // Not JSON: a proxy in front of the hub answered.
  }
  return new ProblemError({ type: 'about:blank', title: `The hub answered ${status}.`, status, code: 'hub.fault' }, trace);
}

async function answerOf(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { credentials: 'same-origin', ...init }).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ProblemError(unreachable);
  });
  if (response.ok) return response;
  throw problemFrom(response.status, await response.text(), response.headers.get('x-trace-id'));
}

async function ask<E extends Endpoint>(
  endpoint: E, input: InputOf<E>, signal?: AbortSignal, headers: Readonly<Record<string, string>> = {},
): Promise<OutputOf<E>> {
  const { url, body } = requestOf(endpoint, input as Readonly<Record<string, unknown>>);
  const response = await answerOf(url, {
    method: endpoint.method,
    headers: { accept: 'application/json', ...(body === null ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === null ? {} : { body }),
    ...(signal ? { signal } : {}),
  });
  const text = await response.text();
  return (text ? JSON.parse(text) : {}) as OutputOf<E>;
}

async function bytes(url: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const response = await answerOf(url, signal ? { signal } : {});
  return new Uint8Array(await response.arrayBuffer());
}

async function follow(url: string, take: (value: unknown) => void, signal: AbortSignal): Promise<void> {
  const { body } = await answerOf(url, { signal, headers: { accept: 'application/x-ndjson' } });
  if (!body) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    const lines = `${rest}${value ?? ''}`.split('\n');
    rest = done ? '' : lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') take(JSON.parse(line));
    if (done) return;
  }
}

/** `fetch` cannot say how much of a body has left, so files go by XMLHttpRequest. */
function send(url: string, body: Blob, watch: Watch): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const read = { upTo: 0 };
    const lines = (whole: boolean) => {
      if (request.status < 200 || request.status > 299) return;
      const end = whole ? request.responseText.length : request.responseText.lastIndexOf('\n') + 1;
      const fresh = request.responseText.slice(read.upTo, end);
      read.upTo = end;
      for (const line of fresh.split('\n')) if (line.trim()) watch.line(JSON.parse(line));
    };
    request.open('POST', url);
    request.setRequestHeader('content-type', 'application/octet-stream');
    request.upload.onprogress = (event) => watch.sent(event.loaded, event.total);
    request.onprogress = () => lines(false);
    request.onload = () => {
      lines(true);
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(problemFrom(request.status, request.responseText, request.getResponseHeader('x-trace-id')));
    };
    request.onerror = () => reject(new ProblemError(unreachable));
    request.onabort = () => reject(new DOMException('cancelled', 'AbortError'));
    watch.signal?.addEventListener('abort', () => request.abort());
    request.send(body);
  });
}

async function requestApproval(
  operation: string, input: Readonly<Record<string, unknown>>, reason: string,
): Promise<string> {
  return (await ask(partiesApi['approvals.request'], { operation, input, reason })).id;
}

async function perform({ ids, method, path, input }: AgreedAct): Promise<unknown> {
  return ask({ method, path } as Endpoint, input as never, undefined, { 'entente-approval': ids.join(',') });
}

/** The passkey's proof of presence. Its ceremony is loaded when first needed. */
async function touch(): Promise<void> {
  const { challengeId, options } = await ask(partiesApi['session.touch-challenge'], {});
  const { startAuthentication } = await import('@simplewebauthn/browser');
  const response = await startAuthentication({ optionsJSON: { challenge: '', ...options } });
  await ask(partiesApi['session.touch'], { challengeId, response: { ...response } });
}

async function prove(index: number): Promise<EntryProof> {
  const [proof, status] = await Promise.all([ask(ledgerApi.prove, { index }), ask(ledgerApi.status, {})]);
  return { ...proof, vkey: status.vkey };
}

async function recorded(subject: string): Promise<readonly Recorded[]> {
  const { facts } = await ask(ledgerApi.list, { subject, limit: 50 });
  return facts.map((fact) => ({ ...fact, kind: fact.class }));
}

/** A link that fetches one long answer once; the browser's own download follows it. */
async function ticket(operation: string): Promise<string> {
  const response = await answerOf('/api/tickets', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ operation }),
  });
  return ((await response.json()) as { url: string }).url;
}

/**
 * Hears the class of each thing that happens; `*` where something may have been missed. The browser opens a stream that
 * broke off again by itself and says what it saw last; one that is refused has ended, and so has the session.
 */
export function listen(heard: (name: string) => void): () => void {
  const source = new EventSource('/api/stream');
  const named = (event: MessageEvent<string>): void => heard((JSON.parse(event.data) as { class: string }).class);
  source.addEventListener('fact', named);
  source.addEventListener('change', named);
  source.addEventListener('reset', () => heard('*'));
  source.addEventListener('error', () => { if (source.readyState === EventSource.CLOSED) heard('*'); });
  return () => source.close();
}

export const transport: Transport = { ask, touch, requestApproval, perform, bytes, send, follow, prove, recorded, ticket };
