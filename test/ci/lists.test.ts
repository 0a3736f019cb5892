/** GR-05 over the endpoints in full, on PostgreSQL with its row-level security. The seed is printed, and can be given. */
import { expect, test } from 'vitest';
import { migrations } from '../../src/app/compose.ts';
import { compareEndpoints } from '../access/lists.ts';
import { testHub } from '../hub.ts';
import { startPostgres } from './postgres.ts';

test('5,000 records, 40 askers of 20 organisations: each list, search and export is what one may read singly', async () => {
  const server = await startPostgres();
  const hub = await testHub({ records: () => server.open('lists', migrations) });
  try {
    const seed = Number(process.env['SEED'] ?? 20_260_601);
    const told = await compareEndpoints(hub, seed, { resources: 5_000, askers: 40, organisations: 20, others: 2 });
    process.stdout.write(`lists: seed ${seed}, ${told.resources} records, ${told.listed} listed, ${told.singly} asked for singly\n`);
    expect(told.resources).toBeGreaterThanOrEqual(5_000);
    expect(told.listed).toBeGreaterThan(10_000);
  } finally {
    await hub.close();
    await server.stop();
  }
  // When to give up on a machine that is shared; no measure.
}, 1_800_000);
