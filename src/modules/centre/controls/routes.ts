/** Pictures come as the body of a request. */
import { whileAllowed } from '#kit/allowed';
import type { Caller } from '#kit/endpoint';
import type { CentreParts } from '../actions/parts.ts';
import { findWatermark } from './marks.ts';

export interface CentreRoute {
  readonly endpointName: 'watermarks.find';
  respond(request: Request, caller: Caller): Promise<Response>;
}

export const centreRoutes = (parts: CentreParts): CentreRoute[] => [
  {
    endpointName: 'watermarks.find',
    respond: async (request, caller) => new Response(JSON.stringify(await findWatermark(parts, whileAllowed(request.body, caller.until), caller)),
      { headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' } }),
  },
];
