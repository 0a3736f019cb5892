/** A capture comes as the body of a request, and is answered line by line (NDJSON): how much was read, and at last what came of it. */
import { whileAllowed } from '#kit/allowed';
import type { Caller } from '#kit/endpoint';
import { answerInLines, type Say } from '#kit/lined';
import { decodedPart } from '#kit/path';
import type { CentreParts } from '../actions/parts.ts';
import { flowsApi } from '../api/flows.ts';
import type { ComparisonNews } from '../model/flows.ts';
import { compared, comparingWithin } from './actions.ts';
import { readCapture, watchedOf } from './reading.ts';

export interface FlowRoute {
  readonly endpointName: 'flows.compare';
  respond(request: Request, caller: Caller): Promise<Response>;
}

export const flowRoutes = (parts: CentreParts): FlowRoute[] => [{
  endpointName: 'flows.compare',
  async respond(request, caller) {
    const url = new URL(request.url);
    const { visit, artefact, device, lab } = flowsApi['flows.compare'].input.parse({
      ...Object.fromEntries(url.searchParams), visit: decodedPart(url.pathname.split('/')[3] ?? ''),
    });
    // What can be told before the capture comes is told as any other no.
    const comparing = await comparingWithin(parts, caller, visit, artefact);
    const watched = watchedOf(device, lab);
    return answerInLines(async (tell: Say) => {
      const say = (news: ComparisonNews): void => tell(news);
      const capture = await readCapture(watched.watching, whileAllowed(request.body, caller.until), (bytes) => say({ phase: 'reading', bytes }));
      caller.until.throwIfAborted();
      say({ phase: 'done', comparison: await compared(parts, caller, comparing, watched, capture) });
    });
  },
}];
