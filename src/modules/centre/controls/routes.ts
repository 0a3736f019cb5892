/** Pictures come as the body of a request; an arbiter’s share goes as a file. */
import { ReadableStream } from 'node:stream/web';
import { whileAllowed } from '#kit/allowed';
import type { Caller } from '#kit/endpoint';
import { decodedPart } from '#kit/path';
import type { CentreParts } from '../actions/parts.ts';
import { sealedFile } from './arbiters.ts';
import { findWatermark } from './marks.ts';

export interface CentreRoute {
  readonly endpointName: 'watermarks.find' | 'arbiters.sealed';
  respond(request: Request, caller: Caller): Promise<Response>;
}

export const centreRoutes = (parts: CentreParts): CentreRoute[] => [
  {
    endpointName: 'watermarks.find',
    respond: async (request, caller) => new Response(JSON.stringify(await findWatermark(parts, whileAllowed(request.body, caller.until), caller)),
      { headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' } }),
  },
  {
    endpointName: 'arbiters.sealed',
    respond: async (request, caller) => {
      const { bytes, row } = await sealedFile(parts, caller, decodedPart(new URL(request.url).pathname.split('/')[3] ?? ''));
      return new Response(ReadableStream.from(bytes) as never, { headers: {
        'content-type': 'application/octet-stream', 'content-length': String(row.bytes), 'cache-control': 'no-store',
        'content-disposition': `attachment; filename="${row.visit}.trail.pgp"`, 'x-content-type-options': 'nosniff',
      } });
    },
  },
];
