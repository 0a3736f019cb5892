/** GR-01 in full, on PostgreSQL: every right, of every kind, with every role, where there is no agreement. */
import { expect, test } from 'vitest';
import { migrations } from '../../src/app/compose.ts';
import { Role } from '../../src/modules/parties/model.ts';
import { insertOrganisation } from '../../src/modules/parties/store.ts';
import { askForAll } from '../access/nothing.ts';
import { testHub } from '../hub.ts';
import { startPostgres } from './postgres.ts';

test('without an agreement every pair of right and kind is denied to every role', async () => {
  const server = await startPostgres();
  const hub = await testHub({ records: () => server.open('nothing', migrations) });
  try {
    await insertOrganisation(hub.world.db, { id: 'org_alone', name: 'Alone', nameLocal: null, kind: 'company', country: 'VN' }, null);
    const told = await askForAll(hub, () => Role.options, 6);
    process.stdout.write(`nothing: ${told.rights} rights, ${told.kinds} kinds, ${Role.options.length} roles: ${told.denied} denied\n`);
    expect(told.allowed).toEqual([]);
    expect(told.denied).toBe(told.rights * told.kinds * Role.options.length);
  } finally {
    await hub.close();
    await server.stop();
  }
}, 1_800_000);
