/**
 * The part of MISP's API that its clients call: what is held and shared as events, attributes and objects. Paths are MISP's, with `.json`
 * behind them or without; docs/specs/misp.md says what differs. Bodies are read by MISP's rules.
 */
import { z } from 'zod';
import { endpoint, raw, type Method } from '#kit/endpoint';

const Name = z.string().min(1).max(100);
const Misp = z.unknown();
/** A standing order of parameters that the protocol leaves to each request. */
const loose = <T extends z.ZodRawShape>(shape: T) => z.looseObject(shape);
const reading = { right: 'threat.read', by: 'mandate', ownToo: true } as const;
const knowing = { right: 'threat.list', by: 'role' } as const;
const writing = { right: 'threat.import', by: 'role' } as const;
const sighting = { right: 'sighting.add', by: 'role' } as const;

const read = <T extends z.ZodRawShape>(method: Method, path: string, summary: string, shape: T) =>
  raw(endpoint({ method, path: `/misp/${path}`, summary, input: loose(shape), output: Misp, needs: reading }));
const know = <T extends z.ZodRawShape>(method: Method, path: string, summary: string, shape: T) =>
  raw(endpoint({ method, path: `/misp/${path}`, summary, input: loose(shape), output: Misp, needs: knowing }));
const write = <T extends z.ZodRawShape>(path: string, summary: string, shape: T) =>
  raw(endpoint({ method: 'POST', path: `/misp/${path}`, summary, input: loose(shape), output: Misp, needs: writing }));
const sight = <T extends z.ZodRawShape>(path: string, summary: string, shape: T) =>
  raw(endpoint({ method: 'POST', path: `/misp/${path}`, summary, input: loose(shape), output: Misp, needs: sighting }));

const event = { event: Name };
const attribute = { attribute: Name };
const thing = { thing: Name };

export const mispApi = {
  'misp.version': know('GET', 'servers/getVersion', 'MISP: the version whose API is answered, and what one may.', {}),
  'misp.clientVersion': know('GET', 'servers/getPyMISPVersion', 'MISP: the version of PyMISP that fits.', {}),
  'misp.me': know('GET', 'users/view/me', 'MISP: who one is, and what one may, in its words.', {}),
  'misp.types': know('GET', 'attributes/describeTypes', 'MISP: types and categories of attributes.', {}),
  'misp.taxonomies': know('GET', 'taxonomies/index', 'MISP: taxonomies whose tags the exchange acts upon.', {}),
  'misp.sharingGroups': know('GET', 'sharingGroups/index', 'MISP: sharing groups, of which the exchange has none: it shares by agreements.', {}),
  'misp.warninglists': know('GET', 'warninglists/index', 'MISP: one’s own warninglists.', {}),
  'misp.checkValues': know('POST', 'warninglists/checkValue', 'MISP: which of one’s own warninglists values stand on.', {}),
  'misp.feeds': read('GET', 'feeds/index', 'MISP: the feeds that one may fetch here, one a collection.', {}),
  'misp.feedFile': read('GET', 'feed/:collection/:leaf', 'MISP: a file of a collection’s feed: its manifest, its hashes, or an event.',
    { collection: Name, leaf: Name }),
  'misp.events': read('GET', 'events/index', 'MISP: events, without what is in them.', {}),
  'misp.findRows': read('POST', 'events/index', 'MISP: events that filters find, without what is in them.', {}),
  'misp.event': read('GET', 'events/view/:event', 'MISP: one event, by number or uuid.', event),
  'misp.eventWith': read('POST', 'events/view/:event', 'MISP: one event, with what is deleted if that is asked for.', event),
  'misp.findEvents': read('POST', 'events/restSearch', 'MISP: events that filters find.', {}),
  'misp.attribute': read('GET', 'attributes/view/:attribute', 'MISP: one attribute, by number or uuid.', attribute),
  'misp.findAttributes': read('POST', 'attributes/restSearch', 'MISP: attributes that filters find, whatever event they are in.', {}),
  'misp.object': read('GET', 'objects/view/:thing', 'MISP: one object, by number or uuid.', thing),
  'misp.findObjects': read('POST', 'objects/restSearch', 'MISP: objects that filters find.', {}),
  'misp.tags': read('GET', 'tags/index', 'MISP: tags of events.', {}),
  'misp.findTags': read('POST', 'tags/search', 'MISP: tags of events by name.', {}),
  'misp.galaxies': read('GET', 'galaxies/index', 'MISP: galaxies of which something is held.', {}),
  'misp.organisations': read('GET', 'organisations/index', 'MISP: organisations that hold or made events one reads.', {}),
  'misp.sightings': read('POST', 'sightings/index', 'MISP: sightings that one may know of.', {}),
  'misp.sightingsOf': read('POST', 'sightings/listSightings', 'MISP: sightings of an event or attribute.', {}),
  'misp.findSightings': read('POST', 'sightings/restSearch', 'MISP: sightings by time, kind and reporter.', {}),
  'misp.findSightingsOfEvent': read('POST', 'sightings/restSearch/event', 'MISP: sightings in an event.', {}),
  'misp.findSightingsOfAttribute': read('POST', 'sightings/restSearch/attribute', 'MISP: sightings of an attribute.', {}),
  'misp.addEvent': write('events/add', 'MISP: adds an event to one’s own library.', {}),
  'misp.editEvent': write('events/edit/:event', 'MISP: lays changes over an event of one’s own.', event),
  'misp.deleteEvent': write('events/delete/:event', 'MISP: takes an event of one’s own out of every collection.', event),
  'misp.publish': write('events/publish/:event', 'MISP: publishes an event: what its label lets be shared is shared.', event),
  'misp.unpublish': write('events/unpublish/:event', 'MISP: takes an event back into one’s own organisation.', event),
  'misp.addAttribute': write('attributes/add/:event', 'MISP: adds an attribute, or a list of them, to an event.', event),
  'misp.editAttribute': write('attributes/edit/:attribute', 'MISP: changes an attribute.', attribute),
  'misp.deleteAttribute': write('attributes/delete/:attribute', 'MISP: marks an attribute as deleted, or takes it out.', attribute),
  'misp.addObject': write('objects/add/:event', 'MISP: adds an object to an event.', event),
  'misp.editObject': write('objects/edit/:thing', 'MISP: changes an object.', thing),
  'misp.deleteObject': write('objects/delete/:thing', 'MISP: marks an object as deleted, or takes it out.', thing),
  'misp.addReference': write('objectReferences/add', 'MISP: says how an object is related to another or to an attribute.', {}),
  'misp.attachTag': write('tags/attachTagToObject', 'MISP: puts a tag on an event or attribute.', {}),
  'misp.removeTag': write('tags/removeTagFromObject', 'MISP: takes a tag off an event or attribute.', {}),
  'misp.addSighting': sight('sightings/add', 'MISP: says that a value, or an attribute, was seen, was harmless, or is over.', {}),
  'misp.addSightingOf': sight('sightings/add/:attribute', 'MISP: says that an attribute was seen, was harmless, or is over.', attribute),
  'misp.deleteSighting': sight('sightings/delete/:sighting', 'MISP: takes back a sighting that one reported.', { sighting: Name }),
} as const;
