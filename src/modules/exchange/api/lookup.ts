/** Whether anything is known of values: addresses, names, URLs, hashes, mail addresses; and the lists of what is harmless. */
import { z } from 'zod';
import { endpoint, raw } from '#kit/endpoint';
import { LookedUp, Warninglist } from '../model/lookup.ts';

const Id = z.string().min(1).max(60);

export const lookupApi = {
  'threats.lookUp': endpoint({
    method: 'POST', path: '/api/lookup',
    summary: 'Looks values up: each with what covers it (parents of a domain, prefixes of an address, folders and host of a URL), within reach.',
    input: z.strictObject({ values: z.array(z.string().min(1).max(8_192)).min(1).max(10_000), all: z.boolean().default(true) }),
    output: z.strictObject({ items: z.array(LookedUp), asked: z.number().int(), found: z.number().int() }),
    needs: { right: 'threat.read', by: 'mandate', ownToo: true },
  }),
  'warninglists.list': endpoint({
    method: 'GET', path: '/api/warninglists', summary: 'Lists of what is harmless, which silence what is found.',
    input: z.strictObject({}), output: z.strictObject({ items: z.array(Warninglist) }), needs: { right: 'threat.list', by: 'role' },
  }),
  'warninglists.put': raw(endpoint({
    method: 'POST', path: '/api/warninglists', status: 201, upload: true,
    summary: 'Puts a warninglist in place, as MISP writes them (string, hostname, cidr); it counts at once, also for what was taken in before.',
    input: z.strictObject({}), output: z.strictObject({ list: Warninglist }), needs: { right: 'warninglist.change', by: 'role' },
  })),
  'warninglists.remove': endpoint({
    method: 'POST', path: '/api/warninglists/:warninglist/remove', summary: 'Takes a warninglist away.',
    input: z.strictObject({ warninglist: Id }), output: z.strictObject({ name: z.string() }), needs: { right: 'warninglist.change', by: 'role' },
  }),
} as const;
