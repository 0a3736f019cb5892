/**
 * For each path parameter an id that exists and belongs to another organisation than the asker's, and one that never was. An
 * endpoint with a parameter that this file does not know fails the matrix: whoever adds one says here whose it is.
 */
import type { Endpoint } from '#kit/endpoint';
import { pathParameters } from '#kit/endpoint';
import { sessionsOf, tokensOf } from '../../src/modules/parties/store.ts';
import type { TestHub } from '../hub.ts';

type Find = (hub: TestHub) => Promise<{ owned: string; unknown: string }>;

const finders: Readonly<Record<string, Find>> = {
  // Between the centre and Meridian: none of Kestrel's business.
  agreement: async () => ({ owned: 'agr_meridian', unknown: 'agr_neverwas' }),
  part: async () => ({ owned: 'technical-data', unknown: 'technical-data' }),
  person: async () => ({ owned: 'per_rivera', unknown: 'per_neverwas' }),
  // The first fact is of the centre's own organisation record; the last index does not exist.
  index: async () => ({ owned: '0', unknown: '999999' }),
  session: async (hub) => {
    await hub.as('per_rivera');
    return { owned: (await sessionsOf(hub.world.db, 'per_rivera'))[0]?.id ?? '', unknown: 'ses_neverwas' };
  },
  passkey: async () => ({ owned: 'passkey-of-rivera', unknown: 'passkey-never-was' }),
  token: async (hub) => {
    const cookie = await hub.as('per_rivera');
    await hub.ask('POST', '/api/tokens', { name: 'hers', scopes: ['agreement.list'], days: 1 }, { cookie });
    return { owned: (await tokensOf(hub.world.db, 'per_rivera'))[0]?.id ?? '', unknown: 'tok_neverwas' };
  },
};

export async function foreignIds(
  hub: TestHub, endpoint: Endpoint,
): Promise<{ owned: Record<string, string>; unknown: Record<string, string> }> {
  const owned: Record<string, string> = {};
  const unknown: Record<string, string> = {};
  for (const name of pathParameters(endpoint.path)) {
    const found = await finders[name]?.(hub);
    if (!found) continue;
    owned[name] = found.owned;
    unknown[name] = found.unknown;
  }
  return { owned, unknown };
}
