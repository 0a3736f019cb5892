/**
 * The upload: raw bytes in, NDJSON out. A line `{phase, bytes, read, stored, duplicate, quarantined, attributed}` now
 * and then, and a last one `{phase: "done", batch}` or `{phase: "failed", failure}`. A client that goes away
 * fails its batch; what was stored stays, and the same file again completes it. A file that is refused on its way (too
 * large, no room, not what was signed) leaves nothing, and the last line has the refusal as `problem` (RFC 9457), since the answer has begun.
 */
import { decodedPart } from '#kit/path';
import { whileAllowed } from '#kit/allowed';
import type { Caller } from '#kit/endpoint';
import { answerInLines } from '#kit/lined';
import { Refusal, noSuch, problemOf } from '#kit/refusal';
import { organisationById } from '#modules/parties/index';
import type { Clock } from '#world/clock';
import type { Db } from '#world/db/port';
import type { Events } from '#world/events/port';
import { feedMandate } from './mandate.ts';
import { landscapeApi } from './api.ts';
import { ofDigest, signedBy } from './collect/push.ts';
import { mappingInForceOf, type Pipeline, type Progress } from './pipeline/ingest.ts';
import { exportEvents, exportExposure } from './actions/export.ts';
import { advisoryTable } from './actions/exposures.ts';
import { exposuresApi } from './exposures-api.ts';
import { jobById } from './scans/store.ts';
import { takeSchema } from './schemas/actions.ts';
import type { LandscapeParts } from './actions/parts.ts';
import { signedReport } from './offices-store.ts';
import { registersApi } from './registers-api.ts';
import { feedById } from './store.ts';

export interface LandscapeRoute {
  readonly endpointName: keyof typeof landscapeApi;
  respond(request: Request, caller: Caller): Promise<Response>;
}

export interface RouteParts {
  readonly db: Db;
  readonly events: Events;
  readonly clock: Clock;
  readonly pipeline: Pipeline;
  readonly publisher: LandscapeParts['publisher'];
  readonly types: LandscapeParts['types'];
}

export function landscapeRoutes(parts: RouteParts): LandscapeRoute[] {
  return [
    { endpointName: 'exportEvents', respond: (request, caller) => exportEvents(parts, request, caller) },
    { endpointName: 'exportExposure', respond: (request, caller) => exportExposure(parts, request, caller) },
    { endpointName: 'uploadReportSchema', respond: (request, caller) => uploadSchema(parts, request, caller) },
    { endpointName: 'officesPaper', respond: (request, caller) => paper(parts, request, caller) },
    { endpointName: 'ingest', respond: (request, caller) => upload(parts, request, caller) },
    { endpointName: 'advisoryTable', respond: (request, caller) => table(parts, request, caller) },
  ];
}

async function paper(parts: RouteParts, request: Request, { actor }: Caller): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const [, id = ''] = /\/api\/state-offices\/signed\/([^/]+)\/paper$/.exec(pathname) ?? [];
  const { report, language } = registersApi.officesPaper.input.parse({ ...Object.fromEntries(searchParams), report: decodedPart(id) });
  const found = await signedReport(parts.db, actor.org, report);
  if (!found) throw noSuch('report');
  // Loaded when the first is asked for: a hub that prints nothing need not carry it.
  const { officesPaper } = await import('./offices-paper.ts');
  const centre = await organisationById(parts.db, actor.org);
  const name = (language === 'vi' ? centre?.nameLocal : null) ?? centre?.name ?? '';
  const bytes = await officesPaper(found.signed, found.csv, name, language);
  return new Response(bytes as never, {
    headers: {
      'content-type': 'application/pdf', 'cache-control': 'no-store',
      'content-disposition': `attachment; filename="state-bodies-${found.signed.month}-${language}.pdf"`,
    },
  });
}

async function uploadSchema(parts: RouteParts, request: Request, { actor, until }: Caller): Promise<Response> {
  const { note } = landscapeApi.uploadReportSchema.input.parse(Object.fromEntries(new URL(request.url).searchParams));
  const made = await takeSchema(parts, actor, note, whileAllowed(request.body, until));
  return new Response(JSON.stringify(made), {
    status: 201, headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  });
}

async function upload(parts: RouteParts, request: Request, { actor, until, holds }: Caller): Promise<Response> {
  const url = new URL(request.url);
  const [, name = ''] = /\/api\/feeds\/([^/]+)\/batches$/.exec(url.pathname) ?? [];
  const feed = await feedById(parts.db, actor.org, decodedPart(name));
  if (!feed) throw noSuch('feed');
  // Asked again by the pipeline; asked here so that the answer is a refusal and not a stream that fails.
  await feedMandate(parts, feed, { again: true });
  holds(() => feedMandate(parts, feed, { again: true }));
  if (feed.shape === 'mapped') await mappingInForceOf(parts.db, feed);
  const scan = url.searchParams.get('job') || undefined;
  if (scan !== undefined && !await jobById(parts.db, actor.org, scan, parts.clock.now())) throw noSuch('scan-job');
  const digest = await signedBy(parts, feed, request);
  const sent = whileAllowed(request.body, until);
  const job = {
    feed, source: digest === null ? sent : ofDigest(sent, digest), actor: actor.person, typeGiven: url.searchParams.get('type') || null,
    fileName: (url.searchParams.get('file') || 'upload').slice(0, 255), scan,
  };
  return answerInLines(async (say) => {
    const progress = ({ phase, bytes, counts }: Progress): void => say({ phase, bytes, ...counts });
    try {
      say({ phase: 'done', batch: await parts.pipeline.ingest(job, { progress }) });
    } catch (error) {
      // A fault is told here too: the batch that it ended has its record.
      say({
        phase: 'failed', failure: error instanceof Error ? error.message : 'unknown',
        ...(error instanceof Refusal ? { problem: problemOf(error) } : {}),
      });
    }
  });
}

/** The affected systems of an advisory as a file. */
async function table(parts: RouteParts, request: Request, { actor }: Caller): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const [, advisory = ''] = /\/api\/exposure-advisories\/([^/]+)\/table$/.exec(pathname) ?? [];
  const asked = exposuresApi.advisoryTable.input.parse({ ...Object.fromEntries(searchParams), advisory: decodedPart(advisory) });
  return new Response(await advisoryTable(parts, actor.org, asked), {
    headers: {
      'content-type': 'text/csv; charset=utf-8', 'cache-control': 'no-store', 'content-disposition': `attachment; filename="${asked.advisory}.csv"`,
    },
  });
}
