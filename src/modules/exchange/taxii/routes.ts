/**
 * TAXII 2.1 over the exchange: discovery, API roots, collections, manifests, objects, versions, additions, removals, status. The
 * standard's own words for each no; who may what is asked of the gate, again on every page.
 */
import { decodedPart } from '#kit/path';
import type { Caller } from '#kit/endpoint';
import { whileAllowed } from '#kit/allowed';
import { Refusal, noSuch } from '#kit/refusal';
import { recallNote } from '#kit/stix/recall';
import type { TlpLevel } from '#kit/stix/tlp';
import { stateFact } from '#world/facts';
import { agreementsOf } from '#modules/agreements/index';
import { organisationById } from '#modules/parties/index';
import { placesFor } from '../rules/communities.ts';
import { addTo, forHolder } from '../actions/additions.ts';
import type { Report } from '../actions/intake.ts';
import { piecesOf } from '../actions/pieces.ts';
import { newUuid, nowUs, type ExchangeParts } from '../actions/parts.ts';
import type { taxiiApi } from '../api/taxii.ts';
import { accessTo, mayUse, reachInto, type Access, type Reach } from '../gate.ts';
import { notesOnPage } from '../rules/recalls.ts';
import { labelOf } from '../rules/tlp.ts';
import { collectionsOf, collectionsUnder, type CollectionRecord } from '../store/collections.ts';
import { dropVersions, lockLog, retract } from '../store/log.ts';
import { broughtBy, objectIn, pageOf, type PageQuery } from '../store/reading.ts';
import { noteDelivered, tombstonesIn } from '../store/recalls.ts';
import { keepStatus, statusById } from '../store/status.ts';
import { envelope, manifest, momentOf, resource, versions } from './answers.ts';
import { cursorAt, positionOf, type Question } from './cursor.ts';
import { filtersOf, paramsOf, type Filters } from './filters.ts';
import { refuseOtherContent, refuseUnacceptable, stixType, taxiiType } from './media.ts';

export interface ExchangeRoute {
  readonly endpointName: keyof typeof taxiiApi;
  respond(request: Request, caller: Caller): Promise<Response>;
}

/** The largest body of an addition, in bytes: said in the API root, and smaller ones are never refused for their size. */
export const maxContentLength = 100_000_000;
const mostPerPage = 1_000;
const statusLasts = 24 * 3_600_000;
/** Root of what the caller's organisation holds itself. */
const ownRoot = 'own';

interface At {
  readonly root: string;
  readonly collection: string;
  readonly object: string;
  readonly status: string;
  readonly params: URLSearchParams;
}

function placeOf(request: Request): At {
  const { pathname, searchParams } = new URL(request.url);
  const [root = '', what = '', id = '', , object = ''] = pathname.split('/').filter((s) => s !== '').slice(1).map(decodedPart);
  return { root, collection: what === 'collections' ? id : '', status: what === 'status' ? id : '', object, params: searchParams };
}

type Answer = (parts: ExchangeParts, caller: Caller, at: At, request: Request) => Promise<Response>;

const answers: Readonly<Record<keyof typeof taxiiApi, { readonly answer: Answer; readonly stix?: true }>> = {
  'taxii.discover': { answer: discover }, 'taxii.root': { answer: root }, 'taxii.status': { answer: status },
  'taxii.collections': { answer: collections }, 'taxii.collection': { answer: collection },
  'taxii.manifest': { answer: (parts, caller, at) => list(parts, caller, at, 'manifest'), stix: true },
  'taxii.objects': { answer: (parts, caller, at) => list(parts, caller, at, 'objects') },
  'taxii.object': { answer: (parts, caller, at) => list(parts, caller, at, 'object') },
  'taxii.versions': { answer: (parts, caller, at) => list(parts, caller, at, 'versions') },
  'taxii.add': { answer: add }, 'taxii.remove': { answer: remove },
};

