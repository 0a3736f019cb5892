/** GR-05 over the endpoints on a sample; the 5,000 records and 40 askers run on PostgreSQL (test/ci/lists.test.ts). */
import { expect, test } from 'vitest';
import { testHub } from '../hub.ts';
import { compareEndpoints } from './lists.ts';

test('200 records, 8 askers of 4 organisations: each list is what one may read singly, and what the rows say', async () => {
  const hub = await testHub();
  try {
    const told = await compareEndpoints(hub, 20_260_601, { resources: 200, askers: 8, organisations: 4, others: 1 });
    expect(told.resources).toBeGreaterThanOrEqual(200);
    expect(told.listed).toBeGreaterThan(300);
    expect(told.singly).toBeGreaterThan(300);
  } finally {
    await hub.close();
  }
});
