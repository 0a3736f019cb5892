/**
 * TAXII 2.1: an agreement owns an API root, and under it stands what either side shares with the other. `own` is the root of what
 * the caller's organisation holds itself. Paths end in a slash as the standard wants; without it the answer is the same.
 */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';

const Root = z.string().min(1).max(60);
const Id = z.string().min(1).max(60);
const Thing = z.string().min(1).max(300);
/** Parameters of the protocol are read by its own rules. */
const loose = <T extends z.ZodRawShape>(shape: T) => z.looseObject(shape);
const Taxii = z.unknown();
const reading = { right: 'threat.read', by: 'mandate', ownToo: true } as const;
const sharing = { right: 'threat.share', by: 'mandate', ownToo: true } as const;
const base = '/taxii2/:root/collections/:collection';

export const taxiiApi = {
  'taxii.discover': raw(endpoint({
    method: 'GET', path: '/taxii2/', summary: 'TAXII 2.1 discovery: an API root for each agreement in force, and one for what one holds.',
    input: loose({}), output: Taxii, needs: { right: 'threat.list', by: 'role' },
  })),
  'taxii.root': raw(endpoint({
    method: 'GET', path: '/taxii2/:root/', summary: 'An API root: its title, versions and the largest body.',
    input: loose({ root: Root }), output: Taxii, needs: { right: 'threat.list', by: 'role' },
  })),
  'taxii.status': raw(endpoint({
    method: 'GET', path: '/taxii2/:root/status/:status/', summary: 'What became of objects that were added, for a day.',
    input: loose({ root: Root, status: Id }), output: Taxii, needs: { right: 'threat.list', by: 'role' },
  })),
  'taxii.collections': raw(endpoint({
    method: 'GET', path: '/taxii2/:root/collections/', summary: 'Collections of an API root that one may read or add to.',
    input: loose({ root: Root }), output: Taxii, needs: reading,
  })),
  'taxii.collection': raw(endpoint({
    method: 'GET', path: `${base}/`, summary: 'One collection.',
    input: loose({ root: Root, collection: Id }), output: Taxii, needs: reading,
  })),
  'taxii.manifest': raw(endpoint({
    method: 'GET', path: `${base}/manifest/`, summary: 'Objects of a collection without their content, in the order they were added.',
    input: loose({ root: Root, collection: Id }), output: Taxii, needs: reading,
  })),
  'taxii.objects': raw(endpoint({
    method: 'GET', path: `${base}/objects/`, summary: 'Objects of a collection in the order they were added, in pages.',
    input: loose({ root: Root, collection: Id }), output: Taxii, needs: reading,
  })),
  'taxii.add': raw(endpoint({
    method: 'POST', path: `${base}/objects/`, summary: 'Adds objects to a collection.', status: 202,
    input: loose({ root: Root, collection: Id }), output: Taxii, needs: sharing,
  })),
  'taxii.object': raw(endpoint({
    method: 'GET', path: `${base}/objects/:object/`, summary: 'One object of a collection.',
    input: loose({ root: Root, collection: Id, object: Thing }), output: Taxii, needs: reading,
  })),
  'taxii.remove': raw(endpoint({
    method: 'DELETE', path: `${base}/objects/:object/`, summary: 'Takes an object, or some of its versions, out of a collection.',
    input: loose({ root: Root, collection: Id, object: Thing }), output: Taxii, needs: sharing,
  })),
  'taxii.versions': raw(endpoint({
    method: 'GET', path: `${base}/objects/:object/versions/`, summary: 'Versions of an object that a collection has.',
    input: loose({ root: Root, collection: Id, object: Thing }), output: Taxii, needs: reading,
  })),
} as const;