export function taxiiRoutes(parts: ExchangeParts): ExchangeRoute[] {
  return Object.entries(answers).map(([name, { answer, stix }]) => ({
    endpointName: name as keyof typeof taxiiApi,
    respond: (request, caller) => {
      refuseUnacceptable(request.headers.get('accept'), stix === true);
      return answer(parts, caller, placeOf(request), request);
    },
  }));
}

/** Agreements in force of which the caller's organisation is a side: each is an API root. */
async function rootsOf(parts: ExchangeParts, org: string): Promise<{ id: string; title: string }[]> {
  return (await agreementsOf(parts.db, org)).filter((a) => a.status === 'active').map(({ id, title }) => ({ id, title }));
}

async function discover(parts: ExchangeParts, { actor }: Caller): Promise<Response> {
  const roots = [ownRoot, ...(await rootsOf(parts, actor.org)).map((a) => a.id)].map((id) => `/taxii2/${id}/`);
  const hub = await organisationById(parts.db, actor.org);
  return resource({
    title: 'Entente', description: `What ${hub?.name ?? actor.org} holds, and what it shares under each of its agreements.`, default: roots[0],
    api_roots: roots,
  });
}

async function refuseUnknownRoot(parts: ExchangeParts, { actor }: Caller, id: string): Promise<string> {
  if (id === ownRoot) return 'What one’s own organisation holds';
  const found = (await rootsOf(parts, actor.org)).find((a) => a.id === id);
  if (!found) throw noSuch('api-root');
  return found.title;
}

async function root(parts: ExchangeParts, caller: Caller, at: At): Promise<Response> {
  const title = await refuseUnknownRoot(parts, caller, at.root);
  return resource({ title, versions: [taxiiType], max_content_length: maxContentLength });
}

const shown = (c: CollectionRecord, access: Access): Record<string, unknown> => ({
  id: c.id, title: c.title, description: c.description || undefined, alias: c.alias ?? undefined, can_read: access.read, can_write: access.write,
  media_types: access.read || access.write ? [stixType(21), stixType(20)] : undefined,
});

/** Collections under a root that the caller knows of, in the order in which they were opened. */
async function under(parts: ExchangeParts, caller: Caller, rootId: string): Promise<{ c: CollectionRecord; access: Access }[]> {
  const { org } = caller.actor;
  const all = rootId === ownRoot ? await collectionsOf(parts.db, org) : await collectionsUnder(parts.db, rootId, org);
  const found = [];
  for (const c of all) found.push({ c, access: await accessTo(caller, c) });
  return found.filter(({ access }) => access.read || access.write);
}

async function collections(parts: ExchangeParts, caller: Caller, at: At): Promise<Response> {
  await refuseUnknownRoot(parts, caller, at.root);
  await oneself(caller, 'threat.read');
  const all = await under(parts, caller, at.root);
  return resource({ collections: all.map(({ c, access }) => shown(c, access)) });
}

/** What is one's own is asked for too, so that no answer by mandate goes without. */
const oneself = (caller: Caller, right: 'threat.read' | 'threat.share') => caller.may(right, {
  owner: caller.actor.org, kind: 'threat', purpose: 'incident-response', level: 3, known: false, noun: 'collection',
});

interface Open { readonly collection: CollectionRecord; readonly access: Access; readonly reach: Reach }

/** The collection that an address names, by id or alias; 404 unless the caller may do something with it. */
async function open(parts: ExchangeParts, caller: Caller, at: At): Promise<Open> {
  await refuseUnknownRoot(parts, caller, at.root);
  await oneself(caller, 'threat.read');
  const { org } = caller.actor;
  const all = at.root === ownRoot ? await collectionsOf(parts.db, org) : await collectionsUnder(parts.db, at.root, org);
  const found = all.find((c) => c.id === at.collection.toLowerCase()) ?? all.find((c) => c.alias !== null && c.alias === at.collection);
  if (!found) throw noSuch('collection');
  return reachInto(parts.db, caller, found.id);
}

async function collection(parts: ExchangeParts, caller: Caller, at: At): Promise<Response> {
  const { collection: c, access } = await open(parts, caller, at);
  return resource(shown(c, access));
}

