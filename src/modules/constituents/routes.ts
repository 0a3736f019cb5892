/**
 * The answers of this module that are not JSON of ours: a blocking list as firewalls and resolvers fetch it, and the upload of
 * a guard list. A fetcher that sends back the ETag hears 304 without the bytes; an answer may be kept for a minute at most,
 * and no longer than the first of its entries stands.
 */
import { ReadableStream } from 'node:stream/web';
import { decodedPart } from '#kit/path';
import { whileAllowed } from '#kit/allowed';
import type { Caller } from '#kit/endpoint';
import { matchesTag } from '#kit/etag';
import { check, noSuch } from '#kit/refusal';
import { exportFindings } from './actions/desk.ts';
import { servedEdition } from './actions/editions.ts';
import { takeGuardFile } from './actions/guards.ts';
import { ownSide, type ConstituentsParts } from './actions/parts.ts';
import { blockingApi } from './api/blocking.ts';
import type { deskApi } from './api/desk.ts';
import { editionTypes } from './rules/editions.ts';
import { listById, listsReadBy, type ListRecord } from './store/blocking.ts';

export interface ConstituentsRoute {
  readonly endpointName: keyof typeof blockingApi | keyof typeof deskApi;
  respond(request: Request, caller: Caller): Promise<Response>;
}

export function constituentsRoutes(parts: ConstituentsParts): ConstituentsRoute[] {
  return [
    { endpointName: 'blocklistEdition', respond: (request, caller) => serve(parts, request, caller) },
    { endpointName: 'exportFindings', respond: (_, caller) => exportFindings(parts, caller) },
    { endpointName: 'uploadGuard', respond: (request, caller) => upload(parts, request, caller) },
  ];
}

/** The longest that whoever sits in between may keep an answer. */
const keptSeconds = 60;

async function serve(parts: ConstituentsParts, request: Request, caller: Caller): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const [, id = ''] = /\/api\/blocking-lists\/([^/]+)\/edition$/.exec(pathname) ?? [];
  const given = { ...Object.fromEntries(searchParams), list: decodedPart(id) };
  const { list: asked, format } = blockingApi.blocklistEdition.input.parse(given);
  const list = await readable(parts, caller, asked);
  const edition = await servedEdition(parts, list);
  const { sha256, sizeBytes } = edition.bytes[format];
  const left = edition.firstExpiry === null ? keptSeconds : Math.floor((Date.parse(edition.firstExpiry) - parts.clock.now()) / 1000);
  const headers = {
    etag: `"${sha256}"`, 'cache-control': `private, max-age=${Math.max(0, Math.min(keptSeconds, left))}`, vary: 'authorization, cookie',
    'entente-edition': String(edition.number), 'entente-tlp': list.tlp,
  };
  if (matchesTag(request.headers.get('if-none-match'), headers.etag)) return new Response(null, { status: 304, headers });
  const bytes = await parts.blobs.open(sha256);
  check(bytes, `the bytes ${sha256} of an edition are kept`);
  return new Response(ReadableStream.from(bytes) as never, {
    headers: { ...headers, 'content-type': editionTypes[format], 'content-length': String(sizeBytes) },
  });
}

/** A list of the caller's own, or one that its centre lets it read. */
async function readable(parts: ConstituentsParts, caller: Caller, id: string): Promise<ListRecord> {
  const own = await listById(parts.db, caller.actor.org, id);
  if (own) {
    const about = { owner: own.scope, kind: 'blocklist', noun: 'blocklist', level: 3, known: true } as const;
    await caller.may('blocklist.pull', { ...about, purpose: 'incident-response' });
    return own;
  }
  const side = await ownSide(parts, caller, 'blocklist.pull', 'blocklist', 'blocklist');
  const [list] = await listsReadBy(parts.db, side.scope, side.constituents.map((c) => c.id), id);
  if (!list || !(side.labels?.includes(list.tlp) ?? true)) throw noSuch('blocklist');
  return list;
}

async function upload(parts: ConstituentsParts, request: Request, { actor, until }: Caller): Promise<Response> {
  const { kind, file } = blockingApi.uploadGuard.input.parse(Object.fromEntries(new URL(request.url).searchParams));
  const guard = await takeGuardFile(parts, actor, kind, file ?? '', whileAllowed(request.body, until));
  return new Response(JSON.stringify({ guard }), {
    status: 201, headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  });
}
