/**
 * A release as machines fetch it, every minute if they like: with a strong ETag, kept by whoever sits in between for a minute at most and
 * never past its end; label, end, number and count are headers too, for the forms that have no remarks.
 */
import { ReadableStream } from 'node:stream/web';
import { decodedPart } from '#kit/path';
import type { Caller } from '#kit/endpoint';
import { matchesTag } from '#kit/etag';
import { exportMedia } from '#kit/export/write';
import { check, noSuch } from '#kit/refusal';
import type { ExportParts } from '../actions/parts.ts';
import type { exportsApi } from '../api/exports.ts';
import { wholeReach } from '../gate.ts';
import type { Release } from '../model/exports.ts';
import { madeOf, releaseByNumber, type ExportRecord } from '../store/exports.ts';
import { asked, currentRelease, fileName, standing } from './release.ts';

export interface ExportsRoute {
  readonly endpointName: keyof typeof exportsApi;
  respond(request: Request, caller: Caller): Promise<Response>;
}

const keptSeconds = 60;

export const exportsRoutes = (parts: ExportParts): ExportsRoute[] => [
  { endpointName: 'exports.current', respond: (request, caller) => current(parts, request, caller) },
  { endpointName: 'exports.file', respond: (request, caller) => file(parts, request, caller) },
];

const placeOf = (request: Request): string[] => new URL(request.url).pathname.split('/').slice(3).map(decodedPart);

async function current(parts: ExportParts, request: Request, caller: Caller): Promise<Response> {
  const [id = ''] = placeOf(request);
  await asked(caller);
  const found = await standing(parts.db, caller.actor.org, id);
  return answer(parts, request, found, await currentRelease(parts, caller, found));
}

/** One release, by its number: those that are not given are looked at here, by whoever may read all that is in them. */
async function file(parts: ExportParts, request: Request, caller: Caller): Promise<Response> {
  const [id = '', , number = ''] = placeOf(request);
  await asked(caller);
  const found = await standing(parts.db, caller.actor.org, id);
  const release = /^\d{1,10}$/.test(number) ? await releaseByNumber(parts.db, found.id, Number(number)) : null;
  const made = release && await madeOf(parts.db, found.id, release.number);
  if (!release || !made) throw noSuch('release');
  const within = new Set((await wholeReach(parts.db, caller)).open.map((c) => c.coll));
  if (!made.colls.every((coll) => within.has(coll))) throw noSuch('release');
  return answer(parts, request, found, release);
}

async function answer(parts: ExportParts, request: Request, found: ExportRecord, release: Release): Promise<Response> {
  const left = Math.floor((Date.parse(release.endsAt) - parts.clock.now()) / 1000);
  const headers = {
    etag: `"${release.sha256}"`, 'cache-control': `private, max-age=${Math.max(0, Math.min(keptSeconds, left))}`, vary: 'authorization, cookie',
    'entente-release': String(release.number), 'entente-tlp': release.tlp, 'entente-expires': release.endsAt, 'entente-values': String(release.count),
  };
  if (matchesTag(request.headers.get('if-none-match'), headers.etag)) return new Response(null, { status: 304, headers });
  const bytes = await parts.blobs.open(release.sha256);
  check(bytes, 'the bytes of a release are kept');
  return new Response(ReadableStream.from(bytes) as never, {
    headers: {
      ...headers, 'content-type': exportMedia[found.form].type, 'content-length': String(release.sizeBytes),
      'content-disposition': `attachment; filename="${fileName(found, release.number)}"`,
    },
  });
}
