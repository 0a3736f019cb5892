/**
 * MISP's API over the exchange. Its paths and shapes are MISP's; who may what is asked of the gate, and what is written goes through the
 * one intake. Nothing of it is kept apart: what is added here is read by TAXII, search and look-up, and the other way round.
 */
import { decodedPart } from '#kit/path';
import type { Caller } from '#kit/endpoint';
import { whileAllowed } from '#kit/allowed';
import { givesRight } from '#modules/parties/index';
import { isStixObject, own } from '#kit/stix/object';
import type { ExchangeParts } from '../actions/parts.ts';
import type { mispApi } from '../api/misp.ts';
import { feedFile, listFeeds } from './feed.ts';
import { clientVersion, describedTypes, sharingGroups, taxonomies, version } from './lists.ts';
import {
  checkValues, findAttributes, findEvents, findObjects, listEvents, listGalaxies, listOrganisations, listTags, listWarninglists, viewAttribute, viewEvent,
  viewMe, viewObject,
} from './reads.ts';
import { addSighting, deleteSighting, findSightings, listSightings } from './sightings.ts';
import { jsonOf } from './storing.ts';
import {
  addAttributes, addEvent, addObject, addReference, changeTag, deleteAttribute, deleteEvent, deleteObject, editAttribute, editEvent, editObject, publishEvent,
} from './writes.ts';

export interface MispRoute {
  readonly endpointName: keyof typeof mispApi;
  respond(request: Request, caller: Caller): Promise<Response>;
}

interface At {
  readonly parts: ExchangeParts;
  readonly caller: Caller;
  readonly request: Request;
  /** What stands in the path behind the name of the act. */
  readonly names: readonly string[];
  /** Parameters in the path, as in `/limit:10/page:2`, and in the query. */
  readonly said: Readonly<Record<string, string>>;
}

function placeOf(parts: ExchangeParts, request: Request, caller: Caller): At {
  const { pathname, searchParams } = new URL(request.url);
  const all = pathname.split('/').filter((s) => s !== '').slice(3).map(decodedPart);
  const said = Object.fromEntries([...searchParams, ...all.filter((s) => /^\w+:/.test(s)).map((s) => [s.slice(0, s.indexOf(':')),
    s.slice(s.indexOf(':') + 1)])]);
  return { parts, caller, request, names: all.filter((s) => !/^\w+:/.test(s)), said };
}
/** The body, over what the path and query say. */
async function asked({ request, caller, said }: At): Promise<unknown> {
  const body = await jsonOf(whileAllowed(request.body, caller.until));
  return isStixObject(body) ? { ...said, ...body } : body;
}
const first = ({ names }: At): string => names[0] ?? '';
const rightsOf = ({ caller: { actor } }: At) => (right: string): boolean =>
  (givesRight(actor.roles, right) || actor.emergency?.includes(right) === true) && (!actor.scopes || actor.scopes.includes(right));
const metadata = ({ said }: At): boolean => said['metadata'] === '1';

