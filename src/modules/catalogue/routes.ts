/** Files: source code comes as an archive, and is answered with NDJSON, a line now and then and a last one with what became of it. */
import { whileAllowed } from '#kit/allowed';
import type { Caller } from '#kit/endpoint';
import { answerInLines } from '#kit/lined';
import { bringFile, openFile } from './actions/files.ts';
import { bringSource } from './actions/snapshots.ts';
import type { CatalogueParts } from './actions/parts.ts';
import { catalogueApi } from './api.ts';
import { releaseById } from './store/products.ts';
import { artefactShown, ownReach } from './actions/parts.ts';
import { decodedPart } from '#kit/path';
import { noSuch } from '#kit/refusal';
import { refuseLate } from './rules.ts';

export interface CatalogueRoute {
  readonly endpointName: 'artefacts.addSource' | 'artefacts.add' | 'artefacts.open';
  respond(request: Request, caller: Caller): Promise<Response>;
}

/** Files between two lines of progress. */
const tellEvery = 500;

export const catalogueRoutes = (parts: CatalogueParts): CatalogueRoute[] => [
  { endpointName: 'artefacts.addSource', respond: (request, caller) => addSource(parts, request, caller) },
  { endpointName: 'artefacts.add', respond: (request, caller) => addFile(parts, request, caller) },
  { endpointName: 'artefacts.open', respond: (request, caller) => openFile(parts, decodedPart(new URL(request.url).pathname.split('/')[3] ?? ''), caller) },
];

async function addSource(parts: CatalogueParts, request: Request, { actor, until }: Caller): Promise<Response> {
  const url = new URL(request.url);
  const { release: id, name, access, tlp, keepTop } = catalogueApi['artefacts.addSource'].input.parse({
    ...Object.fromEntries(url.searchParams), release: decodedPart(url.pathname.split('/')[3] ?? ''),
  });
  // What can be told before the file comes is told as any other no.
  const release = await releaseById(parts.db, id);
  if (release?.scope !== actor.org) throw noSuch('release');
  refuseLate(release.state, 'source');
  return answerInLines(async (say) => {
    const artefact = await bringSource(parts, {
      actor, release: id, name, access, tlp, keepTop: keepTop === 'yes', confirm: () => until.throwIfAborted(),
      progress: (files, bytes) => { if (files % tellEvery === 0) say({ phase: 'reading', files, bytes }); },
    }, whileAllowed(request.body, until));
    say({ phase: 'done', artefact: artefactShown(artefact, release, ownReach(actor.org)) });
  });
}

async function addFile(parts: CatalogueParts, request: Request, { actor, until }: Caller): Promise<Response> {
  const url = new URL(request.url);
  const { release: id, early, file: _, embargoUntil = null, ...how } = catalogueApi['artefacts.add'].input.parse({
    ...Object.fromEntries(url.searchParams), release: decodedPart(url.pathname.split('/')[3] ?? ''),
  });
  const release = await releaseById(parts.db, id);
  if (release?.scope !== actor.org) throw noSuch('release');
  const artefact = await bringFile(parts, {
    actor, release: id, ...how, embargoUntil, early: early.split(',').filter((org) => org !== ''),
  }, whileAllowed(request.body, until));
  return new Response(JSON.stringify({ artefact: artefactShown(artefact, release, ownReach(actor.org)) }), {
    status: 201, headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  });
}
