/** What one may ask of peers: other servers that are spoken with, the collections that are followed there, and what came of each fetch. */
import { z } from 'zod';
import { endpoint } from '#kit/endpoint';
import { Aside, Auth, directions, Fetch, Filters, Following, Found, GivenSecret, NewPeer, Peer, PeerSettings } from '../model/peers.ts';

const Id = z.string().min(1).max(60);
const list = { right: 'peer.list', by: 'role' } as const;
const change = { right: 'peer.change', by: 'role' } as const;
const PeerShown = z.strictObject({ peer: Peer, followings: z.array(Following) });

export const peersApi = {
  'peers.list': endpoint({
    method: 'GET', path: '/api/peers', summary: 'Peers and their health: what is followed of each, how fresh it is, what troubles it, when it is fetched next.',
    input: z.strictObject({}), output: z.strictObject({ at: z.iso.datetime(), items: z.array(PeerShown) }), needs: list,
  }),
  'peers.view': endpoint({
    method: 'GET', path: '/api/peers/:peer', summary: 'One peer with what is followed of it. Its secret is never answered.',
    input: z.strictObject({ peer: Id }), output: PeerShown, needs: list,
  }),
  'peers.look': endpoint({
    method: 'POST', path: '/api/peers/look',
    summary: 'Looks at a server before it is added: its API roots and collections, and whether the credential opens them. Nothing is kept.',
    input: z.strictObject({ url: NewPeer.shape.url, auth: Auth, secret: GivenSecret.optional() }), output: Found, needs: change,
  }),
  'peers.discover': endpoint({
    method: 'POST', path: '/api/peers/:peer/discover', summary: 'Looks at a peer with the credential that is kept.',
    input: z.strictObject({ peer: Id }), output: Found, needs: change,
  }),
  'peers.add': endpoint({
    method: 'POST', path: '/api/peers', status: 201, summary: 'Adds a peer: where it is, how one signs in there, which label has what carries none.',
    input: NewPeer, output: PeerShown, needs: change,
  }),
  'peers.change': endpoint({
    method: 'PUT', path: '/api/peers/:peer',
    summary: 'Changes a peer. A secret that is not given stays, unless it would be said at another place; then it is given anew.',
    input: PeerSettings.extend({ peer: Id, secret: GivenSecret.optional() }), output: PeerShown, needs: change,
  }),
  'peers.end': endpoint({
    method: 'POST', path: '/api/peers/:peer/end', summary: 'Ends a peer: it is asked no more, and its secret is removed. What came of it stays.',
    input: z.strictObject({ peer: Id }), output: z.strictObject({ ended: z.literal(true) }), needs: change,
  }),
  'followings.add': endpoint({
    method: 'POST', path: '/api/peers/:peer/followings', status: 201,
    summary: 'Follows a collection of a peer, or sends to it what one shares under the agreement with it. It is first asked at once.',
    input: z.strictObject({
      peer: Id, direction: z.enum(directions).default('in'), root: z.url({ protocol: /^https?$/ }).max(2000),
      collection: z.string().regex(/^[\w.~-]{1,200}$/), title: z.string().trim().min(1).max(200), filters: Filters.default({ types: null, versions: 'last' }),
      own: Id.nullable().default(null),
    }),
    output: z.strictObject({ following: Following }), needs: change,
  }),
  'followings.view': endpoint({
    method: 'GET', path: '/api/followings/:following',
    summary: 'One following with its latest fetches, which are kept for 90 days, and what of it could not be taken in.',
    input: z.strictObject({ following: Id }),
    output: z.strictObject({ peer: Peer, following: Following, fetches: z.array(Fetch), aside: z.array(Aside) }), needs: list,
  }),
  'followings.change': endpoint({
    method: 'POST', path: '/api/followings/:following/change',
    summary: 'Pauses a following, goes on with it, or begins it anew: what is there already is known when it comes again.',
    input: z.strictObject({ following: Id, act: z.enum(['pause', 'go-on', 'begin-anew', 'end']) }),
    output: z.strictObject({ following: Following.nullable() }), needs: change,
  }),
  'followings.fetch': endpoint({
    method: 'POST', path: '/api/followings/:following/fetch', status: 202, summary: 'Fetches now, beside the request; the following tells how far it is.',
    input: z.strictObject({ following: Id }), output: z.strictObject({ run: z.string() }), needs: { right: 'peer.fetch', by: 'role' },
  }),
} as const;