type Answer = (at: At) => Promise<Response>;
const answers: Readonly<Record<keyof typeof mispApi, Answer>> = {
  'misp.version': async (at) => version(rightsOf(at)), 'misp.clientVersion': async () => clientVersion(), 'misp.types': async () => describedTypes(),
  'misp.me': (at) => viewMe(at.parts, at.caller, rightsOf(at)), 'misp.taxonomies': async () => taxonomies(), 'misp.sharingGroups': async () => sharingGroups(),
  'misp.warninglists': ({ parts, caller }) => listWarninglists(parts, caller), 'misp.checkValues': async (at) => checkValues(at.parts, at.caller,
    await asked(at)),
  'misp.feeds': ({ parts, caller, request }) => listFeeds(parts, caller, request), 'misp.feedFile': feedNamed,
  'misp.events': ({ parts, caller, said }) => listEvents(parts, caller, said), 'misp.findRows': async (at) => listEvents(at.parts, at.caller, await asked(at)),
  'misp.event': (at) => viewEvent(at.parts, at.caller, first(at), at.said), 'misp.eventWith': async (at) => viewEvent(at.parts, at.caller, first(at),
    await asked(at)),
  'misp.findEvents': async (at) => findEvents(at.parts, at.caller, await asked(at)),
  'misp.attribute': (at) => viewAttribute(at.parts, at.caller, first(at)),
  'misp.findAttributes': async (at) => findAttributes(at.parts, at.caller, await asked(at)),
  'misp.object': (at) => viewObject(at.parts, at.caller, first(at)), 'misp.findObjects': async (at) => findObjects(at.parts, at.caller, await asked(at)),
  'misp.tags': ({ parts, caller }) => listTags(parts, caller, undefined),
  'misp.findTags': async (at) => {
    const json = await asked(at);
    return listTags(at.parts, at.caller, isStixObject(json) ? own(json, 'name') ?? '%' : '%');
  },
  'misp.galaxies': ({ parts, caller }) => listGalaxies(parts, caller), 'misp.organisations': ({ parts, caller }) => listOrganisations(parts, caller),
  'misp.sightings': async (at) => listSightings(at.parts, at.caller, await asked(at)), 'misp.sightingsOf': async (at) => listSightings(at.parts, at.caller,
    await asked(at)),
  'misp.findSightings': async (at) => findSightings(at.parts, at.caller, await asked(at), ''),
  'misp.findSightingsOfEvent': async (at) => findSightings(at.parts, at.caller, await asked(at), 'event'),
  'misp.findSightingsOfAttribute': async (at) => findSightings(at.parts, at.caller, await asked(at), 'attribute'),
  'misp.addEvent': async (at) => addEvent(at.parts, at.caller, await asked(at), metadata(at)),
  'misp.editEvent': async (at) => editEvent(at.parts, at.caller, first(at), await asked(at), metadata(at)),
  'misp.deleteEvent': (at) => deleteEvent(at.parts, at.caller, first(at)),
  'misp.publish': (at) => publishEvent(at.parts, at.caller, first(at), true), 'misp.unpublish': (at) => publishEvent(at.parts, at.caller, first(at), false),
  'misp.addAttribute': async (at) => addAttributes(at.parts, at.caller, first(at), await jsonOf(whileAllowed(at.request.body, at.caller.until)),
    at.said['breakOnDuplicate'] !== '0'),
  'misp.editAttribute': async (at) => editAttribute(at.parts, at.caller, first(at), await asked(at)),
  'misp.deleteAttribute': async (at) => deleteAttribute(at.parts, at.caller, first(at), await asked(at)),
  'misp.addObject': async (at) => addObject(at.parts, at.caller, first(at), await asked(at)),
  'misp.editObject': async (at) => editObject(at.parts, at.caller, first(at), await asked(at)),
  'misp.deleteObject': async (at) => deleteObject(at.parts, at.caller, first(at), await asked(at)),
  'misp.addReference': async (at) => addReference(at.parts, at.caller, await asked(at)),
  'misp.attachTag': async (at) => changeTag(at.parts, at.caller, await asked(at), true), 'misp.removeTag': async (at) => changeTag(at.parts, at.caller,
    await asked(at), false),
  'misp.addSighting': async (at) => addSighting(at.parts, at.caller, await asked(at), ''),
  'misp.addSightingOf': async (at) => addSighting(at.parts, at.caller, await asked(at), first(at)),
  'misp.deleteSighting': (at) => deleteSighting(at.parts, at.caller, first(at)),
};

async function feedNamed({ parts, caller, request }: At): Promise<Response> {
  const [, , collection = '', file = ''] = new URL(request.url).pathname.split('/').filter((s) => s !== '').map(decodedPart);
  return feedFile(parts, caller, request, collection, file);
}

export function mispRoutes(parts: ExchangeParts): MispRoute[] {
  return Object.entries(answers).map(([name, answer]) => ({
    endpointName: name as keyof typeof mispApi, respond: (request, caller) => answer(placeOf(parts, request, caller)),
  }));
}
