/**
 * A small TAXII 2.1 server for tests that misbehaves in just the way it is told to: each manner is one that a published server has
 * shown. It speaks HTTP on a port of its own, and keeps a list of what it was asked.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseTime, timeText } from '#kit/stix/time';

export interface Held { readonly id: string; readonly us: number; readonly body: string }

/** What a server does otherwise than the standard; each off unless said. */
export interface Manners {
  /** Names no next page. */
  noNext?: boolean;
  /** Says nothing of when things were added in the headers. */
  noHeaders?: boolean;
  /** added_after gives what was added at that moment too. */
  inclusive?: boolean;
  ignoresAfter?: boolean;
  /** Doors that open no more: each is answered 404 the first time. */
  nextExpires?: boolean;
  /** Checks that a door comes with the question it belongs to. */
  strictNext?: boolean;
  /** More objects than this are never answered. */
  cap?: number;
  /** A limit above this is refused. */
  refusesLimitAbove?: number;
  /** Knows its addresses only without the slash at the end. */
  slashless?: boolean;
  /** Only this media type will do. */
  accepts?: string;
  type?: string;
  /** Pages above this many objects break, in this way. */
  breaksAbove?: number;
  breaks?: '500' | 'cut' | 'silent' | 'off';
  /** Of everybody, once for each. */
  busy?: { times: number; retryAfter: string };
  /** Each page again as the first of the next one. */
  repeats?: boolean;
  gone?: 404 | 403;
  /** Always the same page, with more behind it. */
  endless?: boolean;
  /** Milliseconds by which its clock is off, for the header Date. */
  clock?: number;
  /** Every address leads there. */
  redirect?: string;
  /** What an addition is answered with: done, or only after so many looks at its status. */
  pendingLooks?: number;
  rejects?: string;
}

export interface OddServer {
  readonly url: string;
  readonly manners: Manners;
  readonly held: Held[];
  readonly asked: { readonly method: string; readonly path: string; readonly authorization: string | undefined; readonly accept: string | undefined }[];
  /** Takes objects in, each at its moment. */
  put(objects: readonly object[], us: number, step?: number): void;
  pages(): string[];
  close(): Promise<void>;
}

const taxii = 'application/taxii+json;version=2.1';
export const collection = '91a7b528-80eb-42ed-a74d-c6fbd5a26116';

