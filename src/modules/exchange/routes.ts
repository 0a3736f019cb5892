/**
 * The import: bytes in, NDJSON out. A line `{phase: "reading", total, accepted, …}` after each batch and a last one
 * `{phase: "done", report}` or `{phase: "failed", problem}`. A dry run reads and judges everything and takes nothing in. A file of MISP is
 * recognised by its beginning; the last line tells then what is lost of it too.
 */
import type { Caller } from '#kit/endpoint';
import { whileAllowed } from '#kit/allowed';
import { answerInLines } from '#kit/lined';
import type { BundleProblem } from '#kit/stix/bundle';
import { putList } from './actions/lookup.ts';
import { deliver, type Report } from './actions/intake.ts';
import { listed, piecesOf } from './actions/pieces.ts';
import type { ExchangeParts } from './actions/parts.ts';
import { exchangeApi } from './api/exchange.ts';
import { jsonOf, orgUuid, peeked, takenApart } from './misp/storing.ts';
import { sourceNamed } from './store/collections.ts';

export interface ImportRoute {
  readonly endpointName: 'threats.import' | 'warninglists.put';
  respond(request: Request, caller: Caller): Promise<Response>;
}

export function importRoutes(parts: ExchangeParts): ImportRoute[] {
  return [{ endpointName: 'threats.import', respond: (request, caller) => importObjects(parts, request, caller) },
    { endpointName: 'warninglists.put', respond: (request, caller) => put(parts, request, caller) }];
}

async function put(parts: ExchangeParts, request: Request, caller: Caller): Promise<Response> {
  const list = await putList(parts, whileAllowed(request.body, caller.until), caller);
  return new Response(JSON.stringify({ list }), {
    status: 201, headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  });
}

async function importObjects(parts: ExchangeParts, request: Request, { actor, until }: Caller): Promise<Response> {
  const { source: name, unmarked, dry } = exchangeApi['threats.import'].input.parse(Object.fromEntries(new URL(request.url).searchParams));
  const own = name === 'own';
  const source = await sourceNamed(parts.db, actor.org, {
    id: parts.ids.next('src'), kind: own ? 'own' : 'file', name, org: own ? actor.org : null,
  }, parts.clock.iso());
  const faults: BundleProblem[] = [];
  return answerInLines(async (say) => {
    const { misp, whole } = await peeked(whileAllowed(request.body, until));
    const taken = misp ? takenApart(await jsonOf(whole), { us: orgUuid(actor.org), unmarked }) : null;
    const report = await deliver(parts, {
      scope: actor.org, source, actor, clauses: [], own, unmarked, dry: dry === 'yes', confirm: () => until.throwIfAborted(),
      progress: (r) => say({ phase: 'reading', total: r.total, ...r.counts }),
    }, taken ? listed(taken.pieces) : piecesOf(whole, (fault) => faults.push(fault)));
    say({
      phase: 'done', dry: dry === 'yes', source: source.id, report: shownReport(report), endedAt: faults[0]?.offset ?? null,
      ...(taken ? { misp: { events: taken.events, losses: taken.losses, more: taken.more } } : {}),
    });
  });
}

const shownReport = ({ taken: _, ...report }: Report): Omit<Report, 'taken'> => report;