const notReadable = (): Refusal => new Refusal('forbidden', 'collection.not-readable', 'This collection takes in and shows nothing.');

async function list(parts: ExchangeParts, caller: Caller, at: At, what: 'manifest' | 'objects' | 'object' | 'versions'): Promise<Response> {
  const filters = filtersOf(at.params, what === 'manifest' ? paramsOf.objects : paramsOf[what]);
  const { collection: c, access, reach } = await open(parts, caller, at);
  if (!access.read) throw notReadable();
  const one = what === 'object' || what === 'versions';
  if (one && await objectIn(parts.db, reach, c, at.object) === null) throw noSuch('object');
  const question: Question = { person: caller.actor.person, org: caller.actor.org, coll: c.coll, what: one ? `${what} ${at.object}` : what, filters };
  const notes = what === 'objects' && c.owner !== caller.actor.org ? await recallsFor(parts, caller, c, filters) : [];
  const query: PageQuery = {
    after: afterOf(filters, question), limit: Math.min(filters.limit ?? mostPerPage, mostPerPage) - notes.length, ids: one ? [at.object] : filters.ids,
    types: filters.types,
    specs: filters.specs, versions: what === 'versions' ? { all: true, last: false, first: false, moments: [] } : filters.versions,
  };
  const page = await pageOf(parts.db, reach, c, query, what === 'objects' || what === 'object');
  const last = page.rows.at(-1);
  const next = page.more && last ? cursorAt(last.seq, question) : null;
  if (what === 'manifest') return manifest(page, next);
  return what === 'versions' ? versions(page, next) : envelope(page, next, notes);
}

/**
 * What the caller's organisation has to remove and has not acknowledged: a sync begins with it, whatever it asks for next. The notes
 * are no entries of the log, so that no reader's place in it moves.
 */
async function recallsFor({ db, clock }: ExchangeParts, { actor }: Caller, c: CollectionRecord, filters: Filters): Promise<string[]> {
  const most = notesOnPage(filters);
  if (most === 0) return [];
  const stones = (await tombstonesIn(db, actor.org, c.coll, most)).map((stone) => ({ stone, note: recallNote({
    id: stone.recall, objects: stone.objects, reason: stone.reason, recalledAt: stone.begunAt, acknowledgeBy: stone.endsAt,
  }, labelOf(stone.tlp).toLowerCase() as TlpLevel, c.id) }));
  const { ids } = filters;
  const wanted = stones.filter(({ stone, note }) => ids === null || ids.includes(String(note['id'])) || stone.objects.some((o) => ids.includes(o)));
  await noteDelivered(db, actor.org, wanted.map(({ stone }) => stone.recall), clock.iso());
  return wanted.map(({ note }) => JSON.stringify(note));
}

function afterOf(filters: Filters, question: Question): number {
  const from = filters.addedAfter ?? -1;
  return filters.next === null ? from : Math.max(from, positionOf(filters.next, question));
}

async function* bounded(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > maxContentLength) throw tooLarge();
    yield piece;
  }
}

const tooLarge = (): Refusal => new Refusal('too-large', 'taxii.too-large', `What is added at once is at most ${maxContentLength} bytes.`);

async function add(parts: ExchangeParts, caller: Caller, at: At, request: Request): Promise<Response> {
  const { collection: c, access } = await open(parts, caller, at);
  refuseOtherContent(request.headers.get('content-type'));
  if (!access.write) throw new Refusal('forbidden', 'collection.not-writable', 'One does not add to this collection.');
  if (Number(request.headers.get('content-length') ?? 0) > maxContentLength) throw tooLarge();
  const { clauses } = await mayUse(caller, 'threat.share', c);
  const asked = parts.clock.iso();
  const report = await addTo(parts, { caller, into: c, clauses }, piecesOf(bounded(whileAllowed(request.body, caller.until))));
  const [first] = report.lines;
  if (report.total === 0 || (report.total === 1 && first?.id === '' && first.outcome === 'refused')) {
    throw new Refusal('unprocessable', 'taxii.no-objects', 'The body is no envelope with objects.', { ...(first
      ? { hint: `${first.place}: ${first.text}.` } : {}) });
  }
  const id = newUuid(parts);
  await keepStatus(parts.db, {
    id, scope: c.owner, coll: c.coll, org: caller.actor.org, askedAt: asked, endsAt: new Date(parts.clock.now() + statusLasts).toISOString(), report,
  });
  return resource(statusResource(id, asked, report), 202);
}