export async function oddServer(manners: Manners = {}): Promise<OddServer> {
  const held: Held[] = [];
  const asked: OddServer['asked'][number][] = [];
  const expired = new Set<string>();
  const looks = { n: 0 };
  const server: Server = createServer((request, response) => {
    asked.push({ method: request.method ?? '', path: request.url ?? '', authorization: request.headers.authorization, accept: request.headers.accept });
    void answer(request, response, { held, manners, expired, looks }).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/taxii2/`, manners, held, asked,
    put(objects, us, step = 0) {
      objects.forEach((object, i) => held.push({ id: String((object as { id: string }).id), us: us + Math.floor(i * step), body: JSON.stringify(object) }));
      held.sort((a, b) => a.us - b.us);
    },
    pages: () => asked.map((a) => a.path).filter((p) => p.includes('/objects')),
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}

interface State { readonly held: Held[]; readonly manners: Manners; readonly expired: Set<string>; readonly looks: { n: number } }

function say(response: ServerResponse, status: number, body: string, headers: Record<string, string>, { manners }: State): void {
  if (manners.clock !== undefined) response.setHeader('date', new Date(Date.now() + manners.clock).toUTCString());
  response.writeHead(status, { 'content-type': manners.type ?? taxii, ...headers });
  response.end(body);
}

async function answer(request: IncomingMessage, response: ServerResponse, state: State): Promise<void> {
  const { manners } = state;
  const url = new URL(request.url ?? '/', 'http://here');
  const no = (status: number, headers: Record<string, string> = {}): void =>
    say(response, status, `{"title":"no","http_status":"${status}"}`, headers, state);
  const json = (value: unknown, status = 200): void => say(response, status, JSON.stringify(value), {}, state);
  if (manners.redirect !== undefined) return no(302, { location: `${manners.redirect}${url.pathname}${url.search}` });
  const known = `Basic ${Buffer.from('us:a-long-enough-secret').toString('base64')}`;
  if (request.headers.authorization !== undefined && request.headers.authorization !== known) return no(401);
  if (manners.accepts !== undefined && request.headers.accept !== manners.accepts) return no(406);
  if (manners.slashless ? url.pathname.endsWith('/') : !url.pathname.endsWith('/')) return no(404);
  const path = url.pathname.replace(/\/$/, '');
  if (path === '/taxii2') return json({ title: 'Odd', api_roots: ['/root/', 'https://elsewhere.example/root/'] });
  if (path === '/root') return json({ title: 'Root', versions: [taxii], max_content_length: 1_000_000 });
  if (path === '/root/collections') return json({ collections: [{ id: collection, title: 'All', can_read: true, can_write: true }] });
  if (path.startsWith('/root/status/')) return json(statusOf(state, path.split('/').at(-1) ?? ''));
  if (path === `/root/collections/${collection}/manifest`) return manifest(state, url, json);
  if (path !== `/root/collections/${collection}/objects`) return no(404);
  if (request.method === 'POST') return add(request, state, json);
  return objects(state, url, response, no);
}

function objects(state: State, url: URL, response: ServerResponse, no: (status: number, headers?: Record<string, string>) => void): void {
  const { manners, held, expired } = state;
  const [limit, after, next] = [Number(url.searchParams.get('limit') ?? 1e9), url.searchParams.get('added_after'), url.searchParams.get('next')];
  if (manners.gone !== undefined) return no(manners.gone);
  if (manners.busy && manners.busy.times > 0) {
    manners.busy.times--;
    return no(503, { 'retry-after': manners.busy.retryAfter });
  }
  if (manners.refusesLimitAbove !== undefined && limit > manners.refusesLimitAbove) return no(400);
  const question = JSON.stringify([after, url.searchParams.get('match[type]')]);
  if (next !== null) {
    if (manners.nextExpires && !expired.has(next)) {
      expired.add(next);
      return no(404);
    }
    if (manners.strictNext && next.slice(next.indexOf(' ') + 1) !== question) return no(400);
  }
  const from = after === null || manners.ignoresAfter ? -1n : parseTime(after)?.us ?? -1n;
  const types = url.searchParams.get('match[type]')?.split(',');
  const all = held.filter((o) => (manners.inclusive ? BigInt(o.us) >= from : BigInt(o.us) > from))
    .filter((o) => !types || types.includes(o.id.split('--')[0] ?? ''));
  const start = next === null || manners.endless ? 0 : Number(next.split(' ')[0]);
  const size = Math.min(limit, manners.cap ?? 1e9);
  const page = all.slice(manners.repeats ? Math.max(0, start - 1) : start, start + size);
  const more = manners.endless === true || start + size < all.length;
  const [first, last] = [page[0], page.at(-1)];
  const headers = first && last && !manners.noHeaders
    ? { 'x-taxii-date-added-first': timeText(BigInt(first.us)), 'x-taxii-date-added-last': timeText(BigInt(last.us)) } : {};
  const door = manners.noNext ? '' : `"next":${JSON.stringify(`${manners.endless ? 0 : start + size} ${question}`)},`;
  const body = `{${more ? `"more":true,${door}` : ''}"objects":[${page.map((o) => o.body).join(',')}]}`;
  if (manners.breaksAbove !== undefined && page.length > manners.breaksAbove) return broken(state, response, body, no);
  say(response, 200, page.length === 0 && !more ? '{}' : body, headers, state);
}

function broken(state: State, response: ServerResponse, body: string, no: (status: number) => void): void {
  const { breaks } = state.manners;
  if (breaks === '500') return no(500);
  if (breaks === 'cut') return say(response, 200, body.slice(0, -Math.min(40, body.length - 2)), {}, state);
  if (breaks === 'off') {
    response.writeHead(200, { 'content-type': taxii, 'content-length': String(body.length) });
    response.write(body.slice(0, 10), () => response.destroy());
  }
  // Silent: nothing is ever answered.
}

function manifest({ held }: State, url: URL, json: (value: unknown) => void): void {
  const ids = url.searchParams.get('match[id]')?.split(',');
  json({ objects: held.filter((o) => !ids || ids.includes(o.id)).map((o) =>
    ({ id: o.id, date_added: timeText(BigInt(o.us)), version: timeText(0n) })) });
}

const statusId = '2d086da7-4bdc-4f91-900e-d77486753710';

async function add(request: IncomingMessage, state: State, json: (value: unknown, status: number) => void): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const { objects: given } = JSON.parse(Buffer.concat(pieces).toString('utf8')) as { objects: { id: string }[] };
  for (const object of given) {
    const body = JSON.stringify(object);
    if (object.id === state.manners.rejects || state.held.some((h) => h.body === body)) continue;
    state.held.push({ id: object.id, us: Date.now() * 1000 + state.held.length, body });
  }
  json(statusOf(state, statusId), 202);
}

function statusOf({ manners, looks }: State, id: string): object {
  const pending = looks.n < (manners.pendingLooks ?? 0);
  looks.n++;
  if (pending) return { id, status: 'pending', total_count: 1, success_count: 0, failure_count: 0, pending_count: 1 };
  const failures = manners.rejects === undefined ? [] : [{ id: manners.rejects, version: timeText(0n), message: 'Not wanted here.' }];
  return { id, status: 'complete', total_count: 1, pending_count: 0, failure_count: failures.length, ...failures.length > 0 ? { failures } : {} };
}
