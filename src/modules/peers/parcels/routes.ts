/** Parcels as files: one goes out as it is packed, one comes in and is kept until it has been checked. */
import { decodedPart } from '#kit/path';
import { whileAllowed } from '#kit/allowed';
import type { Caller } from '#kit/endpoint';
import { parcelsApi } from '../api/parcels.ts';
import { pack } from './packing.ts';
import type { ParcelParts } from './parts.ts';
import { takeIn } from './taking.ts';

export interface ParcelRoute {
  readonly endpointName: 'parcels.make' | 'parcels.take';
  respond(request: Request, caller: Caller): Promise<Response>;
}

export function parcelRoutes(parts: ParcelParts): ParcelRoute[] {
  return [{ endpointName: 'parcels.make', respond: (request, caller) => make(parts, request, caller) },
    { endpointName: 'parcels.take', respond: (request, caller) => take(parts, request, caller) }];
}

async function make(parts: ParcelParts, request: Request, { actor }: Caller): Promise<Response> {
  const url = new URL(request.url);
  const site = decodedPart(url.pathname.split('/').at(-2) ?? '');
  const asked = parcelsApi['parcels.make'].input.parse({ ...Object.fromEntries(url.searchParams), site });
  const { header, bytes } = await pack(parts, actor, asked);
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const step = await bytes.next();
      if (step.done) controller.close();
      else controller.enqueue(step.value);
    },
    async cancel() {
      await bytes.return(undefined);
    },
  });
  return new Response(stream, {
    headers: {
      'content-type': 'application/octet-stream', 'cache-control': 'no-store', 'entente-parcel-number': String(header.number),
      'content-disposition': `attachment; filename="${header.series}-${header.number}.entente-parcel"`,
    },
  });
}

async function take(parts: ParcelParts, request: Request, { actor, until }: Caller): Promise<Response> {
  const { parcel: { scope: _, ...parcel }, again, missing } = await takeIn(parts, actor, whileAllowed(request.body, until));
  return new Response(`${JSON.stringify({ parcel, again, missing })}\n`, {
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  });
}
