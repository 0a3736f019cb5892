/**
 * GR-01 on PostgreSQL: every right, of every kind, where there is no agreement; with every role in the full check, else with three of
 * them, whose turn moves on from pair to pair.
 */
import { expect, test } from 'vitest';
import { migrations } from '../../src/app/compose.ts';
import { Role } from '../../src/modules/parties/model.ts';
import { insertOrganisation } from '../../src/modules/parties/store.ts';
import { askForAll } from '../access/nothing.ts';
import { testHub } from '../hub.ts';
import { startPostgres } from './postgres.ts';

test('without an agreement every pair of right and kind is denied, whatever role asks', async () => {
  const server = await startPostgres();
  const hub = await testHub({ records: () => server.open('nothing', migrations) });
  try {
    await insertOrganisation(hub.world.db, { id: 'org_alone', name: 'Alone', nameLocal: null, kind: 'company', country: 'VN' }, null);
    const all = Role.options;
    const each = process.env['FULL'] === 'yes' ? all.length : 3;
    const told = await askForAll(hub, (pair) => Array.from({ length: each }, (_, i) => all[(pair * each + i) % all.length] as Role), 6);
    process.stdout.write(`nothing: ${told.rights} rights, ${told.kinds} kinds, ${each} of ${all.length} roles: ${told.denied} denied\n`);
    expect(told.allowed).toEqual([]);
    expect(told.denied).toBe(told.rights * told.kinds * each);
  } finally {
    await hub.close();
    await server.stop();
  }
}, 1_800_000);
