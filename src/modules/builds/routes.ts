/** Evidence, rebuilt files and logs as they are sent, and a bundle as it is fetched. */
import { whileAllowed } from '#kit/allowed';
import type { Caller } from '#kit/endpoint';
import { decodedPart } from '#kit/path';
import { noSuch } from '#kit/refusal';
import { asHub } from '#world/db/scope';
import { releaseNamed } from '#modules/catalogue/index';
import { addLog, addRebuilt } from './actions/files.ts';
import { record } from './actions/recording.ts';
import { rebuildShown, rebuildWithin, textOf, verdictsShown, type BuildsParts } from './actions/parts.ts';
import { buildsApi } from './api.ts';
import { rebuildById, verdictsOfRebuild } from './store/rebuilds.ts';

export interface BuildsRoute {
  readonly endpointName: 'rebuilds.record' | 'rebuilds.addFile' | 'rebuilds.evidence';
  respond(request: Request, caller: Caller): Promise<Response>;
}

export const buildsRoutes = (parts: BuildsParts): BuildsRoute[] => [
  { endpointName: 'rebuilds.record', respond: (request, caller) => take(parts, request, caller) },
  { endpointName: 'rebuilds.addFile', respond: (request, caller) => add(parts, request, caller) },
  { endpointName: 'rebuilds.evidence', respond: (request, caller) => evidence(parts, request, caller) },
];

const idIn = (url: URL): string => decodedPart(url.pathname.split('/')[3] ?? '');

async function answered(parts: BuildsParts, { actor }: Caller, id: string): Promise<Response> {
  const row = await rebuildById(parts.db, id);
  // Of one's own rebuild; its release is not asked for again.
  const release = row ? await asHub('the release of a rebuild of one’s own', () => releaseNamed(parts, row.release)) : null;
  if (!row || !release) throw noSuch('rebuild');
  const body = { rebuild: await rebuildShown(parts.db, row, release, actor.org), verdicts: await verdictsShown(parts.db,
    await verdictsOfRebuild(parts.db, id)) };
  return new Response(JSON.stringify(body), { status: 201, headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' } });
}

async function take(parts: BuildsParts, request: Request, caller: Caller): Promise<Response> {
  const url = new URL(request.url);
  const { release, corrects = null, reason } = buildsApi['rebuilds.record'].input.parse({ ...Object.fromEntries(url.searchParams), release: idIn(url) });
  const { rebuild } = await record(parts, caller, { release, corrects, reason }, whileAllowed(request.body, caller.until));
  return answered(parts, caller, rebuild);
}

async function add(parts: BuildsParts, request: Request, caller: Caller): Promise<Response> {
  const url = new URL(request.url);
  const { rebuild, kind } = buildsApi['rebuilds.addFile'].input.parse({ ...Object.fromEntries(url.searchParams), rebuild: idIn(url) });
  await (kind === 'log' ? addLog : addRebuilt)(parts, caller, rebuild, whileAllowed(request.body, caller.until));
  return answered(parts, caller, rebuild);
}

/** Whoever may know of every file that a bundle speaks of has it whole. */
async function evidence(parts: BuildsParts, request: Request, caller: Caller): Promise<Response> {
  const { row, files } = await rebuildWithin(parts, caller, idIn(new URL(request.url)));
  const verdicts = await verdictsOfRebuild(parts.db, row.id);
  if (verdicts.length === 0 || !verdicts.every((v) => files.some((f) => f.id === v.artefact))) throw noSuch('rebuild');
  return new Response(await textOf(parts.blobs, row.evidence), { headers: {
    'content-type': 'application/octet-stream', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff',
    'content-disposition': `attachment; filename="${row.id}.entente-evidence"`,
  } });
}