const failed = (report: Pick<Report, 'counts'>): number => report.counts.quarantined + report.counts.refused;

/** The status of an addition (4.3): everything is done when it is answered. */
function statusResource(id: string, asked: string, report: Pick<Report, 'total' | 'counts' | 'taken' | 'lines'>): Record<string, unknown> {
  const failures = report.lines.filter((l) => l.outcome === 'refused' || l.outcome === 'quarantined');
  const detail = (o: { id: string; version: string }): Record<string, unknown> => ({ id: o.id, version: o.version === '' ? asked : o.version });
  return {
    id, status: 'complete', request_timestamp: momentOf(Date.parse(asked) * 1000), total_count: report.total,
    success_count: report.total - failed(report), successes: report.taken.map(detail),
    failure_count: failed(report), failures: failures.map((l) => ({ ...detail(l), message: `${l.place}: ${l.text}` })), pending_count: 0,
  };
}

async function status(parts: ExchangeParts, caller: Caller, at: At): Promise<Response> {
  await refuseUnknownRoot(parts, caller, at.root);
  const found = await statusById(parts.db, caller.actor.org, at.status, parts.clock.iso());
  if (!found) throw noSuch('status');
  return resource(statusResource(at.status, found.askedAt, found.report));
}

async function remove(parts: ExchangeParts, caller: Caller, at: At): Promise<Response> {
  const filters = filtersOf(at.params, paramsOf.remove);
  const { collection: c, access, reach } = await open(parts, caller, at);
  if (!access.read && !access.write) throw noSuch('collection');
  if (!access.read || !access.write) throw new Refusal('forbidden', 'collection.not-both', 'Only who reads and adds to a collection takes out of it.');
  const { clauses } = await mayUse(caller, 'threat.share', c);
  const { actor } = caller;
  const narrowed = at.params.has('match[version]') || at.params.has('match[spec_version]');
  await forHolder(c.owner === actor.org, () => parts.db.transaction(async (tx) => {
    const library = (await collectionsOf(tx, c.owner)).find((l) => l.kind === 'library');
    if (library) await lockLog(tx, library.coll);
    const obj = await objectIn(tx, reach, c, at.object);
    if (obj === null) throw noSuch('object');
    if (c.owner !== actor.org && !await broughtBy(tx, obj, actor.org)) {
      throw new Refusal('forbidden', 'object.not-yours', 'Only who added an object takes it out.');
    }
    // What is taken out of one part of a community leaves all of them.
    const everywhere = [...placesFor(c, await collectionsOf(tx, c.owner))].sort((a, b) => a - b);
    if (narrowed) {
      const page = await pageOf(tx, reach, c, {
        after: -1, limit: mostPerPage, ids: [at.object], types: null, specs: filters.specs,
        versions: at.params.has('match[version]') ? filters.versions : { all: true, last: false, first: false, moments: [] },
      }, false);
      if (page.rows.length === 0) throw noSuch('object');
      for (const coll of everywhere) await dropVersions(tx, coll, obj, page.rows.map((r) => r.ver), nowUs(parts));
    } else for (const coll of everywhere) await retract(tx, coll, [obj], 'deleted', nowUs(parts));
    await stateFact(tx, {
      class: 'threat.removed', at: parts.clock.iso(), actor: actor.person, org: actor.org, subject: c.id,
      readers: [...new Set([c.owner, ...(c.partner === null ? [] : [c.partner])])], clauses, body: { collection: c.id, object: at.object },
    });
  }));
  return new Response(null, { status: 200, headers: { 'content-type': taxiiType, 'cache-control': 'no-store' } });
}
