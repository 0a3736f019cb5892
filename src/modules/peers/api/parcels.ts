/** What one may ask of parcels: sites that no network reaches, what is packed for them, what is taken in from them, and receipts. */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';
import { Made, NewSite, Receipt, Site, Taken } from '../model/parcels.ts';

const Id = z.string().min(1).max(60);
const list = { right: 'peer.list', by: 'role' } as const;

export const parcelsApi = {
  'sites.list': endpoint({
    method: 'GET', path: '/api/sites', summary: 'Sites that parcels are exchanged with, the key that this hub signs them with, and the parcels of late.',
    input: z.strictObject({}),
    output: z.strictObject({
      vkey: z.string(), sites: z.array(Site), made: z.array(Made), taken: z.array(Taken),
      /** Numbers of each series that never came, although a later one did. */
      gaps: z.array(z.strictObject({ site: z.string(), series: z.string(), title: z.string(), missing: z.array(z.number().int()) })),
    }),
    needs: list,
  }),
  'sites.pin': endpoint({
    method: 'POST', path: '/api/sites', status: 201,
    summary: 'Pins the key of a site: from now on its parcels are believed, up to a label. A second person compares the key.',
    input: NewSite, output: z.strictObject({ site: Site }),
    needs: { right: 'peer.change', by: 'role', approval: { from: 'own-organisation', right: 'peer.approve', when: 'always' } },
  }),
  'sites.end': endpoint({
    method: 'POST', path: '/api/sites/:site/end', summary: 'Ends a site: nothing of it is believed any more, and nothing is packed for it.',
    input: z.strictObject({ site: Id }), output: z.strictObject({ ended: z.literal(true) }), needs: { right: 'peer.change', by: 'role' },
  }),
  'parcels.make': raw(endpoint({
    method: 'POST', path: '/api/sites/:site/parcels', upload: true,
    summary: 'Packs what a shared collection has had since the last parcel of its series, signed; `from` packs again from that number on.',
    input: z.strictObject({ site: Id, own: Id, from: z.coerce.number().int().min(1).optional() }),
    output: z.unknown(), needs: { right: 'peer.fetch', by: 'role' },
  })),
  'parcels.take': raw(endpoint({
    method: 'POST', path: '/api/parcels', status: 200, upload: true,
    summary: 'Takes a parcel in: all of it is checked before anything of it is taken; the same parcel again changes nothing.',
    input: z.strictObject({ file: z.string().max(255).optional() }),
    output: z.strictObject({ parcel: Taken, again: z.boolean(), missing: z.array(z.number().int()) }), needs: { right: 'peer.fetch', by: 'role' },
  })),
  'parcels.receipt': endpoint({
    method: 'GET', path: '/api/parcels/:parcel/receipt', summary: 'A signed receipt of a parcel that was taken in, for its sender.',
    input: z.strictObject({ parcel: Id }), output: z.strictObject({ receipt: z.string() }), needs: list,
  }),
  'parcels.acknowledge': endpoint({
    method: 'POST', path: '/api/parcel-receipts', summary: 'Hands in a receipt that a site has signed: what was made for it has arrived.',
    input: z.strictObject({ receipt: z.string().min(1).max(20_000) }), output: z.strictObject({ site: z.string(), receipt: Receipt }),
    needs: { right: 'peer.fetch', by: 'role' },
  }),
} as const;
