/**
 * Files: an import answers NDJSON, a line after each batch and a last one with the report; a dry run reads and judges everything and
 * keeps nothing. A bill of materials is answered with what affects it.
 */
import type { Caller } from '#kit/endpoint';
import { whileAllowed } from '#kit/allowed';
import { answerInLines } from '#kit/lined';
import { Refusal, noSuch } from '#kit/refusal';
import { ownShared } from '#modules/exchange/index';
import { checkBill } from './actions/affected.ts';
import { deliverVulnerabilities } from './actions/intake.ts';
import type { VulnParts } from './actions/parts.ts';
import { vulnerabilitiesApi } from './api.ts';
import { sourceNamed } from './store/sources.ts';

export interface VulnRoute {
  readonly endpointName: 'vulnerabilities.import' | 'vulnerabilities.checkBill';
  respond(request: Request, caller: Caller): Promise<Response>;
}

export function vulnerabilitiesRoutes(parts: VulnParts): VulnRoute[] {
  return [
    { endpointName: 'vulnerabilities.import', respond: (request, caller) => importFile(parts, request, caller) },
    {
      endpointName: 'vulnerabilities.checkBill',
      respond: async (request, caller) => new Response(JSON.stringify(await checkBill(parts, whileAllowed(request.body, caller.until), caller)),
        { headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' } }),
    },
  ];
}

async function importFile(parts: VulnParts, request: Request, { actor, until }: Caller): Promise<Response> {
  const input = vulnerabilitiesApi['vulnerabilities.import'].input.parse(Object.fromEntries(new URL(request.url).searchParams));
  const { source: name, kind, unmarked = null, collection, dry } = input;
  if (kind === 'public' && await parts.publisher() !== actor.org) {
    throw new Refusal('forbidden', 'vulnerability.not-publisher', 'What everybody sees is brought in by the organisation that runs the hub.', { at: 'kind' });
  }
  const through = collection === undefined ? null : await ownShared(parts.db, actor.org, collection);
  if (collection !== undefined && through === null) throw noSuch('collection');
  const source = await sourceNamed(parts.db, { id: parts.ids.next('vsr'), scope: actor.org, kind, name }, parts.clock.iso());
  if (source.kind !== kind) {
    throw new Refusal('conflict', 'vulnerability-source.other-kind', 'A source of this name is there, and of another kind.', { at: 'source' });
  }
  return answerInLines(async (say) => {
    const report = await deliverVulnerabilities(parts, {
      source, actor, unmarked, through, dry: dry === 'yes', confirm: () => until.throwIfAborted(),
      progress: (r) => say({ phase: 'reading', ...r.counts }),
    }, whileAllowed(request.body, until));
    say({ phase: 'done', dry: dry === 'yes', source: source.id, report });
  });
}
